"""Budgets, alerts and silences as the Budgets screen is shown them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.factories import NOW_MS
from tokenwatch.alert import Alert, AlertKind, How, Severity
from tokenwatch.analysis.budgets import Span, State
from tokenwatch.answers.alerts import Limits
from tokenwatch.answers.budget_outlooks import Outlook
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.store.alerts import StoredAlert
from tokenwatch.store.budgets import Allowance

HOUR = 3_600_000
DAY = 24 * HOUR
DAILY = Budget("daily", Decimal(30))
MONTHLY = Budget("monthly", Decimal(600), period="month")
ACME = Budget(
    "client Acme", Decimal(50), period="month", scope=Scope("project", "/home/dev/acme"), hard=True
)
AGENTS = Budget("crowd", Decimal(8), unit="agents", period="session")
BUDGETS = (DAILY, MONTHLY, ACME, AGENTS)


def standings() -> tuple[Standing, ...]:
    """Return one near its limit, one within, one exceeded, and one of agents."""
    day = Span(NOW_MS - 14 * HOUR, NOW_MS + 10 * HOUR)
    month = Span(NOW_MS - 20 * DAY, NOW_MS + 10 * DAY)
    return (
        Standing(
            DAILY,
            Decimal("25.34"),
            0.8447,
            State.WARNING,
            day,
            outlook=Outlook(Decimal("31.10"), Decimal("34.90"), day.until_ms, NOW_MS + 4 * HOUR),
        ),
        Standing(
            MONTHLY,
            Decimal("348.20"),
            0.5803,
            State.OK,
            month,
            outlook=Outlook(Decimal(520), Decimal(552), month.until_ms, None),
        ),
        Standing(
            ACME,
            Decimal("52.07"),
            1.0414,
            State.EXCEEDED,
            month,
            notes=("3 requests unpriced: at least so much",),
        ),
        Standing(
            AGENTS,
            Decimal(3),
            0.375,
            State.OK,
            session_id="5f0c7f3e-aaaa",
            notes=("now, in session 5f0c7f3e",),
        ),
    )


def _stored(number: int, alert: Alert, *deliveries: tuple[str, str], **more: Any) -> StoredAlert:
    return StoredAlert(number, alert, deliveries, more.get("seen_ms"), more.get("over_ms"))


def alerts() -> tuple[StoredAlert, ...]:
    """Return alerts that were told, kept, silent, seen, and whose channel failed."""
    return (
        _stored(
            4,
            Alert(
                "budget/daily/2026-11-21",
                AlertKind.BUDGET,
                Severity.WARNING,
                NOW_MS - HOUR // 2,
                "daily: $25.34 of $30.00 used (84%), past 80%",
                "See what is running (1), or allow more: A",
                80,
            ),
            ("toast", ""),
            ("webhook", "hooks.example.org answered 500"),
        ),
        _stored(
            3,
            Alert(
                "budget/client Acme/2026-11",
                AlertKind.BUDGET,
                Severity.CRITICAL,
                NOW_MS - 3 * HOUR,
                "client Acme: $50.12 of $50.00 used (100%)",
                "Stop, or allow more: tokenwatch budget allow --for 1h",
                100,
            ),
            ("desktop", ""),
        ),
        _stored(
            2,
            Alert(
                "loop/f1",
                AlertKind.LOOP,
                Severity.CRITICAL,
                NOW_MS - 5 * HOUR,
                "the same call gave the same result 6 times, $1.10",
                "Press esc in its terminal and say what to try instead",
                session_id="5f0c7f3e-aaaa",
                how=How.QUIET,
            ),
            seen_ms=NOW_MS - 4 * HOUR,
            over_ms=NOW_MS - 4 * HOUR,
        ),
        _stored(
            1,
            Alert(
                "quota/codex/10080",
                AlertKind.QUOTA,
                Severity.WARNING,
                NOW_MS - 3 * DAY,
                "Codex 7d window: 80% used, resets Thu 09:00",
                "Leave what can wait until then",
            ),
        ),
    )


def limits(every: object = ()) -> Limits:
    """Answer what the screen asks."""
    return Limits(
        standings=standings(),
        allowances=(Allowance(NOW_MS - HOUR, NOW_MS + HOUR // 2, None),),
        alerts=alerts(),
        snoozes={"quota": NOW_MS + 2 * DAY},
    )
