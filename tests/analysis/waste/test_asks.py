"""What holds for any session: nothing is asked for twice, and growing pieces say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.waste.build import (
    GPT,
    HAIKU,
    MINUTE,
    OPUS,
    SONNET,
    asked,
    call,
    change,
    compaction,
    edit,
    fold_at_once,
    fold_growing,
    request,
    run,
    session,
    strand,
    turn,
    within,
)
from tokenwatch.analysis.waste import cache, lifetime, misuse, polling, repeats
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.history import Money, Turn

DETECTORS = (
    *cache.DETECTORS,
    *lifetime.DETECTORS,
    *repeats.DETECTORS,
    *misuse.DETECTORS,
    *polling.DETECTORS,
)
PRICES = {"sonnet": SONNET, "opus": OPUS, "haiku": HAIKU, "gpt": GPT, None: None}
AGENTS = ("s1", "a1")

tokens = st.sampled_from((0, 500, 3_999, 4_000, 60_000))
gaps = st.sampled_from((0, 1_000, MINUTE, 5 * MINUTE, 20 * MINUTE, 61 * MINUTE))


@st.composite
def sessions(draw: st.DrawFn) -> list[Turn]:
    """Return up to five turns of two agents, with up to six requests in each."""
    turns, at_ms, key = [], 0, 0
    for number in range(draw(st.integers(1, 5))):
        parts: dict[str, dict[str, list[object]]] = {}
        begin = at_ms
        for _ in range(draw(st.integers(0, 6))):
            at_ms += draw(gaps) + 1
            agent = draw(st.sampled_from(AGENTS))
            part = parts.setdefault(agent, {"requests": [], "calls": [], "edits": []})
            model = draw(st.sampled_from(list(PRICES)))
            part["requests"].append(
                request(
                    key,
                    at_ms,
                    model=model,
                    price=PRICES[model],
                    input=draw(tokens),
                    read=draw(tokens),
                    write_5m=draw(tokens),
                    write_1h=draw(tokens),
                    output=draw(tokens),
                    agent=agent,
                )
            )
            for n in range(draw(st.integers(0, 3))):
                part["calls"].append(
                    call(
                        key * 10 + n,
                        draw(st.sampled_from((key, None))),
                        at_ms,
                        command=draw(st.sampled_from(("npm test", "ls", "sleep 5"))),
                        result=draw(st.sampled_from(("fine", "bad"))),
                        ok=draw(st.sampled_from((True, False, None))),
                        purpose=draw(st.sampled_from(("", "wait", "check", "write"))),
                        fault=draw(st.sampled_from(("", "", "not-found"))),
                    )
                )
            if draw(st.integers(0, 9)) == 0:
                part["edits"].append(edit(key * 10, at_ms))
            kind = draw(st.sampled_from(("", "", "effort", "tools", "clear", "miss", "full")))
            if kind == "full":
                part.setdefault("compactions", []).append(compaction(at_ms))
            elif kind:
                part.setdefault("changes", []).append(change(kind, at_ms, "x"))
            key += 1
        others = [strand("a1", **parts["a1"])] if "a1" in parts else []
        turns.append(turn(number, begin, others=others, **parts.get("s1", {})))
    return turns


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.kind)
@settings(max_examples=60, deadline=None)
@given(turns=sessions(), source=st.sampled_from(("claude-code", "codex")))
def test_asks(detector: Detector, turns: list[Turn], source: str) -> None:
    of = session(source)
    costs = {one.key: one.cost for each in turns for one in each.requests}
    sums: dict[int, Money] = {}
    for asks in asked(detector, turns, of).values():
        for key, money in asks.items():
            assert within(money, costs[key])
            sums[key] = sums.get(key, Money()) + money
    # Findings of one kind never share a dollar either.
    assert all(within(money, costs[key]) for key, money in sums.items())
    found = run(detector, turns, of)
    for finding in found.values():
        assert 0 <= finding.low <= finding.wasted <= finding.high
        assert all(detector.tell(finding))


@settings(max_examples=60, deadline=None)
@given(turns=sessions(), source=st.sampled_from(("claude-code", "codex")))
def test_pieces(turns: list[Turn], source: str) -> None:
    of = session(source)
    assert fold_growing(DETECTORS, turns, of) == fold_at_once(DETECTORS, turns, of)
