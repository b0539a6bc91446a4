"""What plans have left: every window that a provider reported, with the spend while it is open."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.analysis.projection import MINUTE_MS, Projection, project
from tokenwatch.model import PICO, Spend
from tokenwatch.store import quotas
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.quotas import Reading, WindowRecord
from tokenwatch.store.spend import Filter, total
from tokenwatch.store.statuses import statuses

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Moment
    from tokenwatch.config.plans import Plan

PROVIDERS = {"claude-code": "anthropic", "codex": "openai"}
"""Who reports the windows of a source."""
SAME_WINDOW_MS = 5 * MINUTE_MS
"""Reset times nearer to each other are of the same window: relative ones jitter."""


class PlanWindow(NamedTuple):
    """A window of a plan as it was last reported."""

    key: str
    provider: str
    source: str
    root: str
    plan: str | None
    limit_id: str
    minutes: int
    used_percent: float
    """Of the last reading. It says nothing of today where that is stale."""
    observed_ms: int
    resets_ms: int | None
    is_stale: bool
    """The reading's window is over: how much of the present one is used is unknown."""
    start_ms: int | None
    """When the window opened: its length before its reset. None where no reset was told."""
    spend: Spend | None
    """At list price, of all requests in the root's logs since the window opened, until now or,
    where it is over, until its reset. None where it is unknown when it opened."""
    readings: tuple[tuple[int, float], ...]
    """(observed_ms, percent) of this window, in the order of time."""
    projection: Projection | None
    origin: str = "rollout"
    """Who told the last reading: rollout (the logs), statusline or app-server."""

    @property
    def name(self) -> str:
        """The window's length as people say it: `5h`, `7d`, `30d`."""
        return window_name(self.minutes)

    def elapsed(self, now_ms: int) -> float | None:
        """Return the share of the window's time that is over; None where its start is unknown."""
        if self.start_ms is None:
            return None
        return min(1.0, max(0.0, (now_ms - self.start_ms) / (self.minutes * MINUTE_MS)))


class PlanUse(NamedTuple):
    """What a month's use of a plan would have cost without it."""

    plan: "Plan"
    """Of several plans of a source in one currency, their fees together."""
    since_ms: int
    """The beginning of the present month, in local time."""
    spend: Spend
    """At list price, of all requests of the source since then."""

    @property
    def times(self) -> float | None:
        """How many times the fee that is; None where the two can't be compared."""
        if self.plan.currency != "USD" or self.plan.fee <= 0:
            return None
        return self.spend.cost_pico / PICO / float(self.plan.fee)


def plan_uses(
    ledger: Ledger, plans: "Sequence[Plan]", now_ms: int, zone: tzinfo
) -> tuple[PlanUse, ...]:
    """Return the use of this month beside the fees, one for each source and currency."""
    fees: dict[tuple[str, str], Plan] = {}
    for plan in plans:
        same = fees.get((plan.source, plan.currency))
        fees[plan.source, plan.currency] = (
            plan if same is None else plan._replace(fee=plan.fee + same.fee)
        )
    since, _ = Period("month").span(now_ms, zone)
    assert since is not None
    return tuple(
        PlanUse(plan, since, total(ledger, Filter(since_ms=since, source=plan.source)))
        for plan in fees.values()
    )


def plans_used(moment: "Moment", plans: "Sequence[Plan]") -> tuple[PlanUse, ...]:
    """Answer `plan_uses` for a screen."""
    return plan_uses(moment.ledger, plans, moment.now_ms, moment.zone)


def plan_words(use: PlanUse) -> tuple[str, str]:
    """Return what the use would have cost, and what the plan costs, for people."""
    spent = fmt.with_sign(fmt.spend_dollars(use.spend)) if use.spend.requests else "$0.00"
    fee = f"{use.plan.fee:,.2f}".removesuffix(".00")
    paid = f"${fee}" if use.plan.currency == "USD" else f"{fee} {use.plan.currency}"
    times = "" if use.times is None or use.times < 0.1 else f" (× {use.times:.1f})"
    return f"{spent}{times}", paid


def window_name(minutes: int) -> str:
    """Return a length of time as a window is called by it: `5h`, `7d`, `45m`."""
    if minutes % 1440 == 0 and minutes > 1440:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def plan_windows(ledger: Ledger, now_ms: int, *, details: bool = True) -> tuple[PlanWindow, ...]:
    """Return every window, by source, root and limit, shorter ones first.

    details: with the spend, the readings and the projection.
    """
    return tuple(_window(ledger, record, now_ms, details) for record in quotas.windows(ledger))


def windows(moment: "Moment") -> tuple[PlanWindow, ...]:
    """Answer `plan_windows` for a screen."""
    return plan_windows(moment.ledger, moment.now_ms)


def is_recorded(moment: "Moment") -> bool:
    """Answer whether Claude Code told our status line anything, be it no window."""
    return bool(statuses(moment.ledger))


def _window(ledger: Ledger, record: WindowRecord, now_ms: int, details: bool) -> PlanWindow:
    last = quotas.latest(ledger, record.key)
    length = record.minutes * MINUTE_MS
    start = None if last.resets_ms is None else last.resets_ms - length
    ends = last.observed_ms + length if last.resets_ms is None else last.resets_ms
    found: tuple[tuple[int, float], ...] = ()
    spend = line = None
    if details:
        found = _readings(ledger, record, last, ends - length)
        if start is not None:
            until = min(ends, now_ms + 1)
            spend = quotas.spent(ledger, record.source, record.root, start, until)
        if last.resets_ms is not None:
            line = project(found, record.minutes, last.resets_ms, now_ms)
    return PlanWindow(
        key=str(record.key),
        provider=PROVIDERS[record.source],
        source=record.source,
        root=record.root,
        plan=last.plan,
        limit_id=record.limit_id,
        minutes=record.minutes,
        used_percent=last.used_percent,
        observed_ms=last.observed_ms,
        resets_ms=last.resets_ms,
        is_stale=ends <= now_ms,
        start_ms=start,
        spend=spend,
        readings=found,
        projection=line,
        origin=last.origin,
    )


def _readings(
    ledger: Ledger, record: WindowRecord, last: Reading, since_ms: int
) -> tuple[tuple[int, float], ...]:
    """Return the readings of the same window as the last one: one that resets at another time is
    another window, or another account's."""
    return tuple(
        (reading.observed_ms, reading.used_percent)
        for reading in quotas.readings(ledger, record.key, since_ms, last.observed_ms + 1)
        if _same(reading.resets_ms, last.resets_ms)
    )


def _same(a: int | None, b: int | None) -> bool:
    return a == b or (a is not None and b is not None and abs(a - b) < SAME_WINDOW_MS)
