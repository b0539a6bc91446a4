"""What the ledger knows of data that can't be right."""

from __future__ import annotations

from tokenwatch.store.ledger import Ledger, real_path

MALFORMED = "malformed"


def unpriced(ledger: Ledger, since_ms: int) -> list[tuple[str | None, int]]:
    """Return models without a price, with how many requests since then; by name."""
    rows = ledger.sql.execute(
        "SELECT m.name, sum(u.unpriced) FROM rollup u JOIN models m ON m.key = u.model"
        " WHERE u.quarter >= ? AND u.unpriced > 0 GROUP BY m.key ORDER BY m.name",
        (since_ms // 900_000,),
    )
    return [(row[0], int(row[1])) for row in rows]


def unreadable(ledger: Ledger, since_ms: int) -> list[tuple[str, int]]:
    """Return logs that changed since then and have lines that can't be read, with how many."""
    rows = ledger.sql.execute(
        "SELECT f.path, max(s.count) FROM skipped s JOIN files f ON f.key = s.file"
        " WHERE s.reason = ? AND f.mtime_ns >= ? GROUP BY f.key ORDER BY f.path",
        (MALFORMED, since_ms * 1_000_000),
    )
    return [(real_path(row[0]), int(row[1])) for row in rows]


def ahead(ledger: Ledger, now_ms: int) -> list[tuple[str, int]]:
    """Return how far the latest activity of each source lies ahead of now, in milliseconds.

    Only of those where it does.
    """
    rows = ledger.sql.execute(
        "SELECT source, max(last_ms) - ? FROM sessions WHERE last_ms > ? GROUP BY source",
        (now_ms, now_ms),
    )
    return [(row[0], int(row[1])) for row in rows]
