"""A finished task that is carried along into the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.waste import build
from tests.analysis.waste.build import MINUTE, SONNET, run
from tests.analysis.waste.talk import Talk, hashed, run_growing, run_once
from tokenwatch.analysis.waste import finished_task
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.analysis.waste.history import NO_MONEY
from tokenwatch.wording import Wording

(DETECTOR,) = finished_task.DETECTORS


def _first_task(tokens: int = 40_000, sha: str = "abc1234") -> Talk:
    """A task of two files, with so many tokens when it is committed."""
    talk = Talk()
    talk.ask(files=["src/login.py"])
    talk.say()
    talk.call(tokens - 400)
    talk.say()
    talk.edit("src/login.py")
    talk.edit("src/session.py")
    talk.say()
    talk.commit(sha)
    talk.say()
    return talk


def _next_task(talk: Talk, files: Sequence[str] = ("src/export.py",), times: int = 20) -> None:
    talk.ask(files=files)
    talk.say(times)
    for file in files:
        talk.edit(file)


def test_what_lies_behind_the_commit_is_stale() -> None:
    talk = _first_task()
    _next_task(talk)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert finding.key == "abc1234"
    # The answer between two requests belongs to the task, too; the one at the end does not.
    assert finding.counts["tokens"] == 40_000
    reading = 20 * 40_000 * SONNET.cache_read - 10_000 * SONNET.cache_write_5m
    assert finding.wasted == pytest.approx(0.875 * reading, rel=0.001)
    assert finding.evidence[0].prompt_id == "p0"
    told = DETECTOR.tell(finding)
    assert "40.0k" in told.headline
    assert "/clear after the commit" in told.advice
    memory, signs = DETECTOR.observe(None, talk.turns[0], build.session())
    _, signs = DETECTOR.observe(memory, talk.turns[1], build.session())
    assert signs[0].low == pytest.approx(4 / 7)
    assert signs[0].high == pytest.approx(8 / 7)


def test_it_goes_on_over_turns_until_the_compaction() -> None:
    talk = _first_task()
    _next_task(talk)
    talk.ask("control")
    talk.say(5)
    talk.ask(files=["src/export.py"])
    talk.say(5)
    talk.compact()
    talk.say(9)
    found = run(DETECTOR, talk.turns)
    assert run_once(DETECTOR, talk.turns) == run_growing(DETECTOR, talk.turns)
    assert found["abc1234"].counts["requests"] == 27  # three paid for the reload alone
    assert len(found["abc1234"].evidence) == 4


def test_nothing_without_a_new_task() -> None:
    talk = _first_task()
    talk.ask("chore")
    talk.say(20)
    talk.ask("question", files=["src/other.py"])
    talk.say(20)
    talk.ask("control")
    talk.say(20)
    assert run(DETECTOR, talk.turns) == {}


@pytest.mark.parametrize(
    "again",
    [
        {"files": ["docs/login.py"]},
        {"files": ["src/x.py", "src/y.py", "src/z.py", "src/login.py"]},
        {"kind": "complaint", "complaint": 2, "files": ["src/else.py"]},
        {},
    ],
)
def test_follow_up_work_is_the_same_task(again: dict[str, Any]) -> None:
    talk = _first_task()
    talk.ask(**again)
    talk.say(20)
    assert run(DETECTOR, talk.turns) == {}


def test_tests_of_the_same_file_are_the_same_task() -> None:
    talk = _first_task()
    talk.ask(words=9)
    talk.say(20)
    talk.edit("tests/test_login.py")
    talk.edit("web/session.spec.ts")
    assert run(DETECTOR, talk.turns) == {}


def test_a_plan_that_both_name_makes_one_task() -> None:
    talk = Talk()
    talk.ask(files=["plan.md", "src/login.py"])
    talk.say()
    talk.call(40_000)
    talk.say()
    for number in range(20):
        talk.edit(f"src/login{number}.py")
    talk.commit()
    talk.say()
    talk.ask(files=["plan.md", *(f"src/new{number}.py" for number in range(9))])
    talk.say(20)
    assert run(DETECTOR, talk.turns) == {}


def test_a_name_in_many_is_not_the_same_task() -> None:
    talk = _first_task()
    talk.ask(files=[f"src/new{number}.py" for number in range(9)], entities=(1, 2, 3))
    talk.say(20)
    assert run(DETECTOR, talk.turns)


def test_it_is_withdrawn_when_the_new_task_edits_the_same_files() -> None:
    talk = _first_task()
    _next_task(talk)
    assert run(DETECTOR, talk.turns)
    talk.ask(files=["src/more.py"])
    talk.edit("src/login.py")
    talk.say(2)
    assert run(DETECTOR, talk.turns) == {}
    assert run_growing(DETECTOR, talk.turns) == {}
    talk.ask("control")
    talk.say(20)
    assert run(DETECTOR, talk.turns) == {}


def test_each_boundary_is_a_finding_and_no_token_is_asked_for_twice() -> None:
    talk = _first_task()
    talk.ask(files=["src/export.py"])
    talk.say()
    talk.call(30_000)
    talk.say(9)
    talk.edit("src/export.py")
    talk.commit("def5678")
    talk.say()
    talk.ask(files=["src/chart.py"])
    talk.say(20)
    found = run(DETECTOR, talk.turns)
    assert found.keys() == {"abc1234", "def5678"}
    both = found["abc1234"].counts["tokens"] + found["def5678"].counts["tokens"]
    assert both == talk.turns[1].main.requests[-2].context - 20_000


def test_coming_back_to_an_older_task_ends_it_there() -> None:
    talk = _first_task()
    _next_task(talk)
    talk.call(30_000)
    talk.say()
    talk.commit("def5678")
    talk.say()
    before = run(DETECTOR, talk.turns)["abc1234"]
    talk.ask(files=["src/login.py"])
    talk.say(20)
    after = run(DETECTOR, talk.turns)
    assert after["abc1234"].wasted == before.wasted
    assert "def5678" in after


@pytest.mark.parametrize(("tokens", "hits"), [(9_000, False), (10_500, True)])
def test_limit(tokens: int, hits: bool) -> None:
    talk = _first_task(tokens)
    _next_task(talk, times=60)
    assert bool(run(DETECTOR, talk.turns)) is hits


def test_nothing_of_a_context_that_was_compacted_before() -> None:
    talk = _first_task()
    talk.compact(left=30_000)
    _next_task(talk)
    assert run(DETECTOR, talk.turns) == {}


def test_only_what_was_read_is_claimed() -> None:
    talk = _first_task()
    talk.ask(files=["src/export.py"])
    talk.say(5)
    rebuilt = talk.say(expired=True)
    talk.say(5)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert rebuilt.key not in dict(finding.granted)


def _pause(minutes: int, **second: Any) -> Talk:
    talk = Talk()
    talk.ask(files=["src/login.py", "src/session.py"], tokens=(2, 4, 6, 8))
    talk.say()
    talk.call(40_000)
    talk.say(3)
    talk.ask(after=minutes * MINUTE, **second)
    talk.say(20)
    return talk


NEW = {"files": ["src/export.py", "src/csv.py"], "tokens": (10, 12, 14)}


@pytest.mark.parametrize(
    ("minutes", "second", "hits"),
    [
        (31, NEW, True),
        (30, NEW, False),
        (90, NEW | {"files": ["src/export.py"]}, False),
        (90, NEW | {"files": ["src/export.py", "src/login.py"]}, False),
        (90, NEW | {"tokens": (2, 4, 10)}, False),
        (90, NEW | {"kind": "question"}, False),
    ],
)
def test_a_long_pause_and_another_topic(minutes: int, second: dict[str, Any], hits: bool) -> None:
    found = run(DETECTOR, _pause(minutes, **second).turns)
    assert bool(found) is hits
    if hits:
        assert found.keys() == {"t0"}
        assert "the pause" in DETECTOR.tell(found["t0"]).advice


def test_another_task_in_so_many_words() -> None:
    talk = _first_task()
    talk.ask(moves_on=True)
    talk.say(20)
    assert run(DETECTOR, talk.turns)


def test_a_commit_of_a_subagent_is_no_boundary() -> None:
    talk = _first_task()
    _next_task(talk)
    turns = talk.turns
    commits = turns[0].main.commits
    turns[0] = build.turn(
        0,
        1_000,
        prompts=turns[0].prompts,
        ended=100_000,
        requests=turns[0].main.requests,
        calls=turns[0].main.calls,
        edits=turns[0].main.edits,
        others=[build.strand("a1", commits=commits)],
    )
    assert run(DETECTOR, turns) == {}


def test_unpriced_requests_give_no_finding() -> None:
    talk = _first_task()
    _next_task(talk)
    turns = talk.turns
    requests = [r._replace(cost=NO_MONEY, price=None) for r in turns[1].main.requests]
    turns[1] = build.turn(1, 60_000, prompts=turns[1].prompts, requests=requests)
    assert run(DETECTOR, turns) == {}


def test_what_is_remembered_is_bounded() -> None:
    talk = Talk()
    for number in range(40):
        talk.ask(files=[f"a{number}-{n}.py" for n in range(50)])
        talk.say()
        talk.call(12_000)
        talk.say(2)
        for n in range(30):
            talk.edit(f"src/b{number}-{n}.py")
        talk.commit(f"sha{number}")
    memory = None
    for turn in talk.turns:
        memory, _ = DETECTOR.observe(memory, turn, build.session())
    assert memory is not None
    assert len(memory.layers) == finished_task.MOST_LAYERS
    assert len(memory.task.names) <= finished_task.MOST_NAMES


def test_turns_without_prompts_or_requests() -> None:
    empty = [build.turn(number, number * 1_000, prompts=[]) for number in range(3)]
    assert run(DETECTOR, empty) == {}
    assert Wording().files == ()
    assert hashed("a/B.py") == hashed("b.py")


def test_explained() -> None:
    assert set(meanings(finished_task.__doc__ or "")) == {Kind.STALE_CONTEXT}
