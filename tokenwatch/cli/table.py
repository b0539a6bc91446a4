"""Tables for terminals, drawn by rich; plain text where stdout is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def print_table(
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str]],
    *,
    footer: Sequence[str] | None = None,
    notes: Iterable[str] = (),
) -> None:
    """Print rows under a header. columns: (name, `<` left or `>` right aligned).

    Cells are shown as they are: no markup is read out of them. Where stdout is no terminal, lines
    are as wide as their cells need.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=footer is not None)
    for index, (name, side) in enumerate(columns):
        table.add_column(
            name,
            justify="right" if side == ">" else "left",
            no_wrap=True,
            overflow="ellipsis",
            footer=Text(footer[index], style="bold") if footer else "",
            ratio=None,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    is_terminal = sys.stdout.isatty()
    console = Console(markup=False, highlight=False, width=None if is_terminal else 400)
    console.print(table)
    for note in notes:
        console.print(Text(note, style="dim"))
