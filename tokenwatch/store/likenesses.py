"""What sessions were begun with and what they left, so that one finds the others that are alike.

Only keys are kept (`analysis.waste.attempts.bands`), no words. `returns` holds which attempt of a
session a later one came back to: proof is JSON, the fields of `Again`.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.returned import Again
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.wordings import unpacked
from tokenwatch.wording import Wording

BEGUN, LEFT = "begun", "left"
CROWD = 48
"""Tasks with the same key from which on it tells nothing: that is how a template begins, or an
error that comes up everywhere. Ours; it also bounds what a look-up costs."""
_EVER = 2**62
_TASK = "session, role, turn_id, prompt_id, begun_ms, at_ms, bands"


class Task(NamedTuple):
    """A prompt of a session."""

    session: int
    role: str
    """`BEGUN` or `LEFT`."""
    turn_id: str
    prompt_id: str
    begun_ms: int
    """When its turn began."""
    at_ms: int
    """The same; of a left one, when its turn ended."""
    bands: tuple[int, ...]


Attempt = tuple[int, str]
"""A session's key and a turn's id."""


def forget(sql: sqlite3.Connection) -> None:
    """Remove everything; in a transaction."""
    for table in ("tasks", "likenesses", "returns"):
        sql.execute(f"DELETE FROM {table}")


def tasks(ledger: Ledger, session: int) -> frozenset[Task]:
    """Return what is kept of a session."""
    rows = ledger.sql.execute(f"SELECT {_TASK} FROM tasks WHERE session = ?", (session,))
    return frozenset(_task(row) for row in rows)


def keep(ledger: Ledger, gone: Iterable[Task], come: Iterable[Task]) -> None:
    """Forget tasks, and keep others; in a transaction."""
    sql = ledger.sql
    for task in gone:
        row = sql.execute(
            "SELECT key FROM tasks WHERE session = ? AND turn_id = ? AND role = ?",
            (task.session, task.turn_id, task.role),
        ).fetchone()
        sql.executemany(
            "DELETE FROM likenesses WHERE band = ? AND task = ?",
            [(band, row[0]) for band in task.bands],
        )
        sql.execute("DELETE FROM tasks WHERE key = ?", tuple(row))
    for task in come:
        values = (*task[:-1], array("q", task.bands).tobytes())
        key = sql.execute(
            f"INSERT INTO tasks ({_TASK}) VALUES (?, ?, ?, ?, ?, ?, ?)", values
        ).lastrowid
        sql.executemany("INSERT INTO likenesses VALUES (?, ?)", [(b, key) for b in task.bands])


def crowded(ledger: Ledger, bands: Iterable[int]) -> frozenset[int]:
    """Return those of these bands that at least `CROWD` tasks have, whenever they were."""
    query = "SELECT count(*) FROM (SELECT 1 FROM likenesses WHERE band = ? LIMIT ?)"
    sql = ledger.sql
    return frozenset(
        band for band in set(bands) if sql.execute(query, (band, CROWD)).fetchone()[0] >= CROWD
    )


def near(
    ledger: Ledger, bands: Iterable[int], since_ms: int = -_EVER, until_ms: int = _EVER
) -> list[Task]:
    """Return the tasks with one of these bands whose turns ended or began in that time.

    In no order; both ends belong to it. What many have in common is no band to ask for: `crowded`.
    """
    wanted = sorted(set(bands))
    rows = ledger.sql.execute(
        f"SELECT {_TASK} FROM tasks WHERE at_ms BETWEEN ? AND ? AND key IN"
        f" (SELECT task FROM likenesses WHERE band IN ({','.join('?' * len(wanted))}))",
        (since_ms, until_ms, *wanted),
    )
    return [_task(row) for row in rows]


def _task(row: sqlite3.Row) -> Task:
    session, role, turn_id, prompt_id, begun_ms, at_ms, bands = tuple(row)
    return Task(session, role, turn_id, prompt_id, begun_ms, at_ms, _unpacked(bands))


def _unpacked(bands: bytes) -> tuple[int, ...]:
    return tuple(memoryview(bands).cast("q"))


def wording(ledger: Ledger, prompt_id: str) -> Wording:
    """Return a prompt's wording; one that tells nothing for an unknown prompt."""
    row = ledger.sql.execute("SELECT wording FROM prompts WHERE id = ?", (prompt_id,)).fetchone()
    return unpacked(b"" if row is None else row[0])


def set_returns(
    ledger: Ledger, later: int, later_turn: str, found: Mapping[Attempt, Again]
) -> set[int]:
    """Keep which attempts a turn of a session came back to, in place of what was kept of it.

    Returns the sessions of attempts for which that is new, different or gone. In a transaction.
    """
    of = (later, later_turn)
    old = {
        (session, turn_id): proof
        for session, turn_id, proof in ledger.sql.execute(
            "SELECT session, turn_id, proof FROM returns WHERE later = ? AND later_turn = ?", of
        )
    }
    new = {attempt: json.dumps(again) for attempt, again in found.items()}
    if old == new:
        return set()
    ledger.sql.execute("DELETE FROM returns WHERE later = ? AND later_turn = ?", of)
    ledger.sql.executemany(
        "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?)",
        [(*of, *attempt, found[attempt].at_ms, proof) for attempt, proof in new.items()],
    )
    changed = {each for each in {*old, *new} if old.get(each) != new.get(each)}
    return {session for session, _ in changed}


def returning(ledger: Ledger, later: int) -> set[str]:
    """Return the turns of a session that come back to attempts of others."""
    rows = ledger.sql.execute("SELECT DISTINCT later_turn FROM returns WHERE later = ?", (later,))
    return {row[0] for row in rows}


def again(ledger: Ledger, session: int) -> tuple[Again, ...]:
    """Return those of a session's attempts that others came back to, each with the first one."""
    rows = ledger.sql.execute(
        "SELECT turn_id, proof FROM returns WHERE session = ? ORDER BY at_ms, later_turn, later",
        (session,),
    )
    first: dict[str, str] = {}
    for turn_id, proof in rows:
        first.setdefault(turn_id, proof)
    return tuple(_again(proof) for _, proof in sorted(first.items()))


def _again(proof: str) -> Again:
    values = json.loads(proof)
    found = Again(*values)
    return found._replace(said=tuple(found.said))
