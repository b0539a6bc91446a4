"""What is told of the user's budgets: what is used, and where that goes.

A level is the percent that was passed: 50, where the budget warns (80), 100, and so on in steps of
25 to 300; from there on each doubling, or a limit near nothing would be told of for ever. Source:
§9.3 of the specification of budgets and alerts; the doubling is ours.

Of sessions, turns and the last five hours no end is forecast, so there is no P80 to pass the limit.
What is told of them is that the limit is reached within half an hour if the work goes on without a
pause, at the pace it has: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from math import floor, isfinite
from typing import Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.alert import AlertKind, Condition, Severity
from tokenwatch.analysis.budgets import CALENDAR, Span
from tokenwatch.model import PICO

HALF: Final = 0.5
STEP: Final = 25
"""Percent, beyond the limit."""
LAST_STEP: Final = 300
_PACED: Final = ("usd", "tokens", "requests")
"""Units that a pace is known of."""
_MOST_DOUBLED: Final = 40
"""The ledger's numbers have 64 bits."""
_FALLEN: Final = 0.9
"""A level is left, and a budget is over, below this share of what told of it: ours. Only rolling
periods, sessions, turns and changed limits get there; others end with their period."""
FORECAST_OVER: Final = 0.9
"""Of the limit (§9.3)."""
FORECAST_HOLD_MS: Final = 5 * 60_000
"""Two evaluations, five minutes apart (§9.3)."""
SOON_MS: Final = 30 * 60_000
"""Ours: at a pace, a limit that is reached within so long is told of."""
RESTED_MS: Final = FORECAST_HOLD_MS
"""Ours: after so long without any spend nothing new is told, though it may go on: a prompt of some
minutes has a pace, too, while its answer is being read."""
NOT_SOON_MS: Final = 45 * 60_000
"""Ours: at a pace, it is over once the limit is further off than that."""


class PaceValues(NamedTuple):
    """How fast a session, a turn or everything goes (`analysis.pace`)."""

    per_hour: Decimal | None
    """In the budget's unit; None where nothing goes on."""
    crosses_ms: int | None
    """When the limit is reached without a pause."""
    last_ms: int | None
    """When anything was spent last."""
    period_key: str = ""
    """As of the budget, for the session whose pace it is."""
    session_id: str | None = None
    """None: of all that counts."""


class BudgetValues(NamedTuple):
    """A budget as it stands."""

    name: str
    scope: str
    """In words, as in the file: `all`, `model:opus`."""
    period: str
    unit: str
    """usd, tokens, requests, agents or window-percent."""
    limit: Decimal
    spent: Decimal | None
    """None where it is unknown."""
    ratio: float | None
    warn: float = 0.8
    is_hard: bool = False
    is_guarded: bool = False
    """A client asks before it goes on, so a hard one can stop it."""
    period_key: str = ""
    """Tells this period, session or turn from the next one; "" where it rolls: `period_key`."""
    span: Span | None = None
    """None for sessions, turns and what runs now."""
    p80: Decimal | None = None
    """Where it will be at the end of the period in four of five ways; None where nobody can say."""
    crosses_ms: int | None = None
    """When p80 reaches the limit."""
    session_id: str | None = None
    paces: tuple[PaceValues, ...] = ()
    """Where no end is forecast: of each session or turn that goes on, or of all that counts."""


def period_key(period: str, span: Span | None, zone: tzinfo, session_id: str | None = None) -> str:
    """Return what tells a period from the next one: `2026-11-30`, `2026-W49`, `2026-11`.

    Of a session or turn: the session. "" for the last five hours, which never begin anew.
    """
    if period == "5h" or span is None:
        return session_id or ""
    day = datetime.fromtimestamp(span.since_ms / 1000, zone).date()
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if period == "month" else day.isoformat()


def level(ratio: float, warn: float) -> int:
    """Return the highest percent that is passed, 0 for none."""
    if ratio >= 1:
        # Ratios have four decimals, and 1.15 * 100 is less than 115.
        percent = floor(round(ratio * 10_000) / 100)
        if percent < LAST_STEP:
            return percent // STEP * STEP
        # 300 doubled so often that it is still passed.
        return LAST_STEP << min((percent // LAST_STEP).bit_length() - 1, _MOST_DOUBLED)
    steps = (share for share in (HALF, warn) if ratio >= share)
    return round(max(steps, default=0) * 100)


def of_budget(of: BudgetValues, now_ms: int, zone: tzinfo) -> Iterator[Condition]:
    """Yield what holds of a budget; nothing holds of a period that is past."""
    is_past = of.span is not None and of.span.until_ms <= now_ms
    yield _used(of, is_past)
    if of.unit in _PACED and of.period not in CALENDAR:
        at_rest = PaceValues(None, None, None, of.period_key, of.session_id)
        for pace in of.paces or (at_rest,):
            yield _on_pace(of, pace, now_ms, zone)
    else:
        yield _forecast(of, is_past, now_ms, zone)


def _used(of: BudgetValues, is_past: bool) -> Condition:
    ratio = of.ratio if of.ratio is not None and isfinite(of.ratio) else None
    passed = 0 if ratio is None or is_past else level(ratio, of.warn)
    if of.unit == "agents" and passed < 100 * of.warn:
        # Half as many agents as allowed is no step on a way: it is work.
        passed = 0
    severity = Severity.INFO
    if passed >= round(of.warn * 100):
        severity = Severity.CRITICAL if passed >= 100 else Severity.WARNING
    lowest = min(HALF, of.warn)
    used = f"{amount(of.spent, of.unit)} of {amount(of.limit, of.unit)} used"
    return Condition(
        key=_key(AlertKind.BUDGET, of.name, of.period_key),
        kind=AlertKind.BUDGET,
        severity=severity,
        holds=passed > 0,
        is_over=is_past or (ratio is not None and ratio < lowest * _FALLEN),
        text=f"Budget {_words(of)}: {used} ({fmt.share(ratio)}), past {passed}%",
        action=_action(of, passed),
        level=passed,
        session_id=of.session_id,
        is_urgent=of.is_hard and passed >= 100,
        base_level=None if ratio is None else level(round(ratio / _FALLEN, 4), of.warn),
    )


def _action(of: BudgetValues, passed: int) -> str:
    if passed < 100:
        return "See what it goes to: tokenwatch report --by session"
    if of.is_hard and of.is_guarded:
        return "To go on beyond it: tokenwatch budget allow --for 1h"
    if of.is_hard:
        return "It stops nothing until clients ask: tokenwatch hooks install"
    return "Pause what can wait, or set another limit on the Budgets screen"


def _forecast(of: BudgetValues, is_past: bool, now_ms: int, zone: tzinfo) -> Condition:
    p80 = of.p80
    ends = f" by {fmt.clock(of.span.until_ms, zone, now_ms)}" if of.span is not None else ""
    reached = f", reached ≈ {fmt.clock(of.crosses_ms, zone, now_ms)}" if of.crosses_ms else ""
    return Condition(
        key=_key(AlertKind.FORECAST, of.name, of.period_key),
        kind=AlertKind.FORECAST,
        severity=Severity.WARNING,
        holds=p80 is not None and p80 >= of.limit and not _is_reached(of) and not is_past,
        is_over=is_past or (p80 is not None and p80 < of.limit * Decimal(str(FORECAST_OVER))),
        text=f"Budget {_words(of)}: {amount(p80, of.unit)}{ends} at this pace (P80),"
        f" limit {amount(of.limit, of.unit)}{reached}",
        action="Pause what can wait, or choose a smaller model",
        session_id=of.session_id,
        hold_ms=FORECAST_HOLD_MS,
    )


def _on_pace(of: BudgetValues, pace: PaceValues, now_ms: int, zone: tzinfo) -> Condition:
    crosses = pace.crosses_ms
    left = None if crosses is None else max(0, crosses - now_ms)
    who = "" if pace.session_id is None else f"session {fmt.short_id(pace.session_id)} "
    limit = amount(of.limit, of.unit)
    reached = f"{who}reaches the limit of {limit}" if who else f"the limit of {limit} is reached"
    # Hours ahead at most: a time of day says it, also after midnight.
    at = fmt.clock(crosses, zone, crosses or now_ms)
    is_at_rest = pace.last_ms is None or now_ms - pace.last_ms >= RESTED_MS
    is_reached = pace.session_id == of.session_id and _is_reached(of)
    return Condition(
        key=_key(AlertKind.FORECAST, of.name, pace.period_key),
        kind=AlertKind.FORECAST,
        severity=Severity.WARNING,
        holds=left is not None and left <= SOON_MS and not is_at_rest,
        is_over=not is_reached if left is None else left > NOT_SOON_MS,
        text=f"Budget {_words(of)}: at its pace ({amount(pace.per_hour, of.unit)}/h)"
        f" {reached} ≈ {at}",
        action="Pause what can wait, or choose a smaller model",
        session_id=pace.session_id,
        hold_ms=FORECAST_HOLD_MS,
    )


def _is_reached(of: BudgetValues) -> bool:
    return of.spent is not None and of.spent >= of.limit


def _key(kind: AlertKind, name: str, period: str) -> str:
    return "/".join(part for part in (kind.value, name, period) if part)


def _words(of: BudgetValues) -> str:
    return fmt.one_line(f"{of.name} ({of.scope}, {of.period})", 80)


def amount(value: Decimal | None, unit: str) -> str:
    """Return an amount of a budget's unit: `$20.40`, `1.20M tokens`, `3 agents`, `84%`."""
    if value is None:
        return "?"
    if unit == "usd":
        return fmt.with_sign(fmt.dollars(int(value * PICO)))
    if unit == "window-percent":
        return fmt.share(float(value) / 100)
    many = int(value)
    said = fmt.tokens(many) if unit == "tokens" else fmt.count(many)
    return f"{said} {unit.removesuffix('s') if many == 1 else unit}"
