"""Laws of the detectors that judge what was done: any session, told in any pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from msgspec import structs

from tests.analysis.waste.worked import (
    MINUTE,
    OPUS,
    SONNET,
    T0,
    asked,
    call,
    prompt,
    request,
    session,
    strand,
    turn,
    within,
)
from tokenwatch.analysis.waste import (
    effort,
    fan_out,
    model_choice,
    outcome,
    unattended,
    unrequested,
)
from tokenwatch.analysis.waste.across import Partial
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import TIERS, Evidence, Finding, Kind, Tier
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import Agent, Edit, Strand, Turn
from tokenwatch.model import PICO, AgentKind
from tokenwatch.wording import Wording

MODULES = (model_choice, effort, unattended, fan_out, outcome, unrequested)
DETECTORS = tuple(detector for module in MODULES for detector in module.DETECTORS)
MODELS = ("claude-opus-4-1", "claude-opus-5-5", "claude-sonnet-4-5", "gpt-5.5", "odd", None)
PURPOSES = ("", "read", "read", "search", "edit", "remove", "commit", "launch", "plan", "web")
KINDS = ("auto", "command", "control", "chore", "chore", "question", "task", "complaint")
PATHS = ("SUMMARY.md", "test_quick.py", "NOTES.md", "app.py")


def _strand(random: Random, number: int, agent: str) -> Strand:
    at_ms = number * MINUTE
    main = agent == "s1"
    requests = []
    for n in range(random.randint(0, 4)):
        made = request(
            number * 1_000 + (0 if main else 100 + int(agent[1:]) * 10) + n,
            at_ms + random.randint(0, 50_000),
            model=random.choice(MODELS),
            read=random.choice((0, 500, 40_000)),
            write_5m=random.choice((0, 300, 20_000)),
            output=random.choice((0, 40, 3_000, 60_000)),
            price=random.choice((SONNET, OPUS, OPUS, None)),
            agent=agent,
        )
        usage = made.usage._replace(reasoning=random.randint(0, made.usage.output))
        requests.append(made._replace(usage=usage, lower_bound=random.random() < 0.1))
    requests.sort(key=lambda one: one.at_ms)
    calls = [
        call(
            number * 1_000 + n,
            random.choice([*(one.key for one in requests), None]),
            at_ms + random.randint(0, 50_000),
            purpose=random.choice(PURPOSES),
            touches=frozenset({random.randint(0, len(PATHS))}),
            ok=random.choice((True, True, True, False, None)),
        )
        for n in range(random.choice((0, 1, 3, 35)))
    ]
    calls.sort(key=lambda one: one.at_ms)
    edits = [
        Edit(one.id, one.at_ms, PATHS[name - 1], name, 1, 0, created=random.random() < 0.6)
        for one in calls
        if one.purpose == "edit" and (name := random.randint(1, len(PATHS)))
    ]
    parts: dict[str, Any] = {"requests": requests, "calls": calls}
    return strand(agent, **parts, edits=edits if random.random() < 0.4 else ())


def _agent(random: Random, number: int, index: int) -> Strand:
    name = f"a{index}"
    return replace(
        _strand(random, number, name),
        agent=Agent(
            id=name,
            kind=random.choice((AgentKind.SUBAGENT, AgentKind.SUBAGENT, AgentKind.AUXILIARY)),
            name=random.choice(("Explore", "general-purpose", "reviewer", None)),
            parent_id=random.choice(("s1", "a1", None)),
            prompt=random.choice((None, "", "zz", "00000001" * 48)),
            started_ms=random.choice((None, T0 + number * MINUTE, T0)),
            end_status=random.choice((None, "failed", "completed")),
        ),
    )


def _calm(random: Random, one: Turn, mood: str) -> Turn:
    """Return a turn as a small one, or as one that only explores."""
    at_ms = one.number * MINUTE
    kind = random.choice(("chore", "question")) if mood == "small" else "task"
    read, output = random.choice(((0, 900), (300, 1_200), (30_000, 40)))
    made = request(
        one.number * 1_000, at_ms, model="claude-opus-4-1", price=OPUS, read=read, output=output
    )
    reads = 0 if mood == "small" else 32
    calls = [
        call(one.number * 1_000 + n, made.key, at_ms + n, purpose="read") for n in range(reads)
    ]
    wording = structs.replace(_wording(random), kind=kind, words=4, complaint=0)
    return replace(
        one,
        prompts=(prompt(10 * one.number, at_ms, wording=wording),),
        strands=(strand(requests=[made], calls=calls),),
    )


def _wording(random: Random) -> Wording:
    return Wording(
        kind=random.choice(KINDS),
        words=random.choice((0, 3, 60)),
        complaint=random.choice((0, 0, 1, 2)),
        accepts=random.random() < 0.1,
        script=random.choice(("latin", "han", "hangul")),
        grams=tuple(sorted(random.sample(range(200), 20))),
        files=tuple(random.sample(range(9), random.randint(0, 1))),
        opening=random.choice((0, 5)),
    )


def _turns(random: Random) -> list[Turn]:
    made = []
    count = random.randint(1, 7)
    moods = random.choice((("any",), ("small",), ("any", "small"), ("any", "explore", "small")))
    for number in range(count):
        at_ms = number * MINUTE
        ended = random.choice((None, at_ms + 51_000))
        one = turn(
            number,
            at_ms,
            ended=ended,
            is_last=number == count - 1,
            prompts=[
                prompt(n, at_ms, wording=_wording(random), scripted=random.random() < 0.2)
                for n in range(10 * number, 10 * number + random.choice((0, 1, 1, 1, 2)))
            ],
            others=[_agent(random, number, n) for n in range(random.choice((0, 0, 2, 12)))],
        )  # fmt: skip
        main = _strand(random, number, "s1")
        told = replace(
            one,
            id=one.id if number else "",
            cause=random.choice(("prompt", "command", "notification")),
            how=None if ended is None else random.choice(("completed", "interrupted", "failed")),
            strands=(main, *one.strands[1:]),
        )
        each = random.choice(moods)
        made.append(told if each == "any" else _calm(random, told, each))
    return made


def _pieces(random: Random, turns: list[Turn]) -> Iterator[list[Turn]]:
    """Yield what a ledger tells as a session grows: the last turns anew, with those behind them."""
    told = 0
    for number, one in enumerate(turns):
        if random.random() < 0.7:
            now = one.at_ms + random.randint(0, MINUTE)
            growing = replace(
                one,
                is_last=True,
                ended_ms=None,
                how=None,
                strands=tuple(_until(part, now) for part in one.strands),
            )
            yield [*turns[max(0, told - 1) : number], growing]
            told = number + 1
    yield turns[max(0, told - 1) :]


def _until(part: Strand, now: int) -> Strand:
    names = ("requests", "calls", "edits")
    return replace(
        part,
        **{name: tuple(x for x in getattr(part, name) if x.at_ms <= now) for name in names},
    )


@pytest.mark.parametrize("seed", range(150))
def test_any_session_in_any_pieces(seed: int) -> None:
    random = Random(seed)
    of = session(scripted=random.random() < 0.2)
    over = replace(of, is_over=random.random() < 0.7)
    turns = _turns(random)
    at_once, grown = Fold(over, DETECTORS), Fold(of, DETECTORS)
    at_once.take(turns)
    for piece in _pieces(random, turns):
        grown.take(piece)
    grown.session = over
    grown.take(turns[-1:])
    assert not at_once.failed and not grown.failed
    assert at_once.findings == grown.findings
    for finding in at_once.findings.values():
        told = next(d for d in DETECTORS if d.kind is finding.kind).tell(finding)
        assert told.headline and told.explanation.endswith(".") and told.advice.strip()
        assert "waste" not in " ".join(told).casefold()


@pytest.mark.parametrize("seed", range(60))
def test_asks_never_exceed_a_component(seed: int) -> None:
    random = Random(1_000 + seed)
    turns = _turns(random)
    costs = {one.key: one.cost for part in turns for one in part.requests}
    for detector in DETECTORS:
        claims = asked(detector, turns, session(is_over=True, scripted=seed % 5 == 0))
        assert not claims or TIERS[detector.kind] is not Tier.LOOK or not any(claims.values())
        for asks in claims.values():
            assert all(within(money, costs[key]) for key, money in asks.items())


def test_every_kind_is_explained() -> None:
    for module in MODULES:
        found = meanings(module.__doc__ or "")
        assert set(found) == {detector.kind.value for detector in module.DETECTORS}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: str(detector.kind))
def test_a_finding_of_an_older_edition_can_be_told(detector: Any) -> None:
    kind: Kind = detector.kind
    keys = ("session", "chore", "explore:", "scripted") if kind is Kind.OVERSIZED_MODEL else ("k",)
    for key in keys:
        bare = Finding(
            kind=kind, key=key, tier=TIERS[kind], cause=None, agent_id=None, first_ms=T0,
            last_ms=T0, asked=0, granted=(), low=0, high=0, evidence=(Evidence(T0, "x"),),
            counts={}, names={}, signature="", conditional=False,
        )  # fmt: skip
        assert all(detector.tell(bare))


def test_what_groups_come_to_does_not_depend_on_their_order() -> None:
    (detector,) = unattended.DETECTORS
    assert detector.conclude is not None
    partials = []
    for number in range(6):
        of = session(key=number, scripted=True)
        one = turn(0, number, prompts=[], requests=[request(number, output=50_000)])
        _, (sign,) = detector.observe(None, one, of)
        fold = Fold(of, (detector,))
        fold.take([one])
        (finding,) = fold.findings.values()
        assert sign.conditional
        partials.append(Partial(number, "codex", None, finding))
    once, again = detector.conclude(partials), detector.conclude(partials[::-1])
    assert once == again and once[0].finding.counts["cost_pico"] == 6 * PICO * 3 // 4
