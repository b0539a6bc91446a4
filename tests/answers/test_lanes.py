"""Lanes of genuine logs, of the demo, and of invented ones: nothing lost, nothing made up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.still import ZONE, StillFeed
from tests.store.batches import AT_MS, Book, request
from tokenwatch.analysis import burn
from tokenwatch.analysis.lanes import IN_TURN, Interval, Kind
from tokenwatch.analysis.period import Period
from tokenwatch.answers.lanes import lanes
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.errors import NotFound
from tokenwatch.events import AgentLaunched, ToolCallSeen, ToolResultSeen, TurnEnded, TurnStarted
from tokenwatch.found import LiveProcess
from tokenwatch.model import AgentKind, State
from tokenwatch.overview import Overview
from tokenwatch.sources.source import Pass
from tokenwatch.store import spend
from tokenwatch.store.spend import Filter

DAY = 86_400_000


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillFeed]:
    with StillFeed(tmp_path_factory.mktemp("still")) as feed:
        yield feed


def asked(feed: StillFeed, length: str = "today", **more: Any) -> Lanes:
    since, until = Period(length).span(feed.now_ms, ZONE)
    return feed.ask(partial(lanes, since_ms=since, until_ms=until, **more))


def check(answer: Lanes) -> None:
    """Check what holds for lanes of any log."""
    by_key = {lane.key: lane for lane in answer.lanes}
    assert len(by_key) == len(answer.lanes)
    for lane in answer.lanes:
        parts = lane.intervals
        assert all(answer.since_ms <= p.start_ms < p.end_ms <= answer.until_ms for p in parts)
        assert all(a.end_ms <= b.start_ms for a, b in zip(parts, parts[1:], strict=False))
        if lane.parent_key is not None:
            assert lane.parent_key in by_key
        if lane.kind is AgentKind.SUBAGENT and parts and lane.started_ms is not None:
            assert parts[0].start_ms >= lane.started_ms
    if not answer.left_out:
        spans = [p[:2] for lane in answer.lanes for p in lane.intervals if p.kind in IN_TURN]
        assert (answer.peak.agents if answer.peak else 0) == burn.peak(spans)


@pytest.mark.parametrize("case", cases.NAMES)
def test_every_request_is_in_a_lane(case: str, tmp_path: Path) -> None:
    desk = cases.read(cases.copy(case, tmp_path))
    try:
        answer = lanes(desk.moment())
        check(answer)
        total = spend.total(desk.ledger, Filter())
        assert sum(lane.spend.requests for lane in answer.lanes) == total.requests
        assert sum(lane.spend.cost_pico for lane in answer.lanes) == total.cost_pico
        assert not answer.left_out_spend.requests
        for row in desk.rows().values():
            own = lanes(desk.moment(), session_id=row.id)
            check(own)
            assert sum(lane.spend.cost_pico for lane in own.lanes) == row.spend.cost_pico
            assert {lane.session_id for lane in own.lanes} <= {row.id}
            states = {agent.key: agent.state for agent in row.agents}
            kept = [lane for lane in own.lanes if lane.kind is not AgentKind.AUXILIARY]
            assert {lane.key: lane.state for lane in kept}.items() <= states.items()
    finally:
        desk.close()


def test_the_demo(still: StillFeed) -> None:
    answer = asked(still)
    check(answer)
    assert sum(lane.spend.cost_pico for lane in answer.lanes) == still.latest().today.cost_pico
    states = {lane.key: lane.state for lane in answer.lanes if lane.kind is AgentKind.MAIN}
    assert states == {row.id: row.state for row in still.latest().sessions}
    waiting = [lane for lane in answer.lanes if lane.state is State.WAITING]
    assert waiting and all(lane.intervals[-1].kind is Kind.WAITING for lane in waiting)
    assert all(lane.intervals[-1].end_ms == still.now_ms for lane in waiting)
    assert any(Kind.DELEGATING in {p.kind for p in lane.intervals} for lane in answer.lanes)


@pytest.mark.parametrize("length", ["24h", "7d", "30d", "month", "all"])
def test_sums_of_any_period(still: StillFeed, length: str) -> None:
    answer = asked(still, length)
    check(answer)
    since, until = Period(length).span(still.now_ms, ZONE)
    where = Filter(since_ms=since, until_ms=until)
    total = still.ask(lambda moment: spend.total(moment.ledger, where))
    assert sum(lane.spend.cost_pico for lane in answer.lanes) == total.cost_pico
    assert answer.left_out_spend.requests == 0


def test_few_lanes_of_many_agents(still: StillFeed) -> None:
    whole, part = asked(still, "all"), asked(still, "all", most=20)
    agents = [lane for lane in part.lanes if lane.kind is not AgentKind.AUXILIARY]
    assert len(agents) <= 20
    assert len(agents) + part.left_out >= len([x for x in whole.lanes if x.intervals])
    assert part.peak == whole.peak
    costs = sum(lane.spend.cost_pico for lane in part.lanes) + part.left_out_spend.cost_pico
    assert costs == sum(lane.spend.cost_pico for lane in whole.lanes)
    assert {lane.key for lane in part.lanes} < {lane.key for lane in whole.lanes}


def test_one_source(still: StillFeed) -> None:
    answer = asked(still, source="codex")
    check(answer)
    assert {lane.source for lane in answer.lanes} == {"codex"}
    whole = asked(still)
    assert answer.lanes == tuple(lane for lane in whole.lanes if lane.source == "codex")


def test_an_unknown_session(still: StillFeed) -> None:
    with pytest.raises(NotFound):
        asked(still, session_id="nobody")


# Invented logs -----------------------------------------------------------------------------


class Invented:
    """A session `s1`, told of record by record."""

    def __init__(self, folder: Path) -> None:
        self.book = Book(folder)
        self.book.put("/r/s1.jsonl", [request(at_ms=AT_MS + 100)], last_ms=AT_MS + 100)

    def tell(self, *events: Any, last_ms: int = AT_MS + 9000, **facts: Any) -> None:
        self.book.put("/r/s1.jsonl", events, which=Pass.DETAIL, last_ms=last_ms, **facts)

    def lanes(self, now_ms: int, live: dict[str, LiveProcess] | None = None) -> Lanes:
        overview = Overview(self.book.ledger, cases.book(), cases.UTC, "UTC")
        moment = Moment(self.book.ledger, overview, live or {}, now_ms, cases.UTC)
        answer = lanes(moment, AT_MS - DAY, None)
        check(answer)
        return answer


def at(ms: int, **more: Any) -> dict[str, Any]:
    return {"session_id": "s1", "agent_id": "s1", "line": 1, "at_ms": AT_MS + ms, **more}


def turn(start: int, end: int | None, name: str = "t", **more: Any) -> list[Any]:
    events: list[Any] = [TurnStarted(id=name, **at(start, **more))]
    if end is not None:
        events.append(TurnEnded(turn_id=name, **at(end, **more)))
    return events


def call(name: str, start: int, end: int | None, id: str = "c", **more: Any) -> list[Any]:
    made: list[Any] = [ToolCallSeen(id=id, name=name, **at(start))]
    if end is not None:
        fields = {"ok": True, **more}
        made.append(ToolResultSeen(call_id=id, **fields, **at(end)))
    return made


def only(answer: Lanes, key: str = "s1") -> Lane:
    return next(lane for lane in answer.lanes if lane.key == key)


def parts(lane: Lane) -> list[tuple[int, int, str]]:
    return [(p.start_ms - AT_MS, p.end_ms - AT_MS, p.kind.value) for p in lane.intervals]


@pytest.mark.parametrize("tool", ["AskUserQuestion", "ExitPlanMode", "request_user_input"])
def test_a_question_waits_for_the_user(tmp_path: Path, tool: str) -> None:
    told = Invented(tmp_path)
    told.tell(*turn(0, 9000), *call(tool, 2000, 5000))
    lane = only(told.lanes(AT_MS + DAY))
    assert parts(lane) == [
        (0, 2000, "working"), (2000, 5000, "waiting"), (5000, 9000, "working"),
    ]  # fmt: skip
    assert (lane.asked, lane.waited_ms, lane.work_ms) == (1, 3000, 6000)


def test_a_refused_call_waited_from_the_result_before(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    granted = call("Bash", 1000, 3000)
    refused = call("Bash", 1001, 4000, id="d", ok=False, denied=True)
    told.tell(*turn(0, 9000), *granted, *refused)
    assert parts(only(told.lanes(AT_MS + DAY))) == [
        (0, 3000, "working"), (3000, 4000, "waiting"), (4000, 9000, "working"),
    ]  # fmt: skip


def test_a_granted_call_is_work(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    told.tell(*turn(0, 9000), *call("Bash", 1000, 8000))
    assert parts(only(told.lanes(AT_MS + DAY))) == [(0, 9000, "working")]


def test_waits_for_a_subagent(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    launch = AgentLaunched(
        session_id="s1", tool_use_id="c", parent_agent_id="s1", agent_id="a1",
        at_ms=AT_MS + 2000, line=1, name="Explore", task="look around",
    )  # fmt: skip
    told.tell(*turn(0, 9000), launch, *call("Agent", 2000, 7000))
    told.book.put(
        "/r/a1.jsonl", [request("r2", agent_id="a1", at_ms=AT_MS + 2500)],
        session_id="s1", agent_id="a1", kind=AgentKind.SUBAGENT, tool_use_id="c",
        first_ms=AT_MS + 2100, last_ms=AT_MS + 6900,
    )  # fmt: skip
    own = turn(2100, 6900, "u", agent_id="a1")
    told.book.put(
        "/r/a1.jsonl", own, which=Pass.DETAIL, session_id="s1", agent_id="a1",
        kind=AgentKind.SUBAGENT, tool_use_id="c", first_ms=AT_MS + 2100, last_ms=AT_MS + 6900,
    )  # fmt: skip
    answer = told.lanes(AT_MS + DAY)
    assert parts(only(answer)) == [
        (0, 2000, "working"), (2000, 7000, "delegating"), (7000, 9000, "working"),
    ]  # fmt: skip
    child = only(answer, "s1/a1")
    assert child.parent_key == "s1" and parts(child) == [(2100, 6900, "working")]
    assert (child.name, child.task) == ("Explore", "look around")
    assert [tuple(level) for level in answer.levels] == [
        (AT_MS, 1), (AT_MS + 2100, 2), (AT_MS + 6900, 1), (AT_MS + 9000, 0),
    ]  # fmt: skip


def test_the_clients_sign_tells_since_when_it_waits(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    told.tell(*turn(0, None))
    sign = LiveProcess("s1", True, "waiting", "permission prompt", AT_MS + 12_000)
    lane = only(told.lanes(AT_MS + 20_000, {"s1": sign}))
    assert parts(lane) == [(0, 12_000, "working"), (12_000, 20_000, "waiting")]
    assert lane.waiting_for == "permission prompt"


def test_a_turn_that_was_never_closed_is_unknown_after_its_last_record(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    told.tell(
        *turn(0, None), *call("Bash", 1000, 2000), *turn(6000, 7000, "u"), last_ms=AT_MS + 7000
    )
    assert parts(only(told.lanes(AT_MS + DAY))) == [
        (0, 2000, "working"), (2000, 6000, "unknown"), (6000, 7000, "working"),
    ]  # fmt: skip


def test_auxiliary_agents_share_a_lane_without_intervals(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    told.tell(*turn(0, 9000))
    for name in ("x1", "x2"):
        told.book.put(
            f"/r/{name}.jsonl", [request(f"r-{name}", agent_id=name, at_ms=AT_MS + 2500)],
            session_id="s1", agent_id=name, kind=AgentKind.AUXILIARY,
        )  # fmt: skip
    answer = told.lanes(AT_MS + DAY)
    lane = only(answer, "s1/*auxiliary")
    assert (lane.intervals, lane.spend.requests, lane.parent_key) == ((), 2, "s1")


def test_a_session_that_has_ended_is_shown_for_as_long_as_it_lasted(tmp_path: Path) -> None:
    told = Invented(tmp_path)
    told.tell(*turn(0, 9000))
    overview = Overview(told.book.ledger, cases.book(), cases.UTC, "UTC")
    moment = Moment(told.book.ledger, overview, {}, AT_MS + 9 * DAY, cases.UTC)
    answer = lanes(moment, session_id="s1")
    assert (answer.since_ms, answer.until_ms) == (AT_MS, AT_MS + 9001)
    assert not answer.is_present
    assert only(answer).intervals == (Interval(AT_MS, AT_MS + 9000, Kind.WORKING),)
