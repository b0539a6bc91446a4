"""What budgets ask the ledger beyond sums of requests, and what the user let go on beyond them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tokenwatch.model import Spend
from tokenwatch.store import spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import QUARTER_MS, Filter, spend_of

_PART = 400
"""Keys that one statement asks for: SQLite takes no more than some parameters."""
MAIN = "main"
"""What main agents are called: their logs give them no name."""


class Allowance(NamedTuple):
    """What the user let go on beyond hard budgets."""

    made_ms: int
    until_ms: int | None
    """None: as long as the session is."""
    session_id: str | None
    """None: everything."""


def allow(ledger: Ledger, allowance: Allowance) -> None:
    """Remember an allowance. It is never deleted, only over: what was let go on can be told."""
    with ledger.transaction():
        ledger.sql.execute(
            "INSERT INTO allowances (made_ms, until_ms, session_id) VALUES (?, ?, ?)", allowance
        )


def end_allowances(ledger: Ledger, now_ms: int, session_id: str | None = None) -> None:
    """Let allowances that hold be over now: all of them, or those of one session alone."""
    of_one = "" if session_id is None else " AND session_id = ?"
    with ledger.transaction():
        ledger.sql.execute(
            f"UPDATE allowances SET until_ms = ? WHERE (until_ms IS NULL OR until_ms > ?){of_one}",
            (now_ms, now_ms, *(() if session_id is None else (session_id,))),
        )


def allowances(ledger: Ledger, now_ms: int) -> list[Allowance]:
    """Return those that hold now: the longest one for everything, one for each session."""
    rows = ledger.sql.execute(
        "SELECT max(made_ms), max(until_ms), session_id FROM allowances"
        " WHERE until_ms IS NULL OR until_ms > ? GROUP BY session_id"
        " ORDER BY session_id IS NOT NULL, max(made_ms) DESC, session_id",
        (now_ms,),
    )
    return [Allowance(*row) for row in rows]


def agents_called(ledger: Ledger, name: str) -> dict[int, int]:
    """Return the agents of a type, each with its session, by keys.

    Names are compared without case; `main` are the main agents.
    """
    condition, values = _called(name)
    rows = ledger.sql.execute(f"SELECT a.key, a.session FROM agents a WHERE {condition}", values)
    return dict(tuple(row) for row in rows)


class Place(NamedTuple):
    """Where an agent works."""

    session_id: str
    source: str
    project: str | None


def places(ledger: Ledger, agents: Collection[int]) -> dict[int, Place]:
    """Return where agents work, by the agent's key."""
    found, keys = {}, sorted(agents)
    for start in range(0, len(keys), _PART):
        part = keys[start : start + _PART]
        for key, *rest in ledger.sql.execute(
            "SELECT a.key, s.id, s.source, s.project FROM agents a JOIN sessions s"
            f" ON s.key = a.session WHERE a.key IN ({','.join('?' * len(part))})",
            part,
        ):
            found[key] = Place(*rest)
    return found


def beginning_with(ledger: Ledger, prefix: str) -> dict[int, str]:
    """Return the ids of the sessions that begin so, by key; any number of them."""
    rows = ledger.sql.execute(
        "SELECT key, id FROM sessions WHERE substr(id, 1, ?) = ?", (len(prefix), prefix)
    )
    return {row[0]: row[1] for row in rows}


def by_session(
    ledger: Ledger, where: Filter, agents: Mapping[int, int] | None = None
) -> dict[int, Spend]:
    """Return the sums of each session with any request that counts, by its key.

    agents: the only ones that count, each with its session; None: all.
    """
    sums: dict[int, Spend] = {}
    for part in _parts(where):
        if agents is None:
            sums |= spend.by_session(ledger, part)
            continue
        for agent, own in spend.by_agent(ledger, part).items():
            if agent in agents:
                session = agents[agent]
                sums[session] = sums[session] + own if session in sums else own
    return sums


def _parts(where: Filter) -> list[Filter]:
    """Return filters of not too many sessions each."""
    keys = where.sessions
    if keys is None:
        return [where]
    return [
        where._replace(sessions=keys[start : start + _PART]) for start in range(0, len(keys), _PART)
    ]


class LastTurn(NamedTuple):
    """The latest turn of a session, with what its agents spent since it began."""

    began_ms: int
    spend: Spend
    ended_ms: int | None = None
    """When its main agent was done; None: it goes on, or nobody saw the end."""


def latest_turns(
    ledger: Ledger,
    sessions: Sequence[int],
    model: str | None = None,
    agents: Collection[int] | None = None,
) -> dict[int, LastTurn]:
    """Return the latest turn of each session that has one, with any request that counts, by key.

    model: as in a Filter. agents: the only ones that count; None: all.
    """
    names = None if model is None else spend.matching_models(ledger, model)
    found: dict[int, LastTurn] = {}
    for start in range(0, len(sessions), _PART):
        part = sessions[start : start + _PART]
        for row in ledger.sql.execute(
            "SELECT a.session, a.key, l.began, l.ended, m.name, count(*), sum(r.cost_pico IS NULL),"
            " sum(r.lower_bound), sum(p.basis = 'estimated'), sum(r.input), sum(r.cache_read),"
            " sum(r.cache_write_5m), sum(r.cache_write_1h), sum(r.output), sum(r.reasoning),"
            " sum(coalesce(r.cost_pico, 0))"
            # Beside a maximum SQLite gives the other columns of its row.
            " FROM (SELECT o.session, max(t.at_ms) AS began, t.ended_ms AS ended FROM agents o"
            " JOIN turns t ON t.agent = o.key WHERE o.kind = 'main'"
            f" AND o.session IN ({_marks(part)}) GROUP BY o.session) l"
            " CROSS JOIN agents a ON a.session = l.session"
            " CROSS JOIN requests r ON r.agent = a.key AND r.at_ms >= l.began"
            " JOIN models m ON m.key = r.model JOIN prices p ON p.key = r.price"
            " GROUP BY a.session, a.key, m.name",
            part,
        ):
            session, agent, began, ended, name, *sums = tuple(row)
            if (names is None or name in names) and (agents is None or agent in agents):
                own = spend_of(tuple(sums))
                before = found.get(session)
                whole = own if before is None else before.spend + own
                found[session] = LastTurn(began, whole, ended)
    return found


class Minute(NamedTuple):
    """What a session spent within one minute, counted from the epoch."""

    session: int
    """Its key."""
    at_ms: int
    """The last instant in it at which anything was spent."""
    cost_pico: int
    """Unpriced requests cost nothing here."""
    tokens: int
    requests: int


_MINUTES = (
    "SELECT a.session, max(r.at_ms), sum(coalesce(r.cost_pico, 0)), sum(r.input + r.cache_read"
    " + r.cache_write_5m + r.cache_write_1h + r.output), count(*), a.key, m.name"
    " FROM (SELECT DISTINCT agent FROM rollup WHERE quarter BETWEEN ? AND ?) q"
    " CROSS JOIN agents a ON a.key = q.agent{among}"
    " CROSS JOIN requests r ON r.agent = a.key AND r.at_ms BETWEEN ? AND ?"
    " JOIN models m ON m.key = r.model GROUP BY a.key, r.model, r.at_ms / 60000"
)


def minutes(
    ledger: Ledger,
    since_ms: int,
    now_ms: int,
    *,
    sessions: Collection[int] | None = None,
    agents: Collection[int] | None = None,
    model: str | None = None,
) -> list[Minute]:
    """Return what sessions spent from then to now, both included, minute by minute, in no order.

    A minute may come more than once: agents and models are apart. sessions, agents: the only ones
    that count, by key; None: all. model: as in a Filter.
    """
    names = None if model is None else spend.matching_models(ledger, model)
    among: list[tuple[str, list[int]]] = [("", [])]
    if sessions is not None:
        keys = sorted(sessions)
        parts = [keys[start : start + _PART] for start in range(0, len(keys), _PART)]
        among = [(f" AND a.session IN ({_marks(part)})", part) for part in parts]
    return [
        Minute(*own)
        for condition, part in among
        for *own, agent, name in ledger.sql.execute(
            _MINUTES.format(among=condition),
            (since_ms // QUARTER_MS, now_ms // QUARTER_MS, *part, since_ms, now_ms),
        )
        if (agents is None or agent in agents) and (names is None or name in names)
    ]


_QUARTERS = (
    "SELECT u.quarter, sum(u.requests), sum(u.unpriced), sum(u.lower_bound), sum(u.estimated),"
    " sum(u.input), sum(u.cache_read), sum(u.cache_write_5m), sum(u.cache_write_1h),"
    " sum(u.output), sum(u.reasoning), sum(u.cost_pico) FROM rollup u"
)


def quarters(
    ledger: Ledger, since_ms: int, where: Filter, called: str | None = None
) -> list[tuple[int, Spend]]:
    """Return (when a quarter of an hour begins, the sums in it) since then, in no order.

    where: its times do not count. called: the type of the only agents that count; None: all.
    """
    if called is None and not where.is_open:
        by = next(name for name in ("project", "source", "model") if getattr(where, name))
        rows = spend.by_quarter(ledger, by, where._replace(since_ms=since_ms, until_ms=None))
        return [(quarter * QUARTER_MS, spend_of(sums)) for quarter, _, sums in rows]
    # Without a join this takes a fifth of the time, and most budgets are of all there is.
    condition, values = ("", ()) if called is None else _called(called)
    joined = condition and f" CROSS JOIN agents a ON a.key = u.agent AND {condition}"
    found = ledger.sql.execute(
        f"{_QUARTERS}{joined} WHERE u.quarter >= ? GROUP BY u.quarter",
        (*values, since_ms // QUARTER_MS),
    )
    return [(row[0] * QUARTER_MS, spend_of(tuple(row)[1:])) for row in found]


def _called(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a condition on agents, and its values."""
    if name == MAIN:
        return "a.kind = 'main'", ()
    return "lower(a.name) = lower(?) AND a.kind <> 'main'", (name,)


def _marks(keys: Sequence[int]) -> str:
    return ",".join("?" * len(keys))
