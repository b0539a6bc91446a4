"""Every session there ever was, in few columns: thousands at once, for a table of all of them."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import NamedTuple

from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.places import FAR_MS
from tokenwatch.store.spend import Filter, models_by_session


class PastRecord(NamedTuple):
    """One session. What is counted is counted in the stretch of time that was asked for."""

    key: int
    source: str
    id: str
    title: str | None
    project: str | None
    git_branch: str | None
    started_ms: int | None
    last_ms: int | None
    spend: Spend = NO_SPEND
    models: tuple[str, ...] = ()
    """Most expensive first."""
    agents: int = 0
    """The main one and subagents, auxiliary ones left out; all there ever were."""
    named: str = ""
    """Names and tasks of its agents, each on a line of its own."""
    prompts: int = 0
    turns: int = 0
    compactions: int = 0
    commits: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    context: int | None = None
    """Of the main agent's latest request."""


_COUNTED = (
    ("prompts", "count(*), 0", ""),
    ("turns", "count(*), 0", " AND a.kind = 'main'"),
    ("compactions", "count(*), 0", ""),
    ("commits", "count(*), 0", " AND x.kind = 'commit'"),
    ("edits", "sum(x.added), sum(x.removed)", ""),
)
_AGENTS = (
    "SELECT session, sum(kind <> 'auxiliary'), group_concat(nullif(coalesce(name, '') || char(10)"
    " || coalesce(task, ''), char(10)), char(10)) FROM agents GROUP BY session"
)
_CONTEXTS = (
    "SELECT a.session, r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h, min(r.id)"
    " FROM agents a JOIN requests r ON r.agent = a.key"
    " AND r.at_ms = (SELECT max(x.at_ms) FROM requests x WHERE x.agent = a.key)"
    " WHERE a.kind = 'main' GROUP BY a.session"
)
_SESSIONS = (
    "SELECT key, source, id, title, project, git_branch, started_ms, last_ms FROM sessions"
    " ORDER BY last_ms DESC, id"
)


def past(ledger: Ledger, where: Filter) -> list[PastRecord]:
    """Return the sessions with a request that counts, latest activity first.

    Without a condition, those with a prompt alone as well: a log with neither is no session.
    """
    spends = models_by_session(ledger, where)
    counts = {
        table: _counts(ledger, table, columns, condition, where)
        for table, columns, condition in _COUNTED
    }
    agents = {row[0]: tuple(row)[1:] for row in ledger.sql.execute(_AGENTS)}
    contexts = {row[0]: row[1] for row in ledger.sql.execute(_CONTEXTS)}
    prompted = counts["prompts"] if where.is_open else {}
    none, found = (0, 0), list[PastRecord]()
    for row in ledger.sql.execute(_SESSIONS):
        key = row[0]
        if key not in spends and key not in prompted:
            continue
        by_model = spends.get(key, {})
        many, named = agents.get(key, (0, None))
        added, removed = counts["edits"].get(key, none)
        found.append(
            PastRecord(*row)._replace(
                spend=_sum(by_model),
                models=_ordered(by_model),
                agents=many,
                named=named or "",
                prompts=counts["prompts"].get(key, none)[0],
                turns=counts["turns"].get(key, none)[0],
                compactions=counts["compactions"].get(key, none)[0],
                commits=counts["commits"].get(key, none)[0],
                lines_added=added,
                lines_removed=removed,
                context=contexts.get(key),
            )
        )
    return found


def _counts(
    ledger: Ledger, table: str, columns: str, condition: str, where: Filter
) -> dict[int, tuple[int, int]]:
    since = 0 if where.since_ms is None else where.since_ms
    until = FAR_MS if where.until_ms is None else where.until_ms
    # CROSS JOIN keeps SQLite from sorting all rows of the table instead.
    rows = ledger.sql.execute(
        f"SELECT a.session, {columns} FROM agents a CROSS JOIN {table} x ON x.agent = a.key"
        f" WHERE x.at_ms >= ? AND x.at_ms < ?{condition} GROUP BY a.session",
        (since, until),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _sum(by_model: dict[str | None, Spend]) -> Spend:
    if len(by_model) == 1:
        return next(iter(by_model.values()))
    return reduce(add, by_model.values(), NO_SPEND)


def _ordered(by_model: dict[str | None, Spend]) -> tuple[str, ...]:
    named = [(-spend.cost_pico, model) for model, spend in by_model.items() if model is not None]
    return tuple(model for _, model in sorted(named))
