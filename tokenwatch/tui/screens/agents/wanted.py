"""What the Agents screen is to show: a stretch of time, one source, or one session."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import NamedTuple

from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.answers.lanes import lanes
from tokenwatch.answers.moment import Question
from tokenwatch.answers.timeline import Lanes
from tokenwatch.model import AgentKind
from tokenwatch.tui.screens.agents.lanes import SORT_WORDS


class Wanted(NamedTuple):
    """What is to be shown."""

    period: Period = Period("today")
    source: str | None = None
    session_id: str | None = None

    def question(self, now_ms: int, zone: tzinfo) -> Question[Lanes]:
        """Return the question for it; a session's is about all its time."""
        since, until = (None, None) if self.session_id else self.period.span(now_ms, zone)
        return partial(
            lanes,
            since_ms=since,
            until_ms=until,
            source=self.source,
            session_id=self.session_id,
        )

    def hint(self, answer: Lanes | None) -> str:
        """Return what stands where no lane is."""
        if answer is None:
            return "reading…"
        if self.source:
            return f"no agent of {fmt.source_name(self.source)} · a shows all sources"
        return "no agent was at work · [ goes back"

    def words(self, answer: Lanes, sort: str, is_reversed: bool, now_ms: int, zone: tzinfo) -> str:
        """Return which stretch it is, how many agents, and in what order."""
        shown = sum(lane.kind is not AgentKind.AUXILIARY for lane in answer.lanes)
        number = fmt.count(shown)
        if answer.left_out:
            number = f"latest {number} of {fmt.count(shown + answer.left_out)}"
        stretch = "session" if self.session_id else self.period.words(now_ms, zone)
        return f"{stretch} · {number} · by {SORT_WORDS[sort]} {'↑' if is_reversed else '↓'}"
