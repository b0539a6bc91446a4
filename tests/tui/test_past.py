"""Sessions of all time: orders, groups and their sums, and what pictures lay over answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import reduce
from operator import add
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.factories import HOUR, NOW_MS, spend
from tests.tui.past import DAY, history, past
from tokenwatch.answers.past import PastSession, PastSessions, as_past
from tokenwatch.model import NO_SPEND, Spend, State
from tokenwatch.snapshot import SessionRow, Snapshot
from tokenwatch.tui import privacy
from tokenwatch.tui.filter.words import parse
from tokenwatch.tui.looks.themes import INKS
from tokenwatch.tui.screens.sessions.listing import (
    ASCENDING,
    GROUPS,
    VALUES,
    Entry,
    Group,
    Grouping,
    PastListing,
    group_of,
    sum_of,
)
from tokenwatch.tui.screens.sessions.picture import PastPicture
from tokenwatch.tui.screens.sessions.rows import UNITS, View, columns, paint, sum_words
from tokenwatch.tui.widgets.record_table import fitting

SESSIONS = history()
SOME = st.lists(st.sampled_from(SESSIONS), unique_by=lambda session: session.id)


def listing(*sessions: PastSession) -> PastListing:
    made = PastListing()
    made.take({session.id: session for session in sessions})
    return made


def view(total: Spend = NO_SPEND, units: str = "money", grouped: str = "") -> View:
    return View(INKS["tokenwatch-dark"], UTC, NOW_MS, units, total, grouped)


def cell(line: Entry | Group, column: str, **more: Any) -> str:
    return paint(line, column, view(**more)).plain


@given(SOME, st.sampled_from(list(VALUES)), st.booleans())
def test_orders(sessions: list[PastSession], sort: str, reverse: bool) -> None:
    found = listing(*sessions).chosen(sort, reverse)
    assert {entry.session for entry in found} == set(sessions)
    pairs = [(VALUES[sort](entry), -(entry.session.last_ms or 0)) for entry in found]
    known = [pair for pair in pairs if pair[0] is not None]
    assert pairs[: len(known)] == known
    down = (sort not in ASCENDING) is not reverse
    for (value, age), (after, age_after) in zip(known, known[1:], strict=False):
        assert value == after and age <= age_after or (value > after) is down


@given(SOME, st.sampled_from(["", "api", "model:gpt cost:>2", "!branch:main", "id:0000"]))
def test_filtered(sessions: list[PastSession], text: str) -> None:
    conditions = parse(text, now_ms=NOW_MS, zone=UTC).conditions
    every = listing(*sessions).chosen("cost", False)
    found = listing(*sessions).chosen("cost", False, conditions, source="codex")
    assert [e.key for e in found] == [
        entry.key
        for entry in every
        if entry.session.source == "codex"
        and listing(entry.session).chosen("cost", False, conditions)
    ]


@given(SOME, st.sampled_from(GROUPS[1:]), st.sampled_from(list(VALUES)), st.booleans(), st.data())
def test_groups_hold_all_and_sum_up(
    sessions: list[PastSession], by: str, sort: str, reverse: bool, data: st.DataObject
) -> None:
    entries = listing(*sessions).chosen(sort, reverse)
    grouping = Grouping()
    closed = grouping.lines(entries, by, sort, reverse, UTC, NOW_MS)
    assert all(isinstance(line, Group) and not line.is_open for line in closed)
    for line in closed:
        if data.draw(st.booleans()):
            grouping.toggle(line.key)
    lines = grouping.lines(entries, by, sort, reverse, UTC, NOW_MS)
    groups = [line for line in lines if isinstance(line, Group)]
    assert [group.key for group in groups] == [line.key for line in closed]
    assert sum(group.many for group in groups) == len(sessions)
    assert sum_of(g.session.spend for g in groups) == sum_of(s.spend for s in sessions)
    assert sum(g.session.turns for g in groups) == sum(s.turns for s in sessions)
    above: Group | None = None
    shown: dict[str, list[Entry]] = {}
    for line in lines:
        if isinstance(line, Group):
            above = line
        else:
            assert above is not None and above.is_open
            assert group_of(line.session, by, UTC, NOW_MS) == above.key
            shown.setdefault(above.key, []).append(line)
    for group in groups:
        own = [e for e in entries if group_of(e.session, by, UTC, NOW_MS) == group.key]
        assert group.many == len(own) and group.session.spend == sum_of(
            e.session.spend for e in own
        )
        if group.is_open:
            assert shown[group.key] == own


@given(st.lists(st.sampled_from([session.spend for session in SESSIONS])))
def test_a_sum_is_the_sum(spends: list[Spend]) -> None:
    assert sum_of(spends) == reduce(add, spends, NO_SPEND)


def test_what_was_made_of_a_session_stays_while_it_does() -> None:
    made = listing(*SESSIONS)
    before = {entry.key: entry for entry in made.entries}
    changed = SESSIONS[3]._replace(turns=99)
    made.take({s.id: changed if s is SESSIONS[3] else s for s in SESSIONS})
    fresh = [entry.key for entry in made.entries if before[entry.key] is not entry]
    assert fresh == [changed.id]


def test_days_and_names_of_groups() -> None:
    def labels(by: str, *sessions: PastSession) -> list[str]:
        entries = listing(*sessions).chosen("last", False)
        lines = Grouping().lines(entries, by, "last", False, UTC, NOW_MS)
        return [line.label for line in lines if isinstance(line, Group)]

    days = [past(n) for n in (0, 1, 2, 400)] + [past(5, last_ms=None)]
    assert labels("day", *days) == [
        "today, Sat 21 Nov",
        "yesterday, Fri 20 Nov",
        "Thu 19 Nov",
        "Fri 17 Oct 2025",
        "no time",
    ]
    assert labels("branch", past(3), past(4), past(5)) == [
        "api ▸ main",
        "web ▸ fix/race",
        "infra ▸ no branch",
    ]
    # One name in two places is two projects.
    twice = [past(1, project="/a/app"), past(2, project="/b/app"), past(3, project=None)]
    assert labels("project", *twice) == ["app", "app", "no project"]
    assert labels("model", past(3), past(5, models=())) == ["opus-4.8", "no model"]


def test_cells() -> None:
    (entry,) = listing(past(5)).chosen("last", False)
    told = {column.key: cell(entry, column.key) for column in columns("money")}
    assert told == {
        "state": "○",
        "session": "infra ▸ task 595",
        "source": "Codex",
        "model": "gpt-5.5-codex",
        "branch": "–",
        "turns": "6",
        "agents": "2",
        "prompts": "5",
        "compactions": "2",
        "commits": "1",
        "lines": "+15 −5",
        "started": "16 Nov",
        "last": "16 Nov",
        "length": "1 m",
        "context": "20.0k",
        "in": "63.5k",
        "read": "2.29M",
        "write": "190k",
        "out": "65.1k",
        "cache": "90%",
        "cost": "1.86",
    }
    assert cell(entry, "cost", units="tokens") == "2.60M"
    assert cell(entry, "cost", units="share", total=spend(372)) == "50%"
    assert cell(entry, "cost", units="share") == "–"
    assert cell(entry, "session", grouped="project") == "  task 595"
    unpriced = past(1, spend=Spend(requests=2, unpriced_requests=2))
    (entry,) = listing(unpriced).chosen("last", False)
    assert cell(entry, "cost") == "?" and cell(entry, "cost", units="share") == "?"
    assert (
        sum_words(spend(372), "money") == "$3.72"
        and sum_words(spend(1), "tokens") == "14.0k tokens"
    )


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("width", range(20, 260, 13))
def test_columns_fit(units: str, width: int) -> None:
    shown = fitting(columns(units), width)
    assert sum(size for _, size in shown) + len(shown) - 1 == width or width < 50
    assert {"state", "session", "cost"} <= {column.key for column, _ in shown}
    # The session's name gets what a short column leaves.
    assert width < 52 or {c.key: size for c, size in shown}["session"] >= 36


# What pictures lay over answers -----------------------------------------------------------------


def picture(*rows: SessionRow, in_all: int = 3) -> Snapshot:
    return factories.snapshot(sessions=rows, sessions_in_all=in_all)


def row(id: str, cents: float, *, hours: float = 3, **more: Any) -> SessionRow:
    own = factories.agent(id, cents)
    started = NOW_MS - int(hours * HOUR)
    return factories.session(id, "t", "/p", [own], **{"started_ms": started, **more})


def answered(*sessions: PastSession, since: int | None = None) -> PastSessions:
    return PastSessions(sessions, since, None)


def test_pictures_move_what_is_of_today() -> None:
    old, run = past(3), row("run", 10, state=State.WORKING)
    kept = PastPicture()
    assert not kept.look(picture(run)) and not kept.is_known
    kept.answer(answered(as_past(run)._replace(commits=2), old), picture(run))
    assert kept.sessions.keys() == {"run", old.id} and kept.sessions["run"].commits == 2
    before = kept.sessions["run"]
    assert not kept.look(picture(run)) and kept.sessions["run"] is before
    assert kept.look(picture(replace(run, spend=spend(50), state=State.IDLE)))
    now = kept.sessions["run"]
    assert (now.spend, now.state, now.commits) == (spend(50), State.IDLE, 2)
    assert kept.sessions[old.id] is old and not kept.is_stale
    # It stays as it was seen last when it leaves the picture.
    assert not kept.look(picture())
    assert kept.sessions["run"] is now


def test_a_new_session_is_there_at_once_and_asked_for() -> None:
    kept = PastPicture()
    kept.answer(answered(past(3)), picture(in_all=1))
    assert kept.look(picture(row("new", 1), in_all=2))
    assert "new" in kept.sessions and kept.is_stale
    kept.answer(answered(past(3), as_past(row("new", 1))), picture(row("new", 1), in_all=2))
    assert not kept.is_stale


def test_what_began_before_the_period_keeps_what_it_spent_within() -> None:
    since = NOW_MS - 24 * HOUR
    long, quiet = row("long", 500, hours=40), row("quiet", 0, spend=NO_SPEND)
    part = as_past(long)._replace(spend=spend(7))
    kept = PastPicture()
    kept.answer(answered(part, since=since), picture(long, quiet))
    assert kept.sessions.keys() == {"long"} and kept.sessions["long"].spend == spend(7)
    assert not kept.is_stale
    later = replace(long, last_ms=NOW_MS, state=State.WORKING, spend=spend(900))
    assert kept.look(picture(later, quiet))
    assert kept.sessions["long"] == part._replace(last_ms=NOW_MS, state=State.WORKING)
    assert kept.is_stale


def test_a_past_period_takes_no_new_sessions() -> None:
    kept = PastPicture()
    kept.answer(PastSessions((past(3),), NOW_MS - 4 * DAY, NOW_MS - DAY), picture(row("new", 1)))
    assert kept.sessions.keys() == {past(3).id} and not kept.is_stale


def test_equal_answers_change_nothing() -> None:
    kept = PastPicture()
    kept.answer(answered(past(3), past(4)), picture())
    before = dict(kept.sessions)
    kept.answer(answered(past(4)._replace(turns=99), past(3)), picture())
    assert kept.sessions[past(3).id] is before[past(3).id]
    assert kept.sessions[past(4).id].turns == 99


def test_privacy_hides_what_the_user_wrote() -> None:
    shown = privacy.hidden(PastSessions(SESSIONS, None, None))
    for word in ("/home/dev", "task 595", "survey", "explore", "fix/race", "parser tests"):
        assert word in repr(SESSIONS) and word not in repr(shown)
    assert [(s.id, s.spend, s.models) for s in shown.rows] == [
        (s.id, s.spend, s.models) for s in SESSIONS
    ]
