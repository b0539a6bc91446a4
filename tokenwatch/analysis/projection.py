"""Where a plan window's use goes if it goes on as in its latest readings; silent where they say
too little."""

from collections.abc import Sequence
from typing import NamedTuple

MINUTE_MS = 60_000
LEAST_STRETCH_MS = 30 * MINUTE_MS
LEAST_READINGS = 3
LEAST_RISE = 2.0
"""In points of a percent: most readings are whole percents, so less could be one step."""


class Projection(NamedTuple):
    """A straight line through the first and the last of the recent readings."""

    since_ms: int
    """Time of the first of these readings."""
    until_ms: int
    """Time of the last one."""
    readings: int
    per_hour: float
    """Points of a percent."""
    at_reset: float
    """Percent when the window closes; above 100 where the window would be full before."""
    full_ms: int | None
    """When it would reach 100; None if not before it closes."""


def stretch_ms(minutes: int) -> int:
    """Return how far back readings are recent: a tenth of the window, at least half an hour."""
    return max(LEAST_STRETCH_MS, minutes * MINUTE_MS // 10)


def project(
    readings: Sequence[tuple[int, float]], minutes: int, resets_ms: int, now_ms: int
) -> Projection | None:
    """Return the line of the recent `(observed_ms, percent)`; None where they carry none.

    readings: of one window of that length, in the order of time. They carry a line if there are
    three at least, over a third of the recent stretch, which rise by two points or more and never
    fall, and if the last one is itself recent.
    """
    if not readings or resets_ms <= now_ms:
        return None
    stretch = stretch_ms(minutes)
    last_ms, last = readings[-1]
    if now_ms - last_ms > stretch:
        return None
    recent = [(at, used) for at, used in readings if at >= last_ms - stretch]
    first_ms, first = recent[0]
    falls = any(after[1] < before[1] for before, after in zip(recent, recent[1:], strict=False))
    if len(recent) < LEAST_READINGS or falls or last - first < LEAST_RISE:
        return None
    if (last_ms - first_ms) * 3 < stretch:
        return None
    slope = (last - first) / (last_ms - first_ms)
    at_reset = last + slope * (resets_ms - last_ms)
    full_ms = None
    if last < 100 <= at_reset:
        full_ms = last_ms + round((100 - last) / slope)
    return Projection(
        since_ms=first_ms,
        until_ms=last_ms,
        readings=len(recent),
        per_hour=slope * 60 * MINUTE_MS,
        at_reset=at_reset,
        full_ms=full_ms,
    )
