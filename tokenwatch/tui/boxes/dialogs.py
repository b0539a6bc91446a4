"""Boxes over a screen: the explanation of a number, the keys of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tokenwatch.answers.session import detail
from tokenwatch.snapshot import SessionDetail
from tokenwatch.tui.bindings import PANES, Key
from tokenwatch.tui.explanations import Explanation, explain_session
from tokenwatch.tui.messages import Answered, RowChosen
from tokenwatch.tui.widgets.pane import Framed, app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

_KEY_COLUMNS: Final = (
    Column(key="where", title="where", width=11, drop=1),
    Column(key="key", title="key", width=7),
    Column(key="meaning", title="does", width=0, least=30),
)

_ORDER: Final = ("this screen", "a table", "everywhere")


class ExplainBox(Framed, VerticalScroll, can_focus=True):
    """The scrolling text of an explanation."""


class ExplainScreen(ModalScreen[None]):
    """How the selected number was made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i,q,enter", "close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None

    def compose(self) -> ComposeResult:
        with ExplainBox(classes="box"):
            yield Static(markup=False)

    def show(self, explanation: Explanation) -> None:
        """Show an explanation; a session's costs by kind are added when they have been read."""
        self._explanation = explanation
        if self.is_mounted:
            self._draw()
            self._load()

    def on_mount(self) -> None:
        self._draw()
        self._load()

    def _load(self) -> None:
        session_id = self._explanation.session_id if self._explanation else None
        if session_id:
            app_of(self).ask(
                ("explained", session_id),
                partial(detail, session_id=session_id),
                self,
                self._take_detail,
            )

    def _take_detail(self, answer: SessionDetail) -> None:
        if self._explanation and self._explanation.session_id == answer.row.id:
            self._explanation = explain_session(answer.row, answer.by_kind)
            self._draw()

    def on_answered(self, message: Answered) -> None:
        """Add what was asked for, if the box is still there."""
        if self.is_mounted:
            message.take(message.answer)

    def _draw(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        ink = ink_of(self)
        text = Text.assemble((explanation.figure, ink.strong), "\n\n")
        for line in explanation.lines:
            text.append(line.text + "\n", getattr(ink, line.ink))
        text.rstrip()
        self.query_one(Static).update(text)
        box = self.query_one(ExplainBox)
        box.frame(explanation.title, "", "esc close · y copy")
        box.focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(ExplainBox).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the whole explanation."""
        if self._explanation:
            app_of(self).copy(self._explanation.text, "explanation")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as a row of the help."""

    what: Key
    where: str = ""
    """Where it can be used, on the first row of those that share it."""

    @property
    def key(self) -> str:
        return self.what.action


def _where(key: Key) -> str:
    if key.action == "choose":
        # The one key of a table that does something else on each screen.
        return "this screen"
    prefix = key.action.partition("(")[0].partition(".")
    return {"app": "everywhere", "screen": "this screen"}.get(prefix[0], "a table")


def _rank(key: Key) -> tuple[int, bool, bool]:
    """Put what only this screen has first, and what a table has everywhere behind it."""
    return _ORDER.index(_where(key)), key.action in PANES, key.action != "choose"


class KeyTable(RecordTable[KeyRow], inherit_bindings=False):
    """Moved by keys that no letter is: letters narrow it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("pagedown,ctrl+d", "page(2)", show=False),
        Binding("pageup,ctrl+u", "page(-2)", show=False),
        Binding("enter", "choose", show=False),
    ]


class HelpScreen(ModalScreen[str | None]):
    """The keys of the screen below; typing narrows them, enter runs the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("backspace", "shorten", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._keys: Sequence[Key] = ()
        self._title = ""
        self._typed = ""

    def show(self, keys: Sequence[Key], screen_name: str) -> None:
        """Say which keys there are."""
        self._keys = sorted(keys, key=_rank)
        self._title, self._typed = f"keys · {screen_name}", ""
        if self.is_mounted:
            self._fill()

    def compose(self) -> ComposeResult:
        yield KeyTable(_KEY_COLUMNS, self._paint, id="keys", header=False).add_class("box")

    def on_mount(self) -> None:
        self._fill()

    def _fill(self) -> None:
        words = self._typed.casefold().split()
        rows: list[KeyRow] = []
        last = ""
        for key in self._keys:
            said = f"{key.shown} {key.label} {key.meaning}".casefold()
            if all(word in said for word in words):
                where = _where(key)
                rows.append(KeyRow(key, "" if where == last else where))
                last = where
        table = self.query_one(KeyTable)
        table.show(rows, hint="no key does that · esc shows all")
        table.action_first()
        legend = (
            "enter runs · esc shows all" if self._typed else "type to narrow · enter runs · esc"
        )
        table.frame(self._title, self._typed, legend, "enter runs · esc")
        table.styles.height = len(self._keys) + 2
        table.focus()

    def _paint(self, row: KeyRow, column: str) -> Text:
        ink = ink_of(self)
        if column == "where":
            return Text(row.where, ink.quiet)
        if column == "key":
            return Text(row.what.shown, ink.accent)
        return Text(row.what.meaning, ink.text)

    def on_key(self, event: events.Key) -> None:
        if event.character == "?" and not self._typed:
            self.dismiss(None)
        elif event.is_printable and event.character:
            self._typed += event.character
            self._fill()
        else:
            return
        event.stop()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(message.key)

    def action_shorten(self) -> None:
        """Take the last character back."""
        self._typed = self._typed[:-1]
        self._fill()

    def action_close(self) -> None:
        """Show all keys again; close if all are shown."""
        if self._typed:
            self._typed = ""
            self._fill()
        else:
            self.dismiss(None)
