"""Looks at how something is getting on."""

from __future__ import annotations

from typing import Any

from tests.analysis.waste.build import MINUTE, SONNET, call, request, run, session, strand, turn
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.analysis.waste.polling import DETECTORS

(POLLING,) = DETECTORS
TRIP = 60_000 * SONNET.cache_read + 80 * SONNET.output


def polls(number: int, *, first: int = 0, **more: Any) -> dict[str, list[Any]]:
    """Return requests with a look each at the same task."""
    keys = range(first, first + number)
    return {
        "requests": [request(n, n * MINUTE, read=60_000, write_5m=100, output=80) for n in keys],
        "calls": [
            call(n, n, n * MINUTE, **{"command": "gh run view", "purpose": "wait", **more})
            for n in keys
        ],
    }


def test_all_but_the_first_two() -> None:
    found = run(POLLING, [turn(1, **polls(5))])
    assert found.keys() == {"c0"}
    finding = found["c0"]
    assert finding.granted == ((2, TRIP), (3, TRIP), (4, TRIP))
    assert finding.counts["polls"] == 5
    assert len(finding.evidence) == 5
    told = POLLING.tell(finding)
    assert "5 times" in told.headline and "Bash gh" in told.explanation
    assert "run_in_background" in told.advice


def test_two_are_fine() -> None:
    assert run(POLLING, [turn(1, **polls(2))]) == {}
    assert run(POLLING, [turn(1, **polls(3))])


def test_a_new_turn_begins_anew() -> None:
    assert run(POLLING, [turn(1, **polls(2)), turn(2, **polls(2, first=2))]) == {}


def test_other_work_in_the_same_request() -> None:
    parts = polls(5)
    for n in (3, 4):
        parts["calls"].append(call(10 + n, n, n * MINUTE, command="make docs"))
    found = run(POLLING, [turn(1, **parts)])
    assert [key for key, _ in found["c0"].granted] == [2]


def test_two_tasks_share_a_request() -> None:
    parts = polls(4)
    parts["calls"] += [
        call(10 + n, n, n * MINUTE, command="kubectl get job", purpose="wait") for n in range(4)
    ]
    found = run(POLLING, [turn(1, **parts)])
    assert found.keys() == {"c0", "c10"}
    assert found["c0"].granted == found["c10"].granted == ((2, TRIP // 2), (3, TRIP // 2))


def test_different_tasks_are_not_one() -> None:
    parts = polls(6)
    parts["calls"] = [
        one._replace(likeness=f"run {n % 3}".encode()) for n, one in enumerate(parts["calls"])
    ]
    assert run(POLLING, [turn(1, **parts)]) == {}


def test_a_subagent_that_polls() -> None:
    found = run(POLLING, [turn(1, others=[strand("a1", **polls(3))])])
    assert found["c0"].agent_id == "a1"


def test_no_wait_no_finding() -> None:
    assert run(POLLING, [turn(1, **polls(9, purpose="check"))]) == {}


def test_unpriced_or_without_a_request() -> None:
    parts = polls(5)
    turns: list[Turn] = [turn(1, calls=parts["calls"])]
    assert run(POLLING, turns) == {}
    unpriced = [one._replace(price=None) for one in parts["requests"]]
    assert run(POLLING, [turn(1, requests=unpriced, calls=parts["calls"])]) == {}


def test_advice_for_codex() -> None:
    found = run(POLLING, [turn(1, **polls(4, name="write_stdin"))], session("codex"))
    assert "yield_time_ms" in POLLING.tell(found["c0"]).advice
