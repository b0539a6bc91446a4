"""An attempt that another session came back to: what was asked there again, since it had failed.

What a session leaves behind (`left`) are the last attempts at what was asked in it; what it is
opened with (`Opening`) may be one of them, of an earlier session of the same project. Words alone
are never enough: chores, routines and the same request for other things look the same. The same
words must come with work that takes the earlier lines away, fails in the same way, or with a
complaint; the same error must come with the same subject or file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.chain import (
    FIRST,
    START,
    Chain,
    Memory,
    core,
    is_finding,
    step,
)
from tokenwatch.analysis.waste.attempts.lines import kept
from tokenwatch.analysis.waste.attempts.openings import may_return
from tokenwatch.analysis.waste.attempts.proof import (
    LEAST,
    MOST_REASONS,
    PARTS,
    UNKNOWN,
    WHY,
    changed,
    file_of,
    part,
    to_say,
)
from tokenwatch.analysis.waste.attempts.signals import Context, Link, link
from tokenwatch.analysis.waste.attempts.similarity import Verdict, compare
from tokenwatch.analysis.waste.attempts.work import Work, is_scripted, of
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Turn
from tokenwatch.model import DAY_MS
from tokenwatch.wording import Wording

WITHIN_MS = 14 * DAY_MS
"""So long after an attempt a prompt may be about it (the specification)."""
LEFT = 3
"""Attempts of a session, the last ones, that another session may come back to. Ours."""
ROUTINE = 3
"""Other sessions with the same prompt within that time from which it is a routine: then only the
same error tells of a failure, or a complaint that is not in all of them. Source: three times the
same is automation."""
MOST = 4
"""Earlier attempts that a prompt is compared with, the latest ones. Ours: if it has so many, those
before them have been come back to by these. It bounds what a prompt costs."""
NEEDED = 0.7
"""How likely the attempt has to have failed, by the bits of `signals` against `chain.FIRST`. Higher
than within a session, where a finding needs two failures. Ours."""
TIES = frozenset(("repeated", "extended"))
"""Signs that a prompt asks for the same."""
DEEDS = frozenset(("rewrites", "reverts", "undoes", "fails-again"))
"""Signs of the work that what was done before did not do."""
SAME_SUBJECT = frozenset(("entities", "subject", "same-files", *TIES, *DEEDS))
"""One of them has to come with the same error: errors with names left out are equal too easily."""


class Left(NamedTuple):
    """The last attempt at one thing, as far as its session tells."""

    work: Work
    tasks: int = 0
    """Other requests of the session since then."""
    committed: bool = False
    """It was committed, or a commit followed."""
    pending: Link | None = None
    """What the session's own last prompt about it says against it."""


class Again(NamedTuple):
    """Which attempt of a session another one came back to, and what shows that it had failed."""

    turn_id: str
    """The attempt's turn."""
    at_ms: int
    """When it was asked again."""
    prompt_id: str
    said: tuple[str, ...]
    """Names of signs (`signals`), in the order of the alphabet."""
    lost: int
    """Thousandths of the attempt's lines that were gone after the turn; of one without lines
    `UNKNOWN`."""
    written: int
    kept: int
    cost: int
    """Picodollars of the turn in which it was asked again."""
    what: str
    """What that turn changed, in our words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Session):
    """A session with those of its attempts that other sessions came back to."""

    again: tuple[Again, ...] = ()

    @classmethod
    def made(cls, session: Session, again: Iterable[Again]) -> Returned:
        """Return a session together with what is known from others."""
        own = {field.name: getattr(session, field.name) for field in fields(Session)}
        return cls(**own, again=tuple(again))


def lefts(memory: Memory) -> Iterator[Left]:
    """Yield what a session left, the latest last."""
    for chain in memory.chains[-LEFT:]:
        work = chain.attempts[-1]
        is_told = chain.pending is not None and is_finding(core(chain))
        if is_told or work.is_open or work.prompt_id is None or not work.is_attempt:
            continue
        if may_return(work.wording):
            yield _left(chain)


def _left(chain: Chain) -> Left:
    work = chain.attempts[-1]
    return Left(work, chain.tasks, chain.committed or work.committed, chain.pending)


def left_at(turns: Iterable[Turn], session: Session) -> Left | None:
    """Return the attempt that begins with the first of these turns, which go to the session's end.

    None if it is none, or was followed by another one at the same thing.
    """
    memory, first = START, ""
    for turn in turns:
        first = first or turn.id
        if not is_scripted(turn, session):
            memory = step(memory, of(turn)).memory
    for chain in memory.chains:
        if chain.attempts[0].turn_id == first and len(chain.attempts) == 1:
            return _left(chain)
    return None


def alike(one: Wording, other: Wording) -> bool:
    """Whether two prompts say the same."""
    return compare(one, other).verdict is Verdict.SAME


def stands_out(prompt: Wording) -> bool:
    """Whether a prompt may tell of a failure even where it is a routine."""
    return bool(prompt.errors) or prompt.complaint > 1


def complains_itself(prompt: Wording, same: Iterable[Wording]) -> bool:
    """Whether a prompt complains and not all that say the same do: a template may complain, too."""
    return prompt.complaint > 1 and any(each.complaint < 2 for each in same)


def worth_judging(one: Wording, other: Wording, *, routine: bool, complains: bool) -> bool:
    """Whether words allow a later prompt to come back to what an earlier one asked for.

    complains: the later one does so itself, whatever its routine says.
    """
    same_error = not set(one.errors).isdisjoint(other.errors)
    if routine and not (same_error or complains):
        return False
    return same_error or compare(one, other).verdict in (Verdict.SAME, Verdict.EXTENDED)


def judged(left: Left, later: Work) -> Again | None:
    """Return what shows that an attempt failed, told by another session's turn; None if nothing.

    The turns are no more than `WITHIN_MS` apart, and that of the attempt ended first.
    """
    attempt = left.work
    # Turns that were dropped from the later conversation were its own.
    later = later._replace(rewound=0)
    found = link(attempt, later, Context(tasks=left.tasks, committed=left.committed))
    if found is None:
        return None
    said, bits = found.said, found.bits
    if left.pending is not None:
        said, bits = said | left.pending.said, bits + left.pending.text
    if 1 / (1 + 2.0 ** (FIRST - bits)) < NEEDED:
        return None
    words = "error-again" in said or "complaint" in said
    if "error-again" in said:
        if said.isdisjoint(SAME_SUBJECT):
            return None
    elif said.isdisjoint(TIES) or not (words or said & DEEDS):
        return None
    if left.committed and not words:
        return None
    stay, wrote = kept(attempt.lines, [later.lines])
    return Again(
        turn_id=attempt.turn_id,
        at_ms=later.at_ms,
        prompt_id=later.prompt_id or "",
        said=tuple(sorted(said)),
        lost=PARTS - stay * PARTS // wrote if wrote else UNKNOWN,
        written=wrote,
        kept=stay,
        cost=later.cost,
        what=changed(later),
    )


def signs(chains: Sequence[Chain], again: Iterable[Again]) -> Iterator[Sign]:
    """Yield a finding of each attempt that another session came back to."""
    known = {each.turn_id: each for each in again}
    for chain in chains:
        found = known.get(chain.attempts[-1].turn_id)
        is_told = chain.pending is not None and is_finding(core(chain))
        if found is not None and not is_told:
            sign = _sign(chain.attempts[-1], found)
            if sign.asks:
                yield sign


def _sign(attempt: Work, again: Again) -> Sign:
    share = max(again.lost, LEAST)
    asks = [Ask(ask.request, part(ask.money, share)) for ask in attempt.asks]
    claimed = sum(ask.money.total for ask in asks)
    gone = again.written - again.kept
    second = [f"another session: {again.what}"]
    if gone:
        second.append(f"{gone} of {again.written} lines of the first one rewritten")
    reasons = [text for name, text in WHY.items() if name in again.said]
    second += [text.replace("the next prompt", "the prompt") for text in reasons[:MOST_REASONS]]
    evidence = (
        Evidence(
            attempt.at_ms,
            f"first session: {changed(attempt)}",
            attempt.cost,
            prompt_id=attempt.prompt_id,
        ),
        Evidence(again.at_ms, "; ".join(second), again.cost, prompt_id=again.prompt_id),
    )
    file = file_of((attempt,))
    told = {"error-again", "evidence", "fails-again"}.intersection(again.said)
    return Sign(
        kind=Kind.REPEATED_ATTEMPTS,
        key=f"{attempt.turn_id} elsewhere",
        at_ms=again.at_ms,
        asks=tuple(ask for ask in asks if ask.money.total > 0),
        evidence=evidence,
        low=min(1.0, attempt.cost * again.lost / PARTS / claimed) if claimed else 1.0,
        high=max(1.0, attempt.cost / claimed) if claimed else 1.0,
        counts={
            "attempts": 2,
            "failed": 1,
            "lines_written": again.written,
            "lines_kept": again.kept,
            "ms": again.at_ms - attempt.ended_ms,
        },
        names={"file": file, "elsewhere": "yes", "error": "yes" if told else "no"},
        signature="|".join((file, "elsewhere", *sorted(WHY.keys() & set(again.said)))),
    )


def tell(finding: Finding) -> Told:
    """Say in words what was asked for again elsewhere."""
    counts, names = finding.counts, finding.names
    file = names.get("file", "")
    written, alive = counts.get("lines_written", 0), counts.get("lines_kept", 0)
    if written:
        lines = f"{written - alive} of the {written} lines that it wrote were gone after that"
    else:
        lines = "it left no lines that could be followed"
    wanted = to_say(names, "what was tried and why it did not do")
    return Told(
        headline="asked for again in another session",
        explanation=f"What was done{f' at {file}' if file else ''} did not do: the same was asked"
        f" for again in a later session, and {lines}.",
        advice="Let the session end with a check that shows whether it worked. Where it did not,"
        f" say in the next one: {wanted}.",
    )
