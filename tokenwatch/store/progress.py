"""Where each pass stands in each file."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from tokenwatch.events import Bookmark
from tokenwatch.found import LogFile
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import Ledger, real_path, stored_path
from tokenwatch.store.unread import is_current

UNSEEN = -1
"""The size of a file that was not read to its end: no file is like that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A bookmark, and the file as it was when it was last looked at."""

    bookmark: Bookmark
    seen_size: int
    seen_mtime_ns: int
    read_ms: int

    def is_current(self, log: LogFile, now_ms: int) -> bool:
        """Tell that the file holds nothing that the pass has not seen."""
        return is_current(
            log, self.seen_size, self.seen_mtime_ns, self.bookmark.offset, self.read_ms, now_ms
        )

    def unread(self, log: LogFile) -> int:
        """Return how many bytes are left to read."""
        return max(0, log.size - self.bookmark.offset)


def marks(ledger: Ledger, which: Pass) -> dict[str, Mark]:
    """Return the marks of a pass by the file's path."""
    return {
        real_path(row["path"]): _mark(row)
        for row in ledger.sql.execute(
            "SELECT f.path, b.* FROM bookmarks b JOIN files f ON f.key = b.file WHERE b.pass = ?",
            (which.value,),
        )
    }


def mark(ledger: Ledger, path: str, which: Pass) -> Mark | None:
    """Return one file's mark as the ledger has it now."""
    row = ledger.sql.execute(
        "SELECT b.* FROM bookmarks b JOIN files f ON f.key = b.file"
        " WHERE b.pass = ? AND f.path = ?",
        (which.value, stored_path(path)),
    ).fetchone()
    return None if row is None else _mark(row)


def by_inode(ledger: Ledger, log: LogFile) -> str | None:
    """Return the path of the latest known file that had this inode; it may be a renamed one's.

    Inodes are used again: only the content, by a bookmark's digests, tells.
    """
    row = ledger.sql.execute(
        "SELECT path FROM files WHERE inode = ? AND device = ? AND source = ? AND kind = ?"
        " AND size <= ? AND path <> ? ORDER BY key DESC LIMIT 1",
        (log.inode, log.device, log.source, log.kind, log.size, stored_path(log.path)),
    ).fetchone()
    return None if row is None else real_path(row["path"])


def _mark(row: Row) -> Mark:
    return Mark(
        bookmark=Bookmark(
            offset=row["offset"],
            line=row["line"],
            head=row["head"],
            anchor=row["anchor"],
            state=row["state"],
        ),
        seen_size=row["seen_size"],
        seen_mtime_ns=row["seen_mtime_ns"],
        read_ms=row["read_ms"],
    )


def known_paths(ledger: Ledger) -> dict[str, bool]:
    """Return the paths of all files that were ever read, and whether each is marked as gone."""
    return {
        real_path(row["path"]): bool(row["gone"])
        for row in ledger.sql.execute("SELECT path, gone_ms IS NOT NULL AS gone FROM files")
    }
