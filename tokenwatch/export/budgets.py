"""Budgets as JSON and in words.

A row of `tokenwatch.budget/1` has what the contract names, and:

    "warn": 0.8, "since_at": … | null, "until_at": … | null, "session_id": … | null,
    "notes": ["<how the figure is to be read>"]

`limit`, `spent` and the amounts of `forecast` are exact decimal strings for the unit usd, whole
numbers for tokens, requests and agents, and percent for window-percent. `spent` is null where it is
unknown. `forecast` is null or {"p50": …, "p80": … | null, "at": …, "crosses_at": … | null}.
Beside `budgets` stand `allowances`: [{"made_at": …, "until_at": … | null, "session_id": … | null}].
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from decimal import Decimal

from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.export.documents import Json, Redaction
from tokenwatch.format import clock, count, exact_usd, money, rfc3339, share, tokens, with_sign
from tokenwatch.model import PICO
from tokenwatch.store.budgets import Allowance


def document(
    every: Iterable[Standing], allowances: Iterable[Allowance], redaction: Redaction
) -> Json:
    """Return how budgets stand, every amount exact."""
    return {
        "budgets": [_row(each, redaction) for each in every],
        "allowances": [
            {
                "made_at": rfc3339(each.made_ms),
                "until_at": rfc3339(each.until_ms),
                "session_id": each.session_id,
            }
            for each in allowances
        ],
    }


def _row(standing: Standing, redaction: Redaction) -> Json:
    of, span, outlook = standing.budget, standing.span, standing.outlook
    return {
        "name": of.name,
        "unit": of.unit,
        "scope": scope(of.scope, redaction),
        "period": of.period,
        "limit": amount(of.unit, of.limit),
        "spent": amount(of.unit, standing.spent),
        "ratio": standing.ratio,
        "state": standing.state.value,
        "hard": of.hard,
        "warn": float(of.warn),
        "forecast": None
        if outlook is None
        else {
            "p50": amount(of.unit, outlook.p50),
            "p80": amount(of.unit, outlook.p80),
            "at": rfc3339(outlook.at_ms),
            "crosses_at": rfc3339(outlook.crosses_ms),
        },
        "since_at": None if span is None else rfc3339(span.since_ms),
        "until_at": None if span is None else rfc3339(span.until_ms),
        "session_id": standing.session_id,
        "notes": list(standing.notes),
    }


def amount(unit: str, value: Decimal | None) -> str | int | float | None:
    """Return an amount as JSON has it."""
    if value is None:
        return None
    if unit == "usd":
        return exact_usd(_pico(value))
    return float(value) if unit == "window-percent" else int(value)


def _pico(value: Decimal) -> int:
    return int(value * PICO)


def scope(of: Scope, redaction: Redaction) -> str:
    """Return a scope as the file has it; a project's path hidden where that is asked for."""
    if of.kind == "project":
        return f"project:{redaction.project(of.value)}"
    return of.words


def shown(unit: str, value: Decimal | None) -> str:
    """Return an amount for a table: `$16.40`, `41.2k`, `62%`, `?`."""
    if value is None:
        return "?"
    if unit == "usd":
        return with_sign(money(_pico(value)))
    if unit == "window-percent":
        return share(float(value) / 100)
    return tokens(int(value)) if unit == "tokens" else count(int(value))


_PERIODS = {
    "session": "a session",
    "turn": "a turn",
    "5h": "in five hours",
    "day": "a day",
    "week": "a week",
    "month": "a month",
}


def sentence(of: Budget) -> str:
    """Say what a budget is: `daily: $20.00 a day, all, warns at 80%`."""
    exact, period = f"{of.limit:f}", _PERIODS[of.period]
    limit = {
        "usd": f"${exact} {period}",
        "window-percent": f"{exact}% of the plan's {of.period} window",
        "agents": f"{exact} agents at once in {period}",
    }.get(of.unit, f"{exact} {of.unit} {period}")
    hard = ", hard" if of.hard else ""
    return f"{of.name}: {limit}, {of.scope.words}, warns at {float(of.warn) * 100:g}%{hard}"


def outlook_words(standing: Standing, zone: tzinfo, now_ms: int) -> str:
    """Say where a budget goes; empty where nothing carries it.

    `$18.20 to $23.90, at the limit ≈ 21:00`: P50 to P80, and when P80 reaches the limit. Of a
    plan's window: `120%, full ≈ 16:40, resets 17:05`.
    """
    found, of = standing.outlook, standing.budget
    if found is None:
        return ""
    ends = [shown(of.unit, each) for each in (found.p50, found.p80) if each is not None]
    words = [" to ".join(dict.fromkeys(ends))]
    if found.crosses_ms is not None:
        what = "full" if of.unit == "window-percent" and of.limit == 100 else "at the limit"
        words.append(f"{what} ≈ {clock(found.crosses_ms, zone, now_ms)}")
    if of.unit == "window-percent":
        words.append(f"resets {clock(found.at_ms, zone, now_ms)}")
    return ", ".join(words)


def allowance_words(of: Allowance, zone: tzinfo, now_ms: int) -> str:
    """Say what was let go on: `allowed until 15:30`, `allowed for session 5f0c7f3e`."""
    if of.session_id is not None:
        return f"hard budgets do not stop session {of.session_id[:8]}"
    return f"hard budgets stop nothing until {clock(of.until_ms, zone, now_ms)}"
