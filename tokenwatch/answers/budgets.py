"""How the user's budgets stand: what is spent of each, what that means, where it goes.

What counts is what `report` counts: requests at list price, by the time at which their answers
began. What a client reports as spent beyond its logs (unlogged) is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.analysis import budgets as rules
from tokenwatch.analysis import burn
from tokenwatch.analysis.budgets import Span, State
from tokenwatch.answers.budget_outlooks import (
    Outlook,
    Outlooks,
    of_window,
    requests_of,
    whole,
)
from tokenwatch.answers.quota import PlanWindow, plan_windows
from tokenwatch.config.budgets import AMOUNTS, Budget, Scope
from tokenwatch.model import NO_SPEND, AgentKind, Spend, usd
from tokenwatch.model import State as AgentState
from tokenwatch.store import budgets as stored
from tokenwatch.store import incidents, sessions, spend
from tokenwatch.store.budgets import LastTurn
from tokenwatch.store.ledger import Ledger

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Moment
    from tokenwatch.snapshot import AgentRow, SessionRow

_WINDOW_MINUTES: Final = {"5h": 300, "week": 10_080}


class Standing(NamedTuple):
    """A budget, and how it stands."""

    budget: Budget
    spent: Decimal | None
    """In the budget's unit; None where it is unknown."""
    ratio: float | None
    state: State
    span: Span | None = None
    """The time it is for; None for sessions, turns and what runs now."""
    session_id: str | None = None
    """Whose session it is that counts, where only one does."""
    notes: tuple[str, ...] = ()
    """How the figure is to be read, a sentence each."""
    outlook: Outlook | None = None
    """Of sessions and turns the one that reaches the limit first."""
    others: tuple[Outlook, ...] = ()
    """Where the other sessions or turns go that go on."""


class _Found(NamedTuple):
    """What is spent of a budget, before it is compared with its limit."""

    spent: Decimal | None
    span: Span | None = None
    session_id: str | None = None
    notes: tuple[str, ...] = ()
    outlook: Outlook | None = None
    others: tuple[Outlook, ...] = ()


def needs_details(every: Iterable[Budget]) -> bool:
    """Tell whether any of them is of turns, agents or plan windows: what usage alone can't tell."""
    return any(each.period == "turn" or each.unit not in AMOUNTS for each in every)


def worst(every: Iterable[Standing]) -> State:
    """Return the worst state of them."""
    order = list(State)
    return max((each.state for each in every), key=order.index, default=State.OK)


def standings(
    ledger: Ledger,
    every: Iterable[Budget],
    now_ms: int,
    zone: tzinfo,
    running: Callable[[], Sequence[SessionRow]],
    *,
    outlooks: bool = True,
) -> tuple[Standing, ...]:
    """Return how budgets stand, in their order.

    running: asked at most once, and only for agents: rows of the sessions that may have some at
    work. outlooks: whether to tell where they go, too, which takes most of the time.
    """
    asked = _Asked(ledger, now_ms, zone, running, outlooks=outlooks)
    return tuple(_standing(each, asked.found(each)) for each in every)


def budgets(moment: Moment, every: Iterable[Budget]) -> tuple[Standing, ...]:
    """Answer `standings` for a screen."""
    return standings(moment.ledger, every, moment.now_ms, moment.zone, lambda: at_work(moment))


def at_work(moment: Moment) -> list[SessionRow]:
    """Return rows of the sessions that may have an agent at work."""
    keys = list(sessions.active_since(moment.ledger, moment.now_ms - rules.RECENT_MS))
    live = [sign.session_id for sign in moment.live.values() if sign.alive is not False]
    keys += [key for key in sessions.keys_of(moment.ledger, live) if key not in keys]
    return moment.overview.sessions(keys, moment.live, moment.now_ms)


def _standing(of: Budget, found: _Found) -> Standing:
    return Standing(
        budget=of,
        spent=found.spent,
        ratio=rules.ratio(found.spent, of.limit),
        state=rules.state(found.spent, of.limit, of.warn),
        span=found.span,
        session_id=found.session_id,
        notes=found.notes,
        outlook=found.outlook,
        others=found.others,
    )


class _Asked:
    """Answers for several budgets at one instant; what they share is asked for once."""

    def __init__(
        self,
        ledger: Ledger,
        now_ms: int,
        zone: tzinfo,
        running: Callable[[], Sequence[SessionRow]],
        *,
        outlooks: bool,
    ) -> None:
        self._ledger = ledger
        self._now_ms = now_ms
        self._zone = zone
        self._running = running
        self._outlooks = Outlooks(ledger, now_ms, zone) if outlooks else None

    def found(self, of: Budget) -> _Found:
        """Return what is spent of a budget."""
        if of.unit == "agents":
            return (
                self._agents_today(of.scope) if of.period == "day" else self._agents_now(of.scope)
            )
        if of.unit == "window-percent":
            return self._window(of)
        if of.period in ("session", "turn"):
            return self._highest(of)
        return self._spent(of)

    # what was spent in a stretch of time ----------------------------------------------------

    def _spent(self, of: Budget) -> _Found:
        span = rules.span(of.period, self._now_ms, self._zone)
        where = requests_of(of.scope)._replace(since_ms=span.since_ms, until_ms=span.until_ms)
        agents = self._agents_called(of.scope)
        if agents is None:
            sums = spend.total(self._ledger, where)
        else:
            own = spend.by_agent(self._ledger, where)
            sums = sum((own[key] for key in agents if key in own), NO_SPEND)
        spent = _amount(of.unit, sums)
        outlook = None
        if spent is not None and self._outlooks is not None:
            if of.period in rules.CALENDAR:
                outlook = self._outlooks.of_period(of, span, sums)
            else:
                outlook = self._outlooks.of_last_hours(of, span, sums, agents)
        notes = _bounds(of.unit, sums) if sums.requests else self._unknown(of.scope)
        return _Found(spent, span, notes=notes, outlook=outlook)

    def _agents_called(self, scope: Scope) -> dict[int, int] | None:
        """Return the agents that a scope names, with their sessions; None where it names none."""
        if scope.kind != "agent":
            return None
        return stored.agents_called(self._ledger, scope.value)

    def _unknown(self, scope: Scope) -> tuple[str, ...]:
        """Say that nothing was ever read of what a scope names; for scopes that nothing counts in.

        Without the names of projects and agents, which may be asked to be hidden.
        """
        ledger, value = self._ledger, scope.value
        if scope.kind == "session" and not stored.beginning_with(ledger, value):
            return (f"no session is known whose id begins with {value!r}",)
        if scope.kind == "project" and not spend.has_sessions(ledger, value):
            return ("no session of this project is known",)
        if scope.kind == "model" and not spend.matching_models(ledger, value):
            return ("no model of this name is known",)
        if scope.kind == "agent" and not self._agents_called(scope):
            return ("no agent of this type is known",)
        return ()

    # the highest session or turn ------------------------------------------------------------

    @cached_property
    def _recent(self) -> tuple[int, ...]:
        return sessions.active_since(self._ledger, self._now_ms - rules.RECENT_MS)

    def _highest(self, of: Budget) -> _Found:
        keys = self._recent
        if of.scope.kind == "session":
            keys = tuple(stored.beginning_with(self._ledger, of.scope.value))
        agents = self._agents_called(of.scope)
        where = requests_of(of.scope)._replace(sessions=keys)
        sums = stored.by_session(self._ledger, where, agents) if keys else {}
        turns: dict[int, LastTurn] = {}
        if of.period == "turn":
            turns = stored.latest_turns(self._ledger, tuple(sums), where.model, agents)
            sums = {key: turn.spend for key, turn in turns.items()}
        if not sums:
            notes = self._unknown(of.scope)
            if not notes and of.scope.kind != "session":
                notes = ("no session with activity in the last 24 hours counts",)
            return _Found(Decimal(0), notes=notes)
        # Of equal ones the latest, which comes first.
        highest = max(sums, key=lambda key: (whole(of.unit, sums[key]), -keys.index(key)))
        named = incidents.names(self._ledger, [highest])[highest]
        said = [f"{'latest turn of ' * (of.period == 'turn')}session {fmt.short_id(named.id)}"]
        if len(sums) > 1:
            said.append(f"the highest of {len(sums)}")
        unpriced = sum(each.unpriced_requests for each in sums.values())
        if of.unit == "usd" and unpriced > sums[highest].unpriced_requests:
            said.append(f"{_many(unpriced)} unpriced in all of them: another may be higher")
        outlooks = self._outlooks
        going = outlooks.of_sessions(of, sums, turns, agents) if outlooks else ()
        return _Found(
            _amount(of.unit, sums[highest]),
            session_id=named.id,
            notes=(", ".join(said), *_bounds(of.unit, sums[highest])),
            outlook=going[0] if going else None,
            others=going[1:],
        )

    # agents at once -------------------------------------------------------------------------

    @cached_property
    def _rows(self) -> Sequence[SessionRow]:
        return self._running()

    def _at_once(self, scope: Scope) -> list[tuple[int, str]]:
        """Return how many agents run now in each session with any, and its id; most first."""
        counts = [
            (sum(_is_running(agent, scope) for agent in row.agents), row.id)
            for row in self._rows
            if _is_in(scope, row.id, row.source, row.project)
        ]
        return sorted((each for each in counts if each[0]), key=lambda each: (-each[0], each[1]))

    def _agents_now(self, scope: Scope) -> _Found:
        now = self._at_once(scope)
        if not now:
            return _Found(Decimal(0), notes=self._unknown(scope))
        many, session_id = now[0]
        note = f"now, in session {fmt.short_id(session_id)}"
        return _Found(Decimal(many), session_id=session_id, notes=(note,))

    def _agents_today(self, scope: Scope) -> _Found:
        span = rules.span("day", self._now_ms, self._zone)
        spans = sessions.agents_at_work(self._ledger, span.since_ms, self._now_ms)
        places = stored.places(self._ledger, {agent for agent, _, _ in spans})
        called = self._agents_called(scope)
        peak = burn.peak(
            (start, end)
            for agent, start, end in spans
            if _is_in(scope, *places[agent]) and (called is None or agent in called)
        )
        now = sum(many for many, _ in self._at_once(scope))
        most = max(peak, now)
        notes = () if most else self._unknown(scope)
        return _Found(Decimal(most), span, notes=(*notes, f"most at once today; now {now}"))

    # plan windows ---------------------------------------------------------------------------

    @cached_property
    def _windows(self) -> tuple[PlanWindow, ...]:
        return plan_windows(self._ledger, self._now_ms)

    def _window(self, of: Budget) -> _Found:
        every = [
            window
            for window in self._windows
            if window.minutes == _WINDOW_MINUTES[of.period]
            and (of.scope.kind == "all" or window.source == of.scope.value)
        ]
        notes = tuple(self._stale(window) for window in every if window.is_stale)
        fresh = [window for window in every if not window.is_stale]
        if not fresh:
            return _Found(None, notes=notes or ("no such window was ever read: unknown, not 0",))
        fullest = max(fresh, key=lambda window: window.used_percent)
        age = fmt.span(self._now_ms - fullest.observed_ms)
        span = None
        if fullest.start_ms is not None and fullest.resets_ms is not None:
            span = Span(fullest.start_ms, fullest.resets_ms)
        return _Found(
            Decimal(str(fullest.used_percent)),
            span,
            notes=(f"{_called(fullest)}, read {age} ago", *notes),
            outlook=of_window(fullest, of.limit, self._now_ms) if self._outlooks else None,
        )

    def _stale(self, window: PlanWindow) -> str:
        was = fmt.share(window.used_percent / 100)
        age = fmt.span(self._now_ms - window.observed_ms)
        return f"{_called(window)} is stale: reset since its last reading ({was}, {age} ago)"


def _called(window: PlanWindow) -> str:
    return f"{fmt.source_name(window.source)} {window.name}"


def _is_in(scope: Scope, session_id: str, source: str, project: str | None) -> bool:
    """Tell whether a session lies in a scope, as far as that is of sessions."""
    if scope.kind == "project":
        return rules.lies_in(project, scope.value)
    if scope.kind == "source":
        return source == scope.value
    return scope.kind != "session" or session_id.startswith(scope.value)


def _is_running(agent: AgentRow, scope: Scope) -> bool:
    if agent.kind is AgentKind.AUXILIARY or agent.state not in (
        AgentState.WORKING,
        AgentState.WAITING,
    ):
        return False
    if scope.kind != "agent":
        return True
    if scope.value == stored.MAIN:
        return agent.kind is AgentKind.MAIN
    return agent.kind is not AgentKind.MAIN and (agent.name or "").lower() == scope.value.lower()


def _amount(unit: str, sums: Spend) -> Decimal | None:
    """Return a sum in its unit; None where all of it is unpriced."""
    if unit != "usd":
        return Decimal(whole(unit, sums))
    return None if sums.cost_or_none is None else usd(sums.cost_pico)


def _bounds(unit: str, sums: Spend) -> tuple[str, ...]:
    """Say why a sum is less than what was really spent."""
    notes = []
    if unit == "usd" and sums.unpriced_requests:
        what = "unknown" if sums.cost_or_none is None else "a lower bound"
        notes.append(f"{_many(sums.unpriced_requests)} unpriced: {what}")
    if unit != "requests" and sums.lower_bound_requests:
        notes.append(f"{_many(sums.lower_bound_requests)} logged in part: a lower bound")
    return tuple(notes)


def _many(requests: int) -> str:
    return f"{requests} request{'s' * (requests != 1)}"
