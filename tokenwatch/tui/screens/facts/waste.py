"""Waste: measured facts about what did not go straight, each with its evidence."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from tokenwatch.analysis.period import Period
from tokenwatch.answers.fact import Fact
from tokenwatch.answers.incidents import incidents
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.screens.facts.rows import INCIDENT_COLUMNS
from tokenwatch.tui.screens.facts.screen import FactsScreen
from tokenwatch.tui.widgets.pane import app_of


class WasteScreen(FactsScreen):
    """What happened in a period that may have been in vain. Nothing is claimed to have been."""

    TAB = "waste"
    ACTIONS = (
        *PANES,
        *ROWS,
        "screen.open_session",
        "screen.period",
        "screen.shift(-1)",
        "screen.shift(1)",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Evidence"),
        "screen.period",
        "screen.shift(-1)",
        "screen.sort",
        "screen.explain",
        "screen.export",
        "app.help",
        "app.quit",
    )
    PANES = ("waste-facts", "waste-rows")
    MAIN = "waste-facts"
    COLUMNS = INCIDENT_COLUMNS
    HEADLINE = "facts"
    COMING = (
        "what could have been avoided, with proof, comes here later; until then: facts",
        "what could have been avoided comes later; until then: facts",
        "facts, no claims",
    )

    def __init__(self) -> None:
        super().__init__()
        self._period = Period("7d")

    def ask_facts(self) -> None:
        app = app_of(self)
        since, until = self._period.span(app.now(), app.zone)
        app.ask(
            "incidents",
            partial(incidents, since_ms=since, until_ms=until),
            self,
            partial(self._take_of, self._period),
        )

    def _take_of(self, period: Period, answer: tuple[Fact, ...]) -> None:
        """Take facts, unless they are of a period that was left."""
        if period == self._period:
            self._take_facts(answer)

    def stretch(self) -> str:
        app = app_of(self)
        return self._period.words(app.now(), app.zone)

    # Keys -----------------------------------------------------------------------------------

    def action_period(self) -> None:
        """Look at another length of time."""
        self._turn_to(self._period.next_length())

    def action_shift(self, step: int) -> None:
        """Look at the period before or after."""
        self._turn_to(self._period.shifted(step))

    def _turn_to(self, period: Period) -> None:
        if period != self._period:
            self._period, self._facts = period, None
            self._fill()
            self.ask()
