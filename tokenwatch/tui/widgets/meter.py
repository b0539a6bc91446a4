"""An amount as a length: `━━━╸───`. Filled and empty differ by glyph, not only by colour."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text


def meter(part: float, width: int, filled: Style, empty: Style) -> Text:
    """Return a bar of `width` cells for a share; anything above nothing shows at least half a cell.

    part: 0 to 1; what lies outside is clamped.
    """
    halves = round(min(1.0, max(0.0, part)) * width * 2)
    if part > 0 and halves == 0:
        halves = 1
    whole, half = divmod(halves, 2)
    bar = Text("━" * whole + ("╸" if half else ""), filled)
    return bar.append("─" * (width - whole - half), empty)
