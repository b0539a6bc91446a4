"""What worked right after a command had failed, and whether that is the same in every session.

A session alone tells nothing: what worked may be another command altogether. So each pair of a
failing command and the program that then worked is noted, and shown where three sessions of one
project have the same, with the same error each time. No dollars are claimed of it: the failures
that were repeated are findings of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.across import Concluded, Partial, merged
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign, Tier
from tokenwatch.analysis.waste.history import Call, Session, Strand
from tokenwatch.analysis.waste.round_trip import Trips, described

SESSIONS = 3
"""Sessions of one project with the same pair (the specification)."""
BETWEEN = 4
"""Calls after a failure, within which another command has to work. Ours."""
MOST = 8
"""Pairs of a turn: more are no habit. Ours."""
RUNNING = frozenset(("", "check"))
"""Purposes of commands that run something: that a search finds nothing is no failure."""
ADVICE = "advice_pico"
"""Name of the count that holds what following the advice would have saved."""
FIX = "fix "


class _Pair(NamedTuple):
    failed: Call
    worked: Call


def is_pair(finding: Finding) -> bool:
    """Whether a repeated failure tells of a command and what works in its place."""
    return "fix" in finding.names


def signs(
    strand: Strand, trips: Trips, before: Callable[[Call], int], session: Session
) -> Iterator[Sign]:
    """Yield each failing command of a strand with what then worked.

    before: how many changes of files and words of the user there were before a call.
    """
    if session.project is None:
        return
    for pair in _pairs(strand.calls, before)[:MOST]:
        failed, worked = pair
        digest = _digest(pair)
        yield Sign(
            kind=Kind.REPEATED_FAILURE,
            key=f"{FIX}{digest}",
            at_ms=worked.at_ms,
            evidence=(
                trips.line(failed, f"{described(failed)} failed"),
                trips.line(worked, f"{described(worked)} worked"),
            ),
            tier=Tier.LOOK,
            conditional=True,
            counts={"times": 1, ADVICE: trips.cost(failed) or 0},
            names={
                "what": failed.target,
                "fix": worked.target,
                "notes": "AGENTS.md" if session.source == "codex" else "CLAUDE.md",
            },
            signature=f"{FIX}{digest}",
        )


def _pairs(calls: Sequence[Call], before: Callable[[Call], int]) -> list[_Pair]:
    """Return the failing commands that another one took the place of, with nothing changed."""
    worked = {(call.name, call.likeness) for call in calls if call.ok and call.likeness}
    found: dict[tuple[str, bytes], _Pair] = {}
    open_ones: dict[bytes, tuple[int, Call]] = {}
    for at, call in enumerate(calls):
        if call.purpose not in RUNNING or not (call.likeness and call.target) or call.mcp_server:
            continue
        if call.failed and call.error_fingerprint and not call.fault:
            # Where it works later on, something outside of the log has changed.
            if (call.name, call.likeness) not in worked:
                open_ones[call.likeness] = at, call
        elif call.ok:
            for since, failed in open_ones.values():
                if at - since <= BETWEEN and _takes_its_place(failed, call, before):
                    found.setdefault((failed.name, failed.likeness), _Pair(failed, call))
            open_ones.clear()
    return list(found.values())


def _takes_its_place(failed: Call, worked: Call, before: Callable[[Call], int]) -> bool:
    return (
        failed.name == worked.name
        and failed.purpose == worked.purpose
        # Of calls made at once, none was made in knowledge of another's failure.
        and (failed.request_key is None or failed.request_key != worked.request_key)
        and before(failed) == before(worked)
    )


def _digest(pair: _Pair) -> str:
    """Return what is equal for the same failure with the same way out.

    Of another program its name is enough; of the same one it has to be the same command.
    """
    failed, worked = pair
    way = worked.target.encode() if worked.target != failed.target else worked.likeness
    parts = (failed.name.encode(), failed.likeness, failed.error_fingerprint, way)
    return blake2b(b"\0".join(parts), digest_size=8).hexdigest()


def conclude(members: Iterable[Partial]) -> tuple[Concluded, ...]:
    """Make one finding of each pair that enough sessions of one project have."""
    pairs: dict[tuple[str, str], list[Partial]] = {}
    for member in members:
        if member.project is not None and member.finding.key.startswith(FIX):
            pairs.setdefault((member.project, member.finding.key), []).append(member)
    found = []
    for (project, key), parts in sorted(pairs.items()):
        if len({part.session for part in parts}) >= SESSIONS:
            where = blake2b(project.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
            found.append(merged(parts, key=f"{key} {where}"))
    return tuple(found)


def tell(finding: Finding) -> Told:
    """Say which program takes the place of which, and where to write it down."""
    names, counts = finding.names, finding.counts
    what, fix = names.get("what", "a command"), names.get("fix", "another")
    notes = names.get("notes", "CLAUDE.md")
    sessions = format.count(counts.get("sessions", 1))
    times = counts.get("times", 1)
    often = f"{format.count(times)} time{'' if times == 1 else 's'}"
    if what == fix:
        return Told(
            headline=f"{what} fails first in every session, called otherwise it works",
            explanation=f"The same call of {what} failed in the same way {often} in {sessions}"
            f" sessions, and each time the same other call of {what} worked right after it.",
            advice=f"Write into {notes} how `{what}` is called in this project.",
        )
    return Told(
        headline=f"{what} fails in every session, {fix} works",
        explanation=f"The same call of {what} failed in the same way {often} in {sessions}"
        f" sessions, and each time a call of {fix} worked right after it.",
        advice=f"Write into {notes}: use `{fix}` in place of `{what}`, with the call that worked.",
    )
