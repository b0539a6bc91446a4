"""Agents that an agent started: their launch and their end, as the starting thread tells."""

from __future__ import annotations

import msgspec

from tokenwatch.events import AgentEnded, AgentLaunched, Event
from tokenwatch.sources.codex.tools import Place
from tokenwatch.sources.values import fingerprint, mapping, sequence, text

_TASK_LENGTH = 200
_PENDING = 128
_WAITS = frozenset({"wait", "wait_agent"})
_KINDS = {"completed": "completed", "interrupted": "interrupted", "errored": "failed"}
_STATES = {
    "completed": "completed", "errored": "failed", "interrupted": "interrupted",
    "shutdown": "stopped",
}  # fmt: skip


class Launch(msgspec.Struct):
    """A call whose output names the new agent, or tells how others ended."""

    tool: str
    at_ms: int
    line: int
    name: str | None = None


class Agents:
    """The launches of one file. `pending` is what reading on must remember."""

    def __init__(self, pending: dict[str, Launch], events: list[Event]) -> None:
        self.pending = pending
        self._events = events

    def called(self, payload: dict[str, object], place: Place) -> None:
        """Note a call of `spawn_agent` or of a tool that waits for agents."""
        call_id, tool = text(payload.get("call_id")), text(payload.get("name"))
        if call_id is None or tool is None or tool not in _WAITS | {"spawn_agent"}:
            return
        given = _object(payload.get("arguments"))
        launch = Launch(
            tool=tool,
            at_ms=place.at_ms,
            line=place.line,
            name=text(given.get("task_name")),
        )
        task = (text(given.get("message")) or "")[:_TASK_LENGTH]
        if tool == "spawn_agent" and task:
            # Told at once: what is remembered holds no text.
            self._launch(call_id, launch, place, None, launch.name, task=task)
        self.pending[call_id] = launch
        if len(self.pending) > _PENDING:
            del self.pending[next(iter(self.pending))]

    def put_out(self, payload: dict[str, object], place: Place) -> None:
        """Note the output of such a call."""
        call_id = text(payload.get("call_id")) or ""
        launch = self.pending.pop(call_id, None)
        if launch is None:
            return
        out = _object(payload.get("output"))
        if launch.tool in _WAITS:
            self.statuses(out.get("status"), place)
        elif text(out.get("agent_id")) or text(out.get("task_name")):
            path = text(out.get("task_name")) or ""
            name = path.rpartition("/")[2] or text(out.get("nickname")) or launch.name
            self._launch(call_id, launch, place, text(out.get("agent_id")), name, path=path)

    def started(self, call_id: str, agent_id: str | None, name: str | None, place: Place) -> None:
        """Note a client's report of an agent that was started by a call."""
        launch = self.pending.get(call_id)
        if launch is None:
            launch = Launch(tool="spawn_agent", at_ms=place.at_ms, line=place.line)
        if agent_id is not None:
            self._launch(call_id, launch, place, agent_id, name or launch.name)

    def activity(self, report: dict[str, object], place: Place) -> None:
        """Note a `SubAgentActivity`, as an item or as an event of older logs."""
        agent_id = text(report.get("agent_thread_id"))
        kind = text(report.get("kind"))
        path = text(report.get("agent_path")) or ""
        call_id = text(report.get("id")) or text(report.get("event_id"))
        if kind == "started" and call_id is not None:
            self.started(call_id, agent_id, path.rpartition("/")[2] or None, place)
        elif agent_id is not None and kind in _KINDS:
            self._end(agent_id, _KINDS[kind], place)

    def collaboration(self, item: dict[str, object], place: Place) -> None:
        """Note a `CollabAgentToolCall`."""
        tool, call_id = text(item.get("tool")), text(item.get("id"))
        if tool == "spawn_agent" and call_id is not None:
            for agent in sequence(item.get("receiver_agents")):
                found = mapping(agent)
                nickname = text(found.get("agent_nickname"))
                self.started(call_id, text(found.get("thread_id")), nickname, place)
        self.statuses(item.get("agents_states"), place)
        if tool == "close_agent" and item.get("status") == "completed":
            for agent_id in sequence(item.get("receiver_thread_ids")):
                if isinstance(agent_id, str):
                    self._end(agent_id, "stopped", place)

    def statuses(self, found: object, place: Place) -> None:
        """Note what is said of agents by id: a word, or an object with one key."""
        for agent_id, status in mapping(found).items():
            word = status if isinstance(status, str) else next(iter(mapping(status)), None)
            if word in _STATES:
                self._end(agent_id, _STATES[str(word)], place)

    def _launch(
        self,
        call_id: str,
        launch: Launch,
        place: Place,
        agent_id: str | None,
        name: str | None,
        *,
        path: str = "",
        task: str | None = None,
    ) -> None:
        self._events.append(
            AgentLaunched(
                session_id=place.thread.session,
                parent_agent_id=place.thread.id,
                tool_use_id=place.thread.call_key(call_id),
                at_ms=launch.at_ms,
                line=launch.line,
                name=name,
                task=task,
                # An output that names no thread names the agent's path, as its own log does.
                prompt_fingerprint=fingerprint(path) if path and agent_id is None else None,
                agent_id=agent_id,
            )
        )

    def _end(self, agent_id: str, status: str, place: Place) -> None:
        self._events.append(
            AgentEnded(
                session_id=place.thread.session,
                ref=agent_id,
                at_ms=place.at_ms,
                line=place.line,
                status=status,
            )
        )


def _object(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        return {}
    try:
        return mapping(msgspec.json.decode(value.encode("utf-8", "surrogatepass")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
