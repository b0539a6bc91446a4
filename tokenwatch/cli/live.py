"""`tokenwatch`: the live monitor."""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from tokenwatch import config, paths, scanners
from tokenwatch.cli.ahead import Ahead
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.options import zone_of
from tokenwatch.errors import UsageError

if TYPE_CHECKING:
    from tokenwatch.cli.options import Zone
    from tokenwatch.config import Config
    from tokenwatch.monitor import Monitor
    from tokenwatch.scanners import Scanners
    from tokenwatch.snapshot import Snapshot
    from tokenwatch.tui.app import TokenwatchApp
    from tokenwatch.tui.feed import Feed


def run(options: argparse.Namespace) -> int:
    """Show the monitor until the user quits; the demo if the user asks for it there."""
    require_terminal()
    zone = zone_of(options)
    settings = config.load(paths.config())
    begun = paths.ledger().exists()
    # Processes are forked while there are neither threads nor much to copy.
    make = partial(monitor, settings, zone, None if begun else scanners.start())
    # What the ledger knows, or what was logged today, is looked up while this process imports
    # Textual: it takes as long.
    known = Ahead(lambda: make().latest() if begun else make().newest()).result
    app = show(make, zone.zone, known=known, mouse=not options.no_mouse)
    if app.return_value == "demo":
        from tokenwatch.cli import demo

        return demo.run(argparse.Namespace(**vars(options), seed=1, speed=1))
    return app.return_code or 0


def monitor(settings: Config, zone: Zone, scanners: Scanners | None = None) -> Monitor:
    """Return a monitor of this machine's logs. Raises TokenwatchError where it has no ledger."""
    from tokenwatch.cli.diagnostics import start_log
    from tokenwatch.monitor import Monitor
    from tokenwatch.pricing import open_book
    from tokenwatch.sources.roots import roots
    from tokenwatch.store.ledger import Ledger
    from tokenwatch.store.writer import Writer

    book = open_book()
    ledger = Ledger.open(paths.ledger())
    try:
        Writer(ledger, book.quote).reprice(book.version)
    finally:
        ledger.close()
    start_log()
    return Monitor(
        paths.ledger(),
        roots(settings, os.environ, paths.home()),
        book,
        titles=settings.titles,
        zone=zone.zone,
        zone_name=zone.name,
        now=now_ms,
        scanners=scanners,
    )


def show(
    make: Callable[[], Feed],
    zone: tzinfo,
    *,
    known: Callable[[], Snapshot | None] | None = None,
    mouse: bool,
) -> TokenwatchApp:
    """Run the app on a feed; return it when the user has left it.

    known: waits for what is to be drawn first; the feed is made after that. Without it, it is
    made at once.
    """
    # Until the first picture hardly anything becomes garbage, and looking for it takes 20 ms.
    gc.disable()
    from tokenwatch.tui.feed import Early

    feed = Early(make, known, drawn=_collect_garbage)
    from tokenwatch.tui.app import TokenwatchApp

    app = TokenwatchApp(feed, now=now_ms, zone=zone)
    feed.wait()
    app.run(mouse=mouse)
    return app


def _collect_garbage() -> None:
    gc.freeze()
    gc.enable()


def require_terminal() -> None:
    """Refuse to draw where nobody can see it."""
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the monitor needs a terminal; `tokenwatch report` prints its figures")
