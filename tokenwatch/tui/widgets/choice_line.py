"""One word of a few, on a line of a box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from tokenwatch.tui.widgets.pane import ink_of


class ChoiceLine(Widget, can_focus=True):
    """Left, right and space choose the next word, a click the one that it hits.

    Where the words have no room side by side, the first ones are left out up to the chosen one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", show=False),
        Binding("right,l,space", "turn(1)", show=False),
    ]

    class Turned(Message):
        """Another word was chosen."""

    def __init__(self, words: Sequence[str], chosen: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words, self.chosen = tuple(words), chosen

    def render(self) -> Text:
        ink = ink_of(self)
        first = self._first()
        line = Text("…" if first else "", ink.quiet, no_wrap=True, overflow="ellipsis")
        for name in self._words[first:]:
            if name == self.chosen:
                line.append(f"[{name}]", ink.accent + ink.strong if self.has_focus else ink.strong)
            else:
                line.append(f" {name} ", ink.quiet)
        return line

    def _first(self) -> int:
        """Return the first word that is shown: the chosen one and the sign for more must fit."""
        at, width = self._words.index(self.chosen), self.content_size.width
        for first in range(at):
            rest = sum(len(name) + 2 for name in self._words[first : at + 1])
            if bool(first) + rest + (at + 1 < len(self._words)) <= width:
                return first
        return at

    def action_turn(self, step: int) -> None:
        """Choose the next word."""
        self._choose((self._words.index(self.chosen) + step) % len(self._words))

    def _choose(self, at: int) -> None:
        self.chosen = self._words[at]
        self.refresh()
        self.post_message(self.Turned())

    def on_click(self, event: events.Click) -> None:
        first = self._first()
        end = int(bool(first))
        for at, name in enumerate(self._words[first:], first):
            end += len(name) + 2
            if event.x < end:
                self._choose(at)
                return
