"""What the user lets go on beyond hard budgets, and takes back: known to the guard at once.

A monitor tells the guard what holds with its next picture, which may be ten seconds away. Who was
just allowed to go on is not to be stopped until then, so the state that stands is changed as well.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tokenwatch.guard.state import put_allowances
from tokenwatch.store import budgets as stored
from tokenwatch.store.budgets import Allowance

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Moment
    from tokenwatch.guard.state import Allowed
    from tokenwatch.store.ledger import Ledger

log = logging.getLogger(__name__)


def allow(ledger: Ledger, allowance: Allowance) -> None:
    """Remember an allowance."""
    stored.allow(ledger, allowance)
    _tell(ledger, allowance.made_ms)


def end(ledger: Ledger, now_ms: int, session_id: str | None = None) -> list[Allowance]:
    """Take back what holds, all of it or that of one session; return what that was."""
    held = [
        each for each in stored.allowances(ledger, now_ms) if session_id in (None, each.session_id)
    ]
    if held:
        stored.end_allowances(ledger, now_ms, session_id)
        _tell(ledger, now_ms)
    return held


def allow_until(moment: Moment, until_ms: int) -> None:
    """Let everything go on until then: for a screen."""
    with moment.writing() as ledger:
        allow(ledger, Allowance(moment.now_ms, until_ms, None))


def end_all(moment: Moment) -> int:
    """Take back all that holds, and return how much that was: for a screen."""
    with moment.writing() as ledger:
        return len(end(ledger, moment.now_ms))


def of_state(ledger: Ledger, now_ms: int) -> list[Allowed]:
    """Return what holds now as a state has it."""
    return [
        {"until_ms": each.until_ms, "session_id": each.session_id}
        for each in stored.allowances(ledger, now_ms)
    ]


def _tell(ledger: Ledger, now_ms: int) -> None:
    try:
        put_allowances(str(ledger.path.parent), of_state(ledger, now_ms))
    except OSError as error:
        # The ledger knows it, so the next state does.
        log.warning("the guard hears of an allowance later: %s", error)
