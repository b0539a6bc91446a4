"""What an alert is, and what it is made of.

A `Condition` is what one rule says at one instant of one thing (its key): whether it holds, whether
it is over, or neither, which is the band between the two that keeps an alert from flapping. The
engine makes an `Alert` of it, once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class AlertKind(StrEnum):
    """The rules there are; each can be switched off by its name. Source: §9.3 of the
    specification of budgets and alerts."""

    BUDGET = "budget"
    FORECAST = "forecast"
    BURN = "burn"
    TOKENS = "tokens"
    AUTONOMOUS = "autonomous"
    LOOP = "loop"
    AGENTS = "agents"
    CACHE = "cache"
    CONTEXT = "context"
    UNATTENDED = "unattended"
    RETRY = "retry"
    DATA = "data"
    QUOTA = "quota"
    """A plan's window that will be, or is, full."""


class Severity(StrEnum):
    """How much it matters, in rising order."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Severity).index(self)


class Condition(NamedTuple):
    """What one rule says of one thing now."""

    key: str
    """Tells the thing from any other: `budget/daily/2026-11-30`, `loop/<finding>`."""
    kind: AlertKind
    severity: Severity
    holds: bool
    """It is to be told of."""
    is_over: bool
    """It has ended; with holds False and this False too, it is in between."""
    text: str
    """One sentence: the scope, the number, the threshold."""
    action: str
    """One thing to do."""
    level: int = 0
    """Steps of the same thing: a higher one is told although a lower one was."""
    session_id: str | None = None
    is_urgent: bool = False
    """Told in quiet hours too: hard budgets and loops."""
    cause_ms: int | None = None
    """When what it tells of happened: never told if that was before the program started, or is no
    news any more. None: it is so now, and is told at the start too."""
    hold_ms: int = 0
    """For how long it has to hold without a break before it is told."""
    base_level: int | None = None
    """The level that it has not clearly fallen below: where a level goes down and up again, what
    keeps it from flapping. None: `level`."""


class How(StrEnum):
    """What became of an alert when it was raised."""

    TOLD = "told"
    QUIET = "quiet"
    """Kept for the inbox: quiet hours."""
    SNOOZED = "snoozed"
    DIGESTED = "digested"
    """Kept for the inbox: there were too many in the last hour, or one of the same thing within its
    cool-down."""
    OFF = "off"
    """Its kind is switched off: never stored."""


DIGEST_KEY: Final = "digest/quiet"
"""Of the line that tells what was kept."""
_GENERAL: Final = {
    AlertKind.AGENTS: "many agents run at once in a session",
    AlertKind.AUTONOMOUS: "a session has worked for long without a prompt",
    AlertKind.BUDGET: "a budget has reached another step",
    AlertKind.BURN: "a session spends faster than usual",
    AlertKind.CACHE: "a session's cache is about to expire",
    AlertKind.CONTEXT: "a session's context is nearly full",
    AlertKind.DATA: "something about the data can't be right",
    AlertKind.FORECAST: "a budget is on its way to its limit",
    AlertKind.LOOP: "a session repeats the same call with the same result",
    AlertKind.QUOTA: "a plan's window is nearly full, or will be",
    AlertKind.RETRY: "the same was asked for again, because attempts failed",
    AlertKind.TOKENS: "a session sends more tokens than usual",
    AlertKind.UNATTENDED: "a session spends in quiet hours, without a prompt",
}


class Alert(NamedTuple):
    """Something that was raised."""

    key: str
    kind: AlertKind
    severity: Severity
    at_ms: int
    text: str
    action: str
    level: int = 0
    session_id: str | None = None
    how: How = How.TOLD


def general(alert: Alert) -> Alert:
    """Return an alert in the general words of its kind: without names of budgets, models, files."""
    if alert.key == DIGEST_KEY:
        # It has kinds and numbers alone.
        return alert
    return alert._replace(
        text=_GENERAL[alert.kind], action="See it in the inbox: tokenwatch alerts list"
    )
