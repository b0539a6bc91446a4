"""Windows of local time: their edges over changes of the clock, what lies before, and within."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tokenwatch.analysis.timescale import LENGTHS, UNITS, Window

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
NOW = datetime(2026, 11, 21, 14, 32, tzinfo=BERLIN)
NOW_MS = int(NOW.timestamp() * 1000)
HOUR = 3_600_000
ALL = [Window(unit, length) for unit in UNITS for length in LENGTHS[unit]]


def local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, BERLIN)


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=BERLIN).timestamp() * 1000)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize("window", ALL, ids=str)
@pytest.mark.parametrize("zone", ZONES)
def test_edges_rise_and_hold_now_in_the_last_day(window: Window, zone: str) -> None:
    place = ZoneInfo(zone)
    edges = window.edges(NOW_MS, place)
    assert all(before < after for before, after in pairwise(edges))
    assert edges[0] < NOW_MS < edges[-1]
    assert all(edge % 900_000 == 0 for edge in edges)
    if window.unit != "hour":
        assert len(edges) == window.length + 1
        days = [datetime.fromtimestamp(edge / 1000, place) for edge in edges]
        assert all((day.hour, day.minute) == (0, 0) for day in days)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change(day: tuple[int, int, int], hours: int) -> None:
    edges = Window("hour", 1, date(*day)).edges(NOW_MS, BERLIN)
    assert len(edges) == hours + 1
    assert {after - before for before, after in pairwise(edges)} == {HOUR}
    assert (edges[0], edges[-1]) == (ms(*day), ms(*day[:2], day[2] + 1))
    whole = Window("day", 1, date(*day)).edges(NOW_MS, BERLIN)
    assert whole[1] - whole[0] == hours * HOUR


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    weeks = [local(edge) for edge in Window("week", 13).edges(NOW_MS, BERLIN)]
    assert {day.weekday() for day in weeks} == {0}
    months = [local(edge) for edge in Window("month", 12).edges(NOW_MS, BERLIN)]
    assert {day.day for day in months} == {1}
    assert (months[0].year, months[0].month) == (2025, 12)
    assert (months[-1].year, months[-1].month) == (2026, 12)


@pytest.mark.parametrize("window", ALL, ids=str)
def test_back_and_forth_is_the_present_again(window: Window) -> None:
    earlier = window.shifted(-1, NOW_MS, BERLIN)
    assert earlier.edges(NOW_MS, BERLIN)[-1] == window.edges(NOW_MS, BERLIN)[0]
    assert earlier.shifted(1, NOW_MS, BERLIN) == window
    assert window.shifted(1, NOW_MS, BERLIN) == window
    assert earlier.shifted(1, NOW_MS, BERLIN).shifted(1, NOW_MS, BERLIN) == window


@pytest.mark.parametrize("window", ALL, ids=str)
def test_before_ends_as_far_into_the_window_as_now(window: Window) -> None:
    since, until = window.before(NOW_MS, BERLIN)
    earlier = window.shifted(-1, NOW_MS, BERLIN)
    edges = earlier.edges(NOW_MS, BERLIN)
    assert since == edges[0]
    assert edges[-1] - until < 31 * 24 * HOUR
    assert since < until <= edges[-1]
    assert (
        earlier.before(NOW_MS, BERLIN)
        == earlier.shifted(-1, NOW_MS, BERLIN).edges(NOW_MS, BERLIN)[
            :: len(earlier.shifted(-1, NOW_MS, BERLIN).edges(NOW_MS, BERLIN)) - 1
        ]
    )


def test_before_of_two_weeks_ends_at_the_same_time_of_day() -> None:
    since, until = Window().before(NOW_MS, BERLIN)
    assert (local(since), local(until)) == (
        datetime(2026, 10, 25, tzinfo=BERLIN),
        NOW - timedelta(days=14),
    )


def test_what_lies_within_a_unit() -> None:
    months, weeks, days = Window("month", 12), Window("week", 13), Window()
    november = months.within(11, NOW_MS, BERLIN)
    assert november == Window("day", 21)
    assert months.within(10, NOW_MS, BERLIN) == Window("day", 31, date(2026, 10, 31))
    assert weeks.within(12, NOW_MS, BERLIN) == Window("day", 6)
    assert weeks.within(11, NOW_MS, BERLIN) == Window("day", 7, date(2026, 11, 15))
    assert days.within(13, NOW_MS, BERLIN) == Window("hour", 1)
    assert days.within(0, NOW_MS, BERLIN) == Window("hour", 1, date(2026, 11, 8))
    assert Window("hour", 1).within(3, NOW_MS, BERLIN) is None


def test_stretching_stops_at_both_ends_and_keeps_the_day() -> None:
    window = Window("day", 28, date(2026, 3, 1))
    assert window.stretched(1) == Window("hour", 1, date(2026, 3, 1))
    assert window.stretched(1).stretched(1) == window.stretched(1)
    assert window.stretched(-1) == Window("week", 13, date(2026, 3, 1))
    assert window.stretched(-1).stretched(-1).stretched(-1).unit == "month"


def test_lengths_go_round_also_from_one_of_no_list() -> None:
    window = Window("day", 31, date(2026, 10, 31))
    lengths = [window := window.next_length() for _ in range(4)]
    assert [each.length for each in lengths] == [14, 28, 7, 14]
    assert {each.last for each in lengths} == {date(2026, 10, 31)}


def test_words() -> None:
    assert Window().words(NOW_MS, BERLIN) == "8 to 21 Nov"
    assert Window("day", 28).words(NOW_MS, BERLIN) == "25 Oct to 21 Nov"
    assert Window("hour", 1).words(NOW_MS, BERLIN) == "today"
    assert Window("hour", 1, date(2026, 11, 19)).words(NOW_MS, BERLIN) == "Thu 19 Nov"
    assert Window("month", 12).words(NOW_MS, BERLIN) == "Dec 2025 to Nov 2026"
    assert Window("week", 13).words(NOW_MS, UTC) == "24 Aug to 22 Nov"
