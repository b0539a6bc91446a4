"""States of the guard and events of clients, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokenwatch.guard.decide import Event
from tokenwatch.guard.state import MONITOR, state

if TYPE_CHECKING:
    from tokenwatch.guard.state import State

NOW_MS = 1_795_356_000_000
SESSION = "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
WORDS = "Budget daily: $20.40 of $20.00 used today"


def over(**more: Any) -> Any:
    """Return an exceeded budget of everything."""
    return {
        "name": "daily",
        "kind": "all",
        "value": "",
        "words": WORDS,
        "until_ms": NOW_MS + 3_600_000,
        "sessions": None,
        "turn": False,
    } | more


def cap(limit: int, **more: Any) -> Any:
    """Return a cap of agents in each session."""
    return {"name": "few", "kind": "all", "value": "", "limit": limit, "each": True} | more


def running(*names: str, **more: Any) -> Any:
    """Return the agents that run in the session."""
    return {
        "session_id": SESSION,
        "source": "claude-code",
        "project": "/w/app",
        "names": list(names),
        "fresh": [],
        "spawned": 0,
    } | more


def made(**more: Any) -> State:
    """Return a state that a monitor wrote just now."""
    given: dict[str, Any] = {"at_ms": NOW_MS, "by": MONITOR, "over_budget": "block", "loops": "ask"}
    return state(**(given | more))


def prompt(source: str = "claude-code", **more: Any) -> Event:
    """Return a prompt of the session."""
    return Event(document("UserPromptSubmit") | {"prompt": "go on"} | more, source)


def tool(name: str = "Bash", source: str = "claude-code", **more: Any) -> Event:
    """Return a call of a tool in the session."""
    given = {"tool_name": name, "tool_input": {"command": "ls"}}
    return Event(document("PreToolUse") | given | more, source)


def start(kind: str | None = "Explore", name: str = "Agent", **more: Any) -> Event:
    """Return the start of a subagent in the session."""
    given = {"prompt": "look"} | ({} if kind is None else {"subagent_type": kind})
    return tool(name, tool_input=given, **more)


def document(event: str) -> dict[str, object]:
    """Return what every hook is given."""
    return {
        "session_id": SESSION,
        "transcript_path": f"/w/{SESSION}.jsonl",
        "cwd": "/w/app",
        "permission_mode": "default",
        "hook_event_name": event,
    }
