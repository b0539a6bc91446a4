"""How fast a session, a turn or everything spends while it spends, and when that reaches a limit.

An active minute is a whole minute, counted from the epoch, in which anything was spent. The pace is
the mean of the active minutes of the last hour, in which every ten of them weigh half as much as
the ten after them: pauses neither slow it nor make it old. The minute that goes on still is left
out: a part of a minute is no minute. Source: §9.2 of the specification of budgets and alerts; the
hour and all below are ours.

What is reached, and when, is told for a work that goes on from now without a pause, each minute as
an active one: an earliest time, and no forecast. An agent whose answers take some minutes each has
minutes without any spend even while it works, so its limit is reached later.

Silent: with fewer than five active minutes, and after ten minutes without any spend, the time that
a burn rate is told for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tokenwatch.analysis.burn import BURN_MINUTES, MINUTE_MS
from tokenwatch.analysis.timescale import HOUR_MS

LOOK_MS: Final = HOUR_MS
"""How far back minutes count: the oldest of sixty weighs a sixty-fourth."""
LEAST_MINUTES: Final = 5
"""Active minutes that a pace takes."""
SILENT_MS: Final = BURN_MINUTES * MINUTE_MS
"""After so long without any spend nothing goes on."""
HORIZON_MS: Final = 5 * HOUR_MS
"""Nothing further ahead is told. Hardly any work goes on for longer without a pause; and what was
spent in the last five hours grows no more after five hours at one pace."""
_HALF_LIFE: Final = 10
"""In active minutes."""
_STEPS: Final = tuple(round(2 ** (32 - step / _HALF_LIFE)) << 6 for step in range(_HALF_LIFE))
"""Weights of the ten latest active minutes, which can be halved six times."""


class Pace(NamedTuple):
    """How fast something spends, in the unit of what was given; rounded down."""

    per_minute: int
    """Of an active one."""
    per_hour: int
    """In sixty active minutes."""
    active_minutes: int
    """So many were seen in the last hour."""
    last_ms: int
    """When anything was spent last."""


def since_ms(now_ms: int) -> int:
    """Return from when on a pace wants to know what was spent: the beginning of a minute."""
    return now_ms // MINUTE_MS * MINUTE_MS - LOOK_MS


def pace(spent: Iterable[tuple[int, int]], now_ms: int) -> Pace | None:
    """Return the pace of `(at_ms, amount)`, in any order; None where it is silent.

    What is older than an hour, or later than now as after a clock that went back, does not count.
    """
    begin, end = since_ms(now_ms), now_ms // MINUTE_MS * MINUTE_MS
    last_ms: int | None = None
    minutes: dict[int, int] = {}
    for at_ms, amount in spent:
        if amount <= 0 or not begin <= at_ms <= now_ms:
            continue
        last_ms = at_ms if last_ms is None else max(last_ms, at_ms)
        if at_ms < end:
            minute = at_ms // MINUTE_MS
            minutes[minute] = minutes.get(minute, 0) + amount
    if last_ms is None or now_ms - last_ms >= SILENT_MS or len(minutes) < LEAST_MINUTES:
        return None
    weighed = whole = 0
    for place, minute in enumerate(sorted(minutes, reverse=True)):
        halvings, step = divmod(place, _HALF_LIFE)
        weight = _STEPS[step] >> halvings
        weighed += weight * minutes[minute]
        whole += weight
    return Pace(weighed // whole, weighed * 60 // whole, len(minutes), last_ms)


def crosses_ms(
    of: Pace,
    *,
    now_ms: int,
    spent: int,
    limit: int,
    leaving: Iterable[tuple[int, int]] = (),
) -> int | None:
    """Return when a limit is reached at a pace that goes on from now without a pause.

    leaving: `(instant, amount)` of what no longer counts from an instant on, in any order: of a
    rolling period. None where the limit is reached already, or not within HORIZON_MS.
    """
    if spent >= limit:
        return None
    for until_ms, amount in sorted(leaving):
        if until_ms <= now_ms:
            continue
        reached = _after(of, now_ms, limit - spent)
        if reached < until_ms:
            break
        spent -= amount
    reached = _after(of, now_ms, limit - spent)
    return reached if reached <= now_ms + HORIZON_MS else None


def _after(of: Pace, now_ms: int, amount: int) -> int:
    """Return when so much more is spent."""
    return now_ms - -amount * HOUR_MS // of.per_hour
