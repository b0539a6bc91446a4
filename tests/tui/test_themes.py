"""Colours that can be read, and meanings that don't hang on hue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets._toast import Toast

from tests.tui.conftest import Running, press, settle
from tokenwatch.model import State
from tokenwatch.tui.looks.inks import LEAST, Palette, contrast, readable
from tokenwatch.tui.looks.themes import DARK, INKS, LIGHT, MONO, PLAIN, STATE_GLYPH, Ink

READ = [field.name for field in fields(Ink) if field.name not in ("line", "cursor")]
"""All inks but those that draw no text."""
OTHERS = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]
WHITE, BLACK = Color.parse("#FFFFFF"), Color.parse("#000000")


def of(color: str) -> Color:
    return Color.parse(color)


def test_contrast_is_measured_right() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(of("#777777"), WHITE) == pytest.approx(4.48, abs=0.01)
    assert contrast(of("#0000FF"), WHITE) == pytest.approx(8.59, abs=0.01)


def test_colours_are_changed_no_more_than_needed() -> None:
    assert readable(of("#123456"), WHITE) == of("#123456")
    mended = readable(of("#777777"), WHITE)
    assert LEAST <= contrast(mended, WHITE) < LEAST + 0.8
    assert luminance_grows(of("#333333"), readable(of("#333333"), BLACK))


def luminance_grows(before: Color, after: Color) -> bool:
    return after.r > before.r and after.g > before.g and after.b > before.b


def backgrounds(theme: Theme, ink: Ink) -> list[Color]:
    assert theme.background is not None and theme.panel is not None
    assert ink.cursor.bgcolor is not None and ink.cursor.bgcolor.triplet is not None
    return [of(theme.background), of(theme.panel), of(ink.cursor.bgcolor.triplet.hex)]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", READ)
def test_every_ink_can_be_read_on_every_background(theme: Theme, name: str) -> None:
    ink = INKS[theme.name]
    style: Style = getattr(ink, name)
    assert style.color is not None and style.color.triplet is not None
    for background in backgrounds(theme, ink):
        assert contrast(of(style.color.triplet.hex), background) >= LEAST


@pytest.mark.parametrize("theme", OTHERS, ids=lambda theme: theme.name)
def test_inks_of_any_theme_can_be_read(theme: Theme) -> None:
    palette = Palette(theme)
    ink = palette.ink()
    for name in READ:
        style: Style = getattr(ink, name)
        assert style.color is not None and style.color.triplet is not None
        for background in (palette.background, palette.panel, palette.cursor):
            assert contrast(of(style.color.triplet.hex), background) >= LEAST, name
    assert palette.cursor != palette.background != palette.line


def test_plain_and_mono_name_no_colour_of_our_own() -> None:
    for name in READ:
        assert getattr(MONO, name).color is None
        plain: Style = getattr(INKS[PLAIN.name], name)
        assert plain.color is None or plain.color.triplet is None


def test_states_differ_by_glyph() -> None:
    assert len({STATE_GLYPH[state] for state in State}) == len(State)
    assert MONO.watch != MONO.act != MONO.text


# What is really painted ---------------------------------------------------------------------


def painted(pilot: Pilot[str], within: Region | None = None) -> Iterator[Segment]:
    """Return the words on screen with their styles, those of a region only if one is given."""
    screen = pilot.app.screen
    area = within or screen.region
    for y, strip in enumerate(screen._compositor.render_strips()):
        if area.y <= y < area.bottom:
            yield from strip.crop(area.x, area.right)


def unreadable(segments: Iterator[Segment]) -> list[tuple[str, str, str, float]]:
    """Return the words with too little contrast."""
    found = []
    for text, style, _ in segments:
        words = "".join(c for c in text if c.isalnum())
        if not words or style is None:
            continue
        assert style.color is not None and style.bgcolor is not None, text
        fore, back = style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex
        if style.reverse:
            fore, back = back, fore
        measured = contrast(of(fore), of(back))
        if measured < LEAST or style.dim:
            found.append((text, fore, back, round(measured, 2)))
    return found


@pytest.mark.parametrize("theme", [DARK, LIGHT, *OTHERS], ids=lambda theme: theme.name)
async def test_every_word_on_screen_can_be_read(running: Running, theme: Theme) -> None:
    async with running() as pilot:
        app = pilot.app
        app.theme = theme.name
        await settle(pilot)
        await press(pilot, "j")
        assert not unreadable(painted(pilot)), "live"
        await press(pilot, "slash", "o")
        assert not unreadable(painted(pilot)), "a filter is typed"
        await press(pilot, "escape", "enter")
        assert not unreadable(painted(pilot)), "session"
        for key in ("i", "question_mark", "x", "ctrl+p"):
            await press(pilot, key)
            if key == "ctrl+p":
                await press(pilot, "t")
            boxes = app.screen.query("#--input, CommandList" if key == "ctrl+p" else ".box")
            assert boxes
            for box in boxes:
                assert box.region.area
                assert not unreadable(painted(pilot, box.region.shrink((0, 1, 0, 1)))), key
            await press(pilot, "escape")
        for severity in ("information", "warning", "error"):
            app.notify("some words", title="title", severity=severity)
            await settle(pilot)
        toasts = list(app.screen.query(Toast))
        assert len(toasts) == 3
        for toast in toasts:
            assert not unreadable(painted(pilot, toast.region))


@pytest.mark.parametrize("theme", ["plain", "ansi-dark", "ansi-light"])
async def test_the_terminals_own_colours(running: Running, theme: str) -> None:
    async with running() as pilot:
        pilot.app.theme = theme
        await settle(pilot)
        for key in ("j", "ctrl+p"):
            await press(pilot, key)
            for text, style, _ in painted(pilot):
                for color in (style.color, style.bgcolor) if style and text.strip() else ():
                    assert color is None or color.type is not ColorType.TRUECOLOR, text


async def test_no_color_paints_none_and_shows_the_selection(running: Running) -> None:
    async with running(NO_COLOR="1") as pilot:
        await press(pilot, "j")
        segments = [s for s in painted(pilot) if s.style and s.text.strip()]
        assert any(s.style.reverse for s in segments if s.style)
        for key in ("question_mark", "ctrl+p", "x"):
            await press(pilot, key)
            for text, style, _ in painted(pilot):
                if style and any(c.isalnum() for c in text):
                    assert style.color is None or style.color.is_default or not style.bgcolor, text
            await press(pilot, "escape")
