"""How fast money is being spent, and how many agents were at work at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MINUTE_MS = 60_000
BURN_MINUTES = 10


def by_minute(costs: Iterable[tuple[int, int]], now_ms: int, minutes: int) -> tuple[int, ...]:
    """Return the sums of `(at_ms, amount)` in each of the last minutes, oldest first.

    The last minute ends at `now_ms`; what is later or older is left out. Empty when nothing is in
    range.
    """
    sums = [0] * minutes
    found = False
    for at_ms, amount in costs:
        index = minutes - 1 - (now_ms - at_ms) // MINUTE_MS
        if at_ms <= now_ms and index >= 0:
            sums[index] += amount
            found = True
    return tuple(sums) if found else ()


def burn_per_hour(minutes: Sequence[int]) -> int | None:
    """Return the last ten of these minutes × 6; None when there was nothing in them."""
    recent = sum(minutes[-BURN_MINUTES:])
    return recent * 6 if recent else None


def peak(spans: Iterable[tuple[int, int]]) -> int:
    """Return the most `(start, end)` spans that were open at once; touching ends don't overlap."""
    edges = sorted(edge for start, end in spans for edge in ((start, 1), (max(start + 1, end), -1)))
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most
