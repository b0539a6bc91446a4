"""How long a session's cache lasts."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.store.ledger import Ledger


class Cached(NamedTuple):
    """What the main agent's latest request left in the cache."""

    at_ms: int
    """When that request was answered: its cache lasts from then."""
    tokens: int
    """Of context that were read from the cache or written to it."""
    lasts_hour: bool
    """Its latest write was one of an hour's lifetime; else they last five minutes."""


def cached(ledger: Ledger, session_id: str, source: str) -> Cached | None:
    """Return what a session has in its cache; None where no cache writes are logged."""
    row = ledger.sql.execute(
        "SELECT r.at_ms, r.cache_read + r.cache_write_5m + r.cache_write_1h,"
        " (SELECT w.cache_write_1h > 0 FROM requests w WHERE w.agent = a.key"
        " AND w.cache_write_1h + w.cache_write_5m > 0 ORDER BY w.at_ms DESC LIMIT 1)"
        " FROM sessions s JOIN agents a ON a.session = s.key AND a.kind = 'main'"
        " JOIN requests r ON r.agent = a.key WHERE s.id = ? AND s.source = ?"
        " ORDER BY r.at_ms DESC, r.id LIMIT 1",
        (session_id, source),
    ).fetchone()
    return None if row is None or row[2] is None else Cached(row[0], row[1], bool(row[2]))
