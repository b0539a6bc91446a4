"""Turns and calls of agents, as a timeline needs them."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Row
from typing import NamedTuple

from tokenwatch.analysis.lanes import Call, Turn
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.places import FAR_MS

ASKING = ("AskUserQuestion", "ExitPlanMode", "request_user_input")
"""Tools whose result is the user's answer."""
DELEGATING = ("Agent", "Task", "wait_agent")
"""Tools whose result comes when a subagent is done; at once for one left in the background."""


class Extent(NamedTuple):
    """A session that was open in a stretch of time, and how many agents it has."""

    session: int
    agents: int


def extents(
    ledger: Ledger, since_ms: int | None, until_ms: int | None, source: str | None
) -> list[Extent]:
    """Return the sessions with any record in [since, until), latest first.

    A session without a turn and without a request is none. Auxiliary agents are not counted.
    """
    condition, values = ("", ()) if source is None else (" AND s.source = ?", (source,))
    rows = ledger.sql.execute(
        "SELECT s.key, sum(a.kind <> 'auxiliary') FROM sessions s JOIN agents a"
        f" ON a.session = s.key WHERE s.last_ms >= ? AND s.started_ms < ?{condition}"
        " AND (EXISTS (SELECT 1 FROM turns t WHERE t.agent = a.key)"
        " OR EXISTS (SELECT 1 FROM rollup u WHERE u.agent = a.key))"
        " GROUP BY s.key ORDER BY s.last_ms DESC, s.id",
        (*_range(since_ms, until_ms), *values),
    )
    return [Extent(*row) for row in rows]


def turns(ledger: Ledger, sessions: Sequence[int]) -> dict[int, list[Turn]]:
    """Return all turns of each agent of these sessions, in order, by the agent's key."""
    found: dict[int, list[Turn]] = {}
    for row in _rows(
        ledger,
        "SELECT t.agent, t.at_ms, t.ended_ms, CASE WHEN t.ended_ms IS NULL THEN max(t.at_ms,"
        " coalesce((SELECT max(r.at_ms) FROM requests r WHERE r.agent = t.agent AND r.at_ms <"
        f" {_NEXT}), 0), coalesce((SELECT max(coalesce(c.done_ms, c.at_ms)) FROM tool_calls c"
        f" WHERE c.agent = t.agent AND c.at_ms >= t.at_ms AND c.at_ms < {_NEXT}), 0))"
        " ELSE t.ended_ms END"
        " FROM agents a JOIN turns t ON t.agent = a.key WHERE a.session IN ({})"
        " AND a.kind <> 'auxiliary' ORDER BY t.agent, t.at_ms, t.line",
        sessions,
    ):
        found.setdefault(row[0], []).append(Turn(row[1], row[2], row[3]))
    return found


_NEXT = (
    "coalesce((SELECT min(n.at_ms) FROM turns n WHERE n.agent = t.agent AND n.at_ms > t.at_ms),"
    f" {FAR_MS})"
)
"""When the agent's next turn began."""


def asked(ledger: Ledger, sessions: Sequence[int]) -> dict[int, list[Call]]:
    """Return when the agents of these sessions asked the user, by the agent's key.

    That is a call of an asking tool, and one that was refused: it never ran. Of several calls made
    together, the refused one was asked about after the results that came before.
    """
    others = (
        "(SELECT max(o.done_ms) FROM tool_calls o WHERE o.agent = c.agent AND o.at_ms <= c.done_ms"
        " AND o.done_ms > c.at_ms AND o.done_ms < c.done_ms)"
    )
    return _calls(
        ledger,
        "SELECT c.agent, CASE WHEN c.denied THEN coalesce("
        f"{others}, c.at_ms) ELSE c.at_ms END, c.done_ms",
        f"(c.denied OR t.name IN {ASKING})",
        sessions,
    )


def delegated(ledger: Ledger, sessions: Sequence[int]) -> dict[int, list[Call]]:
    """Return when calls of these sessions lasted until a subagent was done, by the agent's key."""
    return _calls(ledger, "SELECT c.agent, c.at_ms, c.done_ms", f"t.name IN {DELEGATING}", sessions)


def _calls(
    ledger: Ledger, select: str, condition: str, sessions: Sequence[int]
) -> dict[int, list[Call]]:
    found: dict[int, list[Call]] = {}
    for row in _rows(
        ledger,
        f"{select} FROM agents a JOIN tool_calls c ON c.agent = a.key JOIN tools t ON t.key ="
        f" c.tool WHERE a.session IN ({{}}) AND {condition} ORDER BY c.agent, c.at_ms",
        sessions,
    ):
        found.setdefault(row[0], []).append((row[1], row[2]))
    return found


def other_spans(
    ledger: Ledger,
    since_ms: int | None,
    until_ms: int | None,
    source: str | None,
    without: Sequence[int],
) -> list[tuple[int, int]]:
    """Return the turns in [since, until) of all sessions but some, cut to it.

    For many: a turn without an end lasts until its agent's last record, as if all of it were seen.
    """
    since, until = _range(since_ms, until_ms)
    condition, values = ("", ()) if source is None else (" AND s.source = ?", (source,))
    left_out = frozenset(without)
    return [
        (max(since, row[1]), min(until, max(row[1], row[2])))
        for row in ledger.sql.execute(
            "SELECT s.key, t.at_ms, coalesce(t.ended_ms, a.last_ms, t.at_ms) FROM sessions s"
            " CROSS JOIN agents a ON a.session = s.key CROSS JOIN turns t ON t.agent = a.key"
            f" WHERE s.last_ms >= ? AND s.started_ms < ?{condition} AND a.kind <> 'auxiliary'"
            " AND t.at_ms < ? AND coalesce(t.ended_ms, a.last_ms, t.at_ms) >= ?",
            (since, until, *values, until, since),
        )
        if row[0] not in left_out
    ]


def _range(since_ms: int | None, until_ms: int | None) -> tuple[int, int]:
    return 0 if since_ms is None else since_ms, FAR_MS if until_ms is None else until_ms


def _rows(ledger: Ledger, sql: str, sessions: Sequence[int]) -> list[Row]:
    """Return rows for these sessions; `{}` in the query stands for their keys."""
    rows: list[Row] = []
    for start in range(0, len(sessions), 500):
        part = sessions[start : start + 500]
        rows += ledger.sql.execute(sql.format(",".join("?" * len(part))), part).fetchall()
    return rows
