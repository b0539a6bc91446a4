"""How many agents were at work at once: spans in, levels out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Span = tuple[int, int]
"""Start and end in ms; one that ends where it starts lasts a millisecond."""


class Concurrency(NamedTuple):
    """How many spans were open at once."""

    peaks: tuple[int, ...]
    """The most at once in each stretch between two edges."""
    peak_ms: int | None
    """When the most of all were first open; None without any."""
    lengths_ms: tuple[int, ...]
    """For how long exactly one, two, three, … were open; as many as the peak."""

    @property
    def peak(self) -> int:
        """The most that were open at once."""
        return len(self.lengths_ms)


def concurrency(spans: Iterable[Span], edges: Sequence[int]) -> Concurrency:
    """Return how many spans were open at once between the first edge and the last.

    Touching ends don't overlap.
    """
    first, last = edges[0], edges[-1]
    steps: dict[int, int] = dict.fromkeys(edges[1:-1], 0)
    for start, end in spans:
        begin, stop = max(start, first), min(max(end, start + 1), last)
        if begin < stop:
            steps[begin] = steps.get(begin, 0) + 1
            steps[stop] = steps.get(stop, 0) - 1
    peaks = [0] * (len(edges) - 1)
    lengths: list[int] = []
    level, since, peak_ms = 0, first, None
    for at_ms in sorted(steps):
        if level:
            lengths[level - 1] += at_ms - since
        since = at_ms
        level += steps[at_ms]
        if level > len(lengths):
            lengths += [0] * (level - len(lengths))
            peak_ms = at_ms
        if at_ms < last:
            unit = bisect_right(edges, at_ms) - 1
            peaks[unit] = max(peaks[unit], level)
    return Concurrency(tuple(peaks), peak_ms, tuple(lengths))


def lengths_between(spans: Iterable[Span], edges: Sequence[int]) -> list[int]:
    """Return how long the spans were open between each two edges, in ms, added up."""
    sums = [0] * (len(edges) - 1)
    for start, end in spans:
        begin, stop = max(start, edges[0]), min(end, edges[-1])
        unit = bisect_right(edges, begin) - 1
        while begin < stop:
            until = min(stop, edges[unit + 1])
            sums[unit] += until - begin
            begin, unit = until, unit + 1
    return sums
