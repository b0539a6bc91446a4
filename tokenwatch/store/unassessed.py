"""Which sessions' findings are not up to date, and since when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger

QUIET_MS = 2 * 3_600_000
"""A session that has been quiet for so long is over, as far as findings are concerned: what was
left open in it will not go on. Ours."""


class Due(NamedTuple):
    """A session whose findings are not up to date."""

    session: int
    since_ms: int
    """Everything before is as it was when they last were; 0 where nothing is known."""
    last_ms: int
    """Its last activity."""


def mark(sql: sqlite3.Connection, sessions: Mapping[int, int]) -> None:
    """Note that sessions, by key, have changed from these instants on; in a transaction."""
    sql.executemany(
        "INSERT INTO unassessed VALUES (?, ?) ON CONFLICT (session)"
        " DO UPDATE SET since_ms = min(since_ms, excluded.since_ms)",
        sessions.items(),
    )


def mark_all(sql: sqlite3.Connection) -> None:
    """Let all findings be made anew; in a transaction."""
    sql.execute("INSERT OR REPLACE INTO unassessed SELECT key, 0 FROM sessions")


def due(ledger: Ledger, now_ms: int) -> list[Due]:
    """Return the sessions whose findings are due, latest activity first."""
    rows = ledger.sql.execute(
        "SELECT d.session, min(d.since_ms), coalesce(s.last_ms, 0) FROM ("
        " SELECT session, since_ms FROM unassessed"
        " UNION ALL SELECT session, 0 FROM assessments WHERE due_ms <= ?) d"
        " JOIN sessions s ON s.key = d.session GROUP BY d.session ORDER BY 3 DESC, 1",
        (now_ms,),
    )
    return [Due(*row) for row in rows]


def is_due(ledger: Ledger, session: int, now_ms: int) -> Due | None:
    """Return a session as `due` does, if it is due."""
    row = ledger.sql.execute(
        "SELECT s.key, min(coalesce(u.since_ms, 0), iif(a.due_ms <= ?, 0, ?)),"
        " coalesce(s.last_ms, 0) FROM sessions s LEFT JOIN unassessed u ON u.session = s.key"
        " LEFT JOIN assessments a ON a.session = s.key"
        " WHERE s.key = ? AND (u.session IS NOT NULL OR a.due_ms <= ?)",
        (now_ms, 2**62, session, now_ms),
    ).fetchone()
    return None if row is None else Due(*row)


def stamp(ledger: Ledger, session: int) -> int:
    """Return how often a session's findings have been made; 0 for never."""
    row = ledger.sql.execute(
        "SELECT stamp FROM assessments WHERE session = ?", (session,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def done(ledger: Ledger, due: Due, stamp: int, *, is_over: bool) -> None:
    """Note that a session's findings are up to date, for the stamp-th time; in a transaction."""
    ledger.sql.execute("DELETE FROM unassessed WHERE session = ?", (due.session,))
    ledger.sql.execute(
        "INSERT OR REPLACE INTO assessments VALUES (?, ?, ?)",
        (due.session, stamp, None if is_over else due.last_ms + QUIET_MS),
    )


def pending(ledger: Ledger, sessions: Iterable[int] | None = None) -> set[int]:
    """Return those of these sessions (of all, for None) that were never assessed or changed."""
    rows = ledger.sql.execute(
        "SELECT s.key FROM sessions s WHERE s.key IN (SELECT session FROM unassessed)"
        " OR s.key NOT IN (SELECT session FROM assessments)"
    )
    found = {int(row[0]) for row in rows}
    return found if sessions is None else found & set(sessions)
