"""Measured facts about what did not go straight, each with its evidence: the last view of Waste."""

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


class IncidentsScreen(FactsScreen):
    """What happened in a period that may have been in vain. Nothing is claimed to have been."""

    TAB = "waste"
    ACTIONS = (
        *PANES,
        *ROWS,
        "screen.open_session",
        "screen.period",
        "screen.shift(-1)",
        "screen.shift(1)",
        "screen.group",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Evidence"),
        ("screen.group", "View"),
        "screen.period",
        "screen.sort",
        "screen.explain",
        "screen.export",
        "app.help",
        "app.quit",
    )
    MEANINGS = {"choose": "go to its rows, then to the session", "screen.group": "back to findings"}
    PANES = ("waste-facts", "waste-rows")
    MAIN = "waste-facts"
    COLUMNS = INCIDENT_COLUMNS
    HEADLINE = "facts"
    COMING = (
        "measured facts, no claims; b: what could have been avoided, with proof",
        "measured facts, no claims; b: findings",
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

    def below(self) -> str:
        return "facts"

    # Keys -----------------------------------------------------------------------------------

    def action_period(self) -> None:
        """Look at another length of time."""
        self._turn_to(self._period.next_length())

    def action_shift(self, step: int) -> None:
        """Look at the period before or after."""
        self._turn_to(self._period.shifted(step))

    def look_at(self, period: Period) -> None:
        """Turn to another period; asked for when in view."""
        if period != self._period:
            self._period, self._facts = period, None
            self._fill()

    def _turn_to(self, period: Period) -> None:
        self.look_at(period)
        if self._facts is None:
            self.ask()

    def action_group(self) -> None:
        """Go back to the findings of the same period."""
        from tokenwatch.tui.screens.waste.screen import WasteScreen

        app = app_of(self)
        app.action_go(self.TAB)
        if isinstance(app.screen, WasteScreen):
            app.screen.show_period(self._period)

    def action_back(self) -> None:
        """Go back to the facts; from there, show all panes again, then the findings."""
        if self._zoomed or self.rows.has_focus:
            super().action_back()
        else:
            self.action_group()
