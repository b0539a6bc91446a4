"""The time axis of the lanes: columns of equal length, cut at round local times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
STEPS_MS: Final = (
    *(seconds * 1000 for seconds in (1, 2, 5, 10, 15, 20, 30)),
    *(minutes * MINUTE_MS for minutes in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(days * DAY_MS for days in (1, 2, 4, 7, 14, 28, 56, 112, 224)),
)
"""How long a column can be."""
_TICKS_MS: Final = (
    *(seconds * 1000 for seconds in (10, 30)),
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 4, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14, 28, 91, 364)),
)
_TICK_ROOM: Final = 11
"""Columns from one label to the next, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """`columns` columns of `column_ms` from `start_ms` on.

    Columns begin at multiples of their length since a local midnight, so that their contents stay
    put while time goes on: the axis moves by whole columns.
    """

    start_ms: int
    column_ms: int
    columns: int
    origin_ms: int
    """A local midnight."""
    zone: tzinfo

    @property
    def end_ms(self) -> int:
        """Where the last column ends."""
        return self.start_ms + self.column_ms * self.columns

    def column(self, at_ms: int) -> int:
        """Return the column of an instant; it may lie outside."""
        return (at_ms - self.start_ms) // self.column_ms

    def moved(self, columns: int) -> Axis:
        """Return the axis so many columns later (earlier, if negative)."""
        return replace(self, start_ms=self.start_ms + columns * self.column_ms)

    def ending_at(self, at_ms: int) -> Axis:
        """Return the axis whose last column holds that instant."""
        return self.moved(self.column(at_ms) - self.columns + 1)

    def within(self, since_ms: int, until_ms: int) -> Axis:
        """Return the axis moved so that it shows as much as it can of a stretch, and its end."""
        ended = self.ending_at(max(since_ms, until_ms - 1))
        if ended.start_ms <= since_ms or self.start_ms >= ended.start_ms:
            return ended
        return self.moved(max(0, self.column(since_ms)))

    def stretched(self, step: int, around_ms: int) -> Axis:
        """Return the axis with columns of half (1) or twice (-1) the length, about.

        The instant stays in the column where it is.
        """
        if step > 0:
            length = max((s for s in STEPS_MS if s * 2 <= self.column_ms), default=STEPS_MS[0])
        else:
            length = min((s for s in STEPS_MS if s >= self.column_ms * 2), default=STEPS_MS[-1])
        column = self.column(around_ms)
        start = _floor(around_ms, length, self.origin_ms) - column * length
        return replace(self, column_ms=length, start_ms=start)

    def ticks(self) -> list[tuple[int, str]]:
        """Return where times are written, and what: each label fits before the next."""
        unit = next(
            (t for t in _TICKS_MS if t >= self.column_ms * _TICK_ROOM and t % self.column_ms == 0),
            _TICKS_MS[-1],
        )
        first = _floor(self.start_ms, unit, self.origin_ms)
        ticks: list[tuple[int, str]] = []
        for at_ms in range(first, self.end_ms, unit):
            column = self.column(at_ms)
            if column >= 0:
                ticks.append((column, self._label(at_ms, unit)))
        return ticks

    def _label(self, at_ms: int, unit: int) -> str:
        moment = datetime.fromtimestamp(at_ms / 1000, self.zone)
        day = f"{moment.day} {moment:%b}"
        if unit >= DAY_MS:
            return day if unit < 91 * DAY_MS else f"{moment:%b %Y}"
        if not moment.hour and not moment.minute and not moment.second:
            return day
        return f"{moment:%H:%M:%S}" if unit < MINUTE_MS else f"{moment:%H:%M}"


def fitting(since_ms: int, until_ms: int, columns: int, zone: tzinfo) -> Axis:
    """Return the axis with the shortest columns that shows all of [since, until), at its end."""
    columns = max(1, columns)
    origin = _midnight(until_ms, zone)
    last_ms = max(since_ms, until_ms - 1)
    for length in STEPS_MS:
        first, last = (_floor(at, length, origin) for at in (since_ms, last_ms))
        if (last - first) // length < columns:
            break
    start = last - (columns - 1) * length
    return Axis(start_ms=start, column_ms=length, columns=columns, origin_ms=origin, zone=zone)


def _floor(at_ms: int, unit: int, origin_ms: int) -> int:
    return at_ms - (at_ms - origin_ms) % unit


def _midnight(at_ms: int, zone: tzinfo) -> int:
    day = datetime.fromtimestamp(at_ms / 1000, zone)
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def highest(levels: Sequence[tuple[int, int]], axis: Axis, until_ms: int) -> list[int]:
    """Return the highest level within each column: `levels` as (since when, how high), in order.

    Columns from `until_ms` on are 0.
    """
    result = [0] * axis.columns
    for number, (at_ms, level) in enumerate(levels):
        end = levels[number + 1][0] if number + 1 < len(levels) else max(at_ms + 1, until_ms)
        if not level or end <= axis.start_ms:
            continue
        if at_ms >= axis.end_ms:
            break
        first = max(0, axis.column(at_ms))
        last = min(axis.columns - 1, axis.column(min(end, until_ms) - 1))
        for column in range(first, last + 1):
            result[column] = max(result[column], level)
    return result


def step_words(milliseconds: int) -> str:
    """Return a column's length: `30 s`, `15 min`, `2 h`, `7 d`."""
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min")):
        if milliseconds >= size:
            return f"{milliseconds // size} {unit}"
    return f"{milliseconds // 1000} s"
