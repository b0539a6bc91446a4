"""What shows that an attempt of another session had failed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waste.attempts.story import (
    COST,
    SESSION,
    Story,
    file,
    found,
    hashed,
    lines,
    ran,
    says,
)
from tokenwatch.analysis.waste.attempts import DETECTORS, observe, tell
from tokenwatch.analysis.waste.attempts.openings import MOST
from tokenwatch.analysis.waste.attempts.returned import (
    Again,
    Left,
    Returned,
    complains_itself,
    judged,
    left_at,
    lefts,
    worth_judging,
)
from tokenwatch.analysis.waste.attempts.work import Work, of
from tokenwatch.analysis.waste.finding import Sign, Tier
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import Change, Turn
from tokenwatch.wording import Wording

ASK = "make the export button write all rows of the invoice table"
FILE = "export.py"
ERROR = (hashed("KeyError: #"),)


def earlier(said: Wording | None = None, **more: Any) -> list[Turn]:
    story = Story().turn(says("what is here"), requests=1)
    return story.turn(said or says(ASK), file(FILE, lines("a", 10)), **more).told()


def left(turns: list[Turn]) -> Left:
    found = left_at(turns[1:], SESSION)
    assert found is not None
    return found


def later(said: Wording, *edits: Any, calls: Any = (), **more: Any) -> Work:
    return of(Story().turn(said, *edits, calls=calls, after=86_400_000, **more).told()[0])


REWRITTEN = file(FILE, lines("b", 10), lines("a", 8))
KEPT = file("other.py", lines("b", 10))


@pytest.mark.parametrize(
    ("said", "edit", "expected"),
    [
        (says(ASK), REWRITTEN, True),
        (says(ASK), file(FILE, lines("b", 10)), False),
        (says(ASK), KEPT, False),
        (says(ASK, "complaint", complaint=3), KEPT, True),
        (says(ASK, complaint=1), file(FILE, lines("b", 10)), False),
        (says("write a page about colours and shapes"), REWRITTEN, False),
        (says(ASK, accepts=True), REWRITTEN, False),
    ],
    ids=[
        "rewritten",
        "added to",
        "elsewhere",
        "complaint",
        "a doubt",
        "something else",
        "accepted",
    ],
)
def test_words_need_deeds(said: Wording, edit: Any, expected: bool) -> None:
    assert (judged(left(earlier()), later(said, edit)) is not None) is expected


def test_the_share_of_its_lines_that_is_gone_is_told() -> None:
    again = judged(left(earlier()), later(says(ASK), REWRITTEN))
    assert again is not None
    assert (again.written, again.kept, again.lost) == (10, 2, 800)
    assert again.turn_id == "t1" and again.prompt_id == "p0"


@pytest.mark.parametrize(("name", "expected"), [(FILE, True), ("other.py", False)])
def test_the_same_error_needs_the_same_subject(name: str, expected: bool) -> None:
    said = says("repair the grid of the board please", errors=ERROR)
    edit = file(name, lines("b", 10), lines("a", 5))
    attempt = left(earlier(says(ASK, errors=ERROR)))
    assert (judged(attempt, later(said, edit)) is not None) is expected


def test_what_was_committed_was_found_good() -> None:
    attempt = left(earlier(commits=1))
    assert judged(attempt, later(says(ASK), REWRITTEN)) is None
    complaint = says(f"still wrong, {ASK}", "complaint", complaint=3)
    assert judged(attempt, later(complaint, REWRITTEN)) is not None


def test_turns_that_the_later_session_dropped_are_its_own() -> None:
    dropped = later(says(ASK), KEPT, changes=[Change(0, "rewind", size=3)])
    assert judged(left(earlier()), dropped) is None


def test_a_failure_as_before() -> None:
    failing = ran(error="E1", id="x", likeness=b"npm test")
    attempt = left(earlier(calls=[failing]))
    again = judged(attempt, later(says(ASK), file(FILE, lines("b", 4)), calls=[failing]))
    assert again is not None and "fails-again" in again.said


def test_an_attempt_that_was_followed_up_was_not_left() -> None:
    story = Story().turn(says(ASK), file(FILE, lines("a", 10)))
    story.turn(says(f"no, wrong: {ASK}", "complaint", complaint=3), REWRITTEN)
    assert left_at(story.told(), SESSION) is None


@pytest.mark.parametrize(
    ("one", "other", "routine", "complains", "expected"),
    [
        (says(ASK), says(ASK), False, False, True),
        (says(ASK), says(ASK), True, False, False),
        (says(ASK), says(ASK, complaint=2), True, True, True),
        (says(ASK), says(ASK, complaint=2), True, False, False),
        (says(ASK), says("another request of another kind"), False, False, False),
        (says(ASK, errors=ERROR), says("look at this here", errors=ERROR), True, False, True),
    ],
)
def test_words_that_are_worth_a_look(
    one: Wording, other: Wording, routine: bool, complains: bool, expected: bool
) -> None:
    assert worth_judging(one, other, routine=routine, complains=complains) is expected


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [(2, (0, 3), True), (2, (1,), True), (2, (2, 3), False), (1, (0,), False), (3, (), False)],
)
def test_a_complaint_of_the_whole_routine_is_none(
    own: int, others: tuple[int, ...], expected: bool
) -> None:
    same = [says(ASK, complaint=other) for other in others]
    assert complains_itself(says(ASK, complaint=own), same) is expected


def again(turn_id: str = "t1", **more: Any) -> Again:
    values: dict[str, Any] = {
        "at_ms": 9,
        "prompt_id": "q",
        "said": ("repeated", "rewrites"),
        "lost": 800,
    }
    values |= {"written": 10, "kept": 2, "cost": 5, "what": "+10 −8 in export.py"}
    return Again(turn_id=turn_id, **(values | more))


def test_a_session_pays_for_its_own_attempt() -> None:
    turns = earlier()
    (sign,) = found_of(turns, again()).values()
    assert [ask.request for ask in sign.asks] == [2, 3, 4, 5]
    assert sign.asks[0].money == COST.part(800, 1000)
    assert sign.high == pytest.approx(1 / 0.8, rel=1e-3) and sign.low == pytest.approx(1, rel=1e-3)
    assert [line.prompt_id for line in sign.evidence] == ["p1", "q"]


def found_of(turns: list[Turn], *what: Again) -> dict[str, Sign]:
    memory: Any = None
    signs: dict[str, Sign] = {}
    for turn in turns:
        memory, seen = observe(memory, turn, Returned.made(SESSION, what))
        signs |= {sign.key: sign for sign in seen}
    return signs


def test_nothing_is_told_of_attempts_that_it_did_not_leave() -> None:
    assert found_of(earlier(), again("t8"), again("t9")) == {}
    assert found(observe, earlier()) == {}


def test_lines_that_stay_are_claimed_a_tenth_at_most() -> None:
    (sign,) = found_of(earlier(), again(lost=0, kept=10)).values()
    assert sign.asks[0].money == COST.part(100, 1000)
    assert sign.low == 0 and sign.high == pytest.approx(10, rel=1e-2)


def test_it_is_told_with_the_last_turn_alone() -> None:
    session = Returned.made(SESSION, [again()])
    fold = Fold(session, DETECTORS)
    turns = earlier()
    fold.take(turns)
    (finding,) = fold.findings.values()
    assert finding.tier is Tier.LIKELY and finding.wasted > 0
    told = tell(finding)
    assert "another session" in told.headline and "`export.py`" in told.advice
    assert "8 of the 10 lines" in told.explanation
    more = Story()
    more.turn(says("what is here"), requests=1).turn(says(ASK), file(FILE, lines("a", 10)))
    more.turn(says(f"no, wrong: {ASK}", "complaint", complaint=3), REWRITTEN)
    fold.take(more.told()[1:])
    assert fold.findings == {}


def test_only_the_first_prompts_may_come_back() -> None:
    story = Story()
    memory: Any = None
    for number in range(MOST + 3):
        story.turn(says(f"{ASK} number {number} of them"), file(f"f{number}.py", lines("x", 3)))
    for turn in story.told():
        memory, _ = observe(memory, turn, SESSION)
    assert memory is not None
    assert [each.turn_id for each in memory.begun] == [f"t{n}" for n in range(MOST)]
    assert len(list(lefts(memory))) <= MOST
