"""Periods are local days, across changes of the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tokenwatch.analysis.period import LENGTHS, Period

BERLIN = ZoneInfo("Europe/Berlin")


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=BERLIN).timestamp() * 1000)  # type: ignore[arg-type]


NOW = ms(2026, 10, 26, 14, 30)
"""The day after the clock was put back."""


@pytest.mark.parametrize(
    ("period", "since", "until", "words"),
    [
        (Period("today"), ms(2026, 10, 26), None, "today"),
        (Period("today", 1), ms(2026, 10, 25), ms(2026, 10, 26), "Sun 25 Oct"),
        (Period("24h"), NOW - 86_400_000, None, "last 24 hours"),
        (Period("24h", 1), NOW - 2 * 86_400_000, NOW - 86_400_000, "24 hours before"),
        (Period("7d"), ms(2026, 10, 20), None, "last 7 days"),
        (Period("7d", 1), ms(2026, 10, 13), ms(2026, 10, 20), "13 to 19 Oct"),
        (Period("7d", 3), ms(2026, 9, 29), ms(2026, 10, 6), "29 Sep to 5 Oct"),
        (Period("month"), ms(2026, 10, 1), None, "this month"),
        (Period("month", 10), ms(2025, 12, 1), ms(2026, 1, 1), "December 2025"),
        (Period("all"), None, None, "all time"),
    ],
)
def test_spans(period: Period, since: int | None, until: int | None, words: str) -> None:
    assert period.span(NOW, BERLIN) == (since, until)
    assert period.words(NOW, BERLIN) == words


def test_the_day_of_the_change_has_25_hours() -> None:
    since, until = Period("today", 1).span(NOW, BERLIN)
    assert since is not None and until is not None
    assert until - since == 25 * 3_600_000


def test_shifting_stays_in_the_past() -> None:
    assert Period("7d").shifted(1) == Period("7d")
    assert Period("7d").shifted(-1).shifted(-1) == Period("7d", 2)
    assert Period("7d", 2).shifted(1) == Period("7d", 1)
    assert Period("all").shifted(-1) == Period("all")


def test_lengths_go_round() -> None:
    period, seen = Period("24h", 3), []
    for _ in LENGTHS:
        period = period.next_length()
        seen.append(period.length)
        assert period.back == 0
    assert sorted(seen) == sorted(LENGTHS)
