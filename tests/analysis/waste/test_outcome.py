"""Turns and sessions of which no result is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.waste.worked import (
    MINUTE,
    call,
    edit,
    prompt,
    request,
    run,
    run_growing,
    session,
    strand,
    turn,
)
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.analysis.waste.history import Call, Commit, Turn
from tokenwatch.analysis.waste.outcome import DETECTORS
from tokenwatch.wording import Wording

EXPLORING, NOTHING = DETECTORS
OVER = session(is_over=True)
TASK = Wording(kind="task", words=12, grams=tuple(range(96)), files=(7,), entities=(9,))
OTHER = Wording(kind="task", words=12, grams=tuple(range(1000, 1096)), files=(8,))


def _reads(count: int, at_ms: int = 0, purpose: str = "read") -> list[Call]:
    return [call(1_000 + n, 1, at_ms + n, purpose=purpose) for n in range(count)]


def _turn(
    number: int = 1,
    wording: Wording = TASK,
    *,
    reads: int = 30,
    output: int = 50,
    how: str | None = "completed",
    is_last: bool = False,
    calls: Sequence[Call] = (),
    scripted: bool = False,
    **parts: Any,
) -> Turn:
    """Return a turn; 100,000 tokens of output make $1.50."""
    at_ms = number * MINUTE
    made = turn(
        number,
        at_ms,
        is_last=is_last,
        ended=at_ms + 30_000,
        prompts=[prompt(number, at_ms, wording=wording, scripted=scripted)],
        requests=[
            request(10 * number, at_ms, output=0), request(10 * number + 1, at_ms, output=output)
        ],
        calls=[*_reads(reads, at_ms), *calls],
        **parts,
    )  # fmt: skip
    return replace(made, how=how)


def _next(wording: Wording, number: int = 2, **more: Any) -> Turn:
    return _turn(number, wording, reads=0, **more)


def test_the_next_prompt_asks_for_something_else() -> None:
    found = run(EXPLORING, [_turn(), _next(OTHER)])
    assert set(found) == {"t1"}
    finding = found["t1"]
    assert finding.kind is Kind.FRUITLESS_EXPLORATION and finding.cause == "moved-on"
    assert finding.asked == 0 and finding.counts["reads"] == 30
    assert "30 reads and searches" in EXPLORING.tell(finding).headline


@pytest.mark.parametrize(
    ("following", "cause"),
    [
        (Wording(kind="complaint", complaint=2), "rejected"),
        (TASK, "asked-again"),
        (Wording(kind="task", grams=TASK.grams[:90]), "asked-again"),
    ],
)
def test_what_the_next_prompt_says(following: Wording, cause: str) -> None:
    answered = _turn(output=5_000)
    assert run(EXPLORING, [answered, _next(following)])["t1"].cause == cause


@pytest.mark.parametrize(
    "following",
    [
        Wording(kind="task", accepts=True, grams=OTHER.grams),
        Wording(kind="control"),
        Wording(kind="chore"),
        Wording(kind="question", grams=OTHER.grams),
        Wording(kind="evidence", grams=OTHER.grams),
        Wording(kind="task", grams=OTHER.grams, files=(7,)),
        Wording(kind="task", grams=OTHER.grams, entities=(9,)),
    ],
)
def test_the_next_prompt_goes_on_from_it(following: Wording) -> None:
    assert not run(EXPLORING, [_turn(), _next(following)])


def test_a_long_answer_is_a_result() -> None:
    assert not run(EXPLORING, [_turn(output=400), _next(OTHER)])
    assert run(EXPLORING, [_turn(output=399), _next(OTHER)])
    assert not run(EXPLORING, [_turn(output=400, is_last=True)], OVER)


def test_broken_off() -> None:
    broken = _turn(output=5_000, how="interrupted")
    assert run(EXPLORING, [broken, _next(OTHER)])["t1"].cause == "interrupted"
    assert run(EXPLORING, [replace(broken, is_last=True)], OVER)["t1"].cause == "interrupted"


def test_the_session_ended_there() -> None:
    assert run(EXPLORING, [_turn(is_last=True)], OVER)["t1"].cause == "ended"
    assert not run(EXPLORING, [_turn(is_last=True)]), "it may go on"


@pytest.mark.parametrize(
    "quiet",
    [
        _turn(reads=29),
        _turn(reads=29, output=130_000),
        _turn(reads=9, output=140_000),
        _turn(wording=Wording(kind="question")),
        _turn(scripted=True),
        _turn(edits=[edit(1, MINUTE)]),
        _turn(commits=[Commit("abc", "commit", MINUTE)]),
        _turn(calls=[call(1, 1, purpose="plan", name="ExitPlanMode")]),
        _turn(calls=[call(1, 1, purpose="ask")]),
        _turn(calls=[call(1, 1, purpose="write")]),
        _turn(calls=[call(n, 1) for n in range(7)]),
        _turn(others=[strand("a1", edits=[edit(1, MINUTE)])]),
    ],
)
def test_turns_that_did_not_explore_in_vain(quiet: Turn) -> None:
    assert not run(EXPLORING, [quiet, _next(OTHER)])


def test_few_reads_at_a_high_cost() -> None:
    dear = _turn(reads=10)
    dear = replace(dear, strands=(replace(dear.main, requests=(
        request(1, MINUTE, output=134_000), request(2, MINUTE, output=10))),))  # fmt: skip
    assert set(run(EXPLORING, [dear, _next(OTHER)])) == {"t1"}


def test_todo_lists_and_refused_edits_are_no_result() -> None:
    calls = [call(1, 1, name="TodoWrite"), call(2, 1, name="update_plan", purpose="plan"),
             call(3, 1, purpose="edit", ok=False)]  # fmt: skip
    assert run(EXPLORING, [_turn(calls=calls), _next(OTHER)])


def test_agents_that_report_back_may_still_change_something() -> None:
    notice = replace(turn(2, 2 * MINUTE, prompts=[], edits=[edit(1, 2 * MINUTE)]), cause="notice")
    assert not run(EXPLORING, [_turn(), notice, _next(OTHER, 3)])
    silent = replace(turn(2, 2 * MINUTE, prompts=[]), cause="notification")
    assert run(EXPLORING, [_turn(), silent, _next(OTHER, 3)])


def _session(*wordings: Wording, **more: Any) -> list[Turn]:
    last = len(wordings)
    dear = {"how": "interrupted", "output": 140_000, **more}
    return [
        _turn(n, wording, reads=2, is_last=n == last, **dear)
        for n, wording in enumerate(wordings, 1)
    ]


def test_a_session_without_output() -> None:
    finding = run(NOTHING, _session(TASK), OVER)["no-output"]
    assert finding.kind is Kind.NO_OUTPUT and finding.asked == 0
    assert finding.counts["prompts"] == 1
    assert "research" in NOTHING.tell(finding).advice


def test_a_session_of_questions_is_one_of_answers() -> None:
    question = Wording(kind="question")
    assert not run(NOTHING, _session(question), OVER)
    assert not run(NOTHING, _session(TASK, TASK, question), OVER)
    assert not run(NOTHING, _session(question, TASK), OVER)
    assert run(NOTHING, _session(question, TASK, TASK), OVER)


@pytest.mark.parametrize(
    "parts",
    [
        {"edits": [edit(1, MINUTE)]},
        {"commits": [Commit("abc", "commit", MINUTE)]},
        {"calls": [call(1, 1, purpose="write")]},
        {"calls": [call(1, 1, purpose="remove")]},
        {"calls": [call(1, 1, purpose="plan", name="ExitPlanMode")]},
        {"calls": [call(1, 1, command="kubectl apply -f x.yaml")]},
        {"calls": [call(1, 1, name="mcp__tracker__create", mcp_server="tracker")]},
        {"scripted": True},
    ],
)
def test_what_counts_as_output(parts: dict[str, Any]) -> None:
    assert not run(NOTHING, _session(TASK, **parts), OVER)


def test_a_session_that_ended_with_a_long_answer() -> None:
    answered = _turn(1, is_last=True, reads=2, output=140_000)
    assert not run(NOTHING, [answered], OVER)
    assert run(NOTHING, [replace(answered, how="interrupted")], OVER)


def test_sessions_of_which_nothing_is_said() -> None:
    cheap = [_turn(is_last=True, output=130_000, reads=0, how="failed")]
    assert not run(NOTHING, cheap, OVER), "less than $2"
    assert not run(NOTHING, _session(TASK)), "it may go on"
    assert not run(NOTHING, _session(TASK), session(is_over=True, scripted=True))
    pleased = Wording(kind="task", accepts=True)
    assert not run(NOTHING, _session(TASK, pleased), OVER)
    bare = turn(0, prompts=[], requests=[request(1, output=140_000)], is_last=True)
    assert not run(NOTHING, [bare], OVER)


def test_growing_turns_change_nothing() -> None:
    turns = [_turn(1), _turn(2, OTHER, output=100_000), *_session(TASK, TASK, TASK)[2:]]
    for detector in DETECTORS:
        assert run(detector, turns, OVER) == run_growing(detector, turns, OVER)
        assert run(detector, turns, OVER)
