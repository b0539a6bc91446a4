"""A table with a lane of time in each row, under a common axis. Only lines in view are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.text import Text

from tokenwatch.tui.screens.agents.axis import Axis
from tokenwatch.tui.screens.agents.lanes import LaneLine, paint_name
from tokenwatch.tui.widgets.pane import ink_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, Column, RecordTable, fit, fitting

LANE: Final = "lane"
_MIDDLE: Final = (
    Column(key=LANE, title="", width=0, least=16),
    Column(key="work", title="at work", width=8, right=True, drop=1),
    Column(key="cost", title="cost $", width=8, right=True),
)
_WIDE: Final = (
    Column(key="waited", title="waited", width=8, right=True, drop=3),
    Column(key="model", title=" model", width=15, drop=4),
)
MEASURED: Final = 200
"""Names of so many rows say how much room names need."""
_NAMES: Final = ((160, 46), (100, 34), (76, 25), (56, 20), (0, 12))
"""Least width of the table → width of the names."""


def columns_for(width: int, more: int = 0) -> tuple[Column, ...]:
    """Return the columns of a table of that width, the names' with so many cells more."""
    name = more + next(size for least, size in _NAMES if width >= least)
    columns = (Column(key="agent", title="agent", width=name), *_MIDDLE)
    return (*columns[:3], *_WIDE, columns[3]) if width >= 150 else columns


def place(width: int, more: int = 0) -> tuple[int, int]:
    """Return where the lanes begin in a row of that width, and how many columns they have."""
    at = 0
    for column, size in fitting(columns_for(width, more), width - MARK_WIDTH):
        if column.key == LANE:
            return MARK_WIDTH + at, size
        at += size + 1
    raise LookupError(LANE)


class LanesTable(RecordTable[LaneLine]):
    """Rows of lanes. `axis` says what is in view; `now_ms` is marked where it is."""

    axis: Axis | None = None
    now_ms: int | None = None
    more = 0
    """Cells that the names have beyond those of `columns_for`."""

    def __init__(self, paint: Callable[[LaneLine, str], Text], *, id: str) -> None:
        super().__init__(columns_for(100), paint, id=id)

    @property
    def lane_columns(self) -> int:
        """How many columns a lane has at the present width."""
        width = self.content_size.width
        return place(width, self.more)[1] if width > 0 else 0

    def widen(self, spare: int) -> None:
        """Give the names so many cells of the lanes, or as many as the longest needs."""
        width = self.content_size.width
        name = columns_for(width)[0].width
        longest = max((paint_name(r, ink_of(self)).cell_len for r in self._near()), default=0)
        self.more = max(0, min(spare, longest - name)) if spare else 0
        self.columns = columns_for(width, self.more)

    def _near(self) -> Sequence[LaneLine]:
        """Return the records whose names are measured: there may be thousands."""
        return self.records[:MEASURED]

    def on_resize(self) -> None:
        self.columns = columns_for(self.content_size.width, self.more)
        super().on_resize()

    def _draw_header(self, width: int) -> Text:
        head = super()._draw_header(width)
        if self.axis is None:
            return head
        at, size = place(width, self.more)
        ticks = draw_ticks(self.axis, self.now_ms, size)
        return Text.assemble(
            head[:at], fit(Text(ticks, ink_of(self).quiet), size, False), head[at + size :]
        )


def draw_ticks(axis: Axis, now_ms: int | None, width: int) -> str:
    """Return the axis as a line of times; `now` ends in the column that holds it."""
    cells = [" "] * width
    now_at = None if now_ms is None else axis.column(now_ms)
    has_now = now_at is not None and 2 <= now_at < width
    for at, label in axis.ticks():
        end = at + 1 + len(label)
        meets_now = has_now and now_at is not None and at <= now_at and end >= now_at - 2
        if end <= width and not meets_now:
            cells[at:end] = f"╷{label}"
    if has_now and now_at is not None:
        cells[now_at - 2 : now_at + 1] = "now"
    return "".join(cells)
