"""A feed that stands still: the demo's logs, read once at a fixed instant. For pictures, tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar
from zoneinfo import ZoneInfo

from tokenwatch.alerting.look import Alerting, Wishes
from tokenwatch.answers.budgets import at_work
from tokenwatch.answers.moment import Moment, Question
from tokenwatch.cli.demo import demo_roots
from tokenwatch.config.budgets import Budget
from tokenwatch.demo import Demo
from tokenwatch.detection import Detection
from tokenwatch.overview import Overview
from tokenwatch.pricing import PriceBook
from tokenwatch.snapshot import Snapshot
from tokenwatch.sources.roots import live_signs
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import Ledger
from tokenwatch.sync import Sync
from tokenwatch.watching import Watching

START_MS = 1_795_271_400_000
"""2026-11-21 14:30:00 UTC."""
ZONE = ZoneInfo("UTC")
T = TypeVar("T")


class StillFeed:
    """The monitor's face over one reading of the demo. Use as a context manager."""

    def __init__(self, folder: Path, *, seed: int = 1, after_ms: int = 127_000) -> None:
        self.now_ms = START_MS + after_ms
        self.demo = Demo(folder, seed=seed, start_ms=START_MS)
        self.demo.backfill()
        for step in range(1, 33):
            self.demo.advance(START_MS + after_ms * step // 32)
        self._path = folder / "data" / "ledger.sqlite"
        self._book = PriceBook()
        self._ledger = Ledger.open(self._path)
        roots = demo_roots(self.demo)
        self._sync = Sync(self._ledger, roots, self._book, titles="full", now=self.now)
        self._detection = Detection(self._ledger, now=self.now)
        self._watching = Watching(self._ledger, self.now_ms)
        self.read()

    def read(self) -> None:
        """Read what the demo has logged, and make a picture of it. On the thread that made it."""
        self._sync.look()
        for which in Pass:
            self._sync.read(which)
        self._watching.take(self._detection.assess(), self.now_ms)
        self._live = live_signs(self._sync.roots)
        snapshot = replace(
            self._overview(self._ledger).snapshot(self._live, self.now_ms, is_demo=True),
            looked=self._sync.looked,
        )
        self._seen = self._watching.shown(snapshot, self.now_ms)
        self._snapshot = replace(self._seen, notices=())

    def tell(self, *budgets: Budget) -> None:
        """Fill the inbox with what there is to be told now."""
        alerting = Alerting(
            self._ledger,
            lambda: Wishes(budgets),
            ZONE,
            self.now_ms,
            deliver=lambda alert: None,
            results=SimpleQueue(),
            folder=None,
        )
        moment = Moment(self._ledger, self._overview(self._ledger), self._live, self.now_ms, ZONE)
        alerting.look(self._seen, lambda: at_work(moment))

    def __enter__(self) -> StillFeed:
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.close()
        self.demo.close()

    def now(self) -> int:
        """Return the instant at which everything stands still."""
        return self.now_ms

    def _overview(self, ledger: Ledger) -> Overview:
        return Overview(ledger, self._book, ZONE, "UTC")

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        publish(self._snapshot)

    def stop(self) -> None:
        """Nothing runs."""

    def refresh(self) -> None:
        """Nothing changes."""

    def hide(self, hidden: bool) -> None:
        """Nothing is told outside the screen."""

    def latest(self) -> Snapshot:
        return self._snapshot

    def ask(self, question: Question[T]) -> T:
        ledger = Ledger.open(self._path)
        try:
            return question(Moment(ledger, self._overview(ledger), self._live, self.now_ms, ZONE))
        finally:
            ledger.close()
