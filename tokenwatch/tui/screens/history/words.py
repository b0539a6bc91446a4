"""What History calls things: names of a split, units, times under the bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import Final

from tokenwatch import format as fmt
from tokenwatch.answers.history import History
from tokenwatch.model import PICO, Spend
from tokenwatch.tui.names import project_name

UNITS: Final = ("cost", "tokens", "share", "agents")
"""In the order in which a key goes through them."""
UNIT_WORDS: Final = {
    "cost": "cost",
    "tokens": "tokens",
    "share": "share of cost",
    "agents": "agents' work",
}
SPLIT_WORDS: Final = {
    "model": ("model", "models"),
    "project": ("project", "projects"),
    "source": ("source", "sources"),
    "kind": ("agent", "agents"),
}
KINDS: Final = {"main": "main agents", "subagent": "subagents", "auxiliary": "auxiliary"}
HOUR_MS: Final = 3_600_000


def name_of(by: str, name: str | None, among: Sequence[str | None] = ()) -> str:
    """Return the name of a row for people, on one clean line.

    among: all names of that split: of two projects with the same last folder both get two.
    """
    if name is None:
        return {"model": "unknown model", "project": "no project"}.get(by, "unknown")
    if by == "kind":
        return KINDS.get(name, fmt.one_line(name, 40))
    if by == "source":
        return fmt.source_name(fmt.one_line(name, 40))
    if by == "model":
        return fmt.one_line(fmt.model_name(name), 40)
    last = PurePath(name).name
    if sum(PurePath(other).name == last for other in among if other) > 1:
        return fmt.one_line("/".join(PurePath(name).parts[-2:]), 60)
    return project_name(name) or "no project"


def value_of(spend: Spend, work_ms: int, unit: str) -> int:
    """Return what a chart in that unit draws: picodollars, tokens or milliseconds."""
    if unit == "tokens":
        return spend.usage.total
    return work_ms if unit == "agents" else spend.cost_pico


def figure(spend: Spend, work_ms: int, unit: str) -> str:
    """Return a sum in that unit, with the mark of what its cost lacks."""
    if unit == "tokens":
        return fmt.tokens(spend.usage.total)
    return hours(work_ms) if unit == "agents" else fmt.with_sign(fmt.spend_dollars(spend))


def plain(value: int, unit: str) -> str:
    """Return a bare value in that unit."""
    if unit == "tokens":
        return fmt.tokens(value)
    return hours(value) if unit == "agents" else fmt.with_sign(fmt.dollars(value))


def hours(milliseconds: int) -> str:
    """Return a length of work: `0.4 h`, `12 h`, `1,204 h`; under three minutes in whole minutes."""
    if milliseconds < HOUR_MS // 20:
        return f"{-(-milliseconds // 60_000)} m"
    if milliseconds < 10 * HOUR_MS:
        return f"{milliseconds / HOUR_MS:.1f} h"
    return f"{fmt.count(round(milliseconds / HOUR_MS))} h"


def dollar_tick(pico: int) -> str:
    """Return a value of the y axis: `$20`, `$0.05`, `$1,500`."""
    if pico == 0 or pico % PICO == 0:
        return f"${fmt.count(pico // PICO)}"
    places = 2 if pico % (PICO // 100) == 0 else 4
    return f"${fmt.dollars(pico, places)}"


def token_tick(tokens: int) -> str:
    """Return a value of the y axis: `0`, `500`, `2k`, `50M`."""
    for size, sign in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if tokens >= size:
            return f"{tokens / size:g}{sign}"
    return str(tokens)


def hour_tick(milliseconds: int) -> str:
    """Return a value of the y axis: `0 h`, `0.5 h`, `20 h`."""
    return f"{milliseconds / HOUR_MS:g} h"


def bar_name(answer: History, bar: int, zone: tzinfo) -> str:
    """Return what a bar stands for: `Thu 19 Nov`, `Thu 19 Nov 14:00`, `16 to 22 Nov`."""
    start, end = (_local(edge, zone) for edge in answer.edges_ms[bar : bar + 2])
    match answer.window.unit:
        case "hour":
            return f"{start:%a} {start.day} {start:%b %H:%M}"
        case "week":
            last = _local(answer.edges_ms[bar + 1] - 1, zone)
            month = "" if start.month == last.month else f" {start:%b}"
            return f"{start.day}{month} to {last.day} {last:%b}"
        case "month":
            return f"{start:%b %Y}"
    return f"{start:%a} {start.day} {start:%b}"


def labels_of(answer: History, zone: tzinfo, now_ms: int) -> tuple[tuple[str, ...], ...]:
    """Return rows of words under the bars, the fullest first."""
    edges = answer.edges_ms
    days = [_local(edge, zone) for edge in edges[:-1]]
    match answer.window.unit:
        case "hour":
            full = [f"{d:%H}" if d.hour else f"{d:%a} {d.day}" for d in days]
            rows = [[f"{d:%H}" for d in days], full]
            rows += [[w if d.hour % n == 0 else "" for w, d in zip(full, days, strict=True)]
                     for n in (2, 3, 6, 12)]  # fmt: skip
            rows.append([f"{d:%a}" if d.hour == 0 else "" for d in days])
        case "week":
            full = [f"{d.day} {d:%b}" for d in days]
            rows = [full, *(_every(full, n) for n in (2, 3, 4, 6, 13))]
        case "month":
            rows = [[f"{d:%b %Y}" for d in days]]
            short = [f"{d:%b}" if d.month > 1 else f"{d:%Y}" for d in days]
            rows += [[f"{d:%b}" for d in days], *(_every(short, n) for n in (1, 2, 3, 6))]
        case _:
            rows = _days(days, edges, now_ms)
    return tuple(tuple(row) for row in rows)


def _days(days: Sequence[datetime], edges: Sequence[int], now_ms: int) -> list[list[str]]:
    today = [start <= now_ms < end for start, end in zip(edges, edges[1:], strict=False)]
    words = [
        [f"{d:%a} {d.day}" for d in days],
        [f"{d:%a}" for d in days],
        [f"{d:%a}"[:2] for d in days],
        [str(d.day) for d in days],
    ]
    words[:2] = [
        ["today" if now else word for word, now in zip(row, today, strict=True)]
        for row in words[:2]
    ]
    mondays = [f"{d.day} {d:%b}" if d.weekday() == 0 else "" for d in days]
    return [*words, mondays, _every(mondays, 14), [f"{days[0].day} {days[0]:%b}"] + [""] * (
        len(days) - 1
    )]  # fmt: skip


def _every(words: Sequence[str], step: int) -> list[str]:
    """Return every so many of the words, the last one always."""
    behind = len(words) - 1
    return [word if (behind - place) % step == 0 else "" for place, word in enumerate(words)]


def _local(at_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, zone)
