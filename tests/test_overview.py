"""Rows and snapshots: what the ledger knows, joined with what runs now."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests import cases
from tests.cases import NOW_MS, Desk
from tests.lines import answer, log_path, prompt, write
from tokenwatch.answers import session as answers
from tokenwatch.found import LiveProcess
from tokenwatch.model import AgentKind, State
from tokenwatch.overview import Overview
from tokenwatch.snapshot import Snapshot
from tokenwatch.sources.roots import live_signs
from tokenwatch.store.spend import Filter

MINUTE = 60_000
COST = 10 * 3_000_000 + 1000 * 300_000 + 200 * 3_750_000 + 100 * 15_000_000
"""Of one answer of `lines.answer`, at the list price of its model."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _live(*processes: LiveProcess) -> Mapping[str, LiveProcess]:
    return {process.session_id: process for process in processes}


def _snapshot(desk: Desk, *processes: LiveProcess) -> Snapshot:
    return desk.overview.snapshot(_live(*processes), desk.now_ms)


def test_a_session_of_today(home: Path) -> None:
    write(
        log_path(home), prompt("fix the tests", at_ms=NOW_MS - 3 * MINUTE),
        answer("1", at_ms=NOW_MS - 2 * MINUTE - 1, stop="tool_use"), at_ms=NOW_MS,
    )  # fmt: skip
    desk = cases.read(home)
    found = _snapshot(desk)
    (row,) = found.sessions
    assert (row.title, row.project, row.state) == ("fix the tests", "/home/dev/app", State.WORKING)
    assert (row.spend.cost_pico, row.context_used, row.context_limit) == (COST, 1210, 200_000)
    assert row.models == ("claude-sonnet-4-5-20250929",)
    assert (row.prompts, row.turns, row.running, found.agents_running) == (1, 1, 1, 1)
    assert (found.today, found.sessions_today, found.turns_today) == (row.spend, 1, 1)
    assert row.burn_pico_per_hour == found.burn_pico_per_hour == 6 * COST
    assert row.agents[0].minutes_pico == (0,) * 7 + (COST, 0, 0)
    assert found.minutes_pico == (0,) * 57 + (COST, 0, 0)
    assert found.tokens_per_minute == 131
    assert found.peak_agents_today == 1
    assert [line.what for line in found.activity] == ["answer"]
    assert found.week_mean_pico is None


def test_what_rests_becomes_idle_and_ends(home: Path) -> None:
    at_ms = NOW_MS - 14 * MINUTE
    write(log_path(home), prompt(at_ms=at_ms), answer("1", at_ms=at_ms), at_ms=at_ms)
    desk = cases.read(home)
    assert [row.state for row in _snapshot(desk).sessions] == [State.IDLE]
    desk.now_ms += MINUTE
    assert [row.state for row in _snapshot(desk).sessions] == [State.ENDED]
    assert _snapshot(desk).burn_pico_per_hour is None


@pytest.mark.parametrize(
    ("status", "state", "running"),
    [("busy", State.WORKING, 1), ("waiting", State.WAITING, 1), ("idle", State.IDLE, 0)],
)
def test_a_process_that_lives_is_shown_whatever_its_age(
    home: Path, status: str, state: State, running: int
) -> None:
    old = NOW_MS - 40 * 86_400_000
    write(log_path(home), prompt(at_ms=old), answer("1", at_ms=old), at_ms=old)
    write(log_path(home, "s2"), prompt("x", "s2", at_ms=old), at_ms=old)
    desk = cases.read(home)
    assert _snapshot(desk).sessions == ()
    process = LiveProcess(session_id="s1", alive=True, status=status)
    found = _snapshot(desk, process, LiveProcess(session_id="unknown", alive=True))
    assert [(row.id, row.state) for row in found.sessions] == [("s1", state)]
    assert (found.agents_running, found.sessions_today) == (running, 0)
    assert found.sessions_in_all == 2
    dead = LiveProcess(session_id="s1", alive=False, status=status)
    assert _snapshot(desk, dead).sessions == ()


def test_a_killed_session_has_ended_at_once(home: Path) -> None:
    cases.copy("claude-2.1.330/live--killed", home)
    last = _last(home)
    desk = cases.read(home, now_ms=last + 1000)
    (process,) = live_signs(desk.sync.roots).values()
    assert process.alive is not True
    dead = LiveProcess(session_id=process.session_id, alive=False, status="busy")
    (row,) = _snapshot(desk, dead).sessions
    assert (row.state, row.running) == (State.ENDED, 0)


def _last(home: Path) -> int:
    desk = cases.read(home, path=home / "aside" / "ledger.sqlite")
    found = max(row.last_ms or 0 for row in desk.rows().values())
    desk.close()
    return found


def test_a_subagent_at_work(home: Path) -> None:
    cases.copy("claude-2.1.330/live-tool--live", home)
    desk = cases.read(home, now_ms=_last(home) + 1000)
    (id,) = desk.rows()
    (row,) = _snapshot(desk, LiveProcess(session_id=id, alive=True, status="busy")).sessions
    states = {agent.kind: agent.state for agent in row.agents}
    assert states == {AgentKind.MAIN: State.WORKING, AgentKind.SUBAGENT: State.WORKING}
    assert (row.running, row.agents[1].depth, row.agents[1].parent_id) == (2, 1, id)
    (row,) = _snapshot(desk, LiveProcess(session_id=id, alive=False)).sessions
    assert {agent.state for agent in row.agents} == {State.ENDED}


def test_finished_subagents_have_ended_while_their_session_lives(home: Path) -> None:
    for case in ("claude-2.1.330/subagents", "claude-2.1.330/background"):
        shutil.rmtree(home, ignore_errors=True)
        cases.copy(case, home)
        desk = cases.read(home, now_ms=_last(home) + 1000)
        (id,) = desk.rows()
        (row,) = _snapshot(desk, LiveProcess(session_id=id, alive=True, status="busy")).sessions
        assert len(row.agents) > 1
        assert {a.state for a in row.agents[1:]} == {State.ENDED}, case
        assert row.running == 1
        desk.close()


def test_figures_of_a_filter_count_its_requests_alone(home: Path) -> None:
    hour = 60 * MINUTE
    write(
        log_path(home), prompt(at_ms=NOW_MS - 5 * hour), answer("1", at_ms=NOW_MS - 4 * hour),
        answer("2", at_ms=NOW_MS - 2 * hour, model="claude-haiku-4-5-20251001"), at_ms=NOW_MS,
    )  # fmt: skip
    write(log_path(home, "s2"), answer("3", "s2", at_ms=NOW_MS - 4 * hour), at_ms=NOW_MS)
    desk = cases.read(home)
    recent = desk.rows(Filter(since_ms=NOW_MS - 3 * hour))
    assert {id: row.spend.requests for id, row in recent.items()} == {"s1": 1}
    assert recent["s1"].models == ("claude-haiku-4-5-20251001",)
    assert recent["s1"].prompts == 0, "the prompt was typed before"
    haiku = desk.rows(Filter(model="haiku"))
    assert {id: row.spend.requests for id, row in haiku.items()} == {"s1": 1}
    assert set(desk.rows(Filter(source="codex"))) == set()
    assert set(desk.rows()) == {"s1", "s2"}


def test_unlogged_counts_only_sessions_wholly_in_range(home: Path) -> None:
    cases.copy("claude-2.1.330/compact", home)
    desk = cases.read(home)
    (row,) = desk.rows().values()
    assert row.started_ms is not None and row.last_ms is not None and row.unlogged is not None
    total = desk.overview.unlogged_total(Filter())
    assert total == row.unlogged
    for where, known in (
        (Filter(since_ms=row.started_ms), True),
        (Filter(since_ms=row.started_ms + 1), False),
        (Filter(until_ms=row.last_ms + 1), True),
        (Filter(until_ms=row.last_ms), False),
        (Filter(source="claude-code"), True),
        (Filter(source="codex"), False),
        (Filter(model="sonnet"), False),
    ):
        found = desk.overview.unlogged_total(where)
        assert (found == total) is known, where
        assert (found is None) is not known, where


def test_unlogged_is_priced_at_list_prices(home: Path) -> None:
    cases.copy("claude-2.1.330/compact", home)
    (row,) = cases.read(home).rows().values()
    assert row.unlogged is not None
    cost = 14 * 3_000_000 + 20_400 * 300_000 + 1040 * 3_750_000 + 328 * 15_000_000
    assert row.unlogged.cost_pico == cost


def test_the_mean_of_the_week_before_counts_days_with_spend(home: Path) -> None:
    day = 86_400_000
    for ago, many in ((1, 2), (3, 1), (7, 3), (8, 9)):
        lines = [answer(f"{ago}x{n}", f"s{ago}", at_ms=NOW_MS - ago * day) for n in range(many)]
        write(log_path(home, f"s{ago}"), *lines, at_ms=NOW_MS)
    desk = cases.read(home)
    found = _snapshot(desk)
    assert found.week_mean_pico == 2 * COST
    assert (found.today.requests, found.sessions_in_all) == (0, 4)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UTC", 24), ("Europe/Berlin", 25), ("Asia/Kathmandu", 24), ("America/New_York", 24)],
)
def test_today_begins_at_the_zones_midnight(home: Path, zone: str, hours: int) -> None:
    """Also on a day of 25 hours."""
    place = ZoneInfo(zone)
    midnight = int(datetime(2026, 10, 25, tzinfo=place).timestamp() * 1000)
    end = midnight + hours * 60 * MINUTE
    for number, at_ms in enumerate((midnight - 1, midnight, end - 1, end)):
        write(log_path(home, f"s{number}"), answer(f"{number}", f"s{number}", at_ms=at_ms))
    desk = Desk.open(home, now_ms=end - 1).read()
    overview = Overview(desk.ledger, cases.book(), place, zone)
    assert overview.snapshot({}, end - 1).sessions_today == 3
    assert overview.snapshot({}, end).sessions_today == 1
    assert {r.id for r in overview.snapshot({}, end).sessions} == {"s3"}


def test_a_day_in_detail(home: Path) -> None:
    cases.copy("claude-2.1.330/subagents", home)
    desk = cases.read(home)
    detail = answers.detail(desk.moment(), desk.ids()[0])
    assert sum(part.cost_pico for part in detail.by_kind) == detail.row.spend.cost_pico
    assert detail.version == "2.1.330"
    assert detail.log_path is not None and Path(detail.log_path).stem == detail.row.id
    assert [agent.kind for agent in detail.row.agents] == [
        AgentKind.MAIN, AgentKind.SUBAGENT, AgentKind.SUBAGENT,
    ]  # fmt: skip
    assert all(agent.name and agent.task for agent in detail.row.agents[1:])


def test_an_empty_ledger(home: Path) -> None:
    found = _snapshot(cases.read(home))
    assert (found.sessions, found.sessions_in_all, found.today.requests) == ((), 0, 0)
    assert (found.burn_pico_per_hour, found.tokens_per_minute, found.minutes_pico) == (
        None, None, (),
    )  # fmt: skip


def test_a_session_without_its_own_log(home: Path) -> None:
    """The subagents' logs may be all that is left of it."""
    cases.copy("claude-2.1.330/subagents", home)
    whole = cases.read(home, path=home / "whole" / "ledger.sqlite").rows()
    (id,) = whole
    (main,) = (path for path in home.rglob(f"{id}.jsonl"))
    main.unlink()
    (row,) = cases.read(home).rows().values()
    assert (row.id, row.project) == (id, whole[id].project)
    kinds = {agent.kind: agent.spend for agent in row.agents if agent.spend.requests}
    assert set(kinds) == {AgentKind.SUBAGENT}
    subagents = [a.spend for a in whole[id].agents if a.kind is AgentKind.SUBAGENT]
    assert row.spend.cost_pico == sum(s.cost_pico for s in subagents)


def test_a_snapshot_of_what_was_touched_is_the_whole_one(home: Path) -> None:
    """Whatever is written, by whichever process: copies, new sessions, turns of many requests."""
    rng = Random(17)
    for number in range(9):
        past = answer(f"9{number}", f"s{number}", at_ms=NOW_MS - (number + 5) * 8 * MINUTE)
        write(log_path(home, f"s{number}"), past, at_ms=NOW_MS)
    desk, other = cases.read(home), cases.read(home)
    live: dict[str, LiveProcess] = {}
    found = desk.overview.snapshot(live, NOW_MS)
    partly = 0
    for step in range(120):
        session = f"s{rng.randrange(12)}"
        at_ms = NOW_MS - rng.randrange(10 * MINUTE)
        number = rng.randrange(30)
        lines = [
            answer(str(number), session, at_ms=at_ms, output=rng.randrange(999)),
            prompt(f"do {step}", session, at_ms=at_ms),
        ]
        write(log_path(home, session), *lines[: rng.randrange(1, 3)], at_ms=NOW_MS + step)
        if rng.random() < 0.2:
            live[session] = LiveProcess(session_id=session, alive=rng.random() < 0.5)
        (other if rng.random() < 0.1 else desk).read()
        desk.read()
        touched, desk.sync.writer.touched = desk.sync.writer.touched, set()
        before, found = found, desk.overview.snapshot(live, NOW_MS, touched=touched)
        whole = _whole(desk, live)
        # Peaks of turns are looked for with a whole snapshot or a new session, like spend of more
        # than ten minutes ago.
        assert replace(found, peak_agents_today=whole.peak_agents_today) == whole
        partly += any(row is old for row in found.sessions for old in before.sessions)
    assert partly > 60


def _whole(desk: Desk, live: Mapping[str, LiveProcess]) -> Snapshot:
    fresh = Overview(desk.ledger, cases.book(), cases.UTC, "UTC")
    return fresh.snapshot(live, desk.now_ms)
