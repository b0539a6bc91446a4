"""A line's worth: what today cost, how fast it goes, who is at work, what the plans have left."""

from collections.abc import Callable
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.answers.quota import PlanWindow, plan_windows
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State
from tokenwatch.store import presence, spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

if TYPE_CHECKING:
    from tokenwatch.overview import Live, Overview
    from tokenwatch.snapshot import AgentRow, SessionRow, Snapshot

BURN_MS = 600_000
BURNS_AN_HOUR = 6
PRESENT_MS = 15 * 60_000
"""A session without anything for so long, and without a sign of its process, is not at work."""


class Worker(NamedTuple):
    """An agent at work, or waiting for the user."""

    name: str | None
    """A subagent's type or nickname; of a main agent the session's title."""
    project: str | None
    model: str | None
    state: State
    is_main: bool
    burn_pico_per_hour: int | None
    cost_pico: int | None
    """Of the agent in all; None where nothing of it has a price."""


class Glance(NamedTuple):
    """What fits in a line."""

    now_ms: int
    today: Spend = NO_SPEND
    week_mean_pico: int | None = None
    """Mean cost of the seven days before today, of those that had any; None where none had."""
    burn_pico_per_hour: int | None = None
    """Cost of the last ten minutes × 6; None when there was none."""
    workers: tuple[Worker, ...] = ()
    """Main agents, each followed by its subagents; auxiliary ones left out. Sessions in which
    somebody waits come first, then by latest activity."""
    windows: tuple[PlanWindow, ...] = ()
    is_complete: bool = True
    """All that was logged has been read; else the figures are lower bounds."""

    def count(self, state: State) -> int:
        """Return how many agents are in a state."""
        return sum(worker.state is state for worker in self.workers)


def of_snapshot(snapshot: "Snapshot", windows: tuple[PlanWindow, ...]) -> Glance:
    """Return what the monitor's picture says."""
    return Glance(
        now_ms=snapshot.taken_ms,
        today=snapshot.today,
        week_mean_pico=snapshot.week_mean_pico,
        burn_pico_per_hour=snapshot.burn_pico_per_hour,
        workers=_workers(snapshot.sessions),
        windows=windows,
        is_complete=snapshot.progress is None or snapshot.progress.phase != "usage",
    )


def of_ledger(
    ledger: Ledger,
    now_ms: int,
    zone: tzinfo,
    live: "Live",
    overview: Callable[[], "Overview"],
    *,
    is_complete: bool = True,
) -> Glance:
    """Return what the ledger says.

    overview: makes what knows sessions; asked for only where somebody may be at work.
    """
    today = _midnight(now_ms, zone)
    week = Filter(since_ms=_midnight(now_ms, zone, 7), until_ms=today)
    days = [sums.cost_pico for _, sums in spend.grouped(ledger, "day", week, zone)]
    burn = presence.cost_since(ledger, now_ms - BURN_MS, now_ms) * BURNS_AN_HOUR
    return Glance(
        now_ms=now_ms,
        today=spend.total(ledger, Filter(since_ms=today)),
        week_mean_pico=sum(days) // len(days) if days else None,
        burn_pico_per_hour=burn or None,
        workers=_at_work(ledger, now_ms, live, overview),
        windows=plan_windows(ledger, now_ms, details=False),
        is_complete=is_complete,
    )


def _at_work(
    ledger: Ledger, now_ms: int, live: "Live", overview: Callable[[], "Overview"]
) -> tuple[Worker, ...]:
    alive = [sign.session_id for sign in live.values() if sign.alive is not False]
    if not alive and not presence.any_since(ledger, now_ms - PRESENT_MS):
        return ()
    from tokenwatch.store import sessions

    keys = list(sessions.active_since(ledger, now_ms - PRESENT_MS))
    keys += [key for key in sessions.keys_of(ledger, alive) if key not in keys]
    return _workers(overview().sessions(keys, live, now_ms))


def _workers(rows: "tuple[SessionRow, ...] | list[SessionRow]") -> tuple[Worker, ...]:
    waiting_first = sorted(rows, key=lambda row: row.state is not State.WAITING)
    return tuple(
        _worker(row, agent)
        for row in waiting_first
        for agent in row.agents
        if agent.state in (State.WORKING, State.WAITING) and agent.kind is not AgentKind.AUXILIARY
    )


def _worker(row: "SessionRow", agent: "AgentRow") -> Worker:
    is_main = agent.kind is AgentKind.MAIN
    return Worker(
        name=row.title if is_main else agent.name or agent.task,
        project=row.project,
        model=agent.model,
        state=agent.state,
        is_main=is_main,
        burn_pico_per_hour=agent.burn_pico_per_hour,
        cost_pico=agent.spend.cost_or_none,
    )


def _midnight(now_ms: int, zone: tzinfo, days_before: int = 0) -> int:
    day = datetime.fromtimestamp(now_ms / 1000, zone).date() - timedelta(days=days_before)
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
