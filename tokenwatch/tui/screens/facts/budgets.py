"""What was spent by now and in what steps, to choose a limit by: the second view of Budgets."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from tokenwatch.answers.pace import pace
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.screens.facts.rows import PACE_COLUMNS
from tokenwatch.tui.screens.facts.screen import FactsScreen
from tokenwatch.tui.widgets.pane import app_of


class PaceScreen(FactsScreen):
    """Facts about the pace of spending."""

    TAB = "budgets"
    ACTIONS = (*PANES, *ROWS, "screen.open_session", "screen.group")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Evidence"),
        ("screen.group", "Budgets"),
        "screen.sort",
        "screen.explain",
        "screen.copy",
        "screen.zoom",
        "app.help",
        "app.quit",
    )
    MEANINGS = {
        "choose": "go to its rows, then to the session",
        "screen.group": "back to budgets and alerts",
    }
    PANES = ("budget-facts", "budget-rows")
    MAIN = "budget-facts"
    COLUMNS = PACE_COLUMNS
    FACT_SORTS = ()
    HEADLINE = "what was spent"
    COMING = (
        "facts to choose a limit by; b: budgets and alerts",
        "b: budgets and alerts",
    )

    def ask_facts(self) -> None:
        app_of(self).ask("pace", partial(pace), self, self._take_facts)

    def below(self) -> str:
        return "pace"

    def action_group(self) -> None:
        """Go back to the budgets."""
        app_of(self).action_go(self.TAB)

    def action_back(self) -> None:
        """Go back to the facts; from there, show all panes again, then the budgets."""
        if self._zoomed or self.rows.has_focus:
            super().action_back()
        else:
            self.action_group()
