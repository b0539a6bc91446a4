"""The boxes of the Quota screen: use against time, and what nobody tells."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.quota import PlanUse, PlanWindow, plan_words
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.screens.quota.rows import is_stale, moment_of, percent
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of
from tokenwatch.tui.widgets.sparkgraph import BLOCKS

LABEL = 6
"""Columns of the percents beside the graph."""
LEAST_GRAPH = 3
MINUTE_MS = 60_000

Cell = tuple[str, Style]


class BurnUpPane(Pane, can_focus=True):
    """How much of a window is used, against its time: readings as steps, an even pace as dots."""

    _window: PlanWindow | None = None

    def show(self, window: PlanWindow | None) -> None:
        """Draw another window, or newer readings of it."""
        self._window = window
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        window = self._window
        if window is None:
            return Text("no window", ink_of(self).quiet)
        app = app_of(self)
        now_ms = app.now()
        # The last words are the first to make room for the graph.
        words = self._words(window, now_ms)[: max(1, height - 2 - LEAST_GRAPH)]
        room = height - len(words) - 2
        if room < LEAST_GRAPH or width < LABEL + 12:
            return Text("\n").join(words)
        graph = _Graph(window, now_ms, ink_of(self), width - LABEL, room)
        return Text("\n").join([*graph.lines(), *self._axis(window, now_ms, width), *words])

    def _axis(self, window: PlanWindow, now_ms: int, width: int) -> list[Text]:
        ink, zone = ink_of(self), app_of(self).zone
        columns = width - LABEL
        start, end = _span(window)
        here = _column(now_ms, start, end, columns) if start <= now_ms < end else None
        line = ["─"] * columns
        if here is not None:
            line[here] = "┴"
        first, last = moment_of(start, zone, now_ms), moment_of(end, zone, now_ms)
        labels = Text(" " * LABEL + first, ink.quiet)
        labels.append(" " * max(1, columns - len(first) - len(last)) + last, ink.quiet)
        if here is not None and len(first) < here - 1 and here + 3 < columns - len(last):
            at = LABEL + here - 1
            labels = Text.assemble(labels[:at], ("now", ink.text), labels[at + 3 :])
        axis = Text.assemble((f"{'0%':>4} ", ink.quiet), ("┼" + "".join(line), ink.line))
        return [axis, labels]

    def _words(self, window: PlanWindow, now_ms: int) -> list[Text]:
        ink = ink_of(self)
        lines = [self._standing(window, now_ms)]
        if window.spend is not None:
            spend = window.spend
            cost = fmt.with_sign(fmt.spend_dollars(spend))
            line = Text.assemble(
                ("in this window  ", ink.quiet),
                (cost if spend.requests else "$0.00", ink.text),
                (" at list price · ", ink.quiet),
                (f"{fmt.tokens(spend.usage.total)} tokens", ink.text),
                (f" · {fmt.count(spend.requests)} requests", ink.quiet),
            )
            lines.append(line)
        if projected := self._projection(window, now_ms):
            lines.append(projected)
        return lines

    def _standing(self, window: PlanWindow, now_ms: int) -> Text:
        ink = ink_of(self)
        if is_stale(window, now_ms):
            return Text.assemble(
                ("stale  ", ink.watch),
                (f"it was {percent(window.used_percent)} at its last reading; ", ink.text),
                ("nothing was told since its reset", ink.text),
            )
        elapsed = window.elapsed(now_ms)
        over = Text()
        if elapsed is not None:
            over = Text.assemble((" · time over ", ink.quiet), (fmt.share(elapsed), ink.text))
        used = (percent(window.used_percent), ink.strong)
        return Text.assemble(("used ", ink.quiet), used, over)

    def _projection(self, window: PlanWindow, now_ms: int) -> Text | None:
        line = window.projection
        if line is None or is_stale(window, now_ms):
            return None
        ink, zone = ink_of(self), app_of(self).zone
        basis = f"{line.readings} readings since {moment_of(line.since_ms, zone, now_ms)}"
        if line.full_ms is None:
            end = (f"{percent(min(line.at_reset, 100))} at its reset", ink.text)
        else:
            end = (f"▲ full at {moment_of(line.full_ms, zone, now_ms)}", ink.watch)
        return Text.assemble(("/ if it goes on  ", ink.quiet), end, (f" · from {basis}", ink.quiet))


def _span(window: PlanWindow) -> tuple[int, int]:
    """Return when the window opened and closes; where no reset was told, the length before its
    last reading."""
    end = window.observed_ms if window.resets_ms is None else window.resets_ms
    return end - window.minutes * MINUTE_MS, end


def _column(at_ms: int, start: int, end: int, columns: int) -> int:
    return min(columns - 1, max(0, (at_ms - start) * columns // (end - start)))


class _Graph:
    """The plot without its axis, cell by cell."""

    def __init__(
        self, window: PlanWindow, now_ms: int, ink: Ink, columns: int, height: int
    ) -> None:
        self._window, self._now_ms, self._ink = window, now_ms, ink
        self._columns, self._height = columns, height
        self._start, self._end = _span(window)
        self._cells: list[list[Cell]] = [[(" ", ink.text)] * columns for _ in range(height)]

    def lines(self) -> list[Text]:
        """Return the lines, top first, each behind its percent."""
        self._draw_pace()
        self._draw_projection()
        self._draw_readings()
        lines = []
        for row, cells in enumerate(self._cells):
            label = {0: "100%", self._height // 2: "50%"}.get(row, "")
            if row == self._height // 2 and self._height < 5:
                label = ""
            line = Text(f"{label:>4} ", self._ink.quiet)
            line.append("┤" if label else "│", self._ink.line)
            for style, run in groupby(cells, itemgetter(1)):
                line.append("".join(glyph for glyph, _ in run), style)
            lines.append(line)
        return lines

    def _put(self, column: int, used: float, glyph: str, style: Style) -> None:
        """Write a glyph at a height in percent, if that is in the plot."""
        row = self._height - 1 - int(min(used, 99.99) * self._height / 100)
        if 0 <= column < self._columns and 0 <= row < self._height:
            self._cells[row][column] = (glyph, style)

    def _draw_pace(self) -> None:
        for column in range(0, self._columns, 2):
            self._put(column, (column + 0.5) * 100 / self._columns, "·", self._ink.quiet)

    def _draw_projection(self) -> None:
        line = self._window.projection
        if line is None or is_stale(self._window, self._now_ms):
            return
        used = self._window.used_percent
        first = _column(line.until_ms, self._start, self._end, self._columns)
        each_ms = (self._end - self._start) / self._columns
        for column in range(first + 1, self._columns):
            hours = (self._start + (column + 0.5) * each_ms - line.until_ms) / (60 * MINUTE_MS)
            height = used + hours * line.per_hour
            if height > 100:
                self._put(column, 100, "▲", self._ink.watch)
                return
            self._put(column, height, "/", self._ink.accent)

    def _draw_readings(self) -> None:
        """Draw steps: what was read holds until the next reading; before the first, nothing."""
        readings = self._window.readings
        if not readings:
            return
        known = _column(readings[-1][0], self._start, self._end, self._columns)
        until = min(self._now_ms, self._end - 1)
        last = _column(until, self._start, self._end, self._columns)
        at, level = 0, None
        for column in range(last + 1):
            end = self._start + (column + 1) * (self._end - self._start) // self._columns
            while at < len(readings) and readings[at][0] < end:
                level, at = readings[at][1], at + 1
            if level is not None:
                ink = self._ink.bar if column <= known else self._ink.line
                self._draw_bar(column, level, ink)

    def _draw_bar(self, column: int, used: float, style: Style) -> None:
        eighths = round(min(used, 100.0) * self._height * 8 / 100) or int(used > 0)
        for row in range(self._height):
            level = eighths - (self._height - 1 - row) * 8
            if level > 0:
                self._cells[row][column] = (BLOCKS[min(8, level) - 1], style)


_INSTALL = "tokenwatch statusline install"
_ABSENT = (
    ("", "Claude Code", " tells its windows to its status line alone, not to its logs."),
    ("To have them here: ", _INSTALL, " shows what it changes first."),
)
_RECORDED = (
    ("", "Claude Code", "'s status line is installed, but was told no window so far."),
    ("They are told ", "on a plan alone", ", not before a session's first answer."),
)
_SMALL_ABSENT = (("Claude Code: only its status line tells:", "", ""), ("", _INSTALL, ""))
_SMALL_RECORDED = (("Claude Code told its status line none:", "", ""), ("", "is it on a plan?", ""))


class UntoldPane(Pane, can_focus=True):
    """Whose windows are not known, and what it will take."""

    _is_recorded = False

    def show(self, *, is_recorded: bool) -> None:
        """Say what is missing. is_recorded: the status line is installed, but told no window."""
        self._is_recorded = is_recorded
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        return Text("\n").join(
            Text.assemble((before, ink.quiet), (what, ink.text), (after, ink.quiet))
            for before, what, after in self._words(width)
        )

    def _words(self, width: int) -> tuple[tuple[str, str, str], ...]:
        words = _RECORDED if self._is_recorded else _ABSENT
        if width >= max(cell_len("".join(line)) for line in words):
            return words
        return _SMALL_RECORDED if self._is_recorded else _SMALL_ABSENT


class PlansPane(Pane, can_focus=True):
    """What the month's use of each plan would have cost at list price, beside its fee."""

    _uses: tuple[PlanUse, ...] = ()

    def show(self, uses: tuple[PlanUse, ...]) -> None:
        """Draw these plans."""
        self._uses = uses
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        lines = []
        for use in self._uses[:height]:
            spent, fee = plan_words(use)
            line = Text.assemble(
                (f"{fmt.source_name(use.plan.source)}  ", ink.text),
                ("this month at list price ", ink.quiet),
                (spent, ink.strong),
                (" · the plan's fee ", ink.quiet),
                (fee, ink.text),
            )
            if line.cell_len > width:
                line = Text.assemble(
                    (f"{fmt.source_name(use.plan.source)}  ", ink.text),
                    (spent, ink.strong),
                    (" · fee ", ink.quiet),
                    (fee, ink.text),
                )
            lines.append(line)
        return Text("\n").join(lines)
