"""Budgets: what was spent by now and in what steps, to choose a limit by."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from tokenwatch.answers.pace import pace
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.screens.facts.rows import PACE_COLUMNS
from tokenwatch.tui.screens.facts.screen import FactsScreen
from tokenwatch.tui.widgets.pane import app_of


class BudgetsScreen(FactsScreen):
    """Facts about the pace of spending; no limit can be set yet."""

    TAB = "budgets"
    ACTIONS = (*PANES, *ROWS, "screen.open_session")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Evidence"),
        "screen.sort",
        "screen.explain",
        "screen.copy",
        "screen.zoom",
        "screen.next_pane(1)",
        "app.help",
        "app.quit",
    )
    PANES = ("budget-facts", "budget-rows")
    MAIN = "budget-facts"
    COLUMNS = PACE_COLUMNS
    FACT_SORTS = ()
    HEADLINE = "what was spent"
    COMING = (
        "no budget is set: limits and alerts come with `tokenwatch budget` in a later version",
        "limits and alerts come with a later version",
    )

    def ask_facts(self) -> None:
        app_of(self).ask("pace", partial(pace), self, self._take_facts)
