"""Where a day, week or month ends: on weeks that are made up, so that the end is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.analysis.budgets import span
from tokenwatch.analysis.forecast import Forecast, cells, forecast, quantile

MADRID = ZoneInfo("Europe/Madrid")
TODAY = date(2026, 11, 18)
"""A Wednesday."""
Hours = dict[tuple[date, int], int]
Rule = Callable[[date, int], int]
FAR = 10**18


def ms(day: date, hour: int = 0, minute: int = 0) -> int:
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=MADRID)
    return int(moment.timestamp() * 1000)


def weeks(rule: Rule, days: int = 56, today: date = TODAY) -> Hours:
    """Return the hours of so many days before today."""
    found: Hours = {}
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        found |= {(day, hour): rule(day, hour) for hour in range(24) if rule(day, hour)}
    return found


def office(day: date, hour: int) -> int:
    """100 an hour, Monday to Friday from 9 to 17: 800 a day, 4,000 a week."""
    return 100 if day.weekday() < 5 and 9 <= hour < 17 else 0


def told(
    hours: Hours,
    hour: int,
    *,
    spent: int | None = None,
    period: str = "day",
    limit: int = FAR,
    today: date = TODAY,
    minute: int = 0,
) -> Forecast | None:
    """Return the forecast at a time of today; spent: by then, today."""
    now = ms(today, hour, minute)
    since, until = span(period, now, MADRID)
    before = {cell: sum_ for cell, sum_ in hours.items() if cell[0] != today}
    so_far = sum(sum_ for (day, _), sum_ in before.items() if ms(day) >= since)
    if spent:
        before[today, max(0, hour - 1)] = spent
    return forecast(
        before,
        span_ms=(since, until),
        now_ms=now,
        spent=so_far + (spent or 0),
        limit=limit,
        zone=MADRID,
    )


def test_a_day_like_all_others_ends_like_them() -> None:
    found = told(weeks(office), 13, spent=400)
    assert found == Forecast(800, 800, ms(TODAY + timedelta(days=1)), None)


@pytest.mark.parametrize(
    ("spent", "end"),
    [(200, 400), (800, 1600), (40, 160), (1, 121), (4000, 5200), (0, 120)],
)
def test_today_scales_the_rest_within_bounds(spent: int, end: int) -> None:
    """By 13:00 it is 400 as a rule, and 400 follow: times 0.3 to 3."""
    found = told(weeks(office), 13, spent=spent)
    assert found is not None and found.p50 == found.p80 == end


def test_parts_of_an_hour_count_in_proportion() -> None:
    found = told(weeks(office), 13, spent=450, minute=30)
    assert found is not None and found.p50 == 800


def test_it_is_silent_before_a_tenth_of_the_usual_time() -> None:
    assert told(weeks(office), 9, spent=500) is None
    assert told(weeks(office), 9, spent=500, minute=47) is None
    assert told(weeks(office), 9, spent=500, minute=48) is not None
    assert told(weeks(office), 3) is None
    assert told(weeks(office), 10, spent=500) is not None


def test_it_takes_ten_days_with_any_spend() -> None:
    assert told(weeks(office, 13), 13, spent=400) is None, "nine of them"
    assert told(weeks(office, 14), 13, spent=400) is not None
    assert told({}, 13, spent=400) is None
    today_alone = {(TODAY, hour): 100 for hour in range(24)}
    assert told(today_alone, 13, spent=400) is None


def test_what_is_older_than_eight_weeks_is_not_used() -> None:
    old = {(day - timedelta(days=56), hour): 9_999 for day, hour in weeks(office)}
    assert told(old, 13, spent=400) is None
    assert told(old | weeks(office), 13, spent=400) == told(weeks(office), 13, spent=400)


def test_days_of_the_same_weekday_are_compared_with() -> None:
    def rule(day: date, hour: int) -> int:
        return office(day, hour) * (3 if day.weekday() == 2 else 1)

    found = told(weeks(rule), 13, spent=1200)
    assert found is not None and found.p50 == 2400


def test_with_few_weeks_all_working_days_are_compared_with() -> None:
    def rule(day: date, hour: int) -> int:
        return office(day, hour) * (3 if day.weekday() == 2 else 1)

    found = told(weeks(rule, 14), 13, spent=400)
    assert found is not None and found.p50 == 800


def test_a_free_day_without_spend_stays_free() -> None:
    sunday = date(2026, 11, 22)
    hours = weeks(office, today=sunday)
    assert told(hours, 13, today=sunday) is None, "no time of a Sunday is usual"
    now_and_then = hours | {(sunday - timedelta(days=14), hour): 500 for hour in range(10, 16)}
    found = told(now_and_then, 13, today=sunday)
    assert found is not None and (found.p50, found.p80) == (0, 0)


def test_p80_is_above_p50_where_days_differ() -> None:
    def rule(day: date, hour: int) -> int:
        heavy = day.toordinal() // 7 % 4 == 0 and hour >= 13
        return office(day, hour) * (5 if heavy else 1)

    found = told(weeks(rule), 13, spent=400)
    assert found is not None and found.p50 == 800 and 800 < found.p80 <= 400 + 2000


def test_the_limit_is_crossed_at_the_hour_that_p80_says() -> None:
    found = told(weeks(office), 13, spent=400, limit=600)
    assert found is not None and found.crosses_ms == ms(TODAY, 15)
    exactly = told(weeks(office), 13, spent=400, limit=800)
    assert exactly is not None and exactly.crosses_ms == ms(TODAY, 17)
    for limit in (801, 400, 300):
        other = told(weeks(office), 13, spent=400, limit=limit)
        assert other is not None and other.crosses_ms is None, "below it, or reached already"


def test_a_week_goes_on_like_others() -> None:
    found = told(weeks(office), 13, spent=400, period="week")
    assert found == Forecast(4000, 4000, ms(date(2026, 11, 23)), None)
    crossing = told(weeks(office), 13, spent=400, period="week", limit=2900)
    assert crossing is not None and crossing.crosses_ms == ms(TODAY + timedelta(days=1), 14)


def test_on_its_last_day_a_week_ends_like_the_day() -> None:
    sunday = date(2026, 11, 22)

    def rule(day: date, hour: int) -> int:
        return day.toordinal() % 11 * 10 if 9 <= hour < 17 else 0

    hours = weeks(rule, today=sunday)
    week = told(hours, 13, spent=300, period="week", today=sunday)
    day = told(hours, 13, spent=300, today=sunday)
    before = sum(sum_ for (each, _), sum_ in hours.items() if each >= date(2026, 11, 16))
    assert week is not None and day is not None
    assert (week.p50 - before, week.p80 - before) == (day.p50, day.p80)


def test_a_month_has_its_own_working_days() -> None:
    """November 2026 has 21 of them; on the 18th twelve are over."""
    found = told(weeks(office), 13, spent=400, period="month")
    assert found == Forecast(21 * 800, 21 * 800, ms(date(2026, 12, 1)), None)
    early = date(2026, 11, 3)
    assert told(weeks(office, today=early), 12, spent=300, period="month", today=early) is None
    assert told(weeks(office, today=early), 17, spent=800, period="month", today=early) is None
    after = date(2026, 11, 4)
    hours = weeks(office, today=after)
    whole = told(hours, 12, spent=300, period="month", today=after)
    assert whole is not None and whole.p50 == 21 * 800


def test_a_month_takes_two_whole_weeks() -> None:
    def daily(day: date, hour: int) -> int:
        return 10 if 9 <= hour < 17 else 0

    assert told(weeks(daily, 13), 13, spent=40, period="month") is None
    assert told(weeks(daily, 13), 13, spent=40) is not None
    assert told(weeks(daily, 14), 13, spent=40, period="month") is not None


def test_weeks_that_differ_make_p80_larger() -> None:
    def rule(day: date, hour: int) -> int:
        return office(day, hour) * (1 + day.isocalendar().week % 4)

    found = told(weeks(rule), 13, spent=400, period="week")
    assert found is not None and found.p50 < found.p80


@pytest.mark.parametrize("today", [date(2026, 3, 29), date(2026, 10, 25)])
def test_days_on_which_clocks_change(today: date) -> None:
    def rule(day: date, hour: int) -> int:
        return 100 if 9 <= hour < 17 else 0

    hours = weeks(rule, today=today)
    for period in ("day", "week"):
        found = told(hours, 13, spent=400, today=today, period=period)
        whole = 800 if period == "day" else 7 * 800
        assert found == Forecast(whole, whole, ms(today + timedelta(days=1)), None)
    assert told(hours, 1, today=today) is None


def test_cells_are_local_hours_and_those_without_spend_are_left_out() -> None:
    at = ms(TODAY, 9, 15)
    found = cells([(at, 5), (at + 900_000, 6), (at + 3_600_000, 0), (at - 900_001, 1)], MADRID)
    assert found == {(TODAY, 9): 11, (TODAY, 8): 1}


@given(st.lists(st.integers(0, 10**15), min_size=1), st.integers(0, 100))
def test_a_quantile_lies_between_two_values(values: list[int], percent: int) -> None:
    found = quantile(values, percent)
    assert min(values) <= found <= max(values)
    below = sum(value <= found for value in values)
    assert below * 100 >= (len(values) - 1) * percent
    assert quantile([7], percent) == 7 and quantile([0, 10], 50) == 5


AMOUNTS = st.dictionaries(
    st.tuples(st.integers(1, 56), st.integers(0, 23)), st.integers(1, 10**15), max_size=200
)


@given(AMOUNTS, st.integers(0, 23), st.integers(0, 10**15), st.sampled_from(("day", "month")))
def test_a_forecast_never_falls_below_what_is_spent(
    amounts: dict[tuple[int, int], int], hour: int, spent: int, period: str
) -> None:
    hours = {(TODAY - timedelta(days=back), at): sum_ for (back, at), sum_ in amounts.items()}
    limit = 10**15
    found = told(hours, hour, spent=spent, period=period, limit=limit)
    if found is None:
        return
    since, until = span(period, ms(TODAY, hour), MADRID)
    so_far = spent + sum(sum_ for (day, _), sum_ in hours.items() if ms(day) >= since)
    assert so_far <= found.p50 <= found.p80 and found.at_ms == until
    crosses = so_far < limit <= found.p80
    assert (found.crosses_ms is not None) == crosses
    if found.crosses_ms is not None:
        assert ms(TODAY, hour) < found.crosses_ms <= until
