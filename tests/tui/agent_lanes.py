"""A day of agents for the Agents screen: invented, at a fixed time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.factories import HOUR, MINUTE, NOW_MS, spend
from tokenwatch.analysis import lanes as analysis
from tokenwatch.analysis.lanes import Interval, Kind
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State

PARSER = "1a2b3c4d-7777-4b0e-8f3e-000000000001"
WEB = "3c0de5a1-7777-4b0e-8f3e-000000000003"
INFRA = "4d11aa02-7777-4b0e-8f3e-000000000004"
LOST = "8155ee06-7777-4b0e-8f3e-000000000008"
MIDNIGHT_MS = NOW_MS - NOW_MS % (24 * HOUR)

_KINDS = {
    "w": Kind.WORKING,
    "d": Kind.DELEGATING,
    "a": Kind.WAITING,
    "i": Kind.IDLE,
    "u": Kind.UNKNOWN,
}


def drawn(*parts: tuple[float, str], until: float = 0) -> tuple[Interval, ...]:
    """Return intervals from (minutes ago, kind's letter), each up to the next."""
    ends = [*(minutes for minutes, _ in parts[1:]), until]
    return tuple(
        Interval(NOW_MS - int(start * MINUTE), NOW_MS - int(end * MINUTE), _KINDS[kind])
        for (start, kind), end in zip(parts, ends, strict=True)
        if kind != " "
    )


def lane(
    session_id: str,
    intervals: Sequence[Interval],
    cents: float = 0,
    *,
    id: str | None = None,
    state: State = State.ENDED,
    **more: Any,
) -> Lane:
    """Return a lane, a main agent's unless there is an `id`."""
    parts = tuple(intervals)
    made = Lane(
        key=session_id if id is None else f"{session_id}/{id}",
        session_id=session_id,
        agent_id=id or session_id,
        parent_key=None if id is None else session_id,
        kind=AgentKind.MAIN if id is None else AgentKind.SUBAGENT,
        source="claude-code",
        project="/home/dev/src/tokenwatch",
        title="parser tests",
        name=None if id is None else "explore",
        task=None if id is None else "survey the readers",
        model="claude-opus-4-8",
        state=state,
        started_ms=parts[0].start_ms if parts else None,
        last_ms=parts[-1].end_ms if parts else None,
        turns=3,
        asked=0,
        waiting_for=None,
        spend=spend(cents) if cents else NO_SPEND,
        intervals=parts,
    )
    return replace(made, **more)


def day() -> tuple[Lane, ...]:
    """Return all states and kinds, both sources, subagents two deep, an auxiliary lane."""
    main = drawn((150, "w"), (120, "d"), (100, "w"), (80, "i"), (40, "w"))
    web = drawn((90, "w"), (60, "i"), (30, "w"), (6, "a"))
    infra = drawn((200, "w"), (180, "i"), (175, "w"), (160, "i"))
    lost = drawn((340, "w"), (330, "u"), (310, "w"), until=300)
    haiku = {"model": "claude-haiku-4-5-20251001", "name": "review", "task": "check the edges"}
    return (
        lane(PARSER, main, 431, state=State.WORKING),
        lane(PARSER, drawn((120, "w"), until=100), 12, id="a1"),
        lane(PARSER, drawn((110, "w"), until=104), 2, id="a2", parent_key=f"{PARSER}/a1", **haiku),
        lane(PARSER, drawn((118, "w"), until=108), 9, id="a3"),
        lane(PARSER, drawn((20, "w")), 30, id="a4", state=State.WORKING, **haiku),
        lane(
            PARSER, (), 1, id="*auxiliary", kind=AgentKind.AUXILIARY, name=None, task=None,
            model=None, state=State.IDLE,
        ),
        lane(
            WEB, web, 138, state=State.WAITING, title="dark mode", project="/home/dev/src/web",
            waiting_for="permission prompt", asked=2, model="claude-sonnet-5",
        ),
        lane(
            INFRA, infra, 61, state=State.IDLE, source="codex", title="terraform plan",
            project="/home/dev/src/infra", model="gpt-5.5-codex",
        ),
        lane(
            LOST, lost, state=State.ENDED, title=None, project="/home/dev/src/lab",
            spend=Spend(requests=9, unpriced_requests=9), model="local-qwen4-coder",
        ),
    )  # fmt: skip


def answer(lanes: Sequence[Lane] | None = None, **more: Any) -> Lanes:
    """Return an answer for today; `more` are fields of it."""
    own = day() if lanes is None else tuple(lanes)
    spans = [part[:2] for each in own for part in each.intervals if part.kind in analysis.IN_TURN]
    made = Lanes(
        since_ms=MIDNIGHT_MS,
        until_ms=NOW_MS,
        now_ms=NOW_MS,
        lanes=own,
        levels=analysis.levels(spans),
    )
    return replace(made, **more)


def answered(
    since_ms: int | None,
    until_ms: int | None,
    source: str | None = None,
    session_id: str | None = None,
) -> Lanes:
    """Answer the question of `answers.lanes` from the invented day."""
    shown = [x for x in day() if source in (None, x.source) and session_id in (None, x.session_id)]
    if until_ms is not None and session_id is None:
        return answer((), since_ms=since_ms or 0, until_ms=until_ms)
    return answer(shown)
