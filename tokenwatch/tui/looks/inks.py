"""Colours that can be read: contrast as WCAG 2.2 measures it, and inks for any theme's colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tokenwatch.tui.looks.themes import INKS, PLAIN, Ink

LEAST: Final = 4.5
"""WCAG's least contrast of text."""
_STEPS: Final = 20


_made: dict[str, tuple[Ink, dict[str, str]]] = {}


def inks_of(theme: Theme) -> Ink:
    """Return the styles to paint with in a theme."""
    return _of(theme)[0]


def variables_of(theme: Theme) -> dict[str, str]:
    """Return the variables for stylesheets that stand above the theme's own."""
    return _of(theme)[1]


def _of(theme: Theme) -> tuple[Ink, dict[str, str]]:
    if theme.name in INKS:
        return INKS[theme.name], {}
    if theme.ansi:
        return INKS[PLAIN.name], {name: PLAIN.variables[name] for name in ("line", "quiet")}
    if theme.name not in _made:
        palette = Palette(theme)
        _made[theme.name] = palette.ink(), palette.variables()
    return _made[theme.name]


def luminance(color: Color) -> float:
    """Return the relative luminance, 0 to 1."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two opaque colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(color: Color, *backgrounds: Color) -> Color:
    """Return the colour, as much nearer to white or black as reading it on all needs."""
    least = min(luminance(background) for background in backgrounds)
    towards = Color.parse("#FFFFFF" if least < 0.18 else "#000000")
    for step in range(_STEPS + 1):
        found = color.blend(towards, step / _STEPS)
        if all(contrast(found, background) >= LEAST for background in backgrounds):
            return found
    return towards


class Palette:
    """A theme's colours, mended where they could not be read."""

    def __init__(self, theme: Theme) -> None:
        """theme: one that has colours of its own, not the terminal's."""
        given = theme.to_color_system().generate() | theme.variables
        self._given = {name: Color.parse(given[name]) for name in _NEEDED}
        self.background = self._given["background"]
        self.panel = self._given["panel"]
        strongest = Color.parse("#FFFFFF" if theme.dark else "#000000")
        self.cursor = self.background.blend(self._given["primary"], 0.18)
        everywhere = (self.background, self.cursor, self.panel)
        if not self._fits(everywhere):
            # Its panel is too far from its background for one colour to be read on both.
            self.panel = self.background.blend(self.panel, 0.3)
            everywhere = (self.background, self.cursor, self.panel)
        self.text = readable(self._given["foreground"], *everywhere)
        self.strong = readable(self.text.blend(strongest, 0.6), *everywhere)
        self.quiet = readable(self.background.blend(self.text, 0.6), *everywhere)
        self.line = self.background.blend(self.text, 0.25)
        self.good = readable(self._given["success"], *everywhere)
        self.watch = readable(self._given["warning"], *everywhere)
        self.act = readable(self._given["error"], *everywhere)
        self.accent = readable(self._given["primary"], *everywhere)

    def _fits(self, backgrounds: Sequence[Color]) -> bool:
        text = readable(self._given["foreground"], *backgrounds)
        return all(contrast(text, background) >= LEAST for background in backgrounds)

    def ink(self) -> Ink:
        """Return the styles to paint with."""
        return Ink(
            text=Style(color=self.text.hex6),
            strong=Style(color=self.strong.hex6, bold=True),
            quiet=Style(color=self.quiet.hex6),
            line=Style(color=self.line.hex6),
            good=Style(color=self.good.hex6),
            watch=Style(color=self.watch.hex6),
            act=Style(color=self.act.hex6, bold=True),
            accent=Style(color=self.accent.hex6),
            bar=Style(color=self.accent.hex6),
            cursor=Style(bgcolor=self.cursor.hex6),
        )

    def variables(self) -> dict[str, str]:
        """Return the variables for stylesheets."""
        text, accent = self.text.hex6, self.accent.hex6
        return {
            "foreground": text,
            "panel": self.panel.hex6,
            "surface": self.background.hex6,
            "line": self.line.hex6,
            "border": self.line.hex6,
            "quiet": self.quiet.hex6,
            "accent": accent,
            "primary": accent,
            "text-success": self.good.hex6,
            "text-warning": self.watch.hex6,
            "text-error": self.act.hex6,
            "block-cursor-background": self.cursor.hex6,
            "block-cursor-foreground": text,
            "block-cursor-text-style": "none",
            "input-cursor-background": text,
            "input-cursor-foreground": self.background.hex6,
            "input-cursor-text-style": "none",
        }


_NEEDED: Final = ("background", "panel", "foreground", "primary", "success", "warning", "error")
