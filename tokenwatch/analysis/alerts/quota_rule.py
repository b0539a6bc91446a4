"""What is told of a plan's window: that it is nearly full, or will be before it resets.

The specification of budgets and alerts has no line for it in its table: 80 and 95 percent, and all
spans here, are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.alert import AlertKind, Condition, Severity

NEARLY: Final = 80
"""Percent."""
ALMOST: Final = 95
_FALLEN: Final = 5
"""So many percent below a level it is left."""
LEAST: Final = 20
"""Before so many percent are used the pace says too little of the end."""
HOLD_MS: Final = 5 * 60_000
"""As for the forecast of a budget (§9.3)."""
LATER_MS: Final = 15 * 60_000
"""Full so long after the reset is over; in between it may go either way."""


class WindowValues(NamedTuple):
    """A window of a plan as it was last reported."""

    key: str
    """Tells it from any other; the same for every window of its length that follows."""
    name: str
    """As people say it: `Codex 5h`."""
    used_percent: float | None
    """None where nobody said."""
    resets_ms: int | None = None
    full_ms: int | None = None
    """When it is full at the present pace; None where that is unknown, or never."""
    is_stale: bool = False
    """What was reported says nothing of now."""


def of_window(of: WindowValues, now_ms: int, zone: tzinfo) -> Iterator[Condition]:
    """Yield what holds of a window: nothing after its reset, and what is stale says nothing."""
    has_reset = of.resets_ms is not None and of.resets_ms <= now_ms
    used = None if of.is_stale or has_reset else of.used_percent
    yield _used(of, used, has_reset, now_ms, zone)
    yield _full(of, used, has_reset, now_ms, zone)


def _level(used: float) -> int:
    return ALMOST if used >= ALMOST else NEARLY if used >= NEARLY else 0


def _used(
    of: WindowValues, used: float | None, has_reset: bool, now_ms: int, zone: tzinfo
) -> Condition:
    passed = 0 if used is None else _level(used)
    resets = "" if of.resets_ms is None else f", resets {fmt.clock(of.resets_ms, zone, now_ms)}"
    share = fmt.share(None if used is None else used / 100)
    return Condition(
        key=f"{AlertKind.QUOTA.value}/{of.key}",
        kind=AlertKind.QUOTA,
        severity=Severity.CRITICAL if passed >= ALMOST else Severity.WARNING,
        holds=passed > 0,
        is_over=has_reset or (used is not None and used < NEARLY - _FALLEN),
        text=f"{fmt.one_line(of.name, 60)} window: {share} used, past {passed}%{resets}",
        action="Leave what can wait until it resets",
        level=passed,
        base_level=None if used is None else _level(used + _FALLEN),
    )


def _full(
    of: WindowValues, used: float | None, has_reset: bool, now_ms: int, zone: tzinfo
) -> Condition:
    holds = is_later = False
    if used is not None and of.full_ms is not None and of.resets_ms is not None:
        holds = LEAST <= used < 100 and of.full_ms < of.resets_ms
        is_later = of.full_ms >= of.resets_ms + LATER_MS
    times = [fmt.clock(at_ms, zone, now_ms) for at_ms in (of.full_ms, of.resets_ms)]
    share = fmt.share(None if used is None else used / 100)
    return Condition(
        key=f"{AlertKind.QUOTA.value}/{of.key}/full",
        kind=AlertKind.QUOTA,
        severity=Severity.WARNING,
        holds=holds,
        is_over=has_reset or is_later or (used is not None and of.full_ms is None),
        text=f"{fmt.one_line(of.name, 60)} window: {share} used, full ≈ {times[0]},"
        f" resets {times[1]}",
        action="Leave what can wait until it resets, or choose a smaller model",
        hold_ms=HOLD_MS,
    )
