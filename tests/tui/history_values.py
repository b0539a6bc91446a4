"""An invented past: five models (or projects, …) with a rhythm, and agents that work by day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.factories import HOUR, NOW_MS, spend
from tokenwatch.analysis.concurrency import concurrency
from tokenwatch.analysis.timescale import Window
from tokenwatch.answers.history import (
    DearestDay,
    DearestSession,
    DearestTurn,
    History,
    HistoryRow,
    history,
)
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.snapshot import TurnRow

SESSION = "6f33cc04-7777-4b0e-8f3e-000000000006"
NAMES: dict[str, tuple[str | None, ...]] = {
    "model": (
        "claude-opus-4-8",
        "gpt-5.5-codex",
        "claude-sonnet-5",
        "claude-haiku-4-5-20251001",
        "local-qwen4-coder",
    ),
    "project": (
        "/home/dev/src/tokenwatch",
        "/home/dev/src/api",
        "/home/dev/work/api",
        "/home/dev/src/翻訳",
        None,
    ),
    "source": ("claude-code", "codex"),
    "kind": ("main", "subagent", "auxiliary"),
}
_PRICES = (31, 17, 9, 2, 0)
"""Cents of a request; nothing is known of the last one's."""


def answer(*, window: Window, by: str) -> History:
    """Answer as `answers.history.history` would."""
    edges = window.edges(NOW_MS, UTC)
    bars = [bar for bar, edge in enumerate(edges[:-1]) if edge <= NOW_MS]
    rows = []
    for place, name in enumerate(NAMES[by]):
        units = [NO_SPEND] * (len(edges) - 1)
        for bar in bars:
            units[bar] = _spend(place, (bar * 5 + place * 3) % 7, edges[bar])
        work = [unit.requests * 240_000 for unit in units]
        rows.append(
            HistoryRow(
                key=name or "",
                name=name,
                sessions=3 + place,
                spend=sum(units, NO_SPEND),
                before=NO_SPEND if place == 2 else _sum_of(place, 24 + 9 * place),
                units=tuple(units),
                work_ms=tuple(work),
            )
        )
    return _of(window, by, edges, rows)


def _spend(place: int, requests: int, at_ms: int) -> Spend:
    """Return so many requests; on Sundays and Wednesdays there are none."""
    if datetime.fromtimestamp(at_ms / 1000, UTC).date().weekday() in (2, 6):
        return NO_SPEND
    return _sum_of(place, requests)


def _sum_of(place: int, requests: int) -> Spend:
    if not requests:
        return NO_SPEND
    cents = _PRICES[place] * requests
    fields: dict[str, Any] = {"requests": requests, "total": 9_000 * (place + 1) * requests}
    return spend(cents, **fields, unpriced_requests=0 if cents else requests)


def _of(window: Window, by: str, edges: tuple[int, ...], rows: list[HistoryRow]) -> History:
    total = sum((row.spend for row in rows), NO_SPEND)
    units = tuple(sum((row.units[bar] for row in rows), NO_SPEND) for bar in range(len(edges) - 1))
    heat = [NO_SPEND] * 168
    for bar, unit in enumerate(units):
        place = bar % 7 * 24 + 9 + bar % 5
        heat[place] += unit
    spans = [
        (edge + 9 * HOUR + n * HOUR, edge + 12 * HOUR + n * HOUR)
        for edge in edges[:-1:2]
        for n in range(3)
    ]
    dearest = max(range(len(units)), key=lambda bar: units[bar].cost_pico)
    return History(
        window=window,
        by=by,
        edges_ms=edges,
        rows=tuple(sorted(rows, key=lambda row: -row.spend.cost_pico)),
        units=units,
        total=total,
        before=sum((row.before for row in rows), NO_SPEND),
        sessions=19,
        sessions_before=23,
        heat=tuple(heat),
        heat_work_ms=tuple(unit.requests * 240_000 for unit in heat),
        at_once=concurrency(spans, edges),
        dearest_day=DearestDay(
            day=datetime.fromtimestamp(edges[dearest] / 1000, UTC).date(), spend=units[dearest]
        ),
        dearest_session=DearestSession(
            id=SESSION, title="flaky test hunt", project="/home/dev/src/api", spend=spend(913)
        ),
        dearest_turn=DearestTurn(
            session_id=SESSION,
            project="/home/dev/src/api",
            turn=TurnRow(
                number=4,
                id="turn-4",
                at_ms=edges[dearest],
                ended_ms=None,
                title="run it a hundred times",
                cause="prompt",
                how="completed",
                spend=spend(471),
                tools=12,
                context=142_000,
            ),
            cost_pico=spend(471).cost_pico,
        ),
    )


ANSWERS: dict[object, Any] = {history: answer}
"""For `running(answers=…)`."""
