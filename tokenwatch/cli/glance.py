"""`tokenwatch glance`: one line (or a few) that stays up to date in place."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tokenwatch.answers.glance import Glance, of_ledger
from tokenwatch.cli.glance_text import line_of, lines_of, look_of
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.terminal import terminal_width
from tokenwatch.export import documents
from tokenwatch.format import exact_usd
from tokenwatch.model import State
from tokenwatch.sources.roots import live_signs

if TYPE_CHECKING:
    import argparse

    from tokenwatch.cli.ground import Ground

WITHIN_S = 0.5
"""For a prompt or a status line nothing new is begun to be read after so long."""
REDRAW_S = 0.2
"""Pictures are at least so far apart."""
TICK_S = 10.0
"""Plan windows are asked for, and grow stale, this often while nothing else happens."""
WIDE = 200
"""Where nobody says how wide the line may be, all of it is shown."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--once", action="store_true", help="print it once, for prompts, status lines")
    to.add_argument("--pane", action="store_true", help="a few lines: agents and plan windows too")
    to.add_argument("--json", action="store_true", help="one JSON document on stdout, once")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--no-sync", action="store_true", help="answer once from what was read before")
    to.set_defaults(since=None, until=None, project=None, model=None, source=None, redact=False)


def run(options: argparse.Namespace) -> int:
    """Show the line until the user leaves; once where nobody could see it change."""
    once = options.once or options.json or options.no_sync
    if once or not _is_live():
        return _once(options)
    from tokenwatch.cli import glance_live

    return glance_live.run(options)


def _is_live() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in ("", "dumb", "unknown")


def _once(options: argparse.Namespace) -> int:
    with ground(options, details=True, within_s=WITHIN_S) as on:
        found = glance_of(on)
        if options.json:
            print_json(documents.head("glance", on.now_ms, on.zone.name) | document(found))
            return 0
        look = look_of(os.environ, styles=False)
        width = terminal_width() if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE
        if options.pane:
            print(
                "\n".join(
                    lines_of(
                        found,
                        width,
                        2 + len(found.workers) + len(found.windows),
                        look,
                        on.zone.zone,
                    )
                )
            )
        else:
            print(line_of(found, width, look))
    return 0


def glance_of(on: Ground) -> Glance:
    """Return what the ledger says, with the clients' own signs."""
    return of_ledger(
        on.ledger,
        on.now_ms,
        on.zone.zone,
        live_signs(on.roots),
        lambda: on.overview,
        is_complete=on.is_complete,
    )


def document(glance: Glance) -> documents.Json:
    """Return a glance as JSON has it; `usual_usd` is the mean of the seven days before today."""
    from tokenwatch.cli import quota

    usual, burn = glance.week_mean_pico, glance.burn_pico_per_hour
    return {
        "today": documents.spend(glance.today),
        "usual_usd": None if usual is None else exact_usd(usual),
        "burn_usd_per_hour": None if burn is None else exact_usd(burn),
        "agents": {state.value: glance.count(state) for state in (State.WORKING, State.WAITING)},
        "windows": [quota.document(window, redacted=True) for window in glance.windows],
        "complete": glance.is_complete,
    }
