"""Long passages that a person pastes into prompt after prompt.

repeated-boilerplate: the same text pasted again and again
  Means: The same long text (rules, a description of the project, a file) was pasted into many
    prompts, and was written to the cache as new each time.
  Signal: The same passage of at least 1,500 characters in prompts of five sessions or more, or
    three times in one session. Prompts of programs and pasted errors do not count.
  Money: What the first request of each of these prompts paid to take the passage in. The very first
    time is free. How many tokens it holds is estimated from its characters.
  Next time: Put it where every session finds it: into CLAUDE.md or AGENTS.md if it always holds,
    into a skill or a slash command if it is needed at times, into a file to be named with @.
  When wrong: The text is pasted rarely enough, or changes so often, that keeping it in a file would
    be more work than it spares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.across import Concluded, Partial, merged
from tokenwatch.analysis.waste.carry import Room, estimated
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Prompt, Request, Session, Turn

LONG = 1_500
"""Characters of a passage from which on it counts (the specification)."""
SESSIONS = 5
"""Sessions with the passage (the specification)."""
TIMES = 3
"""Times in one session, where it is in fewer. Ours."""
LEAST, MOST = 0.75, 1.25
"""The range: what an estimate from characters is off by."""
MOST_PASSAGES = 256
"""Passages of a session that are remembered: the latest."""
MOST_WAITING = 16
"""Prompts whose first request is not there yet."""
NOT_TYPED = frozenset({"auto", "command"})
"""Kinds of prompts whose text a program made."""
AGAIN = "again"


class Memory(NamedTuple):
    """A session."""

    times: Mapping[int, int]
    """How often each passage came, by its hash."""
    waiting: tuple[Prompt, ...] = ()


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Note each long passage of the prompts that a person typed.

    The first time in a session and all further times are two findings, so that `conclude` can leave
    out the very first time of all.
    """
    known = memory or Memory({})
    if session.scripted:
        return Seen(known)
    times = dict(known.times)
    rooms: dict[int, Room] = {}
    signs: list[Sign] = []
    waiting: list[Prompt] = []
    for prompt in (*known.waiting, *(p for p in turn.prompts if _counts(p))):
        request = _first(turn.main.requests, prompt.at_ms)
        if request is None:
            waiting.append(prompt)
            continue
        room = rooms.setdefault(request.key, Room(request))
        for passage, chars in prompt.wording.passages:
            if chars >= LONG:
                number = times.pop(passage, 0) + 1
                times[passage] = number
                signs.append(_sign(passage, chars, number, prompt, room))
    for passage in list(times)[: max(0, len(times) - MOST_PASSAGES)]:
        del times[passage]
    return Seen(Memory(times, tuple(waiting[-MOST_WAITING:])), tuple(signs))


def _counts(prompt: Prompt) -> bool:
    wording = prompt.wording
    # An error that is pasted again is another matter: an attempt that failed again.
    pasted_error = wording.kind == "evidence" and bool(wording.errors)
    return not prompt.scripted and wording.kind not in NOT_TYPED and not pasted_error


def _first(requests: Sequence[Request], since_ms: int) -> Request | None:
    """Return the first request that was answered after a prompt."""
    return next((r for r in requests if r.at_ms >= since_ms and r.context > 0), None)


def _sign(passage: int, chars: int, number: int, prompt: Prompt, room: Room) -> Sign:
    money = room.entering(estimated(chars))
    what = f"pasted a passage of {format.count(chars)} characters"
    request = room.request
    return Sign(
        kind=Kind.REPEATED_BOILERPLATE,
        key=f"{passage:08x}" if number == 1 else f"{passage:08x}:{AGAIN}",
        at_ms=prompt.at_ms,
        asks=(Ask(request.key, money),) if money.total > 0 else (),
        evidence=(Evidence(prompt.at_ms, what, money.total or None, request.id, prompt.id),),
        low=LEAST,
        high=MOST,
        conditional=True,
        counts={"times": 1, "characters": chars},
        signature=f"{passage:08x}",
    )


def conclude(members: Sequence[Partial]) -> tuple[Concluded, ...]:
    """Make one finding of each passage that came in enough sessions, or often enough in one."""
    by_passage: dict[str, list[Partial]] = {}
    for member in members:
        by_passage.setdefault(member.finding.key.partition(":")[0], []).append(member)
    found = []
    for passage, parts in sorted(by_passage.items()):
        times: dict[int, int] = {}
        for part in parts:
            times[part.session] = times.get(part.session, 0) + part.finding.counts.get("times", 0)
        if len(times) < SESSIONS:
            parts = [part for part in parts if times[part.session] >= TIMES]
        one = merged(_without_first(parts), key=passage) if parts else None
        if one is not None and one.finding.wasted:
            found.append(one)
    return tuple(found)


def _without_first(parts: Sequence[Partial]) -> list[Partial]:
    """Return the parts without the money of the very first time."""
    first = min(parts, key=lambda part: (part.finding.first_ms, part.session, part.finding.key))
    if first.finding.key.endswith(AGAIN):
        return list(parts)
    free = replace(first.finding, asked=0, granted=(), low=0, high=0)
    return [first._replace(finding=free) if part is first else part for part in parts]


def tell(finding: Finding) -> Told:
    """Say how long the passage is, how often it came, and where to put it."""
    times = max(1, finding.counts.get("times", 1))
    sessions = finding.counts.get("sessions", 1)
    chars = finding.counts.get("characters", 0) // times
    where = "one session" if sessions == 1 else f"{format.count(sessions)} sessions"
    return Told(
        headline=f"the same text pasted {format.count(times)} times",
        explanation=(
            f"A passage of {format.count(chars)} characters (about"
            f" {format.tokens(estimated(chars))} tokens) was pasted {format.count(times)} times in"
            f" {where}; each time but the first could have been a reference."
        ),
        advice=(
            "Put it into CLAUDE.md or AGENTS.md if it always holds; into a skill or a slash command"
            " if it is needed at times; into a file named with @ if it is a document."
        ),
    )


DETECTORS = (
    Detector(kind=Kind.REPEATED_BOILERPLATE, observe=observe, tell=tell, conclude=conclude),
)
