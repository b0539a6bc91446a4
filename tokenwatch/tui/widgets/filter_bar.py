"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from tokenwatch.tui.messages import FilterChanged, FilterClosed


class FilterBar(Horizontal):
    """Says every edit as `FilterChanged`; enter and esc leave it, esc clears it first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", show=False),
        Binding("down", "leave(False)", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Label("/ ", markup=False)
        yield Input(
            placeholder="words  source: model: project: state: cost:>1  !not",
            compact=True,
            select_on_focus=False,
        )

    def open(self) -> None:
        """Show the line and take the keys."""
        self.display = True
        self.screen.set_focus(self.query_one(Input))

    @property
    def text(self) -> str:
        """The filter as typed."""
        return self.query_one(Input).value

    def clear(self) -> None:
        """Empty the filter."""
        self.query_one(Input).value = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterChanged(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_leave(False)

    def action_leave(self, clear: bool) -> None:
        """Hide the line; the filter stays in force unless `clear`."""
        if clear:
            self.clear()
        self.display = False
        self.post_message(FilterClosed())
