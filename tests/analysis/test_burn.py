"""Rates of spending, and how many agents worked at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.analysis.burn import MINUTE_MS, burn_per_hour, by_minute, peak

NOW = 1_795_348_800_000


def test_minutes_end_now() -> None:
    costs = [(NOW, 1), (NOW - MINUTE_MS + 1, 2), (NOW - MINUTE_MS, 4), (NOW - 3 * MINUTE_MS + 1, 8)]
    assert by_minute(costs, NOW, 3) == (8, 4, 3)


@pytest.mark.parametrize("at_ms", [NOW + 1, NOW - 3 * MINUTE_MS, NOW - 10**9])
def test_what_is_later_or_older_is_left_out(at_ms: int) -> None:
    assert by_minute([(at_ms, 5)], NOW, 3) == ()
    assert by_minute([(at_ms, 5), (NOW, 1)], NOW, 3) == (0, 0, 1)


def test_nothing_is_not_nought() -> None:
    assert by_minute([], NOW, 10) == ()
    assert by_minute([(NOW, 0)], NOW, 2) == (0, 0)
    assert burn_per_hour(()) is None
    assert burn_per_hour((0,) * 60) is None


def test_the_last_ten_minutes_make_the_rate() -> None:
    assert burn_per_hour((1, 2, 3)) == 36
    assert burn_per_hour((1000, *(1,) * 10)) == 60


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(0, 10)], 1),
        ([(0, 10), (10, 20)], 1),
        ([(0, 11), (10, 20)], 2),
        ([(0, 30), (1, 2), (3, 4)], 2),
        ([(0, 9), (1, 9), (2, 9)], 3),
        ([(5, 5)], 1),
        ([(5, 5), (5, 5)], 2),
        ([(9, 3)], 1),
    ],
)
def test_peak(spans: list[tuple[int, int]], most: int) -> None:
    assert peak(spans) == most


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=12))
def test_peak_is_the_most_at_any_instant(drawn: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in drawn]
    at_work = [sum(start <= instant < end for start, end in spans) for instant in range(41)]
    assert peak(spans) == max(at_work)
