"""History: what was spent over time, by whom; when agents were at work, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tokenwatch.analysis.timescale import Window
from tokenwatch.answers.history import SPLITS, History, history
from tokenwatch.tui.bindings import Key, bindings_for
from tokenwatch.tui.messages import BarChosen, BarMoved, HeaderChosen, RowChosen
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.history.bars import bar_words, chart_of, heat_values
from tokenwatch.tui.screens.history.changes import (
    CHANGE_COLUMNS,
    ChangeLine,
    change_lines,
    paint_change,
)
from tokenwatch.tui.screens.history.explain import explanation
from tokenwatch.tui.screens.history.keys import (
    ACTIONS,
    CHANGES,
    CHART,
    CHOOSES,
    COMPACT_LINE,
    DRILLED_LINE,
    HEAT,
    LINE,
    LOWER,
    MEANINGS,
    ONCE,
    TABLE,
)
from tokenwatch.tui.screens.history.panes import AtOncePane
from tokenwatch.tui.screens.history.rows import (
    ASCENDING,
    COLUMNS,
    SORT_WORDS,
    SORTS,
    HistoryLine,
    history_lines,
    paint_row,
    tabbed_line,
)
from tokenwatch.tui.screens.history.sessions import filter_of
from tokenwatch.tui.screens.history.words import SPLIT_WORDS, UNIT_WORDS, UNITS, plain
from tokenwatch.tui.screens.sessions.link import show_sessions
from tokenwatch.tui.widgets.chart import BarChart
from tokenwatch.tui.widgets.heatmap import HeatMap
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable

REFRESH_S, RESTS = 5.0, 20
"""While pictures come, the same window is read again at most so often, and only after so many times
as long as it took to read."""
SPACIOUS = 160
"""From so many columns on there is room for whole titles beside the rows."""


class HistoryScreen(FrameScreen):
    """A chart of a window of time, the rows of its split, what changed, and when work was done."""

    TAB = "history"
    CSS_PATH = "history.tcss"
    ACTIONS = ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE, MEANINGS = LINE, MEANINGS
    PANES = (CHART, TABLE, CHANGES, HEAT, ONCE)
    MAIN = CHART

    def __init__(self) -> None:
        super().__init__()
        self._window = Window()
        self._above: list[Window] = []
        """Windows that were drilled into, the widest first."""
        self._by = SPLITS[0]
        self._unit = UNITS[0]
        self._sort, self._reversed = SORTS[0], False
        self._answer: History | None = None
        self._begun_s = self._due_s = 0.0
        self._low = TABLE

    def compose_panes(self) -> Iterable[Widget]:
        yield BarChart(id=CHART, classes="pane")
        with Horizontal(id="history-middle"):
            yield RecordTable[HistoryLine](COLUMNS, self._paint, id=TABLE).add_class("pane")
            yield RecordTable[ChangeLine](
                CHANGE_COLUMNS, self._paint_change, id=CHANGES, header=False
            ).add_class("pane")
        with Horizontal(id="history-lower"):
            yield HeatMap(id=HEAT, classes="pane")
            yield AtOncePane(id=ONCE, classes="pane")

    def on_mount(self) -> None:
        self._lower(self._low)
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def ask(self) -> None:
        window, by = self._window, self._by
        answer, now_s = self._answer, monotonic()
        is_known = answer is not None and (answer.window, answer.by) == (window, by)
        if is_known and now_s < self._due_s:
            return
        self._begun_s = now_s
        app_of(self).ask(
            ("history", window, by), partial(history, window=window, by=by), self, self._take
        )

    def _take(self, answer: History) -> None:
        if (answer.window, answer.by) != (self._window, self._by):
            return
        now_s = monotonic()
        self._due_s = now_s + max(REFRESH_S, RESTS * (now_s - self._begun_s))
        if answer != self._answer:
            self._answer = answer
            self._fill()

    def forget(self) -> None:
        super().forget()
        self._answer = None

    def _turn_to(self, window: Window) -> None:
        """Look at another stretch of time; what is in view stays until the answer is there."""
        if window != self._window:
            self._window = window
            self.ask()
            self.restate()

    # Panes ----------------------------------------------------------------------------------

    @property
    def chart(self) -> BarChart:
        """The bars."""
        return self.query_one(f"#{CHART}", BarChart)

    @property
    def table(self) -> RecordTable[HistoryLine]:
        """The rows of the split."""
        return self.query_one(f"#{TABLE}", RecordTable)

    @property
    def changes(self) -> RecordTable[ChangeLine]:
        """What changed."""
        return self.query_one(f"#{CHANGES}", RecordTable)

    def _fill(self) -> None:
        if not self.is_ready:
            return
        answer = self._answer
        self.query_one(f"#{ONCE}", AtOncePane).show(answer)
        if answer is None:
            self._frame_unread()
            return
        app = app_of(self)
        self.chart.show(chart_of(answer, self._unit, app.zone, app.now()))
        self._frame_chart()
        self._fill_table(answer)
        self._fill_heat(answer)
        self.changes.show(change_lines(answer))
        days = answer.window.words(app.now(), app.zone)
        self.changes.frame("what changed", days, "before: as long, right before · enter opens")
        self.query_one(f"#{ONCE}", AtOncePane).frame("agents at once", days)

    def _frame_unread(self) -> None:
        self.chart.frame("history", "reading…")
        self.table.show((), hint="reading…")
        for pane_id, title in ((TABLE, "split"), (CHANGES, "what changed"), (HEAT, "by hour")):
            self.query_one(f"#{pane_id}").frame(title)  # type: ignore[attr-defined]

    def _frame_chart(self) -> None:
        answer, bar = self._answer, self.chart.selected
        if answer is None:
            return
        app = app_of(self)
        window = answer.window
        split, _ = SPLIT_WORDS[answer.by]
        title = f"{UNIT_WORDS[self._unit]} per {window.unit}, by {split}"
        words = [] if bar is None else bar_words(answer, bar, self._unit, app.zone)
        self.chart.frame(title, window.words(app.now(), app.zone), *words)

    def _fill_table(self, answer: History) -> None:
        lines = history_lines(answer, self._sort, self._reversed)
        self.table.show(lines, sorted_by=self._sort, hint="no request in this period")
        down = (self._sort not in ASCENDING) is not self._reversed
        word = SORT_WORDS.get(self._sort, self._sort)
        _, title = SPLIT_WORDS[answer.by]
        self.table.frame(
            title,
            f"{len(lines)} · by {word} {'↓' if down else '↑'}",
            "Δ cost against as long before · trend over the chart's bars",
            "Δ cost against before",
        )

    def _fill_heat(self, answer: History) -> None:
        heat = self.query_one(f"#{HEAT}", HeatMap)
        unit = "cost" if self._unit == "share" else self._unit
        heat.show(heat_values(answer, unit), partial(plain, unit=unit))
        app = app_of(self)
        heat.frame(f"{UNIT_WORDS[unit]} by hour", answer.window.words(app.now(), app.zone))

    def _paint(self, line: HistoryLine, column: str) -> Text:
        return paint_row(line, column, ink_of(self), self._unit)

    def _paint_change(self, line: ChangeLine, column: str) -> Text:
        return paint_change(line, column, ink_of(self))

    # Which panes ----------------------------------------------------------------------------

    @property
    def is_compact(self) -> bool:
        """Whether there is room for one pane under the chart only."""
        return self.has_class("-narrow") or self.has_class("-short")

    def _lower(self, pane_id: str) -> None:
        """Let that pane be the one under the chart where only one is."""
        self._low = pane_id
        for each in LOWER:
            self.set_class(each == pane_id, each.replace("history", "-low"))

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= SPACIOUS, "-spacious")
        focused = self._focused_pane()
        if focused in LOWER:
            self._lower(focused)
        self.call_after_refresh(self.on_descendant_focus)

    def action_next_pane(self, step: int) -> None:
        if self._zoomed or self._small or not self.is_compact:
            super().action_next_pane(step)
            return
        here = self.PANES.index(self._focused_pane())
        chosen = self.PANES[(here + step) % len(self.PANES)]
        if chosen in LOWER:
            self._lower(chosen)
        self.set_focus(self.pane(chosen))
        self.restate()

    # Lines above and below ------------------------------------------------------------------

    def below(self) -> str:
        if not self._above:
            return ""
        app = app_of(self)
        return self._window.words(app.now(), app.zone)

    def keys(self) -> tuple[Key, ...]:
        if self.is_filtering or not self.is_ready:
            return super().keys()
        line = DRILLED_LINE if self._above else COMPACT_LINE if self.is_compact else LINE
        here = CHOOSES.get(self._focused_pane())
        return tuple(here if here and key.action == "choose" else key for key in line)

    # Keys -----------------------------------------------------------------------------------

    def action_shift(self, step: int) -> None:
        """Look at the stretch before or after."""
        app = app_of(self)
        self._turn_to(self._window.shifted(step, app.now(), app.zone))

    def action_stretch(self, step: int) -> None:
        """Look at shorter or longer units."""
        self._above.clear()
        self._turn_to(self._window.stretched(step))

    def action_period(self) -> None:
        """Look at more or fewer of the same units."""
        self._turn_to(self._window.next_length())

    def action_pan(self, bars: int) -> None:
        """Select the next bar."""
        self.chart.step(bars)

    def action_group(self) -> None:
        """Split by the next thing."""
        self._by = SPLITS[(SPLITS.index(self._by) + 1) % len(SPLITS)]
        self.ask()

    def action_units(self) -> None:
        """Show cost, tokens, share of cost, or agents' work."""
        self._unit = UNITS[(UNITS.index(self._unit) + 1) % len(UNITS)]
        self._fill()

    def action_sort(self) -> None:
        """Sort the rows by the next column."""
        self._sort_by(SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self._fill()

    def _sort_by(self, column: str) -> None:
        self._sort, self._reversed = column, False
        self._fill()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        column = {"share": "cost", "trend": "cost"}.get(message.column, message.column)
        if column == self._sort:
            self.action_reverse()
        elif column in SORTS:
            self._sort_by(column)

    def action_back(self) -> None:
        """Undo one thing: the zoom, or the last drilling in."""
        if not self.unzoom() and self._above:
            self._turn_to(self._above.pop())

    def on_bar_moved(self, message: BarMoved) -> None:
        self._frame_chart()

    def on_bar_chosen(self, message: BarChosen) -> None:
        """Look into a bar."""
        answer, app = self._answer, app_of(self)
        if answer is None or message.bar >= len(answer.units):
            return
        window = answer.window.within(message.bar, app.now(), app.zone)
        if window is not None:
            self._drill(window)

    def _drill(self, window: Window) -> None:
        self._above.append(self._window)
        self._turn_to(window)

    def on_row_chosen(self, message: RowChosen) -> None:
        record = message.table.selected
        if isinstance(record, HistoryLine):
            self._show_sessions(record)
        elif isinstance(record, ChangeLine):
            self._open(record)

    def _open(self, line: ChangeLine) -> None:
        if line.session_id:
            app_of(self).open_session(line.session_id)
        elif line.day:
            self._drill(Window.of_day(line.day, app_of(self).now(), app_of(self).zone))
        elif line.row is not None:
            self.table.select(f"row {line.row}")

    def _show_sessions(self, line: HistoryLine) -> None:
        """Go to the sessions of a row; say so where that can't be."""
        answer, app = self._answer, app_of(self)
        if answer is None:
            return
        if app.privacy and answer.by == "project":
            app.notify("projects are hidden: P shows them", markup=False, timeout=3)
            return
        text = filter_of(answer, line, app.now(), app.zone)
        if text is None:
            app.notify(f"no filter finds {line.name}", markup=False, timeout=3)
        else:
            show_sessions(app, text)

    def exported(self) -> RecordTable[Any] | None:
        return super().exported() or (self.table if self.table.records else None)

    def action_copy(self) -> None:
        """Copy the selected row, the session's id where a line is about one, or the bar."""
        app, answer = app_of(self), self._answer
        pane = self._focused_pane()
        line, changed, bar = self.table.selected, self.changes.selected, self.chart.selected
        if answer is None:
            return
        if pane == TABLE and line:
            app.copy(tabbed_line(line), "row")
        elif pane == CHANGES and changed:
            if changed.session_id:
                app.copy(changed.session_id, "id")
            else:
                app.copy("\t".join((changed.label, changed.figure, changed.note)), "row")
        elif bar is not None:
            app.copy(bar_words(answer, bar, self._unit, app.zone)[0], "bar")

    def action_explain(self) -> None:
        """Explain the figure of the pane in focus."""
        app, answer = app_of(self), self._answer
        if answer is not None:
            pane, bar, line = self._focused_pane(), self.chart.selected, self.table.selected
            app.explain(explanation(answer, pane, bar, line, app.zone, app.now()))
