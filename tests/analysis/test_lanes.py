"""What an agent did when: intervals of any log are in order, apart, and within what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.analysis import burn, lanes
from tokenwatch.analysis.lanes import Interval, Kind, LaneFacts, Turn
from tokenwatch.model import State

NOW = 10_000
W, D, A, I, U = Kind.WORKING, Kind.DELEGATING, Kind.WAITING, Kind.IDLE, Kind.UNKNOWN  # noqa: E741


def facts(*turns: Turn, state: State = State.ENDED, **more: object) -> LaneFacts:
    """Return facts of an agent that began with its first turn."""
    values: dict[str, object] = {
        "started_ms": turns[0].start_ms if turns else None,
        "last_ms": turns[-1].seen_ms if turns else None,
        **more,
    }
    return LaneFacts(state=state, turns=turns, **values)  # type: ignore[arg-type]


def shown(known: LaneFacts, since: int = 0, until: int = NOW) -> list[tuple[int, int, Kind]]:
    return [tuple(part) for part in lanes.intervals(known, since, until, NOW)]  # type: ignore[misc]


CLOSED = (Turn(1000, 2000, 2000), Turn(5000, 6000, 6000))
OPEN = (Turn(1000, 2000, 2000), Turn(5000, None, 6000))


@pytest.mark.parametrize(
    ("known", "want"),
    [
        # After its last turn an agent that has ended does nothing, one still open is idle.
        (facts(*CLOSED), [(1000, 2000, W), (2000, 5000, I), (5000, 6000, W)]),
        (
            facts(*CLOSED, state=State.IDLE),
            [(1000, 2000, W), (2000, 5000, I), (5000, 6000, W), (6000, NOW, I)],
        ),
        (
            facts(*CLOSED, ended_ms=6100),
            [(1000, 2000, W), (2000, 5000, I), (5000, 6000, W), (6000, 6100, I)],
        ),
        # A turn without an end goes on, or is unknown after its last record.
        (facts(*OPEN, state=State.WORKING), [(1000, 2000, W), (2000, 5000, I), (5000, NOW, W)]),
        (facts(*OPEN), [(1000, 2000, W), (2000, 5000, I), (5000, 6000, W)]),
        (
            facts(*OPEN, state=State.IDLE),
            [(1000, 2000, W), (2000, 5000, I), (5000, 6000, W), (6000, NOW, U)],
        ),
        (
            facts(Turn(1000, None, 1500), Turn(5000, 6000, 6000)),
            [(1000, 1500, W), (1500, 5000, U), (5000, 6000, W)],
        ),
        # Waits for the user now, since the sign, or since the last record.
        (
            facts(Turn(5000, None, 6000), state=State.WAITING, sign_ms=6500),
            [(5000, 6500, W), (6500, NOW, A)],
        ),
        (facts(Turn(5000, None, 6000), state=State.WAITING), [(5000, 6000, W), (6000, NOW, A)]),
        # The client says that it works; the log has no turn yet.
        (
            facts(Turn(5000, 6000, 6000), state=State.WORKING, sign_ms=8000),
            [(5000, 6000, W), (6000, 8000, I), (8000, NOW, W)],
        ),
        # A question goes before a subagent, and both before plain work.
        (
            facts(Turn(1000, 5000, 5000), asked=((2000, 3000),), delegated=((1500, 4000),)),
            [(1000, 1500, W), (1500, 2000, D), (2000, 3000, A), (3000, 4000, D), (4000, 5000, W)],
        ),
        # A question without an answer lasts to the end of its turn, or goes on.
        (
            facts(Turn(1000, 2000, 2000), Turn(3000, 4000, 4000), asked=((1500, None),)),
            [(1000, 1500, W), (1500, 2000, A), (2000, 3000, I), (3000, 4000, W)],
        ),
        (
            facts(Turn(1000, None, 1500), state=State.WORKING, asked=((1500, None),)),
            [(1000, 1500, W), (1500, NOW, A)],
        ),
        # No turn was seen.
        (facts(started_ms=1000, last_ms=4000), [(1000, 4000, U)]),
        (facts(started_ms=1000, last_ms=4000, state=State.WORKING), [(1000, NOW, U)]),
        (facts(), []),
        # A turn that the next one overtakes ends where that begins.
        (facts(Turn(1000, 4000, 4000), Turn(3000, 5000, 5000)), [(1000, 5000, W)]),
    ],
)
def test_rules(known: LaneFacts, want: list[tuple[int, int, Kind]]) -> None:
    assert shown(known) == want


def test_cut_to_the_stretch() -> None:
    assert shown(facts(*CLOSED), 1500, 5500) == [(1500, 2000, W), (2000, 5000, I), (5000, 5500, W)]
    assert shown(facts(*CLOSED), 2500, 3000) == [(2500, 3000, I)]
    assert shown(facts(*CLOSED), 6000, 9000) == []


instants = st.integers(0, NOW + 500)


@st.composite
def any_facts(draw: st.DrawFn) -> LaneFacts:
    starts = sorted(draw(st.lists(instants, max_size=6)))
    turns = tuple(
        Turn(start, draw(st.none() | instants.map(lambda n, s=start: s + n % 3000)), start)
        for start in starts
    )
    turns = tuple(
        turn._replace(seen_ms=turn.start_ms + draw(st.integers(0, 3000))) for turn in turns
    )
    calls = st.lists(st.tuples(instants, st.none() | instants), max_size=4)
    return LaneFacts(
        state=draw(st.sampled_from(State)),
        started_ms=draw(st.none() | instants),
        last_ms=draw(st.none() | instants),
        ended_ms=draw(st.none() | instants),
        turns=turns,
        asked=draw(calls),
        delegated=draw(calls),
        sign_ms=draw(st.none() | instants),
    )


@given(any_facts(), instants, instants)
def test_intervals_are_in_order_and_within_the_stretch(
    known: LaneFacts, one: int, other: int
) -> None:
    since, until = sorted((one, other))
    parts = lanes.intervals(known, since, until, NOW)
    for part in parts:
        assert since <= part.start_ms < part.end_ms <= min(until, NOW)
    for before, after in zip(parts, parts[1:], strict=False):
        assert before.end_ms <= after.start_ms
        assert (before.end_ms, before.kind) != (after.start_ms, after.kind)
    assert lanes.length(parts, *lanes.AT_WORK) <= until - since
    assert lanes.length(parts, *Kind) == sum(end - start for start, end, _ in parts)


@given(any_facts(), instants)
def test_a_stretch_is_the_sum_of_its_parts(known: LaneFacts, cut: int) -> None:
    whole = lanes.intervals(known, 0, NOW, NOW)
    parts = lanes.intervals(known, 0, cut, NOW) + lanes.intervals(known, cut, NOW, NOW)
    for kind in Kind:
        assert lanes.length(whole, kind) == lanes.length(parts, kind)


@given(any_facts())
def test_an_agent_does_nothing_before_its_first_sign(known: LaneFacts) -> None:
    parts = lanes.intervals(known, 0, NOW, NOW)
    firsts = [turn.start_ms for turn in known.turns] or [known.started_ms, known.last_ms]
    first = min((at for at in firsts if at is not None), default=0)
    assert all(part.start_ms >= first for part in parts)


spans = st.lists(st.tuples(instants, instants).map(lambda pair: tuple(sorted(pair))), max_size=12)


@given(spans)
def test_the_highest_level_is_the_peak(some: list[tuple[int, int]]) -> None:
    levels = lanes.levels(some)
    assert max((level.agents for level in levels), default=0) == burn.peak(some)
    assert [level.at_ms for level in levels] == sorted({level.at_ms for level in levels})
    assert all(level.agents >= 0 for level in levels)
    assert not levels or levels[-1].agents == 0


@given(spans)
def test_merged_spans_cover_the_same_instants(some: list[tuple[int, int]]) -> None:
    merged = lanes.merged(some)
    assert all(a[1] < b[0] for a, b in zip(merged, merged[1:], strict=False))
    for at in {edge for span in some for edge in span}:
        assert any(a <= at < b for a, b in some) == any(a <= at < b for a, b in merged)


def test_length_of_kinds() -> None:
    parts = (Interval(0, 10, W), Interval(10, 15, D), Interval(20, 27, I))
    assert lanes.length(parts, W, D) == 15
    assert lanes.length(parts, A) == 0
