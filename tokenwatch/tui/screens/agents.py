"""Agents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch.tui.bindings import PANES, bindings_for, line_of
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.widgets.pane import Pane


class AgentsPane(Pane, can_focus=True):
    """What there is."""

    def draw(self, width: int, height: int) -> Text:
        return Text("nothing yet")


class AgentsScreen(FrameScreen):
    """Agents."""

    TAB = "agents"
    ACTIONS = PANES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of("app.help", "app.quit")
    PANES = ("agents-main",)
    MAIN = "agents-main"

    def compose_panes(self) -> Iterable[Widget]:
        yield AgentsPane(id="agents-main", classes="pane")
