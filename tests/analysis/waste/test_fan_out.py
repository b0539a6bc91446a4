"""Subagents of one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.waste.worked import (
    MAIN,
    MINUTE,
    SECOND,
    T0,
    prompt,
    request,
    run,
    run_growing,
    session,
    strand,
    turn,
)
from tokenwatch.analysis.waste.fan_out import DETECTORS
from tokenwatch.analysis.waste.finding import Finding
from tokenwatch.analysis.waste.history import Agent, Strand, Turn
from tokenwatch.model import AgentKind
from tokenwatch.sources.values import text_fingerprint

(DETECTOR,) = DETECTORS
AUTH = (
    "Explore the authentication module in src/auth and report how sessions are created, refreshed "
    "and destroyed. List every function that touches the session store, with file and line. Do "
    "not change anything; return a concise summary with paths."
)
SQL = (
    "Search the repository for all places that build SQL by hand. For each hit return the file, "
    "the line, the query and whether parameters are bound. Also check the migrations folder."
)
PAYMENTS = AUTH.replace("authentication", "payments").replace("src/auth", "src/payments").replace(
    "sessions are created, refreshed and destroyed", "invoices are made, corrected and cancelled"
)  # fmt: skip


def _agent(
    number: int,
    at_ms: int = 0,
    *,
    words: str | None = None,
    parent: str | None = MAIN,
    status: str | None = "completed",
    requests: int = 5,
    write: int = 1_000,
    output: int = 1_000,
    kind: AgentKind = AgentKind.SUBAGENT,
) -> Strand:
    name = f"a{number}"
    made = [
        request(
            1_000 * number + n, at_ms + n * SECOND, agent=name, output=output,
            write_5m=write if n == 0 else 0,
        )
        for n in range(requests)
    ]  # fmt: skip
    agent = Agent(
        id=name,
        kind=kind,
        name="Explore",
        parent_id=parent,
        prompt=text_fingerprint(words) if words else None,
        started_ms=T0 + at_ms,
        ended_ms=T0 + at_ms + requests * SECOND,
        end_status=status,
    )
    return replace(strand(name, requests=made), agent=agent)


def _turn(agents: Sequence[Strand], number: int = 1, *, cause: str = "prompt") -> Turn:
    at_ms = number * MINUTE
    own = [prompt(number, at_ms)] if cause == "prompt" else []
    made = turn(number, at_ms, others=agents, ended=at_ms + MINUTE // 2, prompts=own)
    return replace(made, cause=cause)


def _many(count: int, number: int = 1, first: int = 0) -> list[Strand]:
    return [_agent(first + n, number * MINUTE + n) for n in range(count)]


def _found(*turns: Turn) -> dict[str, Finding]:
    return run(DETECTOR, turns)


def test_more_than_eight_for_one_prompt() -> None:
    assert not _found(_turn(_many(8)))
    finding = _found(_turn(_many(9)))["t1"]
    assert finding.cause == "many" and finding.counts["agents"] == 9
    assert finding.asked == 0 and finding.counts["cost_pico"] > 0
    assert "9 subagents" in DETECTOR.tell(finding).headline


def test_turns_that_nobody_asked_for_belong_to_the_prompt() -> None:
    later = _turn(_many(4, 2, 10), 2, cause="notification")
    finding = _found(_turn(_many(5)), later)["t1"]
    assert finding.counts["agents"] == 9 and len(finding.evidence) == 10
    assert not _found(_turn(_many(5)), _turn(_many(4, 2, 10), 2)), "two prompts"


def test_an_agent_that_goes_on_is_no_new_one() -> None:
    agents = _many(5)
    going_on = [
        replace(a, requests=(request(90_000 + n, 2 * MINUTE, agent=a.agent.id),))
        for n, a in enumerate(agents)
    ]
    assert not _found(_turn(agents), _turn(going_on, 2, cause="notification"))
    assert not _found(_turn(agents), _turn(going_on, 2))


def test_an_agent_counts_where_its_work_begins() -> None:
    """Started at the very end of a prompt, it may work only after the next one came."""
    late = [_agent(n, 2 * MINUTE - SECOND) for n in range(9)]
    finding = _found(_turn([]), _turn(late, 2), _turn(late, 3))["t2"]
    assert finding.counts["agents"] == 9


def test_seventeen_in_ten_minutes() -> None:
    sixes = [_turn(_many(6 if n < 3 else 5, n, 10 * n), n) for n in (1, 2, 3)]
    assert set(_found(*sixes)) == {"t3"}
    fives = [_turn(_many(5, n, 10 * n), n) for n in (1, 2, 3)]
    assert not _found(*fives)
    slow = [_turn(_many(6, n, 10 * n), n) for n in (1, 8, 15)]
    assert not _found(*slow)


def test_agents_of_agents() -> None:
    deep = [*_many(4), _agent(9, MINUTE, parent="a1")]
    finding = _found(_turn(deep))["t1"]
    assert finding.cause == "deep" and finding.counts["deep"] == 1
    assert not _found(_turn([*_many(3), _agent(9, MINUTE, parent="a1")])), "four in all"
    assert not _found(_turn([*_many(4), _agent(9, MINUTE, parent=None)]))


def test_the_same_asked_twice() -> None:
    twice = [_agent(1, MINUTE, words=AUTH), _agent(2, MINUTE, words=AUTH + " Be brief.")]
    finding = _found(_turn(twice))["t1"]
    assert finding.cause == "overlap" and finding.counts["overlap"] == 1
    assert "nearly the words of another" in DETECTOR.tell(finding).explanation


@pytest.mark.parametrize("other", [SQL, PAYMENTS, "Count files.", None])
def test_different_things_asked(other: str | None) -> None:
    assert not _found(_turn([_agent(1, MINUTE, words=AUTH), _agent(2, MINUTE, words=other)]))


def test_short_prompts_and_digests_that_are_no_sketches_are_not_compared() -> None:
    assert not _found(_turn([_agent(n, MINUTE, words="Count files.") for n in (1, 2)]))
    odd = [
        replace(a, agent=a.agent._replace(prompt=digest))
        for a, digest in zip(_many(4), ("0123456789abcdef", "xyz", "g" * 384, ""), strict=True)
    ]
    assert not _found(_turn(odd))


def test_started_again_after_a_failure() -> None:
    again = [
        _agent(1, MINUTE, words=AUTH, status="failed"),
        _agent(2, MINUTE + 20 * SECOND, words=AUTH),
    ]
    finding = _found(_turn(again))["t1"]
    assert finding.cause == "respawned" and finding.counts["overlap"] == 0


def test_agents_that_did_little_but_start() -> None:
    cold = [_agent(n, MINUTE, requests=2, write=20_000, output=500) for n in (1, 2)]
    finding = _found(_turn(cold))["t1"]
    assert finding.cause == "cold-start" and finding.counts["cold"] == 2
    assert not _found(_turn(cold[:1]))
    worked = [_agent(n, MINUTE, requests=3, write=20_000, output=500) for n in (1, 2)]
    assert not _found(_turn(worked))
    answered = [_agent(n, MINUTE, requests=2, write=20_000, output=2_000) for n in (1, 2)]
    assert not _found(_turn(answered))


def test_cold_starts_are_taken_back_when_the_agents_go_on() -> None:
    cold = [_agent(n, MINUTE, requests=2, write=20_000, output=500) for n in (1, 2)]
    more = [
        replace(a, requests=(request(50_000 + n, 2 * MINUTE, output=9_000),))
        for n, a in enumerate(cold)
    ]
    assert not _found(_turn(cold), _turn(more, 2, cause="notification"))
    growing = replace(_turn(cold), ended_ms=None, is_last=True)
    assert not _found(growing)


def test_helpers_of_the_client_are_no_subagents() -> None:
    assert not _found(_turn([replace(a, agent=a.agent._replace(kind=AgentKind.AUXILIARY))
                             for a in _many(20)]))  # fmt: skip


def test_memory_stays_small() -> None:
    memory: Any = None
    for number in range(1, 40):
        cause = "prompt" if number == 1 else "notification"
        one = _turn(_many(10, number, number * 10), number, cause=cause)
        memory, signs = DETECTOR.observe(memory, one, session())
    assert len(memory.agents) == 64 and len(memory.starts) <= 64
    assert signs[0].counts["agents"] == 390 and len(signs[0].evidence) <= 21


def test_growing_turns_change_nothing() -> None:
    twice = [_agent(20, 3 * MINUTE, words=AUTH), _agent(21, 3 * MINUTE, words=AUTH)]
    turns = [_turn(_many(9)), _turn(_many(7, 2, 10), 2, cause="notification"), _turn(twice, 3)]
    assert run(DETECTOR, turns) == run_growing(DETECTOR, turns)
    assert set(run(DETECTOR, turns)) == {"t1", "t3"}
