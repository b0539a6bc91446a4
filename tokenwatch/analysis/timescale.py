"""A stretch of local time cut into hours, days, weeks or months: what a chart's bars stand for."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from tokenwatch.analysis.period import midnight

HOUR_MS = 3_600_000
LENGTHS: Final = {"hour": (1, 2, 3), "day": (14, 28, 7), "week": (13, 26), "month": (12, 24)}
"""For each unit, closest first, how many of it are looked at; the first is what one begins with.

Hours are looked at by whole days.
"""
UNITS: Final = tuple(LENGTHS)


class Window(NamedTuple):
    """So many units in a row. Days, weeks (from Monday) and months are local ones."""

    unit: str = "day"
    """One of UNITS."""
    length: int = 14
    """Of units; of whole days where the unit is the hour."""
    last: date | None = None
    """A day in its last unit; None: today, whenever that is."""

    def edges(self, now_ms: int, zone: tzinfo) -> tuple[int, ...]:
        """Return where its units begin, and where the last one ends.

        A day on which clocks change has 23 or 25 hours, each an hour long.
        """
        first, behind = self._days(now_ms, zone)
        if self.unit == "month":
            starts = [_month(first, step) for step in range(self.length + 1)]
        else:
            step = 7 if self.unit == "week" else 1
            days = range(0, (behind - first).days + 1, step)
            starts = [first + timedelta(days=count) for count in days]
        marks = [midnight(day, zone) for day in starts]
        if self.unit != "hour":
            return tuple(marks)
        hours = [range(a, b, HOUR_MS) for a, b in zip(marks, marks[1:], strict=False)]
        return (*(hour for day in hours for hour in day), marks[-1])

    def before(self, now_ms: int, zone: tzinfo) -> tuple[int, int]:
        """Return the span to compare with: as long, right before; as far into it as now is."""
        edges = self.edges(now_ms, zone)
        earlier = self._moved(-1, now_ms, zone).edges(now_ms, zone)
        if now_ms >= edges[-1]:
            return earlier[0], earlier[-1]
        unit = min(max(0, bisect_right(edges, now_ms) - 1), len(earlier) - 2)
        return earlier[0], min(earlier[unit] + now_ms - edges[unit], earlier[unit + 1])

    def shifted(self, step: int, now_ms: int, zone: tzinfo) -> Window:
        """Return the window before (-1) or after (1); none goes beyond today."""
        moved = self._moved(step, now_ms, zone)
        return moved._anchored(now_ms, zone)

    def stretched(self, step: int) -> Window:
        """Return the window of the unit closer (1) or wider (-1) that ends on the same day."""
        place = UNITS.index(self.unit) - step
        unit = UNITS[min(max(0, place), len(UNITS) - 1)]
        return self if unit == self.unit else Window(unit, LENGTHS[unit][0], self.last)

    def next_length(self) -> Window:
        """Return the window of the same end and unit, and the next length."""
        lengths = LENGTHS[self.unit]
        place = lengths.index(self.length) + 1 if self.length in lengths else 0
        return self._replace(length=lengths[place % len(lengths)])

    def within(self, unit: int, now_ms: int, zone: tzinfo) -> Window | None:
        """Return the window of what lies within one of its units; None for an hour."""
        if self.unit == "hour":
            return None
        edges = self.edges(now_ms, zone)
        first, behind = (_day(edge, zone) for edge in edges[unit : unit + 2])
        if self.unit == "day":
            return Window.of_day(first, now_ms, zone)
        last = min(behind - timedelta(days=1), max(first, _day(now_ms, zone)))
        return Window("day", (last - first).days + 1, last)._anchored(now_ms, zone)

    @staticmethod
    def of_day(day: date, now_ms: int, zone: tzinfo) -> Window:
        """Return the window of one day's hours."""
        return Window("hour", 1, None if day >= _day(now_ms, zone) else day)

    def words(self, now_ms: int, zone: tzinfo) -> str:
        """Return its days: `9 to 22 Nov`, `today`, `Dec 2025 to Nov 2026`."""
        first, behind = self._days(now_ms, zone)
        last, today = behind - timedelta(days=1), _day(now_ms, zone)
        if self.unit == "month":
            return f"{first:%b %Y} to {last:%b %Y}"
        if first == last:
            return "today" if first == today else f"{first:%a} {first.day} {first:%b}"
        month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%b}"
        return f"{first.day}{month} to {last.day} {last:%b}"

    def _days(self, now_ms: int, zone: tzinfo) -> tuple[date, date]:
        """Return its first day, and the day behind its last."""
        last = self.last or _day(now_ms, zone)
        if self.unit == "month":
            return _month(last, 1 - self.length), _month(last, 1)
        if self.unit == "week":
            behind = last + timedelta(days=7 - last.weekday())
            return behind - timedelta(days=7 * self.length), behind
        behind = last + timedelta(days=1)
        return behind - timedelta(days=self.length), behind

    def _moved(self, step: int, now_ms: int, zone: tzinfo) -> Window:
        last, count = self.last or _day(now_ms, zone), self.length * step
        if self.unit == "month":
            return self._replace(last=_month(last, count))
        return self._replace(last=last + timedelta(days=count * (7 if self.unit == "week" else 1)))

    def _anchored(self, now_ms: int, zone: tzinfo) -> Window:
        """Return it as the present window if its last unit is today's or later."""
        _, behind = self._days(now_ms, zone)
        return self._replace(last=None) if behind > _day(now_ms, zone) else self


def _month(day: date, step: int) -> date:
    months = day.year * 12 + day.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _day(at_ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, zone).date()
