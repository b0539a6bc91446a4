"""What a table on screen shows, as CSV, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokenwatch.export.documents import safe
from tokenwatch.export.tables import csv_line
from tokenwatch.format import clean

Cell = str | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with all its rows; each row has a cell for each column."""

    keys: tuple[str, ...]
    """A name for each column, unique in the table."""
    titles: tuple[str, ...]
    """What stands above each column; empty where nothing does."""
    rows: Sequence[Sequence[Cell]]


def as_csv(sheet: Sheet) -> str:
    """Return CSV with a header; an unknown value is empty, and no cell can start a formula."""
    return "".join(csv_line(cells) for cells in (_headings(sheet), *sheet.rows))


def as_markdown(sheet: Sheet) -> str:
    """Return a table as GitHub and most editors know it; nothing in a cell can format it."""

    def lines() -> Iterator[str]:
        yield _bar(_headings(sheet))
        yield _bar(["---"] * len(sheet.keys))
        yield from (_bar(row) for row in sheet.rows)

    return "".join(lines())


def as_json(sheet: Sheet) -> str:
    """Return a list of objects, one a row, by the columns' keys."""
    rows = [safe(dict(zip(sheet.keys, row, strict=True))) for row in sheet.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


FORMATS: Final[dict[str, Callable[[Sheet], str]]] = {
    "csv": as_csv,
    "md": as_markdown,
    "json": as_json,
}
"""By the ending of the file's name."""


def _headings(sheet: Sheet) -> list[str]:
    return [title or key for key, title in zip(sheet.keys, sheet.titles, strict=True)]


def _bar(cells: Sequence[Cell]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |\n"


def _escaped(cell: Cell) -> str:
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    return "".join(f"\\{c}" if c in "\\|`*_[]<>#~" else c for c in clean(cell))
