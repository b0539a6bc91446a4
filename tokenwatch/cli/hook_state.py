"""Make the guard's state anew where no monitor does: bring the ledger up to date, and ask it."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from tokenwatch.answers import budgets as answers
from tokenwatch.answers.moment import Moment
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.ground import Ground
from tokenwatch.config.guard import GuardConfig
from tokenwatch.guard.gather import LOOP_MS, gather
from tokenwatch.guard.record import failed
from tokenwatch.guard.state import HOOK, write
from tokenwatch.sources.roots import live_signs
from tokenwatch.sources.source import Pass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokenwatch.guard.state import State
    from tokenwatch.snapshot import SessionRow

OPTIONS = {
    "timezone": None,
    "since": None,
    "until": None,
    "source": None,
    "project": None,
    "model": None,
    "no_sync": False,
    "redact": False,
}


def make(at: str, *, within_s: float, looks_for_loops: bool = False) -> State:
    """Write the state into a folder, and return it, also where that fails. Raises TokenwatchError.

    within_s: begin to read nothing new after so long; what is not read by then does not count.
    looks_for_loops: bring findings up to date as well, which takes seconds at first.
    """
    until = time.monotonic() + within_s
    on = Ground(argparse.Namespace(**OPTIONS))
    try:
        how = on.settings.guard or GuardConfig()
        hard = [each for each in on.settings.budgets if each.hard]
        loops = looks_for_loops and how.loops != "off"
        if hard or loops:
            needs = loops or answers.needs_details(hard)
            on.catch_up(Pass if needs else (Pass.USAGE,), max(0.0, until - time.monotonic()))
        if loops:
            _find_loops(on, until)

        def rows() -> list[SessionRow]:
            signs = live_signs(on.roots)
            return answers.at_work(Moment(on.ledger, on.overview, signs, on.now_ms, on.zone.zone))

        known = _Once(rows)
        standings = answers.standings(
            on.ledger, hard, on.now_ms, on.zone.zone, known, outlooks=False
        )
        made = gather(
            on.ledger, standings, how, known, now_ms=on.now_ms, zone=on.zone.zone, by=HOOK
        )
        try:
            write(at, made)
        except OSError as error:
            # Who asks now is answered by it all the same.
            failed(at, on.now_ms, f"the state can't be written: {error}")
        return made
    finally:
        on.ledger.close()


class _Once:
    """Ask for rows when they are wanted, and not again."""

    def __init__(self, ask: Callable[[], list[SessionRow]]) -> None:
        self._ask = ask
        self._known: list[SessionRow] | None = None

    def __call__(self) -> list[SessionRow]:
        if self._known is None:
            self._known = self._ask()
        return self._known


def _find_loops(on: Ground, until: float) -> None:
    from tokenwatch.detection import Detection

    Detection(on.ledger, now=now_ms).assess(
        stop=lambda: time.monotonic() > until, since_ms=on.now_ms - LOOP_MS
    )
