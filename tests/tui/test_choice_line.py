"""One word of a few: the keys, the mouse, and lines that are too short for all of them."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Running, lines_of, press, settle, text_of
from tokenwatch.tui.screens.budgets.boxes import BudgetScreen
from tokenwatch.tui.screens.settings.boxes import Folder, FolderScreen
from tokenwatch.tui.widgets.choice_line import ChoiceLine


async def test_keys_choose_the_words_in_turn(running: Running) -> None:
    async with running() as pilot:
        pilot.app.push_screen(FolderScreen("a folder", Folder("codex")))
        await settle(pilot)
        line = pilot.app.screen.query_one(ChoiceLine)
        line.focus()
        for key, chosen in (("left", "claude-code"), ("l", "codex"), ("space", "claude-code")):
            await press(pilot, key)
            assert line.chosen == chosen and f"[{chosen}]" in text_of(pilot)
        await press(pilot, "h")
        assert line.chosen == "codex", "before the first is the last"


async def test_a_click_chooses_the_word_under_it(running: Running) -> None:
    async with running() as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        line = pilot.app.screen.query_one("#budget-period", ChoiceLine)
        shown = line.render().plain
        for word in ("month", "5h", "session", "day"):
            await pilot.click(line, offset=(shown.index(word), 0))
            await settle(pilot)
            assert line.chosen == word
        await pilot.click(line, offset=(line.size.width - 1, 0))
        await settle(pilot)
        assert line.chosen == "day", "beside the words there is nothing to choose"


@pytest.mark.parametrize("width", [24, 36, 44, 60])
async def test_the_chosen_word_is_always_seen(running: Running, width: int) -> None:
    async with running(size=(width, 20)) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        line = pilot.app.screen.query_one("#budget-unit", ChoiceLine)
        line.focus()
        for word in ("tokens", "requests", "agents", "window-percent", "usd"):
            await press(pilot, "right")
            rows = [row for row in lines_of(pilot) if "unit" in row]
            assert f"[{word}"[: width - 16] in rows[0], rows
            assert line.render().plain.startswith(("…", "[usd", " usd"))


async def test_a_click_hits_where_words_are_left_out(running: Running) -> None:
    async with running(size=(44, 20)) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        line = pilot.app.screen.query_one("#budget-unit", ChoiceLine)
        line.focus()
        await press(pilot, "left")
        assert line.chosen == "window-percent"
        shown = line.render().plain
        assert "usd" not in shown and "agents" in shown
        await pilot.click(line, offset=(shown.index("agents"), 0))
        await settle(pilot)
        assert line.chosen == "agents"
