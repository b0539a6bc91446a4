"""Passages that are pasted again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.waste import build
from tests.analysis.waste.build import DAY, SONNET, run
from tests.analysis.waste.talk import Talk, run_growing, run_once
from tokenwatch.analysis.waste import boilerplate
from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.analysis.waste.history import Session

(DETECTOR,) = boilerplate.DETECTORS
RULES = (0xABCD, 3_600)
COST = 1_000 * SONNET.cache_write_5m
"""Of 3,600 characters, 1,000 tokens."""


def _talk(times: int = 1, passage: tuple[int, int] = RULES, **more: Any) -> Talk:
    talk = Talk()
    for _ in range(times):
        talk.ask(passages=(passage,), **more)
        talk.added += 1_200
        talk.say(3)
    return talk


def _concluded(talks: Sequence[Talk], of: Session | None = None) -> tuple[Concluded, ...]:
    members = [
        Partial(number, "claude-code", None, finding)
        for number, talk in enumerate(talks)
        for finding in run(DETECTOR, talk.turns, of).values()
    ]
    assert all(member.finding.conditional for member in members)
    assert DETECTOR.conclude is not None
    return DETECTOR.conclude(members)


def test_in_five_sessions_all_but_the_first_time_count() -> None:
    (one,) = _concluded([_talk() for _ in range(5)])
    assert one.finding.wasted == 4 * COST
    assert one.finding.counts == {"times": 5, "characters": 18_000, "sessions": 5}
    assert len(one.members) == 5
    told = DETECTOR.tell(one.finding)
    assert "3,600 characters" in told.explanation
    assert "5 sessions" in told.explanation


def test_four_sessions_are_too_few() -> None:
    assert _concluded([_talk() for _ in range(4)]) == ()
    assert _concluded([_talk(2) for _ in range(4)]) == ()


def test_three_times_in_one_session() -> None:
    (one,) = _concluded([_talk(3), _talk()])
    assert one.finding.wasted == 2 * COST
    assert "one session" in DETECTOR.tell(one.finding).explanation
    assert _concluded([_talk(2)]) == ()


def test_other_passages_do_not_add_up() -> None:
    assert _concluded([_talk(passage=(number, 3_600)) for number in range(9)]) == ()


@pytest.mark.parametrize(("chars", "hits"), [(1_499, False), (1_500, True)])
def test_limit(chars: int, hits: bool) -> None:
    assert bool(_concluded([_talk(passage=(7, chars)) for _ in range(5)])) is hits


@pytest.mark.parametrize(
    "more", [{"kind": "auto"}, {"kind": "command"}, {"kind": "evidence", "errors": (1,)}]
)
def test_what_a_program_wrote_or_an_error_does_not_count(more: dict[str, Any]) -> None:
    assert _concluded([_talk(**more) for _ in range(5)]) == ()


def test_scripted_sessions_do_not_count() -> None:
    assert _concluded([_talk() for _ in range(5)], build.session(scripted=True)) == ()


def test_a_prompt_without_an_answer_enters_with_the_next() -> None:
    talk = Talk()
    talk.ask(passages=(RULES,))
    talk.ask()
    talk.added += 2_000
    talk.say()
    (finding,) = run(DETECTOR, talk.turns).values()
    assert finding.granted == ((1, COST),)
    assert run_growing(DETECTOR, talk.turns) == run_once(DETECTOR, talk.turns)


def test_no_more_than_the_request_took_in() -> None:
    talk = Talk(base=500)
    talk.ask(passages=(RULES, (9, 40_000)))
    talk.say()
    found = run(DETECTOR, talk.turns)
    assert sum(finding.wasted for finding in found.values()) == 500 * SONNET.cache_write_5m


def test_unpriced_requests_give_no_finding() -> None:
    talks = [Talk(price=None) for _ in range(5)]
    for talk in talks:
        talk.ask(passages=(RULES,))
        talk.say()
    assert _concluded(talks) == ()


def test_explained() -> None:
    assert set(meanings(boilerplate.__doc__ or "")) == {Kind.REPEATED_BOILERPLATE}
    assert DAY == 86_400_000
