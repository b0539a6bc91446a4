"""Keep reading on a thread of its own, and publish one frozen Snapshot whenever something changed.

Whoever shows the snapshots only ever receives values.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from tokenwatch.alert import Alert
from tokenwatch.alerting.look import Alerting, Result, Wishes, keep_results
from tokenwatch.answers.moment import Moment, Question
from tokenwatch.changes import Changes
from tokenwatch.crank import Crank
from tokenwatch.errors import LedgerGone, TokenwatchError
from tokenwatch.guard import record
from tokenwatch.model import Spend
from tokenwatch.overview import Live, Overview
from tokenwatch.pricing import PriceBook
from tokenwatch.scanners import Scanners
from tokenwatch.snapshot import Snapshot
from tokenwatch.sources.roots import Root, live_signs
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger
from tokenwatch.sync import Sync

if TYPE_CHECKING:
    from tokenwatch.channels.delivery import Delivery

log = logging.getLogger(__name__)

T = TypeVar("T")

TICK_S = 1.0
"""Live signs are checked, and unfinished work is taken up, this often."""
AGAIN_S = 2.0
"""After a failure the work begins anew so much later."""
PATIENCE_S = 3.0
"""So long another process may hold the ledger before the screen says so."""


class Monitor:
    """Keeps the ledger up to date and publishes snapshots. See `tui.feed.Feed` for its face."""

    def __init__(
        self,
        ledger_path: Path,
        roots: Sequence[Root],
        book: PriceBook,
        *,
        titles: str,
        zone: tzinfo,
        zone_name: str,
        now: Callable[[], int],
        is_demo: bool = False,
        scanners: Scanners | None = None,
        complaints: Sequence[str] = (),
        wishes: Wishes = Wishes(),  # noqa: B008 - never changes
    ) -> None:
        """scanners: for what is there to be read at first; the monitor ends them.

        complaints: the user's own words for one. wishes: what is to be told; see `wish`.
        """
        self._wishes = wishes
        self._started_ms = now()
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._delivery: Delivery | None = None
        self._is_private = False
        self._trials: dict[str, tuple[int, str]] | None = None
        """What tests of channels had come to; None before anything was looked at."""
        self._complaints = tuple(complaints)
        self._scanners = scanners
        self._path = ledger_path
        self._roots = tuple(roots)
        self._book = book
        self._titles = titles
        self._zone, self._zone_name = zone, zone_name
        self._now = now
        self._is_demo = is_demo
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._changes = Changes(lambda: self._roots, self._wake.set)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._latest: Snapshot | None = None
        self._live: Live = {}
        self._look_now = False
        self._woken_ns = 0
        self._is_changed = False
        self._trouble = ""
        """Why the last attempt ended; said until the next one has read something or is through."""
        self._channels: tuple[str, ...] = ()
        """What is wrong with the channels of alerts."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin; `publish` is called from the monitor's thread whenever something changed."""
        work = partial(self._run, publish), "monitor"
        for target, name in (work, (partial(self._changes.run, self._stop), "watch")):
            thread = threading.Thread(target=target, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End; what was read is kept. Returns when the monitor's thread has ended."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            # One that starts only after this ends by itself, at once.
            if thread is not threading.current_thread() and thread.is_alive():
                thread.join(timeout=5)
        if self._delivery is not None:
            self._delivery.close()
            self._try(lambda ledger: keep_results(ledger, self._results), write=True)

    def refresh(self) -> None:
        """Look at everything now."""
        self._look_now = True
        self._wake.set()

    def change(
        self,
        *,
        roots: Sequence[Root],
        titles: str,
        zone: tzinfo,
        zone_name: str,
        complaints: Sequence[str] = (),
    ) -> None:
        """Go on with other settings; what the ledger holds stays. For any thread."""
        with self._lock:
            if tuple(roots) != self._roots:
                self._roots = tuple(roots)
            self._titles, self._zone, self._zone_name = titles, zone, zone_name
            self._complaints = tuple(complaints)
            self._is_changed = True
        self._wake.set()

    def wish(self, wishes: Wishes) -> None:
        """Go on with other budgets, rules and channels. For any thread."""
        self._wishes = wishes
        if self._delivery is not None:
            self._delivery.settings = wishes.alerts
        self._wake.set()

    def hide(self, hidden: bool) -> None:
        """Let what is shown on the desktop have general words alone, or all. For any thread."""
        self._is_private = hidden

    def latest(self) -> Snapshot | None:
        """Return the last snapshot; before any was published, one of the ledger as it stands."""
        if self._latest is None and self._path.exists():
            self._latest = self._try(
                lambda ledger: self._overview(ledger).snapshot(
                    live_signs(self._roots), self._now(), is_demo=self._is_demo
                )
            )
        return self._latest

    def newest(self) -> Snapshot | None:
        """Read what was logged today into the ledger, and return a snapshot of that.

        For a process that does nothing else. None, and a line in the log, if that is impossible.
        """
        found: list[Snapshot] = []

        def read(ledger: Ledger) -> None:
            self._crank(ledger, found.append, None, None).begin()

        self._try(read, write=True)
        return found[-1] if found else None

    def ask(self, question: Question[T]) -> T:
        """Answer a question from the ledger as it stands. Blocks; for any thread.

        Raises what the question raises, and LedgerError where the ledger can't be read.
        """
        if not self._path.exists():
            # Made anew by the monitor alone, which first has to let go of the one that is gone.
            raise LedgerGone(f"{self._path} was removed: it is built anew")
        ledger = Ledger.open(self._path, patience_s=PATIENCE_S)
        try:
            with ledger.reading():
                return question(
                    Moment(ledger, self._overview(ledger), self._live, self._now(), self._zone)
                )
        finally:
            ledger.close()

    def _try(self, answer: Callable[[Ledger], T], *, write: bool = False) -> T | None:
        """Open the ledger for one answer; None, and a line in the log, if it can't be given."""
        try:
            ledger = Ledger.open(self._path, patience_s=PATIENCE_S)
            try:
                if write:
                    return answer(ledger)
                with ledger.reading():
                    return answer(ledger)
            finally:
                ledger.close()
        except TokenwatchError as error:
            log.warning("%s", error)
            return None

    def _overview(self, ledger: Ledger) -> Overview:
        return Overview(ledger, self._book, self._zone, self._zone_name)

    def _run(self, publish: Callable[[Snapshot], None]) -> None:
        said = ""
        while not self._stop.is_set():
            again_s = AGAIN_S
            try:
                self._work(publish)
                again_s = 0
            except LedgerGone as error:
                log.warning("%s", error)
                again_s = 0
            except TokenwatchError as error:
                if str(error) != said:
                    said = str(error)
                    log.error("%s", error)
                self._complain(publish, str(error))
            except Exception as error:
                log.exception("the monitor failed and starts again")
                self._complain(publish, f"{type(error).__name__}: {error}")
            self._stop.wait(again_s)

    def _complain(self, publish: Callable[[Snapshot], None], why: str) -> None:
        """Say what happened above what is known."""
        self._trouble = why
        last = self._latest or Snapshot(taken_ms=self._now(), timezone=self._zone_name)
        self._publish(publish, replace(last, warnings=(), progress=None))

    def _work(self, publish: Callable[[Snapshot], None]) -> None:
        """Read and publish until stopped, or until the settings are others."""
        with self._lock:
            self._is_changed = False
        ledger = Ledger.open(self._path, patience_s=PATIENCE_S)
        try:
            self._crank_on(ledger, publish)
        finally:
            self._end_scanners()
            ledger.close()

    def _crank_on(self, ledger: Ledger, publish: Callable[[Snapshot], None]) -> None:
        with ledger.explained():
            crank = self._crank(
                ledger,
                lambda new: self._publish(publish, new),
                self._scanners,
                self._alerting(ledger),
            )
            crank.start()
            while not (self._stop.is_set() or self._is_changed):
                ledger.check()
                look, self._look_now = self._look_now or self._is_woken(), False
                if self._changes.is_new:
                    self._changes.is_new, look = False, True
                self._wake.clear()
                crank.turn(self._changes.take(), look=look, watched=self._changes.is_watching)
                self._live = crank.live
                self._take_trials(ledger)
                channels = self._channels
                self._channels = self._delivery.warnings if self._delivery else ()
                if self._latest and (self._trouble or channels != self._channels):
                    self._trouble = ""
                    self._publish(publish, self._latest)
                if not crank.unfinished:
                    self._end_scanners()
                    self._wake.wait(TICK_S)

    def _is_woken(self) -> bool:
        """Tell whether a client has told of a turn's end since the last time."""
        before, self._woken_ns = self._woken_ns, record.woken_ns(str(self._path.parent))
        return before != self._woken_ns

    def _end_scanners(self) -> None:
        if self._scanners is not None:
            self._scanners.close()
            self._scanners = None

    def _alerting(self, ledger: Ledger) -> Alerting:
        return Alerting(
            ledger,
            lambda: self._wishes,
            self._zone,
            self._started_ms,
            deliver=self._deliver,
            results=self._results,
            folder=None if self._is_demo else self._path.parent,
        )

    def _deliver(self, alert: Alert) -> None:
        """Give an alert to the channels that are on, if there are any."""
        settings = self._wishes.alerts
        if not (settings.desktop or settings.command or settings.webhook.url):
            return
        self._outward().give(alert)

    def _outward(self) -> Delivery:
        """Return what delivers alerts; nothing is started before the first."""
        if self._delivery is None:
            from tokenwatch.channels.delivery import Delivery

            self._delivery = Delivery(
                self._wishes.alerts, self._take_result, is_private=lambda: self._is_private
            )
        return self._delivery

    def _take_trials(self, ledger: Ledger) -> None:
        """Let the warnings go by what the user tested meanwhile, in another process."""
        before, self._trials = self._trials, stored.trials(ledger)
        if before is None or before == self._trials:
            return
        from tokenwatch.channels.channel import Channel

        for name, trial in self._trials.items():
            if trial != before.get(name) and name in list(Channel):
                self._outward().tested(Channel(name), trial[1] or None)

    def _take_result(self, alert: Alert, channel: str, problem: str | None) -> None:
        self._results.put(Result(alert, str(channel), problem or ""))
        self._wake.set()

    def _crank(
        self,
        ledger: Ledger,
        publish: Callable[[Snapshot], None],
        scanners: Scanners | None,
        alerting: Alerting | None,
    ) -> Crank:
        sync = Sync(
            ledger,
            self._roots,
            self._book,
            titles=self._titles,
            now=self._now,
            scanners=lambda: scanners,
            complaints=self._complaints,
        )
        return Crank(
            ledger,
            sync,
            self._overview(ledger),
            publish=publish,
            stopped=self._stop.is_set,
            interrupted=lambda: self._stop.is_set() or self._wake.is_set(),
            now=self._now,
            zone=self._zone,
            is_demo=self._is_demo,
            alerting=alerting,
        )

    def _publish(self, publish: Callable[[Snapshot], None], snapshot: Snapshot) -> None:
        last, self._latest = self._latest, snapshot
        if self._trouble and last is not None and _spends(last) != _spends(snapshot):
            self._trouble = ""
        if said := tuple(filter(None, (self._trouble, *self._channels))):
            snapshot = replace(snapshot, warnings=(*said, *snapshot.warnings))
        if not self._stop.is_set():
            publish(snapshot)


def _spends(snapshot: Snapshot) -> tuple[Spend, int]:
    """Return what changes only where something was read."""
    return snapshot.today, snapshot.sessions_in_all
