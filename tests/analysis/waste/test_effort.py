"""Small turns that were thought about at length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.waste.worked import (
    MINUTE,
    SONNET,
    asked,
    change,
    edit,
    prompt,
    request,
    run,
    run_growing,
    turn,
    within,
)
from tokenwatch.analysis.waste.effort import DETECTORS
from tokenwatch.analysis.waste.history import Price, Turn
from tokenwatch.wording import Wording

(DETECTOR,) = DETECTORS


def _turn(
    reasoning: int,
    output: int,
    *,
    kind: str = "chore",
    price: Price | None = SONNET,
    number: int = 1,
    **parts: Any,
) -> Turn:
    at_ms = number * MINUTE
    asked_for = request(number, at_ms, output=output, read=10_000, price=price)
    asked_for = asked_for._replace(usage=asked_for.usage._replace(reasoning=reasoning))
    return turn(
        number,
        at_ms,
        ended=at_ms + 1,
        prompts=[prompt(number, at_ms, wording=Wording(kind=kind, words=5))],
        requests=[asked_for],
        **parts,
    )


def test_half_of_the_reasoning() -> None:
    finding = run(DETECTOR, [_turn(3_000, 3_200)])["effort"]
    assert finding.wasted == 1_500 * SONNET.output
    assert (finding.low, finding.high) == (finding.wasted // 2, finding.wasted * 3 // 2)
    assert "94%" in DETECTOR.tell(finding).explanation


def test_a_session_is_one_finding() -> None:
    found = run(DETECTOR, [_turn(2_000, 2_100), _turn(1_700, 2_000, number=2)])
    assert found["effort"].counts["turns"] == 2


@pytest.mark.parametrize(
    "quiet",
    [
        _turn(1_499, 1_499),
        _turn(1_500, 2_501),
        _turn(3_000, 3_100, kind="task"),
        _turn(3_000, 3_100, price=None),
        _turn(3_000, 3_100, edits=[edit(1, MINUTE)]),
        _turn(3_000, 3_100, changes=[change("effort", 0, "Low")]),
        replace(_turn(3_000, 3_100), ended_ms=None, is_last=True),
        _turn(0, 0),
    ],
)
def test_what_is_no_finding(quiet: Turn) -> None:
    assert not run(DETECTOR, [quiet])


def test_the_limits_themselves() -> None:
    assert run(DETECTOR, [_turn(1_500, 2_500)])


def test_the_effort_is_told_and_remembered() -> None:
    first = _turn(0, 10, changes=[change("effort", 0, "xhigh")])
    finding = run(DETECTOR, [first, _turn(2_000, 2_100, number=2)])["effort"]
    assert "at effort xhigh" in DETECTOR.tell(finding).explanation
    lowered = _turn(0, 10, changes=[change("effort", 0, "low")])
    assert not run(DETECTOR, [lowered, _turn(2_000, 2_100, number=2)])


def test_asks_lie_within_costs_and_growing_turns_change_nothing() -> None:
    turns = [_turn(2_000, 2_000, number=n) for n in (1, 2, 3)]
    costs = {r.key: r.cost for one in turns for r in one.requests}
    for key, money in asked(DETECTOR, turns)["effort"].items():
        assert within(money, costs[key])
    assert run(DETECTOR, turns) == run_growing(DETECTOR, turns)
