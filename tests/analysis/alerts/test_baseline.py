"""What is usual, and the floor while nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.analysis.alerts.baseline import percentile, threshold


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 1), (5, 1), (6, 2), (50, 10), (95, 19), (96, 20), (100, 20)]
)
def test_nearest_rank(percent: int, expected: int) -> None:
    assert percentile([*range(20, 0, -1)], percent) == expected


def test_fewer_than_twenty_values_say_nothing() -> None:
    assert percentile([7] * 19, 95) is None
    assert percentile([], 99) is None
    assert percentile([7] * 20, 95) == 7


@given(st.lists(st.integers(0, 10**15), min_size=20, max_size=200), st.integers(1, 100))
def test_so_many_percent_do_not_exceed_it(values: list[int], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_a_threshold_never_falls_below_its_floor() -> None:
    assert threshold(8, None, 4, 3) == 8
    assert threshold(8, 1, 4, 3) == 8
    assert threshold(8, 2, 4, 3) == 11
    assert threshold(8, 6, more=3) == 9
