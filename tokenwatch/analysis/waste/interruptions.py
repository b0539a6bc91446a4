"""Work that was broken off and left nothing behind.

interrupted-work: broken off, nothing of it kept
  Means: A turn was stopped, ended with an error of the service, or was never finished, and nothing
    that it wrote remains.
  Signal: The log says that the turn was interrupted or failed, or its last tool calls never
    returned, and at most a fifth of its lines survive the next three prompts; and the prompt after
    it starts the task again, or the session ends there. A prompt sent again within three minutes
    after a stop without an edit is a "resend" and is named so.
  Money: The requests of the turn, times the share of its lines that are gone. Half of it is the
    lower end of the range where it is only inferred that the work was of no use.
  Next time: Plan first (shift-tab in Claude Code) when a task touches several files, and say what
    is wanted before the agent starts.
  When wrong: When what the agent had read by then was of use to you. Turns that are followed by
    "continue", a question, an added detail or another task are left out.
"""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.lines import Lines, kept
from tokenwatch.analysis.waste.attempts.similarity import Verdict, compare
from tokenwatch.analysis.waste.attempts.work import AUTOMATIC, RESEND_MS, Work, is_scripted, of
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Turn

SURVIVES = 0.2
"""Share of the lines that may be left of work that counts as gone: a stray import stays behind.
Ours."""
PROMPTS = 3
"""Prompts after the interruption in which its lines can go: as for discarded code."""
ASIDES = 2
"""Questions that may lie between the interruption and the prompt that starts again. Ours."""
INFERRED = 0.5
"""Lower end of the range where the log does not say that the work was of no use. Ours."""
PARTS = 1000
"""Shares are counted in thousandths, so that money stays whole."""
REPEATS = 0.6
"""Length of a prompt that starts the task again, at least, as a share of the first one's; shorter
ones add a detail. Ours."""
MOST_LATER = 16
"""Turns after it that are replayed."""
MOST_OPEN = 4
"""Broken-off turns that are followed at the same time."""


class Broken(NamedTuple):
    """A turn that was broken off, and what has followed."""

    work: Work
    why: str = ""
    """How the next prompt showed it: "resend", "restarted" or "corrected"; "" while none has."""
    later: tuple[Lines, ...] = ()
    """What the turns after it did to files."""
    prompts: int = 0
    """Prompts since the one that showed it, with it."""
    asides: int = 0


class Memory(NamedTuple):
    """Broken-off turns that can still become findings, oldest first."""

    broken: tuple[Broken, ...] = ()


START = Memory()


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Judge the turns broken off before by this one; and this one, if the session ends with it."""
    memory = memory or START
    work = of(turn)
    still: list[Broken] = []
    signs: list[Sign] = []
    automatic = work.wording.kind == AUTOMATIC
    for one in memory.broken:
        after = one if automatic or one.why else _followed(one, work)
        if after is None:
            continue
        if work.lines.files or work.lines.reverted:
            after = after._replace(later=(*after.later, work.lines)[-MOST_LATER:])
        if after.why:
            after = after._replace(prompts=after.prompts + (not automatic))
            signs += _sign(after)
        if after.prompts < PROMPTS:
            still.append(after)
    if not is_scripted(turn, session) and not automatic and _is_broken(work, turn, session):
        own = Broken(work)
        if turn.is_last and session.is_over:
            signs += _sign(own._replace(why="left"))
        still.append(own)
    return Seen(Memory(tuple(still[-MOST_OPEN:])), tuple(signs))


def _is_broken(work: Work, turn: Turn, session: Session) -> bool:
    if not work.asks:
        return False
    if work.how in ("interrupted", "failed"):
        return True
    waiting = any(call.done_ms is None and not call.denied for call in turn.main.calls)
    return work.how is None and turn.is_last and session.is_over and waiting


def _followed(one: Broken, work: Work) -> Broken | None:
    """Return a broken-off turn after the next prompt; None where it was no waste."""
    before, wording = one.work, work.wording
    if wording.kind == "question" and not wording.complaint:
        return one._replace(asides=one.asides + 1) if one.asides < ASIDES else None
    if wording.kind in ("control", "chore", "command") or wording.accepts:
        return None
    likeness = compare(before.wording, wording)
    again = likeness.verdict in (Verdict.SAME, Verdict.EXTENDED)
    if again or before.wording.tokens == wording.tokens != ():
        soon = work.at_ms - before.ended_ms <= RESEND_MS
        resend = soon and not before.has_edits and before.how == "interrupted"
        return one._replace(why="resend" if resend else "restarted")
    if wording.moves_on or likeness.verdict is Verdict.PARAMETER:
        return None
    if wording.complaint > 1:
        return one._replace(why="corrected")
    if not _same_target(before, work, subject=likeness.subject):
        return None
    if wording.complaint or wording.kind == "evidence":
        return one._replace(why="corrected")
    starts_again = wording.kind == "task" and wording.chars >= REPEATS * before.wording.chars
    return one._replace(why="restarted") if starts_again else None


def _same_target(before: Work, work: Work, *, subject: bool) -> bool:
    """Whether the next prompt is about what the broken-off one was about."""
    files = {*before.lines.files, *before.touched}
    return (
        subject
        or not set(before.wording.entities).isdisjoint(work.wording.entities)
        or not files.isdisjoint(work.wording.files)
    )


def _sign(one: Broken) -> tuple[Sign, ...]:
    work = one.work
    stay, wrote = kept(work.lines, one.later)
    if work.has_edits and not wrote:
        return ()
    if wrote and stay > SURVIVES * wrote:
        return _withdrawn(one)
    lost = PARTS - (stay * PARTS // wrote if wrote else 0)
    asks = tuple(Ask(ask.request, ask.money.part(lost, PARTS)) for ask in work.asks)
    claimed = sum(ask.money.total for ask in asks)
    sure = one.why == "resend" or (one.why == "restarted" and not wrote)
    sign = Sign(
        kind=Kind.INTERRUPTED_WORK,
        key=work.turn_id,
        at_ms=work.ended_ms,
        asks=asks,
        evidence=_evidence(one, wrote, stay),
        low=1.0 if sure else INFERRED,
        high=max(1.0, work.cost / claimed) if claimed else 1.0,
        replaces=True,
        cause=_cause(one),
        counts={
            "seconds": max(0, work.ended_ms - work.at_ms) // 1000,
            "requests": work.requests,
            "lines_written": wrote,
            "lines_kept": stay,
        },
        names={"how": work.how or "unfinished", "next": one.why},
        signature=_cause(one),
    )
    return (sign,)


def _withdrawn(one: Broken) -> tuple[Sign, ...]:
    """Take back what was said while less had survived."""
    return (
        Sign(
            kind=Kind.INTERRUPTED_WORK,
            key=one.work.turn_id,
            at_ms=one.work.ended_ms,
            replaces=True,
            withdrawn=True,
        ),
    )


def _cause(one: Broken) -> str:
    if one.why == "resend":
        return "resend"
    return {"interrupted": "stopped", "failed": "error"}.get(one.work.how or "", "unfinished")


def _evidence(one: Broken, wrote: int, stay: int) -> tuple[Evidence, ...]:
    work = one.work
    how = {"interrupted": "stopped", "failed": "ended with an error"}.get(
        work.how or "", "never finished"
    )
    lines = f"{wrote - stay} of {wrote} lines gone" if wrote else "no edits"
    return (
        Evidence(
            at_ms=work.at_ms,
            what=f"{_of(work.requests)}, {lines}",
            cost=work.cost,
            prompt_id=work.prompt_id,
        ),
        Evidence(at_ms=work.ended_ms, what=f"{how}; {_NEXT[one.why]}"),
    )


def _of(requests: int) -> str:
    return "1 request" if requests == 1 else f"{requests} requests"


_NEXT = {
    "resend": "the prompt was sent again within three minutes",
    "restarted": "the next prompt starts the task again",
    "corrected": "the next prompt corrects it",
    "left": "the session ends here",
}


def tell(finding: Finding) -> Told:
    """Say in words how a turn was broken off and how such turns become cheaper."""
    counts, names = finding.counts, finding.names
    requests = counts.get("requests", 0)
    how = {"interrupted": "was stopped", "failed": "ended with an error"}.get(
        names.get("how", ""), "was never finished"
    )
    kept_nothing = "nothing it wrote remains" if counts.get("lines_written") else "it had no edits"
    if finding.cause == "resend":
        return Told(
            headline="stopped and sent again",
            explanation=f"A turn of {_of(requests)} was stopped, and nearly the same prompt was"
            " sent again within three minutes.",
            advice="Read a prompt once more before you send it; what comes to mind later can be"
            " typed while the agent works.",
        )
    advice = {
        "error": "Send only “continue” after an error of the service: what was done until then is"
        " still in the context.",
        "unfinished": "End a session with a word on what is left to do, so that the work can be"
        " taken up again (`--resume`).",
    }.get(
        finding.cause or "",
        "Let the agent plan first (shift-tab in Claude Code) when a task touches several files,"
        " and correct the plan in place of the work.",
    )
    return Told(
        headline="broken off, nothing of it kept",
        explanation=f"A turn of {_of(requests)} {how}: {kept_nothing}, and "
        f"{_NEXT.get(names.get('next', ''), 'it was not taken up again')}.",
        advice=advice,
    )


DETECTORS = (Detector(kind=Kind.INTERRUPTED_WORK, observe=observe, tell=tell),)
