"""Stretches of local time that a screen looks at: today, 24 hours, 7 or 30 days, a month, all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

LENGTHS: Final = ("today", "24h", "7d", "30d", "month", "all")
"""In the order in which a key goes through them."""
_HOURS = {"24h": 24}
_DAYS = {"today": 1, "7d": 7, "30d": 30}
_NAMES = {
    "today": "today",
    "24h": "last 24 hours",
    "7d": "last 7 days",
    "30d": "last 30 days",
    "month": "this month",
    "all": "all time",
}


class Period(NamedTuple):
    """A length, and how many of its length it lies back. Days and months are local ones."""

    length: str = "7d"
    """One of LENGTHS."""
    back: int = 0

    def next_length(self) -> Period:
        """Return the present period of the next length."""
        return Period(LENGTHS[(LENGTHS.index(self.length) + 1) % len(LENGTHS)])

    def shifted(self, step: int) -> Period:
        """Return the period before (-1) or after (1); never a future one."""
        if self.length == "all":
            return self
        return self._replace(back=max(0, self.back - step))

    def span(self, now_ms: int, zone: tzinfo) -> tuple[int | None, int | None]:
        """Return since (inclusive) and until (exclusive); None where it is open.

        The present period is open at its end. `7d` are today and the six days before.
        """
        if self.length == "all":
            return None, None
        if self.length in _HOURS:
            hours = _HOURS[self.length] * 3_600_000
            until = now_ms - self.back * hours
            return until - hours, until if self.back else None
        first, last = self._dates(now_ms, zone)
        return midnight(first, zone), midnight(last, zone) if self.back else None

    def _dates(self, now_ms: int, zone: tzinfo) -> tuple[date, date]:
        """Return the first day and the day after the last."""
        today = datetime.fromtimestamp(now_ms / 1000, zone).date()
        if self.length == "month":
            months = today.year * 12 + today.month - 1 - self.back
            return _month(months), _month(months + 1)
        days = _DAYS[self.length]
        last = today + timedelta(days=1 - days * self.back)
        return last - timedelta(days=days), last

    def words(self, now_ms: int, zone: tzinfo) -> str:
        """Return what it is called: `last 7 days`, `8 to 14 Nov`, `October 2026`."""
        if not self.back:
            return _NAMES[self.length]
        if self.length in _HOURS:
            return f"{_HOURS[self.length] * self.back} hours before"
        first, last = self._dates(now_ms, zone)
        last -= timedelta(days=1)
        if self.length == "month":
            return f"{first:%B} {first.year}"
        if first == last:
            return f"{first:%a} {first.day} {first:%b}"
        month = "" if first.month == last.month else f" {first:%b}"
        return f"{first.day}{month} to {last.day} {last:%b}"


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def midnight(day: date, zone: tzinfo) -> int:
    """Return the instant at which a local day begins."""
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
