"""What a client reports of tools and agents: items of paginated threads, events of older logs."""

from __future__ import annotations

from tokenwatch.sources.codex.agents import Agents
from tokenwatch.sources.codex.tools import Calls, Place
from tokenwatch.sources.values import mapping, text

REPORTS = frozenset(
    {
        "exec_command_end", "patch_apply_end", "mcp_tool_call_end", "collab_agent_spawn_end",
        "collab_waiting_end", "collab_close_end", "sub_agent_activity",
    }
)  # fmt: skip
"""The events of older logs."""


class Reports:
    """Takes them for the calls and the agents of one file."""

    def __init__(self, calls: Calls, agents: Agents) -> None:
        self._calls = calls
        self._agents = agents

    def of_item(self, item: dict[str, object], begun: object, place: Place) -> None:
        """Take a finished item; begun: when it began in ms, if the log says so."""
        kind, item_id = text(item.get("type")), text(item.get("id"))
        if kind == "SubAgentActivity":
            self._agents.activity(item, place)
        elif kind == "CollabAgentToolCall":
            self._agents.collaboration(item, place)
        if item_id is None:
            return
        if type(begun) is int and 0 < begun <= place.at_ms:
            place = Place(thread=place.thread, at_ms=place.at_ms, line=place.line, began_ms=begun)
        self._tool_item(kind, item_id, item, place)

    def _tool_item(
        self, kind: str | None, item_id: str, item: dict[str, object], place: Place
    ) -> None:
        done = {"completed": True, "failed": False, "declined": False}
        ok = done.get(str(item.get("status")))
        if kind == "CommandExecution":
            self._calls.ran(item, item_id, place)
        elif kind == "FileChange":
            self._calls.patched(item, item_id, place)
        elif kind == "McpToolCall":
            server, tool = text(item.get("server")), text(item.get("tool"))
            name = f"mcp__{server}__{tool}"
            self._calls.used(name, item.get("arguments"), item_id, place, ok=ok, server=server)
        elif kind == "DynamicToolCall":
            name = text(item.get("tool")) or "dynamic_tool"
            self._calls.used(name, item.get("arguments"), item_id, place, ok=ok)
        elif kind == "WebSearch":
            # The server ran it while it answered, and tells of it ahead of the call.
            given = item.get("action")
            self._calls.used("web_search", given, item_id, place, ok=True, asked=True)
        elif kind == "ImageView":
            given = {"path": item.get("path")}
            self._calls.used("view_image", given, item_id, place, ok=True)

    def of_event(self, kind: str, payload: dict[str, object], place: Place) -> None:
        """Take one of `REPORTS`."""
        call_id = text(payload.get("call_id"))
        if kind == "sub_agent_activity":
            self._agents.activity(payload, place)
        elif kind == "collab_waiting_end":
            self._agents.statuses(payload.get("statuses"), place)
        elif kind == "collab_close_end":
            agent_id = text(payload.get("receiver_thread_id")) or text(payload.get("thread_id"))
            self._agents.statuses({agent_id: "shutdown"} if agent_id else {}, place)
        elif call_id is None:
            return
        elif kind == "exec_command_end":
            self._calls.ran(payload, call_id, place)
        elif kind == "patch_apply_end":
            self._calls.patched(payload, call_id, place)
        elif kind == "collab_agent_spawn_end":
            name = text(payload.get("new_agent_nickname"))
            self._agents.started(call_id, text(payload.get("new_thread_id")), name, place)
        elif kind == "mcp_tool_call_end":
            call = mapping(payload.get("invocation"))
            server, tool = text(call.get("server")), text(call.get("tool"))
            result = mapping(payload.get("result"))
            fine = mapping(result.get("Ok"))
            ok = None if not result else "Ok" in result and fine.get("is_error") is not True
            name = f"mcp__{server}__{tool}"
            self._calls.used(name, call.get("arguments"), call_id, place, ok=ok, server=server)
