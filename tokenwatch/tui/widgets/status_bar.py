"""The top line: name, screen, what narrows the picture, and whether it is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.tui.widgets.pane import Pane, ink_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the top line says."""

    screen: str = "Live"
    notes: tuple[str, ...] = ()
    """What narrows or changes the picture: filter, source, privacy, follow."""
    mode: str = "starting"
    """starting, live, paused, demo."""


class StatusBar(Pane):
    """One line; the clock's tick repaints it and nothing else."""

    _status = Status()
    _now_ms = 0
    _zone: tzinfo | None = None

    def show(self, status: Status) -> None:
        """Replace what is said."""
        self._status = status
        self.redraw()

    def tick(self, now_ms: int, zone: tzinfo) -> None:
        """Set the clock."""
        self._now_ms, self._zone = now_ms, zone
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        status = self._status
        left = Text.assemble((" tokenwatch ", ink.accent + ink.strong), (" ", ink.text))
        left.append(fmt.clean(status.screen), ink.strong)
        right = self._draw_right(width)
        for note in status.notes:
            cell = Text.assemble(("  ", ink.text), ("▌", ink.watch), (fmt.clean(note), ink.text))
            if left.cell_len + cell.cell_len + right.cell_len + 1 > width:
                break
            left.append(cell)
        room = width - left.cell_len - right.cell_len
        if room < 0:
            left.truncate(max(0, width - right.cell_len - 1), overflow="ellipsis")
            room = max(0, width - left.cell_len - right.cell_len)
        return Text.assemble(left, " " * room, right)

    def _draw_right(self, width: int) -> Text:
        ink = ink_of(self)
        glyph, style = {
            "live": ("●", ink.good),
            "demo": ("●", ink.good),
            "paused": ("■", ink.watch),
        }.get(self._status.mode, ("◐", ink.quiet))
        right = Text.assemble((f"{glyph} ", style), (self._status.mode, ink.text))
        if self._zone and width >= 40:
            clock = fmt.time_of_day(self._now_ms, self._zone)
            right.append(f" · {clock if width >= 100 else clock[:5]} ", ink.quiet)
        return right
