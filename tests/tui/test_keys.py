"""Every key, on a running app."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.tui.conftest import Running, feed_of, lines_of, press, publish, settle, text_of
from tokenwatch.answers import session as session_answers
from tokenwatch.tui.app import LEAVE_FOR_DEMO, TokenwatchApp
from tokenwatch.tui.bindings import APP, TABLE
from tokenwatch.tui.boxes.dialogs import ExplainScreen, HelpScreen
from tokenwatch.tui.screens.live.screen import LiveScreen
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.tabs import SETTINGS, TABS, Tab
from tokenwatch.tui.widgets.record_table import RecordTable
from tokenwatch.tui.widgets.status_bar import StatusBar

PARSER, API, WEB = (row.id for row in factories.rich_sessions()[:3])


def app_of(pilot: Pilot[str]) -> TokenwatchApp:
    assert isinstance(pilot.app, TokenwatchApp)
    return pilot.app


def selected(pilot: Pilot[str]) -> str | None:
    """Return the key selected in the table in focus."""
    focused = pilot.app.screen.focused
    assert isinstance(focused, RecordTable)
    record = focused.selected
    return None if record is None else record.key


def keys_of(pilot: Pilot[str], table: str = "#sessions") -> list[str]:
    return [r.key for r in pilot.app.screen.query_one(table, RecordTable).records]


@pytest.mark.parametrize(
    ("pressed", "row"),
    [
        (("j",), 1),
        (("down", "down"), 2),
        (("j", "k"), 0),
        (("j", "up"), 0),
        (("G",), -1),
        (("end",), -1),
        (("G", "g"), 0),
        (("G", "home"), 0),
        (("ctrl+d",), 7),
        (("ctrl+d", "ctrl+u"), 0),
        (("pagedown",), -1),
        (("pagedown", "pageup"), 0),
        (("k",), 0),
    ],
)
async def test_moving(running: Running, pressed: tuple[str, ...], row: int) -> None:
    async with running() as pilot:
        await press(pilot, *pressed)
        assert selected(pilot) == keys_of(pilot)[row]


async def test_enter_opens_the_session_and_esc_goes_back(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "j", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        assert "Live ▸ tokenwatch ▸ par" in lines_of(pilot)[0]
        assert feed_of(pilot).read == [f"detail {PARSER}"]
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LiveScreen)


async def test_another_session_after_the_first(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "b", "G", "escape", "escape", "j", "j", "j", "j", "enter")
        assert "Live ▸ api ▸ fix pag" in lines_of(pilot)[0]
        assert selected(pilot) == "turn-38"
        assert feed_of(pilot).read == [f"detail {PARSER}", f"detail {API}"]


async def test_turns_requests_and_back(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "j", "enter")
        assert feed_of(pilot).read[-1] == f"requests {PARSER}/turn-37"
        assert "turn 37 · requests" in text_of(pilot)
        assert "b41f0c9c…a19c.jsonl:1203" in text_of(pilot)
        await press(pilot, "escape")
        assert selected(pilot) == "turn-37"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LiveScreen)


async def test_sort_goes_through_the_columns_and_reverses(running: Running) -> None:
    async with running() as pilot:
        assert "by $/h ↓" in text_of(pilot)
        await press(pilot, "s")
        assert "by cost ↓" in text_of(pilot)
        by_cost = keys_of(pilot)
        assert by_cost[0].startswith("6f33cc04")
        await press(pilot, "S")
        assert "by cost ↑" in text_of(pilot)
        assert keys_of(pilot)[0].startswith("7044dd05")
        seen = []
        while "by $/h ↓" not in text_of(pilot):
            await press(pilot, "s")
            seen.append(pilot.app.screen._sort)
        assert seen == [*("recent", "turns", "context", "cache", "session", "model"), "burn"]


async def test_sorting_a_session(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "s")
        lines = pilot.app.screen.query_one("#turns", RecordTable).records
        costs = [line.turn.spend.cost_pico for line in lines]
        assert costs == sorted(costs, reverse=True)
        await press(pilot, "S")
        assert "by cost ↑" in text_of(pilot)
        await press(pilot, "b", "s")
        assert "by cost ↓" in text_of(pilot)


async def test_header_click_sorts(running: Running) -> None:
    async with running() as pilot:
        header = lines_of(pilot)[10]
        assert "turns" in header
        await pilot.click("#sessions", offset=(header.index("turns") + 1, 1))
        await settle(pilot)
        assert "by turns ↓" in text_of(pilot)
        await pilot.click("#sessions", offset=(header.index("turns") + 1, 1))
        await settle(pilot)
        assert "by turns ↑" in text_of(pilot)


async def test_click_selects_and_double_click_opens(running: Running) -> None:
    async with running() as pilot:
        await pilot.click("#sessions", offset=(10, 6))
        await settle(pilot)
        assert selected(pilot) == API
        await pilot.double_click("#sessions", offset=(10, 6))
        await settle(pilot)
        assert isinstance(pilot.app.screen, SessionScreen)


async def test_filter_by_words(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "slash", *"api")
        assert {k.split("/")[0] for k in keys_of(pilot)} == {API, keys_of(pilot)[1]}
        await press(pilot, "enter")
        assert "filter api" in lines_of(pilot)[0]
        assert len(keys_of(pilot)) == 3
        await press(pilot, "escape")
        assert len(keys_of(pilot)) == 13
        await press(pilot, "slash", *"zzz")
        assert "no session matches" in text_of(pilot)
        await press(pilot, "escape")
        assert len(keys_of(pilot)) == 13


async def test_keys_behind_the_slash_are_never_commands(running: Running) -> None:
    async with running() as pilot:
        for key in ("slash", "q", "i", "slash"):
            await pilot.press(key)
        await settle(pilot)
        assert isinstance(pilot.app.screen, LiveScreen)
        assert "filter qi/" in lines_of(pilot)[0]


async def test_source_goes_round(running: Running) -> None:
    async with running() as pilot:
        sources = []
        for _ in range(3):
            await press(pilot, "a")
            rows = pilot.app.screen.query_one("#sessions", RecordTable).records
            sources.append(sorted({row.session.source for row in rows}))
        assert sources == [["claude-code"], ["codex"], ["claude-code", "codex"]]
        await press(pilot, "a", "escape")
        assert len(keys_of(pilot)) == 13


async def test_pause_holds_the_picture(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "space")
        assert "paused" in lines_of(pilot)[0]
        await publish(pilot, factories.snapshot(sessions=()))
        assert len(keys_of(pilot)) == 13
        await press(pilot, "space")
        assert keys_of(pilot) == []
        assert "● live" in lines_of(pilot)[0]


async def test_zoom_and_tab(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "z")
        assert "burn rate" not in text_of(pilot)
        await press(pilot, "tab")
        assert "activity" in text_of(pilot) and "parser tests" not in text_of(pilot)
        await press(pilot, "tab", "tab")
        assert "burn rate" in text_of(pilot) and "activity" not in text_of(pilot)
        await press(pilot, "escape")
        assert "activity" in text_of(pilot) and "parser tests" in text_of(pilot)
        await press(pilot, "shift+tab", "z", "z")
        assert "parser tests" in text_of(pilot)


@pytest.mark.parametrize(
    ("pane", "says"),
    [
        (0, "Sum over the session's requests"),
        (1, "One request"),
        (2, "Sum over all requests since midnight"),
        (3, "Cost of the last ten minutes × 6"),
        (4, "auxiliary ones left out"),
    ],
)
async def test_explain_each_pane(running: Running, pane: int, says: str) -> None:
    async with running() as pilot:
        await press(pilot, *["tab"] * pane, "i")
        assert isinstance(pilot.app.screen, ExplainScreen)
        assert says in text_of(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LiveScreen)


async def test_explain_down_to_file_and_line(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "enter", "i")
        shown = text_of(pilot)
        assert "price list of 2026-11-01" in shown
        assert "a19c.jsonl:1203" in shown, "a long path is broken, its end is whole"
        await press(pilot, "escape", "G", "i")
        assert "no price is known for this model" in text_of(pilot)


async def test_explain_subagents_and_sums(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "j", "i")
        assert "agent ag-1" in text_of(pilot)
        await press(pilot, "escape", "j", "j", "i")
        assert "auxiliary" in text_of(pilot)


@pytest.mark.parametrize(
    ("pressed", "copied"),
    [
        (("y",), PARSER),
        (("j", "y"), f"{PARSER}/ag-1"),
        (("enter", "y"), PARSER),
        (("enter", "b", "j", "y"), f"{PARSER}/ag-1"),
        (
            ("enter", "enter", "y"),
            "/home/dev/.claude/projects/-home-dev-src-tokenwatch/b41f0c9c-5d1e-4a70-8c33-2f6d9e07a19c.jsonl:1203",
        ),
    ],
)
async def test_copy(running: Running, pressed: tuple[str, ...], copied: str) -> None:
    async with running() as pilot:
        await press(pilot, *pressed)
        assert pilot.app.clipboard == copied
        assert "sent to the terminal's clipboard" in text_of(pilot)


async def test_refresh_asks_the_feed(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "r")
        assert feed_of(pilot).refreshed == 1


async def test_help_lists_the_screens_keys_and_runs_one(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        shown = {row.what.action for row in pilot.app.screen.query_one(RecordTable).records}
        assert shown == {*TABLE, *LiveScreen.ACTIONS, *APP} - {"app.demo"}
        while selected(pilot) != "screen.sort":
            await press(pilot, "down")
        await press(pilot, "enter")
        assert "by cost ↓" in text_of(pilot)
        await press(pilot, "question_mark", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        await press(pilot, "question_mark")
        shown = {row.what.action for row in pilot.app.screen.query_one(RecordTable).records}
        assert "screen.group" in shown and "screen.source" not in shown
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SessionScreen)


async def test_help_is_narrowed_by_typing(running: Running) -> None:
    async with running(size=(60, 16)) as pilot:
        await press(pilot, "question_mark", *"ORDER")
        shown = pilot.app.screen.query_one(RecordTable).records
        assert [row.what.action for row in shown] == ["screen.reverse"]
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, *"zzz")
        assert "no key does that" in text_of(pilot)
        await press(pilot, "backspace", "backspace", "enter")
        assert isinstance(pilot.app.screen, LiveScreen), "z: zoomed"
        await press(pilot, "question_mark", "question_mark")
        assert isinstance(pilot.app.screen, LiveScreen)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_palette(running: Running, key: str) -> None:
    async with running() as pilot:
        await press(pilot, key, *"light", "enter")
        assert pilot.app.theme == "tokenwatch-light"
        await press(pilot, key)
        assert "theme: Plain" not in lines_of(pilot)[0]


async def test_privacy_hides_what_the_user_wrote(running: Running) -> None:
    words = ("parser tests", "tokenwatch ▸", "pagination", "survey", "/home/dev", ".jsonl")
    async with running() as pilot:
        await press(pilot, "P")
        for names in ((), ("enter",), ("b",), ("escape", "enter"), ("i",)):
            await press(pilot, *names)
            shown = text_of(pilot)
            assert not [word for word in words if word in shown], names
        assert "private" in shown


async def test_follow_keeps_the_newest_selected(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "G", "F")
        assert selected(pilot) == PARSER
        rows = list(factories.rich_sessions())
        rows[2] = replace(rows[2], last_ms=factories.NOW_MS)
        await publish(pilot, factories.snapshot(sessions=tuple(rows)))
        assert selected(pilot) == WEB
        await press(pilot, "j")
        moved = selected(pilot)
        await publish(pilot, factories.snapshot())
        assert selected(pilot) == moved


async def test_quit(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_value is None and not pilot.app.is_running
    assert feed_of(pilot).stopped


async def test_demo_only_where_there_is_nothing(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "D")
        assert pilot.app.is_running
    async with running(factories.empty_snapshot()) as pilot:
        await pilot.press("D")
        await pilot.pause()
        assert pilot.app.return_value == LEAVE_FOR_DEMO


async def test_line_of_keys_can_be_clicked(running: Running) -> None:
    async with running() as pilot:
        line = lines_of(pilot)[-1]
        await pilot.click(offset=(line.index("Sort"), 35))
        await settle(pilot)
        assert "by cost ↓" in text_of(pilot)
        await pilot.click(offset=(line.index("Open"), 35))
        await settle(pilot)
        assert isinstance(app_of(pilot).screen, SessionScreen)


async def test_at_most_eight_keys_and_none_cut(running: Running) -> None:
    async with running(size=(80, 24)) as pilot:
        for names in ((), ("enter",)):
            await press(pilot, *names)
            line = lines_of(pilot)[-1]
            assert line.rstrip().endswith("q Quit")
            assert len(line) == 80


@pytest.mark.parametrize("tab", [*TABS, SETTINGS], ids=lambda tab: tab.name)
async def test_a_tab_from_anywhere(running: Running, tab: Tab) -> None:
    async with running() as pilot:
        await press(pilot, "enter", tab.keys)
        assert f"[{tab.shown} {tab.title}" in lines_of(pilot)[0]
        await press(pilot, "1")
        assert isinstance(pilot.app.screen, LiveScreen) and len(pilot.app.screen_stack) == 1


async def test_a_click_on_a_tab_goes_there(running: Running) -> None:
    async with running() as pilot:
        await pilot.click(StatusBar, offset=(lines_of(pilot)[0].index("5 History"), 0))
        await settle(pilot)
        assert "[5 History]" in lines_of(pilot)[0]


async def test_a_picture_is_saved_where_the_program_was_started(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as pilot:
        await press(pilot, "ctrl+s")
        assert "picture saved" in text_of(pilot)
    (picture,) = tmp_path.glob("tokenwatch-*.svg")
    assert "parser" in picture.read_text()


async def test_w_looks_for_the_pane_of_the_selected_session(running: Running) -> None:
    asked: list[str] = []
    answers = {session_answers.running: lambda session_id: asked.append(session_id)}
    async with running(answers=answers) as pilot:
        await press(pilot, "w")
        assert len(asked) == 1
        assert "tmux" in text_of(pilot)
