"""The other lifetime: what it would have cost, over sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.analysis.waste.build import (
    DAY,
    HOUR,
    MINUTE,
    SONNET,
    request,
    run,
    session,
    strand,
    turn,
)
from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.analysis.waste.lifetime import DETECTORS

(LIFETIME,) = DETECTORS
READ, SHORT, LONG = SONNET.cache_read, SONNET.cache_write_5m, SONNET.cache_write_1h


def paused(day: int, *, requests: int = 40, pause: int = 15 * MINUTE, **more: Any) -> list[Turn]:
    """Return a session with a pause before each request, and a cache of five minutes."""
    turns = []
    for n in range(requests):
        context = 50_000 + n * 500
        lost = {"read": 10_000, "write_5m": context - 10_000}
        at_ms = day * DAY + n * pause
        turns.append(turn(n, requests=[request(n, at_ms, output=100, **{**lost, **more})]))
    return turns


def kept(day: int, *, requests: int = 40, pauses: int = 0, agent: str = "s1") -> list[Turn]:
    """Return a session of an hour's cache with so many pauses of 20 minutes."""
    turns, at_ms = [], day * DAY
    for n in range(requests):
        at_ms += 20 * MINUTE if n < pauses else MINUTE
        one = request(n, at_ms, read=50_000 + n * 500, write_1h=500, output=10, agent=agent)
        turns.append(turn(n, requests=[one]))
    return turns


def concluded(sessions: Sequence[list[Turn]], source: str = "claude-code") -> tuple[Concluded, ...]:
    members = []
    for key, turns in enumerate(sessions):
        for finding in run(LIFETIME, turns, session(source, key=key)).values():
            assert finding.conditional and not finding.wasted
            members.append(Partial(key, source, None, finding))
    assert LIFETIME.conclude is not None
    return LIFETIME.conclude(members)


def test_an_hour_would_be_cheaper() -> None:
    sessions = [paused(day) for day in range(3)]
    (found,) = concluded(sessions)
    finding = found.finding
    expected = 0
    for turns in sessions:
        for n, one in enumerate(turns):
            usage = one.requests[0].usage
            expected -= usage.cache_write_5m * (LONG - SHORT)
            if n:
                lost = min(50_000 + (n - 1) * 500 - 10_000, usage.cache_write_5m)
                expected += lost * (LONG - READ)
    assert finding.counts["advice_pico"] == expected > 0
    assert finding.counts["days"] == 3
    assert finding.counts["pauses"] == 3 * 39
    assert finding.tier is Tier.LOOK
    assert finding.names["to"] == "1h"
    assert not any(name.startswith("day:") for name in finding.counts)
    assert len(found.members) == 3
    assert len(finding.evidence) == 20
    told = LIFETIME.tell(finding)
    assert "ENABLE_PROMPT_CACHING_1H=1" in told.advice
    assert "117 pauses" in told.explanation and "120 requests" in told.explanation


def test_too_few_days_or_requests() -> None:
    assert concluded([paused(0), paused(0, pause=6 * MINUTE), paused(1, pause=6 * MINUTE)]) == ()
    assert concluded([paused(day, requests=33) for day in range(3)]) == ()
    assert concluded([paused(0, requests=34), paused(1, requests=33), paused(2, requests=33)])


def test_pauses_no_lifetime_helps_with() -> None:
    for pause in (HOUR, 5 * MINUTE - 1):
        assert concluded([paused(day, pause=pause) for day in range(3)]) == ()
    for pause in (5 * MINUTE, HOUR - 1):
        assert concluded([paused(day * 3, pause=pause) for day in range(3)])


def test_five_minutes_would_be_cheaper() -> None:
    (found,) = concluded([kept(day, pauses=0) for day in range(3)])
    assert found.finding.counts["advice_pico"] == 3 * 40 * 500 * (LONG - SHORT)
    assert found.finding.names["to"] == "5m"
    assert "FORCE_PROMPT_CACHING_5M=1" in LIFETIME.tell(found.finding).advice


def test_an_hour_that_pays_is_left_alone() -> None:
    assert concluded([kept(day, pauses=2) for day in range(3)]) == ()


def test_under_three_percent() -> None:
    # Reading is nearly all of the spend.
    sessions = [
        [
            turn(n, requests=[request(n, day * DAY + n * MINUTE, read=300_000, write_1h=100)])
            for n in range(40)
        ]
        for day in range(3)
    ]
    assert concluded(sessions) == ()


def test_subagents_are_judged_apart() -> None:
    sessions = []
    for day in range(3):
        turns = []
        for n, one in enumerate(paused(day)):
            other = strand("a1", requests=[r._replace(agent_id="a1") for r in one.requests])
            mine = kept(day, requests=40, pauses=2)[n].requests
            turns.append(turn(n, requests=mine, others=[other]))
        sessions.append(turns)
    (found,) = concluded(sessions)
    assert found.finding.key == "claude-code subagent"
    assert "subagents" in LIFETIME.tell(found.finding).explanation


def test_codex_has_no_choice() -> None:
    assert concluded([paused(day) for day in range(3)], "codex") == ()


def test_unpriced_requests_count_for_nothing() -> None:
    assert concluded([paused(day, price=None) for day in range(3)]) == ()
    # A model without a price for an hour has no choice either.
    price = SONNET._replace(cache_write_1h=0)
    assert concluded([paused(day, price=price) for day in range(3)]) == ()
