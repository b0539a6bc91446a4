"""Turns, agents and requests of a session → cells of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import PurePath
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.model import AgentKind, Spend, State
from tokenwatch.snapshot import AgentRow, ExplainedRequest, SessionRow, TurnRow
from tokenwatch.tui.live_rows import agent_name
from tokenwatch.tui.themes import STATE_GLYPH, Ink
from tokenwatch.tui.widgets.record_table import Column

TURN_COLUMNS: Final = (
    Column(key="number", title="#", width=4, right=True),
    Column(key="time", title="time", width=6),
    Column(key="title", title="prompt", width=0, least=22),
    Column(key="requests", title="req", width=4, right=True, drop=5),
    Column(key="tools", title="tools", width=5, right=True, drop=3),
    Column(key="context", title="context", width=7, right=True, drop=7),
    Column(key="cache", title="cache", width=5, right=True, drop=4),
    Column(key="out", title="out", width=6, right=True, drop=6),
    Column(key="cost", title="cost $", width=8, right=True),
    Column(key="flag", title=" flag", width=14, drop=2),
)
AGENT_COLUMNS: Final = (
    Column(key="state", title=" ", width=1),
    Column(key="agent", title="agent", width=0, least=24),
    Column(key="word", title="state", width=8, drop=4),
    Column(key="model", title="model", width=13, drop=5),
    Column(key="started", title="began", width=6, drop=6),
    Column(key="requests", title="req", width=4, right=True, drop=7),
    Column(key="tokens", title="tokens", width=7, right=True, drop=2),
    Column(key="cache", title="cache", width=5, right=True, drop=3),
    Column(key="out", title="out", width=6, right=True, drop=8),
    Column(key="cost", title="cost $", width=8, right=True),
)
REQUEST_COLUMNS: Final = (
    Column(key="time", title="time", width=8),
    Column(key="model", title="model", width=13, drop=2),
    Column(key="input", title="in", width=6, right=True, drop=4),
    Column(key="read", title="read", width=6, right=True, drop=5),
    Column(key="write", title="write", width=6, right=True, drop=6),
    Column(key="out", title="out", width=6, right=True, drop=3),
    Column(key="rate", title="$/M in/out", width=11, right=True, drop=7),
    Column(key="cost", title="cost $", width=9, right=True),
    Column(key="place", title=" log file and line", width=0, least=26, drop=1),
)
TURN_SORTS: Final = ("number", "cost", "requests", "tools", "context", "cache", "out")
AGENT_SORTS: Final = ("started", "cost", "tokens", "requests", "out")
SORT_WORDS: Final = {"number": "time", "started": "time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """A turn as a row."""

    turn: TurnRow

    @property
    def key(self) -> str:
        return self.turn.id


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent as a row; all kinds have one, auxiliary agents included."""

    agent: AgentRow

    @property
    def key(self) -> str:
        return self.agent.key


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """A request as a row."""

    request: ExplainedRequest

    @property
    def key(self) -> str:
        return self.request.id


def turn_lines(turns: Sequence[TurnRow], sort: str, reverse: bool) -> list[TurnLine]:
    """Return the turns, the largest or latest first unless `reverse`."""

    def value(turn: TurnRow) -> float:
        return {
            "cost": turn.spend.cost_pico,
            "requests": turn.spend.requests,
            "tools": turn.tools,
            "context": turn.context or 0,
            "cache": turn.spend.usage.cache_hit_share or 0.0,
            "out": turn.spend.usage.output,
        }.get(sort, turn.number)

    latest_first = sorted(turns, key=lambda t: -t.number)
    return [TurnLine(turn=t) for t in sorted(latest_first, key=value, reverse=not reverse)]


def agent_lines(row: SessionRow, sort: str, reverse: bool) -> list[AgentLine]:
    """Return the agents; by time they begin with the main agent."""

    def value(agent: AgentRow) -> int:
        return {
            "cost": agent.spend.cost_pico,
            "tokens": agent.spend.usage.total,
            "requests": agent.spend.requests,
            "out": agent.spend.usage.output,
        }.get(sort, 0)

    if sort == "started":
        ordered = list(row.agents)
        return [AgentLine(agent=a) for a in (reversed(ordered) if reverse else ordered)]
    return [AgentLine(agent=a) for a in sorted(row.agents, key=value, reverse=not reverse)]


def paint_turn(line: TurnLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of the turns' table."""
    turn = line.turn
    match column:
        case "number":
            return Text(fmt.count(turn.number), ink.quiet)
        case "time":
            return Text(fmt.clock(turn.at_ms, zone, now_ms), ink.quiet)
        case "title":
            title = fmt.one_line(turn.title, 200) if turn.title else fmt.clean(turn.cause)
            return Text(title, ink.text if turn.title else ink.quiet)
        case "requests":
            return Text(fmt.count(turn.spend.requests), ink.text)
        case "tools":
            return Text(fmt.count(turn.tools), ink.text)
        case "context":
            return Text(fmt.tokens(turn.context), ink.text)
        case "flag":
            return _turn_flag(turn, ink)
    return _spend_cell(turn.spend, column, ink)


def _turn_flag(turn: TurnRow, ink: Ink) -> Text:
    if turn.flags:
        return Text(f" ▲ {fmt.one_line(turn.flags[0], 12)}", ink.watch)
    if turn.how is None:
        return Text(" ● open", ink.good)
    if turn.how == "failed":
        return Text(" ■ failed", ink.act)
    return Text("" if turn.how == "completed" else f" ○ {fmt.clean(turn.how)}", ink.quiet)


def paint_agent(line: AgentLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of the agents' table."""
    agent = line.agent
    style = ink.quiet if agent.state is State.ENDED else ink.text
    match column:
        case "state":
            return Text(STATE_GLYPH[agent.state], ink.state(agent.state))
        case "agent":
            return _agent_cell(agent, ink)
        case "word":
            return Text(agent.state.value, ink.state(agent.state))
        case "model":
            return Text(fmt.clean(fmt.model_name(agent.model)), style)
        case "started":
            return Text(fmt.clock(agent.started_ms, zone, now_ms), ink.quiet)
        case "requests":
            return Text(fmt.count(agent.spend.requests), style)
        case "tokens":
            return Text(fmt.tokens(agent.spend.usage.total), style)
    return _spend_cell(agent.spend, column, ink)


def _agent_cell(agent: AgentRow, ink: Ink) -> Text:
    if agent.kind is AgentKind.MAIN:
        return Text("main agent", ink.strong)
    branch = "· " if agent.kind is AgentKind.AUXILIARY else "  " * (max(1, agent.depth) - 1) + "└ "
    return Text.assemble((branch, ink.quiet), (agent_name(agent), ink.text))


def paint_request(line: RequestLine, column: str, ink: Ink, zone: tzinfo) -> Text:
    """Return one cell of the requests' table."""
    request, usage = line.request, line.request.usage
    tokens = {
        "input": usage.input,
        "read": usage.cache_read,
        "write": usage.cache_write_5m + usage.cache_write_1h,
        "out": usage.output,
    }
    if column in tokens:
        return Text(fmt.tokens(tokens[column]) if tokens[column] else "–", ink.text)
    match column:
        case "time":
            return Text(fmt.time_of_day(request.at_ms, zone), ink.quiet)
        case "model":
            return Text(fmt.clean(fmt.model_name(request.model)), ink.text)
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


def _spend_cell(spend: Spend, column: str, ink: Ink) -> Text:
    match column:
        case "cache":
            return Text(fmt.share(spend.usage.cache_hit_share), ink.text)
        case "out":
            return Text(fmt.tokens(spend.usage.output), ink.text)
        case "cost":
            style = ink.watch if spend.cost_or_none is None else ink.text
            return Text(fmt.spend_dollars(spend), style)
    return Text("")
