"""What sessions spent minute by minute, as a pace is made of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.store.batches import AT_MS, Book, request
from tokenwatch.model import AgentKind
from tokenwatch.store import budgets, sessions
from tokenwatch.store.budgets import Minute
from tokenwatch.store.ledger import Ledger

MINUTE = 60_000
ONE = 5 + 2 * 1 + 3 * 6 + 4 * 10 + 5 * 25
"""Cost of an invented request, of 15 tokens."""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Two sessions, the first with a subagent of another model."""
    book = Book(tmp_path)
    times = (0, 1000, 59_999, 60_000, 20 * MINUTE)
    book.put(
        "/r/a.jsonl",
        [request(f"a{n}", "a", at_ms=AT_MS + at, line=n + 1) for n, at in enumerate(times)],
    )
    book.put(
        "/r/a/sub.jsonl",
        [request("s0", "a", agent_id="sub", at_ms=AT_MS + 500, model="free")],
        session_id="a",
        agent_id="sub",
        kind=AgentKind.SUBAGENT,
    )
    book.put("/r/b.jsonl", [request("b0", "b", at_ms=AT_MS + 2000)])
    return book.ledger


def key(ledger: Ledger, name: str) -> int:
    (found,) = sessions.keys_of(ledger, [name])
    return found


def asked(ledger: Ledger, until: int = 30 * MINUTE, since: int = 0, **more: Any) -> list[Minute]:
    return sorted(budgets.minutes(ledger, AT_MS + since, AT_MS + until, **more))


def test_minutes_are_counted_from_the_epoch(ledger: Ledger) -> None:
    a, b = key(ledger, "a"), key(ledger, "b")
    assert asked(ledger) == sorted(
        [
            Minute(a, AT_MS + 500, 0, 15, 1),
            Minute(a, AT_MS + 59_999, 3 * ONE, 45, 3),
            Minute(a, AT_MS + 60_000, ONE, 15, 1),
            Minute(a, AT_MS + 20 * MINUTE, ONE, 15, 1),
            Minute(b, AT_MS + 2000, ONE, 15, 1),
        ]
    )


@pytest.mark.parametrize(
    ("since", "until", "requests"),
    [(0, 0, 1), (1, 1000, 2), (1001, 59_999, 2), (0, 59_998, 4), (60_001, 20 * MINUTE - 1, 0)],
)
def test_both_ends_are_included(ledger: Ledger, since: int, until: int, requests: int) -> None:
    assert sum(each.requests for each in asked(ledger, until, since)) == requests


def test_only_what_is_asked_for(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = key(ledger, "a"), key(ledger, "b")

    def of(**more: Any) -> dict[int, int]:
        counts: Counter[int] = Counter()
        for each in asked(ledger, **more):
            counts[each.session] += each.requests
        return dict(counts)

    assert of() == of(sessions=(b, a)) == {a: 6, b: 1}
    assert of(sessions=(b,)) == {b: 1} and of(sessions=()) == {}
    main, sub = budgets.agents_called(ledger, "main"), budgets.agents_called(ledger, "x")
    assert of(agents=main) == {a: 5, b: 1} and of(agents=sub) == {}
    assert of(model="free") == {a: 1} and of(model="m", sessions=(a,)) == {a: 5}
    assert of(model="unheard-of") == {}
    monkeypatch.setattr(budgets, "_PART", 1)
    assert of(sessions=(a, b)) == {a: 6, b: 1}


def test_a_ledger_without_anything(tmp_path: Path) -> None:
    assert asked(Book(tmp_path).ledger) == []
    assert asked(Book(tmp_path / "x").ledger, 0, 10) == []
