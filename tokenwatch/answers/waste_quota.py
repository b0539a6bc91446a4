"""What could have been avoided, as a share of the plan windows that are open now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.analysis.plan_share import plan_share
from tokenwatch.answers.quota import PlanWindow, plan_windows
from tokenwatch.answers.waste import by_session
from tokenwatch.store import quotas

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokenwatch.store.ledger import Ledger
    from tokenwatch.store.spend import Filter

_WEEK = "7d"


class WindowShare(NamedTuple):
    """What of a window's use could have been avoided."""

    source: str
    window: str
    """Its length: `5h`, `7d`."""
    percent: float
    """Of the whole window, proved and likely together: an estimate, by money at list price."""


def window_shares(ledger: Ledger, where: Filter, now_ms: int) -> tuple[WindowShare, ...]:
    """Return the shares of the open windows that have a reading, by source, shorter ones first.

    where: which requests count as avoidable; a window is left out if none of its time is in range.
    What was spent in a window counts as a whole, whatever else is asked for.
    """
    found = []
    for window in _open(ledger, where.source, now_ms):
        assert window.start_ms is not None
        since = max(window.start_ms, where.since_ms or 0)
        until = min(now_ms + 1, now_ms + 1 if where.until_ms is None else where.until_ms)
        if since >= until:
            continue
        spent = quotas.spent(ledger, window.source, window.root, window.start_ms, now_ms + 1)
        within = where._replace(since_ms=since, until_ms=until, source=window.source)
        avoidable = _avoidable(ledger, within, window)
        percent = plan_share(avoidable, spent.cost_pico, window.used_percent)
        if percent is not None:
            found.append(WindowShare(window.source, window.name, percent))
    return tuple(found)


def _open(ledger: Ledger, source: str | None, now_ms: int) -> Iterable[PlanWindow]:
    """Return the windows that are open, of each length the one of the plan's main limit.

    What was used of limits beside it, of single models, is no measure of all requests.
    """
    known: dict[tuple[str, str, int], PlanWindow] = {}
    for window in plan_windows(ledger, now_ms, details=False):
        if window.is_stale or window.start_ms is None or source not in (None, window.source):
            continue
        key = (window.source, window.root, window.minutes)
        if key not in known or window.limit_id == window.source:
            known[key] = window
    return known.values()


def _avoidable(ledger: Ledger, where: Filter, window: PlanWindow) -> int:
    """Return the picodollars of findings in the sessions of a window's root."""
    own = quotas.sessions(ledger, window.source, window.root)
    return sum(
        amount
        for session, tiers in by_session(ledger, where).items()
        if tiers is not None and session in own
        for amount in tiers.values()
    )


def in_words(shares: Sequence[WindowShare]) -> str:
    """Return them as people say it; nothing where none comes to anything.

    Sources are named where there are several, or several folders of one with a window each.
    """
    said = [each for each in shares if each.percent > 0]
    if not said:
        return ""
    is_plain = len({(each.source, each.window) for each in said}) == len(said)
    several = len({each.source for each in said}) > 1 or not is_plain
    parts = []
    for each in said:
        name = "the week" if each.window == _WEEK else f"the {each.window} window"
        of = f" ({fmt.source_name(each.source)})" if several else ""
        parts.append(f"{fmt.share(each.percent / 100)} of {name}{of}")
    return f"about {', '.join(parts)}"
