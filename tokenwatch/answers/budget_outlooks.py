"""Where the user's budgets go: days, weeks and months as the past went; sessions, turns and the
last five hours at the pace of now; plan windows as their latest readings rise.

A pace is no forecast: it tells when a limit is reached if the work goes on without a pause, and has
no ends, no P50 and no P80.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from tokenwatch.analysis import budgets as rules
from tokenwatch.analysis import forecast, pace
from tokenwatch.analysis.budgets import Span
from tokenwatch.analysis.period import midnight
from tokenwatch.answers.quota import PlanWindow
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.model import PICO, Spend, usd
from tokenwatch.store import budgets as stored
from tokenwatch.store import incidents, sessions, spend
from tokenwatch.store.budgets import LastTurn, Minute
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

_MICRO: Final = PICO // 10**6


class OwnPace(NamedTuple):
    """How fast what a budget is of spends while it spends, in the budget's unit."""

    per_hour: Decimal
    """In sixty active minutes, as `analysis.pace` counts them."""
    active_minutes: int
    last_ms: int
    """When anything was spent last."""
    session_id: str | None = None
    """Whose pace it is; None: of all that counts. Of a budget of sessions or turns the one that
    reaches the limit first: others may have spent more and be at rest."""


class Outlook(NamedTuple):
    """Where a budget goes, in its own unit: to an end that is forecast, or at a pace."""

    p50: Decimal | None
    """None at a pace."""
    p80: Decimal | None
    """None where nothing tells how much it may differ: at a pace, and of a plan's window."""
    at_ms: int | None
    """The end of the period, which p50 and p80 are of; None at a pace."""
    crosses_ms: int | None
    """When the limit would be reached; None where it would not, or is. At a pace: if it goes on
    without a pause, and not beyond `analysis.pace.HORIZON_MS`."""
    pace: OwnPace | None = None
    """None where an end is forecast."""


class Outlooks:
    """Outlooks of several budgets at one instant; what they share is asked for once."""

    def __init__(self, ledger: Ledger, now_ms: int, zone: tzinfo) -> None:
        self._ledger = ledger
        self._now_ms = now_ms
        self._zone = zone
        self._quarters: dict[Scope, list[tuple[int, Spend]]] = {}

    # as the past went -----------------------------------------------------------------------

    def of_period(self, of: Budget, span: Span, sums: Spend) -> Outlook | None:
        """Return where a day, week or month ends; sums: what is spent of it."""
        found = forecast.forecast(
            forecast.cells(
                [(at_ms, whole(of.unit, own)) for at_ms, own in self._past(of.scope)], self._zone
            ),
            span_ms=span,
            now_ms=self._now_ms,
            spent=whole(of.unit, sums),
            limit=_limit(of),
            zone=self._zone,
        )
        if found is None:
            return None
        p50, p80 = (_in_unit(of.unit, value) for value in (found.p50, found.p80))
        return Outlook(p50, p80, found.at_ms, found.crosses_ms)

    def _past(self, scope: Scope) -> list[tuple[int, Spend]]:
        """Return the quarters of an hour that a forecast is made of."""
        if scope not in self._quarters:
            today = datetime.fromtimestamp(self._now_ms / 1000, self._zone).date()
            since = midnight(today - timedelta(days=forecast.LOOK_DAYS), self._zone)
            called = scope.value if scope.kind == "agent" else None
            self._quarters[scope] = stored.quarters(self._ledger, since, requests_of(scope), called)
        return self._quarters[scope]

    # at the pace of now ---------------------------------------------------------------------

    @cached_property
    def _going(self) -> frozenset[int]:
        """The sessions that may have a pace: most of the time none, and nothing else is asked."""
        return frozenset(sessions.active_since(self._ledger, self._now_ms - pace.SILENT_MS))

    def of_last_hours(
        self, of: Budget, span: Span, sums: Spend, agents: Collection[int] | None
    ) -> Outlook | None:
        """Return when the last five hours reach the limit.

        sums: what is spent in them. agents: the only ones that count, by key; None: all.
        """
        if not self._going:
            return None
        where = requests_of(of.scope)
        if of.scope.kind in ("project", "source"):
            agents = spend.by_agent(
                self._ledger, where._replace(since_ms=span.since_ms, until_ms=span.until_ms)
            )

        def since(at_ms: int) -> list[tuple[int, int]]:
            found = stored.minutes(
                self._ledger, at_ms, self._now_ms, agents=agents, model=where.model
            )
            return _amounts(of.unit, found)

        own = pace.pace(since(pace.since_ms(self._now_ms)), self._now_ms)
        if own is None:
            return None
        spent, limit = whole(of.unit, sums), _limit(of)
        crosses = pace.crosses_ms(own, now_ms=self._now_ms, spent=spent, limit=limit)
        if crosses is not None:
            # What leaves meanwhile can only put it off, so it is asked for no sooner.
            left = [(at_ms + rules.ROLLING_MS, many) for at_ms, many in since(span.since_ms)]
            crosses = pace.crosses_ms(
                own, now_ms=self._now_ms, spent=spent, limit=limit, leaving=left
            )
        return _at_pace(of.unit, own, crosses)

    def of_sessions(
        self,
        of: Budget,
        sums: Mapping[int, Spend],
        turns: Mapping[int, LastTurn],
        agents: Collection[int] | None,
    ) -> tuple[Outlook, ...]:
        """Return where the sessions, or turns of them, go that have a pace.

        The one comes first that reaches the limit first; of those that do not, the highest.
        sums: what counts of each, by the session's key. turns: the latest of each; empty for whole
        sessions. agents: the only ones that count, by key; None: all.
        """
        found = []
        for key in sums.keys() & self._going:
            own = self._pace_of(of, key, turns.get(key), agents)
            if own is None:
                continue
            spent = whole(of.unit, sums[key])
            crosses = pace.crosses_ms(own, now_ms=self._now_ms, spent=spent, limit=_limit(of))
            found.append((crosses is None, crosses or 0, -spent, key, own))
        names = incidents.names(self._ledger, [each[3] for each in found])
        return tuple(
            _at_pace(of.unit, own, None if never else crosses, names[key].id)
            for never, crosses, _, key, own in sorted(found)
        )

    def _pace_of(
        self, of: Budget, key: int, turn: LastTurn | None, agents: Collection[int] | None
    ) -> pace.Pace | None:
        begin = pace.since_ms(self._now_ms)
        rows = stored.minutes(
            self._ledger,
            begin if turn is None else max(begin, turn.began_ms),
            self._now_ms,
            sessions=(key,),
            agents=agents,
            model=requests_of(of.scope).model,
        )
        own = pace.pace(_amounts(of.unit, rows), self._now_ms)
        if own is None or turn is None or turn.ended_ms is None:
            return own
        # A turn that has ended goes on only as far as agents in the background do.
        return own if own.last_ms > turn.ended_ms else None


def of_window(window: PlanWindow, limit: Decimal, now_ms: int) -> Outlook | None:
    """Return where the line of its latest readings leads; None where they carry none."""
    line = window.projection
    if line is None or window.resets_ms is None:
        return None
    left, crosses = float(limit) - window.used_percent, None
    if left > 0 and float(limit) <= line.at_reset:
        crosses = max(now_ms, line.until_ms + round(left / line.per_hour * 3_600_000))
    return Outlook(Decimal(str(round(line.at_reset, 1))), None, window.resets_ms, crosses)


def requests_of(scope: Scope) -> Filter:
    """Return the requests of a scope; those of an agent or a session are chosen apart."""
    return Filter(
        project=scope.value if scope.kind == "project" else None,
        source=scope.value if scope.kind == "source" else None,
        model=scope.value if scope.kind == "model" else None,
    )


def whole(unit: str, sums: Spend) -> int:
    """Return a sum in the smallest of its unit: picodollars, tokens, requests."""
    if unit == "usd":
        return sums.cost_pico
    return sums.usage.total if unit == "tokens" else sums.requests


def _limit(of: Budget) -> int:
    """Return a limit in the smallest of its unit."""
    return int(of.limit * PICO) if of.unit == "usd" else int(of.limit)


def _in_unit(unit: str, value: int) -> Decimal:
    return usd(value // _MICRO * _MICRO) if unit == "usd" else Decimal(value)


def _amounts(unit: str, minutes: Iterable[Minute]) -> list[tuple[int, int]]:
    place = {"usd": 2, "tokens": 3, "requests": 4}[unit]
    return [(minute.at_ms, minute[place]) for minute in minutes]


def _at_pace(
    unit: str, own: pace.Pace, crosses_ms: int | None, session_id: str | None = None
) -> Outlook:
    per_hour = _in_unit(unit, own.per_hour)
    told = OwnPace(per_hour, own.active_minutes, own.last_ms, session_id)
    return Outlook(None, None, None, crosses_ms, told)
