"""Results that are larger than what was needed of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waste import build
from tests.analysis.waste.build import SONNET, asked, run
from tests.analysis.waste.talk import Talk, run_growing, run_once
from tokenwatch.analysis.waste import results
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.analysis.waste.history import NO_MONEY, Money

(DETECTOR,) = results.DETECTORS


def _talk(tokens: int = 12_000, after: int = 10, **more: Any) -> Talk:
    talk = Talk()
    talk.say()
    talk.call(tokens, **{"name": "Bash", "purpose": "check", **more})
    talk.say(after)
    return talk


def test_half_of_the_excess_is_claimed() -> None:
    talk = _talk(12_000, after=10)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert finding.key == "c1"
    assert finding.tier is Tier.LIKELY
    assert finding.counts == {"tokens": 12_000, "requests": 10}
    assert finding.wasted == 5_000 * (SONNET.cache_write_5m + 9 * SONNET.cache_read)
    assert finding.first_ms == build.T0 + 12_100
    memory, signs = DETECTOR.observe(None, talk.turns[0], build.session())
    assert signs[0].low * signs[0].asks[0].money.total == pytest.approx(3_000 * 3_750_000)
    assert signs[0].high == 2


def test_it_grows_with_later_turns() -> None:
    talk = _talk(after=2)
    for _ in range(3):
        talk.ask()
        talk.say(2)
    found = run(DETECTOR, talk.turns)
    assert run_once(DETECTOR, talk.turns) == run_growing(DETECTOR, talk.turns)
    assert found["c1"].counts["requests"] == 8
    assert len(found["c1"].granted) == 8
    assert len(found["c1"].evidence) == 1


@pytest.mark.parametrize(("tokens", "hits"), [(5_000, False), (5_001, True)])
def test_limit(tokens: int, hits: bool) -> None:
    assert bool(run(DETECTOR, _talk(tokens).turns)) is hits


@pytest.mark.parametrize(("after", "hits"), [(3, False), (4, True)])
def test_not_where_the_agent_was_done_soon_after(after: int, hits: bool) -> None:
    assert bool(run(DETECTOR, _talk(after=after).turns)) is hits


def test_not_where_it_was_compacted_soon_after() -> None:
    talk = _talk(after=3)
    talk.compact()
    talk.say(9)
    assert run(DETECTOR, talk.turns) == {}


def test_a_compaction_ends_it() -> None:
    talk = _talk(after=5)
    talk.compact()
    talk.say(9)
    assert len(run(DETECTOR, talk.turns)["c1"].granted) == 5


def test_a_rebuilt_cache_costs_nothing_more_here() -> None:
    talk = _talk(after=5)
    rebuilt = talk.say(expired=True)
    talk.say(2)
    granted = dict(run(DETECTOR, talk.turns)["c1"].granted)
    assert rebuilt.key not in granted
    assert granted[rebuilt.key + 1] == 5_000 * SONNET.cache_read


def test_fresh_input_where_nothing_is_written() -> None:
    talk = Talk(writes=False)
    talk.say()
    talk.call(12_000)
    talk.say(5)
    (money,) = asked(DETECTOR, talk.turns).values()
    assert money[2] == Money(input=5_000 * SONNET.input)
    assert money[3] == Money(cache_read=5_000 * SONNET.cache_read)


def test_a_whole_file_that_was_edited_all_over_was_needed() -> None:
    talk = Talk()
    talk.say()
    talk.read("src/big.py", 12_000)  # 1,200 lines
    talk.say(6)
    assert run(DETECTOR, talk.turns)
    talk.ask()
    talk.edit("src/other.py", lines=2_000)
    talk.edit("src/big.py", lines=250)
    talk.say()
    assert run(DETECTOR, talk.turns)
    talk.edit("lib/../src/big.py", lines=51)
    talk.say()
    assert run(DETECTOR, talk.turns) == {}
    talk.ask()
    talk.say(9)
    assert run_growing(DETECTOR, talk.turns) == {}


def test_many_small_edits_are_not_in_one_place() -> None:
    talk = Talk()
    talk.say()
    talk.read("src/big.py", 12_000)
    talk.say(6)
    for _ in range(results.MANY_EDITS):
        talk.edit("src/big.py", lines=1)
        talk.say()
    assert run(DETECTOR, talk.turns) == {}


def test_edits_before_the_read_do_not_count() -> None:
    talk = Talk()
    talk.say()
    talk.edit("src/big.py", lines=2_000)
    talk.say()
    talk.read("src/big.py", 12_000)
    talk.say(6)
    assert run(DETECTOR, talk.turns)


def test_edits_of_the_main_agent_show_what_a_subagent_needed() -> None:
    sub = Talk(agent="a1")
    sub.say()
    sub.read("src/big.py", 12_000)
    sub.say(6)
    main = Talk()
    main.say(2)
    turn = build.turn(0, others=[sub.strand()], requests=main.turns[0].main.requests)
    (finding,) = run(DETECTOR, [turn]).values()
    assert finding.agent_id == "a1"
    main.now = sub.now
    main.ask()
    main.edit("src/big.py", lines=800)
    later = build.turn(1, main.now, edits=main.turns[1].edits)
    assert run(DETECTOR, [turn, later]) == {}


def test_unpriced_requests_give_no_finding() -> None:
    talk = Talk(price=None)
    talk.say()
    talk.call(12_000)
    talk.say(9)
    assert run(DETECTOR, talk.turns) == {}


def test_errors_can_be_large_too() -> None:
    assert run(DETECTOR, _talk(ok=False).turns)


def test_what_is_remembered_is_bounded() -> None:
    talk = Talk()
    memory = None
    for _ in range(100):
        talk.ask()
        talk.say()
        talk.call(6_000)
    for turn in talk.turns:
        memory, signs = DETECTOR.observe(memory, turn, build.session())
        assert len(signs) <= results.MOST_ITEMS + 1
    assert memory is not None
    assert len(memory[build.MAIN].items) == results.MOST_ITEMS


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"purpose": "read", "target": "big.py"}, "offset"),
        ({"purpose": "read", "partial": True}, "smaller part"),
        ({"purpose": "check"}, "test runner"),
        ({"purpose": "search"}, "head_limit"),
        ({"purpose": "web"}, "page"),
        ({"purpose": "launch"}, "short answer"),
        ({"mcp_server": "github"}, "github"),
        ({"purpose": ""}, "BASH_MAX_OUTPUT_LENGTH"),
    ],
)
def test_advice_by_purpose(more: dict[str, Any], word: str) -> None:
    (finding,) = run(DETECTOR, _talk(**more).turns).values()
    told = DETECTOR.tell(finding)
    assert word in told.advice
    assert "12.0k" in told.explanation


def test_explained() -> None:
    assert set(meanings(results.__doc__ or "")) == {Kind.OVERSIZED_RESULT}
    assert NO_MONEY.total == 0
