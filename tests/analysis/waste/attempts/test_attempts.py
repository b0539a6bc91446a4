"""Chains of failed attempts: what makes one, and what does not."""

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
    hashed,
    lines,
    ran,
    says,
)
from tokenwatch.analysis.waste import attempts
from tokenwatch.analysis.waste.attempts import DETECTORS, observe, standing
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import Change, Prompt
from tokenwatch.wording import Wording

BALANCE = "balance_views.xml"


def layout(*, second: Wording, third: Wording, **more: object) -> Story:
    """A change, then two more at the same lines."""
    return (
        Story()
        .turn(
            says("fix the position of the balance column"),
            file(BALANCE, lines("a", 38), lines("old", 4)),
        )
        .turn(second, file(BALANCE, lines("b", 31), lines("a", 31)))
        .turn(third, file(BALANCE, lines("c", 25), lines("b", 25)), **more)
    )


def test_the_meaning_is_told() -> None:
    assert set(meanings(attempts.__doc__ or "")) == {"repeated-attempts"}


def test_two_complaints_about_lines_that_are_rewritten_each_time() -> None:
    story = layout(
        second=says("balance column is still in left", "complaint", complaint=2),
        third=says("no, it is still on the left side", "complaint", complaint=2),
    )
    (sign,) = found(observe, story.told()).values()
    assert sign.key == "t0"
    assert sign.counts == {"attempts": 3, "failed": 2, "lines_written": 69, "lines_kept": 13}
    assert sign.names["file"] == BALANCE
    assert [line.prompt_id for line in sign.evidence] == ["p0", "p1", "p2"]
    assert sign.evidence[0].what.startswith("attempt 1: +38 −4 in balance_views.xml")
    assert "31 of 38 lines of attempt 1 rewritten" in sign.evidence[1].what
    # 31 of 38 and 25 of 31 lines are gone; the last attempt is not asked for.
    assert [ask.request for ask in sign.asks] == list(range(1, 9))
    assert sign.asks[0].money == COST.part(816, 1000)
    assert sign.asks[4].money == COST.part(807, 1000)
    claimed = sum(ask.money.total for ask in sign.asks)
    assert sign.high == pytest.approx(8 * COST.total / claimed)
    assert sign.low == pytest.approx(1.0, abs=1e-4)


def test_the_same_error_pasted_again_after_edits() -> None:
    error = (hashed("ParseError: invalid view"),)
    story = (
        Story()
        .turn(says("repair this view", errors=error), file(BALANCE, lines("a", 5)))
        .turn(says("", "evidence", errors=error), file(BALANCE, lines("b", 5)))
        .turn(says("", "evidence", errors=error), how=None, requests=0)
    )
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["failed"] == 2
    assert sign.names["error"] == "yes"


def test_the_request_again_and_the_work_put_back() -> None:
    asked = "move the search box into the header of the page"
    story = (
        Story()
        .turn(says(asked), file("header.tsx", lines("a", 20)))
        .turn(
            says(asked + " please"),
            file("header.tsx", lines("b", 20)),
            calls=[ran("revert", touches=frozenset({hashed("header.tsx")}))],
        )
        .turn(
            says("once more: " + asked),
            file("header.tsx", lines("c", 20), lines("b", 20)),
        )
    )
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["lines_kept"] == 0


def test_words_that_no_list_knows_are_made_up_for_by_the_work() -> None:
    unknown = says("die Spalte sitzt links statt rechts", script="latin")
    story = layout(second=unknown, third=says("balance column wrong", complaint=2))
    assert not found(observe, story.told())
    story.turn(
        says("nein, die Spalte sitzt links", "complaint", complaint=1),
        file(BALANCE, lines("d", 25), lines("c", 25)),
    )
    (sign,) = found(observe, story.told()).values()
    assert (sign.counts["failed"], sign.key) == (2, "t0")


def test_one_complaint_is_watched_only() -> None:
    story = layout(
        second=says("balance column is still in left", "complaint", complaint=2),
        third=says("now sort the rows by date of booking", moves_on=True),
    )
    assert not found(observe, story.told())
    memory = None
    for turn in story.told()[:2]:
        memory, _ = observe(memory, turn, SESSION)
    watched = standing(memory)
    assert watched is not None
    assert (watched.failed, watched.is_finding, watched.file) == (1, False, BALANCE)
    assert watched.cost == 4 * COST.total
    memory, _ = observe(memory, story.told()[2], SESSION)
    assert standing(memory) is None


def test_the_second_failure_is_told_with_the_prompt_alone() -> None:
    story = layout(
        second=says("balance column is still in left", "complaint", complaint=2),
        third=says("the balance column is still in the left", "complaint", complaint=2),
        requests=0,
        how=None,
    )
    *before, last = story.told()
    last = replace(last, strands=(replace(last.strands[0], edits=()),))
    (sign,) = found(observe, [*before, last]).values()
    assert sign.counts["failed"] == 2
    assert sign.evidence[-1].what == "attempt 3: no edits yet"
    memory = None
    for turn in (*before, last):
        memory, _ = observe(memory, turn, SESSION)
    now = standing(memory)
    assert now is not None and now.is_finding and now.failed == 2 and now.key == "t0"


@pytest.mark.parametrize(
    "words",
    [
        {"moves_on": True},
        {"accepts": True},
        {},
    ],
)
def test_planned_steps_in_one_file_are_no_failures(words: dict[str, bool]) -> None:
    story = Story().turn(says("add a form for new customers"), file("form.tsx", lines("a", 40)))
    for step, text in enumerate(
        (
            "add validation for the address of the customer",
            "show a spinner while it is sent",
            "translate all labels into French",
            "write the tests of the form",
        )
    ):
        story.turn(
            says(text, **words),
            file("form.tsx", lines(f"s{step}", 12), lines("a", 4, first=4 * step)),
        )
    assert not found(observe, story.told())


def test_the_same_request_for_other_things() -> None:
    story = Story()
    for name in ("reader.py", "writer.py", "parser.py", "tester.py"):
        story.turn(says(f"add docstrings to {name} in full"), file(name, lines(name, 20)))
    assert not found(observe, story.told())


def test_review_rounds_bring_new_comments() -> None:
    story = Story().turn(
        says("write the importer for bank statements"), file("a.py", lines("a", 9))
    )
    for number in range(4):
        story.turn(
            says("please address these comments of the review", blocks=(number,)),
            file("a.py", lines(f"r{number}", 6), lines("a", 2, first=2 * number)),
        )
    assert not found(observe, story.told())


def test_trying_out_looks() -> None:
    story = Story().turn(says("make the button of the form round"), file("a.css", lines("a", 6)))
    before = "a"
    for colour in ("blue", "violet", "orange", "turquoise"):
        story.turn(
            says(f"try the button of the form in {colour}"),
            file("a.css", lines(colour, 6), lines(before, 6)),
        )
        before = colour
    assert not found(observe, story.told())


def test_complaints_about_different_things() -> None:
    story = (
        Story()
        .turn(says("build the page"), file("page.tsx", lines("a", 200)))
        .turn(says("the title is wrong", complaint=2), file("title.tsx", lines("b", 5)))
        .turn(says("footer does not show", complaint=2), file("footer.tsx", lines("c", 5)))
        .turn(says("menu fails to open", complaint=2), file("menu.tsx", lines("d", 5)))
    )
    assert not found(observe, story.told())


def test_one_fault_after_the_other_in_work_that_grows() -> None:
    story = (
        Story()
        .turn(says("show the dashboard"), file("dash.tsx", lines("a", 300)))
        .turn(
            says("chart colours are wrong", complaint=2),
            file("dash.tsx", lines("b", 8), lines("a", 8)),
        )
        .turn(
            says("nothing happens on export", complaint=2),
            file("dash.tsx", lines("c", 20), lines("a", 2, 50)),
        )
        .turn(
            says("timezone of dates is off", complaint=1),
            file("dash.tsx", lines("d", 10), lines("a", 4, 90)),
        )
    )
    assert not found(observe, story.told())


def test_questions_chores_and_continue_lie_between() -> None:
    story = (
        Story()
        .turn(
            says("fix the position of the balance column"),
            file(BALANCE, lines("a", 38)),
        )
        .turn(says("continue", "control"), file(BALANCE, lines("a2", 4), lines("a", 2)))
        .turn(says("balance column is still left", "complaint", complaint=2),
              file(BALANCE, lines("b", 30), lines("a", 30, first=2)))
        .turn(says("what does this attribute do?", "question"))
        .turn(says("run the tests", "chore"))
        .turn(says("the column is still wrong", "complaint", complaint=2),
              file(BALANCE, lines("c", 30), lines("b", 30)))
    )  # fmt: skip
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["failed"] == 2
    assert {ask.request for ask in sign.asks} == {*range(1, 5), *range(9, 13)}


def test_a_plan_that_is_agreed_to_is_one_attempt_with_its_work() -> None:
    story = (
        Story()
        .turn(says("fix the position of the balance column"), requests=3)
        .turn(says("yes", "control"), file(BALANCE, lines("a", 20)), requests=3)
        .turn(says("still wrong, balance column is left", complaint=2), requests=1)
        .turn(says("yes", "control"), file(BALANCE, lines("b", 20), lines("a", 20)), requests=3)
        .turn(says("balance column still is left", complaint=2),
              file(BALANCE, lines("c", 20), lines("b", 20)))
    )  # fmt: skip
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["failed"] == 2
    assert {ask.request for ask in sign.asks} == set(range(1, 11))


def test_sending_again_after_a_stop_is_no_attempt() -> None:
    asked = says("fix the position of the balance column")
    story = Story()
    for _ in range(4):
        story.turn(asked, requests=1, how="interrupted", after=MINUTE, lasts=20_000)
    assert not found(observe, story.told())


def test_the_same_request_that_nothing_comes_of() -> None:
    story = Story()
    for _ in range(4):
        story.turn(says("fix the failing test of the parser"), requests=1)
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["failed"] == 3
    assert (sign.low, sign.high) == (pytest.approx(1.0, abs=1e-3), pytest.approx(2.0, abs=1e-3))


@pytest.mark.parametrize("where", ["prompt", "session"])
def test_what_a_program_asks_for_again_claims_nothing(where: str) -> None:
    story = Story()
    for _ in range(5):
        story.turn(
            says("fix the failing test of the parser"),
            file("a.py", lines("a", 5), lines("a", 5)),
            scripted=where == "prompt",
        )
    session = replace(SESSION, scripted=where == "session")
    (sign,) = found(observe, story.told(), session).values()
    assert (sign.tier, sign.asks, sign.counts["attempts"]) == (Tier.LOOK, (), 5)


def test_what_a_program_asks_for_in_turn_is_nothing() -> None:
    story = Story()
    for number in range(5):
        asked = "summarise the log of the importer" if number % 2 else "rotate the keys of the app"
        story.turn(says(asked), file("a.py", lines("a", 5), lines("a", 5)), scripted=True)
    assert not found(observe, story.told())


def test_lines_that_all_stay_are_claimed_for_a_tenth() -> None:
    story = Story().turn(says("show the total of UserList"), file("a.py", lines("a", 9)))
    for step in range(3):
        story.turn(
            says(f"UserList still does not show the total {step}", complaint=2),
            file("a.py", lines(f"s{step}", 4)),
        )
    (sign,) = found(observe, story.told()).values()
    assert sign.asks[0].money == COST.part(1, 10)
    assert sign.low == 0.0
    assert sign.high == pytest.approx(10, rel=0.01)


def test_a_dropped_turn_and_an_error_that_comes_again() -> None:
    story = (
        Story()
        .turn(says("make the importer read semicolons"), file("a.py", lines("a", 9)),
              calls=[ran(error="boom")])
        .turn(says("importer does not read semicolons", complaint=1),
              file("a.py", lines("b", 9)), calls=[ran(error="boom")],
              changes=[Change(0, "rewind", size=1)])
        .turn(says("importer reads no semicolons still", complaint=1),
              file("a.py", lines("c", 9), lines("b", 9)), calls=[ran(error="boom")])
    )  # fmt: skip
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["failed"] == 2
    assert sign.names["error"] == "yes"


def test_a_complaint_that_was_typed_before_the_end_counts_less() -> None:
    def told(queued: bool) -> bool:
        story = Story().turn(says("build the balance page"), file("a.tsx", lines("a", 40)))
        gone = lines("a", 4)
        for number, text in enumerate(("column is at the left", "rows are upside down here")):
            prompt = Prompt(f"q{number}", 0, says(text, complaint=2), queued=queued)
            story.turn(prompt, file("a.tsx", lines(f"{number}", 4), gone))
            gone = lines(f"{number}", 4)
        return bool(found(observe, story.told()))

    assert told(False)
    assert not told(True)


def test_unpriced_requests_are_never_asked_for() -> None:
    story = Story().turn(says("fix the balance column"), file("a.py", lines("a", 9)), priced=False)
    for number in range(3):
        story.turn(
            says("the balance column is still wrong", complaint=2),
            file("a.py", lines(f"b{number}", 9), lines("a" if not number else f"b{number - 1}", 9)),
            priced=False,
        )
    assert not found(observe, story.told())


def test_a_long_chain_ends_and_another_one_begins() -> None:
    story = Story().turn(says("fix the balance column"), file("a.py", lines("a-1", 9)))
    for number in range(60):
        story.turn(
            says("the balance column is still wrong", complaint=2),
            file("a.py", lines(f"a{number}", 9), lines(f"a{number - 1}", 9)),
        )
    signs = found(observe, story.told())
    assert len(signs) == 3
    asked = [ask.request for sign in signs.values() for ask in sign.asks]
    assert len(asked) == len(set(asked))


def test_told_in_words_and_granted() -> None:
    story = layout(
        second=says("balance column is still in left", "complaint", complaint=2),
        third=says("no, it is still on the left side", "complaint", complaint=2),
    )
    fold = Fold(SESSION, DETECTORS)
    fold.take(story.told())
    (finding,) = fold.findings.values()
    told = DETECTORS[0].tell(finding)
    assert told.headline == "asked for the same thing 3 times"
    assert "56 of the 69 lines" in told.explanation
    assert "`balance_views.xml`" in told.advice and "/clear" in told.advice
    assert 0 < finding.wasted <= finding.high <= 8 * COST.total


LENGTHY = " ".join(f"and word{number} too" for number in range(20))


@pytest.mark.parametrize(("more", "hits"), [("", True), (LENGTHY, False)])
def test_a_complaint_in_a_long_prompt_counts_less(more: str, hits: bool) -> None:
    story = Story().turn(says("place the balance column"), file("a.xml", lines("a", 30)))
    gone = lines("a", 3)
    for number, text in enumerate(("balance column sits left", "balance column sits below")):
        said = says(f"{text} {more}".strip(), complaint=2)
        story.turn(said, file("a.xml", lines(f"{number}", 12), gone))
        gone = lines(f"{number}", 2)
    assert bool(found(observe, story.told())) is hits


@pytest.mark.parametrize(("complaint", "hits"), [(2, False), (3, True)])
def test_what_is_still_so_is_repaired_in_other_files_as_well(complaint: int, hits: bool) -> None:
    story = (
        Story()
        .turn(says("show totals when a filter is set"), file("view.tsx", lines("a", 20)))
        .turn(says("sums do not move", complaint=complaint), file("view.tsx", lines("b", 9)))
        .turn(says("those stay equal", complaint=complaint), file("store.ts", lines("c", 2)))
    )
    assert bool(found(observe, story.told())) is hits


def test_a_task_with_a_word_of_doubt_is_none() -> None:
    def told(kind: str) -> bool:
        story = Story().turn(says("count the numbers up"), file("end.tsx", lines("a", 20)))
        for number, text in enumerate(("it should be a bit faster", "they need another colour")):
            gone = lines("a" if not number else f"{number - 1}", 20)
            story.turn(says(text, kind, complaint=1), file("end.tsx", lines(f"{number}", 20), gone))
        return bool(found(observe, story.told()))

    assert told("complaint")
    assert not told("task")


def test_refinements_after_a_chain_are_left_out() -> None:
    story = layout(
        second=says("balance column is still in left", "complaint", complaint=2),
        third=says("the balance column is still in the left", "complaint", complaint=2),
    )
    (alone,) = found(observe, story.told()).values()
    for number, text in enumerate(("style rows like the old ones", "centre the list of cities")):
        gone = lines("c" if not number else f"{number - 1}", 3)
        story.turn(says(text), file(BALANCE, lines(f"{number}", 30), gone))
    (sign,) = found(observe, story.told()).values()
    assert sign == alone


def test_a_turn_about_something_else_begins_no_chain() -> None:
    story = (
        Story()
        .turn(says("start the whole build and tell me how it went"), requests=6)
        .turn(
            says("the column should stand at the right", complaint=1),
            file(BALANCE, lines("a", 20)),
        )
        .turn(
            says("balance column is still left", "complaint", complaint=2),
            file(BALANCE, lines("b", 20), lines("a", 20)),
        )
        .turn(
            says("the column is still left", "complaint", complaint=2),
            file(BALANCE, lines("c", 20), lines("b", 20)),
        )
    )
    (sign,) = found(observe, story.told()).values()
    assert sign.key == "t1" and sign.counts["attempts"] == 3


@pytest.mark.parametrize(("mended", "hits"), [(False, True), (True, False)])
def test_only_what_still_failed_at_the_end_fails_again(mended: bool, hits: bool) -> None:
    checks = [ran(error="assert 1", likeness=b"pytest")]
    if mended:
        checks.append(ran(likeness=b"pytest"))
    story = Story()
    for number, text in enumerate(("make totals right", "sums are odd there", "vat is odd now")):
        story.turn(
            says(text, "complaint" if number else "task", complaint=(0, 2, 1)[number]),
            file("sum.py", lines(f"{number}", 12), ["x"]),
            calls=checks,
        )
    assert bool(found(observe, story.told())) is hits


def test_commands_of_the_client_lie_between() -> None:
    def told(times: int, requests: int) -> bool:
        story = layout(
            second=says("balance column is still in left", "complaint", complaint=2),
            third=says("thanks", "control", accepts=True),
        )
        story.turns.pop()
        for _ in range(times):
            story.turn(says("/cost", "command"), requests=requests)
        story.turn(
            says("the balance column is still in the left", "complaint", complaint=2),
            file(BALANCE, lines("c", 25), lines("b", 25)),
        )
        return bool(found(observe, story.told()))

    assert told(9, 0)
    assert not told(9, 4)
