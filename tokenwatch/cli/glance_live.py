"""The glance that stays: a monitor keeps the ledger up to date, lines are written in place."""

from __future__ import annotations

import argparse
import os
from time import monotonic
from typing import TYPE_CHECKING

from tokenwatch import config, paths, scanners
from tokenwatch.answers.glance import of_snapshot
from tokenwatch.answers.quota import plan_windows
from tokenwatch.cli.glance import REDRAW_S, TICK_S
from tokenwatch.cli.glance_text import line_of, lines_of, look_of
from tokenwatch.cli.inline import Inline
from tokenwatch.cli.live import Reader
from tokenwatch.cli.options import zone_of
from tokenwatch.errors import TokenwatchError
from tokenwatch.format import one_line

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Moment
    from tokenwatch.answers.quota import PlanWindow
    from tokenwatch.cli.options import Zone
    from tokenwatch.monitor import Monitor
    from tokenwatch.snapshot import Snapshot


def run(options: argparse.Namespace) -> int:
    """Show the glance until the user leaves or the terminal is gone."""
    settings = config.load(paths.config())
    zone = zone_of(options, settings.timezone)
    # Processes are forked while there are no threads.
    ready = None if paths.ledger().exists() else scanners.start()
    feed = Reader(options, settings, zone, ready).make()
    with Inline() as inline:
        shown = _Shown(feed, inline, zone, pane=options.pane)
        feed.start(shown.take)
        try:
            while not inline.is_left:
                shown.draw()
                inline.wait(shown.patience_s())
        except OSError:
            # Nobody looks any more.
            return 141
        finally:
            feed.stop()
    return 128 + inline.ended_by if inline.ended_by else 0


class _Shown:
    """What the lines are made of."""

    def __init__(self, feed: Monitor, inline: Inline, zone: Zone, *, pane: bool) -> None:
        self._feed, self._inline, self._zone, self._pane = feed, inline, zone, pane
        self._look = look_of(os.environ, styles=True)
        self._snapshot: Snapshot | None = feed.latest()
        self._windows: tuple[PlanWindow, ...] = ()
        self._asked_s = self._drawn_s = float("-inf")
        self._is_due = True

    def take(self, snapshot: Snapshot) -> None:
        """Take a newer picture; from the monitor's thread."""
        self._snapshot = snapshot
        self._is_due = True
        self._inline.wake()

    def patience_s(self) -> float:
        """Return how long nothing need be drawn."""
        return REDRAW_S if self._is_due else TICK_S

    def draw(self) -> None:
        """Write what changed, unless that was done a moment ago. Raises OSError."""
        now = monotonic()
        if self._is_due and now - self._drawn_s < REDRAW_S:
            return
        self._is_due, self._drawn_s = False, now
        if now - self._asked_s >= TICK_S:
            self._asked_s = now
            self._windows = self._ask()
        columns, lines = self._inline.size()
        self._inline.draw(self._lines(columns - 1, lines))

    def _ask(self) -> tuple[PlanWindow, ...]:
        try:
            return self._feed.ask(_windows)
        except TokenwatchError:
            # The monitor meets the same trouble, and its picture says which.
            return self._windows

    def _lines(self, width: int, height: int) -> list[str]:
        snapshot = self._snapshot
        if snapshot is None:
            return [self._look("reading logs…"[:width], "quiet")]
        glance = of_snapshot(snapshot, self._windows)
        if self._pane:
            found = lines_of(glance, width, height, self._look, self._zone.zone)
        else:
            found = [line_of(glance, width, self._look)]
        if snapshot.warnings and len(found) < height and self._pane:
            found.append(self._look(one_line(snapshot.warnings[0], max(1, width)), "watch"))
        return found


def _windows(moment: Moment) -> tuple[PlanWindow, ...]:
    return plan_windows(moment.ledger, moment.now_ms, details=False)
