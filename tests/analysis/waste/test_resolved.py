"""Resolved: not seen on the last seven days with work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tokenwatch.analysis.waste.resolved import ACTIVE_DAYS, is_resolved, quiet_from

DAY = date(2026, 11, 1)


def days(*numbers: int) -> list[date]:
    return [DAY + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(("later", "expected"), [(6, False), (7, True), (8, True)])
def test_seven_days_with_work_after_it(later: int, expected: bool) -> None:
    assert is_resolved(DAY, days(*range(later + 1))) is expected


def test_days_without_work_tell_nothing() -> None:
    assert not is_resolved(DAY, days(0, 10, 20, 30, 40, 50, 60))
    assert is_resolved(DAY, days(0, 10, 20, 30, 40, 50, 60, 70))


def test_a_day_counts_once_and_their_order_does_not_matter() -> None:
    assert not is_resolved(DAY, days(*[3, 2, 1] * 5))
    assert is_resolved(DAY, days(7, 1, 6, 2, 5, 3, 4, 0))


def test_little_work_resolves_nothing() -> None:
    assert quiet_from([]) is None
    assert quiet_from(days(*range(ACTIVE_DAYS - 1))) is None
    assert quiet_from(days(*range(ACTIVE_DAYS))) == DAY
    assert not is_resolved(date(2020, 1, 1), days(1, 2))
