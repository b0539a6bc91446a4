"""Tools used in ways that cannot work.

tool-misuse: a tool was used in a way that cannot work
  Means: A call failed for how it was made, not for what it met: text to replace that is not in the
    file, a file that was not read before, a path that does not exist, an answer that is too large.
  Signal: The error says so. It is told from the third such call of a session on: ours, for the
    specification's ten a day of one cause; one or two are how agents find their way.
  Money: The round trips of these calls: what the request paid for reading its context and for its
    answer, shared among its calls. What the error adds to later requests is not counted.
  Next time: It depends on the fault; a formatter that rewrites files between reading and editing is
    the one that settings can cure.
  When wrong: The agent tried on purpose, to learn whether a file is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Call, Session, Turn
from tokenwatch.analysis.waste.round_trip import Trips, described

SHOWN_FROM = 3
"""Calls of one fault in a session."""


class Faulty(NamedTuple):
    """Calls of one fault, as far as a session has gone."""

    calls: int = 0
    held: tuple[Sign, ...] = ()
    """What waits until there are enough of them."""


Faults = Mapping[str, Faulty]
"""By fault."""


def observe(memory: Faults | None, turn: Turn, session: Session) -> Seen[Faults]:
    """Find calls that could not work."""
    after = dict(memory or {})
    signs: list[Sign] = []
    for fault, sign in _signs(turn, session):
        known = after.get(fault, Faulty())
        calls = known.calls + sign.counts["calls"]
        found = (*known.held, sign)
        ripe = calls >= SHOWN_FROM
        after[fault] = Faulty(min(calls, SHOWN_FROM), () if ripe else found)
        if ripe:
            signs += found
    return Seen(after, tuple(signs))


def _signs(turn: Turn, session: Session) -> Iterable[tuple[str, Sign]]:
    """Yield one sign for each fault of each agent."""
    for strand in turn.strands:
        faults: dict[str, list[Call]] = {}
        for call in strand.calls:
            if call.fault and not call.denied and not call.interrupted:
                faults.setdefault(call.fault, []).append(call)
        trips = Trips(strand) if faults else None
        for fault, calls in faults.items():
            if trips is None or all(trips.cost(call) is None for call in calls):
                continue
            yield (
                fault,
                Sign(
                    kind=Kind.TOOL_MISUSE,
                    key=fault,
                    at_ms=calls[-1].at_ms,
                    asks=trips.asks(calls),
                    evidence=tuple(
                        trips.line(call, f"{described(call)}: {_said(fault)}") for call in calls
                    ),
                    cause=fault,
                    counts={"calls": len(calls)},
                    names={
                        "fault": fault,
                        "tool": calls[-1].name,
                        "notes": "AGENTS.md" if session.source == "codex" else "CLAUDE.md",
                    },
                    signature=fault,
                ),
            )


_SAID: Mapping[str, str] = {
    "not-found": "the text to replace was not in the file",
    "not-read": "the file had not been read before",
    "changed": "the file had changed since it was read",
    "ambiguous": "the text to replace was there more than once",
    "too-large": "the answer was too large",
    "no-file": "there was no such file",
    "cancelled": "cancelled, since a call beside it failed",
}
_ADVICE: Mapping[str, str] = {
    "not-found": "Write into {notes}: read the lines right before editing them, and quote them with"
    " their blanks and tabs.",
    "not-read": "Write into {notes}: read a file before editing or overwriting it.",
    "changed": "Something rewrites files between reading and editing, often a formatter on save or"
    " in a hook: let it run once at the end instead of after each edit.",
    "ambiguous": "Write into {notes}: quote enough lines around a place that it is the only one, or"
    " replace all at once.",
    "too-large": "Write into {notes}: search first, then read with offset and limit.",
    "no-file": "Write into {notes} where things are, with paths from the project's folder, and from"
    " which folder commands are run.",
    "cancelled": "Write into {notes}: make a call that may fail alone, since calls beside it are"
    " cancelled with it.",
}
_OTHER = "Write into {notes} how {tool} is to be used in this project."


def _said(fault: str) -> str:
    return _SAID.get(fault, fault)


def tell(finding: Finding) -> Told:
    """Put the calls of one fault in words."""
    calls, names = finding.counts["calls"], finding.names
    fault, tool = names.get("fault", finding.key), names.get("tool", "a tool")
    said = _said(fault)
    advice = _ADVICE.get(fault, _OTHER)
    return Told(
        f"{calls} calls that could not work: {said}",
        f"In this session {calls} calls (the latest of {tool}) failed for how they were made:"
        f" {said}. Each took a request that read the whole context.",
        advice.format(notes=names.get("notes", "CLAUDE.md"), tool=tool),
    )


DETECTORS = (Detector(kind=Kind.TOOL_MISUSE, observe=observe, tell=tell),)
