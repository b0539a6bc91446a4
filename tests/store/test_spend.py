"""Sums in any stretch of time, zone and grouping are the sums of the requests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.batches import AT_MS, Book, request
from tokenwatch.errors import NotFound
from tokenwatch.events import TurnEnded, TurnStarted
from tokenwatch.model import NO_SPEND, AgentKind, Spend
from tokenwatch.sources.source import Pass
from tokenwatch.store import explain, spend
from tokenwatch.store import sessions as stored
from tokenwatch.store.spend import GROUPS, Filter

QUARTER = 900_000
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
START = int(datetime(2026, 10, 20, tzinfo=UTC).timestamp() * 1000)
"""The autumn changes of Europe and America lie within the weeks that follow."""
WEEKS = 3 * 7 * 24 * 3_600_000


def _invented() -> Iterator[tuple[str, str, str, int, str | None]]:
    """Yield (id, session, agent, time, model)."""
    chance = random.Random(7)
    for number in range(600):
        at_ms = START + chance.randrange(WEEKS)
        if number % 5 == 0:
            at_ms -= at_ms % QUARTER
        if number % 7 == 0:
            at_ms -= at_ms % QUARTER + 1
        session = f"s{number % 4}"
        agent = f"a{number % 3}" if number % 3 else session
        model = ("claude-x-1", "claude-x-12", "free", None)[number % 4]
        yield f"r{number}", session, agent, at_ms, model


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    made = Book(tmp_path_factory.mktemp("book"))
    for session, source, project in (
        ("s0", "claude-code", "/home/dev/app"),
        ("s1", "claude-code", "/home/dev/app/sub"),
        ("s2", "codex", "/srv/app"),
        ("s3", "codex", None),
    ):
        own = [row for row in _invented() if row[1] == session]
        made.put(
            f"/r/{session}.jsonl",
            [
                request(id, session, agent_id=agent, at_ms=at_ms, model=model,
                        tokens=(1, 2, 3, 4, 5 + at_ms % 7))
                for id, _, agent, at_ms, model in own
            ],
            source=source, cwd=project, project=project,
        )  # fmt: skip
    return made


def _rows(book: Book) -> list[dict[str, Any]]:
    return [
        dict(row)
        for row in book.ledger.sql.execute(
            "SELECT r.*, a.id AS agent_id, s.id AS session_id, s.source, s.project, m.name AS"
            " model_name FROM requests r JOIN agents a ON a.key = r.agent"
            " JOIN sessions s ON s.key = a.session JOIN models m ON m.key = r.model"
        )
    ]


def _figures(rows: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    return (
        len(rows),
        sum(row["cost_pico"] or 0 for row in rows),
        sum(row["output"] for row in rows),
        sum(row["cost_pico"] is None for row in rows),
    )


def _of(found: Spend) -> tuple[int, int, int, int]:
    return found.requests, found.cost_pico, found.usage.output, found.unpriced_requests


instants = st.one_of(
    st.none(),
    st.integers(START - QUARTER, START + WEEKS + QUARTER),
    st.integers(START // QUARTER, (START + WEEKS) // QUARTER).map(lambda q: q * QUARTER),
    st.sampled_from([row[3] for row in _invented()]),
    st.sampled_from([row[3] + 1 for row in _invented()]),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(since=instants, until=instants)
def test_any_stretch_is_the_sum_of_its_requests(
    book: Book, since: int | None, until: int | None
) -> None:
    inside = [
        row
        for row in _rows(book)
        if (since is None or row["at_ms"] >= since) and (until is None or row["at_ms"] < until)
    ]
    where = Filter(since_ms=since, until_ms=until)
    assert _of(spend.total(book.ledger, where)) == _figures(inside)
    by_agent = spend.by_agent(book.ledger, where)
    assert sum(s.requests for s in by_agent.values()) == len(inside)


def test_stretches_within_one_quarter(book: Book) -> None:
    at_ms = next(row[3] for row in _invented() if row[3] % QUARTER)
    for since, until, count in (
        (at_ms, at_ms + 1, 1), (at_ms, at_ms, 0), (at_ms + 1, at_ms, 0), (at_ms - 5, at_ms, 0),
    ):  # fmt: skip
        found = spend.total(book.ledger, Filter(since_ms=since, until_ms=until))
        assert found.requests == count


def _key(by: str, row: dict[str, Any], zone: ZoneInfo) -> str | None:
    local = datetime.fromtimestamp(row["at_ms"] / 1000, UTC).astimezone(zone)
    year, week, _ = local.isocalendar()
    agent, session = row["agent_id"], row["session_id"]
    keys = {
        "source": row["source"],
        "model": row["model_name"],
        "project": row["project"],
        "session": session,
        "agent": session if agent == session else f"{session}/{agent}",
        "hour": f"{local:%Y-%m-%dT%H}",
        "day": f"{local:%Y-%m-%d}",
        "week": f"{year}-W{week:02d}",
        "month": f"{local:%Y-%m}",
    }
    found: str | None = keys[by]
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("by", GROUPS)
def test_groups_are_the_sums_of_their_requests(book: Book, by: str, zone: str) -> None:
    groups: dict[str | None, list[dict[str, Any]]] = {}
    for row in _rows(book):
        groups.setdefault(_key(by, row, ZoneInfo(zone)), []).append(row)
    found = dict(spend.grouped(book.ledger, by, Filter(), ZoneInfo(zone)))
    assert {k: _of(v) for k, v in found.items()} == {k: _figures(v) for k, v in groups.items()}


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_a_zone_lie_between_its_midnights(book: Book, zone: str) -> None:
    """A day of 25 hours has them all, and they end where the next one begins."""
    place = ZoneInfo(zone)
    by_day = dict(spend.grouped(book.ledger, "day", Filter(), place))
    for day in range(10, 20):
        midnight = datetime(2026, 10, 1, tzinfo=place).replace(tzinfo=None) + timedelta(
            days=day + 13
        )
        ends = [midnight, midnight + timedelta(days=1)]
        since, until = (int(end.replace(tzinfo=place).timestamp() * 1000) for end in ends)
        name = f"{midnight:%Y-%m-%d}"
        found = spend.total(book.ledger, Filter(since_ms=since, until_ms=until))
        assert _of(found) == _of(by_day.get(name, NO_SPEND)), name


def test_both_hours_of_an_autumn_change_share_one(tmp_path: Path) -> None:
    book, zone = Book(tmp_path), ZoneInfo("Europe/Berlin")
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp() * 1000)
    times = [first, first + 3_600_000, first + 7_200_000]
    book.put("/r/s.jsonl", [request(f"r{n}", "s", at_ms=at_ms) for n, at_ms in enumerate(times)])
    hours = spend.grouped(book.ledger, "hour", Filter(), zone)
    assert {k: v.requests for k, v in hours} == {"2026-10-25T02": 2, "2026-10-25T03": 1}


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-12-31", "2026-W53"), ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01"),
     ("2024-12-30", "2025-W01"), ("2026-11-21", "2026-W47")],
)  # fmt: skip
def test_iso_weeks(tmp_path: Path, day: str, week: str) -> None:
    book = Book(tmp_path)
    at_ms = int(datetime.fromisoformat(f"{day}T12:00+00:00").timestamp() * 1000)
    book.put("/r/s.jsonl", [request(session="s", at_ms=at_ms)])
    assert [key for key, _ in spend.grouped(book.ledger, "week", Filter(), UTC)] == [week]


@pytest.mark.parametrize(
    ("project", "sessions"),
    [
        ("/home/dev/app", {"s0", "s1"}), ("/home/dev/app/", {"s0", "s1"}), ("/home/dev/ap", set()),
        ("/home/dev/app/sub", {"s1"}), ("app", {"s0", "s2"}), ("sub", {"s1"}), ("pp", set()),
        ("/", {"s0", "s1", "s2"}), ("%", set()), ("dev/app", {"s0"}), ("", {"s0", "s1", "s2"}),
    ],
)  # fmt: skip
def test_projects_by_path_or_name(book: Book, project: str, sessions: set[str]) -> None:
    found = spend.grouped(book.ledger, "session", Filter(project=project), UTC)
    assert {key for key, _ in found} == sessions


@pytest.mark.parametrize(
    ("model", "models"),
    [
        ("claude-x-1", {"claude-x-1"}), ("claude-x", {"claude-x-1", "claude-x-12"}),
        ("X-12", {"claude-x-12"}), ("free", {"free"}), ("none such", set()), ("%", set()),
    ],
)  # fmt: skip
def test_a_model_exactly_or_in_part(book: Book, model: str, models: set[str]) -> None:
    where = Filter(model=model)
    assert {key for key, _ in spend.grouped(book.ledger, "model", where, UTC)} == models
    explained = [
        request
        for key in stored.all_keys(book.ledger)
        for request in explain.requests(book.ledger, key, model=model)
    ]
    assert {request.model for request in explained} == models
    assert len(explained) == spend.total(book.ledger, where).requests


def test_conditions_are_joined(book: Book) -> None:
    keys = stored.keys_of(book.ledger, ["s2", "s0", "none"])
    where = Filter(source="codex", sessions=keys, since_ms=START + QUARTER // 2, model="claude")
    inside = [
        row
        for row in _rows(book)
        if row["session_id"] == "s2" and row["at_ms"] >= START + QUARTER // 2
        and str(row["model_name"]).startswith("claude")
    ]  # fmt: skip
    assert _of(spend.total(book.ledger, where)) == _figures(inside)
    assert spend.total(book.ledger, Filter(sessions=())).requests == 0


def test_costs_of_models_by_agent(book: Book) -> None:
    want: dict[tuple[int, str], int] = {}
    for row in _rows(book):
        if row["model_name"] is not None:
            key = row["agent"], row["model_name"]
            want[key] = want.get(key, 0) + (row["cost_pico"] or 0)
    found = spend.models_by_agent(book.ledger, Filter())
    assert {(a, m): cost for a, costs in found.items() for m, cost in costs.items()} == want


def test_ids_by_prefix(book: Book) -> None:
    record = stored.records(book.ledger, [stored.find(book.ledger, "s2")])[0]
    assert (record.id, record.source) == ("s2", "codex")
    assert [a.kind for a in record.agents][0] is AgentKind.MAIN
    for prefix, what in (("s", "ambiguous"), ("", "no session"), ("x", "no session")):
        with pytest.raises(NotFound, match=what):
            stored.find(book.ledger, prefix)


def test_spans_of_one_agent_never_overlap(tmp_path: Path) -> None:
    """A turn that was never closed ends where the agent's next one begins."""
    book = Book(tmp_path)
    at: dict[str, Any] = {"session_id": "a", "agent_id": "a", "line": 1}
    starts = [TurnStarted(id=f"t{n}", at_ms=AT_MS + n * 1000, **at) for n in range(3)]
    ends = [
        TurnEnded(turn_id="t1", at_ms=AT_MS + 1500, **at),
        TurnEnded(turn_id="t2", at_ms=AT_MS + 5000, **at),
    ]
    book.put("/r/a.jsonl", [*starts, *ends], which=Pass.DETAIL, last_ms=AT_MS + 9000)
    spans = stored.working_spans(book.ledger, AT_MS - 1, AT_MS + 10_000)
    assert spans == [
        (AT_MS, AT_MS + 1000), (AT_MS + 1000, AT_MS + 1500), (AT_MS + 2000, AT_MS + 5000),
    ]  # fmt: skip
    late = stored.working_spans(book.ledger, AT_MS + 1200, AT_MS + 10_000)
    assert late == [(AT_MS + 1200, AT_MS + 1500), (AT_MS + 2000, AT_MS + 5000)]
