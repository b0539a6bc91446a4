"""What plans have left: every window that a provider reported, with the spend while it is open."""

from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.analysis.projection import MINUTE_MS, Projection, project
from tokenwatch.model import Spend
from tokenwatch.store import quotas
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.quotas import Reading, WindowRecord

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Moment

PROVIDERS = {"claude-code": "anthropic", "codex": "openai"}
"""Who reports the windows that a source's logs hold."""
ORIGIN = "rollout"
"""Where the readings come from: Codex writes its plan's windows into its logs."""
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

    @property
    def name(self) -> str:
        """The window's length as people say it: `5h`, `7d`, `30d`."""
        return window_name(self.minutes)

    def elapsed(self, now_ms: int) -> float | None:
        """Return the share of the window's time that is over; None where its start is unknown."""
        if self.start_ms is None:
            return None
        return min(1.0, max(0.0, (now_ms - self.start_ms) / (self.minutes * MINUTE_MS)))


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
