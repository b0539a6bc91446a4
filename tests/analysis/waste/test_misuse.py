"""Calls that could not work."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waste.build import SECOND, SONNET, call, request, run, session, strand, turn
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.analysis.waste.misuse import DETECTORS

(MISUSE,) = DETECTORS
TRIP = 50_000 * SONNET.cache_read + 60 * SONNET.output


def faulty(n: int, fault: str = "not-found", **more: Any) -> dict[str, list[Any]]:
    return {
        "requests": [request(n, n * SECOND, read=50_000, output=60)],
        "calls": [call(n, n, n * SECOND, name="Edit", ok=False, fault=fault, **more)],
    }


def turns(*faults: str) -> list[Turn]:
    return [turn(n, **faulty(n, fault)) for n, fault in enumerate(faults)]


def test_the_third_of_a_session_tells_all() -> None:
    assert run(MISUSE, turns("not-found", "not-found")) == {}
    found = run(MISUSE, turns(*["not-found"] * 3))
    assert found["not-found"].granted == ((0, TRIP), (1, TRIP), (2, TRIP))
    found = run(MISUSE, turns(*["not-found"] * 5))
    assert found["not-found"].counts["calls"] == 5
    assert found["not-found"].wasted == 5 * TRIP
    assert len(found["not-found"].evidence) == 5
    told = MISUSE.tell(found["not-found"])
    assert "5 calls" in told.headline and "CLAUDE.md" in told.advice


def test_each_fault_by_itself() -> None:
    mixed = ["not-found", "not-read", "no-file"] * 2
    assert run(MISUSE, turns(*mixed)) == {}
    assert run(MISUSE, turns(*mixed, "not-read")).keys() == {"not-read"}


def test_all_agents_together() -> None:
    others = [strand(f"a{n}", **faulty(n)) for n in range(3)]
    found = run(MISUSE, [turn(1, others=others)])
    assert found["not-found"].wasted == 3 * TRIP
    assert found["not-found"].agent_id is None


def test_refused_and_interrupted_calls_are_none() -> None:
    for field in ("denied", "interrupted"):
        assert run(MISUSE, [turn(n, **faulty(n, **{field: True})) for n in range(4)]) == {}


def test_other_failures_are_none() -> None:
    assert run(MISUSE, turns(*[""] * 9)) == {}


def test_unpriced() -> None:
    free = [
        turn(n, requests=[request(n, read=9, price=None)], calls=faulty(n)["calls"])
        for n in range(5)
    ]
    assert run(MISUSE, free) == {}


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("not-read", "read a file before"),
        ("changed", "formatter"),
        ("ambiguous", "the only one"),
        ("too-large", "offset and limit"),
        ("no-file", "AGENTS.md"),
        ("cancelled", "alone"),
        ("of a new kind", "AGENTS.md"),
    ],
)
def test_advice(fault: str, word: str) -> None:
    found = run(MISUSE, turns(*[fault] * 3), session("codex"))
    assert word in MISUSE.tell(found[fault]).advice
