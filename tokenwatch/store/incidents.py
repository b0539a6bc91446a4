"""What did not go straight: ended early, failed, refused, summed up, written to a cache again."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.places import FAR_MS
from tokenwatch.store.spend import QUARTER_MS, spend_of

PART = 400
"""Sessions that one statement asks for: SQLite takes no more than some parameters."""


class Incident(NamedTuple):
    """One of them."""

    kind: str
    """interrupted, failed, retry, error, compaction, tool-failed, tool-denied, rewritten."""
    id: str
    session: int
    """Key of the session."""
    at_ms: int
    what: str = ""
    """A status, a trigger, a tool's name; empty where the log has none."""
    before: int | None = None
    """Of a compaction: tokens before. Of what was written again: tokens."""
    after: int | None = None
    """Of a compaction: tokens after."""
    sign: bytes = b""
    """Of a tool's failure: equal for the same error again; empty where the log tells no error."""


_QUERIES = (
    "SELECT t.how, t.id, a.session, t.at_ms, t.cause, NULL, NULL, x'' FROM turns t"
    " JOIN agents a ON a.key = t.agent WHERE t.how IN ('interrupted', 'failed')"
    " AND t.at_ms >= ? AND t.at_ms < ?",
    "SELECT f.kind, f.id, a.session, f.at_ms, coalesce(f.status, ''), NULL, NULL, x''"
    " FROM failures f JOIN agents a ON a.key = f.agent WHERE f.at_ms >= ? AND f.at_ms < ?",
    "SELECT 'compaction', c.id, a.session, c.at_ms, coalesce(c.\"trigger\", ''), c.pre_tokens,"
    " c.post_tokens, x'' FROM compactions c JOIN agents a ON a.key = c.agent"
    " WHERE c.at_ms >= ? AND c.at_ms < ?",
    "SELECT iif(c.denied, 'tool-denied', 'tool-failed'), c.id, a.session, c.at_ms, o.name, NULL,"
    " NULL, coalesce(c.error_fingerprint, x'') FROM tool_calls c JOIN tools o ON o.key = c.tool"
    " JOIN agents a ON a.key = c.agent WHERE (c.ok = 0 OR c.denied)"
    " AND c.at_ms >= ? AND c.at_ms < ?",
)
_REWRITTEN = (
    "SELECT 'rewritten', id, session, at_ms, '', min(held - cache_read, wrote), NULL, x'' FROM ("
    "SELECT r.id, a.session, r.at_ms, r.cache_read, r.cache_write_5m + r.cache_write_1h AS wrote,"
    " r.cache_read + r.cache_write_5m + r.cache_write_1h AS cached,"
    " lag(r.cache_read + r.cache_write_5m + r.cache_write_1h)"
    " OVER (PARTITION BY r.agent ORDER BY r.at_ms, r.id) AS held"
    " FROM (SELECT DISTINCT agent FROM rollup WHERE quarter BETWEEN ? AND ?) q"
    " CROSS JOIN requests r ON r.agent = q.agent JOIN agents a ON a.key = r.agent)"
    " WHERE at_ms >= ? AND at_ms < ? AND cached >= held AND min(held - cache_read, wrote) > 0"
)


def incidents(ledger: Ledger, since_ms: int | None, until_ms: int | None) -> list[Incident]:
    """Return all in [since, until), in the order of time."""
    range_ms = (since_ms or 0, FAR_MS if until_ms is None else until_ms)
    found = [Incident(*row) for query in _QUERIES for row in ledger.sql.execute(query, range_ms)]
    quarters = (range_ms[0] // QUARTER_MS, range_ms[1] // QUARTER_MS)
    found += [Incident(*row) for row in ledger.sql.execute(_REWRITTEN, (*quarters, *range_ms))]
    return sorted(found, key=lambda incident: (incident.at_ms, incident.kind, incident.id))


class Turns:
    """What each turn of some sessions cost, its subagents included; cut as `turns.turns` does."""

    def __init__(self, ledger: Ledger, sessions: Iterable[int]) -> None:
        self._starts: dict[int, list[int]] = {}
        self._spends: dict[tuple[int, int | None], Spend] = {}
        keys = sorted(set(sessions))
        for first in range(0, len(keys), PART):
            self._read(ledger, keys[first : first + PART])

    def _read(self, ledger: Ledger, keys: Sequence[int]) -> None:
        marks = ",".join("?" * len(keys))
        for session, at_ms in ledger.sql.execute(
            "SELECT a.session, t.at_ms FROM agents a JOIN turns t ON t.agent = a.key"
            f" WHERE a.kind = 'main' AND a.session IN ({marks}) ORDER BY t.at_ms",
            keys,
        ):
            self._starts.setdefault(session, []).append(at_ms)
        for row in ledger.sql.execute(
            "SELECT a.session, (SELECT max(t.at_ms) FROM agents m JOIN turns t ON t.agent = m.key"
            " WHERE m.session = a.session AND m.kind = 'main' AND t.at_ms <= r.at_ms) AS began,"
            " count(*), sum(r.cost_pico IS NULL), sum(r.lower_bound), sum(p.basis = 'estimated'),"
            " sum(r.input), sum(r.cache_read), sum(r.cache_write_5m), sum(r.cache_write_1h),"
            " sum(r.output), sum(r.reasoning), sum(coalesce(r.cost_pico, 0))"
            " FROM agents a JOIN requests r ON r.agent = a.key JOIN prices p ON p.key = r.price"
            f" WHERE a.session IN ({marks}) GROUP BY a.session, began",
            keys,
        ):
            self._spends[row[0], row[1]] = spend_of(tuple(row)[2:])

    def began(self, session: int, at_ms: int) -> int | None:
        """Return when the turn began that an instant lies in; None before the first one."""
        starts = self._starts.get(session, [])
        place = bisect_right(starts, at_ms) - 1
        return starts[place] if place >= 0 else None

    def spend(self, session: int, began_ms: int | None) -> Spend:
        """Return what a turn spent, by its session and beginning."""
        return self._spends.get((session, began_ms), NO_SPEND)

    def all(self) -> dict[tuple[int, int | None], Spend]:
        """Return every turn with any request, by session and beginning."""
        return self._spends


class Named(NamedTuple):
    """A session by the names that people know it by."""

    id: str
    title: str | None
    project: str | None
    last_ms: int | None


def names(ledger: Ledger, keys: Iterable[int]) -> dict[int, Named]:
    """Return sessions by key."""
    return dict(_sessions(ledger, "key", sorted(set(keys))))


def named(ledger: Ledger, ids: Iterable[str]) -> dict[str, Named]:
    """Return sessions by id."""
    return {session.id: session for _, session in _sessions(ledger, "id", sorted(set(ids)))}


def keys(ledger: Ledger, ids: Iterable[str]) -> list[int]:
    """Return the keys of sessions by id, whatever their source."""
    return [key for key, _ in _sessions(ledger, "id", sorted(set(ids)))]


def _sessions(ledger: Ledger, column: str, values: Sequence[object]) -> list[tuple[int, Named]]:
    found = []
    for first in range(0, len(values), PART):
        part = values[first : first + PART]
        found += [
            (int(key), Named(*rest))
            for key, *rest in ledger.sql.execute(
                "SELECT key, id, title, project, last_ms FROM sessions"
                f" WHERE {column} IN ({','.join('?' * len(part))})",
                part,
            )
        ]
    return found
