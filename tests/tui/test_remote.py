"""What the app leaves alone when its user sits at a browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import ClassVar

import pytest
from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from tests.factories import NOW_MS, FakeFeed, snapshot
from tests.tui.conftest import press, settle, text_of
from tokenwatch.config import Config, edit
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.bindings import KEYS, LOCAL, PANES, bindings_for, line_of
from tokenwatch.tui.preferences import Preferences
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.settings.screen import SettingsScreen
from tokenwatch.tui.widgets.lines import KeyLine
from tokenwatch.tui.widgets.pane import Pane
from tokenwatch.tui.widgets.record_table import RecordTable

ON_SCREENS = tuple(sorted(action for action in LOCAL if action.startswith("screen.")))


class Plain(Pane, can_focus=True):
    """A pane."""

    def draw(self, width: int, height: int) -> Text:
        return Text("plain")


class EveryLocal(FrameScreen):
    """A screen on which everything could be done."""

    TAB = "live"
    ACTIONS = (*PANES, *ON_SCREENS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(*ON_SCREENS, "app.picture", "screen.copy")
    PANES = ("every-main",)
    MAIN = "every-main"

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        for action in ON_SCREENS:
            name = action.removeprefix("screen.")
            setattr(self, f"action_{name}", lambda name=name: self.done.append(name))

    def compose_panes(self) -> Iterable[Widget]:
        yield Plain(id="every-main", classes="pane")


def app_for(
    remote: bool,
    shown: Snapshot | None = None,
    path: str = "",
    preferences: Preferences | None = None,
) -> TokenwatchApp:
    app = TokenwatchApp(
        FakeFeed(shown or snapshot()),
        now=lambda: NOW_MS,
        zone=UTC,
        environment={"HOME": "/home/dev", "PATH": path},
        preferences=preferences,
        remote=remote,
    )
    app.animation_level = "none"
    return app


@pytest.mark.parametrize("remote", [False, True])
async def test_no_key_of_a_screen_touches_this_machine(remote: bool) -> None:
    app, every = app_for(remote), EveryLocal()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.push_screen(every)
        await settle(pilot)
        for action in ON_SCREENS:
            await press(pilot, KEYS[action].keys.split(",")[0])
            await every.run_action(action)
        names = [action.removeprefix("screen.") for action in ON_SCREENS for _ in range(2)]
        assert every.done == ([] if remote else names)


@pytest.mark.parametrize("remote", [False, True])
async def test_neither_the_line_nor_the_help_nor_the_palette_names_them(remote: bool) -> None:
    app, every = app_for(remote), EveryLocal()
    async with app.run_test(size=(160, 50)) as pilot:
        await settle(pilot)
        app.push_screen(every)
        await settle(pilot)
        line = every.query_one(KeyLine).draw(160, 1).plain
        assert "Copy" in line
        labels = [KEYS[action].label for action in (*ON_SCREENS, "app.picture")]
        assert [label for label in labels if label in line] == ([] if remote else labels)
        await press(pilot, "question_mark")
        told = text_of(pilot)
        assert (KEYS["app.picture"].meaning in told) is not remote
        assert (KEYS["screen.editor"].meaning in told) is not remote
        assert KEYS["screen.copy"].meaning in told
        await press(pilot, "escape", "ctrl+p")
        pilot.app.screen.query_one(Input).value = "picture"
        await settle(pilot)
        await pilot.pause(0.5)
        assert ("Save a picture" in text_of(pilot)) is not remote


@pytest.mark.parametrize("remote", [False, True])
async def test_settings_stay_as_they_are(tmp_path: Path, remote: bool) -> None:
    file = tmp_path / "config.toml"
    app = app_for(remote, preferences=Preferences(file, Config()))
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "comma")
        screen = app.screen
        assert isinstance(screen, SettingsScreen)
        rows = screen.query_one("#settings-main", RecordTable).records
        assert len(rows) > 5
        for _ in rows:
            await press(pilot, "enter")
            if app.screen is not screen:
                assert not remote, "a box to change something in"
                await press(pilot, "escape")
            await press(pilot, "j")
        if remote:
            assert "not from a browser" in text_of(pilot)
            assert "Change" not in screen.query_one(KeyLine).draw(160, 1).plain
            assert not screen._change(lambda path: edit.put(path, "titles", "none"), "changed")
            await press(pilot, "n", "delete", "U")
            assert app.screen is screen
        assert file.exists() is not remote


async def test_no_picture_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_for(True)
    async with app.run_test() as pilot:
        await press(pilot, "ctrl+s")
        assert app.check_action("picture", ()) is False
    assert list(tmp_path.iterdir()) == []


async def test_what_is_copied_goes_to_the_browser(tmp_path: Path) -> None:
    program = tmp_path / "pbcopy"
    program.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/taken\n")
    program.chmod(0o700)
    for remote in (True, False):
        app = app_for(remote, path=str(tmp_path))
        async with app.run_test(notifications=True) as pilot:
            await settle(pilot)
            app.copy("text", "id")
            await settle(pilot)
            assert app.clipboard == "text"
            assert ("browser's clipboard" in text_of(pilot)) is remote
        assert (tmp_path / "taken").exists() is not remote


async def test_without_logs_the_demo_is_another_command() -> None:
    nothing = replace(snapshot(), sessions=(), sessions_in_all=0, looked=(), activity=())
    app = app_for(True, nothing)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "tokenwatch serve --demo" in text_of(pilot)
        await press(pilot, "D")
        assert app.is_running and app.return_value is None


def test_they_are_keys() -> None:
    assert set(KEYS) >= LOCAL
