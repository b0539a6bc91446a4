"""Where a window's use goes: only what the readings carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.analysis.projection import MINUTE_MS, project, stretch_ms

NOW = 1_795_348_800_000
RESET = NOW + 60 * MINUTE_MS
FIVE_HOURS = 300


def at(*readings: tuple[int, float]) -> list[tuple[int, float]]:
    """Return readings at so many minutes before now."""
    return [(NOW - minutes * MINUTE_MS, used) for minutes, used in readings]


def test_a_steady_rise_goes_on() -> None:
    line = project(at((200, 1), (30, 60), (15, 65), (0, 70)), FIVE_HOURS, RESET, NOW)
    assert line is not None
    assert (line.since_ms, line.until_ms, line.readings) == (NOW - 30 * MINUTE_MS, NOW, 3)
    assert line.per_hour == pytest.approx(20)
    assert line.at_reset == pytest.approx(90) and line.full_ms is None


def test_it_tells_when_the_window_is_full() -> None:
    line = project(at((30, 60), (15, 70), (0, 80)), FIVE_HOURS, RESET, NOW)
    assert line is not None and line.at_reset == pytest.approx(120)
    assert line.full_ms == NOW + 30 * MINUTE_MS


@pytest.mark.parametrize(
    "readings",
    [
        at(),
        at((10, 5), (0, 9)),
        at((30, 60), (15, 60), (0, 61)),
        at((30, 60), (15, 40), (0, 65)),
        at((70, 60), (55, 65), (31, 70)),
        at((2, 60), (1, 65), (0, 70)),
    ],
    ids=["none", "two", "flat", "fell", "old", "all at once"],
)
def test_silent_where_the_readings_say_too_little(readings: list[tuple[int, float]]) -> None:
    assert project(readings, FIVE_HOURS, RESET, NOW) is None


def test_silent_behind_the_reset() -> None:
    assert project(at((30, 60), (15, 65), (0, 70)), FIVE_HOURS, NOW, NOW) is None


def test_a_week_looks_further_back() -> None:
    assert stretch_ms(FIVE_HOURS) == 30 * MINUTE_MS
    assert stretch_ms(10_080) == 1008 * MINUTE_MS


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 100)), max_size=30),
    st.sampled_from([300, 10_080, 43_200, 1]),
)
def test_any_readings(found: list[tuple[int, float]], minutes: int) -> None:
    readings = sorted(at(*dict(found).items()))
    line = project(readings, minutes, RESET, NOW)
    if line is not None:
        assert line.at_reset > readings[-1][1]
        assert line.full_ms is None or NOW - 400 * MINUTE_MS < line.full_ms <= RESET
