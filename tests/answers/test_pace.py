"""What was spent by now, beside as much of the stretch before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cases import Desk
from tests.cli.box import Box
from tests.cli.logs import assistant, claude_log, user
from tests.still import StillFeed
from tokenwatch.answers.fact import Fact
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.pace import _month, _week, pace
from tokenwatch.format import rfc3339
from tokenwatch.store import sessions, spend, turns
from tokenwatch.store.spend import Filter

PRICE = 100 * 4_000_000 + 10 * 20_000_000
"""Picodollars of an answer of `assistant`: 100 tokens of input and 10 of output."""


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def facts(box: Box, now: str, *answers: str) -> dict[str, Fact]:
    """Return the facts at a time, of a log with an answer at each of these times."""
    times = [rfc3339(at(answer)) or "" for answer in answers]
    records = [
        record
        for number, each in enumerate(times)
        for record in (user(f"prompt {number}", each), assistant(f"msg_{number:04}", each))
    ]
    claude_log(box.claude, records)
    desk = Desk.open(box.folder, now_ms=at(now)).read()
    found = {fact.key: fact for fact in pace(desk.moment())}
    desk.close()
    return found


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def requests(fact: Fact) -> int:
    assert fact.spend is not None
    return fact.spend.requests


def test_today_week_and_month_so_far(box: Box) -> None:
    found = facts(
        box,
        "2026-11-18 12:00",
        *("2026-10-02 08:00", "2026-10-18 11:59", "2026-10-18 12:00", "2026-10-30 10:00"),
        *("2026-11-02 10:00", "2026-11-09 09:00", "2026-11-11 11:00", "2026-11-11 13:00"),
        *("2026-11-16 10:00", "2026-11-17 11:59", "2026-11-17 12:30", "2026-11-18 09:00"),
    )
    assert [requests(found[key]) for key in ("today", "week", "month")] == [1, 4, 8]
    today = found["today"].spend
    assert today is not None and today.cost_pico == PRICE
    befores = [found[key].before_pico for key in ("today", "week", "month")]
    assert befores == [PRICE, 2 * PRICE, 2 * PRICE]
    assert found["today"].evidence[0].session_id and found["month"].rows == 1


def test_nothing_before_is_not_nought(box: Box) -> None:
    found = facts(box, "2026-11-18 12:00", "2026-11-18 09:00")
    assert found["today"].before_pico is None and found["today"].detail == ""
    assert "mean" not in found and "month-pace" not in found
    assert found["highest-day"].detail == "Wed 18 Nov"


def test_a_day_that_last_month_lacked_is_its_end() -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    stretch = _month(now.date(), now.time(), UTC)
    assert stretch.before_until_ms == stretch.since_ms == at("2026-03-01")
    assert stretch.before_since_ms == at("2026-02-01")
    first = datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert _month(first.date(), first.time(), UTC).before_until_ms == at("2025-12-05 07:00")


def test_days_are_local_ones_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Madrid")
    now = datetime(2026, 10, 28, 12, tzinfo=zone)
    stretch = _week(now.date(), now.time(), zone)
    assert stretch.since_ms == at("2026-10-25 23:00")
    assert stretch.before_since_ms == at("2026-10-18 22:00")
    assert stretch.before_until_ms == at("2026-10-21 10:00")


def test_mean_and_median_are_of_days_with_requests(box: Box) -> None:
    days = ["2026-11-10 10:00", "2026-11-12 10:00", "2026-11-12 11:00", "2026-11-13 10:00"]
    more = [f"2026-11-16 {hour}:00" for hour in range(10, 17)]
    found = facts(box, "2026-11-18 12:00", *days, *more, "2026-11-18 11:00")
    mean, median = found["mean"], found["median"]
    assert mean.pico == 11 * PRICE // 4 and mean.detail == "of 4 days with requests"
    assert median.pico == 3 * PRICE // 2
    assert [row.what for row in mean.evidence][:2] == ["Mon 16 Nov", "Thu 12 Nov"]
    assert found["highest-day"].detail == "Mon 16 Nov" and requests(found["highest-day"]) == 7


def test_a_pace_takes_seven_days(box: Box) -> None:
    days = [f"2026-11-{day:02} 10:00" for day in range(1, 7)]
    now = "2026-11-16 00:00"
    assert "month-pace" not in facts(box, now, *days, "2026-10-30 10:00")
    found = facts(box, now, *days, "2026-11-07 10:00", "2026-10-30 10:00")
    # Half of the month is over.
    assert found["month-pace"].pico == 14 * PRICE


def test_a_pace_begins_with_the_first_log(box: Box) -> None:
    days = [f"2026-11-{day:02} 10:00" for day in range(6, 16)]
    found = facts(box, "2026-11-16 00:00", *days)
    assert found["month-pace"].pico == 10 * PRICE + 10 * PRICE * 15 // 10


def test_the_highest_turns_are_the_highest(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:

        def ask(moment: Moment) -> tuple[list[int], tuple[Fact, ...]]:
            every = [
                turn.spend.cost_pico
                for key in sessions.all_keys(moment.ledger)
                for turn in turns.turns(moment.ledger, key)
                if turn.number
            ]
            return sorted(every, reverse=True)[:10], pace(moment)

        highest, found = feed.ask(ask)
        fact = next(fact for fact in found if fact.key == "highest-turn")
        assert [row.spend.cost_pico for row in fact.evidence if row.spend] == highest
        assert fact.spend == fact.evidence[0].spend


def test_rows_sum_to_their_fact(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        found = feed.ask(pace)
        months = dict(feed.ask(lambda moment: spend.grouped(moment.ledger, "month", Filter(), UTC)))
        for fact in found:
            if fact.key != "highest-turn":
                rows = [row.spend for row in fact.evidence if row.spend]
                assert fact.spend is not None and len(rows) == fact.rows
                assert sum(row.cost_pico for row in rows) == fact.spend.cost_pico
        month = next(fact for fact in found if fact.key == "month")
        assert month.spend == months["2026-11"]
