"""What the selected fact means, where there is room to say it beside the rows."""

from __future__ import annotations

import textwrap

from rich.text import Text

from tokenwatch.answers.fact import Fact
from tokenwatch.tui.screens.facts.rows import meaning
from tokenwatch.tui.widgets.pane import Pane, ink_of


class MeaningPane(Pane):
    """The sentences that `i` shows as well."""

    _fact: Fact | None = None

    def show(self, fact: Fact | None) -> None:
        """Tell the meaning of another fact."""
        self._fact = fact
        self.frame("meaning")
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        if self._fact is None:
            return Text()
        lines = textwrap.wrap(" ".join(meaning(self._fact)), max(10, width))
        return Text("\n".join(lines), ink_of(self).quiet)
