"""What an item holds in the context, and what requests paid for it."""

from __future__ import annotations

from tests.analysis.waste.build import HAIKU, SECOND, SONNET, prompt
from tests.analysis.waste.talk import Talk
from tokenwatch.analysis.waste.carry import (
    MOST_AGENTS,
    Arrival,
    Chain,
    Room,
    Step,
    holds,
    remembered,
    walk,
)
from tokenwatch.analysis.waste.history import NO_MONEY, Money
from tokenwatch.wording import Wording


def _steps(talk: Talk) -> list[Step]:
    chain = Chain()
    found: list[Step] = []
    for turn in talk.turns:
        chain, steps = walk(chain, turn.main)
        found += steps
    return found


def _arrivals(talk: Talk) -> list[Arrival]:
    return [arrival for step in _steps(talk) for arrival in step.arrivals]


def test_an_item_alone_holds_what_the_context_grew_by() -> None:
    talk = Talk()
    talk.say()
    talk.call(7_000, bytes_each=3)
    talk.say(2)
    (arrival,) = _arrivals(talk)
    assert (arrival.tokens, arrival.start) == (7_000, 20_200)


def test_items_share_the_growth_by_their_bytes() -> None:
    talk = Talk()
    talk.say()
    talk.call(3_000)
    talk.call(9_000)
    talk.say()
    assert [(a.tokens, a.start) for a in _arrivals(talk)] == [(3_000, 20_200), (9_000, 23_200)]


def test_a_result_that_comes_in_a_later_turn_enters_there() -> None:
    talk = Talk()
    talk.say()
    late = talk.call(7_000)
    talk.ask(after=60 * SECOND)
    talk.say()
    first, second = _steps(talk)
    assert not first.arrivals
    assert [a.call.id for a in second.arrivals if a.call] == [late]
    assert second.arrivals[0].tokens == 7_000


def test_without_a_request_before_bytes_tell() -> None:
    talk = Talk()
    talk.say()
    talk.call(7_200, bytes_each=1)
    talk.compact()
    talk.say()
    step = _steps(talk)[-1]
    assert step.ending == "compaction"
    assert step.arrivals[0].tokens == 2_000


def test_text_has_no_more_tokens_than_bytes() -> None:
    talk = Talk()
    talk.say()
    talk.call(9_000, output_bytes=500)
    talk.say()
    assert _arrivals(talk)[0].tokens == 500


def test_what_the_log_left_out_of_an_answer_is_no_items() -> None:
    talk = Talk()
    before = talk.say()
    talk.parts[0]["requests"] = [before._replace(lower_bound=True)]
    talk.call(9_000, output_bytes=3_600)
    talk.say()
    assert _arrivals(talk)[0].tokens == 1_000


def test_prompts_are_items_with_all_that_was_pasted() -> None:
    talk = Talk()
    talk.ask()
    talk.say()
    talk.call(2_000)
    talk.added += 6_000
    talk.say()
    pasted = prompt(1, talk.now - SECOND, wording=Wording(chars=12_000, pasted=50))
    chain, steps = walk(Chain(), talk.turns[0].main, [pasted])
    assert [(a.tokens, a.prompt is None) for a in steps[1].arrivals] == [
        (2_000, True),
        (6_000, False),
    ]


def test_requests_without_usage_say_nothing() -> None:
    talk = Talk(base=0, output=0)
    talk.say(2)
    assert _steps(talk) == []


def test_money_of_an_item() -> None:
    talk = Talk()
    talk.say()
    talk.call(7_000)
    entering, later = talk.say(), talk.say()
    room = Room(entering)
    assert room.entering(7_000) == Money(cache_write=7_000 * SONNET.cache_write_5m)
    # What is left of what it wrote is the answer before.
    assert room.entering(7_000) == Money(cache_write=200 * SONNET.cache_write_5m)
    assert Room(later).carrying(20_200, 7_000) == Money(cache_read=7_000 * SONNET.cache_read)


def test_where_nothing_is_written_it_is_fresh_input() -> None:
    talk = Talk(writes=False, price=HAIKU)
    talk.say()
    talk.call(7_000)
    assert Room(talk.say()).entering(7_000) == Money(input=7_000 * HAIKU.input)


def test_only_what_was_read_is_claimed() -> None:
    talk = Talk()
    talk.say()
    talk.call(7_000)
    talk.say()
    assert Room(talk.say(expired=True)).carrying(20_200, 7_000) == NO_MONEY
    talk.cached = 22_200
    assert Room(talk.say()).carrying(20_200, 7_000).cache_read == 2_000 * SONNET.cache_read


def test_unpriced_requests_are_worth_nothing() -> None:
    talk = Talk(price=None)
    talk.say(2)
    room = Room(talk.say())
    assert (room.entering(100), room.carrying(0, 100)) == (NO_MONEY, NO_MONEY)


def test_what_ends_a_segment() -> None:
    talk = Talk()
    talk.say(2)
    talk.compact()
    talk.say()
    talk.now += SECOND
    talk.change("clear")
    talk.say()
    talk.context, talk.cached, talk.added = 3_000, 3_000, 0
    talk.say()
    steps = _steps(talk)
    assert [step.ending for step in steps] == ["", "", "compaction", "clear", "drop"]
    assert not any(holds(step, 0, 100) for step in steps[2:])


def test_a_rewind_keeps_what_lies_before_it() -> None:
    talk = Talk()
    talk.say()
    talk.call(7_000)
    talk.say()
    talk.call(7_000)
    talk.say()
    talk.rewind(to=27_200)
    talk.added = 9_000
    talk.say()
    step = _steps(talk)[-1]
    assert step.ending == "rewind"
    assert holds(step, 20_200, 7_000)
    assert not holds(step, 27_400, 7_000)


def test_the_main_agent_is_forgotten_last() -> None:
    changed = [("main", 0), *((f"a{n}", n) for n in range(MOST_AGENTS + 9))]
    kept = remembered({"old": 1}, changed)
    assert len(kept) == MOST_AGENTS
    assert "main" in kept
    assert "old" not in kept
