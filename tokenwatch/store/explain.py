"""What stands behind a session's figure: requests with rates and places, turns, meters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from sqlite3 import Row
from typing import NamedTuple

from tokenwatch.analysis.unlogged import Counts, MeterReading
from tokenwatch.model import Usage
from tokenwatch.snapshot import Activity, ExplainedRequest
from tokenwatch.store import callers
from tokenwatch.store.ledger import Ledger, real_path
from tokenwatch.store.spend import QUARTER_MS, matching_models

_REQUESTS = (
    "SELECT r.*, a.id AS agent_id, m.name AS model_name, p.basis, p.origin, p.input AS p_input,"
    " p.output AS p_output, p.cache_read AS p_cache_read, p.cache_write_5m AS p_cache_write_5m,"
    " p.cache_write_1h AS p_cache_write_1h, p.web_search AS p_web_search, p.model AS p_model,"
    " f.path, t.speed, t.service_tier, t.geo, x.agent AS x_agent, x.skill AS x_skill,"
    " x.plugin AS x_plugin, x.mcp_server AS x_mcp_server, x.mcp_tool AS x_mcp_tool"
    " FROM agents a JOIN requests r ON r.agent = a.key JOIN models m ON m.key = r.model"
    " JOIN terms t ON t.key = r.terms JOIN prices p ON p.key = r.price"
    " JOIN files f ON f.key = r.usage_file JOIN attributions x ON x.key = r.attribution"
    " WHERE a.session = ?"
)
_MADE_FOR = {
    "x_agent": "subagent type",
    "x_skill": "skill",
    "x_plugin": "plugin",
    "x_mcp_server": "MCP server",
    "x_mcp_tool": "MCP tool",
}
_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


def requests(
    ledger: Ledger,
    session: int,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    model: str | None = None,
    agent_id: str | None = None,
) -> list[ExplainedRequest]:
    """Return the session's requests in the order of time; they sum to its row exactly.

    model: as in `spend.Filter`.
    """
    sql = _REQUESTS
    values: list[object] = [session]
    if agent_id is not None:
        sql, values = sql + " AND a.id = ?", [*values, agent_id]
    if since_ms is not None:
        sql, values = sql + " AND r.at_ms >= ?", [*values, since_ms]
    if until_ms is not None:
        sql, values = sql + " AND r.at_ms < ?", [*values, until_ms]
    rows = ledger.sql.execute(sql + " ORDER BY r.at_ms, r.id", values)
    if model is None:
        return [_explained(row) for row in rows]
    names = matching_models(ledger, model)
    return [_explained(row) for row in rows if row["model_name"] in names]


def _explained(row: Row) -> ExplainedRequest:
    rates = {
        kind: _per_million(row[f"p_{kind}"]) for kind in _KINDS if row[f"p_{kind}"] is not None
    }
    if row["p_web_search"] is not None:
        rates["web_search"] = _plain(Decimal(row["p_web_search"]).scaleb(-9))
    context = {
        name: row[name] for name in ("speed", "service_tier", "geo") if row[name] is not None
    }
    return ExplainedRequest(
        id=row["id"],
        at_ms=row["at_ms"],
        agent_id=row["agent_id"],
        model=row["model_name"],
        usage=_usage(row),
        web_searches=row["web_searches"],
        cost_pico=row["cost_pico"],
        basis=row["basis"],
        rates=rates if row["cost_pico"] is not None else {},
        rates_from=row["origin"],
        context=context,
        made_for={word: row[name] for name, word in _MADE_FOR.items() if row[name]},
        lower_bound=bool(row["lower_bound"]),
        file=real_path(row["path"]),
        line=row["usage_line"] if row["usage_line"] < 2**31 else None,
    )


def _per_million(pico: int) -> str:
    return _plain(Decimal(pico).scaleb(-6))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _usage(row: Row) -> Usage:
    return Usage(
        input=row["input"],
        cache_read=row["cache_read"],
        cache_write_5m=row["cache_write_5m"],
        cache_write_1h=row["cache_write_1h"],
        output=row["output"],
        reasoning=row["reasoning"],
    )


def meters(
    ledger: Ledger, sessions: Sequence[int]
) -> tuple[dict[int, list[MeterReading]], dict[int, list[MeterReading]]]:
    """Return, by session, its own readings and those of others with the same meter's start."""
    wanted = set(sessions)
    stored = ledger.sql.execute(
        "SELECT s.id, x.* FROM meters x JOIN sessions s ON s.key = x.session"
    ).fetchall()
    starts = {row["started_ms"] for row in stored if row["session"] in wanted}
    rows = [(row["session"], _reading(row)) for row in stored if row["started_ms"] in starts]
    own: dict[int, list[MeterReading]] = {}
    by_start: dict[int, list[tuple[int, MeterReading]]] = {}
    for key, reading in rows:
        own.setdefault(key, []).append(reading)
        by_start.setdefault(reading.started_ms, []).append((key, reading))
    relatives = {
        key: [
            r
            for start in {reading.started_ms for reading in readings}
            for other, r in by_start[start]
            if other != key
        ]
        for key, readings in own.items()
        if key in wanted
    }
    return {key: readings for key, readings in own.items() if key in wanted}, relatives


def _reading(row: Row) -> MeterReading:
    counts: dict[str, tuple[Usage, int]] = {}
    for model, kinds, searches in json.loads(row["usage"]):
        counts[model] = (
            Usage(
                input=kinds[0],
                cache_read=kinds[1],
                cache_write_5m=kinds[2],
                cache_write_1h=kinds[3],
                output=kinds[4],
                reasoning=kinds[5],
            ),
            searches,
        )
    return MeterReading(
        session_id=row["id"], started_ms=row["started_ms"], as_of_ms=row["as_of_ms"], counts=counts
    )


def logged(ledger: Ledger, session: int, since_ms: int, until_ms: int) -> Counts:
    """Return usage and web searches of the session's requests in [since, until], by model."""
    counts = {}
    for row in ledger.sql.execute(
        "SELECT m.name, sum(r.input) AS input, sum(r.cache_read) AS cache_read,"
        " sum(r.cache_write_5m) AS cache_write_5m, sum(r.cache_write_1h) AS cache_write_1h,"
        " sum(r.output) AS output, sum(r.reasoning) AS reasoning, sum(r.web_searches) AS searches"
        " FROM agents a JOIN requests r ON r.agent = a.key JOIN models m ON m.key = r.model"
        " WHERE a.session = ? AND r.at_ms >= ? AND r.at_ms <= ? GROUP BY m.name",
        (session, since_ms, until_ms),
    ):
        counts[row["name"] or ""] = (_usage(row), row["searches"])
    return counts


class Latest(NamedTuple):
    """A request as a line of activity; larger is later."""

    at_ms: int
    id: str
    session: int
    """Its key."""
    activity: Activity


def latest_requests(
    ledger: Ledger, limit: int, since_ms: int, sessions: Sequence[int] | None = None
) -> list[Latest]:
    """Return the latest requests, latest first, with the tools they called.

    sessions: keys of those whose requests count; None: of all.
    """
    among = "" if sessions is None else f" AND a.session IN ({','.join('?' * len(sessions))})"
    if sessions is None:
        since_ms = max(since_ms, _since_latest(ledger, limit))
    rows = ledger.sql.execute(
        "SELECT r.*, a.id AS agent_id, a.session, s.id AS session_id, s.project, s.source,"
        " m.name AS model_name FROM agents a JOIN requests r ON r.agent = a.key"
        " JOIN sessions s ON s.key = a.session JOIN models m ON m.key = r.model"
        f" WHERE a.last_ms >= ? AND r.at_ms >= ?{among} ORDER BY r.at_ms DESC, r.id DESC LIMIT ?",
        (since_ms, since_ms, *(sessions or ()), limit),
    ).fetchall()
    return [Latest(row["at_ms"], row["id"], row["session"], _activity(ledger, row)) for row in rows]


def _activity(ledger: Ledger, row: Row) -> Activity:
    return Activity(
        at_ms=row["at_ms"],
        session_id=row["session_id"],
        agent_id=row["agent_id"],
        project=row["project"],
        model=row["model_name"],
        what=_tools(ledger, row),
        usage=_usage(row),
        cost_pico=row["cost_pico"],
    )


def _since_latest(ledger: Ledger, limit: int) -> int:
    """Return the start of a quarter of an hour since which there were that many requests."""
    counted = 0
    for quarter, requests in ledger.sql.execute(
        "SELECT quarter, requests FROM rollup ORDER BY quarter DESC"
    ):
        counted += requests
        if counted >= limit:
            return int(quarter) * QUARTER_MS
    return 0


def _tools(ledger: Ledger, request: Row) -> str:
    """Name the tools of one request, `Read parser.py, Bash ×2`; `answer` where it called none."""
    counts: dict[str, int] = {}
    for tool, target in callers.tools(ledger, request["source"], request):
        name = f"{tool} {target.rpartition('/')[2]}".strip()
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        return "answer"
    return ", ".join(name if n == 1 else f"{name} ×{n}" for name, n in counts.items())


KIND_NAMES = ("input", "output", "cache write", "cache read", "web search")


def parts(request: ExplainedRequest) -> list[tuple[str, int, int]]:
    """Split a request's cost by kind: (name of KIND_NAMES, tokens or searches, picodollars)."""
    usage, rates = request.usage, request.rates
    found = [
        ("input", usage.input, rates.get("input")),
        ("output", usage.output, rates.get("output")),
        ("cache write", usage.cache_write_5m, rates.get("cache_write_5m")),
        ("cache write", usage.cache_write_1h, rates.get("cache_write_1h")),
        ("cache read", usage.cache_read, rates.get("cache_read")),
    ]
    split = [
        (name, count, int(count * Decimal(rate or 0).scaleb(6))) for name, count, rate in found
    ]
    searches = request.web_searches
    if searches:
        rate = Decimal(rates.get("web_search", "0"))
        split.append(("web search", searches, int(searches * rate.scaleb(9))))
    return [part for part in split if part[1]]
