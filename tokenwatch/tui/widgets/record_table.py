"""A table that draws only the lines in view, however many records it has.

Records have a `key`; the selection belongs to the key, so it follows its record through refreshes
and sorts. Columns have fixed widths, one takes what is left, and the least important go first
where the screen is narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokenwatch.tui.bindings import TABLE, bindings_for
from tokenwatch.tui.messages import HeaderChosen, RowChosen, RowMoved
from tokenwatch.tui.widgets.pane import Framed, ink_of

if TYPE_CHECKING:
    from tokenwatch.export.sheets import Cell

MARK_WIDTH = 1


class Record(Protocol):
    """Anything that can be a row.

    One with a method `exact(column) -> str | int | None` says what an export writes for a
    column's key instead of the text on screen; None leaves it at the text. One with `more`, a
    mapping with the same keys in all rows of a table, has more to be exported than columns.
    """

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `width` 0 makes it the one that takes what is left."""

    key: str
    title: str
    width: int
    right: bool = False
    drop: int = 0
    """The highest goes first when room is short; 0 stays."""
    least: int = 12
    """Least width of the column that takes what is left."""


def fitting(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit, each with its width, in order; one cell lies between two."""
    shown = list(columns)
    while True:
        fixed = sum(c.width for c in shown) + len(shown) - 1
        least = sum(c.least for c in shown if not c.width)
        droppable = [c for c in shown if c.drop]
        if fixed + least <= width or not droppable:
            break
        shown.remove(max(droppable, key=lambda c: c.drop))
    rest = max(1, width - fixed)
    return [(c, c.width or rest) for c in shown]


def fit(text: Text, width: int, right: bool) -> Text:
    """Return `text` as exactly `width` cells, cut with an ellipsis or filled with blanks."""
    cell = text.copy()
    cell.no_wrap = True
    cell.truncate(width, overflow="ellipsis")
    missing = width - cell.cell_len
    if right:
        cell.pad_left(missing)
    else:
        cell.pad_right(missing)
    return cell


class RecordTable(Framed, ScrollView, Generic[R], can_focus=True):
    """Rows of records. `paint` turns a record and a column's key into one line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(TABLE)]

    def __init__(
        self,
        columns: Sequence[Column],
        paint: Callable[[R, str], Text],
        *,
        id: str,
        header: bool = True,
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self._paint = paint
        self._header = header
        self._records: Sequence[R] = ()
        self._place_of: Callable[[str], int | None] = lambda key: None
        self._selected: str | None = None
        self._sorted: str | None = None
        self._hint = ""
        self._shown: dict[int, Strip] = {}

    # Values in ------------------------------------------------------------------------------

    def show(
        self,
        records: Sequence[R],
        place_of: Callable[[str], int | None] | None = None,
        *,
        sorted_by: str | None = None,
        hint: str = "",
    ) -> None:
        """Replace the rows; the selection stays with its key, else at its place.

        place_of: finds a key among the records, where they know better than by looking at each.
        hint: what stands in the table when it has no rows.
        """
        place = self.selected_row
        was_visible = self._is_visible(place)
        self._records = records
        self._place_of = place_of or {record.key: at for at, record in enumerate(records)}.get
        self._sorted = sorted_by
        self._hint = hint
        if self.selected_row is None:
            row = min(place or 0, len(records) - 1)
            self._selected = records[row].key if records else None
        self.virtual_size = Size(self.content_size.width, len(records) + self._top)
        if was_visible:
            self._reveal()
        self.repaint()

    def repaint(self) -> None:
        """Send only those lines in view whose cells changed."""
        if not self.is_attached or not self.content_size.width:
            return
        changed = [
            y
            for y in range(self.content_size.height)
            if self._shown.get(y) != (strip := self._draw(y)) and strip is not None
        ]
        if len(changed) > self.content_size.height // 2:
            self.refresh()
            return
        for y in changed:
            self.refresh(Region(0, y, self.content_size.width, 1))

    @property
    def records(self) -> Sequence[R]:
        """The rows, in the order shown."""
        return self._records

    def cells(self, record: R) -> list[Cell]:
        """Return a record's values of all columns: exact where it knows them, else as shown."""
        exact: Callable[[str], Cell] | None = getattr(record, "exact", None)
        values: list[Cell] = []
        for column in self.columns:
            value = exact(column.key) if exact else None
            values.append(self._paint(record, column.key).plain.strip() if value is None else value)
        return values

    @property
    def selected(self) -> R | None:
        """The selected record."""
        row = self.selected_row
        return None if row is None else self._records[row]

    @property
    def selected_row(self) -> int | None:
        """Place of the selected record."""
        return None if self._selected is None else self._place_of(self._selected)

    def select(self, key: str) -> None:
        """Select the record with that key, if it is there, and scroll to it."""
        if key != self._selected and self._place_of(key) is not None:
            self._selected = key
            self._reveal()
            self.repaint()

    # Drawing --------------------------------------------------------------------------------

    @property
    def _top(self) -> int:
        # Where there is room for two lines, both are rows.
        return 1 if self._header and self.content_size.height > 2 else 0

    def render_line(self, y: int) -> Strip:
        strip = self._draw(y)
        self._shown[y] = strip
        return strip

    def _draw(self, y: int) -> Strip:
        width = self.content_size.width
        ink = ink_of(self)
        row = y - self._top + self.scroll_offset.y
        if y < self._top:
            line = self._draw_header(width)
        elif row < len(self._records):
            return self._draw_record(row, width)
        elif not self._records and y == min(self._top + 1, self.content_size.height - 1):
            line = fit(Text(f" {self._hint}", ink.quiet), width, False)
        else:
            line = Text(" " * width)
        return self._strip(line, width, None)

    def _draw_header(self, width: int) -> Text:
        ink = ink_of(self)
        cells = [
            fit(
                Text(
                    c.title, ink.accent + Style(bold=True) if c.key == self._sorted else ink.quiet
                ),
                size,
                c.right,
            )
            for c, size in fitting(self.columns, width - MARK_WIDTH)
        ]
        return Text.assemble(" " * MARK_WIDTH, Text(" ").join(cells))

    def _draw_record(self, row: int, width: int) -> Strip:
        ink = ink_of(self)
        record = self._records[row]
        chosen = record.key == self._selected and self.has_focus
        cells = [
            fit(self._paint(record, c.key), size, c.right)
            for c, size in fitting(self.columns, width - MARK_WIDTH)
        ]
        mark = Text("▌", ink.accent) if chosen else Text(" ")
        line = Text.assemble(mark, Text(" ").join(cells))
        if chosen and ink.cursor.reverse:
            line = Text(line.plain)
        return self._strip(line, width, ink.cursor if chosen else None)

    def _strip(self, line: Text, width: int, over: Style | None) -> Strip:
        segments = list(line.render(self.app.console))
        base = self.rich_style
        strip = Strip(Segment.apply_style(segments, base, over)).adjust_cell_length(width, base)
        return strip.simplify()

    # Moving ---------------------------------------------------------------------------------

    @property
    def _page(self) -> int:
        return max(1, self.content_size.height - self._top)

    def _is_visible(self, row: int | None) -> bool:
        return row is not None and 0 <= row - self.scroll_offset.y < self._page

    def _reveal(self) -> None:
        row = self.selected_row
        if row is None or not self.content_size.height:
            return
        first = self.scroll_offset.y
        wanted = min(max(first, row - self._page + 1), row)
        if wanted != first:
            self.scroll_to(y=wanted, animate=False, force=True)

    def _move_to(self, row: int) -> None:
        if not self._records:
            return
        key = self._records[min(max(0, row), len(self._records) - 1)].key
        if key != self._selected:
            self.select(key)
            self.post_message(RowMoved(self, key))
        else:
            self._reveal()

    def action_move(self, rows: int) -> None:
        """Select the row so many below (above, if negative)."""
        self._move_to((self.selected_row or 0) + rows)

    def action_page(self, halves: int) -> None:
        """Move by half pages, down or (negative) up."""
        self._move_to((self.selected_row or 0) + halves * max(1, self._page // 2))

    def action_first(self) -> None:
        """Select the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """Select the last row."""
        self._move_to(len(self._records) - 1)

    def action_choose(self) -> None:
        """Open the selected row."""
        if self._selected is not None and self.selected_row is not None:
            self.post_message(RowChosen(self, self._selected))

    # Events ---------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self.virtual_size = Size(self.content_size.width, len(self._records) + self._top)
        self._shown.clear()
        self._reveal()
        self.refresh()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self._top:
            self._click_header(offset.x)
            return
        row = offset.y - self._top + self.scroll_offset.y
        if row < len(self._records):
            again = self._records[row].key == self._selected
            self._move_to(row)
            if again and event.chain > 1:
                self.action_choose()

    def _click_header(self, x: int) -> None:
        end = MARK_WIDTH
        for column, size in fitting(self.columns, self.content_size.width - MARK_WIDTH):
            end += size + 1
            if x < end:
                self.post_message(HeaderChosen(self, column.key))
                return
