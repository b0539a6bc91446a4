"""Alerts that were raised, invented."""

from __future__ import annotations

from typing import Any

from tokenwatch.alert import Alert, AlertKind, Severity

AT_MS = 1_795_305_600_123
"""2026-11-22 00:00:00.123 UTC."""


def alert(**changes: Any) -> Alert:
    """Return an alert of a budget, with other values where they are given."""
    made = Alert(
        key="budget/daily/2026-11-22",
        kind=AlertKind.BUDGET,
        severity=Severity.WARNING,
        at_ms=AT_MS,
        text="daily: $24.10 of $30.00 spent, 80% of the budget",
        action="Look at tokenwatch budget list",
        level=80,
        session_id="s-1",
    )
    return made._replace(**changes)
