"""Who launched which agent, and the client's words that one is done."""

from __future__ import annotations

import re

from tokenwatch.events import AgentEnded, AgentLaunched, ToolResultSeen
from tokenwatch.sources.claude_code.contents import Details
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.claude_code.tools import Call
from tokenwatch.sources.values import text, text_fingerprint

ENDINGS = frozenset({"completed", "failed", "killed", "stopped"})
_TAG = re.compile(r"<(task-id|tool-use-id|status)>\s*([^<\s]+)\s*</\1>")
_AGENT_ID = re.compile(r"[0-9a-f]{7,8}|a[0-9a-f]{16}")


def launched(call_id: str, given: dict[str, object], place: Place) -> AgentLaunched:
    """Return the launch that a call of Agent or Task asks for."""
    prompt = text(given.get("prompt"))
    return AgentLaunched(
        session_id=place.session_id,
        parent_agent_id=place.agent_id,
        tool_use_id=call_id,
        at_ms=place.at_ms,
        line=place.line,
        name=text(given.get("name")) or text(given.get("subagent_type")),
        task=text(given.get("description")),
        prompt_fingerprint=text_fingerprint(prompt) if prompt else None,
    )


def named(call: Call, agent_id: str, place: Place) -> AgentLaunched:
    """Return a launch again, now that its agent's id is known."""
    return AgentLaunched(
        session_id=place.session_id,
        parent_agent_id=place.agent_id,
        tool_use_id=call.id,
        at_ms=call.at_ms,
        line=call.line,
        agent_id=agent_id,
    )


def result_of(
    call: Call, seen: ToolResultSeen, told: Details, place: Place
) -> list[AgentLaunched | AgentEnded]:
    """Return what a launch's result tells: the agent's id, and its end if it was waited for."""
    agent_id = text(told.agentId)
    found: list[AgentLaunched | AgentEnded] = []
    if agent_id is not None:
        found.append(named(call, agent_id, place))
    if told.isAsync is True or told.status == "async_launched":
        return found
    if seen.interrupted or seen.denied:
        status = "interrupted"
    else:
        status = "completed" if seen.ok else "failed"
    found.append(ended(agent_id or call.id, status, place))
    return found


def ended(ref: str, status: str, place: Place) -> AgentEnded:
    """Return the end of an agent; `ref` is its id, its launch's, or `*`."""
    return AgentEnded(
        session_id=place.session_id,
        ref=ref,
        at_ms=place.at_ms,
        line=place.line,
        status=status,
    )


def notified(notice: str, place: Place) -> AgentEnded | None:
    """Return the end that a task notification tells of; None if it is not an agent's.

    Shells and workflows in the background send the same notices: their ids have another shape.
    """
    tags: dict[str, str] = {}
    for name, content in _TAG.findall(notice[:4000]):
        tags.setdefault(name, content)
    agent_id, status = tags.get("task-id"), tags.get("status")
    if agent_id is None or status not in ENDINGS or not _AGENT_ID.fullmatch(agent_id):
        return None
    return ended(agent_id, status, place)
