"""The chart of a window of the past."""

from __future__ import annotations

from bisect import bisect_right
from datetime import tzinfo

from tokenwatch import format as fmt
from tokenwatch.answers.history import History, HistoryRow
from tokenwatch.model import NO_SPEND, PICO
from tokenwatch.tui.screens.history.words import (
    HOUR_MS,
    bar_name,
    dollar_tick,
    figure,
    hour_tick,
    labels_of,
    name_of,
    plain,
    token_tick,
    value_of,
)
from tokenwatch.tui.widgets.chart import SERIES, Chart, Series

WHOLE = 10_000
"""A share of everything, in the chart's whole numbers."""
_TICKS = {"cost": dollar_tick, "tokens": token_tick, "agents": hour_tick}
_SIZES = {"cost": PICO, "tokens": 1, "agents": HOUR_MS}
_NAMES_OF_UNITS = {"hour": "hour", "day": "day", "week": "week", "month": "month"}


def series_rows(answer: History, unit: str) -> tuple[list[HistoryRow], list[HistoryRow]]:
    """Return the rows with a series of their own, largest first, and those that share the last."""
    by_value = sorted(
        (row for row in answer.rows if value_of(row.spend, sum(row.work_ms), unit)),
        key=lambda row: (-value_of(row.spend, sum(row.work_ms), unit), row.key),
    )
    if len(by_value) <= SERIES - 1:
        return by_value, []
    return by_value[: SERIES - 1], by_value[SERIES - 1 :]


def chart_of(answer: History, unit: str, zone: tzinfo, now_ms: int) -> Chart:
    """Return the chart of an answer in one of UNITS."""
    own, rest = series_rows(answer, unit)
    names = [row.name for row in answer.rows]
    groups = [(name_of(answer.by, row.name, names), [row]) for row in own]
    if rest:
        groups.append((f"{len(rest)} other" if len(rest) > 1 else name_of(
            answer.by, rest[0].name, names), rest))  # fmt: skip
    bars = range(len(answer.units))
    values = [
        [sum(value_of(row.units[bar], row.work_ms[bar], unit) for row in rows) for bar in bars]
        for _, rows in groups
    ]
    sums = [sum(series[bar] for series in values) for bar in bars]
    if unit == "share":
        values = _shares(values, sums)
    series = tuple(
        Series(name=name, figure=_figure(answer, rows, unit), values=tuple(own_values))
        for (name, rows), own_values in zip(groups, values, strict=True)
    )
    return Chart(
        series=series,
        labels=labels_of(answer, zone, now_ms),
        marks=tuple(_mark(answer, bar, unit) for bar in bars),
        tick=_TICKS.get(unit, lambda part: f"{part * 100 // WHOLE}%"),
        unit=_SIZES.get(unit, WHOLE),
        top=WHOLE if unit == "share" else None,
        summary=_summary(answer, unit, sums),
        start=_start(answer, now_ms),
        hint=_hint(answer, unit),
    )


def _start(answer: History, now_ms: int) -> int | None:
    """Return the present bar; None where all of them have passed."""
    edges = answer.edges_ms
    return bisect_right(edges, now_ms) - 1 if edges[0] <= now_ms < edges[-1] else None


def _shares(values: list[list[int]], sums: list[int]) -> list[list[int]]:
    """Return values as parts of WHOLE; the parts of a bar add up to it."""
    shares: list[list[int]] = [[] for _ in values]
    for bar, total in enumerate(sums):
        reached = before = 0
        for own, given in zip(values, shares, strict=True):
            reached += own[bar]
            until = reached * WHOLE // total if total else 0
            given.append(until - before)
            before = until
    return shares


def _figure(answer: History, rows: list[HistoryRow], unit: str) -> str:
    spend = sum((row.spend for row in rows), NO_SPEND)
    if unit == "share":
        total = answer.total.cost_pico
        return fmt.share(spend.cost_pico / total if total else None)
    return figure(spend, sum(sum(row.work_ms) for row in rows), unit)


def _mark(answer: History, bar: int, unit: str) -> str:
    spend = answer.units[bar]
    mark = fmt.spend_mark(spend) if spend.requests and unit in ("cost", "share") else ""
    return mark if mark in ("?", "≥") else ""


def _summary(answer: History, unit: str, sums: list[int]) -> str:
    total = figure(answer.total, answer.work_ms, "cost" if unit == "share" else unit)
    busy = sum(value > 0 for value in sums)
    if unit == "share" or busy < 2:
        return f"total {total}"
    mean = plain(sum(sums) // busy, unit)
    return f"total {total}   mean {mean} of {busy} {_NAMES_OF_UNITS[answer.window.unit]}s"


def _hint(answer: History, unit: str) -> str:
    if answer.total.requests and unit in ("cost", "share"):
        return "no request here has a price · u shows tokens"
    if answer.total.requests and unit == "agents":
        return "no turn of an agent is known here"
    return "nothing was spent here · [ goes back, − looks at more time at once"


def bar_words(answer: History, bar: int, unit: str, zone: tzinfo) -> tuple[str, ...]:
    """Return the figures of one bar in words, the fullest first."""
    spend = answer.units[bar]
    work = sum(row.work_ms[bar] for row in answer.rows)
    own, rest = series_rows(answer, unit)
    names = [row.name for row in answer.rows]
    head = f"{bar_name(answer, bar, zone)}  {figure(spend, work, 'cost')}"
    if unit == "tokens":
        head += f" · {fmt.tokens(spend.usage.total)} tokens"
    if unit == "agents":
        head += f" · {hours_at_once(answer, bar, work)}"
    parts = [
        f"{name_of(answer.by, row.name, names)} {figure(row.units[bar], row.work_ms[bar], unit)}"
        for row in own
        if value_of(row.units[bar], row.work_ms[bar], unit)
    ]
    other = sum(value_of(row.units[bar], row.work_ms[bar], unit) for row in rest)
    if other:
        parts.append(f"other {plain(other, unit)}")
    requests = f"{fmt.count(spend.requests)} requests"
    full = f"{head} · {requests}"
    return ("  ".join([full, *parts]), "  ".join([head, *parts]), full, head)


def hours_at_once(answer: History, bar: int, work_ms: int) -> str:
    """Return a bar's work and its peak."""
    return f"{plain(work_ms, 'agents')} of work · at most {answer.at_once.peaks[bar]} at once"


def heat_values(answer: History, unit: str) -> list[int]:
    """Return the values of the hours of the week, in the order of `History.heat`."""
    return [
        value_of(spend, work, unit)
        for spend, work in zip(answer.heat, answer.heat_work_ms, strict=True)
    ]
