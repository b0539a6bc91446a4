"""The same call again and again, with the same outcome.

loop: the same calls over and over
  Means: An agent made the same call with the same outcome again and again, or two of them in turn,
    or its context filled up and was compacted time after time.
  Signal: Within one turn of one agent: the same call with the same result at least 4 times within
    20 calls; two calls in turn, each with the same result, at least 6 in a row; or 3 automatic
    compactions within 30 minutes. A result that differs, a wait, and a success after an edit are no
    repetition; the same failure in spite of edits is one.
  Money: All round trips but the first (of two in turn, the first of each): what the request paid
    for reading its context and for its answer, shared among its calls. The lower end begins where
    the repetition was plain. Compactions are worth a look; no dollars are claimed of them.
  Next time: Press Esc, and say what is known to fail and what to do instead.
  When wrong: The call has an effect that its result does not show, or waits for something.

repeated-failure: the same command failed again
  Means: A command failed, nothing was changed, and it was run again and failed again.
  Signal: At least two failures in a row of the same command by one agent in one turn, disregarding
    redirections and changes of the folder, with no success of it, no edit of any file and no word
    of the user's in between. As an advice alone: the same failure and, right after it, the same
    program that worked, in three sessions of a project.
  Money: The round trips of the second and later failures: what the request paid for reading its
    context and for its answer, shared among its calls. The advice is worth what failing cost.
  Next time: Write the command that works into the project's instructions.
  When wrong: Something outside of the log changed between two tries (a service came up, a package
    was installed), or a failure is the expected outcome.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste import fixes
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign, Tier
from tokenwatch.analysis.waste.fixes import conclude
from tokenwatch.analysis.waste.history import Agent, Call, Session, Strand, Turn
from tokenwatch.analysis.waste.round_trip import Trips, described
from tokenwatch.model import AgentKind

WINDOW = 20
"""Calls within which a repetition counts."""
SAME = 4
IN_TURN = 6
"""How often is a loop (the specification, after OpenHands' stuck detector). That one needs only
three equal failures: these are a repeated failure here, which is surer."""
COMPACTIONS = 3
COMPACTION_MS = 30 * 60_000
"""Automatic compactions within this time are a loop (specification)."""
FAILURES = 2
MAX_AGENTS = 64
"""Agents whose compactions are remembered: the latest."""

EDITING = frozenset(("edit", "write", "remove", "revert"))
NO_ACTION = frozenset(("wait", "ask"))
"""Purposes whose repetition is another matter: polling, and what only the user answers."""

Full = Mapping[str, tuple[int, ...]]
"""Compactions by agent: those of the latest run."""


class _Loop(NamedTuple):
    how: str
    """same or alternating."""
    calls: tuple[Call, ...]
    free: int
    """How many of them are no repetition."""
    plain: int
    """From which one on the repetition was plain."""


class _Changes:
    """When something happened in a turn after which trying again makes sense."""

    def __init__(self, turn: Turn) -> None:
        # A part of a turn may have been edited by a subagent in the meantime.
        times = [edit.at_ms for edit in turn.edits]
        times += [prompt.at_ms for prompt in turn.prompts]
        times += [call.at_ms for call in turn.calls if _edits(call)]
        self._times = sorted(times)

    def before(self, call: Call) -> int:
        """Return how many there were before a call."""
        return bisect_right(self._times, call.at_ms)


def _edits(call: Call) -> bool:
    return call.purpose in EDITING and call.ok is not False and not call.denied


def loops(memory: Full | None, turn: Turn, session: Session) -> Seen[Full]:
    """Find calls that an agent repeats within a turn, and compactions that follow each other."""
    changes = _Changes(turn)
    full = dict(memory or {})
    signs: list[Sign] = []
    for strand in turn.strands:
        trips = Trips(strand)
        told = (_loop_sign(strand.agent, trips, loop) for loop in _loops(strand, changes))
        signs += [sign for sign in told if sign is not None]
        signs += _compacted(full, strand)
    for agent in tuple(full)[: max(0, len(full) - MAX_AGENTS)]:
        del full[agent]
    return Seen(full, tuple(signs))


def _loops(strand: Strand, changes: _Changes) -> list[_Loop]:
    """Return the loops of a strand; no call is in two of them."""
    calls = [call for call in strand.calls if not (call.denied or call.interrupted)]
    found = list(_alternating(calls))
    taken = {call.id for loop in found for call in loop.calls}
    for group in _grouped(calls, changes):
        for run in _close(group):
            if not any(call.id in taken for call in run):
                found.append(_Loop("same", run, 1, SAME))
    return found


def _alternating(calls: Sequence[Call]) -> Iterator[_Loop]:
    """Yield runs of two calls in turn, each with the same outcome every time."""
    start = 0
    outcomes = [_identity(call) for call in calls]
    for at in range(2, len(calls) + 1):
        if at < len(calls) and _in_turn(outcomes[at - 2 : at + 1]):
            continue
        if at - start >= IN_TURN:
            yield _Loop("alternating", tuple(calls[start:at]), 2, IN_TURN)
        start = at - 1


def _in_turn(three: Sequence[tuple[str, bytes, bytes] | None]) -> bool:
    first, second, third = three
    # One action that fails and succeeds in turn is no loop: something changes it.
    return first is not None and second is not None and first == third and first[:2] != second[:2]


def _identity(call: Call) -> tuple[str, bytes, bytes] | None:
    """Return what was done and what came of it; None where nothing was, or it is not known."""
    if not call.fingerprint or not call.output_fingerprint or not _is_action(call):
        return None
    return call.name, call.fingerprint, call.output_fingerprint


def _is_action(call: Call) -> bool:
    """Return whether a call did anything but wait: those beside a failed one never ran."""
    return call.purpose not in NO_ACTION and call.fault != "cancelled"


def _outcome(call: Call, changes: _Changes) -> tuple[object, ...] | None:
    """Return what equal repetitions share. A success after a change is what one hopes for."""
    identity = _identity(call)
    if identity is None:
        return None
    if call.failed or call.purpose in EDITING:
        return identity
    return *identity, changes.before(call)


class _Placed(NamedTuple):
    at: int
    """Position among the agent's calls."""
    call: Call


def _grouped(calls: Sequence[Call], changes: _Changes) -> list[list[_Placed]]:
    """Return the calls that repeat each other; another outcome of the same call ends a group."""
    groups: list[list[_Placed]] = []
    latest: dict[tuple[str, bytes], tuple[tuple[object, ...], list[_Placed]]] = {}
    for at, call in enumerate(calls):
        key = _outcome(call, changes)
        if key is None:
            continue
        action = (call.name, call.fingerprint)
        before, group = latest.get(action, ((), []))
        if key != before:
            group = []
            groups.append(group)
            latest[action] = (key, group)
        group.append(_Placed(at, call))
    return groups


def _close(group: Sequence[_Placed]) -> Iterator[tuple[Call, ...]]:
    """Yield the runs in which any `SAME` neighbours lie within the window."""
    run: list[int] = []
    for end in range(SAME - 1, len(group)):
        start = end - SAME + 1
        if group[end].at - group[start].at >= WINDOW:
            continue
        if run and start > run[-1]:
            yield tuple(group[n].call for n in run)
            run = []
        run += range(max(start, run[-1] + 1 if run else start), end + 1)
    if run:
        yield tuple(group[n].call for n in run)


def _loop_sign(agent: Agent, trips: Trips, loop: _Loop) -> Sign | None:
    asks = trips.asks(loop.calls[loop.free :])
    if not asks:
        return None
    first, last = loop.calls[0], loop.calls[-1]
    plain = sum(ask.money.total for ask in trips.asks(loop.calls[loop.plain - 1 :]))
    other = loop.calls[1] if loop.how == "alternating" else first
    return Sign(
        kind=Kind.LOOP,
        key=first.id,
        at_ms=last.at_ms,
        asks=asks,
        evidence=tuple(
            trips.line(call, f"{described(call)}, {_outcome_word(call)}") for call in loop.calls
        ),
        low=plain / sum(ask.money.total for ask in asks),
        agent_id=_agent_id(agent),
        counts={"times": len(loop.calls), "ms": last.at_ms - first.at_ms},
        names={
            "how": loop.how,
            "what": described(first),
            "other": described(other),
            **({"failed": "yes"} if last.failed else {}),
        },
        signature=f"{first.name} {first.fingerprint.hex()}",
    )


def _outcome_word(call: Call) -> str:
    return "the same failure" if call.failed else "the same result"


def _compacted(full: dict[str, tuple[int, ...]], strand: Strand) -> list[Sign]:
    """Return what automatic compactions in quick succession show, and remember the latest ones."""
    automatic = [one.at_ms for one in strand.compactions if one.trigger == "auto"]
    if not automatic:
        return []
    agent = strand.agent
    run = list(full.pop(agent.id, ()))
    signs: dict[str, Sign] = {}
    for at_ms in automatic:
        # A loop's beginning stays its name as long as it goes on.
        recent = run[-(COMPACTIONS - 1) :]
        if recent and at_ms - recent[0] > COMPACTION_MS:
            run = [time for time in recent if at_ms - time <= COMPACTION_MS]
        run.append(at_ms)
        if len(run) >= COMPACTIONS:
            sign = _compaction_sign(agent, run)
            signs[sign.key] = sign
    full[agent.id] = (run[0], *run[1:][-WINDOW:])
    return list(signs.values())


def _compaction_sign(agent: Agent, run: Sequence[int]) -> Sign:
    return Sign(
        kind=Kind.LOOP,
        key=f"compactions {agent.id} {run[0]}",
        at_ms=run[-1],
        evidence=tuple(Evidence(at_ms, "the context was full and compacted") for at_ms in run),
        replaces=True,
        agent_id=_agent_id(agent),
        tier=Tier.LOOK,
        counts={"times": len(run), "ms": run[-1] - run[0]},
        names={"how": "compactions"},
        signature="compactions",
    )


def failures(memory: None, turn: Turn, session: Session) -> Seen[None]:
    """Find commands that fail again although nothing was changed. A new turn begins anew."""
    changes = _Changes(turn)
    signs: list[Sign] = []
    for strand in turn.strands:
        trips = Trips(strand)
        rows = _failing(strand.calls, changes)
        told = (_failure_sign(strand.agent, trips, calls, session) for calls in rows)
        signs += [sign for sign in told if sign is not None]
        signs += fixes.signs(strand, trips, changes.before, session)
    return Seen(None, tuple(signs))


def _failing(calls: Iterable[Call], changes: _Changes) -> Iterator[list[Call]]:
    """Yield failures in a row of the same command with nothing changed in between."""
    rows: dict[tuple[str, bytes], tuple[int, list[Call]]] = {}
    for call in calls:
        if not _tells(call):
            continue
        key = (call.name, call.likeness)
        since, row = rows.get(key, (0, []))
        now = changes.before(call)
        if row and (not call.failed or now != since):
            del rows[key]
            yield from _long(row)
            row = []
        if not call.failed:
            continue
        # Of calls made at once, none was made in knowledge of another's failure.
        if not row or call.request_key is None or call.request_key != row[-1].request_key:
            row.append(call)
        rows[key] = (now, row)
    for _, row in rows.values():
        yield from _long(row)


def _long(row: list[Call]) -> Iterator[list[Call]]:
    if len(row) >= FAILURES:
        yield row


def _tells(call: Call) -> bool:
    """Return whether a call's end says anything of the command."""
    return (
        bool(call.likeness)
        and call.done_ms is not None
        and _is_action(call)
        and not call.denied
        and not call.interrupted
    )


def _failure_sign(
    agent: Agent, trips: Trips, calls: Sequence[Call], session: Session
) -> Sign | None:
    asks = trips.asks(calls[1:])
    if not asks:
        return None
    first, last = calls[0], calls[-1]
    return Sign(
        kind=Kind.REPEATED_FAILURE,
        key=first.id,
        at_ms=last.at_ms,
        asks=asks,
        evidence=tuple(
            trips.line(call, f"{described(call)} failed" + (" again" if number else ""))
            for number, call in enumerate(calls)
        ),
        agent_id=_agent_id(agent),
        counts={"times": len(calls), "ms": last.at_ms - first.at_ms},
        names={
            "what": described(first),
            "notes": "AGENTS.md" if session.source == "codex" else "CLAUDE.md",
        },
        signature=f"{first.name} {first.likeness.hex()}",
    )


def _agent_id(agent: Agent) -> str | None:
    return None if agent.kind is AgentKind.MAIN else agent.id


def tell_loop(finding: Finding) -> Told:
    """Put a loop in words."""
    times, names = finding.counts["times"], finding.names
    how, what = names.get("how", "same"), names.get("what", "a tool call")
    took = format.span(finding.counts["ms"])
    if how == "compactions":
        return Told(
            f"context compacted {times} times in {took}",
            f"The context was full and compacted {times} times in {took}: what is needed to go on"
            " hardly fits in it.",
            "Press Esc, and split the task: one part for each session, large files and outputs read"
            " in parts or by a subagent.",
        )
    if how == "alternating":
        other = names.get("other", "another")
        return Told(
            f"{what} and {other} in turn, {times} calls",
            f"{what} and {other} were called in turn, {times} calls in {took}, each with the same"
            " result every time.",
            f"Press Esc, and say what {what} and {other} do not tell, and where to look instead.",
        )
    result = "failure" if names.get("failed") else "result"
    return Told(
        f"{what} repeated {times} times with the same {result}",
        f"{what} was called {times} times in {took}, each time with the same {result}; the first"
        " time is not counted.",
        f"Press Esc, and say that {what} gives the same {result} again, and what to do instead.",
    )


def tell_failure(finding: Finding) -> Told:
    """Put repeated failures in words."""
    if fixes.is_pair(finding):
        return fixes.tell(finding)
    times, what = finding.counts["times"], finding.names.get("what", "a command")
    return Told(
        f"{what} failed {times} times, with nothing changed",
        f"{what} failed {times} times in a row in {format.span(finding.counts['ms'])}, and no file"
        " was edited in between; the first time is not counted.",
        f"Write into {finding.names.get('notes', 'CLAUDE.md')} how {what} is run in this project,"
        " and what it needs before.",
    )


DETECTORS = (
    Detector(kind=Kind.LOOP, observe=loops, tell=tell_loop),
    Detector(kind=Kind.REPEATED_FAILURE, observe=failures, tell=tell_failure, conclude=conclude),
)
