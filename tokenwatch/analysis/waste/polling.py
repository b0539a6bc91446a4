"""Asking again and again how something is getting on.

polling: asked again and again whether something is done
  Means: An agent waited for something by asking, each time with a request that read the whole
    context.
  Signal: Requests that call nothing but tools that wait: sleeping, looking at a background command
    or a run, empty input to a running program. More than two of them in one turn for the same task.
  Money: The round trips after the second one: what the request paid for reading its context and for
    its answer, shared among its calls.
  Next time: Let it run in the background and be told when it is done, or wait once and long.
  When wrong: Each look changed what the agent did next, or nothing can tell the agent that it is
    done.
"""

from __future__ import annotations

from collections.abc import Mapping

from tokenwatch import format
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Call, Session, Strand, Turn
from tokenwatch.analysis.waste.round_trip import Trips, described
from tokenwatch.model import AgentKind

FREE = 2
"""Looks at one task that nobody minds: at its start, and when it is done (specification)."""
WAIT = "wait"


def observe(memory: None, turn: Turn, session: Session) -> Seen[None]:
    """Find the tasks that a turn asked after too often. A new turn begins to count anew."""
    signs = [sign for strand in turn.strands for sign in _of(strand, session)]
    return Seen(None, tuple(signs))


def _of(strand: Strand, session: Session) -> list[Sign]:
    trips = Trips(strand)
    tasks: dict[bytes, list[Call]] = {}
    for call in strand.calls:
        if call.purpose != WAIT or trips.request(call) is None:
            continue
        if all(other.purpose == WAIT for other in trips.beside(call)):
            tasks.setdefault(call.likeness or call.name.encode(), []).append(call)
    return [
        sign
        for task, polls in tasks.items()
        if len(polls) > FREE and (sign := _sign(strand, trips, task, polls, session))
    ]


def _sign(
    strand: Strand, trips: Trips, task: bytes, polls: list[Call], session: Session
) -> Sign | None:
    asks = trips.asks(polls[FREE:])
    if not asks:
        return None
    first, last = polls[0], polls[-1]
    spent = max(last.at_ms, last.done_ms or 0) - first.at_ms
    return Sign(
        kind=Kind.POLLING,
        key=first.id,
        at_ms=last.at_ms,
        asks=asks,
        evidence=tuple(
            trips.line(
                poll,
                f"look {number}: {described(poll)}"
                + (", which is needed" if number <= FREE else ""),
            )
            for number, poll in enumerate(polls, 1)
        ),
        agent_id=None if strand.agent.kind is AgentKind.MAIN else strand.agent.id,
        counts={"polls": len(polls), "ms": spent},
        names={"tool": first.name, "target": first.target, "source": session.source},
        signature=task.hex(),
    )


_ADVICE: Mapping[str, str] = {
    "claude-code": "Have it run in the background (run_in_background) and be told when it is done;"
    " or one long sleep instead of {polls} short ones, under 5 m so that the cache stays warm.",
    "codex": "Have the program wait by itself with one long yield_time_ms, instead of {polls} looks"
    " at it; or end the turn, and ask when it is done.",
}


def tell(finding: Finding) -> Told:
    """Put a polled task in words."""
    polls, tool = finding.counts["polls"], finding.names.get("tool") or "a tool"
    target = finding.names.get("target")
    what = f"{tool} {target}" if target else tool
    advice = _ADVICE.get(finding.names.get("source", ""), _ADVICE["claude-code"])
    return Told(
        f"asked {polls} times whether something was done",
        f"{what} was called {polls} times in {format.span(finding.counts['ms'])} only to see how"
        f" far something was, each time with all of the context; the first {FREE} are not counted.",
        advice.format(polls=polls),
    )


DETECTORS = (Detector(kind=Kind.POLLING, observe=observe, tell=tell),)
