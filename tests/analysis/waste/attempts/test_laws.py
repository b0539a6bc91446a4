"""What holds for any values: no more is asked than was paid, and memories are never changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.waste.attempts.story import (
    PRICE,
    SESSION,
    Story,
    file,
    found,
    lines,
    says,
)
from tokenwatch.analysis.waste import attempts, discarded, interruptions
from tokenwatch.analysis.waste.attempts import standing
from tokenwatch.analysis.waste.attempts.chain import LONGEST, WINDOW
from tokenwatch.analysis.waste.finding import Sign
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import (
    Agent,
    Call,
    Change,
    Commit,
    Edit,
    Money,
    Prompt,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.model import AgentKind, Usage
from tokenwatch.wording import Wording

DETECTORS = (*attempts.DETECTORS, *interruptions.DETECTORS, *discarded.DETECTORS)

few = st.integers(0, 6)
odd = st.one_of(few, st.integers(-(2**40), 2**40))
times = st.integers(-(10**13), 10**14)
hashes = st.lists(st.integers(0, 12), max_size=8).map(tuple)
rising = hashes.map(lambda h: tuple(sorted(set(h))))
kinds = st.sampled_from(
    ["auto", "command", "control", "chore", "question", "evidence", "complaint", "task", "?", ""]
)
wordings = st.builds(
    Wording,
    kind=kinds,
    complaint=st.integers(-1, 3),
    accepts=st.booleans(),
    moves_on=st.booleans(),
    script=st.sampled_from(("latin", "han", "hangul", "other", "")),
    chars=st.integers(0, 900),
    words=few,
    images=st.booleans(),
    tokens=hashes,
    grams=rising,
    shingles=rising,
    blocks=hashes,
    errors=hashes,
    entities=hashes,
    files=hashes,
    opening=few,
)
prompts = st.builds(
    Prompt,
    id=st.text(max_size=3),
    at_ms=times,
    wording=wordings,
    scripted=st.booleans(),
    queued=st.booleans(),
)
edits = st.builds(
    Edit,
    call_id=st.just("c"),
    at_ms=times,
    path=st.sampled_from(("", "/", "a.py", "src\\b.py", "src/a.py")),
    name=few,
    added=odd,
    removed=odd,
    lines_added=hashes,
    lines_removed=hashes,
    repeated=odd,
)
calls = st.builds(
    Call,
    id=st.text(max_size=2),
    at_ms=times,
    request_key=few,
    name=st.just("Bash"),
    purpose=st.sampled_from(("", "read", "revert", "remove", "write", "check")),
    target=st.sampled_from(("", "a.py")),
    touches=st.frozensets(few, max_size=3),
    done_ms=st.none() | times,
    ok=st.none() | st.booleans(),
    error_fingerprint=st.sampled_from((b"", b"e")),
)
moneys = st.builds(Money, *(st.integers(0, 10**12) for _ in range(4)))


@st.composite
def turns(draw: st.DrawFn) -> list[Turn]:
    made: list[Turn] = []
    key = 0
    count = draw(st.integers(1, 9))
    for number in range(count):
        requests = []
        for _ in range(draw(st.integers(0, 4))):
            key += 1
            cost = draw(moneys)
            priced = draw(st.booleans()) or cost.total > 0
            requests.append(
                Request(
                    key=key,
                    id=f"m{key}",
                    agent_id="s",
                    at_ms=draw(times),
                    ended_ms=draw(times),
                    model=None,
                    usage=Usage(),
                    cost=cost,
                    price=PRICE if priced else None,
                )
            )
        strand = Strand(
            agent=Agent("s", AgentKind.MAIN),
            requests=tuple(requests),
            calls=tuple(draw(st.lists(calls, max_size=3))),
            edits=tuple(draw(st.lists(edits, max_size=3))),
            commits=tuple(Commit("", "commit", 0) for _ in range(draw(st.integers(0, 1)))),
            changes=tuple(
                Change(0, "rewind", size=draw(odd)) for _ in range(draw(st.integers(0, 1)))
            ),
        )
        made.append(
            Turn(
                number=number,
                id=f"t{number}",
                at_ms=draw(times),
                ended_ms=draw(st.none() | times),
                how=draw(st.sampled_from((None, "completed", "interrupted", "failed", "odd"))),
                is_last=number == count - 1,
                prompts=tuple(draw(st.lists(prompts, max_size=2))),
                strands=(strand,),
            )
        )
    return made


def growing(turn: Turn) -> Iterator[Turn]:
    """Yield a turn as it may have been while it was open."""
    strand = turn.strands[0]
    for part in range(3):
        yield replace(
            turn,
            is_last=True,
            how=None,
            ended_ms=None,
            prompts=turn.prompts[: 1 + part],
            strands=(
                replace(
                    strand,
                    requests=strand.requests[:part],
                    calls=strand.calls[:part],
                    edits=strand.edits[:part],
                ),
            ),
        )


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.kind.value)
@settings(max_examples=150, deadline=None)
@given(told=turns(), over=st.booleans())
def test_any_session(detector: Any, told: list[Turn], over: bool) -> None:
    session = Session(key=1, id="s", source="codex", is_over=over)
    costs = {request.key: request for turn in told for request in turn.requests}
    memory: Any = None
    for turn in told:
        before = deepcopy(memory)
        for part in growing(turn):
            detector.observe(memory, part, session)
        assert memory == before
        memory, signs = detector.observe(memory, turn, session)
        for sign in signs:
            asked: dict[int, Money] = {}
            for ask in sign.asks:
                asked[ask.request] = asked.get(ask.request, Money()) + ask.money
            for key, money in asked.items():
                assert costs[key].price is not None
                assert all(0 <= a <= b for a, b in zip(money, costs[key].cost, strict=True))
            assert 0 <= sign.low <= sign.high
            assert sign.evidence or sign.withdrawn
    standing(memory) if detector.kind is attempts.DETECTORS[0].kind else None


@settings(max_examples=100, deadline=None)
@given(told=turns())
def test_in_pieces_as_in_one_go(told: list[Turn]) -> None:
    once, bit_by_bit = Fold(SESSION, DETECTORS), Fold(SESSION, DETECTORS)
    once.take(told)
    for turn in told:
        for part in growing(turn):
            bit_by_bit.take([part])
        bit_by_bit.take([turn])
    assert not once.failed and not bit_by_bit.failed
    assert once.findings == bit_by_bit.findings
    for finding in once.findings.values():
        tell = next(d.tell for d in DETECTORS if d.kind is finding.kind)
        assert all(tell(finding))


def random_story(prompts: int, seed: int = 1) -> Story:
    """Return a session with all there is: steps, complaints, questions, several files."""
    rng = random.Random(seed)
    story = Story()
    previous = {name: lines(name, 30) for name in ("a.py", "b.py", "c.py")}
    for number in range(prompts):
        name = rng.choice(sorted(previous))
        complains = rng.random() < 0.4
        text = " ".join(
            rng.choice(
                ["the", "row", "of", "page", "list", "is", "still", "in", "left", "wrong", "sort"]
            )
            for _ in range(12)
        )
        new = lines(f"{name}{number}", rng.randint(1, 60))
        story.turn(
            says(text, complaint=rng.choice((1, 2)) if complains else 0),
            file(name, new, previous[name][: rng.randint(0, 30)]),
            requests=rng.randint(1, 12),
        )
        previous[name] = new
    return story


def test_memories_stay_small() -> None:
    memory: Any = None
    for turn in random_story(300).told():
        memory, _ = attempts.observe(memory, turn, SESSION)
        assert len(memory.chains) <= WINDOW
        assert all(len(chain.attempts) <= LONGEST for chain in memory.chains)


def test_each_attempt_is_asked_for_once() -> None:
    signs: dict[str, Sign] = dict(found(attempts.observe, random_story(300).told()))
    asked = [ask.request for sign in signs.values() for ask in sign.asks]
    assert asked
    assert len(asked) == len(set(asked))
