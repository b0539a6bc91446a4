"""The user's limits and what was told of them: what the Budgets screen shows and writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokenwatch.alert import Alert, AlertKind, Severity
from tokenwatch.answers.budgets import Standing, budgets
from tokenwatch.answers.moment import Moment
from tokenwatch.config.budgets import Budget
from tokenwatch.store import alerts as stored
from tokenwatch.store import budgets as allowed
from tokenwatch.store.alerts import StoredAlert
from tokenwatch.store.budgets import Allowance
from tokenwatch.store.decisions import Kept, decisions

MOST = 500
"""So many alerts are shown."""
_KINDS = {"agents": AlertKind.AGENTS, "loop": AlertKind.LOOP}
_DONE = {
    "block": "blocked",
    "deny": "denied",
    "ask": "asked about",
    "end": "which ended the turn",
}


class Limits(NamedTuple):
    """Budgets as they stand, and the inbox of alerts."""

    standings: tuple[Standing, ...]
    """In the order of the settings."""
    allowances: tuple[Allowance, ...]
    """What may go on beyond hard budgets now."""
    alerts: tuple[StoredAlert, ...]
    """The latest first; among them what the guard decided, with numbers below 0."""
    snoozes: Mapping[str, int]
    """Names of alerts, or kinds, that are silent, each until when."""


def limits(moment: Moment, every: Iterable[Budget]) -> Limits:
    """Answer what the Budgets screen shows."""
    return Limits(
        standings=budgets(moment, every),
        allowances=tuple(allowed.allowances(moment.ledger, moment.now_ms)),
        alerts=_with_decisions(moment),
        snoozes=stored.snoozes(moment.ledger, moment.now_ms),
    )


def _with_decisions(moment: Moment) -> tuple[StoredAlert, ...]:
    """Return the inbox, and what the guard decided in the time that it reaches back."""
    inbox = stored.inbox(moment.ledger, MOST)
    since_ms = inbox[-1].alert.at_ms if len(inbox) == MOST else moment.now_ms - stored.KEPT_MS
    decided = [
        _of_decision(each, -number)
        for number, each in enumerate(decisions(moment.ledger, since_ms)[:MOST], 1)
    ]
    return tuple(sorted((*inbox, *decided), key=lambda each: -each.alert.at_ms))


def _of_decision(kept: Kept, number: int) -> StoredAlert:
    """Return a decision as a line of the inbox; whom it stopped has seen it."""
    kind, _, name = kept.cause.partition(":")
    what = "a prompt" if kept.event == "UserPromptSubmit" else "a tool call"
    alert = Alert(
        key=f"guard/{kept.cause}",
        kind=_KINDS.get(kind, AlertKind.BUDGET),
        severity=Severity.CRITICAL,
        at_ms=kept.at_ms,
        text=f"guard: {what}, {_DONE.get(kept.decision, kept.decision)}{name and f' ({name})'}",
        action=kept.reason,
        session_id=kept.session_id,
    )
    return StoredAlert(number, alert, (), kept.at_ms, None)


def see(moment: Moment, numbers: Sequence[int] | None) -> int:
    """Remember that alerts were seen, None: all; return how many of them were new."""
    with moment.writing() as ledger:
        return stored.see(ledger, numbers, moment.now_ms)


def snooze(moment: Moment, names: Sequence[str], until_ms: int | None) -> None:
    """Let alerts, or kinds of them, be silent until then; None: let them be heard again."""
    with moment.writing() as ledger:
        for name in names:
            stored.snooze(ledger, name, until_ms)
