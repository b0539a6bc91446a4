"""What running sessions show of waste while it happens: flags on rows, notices, warm caches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tokenwatch.analysis.waste import repeats
from tokenwatch.analysis.waste.attempts import chain
from tokenwatch.analysis.waste.catalogue import by_kind
from tokenwatch.analysis.waste.finding import Finding, Kind, Tier
from tokenwatch.detection import News
from tokenwatch.model import State
from tokenwatch.snapshot import Flag, Notice, SessionRow, Snapshot, WarmCache
from tokenwatch.store import findings
from tokenwatch.store.caches import Cached, cached
from tokenwatch.store.ledger import Ledger

MINUTE_MS = 60_000
FLAGGED_MS = 60 * MINUTE_MS
"""A row shows what was found in the last hour: what is older can't be stopped any more."""
TOLD_MS = 2 * MINUTE_MS
"""A notice is news for so long."""
LARGE = 60_000
"""Tokens of a cached context that are worth a notice. Source: the alerts' specification."""
FIVE_MINUTES_MS, HOUR_MS = 5 * MINUTE_MS, 60 * MINUTE_MS
WORDS = {
    Kind.CACHE_EXPIRED: "cache expired",
    Kind.CACHE_BROKEN: "cache rebuilt",
    Kind.REPEATED_ATTEMPTS: "attempts",
    Kind.STALE_CONTEXT: "stale context",
    Kind.INTERRUPTED_WORK: "interrupted",
    Kind.OVERSIZED_RESULT: "big result",
    Kind.LOOP: "loop",
    Kind.REPEATED_FAILURE: "fails again",
    Kind.TOOL_MISUSE: "tool misuse",
    Kind.POLLING: "polling",
    Kind.REDUNDANT_READ: "read again",
    Kind.OVERSIZED_MODEL: "big model",
    Kind.OVERSIZED_EFFORT: "high effort",
    Kind.AGENT_FAN_OUT: "many agents",
    Kind.FRUITLESS_EXPLORATION: "exploring",
    Kind.UNREQUESTED_FILES: "extra files",
    Kind.DISCARDED_CODE: "discarded",
    Kind.NO_OUTPUT: "no output",
}
"""How kinds are called on a row."""
TOLD = (Kind.REPEATED_ATTEMPTS, Kind.LOOP)
"""Kinds that are told at once: what goes on can still be stopped."""
URGENT = (Kind.LOOP, Kind.REPEATED_ATTEMPTS, Kind.REPEATED_FAILURE, Kind.CACHE_EXPIRED)
"""What a row shows first."""


class Watching:
    """Keeps what is shown of the sessions that are at work. For one thread.

    Nothing that was found before the monitor started is told again.
    """

    def __init__(self, ledger: Ledger, started_ms: int) -> None:
        self._ledger = ledger
        self._started_ms = started_ms
        self._flags: dict[str, dict[str, tuple[Flag, str]]] = {}
        """By session, then by finding, each with its signature."""
        self._notices: dict[str, Notice] = {}
        self._caches: dict[str, tuple[int | None, Cached | None]] = {}
        """By session: as of which activity, and what was cached by then."""

    def take(self, news: Iterable[News], now_ms: int) -> None:
        """Take in what detectors found."""
        # After the clock went back what happens is news all the same.
        self._started_ms = min(self._started_ms, now_ms)
        for each in news:
            flags = self._flags.setdefault(each.session_id, {})
            for (kind, name), finding in each.changed.items():
                identifier = findings.identity(each.session_id, kind, name)
                flags.pop(identifier, None)
                if finding is None or not _is_shown(finding, now_ms):
                    self._notices.pop(identifier, None)
                    continue
                flags[identifier] = _flag(identifier, finding), finding.signature
                if kind in TOLD and finding.last_ms >= max(self._started_ms, now_ms - TOLD_MS):
                    self._tell(identifier, each.session_id, finding)

    def _tell(self, identifier: str, session_id: str, finding: Finding) -> None:
        """Keep a notice as it is by now."""
        told = by_kind()[finding.kind].tell(finding)
        known = self._notices.get(identifier)
        at_ms = finding.last_ms
        if known is not None and finding.kind is not Kind.LOOP:
            # A loop is news for as long as it goes on, other things are once.
            at_ms = known.at_ms
        self._notices[identifier] = Notice(
            key=identifier,
            session_id=session_id,
            kind=finding.kind.value,
            text=told.headline,
            at_ms=at_ms,
            advice=told.advice,
            times=_times(finding),
            least=_least(finding),
        )

    def shown(self, snapshot: Snapshot, now_ms: int) -> Snapshot:
        """Return a snapshot with flags, warm caches and notices on it."""
        if any(self._flags.values()):
            self._forget_fine()
        rows = tuple(self._row(row, now_ms) for row in snapshot.sessions)
        for key, notice in list(self._notices.items()):
            if notice.at_ms < now_ms - FLAGGED_MS:
                del self._notices[key]
        latest = sorted(
            (n for n in self._notices.values() if n.at_ms >= now_ms - TOLD_MS),
            key=lambda notice: (-notice.at_ms, notice.key),
        )
        return replace(snapshot, sessions=rows, notices=tuple(latest))

    def _forget_fine(self) -> None:
        """Drop what the user said was fine, here or in another process."""
        said = {
            (verdict.kind.value, verdict.signature)
            for verdict in findings.verdicts(self._ledger)
            if verdict.verdict == "fine"
        }
        for flags in self._flags.values():
            for identifier, (flag, signature) in list(flags.items()):
                if (flag.kind, signature) in said:
                    del flags[identifier]
                    self._notices.pop(identifier, None)

    def _row(self, row: SessionRow, now_ms: int) -> SessionRow:
        known = self._flags.get(row.id, {})
        flags = [flag for flag, _ in known.values() if flag.at_ms >= now_ms - FLAGGED_MS]
        warm = self._warm(row, now_ms)
        if not flags and warm is None:
            return row
        flags.sort(key=lambda flag: (_urgency(flag.kind), -flag.at_ms, flag.finding))
        return replace(row, flags=tuple(flags), warm=warm)

    def _warm(self, row: SessionRow, now_ms: int) -> WarmCache | None:
        """Return a large cache that will expire while the agent waits for its user."""
        if row.state not in (State.IDLE, State.WAITING) or (row.context_used or 0) < LARGE:
            return None
        seen, known = self._caches.get(row.id, (None, None))
        if seen != row.last_ms:
            known = cached(self._ledger, row.id, row.source)
            self._caches[row.id] = (row.last_ms, known)
        if known is None or known.tokens < LARGE:
            return None
        expires_ms = known.at_ms + (HOUR_MS if known.lasts_hour else FIVE_MINUTES_MS)
        return (
            None if expires_ms <= now_ms else WarmCache(tokens=known.tokens, expires_ms=expires_ms)
        )


def _times(finding: Finding) -> int:
    """Return how often a finding's headline says that it happened."""
    name = "times" if finding.kind is Kind.LOOP else "attempts"
    return finding.counts.get(name, 0)


def _least(finding: Finding) -> int:
    """Return from how many times on detectors take it for one."""
    names = finding.names
    if finding.kind is Kind.LOOP:
        others = {"alternating": repeats.IN_TURN, "compactions": repeats.COMPACTIONS}
        return others.get(names.get("how", ""), repeats.SAME)
    # The first attempt is not one that was asked for again.
    return 2 if names.get("elsewhere") == "yes" else chain.FEWEST + 1


def _is_shown(finding: Finding, now_ms: int) -> bool:
    return (
        finding.kind in WORDS
        and not finding.conditional
        and finding.last_ms >= now_ms - FLAGGED_MS
        and (finding.tier is Tier.LOOK or finding.wasted > 0)
    )


def _flag(identifier: str, finding: Finding) -> Flag:
    words = WORDS[finding.kind]
    if finding.kind is Kind.REPEATED_ATTEMPTS:
        words = f"{finding.counts.get('attempts', 0)} {words}"
    return Flag(
        finding=identifier,
        kind=finding.kind.value,
        words=words,
        at_ms=finding.last_ms,
        wasted_pico=None if finding.tier is Tier.LOOK else finding.wasted,
    )


def _urgency(kind: str) -> int:
    order = [urgent.value for urgent in URGENT]
    return order.index(kind) if kind in order else len(order)
