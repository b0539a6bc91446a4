"""Sessions and agents as the ledger knows them; spend is in `spend`, states are in `analysis`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tokenwatch.errors import NotFound
from tokenwatch.model import AgentKind
from tokenwatch.store.ledger import Ledger, real_path
from tokenwatch.store.places import FAR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecord:
    """One agent."""

    key: int
    id: str
    kind: AgentKind
    parent_id: str | None
    name: str | None
    task: str | None
    started_ms: int | None
    last_ms: int | None
    ended_ms: int | None
    model: str | None
    """Of its latest request."""
    context: int | None
    """Of its latest request."""
    request_ms: int | None
    turns: int
    turn_open: bool | None
    """None when no turn was seen."""
    turn_ended_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One session with its agents: the main one first, the others in the order of their start."""

    key: int
    source: str
    id: str
    title: str | None
    project: str | None
    git_branch: str | None
    version: str | None
    entrypoint: str | None
    fork_of: str | None
    inherits: bool
    started_ms: int | None
    last_ms: int | None
    context_limit: int | None
    context_estimate: int | None
    prompts: int
    scripted_prompts: int
    turns: int
    compactions: int
    compacted_ms: int | None
    agents: tuple[AgentRecord, ...]


_IS_SESSION = (
    "EXISTS (SELECT 1 FROM agents a WHERE a.session = s.key"
    " AND (EXISTS (SELECT 1 FROM rollup u WHERE u.agent = a.key)"
    " OR EXISTS (SELECT 1 FROM prompts p WHERE p.agent = a.key)))"
)
"""A log without a billed request and without a prompt is no session."""


def all_keys(ledger: Ledger) -> tuple[int, ...]:
    """Return every session, latest activity first."""
    return _keys(ledger, f"{_IS_SESSION} ORDER BY s.last_ms DESC, s.id", ())


def active_since(ledger: Ledger, since_ms: int) -> tuple[int, ...]:
    """Return the sessions with any activity since then, latest first."""
    return _keys(
        ledger, f"s.last_ms >= ? AND {_IS_SESSION} ORDER BY s.last_ms DESC, s.id", (since_ms,)
    )


def keys_of(ledger: Ledger, ids: Iterable[str]) -> tuple[int, ...]:
    """Return the keys of sessions by id, whatever their source; unknown ones are left out."""
    wanted = tuple(ids)
    marks = ",".join("?" * len(wanted))
    return _keys(ledger, f"s.id IN ({marks}) AND {_IS_SESSION} ORDER BY s.id", wanted)


def _keys(ledger: Ledger, where: str, values: Sequence[object]) -> tuple[int, ...]:
    rows = ledger.sql.execute(f"SELECT s.key FROM sessions s WHERE {where}", values)
    return tuple(row[0] for row in rows)


def find(ledger: Ledger, prefix: str) -> int:
    """Return the key of the session whose id begins so; NotFound if none or several do."""
    rows = ledger.sql.execute(
        f"SELECT s.key, s.id FROM sessions s WHERE substr(s.id, 1, ?) = ? AND {_IS_SESSION}"
        " ORDER BY s.id LIMIT 9",
        (len(prefix), prefix),
    ).fetchall()
    exact = [row for row in rows if row["id"] == prefix]
    if len(exact) == 1 or len(rows) == 1:
        return int((exact or rows)[0]["key"])
    if not rows or not prefix:
        raise NotFound(f"no session has an id that begins with {prefix!r}")
    some = ", ".join(row["id"] for row in rows[:4])
    raise NotFound(f"{prefix!r} is ambiguous: {some}{', …' if len(rows) > 4 else ''}")


def records(
    ledger: Ledger, keys: Sequence[int], since_ms: int | None = None, until_ms: int | None = None
) -> list[SessionRecord]:
    """Return these sessions, in the order of `keys`.

    Prompts, turns and compactions are counted in [since, until); all else is as it stands.
    """
    range_ms = (0 if since_ms is None else since_ms, FAR_MS if until_ms is None else until_ms)
    found: dict[int, SessionRecord] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        found |= _records(ledger, part, range_ms)
    return [found[key] for key in keys if key in found]


def _records(
    ledger: Ledger, keys: Sequence[int], range_ms: tuple[int, int]
) -> dict[int, SessionRecord]:
    marks = ",".join("?" * len(keys))
    agents = _agents(ledger, keys, marks, range_ms)
    prompts = {
        row[0]: (row[1], row[2])
        for row in ledger.sql.execute(
            "SELECT a.session, count(*), sum(p.scripted) FROM agents a JOIN prompts p"
            f" ON p.agent = a.key WHERE a.session IN ({marks}) AND p.at_ms >= ? AND p.at_ms < ?"
            " GROUP BY a.session",
            (*keys, *range_ms),
        )
    }
    compactions = {
        row[0]: (row[1], row[2])
        for row in ledger.sql.execute(
            "SELECT a.session, count(*), max(c.at_ms) FROM agents a JOIN compactions c"
            f" ON c.agent = a.key WHERE a.session IN ({marks}) AND c.at_ms >= ? AND c.at_ms < ?"
            " GROUP BY a.session",
            (*keys, *range_ms),
        )
    }
    result = {}
    for row in ledger.sql.execute(f"SELECT * FROM sessions WHERE key IN ({marks})", keys):
        own = agents.get(row["key"], [])
        own.sort(key=lambda a: (a.kind is not AgentKind.MAIN, a.started_ms or 0, a.id))
        typed, scripted = prompts.get(row["key"], (0, 0))
        compacted, compacted_ms = compactions.get(row["key"], (0, None))
        result[row["key"]] = SessionRecord(
            **{
                name: row[name]
                for name in (
                    "key",
                    "source",
                    "id",
                    "title",
                    "project",
                    "git_branch",
                    "version",
                    "entrypoint",
                    "fork_of",
                    "started_ms",
                    "last_ms",
                    "context_limit",
                    "context_estimate",
                )
            },
            inherits=bool(row["inherits"]),
            prompts=typed,
            scripted_prompts=scripted or 0,
            turns=sum(a.turns for a in own if a.kind is AgentKind.MAIN),
            compactions=compacted,
            compacted_ms=compacted_ms,
            agents=tuple(own),
        )
    return result


def _agents(
    ledger: Ledger, keys: Sequence[int], marks: str, range_ms: tuple[int, int]
) -> dict[int, list[AgentRecord]]:
    turns = {
        row["agent"]: row
        for row in ledger.sql.execute(
            "SELECT t.agent, sum(t.at_ms >= ? AND t.at_ms < ?) AS number, max(t.at_ms) AS at_ms,"
            " t.ended_ms FROM agents a"
            f" JOIN turns t ON t.agent = a.key WHERE a.session IN ({marks}) GROUP BY t.agent",
            (*range_ms, *keys),
        )
    }
    latest = {
        row["agent"]: row
        for row in ledger.sql.execute(
            "SELECT r.agent, r.at_ms, m.name, r.input + r.cache_read +"
            " r.cache_write_5m + r.cache_write_1h AS context, min(r.id)"
            " FROM agents a JOIN requests r ON r.agent = a.key AND r.at_ms ="
            " (SELECT max(x.at_ms) FROM requests x WHERE x.agent = a.key)"
            f" JOIN models m ON m.key = r.model WHERE a.session IN ({marks}) GROUP BY r.agent",
            keys,
        )
    }
    result: dict[int, list[AgentRecord]] = {}
    for row in ledger.sql.execute(f"SELECT * FROM agents WHERE session IN ({marks})", keys):
        turn, request = turns.get(row["key"]), latest.get(row["key"])
        result.setdefault(row["session"], []).append(
            AgentRecord(
                key=row["key"],
                id=row["id"],
                kind=AgentKind(row["kind"]),
                parent_id=row["parent_id"],
                name=row["name"],
                task=row["task"],
                started_ms=row["started_ms"],
                last_ms=row["last_ms"],
                ended_ms=row["ended_ms"],
                model=request and request["name"],
                context=request and request["context"],
                request_ms=request and request["at_ms"],
                turns=0 if turn is None else turn["number"],
                turn_open=None if turn is None else turn["ended_ms"] is None,
                turn_ended_ms=turn and turn["ended_ms"],
            )
        )
    return result


def minutes(
    ledger: Ledger, since_ms: int, now_ms: int, sessions: Sequence[int] | None = None
) -> list[tuple[int, int, int, int, int]]:
    """Return (session, agent, at_ms, picodollars, tokens) of the stretch until now; unpriced: 0.

    A row is what an agent spent within one minute, counted back from now, at the last instant there
    was something. sessions: at most 500 keys; None: all.
    """
    among = "" if sessions is None else f" AND a.session IN ({','.join('?' * len(sessions))})"
    return [
        tuple(row)
        for row in ledger.sql.execute(
            "SELECT a.session, a.key, max(r.at_ms), sum(coalesce(r.cost_pico, 0)), sum(r.input"
            " + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output)"
            " FROM agents a JOIN requests r ON r.agent = a.key"
            f" WHERE a.last_ms >= ? AND r.at_ms >= ? AND r.at_ms <= ?{among}"
            " GROUP BY a.key, (? - r.at_ms) / 60000",
            (since_ms, since_ms, now_ms, *(sessions or ()), now_ms),
        )
    ]


_TURNS_SINCE = (
    " FROM sessions s CROSS JOIN agents a ON a.session = s.key"
    " CROSS JOIN turns t ON t.agent = a.key WHERE s.last_ms >= ?"
)
"""Turns of sessions with anything since then: the only ones that can have begun or ended later.
CROSS JOIN keeps SQLite from going through all turns instead."""


def working_spans(ledger: Ledger, since_ms: int, now_ms: int) -> list[tuple[int, int]]:
    """Return when each agent's turns since then began and ended; auxiliary agents left out.

    A turn without an end lasts until its agent's last record, none longer than until the agent's
    next one: spans of one agent never overlap.
    """
    return [(start, end) for _, start, end in agents_at_work(ledger, since_ms, now_ms)]


def agents_at_work(ledger: Ledger, since_ms: int, now_ms: int) -> list[tuple[int, int, int]]:
    """Return the spans of `working_spans`, each behind its agent's key."""
    rows = ledger.sql.execute(
        "SELECT t.agent, t.at_ms, coalesce(t.ended_ms, a.last_ms, t.at_ms) AS ended_ms"
        f"{_TURNS_SINCE} AND a.kind <> 'auxiliary'"
        " AND t.at_ms <= ? AND coalesce(t.ended_ms, a.last_ms, t.at_ms) >= ?"
        " ORDER BY t.agent, t.at_ms",
        (since_ms, now_ms, since_ms),
    ).fetchall()
    spans = []
    for row, after in zip_longest(rows, rows[1:]):
        end = max(row["at_ms"], row["ended_ms"])
        if after is not None and after["agent"] == row["agent"]:
            end = min(end, after["at_ms"])
        if end >= since_ms:
            spans.append((row["agent"], max(row["at_ms"], since_ms), end))
    return spans


def turns_since(ledger: Ledger, since_ms: int) -> int:
    """Return how many turns of main agents began since then."""
    row = ledger.sql.execute(
        f"SELECT count(*){_TURNS_SINCE} AND t.at_ms >= ? AND a.kind = 'main'",
        (since_ms, since_ms),
    ).fetchone()
    return int(row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came out of a session, as its log shows, and where that log is."""

    version: str | None
    commits: int
    added: int
    removed: int
    path: str | None


def outcome(ledger: Ledger, key: int) -> Outcome:
    """Return commits and changed lines of a session; lines may have been changed again since."""
    row = ledger.sql.execute(
        "SELECT s.version, (SELECT count(*) FROM agents a JOIN commits c ON c.agent = a.key"
        " WHERE a.session = s.key AND c.kind = 'commit') AS commits,"
        " (SELECT sum(e.added) FROM agents a JOIN edits e ON e.agent = a.key"
        " WHERE a.session = s.key) AS added,"
        " (SELECT sum(e.removed) FROM agents a JOIN edits e ON e.agent = a.key"
        " WHERE a.session = s.key) AS removed,"
        " (SELECT f.path FROM files f WHERE f.session = s.key AND f.agent_kind = 'main'"
        " AND f.kind = 'log' ORDER BY f.rank, f.first_ms, f.path LIMIT 1) AS path"
        " FROM sessions s WHERE s.key = ?",
        (key,),
    ).fetchone()
    return Outcome(
        version=row["version"],
        commits=row["commits"],
        added=row["added"] or 0,
        removed=row["removed"] or 0,
        path=None if row["path"] is None else real_path(row["path"]),
    )


def log_of(ledger: Ledger, key: int, agent_id: str) -> str | None:
    """Return the path of an agent's own log, of several the best that is there."""
    row = ledger.sql.execute(
        "SELECT path FROM files WHERE session = ? AND agent_id = ? AND kind = 'log'"
        " ORDER BY gone_ms IS NOT NULL, rank, first_ms, path LIMIT 1",
        (key, agent_id),
    ).fetchone()
    return None if row is None else real_path(row["path"])


def count(ledger: Ledger) -> int:
    """Return the number of sessions with a billed request or a prompt."""
    return int(
        ledger.sql.execute(f"SELECT count(*) FROM sessions s WHERE {_IS_SESSION}").fetchone()[0]
    )
