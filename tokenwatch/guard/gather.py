"""Make the guard's state of what the ledger knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tokenwatch.analysis import budgets as rules
from tokenwatch.analysis.budgets import State as How
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.analysis.waste.repeats import tell_loop
from tokenwatch.answers import budgets as answers
from tokenwatch.answers.budget_outlooks import requests_of, whole
from tokenwatch.config.budgets import Scope
from tokenwatch.export.budgets import shown
from tokenwatch.guard.allowing import of_state
from tokenwatch.guard.decide import MAIN
from tokenwatch.guard.record import UNSEEN_MS
from tokenwatch.guard.state import state
from tokenwatch.model import AgentKind, usd
from tokenwatch.model import State as AgentState
from tokenwatch.store import budgets as stored
from tokenwatch.store import findings, incidents, sessions
from tokenwatch.store.spend import matching_models

if TYPE_CHECKING:
    from tokenwatch.answers.budgets import Standing
    from tokenwatch.config.budgets import Budget
    from tokenwatch.config.guard import GuardConfig
    from tokenwatch.guard.state import Cap, Loop, Over, Running, State
    from tokenwatch.snapshot import SessionRow
    from tokenwatch.store.ledger import Ledger

SPAWNED_MS: Final = 10 * 60_000
LOOP_MS: Final = 5 * 60_000
"""A loop whose latest call is older is over."""
BEYOND_MS: Final = 30_000
"""A session that went on for longer than this after a loop has left it."""
_WHEN: Final = {
    "session": "in this session",
    "turn": "in this turn",
    "5h": "in five hours",
    "day": "today",
    "week": "this week",
    "month": "this month",
}
"""The period of a budget that is exceeded now, in words."""
_AT_WORK: Final = (AgentState.WORKING, AgentState.WAITING)


def gather(
    ledger: Ledger,
    every: Iterable[Standing],
    how: GuardConfig,
    rows: Callable[[], Sequence[SessionRow]],
    *,
    now_ms: int,
    zone: tzinfo,
    by: str,
) -> State:
    """Return the state.

    every: how the budgets stand, soft ones included. rows: asked at most once, and only where it
    matters: rows of the sessions that may have an agent at work (`answers.budgets.at_work`). by:
    `state.MONITOR` or `state.HOOK`.
    """
    hard = [each for each in every if each.budget.hard]
    at_once = [each.budget for each in hard if each.budget.unit == "agents"]
    spent = [each for each in hard if each.budget.unit != "agents"]
    needs_rows = at_once or how.loops != "off"
    needs_rows = needs_rows or any(_is_over(each) and _is_of_sessions(each) for each in spent)
    known = rows() if needs_rows else ()
    return state(
        at_ms=now_ms,
        by=by,
        over_budget=how.over_budget,
        loops=how.loops,
        budgets=_exceeded(ledger, spent, known, now_ms, zone),
        looping=_looping(ledger, known, now_ms) if how.loops != "off" else (),
        caps=[_cap(each) for each in at_once],
        running=[_running(row, now_ms) for row in known if row.running],
        allowances=of_state(ledger, now_ms),
    )


# Budgets ----------------------------------------------------------------------------------------


def _is_of_sessions(standing: Standing) -> bool:
    of = standing.budget
    return of.period in ("session", "turn") or of.scope.kind in ("model", "project")


def _exceeded(
    ledger: Ledger,
    spent: Sequence[Standing],
    rows: Sequence[SessionRow],
    now_ms: int,
    zone: tzinfo,
) -> list[Over]:
    found = []
    for each in spent:
        of = each.budget
        if not _is_over(each):
            continue
        if of.period in ("session", "turn"):
            found += [
                _over(one, [one.session_id])
                for one in _sessions_over(ledger, each, rows, now_ms, zone)
                if one.session_id is not None
            ]
            continue
        over = _over(
            each, _using(ledger, rows, of.scope.value) if of.scope.kind == "model" else None
        )
        if of.scope.kind == "project":
            over["within"] = [row.id for row in rows if _is_in(of.scope, row)]
        found.append(over)
    return found


def _sessions_over(
    ledger: Ledger,
    highest: Standing,
    rows: Sequence[SessionRow],
    now_ms: int,
    zone: tzinfo,
) -> list[Standing]:
    """Return how a budget of each session, or turn, stands in those that are beyond it."""
    of, kind = highest.budget, highest.budget.scope.kind
    if kind in ("model", "agent"):
        return [*_others_over(ledger, highest, rows), highest]
    mine = [row.id for row in rows if _is_in(of.scope, row)]
    if kind == "session":
        # It counts though nothing of it runs.
        mine = list(dict.fromkeys([*mine, *filter(None, [highest.session_id])]))
    singles = [of._replace(scope=Scope("session", each)) for each in mine]
    every = answers.standings(ledger, singles, now_ms, zone, lambda: rows, outlooks=False)
    return [one._replace(session_id=one.budget.scope.value) for one in every if _is_over(one)]


def _others_over(ledger: Ledger, highest: Standing, rows: Sequence[SessionRow]) -> list[Standing]:
    """Return the same, beside the highest one, of what a model or a type of agent spent there."""
    of = highest.budget
    keys = sessions.keys_of(ledger, [row.id for row in rows if row.id != highest.session_id])
    agents = None
    if of.scope.kind == "agent":
        agents = stored.agents_called(ledger, of.scope.value)
    where = requests_of(of.scope)._replace(sessions=keys)
    sums = stored.by_session(ledger, where, agents) if keys else {}
    if of.period == "turn":
        turns = stored.latest_turns(ledger, tuple(sums), where.model, agents)
        sums = {key: turn.spend for key, turn in turns.items()}
    names = incidents.names(ledger, sums)
    found = []
    for key, spend in sums.items():
        spent = usd(spend.cost_pico) if of.unit == "usd" else Decimal(whole(of.unit, spend))
        if rules.state(spent, of.limit, of.warn) is How.EXCEEDED:
            found.append(highest._replace(spent=spent, session_id=names[key].id))
    return found


def _is_over(standing: Standing) -> bool:
    return standing.state is How.EXCEEDED


def _over(standing: Standing, of_sessions: list[str] | None) -> Over:
    of = standing.budget
    until = None if standing.span is None or of.period == "5h" else standing.span.until_ms
    if of.unit == "window-percent" and standing.span is not None:
        until = standing.span.until_ms
    return {
        "name": of.name,
        "kind": of.scope.kind,
        "value": of.scope.value,
        "words": _words(standing),
        "until_ms": until,
        "sessions": of_sessions,
        "turn": of.period == "turn",
    }


def _words(standing: Standing) -> str:
    of = standing.budget
    spent, limit = shown(of.unit, standing.spent), shown(of.unit, of.limit)
    if of.unit == "window-percent":
        return f"Budget {of.name}: {spent} of the plan's {of.period} window used, {limit} allowed"
    unit = "" if of.unit == "usd" else f" {of.unit}"
    return f"Budget {of.name}: {spent} of {limit}{unit} used {_WHEN[of.period]}"


def _using(ledger: Ledger, rows: Sequence[SessionRow], model: str) -> list[str]:
    """Return the sessions with an agent whose latest request was to a model; what ended is over."""
    names = matching_models(ledger, model)
    return [
        row.id
        for row in rows
        if any(
            agent.model in names
            for agent in row.agents
            if agent.kind is AgentKind.MAIN or agent.state in _AT_WORK
        )
    ]


def _is_in(scope: Scope, row: SessionRow) -> bool:
    if scope.kind == "project":
        return rules.lies_in(row.project, scope.value)
    if scope.kind == "session":
        return row.id.startswith(scope.value)
    return scope.kind == "all" or row.source == scope.value


# Agents and loops -------------------------------------------------------------------------------


def _cap(of: Budget) -> Cap:
    return {
        "name": of.name,
        "kind": of.scope.kind,
        "value": of.scope.value,
        "limit": int(of.limit),
        "each": of.period == "session",
    }


def _running(row: SessionRow, now_ms: int) -> Running:
    own = [agent for agent in row.agents if agent.kind is not AgentKind.AUXILIARY]
    subagents = [agent for agent in own if agent.kind is AgentKind.SUBAGENT]
    return {
        "session_id": row.id,
        "source": row.source,
        "project": row.project,
        "names": [
            MAIN if agent.kind is AgentKind.MAIN else (agent.name or "").lower()
            for agent in own
            if agent.state in _AT_WORK
        ],
        "fresh": [
            (agent.name or "").lower()
            for agent in subagents
            if (agent.started_ms or 0) >= now_ms - UNSEEN_MS
        ],
        "spawned": sum((agent.started_ms or 0) >= now_ms - SPAWNED_MS for agent in subagents),
    }


def _looping(ledger: Ledger, rows: Sequence[SessionRow], now_ms: int) -> list[Loop]:
    """Return the sessions whose latest calls are a loop."""
    last = {row.id: row.last_ms or 0 for row in rows if row.running}
    if not last:
        return []
    found: dict[str, Loop] = {}
    for each in findings.read(ledger, sessions=sessions.keys_of(ledger, last)):
        finding = each.finding
        if finding.kind is not Kind.LOOP or finding.last_ms < now_ms - LOOP_MS:
            continue
        if last.get(each.session_id, 0) - finding.last_ms <= BEYOND_MS:
            # In the order of time: the latest one stays.
            found[each.session_id] = {
                "session_id": each.session_id,
                "words": tell_loop(finding)[0],
                "last_ms": finding.last_ms,
            }
    return list(found.values())
