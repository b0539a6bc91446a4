"""Turns and requests of a session → rows and cells of its tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.export.sheets import Cell
from tokenwatch.model import Spend, Usage
from tokenwatch.snapshot import ExplainedRequest, TurnRow
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.record_table import Column

if TYPE_CHECKING:
    from tokenwatch.answers.waste_view import Mark

_NUMBER = Column(key="number", title="#", width=4, right=True)
_TIME = Column(key="time", title="time", width=6, drop=1)
_REQUESTS = Column(key="requests", title="req", width=4, right=True, drop=5)
_TOOLS = Column(key="tools", title="tools", width=5, right=True, drop=3)
_CONTEXT = Column(key="context", title="context", width=7, right=True, drop=7)
_CACHE = Column(key="cache", title="cache", width=5, right=True, drop=4)
_OUT = Column(key="out", title="out", width=6, right=True, drop=6)
_COST = Column(key="cost", title="cost $", width=8, right=True)
_FLAG = Column(key="flag", title=" flag", width=13, drop=2)
TURN_COLUMNS: Final = (
    *(_NUMBER, _TIME, Column(key="title", title="prompt", width=0, least=27)),
    *(_REQUESTS, _TOOLS, _CONTEXT, _CACHE, _OUT, _COST, _FLAG),
)
WIDE_TURN_COLUMNS: Final = (
    *(_NUMBER, Column(key="day", title="day", width=6, drop=14), _TIME),
    Column(key="title", title="prompt", width=0, least=44),
    Column(key="model", title="model", width=13, drop=9),
    Column(key="took", title="took", width=7, right=True, drop=8),
    *(_REQUESTS, _TOOLS, _CONTEXT),
    Column(key="input", title="in", width=6, right=True, drop=13),
    Column(key="read", title="read", width=6, right=True, drop=11),
    Column(key="write", title="write", width=6, right=True, drop=12),
    *(_CACHE, _OUT, Column(key="lines", title="lines +−", width=10, right=True, drop=10)),
    *(_COST, _FLAG),
)
WIDE: Final = 140
"""On wider screens turns have more columns."""
REQUEST_COLUMNS: Final = (
    Column(key="time", title="time", width=8),
    Column(key="model", title="model", width=13, drop=2),
    Column(key="input", title="in", width=6, right=True, drop=4),
    Column(key="read", title="read", width=6, right=True, drop=5),
    Column(key="write", title="write", width=6, right=True, drop=6),
    Column(key="out", title="out", width=6, right=True, drop=3),
    Column(key="what", title="made for", width=24, drop=8),
    Column(key="rate", title="$/M in/out", width=11, right=True, drop=7),
    Column(key="cost", title="cost $", width=9, right=True),
    Column(key="place", title=" log file and line", width=0, least=26, drop=1),
)
TURN_SORTS: Final = ("number", "cost", "requests", "tools", "context", "cache", "out", "took")
REQUEST_SORTS: Final = ("time", "cost", "input", "read", "write", "out")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """A turn as a row."""

    turn: TurnRow

    @property
    def key(self) -> str:
        return self.turn.id

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"id": self.turn.id, "cost_is": exact.mark_of(self.turn.spend)}

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        turn = self.turn
        match column:
            case "day" | "time":
                return exact.time(turn.at_ms)
            case "number" | "tools":
                return turn.number if column == "number" else turn.tools
            case "title":
                return turn.title or turn.cause
            case "context":
                return exact.number(turn.context)
            case "model":
                return turn.model or ""
            case "took":
                return exact.number(_took_ms(turn))
            case "lines":
                return f"+{turn.lines_added} -{turn.lines_removed}"
            case "flag":
                return exact.names((turn.how or "open", *turn.flags))
        return exact.of_spend(turn.spend, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """A request as a row."""

    request: ExplainedRequest

    @property
    def key(self) -> str:
        return self.request.id

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        request = self.request
        at_least = "at least" if request.lower_bound else ""
        return {"id": request.id, "agent": request.agent_id, "cost_is": at_least or request.basis}

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        request = self.request
        match column:
            case "time":
                return exact.time(request.at_ms)
            case "model":
                return request.model or ""
            case "cost":
                return exact.money(request.cost_pico)
            case "what":
                return exact.names([f"{word} {name}" for word, name in request.made_for.items()])
            case "place":
                return "" if request.file is None else f"{request.file}:{request.line or '?'}"
        return exact.of_usage(request.usage, column)


def turn_lines(
    turns: Sequence[TurnRow], sort: str, reverse: bool, only: frozenset[str] | None = None
) -> list[TurnLine]:
    """Return the turns, the largest or latest first unless `reverse`.

    only: ids of those to be shown; None for all.
    """

    def value(turn: TurnRow) -> float:
        return {
            "cost": turn.spend.cost_pico,
            "requests": turn.spend.requests,
            "tools": turn.tools,
            "context": turn.context or 0,
            "cache": turn.spend.usage.cache_hit_share or 0.0,
            "out": turn.spend.usage.output,
            "took": _took_ms(turn) or 0,
        }.get(sort, turn.number)

    shown = [turn for turn in turns if only is None or turn.id in only]
    latest_first = sorted(shown, key=lambda t: -t.number)
    return [TurnLine(turn=t) for t in sorted(latest_first, key=value, reverse=not reverse)]


def request_lines(
    requests: Sequence[ExplainedRequest], sort: str, reverse: bool
) -> list[RequestLine]:
    """Return the requests, the first or largest first unless `reverse`."""

    def value(request: ExplainedRequest) -> int:
        return request.cost_pico or 0 if sort == "cost" else kinds_of(request.usage)[sort]

    if sort == "time":
        ordered = list(reversed(requests)) if reverse else list(requests)
    else:
        ordered = sorted(requests, key=value, reverse=not reverse)
    return [RequestLine(request=request) for request in ordered]


def kinds_of(usage: Usage) -> dict[str, int]:
    """Return tokens by the column that shows them."""
    return {
        "input": usage.input,
        "read": usage.cache_read,
        "write": usage.cache_write_5m + usage.cache_write_1h,
        "out": usage.output,
    }


def _took_ms(turn: TurnRow) -> int | None:
    return None if turn.ended_ms is None else max(0, turn.ended_ms - turn.at_ms)


def paint_turn(line: TurnLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of the turns' table."""
    turn = line.turn
    match column:
        case "number":
            return Text(fmt.count(turn.number), ink.quiet)
        case "time":
            return Text(fmt.time_of_day(turn.at_ms, zone)[:5], ink.quiet)
        case "day":
            day = fmt.clock(turn.at_ms, zone, now_ms)
            return Text("today" if ":" in day else day, ink.quiet)
        case "title":
            title = fmt.one_line(turn.title, 200) if turn.title else fmt.clean(turn.cause)
            return Text(title, ink.text if turn.title else ink.quiet)
        case "requests":
            return Text(fmt.count(turn.spend.requests), ink.text)
        case "tools":
            return Text(fmt.count(turn.tools), ink.text)
        case "context":
            return Text(fmt.tokens(turn.context), ink.text)
        case "input" | "read" | "write":
            tokens = kinds_of(turn.spend.usage)[column]
            return Text(fmt.tokens(tokens) if tokens else "–", ink.quiet)
        case "took":
            took = _took_ms(turn)
            return Text("" if took is None else fmt.span(took), ink.quiet)
        case "model":
            return Text(fmt.clean(fmt.model_name(turn.model)) if turn.model else "", ink.quiet)
        case "lines":
            return _lines_cell(turn, ink)
        case "flag":
            return _turn_flag(turn, ink)
    return spend_cell(turn.spend, column, ink)


def _lines_cell(turn: TurnRow, ink: Ink) -> Text:
    if not turn.lines_added and not turn.lines_removed:
        return Text("–", ink.quiet)
    return Text(f"+{fmt.count(turn.lines_added)} −{fmt.count(turn.lines_removed)}", ink.text)


def turn_at(turns: Sequence[TurnRow], at_ms: int | None) -> TurnRow | None:
    """Return the turn that an instant lies in, each reaching to the next; None before the first."""
    if at_ms is None:
        return None
    place = bisect_right(turns, at_ms, key=lambda turn: turn.at_ms) - 1
    return turns[place] if place >= 0 else None


def marked(turns: Sequence[TurnRow], marks: Iterable[Mark]) -> tuple[TurnRow, ...]:
    """Return the turns with what was found in them ahead of their flags."""
    words: dict[str, list[str]] = {}
    for mark in marks:
        turn = turn_at(turns, mark.at_ms)
        if turn is not None and mark.words not in words.setdefault(turn.id, []):
            words[turn.id].append(mark.words)
    return tuple(
        replace(turn, flags=(*words[turn.id], *(f for f in turn.flags if f not in words[turn.id])))
        if turn.id in words
        else turn
        for turn in turns
    )


_NO_WORRY = frozenset({"commit"})
"""Flags that only tell what came out."""
_URGENT = frozenset({"error", "loop", "attempts"})
"""Flags of what failed, or could have been stopped."""


def turn_mark(turn: TurnRow) -> str:
    """Return the glyph of what deserves a look in a turn: ■ failed or goes on, ▲ other, or ""."""
    if turn.how == "failed" or _URGENT.intersection(turn.flags):
        return "■"
    return "▲" if set(turn.flags) - _NO_WORRY else ""


def turn_word(turn: TurnRow) -> str:
    """Return what that is, and how many more there are; else how the turn ended, if unusual."""
    flags = sorted(turn.flags, key=_NO_WORRY.__contains__)
    if turn.how == "failed":
        flags.insert(0, "failed")
    if flags:
        more = f" +{len(flags) - 1}" if len(flags) > 1 else ""
        return fmt.one_line(flags[0], 11 - len(more)) + more
    if turn.how is None:
        return "open"
    return "" if turn.how == "completed" else fmt.clean(turn.how)


def _turn_flag(turn: TurnRow, ink: Ink) -> Text:
    mark, word = turn_mark(turn), turn_word(turn)
    if mark:
        return Text(f" {mark} {word}", ink.act if mark == "■" else ink.watch)
    if turn.how is None and not turn.flags:
        return Text(f" ● {word}", ink.good)
    return Text(f" ○ {word}" if word else "", ink.quiet)


def paint_request(line: RequestLine, column: str, ink: Ink, zone: tzinfo) -> Text:
    """Return one cell of the requests' table."""
    request = line.request
    tokens = kinds_of(request.usage)
    if column in tokens:
        return Text(fmt.tokens(tokens[column]) if tokens[column] else "–", ink.text)
    match column:
        case "time":
            return Text(fmt.time_of_day(request.at_ms, zone), ink.quiet)
        case "model":
            return Text(fmt.clean(fmt.model_name(request.model)), ink.text)
        case "what":
            return Text(" ".join(fmt.one_line(n, 24) for n in request.made_for.values()), ink.quiet)
        case "rate":
            rates = [request.rates[kind] for kind in ("input", "output") if kind in request.rates]
            return Text(" / ".join(rates) or "–", ink.quiet)
        case "cost":
            mark = "~" if request.basis == "estimated" else "≥" if request.lower_bound else ""
            style = ink.watch if request.cost_pico is None else ink.text
            text = fmt.dollars(request.cost_pico, 4)
            return Text(text if text[0] in "<?" else mark + text, style)
        case "place":
            if request.file is None:
                return Text(" –", ink.quiet)
            name = _short_name(PurePath(request.file))
            return Text(f" {name}:{request.line or '?'}", ink.quiet)
    return Text("")


def _short_name(file: PurePath) -> str:
    """Return a log's name with the middle of a long id left out, so that the line number fits."""
    stem = file.stem if len(file.stem) <= 16 else f"{file.stem[:8]}…{file.stem[-4:]}"
    return fmt.clean(stem + file.suffix)


def spend_cell(spend: Spend, column: str, ink: Ink) -> Text:
    """Return what a spend has in a column of shares, output or cost."""
    match column:
        case "cache":
            return Text(fmt.share(spend.usage.cache_hit_share), ink.text)
        case "out":
            return Text(fmt.tokens(spend.usage.output), ink.text)
        case "cost":
            style = ink.watch if spend.cost_or_none is None else ink.text
            return Text(fmt.spend_dollars(spend), style)
    return Text("")
