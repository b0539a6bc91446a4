"""The Sessions screen: every key, what it shows, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, publish, settle, text_of
from tests.tui.past import Archive, history, past
from tokenwatch.answers.looked import Looked
from tokenwatch.answers.past import PastSessions
from tokenwatch.answers.search import search
from tokenwatch.answers.sessions import past_sessions
from tokenwatch.errors import LedgerError
from tokenwatch.model import State
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.bindings import KEYS
from tokenwatch.tui.boxes.dialogs import ExplainScreen
from tokenwatch.tui.filter import prompt_search
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.screens.sessions.link import show_sessions
from tokenwatch.tui.screens.sessions.listing import GROUPS, Group
from tokenwatch.tui.screens.sessions.screen import SessionsScreen

SIZE = "{0[0]}x{0[1]}".format
PARSER = factories.rich_sessions()[0].id


@pytest.fixture
def archive() -> Archive:
    return Archive()


Answers = Callable[..., dict[object, Callable[..., Any]]]


def answers(archive: Callable[..., PastSessions], **more: Any) -> Any:
    return {past_sessions: archive, **({search: more["found"]} if more else {})}


def screen_of(pilot: Pilot[str]) -> SessionsScreen:
    screen = pilot.app.screen
    assert isinstance(screen, SessionsScreen)
    return screen


def keys_of(pilot: Pilot[str]) -> list[str]:
    return [line.key for line in screen_of(pilot).table.records]


def selected(pilot: Pilot[str]) -> str:
    line = screen_of(pilot).table.selected
    assert line is not None
    return line.key


def border(pilot: Pilot[str]) -> str:
    return next(line for line in lines_of(pilot) if line.startswith(("╭─ sessions", "┏━ sessions")))


async def test_all_sessions_latest_first(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2")
        assert "49 of 49" in border(pilot) and "all time · by last activity ↓" in border(pilot)
        total = sum(row.spend.cost_pico for row in archive.rows)
        assert f"${total / 10**12:,.2f}" in border(pilot)
        assert keys_of(pilot) == [
            row.id for row in sorted(archive.rows, key=lambda row: -(row.last_ms or 0))
        ]
        assert "tokenwatch ▸ parser tests" in text_of(pilot)
        await press(pilot, "G")
        assert "web ▸ task 760" in text_of(pilot) and selected(pilot) == past(40).id


async def test_sort_by_key_and_by_header(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "j", "j")
        kept = selected(pilot)
        seen = []
        for _ in screen_of(pilot).sorts():
            await press(pilot, "s")
            seen.append(border(pilot).rpartition("· by ")[2].split(" ─")[0])
            assert selected(pilot) == kept
        assert len(set(seen)) == len(seen) and "last activity ↓" in seen and "session ↑" in seen
        await press(pilot, "S")
        assert "by last activity ↑" in border(pilot) and keys_of(pilot)[0] == past(40).id
        header = next(line for line in lines_of(pilot) if "cost $" in line)
        for arrow in "↓↑":
            await pilot.click("#all-sessions", offset=(header.index("cost $") + 2, 1))
            await settle(pilot)
            assert f"by cost {arrow}" in border(pilot)
        assert selected(pilot) == kept


async def test_groups_open_and_close(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "b")
        lines = screen_of(pilot).table.records
        assert all(isinstance(line, Group) for line in lines)
        assert "sessions by project" in border(pilot) and "▸ tokenwatch  1 session" in text_of(
            pilot
        )
        # The group of the session that was selected.
        assert selected(pilot) == "project:/home/dev/src/tokenwatch"
        await press(pilot, "enter")
        assert keys_of(pilot)[:2] == ["project:/home/dev/src/tokenwatch", PARSER]
        assert "▼ tokenwatch  1 session" in text_of(pilot)
        await press(pilot, "j", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        await press(pilot, "escape", "k", "enter")
        assert keys_of(pilot) == [line.key for line in lines]
        titles = []
        for _ in GROUPS[1:]:
            await press(pilot, "b")
            titles.append(border(pilot).split(" ─")[0])
        assert titles == [
            "╭─ sessions by the model that cost most",
            "╭─ sessions by branch",
            "╭─ sessions by the day of the last activity",
            "╭─ sessions",
        ]
        assert selected(pilot) == PARSER


async def test_periods(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "t")
        assert "9 of 9" in border(pilot) and "today" in border(pilot)
        assert selected(pilot) == PARSER
        await press(pilot, "left_square_bracket")
        assert "1 of 1" in border(pilot) and "Fri 20 Nov" in border(pilot)
        await press(pilot, "left_square_bracket", "right_square_bracket", "right_square_bracket")
        assert "9 of 9" in border(pilot)
        for words in ("last 24 hours", "last 7 days", "last 30 days", "this month", "all time"):
            await press(pilot, "t")
            assert words in border(pilot)
        await press(pilot, "right_square_bracket")
        assert "49 of 49" in border(pilot)
        assert archive.asked[-1].length == "all"


async def test_nothing_in_a_period(running: Running) -> None:
    async with running(
        answers=answers(Archive([past(30)])), first=factories.empty_snapshot()
    ) as pilot:
        await press(pilot, "2", "t")
        assert "nothing spent: today · t for another length" in text_of(pilot)


async def test_units(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "u")
        assert " tokens ·" in border(pilot) and "tokens │" in text_of(pilot)
        await press(pilot, "u")
        assert "share │" in text_of(pilot) and "<1%" in text_of(pilot)
        await press(pilot, "u")
        assert "cost $ │" in text_of(pilot)


async def test_filter_source_and_project(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "slash", *"project:api cost:>3", "enter")
        shown = [line.session for line in screen_of(pilot).table.records]
        assert shown and all("api" in str(s.project) for s in shown)
        assert all(s.spend.cost_pico > 3 * 10**12 for s in shown)
        assert f"{len(shown)} of 49" in border(pilot)
        await press(pilot, "a")
        assert "Claude Code" in lines_of(pilot)[0]
        await press(pilot, "escape", "escape")
        assert "49 of 49" in border(pilot)
        await press(pilot, "p", "j", "enter")
        assert "▌project " in lines_of(pilot)[0] and "49 of 49" not in border(pilot)
        await press(pilot, "escape")
        assert "49 of 49" in border(pilot)
        await press(pilot, "slash", *"zzzz")
        assert "no session matches · esc clears the filter" in text_of(pilot)


@pytest.mark.parametrize("first", [(), ("2", "a", "1")], ids=["new", "seen"])
async def test_another_screen_says_which_to_show(
    running: Running, archive: Archive, first: tuple[str, ...]
) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, *first)
        app = pilot.app
        assert isinstance(app, TokenwatchApp)
        assert show_sessions(app, "id:b41f")
        await settle(pilot)
        assert keys_of(pilot) == [PARSER] and "filter id:b41f" in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert "49 of 49" in border(pilot)


async def test_open_copy_and_explain(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "y", "i")
        assert isinstance(pilot.app.screen, ExplainScreen)
        assert "tokenwatch ▸ parser tests" in text_of(pilot)
        await press(pilot, "escape", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        assert "Sessions ▸ tokenwatch ▸ par" in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert selected(pilot) == PARSER
        # Of a group, and of a session within a period, the sum over what is shown.
        await press(pilot, "b", "i")
        assert "Sum over 1 of the sessions shown, grouped by project: all time" in text_of(pilot)
        await press(pilot, "escape", "y", "b", "b", "b", "b", "t", "i")
        assert "Sum over the session's requests: today" in text_of(pilot)


async def test_every_key_is_told(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive), size=(120, 50)) as pilot:
        await press(pilot, "2", "question_mark")
        shown = text_of(pilot)
        for action in SessionsScreen.ACTIONS:
            assert KEYS[action].meaning[:40] in shown


async def test_running_sessions_move_with_the_picture(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "j")
        kept, before = selected(pilot), factories.snapshot()
        first = before.sessions[0]
        changed = replace(first, spend=factories.spend(99_900), state=State.WAITING)
        await publish(pilot, replace(before, sessions=(changed, *before.sessions[1:])))
        assert "999.00" in text_of(pilot) and selected(pilot) == kept
        assert len(archive.asked) == 1


async def test_a_new_session_appears_and_answers_are_paced(
    running: Running, archive: Archive
) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2")
        before = factories.snapshot()
        new = factories.session(
            "new-one", "brand new", "/home/dev/src/api", [factories.agent("new-one", 1)]
        )
        more = replace(
            before, sessions=(new, *before.sessions), sessions_in_all=before.sessions_in_all + 1
        )
        await publish(pilot, more)
        assert "api ▸ brand new" in text_of(pilot) and "50 of 50" in border(pilot)
        assert len(archive.asked) == 1
        screen = screen_of(pilot)
        screen._asked_s = 0.0
        screen._took_s = 0.0
        screen.tick()
        await settle(pilot)
        assert len(archive.asked) == 2


async def test_prompts_are_searched_part_by_part(
    running: Running, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_search, "PAUSE_S", 0.001)
    asked: list[tuple[tuple[str, ...], object]] = []
    ids = [row.id for row in archive.rows]

    def found(terms: tuple[str, ...], behind: object) -> Looked:
        asked.append((terms, behind))
        if behind is None:
            part = [(id, frozenset(terms if id == PARSER else ())) for id in ids[:20]]
            return Looked(tuple(part), 1, (5, 5))
        part = [(id, frozenset(terms if id == ids[-1] else ())) for id in ids[20:]]
        return Looked(tuple(part), 2, None)

    async with running(answers=answers(archive, found=found)) as pilot:
        await press(pilot, "2", "slash", *'prompt:"flaky test"')
        for _ in range(500):
            await pilot.pause(0.01)
            if "49 sessions searched" in lines_of(pilot)[-2]:
                break
        assert asked[-2:] == [(("flaky test",), None), (("flaky test",), (5, 5))]
        assert set(keys_of(pilot)) == {PARSER, ids[-1]}
        assert "49 sessions searched · 3 logs gone" in lines_of(pilot)[-2]
        await press(pilot, "enter")
        assert "▌49 sessions searched · 3 logs gone" in lines_of(pilot)[0]
        number = len(asked)
        await publish(pilot, factories.snapshot())
        assert len(asked) == number
        # A prompt that is new is searched as well.
        before = factories.snapshot()
        more = replace(before.sessions[0], prompts=before.sessions[0].prompts + 1)
        await publish(pilot, replace(before, sessions=(more, *before.sessions[1:])))
        for _ in range(500):
            await pilot.pause(0.01)
            if len(asked) == number + 2:
                break
        number += 2
        await press(pilot, "P")
        assert set(keys_of(pilot)) == {PARSER, ids[-1]} and "parser tests" not in text_of(pilot)
        await press(pilot, "escape")
        assert len(keys_of(pilot)) == 49 and len(asked) == number


async def test_an_older_search_counts_for_nothing(
    running: Running, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_search, "PAUSE_S", 0.001)

    def found(terms: tuple[str, ...], behind: object) -> Looked:
        return Looked(((PARSER, frozenset(terms)),), 0, (1, 1))

    async with running(answers=answers(archive, found=found)) as pilot:
        await press(pilot, "2")
        screen = screen_of(pilot)
        screen._search.want(("one",))
        screen._search.want(("two",))
        screen._search._take(1, Looked((("x", frozenset({"one"})),), 7, None))
        assert screen._search.found == {} and screen._search.words.startswith("searching prompts…")
        screen._search.want(())
        assert screen._search.words == ""


async def test_privacy(running: Running, archive: Archive) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "j", "j", "p", "j", "enter", "j")
        kept = selected(pilot)
        await press(pilot, "P")
        shown = text_of(pilot)
        assert "private" in shown and selected(pilot) == kept
        for word in ("api", "web", "infra", "task", "parser", "/home"):
            assert word not in shown
        await press(pilot, "b")
        assert "▸ no project  49 sessions" in text_of(pilot)
        await press(pilot, "slash", *"title:task")
        assert "titles, paths and branches are hidden (P shows them)" in text_of(pilot)
        await press(pilot, "escape", "P")
        assert "▸ infra" in text_of(pilot)


async def test_a_ledger_that_can_not_be_read_is_said(running: Running) -> None:
    def fails(period: object) -> PastSessions:
        raise LedgerError("the ledger is locked")

    async with running(answers={past_sessions: fails}) as pilot:
        await press(pilot, "2")
        assert "the ledger is locked" in text_of(pilot)
        assert "reading the ledger…" in text_of(pilot)
        feed_of(pilot).answers[past_sessions] = Archive()
        screen_of(pilot)._asked_s = 0.0
        await publish(pilot, factories.snapshot())
        assert "49 of 49" in border(pilot)


@pytest.mark.parametrize("size", [(20, 5), (60, 16), (80, 24), (200, 60), (250, 70)])
async def test_sizes(running: Running, archive: Archive, size: tuple[int, int]) -> None:
    async with running(answers=answers(archive), size=size) as pilot:
        await press(pilot, "2", "b", "enter", "j", "slash", "x", "escape")
        lines = lines_of(pilot)
        assert len(lines) == size[1] and all(len(line) <= size[0] for line in lines)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "49 of 49" in border(pilot)


async def test_ten_thousand_sessions(running: Running) -> None:
    many = Archive(history(10_000))
    async with running(answers=answers(many)) as pilot:
        await press(pilot, "2", "G")
        assert "10,009 of 10,009" in border(pilot) and selected(pilot) == past(10_000).id
        await press(pilot, "b", "b", "slash", *"turns:>20")
        assert "of 10,009" in border(pilot)


# Pictures ---------------------------------------------------------------------------------------


def keys(*names: str, theme: str | None = None) -> Callable[[Pilot[str]], Any]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
            await settle(pilot)
        await press(pilot, "2", *names)

    return run


def app_with(archive: Archive, **environment: str) -> Any:
    return make_app(factories.snapshot(), answers(archive), **environment)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16), (200, 40)], ids=SIZE)
def test_dark(snap_compare: Any, archive: Archive, size: tuple[int, int]) -> None:
    assert snap_compare(app_with(archive), terminal_size=size, run_before=keys("j"))


def test_light(snap_compare: Any, archive: Archive) -> None:
    before = keys("j", theme="tokenwatch-light")
    assert snap_compare(app_with(archive), terminal_size=(120, 36), run_before=before)


def test_no_color(snap_compare: Any, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_with(archive, NO_COLOR="1")
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys("j"))


@pytest.mark.parametrize(
    "names",
    [("b", "j", "enter"), ("slash", *"model:opus cost:x"), ("p", "j"), ("slash",)],
    ids=["grouped", "wrong-filter", "projects", "filter"],
)
def test_states(snap_compare: Any, archive: Archive, names: tuple[str, ...]) -> None:
    assert snap_compare(app_with(archive), terminal_size=(100, 24), run_before=keys(*names))


def test_ascii(snap_compare: Any, archive: Archive) -> None:
    app = app_with(archive, TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys("b", "enter"))


async def test_its_one_pane_can_be_zoomed_and_is_the_next_to_itself(
    running: Running, archive: Archive
) -> None:
    async with running(answers=answers(archive)) as pilot:
        await press(pilot, "2", "j")
        kept, screen = selected(pilot), screen_of(pilot)
        for key in ("tab", "shift+tab"):
            await press(pilot, key)
            assert screen.focused is screen.table and selected(pilot) == kept
        await press(pilot, "z")
        assert screen.has_class("-alone") and selected(pilot) == kept
        await press(pilot, "escape")
        assert not screen.has_class("-alone") and pilot.app.screen is screen
