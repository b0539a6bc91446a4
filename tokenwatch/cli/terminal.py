"""What stdout is and takes: its width, bold and dim, and how many cells a text fills there.

The answers are rich's own, without rich: importing it would take as long as a whole report.
"""

from __future__ import annotations

import os
import sys

BOLD, DIM = "1", "2"
_NARROW = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("–…≥─·×━╸●▲▼○")
"""Characters of one cell that our own texts and most others are made of."""


def styled(text: str, style: str) -> str:
    """Return a text in BOLD or DIM where stdout takes that, the plain text elsewhere."""
    return f"\x1b[{style}m{text}\x1b[0m" if style and _takes_styles() else text


def _takes_styles() -> bool:
    return _is_terminal() and not _is_dumb()


def _is_terminal() -> bool:
    """Tell what stdout is; TTY_COMPATIBLE and FORCE_COLOR may say otherwise than it does."""
    said = os.environ.get("TTY_COMPATIBLE")
    if said in ("0", "1"):
        return said == "1"
    forced = os.environ.get("FORCE_COLOR")
    return sys.stdout.isatty() if forced is None else forced != ""


def _is_dumb() -> bool:
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def terminal_width() -> int:
    """Return the columns of the terminal: COLUMNS, else what it says itself, else 80."""
    if _is_terminal() and _is_dumb():
        return 80
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def cell_len(text: str) -> int:
    """Return how many cells a text without control characters fills."""
    if _NARROW.issuperset(text):
        return len(text)
    from rich.cells import cell_len as measured

    return measured(text)


def cut(text: str, cells: int) -> str:
    """Return the beginning of a text that fills so many cells, with a space for half a letter."""
    if _NARROW.issuperset(text):
        return text[:cells]
    from rich.cells import set_cell_size

    return set_cell_size(text, cells)
