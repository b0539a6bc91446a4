"""`tokenwatch`: the live monitor."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING

from tokenwatch import config, paths, scanners
from tokenwatch.cli.ahead import Ahead
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.options import zone_of
from tokenwatch.errors import LedgerBusy, UsageError
from tokenwatch.format import clean

if TYPE_CHECKING:
    from pathlib import Path

    from tokenwatch.alerting.look import Wishes
    from tokenwatch.cli.options import Zone
    from tokenwatch.config import Config
    from tokenwatch.monitor import Monitor
    from tokenwatch.scanners import Scanners
    from tokenwatch.snapshot import Snapshot
    from tokenwatch.sources.roots import Root
    from tokenwatch.tui.app import TokenwatchApp
    from tokenwatch.tui.feed import Feed


_SHORTLY_S = 3.0
"""So long another process may hold the ledger before the user is told what is waited for."""


def run(options: argparse.Namespace) -> int:
    """Show the monitor until the user quits; the demo if the user asks for it there."""
    if not options.remote:
        require_terminal()
    settings = config.load(paths.config())
    zone = zone_of(options, settings.timezone)
    begun = paths.ledger().exists()
    # Processes are forked while there are neither threads nor much to copy.
    reader = Reader(options, settings, zone, None if begun else scanners.start())
    # What the ledger knows, or what was logged today, is looked up while this process imports
    # Textual: it takes as long.
    known = Ahead(lambda: reader.look_ahead(begun)).result
    app = show(
        reader.make,
        zone.zone,
        options,
        known=known,
        path=paths.config(),
        settings=settings,
        hand_on=reader.change,
    )
    if app.return_value == "demo":
        from tokenwatch.cli import demo

        return demo.run(argparse.Namespace(**vars(options), seed=1, speed=1))
    return app.return_code or 0


class Reader:
    """Makes the monitor, and hands it the settings that change while it runs."""

    def __init__(
        self,
        options: argparse.Namespace,
        settings: Config,
        zone: Zone,
        scanners: Scanners | None = None,
    ) -> None:
        """scanners: for what is there to be read at first; the monitor ends them."""
        self._options, self._settings, self._zone = options, settings, zone
        self._scanners = scanners
        self._monitor: Monitor | None = None
        self._lock = threading.Lock()

    def look_ahead(self, begun: bool) -> Snapshot | None:
        """Return what the ledger knows, or what was logged today where it knows nothing.

        For another process: its error is met again by who makes the monitor.
        """
        monitor = self._make(_SHORTLY_S)
        return monitor.latest() if begun else monitor.newest()

    def make(self) -> Monitor:
        """Return a monitor of the settings in force."""
        try:
            return self._make(_SHORTLY_S)
        except LedgerBusy:
            said = f"tokenwatch: another process has locked {paths.ledger()}: waiting for it"
            print(clean(said), file=sys.stderr, flush=True)
            return self._make(None)

    def _make(self, patience_s: float | None) -> Monitor:
        """patience_s: how long another process may hold the ledger; see `Ledger.open`."""
        from tokenwatch.cli.diagnostics import start_log
        from tokenwatch.monitor import Monitor
        from tokenwatch.pricing import open_book
        from tokenwatch.store.ledger import Ledger
        from tokenwatch.store.writer import Writer

        book = open_book()
        ledger = Ledger.open(paths.ledger(), patience_s=patience_s)
        try:
            Writer(ledger, book.quote).reprice(book.version)
        finally:
            ledger.close()
        start_log()
        with self._lock:
            self._monitor = Monitor(
                paths.ledger(),
                self._roots(),
                book,
                titles=self._settings.titles,
                zone=self._zone.zone,
                zone_name=self._zone.name,
                now=now_ms,
                scanners=self._scanners,
                complaints=self._settings.waste.complaints,
                wishes=wishes_of(self._settings),
            )
            return self._monitor

    def _roots(self) -> tuple[Root, ...]:
        from tokenwatch.sources.roots import roots

        return roots(self._settings, os.environ, paths.home())

    def change(self, settings: Config) -> tzinfo:
        """Go on with other settings; return the time zone in force."""
        with self._lock:
            before, zone = self._settings, self._zone
            wishes = wishes_of(settings)
            if self._monitor and wishes != wishes_of(before):
                self._monitor.wish(wishes)
            self._settings = settings
            self._zone = zone_of(self._options, settings.timezone)
            is_other = zone != self._zone or any(
                getattr(before, name) != getattr(settings, name)
                for name in ("titles", "roots", "waste")
            )
            if self._monitor and is_other:
                self._monitor.change(
                    roots=self._roots(),
                    titles=settings.titles,
                    zone=self._zone.zone,
                    zone_name=self._zone.name,
                    complaints=settings.waste.complaints,
                )
            return self._zone.zone


def wishes_of(settings: Config) -> Wishes:
    """Return what the user wants to be told of."""
    from tokenwatch.alerting.look import Wishes
    from tokenwatch.config.alerts import AlertsConfig
    from tokenwatch.config.guard import GuardConfig

    return Wishes(
        settings.budgets, settings.alerts or AlertsConfig(), settings.guard or GuardConfig()
    )


def show(
    make: Callable[[], Feed],
    zone: tzinfo,
    options: argparse.Namespace,
    *,
    known: Callable[[], Snapshot | None] | None = None,
    path: Path,
    settings: Config,
    hand_on: Callable[[Config], tzinfo],
    note: str = "",
) -> TokenwatchApp:
    """Run the app on a feed; return it when the user has left it.

    known: waits for what is to be drawn first; the feed is made after that. Without it, it is
    made at once. path, settings, hand_on, note: see `tui.preferences.Preferences`.
    """
    # Until the first picture hardly anything becomes garbage, and looking for it takes 20 ms.
    gc.disable()
    from tokenwatch.tui.feed import Early

    feed = Early(make, known, drawn=_collect_garbage)
    from tokenwatch.tui.app import TokenwatchApp
    from tokenwatch.tui.preferences import Preferences

    preferences = Preferences(path, settings, decided=_decided(options), hand_on=hand_on, note=note)
    app = TokenwatchApp(feed, now=now_ms, zone=zone, preferences=preferences, remote=options.remote)
    feed.wait()
    app.run(mouse=settings.screen.mouse and not options.no_mouse)
    return app


def _decided(options: argparse.Namespace) -> dict[str, str]:
    """Return the settings that the environment or an option decides, each with what does so."""
    found = config.overruled(os.environ)
    if options.timezone is not None:
        found["timezone"] = "--timezone"
    if options.no_mouse:
        found["screen.mouse"] = "--no-mouse"
    return found


def _collect_garbage() -> None:
    gc.freeze()
    gc.enable()


def require_terminal() -> None:
    """Refuse to draw where nobody can see it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the monitor needs a terminal; `tokenwatch report` prints its figures")
