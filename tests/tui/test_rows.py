"""Rows that sum up, filters, privacy, explanations, graphs: without a terminal."""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from rich.text import Text

from tests import factories
from tokenwatch.model import NO_SPEND, AgentKind, State, usd
from tokenwatch.tui import privacy
from tokenwatch.tui.bindings import APP, KEYS, TABLE
from tokenwatch.tui.explanations import explain_figure, explain_request, explain_session
from tokenwatch.tui.looks import ascii as ascii_glyphs
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.live.listing import Lines, Listing
from tokenwatch.tui.screens.live.rows import COLUMNS, FEW, SORTS, rows_of
from tokenwatch.tui.screens.session.agents import AGENT_COLUMNS
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.screens.session.turns import REQUEST_COLUMNS, TURN_COLUMNS
from tokenwatch.tui.tabs import SETTINGS, TABS
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.record_table import Column, fit, fitting
from tokenwatch.tui.widgets.sparkgraph import BLOCKS, graph, in_buckets, spark

SESSIONS = factories.rich_sessions()
STATES = st.sampled_from(list(State))
KINDS = st.sampled_from([AgentKind.SUBAGENT, AgentKind.AUXILIARY])


@given(st.lists(st.tuples(KINDS, STATES, st.integers(0, 500)), max_size=12))
def test_rows_of_a_session_sum_to_the_session(agents: list[tuple[AgentKind, State, int]]) -> None:
    rows = [
        factories.agent("s", cents, id=f"a{n}", kind=kind, state=state, minutes=(cents, 1))
        for n, (kind, state, cents) in enumerate(agents)
    ]
    session = factories.session("s", "t", "/p", [factories.agent("s", 17, minutes=(2,)), *rows])
    shown = rows_of(session)
    assert reduce(add, (row.spend for row in shown), NO_SPEND) == session.spend
    counted = [a for a in session.agents if a.kind is not AgentKind.AUXILIARY or a.spend.requests]
    burn = sum(a.burn_pico_per_hour or 0 for a in counted)
    assert sum(row.burn_pico or 0 for row in shown) == burn
    assert len({row.key for row in shown}) == len(shown)


def test_many_ended_subagents_are_one_row() -> None:
    def labels(count: int) -> list[str | None]:
        ended = [factories.agent("s", 1, id=f"a{n}") for n in range(count)]
        working = factories.agent("s", 1, id="w", state=State.WORKING)
        row = factories.session("s", "t", "/p", [factories.agent("s", 1), working, *ended])
        return [line.label for line in rows_of(row)]

    assert labels(FEW) == [None] * (FEW + 2)
    assert labels(FEW + 1) == [None, None, f"{FEW + 1} ended subagents"]


def test_a_session_without_agents_shows_its_own_spend() -> None:
    row = factories.session("s", None, None, [], spend=factories.spend(12))
    (line,) = rows_of(row)
    assert line.spend == factories.spend(12)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("reverse", [False, True])
def test_unknown_values_come_last_and_agents_stay_below(sort: str, reverse: bool) -> None:
    bare = factories.session("zzz", None, None, [factories.agent("zzz", model=None)])
    listing = Listing()
    listing.take((bare, *SESSIONS))
    rows = Lines(listing.chosen(sort, reverse, None, ()))
    owners = [row.session.id for row in rows]
    assert len(dict.fromkeys(owners)) == len(SESSIONS) + 1
    blocks = [owner for n, owner in enumerate(owners) if n == 0 or owners[n - 1] != owner]
    assert len(blocks) == len(SESSIONS) + 1
    assert all(row.is_main for n, row in enumerate(rows) if n == 0 or owners[n - 1] != owners[n])
    if sort in ("burn", "context", "cache", "model"):
        assert "zzz" in blocks[-7:]


def test_privacy_leaves_figures_and_ids() -> None:
    before = factories.snapshot(warnings=("in /home/dev/secret",))
    after = privacy.hide_snapshot(before)
    assert [s.spend for s in after.sessions] == [s.spend for s in before.sessions]
    assert [s.id for s in after.sessions] == [s.id for s in before.sessions]
    hidden = repr(after) + repr(privacy.hidden(factories.detail()))
    for word in ("/home/dev", "parser tests", "survey", "explore", "branch='parser'", "Edit"):
        assert word not in hidden


def test_explained_request_multiplies_to_its_cost() -> None:
    for request in factories.requests()[:-1]:
        explanation = explain_request(request)
        assert request.cost_pico is not None
        products = [
            Decimal(match.group(1))
            for line in explanation.lines
            if (match := re.search(r"× \$[\d.]+ +\$([\d.]+)$", line.text))
        ]
        assert len(products) == 4
        assert sum(products) == usd(request.cost_pico)
        assert explanation.figure == f"${usd(request.cost_pico):f}".rstrip("0")


def test_explanations_name_what_the_sum_leaves_out() -> None:
    text = explain_session(SESSIONS[0]).text
    assert "unlogged" in text and "$0.030000" in text
    assert "2 whose log holds less output" in explain_session(SESSIONS[5]).text
    assert "2 priced under an assumption" in explain_session(SESSIONS[6]).text
    assert "9 without a price" in explain_session(SESSIONS[7]).text
    today = explain_figure("today", factories.snapshot()).text
    assert "9 without a price" in today and "7-day mean" in today


@given(st.lists(st.integers(0, 10**13), max_size=80), st.integers(1, 9))
def test_graph_shows_something_wherever_there_is_something(values: list[int], height: int) -> None:
    lines = graph(values, height)
    assert len(lines) == height
    assert all(len(line) == len(values) for line in lines)
    if any(values):
        assert [glyph != " " for glyph in lines[-1]] == [value > 0 for value in values]
        assert "█" in lines[0]


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=30))
def test_spark_tells_nothing_from_little(values: list[int]) -> None:
    line = spark(values, max(values))
    assert [glyph == BLOCKS[0] for glyph in line] == [value == 0 for value in values]


@given(st.lists(st.integers(0, 1000), max_size=90), st.integers(0, 100))
def test_buckets_keep_the_sum(values: list[int], width: int) -> None:
    sums, each = in_buckets(values, width)
    assert len(sums) <= width
    if width and values:
        assert sum(sums) == sum(values)
        assert sums[-1] == sum(values[-each:])


@given(st.floats(-1, 2), st.integers(1, 60))
def test_meter_is_as_wide_as_asked(part: float, width: int) -> None:
    bar = meter(part, width, Style(), Style()).plain
    assert len(bar) == width
    assert set(bar) <= set("━╸─")
    assert ("━" in bar or "╸" in bar) is (part > 0)


@pytest.mark.parametrize("columns", [COLUMNS, TURN_COLUMNS, AGENT_COLUMNS, REQUEST_COLUMNS])
@pytest.mark.parametrize("width", range(20, 200, 7))
def test_columns_fill_the_width(columns: tuple[Column, ...], width: int) -> None:
    shown = fitting(columns, width)
    total = sum(size for _, size in shown) + len(shown) - 1
    assert total == width or not any(column.drop for column, _ in shown)
    assert columns[-1].key == "place" or any(column.key == "cost" for column, _ in shown)


def test_columns_of_live_drop_in_order() -> None:
    gone: list[str] = []
    for width in range(260, 20, -1):
        shown = {column.key for column, _ in fitting(COLUMNS, width)}
        gone += [c.key for c in COLUMNS if c.key not in shown and c.key not in gone]
    wide = ["branch", "in", "write", "read", "started", "out", "requests", "tokens"]
    assert gone == [*wide, "source", "minutes", "context", "cache", "turns", "model", "now", "burn"]


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "So"])))
def test_cells_are_exactly_as_wide_as_their_column(text: str) -> None:
    for right in (False, True):
        assert fit(Text(text), 12, right).cell_len == 12


def test_ascii_glyphs_are_ascii_and_one_cell() -> None:
    assert all(0x20 < code < 0x7F for code in map(ord, ascii_glyphs.TABLE.values()))
    assert all(Text(chr(code)).cell_len == 1 for code in ascii_glyphs.TABLE)


SCREENS = (SessionScreen, *(type(tab.make()) for tab in (*TABS, SETTINGS)))


@pytest.mark.parametrize("screen", SCREENS)
def test_keys_are_told_apart_on_each_screen(screen: type[FrameScreen]) -> None:
    keys = [k for a in (*screen.ACTIONS, *TABLE, *APP) for k in KEYS[a].keys.split(",")]
    assert len(keys) == len(set(keys))
    assert len(screen.LINE) <= 8


def test_screens_have_known_keys() -> None:
    used = {action for screen in SCREENS for action in screen.ACTIONS}
    assert used <= set(KEYS) - {*TABLE, *APP}


def test_no_module_grows_too_large() -> None:
    folder = Path(privacy.__file__).parent
    for module in folder.rglob("*.py"):
        assert len(module.read_text().splitlines()) <= 400, module


def test_every_ink_is_a_style() -> None:
    from tokenwatch.tui.looks.themes import INKS, Ink

    for ink in INKS.values():
        assert all(isinstance(getattr(ink, field.name), Style) for field in fields(Ink))
