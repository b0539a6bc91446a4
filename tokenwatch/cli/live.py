"""`tokenwatch`: the live monitor."""

from __future__ import annotations

import argparse
import os

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
    from tokenwatch.tui.app import TokenwatchApp

    app = TokenwatchApp(monitor, now=now_ms, zone=zone.zone)
    result = app.run(mouse=not options.no_mouse)
    if result == "demo":
        from tokenwatch.cli import demo

        return demo.run(argparse.Namespace(**vars(options), seed=1, speed=1))
    return app.return_code or 0


def require_terminal() -> None:
    """Refuse to draw where nobody can see it."""
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the monitor needs a terminal; `tokenwatch report` prints its figures")
