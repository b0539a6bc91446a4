"""Plan windows as the provider's answers reported them."""

from __future__ import annotations

import msgspec

from tokenwatch.events import QuotaSeen
from tokenwatch.sources.values import EARLIEST_MS, mapping, text

_EXACT = {299: 300, 10079: 10080}
_FAR_MS = 400 * 86_400_000
REPEAT_MS = 60_000
_FLAT = (
    ("primary_used_percent", "primary_window_minutes"),
    ("weekly_used_percent", "weekly_window_minutes"),
)
MAIN_LIMIT = "codex"


class Reading(msgspec.Struct):
    """The latest reading of a window that was passed on."""

    observed_ms: int
    used_percent: float
    resets_ms: int | None
    plan: str | None


def windows(limits: object, at_ms: int) -> list[QuotaSeen]:
    """Return the windows of a `rate_limits` object, told apart by their length.

    Which of them stands first says nothing: a plan may have a weekly window alone.
    """
    found = mapping(limits)
    if not found:
        return []
    limit_id = text(found.get("limit_id")) or MAIN_LIMIT
    plan = text(found.get("plan_type"))
    given = [mapping(found.get("primary")), mapping(found.get("secondary"))]
    for percent, minutes in _FLAT:
        if percent in found:
            given.append({"used_percent": found[percent], "window_minutes": found.get(minutes)})
    seen = []
    for window in given:
        used, minutes_long = _number(window.get("used_percent")), window.get("window_minutes")
        if used is None or type(minutes_long) is not int or not 0 < minutes_long < 10**6:
            continue
        seen.append(
            QuotaSeen(
                limit_id=limit_id,
                window_minutes=_EXACT.get(minutes_long, minutes_long),
                observed_ms=at_ms,
                used_percent=used,
                resets_ms=_resets(window, at_ms),
                plan=plan,
            )
        )
    return seen


def is_news(known: dict[str, Reading], quota: QuotaSeen) -> bool:
    """Tell whether a reading differs from the last one, or is a minute newer; remembers it."""
    key = f"{quota.limit_id}/{quota.window_minutes}"
    old = known.get(key)
    new = Reading(
        observed_ms=quota.observed_ms,
        used_percent=quota.used_percent,
        resets_ms=quota.resets_ms,
        plan=quota.plan,
    )
    if old is not None and new.observed_ms - old.observed_ms < REPEAT_MS:
        old_values = (old.used_percent, old.plan)
        if (new.used_percent, new.plan) == old_values and _near(old.resets_ms, new.resets_ms):
            return False
    known[key] = new
    return True


def _near(a: int | None, b: int | None) -> bool:
    """Relative reset times jitter with the record's own time."""
    return a == b or (a is not None and b is not None and abs(a - b) < REPEAT_MS)


def _resets(window: dict[str, object], at_ms: int) -> int | None:
    absolute = _number(window.get("resets_at"))
    relative = _number(window.get("resets_in_seconds"))
    if absolute is not None:
        resets = int(absolute * 1000)
    elif relative is not None:
        resets = at_ms + int(relative * 1000)
    else:
        return None
    return resets if EARLIEST_MS <= resets <= at_ms + _FAR_MS else None


def _number(value: object) -> float | None:
    if type(value) is not int and type(value) is not float:
        return None
    # Neither infinity nor what is not a number lies within.
    return float(value) if 0 <= value < 10**12 else None
