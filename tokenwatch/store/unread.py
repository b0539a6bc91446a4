"""Is there anything to read? Found out without a bookmark, and without what reads or writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tokenwatch.sources.source import SETTLED_MS, Pass
from tokenwatch.store.ledger import real_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokenwatch.found import LogFile
    from tokenwatch.store.ledger import Ledger


_SEEN = (
    "SELECT f.path, f.gone_ms, b.seen_size, b.seen_mtime_ns, b.offset, b.read_ms"
    " FROM bookmarks b CROSS JOIN files f ON f.key = b.file WHERE b.pass = ?"
)
"""The outer loop is that of the bookmarks: both tables are then read in the order of their keys."""
_UNMARKED = (
    "SELECT path, gone_ms FROM files f"
    " WHERE NOT EXISTS (SELECT 1 FROM bookmarks b WHERE b.file = f.key AND b.pass = ?)"
)
"""Files that the pass does not read, or could not."""


def is_empty(ledger: Ledger) -> bool:
    """Tell that no file was ever read."""
    return ledger.sql.execute("SELECT 1 FROM files LIMIT 1").fetchone() is None


def is_read(log: LogFile, which: Pass) -> bool:
    """Tell that a pass reads a file: a sidecar holds details alone."""
    return which is Pass.DETAIL or log.kind == "log"


def is_current(
    log: LogFile, seen_size: int, seen_mtime_ns: int, offset: int, read_ms: int, now_ms: int
) -> bool:
    """Tell that a file holds nothing beyond what was seen of it.

    An unfinished last line is looked at once more when the file has come to rest.
    """
    if seen_size != log.size or seen_mtime_ns != log.mtime_ns:
        return False
    if offset >= seen_size or log.kind != "log":
        return True
    rests_ms = seen_mtime_ns // 1_000_000 + SETTLED_MS
    return not read_ms <= rests_ms < now_ms


def is_up_to_date(ledger: Ledger, files: Mapping[str, LogFile], which: Pass, now_ms: int) -> bool:
    """Tell that bringing the ledger up to date with these files would change nothing in it.

    False is always safe: what is due then, if anything, is `Sync`'s to find out.
    """
    unread = {path for path, log in files.items() if is_read(log, which)}
    marked = 0
    for path, gone_ms, size, mtime_ns, offset, read_ms in ledger.sql.execute(_SEEN, (which.value,)):
        marked += 1
        real = real_path(path)
        if not _is_as_noted(real, gone_ms, files):
            return False
        if real in unread:
            if not is_current(files[real], size, mtime_ns, offset, read_ms, now_ms):
                return False
            unread.remove(real)
    if marked < ledger.sql.execute("SELECT count(*) FROM files").fetchone()[0]:
        for path, gone_ms in ledger.sql.execute(_UNMARKED, (which.value,)):
            if not _is_as_noted(real_path(path), gone_ms, files):
                return False
    # Of an empty log nothing is noted: there is nothing to go on from.
    return not any(files[path].size or not path.endswith(".jsonl") for path in unread)


def _is_as_noted(path: str, gone_ms: int | None, files: Mapping[str, LogFile]) -> bool:
    """Tell that a file is there if it was when last looked for, and gone if it was noted as gone.

    One that is there and not looked for, since its root is not, stays as it is.
    """
    if path in files:
        return gone_ms is None
    return gone_ms is not None or os.path.lexists(path)
