"""Files for their owner alone, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tokenwatch.errors import TokenwatchError


class FileThere(TokenwatchError):
    """There is a file of that name already; it was left as it is."""


def write(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file that only its owner can read; a half-written one is never seen.

    Raises FileThere for an existing file unless `replace`, TokenwatchError for all that stands in
    the way.
    """
    if os.path.isdir(path):  # noqa: PTH112 - never raises
        raise TokenwatchError(f"{path} is a folder")
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
            if replace:
                part.replace(path)
            else:
                _put(part, path)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except FileExistsError as error:
        raise FileThere(f"{path} exists") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise TokenwatchError(f"{path} can't be written: {why}") from error


def free_name(path: Path) -> Path:
    """Return the path, or the first with a number before its ending that nothing has."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


def _put(part: Path, path: Path) -> None:
    """Give a file its name. FileExistsError if that is taken."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # Not every file system knows links; then two writers at the same instant are not told.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        part.replace(path)
