"""The line that says that the guard, which clients ask, stops nothing. Absent when it does."""

from __future__ import annotations

from functools import partial
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.guard.trouble import MORE, Trouble, trouble
from tokenwatch.tui.messages import Answered, Unanswered
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of

ASK_S: Final = 5.0
"""Asked this often in view, whether pictures come or not: a monitor that is stuck makes none."""


class GuardLine(Pane):
    """Asks by itself, and shows itself where there is something to say."""

    _words = ""

    def on_mount(self) -> None:
        self.display = False
        self.set_interval(ASK_S, self.ask)
        self.ask()

    def ask(self) -> None:
        """Look at the guard's state again; the demo has none."""
        app = app_of(self)
        shown = app._snapshot
        if shown is not None and not shown.is_demo and self.screen.is_current:
            app.ask("guard", partial(trouble), self, self._take)

    def on_answered(self, message: Answered) -> None:
        message.stop()
        message.take(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """Leave it at what was said last: what else is asked says why there is no answer."""
        message.stop()

    def _take(self, answer: Trouble) -> None:
        self._words = answer.words
        self.display = bool(answer.words)
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        said = fmt.one_line(self._words, 200)
        return Text.assemble((" ▲ ", ink.watch), (said, ink.text), (f" · {MORE}", ink.quiet))
