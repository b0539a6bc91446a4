"""`tokenwatch demo`: the monitor on invented agents that keep working."""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path

from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.live import require_terminal, show
from tokenwatch.cli.options import zone_of
from tokenwatch.demo import Demo
from tokenwatch.monitor import Monitor
from tokenwatch.pricing import PriceBook
from tokenwatch.sources import source
from tokenwatch.sources.roots import Root

STEP_S = 0.25


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--seed", type=int, default=1, help="another seed, another cast (1)")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def run(options: argparse.Namespace) -> int:
    """Show the demo until the user quits. Everything it writes is in a folder that it removes."""
    require_terminal()
    zone = zone_of(options)
    with tempfile.TemporaryDirectory(prefix="tokenwatch-demo-") as name:
        folder = Path(name)
        demo = Demo(folder, seed=options.seed, start_ms=now_ms(), zone=zone.zone)
        demo.backfill()
        stop = threading.Event()
        worker = threading.Thread(target=_keep_working, args=(demo, stop), daemon=True)
        worker.start()
        try:
            monitor = Monitor(
                folder / "data" / "ledger.sqlite",
                demo_roots(demo),
                PriceBook(),
                titles="full",
                zone=zone.zone,
                zone_name=zone.name,
                now=now_ms,
                is_demo=True,
            )
            return show(lambda: monitor, zone.zone, mouse=not options.no_mouse).return_code or 0
        finally:
            stop.set()
            worker.join(timeout=5)
            demo.close()


def demo_roots(demo: Demo) -> tuple[Root, ...]:
    """Return where the demo's logs are."""
    return (
        Root(source=source("claude-code"), path=demo.claude_root),
        Root(source=source("codex"), path=demo.codex_root),
    )


def _keep_working(demo: Demo, stop: threading.Event) -> None:
    while not stop.wait(STEP_S):
        demo.advance(now_ms())
