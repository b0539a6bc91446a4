"""Inks for the themes that come with Textual, made so that every one can be read."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tokenwatch.tui.themes import INKS, PLAIN, Ink

LEAST: Final = 4.5
"""Contrast of any text with what is behind it (WCAG 2.2, level AA)."""
_STEPS: Final = 20
_KNOWN: Final[dict[str, Ink]] = {}


def variables_of(theme: Theme) -> dict[str, str]:
    """Return what our own rules need beyond the variables of every theme."""
    if theme.name in INKS:
        return {"line": "#333D47", "quiet": "#8A94A0"}
    if theme.ansi:
        return {"line": "ansi_bright_black", "quiet": "ansi_bright_black"}
    ink = inks_of(theme)
    return {name: _name(getattr(ink, name)) for name in ("line", "quiet")}


def inks_of(theme: Theme) -> Ink:
    """Return a theme's inks; a theme of the terminal's own colours has those of ours."""
    if theme.ansi:
        return INKS[PLAIN.name]
    if theme.name not in _KNOWN:
        _KNOWN[theme.name] = _derived(theme)
    return _KNOWN[theme.name]


class _Paper:
    """What is written on: the background, and the selected row's."""

    def __init__(self, colours: dict[str, str], dark: bool) -> None:
        self.background = Color.parse(colours["background"])
        self.far = Color.parse("#FFFFFF" if dark else "#000000")
        self.cursor = self.background.blend(Color.parse(colours["primary"]), 0.18)

    def readable(self, colour: Color) -> Color:
        """Return a colour that is as near to this one as reading it allows."""
        for step in range(_STEPS + 1):
            found = colour.blend(self.far, step / _STEPS)
            if min(contrast(found, self.background), contrast(found, self.cursor)) >= LEAST:
                return found
        return self.far


def _derived(theme: Theme) -> Ink:
    colours = theme.to_color_system().generate()
    paper = _Paper(colours, theme.dark)
    text = Color.parse(colours["foreground"])

    def style(colour: Color, bold: bool | None = None, reverse: bool | None = None) -> Style:
        return Style(color=paper.readable(colour).hex6, bold=bold, reverse=reverse)

    accent = Color.parse(colours["accent"])
    return Ink(
        text=style(text),
        strong=style(paper.far, bold=True),
        quiet=style(paper.background.blend(text, 0.6)),
        line=Style(color=paper.background.blend(text, 0.25).hex6),
        good=style(Color.parse(colours["success"])),
        watch=style(Color.parse(colours["warning"])),
        act=style(Color.parse(colours["error"]), bold=True, reverse=None if theme.dark else True),
        accent=style(accent),
        bar=style(accent),
        cursor=Style(bgcolor=paper.cursor.hex6),
    )


def _name(style: Style) -> str:
    assert style.color is not None
    return style.color.name


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
