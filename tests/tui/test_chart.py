"""Charts and heat maps, as lines of text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from tests.tui.conftest import Running
from tokenwatch.tui.looks.themes import INKS
from tokenwatch.tui.widgets.chart import ASCII_FILLS, FILLS, BarChart, Chart, Series, _Plot, steps
from tokenwatch.tui.widgets.heatmap import SHADES, HeatMap, level

INK = INKS["tokenwatch-dark"]


def chart(*values: tuple[int, ...], **more: object) -> Chart:
    series = tuple(
        Series(name=f"s{n}", figure=str(sum(own)), values=own) for n, own in enumerate(values)
    )
    labels = tuple(f"d{bar}" for bar in range(len(values[0])))
    fields: dict[str, object] = {"labels": (labels,), **more}
    return Chart(series=series, **fields)  # type: ignore[arg-type]


def lines(shown: Chart, width: int = 40, height: int = 12, *, ascii: bool = False) -> list[str]:
    plot = _Plot(shown, width, height, None, ascii)
    return [line.plain for line in plot.lines(INK)]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    highest=st.integers(0, 10**18),
    unit=st.sampled_from([1, 10**12, 3_600_000]),
    most=st.integers(1, 12),
)
def test_steps_reach_the_highest_value_and_are_round(highest: int, unit: int, most: int) -> None:
    size, count = steps(highest, unit, most)
    assert size * count >= highest
    assert 1 <= count <= most
    if highest:
        assert size * (count - 1) < highest
        digits = size // max(1, unit // 10_000)
        assert str(digits).rstrip("0") in ("1", "2", "5")


values = st.lists(
    st.tuples(*[st.one_of(st.just(0), st.integers(1, 100), st.integers(1, 10**15))] * 4),
    min_size=1,
    max_size=80,
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(bars=values, width=st.integers(1, 120), height=st.integers(1, 40), ascii=st.booleans())
def test_any_values_fit_any_area(
    bars: list[tuple[int, ...]], width: int, height: int, ascii: bool
) -> None:
    shown = chart(*zip(*bars, strict=True))
    plot = _Plot(shown, width, height, None, ascii)
    drawn = plot.lines(INK)
    assert len(drawn) <= max(2, height)
    assert all(line.cell_len <= width for line in drawn[: plot.rows + 1])
    for bar in plot.shown:
        parts = plot._parts(bar)
        assert bool(parts) == bool(plot.totals[bar])
        assert len(parts) <= plot.rows
        assert [place for place, _ in parts] == sorted(place for place, _ in parts)


def test_one_bar_a_hundred_times_the_others_leaves_them_visible() -> None:
    drawn = lines(chart((1, 100, 1, 0)), height=8)
    assert drawn[-3].count("─") > 4
    lowest = drawn[-4]
    assert lowest.count("▁") >= 2
    assert sum("█" in line for line in drawn[:-3]) == 5


def test_series_are_stacked_in_order_with_fills_of_their_own() -> None:
    shown = chart((5, 0), (5, 5), (5, 0), (5, 5))
    drawn = lines(shown, height=11)
    column = [line[6] for line in drawn[:8]]
    assert "".join(dict.fromkeys(column)).strip() == FILLS[::-1]
    plain = "".join(lines(shown, height=11, ascii=True)[:8])
    assert all(fill in plain for fill in ASCII_FILLS)
    assert not any(fill in plain for fill in FILLS)


def test_marks_stand_over_their_bars() -> None:
    drawn = lines(chart((4, 8, 0), marks=("≥", "≥", "?")), width=30, height=12)
    assert drawn[0].count("≥") == 1
    assert sum(line.count("≥") for line in drawn) == 2
    assert sum(line.count("?") for line in drawn) == 1
    assert "?" in drawn[-4]


def test_words_under_the_bars_never_touch() -> None:
    words = (tuple(f"day {n}" for n in range(28)), tuple(f"{n:02}" for n in range(28)))
    every = tuple(f"{n:02}" if n % 7 == 0 else "" for n in range(28))
    shown = chart(tuple(range(28)), labels=(*words, every))
    assert "day 27" in lines(shown, width=240)[-2]
    assert " 26 27" in lines(shown, width=100)[-2]
    assert lines(shown, width=40)[-2].split() == ["00", "07", "14", "21"]


def test_twenty_columns_show_the_latest_bars_and_keep_the_selected_in_view() -> None:
    shown = chart(tuple(range(1, 73)))
    plot = _Plot(shown, 20, 10, None, False)
    assert plot.shown[-1] == 71
    plot = _Plot(shown, 20, 10, 3, False)
    assert 3 in plot.shown
    assert all(line.cell_len <= 20 for line in plot.lines(INK)[:-1])


def test_the_y_axis_names_round_values_from_nothing_up() -> None:
    drawn = lines(chart((33, 12)), width=30, height=15)
    named = [int(line.split("┤")[0]) for line in drawn if "┤" in line]
    assert named == sorted(named, reverse=True)
    assert len({above - below for above, below in pairwise(named)}) == 1
    assert drawn[-3].startswith(" 0 ┼")


def test_legend_leaves_out_figures_before_names() -> None:
    shown = chart((4, 1), (2, 2), summary="total 9")
    assert "s0 5" in lines(shown, width=40)[-1] and "total 9" in lines(shown, width=40)[-1]
    assert "s0 5" in lines(shown, width=20)[-1] and "total" not in lines(shown, width=20)[-1]
    assert "s0" in lines(shown, width=14)[-1] and "s0 5" not in lines(shown, width=14)[-1]


@pytest.mark.parametrize(
    ("value", "shade"), [(0, 0), (1, 1), (6, 1), (7, 2), (25, 2), (26, 3), (56, 3), (57, 4)]
)
def test_shades_grow_with_the_square_root(value: int, shade: int) -> None:
    assert level(value, 100) == shade
    assert level(value, 0) == 0


async def test_heat_map_at_all_widths(running: Running) -> None:
    async with running() as pilot:
        heat = HeatMap()
        await pilot.app.screen.mount(heat)
        heat.show([hour % 24 for hour in range(168)], lambda value: f"${value}")
        for width in range(8, 130):
            for height in range(1, 12):
                drawn: Text = heat.draw(width, height)
                days = [line for line in drawn.plain.split("\n") if line[:3] in ("Mon", "Sun")]
                assert len(days) == 2
                assert all(len(line) <= max(width, 28) for line in days)
        wide = heat.draw(80, 10).plain
        assert wide.count("$276") == 7
        assert all(shade in wide for shade in SHADES)


async def test_a_chart_without_bars_says_why(running: Running) -> None:
    async with running() as pilot:
        bars = BarChart()
        await pilot.app.screen.mount(bars)
        bars.show(Chart(hint="nothing"))
        assert bars.draw(30, 5).plain == "nothing"
        assert bars.selected is None
        bars.step(1)
        bars.action_choose()
