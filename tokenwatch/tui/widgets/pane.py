"""Boxes: a title at the left of the upper border, a state at its right, a legend below."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from tokenwatch.tui.looks.themes import Ink

if TYPE_CHECKING:
    from tokenwatch.tui.app import TokenwatchApp


def app_of(widget: Widget) -> TokenwatchApp:
    """Return the app by its own type."""
    return cast("TokenwatchApp", widget.app)


def ink_of(widget: Widget) -> Ink:
    """Return the styles of the theme in force."""
    return app_of(widget).ink


class Framed(Widget):
    """A widget whose border carries a title, a state and a legend."""

    _frame: tuple[str, str, tuple[str, ...]] = ("", "", ())
    _framed: object = None

    def frame(self, title: str, state: str = "", *legends: str) -> None:
        """Say what the border shows; plain text, never markup.

        legends: the first that fits is shown.
        """
        self._frame = (title, state, legends)
        self.reframe()

    def reframe(self) -> None:
        """Draw the border's words again: after a resize, a change of theme or of focus."""
        width = self.outer_size.width - 6
        ink = ink_of(self)
        shown = (self._frame, width, ink)
        if width < 1 or self._framed == shown:
            return
        self._framed = shown
        title, state, legends = self._frame
        self.border_title = _title(title, state, width, ink) if title else None
        legend = next((text for text in legends if cell_len(text) <= width), "")
        self.border_subtitle = Text.assemble((legend, ink.quiet)) if legend else None

    def on_resize(self) -> None:
        self.reframe()


def _title(title: str, state: str, width: int, ink: Ink) -> Text:
    line = Text.assemble((title, ink.strong), no_wrap=True)
    room = width - line.cell_len - cell_len(state) - 2
    if state and room > 0:
        return line.append(f" {'─' * room} ").append(state, ink.quiet)
    line.truncate(width, overflow="ellipsis")
    return line


class Pane(Framed):
    """A box of text that is drawn anew for its size and repainted only where it differs."""

    _drawn: Text | None = None

    def draw(self, width: int, height: int) -> Text:
        """Return the lines for a content area of that size; no line longer than `width`."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Repaint if what there is to show has changed."""
        # What has no room is drawn once it gets some.
        if not (self.is_mounted and self.content_size):
            return
        drawn = self._draw_now()
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def render(self) -> Text:
        self._drawn = self._draw_now()
        return self._drawn

    def _draw_now(self) -> Text:
        size = self.content_size
        text = self.draw(size.width, size.height)
        lines = list(text.split("\n", allow_blank=True))[: size.height]
        for line in lines:
            line.truncate(size.width, overflow="ellipsis")
        return Text("\n", no_wrap=True, end="").join(lines)


def beside(left: Text, right: Text, width: int) -> Text:
    """Return one line with `right` at its right end; `left` is cut where both don't fit."""
    left = left.copy()
    left.truncate(max(0, width - right.cell_len - bool(right)), overflow="ellipsis")
    room = width - left.cell_len - right.cell_len
    return Text.assemble(left, " " * room, right)
