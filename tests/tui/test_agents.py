"""The Agents screen: its lanes, axis, keys, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from tests import factories
from tests.factories import HOUR, MINUTE, NOW_MS
from tests.tui.agent_lanes import INFRA, LOST, PARSER, WEB, answer, answered, day, drawn, lane
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, publish, settle, text_of
from tokenwatch import format as fmt
from tokenwatch.analysis.lanes import Kind
from tokenwatch.answers.lanes import lanes
from tokenwatch.answers.timeline import Lanes
from tokenwatch.model import State
from tokenwatch.tui import privacy
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.boxes.dialogs import ExplainScreen
from tokenwatch.tui.boxes.export import ExportScreen
from tokenwatch.tui.looks.ascii import TABLE
from tokenwatch.tui.screens.agents.axis import STEPS_MS, Axis, fitting, highest
from tokenwatch.tui.screens.agents.lanes import cells, grown
from tokenwatch.tui.screens.agents.lanes import lines_of as tree
from tokenwatch.tui.screens.agents.screen import AgentsScreen
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.widgets.lanes import LanesTable, columns_for, draw_ticks, place

ANSWERS: dict[object, Callable[..., Any]] = {lanes: answered}
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York")


# The axis -----------------------------------------------------------------------------------


@given(
    st.integers(0, 400 * 86_400_000),
    st.integers(1, 300),
    st.sampled_from(ZONES),
)
def test_an_axis_shows_all_of_its_stretch(length: int, columns: int, zone: str) -> None:
    axis = fitting(NOW_MS - length, NOW_MS + 1, columns, ZoneInfo(zone))
    assert axis.columns == columns
    assert axis.column_ms in STEPS_MS
    assert axis.column(NOW_MS) == columns - 1
    if axis.column_ms < STEPS_MS[-1]:
        assert axis.start_ms <= NOW_MS - length


@given(st.integers(0, 400 * 86_400_000), st.integers(30, 250), st.sampled_from(ZONES))
def test_labels_of_an_axis_have_room(length: int, columns: int, zone: str) -> None:
    axis = fitting(NOW_MS - length, NOW_MS + 1, columns, ZoneInfo(zone))
    ticks = axis.ticks()
    assert all(0 <= at < columns for at, _ in ticks)
    assert all(at + len(label) + 1 < after for (at, label), (after, _) in pairwise(ticks))
    drawn_ticks = draw_ticks(axis, NOW_MS, columns)
    assert len(drawn_ticks) == columns and drawn_ticks.endswith("now")


@given(st.integers(1, 200 * 86_400_000), st.integers(-1, 1), st.integers(0, 100))
def test_looking_closer_keeps_an_instant_in_its_column(length: int, step: int, part: int) -> None:
    axis = fitting(NOW_MS - length, NOW_MS, 80, UTC)
    instant = NOW_MS - length * part // 100
    changed = axis.stretched(step or 1, instant)
    assert changed.column(instant) == axis.column(instant)
    assert changed.column_ms in STEPS_MS


def test_columns_stay_put_while_time_goes_on() -> None:
    """Between two ticks of the clock nothing moves but by whole columns."""
    before = fitting(NOW_MS - 8 * HOUR, NOW_MS, 60, UTC)
    after = fitting(NOW_MS - 8 * HOUR, NOW_MS + 61_000, 60, UTC)
    assert before.column_ms == after.column_ms
    assert (after.start_ms - before.start_ms) % before.column_ms == 0


def test_highest_level_of_each_column() -> None:
    axis = Axis(start_ms=0, column_ms=10, columns=5, origin_ms=0, zone=UTC)
    levels = ((2, 1), (5, 3), (6, 1), (25, 0), (38, 2))
    assert highest(levels, axis, 43) == [3, 1, 1, 2, 2]
    assert highest(levels, axis, 39) == [3, 1, 1, 2, 0]
    assert highest((), axis, 40) == [0] * 5


# Lanes --------------------------------------------------------------------------------------


def test_work_of_a_moment_is_seen_in_a_long_idle_column() -> None:
    axis = Axis(start_ms=NOW_MS, column_ms=1000, columns=3, origin_ms=0, zone=UTC)
    idle = drawn((60, "i"), (30, "w"), (29.99, "i"), until=-60)
    wide = Axis(start_ms=NOW_MS - HOUR, column_ms=HOUR, columns=2, origin_ms=0, zone=UTC)
    assert cells(idle, wide) == [Kind.WORKING, Kind.IDLE]
    assert cells(drawn((60, "w"), until=10), axis) == [None] * 3


def test_who_was_started_is_below_who_started_it() -> None:
    rows = tree(day(), "start", False)
    assert [(row.branch, row.lane.agent_id) for row in rows] == [
        ("", WEB),
        ("", PARSER),
        ("├ ", "a1"),
        ("│ └ ", "a2"),
        ("├ ", "a3"),
        ("├ ", "a4"),
        ("└ ", "*auxiliary"),
        ("", INFRA),
        ("", LOST),
    ]


@pytest.mark.parametrize("sort", ["start", "cost", "work"])
@pytest.mark.parametrize("turned", [False, True])
def test_every_lane_has_one_line_in_any_order(sort: str, turned: bool) -> None:
    rows = tree(day(), sort, turned)
    assert sorted(row.key for row in rows) == sorted(each.key for each in day())
    places = {row.key: at for at, row in enumerate(rows)}
    for row in rows:
        if row.lane.parent_key is not None:
            assert places[row.lane.parent_key] < places[row.key]


def test_a_parent_that_is_not_there_hides_nobody() -> None:
    orphan = lane(PARSER, drawn((5, "w")), id="a1", parent_key="gone")
    assert [row.key for row in tree([orphan], "start", False)] == [orphan.key]


def test_what_is_open_grows_with_time() -> None:
    first = answer()
    working, _, _, _, _, _, waiting, idle, ended = first.lanes
    for each in (working, waiting, idle):
        assert grown(each, first, NOW_MS + 5000)[-1].end_ms == NOW_MS + 5000
        assert grown(each, first, NOW_MS - 5000) == each.intervals
    assert grown(ended, first, NOW_MS + 5000) == ended.intervals
    past = replace(first, until_ms=NOW_MS - 1)
    assert grown(working, past, NOW_MS + 5000) == working.intervals


def test_glyphs_differ_without_colour_and_in_ascii() -> None:
    from tokenwatch.tui.screens.agents.lanes import GLYPHS

    assert len(set(GLYPHS.values())) == len(Kind)
    assert len({glyph.translate(TABLE) for glyph in GLYPHS.values()}) == len(Kind)


@pytest.mark.parametrize("width", [*range(5, 70), 80, 100, 149, 150, 200, 250])
def test_lanes_begin_where_the_graph_does(width: int) -> None:
    at, columns = place(width)
    assert at >= 1 and columns >= 1
    assert next(c.key for c in columns_for(width)) == "agent"


def test_privacy_leaves_figures_and_ids() -> None:
    before = answer()
    after = privacy.hidden(before)
    assert [x.key for x in after.lanes] == [x.key for x in before.lanes]
    assert [x.spend for x in after.lanes] == [x.spend for x in before.lanes]
    assert [x.intervals for x in after.lanes] == [x.intervals for x in before.lanes]
    for word in ("/home/dev", "parser tests", "survey", "explore", "review", "permission"):
        assert word in repr(before) and word not in repr(after)


# Keys ---------------------------------------------------------------------------------------


def screen_of(pilot: Pilot[str]) -> AgentsScreen:
    assert isinstance(pilot.app, TokenwatchApp)
    found = pilot.app.get_screen("agents")
    assert isinstance(found, AgentsScreen)
    return found


def selected(pilot: Pilot[str]) -> str | None:
    line = screen_of(pilot).query_one(LanesTable).selected
    return line.key if line else None


def axis(pilot: Pilot[str]) -> Axis:
    found = screen_of(pilot).query_one(LanesTable).axis
    assert found is not None
    return found


def asked(pilot: Pilot[str]) -> list[str]:
    return [text for text in feed_of(pilot).read if text.startswith("lanes")]


async def test_today_in_lanes(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        shown = text_of(pilot)
        for words in (
            "web ▸ dark mode",
            "tokenwatch ▸ parser tests",
            "├ ● review  check the edges",
            "└ auxiliary",
            "now       3",
            "peak      4",
            "agents    8",
            "waiting for you 6 m: permission prompt",
            "today · 8 · by start ↓",
            "12:00",
        ):
            assert words in shown, words


async def test_moving_shows_the_selected_agent(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "j")
        assert selected(pilot) == PARSER
        assert "of which 20 m for its subagents" in text_of(pilot)
        await press(pilot, "j")
        assert selected(pilot) == f"{PARSER}/a1"
        assert "by tokenwatch ▸ parser tests" in text_of(pilot)
        await press(pilot, "G")
        assert selected(pilot) == LOST
        assert "unknown 20 m" in text_of(pilot)
        await press(pilot, "g", "k")
        assert selected(pilot) == WEB
        assert "waits for you since 14:26:07" in text_of(pilot)
        assert "asked you 2 times" in text_of(pilot)


async def test_sorting(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "s")
        assert "by cost ↓" in text_of(pilot)
        await press(pilot, "g")
        assert selected(pilot) == PARSER
        await press(pilot, "S", "g")
        assert selected(pilot) == LOST and "by cost ↑" in text_of(pilot)
        await press(pilot, "s", "g")
        assert "by time at work ↓" in text_of(pilot)
        await press(pilot, "s")
        assert "by start ↓" in text_of(pilot)


async def test_a_header_sorts_by_its_column(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        table = screen_of(pilot).query_one(LanesTable)
        x = lines_of(pilot)[table.region.y + 1].index("cost $") - table.region.x
        for arrow in "↓↑":
            await pilot.click(LanesTable, offset=(x, 1))
            await settle(pilot)
            assert f"by cost {arrow}" in text_of(pilot)


async def test_a_click_selects_and_a_second_opens(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        await pilot.click(LanesTable, offset=(8, 3))
        await settle(pilot)
        assert selected(pilot) == PARSER
        await pilot.click(LanesTable, offset=(8, 3), times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, SessionScreen)


@pytest.mark.parametrize("key", ["enter", "o"])
async def test_opens_the_session(running: Running, key: str) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "j", "j", key)
        assert isinstance(pilot.app.screen, SessionScreen)
        assert f"detail {PARSER}" in feed_of(pilot).read
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AgentsScreen)
        assert selected(pilot) == f"{PARSER}/a1"


async def test_periods(running: Running) -> None:
    midnight = NOW_MS - NOW_MS % (24 * HOUR)
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        assert asked(pilot)[-1] == f"lanes {midnight}/None/None/None"
        await press(pilot, "left_square_bracket")
        assert asked(pilot)[-1] == f"lanes {midnight - 24 * HOUR}/{midnight}/None/None"
        assert "Fri 20 Nov" in text_of(pilot) and "no agent was at work" in text_of(pilot)
        number = len(asked(pilot))
        await publish(pilot, factories.snapshot(taken_ms=NOW_MS + 1))
        assert len(asked(pilot)) == number
        await press(pilot, "right_square_bracket")
        assert asked(pilot)[-1] == f"lanes {midnight}/None/None/None"
        await press(pilot, "t")
        assert asked(pilot)[-1] == f"lanes {NOW_MS - 24 * HOUR}/None/None/None"
        assert "last 24 hours · 8" in text_of(pilot)


async def test_sources(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "a")
        assert "Claude Code" in lines_of(pilot)[0] and "terraform" not in text_of(pilot)
        await press(pilot, "a")
        assert "Codex" in lines_of(pilot)[0] and "dark mode" not in text_of(pilot)
        assert "terraform" in text_of(pilot)
        await press(pilot, "escape")
        assert "dark mode" in text_of(pilot) and "terraform" in text_of(pilot)


async def test_closer_and_wider(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        whole = axis(pilot)
        await press(pilot, "minus")
        assert axis(pilot) == whole
        await press(pilot, "plus")
        assert axis(pilot).column_ms <= whole.column_ms / 2
        assert axis(pilot).column(NOW_MS) == axis(pilot).columns - 1
        assert "follows now" in lines_of(pilot)[0]
        await press(pilot, *["plus"] * 20)
        assert axis(pilot).column_ms == STEPS_MS[0]
        await press(pilot, *["minus"] * 20)
        assert axis(pilot) == whole


@pytest.mark.parametrize(("back", "forth"), [("left", "right"), ("h", "l")])
async def test_moving_in_time(running: Running, back: str, forth: str) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", back)
        whole = axis(pilot)
        await press(pilot, "plus", "plus", back)
        near = axis(pilot)
        assert near.end_ms < NOW_MS and "closer" in lines_of(pilot)[0]
        assert "now  at work" not in text_of(pilot)
        await press(pilot, *[back] * 30)
        first = min(part.start_ms for each in day() for part in each.intervals)
        assert axis(pilot).column(first) == 0
        await press(pilot, *[forth] * 60)
        assert axis(pilot).column(NOW_MS) == axis(pilot).columns - 1
        assert "follows now" in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert axis(pilot) == whole


async def test_follow_keeps_now_in_view(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "plus", "plus", "left", "F")
        assert axis(pilot).column(NOW_MS) == axis(pilot).columns - 1
        await press(pilot, "F")
        here = axis(pilot)
        pilot.app.now = lambda: NOW_MS + 30 * MINUTE  # type: ignore[attr-defined]
        screen_of(pilot).tick()
        await settle(pilot)
        assert axis(pilot) == here
        await press(pilot, "F")
        assert axis(pilot).column(NOW_MS + 30 * MINUTE) == here.columns - 1


async def test_the_clock_moves_what_is_open(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "j")
        before = text_of(pilot)
        pilot.app.now = lambda: NOW_MS + 15 * MINUTE  # type: ignore[attr-defined]
        screen_of(pilot).tick()
        await settle(pilot)
        assert text_of(pilot) != before and "2 h 05" in text_of(pilot)
        await press(pilot, "space")
        pilot.app.now = lambda: NOW_MS + 90 * MINUTE  # type: ignore[attr-defined]
        screen_of(pilot).tick()
        await settle(pilot)
        assert "2 h 05" in text_of(pilot)


async def test_one_session(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        screen_of(pilot).show_session(PARSER)
        await settle(pilot)
        assert asked(pilot)[-1] == f"lanes None/None/None/{PARSER}"
        assert "tokenwatch ▸ par" in lines_of(pilot)[0]
        assert "dark mode" not in text_of(pilot)
        await press(pilot, "escape")
        assert "dark mode" in text_of(pilot)


async def test_a_session_before_the_first_visit(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        app = pilot.app
        assert isinstance(app, TokenwatchApp)
        app.action_go("agents")
        screen_of(pilot).show_session(PARSER)
        await settle(pilot)
        assert asked(pilot)[-1] == f"lanes None/None/None/{PARSER}"
        assert "dark mode" not in text_of(pilot)


async def test_copies_the_agents_id(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "j", "j", "y")
        assert pilot.app.clipboard == f"{PARSER}/a1"
        await press(pilot, "j", "j", "j", "j", "y")
        assert pilot.app.clipboard == PARSER


async def test_explains(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "j", "i")
        assert isinstance(pilot.app.screen, ExplainScreen)
        assert "1 h 50 at work" in text_of(pilot)
        await press(pilot, "escape", "tab", "tab", "i")
        assert "peak 4" in text_of(pilot)


async def test_zoom_and_panes(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "z")
        assert "selected" not in text_of(pilot) and "dark mode" in text_of(pilot)
        await press(pilot, "tab")
        assert "waits for you since" in text_of(pilot)
        await press(pilot, "escape")
        assert "at work at once" in text_of(pilot)


async def test_private(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7", "P")
        # The picture asks anew after the answer was dropped.
        await publish(pilot, factories.snapshot())
        shown = text_of(pilot)
        assert PARSER[:8] in shown
        for word in ("parser tests", "tokenwatch ▸", "survey", "review", "permission"):
            assert word not in shown


async def test_names_get_the_columns_that_lanes_leave_empty(running: Running) -> None:
    title = "a title that needs far more room than there is for names beside the lanes"
    long = lane(PARSER, drawn((34, "w")), 100, title=title)
    async with running(answers={lanes: lambda **_: answer((long,))}) as pilot:
        await press(pilot, "7")
        table = screen_of(pilot).query_one(LanesTable)
        assert table.more > 0
        assert axis(pilot).columns == table.lane_columns
        assert axis(pilot).column(long.intervals[0].start_ms) == 0 or title in text_of(pilot)
        wide = table.more
        await press(pilot, "plus")
        assert table.more == 0, "looked at closer, all columns are the lanes'"
        await press(pilot, "escape")
        assert table.more == wide
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert axis(pilot).columns == table.lane_columns


async def test_the_stretch_is_said_once(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        assert text_of(pilot).count("today") == 1
        await press(pilot, "t", "t")
        assert text_of(pilot).count("last 7 days") == 1


async def test_exports_are_exact(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "7")
        table = screen_of(pilot).exported()
        assert table is screen_of(pilot).table
        for line in table.records:
            names = [column.key for column in table.columns]
            cells = dict(zip(names, table.cells(line), strict=True))
            assert cells["work"] == line.lane.work_ms
            if line.lane.intervals:
                start, end = str(cells["lane"]).split("/")
                assert start == fmt.rfc3339(line.lane.intervals[0].start_ms)
                assert end == fmt.rfc3339(line.lane.intervals[-1].end_ms)
            if line.lane.spend.requests and line.lane.spend.cost_or_none is not None:
                assert str(cells["cost"]).endswith(fmt.exact_usd(line.lane.spend.cost_pico))
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, ExportScreen)


async def test_many_lanes_are_drawn_where_they_are_seen(running: Running) -> None:
    many = [
        lane(f"{n:08}-7777-4b0e-8f3e-000000000000", drawn((n % 600 + 2, "w"), until=n % 600), 1)
        for n in range(5000)
    ]
    found = answer(many, left_out=1234)
    async with running(answers={lanes: lambda **_: found}) as pilot:
        await press(pilot, "7")
        assert "latest 5,000 of 6,234" in text_of(pilot)
        await press(pilot, "G", "ctrl+u", "plus", "left")
        assert len(screen_of(pilot).query_one(LanesTable).records) == 5000


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (60, 16), (250, 70), (1, 1)])
@pytest.mark.parametrize("shown", [answer(), answer(())], ids=["day", "nothing"])
async def test_any_size(running: Running, size: tuple[int, int], shown: Lanes) -> None:
    async with running(answers={lanes: lambda **_: shown}, size=size) as pilot:
        await press(pilot, "7", "j", "plus", "left", "z", "tab", "i", "escape", "escape")
        assert isinstance(pilot.app.screen, AgentsScreen)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "at work at once" in text_of(pilot)


# Pictures -----------------------------------------------------------------------------------


def before(*names: str, theme: str | None = None) -> Any:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
            await settle(pilot)
        await press(pilot, "7", *names)

    return run


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16), (200, 60)], ids=str)
def test_dark(snap_compare: Any, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=size, run_before=before())


def test_light(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    run = before("plus", "j", theme="tokenwatch-light")
    assert snap_compare(app, terminal_size=(120, 36), run_before=run)


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), ANSWERS, NO_COLOR="1")
    assert snap_compare(app, terminal_size=(120, 36), run_before=before())


def test_ascii(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS, TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before())


def test_states_of_lanes_are_all_in_the_day() -> None:
    assert {each.state for each in day()} == set(State)
    assert {part.kind for each in day() for part in each.intervals} == set(Kind)
