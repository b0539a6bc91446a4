"""The filter's language, and how it is typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.factories import NOW_MS
from tests.tui.conftest import Running, lines_of, press, settle, text_of
from tokenwatch.answers.past import as_past
from tokenwatch.tui.filter.conditions import Query, matches, words_of
from tokenwatch.tui.filter.words import FIELDS, completed, parse
from tokenwatch.tui.widgets.filter_bar import FilterBar

SESSIONS = factories.rich_sessions()


def query(text: str) -> Query:
    return parse(text, now_ms=NOW_MS, zone=UTC)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 9),
        ("api", 2),
        ("API pagination", 1),
        ("!api", 7),
        ('"fix pagination"', 1),
        ('"pagination fix"', 0),
        ("source:codex", 3),
        ('source:"claude code"', 6),
        ("source:codex !state:working", 2),
        ("model:opus", 2),
        ("model:haiku", 2),
        ("model:opus,gpt", 5),
        ("!model:opus,gpt", 4),
        ("project:tokenwatch", 1),
        ('project:"src/tokenwatch",scratch', 2),
        ("PROJECT:tokenwatch", 1),
        ("branch:parser", 1),
        ("!branch:main", 1),
        ("state:waiting", 1),
        ("state:waiting,work", 3),
        ("title:hunt", 1),
        ('title:"flaky  TEST"', 1),
        ("title:main", 0),
        ("id:b41f", 1),
        ("cost:>2", 3),
        ("cost:>2.71", 2),
        ("cost:>=$2.71", 3),
        ("cost:2.71", 3),
        ("cost:=2.71", 1),
        ("cost:<0.05", 1),
        ("cost:?", 1),
        ("cost:>5,<0.05", 3),
        ("cost:>1 cost:<2", 1),
        ("tokens:>80k", 8),
        ("turns:>20", 3),
        ("turns:5", 7),
        ("turns:=5", 1),
        ("agents:>2", 2),
        ("agents:=1", 7),
        ("since:2h", 6),
        ("!since:2h", 3),
        ("since:today", 9),
        ("since:2026-11-21 until:2026-11-21", 9),
        ("until:yesterday", 0),
        ("until:2w", 0),
        ("since:month", 9),
        ("reviewer", 1),
        ("nonsense:api", 0),
        ("http://api", 0),
        ("!", 9),
        ('"', 9),
    ],
)
def test_filter(text: str, count: int) -> None:
    conditions = query(text).conditions
    assert sum(matches(row, conditions) for row in SESSIONS) == count
    # Only a picture tells the states and models of agents.
    if not text.startswith(("state:", "model:haiku")):
        assert sum(matches(as_past(row), conditions) for row in SESSIONS) == count


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cost:x", "cost:x is not understood; dollars: >1 <0.5, 2 is 2 or more, ? unpriced"),
        ("cost:>1,x", "cost:x is not understood; dollars: >1 <0.5, 2 is 2 or more, ? unpriced"),
        ("cost:>nan", "cost:>nan is not understood"),
        ("cost:>1e9", "cost:>1e9 is not understood"),
        ("!turns:>", "turns:> is not understood; a number: >10 <3, 5 is 5 or more"),
        ("turns:?", "turns:? is not understood"),
        ("tokens:1T", "tokens:1T is not understood"),
        ("source:gemini", "source:gemini is not understood; claude-code or codex"),
        ("state:busy", "state:busy is not understood; working, waiting, idle, ended"),
        ("since:soon", "since:soon is not understood; a date such as 2026-11-01"),
        ("since:2026-13-01", "since:2026-13-01 is not understood"),
        ("model:", "model: a part of its name, such as opus,sonnet"),
        ("model:,", "model: a part of its name"),
        ("agent:x", "agent: is no field, so it is looked for as a word"),
    ],
)
def test_what_is_not_understood_is_said(text: str, complaint: str) -> None:
    told = query(f"api {text}")
    assert len(told.complaints) == 1 and told.complaints[0].startswith(complaint)
    assert len(told.conditions) == 1 + text.startswith("agent:")


@given(st.text() | st.text(st.sampled_from('cost:>,!" ?since2d<=-m')))
def test_any_filter_is_understood(text: str) -> None:
    told = query(text)
    for row in SESSIONS:
        for subject in (row, as_past(row)):
            holds = matches(subject, told.conditions, None, {row.id: frozenset()})
            assert holds is matches(
                subject, told.conditions, words_of(subject), {row.id: frozenset()}
            )


def test_prompts_are_matched_by_what_was_found() -> None:
    told = query('prompt:"Flaky  test",loop !prompt:x')
    assert told.prompts == ("Flaky test", "loop", "x") and not told.complaints
    row = SESSIONS[0]
    found: Callable[..., dict[str, frozenset[str]]] = lambda *terms: {row.id: frozenset(terms)}  # noqa: E731
    assert not matches(row, told.conditions)
    assert not matches(row, told.conditions, None, {})
    assert not matches(row, told.conditions, None, found())
    assert matches(row, told.conditions, None, found("loop"))
    assert matches(row, told.conditions, None, found("loop", "Flaky test"))
    assert not matches(row, told.conditions, None, found("loop", "x"))


@pytest.mark.parametrize(
    ("text", "becomes", "choices"),
    [
        ("pro", "pro", ("project:", "prompt:")),
        ("api !mo", "api !model:", ("model:",)),
        ("CO", "cost:", ("cost:",)),
        ("state:w", "state:w", ("working", "waiting")),
        ("state:idle,e", "state:idle,ended", ("ended",)),
        ("source:co", "source:codex", ("codex",)),
        ("zzz", "zzz", ()),
        ("nofield:x", "nofield:x", ()),
        ("model:op", "model:op", ()),
        ("", "", tuple(f"{name}:" for name in FIELDS)),
    ],
)
def test_completion(text: str, becomes: str, choices: tuple[str, ...]) -> None:
    assert completed(text) == (becomes, choices)


@given(st.text())
def test_completion_never_takes_anything_away(text: str) -> None:
    becomes, _ = completed(text)
    assert becomes.casefold().startswith(text.casefold())


async def test_tab_completes_and_says_what_there_is(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "slash", "m", "tab")
        assert pilot.app.screen.query_one(FilterBar).text == "model:"
        await press(pilot, *"gpt ", "t", "tab")
        assert "tokens: turns:" in lines_of(pilot)[-2]
        await press(pilot, "u", "tab", *"5")
        assert pilot.app.screen.query_one(FilterBar).text == "model:gpt turns:5"
        assert "tokens: turns:" not in text_of(pilot)
        assert "fix pagination" in text_of(pilot) and "regex help" not in text_of(pilot)


async def test_a_wrong_value_is_said_in_the_line_and_above(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "slash", *"api cost:x")
        assert "▲ cost:x is not understood; dollars" in lines_of(pilot)[-2]
        assert "fix pagination" in text_of(pilot) and "dark mode" not in text_of(pilot)
        await press(pilot, "enter")
        assert "▌cost:x is not understood" in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert "not understood" not in text_of(pilot)


async def test_keys_behind_enter_are_commands(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "slash")
        for key in ("a", "p", "i", "enter", "s"):
            await pilot.press(key)
        await settle(pilot)
        assert pilot.app.screen.query_one(FilterBar).text == "api"
        assert "by cost ↓" in text_of(pilot)


async def test_a_project_is_picked_on_live(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "p")
        assert "all projects" in text_of(pilot) and "tokenwatch  ~/src" in text_of(pilot)
        await press(pilot, "j", "enter")
        # The most expensive one comes first.
        assert "▌project api" in lines_of(pilot)[0]
        assert "fix pagination" in text_of(pilot) and "dark mode" not in text_of(pilot)
        await press(pilot, "p", "escape")
        assert "▌project api" in lines_of(pilot)[0]
        await press(pilot, "p", "g", "enter")
        assert "project api" not in lines_of(pilot)[0] and "dark mode" in text_of(pilot)
        await press(pilot, "p", "G", "enter", "P")
        assert "project" not in lines_of(pilot)[0] and "/home" not in text_of(pilot)
        await press(pilot, "p")
        assert "all projects" in text_of(pilot) and "src" not in text_of(pilot)
