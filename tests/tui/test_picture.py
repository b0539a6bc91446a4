"""What is shown: selection, refreshes, sizes, hostile text, emptiness, cost of a refresh."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.events import MouseScrollDown
from textual.widget import Widget

from tests import factories
from tests.tui.conftest import Running, lines_of, make_app, press, publish, settle, text_of
from tokenwatch.model import State
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.messages import SnapshotReady
from tokenwatch.tui.widgets.record_table import RecordTable

HOSTILE = (
    "[red]bold[/red] [/] [@click=app.quit]x[/]",
    "\x1b[2J\x1b]0;owned\x07 bell \x00 \x9b31m",
    "x" * 20_000,
    "漢字" * 200,
    "مرحبا \u202e evil \u2066 שלום",
    "one\ntwo\ttabs\r\nthree",
    "e\u0301\u0301\u0301 👩‍👩‍👧‍👦 \ud800 half",
    "",
)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_hostile_text_stays_text(running: Running, size: tuple[int, int]) -> None:
    rows = [
        factories.session(
            f"id-{n}\x1b[31m",
            text,
            f"/p/{text[:300]}",
            [
                factories.agent(f"id-{n}\x1b[31m", 100 - n, state=State.WORKING, model=text[:200]),
                factories.agent(
                    f"id-{n}\x1b[31m", 5, id=text[:40] or "x", name=text, task=text, flags=(text,)
                ),
            ],
            git_branch=text,
        )
        for n, text in enumerate(HOSTILE)
    ]
    feed = tuple(replace(line, what=HOSTILE[n]) for n, line in enumerate(factories.activity()))
    shown = factories.snapshot(
        sessions=tuple(rows), activity=feed, warnings=HOSTILE, progress=factories.reading()
    )
    async with running(shown, size=size) as pilot:
        for names in ((), ("enter",), ("b",), ("i",)):
            await press(pilot, *names)
            text = text_of(pilot)
            assert not [c for c in text if ord(c) < 32 and c != "\n" or 0x7F <= ord(c) < 0xA0]
            assert not [c for c in text if c in "\u202e\u2066\ud800"]
            assert {cell_len(line) for line in lines_of(pilot)} == {size[0]}
        await press(pilot, "escape", "escape", "escape")
        if size[0] > 100:
            assert "[red]bold[/red]" in text_of(pilot)


async def test_selection_follows_the_id_through_refresh_and_sort(running: Running) -> None:
    async with running() as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        await press(pilot, "j", "j", "j", "j")
        assert table.selected is not None
        key = table.selected.key
        for _ in range(9):
            await press(pilot, "s")
            assert table.selected.key == key
        rows = factories.rich_sessions()
        await publish(pilot, factories.snapshot(sessions=tuple(reversed(rows))))
        assert table.selected.key == key
        gone = tuple(row for row in rows if row.id != key)
        row = table.selected_row
        await publish(pilot, factories.snapshot(sessions=gone))
        assert table.selected_row == row


async def test_ten_thousand_sessions(running: Running) -> None:
    rows = tuple(
        factories.session(f"s{n}", f"title {n}", "/p", [factories.agent(f"s{n}", n % 97)])
        for n in range(10_000)
    )
    async with running(factories.snapshot(sessions=rows)) as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        await press(pilot, "G")
        assert table.selected_row == 9_999
        assert "▌" in text_of(pilot)
        scroll = table.scroll_offset.y
        await publish(pilot, factories.snapshot(sessions=rows))
        assert table.scroll_offset.y == scroll > 9_000
        await press(pilot, "g")
        assert table.scroll_offset.y == 0


async def test_wheel_scrolls_without_selecting(running: Running) -> None:
    async with running(size=(80, 18)) as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        before = table.selected
        await pilot._post_mouse_events([MouseScrollDown], table, offset=(5, 5))
        await settle(pilot)
        scrolled = table.scroll_offset.y
        assert scrolled > 0
        assert table.selected == before
        await publish(pilot, factories.snapshot())
        assert table.scroll_offset.y == scrolled


async def test_an_unchanged_picture_repaints_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as pilot:
        painted: set[str | None] = set()

        def refresh(self: Widget, *regions: object, **options: object) -> Widget:
            painted.add(self.id)
            return self

        monkeypatch.setattr(Widget, "refresh", refresh)
        await publish(pilot, factories.snapshot())
        assert painted == set()
        rows = list(factories.rich_sessions())
        dearer = replace(rows[0].agents[0], spend=factories.spend(700, hit=0.94))
        rows[0] = replace(rows[0], agents=(dearer, *rows[0].agents[1:]), spend=dearer.spend)
        await publish(pilot, factories.snapshot(sessions=tuple(rows)))
        assert painted == {"sessions", "today", "counts"}


async def test_tick_moves_only_the_clock(running: Running) -> None:
    async with running() as pilot:
        before = lines_of(pilot)
        app = pilot.app
        assert isinstance(app, TokenwatchApp)
        app.now = lambda: factories.NOW_MS + 5_000
        app._tick()
        await settle(pilot)
        after = lines_of(pilot)
        assert "14:32:12" in after[0]
        assert after[1:] == before[1:]


@pytest.mark.parametrize("screen", ["live", "session", "explain", "help", "empty"])
async def test_resize_storm(running: Running, screen: str) -> None:
    first = factories.empty_snapshot() if screen == "empty" else factories.snapshot()
    names = {"session": ("enter",), "explain": ("i",), "help": ("question_mark",)}
    async with running(first) as pilot:
        await press(pilot, *names.get(screen, ()))
        sizes = [(20, 5), (200, 60), (59, 16), (60, 15), (60, 16), (99, 29), (100, 30), (1, 1)]
        for width, height in [*sizes, (3, 40), (300, 3), (80, 24), (120, 36)]:
            await pilot.resize_terminal(width, height)
            await settle(pilot)
            assert {cell_len(line) for line in lines_of(pilot)} <= {width}
        if screen == "live":
            assert "parser tests" in text_of(pilot) and "burn rate" in text_of(pilot)


async def test_a_small_terminal_shows_one_pane(running: Running) -> None:
    async with running(size=(59, 20)) as pilot:
        assert "sessions" in text_of(pilot) and "burn rate" not in text_of(pilot)
        await press(pilot, "tab")
        assert "activity" in text_of(pilot)
        await press(pilot, "shift+tab", "enter")
        assert "turns" in text_of(pilot)
        await press(pilot, "tab")
        assert "Claude Code 2.1.214" in text_of(pilot)


async def test_empty_state_says_where_it_looked(running: Running) -> None:
    async with running(factories.empty_snapshot()) as pilot:
        shown = text_of(pilot)
        assert "~/.claude/projects" in shown and "~/.codex/sessions" in shown
        assert "CLAUDE_CONFIG_DIR" in shown and "see the demo" in shown
        await publish(pilot, factories.snapshot())
        assert "parser tests" in text_of(pilot)


async def test_nothing_today_is_not_emptiness(running: Running) -> None:
    async with running(factories.snapshot(sessions=())) as pilot:
        assert "nothing today yet" in text_of(pilot)
        assert "see the demo" not in text_of(pilot)


async def test_before_the_first_snapshot(running: Running) -> None:
    async with running(empty=True) as pilot:
        assert "starting" in lines_of(pilot)[0]
        assert "reading logs" in text_of(pilot)
        await press(pilot, "enter", "i", "s", "y", "space", "space")
        await publish(pilot, factories.snapshot(is_demo=True))
        assert "● demo" in lines_of(pilot)[0]


async def test_progress_and_warnings_come_and_go(running: Running) -> None:
    async with running() as pilot:
        busy = factories.snapshot(
            progress=factories.reading(43), warnings=("first", "second", "third")
        )
        await publish(pilot, busy)
        assert "reading older logs  43% · details  ━" in lines_of(pilot)[1]
        assert "▲ first" in lines_of(pilot)[2]
        assert "and 1 more: tokenwatch doctor" in lines_of(pilot)[3]
        await publish(pilot, factories.snapshot())
        assert "today" in lines_of(pilot)[1]


async def test_the_sessions_screen_follows_the_feed(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "enter", "j")
        row = replace(factories.rich_sessions()[0], title="renamed", turns=39)
        await publish(pilot, factories.snapshot(sessions=(row,)))
        assert "tokenwatch ▸ renamed" in text_of(pilot)
        table = pilot.app.screen.query_one("#turns", RecordTable)
        assert table.selected is not None and table.selected.key == "turn-37"


async def test_ascii_leaves_no_glyph(running: Running) -> None:
    plain = factories.snapshot(sessions=factories.rich_sessions()[:7])
    async with running(plain, TOKENWATCH_ASCII="1") as pilot:
        for names in ((), ("enter",), ("b",), ("escape", "enter"), ("i",), ("escape", "colon")):
            await press(pilot, *names)
            assert text_of(pilot).isascii(), names


async def test_no_color_sends_no_colour(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(NO_COLOR="1") as pilot:
        for names in ((), ("enter",), ("i",)):
            await press(pilot, *names)
            for strip in pilot.app.screen._compositor.render_strips():
                for segment in strip:
                    style = segment.style
                    colors = [style.color, style.bgcolor] if style else []
                    assert all(color is None or color.is_default for color in colors)


async def test_ticks_and_snapshots_before_the_screen_is_composed() -> None:
    app = make_app(factories.snapshot())
    app.live.tick()
    app.live.restate()
    async with app.run_test() as pilot:
        app.post_message(SnapshotReady(factories.snapshot()))
        await settle(pilot)
        assert "fix pagination" in text_of(pilot)
    app.live.tick()


async def test_theme_changes_every_pane(running: Running) -> None:
    async with running() as pilot:
        pilot.app.theme = "tokenwatch-light"
        await settle(pilot)
        colors = {
            segment.style.color.triplet.hex
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.color and segment.style.color.triplet
        }
        assert "#56b4e9" not in colors and "#00619c" in colors


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_agents_of_a_session_have_the_whole_width(
    running: Running, size: tuple[int, int]
) -> None:
    async with running(size=size) as pilot:
        await press(pilot, "enter", "b")
        table = pilot.app.screen.query_one("#agents", RecordTable)
        assert table.size.width >= size[0] - 3
        assert any("main agent" in line and "$" not in line for line in lines_of(pilot))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_request_shows_its_line_number(running: Running, size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        await press(pilot, "enter", "enter")
        assert re.search(r"\.jsonl:\d+ ", text_of(pilot))
