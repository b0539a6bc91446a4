"""Search over the prompts of a session, and the way to its agents."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests import cases, factories
from tests.lines import answer, log_path, prompt, write
from tests.tui.conftest import Running, lines_of, press, settle, text_of
from tokenwatch.answers.looked import TurnIds
from tokenwatch.answers.search import matching_turns
from tokenwatch.tui.filter.turn_search import PAUSE_S
from tokenwatch.tui.screens.agents.screen import AgentsScreen
from tokenwatch.tui.screens.session.screen import SessionScreen

PARSER = factories.rich_sessions()[0].id


async def searched(pilot: Pilot[str]) -> None:
    """Wait until the words have been looked for."""
    await pilot.pause(PAUSE_S * 1.5)
    await settle(pilot)


def shown(pilot: Pilot[str]) -> list[str]:
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return [line.turn.id for line in screen.turns.records]


async def test_words_of_prompts_choose_turns(running: Running) -> None:
    asked: list[tuple[str, str]] = []

    def matching(session_id: str, words: str) -> TurnIds:
        asked.append((session_id, words))
        return TurnIds({"turn-12", "turn-30"})

    async with running(answers={matching_turns: matching}) as pilot:
        await press(pilot, "enter")
        everything = shown(pilot)
        titles = {t.id: t.title or "" for t in factories.turns(38)}
        await press(pilot, "slash", *"flaky")
        await searched(pilot)
        assert asked == [(PARSER, "flaky")], "what is being typed is not read for"
        by_title = {id for id, title in titles.items() if "flaky" in title}
        assert set(shown(pilot)) == {"turn-12", "turn-30"} | by_title
        await press(pilot, "enter")
        assert "search flaky" in lines_of(pilot)[0]
        assert f"{len(shown(pilot))} of {len(everything)}" in text_of(pilot)
        await press(pilot, "escape")
        assert shown(pilot) == everything
        assert isinstance(pilot.app.screen, SessionScreen), "the first esc ends the search"
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, SessionScreen)


async def test_nothing_found_says_so_and_the_next_session_begins_without_words(
    running: Running,
) -> None:
    async with running(answers={matching_turns: lambda session_id, words: TurnIds()}) as pilot:
        await press(pilot, "enter", "b", "slash", *"zebra")
        assert "reading prompts" in text_of(pilot)
        await searched(pilot)
        assert shown(pilot) == [] and "no prompt holds these words" in text_of(pilot)
        await press(pilot, "enter", "1", "j", "j", "j", "j", "enter")
        assert len(shown(pilot)) == 38 and "search" not in lines_of(pilot)[0]


async def test_a_filter_of_fields_is_words_here(running: Running) -> None:
    async with running(answers={matching_turns: lambda session_id, words: TurnIds()}) as pilot:
        await press(pilot, "enter", "slash", *"mo", "tab")
        assert "model:" not in text_of(pilot)


async def test_seven_shows_the_agents_of_the_session(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "7")
        screen = pilot.app.screen
        assert isinstance(screen, AgentsScreen)
        assert PARSER[:8] in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert PARSER[:8] not in lines_of(pilot)[0]


@pytest.mark.parametrize("titles", ["full", "none"])
def test_words_are_read_from_the_log_alone(tmp_path: Path, titles: str) -> None:
    words = "please mend the teapot, " * 8 + "and mind the zebra"
    write(log_path(tmp_path), prompt(words), answer("1"))
    desk = cases.read(tmp_path, titles=titles)
    (session_id,) = desk.ids()
    found = matching_turns(desk.moment(), session_id=session_id, words="MIND  the zebra")
    assert len(found) == 1
    assert not matching_turns(desk.moment(), session_id=session_id, words="giraffe")
    desk.close()
