"""Repeated attempts: the same thing asked again because what was done did not do.

repeated-attempts: asked again because it failed
  Means: The same thing was asked for at least three times, because the attempts before the last
    one failed.
  Signal: The prompt after an attempt complains, quotes the same error or repeats the request, and
    its turn rewrites or reverts the same lines, or fails in the same way. Words and work are added
    up over all attempts at the same files or things; neither is enough alone, unless the work is
    overwhelming. The longer a prompt, the less a complaint in it counts. Attempts have to have
    changed a file, made three requests, or ended with nothing done. "Continue", questions and
    commits may lie in between; refinements before and after are left out.
  Money: All requests of each failed attempt, times the share of its lines that are gone after the
    last attempt; half of it where no lines can be followed, a tenth at least. The range reaches up
    to all of it. The last attempt is never counted.
  Next time: After the second correction, start afresh: name the file, the exact error, what you
    expect and the check to run, all in one prompt.
  When wrong: When you were trying out looks or ideas, or found a new fault each time in work that
    grew. Series of steps, review rounds and repeated commands are left out. The same prompt three
    times from a script, in one session, is shown without dollars: it may be its plan.
"""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts import proof, resumed
from tokenwatch.analysis.waste.attempts.chain import (
    START,
    Memory,
    core,
    is_finding,
    is_watched,
    step,
)
from tokenwatch.analysis.waste.attempts.proof import shared_file
from tokenwatch.analysis.waste.attempts.work import is_scripted, of
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Finding, Kind
from tokenwatch.analysis.waste.history import Session, Turn


class Standing(NamedTuple):
    """How the attempts at what was asked last stand."""

    key: str
    """The finding's, if there is one by now."""
    failed: int
    since_ms: int
    """When the first of them was asked for."""
    cost: int
    """Picodollars of the turns of the failed attempts."""
    file: str
    """The file they have most in common; "" for none."""
    is_finding: bool
    """At least two failed. False is worth watching only."""


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Judge the attempts before a turn by its prompt, and by its work as far as it is known."""
    memory = memory or START
    if is_scripted(turn, session):
        run = resumed.gone_on(memory.run, turn)
        repeated = resumed.sign(run)
        memory = memory._replace(current=False, run=run)
        return Seen(memory, () if repeated is None else (repeated,))
    memory, chain = step(memory, of(turn))
    if chain is None:
        return Seen(memory)
    part = core(chain)
    if not is_finding(part):
        return Seen(memory)
    told = proof.sign(part, chain.key)
    return Seen(memory, (told,) if told.asks else ())


def tell(finding: Finding) -> Told:
    """Say in words what was asked for again."""
    scripted = finding.names.get("scripted") == "yes"
    return resumed.tell(finding) if scripted else proof.tell(finding)


def standing(memory: Memory | None) -> Standing | None:
    """Return how it stands with what was asked last; None if nothing has failed so far."""
    if not memory or not memory.current:
        return None
    key, chain = memory.chains[-1].key, core(memory.chains[-1])
    if not is_watched(chain):
        return None
    found = is_finding(chain)
    return Standing(
        key=key,
        failed=len(chain.failed) if found else 1,
        since_ms=chain.attempts[0].at_ms,
        cost=sum(attempt.cost for attempt in chain.failed),
        file=shared_file(chain),
        is_finding=found,
    )


DETECTORS = (Detector(kind=Kind.REPEATED_ATTEMPTS, observe=observe, tell=tell),)
