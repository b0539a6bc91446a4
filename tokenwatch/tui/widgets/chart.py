"""Stacked bars over a time axis. Fills tell the series apart, colour only helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType

from tokenwatch.tui.bindings import bindings_for
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.messages import BarChosen, BarMoved
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of
from tokenwatch.tui.widgets.sparkgraph import BLOCKS

FILLS: Final = "█▓░▒"
ASCII_FILLS: Final = "#=:."
SERIES: Final = len(FILLS)
"""As many series as can be told apart; what is beyond goes into the last."""
WIDEST_BAR: Final = 7
FINEST: Final = 10
"""As many round steps the y axis has, at most; as many as there is room for are named."""
LEAST_TICK_ROWS: Final = 2
"""Lines from one tick of the y axis to the next, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The part of every bar that belongs to one name."""

    name: str
    figure: str
    """Its sum, in words of the legend."""
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What there is to draw."""

    series: tuple[Series, ...] = ()
    """The lowest part of the bars first; at most SERIES."""
    labels: tuple[tuple[str, ...], ...] = ()
    """Rows of words under the bars, of which the first is taken that fits; "" leaves one out."""
    marks: tuple[str, ...] = ()
    """Over each bar: `?`, `≥` or nothing."""
    tick: Callable[[int], str] = str
    """Names a value of the y axis."""
    unit: int = 1
    """Values are named in multiples of it: steps are 1, 2, 5, 10, … or halves, fifths of it."""
    top: int | None = None
    """The y axis ends there; None: at the next round value."""
    summary: str = ""
    """Right of the legend."""
    start: int | None = None
    """Place of the bar to begin with; None: the last."""
    hint: str = ""
    """What stands there when all values are nothing."""

    @property
    def bars(self) -> int:
        """How many there are."""
        return max((len(series.values) for series in self.series), default=len(self.marks))


def steps(highest: int, unit: int, most: int) -> tuple[int, int]:
    """Return the size and number of round steps that reach `highest` with at most `most` of them.

    Sizes are 1, 2 or 5 times a power of ten of `unit`; whole numbers.
    """
    if highest <= 0:
        return unit, 1
    # In whole numbers down to a ten-thousandth of the unit, or to 1.
    power = max(1, unit // 10_000)
    while True:
        for factor in (1, 2, 5):
            count = -(-highest // (power * factor))
            if count <= max(1, most):
                return power * factor, count
        power *= 10


class BarChart(Pane, can_focus=True):
    """A chart with one bar selected."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(("choose",))]

    _chart = Chart()
    _selected: int | None = None

    def show(self, chart: Chart) -> None:
        """Take newer values. The selection stays where it is unless there are other bars."""
        if self._selected is None or chart.labels != self._chart.labels:
            self._selected = chart.start if chart.start is not None else chart.bars - 1
        if self._selected not in range(chart.bars):
            self._selected = chart.bars - 1 if chart.bars else None
        self._chart = chart
        self.redraw()

    @property
    def selected(self) -> int | None:
        """Place of the selected bar."""
        return self._selected

    def select(self, bar: int) -> None:
        """Select the bar at that place, or the nearest one."""
        if self._chart.bars:
            place = min(max(0, bar), self._chart.bars - 1)
            if place != self._selected:
                self._selected = place
                self.redraw()
                self.post_message(BarMoved(place))

    def step(self, bars: int) -> None:
        """Select a bar so many to the right, or (negative) to the left."""
        self.select((self._selected or 0) + bars)

    def action_choose(self) -> None:
        """Open the selected bar."""
        if self._selected is not None:
            self.post_message(BarChosen(self._selected))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self._chart.bars:
            return
        size = self.content_size
        plot = _Plot(self._chart, size.width, size.height, self._selected, app_of(self).is_ascii)
        bar = plot.bar_at(offset.x)
        if bar is not None:
            again = bar == self._selected
            self.select(bar)
            if again and event.chain > 1:
                self.action_choose()

    def draw(self, width: int, height: int) -> Text:
        if width < 1 or height < 1:
            return Text()
        ink = ink_of(self)
        if not self._chart.bars:
            return Text(self._chart.hint, ink.quiet)
        plot = _Plot(self._chart, width, height, self._selected, app_of(self).is_ascii)
        return Text("\n").join(plot.lines(ink))


class _Plot:
    """Where everything goes in an area of that size."""

    def __init__(
        self, chart: Chart, width: int, height: int, selected: int | None, is_ascii: bool
    ) -> None:
        self.chart, self.width, self.selected = chart, width, selected
        self._fills = ASCII_FILLS if is_ascii else FILLS
        self._is_ascii = is_ascii
        self.has_legend = height >= 6 and bool(chart.series)
        self.has_labels = height >= 4
        self.rows = max(1, height - 1 - self.has_labels - self.has_legend)
        self.totals = [
            sum(series.values[bar] for series in chart.series) for bar in range(chart.bars)
        ]
        self._scale()
        self._spread()

    def _scale(self) -> None:
        chart = self.chart
        highest = max(self.totals, default=0)
        # The axis ends at a finer step than those that are named, so bars use the height.
        size, count = steps(chart.top or highest, chart.unit, FINEST)
        self.top = chart.top or size * count
        # A mark over a bar that reaches the top needs a line of its own.
        self.headroom = int(self.rows > 2 and self._marks_at_top())
        rows = self.rows - self.headroom
        grain = max(1, chart.unit // 10_000)
        named = [n for n in (1, 2, 4, 5, 10) if str(size * n // grain)[0] in "125"]
        each = next((n for n in named if count // n <= rows // LEAST_TICK_ROWS), named[-1])
        self.ticks = {
            round(tick * rows / self.top): chart.tick(tick)
            for tick in range(0, self.top + 1, size * each)
            if highest or chart.top or not tick
        }
        widest = max(cell_len(label) for label in self.ticks.values())
        self.axis = widest + 2 if widest + 2 + chart.bars // 2 < self.width else 0

    def _marks_at_top(self) -> bool:
        marked = zip(self.chart.marks, self.totals, strict=False)
        return any(
            mark and -(-total * self.rows // self.top) >= self.rows for mark, total in marked
        )

    def _spread(self) -> None:
        """Give each bar its columns; where there is no room for all, those around the selected."""
        room, bars = max(1, self.width - self.axis - 1), self.chart.bars
        self.pitch = max(1, room // bars)
        shown = min(bars, room)
        chosen = bars - 1 if self.selected is None else self.selected
        first = min(chosen, bars - shown)
        self.shown = range(first, first + shown)
        gap = 0 if self.pitch == 1 else 1 if self.pitch < 5 else 2
        self.thick = min(WIDEST_BAR, self.pitch - gap)

    def bar_at(self, x: int) -> int | None:
        """Return the bar in that column."""
        place = (x - self.axis) // self.pitch
        return self.shown[place] if x >= self.axis and place < len(self.shown) else None

    def lines(self, ink: Ink) -> list[Text]:
        """Return all lines, the highest first."""
        columns = [self._column(bar, ink) for bar in self.shown]
        lines = []
        for row in range(self.rows, 0, -1):
            line = self._tick(row, ink)
            for column in columns:
                line.append_text(column[row - 1])
            lines.append(line)
        if not any(self.totals) and self.chart.hint:
            middle = len(lines) // 2
            lines[middle] = Text.assemble(
                self._tick(self.rows - middle, ink), (f" {self.chart.hint}", ink.quiet)
            )
        lines.append(self._base(ink))
        if self.has_labels:
            lines.append(self._labels(ink))
        if self.has_legend:
            lines.append(self._legend(ink))
        return lines

    def _tick(self, row: int, ink: Ink) -> Text:
        if not self.axis:
            return Text()
        label = self.ticks.get(row)
        if label is None:
            return Text.assemble(" " * (self.axis - 1), ("│", ink.line))
        return Text.assemble((label.rjust(self.axis - 2) + " ", ink.quiet), ("┤", ink.line))

    def _column(self, bar: int, ink: Ink) -> list[Text]:
        """Return a bar's cells from the lowest line up, each as wide as the pitch."""
        blank = " " * (self.pitch - self.thick)
        cells = [Text(" " * self.pitch) for _ in range(self.rows)]
        styles = styles_of(ink)
        parts = self._parts(bar)
        for row, (series, glyph) in enumerate(parts):
            cells[row] = Text.assemble((glyph * self.thick, styles[series]), blank)
        mark = self.chart.marks[bar] if bar < len(self.chart.marks) else ""
        if mark and len(parts) < self.rows:
            cells[len(parts)] = Text.assemble(
                (mark.center(self.thick)[: self.thick], ink.watch), blank
            )
        return cells

    def _parts(self, bar: int) -> list[tuple[int, str]]:
        """Return series and glyph of each line that a bar reaches; more than nothing has one."""
        total, rows = self.totals[bar], self.rows - self.headroom
        if total <= 0:
            return []
        values = [series.values[bar] for series in self.chart.series]
        highest = max(place for place, value in enumerate(values) if value)
        eighths = min(rows * 8, max(1, round(total * rows * 8 / self.top)))
        whole, rest = divmod(eighths, 8)
        is_smooth = highest == 0 and not self._is_ascii
        if not is_smooth:
            whole, rest = max(1, min(rows, round(total * rows / self.top))), 0
        parts: list[tuple[int, str]] = []
        reached = 0
        for place, value in enumerate(values):
            reached += value
            until = round(reached * whole / total)
            parts += [(place, self._fills[place])] * (until - len(parts))
        return [*parts, (0, BLOCKS[rest - 1])] if rest else parts

    def _base(self, ink: Ink) -> Text:
        base = Text()
        if self.axis:
            zero = self.chart.tick(0).rjust(self.axis - 2)[: self.axis - 2]
            base = Text.assemble((f"{zero} ", ink.quiet), ("┼", ink.line))
        for bar in self.shown:
            if bar == self.selected:
                base.append("━" * self.thick, ink.accent + Style(bold=True))
                base.append("─" * (self.pitch - self.thick), ink.line)
            else:
                base.append("─" * self.pitch, ink.line)
        return base

    def _labels(self, ink: Ink) -> Text:
        """Return the words under the bars: the first row of them that fits."""
        room = self.width - self.axis
        for labels in self.chart.labels:
            placed = self._placed(labels, room)
            if placed is not None:
                break
        else:
            return Text()
        line, end = Text(" " * self.axis), 0
        for start, label, bar in placed:
            style = ink.accent + Style(bold=True) if bar == self.selected else ink.quiet
            line.append(" " * (start - end)).append(label, style)
            end = start + cell_len(label)
        return line

    def _placed(self, labels: Sequence[str], room: int) -> list[tuple[int, str, int]] | None:
        placed: list[tuple[int, str, int]] = []
        end = -1
        for place, bar in enumerate(self.shown):
            label = labels[bar]
            if not label:
                continue
            size = cell_len(label)
            start = place * self.pitch + max(0, (self.thick - size) // 2)
            if bar == self.shown[-1]:
                start = min(start, room - size)
            if start <= end or start < 0:
                return None
            if start + size > room:
                # Its bar is there, its name is not: as with those that have none.
                continue
            placed.append((start, label, bar))
            end = start + size
        return placed

    def _legend(self, ink: Ink) -> Text:
        """Return glyph, name and sum of each series, as much of it as fits."""
        styles = styles_of(ink)
        summary = Text(self.chart.summary, ink.quiet)
        for with_figures in (True, False):
            line = Text(" " * min(2, self.axis))
            for place, series in enumerate(self.chart.series):
                line.append(self._fills[place], styles[place]).append(f" {series.name}", ink.text)
                if with_figures:
                    line.append(f" {series.figure}", ink.quiet)
                line.append("   ")
            line.rstrip()
            if line.cell_len + 2 + summary.cell_len <= self.width:
                gap = " " * (self.width - line.cell_len - summary.cell_len)
                return Text.assemble(line, gap, summary)
            if line.cell_len <= self.width:
                return line
        return line


def styles_of(ink: Ink) -> tuple[Style, ...]:
    """Return the inks of the series, in their order."""
    return ink.bar, ink.watch, ink.good, ink.quiet
