"""What the question of `lanes` is answered with. Light to import: a start needs it."""

from __future__ import annotations

from dataclasses import dataclass

from tokenwatch.analysis import lanes as analysis
from tokenwatch.analysis.lanes import Interval, Kind, Level
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One agent in the stretch; the auxiliary agents of a session share one, without intervals."""

    key: str
    """The session's id for its main agent, else `session/agent`."""
    session_id: str
    agent_id: str
    parent_key: str | None
    """Of the agent that started it; None for a main agent."""
    kind: AgentKind
    source: str
    project: str | None
    title: str | None
    name: str | None
    task: str | None
    model: str | None
    state: State
    started_ms: int | None
    last_ms: int | None
    turns: int
    """That began in the stretch."""
    asked: int
    """Calls in the stretch that waited for the user: questions, plans, refusals."""
    waiting_for: str | None
    """What it waits for now, in the client's words."""
    spend: Spend
    """In the stretch."""
    intervals: tuple[Interval, ...]

    @property
    def work_ms(self) -> int:
        """Time at work, that of waiting for its subagents included."""
        return analysis.length(self.intervals, *analysis.AT_WORK)

    @property
    def waited_ms(self) -> int:
        """Time in which it waited for the user, as far as the log tells."""
        return analysis.length(self.intervals, Kind.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """All agents of a stretch."""

    since_ms: int
    """Where the stretch begins; without a beginning, at its first record."""
    until_ms: int
    now_ms: int
    lanes: tuple[Lane, ...] = ()
    """Latest session first; in it the main agent first, then in the order of their start."""
    levels: tuple[Level, ...] = ()
    """How many agents were at work at once, those without a lane included."""
    left_out: int = 0
    """Agents without a lane: there are too many."""
    left_out_spend: Spend = NO_SPEND
    """All spend of the stretch that no lane has."""

    @property
    def is_present(self) -> bool:
        """Whether the stretch reaches to now."""
        return self.until_ms >= self.now_ms

    @property
    def peak(self) -> Level | None:
        """The most agents at once, and when that was so first; None without any."""
        return max(self.levels, key=lambda level: level.agents, default=None)
