"""Writes what Codex 0.169 writes: one rollout a thread, in paginated history mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random

from tokenwatch.demo import ids
from tokenwatch.demo.disk import Json, Log
from tokenwatch.demo.script import SOL, Project
from tokenwatch.demo.stage import Stage, Tally
from tokenwatch.demo.tools import ToolUse
from tokenwatch.format import rfc3339
from tokenwatch.model import NO_USAGE, Usage

VERSION = "0.169.0"
_WINDOW = 258_400
_CACHED_MS = 3_600_000
"""So long what was sent stays in the cache, more or less."""


class CodexThread:
    """One thread: a session of its own, or a subagent of `parent`."""

    def __init__(
        self,
        stage: Stage,
        rng: Random,
        at_ms: int,
        *,
        project: Project,
        model: str,
        parent: CodexThread | None = None,
        path: str = "",
        nickname: str = "",
        context: int = 14_000,
    ) -> None:
        self.stage, self.rng, self.project, self.model = stage, rng, project, model
        self.parent, self.agent_path, self.nickname = parent, path, nickname
        self.id = ids.uuid7(at_ms, rng)
        self.root: CodexThread = parent.root if parent else self
        # The clients name folders in local time; for an account in UTC that is UTC.
        moment = datetime.fromtimestamp(at_ms // 1000, UTC)
        folder = stage.codex_root / "sessions" / f"{moment:%Y/%m/%d}"
        name = f"rollout-{moment:%Y-%m-%dT%H-%M-%S}-{self.id}.jsonl"
        self._log = Log(stage.disk, folder / name)
        self._ordinal = self._history = 0
        self._sent, self._pending, self._sent_ms = 0, context, at_ms
        self._turn = self._root_turn = ""
        self._turn_ms = 0
        self._turn_usage = self._thread_usage = NO_USAGE
        self._last = NO_USAGE
        self._limits: Json = {}
        self.asked = ""
        self.said: set[str] = set()
        self.tally = stage.tallies.setdefault(self.root.id, Tally())
        stage.threads.append(self)
        self._open(at_ms)

    def end(self) -> None:
        """Close the thread: its lock goes. Nothing is logged."""
        self.stage.threads.remove(self)

    def prompt(self, at_ms: int, text: str) -> None:
        """Begin a turn: the person's prompt, or for a subagent its task."""
        self._begin_turn(at_ms)
        self._pending += 12 + len(text) // 3
        if self.parent:
            self._mail(at_ms, self.parent.path, self.path, "NEW_TASK", text, trigger=True)
            return
        self._message(at_ms, "user", "input_text", text, "user.text")
        item: Json = {
            "type": "UserMessage",
            "id": ids.uuid7(at_ms, self.rng),
            "content": [{"type": "text", "text": text, "text_elements": []}],
        }
        self._item(at_ms, item)

    def call(self, at_ms: int, use: ToolUse, output: int, say: str = "") -> str:
        """Answer with one shell command; returns the call's id."""
        if say:
            self._say(at_ms - 300, say)
        call_id = self._function_call(at_ms, "exec_command", {"cmd": use.command})
        self._spend(at_ms, output)
        return call_id

    def result(self, at_ms: int, call_id: str, use: ToolUse) -> None:
        """Write how a command went, and the count that follows it."""
        took_ms = min(use.takes_ms, 60_000)
        item: Json
        if use.changes:
            item = {
                "type": "FileChange",
                "id": call_id,
                "changes": use.changes,
                "status": "completed",
                "stdout": "Success. Updated the following files:\n",
                "stderr": "",
            }
        else:
            item = {
                "type": "CommandExecution",
                "id": call_id,
                "process_id": str(self.rng.randint(2_000, 99_000)),
                "command": ["/bin/bash", "-lc", use.command],
                "cwd": f"file://{self.project.cwd}",
                "parsed_cmd": [{"type": "unknown", "cmd": use.command}],
                "source": "unified_exec_startup",
                "status": "failed" if use.exit_code else "completed",
                "aggregated_output": use.text,
                "exit_code": use.exit_code,
                "duration": {"secs": took_ms // 1000, "nanos": took_ms % 1000 * 1_000_000},
            }
        self._item(at_ms, item, began_ms=at_ms - took_ms)
        text = (
            f"Chunk ID: {ids.hexadecimal(self.rng, 6)}\nWall time: {took_ms / 1000:.4f} seconds\n"
            f"Process exited with code {use.exit_code}\nOriginal token count: {use.tokens}\n"
            f"Output:\n{use.text}\n"
        )
        self._pending += use.tokens
        self._function_output(at_ms, call_id, text)
        self._count(at_ms)

    def answer(self, at_ms: int, text: str, output: int) -> None:
        """Give the final answer of the turn, and end it."""
        self._say(at_ms, text)
        self._spend(at_ms, output)
        self._count(at_ms)
        done: Json = {
            "type": "task_complete",
            "root_turn_id": self._root_turn,
            "turn_id": self._turn,
            "last_agent_message": text,
            "started_at": self._turn_ms // 1000,
            "completed_at": at_ms // 1000,
            "duration_ms": at_ms - self._turn_ms,
            "time_to_first_token_ms": self.rng.randint(300, 1_800),
        }
        self._write(at_ms, "event_msg", done)

    def launch(self, at_ms: int, name: str, nickname: str, task: str, output: int) -> CodexThread:
        """Spawn a subagent that shares nothing of this thread's history."""
        arguments: Json = {"message": task, "task_name": name, "fork_turns": "none"}
        call_id = self._function_call(at_ms, "spawn_agent", arguments, "collaboration")
        self._spend(at_ms, output)
        child = CodexThread(
            self.stage,
            Random(f"{self.id}:{ids.hexadecimal(self.rng, 16)}"),
            at_ms,
            project=self.project,
            model=self.model,
            parent=self,
            path=f"{self.path}/{name}",
            nickname=nickname,
            context=9_000,
        )
        child.asked = task
        self._activity(at_ms, call_id, "started", child)
        self._function_output(at_ms, call_id, json.dumps({"task_name": child.path}))
        self._count(at_ms)
        return child

    def collect(self, at_ms: int, child: CodexThread, found: str) -> None:
        """Take over what a subagent found; it is closed."""
        self._pending += 80 + len(found)
        self._activity(at_ms, f"subagent-completed-{child._turn}", "completed", child)
        self._mail(at_ms, child.path, self.path, "FINAL_ANSWER", found, trigger=False)
        child.end()

    @property
    def path(self) -> str:
        """The agent's path in its tree."""
        return self.agent_path or "/root"

    def _open(self, at_ms: int) -> None:
        source: Json | str = "cli"
        meta: Json = {"session_id": self.root.id, "id": self.id}
        named: Json = {}
        if self.parent:
            named = {"agent_nickname": self.nickname, "agent_path": self.path}
            spawn: Json = {"parent_thread_id": self.parent.id, "depth": 1, **named}
            source = {"subagent": {"thread_spawn": {**spawn, "agent_role": None}}}
            meta["parent_thread_id"] = self.parent.id
        meta |= {
            "timestamp": rfc3339(at_ms),
            "cwd": self.project.cwd,
            "runtime_workspace_roots": [self.project.cwd],
            "originator": "codex-tui",
            "cli_version": VERSION,
            "source": source,
            "thread_source": "subagent" if self.parent else "user",
            **named,
            "model_provider": "openai",
            "base_instructions": {
                "text": "You are a coding agent running in a terminal.",
                "provenance": {"type": "model", "model": self.model},
            },
            "history_mode": "paginated",
            "multi_agent_version": "v2",
            "context_window": {"window_id": ids.uuid7(at_ms, self.rng)},
            "git": {
                "commit_hash": ids.hexadecimal(self.rng, 40),
                "branch": self.project.branch,
            },
        }
        self._write(at_ms, "session_meta", meta)

    def _begin_turn(self, at_ms: int) -> None:
        self._turn, self._turn_ms = ids.uuid7(at_ms, self.rng), at_ms
        self._root_turn = self.root._turn
        self._turn_usage = NO_USAGE
        attribution: Json = {
            "turn_id": self._turn,
            "turn_trigger": "user",
            "parent_turn_id": self.parent._turn if self.parent else None,
            "initiating_agent_path": self.parent.path if self.parent else None,
            "root_turn_id": self._root_turn,
        }
        started: Json = {
            "type": "task_started",
            "turn_attribution": attribution,
            "turn_id": self._turn,
            "root_turn_id": self._root_turn,
            "started_at": at_ms // 1000,
            "model_context_window": _WINDOW,
            "collaboration_mode_kind": "default",
        }
        self._write(at_ms, "event_msg", started)
        settings: Json = {
            "cwd": self.project.cwd,
            "approval_policy": "on-request",
            "approvals_reviewer": "user",
            "model": self.model,
        }
        context: Json = {"turn_id": self._turn, "root_turn_id": self._root_turn, **settings}
        context |= {"multi_agent_version": "v2", "effort": "medium", "summary": "none"}
        self._write(at_ms, "turn_context", context)
        if self._thread_usage == NO_USAGE:
            applied: Json = {**settings, "model_provider_id": "openai"}
            event: Json = {"type": "thread_settings_applied", "thread_id": self.id}
            self._write(at_ms, "event_msg", {**event, "thread_settings": applied})

    def _spend(self, at_ms: int, output: int) -> None:
        """Count the request just answered and write its record."""
        sent = self._sent + self._pending
        is_warm = at_ms - self._sent_ms <= _CACHED_MS
        cached = self._sent // 128 * 128 if is_warm else 0
        write = (sent - cached) // 128 * 128 if self.model == SOL else 0
        usage = Usage(
            input=sent - cached - write,
            cache_read=cached,
            cache_write_5m=write,
            output=output,
            reasoning=output * self.rng.randint(15, 60) // 100,
        )
        self._sent, self._pending, self._last = sent, output, usage
        self._sent_ms = at_ms
        self._turn_usage += usage
        self._thread_usage += usage
        self.tally.add(usage)
        self._limits = self.stage.quota.use(at_ms, usage)
        record: Json = {
            "thread_id": self.id,
            "turn_id": self._turn,
            "session_id": self.root.id,
            "root_turn_id": self._root_turn,
            "response_id": "resp_" + ids.hexadecimal(self.rng, 50),
            "usage": _as_logged(usage),
            "turn_token_usage": _as_logged(self._turn_usage),
            "thread_token_usage": _as_logged(self._thread_usage),
        }
        self._write(at_ms, "token_usage_record", record)

    def _count(self, at_ms: int) -> None:
        info: Json = {
            "total_token_usage": _as_logged(self._thread_usage),
            "last_token_usage": _as_logged(self._last),
            "last_usage_includes_reasoning": False,
            "model_context_window": _WINDOW,
        }
        count: Json = {"type": "token_count", "info": info, "rate_limits": self._limits}
        self._write(at_ms, "event_msg", count)

    def _say(self, at_ms: int, text: str) -> None:
        message_id = f"msg_{ids.hexadecimal(self.rng, 50)}"
        content = [{"type": "Text", "text": text}]
        self._item(at_ms, {"type": "AgentMessage", "id": message_id, "content": content})
        self._message(at_ms, "assistant", "output_text", text, "unknown", message_id)

    def _mail(
        self, at_ms: int, author: str, recipient: str, kind: str, text: str, *, trigger: bool
    ) -> None:
        self._write(at_ms, "inter_agent_communication_metadata", {"trigger_turn": trigger})
        words = f"Message Type: {kind}\nTask name: {recipient}\nSender: {author}\nPayload:\n{text}"
        letter: Json = {
            "type": "agent_message",
            "id": f"amsg_{ids.uuid7(at_ms, self.rng)}",
            "author": author,
            "recipient": recipient,
            "content": [{"type": "input_text", "text": words}],
        }
        self._response(at_ms, letter)

    def _activity(self, at_ms: int, item_id: str, kind: str, child: CodexThread) -> None:
        item: Json = {
            "type": "SubAgentActivity",
            "model": child.model if kind == "started" else None,
            "reasoning_effort": "medium" if kind == "started" else None,
            "id": item_id,
            "kind": kind,
            "agent_thread_id": child.id,
            "agent_path": child.path,
        }
        self._item(at_ms, item)

    def _message(
        self, at_ms: int, role: str, kind: str, text: str, origin: str, message_id: str = ""
    ) -> None:
        message: Json = {
            "type": "message",
            "id": message_id or f"msg_{ids.uuid7(at_ms, self.rng)}",
            "role": role,
            "content": [{"type": kind, "text": text}],
        }
        self._response(at_ms, message, content_item_kinds=[origin])

    def _function_call(self, at_ms: int, name: str, arguments: Json, namespace: str = "") -> str:
        call_id = ids.token("call_", self.rng, 24)
        call: Json = {
            "type": "function_call",
            "id": f"fc_{ids.hexadecimal(self.rng, 50)}",
            "name": name,
            **({"namespace": namespace} if namespace else {}),
            "arguments": json.dumps(arguments),
            "call_id": call_id,
        }
        self._response(at_ms, call)
        return call_id

    def _function_output(self, at_ms: int, call_id: str, text: str) -> None:
        output: Json = {
            "type": "function_call_output",
            "id": f"fco_{ids.uuid7(at_ms, self.rng)}",
            "call_id": call_id,
            "output": text,
        }
        self._response(at_ms, output, create_time=at_ms / 1000)

    def _response(self, at_ms: int, payload: Json, **passed: object) -> None:
        self._history += 1
        payload["internal_chat_message_metadata_passthrough"] = {"turn_id": self._turn, **passed}
        metadata: Json = {"history_sequence": self._history, "client_authored": False}
        self._write(at_ms, "response_item", payload, metadata=metadata)

    def _item(self, at_ms: int, item: Json, *, began_ms: int = 0) -> None:
        event: Json = {
            "type": "item_completed",
            "thread_id": self.id,
            "turn_id": self._turn,
            "item": item,
            "started_at_ms": began_ms or at_ms,
            "completed_at_ms": at_ms,
        }
        self._write(at_ms, "event_msg", event)

    def _write(self, at_ms: int, kind: str, payload: Json, **beside: object) -> None:
        record: Json = {"timestamp": rfc3339(at_ms), "ordinal": self._ordinal, "type": kind}
        self._ordinal += 1
        self._log.add({**record, "payload": payload, **beside}, at_ms)


def _as_logged(usage: Usage) -> Json:
    return {
        "input_tokens": usage.context,
        "cached_input_tokens": usage.cache_read,
        "cache_write_input_tokens": usage.cache_write_5m,
        "output_tokens": usage.output,
        "reasoning_output_tokens": usage.reasoning,
        "total_tokens": usage.total,
    }
