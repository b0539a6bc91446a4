"""Sessions that no person asked for anything, alone and in groups."""

from __future__ import annotations

from typing import Any

from tests.analysis.waste.worked import (
    MINUTE,
    call,
    edit,
    prompt,
    request,
    run,
    run_growing,
    session,
    turn,
)
from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.finding import Finding
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.analysis.waste.unattended import DETECTORS
from tokenwatch.wording import Wording

(DETECTOR,) = DETECTORS
TEMPLATE = Wording(kind="auto", opening=0xABC)


def _run(
    number: int = 1,
    *,
    wording: Wording = TEMPLATE,
    scripted: bool = True,
    output: int = 10_000,
    **parts: Any,
) -> Turn:
    """Return a turn of $0.15 for each 10,000 tokens of output."""
    at_ms = number * MINUTE
    return turn(
        number,
        at_ms,
        ended=at_ms + 1,
        prompts=[prompt(number, at_ms, wording=wording, scripted=scripted)],
        requests=[request(number, at_ms, output=output)],
        **parts,
    )


def _finding(*turns: Turn, scripted: bool = False) -> Finding | None:
    return run(DETECTOR, turns or (_run(),), session(scripted=scripted)).get("unattended")


def _concluded(*findings: Finding | None, project: str = "/home/dev/app") -> tuple[Concluded, ...]:
    assert DETECTOR.conclude is not None
    partials = [
        Partial(session=n, source="claude-code", project=project, finding=finding)
        for n, finding in enumerate(findings)
        if finding is not None
    ]
    return DETECTOR.conclude(partials)


def test_three_runs_that_did_nothing() -> None:
    one = _finding()
    assert one is not None and one.conditional and one.asked == 0
    (group,) = _concluded(one, one, one)
    finding = group.finding
    assert (finding.counts["sessions"], finding.counts["idle"]) == (3, 3)
    assert finding.counts["cost_pico"] == 3 * one.counts["cost_pico"]
    assert finding.cause == "idle" and not finding.conditional and finding.wasted == 0
    assert len(group.members) == 3
    told = DETECTOR.tell(finding)
    assert "3 runs" in told.headline and "3 of them changed nothing" in told.explanation


def test_two_runs_are_too_few() -> None:
    assert not _concluded(_finding(), _finding())


def test_runs_that_left_edits_are_no_finding() -> None:
    working = _finding(_run(edits=[edit(1, MINUTE)], output=90_000))
    assert not _concluded(working, working, working)


def test_dear_runs_must_show_more_than_commands() -> None:
    dear = _finding(_run(calls=[call(1, 1)], output=30_000))
    (group,) = _concluded(dear, dear, dear)
    assert group.finding.cause == "cost" and group.finding.counts["idle"] == 0
    assert "3 of them left no edit" in DETECTOR.tell(group.finding).explanation
    cheap = _finding(_run(calls=[call(1, 1)], output=20_000))
    assert not _concluded(cheap, cheap, cheap)


def test_half_of_them_did_nothing() -> None:
    working, idle = _finding(_run(edits=[edit(1, MINUTE)])), _finding()
    assert _concluded(working, working, idle, idle)
    assert not _concluded(working, working, working, idle, idle)


def test_cheap_runs_that_did_nothing_are_left_alone() -> None:
    cheap = _finding(_run(output=100))
    assert not _concluded(cheap, cheap, cheap)


def test_calls_that_only_look_do_nothing() -> None:
    looking = [
        call(n, 1, purpose=purpose)
        for n, purpose in enumerate(("read", "search", "web", "wait", "plan"))
    ]
    looking += [call(8, 1, name="TodoWrite"), call(9, 1, purpose="write", ok=False)]
    assert (one := _finding(_run(calls=looking))) is not None and not one.counts["deeds"]
    for purpose in ("", "write", "remove", "check", "commit"):
        acting = _finding(_run(calls=[call(1, 1, purpose=purpose)]))
        assert acting is not None and acting.counts["deeds"] == 1


def test_other_templates_are_other_groups() -> None:
    one, other = _finding(), _finding(_run(wording=Wording(kind="auto", opening=1)))
    assert not _concluded(one, one, other, other)
    groups = _concluded(one, one, other, other, one, other)
    assert len(groups) == 2 and len({group.finding.key for group in groups}) == 2


def test_a_person_asked() -> None:
    human = _run(2, wording=Wording(kind="task"), scripted=False)
    assert _finding(_run(wording=Wording(kind="task"), scripted=False)) is None
    assert _finding(_run(1), human) is None
    assert _finding(human, _run(3)) is None


def test_a_session_started_by_a_program() -> None:
    bare = turn(0, prompts=[], requests=[request(1, output=10)])
    assert _finding(bare, scripted=True) is not None
    assert _finding(bare) is None, "nobody knows who began it"
    assert _finding(_run(wording=Wording(kind="task"), scripted=False), scripted=True) is not None


def test_without_words_the_project_is_what_they_share() -> None:
    bare = turn(0, prompts=[], requests=[request(1, output=10_000)])
    one = run(DETECTOR, [bare], session(scripted=True, project="/a"))["unattended"]
    other = run(DETECTOR, [bare], session(scripted=True, project="/b"))["unattended"]
    assert one.signature != other.signature
    assert len(_concluded(one, one, one, other, other)) == 1


def test_growing_turns_change_nothing() -> None:
    turns = [_run(n, calls=[call(n, n, n * MINUTE)]) for n in (1, 2, 3)]
    assert run(DETECTOR, turns) == run_growing(DETECTOR, turns)
