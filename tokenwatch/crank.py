"""One turn of the monitor: look at what changed, read it, join it with what runs, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from time import monotonic

from tokenwatch.alerting.look import Alerting
from tokenwatch.answers import budgets
from tokenwatch.answers.moment import Moment
from tokenwatch.detection import Detection
from tokenwatch.model import DAY_MS
from tokenwatch.notices import expiry_warnings
from tokenwatch.overview import Live, Overview
from tokenwatch.snapshot import Progress, SessionRow, Snapshot
from tokenwatch.sources.roots import live_signs
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.statuses import sync_statuses
from tokenwatch.sync import Sync
from tokenwatch.watching import Watching

LOOK_S = 10.0
"""All roots are walked again this often, in case a change was not told; the watch is trusted."""
LOOK_SHARE, LOOK_SHARE_BLIND = 0.0005, 0.05
"""Walks take no larger part of the time than this; the second without a watch."""
REBUILD_S = 10.0
"""A snapshot is built whole this often: rates fall and states change with time. What is built
between takes the rows of sessions without news from the last one."""
BEHIND_S = 0.5
"""While older logs are read, snapshots are at least so far apart."""
WORTH_SAYING = 1_000_000
"""Fewer unread bytes are read before anyone could read how far that has come."""
BEGIN_S = 0.5
"""Nobody is kept from the first picture for longer, however much was spent today."""
AT_WORK_MS = 900_000
"""A session with activity since is at work."""
WARN_S = 30.0
"""Warnings of expiring logs are derived anew this often."""


class Crank:
    """The monitor's work, a step at a time. For one thread."""

    def __init__(
        self,
        ledger: Ledger,
        sync: Sync,
        overview: Overview,
        *,
        publish: Callable[[Snapshot], None],
        interrupted: Callable[[], bool],
        stopped: Callable[[], bool],
        now: Callable[[], int],
        zone: tzinfo,
        is_demo: bool,
        alerting: Alerting | None,
    ) -> None:
        """interrupted: something more urgent than older logs waits. stopped: nobody waits.

        alerting: tells alerts of what is found; None: nobody does.
        """
        self._ledger = ledger
        self._sync = sync
        self._overview = overview
        self._publish = publish
        self._interrupted = interrupted
        self._stopped = stopped
        self._now = now
        self._zone = zone
        self._is_demo = is_demo
        self._alerting = alerting
        self._detection = Detection(ledger, now=now)
        self._watching = Watching(ledger, now())
        self.live: Live = {}
        self.unfinished = True
        """Whether older logs are still to be read."""
        self._begun = False
        """Whether a part of a backlog has been shown: the newest logs are worth it at once."""
        self._totals = dict.fromkeys(Pass, 0)
        self._look_s = 0.0
        self._looked = self._built = self._whole = self._warned = float("-inf")
        self._last: Snapshot | None = None
        self._warnings: tuple[str, ...] = ()

    def start(self) -> None:
        """Publish what the ledger knows, before any log is read."""
        self.live = live_signs(self._sync.roots)
        self._build(None)

    def begin(self) -> None:
        """Read the spend of today alone, as far as that is quickly done, and publish it."""
        self._sync.look()
        end = monotonic() + BEGIN_S
        since_ms = self._now() - DAY_MS
        self._sync.read(Pass.USAGE, since_ms=since_ms, stop=lambda: monotonic() > end)
        self.live = live_signs(self._sync.roots)
        self._build(self._progress())

    def turn(self, changed: set[str], *, look: bool, watched: bool) -> None:
        """Take in the changed paths (all roots with `look`), then as much else as time allows.

        watched: changes are told; else all roots are looked at as often as is bearable.
        """
        wait_s = (
            max(LOOK_S, self._look_s / LOOK_SHARE) if watched else self._look_s / LOOK_SHARE_BLIND
        )
        late = monotonic() - self._looked > wait_s
        if look or late or not self._sync.look_at(changed):
            started = monotonic()
            self._sync.look()
            self._looked = monotonic()
            self._look_s = self._looked - started
        stored = 0
        for which in Pass:
            stored += self._sync.read(which, report=self._behind, stop=self._stop_of(which))
        if not self._is_demo:
            stored += sync_statuses(self._ledger, self._sync.roots, self._now())
        waiting = any(self._sync.pending(which) for which in Pass)
        stored += self._detect(everything=not waiting)
        finished = self.unfinished and not waiting
        self.unfinished = waiting
        live = live_signs(self._sync.roots)
        news = stored > 0 or finished or live != self.live or self._last is None
        self.live = live
        if self._alerting is not None:
            self._alerting.take_results()
            news = news or self._alerting.is_due
        if news or monotonic() - self._built > REBUILD_S:
            self._build(self._progress() if waiting else None)

    def _detect(self, *, everything: bool) -> int:
        """Bring findings up to date, of running sessions first; return how many changed.

        everything: else only sessions that are at work, while older logs are still being read.
        """
        since_ms = 0 if everything else self._now() - AT_WORK_MS
        news = self._detection.assess(self._stop_of(Pass.DETAIL), since_ms=since_ms)
        self._watching.take(news, self._now())
        return len(news)

    def _stop_of(self, which: Pass) -> Callable[[], bool]:
        """Let news interrupt the reading of details; usage is read while anyone waits for it."""
        if which is Pass.USAGE:
            return self._stopped
        first = iter([False])
        return lambda: next(first, self._interrupted())

    def _behind(self, _: Progress) -> None:
        """Show how far a backlog has been read; what is new shows when both passes know it."""
        late = monotonic() - self._built > BEHIND_S
        if (late or not self._begun) and (progress := self._progress()) is not None:
            self._begun = True
            self._build(progress)

    def _at_work(self, now_ms: int) -> list[SessionRow]:
        moment = Moment(self._ledger, self._overview, self.live, now_ms, self._zone)
        return budgets.at_work(moment)

    def _progress(self) -> Progress | None:
        for which in Pass:
            left = self._sync.unread_bytes(which)
            if left > WORTH_SAYING:
                total = self._totals[which] = max(self._totals[which], left)
                return Progress(phase=which.value, read_bytes=total - left, total_bytes=total)
        return None

    def _touched(self) -> set[int] | None:
        """Return the sessions with news since the last snapshot; None when all are due."""
        touched, self._sync.writer.touched = self._sync.writer.touched, set()
        if monotonic() - self._whole <= REBUILD_S:
            return touched
        self._whole = monotonic()
        return None

    def _build(self, progress: Progress | None) -> None:
        now_ms = self._now()
        if self._sync.looked and monotonic() - self._warned > WARN_S:
            self._warned = monotonic()
            self._warnings = tuple(expiry_warnings(self._sync, now_ms))
        with self._ledger.reading():
            snapshot = self._overview.snapshot(
                self.live, now_ms, is_demo=self._is_demo, touched=self._touched()
            )
        snapshot = replace(
            snapshot, progress=progress, warnings=self._warnings, looked=self._sync.looked
        )
        snapshot = self._watching.shown(snapshot, now_ms)
        if self._alerting is not None and not self.unfinished:
            snapshot = self._alerting.look(snapshot, lambda: self._at_work(now_ms))
        else:
            # What detectors saw is told by the rules alone.
            snapshot = replace(snapshot, notices=())
        self._built = monotonic()
        if self._last is None or replace(snapshot, taken_ms=self._last.taken_ms) != self._last:
            self._publish(snapshot)
        self._last = snapshot
