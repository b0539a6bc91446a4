"""All sessions in few columns: the same figures as the rows with all their agents."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

import pytest

from tests import cases
from tokenwatch.analysis.period import Period
from tokenwatch.answers.past import as_past, as_row
from tokenwatch.answers.sessions import past_sessions
from tokenwatch.found import LiveProcess
from tokenwatch.model import NO_SPEND, State
from tokenwatch.store import spend
from tokenwatch.store.spend import Filter

PERIODS = [Period("all"), Period("today"), Period("24h"), Period("7d"), Period("today", 1)]


@pytest.mark.parametrize("case", cases.NAMES)
@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_few_columns_say_what_many_say(sandbox: Path, case: str, period: Period) -> None:
    desk = cases.read(cases.copy(case, sandbox))
    since, until = period.span(desk.now_ms, cases.UTC)
    where = Filter(since_ms=since, until_ms=until)
    answer = past_sessions(desk.moment(), period=period)
    assert (answer.since_ms, answer.until_ms) == (since, until)
    rows = desk.rows(where)
    assert [row.id for row in answer.rows] == list(rows)
    for row in answer.rows:
        full = as_past(rows[row.id], row)
        # Agents are told in another order there.
        assert sorted(row.named.split("\n")) == sorted(full.named.split("\n"))
        assert row == full._replace(named=row.named)
    total = reduce(add, (row.spend for row in answer.rows), NO_SPEND)
    assert total == spend.total(desk.ledger, where)
    desk.close()


@pytest.mark.parametrize("case", cases.NAMES)
def test_changed_lines_and_commits_are_those_of_the_session(sandbox: Path, case: str) -> None:
    from tokenwatch.answers.session import detail

    desk = cases.read(cases.copy(case, sandbox))
    for row in past_sessions(desk.moment(), period=Period("all")).rows:
        known = detail(desk.moment(), row.id)
        told = (row.commits, row.lines_added, row.lines_removed)
        assert told == (known.commits, known.lines_added, known.lines_removed)
    desk.close()


def test_what_runs_is_not_ended(sandbox: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/subagents", sandbox))
    (session_id, *_) = desk.ids()
    (ended,) = [r for r in past_sessions(desk.moment(), period=Period("all")).rows
                if r.id == session_id]  # fmt: skip
    assert ended.state is State.ENDED
    sign = LiveProcess(session_id=session_id, alive=True, status="waiting")
    moment = desk.moment()._replace(live={session_id: sign})
    (waiting,) = [r for r in past_sessions(moment, period=Period("all")).rows if r.id == session_id]
    assert waiting == ended._replace(state=State.WAITING)
    desk.close()


def test_a_row_without_agents_keeps_every_figure(sandbox: Path) -> None:
    desk = cases.read(cases.copy("codex-0.169.0/subagents-v2", sandbox))
    for row in past_sessions(desk.moment(), period=Period("all")).rows:
        full = desk.rows()[row.id]
        assert as_row(row) == replace(
            full,
            agents=(),
            unlogged=None,
            context_limit=None,
            burn_pico_per_hour=None,
            scripted_prompts=0,
        )
    desk.close()
