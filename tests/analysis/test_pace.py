"""How fast something spends while it spends, and when that reaches a limit."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.analysis.pace import (
    HORIZON_MS,
    LEAST_MINUTES,
    LOOK_MS,
    SILENT_MS,
    Pace,
    crosses_ms,
    pace,
    since_ms,
)

MINUTE, HOUR = 60_000, 3_600_000
NOW = int(datetime(2026, 11, 18, 12, tzinfo=UTC).timestamp() * 1000) + 20_000
"""Twenty seconds into a minute."""
Spent = list[tuple[int, int]]


def every(minutes: range | list[int], amount: int = 100, now_ms: int = NOW) -> Spent:
    """Return so much in the middle of minutes, so many before now."""
    start = now_ms // MINUTE * MINUTE
    return [(start - back * MINUTE + 30_000, amount) for back in minutes]


def at_pace(per_minute: int = 100) -> Pace:
    return Pace(per_minute, per_minute * 60, 9, NOW)


# the pace -----------------------------------------------------------------------------------


def test_steady_minutes_are_their_own_pace() -> None:
    found = pace(every(range(1, 9)), NOW)
    assert found == Pace(100, 6000, 8, NOW // MINUTE * MINUTE - 30_000)


def test_pauses_count_for_nothing() -> None:
    spread = pace(every([1, 9, 20, 33, 41, 59]), NOW)
    assert spread is not None and (spread.per_hour, spread.active_minutes) == (6000, 6)


def test_what_is_spent_in_one_minute_is_one_amount() -> None:
    parts = [(at_ms + second, 25) for at_ms, _ in every(range(1, 6)) for second in (0, 1, 9, 20)]
    whole = pace(every(range(1, 6)), NOW)
    assert whole is not None
    assert pace(parts, NOW) == whole._replace(last_ms=whole.last_ms + 20)


def test_ten_active_minutes_weigh_half_as_much_as_the_ten_after_them() -> None:
    found = pace([*every(range(1, 11), 200), *every(range(31, 41), 500)], NOW)
    assert found is not None and found.active_minutes == 20
    # Within each ten the weights are the same, one half: (2 × 200 + 500) / 3.
    assert found.per_minute == 300 and found.per_hour == 18_000
    early = pace([*every([1], 2000), *every(range(2, 11), 200)], NOW)
    late = pace([*every([10], 2000), *every(range(1, 10), 200)], NOW)
    assert early is not None and late is not None and early.per_hour > late.per_hour > 12_000


def test_the_minute_that_goes_on_is_left_out_but_says_that_something_does() -> None:
    before = every([1, 2, 3, 4, 5])
    found = pace([*before, (NOW - 1000, 10**9)], NOW)
    assert found == Pace(100, 6000, 5, NOW - 1000)
    assert pace([*before[1:], (NOW - 1000, 100)], NOW) is None
    older = every([11, 12, 13, 14, 15])
    assert pace(older, NOW) is None
    assert pace([*older, (NOW, 1)], NOW) == Pace(100, 6000, 5, NOW)


@pytest.mark.parametrize("many", range(LEAST_MINUTES))
def test_too_few_active_minutes_say_nothing(many: int) -> None:
    assert pace(every(range(1, many + 1)), NOW) is None
    # What costs nothing is no spend, and what is below nothing is none either.
    assert pace([*every(range(1, many + 1)), *every(range(6, 20), 0)], NOW) is None
    assert pace([*every(range(1, many + 1)), *every(range(6, 20), -5)], NOW) is None


def test_after_ten_minutes_of_nothing_there_is_no_pace() -> None:
    spent = every(range(1, 9))
    last = max(at_ms for at_ms, _ in spent)
    assert pace(spent, last + SILENT_MS - 1) is not None
    assert pace(spent, last + SILENT_MS) is None
    assert pace(spent, last + 10**10) is None


def test_an_hour_is_looked_at() -> None:
    assert since_ms(NOW) == NOW - 20_000 - LOOK_MS
    begin = since_ms(NOW)
    assert pace([*every([1, 2, 3, 4]), (begin, 100)], NOW) == pace(every([1, 2, 3, 4, 60]), NOW)
    assert pace([*every([1, 2, 3, 4]), (begin - 1, 100)], NOW) is None


def test_a_clock_that_went_back_or_forth_says_nothing_wrong() -> None:
    spent = every(range(1, 9))
    assert pace(spent, NOW - HOUR) is None
    part = pace(spent, NOW - 2 * MINUTE)
    assert part is not None and (part.per_hour, part.active_minutes) == (6000, 6)
    assert part.last_ms <= NOW - 2 * MINUTE
    assert pace(spent, NOW + 100 * HOUR) is None
    assert pace(spent, 0) is None and pace([], NOW) is None
    assert pace([(-1, 5)] * 9, -1) is None


def test_big_numbers_stay_exact() -> None:
    big = 10**40 + 7
    found = pace(every(range(1, 61), big), NOW)
    assert found is not None and (found.per_minute, found.per_hour) == (big, big * 60)
    assert crosses_ms(found, now_ms=NOW, spent=0, limit=big * 30) == NOW + 30 * MINUTE
    assert crosses_ms(found, now_ms=NOW, spent=0, limit=10**60) is None


# the limit ----------------------------------------------------------------------------------


def test_a_limit_is_reached_when_the_rest_is_spent() -> None:
    assert crosses_ms(at_pace(), now_ms=NOW, spent=800, limit=1000) == NOW + 2 * MINUTE
    assert crosses_ms(at_pace(), now_ms=NOW, spent=999, limit=1000) == NOW + 600
    # Never a moment too early: a third of a minute and a bit.
    third = Pace(3, 180, 9, NOW)
    assert crosses_ms(third, now_ms=NOW, spent=0, limit=1) == NOW + 20_000
    assert crosses_ms(Pace(7, 420, 9, NOW), now_ms=NOW, spent=0, limit=1) == NOW + 8572


def test_a_limit_that_is_reached_or_far_off_has_no_instant() -> None:
    for spent in (1000, 1001, 10**30):
        assert crosses_ms(at_pace(), now_ms=NOW, spent=spent, limit=1000) is None
    most = 100 * HORIZON_MS // MINUTE
    assert crosses_ms(at_pace(), now_ms=NOW, spent=0, limit=most) == NOW + HORIZON_MS
    assert crosses_ms(at_pace(), now_ms=NOW, spent=0, limit=most + 1) is None


def test_what_leaves_meanwhile_puts_it_off() -> None:
    leaving = [(NOW + 10 * MINUTE, 600), (NOW + MINUTE, 150)]

    def reached(limit: int) -> int | None:
        return crosses_ms(at_pace(), now_ms=NOW, spent=1000, limit=limit, leaving=leaving)

    assert reached(1099) == NOW + 59_400
    # At the very instant it is gone.
    assert reached(1100) == NOW + 150_000
    assert reached(1849) == NOW + 9 * MINUTE + 59_400
    assert reached(1850) == NOW + 16 * MINUTE
    past = [(NOW, 10**9), (NOW - 1, 10**9)]
    assert crosses_ms(at_pace(), now_ms=NOW, spent=0, limit=100, leaving=past) == NOW + MINUTE


def test_five_hours_at_one_pace_grow_no_more() -> None:
    past = every(range(1, 301))
    leaving = [(at_ms + HORIZON_MS, amount) for at_ms, amount in past]
    found = pace(past, NOW)
    assert found is not None
    whole = sum(amount for _, amount in past)
    for limit in (whole + 101, whole + 10_000):
        assert crosses_ms(found, now_ms=NOW, spent=whole, limit=limit, leaving=leaving) is None
    assert crosses_ms(found, now_ms=NOW, spent=whole, limit=whole + 10, leaving=leaving) is not None


# what holds of all --------------------------------------------------------------------------

CHECKED = settings(max_examples=150, deadline=None, derandomize=True, database=None)
AMOUNTS = st.integers(0, 10**15) | st.integers(0, 10**40)
LATELY = st.integers(0, 20 * MINUTE)


def spending(back: st.SearchStrategy[int], amounts: st.SearchStrategy[int]) -> Any:
    """Return lists of what was spent: most of it lately, so that most have a pace."""
    one = st.tuples((LATELY | back).map(lambda ago: NOW - ago), amounts)
    return st.lists(one, min_size=1, max_size=3) | st.lists(one, min_size=20, max_size=80)


SPENT = spending(st.integers(-12 * MINUTE, LOOK_MS + 2 * MINUTE), AMOUNTS)
FIVE_HOURS = spending(st.integers(0, HORIZON_MS - 1), st.integers(0, 10**9))
LIMITS = st.integers(1, 10**10) | st.integers(10**10, 10**13)


def order(crosses: int | None, spent: int, limit: int) -> float:
    """Return an instant that can be compared: reached already is first, never is last."""
    if spent >= limit:
        return float("-inf")
    return float("inf") if crosses is None else crosses


@CHECKED
@given(SPENT)
def test_a_pace_lies_between_its_minutes(spent: Spent) -> None:
    found = pace(spent, NOW)
    sums: dict[int, int] = {}
    for at_ms, amount in spent:
        if amount and since_ms(NOW) <= at_ms < NOW // MINUTE * MINUTE:
            sums[at_ms // MINUTE] = sums.get(at_ms // MINUTE, 0) + amount
    last = max((at for at, amount in spent if amount and at <= NOW), default=0)
    assert (found is None) == (len(sums) < LEAST_MINUTES or NOW - last >= SILENT_MS)
    if found is None:
        return
    assert found.active_minutes == len(sums) and found.last_ms == last
    assert min(sums.values()) <= found.per_minute <= max(sums.values())
    assert found.per_minute * 60 <= found.per_hour < (found.per_minute + 1) * 60
    # The mean as the rule says it, to within what whole weights can tell.
    newest = [sums[minute] for minute in sorted(sums, reverse=True)]
    weights = [Fraction(2.0 ** (-place / 10)) for place in range(len(newest))]
    mean = sum(w * own for w, own in zip(weights, newest, strict=True)) / sum(weights)
    assert abs(found.per_hour - mean * 60) <= 1 + mean * 60 / 10**7


@CHECKED
@given(SPENT, st.randoms(use_true_random=False))
def test_the_order_of_what_was_spent_is_nothing(spent: Spent, random: object) -> None:
    mixed = list(spent)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert pace(mixed, NOW) == pace(spent, NOW)


@CHECKED
@given(SPENT, st.integers(0, 80), AMOUNTS, st.integers(0, 10**16), st.integers(1, 10**16))
def test_more_spend_is_never_later(
    spent: Spent, which: int, more: int, before: int, limit: int
) -> None:
    """Where a minute spends more than it did. One more minute with next to nothing is slower."""
    found = pace(spent, NOW)
    if found is None or not spent[which % len(spent)][1]:
        return
    at_ms, amount = spent[which % len(spent)]
    raised = [*spent, (at_ms, more)]
    faster = pace(raised, NOW)
    assert faster is not None and faster.per_hour >= found.per_hour
    first = crosses_ms(found, now_ms=NOW, spent=before, limit=limit)
    then = crosses_ms(faster, now_ms=NOW, spent=before + more, limit=limit)
    assert order(then, before + more, limit) <= order(first, before, limit)
    higher = crosses_ms(found, now_ms=NOW, spent=before, limit=limit + more)
    assert order(higher, before, limit + more) >= order(first, before, limit)


@CHECKED
@given(FIVE_HOURS, st.integers(0, 80), st.integers(0, 10**9), LIMITS)
def test_more_spend_is_never_later_in_five_hours(
    spent: Spent, which: int, more: int, left: int
) -> None:
    limit = sum(amount for _, amount in spent) + left
    found = pace(spent, NOW)
    if found is None or not spent[which % len(spent)][1]:
        return
    raised = [*spent, (spent[which % len(spent)][0], more)]

    def reached(own: Spent) -> float:
        pace_of = pace(own, NOW)
        assert pace_of is not None
        whole = sum(amount for _, amount in own)
        left = [(at_ms + HORIZON_MS, amount) for at_ms, amount in own]
        crosses = crosses_ms(pace_of, now_ms=NOW, spent=whole, limit=limit, leaving=left)
        never_earlier = crosses_ms(pace_of, now_ms=NOW, spent=whole, limit=limit)
        assert order(crosses, whole, limit) >= order(never_earlier, whole, limit)
        return order(crosses, whole, limit)

    assert reached(raised) <= reached(spent)


@CHECKED
@given(FIVE_HOURS, LIMITS, st.integers(1, 10**9))
def test_the_limit_is_reached_first_when_it_is_told(
    spent: Spent, left: int, per_minute: int
) -> None:
    limit = sum(amount for _, amount in spent) + left
    found = at_pace(per_minute)
    leaving = [(at_ms + HORIZON_MS, amount) for at_ms, amount in spent]
    whole = sum(amount for _, amount in spent)
    told = crosses_ms(found, now_ms=NOW, spent=whole, limit=limit, leaving=leaving)

    def then(at_ms: int) -> Fraction:
        gone = sum(amount for until, amount in leaving if NOW < until <= at_ms)
        return whole + Fraction((at_ms - NOW) * found.per_hour, HOUR) - gone

    end = NOW + HORIZON_MS if told is None else told - 1
    assert told is None or then(told) >= limit
    # Between two departures it only rises: the instants before them, and the last, are enough.
    for at_ms in (end, *(until - 1 for until, _ in leaving if NOW < until - 1 <= end)):
        assert then(at_ms) < limit


@CHECKED
@given(SPENT, st.integers(-(10**6), 10**6))
def test_another_time_of_day_is_the_same_pace(spent: Spent, minutes: int) -> None:
    """No zone and no change of clocks has a part in it: only how long ago something was."""
    by = minutes * MINUTE
    found, moved = pace(spent, NOW), pace([(at + by, many) for at, many in spent], NOW + by)
    assert moved == (found and found._replace(last_ms=found.last_ms + by))


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Europe/Madrid", datetime(2026, 3, 29, 3, 10)),
        ("Europe/Madrid", datetime(2026, 10, 25, 2, 10, fold=1)),
        ("America/New_York", datetime(2026, 11, 1, 1, 10, fold=1)),
    ],
)
def test_the_hours_in_which_clocks_change(zone: str, when: datetime) -> None:
    now = int(when.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    found = pace(every(range(1, 41), now_ms=now), now)
    assert found is not None and (found.per_hour, found.active_minutes) == (6000, 40)
    assert crosses_ms(found, now_ms=now, spent=0, limit=9000) == now + 90 * MINUTE
