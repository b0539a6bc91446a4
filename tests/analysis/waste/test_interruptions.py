"""Work that was broken off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.analysis.waste.attempts.story import (
    COST,
    MINUTE,
    SESSION,
    Story,
    file,
    found,
    lines,
    ran,
    says,
)
from tokenwatch.analysis.waste import interruptions
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.interruptions import DETECTORS, observe

ASKED = "rework the importer so that it reads bank statements with semicolons"


def stopped(**more: object) -> Story:
    return Story().turn(says(ASKED), **{"how": "interrupted", **more})  # type: ignore[arg-type]


def test_the_meaning_is_told() -> None:
    assert set(meanings(interruptions.__doc__ or "")) == {"interrupted-work"}


def test_stopped_and_started_again() -> None:
    story = stopped().turn(says(ASKED + " and tabs"), after=9 * MINUTE)
    (sign,) = found(observe, story.told()).values()
    assert (sign.key, sign.cause) == ("t0", "stopped")
    assert [ask.money for ask in sign.asks] == [COST] * 4
    assert (sign.low, sign.high) == (1.0, 1.0)
    assert sign.counts == {"seconds": 120, "requests": 4, "lines_written": 0, "lines_kept": 0}


@pytest.mark.parametrize(("after", "cause"), [(4 * MINUTE, "resend"), (6 * MINUTE, "stopped")])
def test_a_slip_of_the_key_is_named_so(after: int, cause: str) -> None:
    story = stopped(lasts=MINUTE).turn(says(ASKED), after=after)
    (sign,) = found(observe, story.told()).values()
    assert sign.cause == cause


def test_a_correction_is_inferred() -> None:
    story = stopped().turn(says("no, that is the wrong importer", "complaint", complaint=2))
    (sign,) = found(observe, story.told()).values()
    assert (sign.low, sign.high) == (0.5, 1.0)


def test_the_same_task_in_other_words() -> None:
    story = stopped().turn(
        says("use the csv module for the importer of bank statements with semicolons instead")
    )
    assert len(found(observe, story.told())) == 1


@pytest.mark.parametrize(
    "next_one",
    [
        says("continue", "control"),
        says("commit", "chore"),
        says("why do you read that file?", "question"),
        says("also keep the header", "task"),
        says("write the release notes of the last month for all customers of the bank"),
        says("leave the importer now and work on bank statements instead", moves_on=True),
        says(ASKED.replace("importer", "reader.py"), accepts=True),
    ],
)
def test_what_goes_on_or_turns_to_something_else_is_no_waste(next_one: object) -> None:
    story = stopped().turn(next_one)  # type: ignore[arg-type]
    assert not found(observe, story.told())


def test_edits_that_survive() -> None:
    story = stopped()
    story = Story().turn(says(ASKED), file("a.py", lines("a", 10)), how="interrupted")
    story.turn(says(ASKED), file("a.py", lines("b", 5)))
    assert not found(observe, story.told())
    story.turn(says("now the tests"), file("a.py", lines("c", 5), lines("a", 9)))
    (sign,) = found(observe, story.told()).values()
    assert sign.asks[0].money == COST.part(900, 1000)
    assert sign.counts["lines_kept"] == 1
    assert sign.high == pytest.approx(1 / 0.9, rel=1e-3)
    assert sign.low == 0.5


def test_lines_that_come_back_take_the_finding_back() -> None:
    story = Story().turn(says(ASKED), file("a.py", lines("a", 10)), how="interrupted")
    story.turn(says(ASKED), file("a.py", lines("b", 5), lines("a", 10)))
    assert len(found(observe, story.told())) == 1
    story.turn(says("put it back"), file("a.py", lines("a", 10)))
    assert not found(observe, story.told())


def test_lines_that_go_after_the_window_do_not_count() -> None:
    story = Story().turn(says(ASKED), file("a.py", lines("a", 10)), how="interrupted")
    story.turn(says(ASKED))
    for _ in range(2):
        story.turn(says("do something else with the page"))
    story.turn(says("drop it"), file("a.py", (), lines("a", 10)))
    assert not found(observe, story.told())


@pytest.mark.parametrize("how", ["interrupted", "failed", None])
def test_the_session_ends_there(how: str | None) -> None:
    calls = [ran(done_ms=None)] if how is None else []
    story = Story().turn(says("hello there, what is this")).turn(says(ASKED), how=how, calls=calls)
    assert not found(observe, story.told())
    (sign,) = found(observe, story.told(), replace(SESSION, is_over=True)).values()
    assert sign.key == "t1"
    assert sign.names["next"] == "left"
    assert (sign.low, sign.high) == (0.5, 1.0)


def test_a_turn_that_ended_of_itself() -> None:
    story = Story().turn(says(ASKED)).turn(says(ASKED))
    assert not found(observe, story.told(), replace(SESSION, is_over=True))


def test_an_error_of_the_service_and_the_prompt_again() -> None:
    story = Story().turn(says(ASKED), how="failed").turn(says(ASKED))
    (sign,) = found(observe, story.told()).values()
    assert sign.cause == "error"


def test_unpriced_and_scripted_turns() -> None:
    assert not found(observe, stopped(priced=False).turn(says(ASKED)).told())
    assert not found(observe, stopped(scripted=True).turn(says(ASKED)).told())


def test_told_in_words() -> None:
    for story in (
        stopped(lasts=MINUTE).turn(says(ASKED), after=2 * MINUTE),
        stopped().turn(says("no, wrong", complaint=2)),
        Story().turn(says(ASKED), how="failed").turn(says(ASKED)),
    ):
        fold = Fold(SESSION, DETECTORS)
        fold.take(story.told())
        (finding,) = fold.findings.values()
        told = DETECTORS[0].tell(finding)
        assert "4 requests" in told.explanation
        assert finding.wasted == 4 * COST.total
