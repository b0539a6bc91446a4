"""The user's limits and what was told of them: what the Budgets screen shows and writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokenwatch.answers.budgets import Standing, budgets
from tokenwatch.answers.moment import Moment
from tokenwatch.config.budgets import Budget
from tokenwatch.store import alerts as stored
from tokenwatch.store import budgets as allowed
from tokenwatch.store.alerts import StoredAlert
from tokenwatch.store.budgets import Allowance

MOST = 500
"""So many alerts are shown."""


class Limits(NamedTuple):
    """Budgets as they stand, and the inbox of alerts."""

    standings: tuple[Standing, ...]
    """In the order of the settings."""
    allowances: tuple[Allowance, ...]
    """What may go on beyond hard budgets now."""
    alerts: tuple[StoredAlert, ...]
    """The latest first."""
    snoozes: Mapping[str, int]
    """Names of alerts, or kinds, that are silent, each until when."""


def limits(moment: Moment, every: Iterable[Budget]) -> Limits:
    """Answer what the Budgets screen shows."""
    return Limits(
        standings=budgets(moment, every),
        allowances=tuple(allowed.allowances(moment.ledger, moment.now_ms)),
        alerts=tuple(stored.inbox(moment.ledger, MOST)),
        snoozes=stored.snoozes(moment.ledger, moment.now_ms),
    )


def see(moment: Moment, numbers: Sequence[int] | None) -> int:
    """Remember that alerts were seen, None: all; return how many of them were new."""
    return stored.see(moment.ledger, numbers, moment.now_ms)


def snooze(moment: Moment, name: str, until_ms: int | None) -> None:
    """Let an alert be silent until then; None: let it be heard again."""
    stored.snooze(moment.ledger, name, until_ms)


def allow(moment: Moment, until_ms: int | None, session_id: str | None) -> None:
    """Let what hard budgets would stop go on: until then, or for a session."""
    allowed.allow(moment.ledger, Allowance(moment.now_ms, until_ms, session_id))
