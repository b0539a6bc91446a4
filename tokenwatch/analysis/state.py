"""What an agent is doing now, from the clients' own signals; age decides only where there are none.

Signals, in the order of trust: the client's process (a registry entry checked against the running
process, a lock that is held), its turn boundaries in the log, its notices that a subagent is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenwatch.found import LiveProcess
from tokenwatch.model import AgentKind, State

IDLE_MS = 15 * 60_000
"""A closed turn counts as idle for so long, if no process shows that it lives on."""
OPEN_MS = 5 * 60_000
"""An open turn without any sign of a process counts as work for so long after its last record."""
FINISHING_MS = 10_000
"""A subagent that closed its turn is done after so long, even without its parent's notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """What the ledger knows of one agent; None where a log does not tell."""

    kind: AgentKind
    turn_open: bool | None
    """None when no turn was seen."""
    last_ms: int | None
    """Time of its latest record, request or turn."""
    turn_ended_ms: int | None = None
    ended_ms: int | None = None
    """The client's notice that the agent is done."""


def keeps_signs(source: str, version: str | None, entrypoint: str | None) -> bool:
    """Tell whether that version shows a running process, so that no sign means no process.

    Claude Code: `sessions/<pid>.json` since 2.1.114, headless runs at the latest in 2.1.330.
    Codex: `thread-writer-locks/` since 0.149.
    """
    number = _version(version)
    if source == "claude-code":
        return number >= ((2, 1, 114) if entrypoint == "cli" else (2, 1, 330))
    return source == "codex" and number >= (0, 149, 0)


def _version(version: str | None) -> tuple[int, ...]:
    parts = (version or "").split("-")[0].split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def main_state(
    agent: AgentFacts, process: LiveProcess | None, *, signs: bool, now_ms: int
) -> State:
    """Return the state of a session's main agent, which is the session's.

    process: its client's own sign, None for none; one that can't be checked counts for nothing but
    that the process may live. signs: see `keeps_signs`.
    """
    if process is not None and process.alive:
        status = process.status
        if status == "waiting":
            return State.WAITING
        if status == "idle":
            return State.IDLE
        if status is not None:
            return State.WORKING
        return State.WORKING if agent.turn_open else State.IDLE
    unsure = process is not None and process.alive is None
    if not unsure and (process is not None or signs):
        return State.ENDED
    age = _age(agent, now_ms)
    if agent.turn_open and age < OPEN_MS:
        return State.WORKING
    return State.IDLE if age < IDLE_MS else State.ENDED


def subagent_state(agent: AgentFacts, main: State, *, reusable: bool, now_ms: int) -> State:
    """Return the state of a subagent of a session whose main agent is in state `main`.

    reusable: the source keeps closed subagents for further turns (Codex), so that a closed turn
    makes them idle rather than ended.
    """
    if main is State.ENDED:
        return State.ENDED
    last = agent.last_ms or 0
    if agent.ended_ms is not None and agent.ended_ms >= last - 1000:
        return State.ENDED
    if agent.turn_open:
        return State.WORKING
    if agent.turn_open is None and agent.last_ms is None:
        # Launched, and nothing written yet.
        return State.WORKING if main in (State.WORKING, State.WAITING) else State.ENDED
    if agent.turn_open is None:
        return State.WORKING if _age(agent, now_ms) < OPEN_MS else State.ENDED
    if reusable:
        return State.IDLE
    ended = agent.turn_ended_ms or last
    return State.WORKING if now_ms - ended < FINISHING_MS else State.ENDED


def _age(agent: AgentFacts, now_ms: int) -> int:
    return now_ms - agent.last_ms if agent.last_ms is not None else IDLE_MS
