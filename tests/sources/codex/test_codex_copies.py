"""Forks by copy in logs whose turns, if any, don't tell whose they are: the origin's log does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from codex_logs import (
    DATA,
    NOW_MS,
    START_MS,
    Merged,
    Rollout,
    log_file,
    of,
    read,
    stamp,
    uuid7,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.events import PromptSeen
from tokenwatch.model import AgentKind
from tokenwatch.sources.codex import SOURCE, family
from tokenwatch.sources.source import Pass

PARENT, CHILD = uuid7(START_MS, 1), uuid7(START_MS + 600_000, 2)
FORK_MS = START_MS + 600_000
ANSWERS = (1000, 500, 250, 125)
STAMPS = {"at a stroke": 3, "slowly": 7_500, "old times": None}


def say(log: Rollout, words: str, tokens: int, **more: Any) -> Rollout:
    """A prompt, an answer, and the answer's count once more with the limits."""
    log.event("user_message", message=words, **more)
    log.spend(tokens, 0, 1, **more)
    return log.count(log.total, [tokens, 0, 0, 1, 0, tokens + 1], **more)


def origin(*, later: int = 0) -> Rollout:
    """A thread without turns; `later` is what it spent after the fork."""
    log = Rollout(PARENT).meta()
    for number, asked in enumerate(ANSWERS):
        say(log, f"question {number}", asked)
    if later:
        log.at_ms = FORK_MS + 60_000
        say(log, "a later question", later)
    return log


def fork(
    stamps: str = "at a stroke", start: int = 0, stop: int = 99, thread: str = CHILD, **meta: Any
) -> Rollout:
    """The beginning of a fork: its header, the origin's, and what it was asked and answered."""
    log = Rollout(thread, FORK_MS)
    log.meta(**({"forked_from_id": PARENT} | meta))
    log.add("session_meta", {"id": PARENT, "timestamp": stamp(START_MS)}, step_ms=1)
    step, at_ms = STAMPS[stamps], log.at_ms
    for number, asked in enumerate(ANSWERS):
        if start <= number < stop:
            if step is None:
                log.at_ms = START_MS + 1000 + 3000 * number
            say(log, f"question {number}", asked, step_ms=step or 1000)
        elif number < start:
            log.total = [
                a + b for a, b in zip(log.total, [asked, 0, 0, 1, 0, asked + 1], strict=True)
            ]
    log.at_ms = max(log.at_ms, at_ms) + 20_000
    return log


def contexts(merged: Merged) -> list[int]:
    return [request.usage.context for request in merged.requests]


def titles(merged: Merged) -> list[str]:
    return [prompt.title for prompt in of(PromptSeen, merged.events)]


def own(home: Path, log: Rollout) -> tuple[list[int], list[str]]:
    """Return the tokens and prompts that are the fork's own."""
    path = log.write(home)
    usage = read(path, root=home)
    return contexts(usage), titles(read(path, Pass.DETAIL, root=home))


@pytest.mark.parametrize("stamps", STAMPS)
@pytest.mark.parametrize(("start", "stop"), [(0, 99), (2, 99), (0, 2), (1, 3)])
def test_what_the_origin_had_is_no_spend_of_its_fork(
    tmp_path: Path, stamps: str, start: int, stop: int
) -> None:
    origin().write(tmp_path)
    log = say(fork(stamps, start, stop), "my own question", 70)
    assert own(tmp_path, say(log, "and another", 80)) == (
        [70, 80],
        ["my own question", "and another"],
    )


@pytest.mark.parametrize("stamps", STAMPS)
def test_turns_that_tell_nothing_are_passed_over(tmp_path: Path, stamps: str) -> None:
    origin().write(tmp_path)
    log = fork(stamps)
    log.lines.insert(2, log.lines[2].replace(b'"user_message"', b'"task_started"'))
    log.event("task_started", turn_id="mine")
    assert own(tmp_path, say(log, "my own question", 70))[0] == [70]


def test_a_foreign_header_alone_names_the_origin(tmp_path: Path) -> None:
    origin().write(tmp_path)
    source = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}
    log = say(fork("slowly", forked_from_id=None, source=source), "do it", 70)
    merged = read(log.write(tmp_path), root=tmp_path)
    assert contexts(merged) == [70]
    assert merged.facts.kind is AgentKind.SUBAGENT


def test_a_packed_origin_tells_as_well(tmp_path: Path) -> None:
    from backports import zstd

    path = origin().write(tmp_path)
    path.with_name(path.name + ".zst").write_bytes(zstd.compress(path.read_bytes()))
    path.unlink()
    assert own(tmp_path, say(fork("slowly"), "mine", 70)) == ([70], ["mine"])


@pytest.mark.parametrize("stamps", STAMPS)
@pytest.mark.parametrize("words", ["mine", "a later question"])
def test_what_the_origin_spent_after_the_fork_is_no_copy(
    tmp_path: Path, stamps: str, words: str
) -> None:
    """Even where the fork then spends the very same, on the very same question."""
    origin(later=70).write(tmp_path)
    assert own(tmp_path, say(fork(stamps), words, 70)) == ([70], [words])


def test_siblings_may_spend_alike(tmp_path: Path) -> None:
    origin().write(tmp_path)
    for number in (2, 3):
        log = fork(thread=uuid7(FORK_MS, number))
        assert own(tmp_path, say(log, "mine", 70)) == ([70], ["mine"])


@pytest.mark.parametrize("stamps", STAMPS)
def test_an_empty_fork_spent_nothing(tmp_path: Path, stamps: str) -> None:
    origin().write(tmp_path)
    assert own(tmp_path, fork(stamps)) == ([], [])


def test_a_fork_from_before_the_first_answer(tmp_path: Path) -> None:
    origin().write(tmp_path)
    assert own(tmp_path, say(fork(stop=0), "another question", 70))[0] == [70]


def test_a_fork_that_asks_the_same_again(tmp_path: Path) -> None:
    origin().write(tmp_path)
    assert own(tmp_path, say(fork(stop=2), "question 2", 70))[0] == [70]


def test_counters_that_start_again(tmp_path: Path) -> None:
    origin().write(tmp_path)
    log = fork("slowly")
    log.total = [0] * 6
    assert own(tmp_path, say(log, "mine", 70)) == ([70], ["mine"])


def test_an_origin_that_tells_nothing_leaves_it_to_the_pause(tmp_path: Path) -> None:
    """A log of that name which holds none of the copied counts."""
    say(Rollout(PARENT).meta(), "something else", 7).write(tmp_path)
    assert own(tmp_path, say(fork(), "mine", 70))[0] == [70]


@pytest.mark.parametrize("damaged", [False, True])
def test_without_the_origin_the_first_pause_decides(tmp_path: Path, damaged: bool) -> None:
    if damaged:
        path = origin().write(tmp_path)
        path.with_name(path.name + ".zst").write_bytes(b"\x28\xb5\x2f\xfd no frame")
        path.unlink()
    for stamps in ("at a stroke", "old times"):
        log = say(fork(stamps), "mine", 70)
        assert own(tmp_path, say(log, "again", 80)) == ([70, 80], ["mine", "again"])
    assert own(tmp_path, fork()) == ([], [])


def test_a_damaged_origin_stops_no_agent_of_it(tmp_path: Path) -> None:
    path = origin().write(tmp_path)
    path.with_name(path.name + ".zst").write_bytes(b"\x28\xb5\x2f\xfd no frame")
    path.unlink()
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}
    merged = read(
        say(Rollout(CHILD).meta(source=spawn), "do it", 70).write(tmp_path), root=tmp_path
    )
    assert (contexts(merged), merged.facts.session_id) == ([70], PARENT)


LOGS = [
    say(say(fork(stamps, start, stop), "mine", 70), "again", 80).data
    for stamps in STAMPS
    for start, stop in ((0, 99), (1, 3))
]


@pytest.mark.parametrize("which", list(Pass))
@pytest.mark.parametrize("whole", LOGS)
@pytest.mark.parametrize("there", [True, False])
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_any_cuts(
    tmp_path_factory: pytest.TempPathFactory,
    whole: bytes,
    which: Pass,
    there: bool,
    data: st.DataObject,
) -> None:
    home = tmp_path_factory.mktemp("cuts")
    if there:
        origin(later=70).write(home)
    path = Rollout(CHILD).write(home)
    path.write_bytes(whole)
    os.utime(path, (NOW_MS / 1000, NOW_MS / 1000))
    expected = read(path, which, root=home)
    assert there is False or which is Pass.DETAIL or contexts(expected) == [70, 80]
    merged: Merged | None = None
    for cut in [*sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=6))), len(whole)]:
        path.write_bytes(whole[:cut])
        os.utime(path, (NOW_MS / 1000, NOW_MS / 1000))
        merged = read(path, which, root=home, before=merged)
    assert merged is not None
    assert (merged.events, merged.facts) == (expected.events, expected.facts)
    assert merged.bookmark == expected.bookmark


def test_the_memory_of_a_long_copy_is_short(tmp_path: Path) -> None:
    log = Rollout(PARENT).meta()
    for _ in range(2_000):
        log.count([9, 0, 0, 1, 0, 10], [9, 0, 0, 1, 0, 10], step_ms=1)
        log.count([5, 0, 0, 1, 0, 6], [5, 0, 0, 1, 0, 6], step_ms=1)
    log.write(tmp_path)
    copy = Rollout(CHILD, FORK_MS).meta(forked_from_id=PARENT)
    copy.lines += log.lines[:40]
    merged = read(copy.write(tmp_path), root=tmp_path)
    assert merged.bookmark is not None
    assert len(merged.bookmark.state) < 3_000
    assert merged.requests == []


def review(home: Path) -> tuple[Path, Path]:
    """Write a reviewer's log alone; return its path and where that of its parent belongs."""
    parent, reviewer = sorted((DATA / "0.121.0" / "review").rglob("*.jsonl"))
    folder = home / "sessions" / "2026" / "11" / "21"
    folder.mkdir(parents=True)
    (folder / reviewer.name).write_bytes(reviewer.read_bytes())
    return folder / reviewer.name, parent


@pytest.mark.parametrize("which", list(Pass))
def test_a_reviewer_waits_for_its_parent_s_log(tmp_path: Path, which: Pass) -> None:
    path, parent = review(tmp_path)
    log = log_file(path, tmp_path)
    (born,) = [at for at in [family.uuid7_ms(path.stem[-36:])] if at is not None]
    for now_ms in (born, born + 1_000, born + family.REVIEW_START_MS):
        assert list(SOURCE.read(log, None, which, now_ms=now_ms)) == []
    alone = read(path, which, root=tmp_path, now_ms=born + family.REVIEW_START_MS + 1)
    assert (alone.facts.session_id, alone.facts.kind) == (path.stem[-36:], AgentKind.MAIN)
    (path.parent / parent.name).write_bytes(parent.read_bytes())
    merged = read(path, which, root=tmp_path, now_ms=born + 1_000)
    assert merged.facts.session_id == parent.stem[-36:]
    assert merged.facts.kind is AgentKind.AUXILIARY
    assert len(merged.events) >= len(alone.events)


def test_a_reviewer_goes_on_waiting_where_it_was_read_to(tmp_path: Path) -> None:
    path, parent = review(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n") + 1])
    (born,) = [at for at in [family.uuid7_ms(path.stem[-36:])] if at is not None]
    first = read(path, root=tmp_path, now_ms=born + 100)
    assert first.lines == 1
    path.write_bytes(whole)
    assert read(path, root=tmp_path, now_ms=born + 200, before=first).lines == 1
    (path.parent / parent.name).write_bytes(parent.read_bytes())
    merged = read(path, root=tmp_path, now_ms=born + 300, before=first)
    assert {r.session_id for r in merged.requests} == {parent.stem[-36:]}
