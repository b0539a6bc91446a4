"""How a budget stands: the time it is for, what of its limit is spent, what that means."""

from __future__ import annotations

from datetime import tzinfo
from decimal import ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from tokenwatch.analysis.timescale import HOUR_MS, Window

ROLLING_MS: Final = 5 * HOUR_MS
"""Of the period `5h`."""
RECENT_MS: Final = 24 * HOUR_MS
"""Sessions with activity since so long are those that the periods `session` and `turn` look at."""
CALENDAR: Final = ("day", "week", "month")
_EXACT: Final = Context(prec=60)
"""A limit has up to 27 digits, a share of it as many more as were written."""


class State(StrEnum):
    """What is spent of a budget, in a word; better ones first."""

    OK = "ok"
    """Also where it is unknown what is spent."""
    WARNING = "warning"
    EXCEEDED = "exceeded"


class Span(NamedTuple):
    """[since, until): the time that a budget is for now."""

    since_ms: int
    until_ms: int


def span(period: str, now_ms: int, zone: tzinfo) -> Span:
    """Return the stretch of time of a period that has one.

    Local days, weeks from Monday, months; `5h` are the five hours until now, this instant included.
    A day on which clocks change has 23 or 25 hours. KeyError for a session and a turn.
    """
    if period == "5h":
        return Span(now_ms + 1 - ROLLING_MS, now_ms + 1)
    if period not in CALENDAR:
        raise KeyError(period)
    return Span(*Window(period, 1).edges(now_ms, zone))


def state(spent: Decimal | None, limit: Decimal, warn: Decimal) -> State:
    """Return the state, compared exactly; a limit that is just reached is exceeded."""
    if spent is None:
        return State.OK
    if spent >= limit:
        return State.EXCEEDED
    return State.WARNING if spent >= _EXACT.multiply(limit, warn) else State.OK


def ratio(spent: Decimal | None, limit: Decimal) -> float | None:
    """Return the share of the limit that is spent, with four decimals; None where it is unknown.

    Rounded down: it is 1 or more exactly where the limit is reached.
    """
    if spent is None:
        return None
    share = _EXACT.divide(spent, limit)
    return float(share.quantize(Decimal("0.0001"), ROUND_FLOOR, _EXACT))


def lies_in(project: str | None, wanted: str) -> bool:
    """Tell whether a project is one that a scope names: its path, a folder above, its last name.

    The same rule as `store.spend.Filter` has for requests.
    """
    path = wanted.rstrip("/")
    if project is None:
        return False
    return (
        project == (path or "/") or project.startswith(f"{path}/") or project.endswith(f"/{path}")
    )
