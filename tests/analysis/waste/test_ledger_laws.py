"""Each dollar is granted once: whatever is asked, in whatever order, and however turns arrive."""

from __future__ import annotations

from collections import Counter
from random import Random

from tokenwatch.analysis.waste.claims import Claim, grants
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import CLAIM_ORDER, Ask, Finding, Kind, Sign
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import (
    Agent,
    Money,
    Price,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.model import AgentKind, Usage

SESSION = Session(key=1, id="s", source="claude-code")
AGENT = Agent(id="s", kind=AgentKind.MAIN)
PRICE = Price(1, 1, 1, 1, 1)
Script = dict[int, tuple[Sign, ...]]
"""What a detector says at each turn."""


def _turn(random: Random, number: int, keys: list[int]) -> Turn:
    requests = []
    for _ in range(random.randint(0, 3)):
        keys.append(len(keys) + 1)
        cost = Money(*(random.choice((0, 1, 7, 1000)) for _ in range(4)))
        requests.append(
            Request(
                key=keys[-1],
                id=f"r{keys[-1]}",
                agent_id="s",
                at_ms=number * 1000,
                ended_ms=number * 1000,
                model="m",
                usage=Usage(),
                cost=cost,
                price=PRICE,
            )
        )
    return Turn(
        number=number,
        id=str(number),
        at_ms=number * 1000,
        strands=(Strand(agent=AGENT, requests=tuple(requests)),),
    )


def _sign(random: Random, kind: Kind, number: int, keys: list[int]) -> Sign:
    asked = random.choices(keys, k=random.randint(0, 4)) if keys else []
    return Sign(
        kind=kind,
        key=random.choice("abc"),
        at_ms=number * 1000,
        asks=tuple(
            Ask(key, Money(*(random.choice((-5, 0, 3, 7, 2000)) for _ in range(4))))
            for key in asked
        ),
        low=random.choice((0.0, 0.5, 1.0)),
        high=random.choice((1.0, 2.0)),
        replaces=random.random() < 0.2,
        withdrawn=random.random() < 0.2,
        conditional=kind is Kind.FIXED_OVERHEAD,
        counts={"times": 1},
    )


def _session(random: Random) -> tuple[list[Turn], list[Detector]]:
    """Return a session's turns, and detectors that say something arbitrary of it."""
    keys: list[int] = []
    turns, scripts = [], {kind: Script() for kind in random.sample(list(Kind), 3)}
    for number in range(random.randint(1, 6)):
        turns.append(_turn(random, number, keys))
        for kind, script in scripts.items():
            script[number] = tuple(
                _sign(random, kind, number, keys) for _ in range(random.randint(0, 2))
            )
    return turns, [_detector(kind, script) for kind, script in scripts.items()]


def _detector(kind: Kind, script: Script) -> Detector:
    def observe(memory: int | None, turn: Turn, session: Session) -> Seen[int]:
        return Seen((memory or 0) + 1, script[turn.number])

    return Detector(kind=kind, observe=observe, tell=lambda _: Told("", "", ""))


def _folded(turns: list[Turn], detectors: list[Detector]) -> dict[tuple[Kind, str], Finding]:
    fold = Fold(SESSION, detectors)
    fold.take(turns)
    return fold.findings


def test_ten_thousand_random_sessions_are_never_granted_more_than_was_spent() -> None:
    random = Random(20_261_130)
    granted_in_all = 0
    for _ in range(10_000):
        turns, detectors = _session(random)
        costs = {request.key: request.cost for turn in turns for request in turn.requests}
        by_request: Counter[int] = Counter()
        for finding in _folded(turns, detectors).values():
            assert all(amount > 0 for _, amount in finding.granted)
            assert 0 <= finding.low <= finding.wasted <= finding.high
            by_request.update(dict(finding.granted))
        assert all(amount <= costs[key].total for key, amount in by_request.items())
        granted_in_all += by_request.total()
    assert granted_in_all > 1_000_000


def test_a_component_is_granted_to_the_surest_first() -> None:
    asks = [
        Claim((Kind.STALE_CONTEXT, "a"), False, Money(cache_read=80)),
        Claim((Kind.REPEATED_ATTEMPTS, "b"), False, Money(cache_read=30, output=5)),
        Claim((Kind.CACHE_EXPIRED, "c"), False, Money(cache_write=50)),
    ]
    cost = Money(input=0, cache_read=100, cache_write=20, output=5)
    assert grants(cost, asks) == {
        (Kind.CACHE_EXPIRED, "c"): 20,
        (Kind.REPEATED_ATTEMPTS, "b"): 35,
        (Kind.STALE_CONTEXT, "a"): 70,
    }


def test_what_depends_on_other_sessions_takes_nothing_from_the_rest() -> None:
    asks = [
        Claim((Kind.CACHE_EXPIRED, "a"), True, Money(cache_write=50)),
        Claim((Kind.STALE_CONTEXT, "b"), False, Money(cache_write=50)),
    ]
    assert grants(Money(cache_write=60), asks)[Kind.STALE_CONTEXT, "b"] == 50


def test_grants_do_not_depend_on_the_order_of_claims() -> None:
    random = Random(7)
    for _ in range(500):
        asks = [
            Claim((kind, key), False, Money(*(random.randint(0, 50) for _ in range(4))))
            for kind in random.sample(list(Kind), 4)
            for key in "ab"
        ]
        cost = Money(*(random.randint(0, 100) for _ in range(4)))
        once = grants(cost, asks)
        random.shuffle(asks)
        assert grants(cost, asks) == once


def test_turns_that_arrive_one_by_one_or_again_give_the_same_as_all_at_once() -> None:
    random = Random(3)
    for _ in range(2_000):
        turns, detectors = _session(random)
        whole = _folded(turns, detectors)
        fold = Fold(SESSION, detectors)
        known: dict[tuple[Kind, str], Finding] = {}
        number = 0
        while number < len(turns):
            begin = random.randint(max(0, number - 2), number)
            end = random.randint(number + 1, len(turns))
            # The last of them has not yet got all its requests: it will come again.
            part = turns[begin:end]
            if random.random() < 0.5:
                part[-1] = _unfinished(part[-1])
                end -= 1
            for each in fold.take(part):
                if each in fold.findings:
                    known[each] = fold.findings[each]
                else:
                    known.pop(each, None)
            number = max(end, begin + 1) if end > begin else begin
            if random.random() < 0.1 and number < len(turns):
                number = max(0, number - 1)
        for each in fold.take(turns[-1:]):
            if each in fold.findings:
                known[each] = fold.findings[each]
            else:
                known.pop(each, None)
        assert fold.findings == whole == known


def _unfinished(turn: Turn) -> Turn:
    main = turn.main
    return Turn(
        number=turn.number,
        id=turn.id,
        at_ms=turn.at_ms,
        strands=(Strand(agent=main.agent, requests=main.requests[:-1]),),
    )


def test_all_kinds_have_a_place_in_the_order() -> None:
    assert sorted(CLAIM_ORDER) == sorted(Kind)


def test_a_detector_that_fails_has_no_say_and_stops_no_other() -> None:
    random = Random(5)
    turns, detectors = _session(random)
    while len(turns) < 3 or not _folded(turns, detectors):
        turns, detectors = _session(random)
    others = [d for d in detectors if d.kind is not Kind.LOOP]

    def fails(memory: None, turn: Turn, session: Session) -> Seen[None]:
        if turn.number == 1:
            raise ZeroDivisionError("of course")
        return Seen(None, (Sign(kind=Kind.LOOP, key="x", at_ms=0),))

    broken = Detector(kind=Kind.LOOP, observe=fails, tell=lambda _: Told("", "", ""))
    fold = Fold(SESSION, [broken, *others])
    fold.take(turns)
    assert fold.findings == _folded(turns, others)
    assert fold.failed == {Kind.LOOP: "ZeroDivisionError: of course"}
