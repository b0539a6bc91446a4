"""`tokenwatch`: the live monitor."""

from __future__ import annotations

import argparse
import gc
import os
from datetime import tzinfo
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.cli.diagnostics import start_log
from tokenwatch.cli.ground import now_ms
from tokenwatch.cli.options import zone_of
from tokenwatch.errors import UsageError
from tokenwatch.monitor import Monitor
from tokenwatch.pricing import open_book
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.writer import Writer
from tokenwatch.sync import roots
from tokenwatch.tui.feed import Early

if TYPE_CHECKING:
    from tokenwatch.tui.app import TokenwatchApp


def run(options: argparse.Namespace) -> int:
    """Show the monitor until the user quits; the demo if the user asks for it there."""
    require_terminal()
    zone = zone_of(options)
    settings = config.load(paths.config())
    book = open_book()
    ledger = Ledger.open(paths.ledger())
    try:
        Writer(ledger, book.quote).reprice(book.version)
    finally:
        ledger.close()
    start_log()
    monitor = Monitor(
        paths.ledger(),
        roots(settings, os.environ, paths.home()),
        book,
        titles=settings.titles,
        zone=zone.zone,
        zone_name=zone.name,
        now=now_ms,
    )
    app = show(monitor, zone.zone, mouse=not options.no_mouse)
    if app.return_value == "demo":
        from tokenwatch.cli import demo

        return demo.run(argparse.Namespace(**vars(options), seed=1, speed=1))
    return app.return_code or 0


def show(monitor: Monitor, zone: tzinfo, *, mouse: bool) -> TokenwatchApp:
    """Run the app on a monitor; return it when the user has left it."""
    # Until the first picture hardly anything becomes garbage, and looking for it takes 20 ms.
    gc.disable()
    feed = Early(monitor, drawn=_collect_garbage)
    from tokenwatch.tui.app import TokenwatchApp

    app = TokenwatchApp(feed, now=now_ms, zone=zone)
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
