"""Hours by weekday as shades."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.text import Text

from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of

SHADES: Final = "·░▒▓█"
ASCII_SHADES: Final = ".:=%#"
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = 24
WIDEST_CELL: Final = 4
_LABEL: Final = 4


def level(value: int, highest: int) -> int:
    """Return a shade's number: 0 is nothing; others grow with the square root of the value.

    So one cell far above all others leaves differences between these.
    """
    if value <= 0 or highest <= 0:
        return 0
    return next(step for step in (1, 2, 3, 4) if value * 16 <= highest * step * step or step == 4)


class HeatMap(Pane, can_focus=True):
    """Seven lines of twenty-four hours, with the sum of each line where there is room."""

    _values: Sequence[int] = (0,) * (7 * HOURS)
    _figure: Callable[[int], str] = staticmethod(str)

    def show(self, values: Sequence[int], figure: Callable[[int], str]) -> None:
        """Take newer values, by weekday × 24 + hour; `figure` names one of them."""
        self._values, self._figure = values, figure
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        sums = [sum(self._values[day * HOURS : (day + 1) * HOURS]) for day in range(7)]
        figures = [self._figure(value) if value else "" for value in sums]
        widest = max(map(len, figures)) + 2
        room = width - _LABEL
        hours = next((n for n in (1, 2, 3, 4, 6, 8, 12) if HOURS // n <= room), HOURS)
        has_sums = HOURS // hours + widest <= room
        size = (room - widest * has_sums) // (HOURS // hours)
        size = min(WIDEST_CELL, max(1, size))
        values = self._by(hours)
        highest = max(max(line) for line in values)
        lines = [self._head(hours, size, ink)] if height > 7 else []
        for day, line in enumerate(values):
            text = Text(f"{DAYS[day]:<{_LABEL}}", ink.quiet)
            for value in line:
                self._cell(text, level(value, highest), size, ink)
            if has_sums:
                text.append(figures[day].rjust(widest), ink.text)
            lines.append(text)
        if height > 8:
            lines.append(self._legend(highest, hours, width, ink))
        return Text("\n").join(lines)

    def _by(self, hours: int) -> list[list[int]]:
        """Return for each day the sums of so many hours each."""
        return [
            [sum(self._values[at : at + hours]) for at in range(first, first + HOURS, hours)]
            for first in range(0, 7 * HOURS, HOURS)
        ]

    def _cell(self, line: Text, shade: int, size: int, ink: Ink) -> None:
        glyphs = ASCII_SHADES if app_of(self).is_ascii else SHADES
        glyph = glyphs[shade]
        if shade:
            line.append(glyph * size, ink.bar)
        else:
            line.append(glyph.ljust(size), ink.line)

    def _head(self, hours: int, size: int, ink: Ink) -> Text:
        """Return hours over their columns, as many as fit."""
        line = " " * _LABEL
        for hour in range(0, HOURS, hours):
            place = _LABEL + hour // hours * size
            if place >= len(line) and hour % 3 == 0:
                line = f"{line:<{place}}{hour:02} "
        return Text(line.rstrip(), ink.quiet)

    def _legend(self, highest: int, hours: int, width: int, ink: Ink) -> Text:
        glyphs = ASCII_SHADES if app_of(self).is_ascii else SHADES
        if not highest:
            return Text("nothing in this period", ink.quiet)
        per = "hour of the week" if hours == 1 else f"{hours} hours of the week"
        line = Text(" " * _LABEL)
        for shade in (1, 2, 3, 4):
            bound = self._figure(highest * shade * shade // 16)
            line.append(glyphs[shade], ink.bar).append(f" to {bound}  ", ink.quiet)
        whole = Text.assemble(line, (f"per {per}", ink.quiet))
        return whole if whole.cell_len <= width else line
