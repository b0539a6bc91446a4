"""The Quota screen: windows as they were read, and what their readings carry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.still import ZONE, StillFeed
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, publish, settle, text_of
from tests.tui.plan_windows import plan_window, plan_windows
from tokenwatch import format as fmt
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.quota import PlanUse, PlanWindow, is_recorded, windows
from tokenwatch.config.plans import Plan
from tokenwatch.tui import privacy
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.boxes.export import ExportScreen
from tokenwatch.tui.screens.quota.rows import explain_window, window_columns
from tokenwatch.tui.screens.quota.screen import QuotaScreen
from tokenwatch.tui.widgets.record_table import fitting


def absent() -> bool:
    return False


ANSWERS: Mapping[object, Callable[..., Any]] = {windows: plan_windows, is_recorded: absent}
WIDE, SMALL = (120, 36), (80, 24)


def opened(theme: str | None = None, *keys: str) -> Callable[[Pilot[str]], Awaitable[None]]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, "6", *keys)

    return run


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_dark(snap_compare: Any, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=size, run_before=opened())


def test_light(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=WIDE, run_before=opened("tokenwatch-light", "j", "j"))


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), ANSWERS, NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=opened())


def test_ascii(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS, TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=SMALL, run_before=opened())


async def test_each_window_says_what_is_known_of_it(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6")
        lines = lines_of(pilot)
        five, week, premium, old, bare = lines[3:8]
        assert "Codex pro" in five and "62%" in five and "2 h 28" in five and "18.40" in five
        assert "3 m" in five and "7 d" in week and "31%" in week and "91.20" in week
        assert "premium" in premium and "▲ 91%" in premium and "<0.01" in premium
        assert "stale" in old and "88%" not in old and "━" not in old
        assert "45 m" in bare and "3%" in bare
        text = text_of(pilot)
        assert "used 62% · time over 51%" in text
        assert "▲ full at" in text and "3 readings since 14:00" in text
        assert "Claude Code tells its windows to its status line" in text


async def test_the_chart_follows_the_row(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6")
        assert "5 h window: use against time" in text_of(pilot)
        await press(pilot, "j")
        text = text_of(pilot)
        assert "7 d window: use against time" in text and "if it goes on  " not in text
        await press(pilot, "j", "j")
        text = text_of(pilot)
        assert "it was 88% at its last reading" in text and "$18.40 at list price" in text
        await press(pilot, "j")
        assert "45 m window" in text_of(pilot)
        await pilot.click("#quota-windows", offset=(10, 3))
        await settle(pilot)
        assert "7 d window" in text_of(pilot)


async def test_keys(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6", "i")
        text = text_of(pilot)
        assert "as Codex logged it" in text and "3 readings over 29 m" in text
        await press(pilot, "escape", "enter")
        assert "as Codex logged it" in text_of(pilot)
        await press(pilot, "escape", "y")
        assert "plan window sent to the terminal's clipboard" in text_of(pilot)
        assert pilot.app.clipboard.startswith("Codex pro 5 h: 62%, resets 2026-")
        await press(pilot, "z")
        assert "use against time" not in text_of(pilot)
        await press(pilot, "tab")
        assert "use against time" in text_of(pilot) and "plan windows" not in text_of(pilot)
        await press(pilot, "escape", "tab", "shift+tab")
        assert "plan windows" in text_of(pilot)


async def test_nothing_told_is_not_nothing_used(running: Running) -> None:
    async with running(answers={windows: tuple, is_recorded: absent}) as pilot:
        await press(pilot, "6", "i", "y", "enter")
        text = text_of(pilot)
        assert "no plan window told yet" in text and "0%" not in text
        feed_of(pilot).answers = ANSWERS


async def test_a_window_grows_stale_on_the_screen(running: Running) -> None:
    answers = {**ANSWERS, windows: lambda: (plan_window(resets=1),)}
    async with running(answers=answers) as pilot:
        await press(pilot, "6")
        assert "62%" in lines_of(pilot)[3]
        app = pilot.app
        assert isinstance(app, TokenwatchApp)
        app.now = lambda: factories.NOW_MS + 120_000
        app._tick()
        await settle(pilot)
        assert "stale" in lines_of(pilot)[3] and "it was 62%" in text_of(pilot)


async def test_a_client_that_tells_is_not_said_to_be_silent(running: Running) -> None:
    told = (plan_window(source="claude-code", provider="anthropic", limit_id="claude-code"),)
    async with running(answers={windows: lambda: told, is_recorded: lambda: True}) as pilot:
        await press(pilot, "6")
        assert "Claude Code pro" in text_of(pilot) and "status line" not in text_of(pilot)


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(("size", "found"), [(WIDE, plan_windows), (WIDE, tuple), (SMALL, tuple)])
async def test_what_is_missing_is_said(
    running: Running, size: tuple[int, int], found: Callable[[], Any], recorded: bool
) -> None:
    answers = {windows: found, is_recorded: lambda: recorded}
    async with running(answers=answers, size=size) as pilot:
        await press(pilot, "6")
        text = text_of(pilot)
        assert ("tokenwatch statusline install" in text) is not recorded
        assert ("was told no window so far" in text and "on a plan alone" in text) is recorded


async def test_nothing_is_said_to_be_missing_before_it_is_known(running: Running) -> None:
    async with running(answers={windows: plan_windows}) as pilot:
        await press(pilot, "6")
        assert "62%" in text_of(pilot) and "not known" not in text_of(pilot)


async def test_with_little_room_windows_come_before_what_is_missing(running: Running) -> None:
    async with running(answers=ANSWERS, size=SMALL) as pilot:
        await press(pilot, "6")
        assert "not known" not in text_of(pilot)
        feed_of(pilot).answers = {**ANSWERS, windows: tuple}
        screen = pilot.app.screen
        assert isinstance(screen, QuotaScreen)
        screen.ask()
        await settle(pilot)
        assert "not known" in text_of(pilot)


def test_a_status_line_is_recorded_once_it_told_anything(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        assert feed.ask(is_recorded) is False

        def told(moment: Moment) -> bool:
            moment.ledger.sql.execute(
                "INSERT INTO statuses (session_id, observed_ms) VALUES ('s1', 1)"
            )
            return is_recorded(moment)

        assert feed.ask(told) is True


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (60, 16), (250, 70)])
async def test_sizes(running: Running, size: tuple[int, int]) -> None:
    async with running(answers=ANSWERS, size=size) as pilot:
        await press(pilot, "6", "j", "tab", "z", "z", "tab")
        assert len(lines_of(pilot)) == size[1]


async def test_folders_are_named_where_there_are_several(running: Running) -> None:
    both = (plan_window(), plan_window(root="/home/dev/work/.codex", limit="b"))
    for found, is_named in ((both, True), (both[:1], False)):
        answers = {**ANSWERS, windows: lambda found=found: found}
        async with running(answers=answers, size=(160, 40)) as pilot:
            await press(pilot, "6")
            assert ("logs of" in text_of(pilot)) is is_named
            assert ("~/work/.codex" in text_of(pilot)) is is_named


@pytest.mark.parametrize("width", [*range(1, 140, 7), 200, 250])
def test_columns_fit(width: int) -> None:
    columns = window_columns(plan_windows(), width)
    sizes = [size for _, size in fitting(columns, width)]
    assert width < 40 or sum(sizes) + len(sizes) - 1 <= width


async def test_what_is_exported_is_exact(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6")
        table = pilot.app.screen.exported()  # type: ignore[attr-defined]
        window = table.records[0].window
        names = [column.key for column in table.columns]
        cells = dict(zip(names, table.cells(table.records[0]), strict=True))
        assert cells["used"] == "62" and cells["spent"] == "18.400000"
        assert cells["resets"] == fmt.rfc3339(window.resets_ms)
        assert cells["read"] == fmt.rfc3339(window.observed_ms)
        assert cells["tokens"] == window.spend.usage.total
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, ExportScreen)


async def test_a_click_chooses_the_window(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6")
        await pilot.click("#quota-windows", offset=(6, 3))
        await settle(pilot)
        assert "╭─ 7 d window" in text_of(pilot)


async def test_privacy_hides_the_folder(running: Running) -> None:
    both = (plan_window(), plan_window(root="/home/dev/work/.codex", limit="b"))
    async with running(answers={**ANSWERS, windows: lambda: both}, size=(160, 40)) as pilot:
        await press(pilot, "6")
        assert "~/.codex" in text_of(pilot)
        await press(pilot, "P")
        await publish(pilot, factories.snapshot(agents_running=9))
        assert "~/.codex" not in text_of(pilot) and "62%" in text_of(pilot)
    assert privacy.hidden(plan_window()) == plan_window(root="hidden")


def test_explanations_are_whole(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        found: tuple[PlanWindow, ...] = feed.ask(windows)
        assert [window.name for window in found] == ["5h", "7d"]
        for window in (*found, *plan_windows()):
            text = explain_window(window, ZONE, feed.now_ms, None).text
            assert "used" in text and "None None" not in text
        for window in found:
            assert window.readings[-1] == (window.observed_ms, window.used_percent)
            assert window.spend is not None and window.spend.requests


async def test_plans_stand_beside_their_fees(running: Running) -> None:
    uses = (
        PlanUse(Plan("codex", Decimal(100)), factories.NOW_MS, factories.spend(41230)),
        PlanUse(Plan("claude-code", Decimal(90), "EUR"), factories.NOW_MS, factories.spend(0)),
    )
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "6")
        assert "the plan's fee" not in text_of(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, QuotaScreen)
        screen._take_plans(uses)
        await settle(pilot)
        text = text_of(pilot)
        assert "Codex  this month at list price $412.30 (× 4.1) · the plan's fee $100" in text
        assert "the plan's fee 90 EUR" in text
        assert "quota-plans" in screen.panes()
        screen._take_plans(())
        await settle(pilot)
        assert "the plan's fee" not in text_of(pilot) and "quota-plans" not in screen.panes()


def test_the_explanation_names_who_told() -> None:
    told = plan_window(origin="statusline", source="claude-code", limit="claude-code")
    lines = [line.text for line in explain_window(told, ZONE, factories.NOW_MS, None).lines]
    assert "62%, as Claude Code told its status line" in lines
    assert any(line.startswith("for ") for line in lines)
