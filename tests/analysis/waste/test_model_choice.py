"""Small turns, and agents that only look, on a model of the top tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.waste.worked import (
    MINUTE,
    OPUS,
    asked,
    call,
    edit,
    prompt,
    request,
    run,
    run_growing,
    session,
    strand,
    turn,
    within,
)
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.analysis.waste.history import Agent, Money, Price, Request, Strand, Turn
from tokenwatch.analysis.waste.model_choice import DETECTORS
from tokenwatch.model import AgentKind
from tokenwatch.wording import Wording

(DETECTOR,) = DETECTORS
MODEL = "claude-opus-4-1"
OVER = session(is_over=True)
SOL = Price(5_000_000, 30_000_000, 500_000, 5_000_000, 5_000_000)
"""Of gpt-5.5: it bills no cache writes."""


def _large(key: int, at_ms: int = 0, **more: Any) -> Request:
    return request(key, at_ms, **{"model": MODEL, "price": OPUS, "output": 100, **more})


def _small(
    number: int,
    kind: str = "question",
    requests: Sequence[Request] | None = None,
    *,
    is_last: bool = False,
    wording: Wording | None = None,
    scripted: bool = False,
    **parts: Any,
) -> Turn:
    at_ms = number * MINUTE
    words = wording or Wording(kind=kind, words=8)
    return turn(
        number,
        at_ms,
        is_last=is_last,
        ended=at_ms + 30_000,
        prompts=[prompt(number, at_ms, wording=words, scripted=scripted)],
        requests=[_large(number * 10, at_ms, read=20_000)] if requests is None else requests,
        **parts,
    )


def _work(number: int, *, is_last: bool = False) -> Turn:
    at_ms = number * MINUTE
    work = _small(number, "task", is_last=is_last)
    return replace(
        work, strands=(replace(work.main, edits=(edit(number, at_ms),)), *work.strands[1:])
    )


def _agent(
    name: str | None,
    requests: Sequence[Request],
    agent: str = "a1",
    kind: AgentKind = AgentKind.SUBAGENT,
    **parts: Any,
) -> Strand:
    return replace(
        strand(agent, requests=requests, **parts), agent=Agent(id=agent, kind=kind, name=name)
    )


def test_a_session_of_questions() -> None:
    turns = [_small(n, is_last=n == 3) for n in (1, 2, 3)]
    found = run(DETECTOR, turns, OVER)
    assert set(found) == {"session"}
    finding = found["session"]
    assert finding.kind is Kind.OVERSIZED_MODEL
    # Sonnet 4 costs a fifth of Opus 4.1 in everything.
    spent = sum(one.cost for one in turns)
    assert finding.wasted == spent * 4 // 5
    assert finding.low == finding.wasted < finding.high <= spent
    assert finding.counts["turns"] == 3
    assert finding.names["alternative"] == "claude-sonnet-4-0"
    told = DETECTOR.tell(finding)
    assert "claude-sonnet-4-0" in told.advice and MODEL in told.headline


def test_the_upper_end_is_two_tiers_down() -> None:
    requests = [_large(n, n * 1000, output=300) for n in (1, 2, 3)]
    one = _small(1, requests=requests, is_last=True)
    _, (sign,) = DETECTOR.observe(None, one, OVER)
    # $75 a million tokens of output against $15 and $4.
    assert sign.low == 1.0 and sign.high == pytest.approx((75 - 4) / (75 - 15), rel=1e-6)


def test_work_in_the_session_takes_it_back() -> None:
    small = [_small(n) for n in (1, 2, 3)]
    assert run(DETECTOR, small) and not run(DETECTOR, [*small, _work(4, is_last=True)], OVER)


def test_one_question_says_nothing_yet() -> None:
    assert not run(DETECTOR, [_small(1), _small(2, is_last=True)])
    few = [_small(1), _small(2, is_last=True)]
    assert not run(DETECTOR, few, OVER), "a session of two requests"


def test_a_chore_amid_a_long_context_claims_nothing() -> None:
    chore = _small(2, "chore", [_large(20, MINUTE, read=100_000)], is_last=True)
    assert not run(DETECTOR, [_work(1), chore], OVER)


def test_a_chore_with_much_said_and_little_context() -> None:
    written = _large(20, 2 * MINUTE, read=5_000, write_5m=400, output=1_200)
    found = run(DETECTOR, [_work(1), _small(2, "chore", [written], is_last=True)], OVER)
    # Reads and output, minus what Sonnet takes for the same with the context written anew.
    own = 5_000 * 1_500_000 + 1_200 * 75_000_000
    instead = 5_400 * 3_750_000 + 1_200 * 15_000_000
    assert found["chore"].wasted == pytest.approx(own - instead, abs=2)
    assert "!git commit" in DETECTOR.tell(found["chore"]).advice


def test_without_write_prices_the_rebuild_is_input() -> None:
    requests = [
        request(n, n, model="gpt-5.5", price=SOL, read=40_000, output=100) for n in (21, 22, 23)
    ]
    found = run(DETECTOR, [_work(1), _small(2, "chore", requests, is_last=True)], OVER)
    own = 3 * (40_000 * 500_000 + 100 * 30_000_000)
    instead = 40_000 * 750_000 + 80_000 * 75_000 + 300 * 4_500_000
    assert found["chore"].wasted == pytest.approx(own - instead, abs=3)


@pytest.mark.parametrize(
    "large",
    [
        _small(2, "task"),
        _small(2, "chore", wording=Wording(kind="chore", words=41)),
        _small(2, "chore", wording=Wording(kind="chore", words=5, complaint=2)),
        _small(2, "chore", wording=Wording(kind="chore", words=5, images=True)),
        _small(2, "question", wording=Wording(kind="question", words=5, pasted=60)),
        _small(2, "chore", [_large(n, read=100, output=10) for n in range(20, 25)]),
        _small(2, "chore", [_large(20, read=100, output=1_500)]),
        _small(2, "chore", [request(20, output=900, price=OPUS, model="claude-sonnet-4-5")]),
        _small(2, "chore", [request(20, output=900, price=OPUS, model="something")]),
        _small(2, "chore", [request(20, output=900, price=None, model=MODEL)]),
        _small(2, "chore", [_large(20, output=900)], calls=[call(n, 20) for n in range(4)]),
        _small(2, "chore", [_large(20, output=900)], calls=[call(1, 20, purpose="launch")]),
        _small(2, "chore", [_large(20, output=900)], edits=[edit(1, MINUTE)]),
        replace(_small(2, "chore", [_large(20, output=900)]), how="interrupted"),
    ],
)  # fmt: skip
def test_turns_that_are_not_small(large: Turn) -> None:
    assert not run(DETECTOR, [_work(1), large, _work(3, is_last=True)], OVER)


def test_the_limits_themselves_are_small() -> None:
    requests = [_large(n, n, output=374) for n in range(20, 24)]
    calls = [call(n, 20) for n in range(3)]
    wording = Wording(kind="chore", words=40)
    small = _small(2, "chore", requests, calls=calls, wording=wording)
    assert set(run(DETECTOR, [_work(1), small, _work(3, is_last=True)], OVER)) == {"chore"}


def test_a_scripted_run() -> None:
    requests = [_large(n, n, output=300) for n in (20, 21, 22)]
    one = _small(1, "auto", requests, scripted=True, is_last=True)
    of = session(is_over=True, scripted=True)
    assert not run(DETECTOR, [_small(1, "auto", scripted=True, is_last=True)], of)
    found = run(DETECTOR, [one], of)
    assert set(found) == {"scripted"} and found["scripted"].wasted == one.cost * 4 // 5
    assert "--model claude-sonnet-4-0" in DETECTOR.tell(found["scripted"]).advice
    working = replace(one, strands=(replace(one.main, edits=(edit(1, MINUTE),)),))
    assert not run(DETECTOR, [working], of)


def test_an_explorer_on_the_top_tier() -> None:
    requests = [_large(n, n, agent="a1", write_5m=20_000, read=5_000) for n in (31, 32)]
    explorer = _agent("Explore", requests, calls=[call(1, 31, purpose="read"), call(2, 32)])
    work = replace(_work(1), strands=(*_work(1).strands, explorer))
    found = run(DETECTOR, [work, _work(2, is_last=True)], OVER)
    assert set(found) == {"explore:Explore"}
    finding = found["explore:Explore"]
    assert finding.wasted == sum(r.cost.total for r in requests) * 4 // 5
    assert finding.agent_id == "a1"
    assert "agent `Explore`" in DETECTOR.tell(finding).advice


def test_an_agent_of_any_type_that_only_reads() -> None:
    requests = [_large(31, agent="a1", write_5m=20_000)]
    reads = [call(1, 31, purpose="read"), call(2, 31, purpose="search")]
    reader = _agent("general-purpose", requests, calls=reads)
    editor = _agent("general-purpose", [_large(41, agent="a2")], "a2", edits=[edit(9, MINUTE)])
    silent = _agent("general-purpose", [_large(42, agent="a3")], "a3")
    one, two, three = (
        replace(_work(n), strands=(*_work(n).strands, agent))
        for n, agent in ((1, reader), (2, editor), (3, reader))
    )
    assert set(run(DETECTOR, [one])) == {"explore:general-purpose"}
    assert not run(DETECTOR, [one, two, three]), "another of the type changed something"
    quiet = replace(_work(1), strands=(*_work(1).strands, silent))
    assert not run(DETECTOR, [quiet])


@pytest.mark.parametrize(
    "agent",
    [
        _agent("Explore", [request(31, agent="a1", write_5m=20_000)]),
        _agent("Explore", [_large(31, agent="a1", price=None)]),
        _agent("Plan", [_large(31, agent="a1")], calls=[call(1, 31, purpose="read")]),
        _agent("Explore", [_large(31, agent="a1")], calls=[call(1, 31, purpose="write")]),
        _agent("Explore", [_large(31, agent="a1")], calls=[call(1, 31, purpose="launch")]),
        _agent("worker", [_large(31, agent="a1")], calls=[call(1, 31, purpose="check")]),
        _agent("Explore", [_large(31, agent="a1")], kind=AgentKind.AUXILIARY),
    ],
)
def test_agents_that_are_no_finding(agent: Strand) -> None:
    assert not run(DETECTOR, [replace(_work(1), strands=(*_work(1).strands, agent))])


def test_an_open_turn_says_nothing() -> None:
    written = _large(20, 2 * MINUTE, read=1_000, output=1_200)
    chore = _small(2, "chore", [written])
    working = replace(chore, ended_ms=None, is_last=True)
    assert run(DETECTOR, [_work(1), chore]) and not run(DETECTOR, [_work(1), working])


def test_asks_lie_within_costs_and_growing_turns_change_nothing() -> None:
    explorer = _agent("Explore", [_large(91, agent="a1", write_5m=9_000)])
    turns = [
        _work(1),
        _small(2, "chore", [_large(20, 2 * MINUTE, read=3_000, output=900)]),
        replace(_work(3), strands=(*_work(3).strands, explorer)),
        _small(4, "control", [_large(40, 4 * MINUTE, output=1_400), _large(41, output=9)]),
        _small(5, "question", is_last=True),
    ]
    costs = {r.key: r.cost for one in turns for r in one.requests}
    claims = asked(DETECTOR, turns, OVER)
    assert set(claims) == {"chore", "control", "explore:Explore"}
    for asks in claims.values():
        assert all(within(money, costs[key]) for key, money in asks.items())
        assert all(money != Money() for money in asks.values())
    assert run(DETECTOR, turns, OVER) == run_growing(DETECTOR, turns, OVER)


def test_memory_stays_small() -> None:
    memory: Any = None
    for number in range(1, 400):
        agent = _agent(f"Explore {number}", [_large(number, agent="a", output=9)], str(number))
        one = _small(number)
        memory, _ = DETECTOR.observe(memory, replace(one, strands=(*one.strands, agent)), session())
    assert len(memory.claimed) <= 128 and not memory.pending
