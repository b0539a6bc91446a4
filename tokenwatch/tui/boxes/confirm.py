"""A question before something that can't be undone."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from tokenwatch import format as fmt
from tokenwatch.tui.bindings import Key
from tokenwatch.tui.widgets.lines import KeyLine
from tokenwatch.tui.widgets.pane import Framed, ink_of


def _key(answer: bool, shown: str, label: str) -> Key:
    action = f"screen.answer({answer})"
    return Key(action=action, keys="", shown=shown, label=label, meaning="")


YES: Final = "y"
NO: Final = "n,escape,enter,q"
"""Enter is what is pressed without reading: it does no harm."""


class ConfirmBox(Framed, can_focus=True):
    """The question and its two answers."""

    def __init__(self, question: str, yes: str) -> None:
        super().__init__(classes="box")
        self._question, self._yes = question, yes

    def compose(self) -> ComposeResult:
        yield Static(markup=False)
        yield KeyLine(classes="line").without_palette()

    def on_mount(self) -> None:
        ink = ink_of(self)
        self.query_one(Static).update(Text(fmt.clean(self._question), ink.text))
        self.query_one(KeyLine).show((_key(True, "y", self._yes), _key(False, "n esc", "No")))
        self.frame("are you sure?")
        self.focus()


class ConfirmScreen(ModalScreen[bool]):
    """Dismissed with True for yes; everything else is no."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(YES, "answer(True)", show=False),
        Binding(NO, "answer(False)", show=False),
    ]

    def __init__(self, question: str, yes: str) -> None:
        """question: a sentence that says what would be lost. yes: a verb for it."""
        super().__init__()
        self._question, self._yes = question, yes

    def compose(self) -> ComposeResult:
        yield ConfirmBox(self._question, self._yes)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
