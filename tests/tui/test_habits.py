"""What holds on every screen: its line of keys, its help, the mouse, the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from tests import factories
from tests.still import ZONE, StillFeed
from tests.tui.conftest import Running, lines_of, press, settle, text_of
from tokenwatch.answers.looked import Looked
from tokenwatch.answers.search import search
from tokenwatch.errors import LedgerError
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.bindings import APP, KEYS, TABLE
from tokenwatch.tui.commands import Commands
from tokenwatch.tui.filter import prompt_search
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.live.screen import LiveScreen
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.tabs import SETTINGS, TABS
from tokenwatch.tui.widgets.lines import KeyLine
from tokenwatch.tui.widgets.record_table import RecordTable

SCREENS = {
    **{tab.name: (tab.keys,) for tab in (*TABS, SETTINGS)},
    **{f"session {n}": ("enter", *"b" * n) for n in range(4)},
    "requests": ("enter", "enter"),
    "filter": ("slash",),
    "filter on sessions": ("2", "slash"),
}


def frame_of(pilot: Pilot[str]) -> FrameScreen:
    screen = pilot.app.screen
    assert isinstance(screen, FrameScreen)
    return screen


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> StillFeed:
    return StillFeed(tmp_path_factory.mktemp("habits"))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80", "120"])
async def test_every_line_of_keys_is_whole_and_true(
    still: StillFeed, size: tuple[int, int]
) -> None:
    app = TokenwatchApp(still, now=still.now, zone=ZONE, environment={"PATH": ""})
    with still:
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for name, keys in SCREENS.items():
                await press(pilot, *keys)
                frame = frame_of(pilot)
                line, named = lines_of(pilot)[-1], frame.keys()
                assert len(line) == size[0] and len(named) <= 8
                for key in named:
                    assert f" {key.shown} {key.label}" in line, (name, key.label)
                    assert key.action in ("", *TABLE, *APP, *frame.ACTIONS), (name, key.label)
                assert len(frame.query_one(KeyLine)._spans) >= len(named)
                await press(pilot, "escape", "escape", "escape", "1")


def test_every_meaning_fits_in_the_help() -> None:
    # At 80 columns the box has 76, and its column of meanings 52.
    assert not [key.action for key in KEYS.values() if len(key.meaning) > 52]


async def test_help_begins_with_what_this_screen_does(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "question_mark")
        table = pilot.app.screen.query_one(RecordTable)
        actions = [row.what.action for row in table.records]
        assert actions[0] == "choose" and actions.index("screen.sort") < actions.index("move(1)")
        assert actions.index("move(1)") < actions.index("app.quit")
        assert [row.where for row in table.records if row.where] == [
            *("this screen", "a table", "everywhere")
        ]
        await press(pilot, "escape", "enter", "question_mark")
        assert "keys · Session" in text_of(pilot)


async def test_the_palette_begins_with_the_screens(running: Running) -> None:
    async with running() as pilot:
        commands = [str(hit.text) async for hit in Commands(pilot.app.screen).discover()]
        places = [f"go: {tab.title}" for tab in (*TABS, SETTINGS)]
        assert commands[: len(places)] == places
        rest = [name for name in commands[len(places) :] if not name.startswith(("go:", "theme:"))]
        assert rest == sorted(rest) and rest and commands[-1].startswith("theme:")
        own = {*LiveScreen.ACTIONS, *APP}
        assert len(commands) - sum(name.startswith("theme:") for name in commands) == len(
            own - {"app.command_palette", "app.demo"}
        ), "every action has a name"
        assert len(set(commands)) == len(commands)


# The mouse ----------------------------------------------------------------------------------------


async def test_the_wheel_moves_a_table_and_leaves_the_selection(running: Running) -> None:
    rows = [row for n in range(6) for row in factories.rich_sessions()]
    many = tuple(replace(row, id=f"{n:04}", agents=()) for n, row in enumerate(rows))
    async with running(factories.snapshot(sessions=many)) as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        key = table.records[0].key
        await pilot._post_mouse_events([MouseScrollDown], table, offset=(5, 5))
        await settle(pilot)
        assert table.scroll_offset.y > 0
        assert table.selected is not None and table.selected.key == key


async def test_a_click_on_row_header_tab_and_footer(running: Running) -> None:
    async with running() as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        top = table.content_region.y
        line = lines_of(pilot)[top]
        await pilot.click(offset=(line.index("cost $"), top))
        await settle(pilot)
        assert "by cost ↓" in text_of(pilot)
        await pilot.click(offset=(line.index("now"), top))
        await settle(pilot)
        assert "by last activity ↓" in text_of(pilot)
        await pilot.click(offset=(10, top + 3))
        await settle(pilot)
        assert table.selected_row == 2
        await pilot.click(offset=(10, top + 3), times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, SessionScreen)
        line = lines_of(pilot)[-1]
        await pilot.click(offset=(line.index("esc"), pilot.app.size.height - 1))
        await settle(pilot)
        assert isinstance(pilot.app.screen, LiveScreen)
        await pilot.click(offset=(lines_of(pilot)[0].index("2 Sessions"), 0))
        await settle(pilot)
        assert pilot.app.screen.TAB == "sessions"


# The top line -------------------------------------------------------------------------------------


async def test_tabs_stay_in_their_places(running: Running) -> None:
    async with running() as pilot:
        places = set()
        for tab in TABS:
            await press(pilot, tab.keys)
            places.add(tuple(lines_of(pilot)[0].index(f"{t.shown} {t.title}") for t in TABS))
        assert len(places) == 1


async def test_a_long_name_is_cut_before_the_tabs_are(running: Running) -> None:
    row = factories.rich_sessions()[0]
    named = replace(row, title="parser " * 9)
    async with running(factories.snapshot(sessions=(named,))) as pilot:
        await press(pilot, "enter")
        line = lines_of(pilot)[0]
        assert "…]" in line and "tokenwatch" in line and "7 Agents" in line and "14:32:07" in line
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        line = lines_of(pilot)[0]
        assert "…] 2 3 4 5 6 7" in line and "14:32" in line


# Back ---------------------------------------------------------------------------------------------


async def test_esc_goes_back_by_one_each_time(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, *"pjj", "enter", "slash", *"web", "enter", "z")
        screen = pilot.app.screen
        assert isinstance(screen, LiveScreen) and screen._zoomed
        await press(pilot, "escape")
        assert not screen._zoomed and screen._filter == "web" and screen._project
        await press(pilot, "escape")
        assert screen._filter == "" and screen._project
        await press(pilot, "escape")
        assert screen._project is None
        await press(pilot, "enter", "b", "enter", "z")
        views = []
        while isinstance(pilot.app.screen, SessionScreen):
            views.append((pilot.app.screen._view, pilot.app.screen._zoomed))
            await press(pilot, "escape")
        assert views == [
            ("requests", True),
            ("requests", False),
            ("agents", False),
            ("turns", False),
        ]


@pytest.mark.parametrize("size", [(250, 70), (60, 16), (40, 12), (20, 5), (5, 2)])
async def test_every_screen_and_box_at_every_size(running: Running, size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        for keys in (
            *SCREENS.values(),
            *(("question_mark", "j", "escape"), ("i", "escape"), ("x", "escape")),
            *(("p", "escape"), ("colon", "escape")),
        ):
            await press(pilot, *keys)
            assert len(lines_of(pilot)) == size[1]
            await press(pilot, "escape", "escape", "escape", "1")
        assert isinstance(pilot.app.screen, LiveScreen)


# Searching --------------------------------------------------------------------------------------


async def test_a_search_goes_on_after_a_part_that_could_not_be_read(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_search, "PAUSE_S", 0.001)
    monkeypatch.setattr(prompt_search, "AGAIN_S", 0.05)
    rows = factories.rich_sessions()
    asked: list[object] = []
    is_locked = True

    def found(terms: tuple[str, ...], behind: object) -> Looked:
        asked.append(behind)
        if behind is not None and is_locked:
            raise LedgerError("the ledger is locked")
        part = rows[:4] if behind is None else rows[4:]
        hits = tuple((row.id, frozenset(terms)) for row in part)
        return Looked(hits, 0, (4, 4) if behind is None else None)

    async with running(answers={search: found}) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, LiveScreen)
        await press(pilot, "slash", *"prompt:test")
        for _ in range(500):
            await pilot.pause(0.01)
            if "the ledger can't be read · 4 sessions searched" in text_of(pilot):
                break
        before = len(asked)
        assert "searching" not in text_of(pilot) and "the ledger is locked" in text_of(pilot)
        is_locked = False
        for _ in range(500):
            await pilot.pause(0.01)
            if not screen._search.is_running:
                break
        assert set(asked[before - 1 :]) == {(4, 4)}, "it goes on where it stood"
        assert f"{len(rows)} sessions searched" in text_of(pilot)
        assert "can't be read" not in lines_of(pilot)[-2]
