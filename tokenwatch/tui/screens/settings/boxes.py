"""Boxes in which a setting is changed: a list of choices, a text, a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from tokenwatch import format as fmt
from tokenwatch.config.check import folder, problem_of, texts_from
from tokenwatch.config.setting import TEXTS, Setting
from tokenwatch.config.tables import ROOTS
from tokenwatch.tui.messages import RowChosen, RowMoved
from tokenwatch.tui.widgets.choice_line import ChoiceLine
from tokenwatch.tui.widgets.pane import Framed, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

_COLUMNS: Final = (
    Column(key="value", title="value", width=24),
    Column(key="note", title="note", width=0, least=8),
)
_SOURCE, _PATH, _LABEL = ROOTS.fields


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as a row."""

    key: str
    note: str


class ChoiceScreen(ModalScreen[str | None]):
    """Dismissed with the value that was chosen; None for none."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", show=False)]

    def __init__(
        self, known: Setting, value: str, preview: Callable[[str], None] | None = None
    ) -> None:
        """value: what is chosen at present. preview: shows a value that isn't chosen yet."""
        super().__init__()
        self._known, self._value, self._preview = known, value, preview

    def compose(self) -> ComposeResult:
        yield RecordTable[Choice](_COLUMNS, self._paint, id="choices", header=False).add_class(
            "box"
        )

    def on_mount(self) -> None:
        table: RecordTable[Choice] = self.query_one(RecordTable)
        default = self._known.default
        table.show([Choice(v, "default" if v == default else "") for v in self._known.allowed])
        table.styles.height = len(self._known.allowed) + 2
        table.frame(self._known.key, "", "enter chooses · esc leaves it as it is", "enter · esc")
        table.focus()
        table.select(self._value)

    def _paint(self, row: Choice, column: str) -> Text:
        ink = ink_of(self)
        if column == "value":
            return Text(row.key, ink.strong if row.key == self._value else ink.text)
        return Text(row.note, ink.quiet)

    def on_row_moved(self, message: RowMoved) -> None:
        if self._preview:
            self._preview(message.key)
            self.call_after_refresh(self._recolour)

    def _recolour(self) -> None:
        for framed in self.query(Framed):
            framed.reframe()
            framed.refresh()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(message.key)

    def on_click(self, event: events.Click) -> None:
        table: RecordTable[Choice] = self.query_one(RecordTable)
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is table and event.chain == 1 and table.selected is not None:
            self._value = table.selected.key
            table.repaint()

    def action_close(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)


class TextBox(Framed):
    """A line to type in, and what is wrong with it."""

    def compose(self) -> ComposeResult:
        yield Input(compact=True, select_on_focus=False)
        yield Static(markup=False)


class TextScreen(ModalScreen[str | None]):
    """Dismissed with what was typed, empty for the default; None for no change."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, known: Setting, value: str) -> None:
        super().__init__()
        self._known, self._value = known, value

    def compose(self) -> ComposeResult:
        yield TextBox(classes="box")

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.value = self._value
        line.placeholder = self._known.otherwise
        self.query_one(TextBox).frame(
            self._known.key, "", "enter keeps it · empty: the default · esc leaves it as it was"
        )
        line.focus()
        self._say(line.value)

    def _say(self, typed: str) -> str | None:
        """Say what is wrong with the text, or what is allowed; return what is wrong."""
        ink = ink_of(self)
        value = texts_from(typed) if self._known.kind == TEXTS else typed.strip()
        wrong = problem_of(self._known, value) if typed.strip() else None
        said = (f"▲ {wrong}", ink.watch) if wrong else (self._known.words, ink.quiet)
        self.query_one(Static).update(Text(*said))
        return wrong

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._say(event.value) is None:
            self.dismiss(event.value.strip())

    def action_close(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)


class Folder(NamedTuple):
    """A further folder as it is typed."""

    source: str
    path: str = ""
    label: str = ""


class FolderBox(Framed):
    """The three fields of a folder."""

    def __init__(self, value: Folder) -> None:
        super().__init__(classes="box")
        self._value = value

    def compose(self) -> ComposeResult:
        yield Label("source")
        yield ChoiceLine(_SOURCE.allowed, self._value.source)
        yield Label("folder")
        yield Input(
            self._value.path, "~/other/.claude", compact=True, select_on_focus=False, id="root-path"
        )
        yield Label("label")
        yield Input(
            self._value.label,
            "a name for it, if you like",
            compact=True,
            select_on_focus=False,
            id="root-label",
        )
        yield Static(markup=False, id="root-says")


class FolderScreen(ModalScreen[Folder | None]):
    """Dismissed with a folder whose fields are proper; None for none."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "app.focus_next", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False, priority=True),
        Binding("enter", "keep", show=False),
    ]

    def __init__(self, title: str, value: Folder) -> None:
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        yield FolderBox(self._value)

    def on_mount(self) -> None:
        self.query_one(FolderBox).frame(
            self._title, "", "tab next field · enter keeps it · esc leaves", "tab · enter · esc"
        )
        self.query_one("#root-path", Input).focus()
        self._say()

    @property
    def _typed(self) -> Folder:
        return Folder(
            source=self.query_one(ChoiceLine).chosen,
            path=self.query_one("#root-path", Input).value.strip(),
            label=self.query_one("#root-label", Input).value.strip(),
        )

    def _say(self) -> bool:
        """Say what is wrong, or what else is worth saying; return whether all is proper."""
        ink, typed = ink_of(self), self._typed
        wrong = problem_of(_PATH, typed.path)
        if wrong is None and typed.label:
            wrong = problem_of(_LABEL, typed.label)
        said = Text(_PATH.meaning, ink.quiet)
        if wrong and typed.path:
            said = Text(f"▲ {wrong}", ink.watch)
        elif not wrong and not folder(typed.path).is_dir():
            said = Text("▲ there is no such folder; it is looked for all the same", ink.watch)
        self.query_one("#root-says", Static).update(said)
        return wrong is None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Close with the folder, if it is one."""
        if self._say():
            self.dismiss(self._typed)
        else:
            ink = ink_of(self)
            wrong = problem_of(_PATH, self._typed.path) or problem_of(_LABEL, self._typed.label)
            self.query_one("#root-says", Static).update(
                Text(f"▲ {fmt.clean(wrong or '')}", ink.watch)
            )

    def action_close(self) -> None:
        """Close without a folder."""
        self.dismiss(None)
