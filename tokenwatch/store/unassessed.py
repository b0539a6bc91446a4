"""Which sessions' findings are not up to date, since when, and what could not be looked for.

A session whose usage is read further than its details waits: half of what happened would show
findings that the other half explains.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.format import clean
from tokenwatch.store.ledger import Ledger

QUIET_MS = 2 * 3_600_000
"""A session that has been quiet for so long is over, as far as findings are concerned: what was
left open in it will not go on. Ours."""

_FAILED = "failed detectors "
"""What keys in `meta` begin with that tell which detectors an error stopped; a session's follows.
The value is JSON: an error by kind."""
SAMPLE = 200
"""Characters of an error that are kept."""
_BEHIND = (
    "SELECT 1 FROM files f JOIN bookmarks u ON u.file = f.key AND u.pass = 'usage'"
    " LEFT JOIN bookmarks d ON d.file = f.key AND d.pass = 'detail'"
    " WHERE f.session = {session} AND u.offset > coalesce(d.offset, -1)"
)
"""A log of the session of which usage alone is read, as a whole or at its end."""


class Due(NamedTuple):
    """A session whose findings are not up to date."""

    session: int
    since_ms: int
    """Everything before is as it was when they last were; 0 where nothing is known."""
    last_ms: int
    """Its last activity."""


def _behind(session: str) -> str:
    return _BEHIND.format(session=session)


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
    """Return the sessions whose findings are due, latest activity first.

    Those that wait for their details are not.
    """
    rows = ledger.sql.execute(
        "SELECT d.session, min(d.since_ms), coalesce(s.last_ms, 0) FROM ("
        " SELECT session, since_ms FROM unassessed"
        " UNION ALL SELECT session, 0 FROM assessments WHERE due_ms <= ?) d"
        f" JOIN sessions s ON s.key = d.session WHERE NOT EXISTS ({_behind('d.session')})"
        " GROUP BY d.session ORDER BY 3 DESC, 1",
        (now_ms,),
    )
    return [Due(*row) for row in rows]


def is_due(ledger: Ledger, session: int, now_ms: int) -> Due | None:
    """Return a session as `due` does, if it is due."""
    row = ledger.sql.execute(
        "SELECT s.key, min(coalesce(u.since_ms, 0), iif(a.due_ms <= ?, 0, ?)),"
        " coalesce(s.last_ms, 0) FROM sessions s LEFT JOIN unassessed u ON u.session = s.key"
        " LEFT JOIN assessments a ON a.session = s.key"
        " WHERE s.key = ? AND (u.session IS NOT NULL OR a.due_ms <= ?)"
        f" AND NOT EXISTS ({_behind('s.key')})",
        (now_ms, 2**62, session, now_ms),
    ).fetchone()
    return None if row is None else Due(*row)


def stamp(ledger: Ledger, session: int) -> int:
    """Return how often a session's findings have been made; 0 for never."""
    row = ledger.sql.execute(
        "SELECT stamp FROM assessments WHERE session = ?", (session,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def done(
    ledger: Ledger,
    due: Due,
    stamp: int,
    *,
    is_over: bool,
    failed: Mapping[Kind, str] = MappingProxyType({}),
) -> None:
    """Note that a session's findings are up to date, for the stamp-th time; in a transaction.

    failed: detectors that an error stopped, with its words.
    """
    ledger.sql.execute("DELETE FROM unassessed WHERE session = ?", (due.session,))
    ledger.sql.execute(
        "INSERT OR REPLACE INTO assessments VALUES (?, ?, ?)",
        (due.session, stamp, None if is_over else due.last_ms + QUIET_MS),
    )
    name = f"{_FAILED}{due.session}"
    if failed:
        errors = {kind.value: clean(error)[:SAMPLE] for kind, error in failed.items()}
        ledger.set_meta(name, json.dumps(errors))
    else:
        ledger.sql.execute("DELETE FROM meta WHERE key = ?", (name,))


def pending(ledger: Ledger, sessions: Iterable[int] | None = None) -> set[int]:
    """Return those of these sessions (of all, for None) whose findings are not up to date.

    They were never assessed, have changed since, or are not read as a whole.
    """
    rows = ledger.sql.execute(
        "SELECT s.key FROM sessions s WHERE s.key IN (SELECT session FROM unassessed)"
        " OR s.key NOT IN (SELECT session FROM assessments)"
    )
    found = {int(row[0]) for row in rows}
    return found if sessions is None else found & set(sessions)


class Failure(NamedTuple):
    """A detector that an error stopped in some sessions: they have no findings of its kind."""

    kind: Kind
    sessions: tuple[int, ...]
    """Their keys."""
    error: str
    """Of the first of them: type and words, at most SAMPLE characters."""


def failures(ledger: Ledger) -> list[Failure]:
    """Return the detectors that an error stopped, in the order of the catalogue."""
    found: dict[str, list[int]] = {}
    errors: dict[str, str] = {}
    rows = ledger.sql.execute(
        "SELECT CAST(substr(m.key, ?) AS INTEGER), m.value FROM meta m"
        " JOIN sessions s ON s.key = CAST(substr(m.key, ?) AS INTEGER)"
        " WHERE m.key > ? AND m.key < ? ORDER BY 1",
        (len(_FAILED) + 1, len(_FAILED) + 1, _FAILED, f"{_FAILED}:"),
    )
    for session, value in rows:
        for kind, error in json.loads(value).items():
            found.setdefault(kind, []).append(session)
            errors.setdefault(kind, error)
    return [
        Failure(kind, tuple(found[kind.value]), errors[kind.value])
        for kind in Kind
        if kind.value in found
    ]


def forget_failures(sql: sqlite3.Connection) -> None:
    """Forget which detectors failed; in a transaction."""
    sql.execute("DELETE FROM meta WHERE key > ? AND key < ?", (_FAILED, f"{_FAILED}:"))
