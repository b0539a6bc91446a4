"""The Waste screen: sums, findings, proof, verdicts; flags and toasts on the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.factories import NOW_MS
from tests.tui import test_facts, waste_values
from tests.tui.conftest import (
    Running,
    feed_of,
    lines_of,
    make_app,
    press,
    publish,
    settle,
    text_of,
)
from tests.tui.waste_values import API, FINDINGS, PARSER, WEB, Ledger
from tokenwatch.analysis.period import Period
from tokenwatch.analysis.waste.detector import Meaning
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.answers.waste_quota import WindowShare
from tokenwatch.answers.waste_view import (
    Asked,
    Mark,
    SessionMarks,
    judge,
    session_marks,
    waste_view,
)
from tokenwatch.errors import LedgerError
from tokenwatch.snapshot import Flag, WarmCache
from tokenwatch.tui import privacy
from tokenwatch.tui.screens.session.screen import SessionScreen
from tokenwatch.tui.screens.waste import proof as proof_module
from tokenwatch.tui.screens.waste.proof import laid_out, proof_of
from tokenwatch.tui.screens.waste.rows import finding_lines, mark_of
from tokenwatch.tui.screens.waste.screen import WasteScreen

WIDE, SMALL = (120, 36), (80, 24)
PRIVATE = ("balance", "docs", "pagination", "terraform", "parser tests", "/home/dev", "still in")


def answers(ledger: Ledger | None = None) -> dict[object, Any]:
    return {**test_facts.ANSWERS, **(ledger or Ledger()).answers}


def opened(*keys: str, theme: str | None = None) -> Callable[[Pilot[str]], Awaitable[None]]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, "3", *keys)

    return run


def screen_of(pilot: Pilot[str]) -> WasteScreen:
    screen = pilot.app.screen
    assert isinstance(screen, WasteScreen)
    return screen


def selected(pilot: Pilot[str]) -> Any:
    return screen_of(pilot).table.selected


def toasts_of(pilot: Pilot[str]) -> list[tuple[str, str, str]]:
    """Return title, message and severity of all notices on screen."""
    return [(n.title, n.message, n.severity) for n in pilot.app._notifications]


def words_of(pilot: Pilot[str]) -> str:
    """Return the screen's words, however they are wrapped."""
    return " ".join(text_of(pilot).replace("│", " ").split())


@pytest.fixture
def meanings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explain every kind in the same words: pictures don't change with the detectors' own."""
    same = Meaning(
        title="asked again because it failed",
        means="The same was asked for again, because the attempt before the last one failed.",
        signal="The prompt after an attempt complains or repeats the request, and its turn"
        " rewrites the lines of the one before; neither is enough alone.",
        money="The attempts that failed, less the share of their lines that stayed.",
        advice="Start afresh: name the file, the exact error, what you expect and the check.",
        wrong="When new information came with a prompt, in planned series and review rounds.",
    )
    monkeypatch.setattr(proof_module, "explained", lambda: dict.fromkeys(Kind, same))


# Pictures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.usefixtures("meanings")
def test_dark(snap_compare: Any, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), answers())
    assert snap_compare(app, terminal_size=size, run_before=opened("j"))


@pytest.mark.usefixtures("meanings")
def test_light(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), answers())
    before = opened(theme="tokenwatch-light")
    assert snap_compare(app, terminal_size=WIDE, run_before=before)


@pytest.mark.usefixtures("meanings")
def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), answers(), NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=opened("tab"))


@pytest.mark.usefixtures("meanings")
def test_ascii(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), answers(), TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=SMALL, run_before=opened("j"))


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (60, 16), (200, 50), (250, 70)])
async def test_sizes(running: Running, size: tuple[int, int]) -> None:
    async with running(answers=answers(), size=size) as pilot:
        await press(pilot, "3", "j", "tab", "j", "z", "tab", "tab", "escape", "enter", "escape")
        assert all(len(line) == size[0] for line in lines_of(pilot))
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "could have been avoided" in text_of(pilot)


# What is said -------------------------------------------------------------------------------------


async def test_sums_by_tier_and_the_week_before(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        text = text_of(pilot)
        assert "could have been avoided, last 7 days" in text
        assert "of $141.07 spent    proved $6.92" in text
        assert "likely about $4.15 (2.62 to 4.15)" in text
        assert "worth a look: 2, no dollars claimed" in text
        assert "your own week before, of $120.10: proved $15.02, likely about $2.71" in text
        assert "each dollar is claimed once" in text
        assert "1 too small to list, in the sums" in text
        assert not any(word in text for word in ("you wasted", "score", "grade"))


@pytest.mark.parametrize(("width", "lead"), [(160, "of your plan about"), (120, "about"), (80, "")])
async def test_the_share_of_a_plan(running: Running, width: int, lead: str) -> None:
    shares = (WindowShare("codex", "5h", 3.2), WindowShare("codex", "7d", 0.9))
    known = answers() | {waste_view: lambda asked: replace(waste_values.view(asked), shares=shares)}
    async with running(answers=known, size=(width, 36)) as pilot:
        await press(pilot, "3")
        text = text_of(pilot)
        assert "proved $6.92" in text and "$4.15" in text, "sums come first"
        assert (f"{lead} 3% of the 5h window, 1% of the week" in text) is bool(lead)


async def test_what_is_not_known_yet_is_said(running: Running) -> None:
    found = waste_values.waste(muted=(Kind.POLLING,), unread_sessions=3)
    known = {waste_view: lambda asked: waste_values.view(asked, found)}
    async with running(answers=known, size=(150, 36)) as pilot:
        await press(pilot, "3")
        text = text_of(pilot)
        assert "3 sessions still to be looked at · muted, since mostly found wrong: " in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"looked": 41}, "nothing found in 41 sessions, $141.07 spent; 22 kinds were looked for"),
        ({"looked": 0}, "nothing spent in this period"),
    ],
)
async def test_nothing_found(running: Running, more: dict[str, Any], words: str) -> None:
    found = waste_values.waste((), too_small=(), dismissed=(), sums=waste_values.sums(()))
    known = {waste_view: lambda asked: waste_values.view(asked, found, **more)}
    async with running(answers=known) as pilot:
        await press(pilot, "3")
        assert words in text_of(pilot)
        await press(
            pilot, "enter", "o", "y", "d", "W", "U", "v", "i", "escape", "tab", "j", "enter"
        )
        assert isinstance(pilot.app.screen, WasteScreen)


async def test_findings_by_kind_then_one_by_one_then_facts(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        rows = screen_of(pilot).table.records
        assert [len(row.group.findings) for row in rows] == [3, 1, 1, 1, 1]
        assert [mark_of(row) for row in rows] == ["▲", "▲", "▲", "○", "○"]
        assert "7 · by kind (b) · by dollars ↓" in text_of(pilot)
        first = rows[0].group.findings[0].id
        await press(pilot, "b")
        assert "7 · one by one (b) · by dollars ↓" in text_of(pilot)
        assert len(screen_of(pilot).table.records) == 7 and selected(pilot).key == first
        await press(pilot, "b")
        assert "measured facts, no claims" in text_of(pilot)
        assert "[3 Waste ▸ facts]" in lines_of(pilot)[0]
        await press(pilot, "t", "b")
        assert "last 30 days" in text_of(pilot) and "7 · by kind (b)" in text_of(pilot)
        await press(pilot, "b", "b", "escape")
        assert isinstance(pilot.app.screen, WasteScreen)


async def test_a_question_is_asked_of_research(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "G", "k")
        assert "$2.10 and nothing recorded: was it research?" in text_of(pilot)
        assert "Was it research? Press d: it was fine." in " ".join(
            text_of(pilot).replace("│", " ").split()
        )


async def test_proof_of_one(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "j")
        text = text_of(pilot)
        assert "╭─ asked for the same thing 4 times ─" in text
        assert "likely · $2.71 (1.90 to 2.71)" in text
        assert '13:32  "fix the balance column"' in text and "$0.41" in text
        heads = ("What happened", "How we know", "What it cost", "Next time", "When wrong")
        assert [text.index(head) for head in heads] == sorted(text.index(head) for head in heads)
        assert len([line for line in feed_of(pilot).read if line.startswith("beginnings")]) == 1
        assert feed_of(pilot).read.count(f"waste_view {Asked(Period('7d'))}") == 1


async def test_proof_of_several_and_of_one_of_them(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        assert "enter Findings" in lines_of(pilot)[-1]
        assert "infra ▸ terraform plan · 3 m without a request" in text_of(pilot)
        await press(pilot, "enter")
        assert screen_of(pilot).proof.has_focus and "enter Proof" in lines_of(pilot)[-1]
        await press(pilot, "j", "enter")
        text = text_of(pilot)
        assert "proved · $2.30" in text and "3 m without a request" in text
        assert "enter Turns" in lines_of(pilot)[-1]
        await press(pilot, "escape")
        assert "proved · $6.90" in text_of(pilot)
        await press(pilot, "escape")
        assert screen_of(pilot).table.has_focus


async def test_a_long_proof_is_cut_until_it_is_in_focus(running: Running) -> None:
    async with running(answers=answers(), size=(80, 20)) as pilot:
        await press(pilot, "3", "j")
        before = screen_of(pilot).proof
        assert len(before.records) <= before.content_size.height
        assert "more: tab shows all" in text_of(pilot) and "Next time" in text_of(pilot)
        await press(pilot, "tab")
        after = screen_of(pilot).proof.records
        assert len(after) > len(before.records) - 1
        assert sum(line.item is not None for line in after) >= 4
        await press(pilot, "G")
        assert "what is like it" in words_of(pilot)


@pytest.mark.parametrize("width", [30, 60, 100, 200])
@pytest.mark.parametrize("height", [0, 1, 3, 5, 8, 40])
@pytest.mark.parametrize("whole", [False, True])
def test_a_proof_fits(width: int, height: int, whole: bool) -> None:
    from datetime import UTC

    shown = waste_values.view(Asked(Period("7d")))
    for row in finding_lines(shown, one_by_one=False, dismissed=False, sort="cost", reverse=False):
        proof = proof_of(row, None, shown.names, may_judge=True)
        lines = laid_out(
            proof,
            {"prompt-1": "still in left"},
            width=width,
            height=height,
            whole=whole,
            zone=UTC,
            now_ms=NOW_MS,
        )
        assert len({line.key for line in lines}) == len(lines)
        assert all(len(line.text) <= width for line in lines)
        if not whole:
            assert len(lines) <= height
        elif height == 40:
            assert all(any(head in line.text for line in lines) for head in proof.words)


# Ways out -----------------------------------------------------------------------------------------


async def test_enter_opens_the_turn_that_proves_it(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "j", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        turn = screen.turns.selected
        at_ms = waste_values.ATTEMPTS.finding.evidence[-1].at_ms
        assert turn and turn.turn.at_ms <= at_ms < turn.turn.at_ms + 7 * 60_000
        assert feed_of(pilot).read[-1] == f"detail {API}"
        await press(pilot, "escape", "tab", "G", "g", "j", "j", "enter")
        turn = screen.turns.selected
        at_ms = waste_values.ATTEMPTS.finding.evidence[0].at_ms
        assert turn and turn.turn.at_ms <= at_ms < turn.turn.at_ms + 7 * 60_000
        await press(pilot, "escape", "o")
        assert isinstance(pilot.app.screen, SessionScreen)
        assert pilot.app.screen.turns.selected_row == 0


async def test_a_finding_of_several_sessions_asks_where_its_proof_lies(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "j", "j", "enter")
        assert any(line.startswith("place_of") for line in feed_of(pilot).read)
        assert f"detail {WEB}" in feed_of(pilot).read
        await press(pilot, "escape", "o")
        assert f"detail {PARSER}" in feed_of(pilot).read


async def test_copy_and_explain(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "j", "y")
        assert pilot.app.clipboard.startswith("Start afresh (`/clear`)")
        await press(pilot, "i")
        text = text_of(pilot)
        assert "$2.710000" in text and "likely: what was meant" in text
        await press(pilot, "escape", "k", "y")
        assert pilot.app.clipboard == "About to step away? /compact now, or finish first."
        await press(pilot, "tab", "tab", "i")
        assert "of $141.070000 spent" in text_of(pilot) and "the surest" in text_of(pilot)
        assert "─ could have been avoided ─" in text_of(pilot)


async def test_what_is_exported_is_exact(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        table: Any = pilot.app.screen.exported()  # type: ignore[attr-defined]
        columns = [column.key for column in table.columns]
        cells = dict(zip(columns, table.cells(table.records[1]), strict=True))
        assert cells["cost"] == "2.710000" and cells["seen"] == 1
        assert cells["where"] == "api ▸ fix pagination"
        more = table.records[1].more
        assert (more["low"], more["high"]) == ("1.897000", "2.710000")
        assert more["kind"] == "repeated-attempts" and more["sessions"] == 1
        await press(pilot, "j", "tab")
        table = pilot.app.screen.exported()  # type: ignore[attr-defined]
        proof = [record.more for record in table.records if record.item]
        assert proof[0]["request"] == "msg_a0" and proof[0]["cost"] == "0.410000"


async def test_sorting(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "s")
        assert "by number ↓" in text_of(pilot)
        await press(pilot, "S")
        assert "by number ↑" in text_of(pilot)
        assert len(screen_of(pilot).table.records[-1].group.findings) == 3
        seen = []
        for _ in range(6):
            await press(pilot, "s")
            seen.append(screen_of(pilot)._sort)
        assert seen == ["last", "tokens", "finding", "where", "tier", "cost"]
        titles = [row.title for row in screen_of(pilot).table.records]
        line = lines_of(pilot)[6]
        await pilot.click(offset=(line.index("finding"), 6))
        await settle(pilot)
        assert [row.title for row in screen_of(pilot).table.records] == sorted(titles)
        await pilot.click(offset=(line.index("finding"), 6))
        await settle(pilot)
        assert "by finding ↓" in text_of(pilot)


async def test_the_mouse_selects_and_opens(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        await pilot.click("#waste-findings", offset=(10, 3))
        await settle(pilot)
        assert selected(pilot).only is waste_values.ATTEMPTS or "asked" in selected(pilot).title
        await pilot.click("#waste-findings", offset=(10, 3), times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, SessionScreen)


async def test_period_source_and_project(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "left_square_bracket")
        assert "could have been avoided, 8 to 14 Nov" in text_of(pilot)
        await press(pilot, "right_square_bracket", "t", "t", "t")
        assert "could have been avoided, all time" in text_of(pilot)
        assert "before" not in lines_of(pilot)[3]
        await press(pilot, "a")
        assert "Claude Code" in lines_of(pilot)[0]
        asked = Asked(Period("all"), "claude-code")
        assert f"waste_view {asked}" in feed_of(pilot).read
        await press(pilot, "p", "j", "j", "enter")
        assert "project web" in lines_of(pilot)[0]
        assert len(screen_of(pilot).table.records) == 1
        await press(pilot, "escape")
        assert "project" not in lines_of(pilot)[0] and "Claude Code" in lines_of(pilot)[0]
        await press(pilot, "escape")
        assert "Claude Code" not in lines_of(pilot)[0]


async def test_an_answer_for_what_was_left_is_not_shown(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "t")
        screen = screen_of(pilot)
        screen._take(waste_values.view(Asked(Period("7d")), waste_values.waste(())))
        await settle(pilot)
        assert len(screen.table.records) == 5


async def test_the_same_is_not_asked_at_every_picture(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3")
        for number in range(3):
            screen_of(pilot)._asked_s = 0.0
            await publish(pilot, factories.snapshot(agents_running=number))
        assert sum(line.startswith("waste_view") for line in feed_of(pilot).read) == 1


# Verdicts -----------------------------------------------------------------------------------------


async def test_fine_is_learnt_and_taken_back(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        await press(pilot, "3", "j", "d")
        assert "asked" not in " ".join(row.title for row in screen_of(pilot).table.records)
        assert [said.verdict for said in ledger.said[-1]] == ["fine"]
        notice = toasts_of(pilot)[-1][1]
        assert notice.startswith("asked for the same thing 4 times: dismissed as fine")
        assert notice.endswith("U takes it back")
        assert "v dismissed (1)" in text_of(pilot)
        await press(pilot, "U")
        assert ledger.verdicts == {} and len(screen_of(pilot).table.records) == 5
        assert toasts_of(pilot)[-1][1] == "taken back"
        await press(pilot, "U")
        assert toasts_of(pilot)[-1][1] == "nothing was said here"


async def test_several_at_once_and_one_of_several(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        await press(pilot, "3", "d")
        assert len(ledger.said[-1]) == 2, "three findings, two of them alike"
        assert "(3 findings)" in toasts_of(pilot)[-1][1]
        await press(pilot, "U", "g", "enter", "j", "d")
        assert [said.finding for said in ledger.said[-1]] == [f"{3:016x}"]
        assert len(screen_of(pilot).table.records[0].group.findings) == 2


async def test_the_dismissed_are_listed_and_can_be_taken_back(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        await press(pilot, "3", "v")
        assert "nothing was dismissed in this period" in text_of(pilot)
        await press(pilot, "v", "j", "d", "v")
        assert "╭─ dismissed as fine" in text_of(pilot)
        assert len(screen_of(pilot).table.records) == 1
        await press(pilot, "d")
        assert ledger.verdicts == {}
        await press(pilot, "escape")
        assert len(screen_of(pilot).table.records) == 5


async def test_agreed(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        await press(pilot, "3", "j", "W")
        assert list(ledger.verdicts.values()) == ["waste"]
        assert "asked for the same thing 4 times · you agreed" in text_of(pilot)
        await press(pilot, "W")
        assert ledger.verdicts == {} and "you agreed" not in lines_of(pilot)[8]


async def test_verdicts_are_sent_in_order_and_survive_a_failure(running: Running) -> None:
    ledger = Ledger()
    known = answers(ledger)
    is_locked = [True]

    def locked(said: Any) -> Any:
        if is_locked[0]:
            raise LedgerError("the ledger is locked")
        return ledger.judge(said)

    async with running(answers={**known, judge: locked}) as pilot:
        await press(pilot, "3", "j", "d")
        assert "the ledger is locked" in text_of(pilot) and ledger.verdicts == {}
        is_locked[0] = False
        for key in ("d", "U", "d"):
            await pilot.press(key)
        for _ in range(5):
            await settle(pilot)
        verdicts = [said[0].verdict for said in ledger.said]
        assert verdicts[0] == "fine" and set(ledger.verdicts.values()) <= {"fine"}


async def test_a_verdict_is_remembered_after_the_screen_was_left(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        await press(pilot, "3", "j")
        await pilot.press("d", "1")
        await settle(pilot)
        assert list(ledger.verdicts.values()) == ["fine"]
        await press(pilot, "3", "d")
        assert len(ledger.said) == 2


async def test_nothing_is_judged_from_a_browser(running: Running) -> None:
    ledger = Ledger()
    async with running(answers=answers(ledger)) as pilot:
        pilot.app.is_remote = True  # type: ignore[attr-defined]
        await press(pilot, "3", "j", "d", "W")
        assert ledger.said == [] and "press d" not in text_of(pilot).casefold()


# Privacy ------------------------------------------------------------------------------------------


async def test_privacy(running: Running) -> None:
    async with running(answers=answers()) as pilot:
        await press(pilot, "3", "j")
        assert any(word in text_of(pilot) for word in PRIVATE)
        await press(pilot, "P")
        await publish(pilot, factories.snapshot(agents_running=9))
        for keys in (("g",), ("j",), ("tab",), ("escape", "G"), ("k",), ("b",), ("i",)):
            await press(pilot, *keys)
            text = text_of(pilot)
            assert not any(word in text for word in PRIVATE), keys
        assert "asked again because it failed" in text_of(pilot) or "$" in text_of(pilot)
        await press(pilot, "escape", "y")
        assert not any(word in pilot.app.clipboard for word in PRIVATE)


def test_what_is_hidden_keeps_its_figures() -> None:
    shown = waste_values.view(Asked(Period("7d")))
    hidden = privacy.hidden(shown)
    assert [f.wasted for f in hidden.waste.findings] == [f.wasted for f in shown.waste.findings]
    assert hidden.waste.sums == shown.waste.sums and hidden.waste.spent == shown.waste.spent
    for finding in (*hidden.waste.findings, *hidden.waste.dismissed, *hidden.waste.too_small):
        assert finding.project is None and not finding.finding.names
        assert all(line.what == privacy.HIDDEN for line in finding.finding.evidence)
        assert not any(word in str(finding.told) for word in PRIVATE)
    assert all(named.title is None and named.project is None for named in hidden.names.values())


# Flags --------------------------------------------------------------------------------------------


def flag(kind: Kind, words: str) -> Flag:
    return Flag(finding="f1", kind=kind.value, words=words, at_ms=NOW_MS, wasted_pico=None)


def flagged(left_ms: int | None = 48_000) -> Any:
    """Return a picture in which one session loops, one was warned of, one's cache expires."""
    parser, api, web, *rest = factories.rich_sessions()
    loop, expired = flag(Kind.LOOP, "loop"), flag(Kind.CACHE_EXPIRED, "cache expired")
    parser = replace(parser, flags=(loop, expired))
    api = replace(api, flags=(expired,))
    if left_ms is not None:
        web = replace(web, warm=WarmCache(tokens=131_000, expires_ms=NOW_MS + left_ms))
    return factories.snapshot(sessions=(parser, api, web, *rest))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_flags_on_live(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(flagged()), terminal_size=size)


@pytest.mark.parametrize("keys", [(), ("2",)], ids=["live", "sessions"])
async def test_rows_are_flagged(running: Running, keys: tuple[str, ...]) -> None:
    async with running(flagged(), size=(160, 36)) as pilot:
        await press(pilot, *keys)
        text = text_of(pilot)
        assert " ■ loop +1" in text and " ▲ cache expired" in text and " ▲ cache 0:48" in text
        await publish(pilot, factories.snapshot())
        await press(pilot, *keys)
        assert " flag" not in text_of(pilot) and "loop" not in text_of(pilot)


@pytest.mark.parametrize("keys", [(), ("2",)], ids=["live", "sessions"])
async def test_a_cache_is_counted_down_without_new_pictures(
    running: Running, keys: tuple[str, ...]
) -> None:
    sessions = factories.rich_sessions()
    warm = WarmCache(tokens=131_000, expires_ms=NOW_MS + 302_000)
    first = factories.snapshot(sessions=(replace(sessions[2], warm=warm), *sessions[3:]))
    async with running(first, size=(160, 36)) as pilot:
        app: Any = pilot.app
        await press(pilot, *keys)
        assert "cache 5:0" not in text_of(pilot) and " flag" not in text_of(pilot)
        for seconds, shown in ((3, "cache 4:59"), (4, "cache 4:58"), (254, "cache 0:48")):
            app.now = lambda seconds=seconds: NOW_MS + seconds * 1000
            app._tick()
            await settle(pilot)
            assert shown in text_of(pilot)
        app.now = lambda: NOW_MS + 303_000
        app._tick()
        await settle(pilot)
        assert "cache 0:" not in text_of(pilot) and " flag" not in text_of(pilot)


async def test_turns_are_flagged(running: Running) -> None:
    at_ms = NOW_MS - 8 * 60_000
    marks = (
        Mark(at_ms, "attempts"),
        Mark(at_ms, "attempts"),
        Mark(NOW_MS - 20 * 60_000, "polling"),
    )
    known = {session_marks: lambda session_id: SessionMarks(session_id, marks)}
    async with running(answers=known) as pilot:
        await press(pilot, "enter")
        lines = [line for line in lines_of(pilot) if "attempts" in line or "▲ polling" in line]
        assert any("■ attempts +1" in line or "■ attempts" in line for line in lines)
        assert any("▲ polling" in line for line in lines)


def test_findings_are_all_kinds_of_rows() -> None:
    assert {each.finding.tier for each in FINDINGS} == set(type(FINDINGS[0].finding.tier))
