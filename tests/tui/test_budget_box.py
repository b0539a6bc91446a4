"""The box in which a budget is made: what it says of each field has room in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.tui.conftest import Running, feed_of, lines_of, press, settle
from tokenwatch.clients.hooked import UNGUARDED
from tokenwatch.guard.trouble import is_asked
from tokenwatch.tui.screens.budgets.boxes import FIELDS, BudgetScreen


def said(pilot: Pilot[str]) -> str:
    """Return what stands below the fields, as it is seen."""
    place = pilot.app.screen.query_one("#budget-says").region
    seen = lines_of(pilot)[place.y : place.bottom]
    return " ".join(" ".join(line[place.x : place.right] for line in seen).split())


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["wide", "small"])
async def test_every_field_is_explained_in_full(running: Running, size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        for field in FIELDS.values():
            assert said(pilot) == field.meaning, field.key
            await press(pilot, "tab")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["wide", "small"])
@pytest.mark.parametrize("asked", [True, False])
async def test_a_hard_one_that_can_stop_nothing_says_so(
    running: Running, size: tuple[int, int], asked: bool
) -> None:
    async with running(size=size, answers={is_asked: lambda: asked}) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        await press(pilot, *["tab"] * 5)
        assert said(pilot) == FIELDS["hard"].meaning
        await press(pilot, "right")
        assert said(pilot) == (FIELDS["hard"].meaning if asked else f"▲ {UNGUARDED}")
        await press(pilot, "left")
        assert said(pilot) == FIELDS["hard"].meaning


async def test_the_demo_has_no_hooks_to_ask_for(running: Running) -> None:
    shown = replace(factories.snapshot(), is_demo=True)
    async with running(shown, answers={is_asked: lambda: False}) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        await press(pilot, *["tab"] * 5, "right")
        assert said(pilot) == FIELDS["hard"].meaning
        assert not any(asked.startswith("is_asked") for asked in feed_of(pilot).read)


async def test_what_is_wrong_with_a_scope_is_said_in_full(running: Running) -> None:
    async with running(size=(80, 24)) as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        await press(pilot, "x", "tab", "5", "tab", "tab", "tab", "z")
        text = said(pilot)
        assert text.startswith("▲ scope: one of all") and text.endswith("session:ID is needed")


@pytest.mark.parametrize("limit", ["0", "-1", "NaN", "1e999", "Infinity", "$20", "20,5", "😀"])
async def test_no_number_no_budget(running: Running, limit: str) -> None:
    async with running() as pilot:
        pilot.app.push_screen(BudgetScreen(None, ()))
        await settle(pilot)
        await press(pilot, "x", "tab", *limit, "enter")
        assert isinstance(pilot.app.screen, BudgetScreen)
        assert "▲ limit: a number above 0" in said(pilot)
