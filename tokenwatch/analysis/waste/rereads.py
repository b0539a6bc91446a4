"""Files that an agent reads again although it has them before it, word for word.

redundant-read: read again without need
  Means: The same part of a file was read twice while the first answer was still in the context and
    nothing in the file had changed. After a compaction the text is gone from the context: reading
    it again is then what the compaction cost, a finding of its own with the cause `compaction`.
  Signal: A read with the same arguments and the same result as one before it in the same segment of
    the agent's context, with more than 150 tokens and no edit of the file in between.
  Money: What the repeated result added to the context: written once, read by each later request
    until the context is replaced. The first result is never claimed.
  Next time: Name the place that is meant ("the function above") instead of the file. For what many
    sessions need, write a short map of the code into the instructions.
  When wrong: The agent had to make sure that another program had not changed the file; or in a long
    context a fresh copy helped it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.carry import (
    START,
    Arrival,
    Chain,
    Room,
    Step,
    estimated,
    holds,
    remembered,
    walked,
)
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Call, Session, Turn

SMALLEST = 150
"""Tokens of a result below which it is passed over, as the short word that a file is unchanged
(the specification)."""
LEAST, MOST = 0.75, 1.25
"""The range: what a token estimate is off by."""
MOST_READS = 128
"""Reads of an agent that are remembered: the latest."""
MOST_ITEMS = 64
"""Repeated results of an agent that are followed at a time: the latest."""
MOST_EDITED = 256
"""Edited files of a session that are remembered: the latest."""
CHANGING = frozenset({"edit", "write", "remove", "revert"})
"""Purposes of calls that change the files they name."""
COMPACTION = "compaction"


class Read(NamedTuple):
    """The first time in a segment that an agent read something."""

    call: Call
    at_ms: int
    start: int
    tokens: int
    lost: bool = False
    """A compaction took it out of the context."""


class Repeat(NamedTuple):
    """A repeated result in the context."""

    key: str
    """Of its finding."""
    call: Call
    start: int
    tokens: int
    cause: str | None


class State(NamedTuple):
    """One agent."""

    chain: Chain = START
    reads: tuple[tuple[bytes, Read], ...] = ()
    """By fingerprint of the call, the latest last."""
    repeats: tuple[Repeat, ...] = ()


class Memory(NamedTuple):
    """A session."""

    agents: Mapping[str, State]
    edited: Mapping[int, int]
    """When each file was last changed, by hash of its name; 0 stands for all files."""


class Edited(NamedTuple):
    """When files were changed: before this turn, and in it."""

    before: Mapping[int, int]
    now: Mapping[int, Sequence[int]]

    def between(self, names: Iterable[int], since_ms: int, until_ms: int) -> bool:
        """Return whether one of these files was changed after the one and up to the other."""
        for name in (0, *names):
            if self.before.get(name, since_ms) > since_ms:
                return True
            times = self.now.get(name, ())
            if bisect_right(times, until_ms) > bisect_right(times, since_ms):
                return True
        return False


class Found(NamedTuple):
    """What is said of one finding in this turn."""

    repeat: Repeat
    asks: list[Ask]
    evidence: list[Evidence]
    tokens: list[int]
    """Of each repeated result that came in."""


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Compare the reads of each agent with those before them."""
    known = memory or Memory({}, {})
    edited = Edited(known.edited, _changes(turn))
    signs: list[Sign] = []
    changed: list[tuple[str, State]] = []
    for strand in turn.strands:
        agent = strand.agent.id
        state = known.agents.get(agent, State())
        chain, steps = walked(state.chain, turn, strand)
        reads, repeats = dict(state.reads), list(state.repeats)
        found: dict[str, Found] = {}
        for step in steps:
            reads = _still_known(reads, step)
            repeats = _step(step, reads, repeats, edited, found)
        latest = tuple(reads.items())[-MOST_READS:]
        changed.append((agent, State(chain, latest, tuple(repeats))))
        signs.extend(_sign(one, agent, turn.at_ms) for one in found.values() if one.asks)
    return Seen(Memory(remembered(known.agents, changed), _latest(edited)), tuple(signs))


def _changes(turn: Turn) -> dict[int, list[int]]:
    """Return when the turn changed files, by hash of the name."""
    times: dict[int, list[int]] = {}
    for edit in turn.edits:
        times.setdefault(edit.name, []).append(edit.at_ms)
    for call in turn.calls:
        if call.purpose in CHANGING:
            for name in call.touches:
                times.setdefault(name, []).append(call.at_ms)
    for each in times.values():
        each.sort()
    return times


def _latest(edited: Edited) -> dict[int, int]:
    fresh = {name: times[-1] for name, times in edited.now.items()}
    kept = {name: ms for name, ms in edited.before.items() if name not in fresh} | fresh
    for name in list(kept)[: max(0, len(kept) - MOST_EDITED)]:
        if name:
            del kept[name]
    return kept


def _still_known(reads: dict[bytes, Read], step: Step) -> dict[bytes, Read]:
    """Return the reads that are still in the context, and those that a compaction took out."""
    if step.grew:
        return reads
    if step.ending == COMPACTION:
        return {key: read._replace(lost=True) for key, read in reads.items()}
    if step.ending in ("clear", "drop"):
        return {}
    return {
        key: read
        for key, read in reads.items()
        if read.lost or holds(step, read.start, read.tokens)
    }


def _step(
    step: Step,
    reads: dict[bytes, Read],
    repeats: Sequence[Repeat],
    edited: Edited,
    found: dict[str, Found],
) -> list[Repeat]:
    """Ask for what the request paid for repeated results; return those that it held."""
    if not repeats and not any(map(_is_read, step.arrivals)):
        return []
    room = Room(step.request)
    held: list[Repeat] = []
    for repeat in repeats:
        if holds(step, repeat.start, repeat.tokens):
            money = room.carrying(repeat.start, repeat.tokens)
            held.append(repeat)
            if money.total > 0:
                one = found.setdefault(repeat.key, Found(repeat, [], [], []))
                one.asks.append(Ask(step.request.key, money))
    for arrival in step.arrivals:
        new = _compared(arrival, reads, edited)
        if new is None:
            continue
        money = room.entering(new.tokens)
        held.append(new)
        if money.total > 0:
            one = found.setdefault(new.key, Found(new, [], [], []))
            one.asks.append(Ask(step.request.key, money))
            what = f"read again with the same result, {format.tokens(new.tokens)} tokens"
            one.tokens.append(new.tokens)
            one.evidence.append(Evidence(arrival.at_ms, what, money.total, step.request.id))
    return held[-MOST_ITEMS:]


def _is_read(arrival: Arrival) -> bool:
    return arrival.call is not None and arrival.call.purpose == "read"


def _compared(arrival: Arrival, reads: dict[bytes, Read], edited: Edited) -> Repeat | None:
    """Return the repeat that a result is, and remember it if it is none."""
    call = arrival.call
    if call is None or call.purpose != "read" or call.ok is False or call.denied:
        return None
    if not call.fingerprint or not call.output_fingerprint or call.interrupted:
        return None
    if max(arrival.tokens, estimated(call.output_bytes)) <= SMALLEST:
        return None
    before = reads.get(call.fingerprint)
    same = (
        before is not None
        and before.call.output_fingerprint == call.output_fingerprint
        and not edited.between(call.touches, before.at_ms, call.at_ms)
    )
    if same and before is not None and not before.lost:
        if arrival.tokens <= SMALLEST:
            return None
        return Repeat(before.call.id, call, arrival.start, arrival.tokens, None)
    reads.pop(call.fingerprint, None)
    reads[call.fingerprint] = Read(call, arrival.at_ms, arrival.start, arrival.tokens)
    if same and arrival.tokens > SMALLEST:
        key = f"{call.id}:{COMPACTION}"
        return Repeat(key, call, arrival.start, arrival.tokens, COMPACTION)
    return None


def _sign(found: Found, agent: str, at_ms: int) -> Sign:
    repeat, call = found.repeat, found.repeat.call
    return Sign(
        kind=Kind.REDUNDANT_READ,
        key=repeat.key,
        at_ms=max(at_ms, *(line.at_ms for line in found.evidence), 0),
        asks=tuple(found.asks),
        evidence=tuple(found.evidence),
        low=LEAST,
        high=MOST,
        cause=repeat.cause,
        agent_id=agent,
        counts={"times": len(found.tokens), "tokens": sum(found.tokens)},
        names={"tool": call.name, "target": call.target},
        signature=f"{repeat.cause or ''} {call.target or repeat.key}".strip(),
    )


def tell(finding: Finding) -> Told:
    """Say what was read again, how often, and how to spare it."""
    target = finding.names.get("target") or "the same file"
    times = finding.counts.get("times", 0)
    size = format.tokens(finding.counts.get("tokens", 0))
    if finding.cause == COMPACTION:
        return Told(
            headline=f"{target} read again after a compaction",
            explanation=(
                f"The compaction took it out of the context; reading it again added {size} tokens."
            ),
            advice=(
                "Finish a task before the context is full, or start the next one with /clear. Tell"
                f" /compact what to keep: `/compact keep what matters of {target}`."
            ),
        )
    often = "once more" if times == 1 else f"{format.count(times)} times more"
    return Told(
        headline=f"{target} read {often}, unchanged",
        explanation=(
            f"It was read {often} with the same result while the first was still in the context:"
            f" {size} tokens more, sent with each later request."
        ),
        advice=(
            f"Point at the place in {target} that is meant instead of naming the file again; where"
            " this comes back in many sessions, write a short map of the code into the"
            " instructions (CLAUDE.md, AGENTS.md)."
        ),
    )


DETECTORS = (Detector(kind=Kind.REDUNDANT_READ, observe=observe, tell=tell),)
