"""Spans of budgets, across changes of the clock; what is spent beside a limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.analysis.budgets import State, lies_in, ratio, span, state

MADRID = ZoneInfo("Europe/Madrid")
HOUR = 3_600_000
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "America/Havana", "Asia/Beirut")
MORE_ZONES = ("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo")


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=MADRID).timestamp() * 1000)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("period", "now", "since", "until"),
    [
        ("day", (2026, 3, 29, 12), (2026, 3, 29), (2026, 3, 30)),
        ("day", (2026, 10, 25, 2, 30), (2026, 10, 25), (2026, 10, 26)),
        ("day", (2026, 11, 30), (2026, 11, 30), (2026, 12, 1)),
        ("week", (2026, 3, 29, 23, 59), (2026, 3, 23), (2026, 3, 30)),
        ("week", (2026, 10, 26), (2026, 10, 26), (2026, 11, 2)),
        ("week", (2026, 12, 31, 8), (2026, 12, 28), (2027, 1, 4)),
        ("month", (2026, 3, 31, 23), (2026, 3, 1), (2026, 4, 1)),
        ("month", (2026, 12, 31, 23, 59), (2026, 12, 1), (2027, 1, 1)),
        ("month", (2028, 2, 29), (2028, 2, 1), (2028, 3, 1)),
    ],
)
def test_days_weeks_and_months_are_local(
    period: str, now: tuple[int, ...], since: tuple[int, ...], until: tuple[int, ...]
) -> None:
    assert span(period, ms(*now), MADRID) == (ms(*since), ms(*until))


def test_days_on_which_clocks_change_have_their_own_length() -> None:
    spring, autumn = (span("day", ms(2026, *day, 12), MADRID) for day in ((3, 29), (10, 25)))
    assert spring.until_ms - spring.since_ms == 23 * HOUR
    assert autumn.until_ms - autumn.since_ms == 25 * HOUR


def test_the_rolling_hours_take_no_notice_of_clocks() -> None:
    now = ms(2026, 3, 29, 4)
    assert span("5h", now, MADRID) == (now - 5 * HOUR + 1, now + 1)
    for period in ("session", "turn"):
        with pytest.raises(KeyError):
            span(period, now, MADRID)


INSTANTS = st.integers(ms(2000, 1, 1), ms(2037, 1, 1))


@given(INSTANTS, st.sampled_from(("day", "week", "month")), st.sampled_from(ZONES + MORE_ZONES))
def test_every_instant_lies_in_exactly_one(at_ms: int, period: str, zone: str) -> None:
    local = ZoneInfo(zone)
    found = span(period, at_ms, local)
    assert found.since_ms <= at_ms < found.until_ms
    # The whole of it has the same one, and it touches its neighbours.
    assert span(period, found.since_ms, local) == span(period, found.until_ms - 1, local) == found
    assert span(period, found.until_ms, local).since_ms == found.until_ms
    assert span(period, found.since_ms - 1, local).until_ms == found.since_ms


@given(INSTANTS, st.sampled_from(ZONES))
def test_days_lie_in_one_month_and_one_week(at_ms: int, zone: str) -> None:
    local = ZoneInfo(zone)
    day = span("day", at_ms, local)
    for longer in ("week", "month"):
        whole = span(longer, at_ms, local)
        assert whole.since_ms <= day.since_ms and day.until_ms <= whole.until_ms
    week = span("week", at_ms, local)
    assert datetime.fromtimestamp(week.since_ms / 1000, local).weekday() == 0
    assert week.until_ms - week.since_ms <= timedelta(days=7, hours=1) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("spent", "wanted"),
    [
        ("0", State.OK),
        ("15.999999999999", State.OK),
        ("16", State.WARNING),
        ("19.999999999999", State.WARNING),
        ("20", State.EXCEEDED),
        ("20.000000000001", State.EXCEEDED),
        ("1000000", State.EXCEEDED),
    ],
)
def test_a_limit_that_is_just_reached_is_exceeded(spent: str, wanted: State) -> None:
    assert state(Decimal(spent), Decimal(20), Decimal("0.8")) is wanted
    reached = ratio(Decimal(spent), Decimal(20))
    assert reached is not None and (reached >= 1) == (wanted is State.EXCEEDED)
    assert (reached >= 0.8) == (wanted is not State.OK)


def test_what_is_unknown_has_no_ratio_and_is_ok() -> None:
    assert state(None, Decimal(20), Decimal("0.8")) is State.OK
    assert ratio(None, Decimal(20)) is None


def test_a_warning_threshold_of_one_never_warns() -> None:
    assert state(Decimal("19.99"), Decimal(20), Decimal(1)) is State.OK
    assert state(Decimal(20), Decimal(20), Decimal(1)) is State.EXCEEDED


def test_comparison_is_exact_where_floats_are_not() -> None:
    limit, warn = Decimal("999999999999999.999999999999"), Decimal("0.7000000000001")
    edge = limit * 7 / 10
    assert state(edge, limit, warn) is State.OK
    assert state(Decimal("0.3"), Decimal("0.3"), Decimal("0.1")) is State.EXCEEDED
    assert state(Decimal("0.21"), Decimal("0.3"), Decimal("0.7")) is State.WARNING


@pytest.mark.parametrize(
    ("project", "wanted", "inside"),
    [
        ("/home/dev/api", "/home/dev/api", True),
        ("/home/dev/api/", "/home/dev/api", True),
        ("/home/dev/api/sub", "/home/dev/api", True),
        ("/home/dev/api2", "/home/dev/api", False),
        ("/home/dev/api", "api", True),
        ("/home/dev/my-api", "api", False),
        ("/home/dev/api", "/", True),
        ("/", "/", True),
        (None, "/", False),
    ],
)
def test_projects(project: str | None, wanted: str, inside: bool) -> None:
    assert lies_in(project, wanted) is inside


def test_utc_needs_no_zone() -> None:
    now = int(datetime(2026, 11, 22, 14, tzinfo=UTC).timestamp() * 1000)
    assert span("day", now, UTC).until_ms - now == 10 * HOUR
