"""Sums of requests: by day, model, project, session, agent; in any stretch of time."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from tokenwatch.model import NO_SPEND, Spend, Usage
from tokenwatch.store.ledger import Ledger

QUARTER_MS = 900_000
"""The rollup's unit of time."""
GROUPS = ("source", "model", "project", "session", "agent", "hour", "day", "week", "month")


class Filter(NamedTuple):
    """Which requests count. None leaves a condition out."""

    since_ms: int | None = None
    """Inclusive."""
    until_ms: int | None = None
    """Exclusive."""
    source: str | None = None
    project: str | None = None
    """A project's path, a folder above it, or its last name."""
    model: str | None = None
    """A model's id, or a part of it where no model has exactly that id."""
    sessions: tuple[int, ...] | None = None
    """Keys of sessions."""

    @property
    def is_open(self) -> bool:
        """Tell that no condition is set, so that every request counts."""
        return self == Filter()


_SUMS = (
    "sum(requests), sum(unpriced), sum(lower_bound), sum(estimated), sum(input), sum(cache_read),"
    " sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_pico)"
)
_ROLLUP = (
    "SELECT quarter, agent, model, requests, unpriced, lower_bound, estimated, input, cache_read,"
    " cache_write_5m, cache_write_1h, output, reasoning, cost_pico FROM rollup WHERE 1"
)
_SINGLE = (
    f"SELECT r.at_ms / {QUARTER_MS} AS quarter, r.agent, r.model, 1 AS requests,"
    " r.cost_pico IS NULL AS unpriced, r.lower_bound, p.basis = 'estimated' AS estimated, r.input,"
    " r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning,"
    " coalesce(r.cost_pico, 0) AS cost_pico"
    " FROM (SELECT DISTINCT agent FROM rollup"
    f" WHERE quarter BETWEEN ? / {QUARTER_MS} AND ? / {QUARTER_MS}) q"
    " JOIN requests r ON r.agent = q.agent AND r.at_ms >= ? AND r.at_ms < ?"
    " JOIN prices p ON p.key = r.price"
)
"""Its parameters are since and until, twice: the rollup knows whose requests there are."""


def grouped(ledger: Ledger, by: str, where: Filter, zone: tzinfo) -> list[tuple[str | None, Spend]]:
    """Return the sums of each group with any request, unordered; times in `zone`."""
    column = _GROUPING.get(by)
    if column is None:
        # Summing in the ledger by a name made here beats making a row of each quarter.
        ledger.sql.create_function("calendar", 1, _named(by, zone), deterministic=True)
        column = "calendar(u.quarter)"
    return [
        (None if raw is None else str(raw), spend_of(sums))
        for raw, sums in _query(ledger, column, where)
    ]


def by_quarter(
    ledger: Ledger, by: str, where: Filter
) -> Iterator[tuple[int, str | None, tuple[int, ...]]]:
    """Yield (quarter, group, its eleven sums) of each with any request, in no order.

    by: of GROUPS those that are no time, or `kind`, the agent's. A quarter begins at its number ×
    QUARTER_MS. `spend_of` makes a Spend of sums, also of those that were added up.
    """
    column = _GROUPING[by]
    inner, parameters = _stretch(where)
    conditions, more = _conditions(ledger, where)
    for row in ledger.sql.execute(
        f"SELECT u.quarter, {column} AS grouping, {_SUMS} FROM ({inner}) u"
        f"{_joins(column + conditions)}{conditions} GROUP BY u.quarter, grouping",
        [*parameters, *more],
    ):
        if row[2]:
            yield row[0], row[1], tuple(row)[2:]


def by_session(ledger: Ledger, where: Filter) -> dict[int, Spend]:
    """Return the sums of each session, by its key."""
    return {int(str(key)): spend_of(sums) for key, sums in _query(ledger, "a.session", where)}


def sessions_by(ledger: Ledger, by: str, where: Filter) -> dict[str | None, int]:
    """Return how many sessions have a request in each group; by: as in `by_quarter`, or ``."""
    column = _GROUPING.get(by, "NULL")
    inner, parameters = _stretch(where)
    conditions, more = _conditions(ledger, where)
    rows = ledger.sql.execute(
        f"SELECT {column} AS grouping, count(DISTINCT a.session) FROM ({inner}) u"
        f"{_joins('a.' + column + conditions)}{conditions} GROUP BY grouping",
        [*parameters, *more],
    )
    return {row[0]: row[1] for row in rows}


def by_agent(ledger: Ledger, where: Filter) -> dict[int, Spend]:
    """Return the sums of each agent, by its key."""
    return {int(str(key)): spend_of(sums) for key, sums in _query(ledger, "u.agent", where)}


def models_by_session(ledger: Ledger, where: Filter) -> dict[int, dict[str | None, Spend]]:
    """Return the sums of each session's models, by the session's key; None is an unknown model."""
    names = dict(ledger.sql.execute("SELECT key, name FROM models").fetchall())
    sums: dict[int, dict[str | None, Spend]] = {}
    # One number groups faster than two columns.
    for raw, eleven in _query(ledger, "a.session << 20 | u.model", where):
        session, model = divmod(int(str(raw)), 1 << 20)
        sums.setdefault(session, {})[names.get(model)] = spend_of(eleven)
    return sums


def total(ledger: Ledger, where: Filter) -> Spend:
    """Return the sum of all requests that count."""
    return next((spend_of(sums) for _, sums in _query(ledger, "0", where)), NO_SPEND)


def models_by_agent(ledger: Ledger, where: Filter) -> dict[int, dict[str, int]]:
    """Return the cost of each model, by the agent's key; unknown models left out."""
    models: dict[int, dict[str, int]] = {}
    for key, sums in _query(ledger, "u.agent || ' ' || u.model", where):
        agent, _, model = str(key).partition(" ")
        models.setdefault(int(agent), {})[model] = spend_of(sums).cost_pico
    names = {
        str(row["key"]): row["name"]
        for row in ledger.sql.execute("SELECT key, name FROM models WHERE name IS NOT NULL")
    }
    return {
        agent: {names[m]: cost for m, cost in costs.items() if m in names}
        for agent, costs in models.items()
    }


def _query(ledger: Ledger, column: str, where: Filter) -> Iterable[tuple[object, tuple[int, ...]]]:
    """Return the eleven sums of each group with any request, in the rollup's order."""
    inner, parameters = _stretch(where)
    conditions, more = _conditions(ledger, where)
    sql = (
        f"SELECT {column} AS grouping, {_SUMS} FROM ({inner}) u{_joins(column + conditions)}"
        f"{conditions} GROUP BY grouping"
    )
    for row in ledger.sql.execute(sql, [*parameters, *more]):
        if row[1]:
            yield row[0], tuple(row)[1:]


def _joins(text: str) -> str:
    """Return the tables that a text of SQL names columns of: without any, a report is one scan."""
    joins = ""
    if "a." in text or "s." in text:
        joins += " JOIN agents a ON a.key = u.agent"
    if "s." in text:
        joins += " JOIN sessions s ON s.key = a.session"
    if "m." in text:
        joins += " JOIN models m ON m.key = u.model"
    return joins


def spend_of(sums: tuple[int, ...]) -> Spend:
    """Make a Spend of the eleven sums, in the rollup's order."""
    return Spend(
        requests=sums[0],
        unpriced_requests=sums[1],
        lower_bound_requests=sums[2],
        estimated_requests=sums[3],
        usage=Usage(
            input=sums[4],
            cache_read=sums[5],
            cache_write_5m=sums[6],
            cache_write_1h=sums[7],
            output=sums[8],
            reasoning=sums[9],
        ),
        cost_pico=sums[10],
    )


def _stretch(where: Filter) -> tuple[str, list[int]]:
    """Return a query of sums over the filter's time: whole quarters, and requests at its edges."""
    since, until = where.since_ms, where.until_ms
    first = None if since is None else -(-since // QUARTER_MS)
    last = None if until is None else until // QUARTER_MS
    if since is not None and until is not None and first is not None and last is not None:
        if until <= since:
            return _SINGLE, [0, 0] * 2
        if last <= first:
            return _SINGLE, [since, until] * 2
    sql, parameters = _ROLLUP, []
    if first is not None:
        sql += " AND quarter >= ?"
        parameters.append(first)
    if last is not None:
        sql += " AND quarter < ?"
        parameters.append(last)
    if since is not None and first is not None and since < first * QUARTER_MS:
        sql += " UNION ALL " + _SINGLE
        parameters += [since, first * QUARTER_MS] * 2
    if until is not None and last is not None and last * QUARTER_MS < until:
        sql += " UNION ALL " + _SINGLE
        parameters += [last * QUARTER_MS, until] * 2
    return sql, parameters


def _conditions(ledger: Ledger, where: Filter) -> tuple[str, list[object]]:
    parts: list[str] = []
    values: list[object] = []
    if where.source is not None:
        parts.append("s.source = ?")
        values.append(where.source)
    if where.project is not None:
        path = where.project.rstrip("/")
        parts.append("(s.project = ? OR substr(s.project, 1, ?) = ? OR substr(s.project, ?) = ?)")
        values += [path or "/", len(path) + 1, path + "/", -len(path) - 1, "/" + path]
    if where.model is not None:
        names = matching_models(ledger, where.model)
        parts.append(f"m.name IN ({','.join('?' * len(names))})")
        values += names
    if where.sessions is not None:
        parts.append(f"s.key IN ({','.join('?' * len(where.sessions))})")
        values += where.sessions
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def matching_models(ledger: Ledger, wanted: str) -> tuple[str, ...]:
    """Return the models that a filter means: the one of that id, else all whose ids hold it."""
    names = [row[0] for row in ledger.sql.execute("SELECT name FROM models WHERE name IS NOT NULL")]
    if wanted in names:
        return (wanted,)
    return tuple(name for name in names if wanted.casefold() in name.casefold())


def has_sessions(ledger: Ledger, project: str) -> bool:
    """Tell whether any session is of a project, as a filter means it."""
    condition, values = _conditions(ledger, Filter(project=project))
    row = ledger.sql.execute(f"SELECT EXISTS (SELECT 1 FROM sessions s{condition})", values)
    return bool(row.fetchone()[0])


def _named(by: str, zone: tzinfo) -> Callable[[int], str]:
    """Return what names a quarter's hour, day, week or month."""

    @cache
    def day(local: date) -> str:
        if by == "week":
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02d}"
        return local.strftime("%Y-%m" if by == "month" else "%Y-%m-%d")

    @cache
    def name(quarter: int) -> str:
        local = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, UTC).astimezone(zone)
        return f"{local:%Y-%m-%dT%H}" if by == "hour" else day(local.date())

    return name


_GROUPING = {
    "source": "s.source",
    "model": "m.name",
    "project": "s.project",
    "session": "s.id",
    "kind": "a.kind",
    "agent": "CASE WHEN a.id = s.id THEN s.id ELSE s.id || '/' || a.id END",
}
