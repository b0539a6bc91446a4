"""Colours that can be read, and meanings that don't hang on hue."""

from __future__ import annotations

from dataclasses import fields

import pytest
from rich.style import Style
from textual.color import Color

from tokenwatch.model import State
from tokenwatch.tui.themes import DARK, INKS, LIGHT, MONO, PLAIN, STATE_GLYPH, Ink

READ = [field.name for field in fields(Ink) if field.name not in ("line", "cursor")]
"""All inks but those that draw no text."""


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(Color.parse(c)) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_right() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", READ)
def test_every_ink_can_be_read(theme: object, name: str) -> None:
    assert theme in (DARK, LIGHT)
    chosen = DARK if theme is DARK else LIGHT
    ink = INKS[chosen.name]
    style: Style = getattr(ink, name)
    assert style.color is not None and style.color.triplet is not None
    assert chosen.background is not None and ink.cursor.bgcolor is not None
    assert ink.cursor.bgcolor.triplet is not None
    for background in (chosen.background, ink.cursor.bgcolor.triplet.hex):
        assert contrast(style.color.triplet.hex, background) >= 4.5


def test_plain_and_mono_name_no_colour_of_our_own() -> None:
    for name in READ:
        assert getattr(MONO, name).color is None
        plain: Style = getattr(INKS[PLAIN.name], name)
        assert plain.color is None or plain.color.triplet is None


def test_states_differ_by_glyph() -> None:
    assert len({STATE_GLYPH[state] for state in State}) == len(State)
    assert MONO.watch != MONO.act != MONO.text
