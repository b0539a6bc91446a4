"""`TOKENWATCH_ASCII=1`: for terminals without block and box glyphs.

Screens draw with Unicode; this filter replaces what they draw with, glyph for glyph, borders and
Textual's own widgets included. Foreign text keeps its letters.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PAIRS: Final = (
    ("╭╮╰╯┌┐└┘├┤┬┴┼", "+++++++++++++"),
    ("┏┓┗┛┣┫┳┻╋╻╹╷╵", "+++++++++||||"),
    ("─━╸╺═╌", "-==--~"),
    ("│┃▌▐▎▊", "||>|||"),
    ("▁▂▃▄▅▆▇█", "_..::++#"),
    ("▓▒░▀▔", '#:."-'),
    ("●◐○▲▼■", "*o.^v#"),
    ("▸↑↓→←", ">^v><"),
    ("·–−×…≥≤", "---x.><"),
    ("\ufffd❯⎯", "?>-"),
)

TABLE: Final = str.maketrans(
    {u: a for left, right in _PAIRS for u, a in zip(left, right, strict=True)}
)


class AsciiFilter(LineFilter):
    """Replace the glyphs of a line by ASCII ones of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text.translate(TABLE), style, control) for text, style, control in segments]
