"""What an agent did when, as far as its log tells: the intervals of one lane of a timeline.

Rules, in the order in which they are applied:

- A turn is open from its start to its end in the log; it ends at the latest where the next begins.
- A turn without an end: to the present if the agent is at work now (`analysis.state`); else to the
  last record that was seen in it. What follows, until the next turn or the present, is *unknown*:
  nothing was written, and no log says that the agent stopped.
- Within a turn the agent is *working*, but *waiting* while a call is open that asks the user (a
  question, a plan) or that the user refused in the end, and *delegating* while a call is open that
  lasts until a subagent is done. A permission that was granted leaves no trace in a log: such a
  wait counts as work.
- Now: where the client's own sign says that it waits for the user, it has since the time of that
  sign, else since its last record.
- Between two turns, and after the last one while it is still open, an agent is *idle*. Whether the
  program was left and taken up again in between, no log tells.
- An agent of which no turn was seen is *unknown* from its first to its last record.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from tokenwatch.model import State


class Kind(StrEnum):
    """What an agent does in an interval."""

    WORKING = "working"
    DELEGATING = "delegating"
    """Working: its turn is open, and it waits for a subagent that it started."""
    WAITING = "waiting"
    """Its turn is open, and it waits for the user."""
    IDLE = "idle"
    UNKNOWN = "unknown"


AT_WORK: Final = (Kind.WORKING, Kind.DELEGATING)
IN_TURN: Final = (*AT_WORK, Kind.WAITING)
"""What counts for how many agents run at once: their turns are open."""


class Interval(NamedTuple):
    """[start, end) of one kind."""

    start_ms: int
    end_ms: int
    kind: Kind


FAR_MS: Final = 1 << 62
"""Later than anything."""
Span = tuple[int, int]
Call = tuple[int, int | None]
"""When a tool was called, and when its result came; None where it never did."""


class Turn(NamedTuple):
    """A turn, as the log has it."""

    start_ms: int
    end_ms: int | None
    seen_ms: int
    """Of the last record known to be in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFacts:
    """What is known of one agent."""

    state: State
    started_ms: int | None
    last_ms: int | None
    ended_ms: int | None = None
    """The client's notice that the agent is done."""
    turns: Sequence[Turn] = ()
    """In the order of their start."""
    asked: Sequence[Call] = ()
    """Calls that asked the user, in any order; they may overlap."""
    delegated: Sequence[Call] = ()
    """Calls that lasted until a subagent was done."""
    sign_ms: int | None = None
    """Since when the client's own sign tells of this state."""


def intervals(facts: LaneFacts, since_ms: int, until_ms: int, now_ms: int) -> tuple[Interval, ...]:
    """Return what the agent did in [since, until), nothing after now: in order, disjoint."""
    until_ms = min(until_ms, now_ms)
    waited, helped = _spans(facts.asked, facts.turns), _spans(facts.delegated, facts.turns)
    found: list[Interval] = []
    if not facts.turns:
        found += _without_turns(facts, now_ms)
    for number, turn in enumerate(facts.turns):
        is_last = number + 1 == len(facts.turns)
        limit = now_ms if is_last else min(now_ms, facts.turns[number + 1].start_ms)
        found += _in_turn(facts, turn, limit, is_last, _Cuts(waited, helped))
        if not is_last and turn.end_ms is not None:
            found.append(Interval(min(turn.end_ms, limit), limit, Kind.IDLE))
    if facts.turns and facts.turns[-1].end_ms is not None:
        found += _after(facts, min(facts.turns[-1].end_ms, now_ms), now_ms)
    return _joined(
        Interval(max(each.start_ms, since_ms), min(each.end_ms, until_ms), each.kind)
        for each in found
    )


def _without_turns(facts: LaneFacts, now_ms: int) -> list[Interval]:
    start = facts.started_ms if facts.started_ms is not None else facts.last_ms
    if start is None:
        return []
    end = now_ms if facts.state is not State.ENDED else max(start, facts.last_ms or start)
    return [Interval(start, min(end, now_ms), Kind.UNKNOWN)]


class _Cuts(NamedTuple):
    """When an agent waited for the user, and when for a subagent."""

    waited: list[Span]
    helped: list[Span]

    def of(self, start: int, end: int) -> list[Interval]:
        """Cut an open turn where the agent waited: for the user before all else."""
        waited, helped = _within(self.waited, start, end), _within(self.helped, start, end)
        edges = sorted({start, end, *(edge for span in (*waited, *helped) for edge in span)})
        return [
            Interval(
                a,
                b,
                Kind.WAITING
                if _covers(waited, a)
                else Kind.DELEGATING
                if _covers(helped, a)
                else Kind.WORKING,
            )
            for a, b in pairwise(edges)
        ]


def _in_turn(
    facts: LaneFacts, turn: Turn, limit: int, is_last: bool, cuts: _Cuts
) -> list[Interval]:
    if turn.end_ms is not None:
        return cuts.of(turn.start_ms, max(turn.start_ms, min(turn.end_ms, limit)))
    if is_last and facts.state in (State.WORKING, State.WAITING):
        waits_since = limit
        if facts.state is State.WAITING:
            waits_since = min(limit, max(turn.start_ms, facts.sign_ms or facts.last_ms or limit))
        return [
            *cuts.of(turn.start_ms, waits_since),
            Interval(waits_since, limit, Kind.WAITING),
        ]
    seen = max(turn.start_ms, min(turn.seen_ms, limit))
    found = cuts.of(turn.start_ms, seen)
    if not is_last or facts.state is not State.ENDED:
        found.append(Interval(seen, limit, Kind.UNKNOWN))
    return found


def _after(facts: LaneFacts, end_ms: int, now_ms: int) -> list[Interval]:
    """Return what follows the end of the last turn."""
    if facts.state is State.ENDED:
        # A subagent is open until its parent is told that it is done.
        return [Interval(end_ms, min(max(end_ms, facts.ended_ms or 0), now_ms), Kind.IDLE)]
    if facts.sign_ms is None or facts.state is State.IDLE:
        return [Interval(end_ms, now_ms, Kind.IDLE)]
    # The client says that it is at it again; its log does not yet.
    since = min(now_ms, max(end_ms, facts.sign_ms))
    kind = Kind.WAITING if facts.state is State.WAITING else Kind.WORKING
    return [Interval(end_ms, since, Kind.IDLE), Interval(since, now_ms, kind)]


def _spans(calls: Iterable[Call], turns: Sequence[Turn]) -> list[Span]:
    """Return when any of the calls was open; one without a result, to the end of its turn."""
    starts = [turn.start_ms for turn in turns]
    spans = []
    for at_ms, done_ms in calls:
        if done_ms is None:
            after = bisect_right(starts, at_ms)
            end = turns[after - 1].end_ms if after else None
            if end is None:
                end = starts[after] if after < len(starts) else FAR_MS
            done_ms = max(at_ms, end)
        spans.append((at_ms, done_ms))
    return merged(spans)


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the parts of disjoint spans in order that lie in [start, end)."""
    first = bisect_right(spans, start, key=lambda span: span[1])
    last = bisect_left(spans, end, key=lambda span: span[0])
    return [(max(start, a), min(end, b)) for a, b in spans[first:last]]


def _covers(spans: Sequence[Span], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the stretches that any of the spans covers, in order, none touching the next."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif end > start:
            result.append((start, end))
    return result


def _joined(parts: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join neighbours of one kind; leave out what is empty."""
    result: list[Interval] = []
    for part in parts:
        start = max(part.start_ms, result[-1].end_ms) if result else part.start_ms
        if part.end_ms <= start:
            continue
        if result and result[-1].kind is part.kind and result[-1].end_ms == start:
            result[-1] = result[-1]._replace(end_ms=part.end_ms)
        else:
            result.append(Interval(start, part.end_ms, part.kind))
    return tuple(result)


def length(parts: Iterable[Interval], *kinds: Kind) -> int:
    """Return the sum of the intervals of these kinds, in milliseconds."""
    return sum(part.end_ms - part.start_ms for part in parts if part.kind in kinds)


class Level(NamedTuple):
    """How many agents were at work at once from then on."""

    at_ms: int
    agents: int


def levels(spans: Iterable[Span]) -> tuple[Level, ...]:
    """Return each change of how many spans are open, in order; touching ends don't overlap.

    Empty spans count for a millisecond, as in `burn.peak`.
    """
    steps: dict[int, int] = {}
    for start, end in spans:
        steps[start] = steps.get(start, 0) + 1
        end = max(start + 1, end)
        steps[end] = steps.get(end, 0) - 1
    result: list[Level] = []
    count = 0
    for at_ms in sorted(steps):
        if steps[at_ms]:
            count += steps[at_ms]
            result.append(Level(at_ms, count))
    return tuple(result)
