"""Tables for terminals; as wide as their cells need where stdout is no terminal."""

import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokenwatch.cli.terminal import BOLD, DIM, cell_len, cut, styled, terminal_width
from tokenwatch.format import clean

GAP = 2


class Column(NamedTuple):
    """One column, and what becomes of it where the terminal is too narrow for all."""

    name: str
    right: bool = False
    rank: int = 0
    """The highest rank is left out first; 0 never is."""
    least: int | None = None
    """Its cells may be cut to so many; None: a cell is never cut."""
    middle: bool = False
    """Cut in the middle: the end tells as much as the beginning."""


def print_table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    footer: Sequence[str] | None = None,
    notes: Iterable[str] = (),
) -> None:
    """Print rows under a header, then the footer (a cell per column) and the notes.

    Where there are no rows, stderr says so.

    Cells are shown as they are, but for control characters: no markup is read out of them.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    every = [[column.name for column in columns], *cells, *([footer] if footer else [])]
    shown = fit(columns, every, terminal_width() if sys.stdout.isatty() else None)
    head, *lines = (_line(columns, row, shown) for row in every)
    rule = "─" * (sum(shown.values()) + GAP * (len(shown) - 1))
    end = lines.pop() if footer else None
    drawn = [styled(head, BOLD), styled(rule, DIM), *lines]
    if end is not None:
        drawn += [styled(rule, DIM), styled(end, BOLD)]
    sys.stdout.writelines(line + "\n" for line in drawn)
    for note in notes:
        print_text(note, style=DIM)
    if not cells:
        print("tokenwatch: nothing found; `tokenwatch doctor` says what was read", file=sys.stderr)


def print_text(text: str, *, indent: int = 0, style: str = "") -> None:
    """Print a paragraph; on a terminal its lines break between words.

    indent: of its second and further lines.
    """
    lines = [clean(text)]
    if sys.stdout.isatty():
        from textwrap import wrap

        lines = wrap(
            lines[0],
            max(20, terminal_width()),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    for line in lines:
        print(styled(line, style))


def fit(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None
) -> dict[int, int]:
    """Return the columns to show, by their index, with their widths.

    Cells are cut before a column is left out. width: None for as much as the cells need.
    """
    needed = {
        index: max(cell_len(row[index]) for row in rows) if rows else 0
        for index in range(len(columns))
    }
    if width is None:
        return needed
    shown = dict(needed)
    while not _cut(columns, shown, width):
        dropped = max(shown, key=lambda index: (columns[index].rank, index))
        if columns[dropped].rank == 0:
            break
        shown = {index: needed[index] for index in shown if index != dropped}
    return shown


def _cut(columns: Sequence[Column], widths: dict[int, int], width: int) -> bool:
    """Take what is too much from the widest column that may be cut; False if that can't do."""
    excess = sum(widths.values()) + GAP * (len(widths) - 1) - width
    while excess > 0:
        spare = {i: w for i, w in widths.items() if w > (columns[i].least or w)}
        if not spare:
            return False
        widths[max(spare, key=lambda index: spare[index])] -= 1
        excess -= 1
    return True


def _line(columns: Sequence[Column], row: Sequence[str], shown: dict[int, int]) -> str:
    cells = (_cell(row[index], width, columns[index]) for index, width in shown.items())
    return (" " * GAP).join(cells).rstrip()


def _cell(text: str, width: int, column: Column) -> str:
    length = cell_len(text)
    if length > width:
        end = ""
        if column.middle:
            end = text[-(width // 3) :] if length == len(text) else ""
        return cut(text, width - 1 - len(end)) + "…" + end
    padding = " " * (width - length)
    return padding + text if column.right else text + padding


def short_ids(ids: Sequence[str], least: int = 8) -> dict[str, str]:
    """Return for each id its shortest beginning, of at least so many characters, that tells it."""
    ordered = sorted(set(ids))
    short = {}
    for index, one in enumerate(ordered):
        size = least
        for other in ordered[max(0, index - 1) : index + 2]:
            if other != one:
                same = next(
                    (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
                    min(len(one), len(other)),
                )
                size = max(size, same + 1)
        short[one] = one[:size]
    return short
