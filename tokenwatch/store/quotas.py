"""Plan windows as providers reported them, and what was spent while one was open."""

from typing import NamedTuple

from tokenwatch.format import clean
from tokenwatch.model import Spend
from tokenwatch.store.ledger import Ledger, stored_path
from tokenwatch.store.spend import QUARTER_MS, spend_of


class WindowRecord(NamedTuple):
    """A window of a plan, by the logs that told of it."""

    key: int
    source: str
    root: str
    """The folder whose logs told: accounts have no name in a log."""
    limit_id: str
    """The provider's own name of the limit; `codex` is the main one."""
    minutes: int
    """How long it is open."""


class Reading(NamedTuple):
    """What a provider said of a window."""

    observed_ms: int
    used_percent: float
    resets_ms: int | None
    plan: str | None
    origin: str
    """rollout (the source's logs), statusline or app-server."""


def windows(ledger: Ledger) -> list[WindowRecord]:
    """Return all windows that were ever reported; each has a reading. Shorter ones first."""
    rows = ledger.sql.execute(
        "SELECT key, source, root, limit_id, window_minutes FROM windows"
        ' WHERE EXISTS (SELECT 1 FROM quotas WHERE "window" = key)'
        " ORDER BY source, root, limit_id, window_minutes"
    )
    return [WindowRecord(*row) for row in rows]


def latest(ledger: Ledger, window: int) -> Reading:
    """Return the newest reading of a window that has one."""
    row = ledger.sql.execute(
        'SELECT observed_ms, used_percent, resets_ms, plan, origin FROM quotas WHERE "window" = ?'
        " ORDER BY observed_ms DESC LIMIT 1",
        (window,),
    ).fetchone()
    return Reading(*row)


def readings(ledger: Ledger, window: int, since_ms: int, until_ms: int) -> list[Reading]:
    """Return the readings in [since, until) in the order of time."""
    rows = ledger.sql.execute(
        'SELECT observed_ms, used_percent, resets_ms, plan, origin FROM quotas WHERE "window" = ?'
        " AND observed_ms >= ? AND observed_ms < ? ORDER BY observed_ms",
        (window, since_ms, until_ms),
    )
    return [Reading(*row) for row in rows]


def sessions(ledger: Ledger, source: str, root: str) -> frozenset[tuple[str, str]]:
    """Return the sessions that the logs of one root hold: source and id of each."""
    rows = ledger.sql.execute(
        "SELECT DISTINCT s.source, s.id FROM files f JOIN sessions s ON s.key = f.session"
        " WHERE f.source = ? AND f.root = ?",
        (source, root),
    )
    return frozenset((name, identifier) for name, identifier in rows)


def window_key(ledger: Ledger, source: str, root: str, limit_id: str, minutes: int) -> int:
    """Return the key of a window, which is made if it lacks; inside a transaction."""
    name = (stored_path(root), clean(limit_id), minutes)
    ledger.sql.execute(
        "INSERT INTO windows (source, root, limit_id, window_minutes) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (source, *name),
    )
    row = ledger.sql.execute(
        "SELECT key FROM windows WHERE root = ? AND limit_id = ? AND window_minutes = ?", name
    ).fetchone()
    return int(row[0])


def add(ledger: Ledger, window: int, reading: Reading) -> None:
    """Store a reading, unless there is one of that moment; inside a transaction."""
    plan = None if reading.plan is None else clean(reading.plan)
    ledger.sql.execute(
        'INSERT INTO quotas ("window", observed_ms, used_percent, resets_ms, plan, origin)'
        ' VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT ("window", observed_ms) DO NOTHING',
        (window, *reading[:3], plan, reading.origin),
    )


def spent(ledger: Ledger, source: str, root: str, since_ms: int, until_ms: int) -> Spend:
    """Return the sum of the requests in [since, until) that the logs of one root hold."""
    row = ledger.sql.execute(
        "SELECT count(*), total(r.cost_pico IS NULL), total(r.lower_bound),"
        " total(p.basis = 'estimated'), sum(r.input), sum(r.cache_read), sum(r.cache_write_5m),"
        " sum(r.cache_write_1h), sum(r.output), sum(r.reasoning), sum(r.cost_pico)"
        " FROM (SELECT DISTINCT agent FROM rollup WHERE quarter BETWEEN ? AND ?) q"
        " CROSS JOIN requests r ON r.agent = q.agent AND r.at_ms >= ? AND r.at_ms < ?"
        " JOIN files f ON f.key = r.file JOIN prices p ON p.key = r.price"
        " WHERE f.source = ? AND f.root = ?",
        (since_ms // QUARTER_MS, until_ms // QUARTER_MS, since_ms, until_ms, source, root),
    ).fetchone()
    return spend_of(tuple(int(value or 0) for value in row))
