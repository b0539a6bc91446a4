"""Small turns and agents that only look, answered by a model of the top tier.

oversized-model: larger model than needed
  Means: Small things were answered by one of the largest models: chores, short questions, agents
    that only read and search, or scheduled runs. A model one tier down would very likely have done.
  Signal: Told by the turn, never by the session: a chore, question or word of control of at most 40
    words, with no edits, at most 3 tool calls, 4 requests and 1,500 output tokens, on a model of
    the top tier. Such turns count as a whole session only if the session has no others. An agent
    counts if it is made for looking (Explore, search, review) or if it only read and searched, and
    no agent of its type changed anything.
  Money: What the same tokens would have cost a tier down, component by component, at list price;
    the upper end of the range is two tiers down. In the middle of a session the other model would
    have had to write the whole context to its own cache, and the first one to read in what the turn
    added: both are subtracted, and mostly nothing is left to claim.
  Next time: Run commits and other chores yourself (`!git commit`), ask small questions in a fresh
    session on a smaller model, and set the model of agents that only read.
  When wrong: If the answer needed judgement that the smaller model lacks, or if that would have
    taken more words and turns. Nothing here measures quality.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds, tiers
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Agent, Money, Request, Session, Strand, Turn
from tokenwatch.analysis.waste.small_turns import kind_of
from tokenwatch.model import AgentKind

MOST_OUTPUT = 1_500
"""Output tokens of a small turn. §5 of the specification."""
ENOUGH_TURNS = 3
"""A session of small turns is told of from so many on; one that is over, from
`ENOUGH_REQUESTS` on. Ours: the first question says little of what a session will be."""
ENOUGH_REQUESTS = 3
"""§5 of the specification: nothing is said of sessions with fewer."""
MOST_TYPES = 128
"""Types of agents that are remembered; of any others nothing is said."""

_LOOKS = re.compile(
    r"explor|search|find|locat|scout|research|lookup|look-up|grep|review|inspect|audit|reader", re.I
)
_THINKS = re.compile(r"plan|architect|design|fork|debug|security", re.I)
"""Agents that need a large model although they only read, and copies of the main agent."""
_ONLY_LOOKING = deeds.EXPLORING | {"web"}


@dataclass(frozen=True, slots=True)
class _Memory:
    whole: str = "?"
    """Key of the finding on the whole session; "?" before its first turn, "" if it has others."""
    pending: tuple[Sign, ...] = ()
    """Of the whole session, not said yet."""
    turns: int = 0
    requests: int = 0
    said: bool = False
    claimed: frozenset[str] = frozenset()
    """Keys of agents' types of which something was said."""
    cleared: frozenset[str] = frozenset()
    """Keys of types that do more than look."""


def observe(memory: _Memory | None, turn: Turn, session: Session) -> Seen[_Memory]:
    """Look at the main agent's part and at each subagent's, once the turn has ended."""
    memory = memory or _Memory()
    if not deeds.is_settled(turn, session):
        return Seen(memory)
    memory, signs = _main(memory, turn, session)
    for strand in turn.strands[1:]:
        if strand.agent.kind is AgentKind.SUBAGENT and (strand.requests or strand.calls):
            memory, more = _subagent(memory, strand, turn)
            signs += more
    return Seen(memory, signs)


def _main(memory: _Memory, turn: Turn, session: Session) -> tuple[_Memory, tuple[Sign, ...]]:
    requests = turn.main.requests
    signs: tuple[Sign, ...] = ()
    kind = kind_of(turn, session) if _is_short(requests) else ""
    rungs = [tiers.ladder(request.model) for request in requests if request.price is not None]
    found = [rung for rung in rungs if rung is not None]
    if len(found) < len(requests):
        kind = ""
    if memory.whole and (requests or turn.edits):
        whole = "" if not kind else "scripted" if kind == "scripted" else "session"
        if not whole or memory.whole not in ("?", whole):
            if memory.said:
                signs = (_withdrawn(memory.whole, turn.at_ms),)
            memory = replace(memory, whole="", pending=(), said=False)
        else:
            sign = _sign(whole, kind, turn, [(r, _saved(r)) for r in requests], found[-1])
            memory = replace(
                memory,
                whole=whole,
                pending=(*memory.pending, sign) if sign else memory.pending,
                turns=memory.turns + 1,
                requests=memory.requests + len(requests),
            )
    elif kind and not memory.whole:
        sign = _sign(kind, kind, turn, _net(requests, found), found[-1])
        signs = (sign,) if sign else ()
    if memory.pending and _is_enough(memory, turn, session):
        signs += memory.pending
        memory = replace(memory, pending=(), said=True)
    return memory, signs


def _is_short(requests: Sequence[Request]) -> bool:
    return sum(request.usage.output for request in requests) < MOST_OUTPUT


def _is_enough(memory: _Memory, turn: Turn, session: Session) -> bool:
    if memory.said or memory.turns >= ENOUGH_TURNS:
        return True
    enough = memory.requests >= ENOUGH_REQUESTS
    return enough and turn.is_last and session.is_over


Savings = list[tuple[Request, tuple[Money, Money]]]
"""What a tier down, and two tiers down, would have saved of each request."""


def _saved(request: Request) -> tuple[Money, Money]:
    rung = tiers.ladder(request.model)
    if rung is None:
        return Money(), Money()
    return (
        tiers.saved(rung.next, rung.own, request),
        tiers.saved(rung.second, rung.own, request),
    )


def _net(requests: Sequence[Request], rungs: Sequence[tiers.Ladder]) -> Savings:
    """Return what is left of the savings if the model is switched for this turn alone.

    What the turn added to the context is paid twice then: the first model reads it in later. So
    only reads and output can be saved.
    """
    kept = [Money(cache_read=r.cost.cache_read, output=r.cost.output) for r in requests]
    own = sum(money.total for money in kept)
    nets = []
    for below in (1, 2):
        instead = sum(
            tiers.answered_by(rung[below], rung.own, request).total
            for request, rung in zip(requests, rungs, strict=True)
        )
        first, other = requests[0], rungs[0][below]
        instead += tiers.written_anew(other, rungs[0].own, first)
        instead -= tiers.answered_by(other, rungs[0].own, first).cache_read
        nets.append(max(0, own - instead))
    low, high = nets
    return [
        (request, (money.part(low, own), money.part(high, own)))
        for request, money in zip(requests, kept, strict=True)
    ]


def _sign(
    key: str,
    kind: str,
    turn: Turn,
    savings: Savings,
    rung: tiers.Ladder,
    agent: Agent | None = None,
) -> Sign | None:
    """Return what is said of one agent's part of a turn; None if nothing could have been saved."""
    asks = tuple(Ask(request.key, low) for request, (low, _) in savings if low.total)
    claimed = sum(ask.money.total for ask in asks)
    if not claimed:
        return None
    most = sum(high.total for _, (_, high) in savings)
    requests = [request for request, _ in savings]
    output = sum(request.usage.output for request in requests)
    what = "an agent that only looked" if agent else f"a {WORDS[kind]}"
    return Sign(
        kind=Kind.OVERSIZED_MODEL,
        key=key,
        at_ms=requests[0].at_ms,
        asks=asks,
        evidence=(
            Evidence(
                at_ms=requests[0].at_ms,
                what=f"{what}: {_requests(len(requests))}, {fmt.tokens(output)} tokens answered",
                cost=sum(request.cost.total for request in requests),
                request_id=requests[0].id,
                prompt_id=turn.prompts[0].id if turn.prompts and not agent else None,
            ),
        ),
        high=max(1.0, most / claimed),
        cause="agent" if agent else kind,
        agent_id=agent.id if agent else None,
        counts={
            "turns": 1,
            "requests": len(requests),
            "context": sum(request.context for request in requests),
            "output": output,
        },
        names={
            "model": rung.own,
            "alternative": rung.next,
            **({"agent": agent.name} if agent and agent.name else {}),
        },
        signature=f"{key}:{rung.own}",
    )


def _withdrawn(key: str, at_ms: int) -> Sign:
    return Sign(kind=Kind.OVERSIZED_MODEL, key=key, at_ms=at_ms, replaces=True, withdrawn=True)


def _subagent(memory: _Memory, strand: Strand, turn: Turn) -> tuple[_Memory, tuple[Sign, ...]]:
    name = strand.agent.name or ""
    key = f"explore:{name[:80]}"
    if key in memory.cleared:
        return memory, ()
    is_known = key in memory.claimed
    if not _looks(name, strand):
        if not strand.calls and not strand.edits:
            return memory, ()
        if not is_known and len(memory.cleared) >= MOST_TYPES:
            return memory, ()
        memory = replace(memory, claimed=memory.claimed - {key}, cleared=memory.cleared | {key})
        return memory, (_withdrawn(key, turn.at_ms),) if is_known else ()
    if not is_known and len(memory.claimed) >= MOST_TYPES:
        return memory, ()
    large = [
        (request, rung)
        for request in strand.requests
        if request.price is not None and (rung := tiers.ladder(request.model)) is not None
    ]
    if not large:
        return memory, ()
    savings = [(request, _saved(request)) for request, _ in large]
    sign = _sign(key, "agent", turn, savings, large[-1][1], strand.agent)
    if sign is None:
        return memory, ()
    return replace(memory, claimed=memory.claimed | {key}), (sign,)


def _looks(name: str, strand: Strand) -> bool:
    """Tell whether an agent's part shows, or lets one take for granted, that it only looks."""
    if _THINKS.search(name) or deeds.changes(strand):
        return False
    if any(call.purpose == "launch" for call in strand.calls):
        return False
    if _LOOKS.search(name):
        return True
    return bool(strand.calls) and all(call.purpose in _ONLY_LOOKING for call in strand.calls)


WORDS = {
    "chore": "chore",
    "question": "short question",
    "control": "word of control",
    "scripted": "small scripted run",
}
_MANY = {
    "chore": "chores",
    "question": "short questions",
    "control": "words of control",
    "scripted": "small scripted runs",
    "session": "a session of small turns",
}


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{fmt.count(number)} requests"


def tell(finding: Finding) -> Told:
    """Return a finding in words."""
    model, other = finding.names.get("model", "?"), finding.names.get("alternative", "?")
    requests = finding.counts.get("requests", 0)
    context = finding.counts.get("context", 0) // max(1, requests)
    of_agents = finding.key.startswith("explore:")
    agent = fmt.one_line(finding.names.get("agent", ""), 40)
    subject = (f"agent {agent}" if agent else "agents") if of_agents else _MANY[finding.key]
    deed = "only read and searched" if of_agents else "changed no file"
    return Told(
        f"{subject} on {model}",
        f"{_requests(requests)} that {deed} went to {model}, with {fmt.tokens(context)} tokens of "
        f"context on average and {fmt.tokens(finding.counts.get('output', 0))} tokens answered in "
        f"all. {other} is the next tier down.",
        _advice(finding, other, agent),
    )


def _advice(finding: Finding, other: str, agent: str) -> str:
    if finding.key.startswith("explore:"):
        whom = f"agent `{agent}`" if agent else "such agents"
        return f"Set `model: {other}` for {whom}, in its definition or when it is launched."
    if finding.key == "scripted":
        return f"Start these runs with `--model {other}`."
    if finding.key == "session":
        return f"Begin a session for questions and chores with `--model {other}`."
    if finding.key == "chore":
        return (
            "Run it yourself: a prompt that begins with `!` runs a command without a request "
            f"(`!git commit`). Or give chores to a fresh session on {other}."
        )
    return f"Ask small things in a fresh session on {other}; switching in this one costs a rebuild."


DETECTORS: tuple[Detector, ...] = (Detector(kind=Kind.OVERSIZED_MODEL, observe=observe, tell=tell),)
