"""A small box to pick a project from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tokenwatch import format as fmt
from tokenwatch.model import Spend
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.messages import RowChosen
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

_COLUMNS: Final = (
    Column(key="path", title="project", width=0, least=16),
    Column(key="sessions", title="sessions", width=8, right=True, drop=1),
    Column(key="cost", title="cost $", width=11, right=True),
)
ALL: Final = ""
"""The choice of all projects at once."""


class Choice(NamedTuple):
    """A project and what its sessions come to."""

    key: str
    """Its path, or ALL."""
    sessions: int
    spend: Spend


class ProjectScreen(ModalScreen[str | None]):
    """Answers with the chosen project's path or ALL; with None if the choice stays as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,p,q", "close", show=False)]
    DEFAULT_CSS = """
    #project-choices { width: 76; max-width: 96%; max-height: 90%; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._choices: Sequence[Choice] = ()
        self._chosen = ALL

    def show(self, choices: Sequence[Choice], chosen: str) -> None:
        """Say what can be chosen, and what is chosen so far."""
        self._choices, self._chosen = choices, chosen
        if self.is_mounted:
            self._fill()

    def compose(self) -> ComposeResult:
        table = RecordTable[Choice](_COLUMNS, self._paint, id="project-choices")
        yield table.add_class("box")

    def on_mount(self) -> None:
        self._fill()

    def _fill(self) -> None:
        table: RecordTable[Choice] = self.query_one(RecordTable)
        table.show(self._choices)
        table.action_first()
        table.select(self._chosen)
        table.frame("project", f"{len(self._choices) - 1}", "enter picks · esc closes")
        table.styles.height = len(self._choices) + 3
        table.focus()

    def _paint(self, choice: Choice, column: str) -> Text:
        ink = ink_of(self)
        match column:
            case "path":
                if choice.key == ALL:
                    return Text("all projects", ink.strong)
                return _path(fmt.short_path(choice.key, app_of(self).home), ink)
            case "sessions":
                return Text(fmt.count(choice.sessions), ink.text)
        return Text(fmt.spend_dollars(choice.spend), ink.text)

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(message.key)

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)


def _path(path: str, ink: Ink) -> Text:
    """Return a path with its last folder in front, which is what a project is called."""
    folder, _, name = path.rpartition("/")
    return Text.assemble((name or path, ink.text), (f"  {folder}" if name else "", ink.quiet))
