"""Budgets as JSON and in words.

A row of `tokenwatch.budget/1` has what the contract names, and:

    "warn": 0.8, "since_at": … | null, "until_at": … | null, "session_id": … | null,
    "notes": ["<how the figure is to be read>"]

`limit`, `spent` and the amounts of `forecast` are exact decimal strings for the unit usd, whole
numbers for tokens, requests and agents, and percent for window-percent. `spent` is null where it is
unknown. `forecast` is null or {"p50": … | null, "p80": … | null, "at": … | null, "crosses_at": …
| null, "pace": … | null}. Of sessions, turns and the last five hours no end is forecast: p50, p80
and at are null, and pace is {"per_hour": …, "active_minutes": 12, "last_at": …, "session_id": … |
null}; `crosses_at` is then when the limit is reached if the work goes on without a pause, null
beyond five hours. Whose pace it is may be another session than the row's, which is the highest.
Beside `budgets` stand `allowances`: [{"made_at": …, "until_at": … | null, "session_id": … | null}].
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from decimal import Decimal

from tokenwatch.answers.budget_outlooks import Outlook, OwnPace
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.export.documents import Json, Redaction
from tokenwatch.format import (
    clock,
    count,
    exact_usd,
    money,
    rfc3339,
    share,
    short_id,
    tokens,
    with_sign,
)
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
    of, span = standing.budget, standing.span
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
        "forecast": None if standing.outlook is None else _forecast(of.unit, standing.outlook),
        "since_at": None if span is None else rfc3339(span.since_ms),
        "until_at": None if span is None else rfc3339(span.until_ms),
        "session_id": standing.session_id,
        "notes": list(standing.notes),
    }


def _forecast(unit: str, outlook: Outlook) -> Json:
    own = outlook.pace
    return {
        "p50": amount(unit, outlook.p50),
        "p80": amount(unit, outlook.p80),
        "at": rfc3339(outlook.at_ms),
        "crosses_at": rfc3339(outlook.crosses_ms),
        "pace": None
        if own is None
        else {
            "per_hour": amount(unit, own.per_hour),
            "active_minutes": own.active_minutes,
            "last_at": rfc3339(own.last_ms),
            "session_id": own.session_id,
        },
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
    unit = of.unit.removesuffix("s") if of.limit == 1 else of.unit
    limit = {
        "usd": f"${exact} {period}",
        "window-percent": f"{exact}% of the plan's {of.period} window",
        "agents": f"{exact} {unit} at once in {period}",
    }.get(of.unit, f"{exact} {unit} {period}")
    hard = ", hard" if of.hard else ""
    return f"{of.name}: {limit}, {of.scope.words}, warns at {float(of.warn) * 100:g}%{hard}"


def outlook_words(standing: Standing, zone: tzinfo, now_ms: int) -> str:
    """Say where a budget goes; empty where nothing carries it.

    `$18.20 to $23.90, at the limit ≈ 21:00`: P50 to P80, and when P80 reaches the limit. Of a
    plan's window: `120%, full ≈ 16:40, resets 17:05`. At a pace: `$12.30/h, at the limit ≈ 16:40`.
    """
    found, of = standing.outlook, standing.budget
    if found is None:
        return ""
    if found.pace is not None:
        at_limit = "" if found.crosses_ms is None else f", at the limit ≈ {soon(found, zone)}"
        return f"{per_hour(of.unit, found.pace)}{_whose(standing)}{at_limit}"
    ends = [shown(of.unit, each) for each in (found.p50, found.p80) if each is not None]
    words = [" to ".join(dict.fromkeys(ends))]
    if found.crosses_ms is not None:
        what = "full" if of.unit == "window-percent" and of.limit == 100 else "at the limit"
        words.append(f"{what} ≈ {clock(found.crosses_ms, zone, now_ms)}")
    if of.unit == "window-percent":
        words.append(f"resets {clock(found.at_ms, zone, now_ms)}")
    return ", ".join(words)


def outlook_lines(standing: Standing, zone: tzinfo, now_ms: int) -> tuple[str, ...]:
    """Say where a budget goes in whole sentences, and what that is from."""
    found, of = standing.outlook, standing.budget
    if found is None:
        return ("nothing carries a forecast yet",)
    if found.pace is None:
        said = outlook_words(standing, zone, now_ms)
        if of.unit == "window-percent":
            return said, "as it rose in its latest readings"
        return said, "half of your own past went below the first, four fifths below the second"
    pace = f"{per_hour(of.unit, found.pace)}{_whose(standing)}"
    if standing.spent is not None and standing.spent >= of.limit and found.crosses_ms is None:
        said = f"its pace is {pace}"
    elif found.crosses_ms is None:
        said = f"at its pace ({pace}) the limit is not reached within five hours"
    else:
        said = f"at its pace ({pace}) the limit is reached ≈ {soon(found, zone)}"
    active = f"{count(found.pace.active_minutes)} minutes of the last hour that spent anything"
    return said, f"if it goes on without a pause, as in the {active}"


def per_hour(unit: str, of: OwnPace) -> str:
    """Return a pace: `$12.30/h`, `1.20M/h`."""
    return f"{shown(unit, of.per_hour)}/h"


def _whose(standing: Standing) -> str:
    """Name the session whose pace it is, where that is not the one whose figure is shown."""
    of = standing.outlook and standing.outlook.pace
    if not of or of.session_id in (None, standing.session_id):
        return ""
    return f" in session {short_id(of.session_id)}"


def soon(of: Outlook, zone: tzinfo) -> str:
    """Return when the limit is reached at a pace: a time of day, also of tomorrow's first hours."""
    return clock(of.crosses_ms, zone, of.crosses_ms or 0)


def allowance_words(of: Allowance, zone: tzinfo, now_ms: int) -> str:
    """Say what was let go on: `allowed until 15:30`, `allowed for session 5f0c7f3e`."""
    if of.session_id is not None:
        return f"hard budgets do not stop session {short_id(of.session_id)}"
    return f"hard budgets stop nothing until {clock(of.until_ms, zone, now_ms)}"
