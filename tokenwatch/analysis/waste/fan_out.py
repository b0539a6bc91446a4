"""Subagents of one prompt: how many, how deep, how alike, and what starting them took.

agent-fan-out: many subagents for one prompt
  Means: One prompt had many subagents started, or some whose work overlaps, or some that hardly did
    more than read in what they were to know.
  Signal: More than 8 subagents for one prompt, or more than 16 within ten minutes (many); one that
    itself started others, among more than 4 (deep); one that failed and was started again with like
    words (respawned); two asked for the same in like words (overlap); two or more that made at most
    two requests, of whose cost at least 60 % was writing their first context (cold-start).
  Money: None is claimed: several agents at once may be just what was wanted.
  Next time: Give one agent several questions instead of one question to each, and say in the prompt
    how many agents to use.
  When wrong: If the agents worked on different things at the same time, and that saved you hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds, sketches
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Strand, Turn
from tokenwatch.model import AgentKind

MOST_AGENTS = 8
"""Of one prompt. §5 of the specification: the most seen at once in real sessions are 7."""
MOST_AT_ONCE, WINDOW_MS = 16, 10 * 60_000
"""So many agents may be started in so long. §5 of the specification."""
MOST_WITH_DEEP = 4
"""Agents of a prompt, if one of them was started by another subagent."""
LIKE = 0.80
"""Share of common character trigrams from which on two prompts ask for the same. §5 of the
specification asks for 0.65 of word trigrams, which is about this: one template filled in with two
different modules has 0.65 of character trigrams in common, and 0.36 of word trigrams."""
FULL_SKETCH = 48
"""Hashes of a sketch that is full: a shorter text is too short to be compared."""
FEW_REQUESTS, COLD_SHARE, LEAST_COLD = 2, 60, 2
"""Requests, percent of an agent's cost, and agents. Two of them, since one may be bad luck."""
MOST_KEPT = 64
"""Agents of a prompt that are looked at one by one, and starts that are remembered."""
MOST_COMPARED = 32
MOST_SEEN = 512
"""Agents that are remembered as counted."""


@dataclass(frozen=True, slots=True)
class _Spawned:
    """A subagent, as far as it got."""

    id: str
    started_ms: int
    sketch: tuple[int, ...]
    ended_ms: int | None
    has_failed: bool
    is_deep: bool
    requests: int = 0
    cost: int = 0
    cold: int = 0
    """Picodollars of its first request's cache writes, or of its input where nothing is written."""
    first_request: str | None = None


@dataclass(frozen=True, slots=True)
class _Memory:
    """Of the prompt that is being worked on."""

    key: str = ""
    at_ms: int = 0
    prompt_id: str | None = None
    agents: dict[str, _Spawned] = field(default_factory=dict)
    """Never written to: copied."""
    more: int = 0
    """Agents beyond those."""
    since_ms: int = 0
    """When the prompt before began: an agent that it started may begin to work only now."""
    seen: tuple[str, ...] = ()
    """Ids of the agents that were counted latest, of whichever prompt."""
    starts: tuple[int, ...] = ()
    """When the latest agents were started, of whichever prompt, in rising order."""
    crowded: bool = False
    """Too many were started in too short a time."""
    said: bool = False


def observe(memory: _Memory | None, turn: Turn, session: Session) -> Seen[_Memory]:
    """Look at the subagents that a turn started, together with those of the prompt before it.

    Turns that nobody asked for (a notice that an agent is done) belong to the prompt before them.
    """
    memory = memory or _Memory()
    if turn.cause in ("prompt", "command") or not memory.key:
        prompt = turn.prompts[0].id if turn.prompts else None
        key = turn.id or "start"
        memory = _Memory(
            key,
            turn.at_ms,
            prompt_id=prompt,
            since_ms=memory.at_ms or turn.at_ms,
            seen=memory.seen,
            starts=memory.starts,
        )
    strands = [s for s in turn.strands[1:] if s.agent.kind is AgentKind.SUBAGENT]
    if not strands:
        return Seen(memory)
    memory = _with(memory, strands, turn)
    signals = _signals(memory, is_settled=deeds.is_settled(turn, session))
    if not signals:
        if not memory.said:
            return Seen(memory)
        gone = Sign(
            kind=Kind.AGENT_FAN_OUT, key=memory.key, at_ms=memory.at_ms, replaces=True,
            withdrawn=True,
        )  # fmt: skip
        return Seen(replace(memory, said=False), (gone,))
    return Seen(replace(memory, said=True), (_sign(memory, signals),))


def _with(memory: _Memory, strands: Sequence[Strand], turn: Turn) -> _Memory:
    agents, more, starts = dict(memory.agents), memory.more, list(memory.starts)
    main_id, seen = turn.main.agent.id, dict.fromkeys(memory.seen)
    for strand in strands:
        agent = strand.agent
        known = agents.get(agent.id)
        if known is None:
            started = agent.started_ms
            if started is None or started < memory.since_ms or agent.id in seen:
                continue
            starts.append(started)
            seen[agent.id] = None
            if len(agents) >= MOST_KEPT:
                more += 1
                continue
            known = _Spawned(
                id=agent.id,
                started_ms=started,
                sketch=sketches.hashes(agent.prompt),
                ended_ms=None,
                has_failed=False,
                is_deep=agent.parent_id not in (None, main_id),
            )
        agents[agent.id] = _grown(known, strand)
    starts.sort()
    crowded = memory.crowded or any(
        starts[n] - starts[n - MOST_AT_ONCE] < WINDOW_MS
        for n in range(MOST_AT_ONCE, len(starts))
        if starts[n] >= memory.at_ms
    )
    return replace(
        memory,
        agents=agents,
        more=more,
        seen=tuple(seen)[-MOST_SEEN:],
        starts=tuple(starts[-MOST_KEPT:]),
        crowded=crowded,
    )


def _grown(known: _Spawned, strand: Strand) -> _Spawned:
    requests = strand.requests
    cold, first = known.cold, known.first_request
    if requests and first is None:
        first = requests[0].id
        cold = requests[0].cost.cache_write or requests[0].cost.input
    return replace(
        known,
        ended_ms=strand.agent.ended_ms,
        has_failed=strand.agent.end_status == "failed",
        requests=known.requests + len(requests),
        cost=known.cost + sum(request.cost.total for request in requests),
        cold=cold,
        first_request=first,
    )


@dataclass(frozen=True, slots=True)
class _Signals:
    """How many agents each signal was seen of."""

    many: int = 0
    deep: int = 0
    respawned: int = 0
    overlap: int = 0
    cold: int = 0

    @property
    def cause(self) -> str:
        """The first signal, or "" if there is none."""
        ranked = (
            ("many", self.many), ("deep", self.deep), ("respawned", self.respawned),
            ("overlap", self.overlap), ("cold-start", self.cold),
        )  # fmt: skip
        return next((cause for cause, number in ranked if number), "")


def _signals(memory: _Memory, *, is_settled: bool) -> _Signals | None:
    agents = list(memory.agents.values())
    total = len(agents) + memory.more
    deep = sum(agent.is_deep for agent in agents)
    respawned, overlap = _alike(agents[:MOST_COMPARED])
    cold = sum(map(_is_cold, agents)) if is_settled else 0
    found = _Signals(
        many=total if total > MOST_AGENTS or memory.crowded else 0,
        deep=deep if total > MOST_WITH_DEEP else 0,
        respawned=respawned,
        overlap=overlap,
        cold=cold if cold >= LEAST_COLD else 0,
    )
    return found if found.cause else None


def _alike(agents: Sequence[_Spawned]) -> tuple[int, int]:
    """Return how many agents were started again after a failure, and how many repeat another."""
    full = [agent for agent in agents if len(agent.sketch) >= FULL_SKETCH]
    respawned: set[str] = set()
    overlapping: set[str] = set()
    for one, other in combinations(sorted(full, key=lambda a: (a.started_ms, a.id)), 2):
        if sketches.common(one.sketch, other.sketch) < LIKE:
            continue
        if one.has_failed and (one.ended_ms is None or one.ended_ms <= other.started_ms):
            respawned.add(other.id)
        else:
            overlapping.add(other.id)
    return len(respawned), len(overlapping - respawned)


def _is_cold(agent: _Spawned) -> bool:
    if not 1 <= agent.requests <= FEW_REQUESTS or not agent.cost:
        return False
    return agent.cold * 100 >= COLD_SHARE * agent.cost


def _sign(memory: _Memory, signals: _Signals) -> Sign:
    agents = sorted(memory.agents.values(), key=lambda a: (a.started_ms, a.id))
    evidence = [
        Evidence(
            at_ms=memory.at_ms,
            what=f"{len(agents) + memory.more} subagents were started for this",
            prompt_id=memory.prompt_id,
        )
    ]
    evidence += [
        Evidence(
            at_ms=agent.started_ms,
            what=f"subagent {number}: {agent.requests} requests"
            + (", failed" if agent.has_failed else ""),
            cost=agent.cost,
            request_id=agent.first_request,
        )
        for number, agent in enumerate(agents[:20], 1)
    ]
    return Sign(
        kind=Kind.AGENT_FAN_OUT,
        key=memory.key,
        at_ms=memory.at_ms,
        evidence=tuple(evidence),
        replaces=True,
        cause=signals.cause,
        counts={
            "agents": len(agents) + memory.more,
            "requests": sum(agent.requests for agent in agents),
            "cost_pico": sum(agent.cost for agent in agents),
            "deep": signals.deep,
            "respawned": signals.respawned,
            "overlap": signals.overlap,
            "cold": signals.cold,
        },
        signature=signals.cause,
    )


def tell(finding: Finding) -> Told:
    """Return a finding in words."""
    counts = finding.counts
    agents = fmt.count(counts.get("agents", 0))
    parts = [f"{agents} subagents were started for one prompt"]
    for name, words in (
        ("deep", "{} of them by another subagent"),
        ("respawned", "{} again after a failure"),
        ("overlap", "{} with nearly the words of another"),
        ("cold", "{} did little more than read in their context"),
    ):
        if counts.get(name):
            parts.append(words.format(fmt.count(counts[name])))
    return Told(
        f"{agents} subagents for one prompt",
        "; ".join(parts) + ".",
        _ADVICE.get(finding.cause or "", _ADVICE["many"]),
    )


_ADVICE = {
    "many": "Say in the prompt how many agents to use, or merge questions: one agent that answers "
    "five reads the same files once.",
    "deep": "Ask for agents that do the work themselves; each level starts with an empty context.",
    "respawned": "Look at why the first one failed before another is started with the same words.",
    "overlap": "Give each agent a part of its own, or ask one of them and use its answer twice.",
    "cold-start": "Ask small things in the session itself, or give several to one agent: each one "
    "first writes its own context.",
}

DETECTORS: tuple[Detector, ...] = (Detector(kind=Kind.AGENT_FAN_OUT, observe=observe, tell=tell),)
