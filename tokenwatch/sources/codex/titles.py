"""Names that users gave to threads: `session_index.jsonl`, in which the last line of an id wins."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tokenwatch.sources.tail import read_document
from tokenwatch.sources.values import mapping, text

_known: dict[str, tuple[tuple[int, int], dict[str, str]]] = {}


def title(root: Path, thread_id: str) -> str | None:
    """Return a thread's name; None where it has none. The index is read when it has changed."""
    path = root / "session_index.jsonl"
    try:
        status = path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        known = _known.get(str(path))
        if known is None or known[0] != stamp:
            known = (stamp, _names(read_document(str(path))))
            _known[str(path)] = known
    except OSError:
        return None
    return known[1].get(thread_id)


def _names(data: bytes) -> dict[str, str]:
    names: dict[str, str] = {}
    for line in data.splitlines():
        try:
            entry = mapping(msgspec.json.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        thread_id, name = text(entry.get("id")), text(entry.get("thread_name"))
        if thread_id and name:
            names[thread_id] = name
    return names
