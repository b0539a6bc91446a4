"""Agents of a session → a tree: order, branches, sums with descendants, and each cell's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import reduce
from operator import add
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.export.sheets import Cell
from tokenwatch.model import AgentKind, Spend, State
from tokenwatch.snapshot import AgentRow, SessionRow
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import STATE_GLYPH, Ink
from tokenwatch.tui.names import agent_name
from tokenwatch.tui.screens.session.turns import spend_cell
from tokenwatch.tui.widgets.record_table import Column

AGENT_COLUMNS: Final = (
    Column(key="state", title=" ", width=1),
    Column(key="agent", title="agent and its task", width=0, least=34),
    Column(key="word", title="state", width=8, drop=4),
    Column(key="model", title="model", width=13, drop=6),
    Column(key="started", title="began", width=6, drop=7),
    Column(key="ran", title="ran", width=7, right=True, drop=8),
    Column(key="requests", title="req", width=4, right=True, drop=5),
    Column(key="context", title="context", width=7, right=True, drop=11),
    Column(key="tokens", title="tokens", width=7, right=True, drop=2),
    Column(key="cache", title="cache", width=5, right=True, drop=3),
    Column(key="out", title="out", width=6, right=True, drop=9),
    Column(key="hour", title="$/h", width=6, right=True, drop=10),
    Column(key="cost", title="own $", width=8, right=True),
    Column(key="whole", title="in all $", width=8, right=True, drop=1),
)
AGENT_SORTS: Final = ("started", "cost", "whole", "tokens", "requests", "out", "ran")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent as a row; all kinds have one, auxiliary agents included."""

    agent: AgentRow
    branch: str
    """What is drawn ahead of its name: where it hangs in the tree."""
    whole: Spend
    """Its own and that of all its descendants."""

    @property
    def key(self) -> str:
        return self.agent.key

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        agent = self.agent
        return {
            "id": agent.key,
            "parent": agent.parent_id or "",
            "kind": agent.kind.value,
            "cost_is": exact.mark_of(agent.spend),
        }

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        agent = self.agent
        match column:
            case "state" | "word":
                return agent.state.value
            case "agent":
                return "main agent" if agent.kind is AgentKind.MAIN else agent_name(agent)
            case "model":
                return agent.model or ""
            case "started":
                return exact.time(agent.started_ms)
            case "ran":
                return exact.number(_ran_ms(agent))
            case "context":
                return exact.number(agent.context_used)
            case "hour":
                return exact.money(agent.burn_pico_per_hour or 0)
            case "whole":
                return exact.money(self.whole.cost_or_none)
        return exact.of_spend(agent.spend, column)


@dataclass(slots=True)
class _Node:
    agent: AgentRow
    whole: Spend
    children: list[_Node]


def agent_lines(row: SessionRow, sort: str, reverse: bool) -> list[AgentLine]:
    """Return the agents as a tree; the order is that among the children of one parent.

    By time the first began first, by anything else the largest is first, unless `reverse`.
    """
    value = _value(sort)
    backwards = reverse if sort == "started" else not reverse

    def lines(nodes: Sequence[_Node], trunk: str) -> Iterator[AgentLine]:
        ordered = sorted(nodes, key=value, reverse=backwards)
        for at, node in enumerate(ordered):
            is_last = at == len(ordered) - 1
            branch = trunk + ("└ " if is_last else "├ ")
            yield AgentLine(agent=node.agent, branch=branch, whole=node.whole)
            yield from lines(node.children, trunk + ("  " if is_last else "│ "))

    found = []
    for root in _roots(row.agents):
        found.append(AgentLine(agent=root.agent, branch="", whole=root.whole))
        found += lines(root.children, "")
    return found


def _value(sort: str) -> Callable[[_Node], int]:
    def value(node: _Node) -> int:
        agent = node.agent
        return {
            "cost": agent.spend.cost_pico,
            "whole": node.whole.cost_pico,
            "tokens": agent.spend.usage.total,
            "requests": agent.spend.requests,
            "out": agent.spend.usage.output,
            "ran": _ran_ms(agent) or 0,
        }.get(sort, agent.started_ms or 0)

    return value


def _roots(agents: Sequence[AgentRow]) -> list[_Node]:
    """Hang every agent under its parent, or under the main one where that is not there."""
    nodes = {agent.id: _Node(agent, agent.spend, []) for agent in agents}
    main = next((a.id for a in agents if a.kind is AgentKind.MAIN), None)
    roots = []
    for agent in agents:
        parent = agent.parent_id if agent.parent_id in nodes else main
        if agent.id == main or parent is None or _is_below(parent, agent.id, nodes, main):
            roots.append(nodes[agent.id])
        else:
            nodes[parent].children.append(nodes[agent.id])
    for root in roots:
        _sum_up(root)
    return roots


def _is_below(agent_id: str, above: str, nodes: dict[str, _Node], main: str | None) -> bool:
    """Tell whether an agent descends from another one, or is it: no tree can hold that."""
    at: str | None = agent_id
    for _ in range(len(nodes) + 1):
        if at == above:
            return True
        if at is None or at == main or at not in nodes:
            return False
        at = nodes[at].agent.parent_id
    return True


def _sum_up(node: _Node) -> Spend:
    node.whole = reduce(add, (_sum_up(child) for child in node.children), node.agent.spend)
    return node.whole


def _ran_ms(agent: AgentRow, now_ms: int | None = None) -> int | None:
    """Return how long it has run; up to its last record where it ended."""
    if agent.started_ms is None or agent.last_ms is None:
        return None
    is_over = agent.state in (State.ENDED, State.IDLE) or now_ms is None
    return max(0, (agent.last_ms if is_over or now_ms is None else now_ms) - agent.started_ms)


def paint_agent(line: AgentLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of the agents' table."""
    agent = line.agent
    style = ink.quiet if agent.state is State.ENDED else ink.text
    match column:
        case "state":
            return Text(STATE_GLYPH[agent.state], ink.state(agent.state))
        case "agent":
            return _agent_cell(line, ink)
        case "word":
            return Text(agent.state.value, ink.state(agent.state))
        case "model":
            return Text(fmt.clean(fmt.model_name(agent.model)), style)
        case "started":
            started = agent.started_ms
            return Text("–" if started is None else fmt.time_of_day(started, zone)[:5], ink.quiet)
        case "ran":
            ran = _ran_ms(agent, now_ms)
            return Text("–" if ran is None else fmt.span(ran), style)
        case "requests":
            return Text(fmt.count(agent.spend.requests), style)
        case "context":
            return Text(fmt.tokens(agent.context_used), style)
        case "tokens":
            return Text(fmt.tokens(agent.spend.usage.total), style)
        case "hour":
            burn = agent.burn_pico_per_hour
            return Text(fmt.dollars(burn), ink.text) if burn else Text("–", ink.quiet)
        case "whole":
            return spend_cell(line.whole, "cost", ink)
    return spend_cell(agent.spend, column, ink)


def _agent_cell(line: AgentLine, ink: Ink) -> Text:
    agent = line.agent
    if agent.kind is AgentKind.MAIN:
        return Text("main agent", ink.strong)
    name = agent_name(agent)
    style = ink.quiet if agent.kind is AgentKind.AUXILIARY else ink.text
    return Text.assemble((line.branch, ink.quiet), (name, style))
