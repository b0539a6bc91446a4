"""The boxes of History that are no tables: hours by weekday, and how many agents at once."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.history import History
from tokenwatch.tui.screens.history.words import hours
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of
from tokenwatch.tui.widgets.sparkgraph import graph

LEVELS = 4
"""As many lines of levels; the last one holds all that are higher."""
_LABEL, _FIGURE = 11, 8


class AtOncePane(Pane, can_focus=True):
    """The peak with its time, how long how many agents were at work, and each unit's peak."""

    _answer: History | None = None

    def show(self, answer: History | None) -> None:
        """Take a newer answer."""
        self._answer = answer
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        answer = self._answer
        if answer is None:
            return Text("reading…", ink.quiet)
        at_once = answer.at_once
        if not at_once.peak or at_once.peak_ms is None:
            return Text("no turn of an agent is known here", ink.quiet)
        moment = datetime.fromtimestamp(at_once.peak_ms / 1000, app_of(self).zone)
        agents = "agent" if at_once.peak == 1 else "agents"
        head = Text.assemble(
            ("peak ", ink.quiet),
            (f"{fmt.count(at_once.peak)} {agents}", ink.strong),
            (f"  {moment:%a} {moment.day} {moment:%b %H:%M}", ink.text),
        )
        busy = sum(at_once.lengths_ms)
        work = Text(f"{hours(answer.work_ms)} of work within {hours(busy)}", ink.quiet)
        if head.cell_len + work.cell_len + 3 <= width:
            head = Text.assemble(head, ("   ", ink.quiet), work)
            lines = [head]
        else:
            lines = [head, work][: max(1, height)]
        room = height - len(lines)
        levels = self._levels(width)[: max(0, room)]
        lines += levels
        rows = height - len(lines)
        if rows >= 2:
            lines += self._graph(width, rows)
        return Text("\n").join(lines)

    def _levels(self, width: int) -> list[Text]:
        """Return for each number of agents how long so many were at work."""
        assert self._answer is not None
        ink = ink_of(self)
        lengths = list(self._answer.at_once.lengths_ms)
        last = ""
        if len(lengths) > LEVELS:
            lengths[LEVELS - 1 :] = [sum(lengths[LEVELS - 1 :])]
            last = "+"
        longest = max(lengths)
        room = max(1, width - _LABEL - _FIGURE - 1)
        return [
            Text.assemble(
                (f"{f'{count}{last}' if count == len(lengths) else count} at once", ink.text),
                " " * (_LABEL - 8 - len(str(count)) - bool(last and count == len(lengths))),
                meter(length / longest, room, ink.bar, ink.line),
                (hours(length).rjust(_FIGURE), ink.text),
            )
            for count, length in enumerate(lengths, 1)
        ]

    def _graph(self, width: int, rows: int) -> list[Text]:
        """Return the peaks of all units, the last at the right."""
        assert self._answer is not None
        ink = ink_of(self)
        peaks = self._answer.at_once.peaks[-width:]
        cells = max(1, width // len(peaks))
        wide = [peak for peak in peaks for _ in range(cells)]
        label = Text(f"most at once per {self._answer.window.unit}", ink.quiet)
        if rows < 3:
            return [Text(line, ink.bar) for line in graph(wide, rows)]
        return [label, *(Text(line, ink.bar) for line in graph(wide, rows - 1))]
