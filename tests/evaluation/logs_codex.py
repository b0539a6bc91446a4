"""Writes what Codex 0.169 writes: rollouts in the paginated mode, with a usage record a request."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.evaluation import money
from tests.evaluation.files import Tree
from tests.evaluation.money import Req
from tests.evaluation.tools import ANSWERS, Use, size_of
from tests.evaluation.world import World
from tokenwatch.demo import ids
from tokenwatch.format import rfc3339
from tokenwatch.model import NO_USAGE, Usage

Json = dict[str, Any]
WRITES = ("gpt-5.6", "gpt-6")
"""Families whose cache writes are billed and logged."""
LIFETIME = 480_000


class Codex:
    """One thread, with the same face as `Claude`."""

    source = "codex"
    parent = None

    def __init__(
        self,
        world: World,
        *,
        model: str = "gpt-6-sol",
        context: int = 16_000,
        floor: int = 0,
        cwd: str | None = None,
        at_ms: int | None = None,
        entrypoint: str = "cli",
        effort: str = "medium",
    ) -> None:
        self.world, self.rng = world, Random(world.rng.getrandbits(64))
        self.model, self.floor, self.effort = model, floor, effort
        self.cwd = cwd or world.project()
        self.now = at_ms if at_ms is not None else world.start()
        self.id = ids.uuid7(self.now, self.rng)
        self.opened, self.branch = self.now, "main"
        self.tree = Tree(self.rng)
        self.sent, self.pending = 0, context
        self.caches: dict[str, tuple[int, int]] = {}
        self.requests: list[Req] = []
        self.turn: list[Req] = []
        self.turns: list[list[Req]] = []
        self._records: list[Json] = []
        self._turn_id, self._turn_ms = "", 0
        self._total = self._turn_total = self._last = NO_USAGE
        self._write(
            "session_meta",
            {
                "session_id": self.id,
                "id": self.id,
                "timestamp": rfc3339(self.now),
                "cwd": self.cwd,
                "originator": "codex-tui",
                "cli_version": "0.169.0",
                "source": "exec" if entrypoint != "cli" else "cli",
                "thread_source": "user",
                "model_provider": "openai",
                "history_mode": "paginated",
                "git": {"commit_hash": ids.hexadecimal(self.rng, 40), "branch": self.branch},
            },
        )

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1000)

    def file(self, name: str) -> str:
        """Return a file's absolute path."""
        return f"{self.cwd}/{name}"

    def prompt(self, text: str, *, tokens: int | None = None, thinks: float | None = None) -> None:
        """Begin a turn. thinks: seconds before it was typed."""
        self.wait(self.rng.uniform(12, 90) if thinks is None else thinks)
        self._turn_id, self._turn_ms = ids.uuid7(self.now, self.rng), self.now
        self.pending += 12 + (size_of(text) if tokens is None else tokens)
        self.turn, self._turn_total = [], NO_USAGE
        self.turns.append(self.turn)
        turn: Json = {"turn_id": self._turn_id, "root_turn_id": self._turn_id}
        self._event(
            "task_started", **turn, started_at=self.now // 1000, model_context_window=258400
        )
        self._write(
            "turn_context", {**turn, "cwd": self.cwd, "model": self.model, "effort": self.effort}
        )
        self._message("user", "input_text", text)
        content = [{"type": "text", "text": text, "text_elements": []}]
        self._item({"type": "UserMessage", "id": ids.uuid7(self.now, self.rng), "content": content})

    def ask(
        self,
        *uses: Use,
        say: str = "",
        output: int | None = None,
        thinking: int = 0,
        keep: int | None = None,
        seconds: float | None = None,
    ) -> Req:
        """Answer with commands, and write how they went. keep: tokens still in the cache."""
        called = [(use, ids.token("call_", self.rng, 24)) for use in uses]
        size = len(say) + sum(len(str(use.input)) for use in uses)
        req = self._request(size, len(uses), output, thinking, keep, seconds)
        for use, call_id in called:
            self._call(use, call_id)
        self._spent(req)
        for use, call_id in called:
            self.wait(use.seconds)
            self._result(use, call_id)
        self._counted()
        return req

    def done(
        self,
        text: str = "",
        *,
        output: int | None = None,
        thinking: int = 0,
        keep: int | None = None,
        seconds: float | None = None,
    ) -> Req:
        """Give the final answer of the turn."""
        words = text or self.rng.choice(ANSWERS)
        req = self._request(len(words), 0, output, thinking, keep, seconds)
        message_id = f"msg_{ids.hexadecimal(self.rng, 40)}"
        said = [{"type": "Text", "text": words}]
        self._item({"type": "AgentMessage", "id": message_id, "content": said})
        self._message("assistant", "output_text", words)
        self._spent(req)
        self._counted()
        self._event(
            "task_complete",
            turn_id=self._turn_id,
            root_turn_id=self._turn_id,
            last_agent_message=words,
            started_at=self._turn_ms // 1000,
            completed_at=self.now // 1000,
            duration_ms=self.now - self._turn_ms,
        )
        return req

    def interrupt(self, use: Use | None = None, text: str = "") -> Req:
        """Let the person press Esc while a command runs."""
        call_id = ids.token("call_", self.rng, 24)
        req = self._request(60, 1, None, 0, None, None)
        if use is not None:
            self._call(use, call_id)
        self._spent(req)
        self._counted()
        self.wait(self.rng.uniform(3, 20))
        self._event(
            "turn_aborted",
            turn_id=self._turn_id,
            root_turn_id=self._turn_id,
            reason="interrupted",
            started_at=self._turn_ms // 1000,
            completed_at=self.now // 1000,
        )
        return req

    def compact(self, trigger: str = "manual", kept: int = 8_000, summary: int = 4_000) -> None:
        """Replace the context by a summary."""
        self.wait(15)
        self.sent, self.pending = min(kept, self.sent), summary
        self._write(
            "compacted", {"message": "Another language model started to solve this problem."}
        )
        self._item({"type": "ContextCompaction", "id": ids.uuid7(self.now, self.rng)})

    def end(self) -> str:
        """Write the rollout; return the thread's id."""
        moment = datetime.fromtimestamp(self.opened // 1000, UTC)
        folder = self.world.folder / ".codex" / "sessions" / f"{moment:%Y/%m/%d}"
        name = f"rollout-{moment:%Y-%m-%dT%H-%M-%S}-{self.id}.jsonl"
        self.world.save(folder / name, self._records, self.now)
        return self.id

    # Records --------------------------------------------------------------------------------

    def _request(
        self,
        size: int,
        calls: int,
        output: int | None,
        thinking: int,
        keep: int | None,
        seconds: float | None,
    ) -> Req:
        rng = self.rng
        self.wait(rng.uniform(2, 7) if seconds is None else seconds)
        output = int(size / 3.4) + 20 + rng.randrange(120) + thinking if output is None else output
        whole = self.sent + self.pending
        cached, used = self.caches.get(self.model, (0, 0))
        read = min(cached if used and self.now - used < LIFETIME else self.floor, self.sent)
        if keep is not None:
            read = min(keep, self.sent)
        read = read // 128 * 128
        write = (whole - read) // 128 * 128 if self.model.startswith(WRITES) else 0
        usage = Usage(
            input=whole - read - write,
            cache_read=read,
            cache_write_5m=write,
            output=output,
            reasoning=min(output, thinking or output * rng.randint(10, 40) // 100),
        )
        self.sent, self.pending = whole, output - usage.reasoning
        self.caches[self.model] = (whole, self.now)
        found = money.rates(self.source, self.model, self.now, usage.context)
        response = "resp_" + ids.hexadecimal(rng, 50)
        return Req(response, self.now, self.now, self.model, usage, found, calls)

    def _spent(self, req: Req) -> None:
        self.requests.append(req)
        self.turn.append(req)
        self.world.billed(self.id, req)
        self._last = req.usage
        self._total += req.usage
        self._turn_total += req.usage
        self._write(
            "token_usage_record",
            {
                "thread_id": self.id,
                "turn_id": self._turn_id,
                "session_id": self.id,
                "root_turn_id": self._turn_id,
                "response_id": req.id,
                "usage": _counts(req.usage),
                "turn_token_usage": _counts(self._turn_total),
                "thread_token_usage": _counts(self._total),
            },
        )

    def _counted(self) -> None:
        info: Json = {
            "total_token_usage": _counts(self._total),
            "last_token_usage": _counts(self._last),
            "model_context_window": 258400,
        }
        self._event("token_count", info=info, rate_limits=None)

    def _call(self, use: Use, call_id: str) -> None:
        arguments: Json
        name, arguments = "exec_command", {"cmd": use.command or str(use.input.get("command", ""))}
        if use.poll:
            name = "write_stdin"
            arguments = {"session_id": use.input["session"], "chars": "", "yield_time_ms": 30_000}
        if use.changes:
            name, arguments = "apply_patch", {"input": _patch(use.changes)}
        body: Json = {"type": "function_call", "name": name, "call_id": call_id}
        body |= {"id": f"fc_{ids.hexadecimal(self.rng, 40)}", "arguments": json.dumps(arguments)}
        self._response(body)

    def _result(self, use: Use, call_id: str) -> None:
        code = 1 if use.error else 0
        took = {"secs": int(use.seconds), "nanos": 0}
        item: Json
        if use.changes:
            item = {"type": "FileChange", "id": call_id, "changes": use.changes}
            item |= {"status": "completed", "stdout": "Success. Updated the following files:\n"}
        else:
            command = use.command or str(use.input.get("command", ""))
            item = {"type": "CommandExecution", "id": call_id, "duration": took}
            item |= {"command": ["/bin/bash", "-lc", command], "cwd": f"file://{self.cwd}"}
            item |= {"source": "unified_exec_startup", "exit_code": code}
            item |= {"status": "failed" if code else "completed", "aggregated_output": use.text}
        if not use.poll:
            self._item(item)
        ended = f"Process exited with code {code}"
        if use.poll and use.input.get("running"):
            ended = f"Process running with session ID {use.input['session']}"
        head = f"Chunk ID: {ids.hexadecimal(self.rng, 6)}\nWall time: {use.seconds:.4f} seconds"
        text = f"{head}\n{ended}\nOriginal token count: {use.size}\nOutput:\n{use.text}\n"
        self.pending += use.size
        body: Json = {"type": "function_call_output", "call_id": call_id, "output": text}
        self._response(body)

    def _message(self, role: str, kind: str, text: str) -> None:
        content = [{"type": kind, "text": text}]
        message_id = f"msg_{ids.uuid7(self.now, self.rng)}"
        self._response({"type": "message", "id": message_id, "role": role, "content": content})

    def _response(self, payload: Json) -> None:
        payload["internal_chat_message_metadata_passthrough"] = {"turn_id": self._turn_id}
        self._write("response_item", payload)

    def _item(self, item: Json) -> None:
        times: Json = {"started_at_ms": self.now, "completed_at_ms": self.now}
        ends: Json = {"thread_id": self.id, "turn_id": self._turn_id, "item": item}
        self._event("item_completed", **ends, **times)

    def _event(self, kind: str, **fields: object) -> None:
        self._write("event_msg", {"type": kind, **fields})

    def _write(self, kind: str, payload: Json) -> None:
        record: Json = {"timestamp": rfc3339(self.now), "ordinal": len(self._records)}
        self._records.append({**record, "type": kind, "payload": payload})


def _patch(changes: Json) -> str:
    parts = ["*** Begin Patch"]
    for name, change in changes.items():
        verb = "Add" if change["type"] == "add" else "Update"
        body = str(change.get("unified_diff") or change.get("content"))
        parts += [f"*** {verb} File: {name}", body.rstrip("\n")]
    return "\n".join([*parts, "*** End Patch"])


def _counts(usage: Usage) -> Json:
    return {
        "input_tokens": usage.context,
        "cached_input_tokens": usage.cache_read,
        "cache_write_input_tokens": usage.cache_write_5m,
        "output_tokens": usage.output,
        "reasoning_output_tokens": usage.reasoning,
        "total_tokens": usage.total,
    }
