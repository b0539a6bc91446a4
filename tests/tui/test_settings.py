"""The Settings screen, and an app that follows its settings' file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from tests.factories import NOW_MS, FakeFeed, snapshot
from tests.tui.conftest import lines_of, press, settle, text_of
from tests.tui.test_themes import READ
from tokenwatch.config import Config, ExtraRoot, load, overruled
from tokenwatch.config.catalogue import OWN_THEMES, SETTINGS, TABS, THEMES
from tokenwatch.errors import ConfigError, NotFound
from tokenwatch.tui import tabs
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.looks.inks import contrast, inks_of, variables_of
from tokenwatch.tui.looks.themes import DARK, LIGHT, PLAIN, theme_name
from tokenwatch.tui.preferences import Preferences
from tokenwatch.tui.privacy import HIDDEN
from tokenwatch.tui.screens.budgets.screen import BudgetsScreen
from tokenwatch.tui.screens.settings.boxes import ChoiceScreen, FolderScreen, TextScreen
from tokenwatch.tui.screens.settings.rows import SettingRow
from tokenwatch.tui.screens.settings.screen import SettingsScreen
from tokenwatch.tui.widgets.record_table import RecordTable

Opened = Callable[..., AbstractAsyncContextManager[Pilot[str]]]
SOME = '# mine\ntitles = "client"\n[[roots]]\nsource = "codex"\npath = "/mnt/old/.codex"\n'
WIDE, SMALL = (120, 36), (80, 24)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


class Silent(FakeFeed):
    """A feed without any answer."""

    def ask(self, question: object) -> Any:
        raise NotFound("nobody knows")


def make(
    file: Path | None,
    *,
    note: str = "",
    remote: bool = False,
    hand_on: Callable[[Config], tzinfo] | None = None,
    **environment: str,
) -> TokenwatchApp:
    """Return an app on a settings' file; one that is wrong counts as none."""
    try:
        settings = load(file) if file else Config()
    except ConfigError:
        settings = Config()
    everything = {"HOME": "/home/dev", "PATH": "", **environment}
    app = TokenwatchApp(
        Silent(snapshot()),
        now=lambda: NOW_MS,
        zone=UTC,
        environment=everything,
        remote=remote,
        preferences=Preferences(
            file, settings, decided=overruled(everything), hand_on=hand_on, note=note
        ),
    )
    app.animation_level = "none"
    return app


@pytest.fixture
def opened(file: Path) -> Opened:
    """Return a context manager: an app with the Settings screen in view."""

    @asynccontextmanager
    async def run(
        text: str | None = None,
        *,
        size: tuple[int, int] = WIDE,
        tab: bool = True,
        **more: Any,
    ) -> AsyncIterator[Pilot[str]]:
        if text is not None:
            file.write_text(text)
        app = make(file, **more)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            if tab:
                await press(pilot, "comma")
            yield pilot

    return run


def app_of(pilot: Pilot[str]) -> TokenwatchApp:
    assert isinstance(pilot.app, TokenwatchApp)
    return pilot.app


def table_of(pilot: Pilot[str]) -> RecordTable[SettingRow]:
    screen = next(s for s in pilot.app.screen_stack if isinstance(s, SettingsScreen))
    return screen.query_one("#settings-main", RecordTable)


async def at(pilot: Pilot[str], key: str) -> None:
    """Select a row."""
    table = table_of(pilot)
    table._move_to([row.key for row in table.records].index(key))
    await settle(pilot)


async def looked(pilot: Pilot[str]) -> None:
    """Do what the app does each second."""
    app_of(pilot)._tick()
    await settle(pilot)


def said(pilot: Pilot[str]) -> list[str]:
    """Return the notices on screen."""
    return [note.message for note in pilot.app._notifications]


# The list -----------------------------------------------------------------------------------


async def test_every_setting_has_a_row(opened: Opened, file: Path) -> None:
    async with opened(SOME) as pilot:
        rows = {row.key: row for row in table_of(pilot).records}
        assert list(rows) == [*(known.key for known in SETTINGS), "budgets", "plans", "roots 1"]
        assert (rows["titles"].value, rows["titles"].origin) == ("client", "config.toml")
        assert (rows["screen.theme"].value, rows["screen.theme"].origin) == ("dark", "default")
        assert rows["timezone"].value == "this machine's"
        assert rows["roots 1"].value == "/mnt/old/.codex"
        assert "config.toml" in lines_of(pilot)[1]
        assert "the client's title alone" in text_of(pilot)
        await press(pilot, "j")
        assert "IANA name" in text_of(pilot)


async def test_tables_that_are_changed_elsewhere_have_rows(opened: Opened, file: Path) -> None:
    text = '[[plans]]\nsource = "codex"\nfee = 20\n[[budgets]]\nname = "mine"\nlimit = 5\n'
    async with opened(text) as pilot:
        rows = {row.key: (row.value, row.origin) for row in table_of(pilot).records}
        assert rows["budgets"] == rows["plans"] == ("1 set", "config.toml")
        await at(pilot, "plans")
        assert "[[plans]]" in text_of(pilot) and "which E opens" in text_of(pilot)
        await press(pilot, "delete", "enter")
        assert isinstance(pilot.app.screen, SettingsScreen) and "editor" in said(pilot)[-1]
        await at(pilot, "budgets")
        await press(pilot, "delete", "enter")
        assert isinstance(pilot.app.screen, BudgetsScreen)
    assert file.read_text() == text


async def test_a_secret_address_is_not_told(opened: Opened, file: Path) -> None:
    address = "https://hooks.example.org/T0/" + "s3cret" * 40
    async with opened() as pilot:
        await at(pilot, "alerts.webhook")
        await press(pilot, "enter")
        pilot.app.screen.query_one(Input).value = address
        await press(pilot, "enter")
        assert address in file.read_text() and "s3cret" not in text_of(pilot)
        assert said(pilot)[-1].startswith("alerts.webhook is https://hooks.example.org/…")


async def test_what_is_wrong_is_said_in_full(opened: Opened) -> None:
    async with opened(size=SMALL) as pilot:
        await at(pilot, "alerts.off")
        await press(pilot, "enter", "x")
        box = " ".join(line.strip("│ ") for line in lines_of(pilot))
        assert "▲ some of budget" in box and "is needed" in box


async def test_what_has_no_room_is_marked(opened: Opened) -> None:
    for size, is_cut in ((SMALL, False), ((80, 18), True)):
        async with opened(size=size) as pilot:
            lines = [line for line in lines_of(pilot) if line.startswith("│")]
            assert ("stays in it." in text_of(pilot)) is not is_cut
            assert lines[-1].rstrip("│ ").endswith("…") is is_cut


async def test_a_file_that_is_not_there_is_all_defaults(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        assert {row.origin for row in table_of(pilot).records} == {"default"}
        assert table_of(pilot).records[-1].key == "roots"
    assert not file.exists()


async def test_privacy_hides_what_the_user_wrote(opened: Opened) -> None:
    text = SOME + 'label = "old laptop"\n'
    async with opened('editor = "/home/dev/bin/ed"\n' + text) as pilot:
        assert "/home/dev/bin/ed" in text_of(pilot)
        await press(pilot, "G")
        assert "old laptop" in text_of(pilot)
        await press(pilot, "P")
        shown = text_of(pilot)
        await press(pilot, "g", "g")
        shown += text_of(pilot)
        await press(pilot, "G")
        for hidden in ("old laptop", "/mnt/old", "bin/ed"):
            assert hidden not in shown
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SettingsScreen) and "hidden" in said(pilot)[-1]


async def test_the_environment_wins_and_the_screen_says_so(opened: Opened, file: Path) -> None:
    text = '[screen]\ntheme = "light"\n'
    async with opened(text, NO_COLOR="1", TOKENWATCH_ASCII="1") as pilot:
        rows = {row.key: row.origin for row in table_of(pilot).records}
        assert rows["screen.theme"] == "NO_COLOR"
        assert rows["screen.ascii"] == "TOKENWATCH_ASCII=1"
        assert pilot.app.theme == PLAIN.name and app_of(pilot).is_ascii
        await at(pilot, "screen.theme")
        assert "NO_COLOR decides" in text_of(pilot)
        await press(pilot, "enter", "G", "enter")
        assert load(file).screen.theme == THEMES[-1]
        assert pilot.app.theme == PLAIN.name
        assert "NO_COLOR decides" in said(pilot)[-1]
        await at(pilot, "screen.ascii")
        await press(pilot, "enter")
        assert load(file).screen.ascii and app_of(pilot).is_ascii


# Keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["enter", "e"])
async def test_a_flag_is_turned_at_once(opened: Opened, file: Path, key: str) -> None:
    async with opened(SOME) as pilot:
        await at(pilot, "screen.ascii")
        await press(pilot, key)
        assert load(file).screen.ascii and file.read_text().startswith("# mine\n")
        assert lines_of(pilot)[1].startswith("+-")
        await press(pilot, key)
        assert not load(file).screen.ascii and lines_of(pilot)[1].startswith("╭─")


async def test_a_theme_is_shown_while_it_is_chosen(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await at(pilot, "screen.theme")
        await press(pilot, "enter", "j")
        assert isinstance(pilot.app.screen, ChoiceScreen)
        assert pilot.app.theme == LIGHT.name
        await press(pilot, "escape")
        assert pilot.app.theme == DARK.name and not file.exists()
        await press(pilot, "enter", "j", "enter")
        assert pilot.app.theme == LIGHT.name and load(file).screen.theme == "light"
        await press(pilot, "enter", "G", "enter", "delete")
        assert pilot.app.theme == DARK.name and load(file).screen.theme == "dark"


async def test_a_theme_that_cannot_be_kept_is_taken_back(opened: Opened, file: Path) -> None:
    async with opened(SOME) as pilot:
        file.chmod(0o444)
        await at(pilot, "screen.theme")
        await press(pilot, "enter", "j", "enter")
        assert pilot.app.theme == DARK.name and "read-only" in said(pilot)[-1]
        await press(pilot, "j")
        assert pilot.app.is_running


async def test_a_theme_of_the_palette_stays_while_other_settings_change(opened: Opened) -> None:
    async with opened() as pilot:
        pilot.app.theme = LIGHT.name
        await at(pilot, "screen.privacy")
        await press(pilot, "enter")
        assert app_of(pilot).privacy and pilot.app.theme == LIGHT.name


async def test_a_choice_by_mouse(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await pilot.double_click("#settings-main", offset=(5, 2))
        await settle(pilot)
        assert isinstance(pilot.app.screen, ChoiceScreen)
        await pilot.click("#choices", offset=(5, 3))
        await settle(pilot)
        assert not file.exists(), "a click selects"
        await pilot.double_click("#choices", offset=(5, 3))
        await settle(pilot)
        assert load(file).titles == "none"


async def test_a_text_is_checked_while_it_is_typed(opened: Opened, file: Path) -> None:
    zones: list[Config] = []

    def hand_on(settings: Config) -> tzinfo:
        zones.append(settings)
        return TOKYO if settings.timezone else UTC

    async with opened(hand_on=hand_on) as pilot:
        assert "14:32:07" in lines_of(pilot)[0]
        await at(pilot, "timezone")
        await press(pilot, "enter", *"Asia/Toky")
        assert isinstance(pilot.app.screen, TextScreen)
        assert "▲ an IANA name" in text_of(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, TextScreen) and not file.exists()
        await press(pilot, "o", "enter")
        assert load(file).timezone == "Asia/Tokyo" and zones[-1].timezone == "Asia/Tokyo"
        await looked(pilot)
        assert "23:32:07" in lines_of(pilot)[0]
        await press(pilot, "enter", *["backspace"] * 10, "enter")
        assert load(file).timezone is None and zones[-1].timezone is None
        await press(pilot, "enter", "x", "escape")
        assert load(file).timezone is None


async def test_a_folder_is_added_changed_and_taken_out(opened: Opened, file: Path) -> None:
    handed: list[Config] = []

    def hand_on(settings: Config) -> tzinfo:
        handed.append(settings)
        return UTC

    async with opened("# mine\n", hand_on=hand_on) as pilot:
        await press(pilot, "n", *"logs", "enter")
        assert isinstance(pilot.app.screen, FolderScreen)
        assert "absolute path" in text_of(pilot)
        await press(pilot, *["backspace"] * 4, *"/mnt/x")
        assert "no such folder" in text_of(pilot)
        await press(pilot, "shift+tab", "space", "tab", "tab", *"old", "enter")
        added = ExtraRoot("codex", Path("/mnt/x"), "old")
        assert load(file).roots == handed[-1].roots == (added,)
        await press(pilot, "G", "enter", "end", "y", "enter")
        assert load(file).roots == (added._replace(path=Path("/mnt/xy")),)
        await press(pilot, "delete", "n")
        assert len(load(file).roots) == 1
        await press(pilot, "delete", "y")
        assert load(file).roots == () == handed[-1].roots
        await press(pilot, "U")
        assert len(load(file).roots) == 1 == len(handed[-1].roots)
        assert file.read_text().startswith("# mine\n")


async def test_undo_takes_back_the_last_change_alone(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await press(pilot, "U")
        assert "nothing was changed" in said(pilot)[-1]
        await at(pilot, "screen.ascii")
        await press(pilot, "enter", "U")
        assert not file.exists() and not app_of(pilot).is_ascii
        await press(pilot, "enter")
        file.write_text(file.read_text() + "mouse = false\n")
        await press(pilot, "U")
        assert "meanwhile" in said(pilot)[-1] and load(file).screen.ascii


async def test_delete_on_no_folder_does_nothing(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await press(pilot, "G", "delete")
        assert isinstance(pilot.app.screen, SettingsScreen) and not file.exists()
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, FolderScreen)
        await press(pilot, "escape")


async def test_copy_zoom_and_panes(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await press(pilot, "y")
        assert app_of(pilot).clipboard == str(file)
        await press(pilot, "tab", "z")
        assert "allowed" in text_of(pilot) and "screen.theme" not in text_of(pilot)
        await press(pilot, "escape", "shift+tab")
        assert "screen.theme" in text_of(pilot)


async def test_without_a_file_nothing_can_be_changed() -> None:
    app = make(None)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "comma", "G", "k", "enter", "y", "U")
        assert "no file to change" in said(pilot)[0] and not app.is_ascii


async def test_from_a_browser_nothing_can_be_changed(opened: Opened, file: Path) -> None:
    async with opened(SOME, remote=True) as pilot:
        for key in (*(known.key for known in SETTINGS), "budgets", "plans", "roots 1"):
            await at(pilot, key)
            for pressed in ("enter", "e", "delete", "n", "U", "E"):
                await press(pilot, pressed)
                assert isinstance(pilot.app.screen, SettingsScreen)
        assert "not from a browser" in said(pilot)[-1]
    assert file.read_text() == SOME


async def test_the_editor_of_the_settings_opens_their_file(
    opened: Opened, file: Path, tmp_path: Path
) -> None:
    program = tmp_path / "code"
    asked = tmp_path / "asked"
    program.write_text(f'#!/bin/sh\necho "$@" > {asked}\n')
    program.chmod(0o755)
    async with opened() as pilot:
        await press(pilot, "E")
        assert "no file yet" in said(pilot)[-1]
        await at(pilot, "editor")
        await press(pilot, "enter")
        pilot.app.screen.query_one(Input).value = f"{program} --wait"
        await press(pilot, "enter")
        file.write_text(file.read_text() + "\ntitles = 3\n")
        await looked(pilot)
        await press(pilot, "E")
        while not asked.exists() or not asked.read_text():
            await pilot.pause()
        assert asked.read_text() == f"--wait --goto {file}:3\n"


async def test_an_editor_that_is_not_there_is_named_by_its_setting(
    opened: Opened, file: Path
) -> None:
    async with opened('editor = "no-such-editor -x"\n') as pilot:
        await press(pilot, "E")
        assert said(pilot)[-1] == "the setting `editor`: there is no program no-such-editor"


async def test_a_list_of_texts_is_typed(opened: Opened, file: Path) -> None:
    async with opened() as pilot:
        await at(pilot, "waste.complaints")
        await press(pilot, "enter", *"otra vez, x")
        assert "▲ a list of up to 40 texts" in text_of(pilot)
        await press(pilot, *"ab", "enter")
        assert load(file).waste.complaints == ("otra vez", "xab")
        assert 'waste.complaints is ["otra vez", "xab"]' in said(pilot)[-1]
        await press(pilot, "enter")
        line = pilot.app.screen.query_one(Input)
        assert line.value == "otra vez, xab"
        line.value = '["no, no"]'
        await press(pilot, "enter", "enter")
        assert load(file).waste.complaints == ("no, no",)
        assert pilot.app.screen.query_one(Input).value == '["no, no"]'
        await press(pilot, "escape", "P")
        assert table_of(pilot).selected.value == HIDDEN
        await press(pilot, "P", "enter")
        pilot.app.screen.query_one(Input).value = ""
        await press(pilot, "enter")
        assert load(file).waste.complaints == ()


async def test_a_hidden_editor_is_neither_shown_nor_said(opened: Opened, file: Path) -> None:
    async with opened('editor = "/home/dev/bin/ed"\n') as pilot:
        await press(pilot, "P")
        await at(pilot, "editor")
        await press(pilot, "enter")
        assert said(pilot)[-1] == "it is hidden: P shows it"
        assert "/home/dev" not in text_of(pilot)
        await press(pilot, "delete", "enter")
        pilot.app.screen.query_one(Input).value = "/home/dev/bin/vi"
        await press(pilot, "enter")
        assert "editor is hidden" in said(pilot)[-1] and "bin/vi" in file.read_text()


async def test_settings_are_exported_with_what_decides(opened: Opened) -> None:
    async with opened() as pilot:
        table = pilot.app.screen.exported()  # type: ignore[attr-defined]
        rows = [table.cells(record) for record in table.records]
        assert rows[0][:3] == ["titles", "full", "default"]


async def test_the_demo_says_whose_settings_they_are(opened: Opened, file: Path) -> None:
    async with opened(note="of the demo alone") as pilot:
        assert "of the demo alone" in lines_of(pilot)[1]
        assert str(file.parent) not in text_of(pilot)


# The file changes ---------------------------------------------------------------------------


async def test_the_app_begins_as_the_file_says(opened: Opened) -> None:
    text = '[screen]\ntheme = "nord"\nprivacy = true\nascii = true\nstart = "settings"\n'
    async with opened(text.replace('"settings"', '"quota"'), tab=False) as pilot:
        app = app_of(pilot)
        assert (app.theme, app.privacy, app.is_ascii, app.tab) == ("nord", True, True, "quota")
        assert "parser tests" not in text_of(pilot)
        await press(pilot, "1")
        assert app.tab == "live" and "tokenwatch" in text_of(pilot)


async def test_the_app_follows_the_file(opened: Opened, file: Path) -> None:
    async with opened(tab=False) as pilot:
        app = app_of(pilot)
        file.write_text('[screen]\ntheme = "plain"\nprivacy = true\n')
        await looked(pilot)
        assert app.theme == PLAIN.name and app.privacy
        assert "parser tests" not in text_of(pilot)
        file.unlink()
        await looked(pilot)
        assert app.theme == DARK.name and not app.privacy
        assert "parser tests" in text_of(pilot)


async def test_a_wrong_file_leaves_the_last_good_settings(opened: Opened, file: Path) -> None:
    async with opened('[screen]\ntheme = "light"\n', tab=False) as pilot:
        file.write_text('[screen]\ntheme = "nrod"\nmouse = 1\n')
        await looked(pilot)
        assert pilot.app.theme == LIGHT.name
        assert "config.toml is wrong" in lines_of(pilot)[1]
        assert "line 2: theme = 'nrod'" in lines_of(pilot)[1]
        await press(pilot, "comma")
        assert "line 3: mouse = 1 in [screen]: allowed are true, false" in text_of(pilot)
        await at(pilot, "screen.ascii")
        await press(pilot, "enter")
        assert "line 2" in said(pilot)[-1] and "nrod" in file.read_text()
        await press(pilot, "P")
        pilot.app.clear_notifications()
        await settle(pilot)
        assert "nrod" not in text_of(pilot)
        for keys in (("enter",), ("U",)):
            await press(pilot, *keys)
            assert "hidden (P shows it)" in said(pilot)[-1] or keys == ("U",)
            assert "nrod" not in "".join(said(pilot)[-1:])
        await press(pilot, "P")
        file.write_text('[screen]\ntheme = "nord"\n')
        await looked(pilot)
        assert pilot.app.theme == "nord" and "is wrong" not in "".join(lines_of(pilot)[:3])


async def test_a_file_that_was_wrong_before_the_start_is_said_too(opened: Opened) -> None:
    async with opened("titles = 3\n", tab=False) as pilot:
        await looked(pilot)
        assert "line 1: titles = 3" in text_of(pilot)


# Themes -------------------------------------------------------------------------------------


def test_the_settings_know_every_theme_and_tab() -> None:
    assert set(THEMES) == {*OWN_THEMES, *BUILTIN_THEMES}
    assert tuple(tab.name for tab in tabs.TABS) == TABS
    assert [theme_name(name) for name in OWN_THEMES] == [DARK.name, LIGHT.name, PLAIN.name]


@pytest.mark.parametrize("name", [name for name, t in BUILTIN_THEMES.items() if not t.ansi])
def test_every_theme_can_be_read(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    ink = inks_of(theme)
    background = Color.parse(theme.to_color_system().generate()["background"])
    assert ink.cursor.bgcolor is not None
    for style in READ:
        colour = Color.parse(getattr(ink, style).color.name)
        for behind in (background, Color.parse(ink.cursor.bgcolor.name)):
            assert contrast(colour, behind) >= 4.5, style
    assert Color.parse(variables_of(theme)["quiet"]).hex6.lower() == str(ink.quiet.color.name)


def test_themes_of_the_terminal_name_no_colour_of_their_own() -> None:
    for theme in BUILTIN_THEMES.values():
        if theme.ansi:
            assert inks_of(theme) == inks_of(PLAIN)


# Pictures -----------------------------------------------------------------------------------


def shown(*names: str, theme: str | None = None) -> Callable[[Pilot[str]], Any]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, "comma", *names)

    return run


@pytest.mark.parametrize(
    ("size", "names", "text"),
    [
        (WIDE, (), SOME),
        (SMALL, ("j",), SOME),
        (WIDE, ("j", "j", "j", "enter", "j", "j", "j"), SOME),
        (SMALL, ("n", "slash", "x"), SOME),
        (SMALL, ("j", "enter", "x"), SOME),
        (SMALL, (), 'titels = "x"\n'),
    ],
    ids=["wide", "small", "themes", "folder", "text", "wrong"],
)
def test_dark(
    snap_compare: Any, file: Path, size: tuple[int, int], names: tuple[str, ...], text: str
) -> None:
    file.write_text(text)
    app = make(file, note="~/.config/tokenwatch/config.toml")
    app.preferences.look()
    assert snap_compare(app, terminal_size=size, run_before=shown(*names))


def test_light(snap_compare: Any, file: Path) -> None:
    file.write_text(SOME)
    app = make(file, note="~/.config/tokenwatch/config.toml")
    assert snap_compare(app, terminal_size=WIDE, run_before=shown(theme=LIGHT.name))


def test_no_color(snap_compare: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    file.write_text(SOME)
    app = make(file, note="~/.config/tokenwatch/config.toml", NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=shown("j"))


@pytest.mark.parametrize("size", [(20, 5), (60, 16), (40, 10), (250, 70)])
async def test_every_size(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(SOME, size=size) as pilot:
        for names in (("enter",), ("j", "enter"), ("n",)):
            await press(pilot, *names, "escape")
        await press(pilot, "tab", "shift+tab", "G")
        assert table_of(pilot).selected_row == len(table_of(pilot).records) - 1
