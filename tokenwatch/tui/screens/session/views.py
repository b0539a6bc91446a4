"""The tables of the Session screen: which there are, how they are sorted, what their rows open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from tokenwatch import format as fmt
from tokenwatch.answers.breakdown import requests_of
from tokenwatch.answers.moment import Question
from tokenwatch.answers.session import requests, requests_of_agent
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import ExplainedRequest, LogPlace, SessionDetail, SessionRow
from tokenwatch.tui.explanations import (
    Explanation,
    explain_agent,
    explain_request,
    explain_session,
    explain_turn,
)
from tokenwatch.tui.names import agent_name
from tokenwatch.tui.screens.session.agents import AGENT_SORTS, AgentLine
from tokenwatch.tui.screens.session.shares import SHARE_SORTS, ShareLine, explain_share, share_name
from tokenwatch.tui.screens.session.turns import REQUEST_SORTS, TURN_SORTS, RequestLine, TurnLine

VIEWS: Final = ("turns", "agents", "tools", "purposes")
"""What `b` goes through."""
TITLES: Final = {
    "turns": "turns",
    "agents": "agents",
    "tools": "tools",
    "purposes": "MCP, skills, subagents",
}
TABLES: Final = (*VIEWS, "requests")
SORTS: Final = {
    "turns": TURN_SORTS,
    "agents": AGENT_SORTS,
    "tools": SHARE_SORTS,
    "purposes": tuple(sort for sort in SHARE_SORTS if sort != "calls"),
    "requests": REQUEST_SORTS,
}
COLUMN_SORTS: Final = {
    "turns": {"time": "number", "day": "number"},
    "agents": {"agent": "started"},
    "tools": {"part": "cost", "meter": "cost"},
    "purposes": {"part": "cost", "meter": "cost"},
    "requests": {},
}
"""Columns that stand for the sort of another one."""
_WORDS: Final = {
    "number": "time",
    "started": "time",
    "input": "in",
    "whole": "cost with its subagents",
}
_RISING: Final = {"started", "time", "name"}
"""Sorts that begin with the first or smallest."""
LEGENDS: Final = {
    "turns": ("enter: its requests · E: its place in the log",),
    "agents": (
        "● working  ▲ waiting  ◐ idle  ○ ended · in all: its subagents included",
        "● working  ▲ waiting  ◐ idle  ○ ended",
    ),
    "tools": (
        "by the requests that called it; one that called several is divided among its calls",
        "divided among the calls of each request",
    ),
    "purposes": ("each kind adds up to the session's cost · enter: its requests",),
}

NOTHING: Final = {
    "tools": "no request yet",
    "purposes": "no MCP server, skill, plugin or subagent so far",
}
"""What stands in a table of shares that has none."""


def order_of(view: str, sort: str, *, reverse: bool) -> str:
    """Return the words for an order: what by, and whether it falls or rises."""
    rises = (sort in _RISING) != reverse
    return f"by {_WORDS.get(sort, sort)} {'↑' if rises else '↓'}"


def framed(view: str, what: str, sort: str, reverse: bool) -> tuple[str, str, tuple[str, ...]]:
    """Return what a view's border says: title, state and legends. what: how much it holds."""
    order = order_of(view, sort, reverse=reverse)
    if (view, sort, reverse) == ("turns", "number", False):
        order = "newest first"
    after = TITLES[VIEWS[(VIEWS.index(view) + 1) % len(VIEWS)]]
    state = " · ".join(part for part in (what, order, f"b: {after}") if part)
    return TITLES[view], state, LEGENDS[view]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the requests on screen are of."""

    view: str
    """The table it was chosen in."""
    key: str
    """Of its row there."""
    title: str
    note: str
    """What it is, in the user's words; empty where there are none."""
    cost: str
    question: Question[tuple[ExplainedRequest, ...]]


def chosen(session_id: str, line: TurnLine | AgentLine | ShareLine) -> Chosen:
    """Return what is asked for when a row is opened."""
    if isinstance(line, TurnLine):
        turn = line.turn
        return Chosen(
            view="turns",
            key=line.key,
            title=f"turn {turn.number}",
            note=fmt.one_line(turn.title or turn.cause, 60),
            cost=fmt.with_sign(fmt.spend_dollars(turn.spend)),
            question=partial(requests, session_id=session_id, turn_id=turn.id),
        )
    if isinstance(line, AgentLine):
        agent = line.agent
        is_main = agent.kind is AgentKind.MAIN
        return Chosen(
            view="agents",
            key=line.key,
            title="main agent" if is_main else fmt.one_line(agent.name or "agent", 30),
            note="" if is_main else agent_name(agent),
            cost=fmt.with_sign(fmt.spend_dollars(agent.spend)),
            question=partial(requests_of_agent, session_id=session_id, agent_id=agent.id),
        )
    share = line.share
    part = fmt.with_sign(fmt.dollars(share.cost_pico))
    return Chosen(
        view="tools" if share.by.value == "tool" else "purposes",
        key=line.key,
        title=share_name(share),
        note=share.basis.value,
        cost=f"its part {part}" if share.shared else part,
        question=partial(requests_of, session_id=session_id, share=share.key),
    )


Record = TurnLine | AgentLine | ShareLine | RequestLine


def explanation_of(
    row: SessionRow, detail: SessionDetail | None, record: Record | None, whole_pico: int
) -> Explanation:
    """Explain a row, or the session where none is meant.

    whole_pico: what shares add up to.
    """
    match record:
        case RequestLine(request=request):
            return explain_request(request)
        case TurnLine(turn=turn):
            return explain_turn(turn)
        case AgentLine(agent=agent):
            return explain_agent(row, agent, agent.spend, None)
        case ShareLine(share=share):
            return explain_share(share, whole_pico)
        case _:
            return explain_session(row, detail.by_kind if detail else ())


def copied(record: Record | None, session_id: str) -> tuple[str, str]:
    """Return what a row is known by, and what that is; the session's id where it is no more."""
    match record:
        case RequestLine(request=request) if request.file:
            return f"{request.file}:{request.line}", "file and line"
        case RequestLine(request=request):
            return request.id, "request id"
        case AgentLine(agent=agent):
            return agent.key, "agent id"
        case ShareLine(share=share) if share.name is not None:
            return share_name(share), "name"
        case _:
            return session_id, "session id"


def place_in_log(record: Record | None, detail: SessionDetail | None) -> LogPlace | None:
    """Return where the log tells of a row; the session's log where it is nowhere else.

    None where no path is known, or paths are hidden. An agent's log has to be asked for.
    """
    match record:
        case RequestLine(request=request) if request.file:
            return LogPlace(file=request.file, line=request.line)
        case TurnLine(turn=turn) if turn.file:
            return LogPlace(file=turn.file, line=turn.line)
    path = detail.log_path if detail else None
    return None if path is None else LogPlace(file=path)
