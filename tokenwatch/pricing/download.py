"""Downloaded price data on disk: a header line, then the providers as the table has them.

The header holds a digest of the rest, so that a damaged file is noticed before it is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tokenwatch import paths

_SCHEMA = "tokenwatch.price-data/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What the file held."""

    providers: Sequence[Mapping[str, Any]]
    """Empty if not to be used."""
    day: str = ""
    digest: str = "-"
    problem: str | None = None
    """Why it is not used, as one line; None also for data that is merely older than the table."""


def load(path: Path, *, newer_than: str) -> Downloaded | None:
    """Return the data of a file if it is newer than a day; None if there is no file."""
    try:
        day, digest, body = _whole(path)
        if day <= newer_than:
            return Downloaded(providers=(), day=day)
        return Downloaded(providers=json.loads(body), day=day, digest=digest)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _unusable(path, error.strerror or "unreadable")
    except (ValueError, KeyError, TypeError):
        return _unusable(path, "damaged")


def digest_of(path: Path, *, newer_than: str) -> str:
    """Return the digest that `load` would, without decoding a price."""
    try:
        day, digest, _ = _whole(path)
    except (OSError, ValueError, KeyError, TypeError):
        return "-"
    return digest if day > newer_than else "-"


def _whole(path: Path) -> tuple[str, str, bytes]:
    """Return the day, the digest and the prices of a file; ValueError where they don't fit."""
    head, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(head)
    day, digest = str(header["day"]), str(header["digest"])
    if header["schema"] != _SCHEMA or digest != _digest(body):
        raise ValueError("the digest is another one")
    return day, digest, body


def save(path: Path, providers: Sequence[Mapping[str, Any]], *, day: str, url: str) -> None:
    """Replace the file at once, readable by its owner only. Raises OSError."""
    from tempfile import mkstemp

    paths.make_private(path.parent)
    body = json.dumps(providers, separators=(",", ":")).encode()
    header = {"schema": _SCHEMA, "day": day, "url": url, "digest": _digest(body)}
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(header).encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=6).hexdigest()


def _unusable(path: Path, why: str) -> Downloaded:
    problem = f"downloaded prices are not used: {path} is {why}; run `tokenwatch prices update`"
    return Downloaded(providers=(), problem=problem)
