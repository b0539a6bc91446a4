"""What of the ledger the guard goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.guard.states import NOW_MS, SESSION
from tests.store.batches import Book, request
from tokenwatch.analysis.budgets import Span
from tokenwatch.analysis.budgets import State as How
from tokenwatch.analysis.waste.finding import Finding, Kind, Tier
from tokenwatch.answers import budgets as answers
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget, Scope
from tokenwatch.config.guard import GuardConfig
from tokenwatch.guard.gather import BEYOND_MS, LOOP_MS, gather
from tokenwatch.guard.record import UNSEEN_MS
from tokenwatch.guard.state import HOOK, read, write
from tokenwatch.model import NO_SPEND, AgentKind, State
from tokenwatch.snapshot import AgentRow, SessionRow
from tokenwatch.store import budgets as stored
from tokenwatch.store import findings
from tokenwatch.store.ledger import Ledger

if TYPE_CHECKING:
    from tokenwatch.guard import state as guard

TOMORROW = NOW_MS + 10 * 3_600_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger.open(tmp_path / "ledger.sqlite")
    yield found
    found.close()


def agent(name: str | None, at: State = State.WORKING, ago_ms: int = 60_000) -> AgentRow:
    kind = AgentKind.MAIN if name is None else AgentKind.SUBAGENT
    return AgentRow(
        session_id=SESSION,
        id=SESSION if name is None else name,
        source="claude-code",
        parent_id=None,
        kind=kind,
        name=name,
        task=None,
        model="claude-opus-5-5",
        state=at,
        started_ms=NOW_MS - ago_ms,
        last_ms=NOW_MS,
        spend=NO_SPEND,
    )


def row(*agents: AgentRow, **more: Any) -> SessionRow:
    given: dict[str, Any] = {
        "id": SESSION,
        "source": "claude-code",
        "title": None,
        "project": "/w/app",
        "git_branch": None,
        "models": (),
        "started_ms": NOW_MS - 60_000,
        "last_ms": NOW_MS,
        "state": State.WORKING,
        "spend": NO_SPEND,
        "agents": agents or (agent(None),),
    }
    return SessionRow(**(given | more))


def standing(spent: str, at: How = How.EXCEEDED, **more: Any) -> Standing:
    given: dict[str, Any] = {"name": "daily", "limit": Decimal(20), "hard": True}
    of = Budget(**(given | more))
    span = Span(NOW_MS, TOMORROW) if of.period == "day" else None
    return Standing(of, Decimal(spent), None, at, span=span, session_id=SESSION)


def taken(
    ledger: Ledger,
    *every: Standing,
    rows: tuple[SessionRow, ...] = (),
    how: GuardConfig | None = None,
) -> guard.State:
    how = GuardConfig() if how is None else how
    return gather(ledger, every, how, lambda: rows, now_ms=NOW_MS, zone=UTC, by=HOOK)


@pytest.fixture(autouse=True)
def _no_outlooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a budget goes stops nothing, and who is kept waiting need not pay for it."""
    monkeypatch.setattr(answers, "Outlooks", None)


def test_hard_budgets_that_are_exceeded_are_told(ledger: Ledger) -> None:
    soft = standing("30", hard=False)
    near = standing("19", How.WARNING, name="near")
    (found,) = taken(ledger, soft, near, standing("20.4"))["budgets"]
    assert found == {
        "name": "daily",
        "kind": "all",
        "value": "",
        "words": "Budget daily: $20.40 of $20.00 used today",
        "until_ms": TOMORROW,
        "sessions": None,
        "turn": False,
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"period": "week"}, "Budget daily: $30.00 of $20.00 used this week"),
        (
            {"period": "5h", "unit": "requests"},
            "Budget daily: 30 of 20 requests used in five hours",
        ),
        ({"period": "month", "unit": "tokens"}, "Budget daily: 30 of 20 tokens used this month"),
        (
            {"period": "5h", "unit": "window-percent"},
            "Budget daily: 30% of the plan's 5h window used, 20% allowed",
        ),
    ],
)
def test_each_unit_has_its_words(ledger: Ledger, more: dict[str, Any], words: str) -> None:
    (found,) = taken(ledger, standing("30", **more))["budgets"]
    assert found["words"] == words


def test_a_rolling_period_has_no_end(ledger: Ledger) -> None:
    five = standing("30", period="5h")._replace(span=Span(0, NOW_MS + 1))
    (found,) = taken(ledger, five)["budgets"]
    assert found["until_ms"] is None
    window = five._replace(budget=five.budget._replace(unit="window-percent"))
    (found,) = taken(ledger, window)["budgets"]
    assert found["until_ms"] == NOW_MS + 1


@pytest.mark.parametrize(
    ("wanted", "stopped"),
    [
        ("opus", ["a"]),
        ("Opus", ["a"]),
        ("claude-opus-5-5", ["a"]),
        # Of that name there is one: others that only begin so are not meant.
        ("gpt-5", ["b"]),
        ("gpt", ["b", "c"]),
        ("sonnet", []),
    ],
)
def test_a_model_stops_the_sessions_that_use_it(
    ledger: Ledger, wanted: str, stopped: list[str]
) -> None:
    models = {"a": "claude-opus-5-5", "b": "gpt-5", "c": "gpt-5-codex"}
    with ledger.transaction():
        ledger.sql.executemany("INSERT INTO models (name) VALUES (?)", zip(models.values()))
    rows = [row(replace(agent(None), model=model), id=name) for name, model in models.items()]
    of_model = standing("30", scope=Scope("model", wanted))
    (found,) = taken(ledger, of_model, rows=tuple(rows))["budgets"]
    assert found["sessions"] == stopped


@pytest.mark.parametrize(
    ("kind", "at", "hit"),
    [
        (None, State.ENDED, True),
        ("Explore", State.WORKING, True),
        ("Explore", State.WAITING, True),
        ("Explore", State.ENDED, False),
    ],
)
def test_a_subagent_that_ended_uses_no_model(
    ledger: Ledger, kind: str | None, at: State, hit: bool
) -> None:
    with ledger.transaction():
        ledger.sql.execute("INSERT INTO models (name) VALUES ('claude-opus-5-5')")
    main = replace(agent(None), model="claude-sonnet-5")
    of_model = standing("30", scope=Scope("model", "opus"))
    (found,) = taken(ledger, of_model, rows=(row(main, agent(kind, at)),))["budgets"]
    assert found["sessions"] == [SESSION] * hit


def test_a_project_stops_its_sessions_wherever_they_go(ledger: Ledger) -> None:
    of_project = standing("30", scope=Scope("project", "/w/app"))
    rows = (row(), row(id="below", project="/w/app/x"), row(id="other", project="/w/apple"))
    (found,) = taken(ledger, of_project, rows=rows)["budgets"]
    assert (found["sessions"], found["within"]) == (None, [SESSION, "below"])


def asked(folder: Path, **sessions: int) -> tuple[SessionRow, ...]:
    """Let sessions have so many requests to a model; return their rows."""
    book = Book(folder)
    for name, many in sessions.items():
        requests = [request(f"{name}{each}", name, line=each + 1) for each in range(many)]
        book.put(f"{name}.jsonl", requests)
    book.ledger.close()
    return tuple(row(id=name) for name in sessions)


def test_each_session_beyond_a_budget_of_a_model_is_stopped(ledger: Ledger, tmp_path: Path) -> None:
    rows = asked(tmp_path, a=3, b=2, c=1)
    each = standing(
        "3", unit="requests", limit=Decimal(2), period="session", scope=Scope("model", "m")
    )._replace(session_id="a")
    found = taken(ledger, each, rows=rows)["budgets"]
    assert [one["sessions"] for one in found] == [["b"], ["a"]]
    assert found[0]["words"] == "Budget daily: 2 of 2 requests used in this session"
    usd = standing("1", limit=Decimal("0.000000000000001"), period="session")
    of_model = usd._replace(budget=usd.budget._replace(scope=Scope("model", "m")), session_id="a")
    found = taken(ledger, of_model, rows=rows)["budgets"]
    assert [one["sessions"] for one in found] == [["b"], ["c"], ["a"]]
    other = of_model._replace(budget=usd.budget._replace(scope=Scope("model", "none")))
    assert [one["sessions"] for one in taken(ledger, other, rows=rows)["budgets"]] == [["a"]]


def test_each_session_that_begins_so_is_stopped(ledger: Ledger, tmp_path: Path) -> None:
    rows = asked(tmp_path, aa=3, ab=2, ac=1, b=9)
    each = standing(
        "3", unit="requests", limit=Decimal(2), period="session", scope=Scope("session", "a")
    )._replace(session_id="aa")
    for shown in (rows, rows[1:]):
        found = taken(ledger, each, rows=shown)["budgets"]
        assert sorted(one["sessions"] or [] for one in found) == [["aa"], ["ab"]]


@pytest.mark.parametrize("kind", ["model", "agent"])
def test_a_session_of_a_model_is_the_highest_one(ledger: Ledger, kind: str) -> None:
    each = standing("30", period="session", scope=Scope(kind, "opus"))
    (found,) = taken(ledger, each, rows=(row(),))["budgets"]
    assert (found["sessions"], found["turn"]) == ([SESSION], False)


def test_caps_and_who_runs_are_told(ledger: Ledger) -> None:
    each = standing("9", unit="agents", period="session", limit=Decimal(3))
    all_day = standing("9", How.OK, name="day", unit="agents", limit=Decimal(5))
    agents = (
        agent(None),
        agent("Explore", ago_ms=UNSEEN_MS),
        agent("Plan", State.ENDED, ago_ms=UNSEEN_MS + 1),
        agent("Old", State.WAITING, ago_ms=11 * 60_000),
        replace(agent("Compact"), kind=AgentKind.AUXILIARY),
    )
    found = taken(ledger, each, all_day, rows=(row(*agents),))
    assert found["budgets"] == []
    assert [(cap["limit"], cap["each"]) for cap in found["caps"]] == [(3, True), (5, False)]
    (running,) = found["running"]
    assert running["names"] == ["main", "explore", "old"]
    assert (running["fresh"], running["spawned"]) == (["explore"], 2)


def test_rows_are_not_asked_for_in_vain(ledger: Ledger) -> None:
    def never() -> list[SessionRow]:
        raise AssertionError

    how = GuardConfig(loops="off")
    near = standing("9", How.WARNING, period="session")
    every = [standing("30"), near, standing("9", How.WARNING, scope=Scope("model", "opus"))]
    found = gather(ledger, every, how, never, now_ms=NOW_MS, zone=UTC, by=HOOK)
    assert (found["over_budget"], found["loops"]) == ("block", "off")


def test_allowances_are_told(ledger: Ledger) -> None:
    stored.allow(ledger, stored.Allowance(NOW_MS, NOW_MS + 1, None))
    stored.allow(ledger, stored.Allowance(NOW_MS, None, SESSION))
    stored.allow(ledger, stored.Allowance(NOW_MS, NOW_MS, None))
    assert taken(ledger)["allowances"] == [
        {"until_ms": NOW_MS + 1, "session_id": None},
        {"until_ms": None, "session_id": SESSION},
    ]


def loop(last_ms: int, kind: Kind = Kind.LOOP) -> Finding:
    return Finding(
        kind=kind,
        key="k",
        tier=Tier.LIKELY,
        cause=None,
        agent_id=None,
        first_ms=last_ms - 1000,
        last_ms=last_ms,
        asked=0,
        granted=(),
        low=0,
        high=0,
        evidence=(),
        counts={"times": 5, "ms": 1000},
        names={"how": "alternating", "what": "ls", "other": "cat"},
        signature="s",
        conditional=False,
    )


@pytest.mark.parametrize(
    ("last_ms", "gone_on_ms", "kind", "hit"),
    [
        (NOW_MS, 0, Kind.LOOP, True),
        (NOW_MS - LOOP_MS, 0, Kind.LOOP, True),
        (NOW_MS - LOOP_MS - 1, 0, Kind.LOOP, False),
        (NOW_MS - BEYOND_MS, BEYOND_MS, Kind.LOOP, True),
        (NOW_MS - BEYOND_MS - 1, BEYOND_MS + 1, Kind.LOOP, False),
        (NOW_MS, 0, Kind.REPEATED_FAILURE, False),
    ],
)
def test_a_loop_is_told_while_it_lasts(
    ledger: Ledger, last_ms: int, gone_on_ms: int, kind: Kind, hit: bool
) -> None:
    with ledger.transaction():
        for sql in (
            f"INSERT INTO sessions (key, source, id) VALUES (1, 'claude-code', '{SESSION}')",
            f"INSERT INTO agents (key, session, id, kind) VALUES (1, 1, '{SESSION}', 'main')",
            "INSERT INTO prompts VALUES (1, 'p', 1, 0, 1, 1, 0, NULL, 0, 0, x'')",
        ):
            ledger.sql.execute(sql)
        findings.write(ledger, 1, SESSION, {(kind, "k"): loop(last_ms, kind)})
    found = taken(ledger, rows=(row(last_ms=last_ms + gone_on_ms),))["looping"]
    assert [each["last_ms"] for each in found] == [last_ms] * hit
    assert [each["words"] for each in found] == ["ls and cat in turn, 5 calls"] * hit
    ended = row(agent(None, State.ENDED), last_ms=last_ms)
    assert taken(ledger, rows=(ended,))["looping"] == []


def test_what_is_gathered_can_be_written(ledger: Ledger, tmp_path: Path) -> None:
    found = taken(ledger, standing("30"), rows=(row(),))
    write(str(tmp_path), found)
    assert read(str(tmp_path), NOW_MS) == (found, "")
