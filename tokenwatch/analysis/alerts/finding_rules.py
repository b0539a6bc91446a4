"""What is told of findings, and of data that cannot be right.

Thresholds are those of §9.3 of the specification of budgets and alerts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.alert import AlertKind, Condition, Severity

LOOP: Final = 4
"""The same call with the same result so often."""
FAILED: Final = 2
"""Attempts at the same thing."""
AHEAD_MS: Final = 5 * 60_000
"""A time in a log that lies further ahead of this machine's clock is a trouble. Ours."""


class LoopValues(NamedTuple):
    """A repetition that was found."""

    finding: str
    session_id: str
    session: str
    """As the session is called in a sentence."""
    times: int
    at_ms: int
    """When it was last seen."""
    is_over: bool = False
    """Something else came of it since."""
    what: str = "the same call with the same result"
    least: int = LOOP
    """From how many times on it is told; what is no call has another number than LOOP."""


class AttemptsValues(NamedTuple):
    """The same thing asked for again and again."""

    finding: str
    session_id: str
    session: str
    failed: int
    at_ms: int
    """When the last attempt failed."""
    is_over: bool = False
    """The user went on to something else."""


class TroubleKind(StrEnum):
    """What can be wrong with data."""

    UNREADABLE = "unreadable"
    UNPRICED = "unpriced"
    CLOCK = "clock"
    """Times in a log lie ahead of this machine's clock."""


class Trouble(NamedTuple):
    """Data that cannot be right; what is well again has none."""

    kind: TroubleKind
    name: str
    """Of the log, the model or the source."""
    number: int = 1
    """Lines, requests; of a clock: milliseconds."""
    things: int = 1
    """So many are told of at once; more than one have no name in the text."""


def of_loop(of: LoopValues) -> Condition:
    """Return what holds of a repetition; it is told again each time that it doubled."""
    doubled = (max(of.times, 1) // of.least).bit_length() - 1
    return Condition(
        key=f"{AlertKind.LOOP.value}/{of.finding}",
        kind=AlertKind.LOOP,
        severity=Severity.CRITICAL,
        holds=of.times >= of.least and not of.is_over,
        is_over=of.is_over,
        text=f"Session {fmt.one_line(of.session, 60)}: {fmt.one_line(of.what, 80)},"
        f" {fmt.count(of.times)} times (from {of.least} on)",
        action="Interrupt it, and say what to try instead",
        level=max(0, doubled),
        session_id=of.session_id,
        is_urgent=True,
        cause_ms=of.at_ms,
    )


def of_attempts(of: AttemptsValues) -> Condition:
    """Return what holds of repeated attempts: told once for all of them."""
    return Condition(
        key=f"{AlertKind.RETRY.value}/{of.finding}",
        kind=AlertKind.RETRY,
        severity=Severity.WARNING,
        holds=of.failed >= FAILED and not of.is_over,
        is_over=of.is_over,
        text=f"Session {fmt.one_line(of.session, 60)}: {fmt.count(of.failed)} attempts at the same"
        f" thing failed (from {FAILED} on)",
        action="Begin anew, with what is known by now in one prompt",
        session_id=of.session_id,
        cause_ms=of.at_ms,
    )


def of_trouble(of: Trouble) -> Condition:
    """Return that data is not right; it holds as long as somebody says so."""
    name, count = fmt.one_line(of.name, 80), fmt.count(of.number)
    log = f"Log {name}" if of.things == 1 else f"{fmt.count(of.things)} logs"
    text = {
        TroubleKind.UNREADABLE: f"{log}: lines that can't be read: {count} (from 1 on)",
        TroubleKind.UNPRICED: f"Model {name}: requests without a known price: {count} (from 1 on)",
        TroubleKind.CLOCK: f"Clock: times of {name} lie {fmt.span(of.number)} ahead"
        f" (from {fmt.span(AHEAD_MS)} on)",
    }[of.kind]
    action = {
        TroubleKind.UNREADABLE: "See why: tokenwatch doctor",
        TroubleKind.UNPRICED: "Get newer prices: tokenwatch prices update",
        TroubleKind.CLOCK: "Set this machine's clock",
    }[of.kind]
    return Condition(
        key=f"{AlertKind.DATA.value}/{of.kind.value}/{of.name}",
        kind=AlertKind.DATA,
        severity=Severity.WARNING,
        holds=of.number > 0,
        is_over=of.number <= 0,
        text=text,
        action=action,
    )
