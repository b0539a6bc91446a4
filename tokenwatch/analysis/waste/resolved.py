"""When something that was found counts as resolved: a week of work has gone by without it.

Days without any work tell nothing, so only those count on which there was some.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

ACTIVE_DAYS = 7
"""Days with work, the last of which a finding has to be absent from (the specification)."""


def quiet_from(active: Iterable[date]) -> date | None:
    """Return the first of the last `ACTIVE_DAYS` days with work; None where there are fewer."""
    latest = sorted(set(active))[-ACTIVE_DAYS:]
    return latest[0] if len(latest) == ACTIVE_DAYS else None


def is_resolved(last_seen: date, active: Iterable[date]) -> bool:
    """Whether something was last seen before the last `ACTIVE_DAYS` days with work."""
    first = quiet_from(active)
    return first is not None and last_seen < first
