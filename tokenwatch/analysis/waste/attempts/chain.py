"""Chains of attempts at one thing, put together turn by turn.

A chain's last attempt is open: nothing has been said of it yet. A prompt that complains of it, as
far as `signals` tells, makes it a failed one, and the prompt's own turn is the next attempt. What
is told of is the `core` of a chain, and that is judged as a whole: by how likely it is that at
least two of its attempts failed. So two weak links are worth more with a third one at the same
place, but one strong link is no proof of another.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.openings import Opening
from tokenwatch.analysis.waste.attempts.resumed import Run
from tokenwatch.analysis.waste.attempts.signals import WORDS, Context, Link, link
from tokenwatch.analysis.waste.attempts.work import AUTOMATIC, Work, carried_out, going_on

FIRST = 2.7
"""Bits against a first failure: 13 % of the prompts that follow an attempt push back (measured)."""
NEXT = 0.9
"""Bits against one more beside it, at the same target: about one in three fails too. Ours."""
NEEDED = 0.55
"""How likely at least two failures have to be. Lower than the precision aimed at, since the weights
of words count less than what was measured for each alone. Ours."""
WATCHED = 0.5
"""How likely a single failure has to be to be watched; it is no finding."""
WEAKEST = 1.0
"""Evidence from which a link may be part of a chain at all: then it is more likely than not."""
OVERWHELMING = 7.5
"""Evidence of work that needs no words: three turns that each rewrite most of the one before."""
FEWEST = 2
"""Failed attempts that make a finding: the makers of Claude Code advise to start afresh when the
same was corrected more than twice."""
LONGEST = 24
"""Attempts of a chain; then a new one begins."""
WINDOW = 8
"""Requests back that a prompt may be about, and chains that are kept in mind."""
EARLIER = 3
"""Attempts before a chain's last one whose lines and errors are compared as well."""
ASIDES = 2
"""Questions and chores that may lie between an attempt and the prompt about it."""
SHARP = frozenset(
    ("rewrites", "reverts", "undoes", "fails-again", "stopped", "nothing-done", "error-again")
)
"""What shows in the work that an attempt failed. An error that is there again after the work is
both word and deed."""
PLAIN = 3.5
"""Evidence of words from which editing the same file again shows it as well: a complaint that it is
still so, or a short clear one about the same subject. Without the subject it may be the next fault
of work that grows."""
MARGINS = (1.3, 2.3)
"""Bits above which a link lengthens the part of a chain that is told of: one whose prompt says that
something is wrong, and any other. Refinements come before and after a chain. Ours."""


class Chain(NamedTuple):
    """Attempts at one thing, oldest first."""

    attempts: tuple[Work, ...]
    links: tuple[Link, ...] = ()
    """Why each attempt but the last one failed."""
    pending: Link | None = None
    """Why the last one failed, told by a prompt whose own turn attempted nothing (yet)."""
    asked: Work | None = None
    """That turn."""
    tasks: int = 0
    """Other requests since the last attempt."""
    asides: int = 0
    committed: bool = False

    @property
    def key(self) -> str:
        return self.attempts[0].turn_id

    @property
    def evidence(self) -> tuple[Link, ...]:
        return self.links if self.pending is None else (*self.links, self.pending)

    @property
    def failed(self) -> tuple[Work, ...]:
        return self.attempts[: len(self.evidence)]


class Memory(NamedTuple):
    """Chains by when they were last gone on with, and how the last prompts began."""

    chains: tuple[Chain, ...] = ()
    openings: tuple[int, ...] = ()
    current: bool = False
    """The last prompt belongs to the last chain."""
    run: tuple[Run, ...] = ()
    """The last turns that a script asked for with the same prompt."""
    begun: tuple[Opening, ...] = ()
    """The session's first prompts that may come back to what another session left."""


class Step(NamedTuple):
    """What a turn led to."""

    memory: Memory
    chain: Chain | None = None
    """The chain that the turn lengthened."""


START = Memory()


def step(memory: Memory, work: Work) -> Step:
    """Find the attempt that a turn follows up, if there is one."""
    wording = work.wording
    if wording.kind == "command" and not work.requests:
        return Step(memory)
    if wording.kind == AUTOMATIC:
        return _gone_on(memory, work)
    follows = _follows_up(work)
    attempts = work.is_attempt and (
        follows
        or wording.kind not in ("control", "chore")
        or (wording.kind == "chore" and _is_elsewhere(memory, work))
    )
    if not follows and not attempts:
        return _gone_on(memory, work)
    series = wording.opening != 0 and Counter(memory.openings)[wording.opening] >= 2
    best = _best(memory, work, series=series) if follows else None
    openings = (*memory.openings, wording.opening)[-WINDOW:]
    passed = attempts or best is not None or work.how != "interrupted"
    others = tuple(
        chain._replace(tasks=chain.tasks + passed)
        for index, chain in enumerate(memory.chains)
        if (best is None or index != best[0]) and chain.tasks < WINDOW
    )
    if best is None:
        own = (Chain((work,)),) if attempts else ()
        chains = (*others, *own)[-WINDOW:]
        return Step(memory._replace(chains=chains, openings=openings, current=bool(own)))
    chain = _lengthened(memory.chains[best[0]], work, best[1], attempts=attempts)
    chains = (*others, chain)[-WINDOW:]
    return Step(memory._replace(chains=chains, openings=openings, current=True), chain)


def _follows_up(work: Work) -> bool:
    """Whether a prompt can be about the work before it: it asks for work, or complains."""
    kind, complaint = work.wording.kind, work.wording.complaint
    if kind in ("task", "evidence", "complaint"):
        return True
    if kind == "question":
        return complaint > 0 or work.has_edits
    return (kind == "control" and complaint > 0) or (kind == "chore" and complaint > 1)


def _is_elsewhere(memory: Memory, work: Work) -> bool:
    """Whether a chore changed files that the attempt before it did not: then it was a task."""
    if not memory.current or not memory.chains:
        return bool(work.lines.files)
    files = memory.chains[-1].attempts[-1].lines.files
    return bool(work.lines.files) and files.keys().isdisjoint(work.lines.files)


def _gone_on(memory: Memory, work: Work) -> Step:
    """Take a turn that asks for nothing new ("continue", a commit) as a part of what it follows."""
    if not memory.current or not memory.chains:
        if work.has_edits and work.wording.kind == AUTOMATIC:
            chains = (*memory.chains, Chain((work,)))[-WINDOW:]
            return Step(memory._replace(chains=chains, current=True))
        return Step(memory)
    *others, last = memory.chains
    if work.wording.kind == "question":
        return Step(memory._replace(chains=(*others, last._replace(asides=last.asides + 1))))
    *before, tail = last.attempts
    lengthened = None
    if work.has_edits and last.asked is not None and last.pending is not None:
        attempts = (*last.attempts, carried_out(last.asked, work))
        last = lengthened = Chain(attempts, (*last.links, last.pending))
    else:
        done = carried_out if work.has_edits and not tail.has_edits else going_on
        last = last._replace(attempts=(*before, done(tail, work)))
        if work.wording.kind != AUTOMATIC:
            last = last._replace(asides=last.asides + 1, committed=last.committed or work.committed)
    return Step(memory._replace(chains=(*others, last)), lengthened)


def _best(memory: Memory, work: Work, *, series: bool) -> tuple[int, Link] | None:
    """Return the chain that a prompt most likely goes on with: its index, and why."""
    best: tuple[int, Link] | None = None
    for index in range(len(memory.chains) - 1, -1, -1):
        chain = memory.chains[index]
        if len(chain.attempts) >= LONGEST:
            continue
        context = Context(
            tasks=chain.tasks + max(0, chain.asides - ASIDES),
            committed=chain.committed,
            series=series,
            earlier=chain.attempts[-EARLIER - 1 : -1],
        )
        found = link(chain.attempts[-1], work, context)
        if found is None or found.bits < WEAKEST:
            continue
        if best is None or found.bits > best[1].bits:
            best = (index, found)
    return best


def _lengthened(chain: Chain, work: Work, found: Link, *, attempts: bool) -> Chain:
    if chain.pending is not None and chain.pending.bits > found.bits:
        found = chain.pending
    if attempts:
        return Chain((*chain.attempts, work), (*chain.links, found))
    return chain._replace(pending=found, asked=work, tasks=0, asides=0)


def core(chain: Chain) -> Chain:
    """Return the part of a chain where it is clearest that attempts failed, of `FEWEST` at least.

    The prompts before and after it may only have refined what was there.
    """
    last = len(chain.evidence)
    if last <= FEWEST:
        return chain
    above = (one.bits - MARGINS[one.said.isdisjoint(WORDS)] for one in chain.evidence)
    sums = list(accumulate(above, initial=0.0))
    spans = ((a, b) for a in range(last) for b in range(a + FEWEST, last + 1))
    start, end = max(spans, key=lambda span: (sums[span[1]] - sums[span[0]], span[1] - span[0]))
    if end == last:
        return chain._replace(attempts=chain.attempts[start:], links=chain.links[start:])
    return Chain(chain.attempts[start : end + 1], chain.links[start:end])


def likelihood(chain: Chain, fewest: int = FEWEST) -> float:
    """Return how likely it is that at least so many (1 or 2) attempts of a chain failed.

    The clearest link has to stand for itself; beside it, failures of the others are likelier.
    """
    bits = sorted((one.bits for one in chain.evidence), reverse=True)
    none, one = 1.0, 0.0
    for index, amount in enumerate(bits):
        failed = 1 / (1 + 2.0 ** (NEXT - amount if index else FIRST - amount))
        none, one = none * (1 - failed), one * (1 - failed) + none * failed
    return max(0.0, 1 - none - (one if fewest > 1 else 0.0))


def is_finding(chain: Chain) -> bool:
    """Whether at least two attempts failed, by words and by work together."""
    evidence = chain.evidence
    if len(evidence) < FEWEST or likelihood(chain) < NEEDED:
        return False
    if sum(one.behaviour for one in evidence) >= OVERWHELMING:
        return True
    words = any(not one.said.isdisjoint(WORDS) for one in evidence)
    return words and any(_shows_in_work(one) for one in evidence)


def is_watched(chain: Chain) -> bool:
    """Whether one attempt has likely failed by now."""
    return likelihood(chain, 1) >= WATCHED


def _shows_in_work(one: Link) -> bool:
    """Whether a link has more than words for it."""
    return not one.said.isdisjoint(SHARP) or ("same-files" in one.said and one.text >= PLAIN)
