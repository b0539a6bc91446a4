"""`tokenwatch glance`: one line from the ledger, the same as from the monitor's picture."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import factories
from tests.cli.box import NOW_MS, STARTER, Box
from tests.cli.logs import assistant, claude_log, codex_log, user
from tests.cli.test_cli_documents import fields, head, is_count, is_flag, is_money, maybe, several
from tests.quota_logs import reading, rollout
from tests.still import ZONE, StillFeed
from tests.test_architecture import COSTLY, HEAVY, READING, loaded
from tokenwatch.answers.glance import Glance, Worker, of_ledger, of_snapshot
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.quota import PlanWindow, plan_windows, windows
from tokenwatch.cli.glance_text import PLAIN, Look, line_of, lines_of, look_of
from tokenwatch.cli.terminal import cell_len
from tokenwatch.format import rfc3339
from tokenwatch.model import PICO, State
from tokenwatch.tui.looks.ascii import TABLE

MINUTE, HOUR = 60_000, 3_600_000


def window(minutes: int = 300, used: float = 62.0, *, stale: bool = False) -> PlanWindow:
    resets = NOW_MS + (-1 if stale else 1) * HOUR
    return PlanWindow(
        key=str(minutes),
        provider="openai",
        source="codex",
        root="/home/dev/.codex",
        plan="pro",
        limit_id="codex",
        minutes=minutes,
        used_percent=used,
        observed_ms=NOW_MS - MINUTE,
        resets_ms=resets,
        is_stale=stale,
        start_ms=resets - minutes * MINUTE,
        spend=None,
        readings=(),
        projection=None,
    )


def worker(name: str | None, state: State = State.WORKING, *, main: bool = True) -> Worker:
    return Worker(
        name=name,
        project="/home/dev/src/api",
        model="claude-opus-5-5",
        state=state,
        is_main=main,
        burn_pico_per_hour=3 * PICO,
        cost_pico=PICO,
    )


GLANCE = Glance(
    now_ms=NOW_MS,
    today=factories.spend(2134),
    week_mean_pico=18 * PICO,
    burn_pico_per_hour=697 * PICO // 100,
    workers=(
        worker("Add pagination", State.WAITING),
        worker("reviewer", main=False),
        worker("日本語のタイトルはとても長いので切られます"),
    ),
    windows=(window(), window(10_080, 91.0)),
)
BARE = Look()


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (
            100,
            "▲ $21.34 today ▲19%   $6.97/h   3 agents · 1 waiting   5 h ━━━━╸── 62%"
            "   7 d ━━━━━━╸ 91% ▲ Codex",
        ),
        (
            92,
            "▲ $21.34 today ▲19%   $6.97/h   3 agents · 1 waiting   5 h ━━━━╸── 62%"
            "   7 d ━━━━━━╸ 91% ▲",
        ),
        (80, "▲ $21.34 today ▲19%   $6.97/h   3 agents · 1 waiting   5 h ━━━━╸── 62%"),
        (62, "▲ $21.34 today ▲19%   $6.97/h   3 agents · 1 waiting   5 h 62%"),
        (50, "▲ $21.34 today ▲19%   $6.97/h   3 agents   5 h 62%"),
        (40, "▲ $21.34 today ▲19%   $6.97/h   5 h 62%"),
        (26, "▲ $21.34 today   5 h 62%"),
        (20, "▲ $21.34 today"),
        (9, "▲ $21.34 "),
        (0, ""),
    ],
)
def test_what_matters_least_goes_first(width: int, text: str) -> None:
    assert line_of(GLANCE, width, BARE) == text


@pytest.mark.parametrize("width", range(0, 130, 7))
@pytest.mark.parametrize("height", [1, 2, 3, 5, 9])
def test_lines_fit(width: int, height: int) -> None:
    lines = lines_of(GLANCE, width, height, BARE, ZONE)
    assert 1 <= len(lines) <= height
    assert max(map(cell_len, lines)) <= max(width, 0)


def test_lines_tell_agents_by_name() -> None:
    lines = lines_of(GLANCE, 100, 9, BARE, ZONE)
    assert lines[0].startswith("▲ $21.34 today") and len(lines) == 6
    assert re.match(r"Codex 5 h ━+╸?─+  62%   resets 15:00$", lines[1])
    assert lines[2].startswith("Codex 7 d") and " 91% ▲" in lines[2]
    assert re.match(r"▲ Add pagination +api   waiting   \$3\.00/h  opus-5\.5", lines[3])
    assert re.match(r"  ● reviewer +working", lines[4])
    assert "3 more" not in "".join(lines)
    assert lines_of(GLANCE, 100, 4, BARE, ZONE)[3] == "… 3 more at work"


def test_a_window_behind_its_reset_is_not_shown() -> None:
    glance = GLANCE._replace(windows=(window(stale=True),))
    assert "5 h" not in line_of(glance, 100, BARE)


def test_nothing_yet() -> None:
    assert line_of(Glance(now_ms=NOW_MS), 100, BARE) == "○ $0.00 today"
    assert lines_of(Glance(now_ms=NOW_MS), 100, 1, BARE, ZONE) == ["○ $0.00 today"]
    lines = lines_of(Glance(now_ms=NOW_MS), 100, 3, BARE, ZONE)
    assert lines == ["○ $0.00 today", "no agent is at work"]


def test_a_pane_says_whose_windows_they_are_and_when_they_end() -> None:
    later = window(10_080)._replace(resets_ms=NOW_MS + 50 * HOUR)
    glance = GLANCE._replace(windows=(window(), later), workers=())
    lines = lines_of(glance, 80, 5, BARE, ZONE)
    assert lines[2].startswith("Codex 7 d") and lines[2].endswith("resets 24 Nov 16:00")
    assert lines[3] == "no agent is at work"
    assert lines_of(glance, 40, 5, BARE, ZONE)[2].startswith("7 d  ")
    mixed = glance._replace(windows=(window()._replace(source="claude-code"), later))
    assert line_of(mixed, 120, BARE).count("Claude Code") == 1
    assert line_of(mixed, 120, BARE).endswith("62% Codex")


def test_what_is_not_read_yet_makes_it_a_lower_bound() -> None:
    assert line_of(GLANCE._replace(is_complete=False), 20, BARE) == "▲ ≥$21.34 today"
    assert line_of(Glance(now_ms=NOW_MS, is_complete=False), 20, BARE) == "○ ≥$0.00 today"


def test_looks() -> None:
    coloured = line_of(GLANCE, 100, look_of({}, styles=True))
    assert "\x1b[33m▲\x1b[0m" in coloured and "\x1b[94m━━━━╸" in coloured
    mono = line_of(GLANCE, 100, look_of({"NO_COLOR": "1"}, styles=True))
    assert set(re.findall(r"\x1b\[([\d;]*)m", mono)) <= {"0", "1", "2", "7"}
    plain = line_of(GLANCE, 100, look_of({"TOKENWATCH_ASCII": "1"}, styles=False))
    assert plain.isascii() and plain.startswith("^ $21.34 today")
    assert {glyph: chr(PLAIN[glyph]) for glyph in PLAIN} == {glyph: TABLE[glyph] for glyph in PLAIN}


def test_the_ledger_says_what_the_monitor_says(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        told = of_snapshot(feed.latest(), feed.ask(windows))

        def ask(moment: Moment) -> Glance:
            return of_ledger(
                moment.ledger, moment.now_ms, ZONE, moment.live, lambda: moment.overview
            )

        own = feed.ask(ask)
        assert own._replace(windows=(), now_ms=0) == told._replace(windows=(), now_ms=0)
        assert told.workers and told.windows and told.burn_pico_per_hour and told.week_mean_pico
        brief = feed.ask(lambda moment: plan_windows(moment.ledger, moment.now_ms, details=False))
        assert own.windows == brief
        assert [w.used_percent for w in brief] == [w.used_percent for w in told.windows]


def test_document(full: Box) -> None:
    document = full.run("glance", "--json").document
    head(document, "glance")
    assert fields(
        today=fields(requests=is_count, cost_usd=maybe(is_money)),
        usual_usd=maybe(is_money),
        burn_usd_per_hour=maybe(is_money),
        agents=fields(working=is_count, waiting=is_count),
        windows=several(fields(name=lambda name: name in ("5h", "7d"), stale=is_flag)),
        complete=is_flag,
    )(document)
    today = full.run("report", "--since", "today", "--json").document["totals"]
    assert document["today"]["cost_usd"] == today["cost_usd"]
    running = full.run("agents", "--running", "--json").rows
    assert sum(document["agents"].values()) == len(
        [row for row in running if row["kind"] != "auxiliary"]
    )


def test_once_is_one_plain_line(box: Box) -> None:
    claude_log(box.claude, [user("hi"), assistant("msg_01a1", rfc3339(NOW_MS - HOUR) or "")])
    codex_log(box.codex, rollout([reading(NOW_MS - MINUTE, (300, 62.0, NOW_MS + HOUR))]))
    for words in (["--once"], [], ["--pane", "--once"]):
        result = box.run("glance", *words)
        assert result.code == 0 and "\x1b" not in result.out, result
        assert result.out.startswith("○ $0.0008 today") or result.out.startswith("○ <$0.01 today")
        assert "5 h" in result.out and "62%" in result.out
        assert result.out.count("\n") == (2 if "--pane" in words else 1)
    narrow = Box(box.folder, more={"COLUMNS": "18"}).run("glance", "--once").out
    assert narrow.endswith(" today\n") and len(narrow) < 19


def test_no_logs(box: Box) -> None:
    assert box.run("glance", "--once").out == "○ $0.00 today\n"


def test_a_backlog_is_read_a_bit_at_a_time(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenwatch.cli import glance

    monkeypatch.setattr(glance, "WITHIN_S", -1.0)
    at = rfc3339(NOW_MS - HOUR) or ""
    claude_log(box.claude, [user("hi", at), assistant("msg_01a1", at)])
    assert box.run("glance", "--json").document["complete"] is False
    assert box.run("glance", "--once").out.startswith("○ ≥$0.00")
    monkeypatch.undo()
    assert box.run("glance", "--json").document["complete"] is True


def test_a_pipe_without_reader_ends_it_quietly(full: Box) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        full.starter("glance"),
        env=full.process_environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert done.stderr == b"" and done.returncode in (-13, 141)


def test_what_was_read_before_is_told_without_a_reader(box: Box) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    codex_log(box.codex, rollout([reading(NOW_MS - MINUTE, (300, 62.0, NOW_MS + HOUR))]))
    for words in (["glance", "--once"], ["quota"]):
        code = f"import sys\nsys.argv[1:] = {words!r}\n{STARTER.format(now_ms=NOW_MS + HOUR)}"
        loaded(box, code)
        names = loaded(box, code)
        heavy = names & (HEAVY | READING | (COSTLY - {"tempfile", "hashlib"}))
        assert heavy == set()
