"""`tokenwatch demo`: the monitor on invented agents that keep working."""

from __future__ import annotations

import argparse
import tempfile
import threading
from datetime import tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path

from tokenwatch import config, paths
from tokenwatch.alerting.look import Wishes
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.live import require_terminal, show
from tokenwatch.cli.options import zone_of
from tokenwatch.config import Config, edit
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.config.budgets import Budget
from tokenwatch.config.catalogue import SETTINGS, value_of
from tokenwatch.config.lines import Row
from tokenwatch.demo import Demo
from tokenwatch.monitor import Monitor
from tokenwatch.pricing import PriceBook
from tokenwatch.sources import source
from tokenwatch.sources.roots import Root

STEP_S = 0.25
BUDGETS = (
    Budget("daily", Decimal(30)),
    Budget("monthly", Decimal(900), period="month"),
    Budget("turn", Decimal(3), period="turn"),
    Budget("crowd", Decimal(6), unit="agents", period="session", hard=True),
)
"""What the demo's user has set."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--seed", type=int, default=1, help="another seed, another cast (1)")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    to.add_argument("--remote", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Show the demo until the user quits. Everything it writes is in a folder that it removes.

    It looks as the user's settings say; what is changed in them there is forgotten with it.
    """
    if not options.remote:
        require_terminal()
    settings = config.load(paths.config())._replace(roots=(), titles="full", budgets=BUDGETS)
    zone = zone_of(options, settings.timezone)
    with tempfile.TemporaryDirectory(prefix="tokenwatch-demo-") as name:
        folder = Path(name)
        demo = Demo(folder, seed=options.seed, start_ms=now_ms(), zone=zone.zone)
        demo.backfill()
        stop = threading.Event()
        worker = threading.Thread(target=_keep_working, args=(demo, stop), daemon=True)
        worker.start()
        monitor = Monitor(
            folder / "data" / "ledger.sqlite",
            demo_roots(demo),
            PriceBook(),
            titles="full",
            zone=zone.zone,
            zone_name=zone.name,
            now=now_ms,
            is_demo=True,
            complaints=settings.waste.complaints,
            wishes=_wishes(settings),
        )
        try:
            app = show(
                lambda: monitor,
                zone.zone,
                options,
                path=_own(settings, folder),
                settings=settings,
                hand_on=partial(_hand_on, monitor, demo, options),
                note="of the demo alone, forgotten with it",
            )
            return app.return_code or 0
        finally:
            # Whoever still writes there would keep the folder from being removed.
            stop.set()
            worker.join()
            monitor.stop()
            demo.close()


def _own(settings: Config, folder: Path) -> Path:
    """Write settings for the demo alone; return their file."""
    path = folder / "config" / "config.toml"
    for known in SETTINGS:
        value = value_of(settings, known.key)
        if value is not None and value != known.default:
            edit.put(path, known.key, value)
    for each in settings.budgets:
        row: Row = {
            "name": each.name,
            "limit": each.limit,
            "unit": each.unit,
            "period": each.period,
            "hard": each.hard or None,
        }
        edit.put_budget(path, row)
    return path


def _hand_on(monitor: Monitor, demo: Demo, options: argparse.Namespace, settings: Config) -> tzinfo:
    """Let the demo's monitor go on with other settings; return the time zone in force."""
    zone = zone_of(options, settings.timezone)
    monitor.wish(_wishes(settings))
    more = (Root(source=source(root.source), path=root.path) for root in settings.roots)
    monitor.change(
        roots=(*demo_roots(demo), *more),
        titles=settings.titles,
        zone=zone.zone,
        zone_name=zone.name,
        complaints=settings.waste.complaints,
    )
    return zone.zone


def _wishes(settings: Config) -> Wishes:
    """Return what the demo tells of: on its own screen alone."""
    alerts = settings.alerts or AlertsConfig()
    inward = AlertsConfig(off=alerts.off, quiet=alerts.quiet, toast=alerts.toast, bell=alerts.bell)
    return Wishes(settings.budgets, inward, None)


def demo_roots(demo: Demo) -> tuple[Root, ...]:
    """Return where the demo's logs are."""
    return (
        Root(source=source("claude-code"), path=demo.claude_root),
        Root(source=source("codex"), path=demo.codex_root),
    )


def _keep_working(demo: Demo, stop: threading.Event) -> None:
    while not stop.wait(STEP_S):
        demo.advance(now_ms())
