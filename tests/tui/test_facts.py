"""Measured facts, below Waste and on Budgets: facts above, what they were counted from below."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.factories import NOW_MS, spend
from tests.still import ZONE, StillFeed
from tests.tui import waste_values
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, publish, settle, text_of
from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.answers.fact import Evidence, Fact
from tokenwatch.answers.incidents import LABELS, incidents
from tokenwatch.answers.pace import pace
from tokenwatch.answers.sessions import past_sessions
from tokenwatch.model import PICO
from tokenwatch.tui import privacy
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.filter.conditions import matches
from tokenwatch.tui.filter.words import parse
from tokenwatch.tui.screens.facts.order import ROW_SORTS, Order, sorted_rows
from tokenwatch.tui.screens.facts.rows import MEANINGS, explain_fact
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.widgets.record_table import RecordTable

HOUR = 3_600_000
SESSION = factories.rich_sessions()[0]
WIDE, SMALL = (120, 36), (80, 24)
WASTE = ("3", "b", "b")
"""The keys that lead to the facts behind the findings."""
SCREENS = {"waste": WASTE, "budgets": ("4", "b")}


def rows(key: str, number: int, **more: Any) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            key=f"{key} {n}",
            at_ms=NOW_MS - (n * 7 + 1) * HOUR,
            what="529" if key == "retry" else "failed",
            session_id=SESSION.id,
            title=f"Add cursor pagination, part {n}",
            project="/home/dev/src/api",
            spend=spend(40 + n),
            **more,
        )
        for n in range(number)
    )


def fact(key: str, label: str, number: int = 0, name: str | None = None, **more: Any) -> Fact:
    return Fact(
        key=f"{key} {name}" if name else key,
        label=label,
        name=name,
        times=number,
        turns=min(number, 3),
        spend=spend(312) if number else spend(0, total=0)._replace(requests=0),
        evidence=rows(key, min(number, 30), name=name),
        rows=number,
        **more,
    )


def invented(*, since_ms: int | None, until_ms: int | None) -> tuple[Fact, ...]:
    """Return facts; a period that is over has fewer."""
    return (
        fact("interrupted", LABELS["interrupted"]),
        fact("retry", LABELS["retry"], 4 if until_ms is None else 1, detail="529 3 · 429 1"),
        fact("compaction", LABELS["compaction"], 2, detail="341k → 21.0k tokens"),
        fact("tool-failed", LABELS["tool-failed"], 60, "Bash"),
        Fact(
            key="cache-read",
            label="cache read",
            tokens=130_000_000,
            detail="96% of what was sent",
            evidence=rows("cache-read", 3),
            rows=3,
        ),
    )


def invented_pace() -> tuple[Fact, ...]:
    days = tuple(
        Evidence(
            key=f"mean {n}",
            at_ms=None,
            what=f"Mon {n} Nov",
            spend=spend(900 - n),
            day=f"2026-11-0{n}",
        )
        for n in range(2, 5)
    )
    return (
        Fact(
            key="today",
            label="today",
            spend=spend(2134),
            before_pico=18 * PICO,
            detail="yesterday by this time",
            evidence=rows("today", 4),
            rows=4,
        ),
        Fact(key="week", label="this week", spend=spend(9120), evidence=rows("week", 2), rows=2),
        Fact(
            key="mean",
            label="mean day",
            spend=spend(2691),
            pico=9 * PICO,
            detail="of 3 days with requests",
            evidence=days,
            rows=3,
        ),
    )


ANSWERS: Mapping[object, Callable[..., Any]] = {
    **waste_values.ANSWERS,
    incidents: invented,
    pace: invented_pace,
}


def opened(screen: str, theme: str | None = None) -> Callable[[Pilot[str]], Awaitable[None]]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, *SCREENS[screen])

    return run


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize("screen", SCREENS)
def test_dark(snap_compare: Any, screen: str, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=size, run_before=opened(screen))


@pytest.mark.parametrize("screen", SCREENS)
def test_light(snap_compare: Any, screen: str) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    before = opened(screen, "tokenwatch-light")
    assert snap_compare(app, terminal_size=WIDE, run_before=before)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_color(snap_compare: Any, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), ANSWERS, NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=opened(screen))


async def test_facts_with_their_rows(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE)
        text = text_of(pilot)
        assert "last 7 days" in text and "measured facts, no claims" in text
        assert "341k → 21.0k tokens" in text and "failed calls: Bash" in text
        assert "130M" in text and "wasted" not in text
        # The first fact that has rows is selected.
        assert "╭─ requests tried again" in text and text.count("529") > 3
        await press(pilot, "j", "j")
        assert "╭─ failed calls: Bash" in text_of(pilot) and "30 of 60" in text_of(pilot)
        await press(pilot, "G")
        assert "╭─ turns interrupted" in text_of(pilot) and "no such row" in text_of(pilot)


async def test_what_did_not_happen_stands_last_in_every_order(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE)
        names = [line.split("  ")[0].strip("│▌ ") for line in lines_of(pilot)[3:8]]
        assert names[0] == "requests tried again" and names[-1] == "turns interrupted"
        orders = []
        for key in ("s", "s", "S", "s", "s", "S", "s"):
            await press(pilot, key)
            orders.append(lines_of(pilot)[1].split("last 7 days")[1].strip(" ·─╮"))
            assert "turns interrupted" in lines_of(pilot)[7]
        words = (
            "by cost ↓",
            "by times ↓",
            "by times ↑",
            "by turns ↓",
            "by tokens ↓",
            "by tokens ↑",
        )
        assert tuple(orders[:-1]) == words and not orders[-1]


@pytest.mark.parametrize("order", [Order(c, r) for c in ROW_SORTS for r in (False, True)])
def test_an_order_keeps_every_row(order: Order) -> None:
    for fact in (*invented(since_ms=None, until_ms=None), *invented_pace()):
        assert sorted(sorted_rows(fact.evidence, order)) == sorted(fact.evidence)
    shown = sorted_rows(rows("retry", 5), order)
    values = [shown_row.spend.cost_pico for shown_row in shown if shown_row.spend]
    if order.column == "cost":
        assert values == sorted(values, reverse=not order.is_reversed)


async def test_rows_are_sorted_by_key_and_header(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "4", "b", "s")
        first = [row.key for row in pilot.app.screen.rows.records]  # type: ignore[attr-defined]
        assert first == [f"today {n}" for n in (3, 2, 1, 0)]
        assert "4 · by cost ↓" in text_of(pilot)
        await press(pilot, "S")
        assert "4 · by cost ↑" in text_of(pilot)
        await pilot.click("#budget-rows", offset=(5, 1))
        await settle(pilot)
        assert "4 · by time ↓" in text_of(pilot)
        await pilot.click("#budget-rows", offset=(5, 1))
        await settle(pilot)
        assert "4 · by time ↑" in text_of(pilot)
        await press(pilot, "s", "s", "S")
        assert "4 · turned round" in text_of(pilot)


async def test_the_fact_of_the_rows_in_focus_is_marked(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE, "j", "enter")
        screen: Any = pilot.app.screen
        marked = [
            line.key
            for line in screen.facts.records
            if any(span.style.underline for span in screen._paint_fact(line, "fact").spans)
        ]
        assert marked == ["compaction"]
        await press(pilot, "escape")
        assert screen.facts.has_focus
        line = screen.facts.selected
        assert not screen._paint_fact(line, "fact").spans


async def test_a_day_leads_to_its_sessions(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "4", "b", "G", "enter")
        assert "enter: the sessions of that day" in text_of(pilot)
        assert text_of(pilot).splitlines()[-1].strip().startswith("enter Open")
        await press(pilot, "enter")
        assert pilot.app.screen.TAB == "sessions"  # type: ignore[attr-defined]
        assert "since:2026-11-02 until:2026-11-02" in text_of(pilot)


def test_every_day_of_a_pace_names_itself(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        facts = feed.ask(partial(pace))
        found = feed.ask(partial(past_sessions, period=Period("all"))).rows
    days = [row for fact in facts for row in fact.evidence if row.session_id is None]
    assert days
    for row in days:
        query = parse(f"since:{row.day} until:{row.day}", now_ms=feed.now_ms, zone=ZONE)
        assert not query.complaints
        assert any(matches(session, query.conditions) for session in found)


def cells_of(table: RecordTable[Any], record: Any) -> dict[str, object]:
    return dict(zip([column.key for column in table.columns], table.cells(record), strict=True))


async def test_what_is_exported_is_exact(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE)
        screen: Any = pilot.app.screen
        table = screen.exported()
        assert table is screen.facts
        record = next(line for line in table.records if line.fact.name == "Bash")
        cells = cells_of(table, record)
        assert cells["times"] == 60 and cells["turns"] == 3 and cells["cost"] == "3.120000"
        await press(pilot, "enter")
        table = screen.exported()
        assert table is screen.rows
        cells = dict(
            zip([c.key for c in table.columns], table.cells(table.records[0]), strict=True)
        )
        assert cells["time"] == fmt.rfc3339(NOW_MS - HOUR) and cells["cost"] == "0.400000"
        await press(pilot, "4", "b")
        table = pilot.app.screen.exported()  # type: ignore[attr-defined]
        cells = dict(
            zip([c.key for c in table.columns], table.cells(table.records[0]), strict=True)
        )
        assert (cells["amount"], cells["before"]) == ("21.340000", "18.000000")


async def test_a_wide_terminal_has_the_rows_beside_the_facts(running: Running) -> None:
    async with running(answers=ANSWERS, size=(200, 40)) as pilot:
        await press(pilot, *WASTE)
        top = lines_of(pilot)[1]
        assert "╭─ facts" in top and "╭─ requests tried again" in top
        assert "sent again" in text_of(pilot), "what the fact means"
        await press(pilot, "z")
        assert len([line for line in lines_of(pilot) if line.startswith("╭")]) == 1
        await pilot.resize_terminal(100, 30)
        await press(pilot, "escape")
        assert "requests tried again" not in lines_of(pilot)[1]
        assert "sent again" not in text_of(pilot)


async def test_the_period(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE, "j")
        await press(pilot, "left_square_bracket")
        text = text_of(pilot)
        assert "8 to 14 Nov" in text
        assert "╭─ contexts compacted" in text, "the chosen fact stays chosen"
        await press(pilot, "right_square_bracket", "right_square_bracket", "t")
        assert "last 30 days" in text_of(pilot)
        asked = [line for line in feed_of(pilot).read if line.startswith("incidents")]
        assert len(set(asked)) == 3 and asked[0].endswith("/None")


async def test_a_row_opens_its_session(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE, "enter", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        assert str(SESSION.title) in text_of(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen.TAB == "waste"
        await press(pilot, "o")
        assert isinstance(pilot.app.screen, SessionScreen)
        await press(pilot, "escape", "escape", "enter", "j", "y")
        assert pilot.app.clipboard == SESSION.id
        await press(pilot, "escape", "y")
        assert pilot.app.clipboard == "requests tried again: 4 529 3 · 429 1"


async def test_a_day_is_copied_by_its_name(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "4", "b", "G", "enter")
        assert "Mon 2 Nov" in text_of(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == "Mon 2 Nov"


async def test_budgets_say_what_is_known(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, "4", "b")
        text = text_of(pilot)
        assert "facts to choose a limit by; b: budgets and alerts" in text
        today, week, mean = lines_of(pilot)[3:6]
        assert "21.34" in today and "18.00" in today and "▲ 19%" in today
        assert "91.20" in week and "9.00" in mean and "of 3 days with requests" in mean


@pytest.mark.parametrize("screen", SCREENS)
async def test_explain_and_click(running: Running, screen: str) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *SCREENS[screen])
        table = pilot.app.screen.MAIN  # type: ignore[attr-defined]
        await pilot.click(f"#{table}", offset=(10, 3 if screen == "waste" else 4))
        await settle(pilot)
        await press(pilot, "i")
        title = "contexts compacted" if screen == "waste" else "mean day"
        assert f"─ {title}" in text_of(pilot)
        await press(pilot, "escape", "z")
        assert len([line for line in lines_of(pilot) if line.startswith("╭")]) == 1
        await press(pilot, "tab")
        assert "session" in lines_of(pilot)[2]
        await press(pilot, "escape")
        assert len([line for line in lines_of(pilot) if line.startswith("╭")]) == 2


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("size", [(20, 5), (1, 1), (60, 16), (250, 70)])
async def test_sizes(running: Running, screen: str, size: tuple[int, int]) -> None:
    async with running(answers=ANSWERS, size=size) as pilot:
        await press(pilot, *SCREENS[screen], "j", "tab", "z", "z", "tab", "enter")
        assert len(lines_of(pilot)) == size[1]


@pytest.mark.parametrize("screen", SCREENS)
async def test_nothing_at_all(running: Running, screen: str) -> None:
    nothing: Mapping[object, Callable[..., Any]] = {
        incidents: lambda since_ms, until_ms: (),
        pace: tuple,
    }
    async with running(answers=nothing) as pilot:
        await press(pilot, *SCREENS[screen], "i", "y", "enter", "enter", "o", "y")
        assert "nothing yet" in text_of(pilot)


async def test_privacy(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE, "j", "j")
        assert "cursor pagination" in text_of(pilot) and "Bash" in text_of(pilot)
        await press(pilot, "P")
        await publish(pilot, factories.snapshot(agents_running=9))
        text = text_of(pilot)
        assert not any(word in text for word in ("pagination", "Bash", " api "))
        assert "failed calls: hidden" in text and "30 of 60" in text
    for known in (*invented(since_ms=None, until_ms=None), *invented_pace()):
        hidden = privacy.hidden(known)
        assert hidden.spend == known.spend and hidden.rows == known.rows
        assert all(row.title is None and row.project is None for row in hidden.evidence)


async def test_an_answer_for_a_period_that_was_left_is_not_shown(running: Running) -> None:
    async with running(answers=ANSWERS) as pilot:
        await press(pilot, *WASTE)
        screen: Any = pilot.app.screen
        before = screen._period
        await press(pilot, "t")
        screen._take_of(before, ())
        await settle(pilot)
        assert "failed calls: Bash" in text_of(pilot)
        assert isinstance(pilot.app, TokenwatchApp)


def test_every_fact_has_a_meaning() -> None:
    assert set(MEANINGS) >= set(LABELS)
    for known in (*invented(since_ms=None, until_ms=None), *invented_pace()):
        assert explain_fact(known, "last 7 days").text.count("\n") >= 2
