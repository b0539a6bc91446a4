"""All rules at once: what holds, of everything that is looked at."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from tokenwatch.alert import Condition
from tokenwatch.analysis.alerts.budgets_rule import BudgetValues, of_budget
from tokenwatch.analysis.alerts.finding_rules import (
    AttemptsValues,
    LoopValues,
    Trouble,
    of_attempts,
    of_loop,
    of_trouble,
)
from tokenwatch.analysis.alerts.quota_rule import WindowValues, of_window
from tokenwatch.analysis.alerts.session_rules import SessionValues, Usual, of_session


class Values(NamedTuple):
    """What the rules look at. What is left out counts as over."""

    budgets: tuple[BudgetValues, ...] = ()
    windows: tuple[WindowValues, ...] = ()
    sessions: tuple[SessionValues, ...] = ()
    """Those that were at work in the last minutes."""
    usual: Usual = Usual()
    loops: tuple[LoopValues, ...] = ()
    attempts: tuple[AttemptsValues, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def conditions(
    values: Values, now_ms: int, zone: tzinfo, *, is_quiet: bool
) -> tuple[Condition, ...]:
    """Return what every rule says; is_quiet: these are the user's quiet hours."""
    budgets = (each for of in values.budgets for each in of_budget(of, now_ms, zone))
    windows = (each for of in values.windows for each in of_window(of, now_ms, zone))
    sessions = (
        each
        for of in values.sessions
        for each in of_session(of, values.usual, now_ms, is_quiet=is_quiet)
    )
    findings = (*map(of_loop, values.loops), *map(of_attempts, values.attempts))
    return (*budgets, *windows, *sessions, *findings, *map(of_trouble, values.troubles))
