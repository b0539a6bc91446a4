"""Repeated attempts: the same thing asked again because what was done did not do.

repeated-attempts: asked again because it failed
  Means: The same thing was asked for at least three times, because the attempts before the last
    one failed; or again in another session, because the work on it in the earlier one failed.
  Signal: The prompt after an attempt complains, quotes the same error or repeats the request, and
    its turn rewrites or reverts the same lines, or fails in the same way. Words and work are added
    up over all attempts at the same files or things; neither is enough alone, unless the work is
    overwhelming. The longer a prompt, the less a complaint in it counts. Attempts have to have
    changed a file, made three requests, or ended with nothing done. "Continue", questions and
    commits may lie in between; refinements before and after are left out. Of two sessions of one
    project within 14 days, the later one's first prompts are compared with what the earlier one
    did last. The same words need work that takes its lines away or fails alike, or a complaint.
  Money: All requests of each failed attempt, times the share of its lines that are gone after the
    last attempt; half of it where no lines can be followed, a tenth at least. The range reaches up
    to all of it. The last attempt is never counted. A session pays for its own attempts alone.
  Next time: After the second correction, start afresh: name the file, the exact error, what you
    expect and the check to run, all in one prompt.
  When wrong: When you were trying out looks or ideas, or found a new fault each time in work that
    grew. Series of steps, review rounds and repeated commands are left out, and prompts that begin
    session after session. The same prompt three
    times from a script, in one session, is shown without dollars: it may be its plan.
"""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts import proof, resumed, returned
from tokenwatch.analysis.waste.attempts.chain import (
    START,
    Memory,
    core,
    is_finding,
    is_watched,
    step,
)
from tokenwatch.analysis.waste.attempts.openings import MOST, opening
from tokenwatch.analysis.waste.attempts.proof import shared_file
from tokenwatch.analysis.waste.attempts.returned import Returned
from tokenwatch.analysis.waste.attempts.work import is_scripted, of
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign
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
    """Judge the attempts before a turn by its prompt, and by its work as far as it is known.

    With a session's last turn, those of its attempts are told that other sessions came back to.
    """
    memory = memory or START
    if is_scripted(turn, session):
        run = resumed.gone_on(memory.run, turn)
        repeated = resumed.sign(run)
        memory = memory._replace(current=False, run=run)
        return Seen(memory, () if repeated is None else (repeated,))
    begun = opening(turn, session) if len(memory.begun) < MOST else None
    memory, chain = step(memory, of(turn))
    if begun is not None:
        memory = memory._replace(begun=(*memory.begun, begun))
    signs: list[Sign] = []
    part = None if chain is None else core(chain)
    if chain is not None and part is not None and is_finding(part):
        told = proof.sign(part, chain.key)
        signs += (told,) if told.asks else ()
    if turn.is_last and isinstance(session, Returned):
        signs += returned.signs(memory.chains, session.again)
    return Seen(memory, tuple(signs))


def tell(finding: Finding) -> Told:
    """Say in words what was asked for again."""
    if finding.names.get("elsewhere") == "yes":
        return returned.tell(finding)
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
