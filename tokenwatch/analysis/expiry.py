"""Which logs a client will delete before they have been read in detail."""

from __future__ import annotations

from collections.abc import Iterable

DAY_MS = 86_400_000
WARN_DAYS = 7


def expiring(
    files: Iterable[tuple[str, int]], keep_days: int | None, now_ms: int
) -> tuple[int, int | None]:
    """Return how many of `(path, modified ms)` go within a week, and when the first one goes.

    keep_days: after how many days without a change the client deletes a log; None: never.
    """
    if keep_days is None:
        return 0, None
    ends = [modified + keep_days * DAY_MS for _, modified in files]
    soon = [end for end in ends if end - now_ms < WARN_DAYS * DAY_MS]
    return len(soon), min(soon, default=None)
