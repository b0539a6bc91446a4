"""Meaning → colour and attributes. Every state also has a glyph, so hue alone never tells.

Measured contrast of every ink on its background is at least 4.5 (tests/tui/test_themes.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from tokenwatch.model import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The styles a screen paints with."""

    text: Style
    strong: Style
    quiet: Style
    """Labels, units, what has ended."""
    line: Style
    """Borders and the empty part of a meter: no text."""
    good: Style
    watch: Style
    act: Style
    accent: Style
    """Focus, selection and the one figure to look at."""
    bar: Style
    """Graphs and meters."""
    cursor: Style
    """Laid over the selected row of the table in focus."""

    def state(self, state: State) -> Style:
        """Return the ink of an agent's state."""
        return {
            State.WORKING: self.good,
            State.WAITING: self.watch,
            State.IDLE: self.quiet,
            State.ENDED: self.quiet,
        }[state]


STATE_GLYPH: Final = {
    State.WORKING: "●",
    State.WAITING: "▲",
    State.IDLE: "◐",
    State.ENDED: "○",
}

DARK: Final = Theme(
    name="tokenwatch-dark",
    primary="#56B4E9",
    secondary="#8A94A0",
    accent="#56B4E9",
    success="#2DB88A",
    warning="#E69F00",
    error="#F0703A",
    foreground="#D7DDE3",
    background="#101418",
    surface="#101418",
    panel="#1A2026",
    dark=True,
    variables={
        "line": "#333D47",
        "quiet": "#8A94A0",
        "border": "#333D47",
        "block-cursor-background": "#1C2B39",
        "block-cursor-foreground": "#D7DDE3",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#56B4E9",
        "input-cursor-foreground": "#101418",
    },
)

LIGHT: Final = Theme(
    name="tokenwatch-light",
    primary="#00619C",
    secondary="#5F6872",
    accent="#00619C",
    success="#00705A",
    warning="#8A5A00",
    error="#B23C00",
    foreground="#22282E",
    background="#FBFAF7",
    surface="#FBFAF7",
    panel="#F0EEE8",
    dark=False,
    variables={
        "line": "#C9CDD2",
        "quiet": "#5F6872",
        "border": "#C9CDD2",
        "block-cursor-background": "#DCEAF5",
        "block-cursor-foreground": "#22282E",
        "block-cursor-text-style": "none",
        "input-cursor-background": "#00619C",
        "input-cursor-foreground": "#FBFAF7",
    },
)

_ANSI: Final = BUILTIN_THEMES["ansi-dark"]
PLAIN: Final = Theme(
    name="plain",
    primary="ansi_bright_blue",
    secondary="ansi_cyan",
    accent="ansi_bright_blue",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_bright_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    ansi=True,
    variables={
        **_ANSI.variables,
        "line": "ansi_bright_black",
        "quiet": "ansi_bright_black",
        "border": "ansi_bright_black",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-cursor-blurred-text-style": "none",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
    },
)
"""The terminal's own colours and background."""

THEMES: Final = (DARK, LIGHT, PLAIN)


def theme_name(chosen: str) -> str:
    """Return the name of a theme as Textual knows it, from its name in the settings."""
    return {"dark": DARK.name, "light": LIGHT.name, "plain": PLAIN.name}.get(chosen, chosen)


INKS: Final = {
    DARK.name: Ink(
        text=Style(color="#D7DDE3"),
        strong=Style(color="#FFFFFF", bold=True),
        quiet=Style(color="#8A94A0"),
        line=Style(color="#333D47"),
        good=Style(color="#2DB88A"),
        watch=Style(color="#E69F00"),
        act=Style(color="#F0703A", bold=True),
        accent=Style(color="#56B4E9"),
        bar=Style(color="#56B4E9"),
        cursor=Style(bgcolor="#1C2B39"),
    ),
    LIGHT.name: Ink(
        text=Style(color="#22282E"),
        strong=Style(color="#000000", bold=True),
        quiet=Style(color="#5F6872"),
        line=Style(color="#C9CDD2"),
        good=Style(color="#00705A"),
        watch=Style(color="#8A5A00"),
        act=Style(color="#B23C00", bold=True, reverse=True),
        accent=Style(color="#00619C"),
        bar=Style(color="#00619C"),
        cursor=Style(bgcolor="#E3EDF4"),
    ),
    PLAIN.name: Ink(
        text=Style(),
        strong=Style(bold=True),
        quiet=Style(color="bright_black"),
        line=Style(color="bright_black"),
        good=Style(color="green"),
        watch=Style(color="yellow"),
        act=Style(color="bright_red", bold=True),
        accent=Style(color="bright_blue"),
        bar=Style(color="bright_blue"),
        cursor=Style(reverse=True),
    ),
}

MONO: Final = Ink(
    text=Style(),
    strong=Style(bold=True),
    quiet=Style(dim=True),
    line=Style(dim=True),
    good=Style(),
    watch=Style(bold=True),
    act=Style(reverse=True),
    accent=Style(bold=True),
    bar=Style(),
    cursor=Style(reverse=True),
)
"""For NO_COLOR: attributes only."""
