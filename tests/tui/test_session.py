"""The Session screen: its views, their order, what their rows open, and how it all looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.factories import CENT
from tests.still import StillFeed
from tests.tui import shares
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, publish, settle, text_of
from tokenwatch.answers.breakdown import breakdown, requests_of
from tokenwatch.answers.session import detail, requests_of_agent
from tokenwatch.model import AgentKind, State
from tokenwatch.snapshot import LogPlace, Progress, SessionDetail, SessionRow
from tokenwatch.snapshot import Running as Process
from tokenwatch.tui import privacy
from tokenwatch.tui.screens.live.screen import LiveScreen
from tokenwatch.tui.screens.session.agents import agent_lines
from tokenwatch.tui.screens.session.panes import TurnBarsPane
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.screens.session.shares import SHARE_SORTS, share_lines
from tokenwatch.tui.screens.session.turns import TURN_SORTS, turn_lines, turn_mark, turn_word
from tokenwatch.tui.widgets.record_table import RecordTable

PARSER = factories.rich_sessions()[0].id
ROW = factories.rich_sessions()[0]


def session_detail(session_id: str) -> SessionDetail:
    """Return a session whose turns were compacted, failed, and written files in."""
    found = factories.detail(next(s for s in factories.rich_sessions() if s.id == session_id))
    turns = list(found.turns)
    if len(turns) > 30:
        turns[20] = replace(turns[20], flags=("compaction",), model="claude-opus-4-8")
        turns[30] = replace(turns[30], how="failed", lines_added=112, lines_removed=9)
        turns[33] = replace(turns[33], flags=("commit",), file="/logs/a.jsonl", line=77)
    return replace(found, turns=tuple(turns))


AFTER = ("b: agents", "b: tools", "b: MCP, skills, subagents", "b: turns")
"""What the borders of the views say, in their order."""
ANSWERS: dict[object, Callable[..., Any]] = {
    detail: session_detail,
    breakdown: shares.breakdown,
    requests_of: lambda session_id, share: factories.requests(share, 4),
    requests_of_agent: lambda session_id, agent_id: factories.requests(agent_id, 3),
}
Opened = Callable[..., AbstractAsyncContextManager[Pilot[str]]]


@pytest.fixture
def opened(running: Running) -> Opened:
    """Return `running` with answers for the Session screen."""

    def run(**more: Any) -> AbstractAsyncContextManager[Pilot[str]]:
        return running(answers=ANSWERS, **more)

    return run


def table(pilot: Pilot[str]) -> RecordTable[Any]:
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen.table


# Views ------------------------------------------------------------------------------------------


async def test_turns_are_awaited_while_older_logs_are_read(running: Running) -> None:
    """Usage is read first; then all requests seem to lie before the first turn."""
    sessions = tuple(factories.rich_sessions())
    whole = session_detail(PARSER)
    before = replace(whole.turns[0], number=0, id="", title=None, cause="start")
    known = [replace(whole, turns=(before,))]
    answers = ANSWERS | {detail: lambda session_id: known[-1]}
    reading = factories.snapshot(
        sessions=sessions, progress=Progress(phase="details", read_bytes=1, total_bytes=9)
    )
    async with running(reading, answers=answers) as pilot:
        await press(pilot, "enter")
        assert "reading turns…" in text_of(pilot)
        await press(pilot, "enter")
        assert table(pilot).id == "turns"
        known.append(whole)
        newer = (replace(sessions[0], compactions=9), *sessions[1:])
        done = replace(reading, sessions=newer, progress=None)
        await publish(pilot, done)
        assert "turn 0" not in text_of(pilot), "what was answered meanwhile is not shown now"
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        screen.ask()
        await settle(pilot)
        assert "reading turns…" not in text_of(pilot)
        assert table(pilot).selected.turn.number == len(whole.turns)
        known.append(replace(whole, turns=(before,)))
        screen.open(PARSER, sessions[0])
        screen.ask()
        await settle(pilot)
        assert table(pilot).selected.turn.number == 0, "there may be none but that one"


async def test_b_goes_through_the_views_and_esc_back(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter")
        for place, title, words in (
            (2, "agents", "survey the log formats"),
            (3, "tools", "github ▸ get_issue"),
            (4, "MCP, skills, subagents", "reported by Claude Code"),
            (1, "turns", "newest first"),
        ):
            await press(pilot, "b")
            assert AFTER[place - 1] in text_of(pilot)
            assert f"─ {title} ─" in text_of(pilot) and words in text_of(pilot)
        await press(pilot, "b", "b", "escape")
        assert "b: agents" in text_of(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LiveScreen)


@pytest.mark.parametrize(
    ("keys", "asked", "title"),
    [
        (("j", "enter"), f"requests {PARSER}/turn-37", "turn 37 · requests"),
        (("b", "j", "enter"), f"requests_of_agent {PARSER}/ag-1", "explore · requests"),
        (("b", "b", "enter"), f"requests_of {PARSER}/TOOL-Bash", "Bash · requests"),
        (
            ("b", "b", "b", "j", "j", "enter"),
            f"requests_of {PARSER}/SKILL-tidy [bold]up[/bold]",
            "tidy [bold]up[/bold] · requests",
        ),
    ],
    ids=["turn", "agent", "tool", "skill"],
)
async def test_enter_opens_the_requests_of_a_row(
    opened: Opened, keys: tuple[str, ...], asked: str, title: str
) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", *keys)
        assert feed_of(pilot).read[-1] == asked
        assert f"─ {title} ─" in text_of(pilot)
        await press(pilot, "enter")
        assert "tokens × rate per million tokens" in text_of(pilot)
        await press(pilot, "escape", "escape")
        view = ["turn", "expl", "Bash", "tidy"].index(title[:4])
        assert AFTER[view] in text_of(pilot)


async def test_b_goes_on_from_requests(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "b", "b", "enter", "b")
        assert "b: turns" in text_of(pilot)


async def test_a_table_of_shares_is_read_when_in_view_only(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "b")
        assert not [word for word in feed_of(pilot).read if word.startswith("breakdown")]
        await press(pilot, "b")
        assert feed_of(pilot).read[-1] == f"breakdown {PARSER}"


async def test_sorting_in_each_view(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "s")
        assert "by cost ↓ · b: agents" in text_of(pilot)
        await press(pilot, "b", "s", "S")
        assert "by cost ↑ · b: tools" in text_of(pilot)
        await press(pilot, "b", "s")
        assert "by calls ↓ · b: MCP, skills, subagents" in text_of(pilot)
        assert [line.share.calls for line in table(pilot).records] == [91, 80, 12, 0]
        await press(pilot, "s", "s", "s", "s")
        assert "by name ↑" in text_of(pilot)
        await press(pilot, "s", "S", "enter", "s")
        assert "by cost ↓" in text_of(pilot)
        header = lines_of(pilot)[table(pilot).region.y + 1]
        await pilot.click("#requests", offset=(header.index("read") + 1, 1))
        await settle(pilot)
        assert "by read ↓" in text_of(pilot)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("b", "Sum over its own requests"),
        ("bb", "each divided among its calls in equal parts"),
        ("bbb", "All rows by MCP server add up to the session"),
    ],
)
async def test_explaining_a_row(opened: Opened, keys: str, words: str) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", *keys, "i")
        assert words in text_of(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SessionScreen)


async def test_copying_the_name_of_a_share(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "b", "b", "j", "y")
        assert pilot.app.clipboard == "github ▸ get_issue"
        await press(pilot, "G", "y")
        assert pilot.app.clipboard == PARSER


# Bars -------------------------------------------------------------------------------------------


async def test_bars_follow_the_selection(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter")
        assert "turn 38: " in text_of(pilot) and "↑" in text_of(pilot)
        await press(pilot, *"jjjjjjj")
        assert "turn 31: " in text_of(pilot) and "■ failed" in text_of(pilot)
        await press(pilot, "b", "b", "b", "b")
        assert "turn 31: " in text_of(pilot)


async def test_a_click_on_a_bar_selects_its_turn(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "b")
        await pilot.click(TurnBarsPane, offset=(2 + 9 + 20 * 2, 3))
        await settle(pilot)
        assert table(pilot).selected.turn.number == 21
        assert "turn 21: " in text_of(pilot) and "▲ compaction" in text_of(pilot)


async def test_bars_show_an_early_turn_that_is_selected(running: Running) -> None:
    def many(session_id: str) -> SessionDetail:
        return factories.detail(ROW, 500)

    async with running(answers={**ANSWERS, detail: many}) as pilot:
        await press(pilot, "enter", "G")
        assert "turn 1: " in text_of(pilot) and "↑" in text_of(pilot)


# Tiny, wide, private ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(20, 5), (60, 16), (80, 24), (200, 60), (250, 70)], ids=str)
async def test_every_view_at_any_size(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        await press(pilot, "enter")
        for _ in range(4):
            await press(pilot, "b", "enter", "escape")
        if size[0] >= 200:
            assert "lines +−" in text_of(pilot) and "+112 −9" in text_of(pilot)


async def test_columns_come_and_go_with_the_width(opened: Opened) -> None:
    async with opened(size=(160, 40)) as pilot:
        await press(pilot, "enter")
        assert "lines +−" in text_of(pilot)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "lines +−" not in text_of(pilot)


async def test_privacy_leaves_the_requests_of_a_named_row(opened: Opened) -> None:
    async with opened() as pilot:
        await press(pilot, "enter", "b", "j", "enter", "P")
        shown = text_of(pilot)
        assert "survey" not in shown and "explore" not in shown
        assert "b: tools" in shown


@pytest.mark.parametrize("view", range(4))
async def test_nothing_private_in_any_view(opened: Opened, view: int) -> None:
    async with opened() as pilot:
        await press(pilot, "P", "enter", *"b" * view)
        shown = text_of(pilot)
        for word in ("parser", "survey", "explore", "github", "tidy", "house-rules", "/logs"):
            assert word not in shown
        if view >= 2:
            assert "hidden" in shown
        if view == 2:
            assert "Bash" in shown and "no tool (answers)" in shown


def test_what_is_hidden_of_answers() -> None:
    found = privacy.hidden(shares.breakdown(PARSER))
    assert [s.name for s in found.tools] == ["Bash", "hidden", "Read", None]
    assert {s.name for s in found.purposes} == {"hidden", None}
    assert [s.cost_pico for s in found.tools] == [
        s.cost_pico for s in shares.breakdown(PARSER).tools
    ]
    assert len({s.key for s in found.purposes}) == len(found.purposes)
    assert privacy.hidden(LogPlace(file="/logs/a.jsonl")) is None
    process = Process(pid=7, tmux_pane="%1")
    assert privacy.hidden(process) == process
    request = replace(factories.requests()[0], made_for={"skill": "tidy"})
    assert privacy.hidden(request).made_for == {}
    turns = privacy.hidden(session_detail(PARSER)).turns
    assert all(turn.file is None and turn.title is None for turn in turns)


# Rows -------------------------------------------------------------------------------------------


def tree(*agents: tuple[str, str | None, int]) -> SessionRow:
    """Return a session with agents of these ids, parents and cents below the main one."""
    rows = [
        factories.agent("s", cents, id=id, parent_id=parent, started_ms=at)
        for at, (id, parent, cents) in enumerate(agents)
    ]
    return factories.session("s", "t", "/p", [factories.agent("s", 5, started_ms=0), *rows])


def drawn(row: SessionRow, sort: str = "started", *, reverse: bool = False) -> list[str]:
    lines = agent_lines(row, sort, reverse)
    return [f"{line.branch}{line.agent.id} {line.whole.cost_pico // CENT}" for line in lines]


def test_agents_are_a_tree_with_sums() -> None:
    row = tree(("a", "s", 10), ("b", "a", 7), ("c", "s", 90), ("d", "b", 1))
    assert drawn(row) == ["s 113", "├ a 18", "│ └ b 8", "│   └ d 1", "└ c 90"]
    assert drawn(row, "cost") == ["s 113", "├ c 90", "└ a 18", "  └ b 8", "    └ d 1"]
    assert drawn(row, reverse=True)[1] == "├ c 90"
    assert drawn(row, "cost", reverse=True)[1] == "├ a 18"


def test_agents_whose_parents_are_strange() -> None:
    row = tree(("a", "gone", 10), ("b", "c", 7), ("c", "b", 2), ("d", "d", 1))
    assert drawn(row) == ["s 15", "└ a 10", "b 7", "c 2", "d 1"]
    assert agent_lines(factories.session("s", "t", "/p", []), "cost", False) == []


def test_an_agent_s_own_kind_of_branch() -> None:
    auxiliary = factories.agent("s", 1, id="x", kind=AgentKind.AUXILIARY, state=State.ENDED)
    row = factories.session("s", "t", "/p", [factories.agent("s", 5), auxiliary])
    assert drawn(row) == ["s 6", "└ x 1"]


@pytest.mark.parametrize("sort", TURN_SORTS)
def test_only_some_turns(sort: str) -> None:
    turns = factories.turns(9)
    only = frozenset({"turn-3", "turn-7"})
    assert {line.key for line in turn_lines(turns, sort, False, only)} == only
    assert len(turn_lines(turns, sort, False)) == 9
    assert turn_lines(turns, sort, False, frozenset()) == []


@pytest.mark.parametrize("sort", SHARE_SORTS)
def test_shares_stay_together_and_the_rest_is_last(sort: str) -> None:
    found = shares.breakdown(PARSER)
    for reverse in (False, True):
        lines = share_lines(found.purposes, found.cost_pico, sort, reverse)
        kinds = [line.share.by for line in lines]
        assert kinds == sorted(kinds, key=list(dict.fromkeys(kinds)).index)
        assert [line.is_first for line in lines].count(True) == len(set(kinds))
        last = [b for a, b in zip(lines, [*lines[1:], None], strict=True) if a.share.name is None]
        assert all(line is None or line.is_first for line in last)


def test_what_deserves_a_look_in_a_turn() -> None:
    turn = factories.turns(2)[0]
    for flags, how, mark, word in (
        ((), "completed", "", ""),
        ((), None, "", "open"),
        ((), "interrupted", "", "interrupted"),
        (("commit",), "completed", "", "commit"),
        (("commit", "compaction"), "completed", "▲", "compact… +1"),
        (("error",), "completed", "■", "error"),
        (("retries",), "failed", "■", "failed +1"),
    ):
        row = replace(turn, flags=flags, how=how)
        assert turn_mark(row) == mark
        assert turn_word(row) == word


# Pictures ---------------------------------------------------------------------------------------


def before(*keys: str, theme: str | None = None) -> Callable[[Pilot[str]], Awaitable[None]]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
            await settle(pilot)
        await press(pilot, "enter", *keys)

    return run


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["wide", "small"])
@pytest.mark.parametrize("keys", ["jjj", "b", "bb", "bbb"])
def test_dark(snap_compare: Any, keys: str, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=size, run_before=before(*keys))


def test_light(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    run = before("b", "b", theme="tokenwatch-light")
    assert snap_compare(app, terminal_size=(120, 36), run_before=run)


def test_very_wide(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS)
    assert snap_compare(app, terminal_size=(200, 60), run_before=before("j"))


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), ANSWERS, NO_COLOR="1")
    assert snap_compare(app, terminal_size=(120, 36), run_before=before("j", "j"))


def test_ascii(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), ANSWERS, TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before("b"))


def test_the_real_answers_of_the_demo(tmp_path: Path) -> None:
    """Every session of the demo tells of every turn, agent and tool without a hole."""
    with StillFeed(tmp_path) as feed:
        for row in feed.latest().sessions:
            found = feed.ask(partial(breakdown, session_id=row.id))
            assert sum(share.cost_pico for share in found.tools) == row.spend.cost_pico
            told = feed.ask(partial(detail, session_id=row.id))
            assert all(turn.line and turn.file for turn in told.turns if turn.number)
            assert (
                sum(turn.lines_added for turn in told.turns),
                sum(turn.lines_removed for turn in told.turns),
            ) == (told.lines_added, told.lines_removed)
