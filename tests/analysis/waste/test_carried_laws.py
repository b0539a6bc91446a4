"""Laws of all findings about what is carried along, for random sessions."""

from __future__ import annotations

from random import Random

import pytest

from tests.analysis.waste.build import HAIKU, SONNET, asked, within
from tests.analysis.waste.talk import Talk, run_growing, run_once
from tokenwatch.analysis.waste import boilerplate, finished_task, overhead, rereads, results
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.history import NO_MONEY

DETECTORS = [
    *results.DETECTORS,
    *rereads.DETECTORS,
    *finished_task.DETECTORS,
    *overhead.DETECTORS,
    *boilerplate.DETECTORS,
]


def _file(random: Random, number: int) -> str:
    """Return one of a few files, mostly of the turn's own."""
    return f"src/{random.choice('abc')}{number if random.random() < 0.95 else ''}.py"


def _session(random: Random) -> Talk:
    """Return a session in which anything may happen at any time."""
    talk = Talk(
        base=random.choice((500, 20_000)),
        output=random.choice((0, 300)),
        price=random.choice((SONNET, HAIKU, None)),
        writes=random.random() < 0.7,
    )
    for number in range(random.randint(1, 8)):
        talk.ask(
            random.choice(("task", "task", "question", "control", "complaint")),
            after=random.choice((0, 1_000, 3_000_000)),
            files=[_file(random, number) for _ in range(random.randint(0, 3))],
            passages=((random.randint(0, 1), random.choice((1_600, 90_000))),),
            complaint=random.choice((0, 0, 0, 1, 2)),
        )
        for kind in ("server", "skill", "memory"):
            talk.change(kind, random.choice("xy"), random.choice((0, 2_000, 900_000)))
        for _ in range(random.randint(0, 8)):
            talk.say(expired=random.random() < 0.1)
            _happening(random, talk, number)
    return talk


def _happening(random: Random, talk: Talk, number: int) -> None:
    for _ in range(random.randint(0, 2)):
        file, tokens = _file(random, number), random.choice((10, 1_000, 7_000, 30_000))
        talk.read(file, tokens, mcp_server=random.choice(("", "x")))
        if random.random() < 0.2:
            # The log tells another size than the context grew by.
            talk.added = random.choice((0, talk.added // 3, talk.added * 2))
    what = random.random()
    if what < 0.1:
        talk.edit(_file(random, number), random.choice((2, 400)))
    elif what < 0.3:
        talk.commit(f"sha{number}")
    elif what < 0.33:
        talk.compact(random.choice((0, 9_000)))
    elif what < 0.36:
        talk.rewind(talk.context // 2)
    elif what < 0.39:
        talk.change("clear")


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda one: one.kind.value)
def test_no_detector_asks_for_more_than_a_request_cost(detector: Detector) -> None:
    for seed in range(250):
        turns = _session(Random(seed)).turns
        costs = {request.key: request.cost for turn in turns for request in turn.requests}
        sums = dict.fromkeys(costs, NO_MONEY)
        for group in asked(detector, turns).values():
            for key, money in group.items():
                assert within(money, costs[key]), seed
                sums[key] += money
        assert all(within(money, costs[key]) for key, money in sums.items()), seed


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda one: one.kind.value)
def test_a_growing_turn_gives_the_same(detector: Detector) -> None:
    found = 0
    for seed in range(120):
        turns = _session(Random(seed)).turns
        once = run_once(detector, turns)
        assert once == run_growing(detector, turns), seed
        found += len(once)
        for finding in once.values():
            told = detector.tell(finding)
            assert all(told)
    assert found > 10
