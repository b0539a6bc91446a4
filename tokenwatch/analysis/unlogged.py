"""What a client's own meter holds beyond the requests in its logs.

Claude Code writes running totals (`cost-state`): a meter for each (session, start), which a resume
continues, a killed process loses and a fork inherits. The rest, meter less logged requests, is the
compaction, the search tool's inner requests, titles, and the estimated end of interrupted answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tokenwatch.model import NO_USAGE, Usage

Counts = Mapping[str, tuple[Usage, int]]
"""Usage and web searches by model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """One state of a meter."""

    session_id: str
    started_ms: int
    as_of_ms: int
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The unlogged part by model; empty where the meter holds nothing beyond the log."""

    counts: Counts
    as_of_ms: int


Logged = Callable[[int, int], Counts]
"""Usage of the session's logged requests in [first, second], both in ms."""


def unlogged(
    readings: Sequence[MeterReading],
    relatives: Sequence[MeterReading],
    logged: Logged,
    *,
    forked_ms: int | None,
) -> Rest | None:
    """Return the unlogged part of one session; None where it can't be known.

    readings: all of the session's own. forked_ms: when a fork began its own work; None for a
    session that is no fork. relatives: readings of other sessions whose meters have the same
    starts: a fork's meter includes what its parent's held at the fork. Where no parent's reading is
    known, or several would fit and they differ, the part is unknown.
    """
    if not readings:
        return None
    rest: dict[str, tuple[Usage, int]] = {}
    as_of = 0
    for start in sorted({reading.started_ms for reading in readings}):
        last = max(
            (r for r in readings if r.started_ms == start),
            key=lambda r: (r.as_of_ms, _size(r.counts)),
        )
        known = logged(start, last.as_of_ms)
        if forked_ms is None:
            found = _less(last.counts, known)
        else:
            bases = _bases(start, forked_ms, relatives)
            fitting = {_frozen(d): d for b in bases if (d := _exact(last.counts, b, known))}
            if len(fitting) != 1:
                return None
            found = next(iter(fitting.values()))
        for model, (usage, searches) in found.items():
            before, count = rest.get(model, (NO_USAGE, 0))
            rest[model] = (before + usage, count + searches)
        as_of = max(as_of, last.as_of_ms)
    return Rest(counts=rest, as_of_ms=as_of)


def _bases(start: int, forked_ms: int, relatives: Sequence[MeterReading]) -> list[Counts]:
    """Return what a fork's meter may have begun with: each relative's last state before it."""
    latest: dict[str, MeterReading] = {}
    for reading in sorted(relatives, key=lambda r: r.as_of_ms):
        if reading.started_ms == start and reading.as_of_ms <= forked_ms:
            latest[reading.session_id] = reading
    return [reading.counts for reading in latest.values()]


def _exact(meter: Counts, basis: Counts, known: Counts) -> dict[str, tuple[Usage, int]] | None:
    """Return meter less basis less known; None if any part would be negative."""
    result: dict[str, tuple[Usage, int]] = {}
    for model in {*meter, *basis, *known}:
        (m, ms), (b, bs), (k, ks) = (
            counts.get(model, (NO_USAGE, 0)) for counts in (meter, basis, known)
        )
        usage = _combine(m, b + k)
        searches = ms - bs - ks
        if min(*_parts(usage), searches) < 0:
            return None
        result[model] = (usage, searches)
    return result


def _less(meter: Counts, known: Counts) -> dict[str, tuple[Usage, int]]:
    """Return the positive part of meter less known, kind by kind."""
    result: dict[str, tuple[Usage, int]] = {}
    for model, (usage, searches) in meter.items():
        logged, logged_searches = known.get(model, (NO_USAGE, 0))
        left = _combine(usage, logged)
        result[model] = (
            Usage(
                input=max(0, left.input),
                cache_read=max(0, left.cache_read),
                cache_write_5m=max(0, left.cache_write_5m),
                cache_write_1h=max(0, left.cache_write_1h),
                output=max(0, left.output),
                reasoning=min(max(0, left.reasoning), max(0, left.output)),
            ),
            max(0, searches - logged_searches),
        )
    return result


def _combine(a: Usage, b: Usage) -> Usage:
    return Usage(
        input=a.input - b.input,
        cache_read=a.cache_read - b.cache_read,
        cache_write_5m=a.cache_write_5m - b.cache_write_5m,
        cache_write_1h=a.cache_write_1h - b.cache_write_1h,
        output=a.output - b.output,
        reasoning=max(0, a.reasoning - b.reasoning),
    )


def _parts(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.output,
    )


def _size(counts: Counts) -> int:
    return sum(usage.total for usage, _ in counts.values())


def _frozen(counts: Counts) -> tuple[tuple[str, Usage, int], ...]:
    return tuple(
        (model, usage, searches)
        for model, (usage, searches) in sorted(counts.items())
        if usage.total or searches
    )
