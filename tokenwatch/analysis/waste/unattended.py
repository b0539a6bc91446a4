"""Sessions that no person asked for anything.

unattended: runs without anyone asking
  Means: Scripts, schedules or plugins started these sessions; no person typed a prompt in them.
  Signal: Sessions started by a program, or with nothing but scripted prompts, that begin with the
    same words (or, where there are none, lie in the same project). They are shown if there are
    three or more and half of them did nothing (no tool call, or none that could change anything);
    if together they cost $1 or more, already if half of them left no edit and no commit.
  Money: None is claimed. What the runs cost is shown beside what they did.
  Next time: Lengthen the interval, choose a smaller model or a shorter prompt, or switch off what
    does nothing.
  When wrong: If the answers themselves are what the runs are for: summaries, checks, alerts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds
from tokenwatch.analysis.waste.across import Concluded, Partial, merged
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Turn
from tokenwatch.model import PICO

LEAST_RUNS = 3
"""Sessions of one group. Ours, as of the other figures here."""
LEAST_COST = PICO
"""Picodollars of a group that has to show edits or commits, not only commands that may have done
something. A job that commits each night is no finding, whatever it costs."""
LEAST_IDLE_COST = PICO // 10
"""Picodollars of a group that did nothing: below that nobody gains by switching it off."""
KEY = "unattended"


@dataclass(frozen=True, slots=True)
class _Memory:
    template: str = ""
    """What the group is known by; "" while nothing is known."""
    by_prompts: bool = False
    """A scripted prompt was seen."""
    attended: bool = False
    """A person asked for something, so nothing more is said."""
    said: bool = False


def observe(memory: _Memory | None, turn: Turn, session: Session) -> Seen[_Memory]:
    """Add up what a session did, as long as no person asks for anything."""
    memory = memory or _Memory()
    if memory.attended:
        return Seen(memory)
    if not session.scripted and any(deeds.is_human(prompt) for prompt in turn.prompts):
        signs = (_withdrawn(turn),) if memory.said else ()
        return Seen(_Memory(attended=True), signs)
    if turn.prompts and not memory.by_prompts:
        opening = turn.prompts[0].wording.opening
        template = f"begins {opening:08x}" if opening else memory.template
        memory = replace(memory, by_prompts=True, template=template)
    requests = turn.requests
    if not requests or not (session.scripted or memory.by_prompts):
        return Seen(memory)
    memory = replace(memory, said=True)
    return Seen(memory, (_sign(memory, turn, session),))


def _sign(memory: _Memory, turn: Turn, session: Session) -> Sign:
    requests, calls = turn.requests, turn.calls
    edits = len(turn.edits)
    commits = sum(len(strand.commits) for strand in turn.strands)
    done = edits + commits + sum(deeds.may_change(call) for call in calls)
    place = f"{session.source} in {session.project or 'no project'}"
    return Sign(
        kind=Kind.UNATTENDED,
        key=KEY,
        at_ms=turn.at_ms,
        evidence=(
            Evidence(
                at_ms=requests[0].at_ms,
                what=f"{len(requests)} requests, {len(calls)} tool calls, {edits} edits, "
                f"{commits} commits",
                cost=turn.cost,
                request_id=requests[0].id,
                prompt_id=turn.prompts[0].id if turn.prompts else None,
            ),
        ),
        conditional=True,
        counts={
            "cost_pico": turn.cost,
            "requests": len(requests),
            "calls": len(calls),
            "edits": edits,
            "commits": commits,
            "deeds": done,
        },
        signature=memory.template or place,
    )


def _withdrawn(turn: Turn) -> Sign:
    return Sign(kind=Kind.UNATTENDED, key=KEY, at_ms=turn.at_ms, replaces=True, withdrawn=True)


def conclude(partials: Sequence[Partial]) -> tuple[Concluded, ...]:
    """Return a finding for each group of runs that is worth a look."""
    groups: dict[str, list[Partial]] = {}
    for partial in partials:
        groups.setdefault(partial.finding.signature, []).append(partial)
    concluded = []
    for signature in sorted(groups):
        members = groups[signature]
        idle = sum(not member.finding.counts.get("deeds") for member in members)
        cost = sum(member.finding.counts.get("cost_pico", 0) for member in members)
        counts = [member.finding.counts for member in members]
        fruitless = sum(not (each.get("edits") or each.get("commits")) for each in counts)
        does_nothing = idle * 2 >= len(members) and cost >= LEAST_IDLE_COST
        is_dear = fruitless * 2 >= len(members) and cost >= LEAST_COST
        if len(members) < LEAST_RUNS or not (does_nothing or is_dear):
            continue
        group = merged(members, key=signature)
        finding = replace(
            group.finding,
            counts={**group.finding.counts, "idle": idle, "fruitless": fruitless},
            cause="idle" if does_nothing else "cost",
            signature=signature,
        )
        concluded.append(group._replace(finding=finding))
    return tuple(concluded)


def tell(finding: Finding) -> Told:
    """Return a finding in words."""
    counts = finding.counts
    runs, idle = counts.get("sessions", 1), counts.get("idle", 0)
    edits, commits = counts.get("edits", 0), counts.get("commits", 0)
    fruitless = counts.get("fruitless", 0)
    nothing = (
        f"{fmt.count(idle)} of them changed nothing"
        if finding.cause == "idle"
        else f"{fmt.count(fruitless)} of them left no edit and no commit"
    )
    advice = (
        "Run them less often or switch them off, if nobody reads their answers; a smaller model "
        "(`--model`) makes each cheaper."
        if finding.cause == "idle"
        else "See whether what they make is worth their cost; a smaller model (`--model`) or a "
        "longer interval makes them cheaper."
    )
    return Told(
        f"{fmt.count(runs)} runs without anyone asking",
        f"{fmt.count(runs)} sessions from one template, {fmt.count(counts.get('requests', 0))} "
        f"requests, {fmt.count(edits)} edits, {fmt.count(commits)} commits; {nothing}.",
        advice,
    )


DETECTORS: tuple[Detector, ...] = (
    Detector(kind=Kind.UNATTENDED, observe=observe, tell=tell, conclude=conclude),
)
