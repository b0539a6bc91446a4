"""Which share of a plan's window an amount of money stands for."""

from __future__ import annotations


def plan_share(part: int, spent: int, used_percent: float) -> float | None:
    """Return the percent of a window that a part of what was spent in it used up.

    part, spent: picodollars at list price, of the requests that the logs hold. Money is the
    measure, since providers don't tell how they weigh tokens, and all that was used is taken to be
    in these logs. None where nothing was spent.
    """
    if spent <= 0:
        return None
    return max(0, min(part, spent)) / spent * max(0.0, used_percent)
