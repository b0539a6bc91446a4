"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tokenwatch.tui.messages import FilterChanged, FilterClosed
from tokenwatch.tui.widgets.pane import ink_of

HELPS: Final = (
    "words  project: model:a,b branch: state: source: title: prompt:  cost:>1 tokens:>1M turns:"
    " agents: since:7d until:  !not  tab completes",
    "words  project: model:a,b state: prompt: cost:>1 turns: since:7d  !not  tab completes",
    "words  project: model: cost:>1 since:7d !not  tab: more",
    "words  model: cost:>1 since:7d !not",
)
"""What can be typed; the longest that fits is shown while nothing is."""
SAID_SHARE: Final = 0.6
"""As much of the line may be taken by what is said about the filter."""


class FilterInput(Input):
    """Takes one line of text; enter leaves it before the key that follows is on its way."""

    async def action_submit(self) -> None:
        bar = self.parent
        assert isinstance(bar, FilterBar)
        bar.action_leave(False)


class FilterBar(Horizontal):
    """Says every edit as `FilterChanged`; enter and esc leave it, esc clears it first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", show=False),
        Binding("down", "leave(False)", show=False),
        Binding("tab", "complete", show=False),
    ]
    DEFAULT_CSS = """
    FilterBar > #filter-says { width: auto; padding-left: 1; }
    """

    _saying: tuple[str, bool] = ("", False)
    _choices: tuple[str, ...] = ()
    _before: Widget | None = None
    """What had the focus when the line was opened."""
    _helps: tuple[str, ...] = HELPS
    _completes = True

    def takes_words(self, helps: tuple[str, ...]) -> None:
        """Take words alone, without fields. helps: what can be typed, the longest first."""
        self._helps, self._completes = helps, False

    def compose(self) -> ComposeResult:
        yield Label("/ ", markup=False)
        yield FilterInput(placeholder=HELPS[-1], compact=True, select_on_focus=False)
        yield Static("", markup=False, id="filter-says")

    def open(self) -> None:
        """Show the line and take the keys."""
        self.display = True
        self._tell(self.screen.size.width)
        self._before = self.screen.focused
        self.screen.set_focus(self.query_one(Input))

    @property
    def text(self) -> str:
        """The filter as typed."""
        return self.query_one(Input).value

    def clear(self) -> None:
        """Empty the filter."""
        self.fill("")

    def fill(self, text: str) -> None:
        """Replace the filter."""
        self.query_one(Input).value = text

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say something about the filter behind it. wrong: something of it is not in force."""
        if (text, wrong) != self._saying:
            self._saying = (text, wrong)
            self._draw()

    def _draw(self) -> None:
        """Say what a word may become, else what there is to say."""
        ink = ink_of(self)
        text, wrong = self._saying
        if self._choices:
            said = Text(" ".join(self._choices), ink.quiet)
        else:
            said = Text.assemble(("▲ ", ink.watch) if wrong and text else "", (text, ink.quiet))
        said.no_wrap = True
        said.truncate(max(8, int(self.size.width * SAID_SHARE)), overflow="ellipsis")
        self.query_one("#filter-says", Static).update(said)

    def on_resize(self, event: events.Resize) -> None:
        self._tell(event.size.width)
        self._draw()

    def _tell(self, width: int) -> None:
        """Say what can be typed, in as many words as fit beside what surrounds them."""
        fitting = (text for text in self._helps if len(text) <= width - 6)
        self.query_one(Input).placeholder = next(fitting, self._helps[-1])

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._choices = ()
        self.post_message(FilterChanged(event.value))
        self._draw()

    def action_complete(self) -> None:
        """Complete the word before the end, as far as it is clear; say what it may become."""
        if not self._completes:
            return
        from tokenwatch.tui.filter.words import completed

        line = self.query_one(Input)
        text, choices = completed(line.value)
        with self.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        self._choices = choices if len(choices) > 1 else ()
        self.post_message(FilterChanged(text))
        self._draw()

    def action_leave(self, clear: bool) -> None:
        """Hide the line; the filter stays in force unless `clear`."""
        if clear:
            self.clear()
        self.screen.set_focus(self._before)
        self.display = False
        self.post_message(FilterClosed())
