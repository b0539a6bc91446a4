"""Where a day, week or month ends if it goes on as the user's own weeks did; silent where those
say too little.

Known is what was spent in each local hour of up to eight weeks before today. Then:

- A day is compared with days of its own weekday if there are four, else with those of its kind
  (Monday to Friday, Saturday and Sunday), else with all. Days without any spend count only while
  there is none today either. What each of them spent after this time of day is scaled by how today
  stands to what they had spent by now in the middle (0.3 to 3 times).
- A week or a month goes on, after the rest of today, like each past week in turn and the weeks that
  followed it.

That gives as many ways to the end as there are days or weeks to compare with. P50 is the middle of
their ends and P80 what four of five stay below. The ends are compared, not hour by hour: medians of
single hours do not add up to the median of a day, and are nought where somebody works at no fixed
hours.

Silent: with fewer than ten days with any spend, for a week or month with fewer than two whole weeks
known, and before a tenth of the time is over in which the user is usually active.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from tokenwatch.analysis.timescale import HOUR_MS

LOOK_DAYS: Final = 56
"""How far back the weeks are compared with: eight."""
LEAST_DAYS: Final = 10
"""Days with any spend that a forecast takes."""
LEAST_ALIKE: Final = 4
"""Days of a weekday, or of its kind, that are enough to compare with them alone: ours."""
LEAST_WEEKS: Final = 2
_LEAST_PASSED: Final = 10
"""In percent of the time that is usually active."""
_SCALE: Final = (300, 3000)
"""Bounds of how today stands to others, in thousandths."""

Cell = tuple[date, int]
"""A local day and its hour, 0 to 23."""
Hours = Mapping[Cell, int]
"""What was spent in each; hours without any are left out."""
Way = Callable[[date, int], int]
"""What an hour to come will have spent, if it goes as a past one."""


class Forecast(NamedTuple):
    """What will have been spent by an instant, in the unit of what was given."""

    p50: int
    p80: int
    at_ms: int
    crosses_ms: int | None
    """By when four of five ways have not yet reached the limit but the fifth has, to the hour; None
    where P80 stays below it, or where it is reached already."""


class _Past(NamedTuple):
    """What is known, and what today is."""

    hours: Hours
    first: date
    """The first day of which anything is known."""
    now: datetime
    """Local."""

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def days(self) -> list[date]:
        """All days before today, latest first."""
        known = (self.today - self.first).days
        return [self.today - timedelta(days=back) for back in range(1, known + 1)]

    def total(self, day: date) -> int:
        return sum(self.hours.get((day, hour), 0) for hour in range(24))

    def by_now(self, day: date) -> int:
        """Return what a day had spent by this time of day."""
        before = sum(self.hours.get((day, hour), 0) for hour in range(self.now.hour))
        return before + self.hours.get((day, self.now.hour), 0) * self.now.minute // 60


def cells(amounts: Sequence[tuple[int, int]], zone: tzinfo) -> dict[Cell, int]:
    """Return the sums of `(at_ms, amount)` by local hour; what is nought is left out."""
    found: dict[Cell, int] = {}
    for at_ms, amount in amounts:
        if amount:
            cell = _cell(at_ms, zone)
            found[cell] = found.get(cell, 0) + amount
    return found


def forecast(
    hours: Hours,
    *,
    span_ms: tuple[int, int],
    now_ms: int,
    spent: int,
    limit: int,
    zone: tzinfo,
) -> Forecast | None:
    """Return where a local day, week or month ends; None where too little is known.

    hours: of today and the LOOK_DAYS days before it; others are not used. span_ms: since and until.
    spent: between since and now.
    """
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    oldest = now.date() - timedelta(days=LOOK_DAYS)
    known = {cell: sum_ for cell, sum_ in hours.items() if oldest <= cell[0] < now.date()}
    if len({day for day, _ in known}) < LEAST_DAYS:
        return None
    past = _Past(known, min(day for day, _ in known), now)
    since, until = span_ms
    if not _is_far_enough(past, since, until, now_ms, zone):
        return None
    edges = _edges(now_ms, until, zone)
    is_last_day = not edges or edges[-1].cell[0] == now.date()
    weeks = 0 if is_last_day else len(past.days) // 7
    if not is_last_day and weeks < LEAST_WEEKS:
        return None
    today = sum(sum_ for (day, _), sum_ in hours.items() if day == now.date())
    return _told(edges, _ways(past, today, weeks), spent, limit, until)


def _is_far_enough(past: _Past, since: int, until: int, now_ms: int, zone: tzinfo) -> bool:
    """Tell whether a tenth of the time is over in which the user is usually active."""
    often: dict[tuple[int, int], int] = {}
    for day, hour in past.hours:
        often[day.weekday(), hour] = often.get((day.weekday(), hour), 0) + 1
    before = whole = 0
    for at_ms in range(since, until, HOUR_MS):
        day, hour = _cell(at_ms, zone)
        weight = often.get((day.weekday(), hour), 0)
        length = min(HOUR_MS, until - at_ms)
        whole += weight * length
        before += weight * min(length, max(0, now_ms - at_ms))
    return whole > 0 and before * 100 >= whole * _LEAST_PASSED


def _ways(past: _Past, spent: int, weeks: int) -> list[Way]:
    """Return ways for the time to come: the rest of today, then so many weeks in turn.

    spent: today.
    """
    days = _days_alike(past, spent)
    scale = _scale(past, days, spent)
    return [
        _way(past, days[number % len(days)], scale, number % weeks + 1 if weeks else 1, weeks or 1)
        for number in range(max(len(days), weeks))
    ]


def _days_alike(past: _Past, spent: int) -> list[date]:
    days = [day for day in past.days if not spent or past.total(day)]
    alike = [day for day in days if day.weekday() == past.today.weekday()]
    if len(alike) < LEAST_ALIKE:
        alike = [day for day in days if (day.weekday() > 4) == (past.today.weekday() > 4)]
    return days if len(alike) < LEAST_ALIKE else alike


def _scale(past: _Past, days: Sequence[date], spent: int) -> int:
    """Return how today stands to other days by this time, in thousandths."""
    usual = quantile([past.by_now(day) for day in days], 50)
    if not usual:
        return 1000
    return min(max(spent * 1000 // usual, _SCALE[0]), _SCALE[1])


def _way(past: _Past, like: date, scale: int, back: int, weeks: int) -> Way:
    """Return the way that goes on like a day, then as from so many weeks back.

    After the last week that is known the first one follows.
    """

    def amount(day: date, hour: int) -> int:
        ahead = (day - past.today).days
        if ahead == 0:
            return past.hours.get((like, hour), 0) * scale // 1000
        week = (back - 1 - ahead // 7) % weeks + 1
        then = past.today + timedelta(days=ahead % 7 - 7 * week)
        return past.hours.get((then, hour), 0)

    return amount


class _Edge(NamedTuple):
    """The end of a stretch of an hour at most, in one local hour."""

    until_ms: int
    length_ms: int
    cell: Cell


def _edges(now_ms: int, until: int, zone: tzinfo) -> list[_Edge]:
    """Return the hours from now to the end, the first of them cut."""
    found, at_ms = [], now_ms
    while at_ms < until:
        # Offsets of time zones are whole quarters of an hour; most are whole hours.
        local = datetime.fromtimestamp(at_ms / 1000, zone)
        passed = (local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
        end = min(until, at_ms + HOUR_MS - passed)
        found.append(_Edge(end, end - at_ms, (local.date(), local.hour)))
        at_ms = end
    return found


def _told(
    edges: Sequence[_Edge], ways: Sequence[Way], spent: int, limit: int, until: int
) -> Forecast:
    sums = [spent] * len(ways)
    crosses = None
    for end_ms, length, (day, hour) in edges:
        for number, way in enumerate(ways):
            sums[number] += way(day, hour) * length // HOUR_MS
        if crosses is None and spent < limit <= quantile(sums, 80):
            crosses = end_ms
    return Forecast(quantile(sums, 50), quantile(sums, 80), until, crosses)


def quantile(values: Sequence[int], percent: int) -> int:
    """Return what so many percent of the values stay below, between two of them in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent
    low, part = divmod(place, 100)
    if not part:
        return ordered[low]
    return ordered[low] + (ordered[low + 1] - ordered[low]) * part // 100


def _cell(at_ms: int, zone: tzinfo) -> Cell:
    local = datetime.fromtimestamp(at_ms / 1000, zone)
    return local.date(), local.hour
