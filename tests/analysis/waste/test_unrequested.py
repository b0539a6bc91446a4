"""Files that an agent made although no prompt named them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.analysis.waste.worked import (
    MINUTE,
    SECOND,
    SONNET,
    T0,
    asked,
    call,
    prompt,
    request,
    run,
    run_growing,
    session,
    strand,
    turn,
    within,
)
from tokenwatch.analysis.waste.finding import Finding, Tier
from tokenwatch.analysis.waste.history import Call, Commit, Compaction, Edit, Price, Turn
from tokenwatch.analysis.waste.unrequested import DETECTORS
from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.wording.entities import named
from tokenwatch.sources.wording.scripts import script_of
from tokenwatch.wording import Wording

(DETECTOR,) = DETECTORS
OVER = session(is_over=True)
SUMMARY = "/home/dev/app/IMPLEMENTATION_SUMMARY.md"
SCRIPT = "/home/dev/app/test_quick.py"


def wording(text: str) -> Wording:
    """Return the part of a prompt's wording that names things; the hashes are the reader's own."""
    told = named(text)
    return Wording(
        script=script_of(text),
        words=told.words,
        tokens=told.tokens,
        entities=told.entities,
        files=told.files,
    )


SAID = wording("fix the login form, the button does nothing")


def _edit(number: int, at_ms: int, path: str, *, created: bool = True) -> Edit:
    name = name_hash(path)
    return Edit(f"c{number}", T0 + at_ms, path, name, added=9, removed=0, created=created)


def _turn(
    number: int,
    made: Sequence[str] = (),
    *,
    said: Wording | None = SAID,
    price: Price | None = SONNET,
    output: int = 4_000,
    read: int = 0,
    written: int = 0,
    calls: Sequence[Call] = (),
    edits: Sequence[Edit] = (),
    is_last: bool = False,
    **parts: Any,
) -> Turn:
    """Return a turn that makes these files, all in one request, and an edit of app.py besides."""
    at_ms = number * MINUTE
    paths = [*made, "/home/dev/app/app.py"]
    return turn(
        number,
        at_ms,
        is_last=is_last,
        ended=at_ms + MINUTE // 2,
        prompts=[] if said is None else [prompt(number, at_ms, wording=said)],
        requests=[request(number, at_ms, read=read, write_5m=written, output=output, price=price)],
        calls=[
            *(call(10 * number + n, number, at_ms + n, purpose="edit") for n in range(len(paths))),
            *calls,
        ],
        edits=[
            *(
                _edit(10 * number + n, at_ms + n, path, created=n < len(made))
                for n, path in enumerate(paths)
            ),
            *edits,
        ],
        **parts,
    )


def _touch(purpose: str, path: str, turn_number: int, after: int = SECOND) -> Call:
    at_ms = turn_number * MINUTE + after
    return call(
        900 + turn_number, turn_number, at_ms, purpose=purpose,
        touches=frozenset({name_hash(path)}),
    )  # fmt: skip


def _removal(path: str, number: int = 2, **more: Any) -> Turn:
    return _turn(number, calls=[_touch("remove", path, number)], **more)


def _one(*turns: Turn) -> Finding:
    (finding,) = run(DETECTOR, turns, OVER).values()
    return finding


def test_a_summary_that_was_removed() -> None:
    finding = _one(_turn(1, [SUMMARY]), _removal(SUMMARY))
    # The summary's call is one of two in its request.
    assert finding.wasted == 2_000 * SONNET.output
    assert finding.low == finding.wasted and finding.cause == "removed"
    assert finding.tier is Tier.LIKELY and finding.counts == {"files": 1}
    told = DETECTOR.tell(finding)
    assert "IMPLEMENTATION_SUMMARY.md" in told.headline and "summary" in told.advice
    assert "dev" not in told.explanation


def test_a_trial_script_that_was_removed_later() -> None:
    finding = _one(_turn(1, [SCRIPT]), _removal(SCRIPT, 3))
    assert finding.names == {"file": "test_quick.py", "kind": "script"}


def test_its_own_turn_removed_it() -> None:
    report = _turn(1, [SUMMARY], calls=[_touch("remove", SUMMARY, 1)])
    assert _one(report).cause == "removed"
    read = _turn(1, [SUMMARY], calls=[_touch("read", SUMMARY, 1), _touch("remove", SUMMARY, 1)])
    assert not run(DETECTOR, [read])
    script = _turn(1, [SCRIPT], calls=[_touch("remove", SCRIPT, 1)])
    assert not run(DETECTOR, [script, _turn(2)]), "it was tried and cleaned up"


@pytest.mark.parametrize(
    "words",
    [
        "fix the login form and update IMPLEMENTATION_SUMMARY.md",
        "fix the login form, then write a short report",
        "Repariere das Formular und schreibe eine Zusammenfassung.",
        "修复登录表单并写一份报告",
        "ログインを直して、説明を書いて",
        "로그인 양식을 고치고 보고서를 작성해 줘",
        "word " * 80,
    ],
)
def test_it_was_asked_for(words: str) -> None:
    assert not run(DETECTOR, [_turn(1, [SUMMARY], said=wording(words)), _removal(SUMMARY)], OVER)


@pytest.mark.parametrize(
    "words", ["repair it, the button does nothing", "修复登录", "почини форму"]
)
def test_it_was_not_asked_for(words: str) -> None:
    assert run(DETECTOR, [_turn(1, [SUMMARY], said=wording(words)), _removal(SUMMARY)], OVER)


def test_a_script_that_was_asked_for() -> None:
    said = wording("write a script that shows how long a login takes")
    assert not run(DETECTOR, [_turn(1, [SCRIPT], said=said), _removal(SCRIPT)])


@pytest.mark.parametrize(
    "path",
    [
        "/home/dev/app/app2.py",
        "/home/dev/app/tests/test_quick.py",
        "/home/dev/app/PLAN.md",
        "/home/dev/app/CLAUDE.md",
        "/home/dev/app/contest.py",
        "/home/dev/app/summary.py",
    ],
)
def test_files_of_other_kinds(path: str) -> None:
    assert not run(DETECTOR, [_turn(1, [path]), _removal(path)], OVER)


def test_it_was_read_or_named_in_between() -> None:
    read = _turn(2, calls=[_touch("read", SUMMARY, 2)])
    assert not run(DETECTOR, [_turn(1, [SUMMARY]), read, _removal(SUMMARY, 3)])
    named = _turn(2, said=wording("good, IMPLEMENTATION_SUMMARY.md helps"))
    assert not run(DETECTOR, [_turn(1, [SUMMARY]), named, _removal(SUMMARY, 3)])
    asked_away = _removal(SUMMARY, said=wording("remove IMPLEMENTATION_SUMMARY.md"))
    assert run(DETECTOR, [_turn(1, [SUMMARY]), asked_away])


def test_what_was_not_removed_after_all() -> None:
    refused = _touch("remove", SUMMARY, 2)._replace(denied=True, ok=False)
    assert not run(DETECTOR, [_turn(1, [SUMMARY]), _turn(2, calls=[refused])])
    other = _removal("/home/dev/app/other.md")
    assert not run(DETECTOR, [_turn(1, [SUMMARY]), other])


def test_an_unpriced_request_claims_nothing() -> None:
    assert not run(DETECTOR, [_turn(1, [SUMMARY], price=None), _removal(SUMMARY)])


def _left_alone(first: Turn, turns: int = 3) -> list[Turn]:
    return [first, *(_turn(n, is_last=n == turns + 1) for n in range(2, turns + 2))]


def test_a_summary_that_was_left_alone() -> None:
    finding = _one(*_left_alone(_turn(1, [SUMMARY])))
    assert finding.cause == "unused" and finding.low == finding.wasted * 3 // 10
    assert "no later turn" in DETECTOR.tell(finding).explanation


def test_too_soon_to_tell() -> None:
    turns = _left_alone(_turn(1, [SUMMARY]))
    assert not run(DETECTOR, turns), "the session may go on"
    assert not run(DETECTOR, _left_alone(_turn(1, [SUMMARY]), 2), OVER)


@pytest.mark.parametrize(
    "later",
    [
        {"commits": [Commit("abc", "commit", T0 + 3 * MINUTE)]},
        {"edits": [_edit(99, 3 * MINUTE, SUMMARY, created=False)]},
        {"calls": [_touch("read", SUMMARY, 3)]},
        {"said": wording("look at IMPLEMENTATION_SUMMARY.md")},
    ],
)
def test_it_was_used(later: dict[str, Any]) -> None:
    turns = _left_alone(_turn(1, [SUMMARY]))
    turns[2] = _turn(3, **later)
    assert not run(DETECTOR, turns, OVER)


REPORTED = "/home/dev/app/docs/FIX_SUMMARY.md"
TRIAL = "/home/dev/app/scripts/verify_setup.py"
EVERYTHING = frozenset({0})


def _git(
    number: int, *added: str, purpose: str = "commit", touches: frozenset[int] | None = None,
    after: int = 2 * SECOND, **more: Any,
) -> Call:  # fmt: skip
    """Return a call that adds these names and, by its purpose, commits them."""
    names = frozenset({1, *map(name_hash, added)}) if touches is None else touches
    at_ms = number * MINUTE + after
    more = {"done_ms": T0 + at_ms + 100, **more}
    return call(700 + number, number, at_ms, purpose=purpose, touches=names, **more)


def _left_out(path: str, *calls: Call, **more: Any) -> dict[str, Finding]:
    """Return what is found where turn 2 makes these calls, after turn 1 made a file."""
    return run(DETECTOR, [_turn(1, [path], **more), _turn(2, calls=calls, is_last=True)], OVER)


@pytest.mark.parametrize("path", [REPORTED, TRIAL])
@pytest.mark.parametrize(
    "calls",
    [
        [_git(2, "app.py")],
        [_git(2, "src", "app.py", purpose=""), _git(2, touches=frozenset(), after=3 * SECOND)],
        [_git(2, "app.py", purpose="check"), _git(2, after=3 * SECOND)],
        [_git(2)],
    ],
)
def test_a_commit_left_it_out(path: str, calls: list[Call]) -> None:
    (finding,) = _left_out(path, *calls).values()
    assert finding.cause == "left-out" and finding.low == finding.wasted * 3 // 10
    assert [one.what for one in finding.evidence][-1] == "a commit took other files and not it"
    assert "left it out" in DETECTOR.tell(finding).explanation


@pytest.mark.parametrize("path", [REPORTED, TRIAL])
@pytest.mark.parametrize(
    "calls",
    [
        [],
        [_git(2, "app.py", purpose="")],
        [_git(2, touches=EVERYTHING)],
        [_git(2, touches=frozenset())],
        [_git(2, "FIX_SUMMARY.md", "verify_setup.py")],
        [_git(2, "docs", "scripts")],
        [_git(2, "app.py", ok=False)],
        [_git(2, "app.py", denied=True)],
        [_git(2, touches=EVERYTHING, purpose=""), _git(2, "app.py", after=3 * SECOND)],
        # It had been added when the commit failed.
        [_git(2, touches=EVERYTHING, ok=False), _git(2, "app.py", after=3 * SECOND)],
        # Left out at first, and added then.
        [_git(2, "app.py"), _git(2, "docs", "scripts", purpose="", after=3 * SECOND)],
        [_git(2, "app.py"), _git(2, touches=frozenset(), after=3 * SECOND)],
        [_git(2, "app.py"), _touch("read", REPORTED, 2), _touch("", TRIAL, 2)],
        [_git(2, *(f"{n}.py" for n in range(300)))],
        # It read or removed another file, and added what its names do not tell.
        [_git(2, "app.py", purpose="remove"), _git(2, "app.py", after=3 * SECOND)],
        [_git(2, "app.py", purpose="read"), _git(2, "app.py", after=3 * SECOND)],
    ],
)
def test_a_commit_that_may_hold_it(path: str, calls: list[Call]) -> None:
    assert not _left_out(path, *calls)


def test_the_commit_came_first_or_with_it() -> None:
    early = _turn(1, [REPORTED], calls=[_git(1, "app.py", after=0)])
    same = _turn(1, [REPORTED], calls=[_git(1, "app.py")])
    for first in (early, same):
        assert not run(DETECTOR, [first, _turn(2, is_last=True)], OVER)
        assert _one(*_left_alone(first)).cause == "unused", "no commit holds it"
    late = [_turn(1, [REPORTED]), _turn(2, calls=[_git(2, "app.py")], is_last=True)]
    assert not run(DETECTOR, late), "the session may go on"


def test_a_commit_of_a_subagent_counts() -> None:
    other = strand("a1", calls=[_git(2, "app.py")])
    turns = [_turn(1, [REPORTED]), _turn(2, others=[other], is_last=True)]
    assert _one(*turns).cause == "left-out"
    assert run(DETECTOR, turns, OVER) == run_growing(DETECTOR, turns, OVER)


@pytest.mark.parametrize(
    ("kind", "after", "found"),
    [
        ("commit", 2 * SECOND + 50, True),
        ("push", 2 * SECOND + 50, True),
        ("push", 9 * SECOND, True),
        ("pull-request", 9 * SECOND, True),
        ("commit", 9 * SECOND, False),
        ("push", SECOND, False),
    ],
)
def test_what_was_committed_by_other_means(kind: str, after: int, found: bool) -> None:
    made = Commit("abc", kind, T0 + 2 * MINUTE + after)
    second = _turn(2, calls=[_git(2, "app.py")], commits=[made], is_last=True)
    assert bool(run(DETECTOR, [_turn(1, [REPORTED]), second], OVER)) is found


def test_only_a_task_ends_an_earlier_wish() -> None:
    wish = _turn(0, said=wording("and document what you do"))
    last = _turn(2, calls=[_git(2, "app.py")], is_last=True)
    assert _one(wish, _turn(1, [REPORTED]), last).cause == "left-out"
    go_on = msgspec.structs.replace(SAID, kind="control")
    assert not run(DETECTOR, [wish, _turn(1, [REPORTED], said=go_on), last], OVER)
    assert _one(_turn(1, [REPORTED], said=go_on), last).cause == "left-out"


def test_scripts_that_are_run_or_were_the_task() -> None:
    commit = _git(2, "app.py")
    assert not _left_out(SCRIPT, commit), "a runner of tests finds it"
    assert not _left_out(TRIAL, commit, calls=[_touch("", TRIAL, 1)])
    assert not _left_out(TRIAL, commit, said=wording("write a script that verifies the setup"))
    alone = _turn(1, [TRIAL])
    main = replace(alone.main, edits=alone.main.edits[:1])
    turns = [replace(alone, strands=(main,)), _turn(2, calls=[commit], is_last=True)]
    assert not run(DETECTOR, turns, OVER)


def test_documents_that_may_have_been_the_task() -> None:
    alone = _turn(1, [SUMMARY])
    main = replace(alone.main, edits=alone.main.edits[:1])
    assert not run(DETECTOR, _left_alone(replace(alone, strands=(main,))), OVER)
    before = _turn(0, said=wording("we need documentation"))
    assert not run(DETECTOR, [before, *_left_alone(alone)], OVER)
    other = _turn(1, ["/home/dev/app/architecture.md"])
    assert not run(DETECTOR, _left_alone(other), OVER)
    assert not run(DETECTOR, _left_alone(_turn(1, [SCRIPT])), OVER)


def _grown(number: int, made: Sequence[str] = (), **more: Any) -> Turn:
    """Return a turn of a context that grows by 5,000 tokens each time, with its prompt cached."""
    return _turn(number, made, read=20_000 + 5_000 * number, written=5_000, **more)


def test_what_it_wrote_is_carried_on() -> None:
    turns = [
        _grown(1, [SUMMARY]),
        _grown(2),
        _grown(3, calls=[_touch("remove", SUMMARY, 3)]),
        _grown(4, is_last=True),
    ]
    output = 2_000 * SONNET.output
    entered, read = 2_000 * SONNET.cache_write_5m, 2_000 * SONNET.cache_read
    (finding,) = run(DETECTOR, turns[:3], OVER).values()
    assert finding.wasted == output + entered + read
    (finding,) = run(DETECTOR, turns, OVER).values()
    assert finding.wasted == output + entered + 2 * read, "it stays in the context"
    assert finding.counts == {"files": 1} and len(finding.evidence) == 2
    assert run(DETECTOR, turns) == run_growing(DETECTOR, turns)


def test_a_new_context_holds_nothing_of_it() -> None:
    summary = [Compaction(T0 + 4 * MINUTE - 1, "auto", None, None)]
    turns = [
        _grown(1, [SUMMARY]),
        _grown(2),
        _grown(3, calls=[_touch("remove", SUMMARY, 3)]),
        _grown(4, compactions=summary),
        _grown(5, is_last=True),
    ]
    keys = {key for asks in asked(DETECTOR, turns).values() for key in asks}
    assert keys == {1, 2, 3}


def test_what_was_left_alone_was_carried_too() -> None:
    turns = [_grown(1, [SUMMARY]), *(_grown(n, is_last=n == 4) for n in (2, 3, 4))]
    finding = _one(*turns)
    assert finding.cause == "unused"
    carried = 2_000 * (SONNET.cache_write_5m + 2 * SONNET.cache_read)
    assert finding.wasted == 2_000 * SONNET.output + carried


def test_asks_lie_within_costs_and_growing_turns_change_nothing() -> None:
    turns = [_turn(1, [SUMMARY, SCRIPT]), _removal(SUMMARY), _removal(SCRIPT, 3)]
    costs = {r.key: r.cost for one in turns for r in one.requests}
    claims = asked(DETECTOR, turns)
    assert len(claims) == 2
    for asks in claims.values():
        assert all(within(money, costs[key]) for key, money in asks.items())
    assert run(DETECTOR, turns) == run_growing(DETECTOR, turns)


def test_memory_stays_small() -> None:
    memory: Any = None
    for number in range(1, 200):
        said = _names(number)
        memory, _ = DETECTOR.observe(
            memory, _turn(number, [f"/app/NOTES-{number}.md"], said=said), session()
        )
        assert len(memory.made) <= 32 and len(memory.named) <= 4_096
    assert memory.is_closed


def _names(number: int) -> Wording:
    names = tuple(range(number * 1_000, number * 1_000 + 32))
    return Wording(kind="task", files=names)
