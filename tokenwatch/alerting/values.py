"""What the rules of alerts look at, gathered from the picture and the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from tokenwatch import format as fmt
from tokenwatch.alert import AlertKind, Condition
from tokenwatch.analysis import burn
from tokenwatch.analysis.alerts.baseline import percentile
from tokenwatch.analysis.alerts.budgets_rule import BudgetValues, PaceValues, period_key
from tokenwatch.analysis.alerts.finding_rules import (
    AHEAD_MS,
    FAILED,
    LOOP,
    AttemptsValues,
    LoopValues,
    Trouble,
    TroubleKind,
    of_attempts,
    of_loop,
)
from tokenwatch.analysis.alerts.quota_rule import WindowValues
from tokenwatch.analysis.alerts.session_rules import SessionValues, Usual
from tokenwatch.analysis.budgets import State as BudgetState
from tokenwatch.answers.budgets import Standing
from tokenwatch.answers.quota import plan_windows
from tokenwatch.format import source_name
from tokenwatch.model import DAY_MS, AgentKind, State
from tokenwatch.snapshot import Notice, SessionRow
from tokenwatch.store import budgets as stored
from tokenwatch.store import paces, sessions, troubles
from tokenwatch.store.ledger import Ledger

MINUTE_MS: Final = 60_000
RECENT_MS: Final = 15 * MINUTE_MS
"""A session with activity since is looked at."""
MOST_NAMED: Final = 3
"""More logs that can't be read are told of together."""
PAST_MS: Final = 14 * DAY_MS
"""What is usual is told by so long."""


class Usuals:
    """What is usual for the user, counted anew once an hour: it takes longer than a look may."""

    AGAIN_MS: Final = 3_600_000

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._made_ms: int | None = None
        self._usual = Usual()

    def now(self, now_ms: int) -> Usual:
        """Return what is usual."""
        made = self._made_ms
        if made is None or not made <= now_ms < made + self.AGAIN_MS:
            self._made_ms = now_ms
            self._usual = _usual(self._ledger, now_ms)
        return self._usual


def _usual(ledger: Ledger, now_ms: int) -> Usual:
    since_ms = now_ms - PAST_MS
    return Usual(
        window_pico=percentile(paces.costs_of_five_minutes(ledger, since_ms), 95),
        minute_tokens=percentile(paces.tokens_a_minute(ledger, since_ms), 95),
        requests=percentile(paces.requests_a_prompt(ledger, since_ms), 99),
        agents=percentile(_agents_at_once(ledger, since_ms, now_ms), 99),
    )


def _agents_at_once(ledger: Ledger, since_ms: int, now_ms: int) -> list[int]:
    """Return the most agents at once of each session."""
    spans = sessions.agents_at_work(ledger, since_ms, now_ms)
    places = stored.places(ledger, {agent for agent, _, _ in spans})
    by_session: dict[str, list[tuple[int, int]]] = {}
    for agent, start, end in spans:
        by_session.setdefault(places[agent].session_id, []).append((start, end))
    return [burn.peak(own) for own in by_session.values()]


def of_standings(
    every: Iterable[Standing], zone: tzinfo, *, is_guarded: Callable[[], bool]
) -> tuple[BudgetValues, ...]:
    """Return budgets as the rules see them. is_guarded: whether a client asks before it goes on,
    which is asked for where a hard one is exceeded, and once at most."""
    standings = tuple(every)
    is_over = any(each.budget.hard and each.state is BudgetState.EXCEEDED for each in standings)
    asks = is_over and is_guarded()
    return tuple(_of_standing(each, zone, asks) for each in standings)


def _of_standing(standing: Standing, zone: tzinfo, is_guarded: bool) -> BudgetValues:
    of, outlook = standing.budget, standing.outlook
    return BudgetValues(
        name=of.name,
        scope=of.scope.words,
        period=of.period,
        unit=of.unit,
        limit=of.limit,
        spent=standing.spent,
        ratio=standing.ratio,
        warn=float(of.warn),
        is_hard=of.hard,
        is_guarded=is_guarded,
        period_key=period_key(of.period, standing.span, zone, standing.session_id),
        span=standing.span,
        p80=outlook.p80 if outlook else None,
        crosses_ms=outlook.crosses_ms if outlook else None,
        session_id=standing.session_id,
        paces=tuple(_paces_of(standing, zone)),
    )


def _paces_of(standing: Standing, zone: tzinfo) -> Iterator[PaceValues]:
    for outlook in (standing.outlook, *standing.others):
        if outlook is not None and (of := outlook.pace) is not None:
            key = period_key(standing.budget.period, standing.span, zone, of.session_id)
            yield PaceValues(of.per_hour, outlook.crosses_ms, of.last_ms, key, of.session_id)


def of_windows(ledger: Ledger, now_ms: int) -> tuple[WindowValues, ...]:
    """Return plan windows as the rules see them."""
    return tuple(
        WindowValues(
            key=f"{window.source}/{window.limit_id}/{window.minutes}",
            name=f"{source_name(window.source)} {window.name}",
            used_percent=window.used_percent,
            resets_ms=window.resets_ms,
            full_ms=window.projection.full_ms if window.projection else None,
            is_stale=window.is_stale,
        )
        for window in plan_windows(ledger, now_ms)
    )


def of_sessions(
    ledger: Ledger, rows: Sequence[SessionRow], now_ms: int
) -> tuple[SessionValues, ...]:
    """Return the sessions at work, or just now so, as the rules see them.

    Of those that only have a cache left that is about to expire, nothing else.
    """
    recent = [row for row in rows if (row.last_ms or 0) >= now_ms - RECENT_MS]
    waiting = tuple(
        _of_cache(row)
        for row in rows
        if (row.last_ms or 0) < now_ms - RECENT_MS
        and row.warm is not None
        and row.warm.expires_ms <= now_ms + RECENT_MS
    )
    if not recent:
        return waiting
    by_id = {row.id: row for row in recent}
    keys = sessions.keys_of(ledger, by_id)
    names = {key: place for key, place in _ids(ledger, keys).items() if place in by_id}
    alone = paces.alone(ledger, tuple(names), now_ms)
    tokens: dict[int, list[int]] = {key: [0, 0, 0] for key in names}
    since_ms = now_ms - 3 * MINUTE_MS
    for key, _, at_ms, _, many in sessions.minutes(ledger, since_ms + 1, now_ms, tuple(names)):
        tokens[key][2 - min(2, (now_ms - at_ms) // MINUTE_MS)] += many
    at_work = (
        _of_session(by_id[name], alone[key], tuple(tokens[key]), now_ms)
        for key, name in names.items()
    )
    return (*at_work, *waiting)


def _ids(ledger: Ledger, keys: Sequence[int]) -> dict[int, str]:
    from tokenwatch.store import incidents

    return {key: named.id for key, named in incidents.names(ledger, keys).items()}


def _of_cache(row: SessionRow) -> SessionValues:
    is_waiting = row.state in (State.IDLE, State.WAITING)
    return SessionValues(
        id=row.id,
        name=fmt.short_id(row.id),
        is_waiting=is_waiting,
        warm_tokens=row.warm.tokens if row.warm else 0,
        warm_until_ms=row.warm.expires_ms if row.warm else None,
    )


def _of_session(
    row: SessionRow, alone: paces.Alone, tokens: tuple[int, ...], now_ms: int
) -> SessionValues:
    costs = [agent.minutes_pico for agent in row.agents if agent.minutes_pico]
    halves = (sum(sum(each[:5]) for each in costs), sum(sum(each[5:]) for each in costs))
    subagents = [agent for agent in row.agents if agent.kind is AgentKind.SUBAGENT]
    since_ms = now_ms - 10 * MINUTE_MS
    is_scripted = row.prompts == row.scripted_prompts
    return _of_cache(row)._replace(
        last_ms=row.last_ms,
        windows_pico=halves if costs else (),
        minutes_tokens=tokens,
        # Of a script nobody is away: its prompts are its plan.
        requests=0 if is_scripted else alone.requests,
        agents=row.running,
        spawned=sum((agent.started_ms or 0) >= since_ms for agent in subagents),
        context_used=row.context_used if row.state is not State.ENDED else None,
        context_limit=row.context_limit,
        last_prompt_ms=alone.prompted_ms,
        pico_since_prompt=alone.cost_pico,
    )


_OF_NOTICES: Final = {
    "loop": AlertKind.LOOP,
    "repeated-attempts": AlertKind.RETRY,
}


def of_notices(notices: Iterable[Notice]) -> list[Condition]:
    """Return what detectors saw happen as conditions, in their own words.

    What a detector saw is one, however often: its threshold is the detector's.
    """
    found = []
    for notice in notices:
        kind = _OF_NOTICES.get(notice.kind)
        name, least = fmt.short_id(notice.session_id), notice.least
        known = notice.key, notice.session_id, name
        if kind is AlertKind.LOOP:
            times = max(notice.times, least)
            made = of_loop(LoopValues(*known, times, notice.at_ms, least=least or LOOP))
        elif kind is AlertKind.RETRY:
            made = of_attempts(AttemptsValues(*known, FAILED, notice.at_ms))
        else:
            continue
        text = f"Session {fmt.one_line(name, 60)}: {fmt.one_line(notice.text, 200)}"
        if least:
            text += f" (from {least} on)"
        found.append(made._replace(text=text, action=notice.advice))
    return found


def of_troubles(ledger: Ledger, now_ms: int) -> tuple[Trouble, ...]:
    """Return what can't be right about the data of the last day."""
    since_ms = now_ms - DAY_MS
    found = [
        Trouble(TroubleKind.UNPRICED, fmt.one_line(name or "without a name", 60), count)
        for name, count in troubles.unpriced(ledger, since_ms)
    ]
    logs = troubles.unreadable(ledger, since_ms)
    if len(logs) > MOST_NAMED:
        lines = sum(count for _, count in logs)
        found.append(Trouble(TroubleKind.UNREADABLE, "several", lines, things=len(logs)))
    else:
        found += [
            Trouble(TroubleKind.UNREADABLE, path.rpartition("/")[2], count) for path, count in logs
        ]
    found += [
        Trouble(TroubleKind.CLOCK, source_name(source), ahead)
        for source, ahead in troubles.ahead(ledger, now_ms)
        if ahead > AHEAD_MS
    ]
    return tuple(found)
