"""What several detectors make of one turn is made once, and is what each would have made."""

from __future__ import annotations

from dataclasses import fields

from tests.analysis.waste import build
from tests.analysis.waste.build import MINUTE, SECOND
from tests.analysis.waste.talk import Talk
from tokenwatch.analysis.waste import (
    cache,
    carry,
    finished_task,
    lifetime,
    rebuild,
    rereads,
    results,
)
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.analysis.waste.shared import SharedTurn, once

DETECTORS = (
    *rereads.DETECTORS,
    *finished_task.DETECTORS,
    *results.DETECTORS,
    *cache.DETECTORS,
    *lifetime.DETECTORS,
)


def _talk() -> Talk:
    """A large result that is read again, another task after a pause, and a cache that broke."""
    talk = Talk()
    talk.ask(files=["a.py", "b.py"])
    talk.say()
    talk.read("src/a.py", 30_000)
    talk.say(2)
    talk.read("src/a.py", 30_000)
    talk.say(3)
    talk.commit()
    talk.ask(files=["c.py", "d.py"], after=9 * MINUTE)
    talk.say(expired=True)
    talk.say(3)
    talk.ask(after=SECOND)
    talk.say(expired=True)
    talk.say(4)
    return talk


def test_all_detectors_together_find_what_each_finds_alone() -> None:
    turns = _talk().turns
    alone = {
        (detector.kind, key): finding.asked
        for detector in DETECTORS
        for key, finding in build.run(detector, turns).items()
    }
    assert {kind for kind, _ in alone} == {detector.kind for detector in DETECTORS}
    for fold in (build.fold_at_once, build.fold_growing):
        found = fold(DETECTORS, turns)
        assert {name: finding.asked for name, finding in found.items()} == alone


def test_a_fold_walks_each_agent_once() -> None:
    fold = Fold(build.session(), DETECTORS)
    fold.take(_talk().turns)
    chains = [
        fold.memory(results.DETECTORS[0].kind)[build.MAIN].chain,
        fold.memory(rereads.DETECTORS[0].kind).agents[build.MAIN].chain,
        fold.memory(finished_task.DETECTORS[0].kind).chain,
    ]
    assert all(chain is chains[0] for chain in chains)
    links = [fold.memory(one.kind).chains for one in cache.DETECTORS]
    assert links[0] is links[1] is fold.memory(lifetime.DETECTORS[0].kind)


def test_a_shared_turn_tells_what_the_turn_tells() -> None:
    for turn in _talk().turns:
        shared = SharedTurn.of(turn)
        names = [field.name for field in fields(Turn)]
        for name in (*names, "main", "requests", "edits", "calls", "cost"):
            assert getattr(shared, name) == getattr(turn, name), name
        assert shared.requests is shared.requests


def test_what_is_known_before_must_be_equal() -> None:
    made: list[str] = []

    def make() -> int:
        made.append("")
        return len(made)

    plain = _talk().turns[0]
    shared = SharedTurn.of(plain)
    assert [once(plain, "x", 1, make), once(plain, "x", 1, make)] == [1, 2]
    assert [once(shared, "x", known, make) for known in ((1,), (1,), (2,))] == [3, 3, 4]
    assert once(shared, "y", (2,), make) == 5
    assert once(SharedTurn.of(plain), "x", (2,), make) == 6


def test_walks_from_other_memories_are_their_own() -> None:
    first, second, _ = _talk().turns
    shared = SharedTurn.of(second)
    fresh = carry.walked(carry.START, shared, shared.main)
    chain, _ = carry.walk(carry.START, first.main, first.prompts)
    assert carry.walked(chain, shared, shared.main) != fresh
    assert carry.walked(chain, shared, shared.main) == carry.walk(
        chain, second.main, second.prompts
    )
    chains, _ = rebuild.walk({}, first)
    assert rebuild.walk({}, shared) != rebuild.walk(chains, shared)
    assert rebuild.walk(chains, shared) == rebuild.walk(chains, second)
