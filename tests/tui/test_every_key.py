"""Every key that a screen tells of, pressed on it at two sizes: each is bound, none fails."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui import history_values, test_agents, test_facts, test_quota
from tests.tui.conftest import Running, lines_of, press
from tokenwatch.tui.bindings import KEYS, TABLE
from tokenwatch.tui.screens.frame import FrameScreen

ANSWERS: dict[object, Any] = {
    **history_values.ANSWERS,
    **test_agents.ANSWERS,
    **test_facts.ANSWERS,
    **test_quota.ANSWERS,
}
PLACES = {
    "waste": ("3",),
    "facts": ("3", "b", "b"),
    "budgets": ("4",),
    "history": ("5",),
    "quota": ("6",),
    "agents": ("7",),
}
"""The keys that lead to each screen."""


@pytest.mark.parametrize("size", [(120, 36), (60, 16)], ids=str)
@pytest.mark.parametrize("place", PLACES)
async def test_every_key(running: Running, place: str, size: tuple[int, int]) -> None:
    way = PLACES[place]
    async with running(answers=ANSWERS, size=size) as pilot:
        await press(pilot, *way)
        screen = pilot.app.screen
        assert isinstance(screen, FrameScreen)
        bound = {key: binding.action for key, binding in screen._bindings}
        for action in (*screen.ACTIONS, *TABLE):
            key = KEYS[action].keys.split(",")[0]
            assert action in TABLE or bound[key] == action
            await press(pilot, key)
            for _ in range(4):
                if pilot.app.screen is screen:
                    break
                await press(pilot, "escape")
            # Whatever is in view of the tab now: from another one, it begins anew.
            if pilot.app.screen is not screen:
                await press(pilot, "1", *way)
            assert pilot.app.screen is screen and way[0] in lines_of(pilot)[0]
