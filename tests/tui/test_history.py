"""The History screen: its pictures, its keys, its sizes, and what it hides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.factories import NOW_MS
from tests.still import ZONE, StillFeed
from tests.tui import history_values
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, settle, text_of
from tests.tui.history_values import ANSWERS, SESSION
from tokenwatch import format as fmt
from tokenwatch.analysis.timescale import UNITS, Window
from tokenwatch.answers.history import SPLITS, History, history
from tokenwatch.model import NO_SPEND
from tokenwatch.tui import exact, privacy
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.boxes.dialogs import ExplainScreen
from tokenwatch.tui.filter.words import parse
from tokenwatch.tui.screens.history.bars import chart_of
from tokenwatch.tui.screens.history.rows import SORTS, history_lines
from tokenwatch.tui.screens.history.screen import HistoryScreen
from tokenwatch.tui.screens.history.sessions import filter_of
from tokenwatch.tui.screens.history.words import UNITS as CHART_UNITS
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.screens.sessions.screen import SessionsScreen

Before = Callable[[Pilot[str]], Awaitable[None]]
WIDE, SMALL = (120, 36), (80, 24)


def keys(*names: str, theme: str | None = None) -> Before:
    """Return what to do before the picture is taken."""

    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, "5", *names)

    return run


def app(**environment: str) -> TokenwatchApp:
    return make_app(factories.snapshot(), ANSWERS, **environment)


@pytest.mark.parametrize(
    ("name", "size", "names"),
    [
        ("wide", WIDE, ()),
        ("small", SMALL, ()),
        ("tiny", (60, 16), ()),
        ("large", (200, 60), ("t",)),
        ("hours", WIDE, ("plus", "b")),
        ("months-share", SMALL, ("minus", "minus", "u", "u", "tab", "tab", "tab")),
        ("agents", SMALL, ("u", "u", "u", "b", "shift+tab")),
        ("changes", SMALL, ("tab", "tab", "j")),
        ("explain", WIDE, ("left", "left", "i")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dark(snap_compare: Any, name: str, size: tuple[int, int], names: tuple[str, ...]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=keys(*names))


def test_light(snap_compare: Any) -> None:
    before = keys("b", theme="tokenwatch-light")
    assert snap_compare(app(), terminal_size=WIDE, run_before=before)


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(NO_COLOR="1"), terminal_size=WIDE, run_before=keys("tab"))


def test_ascii(snap_compare: Any) -> None:
    shown = app(TOKENWATCH_ASCII="1")
    assert snap_compare(shown, terminal_size=SMALL, run_before=keys("tab", "tab", "tab"))


# Keys ---------------------------------------------------------------------------------------


def screen_of(pilot: Pilot[str]) -> HistoryScreen:
    assert isinstance(pilot.app.screen, HistoryScreen)
    return pilot.app.screen


async def test_time_is_stretched_lengthened_and_shifted(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        assert "cost per day, by model" in text_of(pilot)
        assert "8 to 21 Nov" in text_of(pilot)
        await press(pilot, "t")
        assert "25 Oct to 21 Nov" in text_of(pilot)
        await press(pilot, "minus")
        assert "cost per week" in text_of(pilot)
        await press(pilot, "minus", "minus")
        assert "cost per month" in text_of(pilot)
        await press(pilot, "plus", "plus", "plus", "plus")
        assert "cost per hour" in text_of(pilot) and "today" in text_of(pilot)
        await press(pilot, "left_square_bracket")
        assert "Fri 20 Nov" in text_of(pilot)
        await press(pilot, "right_square_bracket", "right_square_bracket")
        assert "today" in text_of(pilot)


async def test_split_and_units_go_round(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        for word in ("project", "source", "agent", "model"):
            await press(pilot, "b")
            assert f"by {word} " in lines_of(pilot)[1]
        for word in ("tokens per day", "share of cost per day", "agents' work per day"):
            await press(pilot, "u")
            assert word in lines_of(pilot)[1]
        await press(pilot, "u")
        assert "cost per day" in lines_of(pilot)[1]


async def test_bars_are_selected_and_opened(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        chart = screen_of(pilot).chart
        assert chart.selected == 13
        await press(pilot, "left", "h", "h", "right", "l", "left")
        assert chart.selected == 11
        assert "Thu 19 Nov" in text_of(pilot)
        await press(pilot, "enter")
        assert "cost per hour" in text_of(pilot)
        assert "History ▸ Thu 19 Nov" in lines_of(pilot)[0]
        assert "esc Back" in lines_of(pilot)[-1]
        await press(pilot, "enter")
        assert "cost per hour" in text_of(pilot)
        await press(pilot, "escape")
        assert "cost per day" in text_of(pilot)
        await press(pilot, "escape")
        assert "cost per day" in text_of(pilot)


async def test_a_bar_is_clicked_and_opened_by_a_second_click(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        chart = screen_of(pilot).chart
        await pilot.click("#history-chart", offset=(20, 5))
        await settle(pilot)
        clicked = chart.selected
        assert clicked is not None and clicked < 5
        await pilot.click("#history-chart", offset=(20, 5), times=2)
        await settle(pilot)
        assert "cost per hour" in text_of(pilot)


async def test_rows_are_sorted_by_key_and_by_header(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5", "tab")
        table = screen_of(pilot).table
        for _ in SORTS:
            costs = [line.row.spend.cost_pico for line in table.records]
            await press(pilot, "s")
        assert costs != sorted(costs, reverse=True)
        await press(pilot, "S")
        costs = [line.row.spend.cost_pico for line in table.records]
        assert costs == sorted(costs)
        await pilot.click(table, offset=(4, 1))
        await settle(pilot)
        names = [line.name.casefold() for line in table.records]
        assert names == sorted(names)


async def test_evidence_is_opened(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5", "tab", "tab", "G", "enter")
        screen = screen_of(pilot)
        changed = screen.changes.selected
        chosen = screen.table.selected
        assert changed is not None and chosen is not None
        assert changed.row == chosen.row.key
        await press(pilot, "g", "j", "j", "j")
        assert screen.changes.selected and screen.changes.selected.key == "day"
        await press(pilot, "enter")
        assert "cost per hour" in text_of(pilot)
        await press(pilot, "escape", "g", "j", "j", "j", "j", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        assert feed_of(pilot).read[-1].startswith(f"detail {SESSION}")


async def test_every_pane_is_explained_and_copied(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(TokenwatchApp, "copy", lambda self, text, what: copied.append(text))
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        for words in (
            "Sum over all requests from Sat 21 Nov",
            "Sum over its requests from Sun 8 Nov",
            "Sum over all requests from Sun 8 Nov",
            "local hours of the weekday",
            "An agent is at work from",
        ):
            await press(pilot, "i")
            assert isinstance(pilot.app.screen, ExplainScreen)
            assert words in text_of(pilot)
            await press(pilot, "escape", "y", "tab")
        assert copied[0].startswith("Sat 21 Nov")
        assert copied[1].startswith("opus-4.8\t3\t")
        assert copied[2].startswith("total\t≥$")
        assert len(copied) == 5


async def test_a_row_leads_to_its_sessions_where_they_can_be_filtered(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        SessionsScreen, "filter_by", lambda self, text: asked.append(text), raising=False
    )
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5", "tab", "enter")
        assert isinstance(pilot.app.screen, SessionsScreen)
        await press(pilot, "5", "b", "j", "enter")
        assert asked[0] == "model:claude-opus-4-8 since:2026-11-08"
        assert asked[1] == "project:src/api since:2026-11-08"


async def test_a_row_shows_its_sessions_of_the_window(tmp_path: Path) -> None:
    """On the demo: as many as the row counts, whatever period was looked at before."""
    with StillFeed(tmp_path) as feed:
        app = TokenwatchApp(feed, now=feed.now, zone=ZONE, environment={"HOME": "/", "PATH": ""})
        async with app.run_test(size=(200, 60)) as pilot:
            await settle(pilot)
            await press(pilot, "2", "t", "t", "5", "b", "b", "tab")
            row = screen_of(pilot).table.selected
            assert row is not None and row.row.name is not None
            await press(pilot, "enter")
            shown = app.screen
            assert isinstance(shown, SessionsScreen)
            assert f"source:{row.row.name} since:2026-11-08" in text_of(pilot)
            assert len(shown.table.records) == row.row.sessions
            await press(pilot, "5", "left_square_bracket")
            row = screen_of(pilot).table.selected
            await press(pilot, "enter")
            assert "since:2026-10-25 until:2026-11-07" in text_of(pilot)


@pytest.mark.parametrize("by", SPLITS)
def test_every_row_has_a_filter_that_is_understood(by: str) -> None:
    for window in (Window(), Window("hour", 1), Window("day", 7, date(2026, 10, 3))):
        found = history_values.answer(window=window, by=by)
        for line in history_lines(found, "cost", False):
            text = filter_of(found, line, NOW_MS, UTC)
            assert (text is None) == (line.row.name is None)
            if text is not None:
                query = parse(text, now_ms=NOW_MS, zone=UTC)
                assert not query.complaints and query.conditions


def test_names_with_blanks_are_quoted() -> None:
    found = history_values.answer(window=Window(), by="model")
    line = history_lines(found, "cost", False)[0]
    odd = replace(line, row=replace(line.row, name="my: model, 2"))
    assert str(filter_of(found, odd, NOW_MS, UTC)).startswith('model:"my: model, 2" since:')


async def test_what_no_filter_can_name_is_said(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5", "b", "tab")
        names = [line.row.name for line in screen_of(pilot).table.records]
        at = names.index(None)
        await press(pilot, "g", *["j"] * at, "enter")
        assert "no filter finds no project" in notes_of(pilot)
        await press(pilot, "P", "enter")
        assert "projects are hidden: P shows them" in notes_of(pilot)


def notes_of(pilot: Pilot[str]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


def asked_of() -> History:
    return history_values.answer(window=Window(), by="model")


async def test_exports_are_exact(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        table = screen_of(pilot).exported()
        assert table is not None and table is screen_of(pilot).table
        line = table.records[0]
        cells = dict(zip([c.key for c in table.columns], table.cells(line), strict=True))
        assert cells["cost"] == exact.cost(line.row.spend)
        assert cells["tokens"] == line.row.spend.usage.total
        assert cells["work"] == sum(line.row.work_ms) and cells["trend"] == ""
        difference = line.row.spend.cost_pico - line.row.before.cost_pico
        assert cells["change"] == fmt.exact_usd(difference)
        await press(pilot, "tab", "tab")
        table = screen_of(pilot).exported()
        assert table is not None and table is screen_of(pilot).changes
        total = table.cells(table.records[0])
        assert total[0] == "total" and total[1] == exact.marked(asked_of().total)


async def test_without_a_time_before_nothing_is_called_new(running: Running) -> None:
    def first(*, window: Window, by: str) -> History:
        found = history_values.answer(window=window, by=by)
        rows = tuple(replace(row, before=NO_SPEND) for row in found.rows)
        return replace(found, rows=rows, before=NO_SPEND, sessions_before=0)

    async with running(answers={history: first}) as pilot:
        await press(pilot, "5")
        assert " new " not in text_of(pilot)
        table = screen_of(pilot).table
        assert {table.cells(line)[8] for line in table.records} == {"–"}


async def test_keys_say_what_enter_does(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        for words in ("enter Drill in", "enter Sessions", "enter Open", "enter Drill in"):
            assert lines_of(pilot)[-1].strip().startswith(words)
            await press(pilot, "tab")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "tab Next pane" in lines_of(pilot)[-1]


async def test_panes_take_turns_under_the_chart_of_a_small_terminal(running: Running) -> None:
    async with running(size=SMALL, answers=ANSWERS) as pilot:
        await press(pilot, "5")
        for title in ("models", "what changed", "cost by hour", "agents at once"):
            await press(pilot, "tab")
            assert "cost per day" in text_of(pilot)
            assert f"─ {title} ─" in text_of(pilot)
        await press(pilot, "tab")
        assert screen_of(pilot).focused is screen_of(pilot).chart
        assert "─ agents at once ─" in text_of(pilot)
        await press(pilot, "shift+tab", "z")
        assert "cost per day" not in text_of(pilot)
        await press(pilot, "tab", "escape")
        assert "cost per day" in text_of(pilot)


async def test_all_panes_are_there_on_a_large_terminal(running: Running) -> None:
    for size in ((120, 36), (100, 30), (200, 60)):
        async with running(size=size, answers=ANSWERS) as pilot:
            await press(pilot, "5")
            shown = text_of(pilot)
            for title in ("models", "what changed", "cost by hour", "agents at once"):
                assert f"─ {title} ─" in shown
            await pilot.resize_terminal(80, 24)
            await settle(pilot)
            assert "─ models ─" in text_of(pilot)
            assert "─ agents at once ─" not in text_of(pilot)


@pytest.mark.parametrize("size", [(20, 5), (20, 24), (40, 10), (60, 16), (250, 70), (120, 20)])
async def test_every_key_at_every_size(running: Running, size: tuple[int, int]) -> None:
    async with running(size=size, answers=ANSWERS) as pilot:
        await press(pilot, "5")
        for unit in range(4):
            await press(pilot, "u", "left", "b", "tab", "t", "left_square_bracket", "s", "S")
            await press(pilot, "minus" if unit < 3 else "plus", "z", "right_square_bracket", "z")
        assert isinstance(pilot.app.screen, HistoryScreen)
        assert len(lines_of(pilot)) == size[1]


async def test_nothing_and_nothing_priced(running: Running) -> None:
    def nothing(*, window: Window, by: str) -> History:
        whole = history_values.answer(window=window, by=by)
        return history_values._of(window, by, whole.edges_ms, [])

    async with running(answers={next(iter(ANSWERS)): nothing}) as pilot:
        await press(pilot, "5")
        assert "nothing was spent here" in text_of(pilot)
        assert "no request in this period" in text_of(pilot)

    def unpriced(*, window: Window, by: str) -> History:
        whole = history_values.answer(window=window, by=by)
        rows = [row for row in whole.rows if row.spend.cost_or_none is None]
        return history_values._of(window, by, whole.edges_ms, rows)

    async with running(answers={next(iter(ANSWERS)): unpriced}) as pilot:
        await press(pilot, "5")
        assert "no request here has a price · u shows tokens" in text_of(pilot)
        assert "?" in text_of(pilot)
        await press(pilot, "u")
        assert "has a price" not in text_of(pilot)


# Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", SPLITS)
@pytest.mark.parametrize("unit", UNITS)
def test_charts_add_up(unit: str, by: str) -> None:
    answer = history_values.answer(window=Window(unit, 2 if unit == "hour" else 13), by=by)
    for drawn in CHART_UNITS:
        chart = chart_of(answer, drawn, UTC, NOW_MS)
        sums = [sum(series.values[bar] for series in chart.series) for bar in range(chart.bars)]
        wanted = {
            "cost": [spend.cost_pico for spend in answer.units],
            "tokens": [spend.usage.total for spend in answer.units],
            "share": [10_000 if spend.cost_pico else 0 for spend in answer.units],
            "agents": [
                sum(row.work_ms[bar] for row in answer.rows) for bar in range(len(answer.units))
            ],
        }
        assert sums == wanted[drawn]
        assert len(chart.series) <= 4


def test_projects_with_the_same_last_folder_are_told_apart() -> None:
    answer = history_values.answer(window=Window(), by="project")
    names = [line.name for line in history_lines(answer, "cost", False)]
    assert {"tokenwatch", "src/api", "work/api", "翻訳", "no project"} == set(names)


def test_privacy_leaves_figures_ids_and_models() -> None:
    for by in SPLITS:
        before = history_values.answer(window=Window(), by=by)
        after = privacy.hidden(before)
        shown = repr(after)
        for word in ("/home/dev", "tokenwatch'", "翻訳", "flaky", "hundred times"):
            assert word not in shown
        assert after.total == before.total
        assert [row.spend for row in after.rows] == [row.spend for row in before.rows]
        assert after.dearest_session and after.dearest_session.id == SESSION
        assert len({row.key for row in after.rows}) == len(after.rows)
        if by == "model":
            assert after.rows == before.rows


async def test_what_is_exported_is_a_table(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5")
        screen = screen_of(pilot)
        assert screen.exported() is screen.table
        await press(pilot, "tab", "tab")
        assert screen.exported() is screen.changes


async def test_privacy_asks_anew(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "5", "b")
        assert "src/api" in text_of(pilot)
        await press(pilot, "P")
        assert "src/api" not in text_of(pilot)
        assert "flaky" not in text_of(pilot)
        assert "project 1" in text_of(pilot)


async def test_the_demo_shows_itself(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        running = TokenwatchApp(feed, now=feed.now, zone=ZONE, environment={"PATH": ""})
        async with running.run_test(size=WIDE) as pilot:
            await settle(pilot)
            await press(pilot, "5")
            answer = screen_of(pilot)._answer
            assert answer is not None and answer.total != NO_SPEND
            assert answer.before != NO_SPEND
            assert answer.at_once.peak >= 4
            for by in SPLITS[1:]:
                await press(pilot, "b", "enter", "escape")
                assert f"by {'agent' if by == 'kind' else by} " in lines_of(pilot)[1]
