"""What becomes of lines."""

from dataclasses import replace

from tests.analysis.waste.attempts.story import Story, file, hashed, ran, says
from tokenwatch.analysis.waste.attempts.lines import (
    Lines,
    joined,
    kept,
    of_turn,
    rewritten,
    undone,
)
from tokenwatch.analysis.waste.history import Call, Edit


def did(*edits: Edit, calls: tuple[Call, ...] = ()) -> Lines:
    return of_turn(Story().turn(says("x"), *edits, calls=calls).turns[0])


def test_a_turn_counts_what_it_leaves_behind() -> None:
    lines = did(file("a.py", ["one", "two"], ["old"]), file("src/a.py", ["old", "three"], ["two"]))
    assert dict(lines.files[hashed("a.py")].added) == {hashed("one"): 1, hashed("three"): 1}
    assert not lines.files[hashed("a.py")].removed
    assert lines.added == 2
    assert (lines.files[hashed("a.py")].plus, lines.files[hashed("a.py")].minus) == (4, 2)


def test_what_is_gone_after_later_turns() -> None:
    first = did(file("a.py", ["one", "two", "two", "three"]))
    assert kept(first, []) == (4, 4)
    second = did(file("a.py", ["four"], ["two", "three"]))
    assert rewritten(first, second) == 2
    assert kept(first, [second]) == (2, 4)
    assert kept(first, [second, did(file("a.py", ["two", "two"]))]) == (3, 4)


def test_moved_lines_are_kept() -> None:
    first = did(file("a.py", ["one", "two", "three"]))
    assert (
        rewritten(first, did(file("a.py", [], ["one", "two"]), file("b.py", ["one", "two"]))) == 0
    )


def test_a_file_that_is_put_back_loses_all() -> None:
    first = did(file("a.py", ["one", "two"]))
    back = did(calls=(ran("revert", touches=frozenset({hashed("a.py")})),))
    every = did(calls=(ran("revert", touches=frozenset({0})),))
    other = did(calls=(ran("revert", touches=frozenset({hashed("b.py")})),))
    assert kept(first, [back]) == kept(first, [every]) == (0, 2)
    assert kept(first, [other]) == (2, 2)


def test_what_a_turn_puts_back_itself_was_never_there() -> None:
    late = ran("revert", touches=frozenset({hashed("a.py")}))
    turn = Story().turn(says("x"), file("a.py", ["one"]), calls=[late]).turns[0]
    strand = turn.strands[0]
    after = replace(strand, calls=(strand.calls[0]._replace(at_ms=turn.at_ms + 9_000),))
    assert of_turn(turn).added == 1
    assert of_turn(replace(turn, strands=(after,))).added == 0


def test_lines_that_were_removed_come_back() -> None:
    first = did(file("a.py", ["new"], ["old one", "old two"]))
    assert undone(first, did(file("a.py", ["old one", "old two"], ["new"]))) == 2
    assert undone(first, did(file("b.py", ["old one"]))) == 0


def test_two_turns_are_one() -> None:
    both = joined(did(file("a.py", ["one", "two"])), did(file("a.py", ["three"], ["two"])))
    assert both.added == 2
    assert both.files[hashed("a.py")].plus == 3
