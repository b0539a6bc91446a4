"""What is read again although it is still there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waste import build
from tests.analysis.waste.build import SONNET, run
from tests.analysis.waste.talk import Talk, hashed, run_growing, run_once
from tokenwatch.analysis.waste import rereads
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Kind

(DETECTOR,) = rereads.DETECTORS
FILE = "src/app.py"


def _begin(tokens: int = 3_000) -> Talk:
    talk = Talk()
    talk.say()
    talk.read(FILE, tokens)
    talk.say()
    return talk


def test_a_repeat_is_claimed_the_first_is_not() -> None:
    talk = _begin()
    talk.read(FILE, 3_000)
    talk.say(5)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert (finding.key, finding.cause) == ("c1", None)
    assert finding.wasted == 3_000 * (SONNET.cache_write_5m + 4 * SONNET.cache_read)
    assert finding.counts == {"times": 1, "tokens": 3_000}
    assert "3.00k" in DETECTOR.tell(finding).explanation


def test_all_repeats_of_a_read_are_one_finding() -> None:
    talk = _begin()
    for _ in range(3):
        talk.ask()
        talk.read(FILE, 3_000)
        talk.say(2)
    found = run(DETECTOR, talk.turns)
    assert run_once(DETECTOR, talk.turns) == run_growing(DETECTOR, talk.turns)
    assert found["c1"].counts == {"times": 3, "tokens": 9_000}
    assert "3 times" in DETECTOR.tell(found["c1"]).headline


def test_side_by_side_is_a_repeat_too() -> None:
    talk = Talk()
    talk.say()
    talk.read(FILE, 3_000)
    talk.read(FILE, 3_000)
    talk.say(2)
    assert run(DETECTOR, talk.turns)["c1"].counts["tokens"] == 3_000


def test_not_after_an_edit() -> None:
    talk = _begin()
    talk.edit("other/app.py")
    talk.say()
    talk.read(FILE, 3_000)
    talk.say()
    assert run(DETECTOR, talk.turns) == {}


@pytest.mark.parametrize("purpose", ["revert", "write", "edit", "remove"])
@pytest.mark.parametrize("touched", [hashed(FILE), 0])
def test_not_after_a_command_that_changes_it(purpose: str, touched: int) -> None:
    talk = _begin()
    talk.call(10, name="Bash", purpose=purpose, touches=frozenset({touched}))
    talk.ask()
    talk.say()
    talk.read(FILE, 3_000)
    talk.say()
    assert run(DETECTOR, talk.turns) == {}


def test_an_edit_afterwards_does_not_excuse_it() -> None:
    talk = _begin()
    talk.read(FILE, 3_000)
    talk.say()
    talk.edit(FILE)
    talk.say()
    assert run(DETECTOR, talk.turns)


def test_another_result_or_range_is_no_repeat() -> None:
    talk = _begin()
    talk.read(FILE, 3_000, result="changed by another program")
    talk.say()
    talk.call(3_000, command=f"Read {FILE} 100 50", result=f"{FILE} text", output_bytes=12_000)
    talk.say()
    assert run(DETECTOR, talk.turns) == {}


def test_a_word_that_nothing_changed_costs_nothing_and_hides_nothing() -> None:
    talk = _begin()
    for _ in range(3):
        talk.read(FILE, 40, result="unchanged")
        talk.say()
    assert run(DETECTOR, talk.turns) == {}
    talk.read(FILE, 3_000)
    talk.say()
    assert run(DETECTOR, talk.turns)["c1"].counts["times"] == 1


@pytest.mark.parametrize(("tokens", "hits"), [(150, False), (151, True)])
def test_limit(tokens: int, hits: bool) -> None:
    talk = _begin(tokens)
    talk.read(FILE, tokens)
    talk.say()
    assert bool(run(DETECTOR, talk.turns)) is hits


def test_after_a_compaction_it_is_another_finding() -> None:
    talk = _begin()
    talk.compact()
    talk.say(2)
    talk.read(FILE, 3_000)
    talk.say(2)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert (finding.key, finding.cause) == ("c2:compaction", "compaction")
    assert finding.wasted == 3_000 * (SONNET.cache_write_5m + SONNET.cache_read)
    assert "compaction" in DETECTOR.tell(finding).headline
    talk.read(FILE, 3_000)
    talk.say()
    found = run(DETECTOR, talk.turns)
    assert {key: one.cause for key, one in found.items()} == {
        "c2:compaction": "compaction",
        "c2": None,
    }


def test_a_compaction_ends_what_a_repeat_costs() -> None:
    talk = _begin()
    talk.read(FILE, 3_000)
    talk.say(2)
    talk.compact()
    talk.say(5)
    assert len(run(DETECTOR, talk.turns)["c1"].granted) == 2


def test_not_where_the_first_was_taken_back() -> None:
    talk = _begin()
    talk.rewind(to=20_100)
    talk.added = 300
    talk.say()
    talk.read(FILE, 3_000)
    talk.say(2)
    assert run(DETECTOR, talk.turns) == {}


def test_each_agent_reads_for_itself() -> None:
    main = _begin()
    sub = Talk(agent="a1")
    sub.say()
    sub.read(FILE, 3_000)
    sub.say(2)
    turn = main.turns[0]
    both = build.turn(0, requests=turn.main.requests, calls=turn.main.calls, others=[sub.strand()])
    assert run(DETECTOR, [both]) == {}


@pytest.mark.parametrize("more", [{"ok": False}, {"denied": True}, {"output_fingerprint": b""}])
def test_failed_reads_do_not_count(more: dict[str, Any]) -> None:
    talk = Talk()
    talk.say()
    for _ in range(3):
        talk.read(FILE, 3_000, **more)
        talk.say()
    assert run(DETECTOR, talk.turns) == {}


def test_what_is_remembered_is_bounded() -> None:
    talk = Talk()
    talk.say()
    for number in range(400):
        talk.ask()
        talk.read(f"src/{number}.py", 400)
        talk.edit(f"src/e{number}.py")
        talk.say()
    memory = None
    for turn in talk.turns:
        memory, _ = DETECTOR.observe(memory, turn, build.session())
    assert memory is not None
    assert len(memory.edited) == rereads.MOST_EDITED
    assert len(memory.agents[build.MAIN].reads) == rereads.MOST_READS


def test_explained() -> None:
    assert set(meanings(rereads.__doc__ or "")) == {Kind.REDUNDANT_READ}
