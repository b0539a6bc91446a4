"""What the help and the palette say of a key is what it does on the screen in view."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from tests.tui.conftest import Running, press, text_of
from tokenwatch.tui import screens
from tokenwatch.tui.bindings import APP, KEYS, TABLE
from tokenwatch.tui.boxes.dialogs import HelpScreen
from tokenwatch.tui.commands import Commands
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.sessions.screen import SessionsScreen
from tokenwatch.tui.widgets.record_table import RecordTable


def _every() -> list[type[FrameScreen]]:
    for module in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        importlib.import_module(module.name)

    def below(one: type[FrameScreen]) -> Iterator[type[FrameScreen]]:
        for each in one.__subclasses__():
            yield each
            yield from below(each)

    ours = [each for each in below(FrameScreen) if each.__module__.startswith(screens.__name__)]
    return sorted({each for each in ours if each.ACTIONS}, key=lambda each: each.__name__)


EVERY = _every()


@pytest.mark.parametrize("screen", EVERY, ids=lambda each: each.__name__)
def test_meanings_are_of_keys_there_and_short_enough_for_the_help(
    screen: type[FrameScreen],
) -> None:
    assert set(screen.MEANINGS) <= {*screen.ACTIONS, *TABLE, *APP}
    longest = max(len(key.meaning) for key in KEYS.values())
    for action, meaning in screen.MEANINGS.items():
        assert 0 < len(meaning) <= longest and meaning != KEYS[action].meaning


@pytest.mark.parametrize("screen", EVERY, ids=lambda each: each.__name__)
def test_a_key_that_is_called_otherwise_than_elsewhere_is_told_otherwise(
    screen: type[FrameScreen],
) -> None:
    if screen is SessionsScreen or "screen.group" not in screen.ACTIONS:
        return
    key = next(key for key in screen.LINE if key.action == "screen.group")
    assert key.label != KEYS["screen.group"].label and "screen.group" in screen.MEANINGS


@pytest.mark.parametrize(
    ("keys", "typed", "meaning"),
    [
        ("4", "pace", "your own pace, to choose a limit by"),
        ("4b", "group", None),
        ("4b", "back to budgets", "back to budgets and alerts"),
        ("5", "split", "split by the next thing"),
        ("3", "view", "next view: by kind, one by one, measured facts"),
        ("2", "group", "group by the next thing"),
    ],
)
async def test_help_tells_what_a_key_does_here(
    running: Running, keys: str, typed: str, meaning: str | None
) -> None:
    async with running() as pilot:
        await press(pilot, *keys, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, *("space" if key == " " else key for key in typed))
        shown = pilot.app.screen.query_one(RecordTable).records
        told = {row.what.keys: row.what.meaning for row in shown}
        assert told.get("b") == meaning
        if meaning:
            assert meaning in text_of(pilot)


async def test_the_palette_tells_the_same(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "4")
        told = {name: words for name, words, _ in Commands(pilot.app.screen)._commands()}
        assert told["screen: Pace"] == "b  your own pace, to choose a limit by"
        assert "group: By the next thing" not in told and "row: Edit" in told
