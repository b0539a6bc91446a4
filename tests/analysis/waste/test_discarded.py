"""Lines that were written and soon removed."""

from __future__ import annotations

from tests.analysis.waste.attempts.story import SESSION, Story, file, found, lines, ran, says
from tokenwatch.analysis.waste import discarded
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.discarded import DETECTORS, observe
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.analysis.waste.fold import Fold


def test_the_meaning_is_told() -> None:
    assert set(meanings(discarded.__doc__ or "")) == {"discarded-code"}


def written(gone: int, *, between: int = 0, wrote: int = 100) -> Story:
    story = Story().turn(says("write it"), file("a.py", lines("a", wrote)))
    for _ in range(between):
        story.turn(says("what now?"))
    return story.turn(says("change it"), file("a.py", (), lines("a", gone)))


def test_a_fifth_and_thirty_lines() -> None:
    (sign,) = found(observe, written(30).told()).values()
    assert sign.key == "discarded"
    assert not sign.asks
    assert (sign.counts["lines_written"], sign.counts["lines_discarded"]) == (100, 30)
    assert not found(observe, written(29).told())
    assert found(observe, written(40, wrote=200).told())
    assert not found(observe, written(39, wrote=200).told())


def test_within_three_prompts() -> None:
    assert found(observe, written(50, between=2).told())
    assert not found(observe, written(50, between=3).told())


def test_lines_that_a_turn_takes_back_itself_or_moves() -> None:
    story = Story().turn(
        says("write it"), file("a.py", lines("a", 60)), file("a.py", (), lines("a", 40))
    )
    story.turn(
        says("move it"), file("a.py", (), lines("a", 20, 40)), file("b.py", lines("a", 20, 40))
    )
    assert not found(observe, story.told())


def test_each_line_is_discarded_once() -> None:
    story = written(30)
    story.turn(says("again"), file("a.py", (), lines("a", 30)))
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["lines_discarded"] == 30
    same = (
        Story()
        .turn(says("x"), file("a.py", ["same"] * 40))
        .turn(says("y"), file("a.py", ["same"] * 40))
    )
    same.turn(says("z"), file("a.py", (), ["same"] * 40))
    (sign,) = found(observe, same.told()).values()
    assert sign.counts["lines_discarded"] == 40


def test_a_file_written_again_as_a_whole() -> None:
    story = Story().turn(says("write it"), file("a.py", lines("a", 50)))
    story.turn(says("add a line"), file("src/a.py", lines("b", 4), repeated=50))
    (sign,) = found(observe, story.told()).values()
    assert sign.counts == {
        "lines_written": 104,
        "lines_discarded": 50,
        "lines_repeated": 50,
        "rewrites": 1,
    }
    assert "a.py written as a whole: 50 lines unchanged, 4 new" in sign.evidence[0].what
    mostly_new = Story().turn(says("x"), file("a.py", lines("b", 40), repeated=50))
    assert not found(observe, mostly_new.told())


def test_more_that_stays_takes_the_finding_back() -> None:
    story = written(30).turn(says("go on"), file("b.py", lines("b", 200)))
    assert not found(observe, story.told())


def test_a_command_that_puts_files_back() -> None:
    story = Story().turn(says("write it"), file("a.py", lines("a", 50)))
    story.turn(says("undo it"), calls=[ran("revert", touches=frozenset({0}))])
    (sign,) = found(observe, story.told()).values()
    assert sign.counts["lines_discarded"] == 50


def test_told_in_words_without_money() -> None:
    for story in (
        written(50),
        Story().turn(says("x"), file("a.py", lines("b", 4), repeated=50)),
    ):
        fold = Fold(SESSION, DETECTORS)
        fold.take(story.told())
        (finding,) = fold.findings.values()
        assert finding.tier is Tier.LOOK
        assert finding.wasted == finding.high == 0
        assert "50" in DETECTORS[0].tell(finding).headline
