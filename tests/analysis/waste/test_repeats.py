"""Calls over and over, and failures that nothing was done about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.waste.build import (
    MINUTE,
    SECOND,
    SONNET,
    call,
    compaction,
    edit,
    prompt,
    request,
    run,
    session,
    strand,
    turn,
)
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.analysis.waste.history import Call, Request, Turn
from tokenwatch.analysis.waste.repeats import DETECTORS

LOOP, FAILURE = DETECTORS
TRIP = 50_000 * SONNET.cache_read + 60 * SONNET.output


def requests(number: int) -> list[Request]:
    return [request(n, n * SECOND, read=50_000, write_5m=90, output=60) for n in range(number)]


def done(*steps: str | tuple[str, str] | tuple[str, str, bool], **more: Any) -> list[Call]:
    """Return a call for each step: a command, its result, whether it went well."""
    calls = []
    for n, step in enumerate(steps):
        command, result, ok = (*((step,) if isinstance(step, str) else step), "fine", True)[:3]
        if not isinstance(step, str) and len(step) == 2:
            ok = True
        calls.append(
            call(n, n, n * SECOND, command=command, result=str(result), ok=bool(ok), **more)
        )
    return calls


def work(calls: Sequence[Call], **more: Any) -> list[Turn]:
    return [turn(1, requests=requests(len(calls)), calls=calls, **more)]


RED = ("npm test", "1 failed", False)
OTHER_RED = ("npm test", "2 failed", False)


def test_the_same_call_four_times() -> None:
    finding = run(LOOP, work(done("ls", *["git status"] * 4, "cat x")))["c1"]
    assert finding.granted == ((2, TRIP), (3, TRIP), (4, TRIP))
    assert finding.tier is Tier.LIKELY
    assert (finding.low, finding.high) == (TRIP, 3 * TRIP)
    told = LOOP.tell(finding)
    assert told.headline == "Bash git repeated 4 times with the same result"
    assert "Esc" in told.advice


def test_three_times_is_no_loop() -> None:
    assert run(LOOP, work(done(*["git status"] * 3))) == {}


def test_other_results_are_no_loop() -> None:
    assert run(LOOP, work(done(*[("npm test", f"{n} failed", False) for n in range(6)]))) == {}


def test_waiting_is_no_loop() -> None:
    calls = [one._replace(purpose="wait") for one in done(*["gh run view"] * 8)]
    assert run(LOOP, work(calls)) == {}


def test_within_twenty_calls() -> None:
    def spread(gap: int) -> list[Call]:
        steps = []
        for n in range(4):
            steps += ["git status", *[f"cat {n} {m}" for m in range(gap)]]
        return done(*steps)

    assert run(LOOP, work(spread(5)))  # positions 0, 6, 12, 18
    assert run(LOOP, work(spread(6))) == {}  # 0, 7, 14, 21


def test_success_after_edits_is_progress_and_equal_failure_is_not() -> None:
    edits = [edit(90 + n, n * SECOND + 500) for n in range(6)]
    assert run(LOOP, work(done(*["make"] * 5), edits=edits)) == {}
    finding = run(LOOP, work(done(*[RED] * 4), edits=edits))["c0"]
    assert finding.counts["times"] == 4


def test_three_equal_failures_are_left_to_the_other_kind() -> None:
    calls = done(RED, RED, RED)
    assert run(LOOP, work(calls)) == {}
    assert run(FAILURE, work(calls)).keys() == {"c0"}
    assert run(LOOP, work(done(RED, OTHER_RED, RED, OTHER_RED, RED))) == {}


def test_one_loop_is_one_finding() -> None:
    found = run(LOOP, work(done(*[RED] * 6)))
    assert found.keys() == {"c0"}
    assert found["c0"].wasted == 5 * TRIP
    assert "with the same failure" in LOOP.tell(found["c0"]).headline


def test_two_calls_in_turn() -> None:
    steps = ["git status", "git diff"] * 3
    found = run(LOOP, work(done("ls", *steps)))
    assert found.keys() == {"c1"}
    assert found["c1"].wasted == 4 * TRIP
    assert "in turn" in LOOP.tell(found["c1"]).headline
    assert run(LOOP, work(done(*steps[:5]))) == {}
    longer = run(LOOP, work(done(*steps, *steps)))
    assert [finding.counts["times"] for finding in longer.values()] == [12]


def test_one_call_with_two_results_in_turn_is_no_loop() -> None:
    assert run(LOOP, work(done(*[RED, "npm test"] * 5, RED))) == {}


def test_calls_that_never_ran_are_no_loop() -> None:
    calls = [one._replace(fault="cancelled") for one in done(*[RED] * 6)]
    assert run(LOOP, work(calls)) == {}


def test_a_turn_begins_anew() -> None:
    calls = done(*["git status"] * 6)
    turns = [
        turn(1, requests=requests(3), calls=calls[:3]),
        turn(2, requests=requests(6)[3:], calls=calls[3:]),
    ]
    assert run(LOOP, turns) == {}


def test_compactions_in_quick_succession() -> None:
    def full(*minutes: int, trigger: str = "auto") -> list[Turn]:
        return [
            turn(n, minute * MINUTE, compactions=[compaction(minute * MINUTE, trigger)])
            for n, minute in enumerate(minutes)
        ]

    (finding,) = run(LOOP, full(0, 15, 30, 40)).values()
    assert finding.tier is Tier.LOOK
    assert finding.counts["times"] == 4
    assert finding.wasted == 0
    assert "4 times" in LOOP.tell(finding).headline
    assert run(LOOP, full(0, 15, 31)) == {}
    assert run(LOOP, full(0, 15, 31, 44)).values()
    assert run(LOOP, full(0, 10)) == {}
    assert run(LOOP, full(0, 1, 2, trigger="manual")) == {}


def test_failed_again_with_nothing_changed() -> None:
    found = run(FAILURE, work(done(RED, "ls", OTHER_RED, RED)))
    finding = found["c0"]
    assert finding.granted == ((2, TRIP), (3, TRIP))
    assert finding.tier is Tier.PROVED
    told = FAILURE.tell(finding)
    assert "failed 3 times" in told.explanation
    assert "CLAUDE.md" in told.advice


def test_failed_once() -> None:
    assert run(FAILURE, work(done(RED, "ls", ("npm run build", "no", False)))) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"edits": [edit(9, 500)]},
        {"prompts": [prompt(1, -SECOND), prompt(2, 500, queued=True)]},
        {"others": [strand("a1", edits=[edit(9, 500)])]},
        {"others": [strand("a1", calls=[call(9, None, 500, command="sed", purpose="write")])]},
    ],
)
def test_something_changed_in_between(more: dict[str, Any]) -> None:
    assert run(FAILURE, work(done(RED, RED), **more)) == {}


def test_a_write_that_failed_changes_nothing() -> None:
    calls = done(RED, ("sed", "no such file", False), RED)
    calls[1] = calls[1]._replace(purpose="write")
    assert run(FAILURE, work(calls)).keys() == {"c0"}
    calls[1] = calls[1]._replace(ok=True)
    assert run(FAILURE, work(calls)) == {}


def test_a_success_ends_the_row() -> None:
    assert run(FAILURE, work(done(RED, "npm test", RED))) == {}
    found = run(FAILURE, work(done(RED, RED, "npm test", RED, RED, RED)))
    assert {key: finding.counts["times"] for key, finding in found.items()} == {"c0": 2, "c3": 3}


@pytest.mark.parametrize(
    "change", [{"denied": True}, {"interrupted": True}, {"fault": "cancelled"}, {"done_ms": None}]
)
def test_refused_interrupted_cancelled_and_unfinished(change: dict[str, Any]) -> None:
    calls = done(RED, RED)
    calls[1] = calls[1]._replace(**change)
    assert run(FAILURE, work(calls)) == {}


def test_two_at_once_are_one_try() -> None:
    calls = [one._replace(request_key=0, at_ms=one.at_ms) for one in done(RED, RED)]
    assert run(FAILURE, work(calls)) == {}


def test_round_trips_are_shared_among_calls() -> None:
    calls = [*done(RED, RED), call(7, 1, SECOND, command="cat notes")]
    assert run(FAILURE, work(calls))["c0"].wasted == TRIP // 2


def test_waits_that_fail_are_polling() -> None:
    calls = [one._replace(purpose="wait") for one in done(RED, RED, RED)]
    assert run(FAILURE, work(calls)) == run(LOOP, work(calls)) == {}


def test_unpriced() -> None:
    calls = done(RED, RED, RED, RED)
    free = [one._replace(price=None) for one in requests(4)]
    turns = [turn(1, requests=free, calls=calls)]
    assert run(FAILURE, turns) == run(LOOP, turns) == {}


def test_where_codex_keeps_its_notes() -> None:
    found = run(FAILURE, work(done(RED, RED)), session("codex"))
    assert "AGENTS.md" in FAILURE.tell(found["c0"]).advice
