"""Writes what Claude Code 2.1.330 writes, with a prompt cache that behaves like the real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.evaluation import money
from tests.evaluation.files import Tree
from tests.evaluation.money import Req
from tests.evaluation.tools import ANSWERS, Use, size_of
from tests.evaluation.world import World
from tokenwatch.demo import ids
from tokenwatch.format import rfc3339
from tokenwatch.model import Usage

Json = dict[str, Any]
LIFETIMES = {"5m": 300_000, "1h": 3_600_000}


class Claude:
    """One agent's log: a session's main agent, or a subagent of `parent`."""

    source = "claude-code"

    def __init__(
        self,
        world: World,
        *,
        model: str = "claude-opus-5",
        ttl: str = "5m",
        context: int = 24_000,
        floor: int = 0,
        cwd: str | None = None,
        at_ms: int | None = None,
        version: str = "2.1.330",
        entrypoint: str = "cli",
        parent: Claude | None = None,
        kind: str = "",
        task: str = "",
        asked: str = "",
    ) -> None:
        self.world, self.rng = world, Random(world.rng.getrandbits(64))
        self.model, self.ttl, self.floor, self.parent = model, ttl, floor, parent
        self.root: Claude = parent.root if parent else self
        self.cwd: str = cwd or (parent.cwd if parent else world.project())
        self.now: int = at_ms if at_ms is not None else (parent.now if parent else world.start())
        self.version, self.entrypoint, self.effort = version, entrypoint, ""
        self.branch = "main"
        self.id: str = self.root.id if parent else ids.uuid4(self.rng)
        self.agent_id = "a" + ids.hexadecimal(self.rng, 16) if parent else ""
        self.kind, self.task, self.asked = kind, task, asked
        self.call_id, self._opened = "", self.now
        self.tree: Tree = parent.tree if parent else Tree(self.rng)
        self.sent, self.pending = 0, context
        self.caches: dict[str, tuple[int, int, str]] = {}
        self.requests: list[Req] = []
        self.turn: list[Req] = []
        self.turns: list[list[Req]] = []
        self._records: list[Json] = []
        self._leaf: str | None = None
        self._prompt_id = ""
        self._turn_ms = self.now
        if not parent:
            self._note({"type": "mode", "mode": "normal"})

    # Time and prompts -----------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1000)

    def file(self, name: str) -> str:
        """Return a file's absolute path."""
        return f"{self.cwd}/{name}"

    def prompt(self, text: str, *, tokens: int | None = None, thinks: float | None = None) -> None:
        """Begin a turn. thinks: seconds before it was typed."""
        rng = self.rng
        self.wait(rng.uniform(12, 90) if thinks is None else thinks)
        self._turn_ms = self.now
        self._prompt_id = ids.uuid4(rng)
        self.pending += 12 + (size_of(text) if tokens is None else tokens)
        self.turn = []
        self.turns.append(self.turn)
        scripted = self.entrypoint != "cli"
        told: Json = {"permissionMode": "default", "promptSource": "sdk" if scripted else "typed"}
        if not scripted:
            told["origin"] = {"kind": "human"}
        told["turnOrigin"] = "sdk" if scripted else "human"
        message: Json = {"message": {"role": "user", "content": text}}
        self._write("user", message, promptId=self._prompt_id, **({} if self.parent else told))

    def queued(self, text: str) -> None:
        """Type something while the agent works."""
        self.pending += 12 + size_of(text)
        attachment: Json = {"type": "queued_command", "prompt": text, "commandMode": "prompt"}
        self._write("attachment", {"attachment": attachment})

    def attach(self, kind: str, tokens: int = 0, **fields: object) -> None:
        """Let the program put something into the context by itself."""
        self.pending += tokens
        self._write("attachment", {"attachment": {"type": kind, **fields}})

    # Answers --------------------------------------------------------------------------------

    def ask(
        self,
        *uses: Use,
        say: str = "",
        output: int | None = None,
        thinking: int = 0,
        keep: int | None = None,
        seconds: float | None = None,
    ) -> Req:
        """Answer with uses of tools, and write how they went. keep: tokens still in the cache."""
        req = self._request(uses, say, output, thinking, keep, "tool_use", seconds)
        for use in uses:
            self.wait(use.seconds)
            self._result(use)
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
        req = self._request((), words, output, thinking, keep, "end_turn", seconds)
        if not self.parent:
            took: Json = {"subtype": "turn_duration", "durationMs": self.now - self._turn_ms}
            self._write("system", took, isMeta=False, messageCount=len(self._records))
        return req

    def interrupt(self, use: Use | None = None, text: str = "Let me look at") -> Req:
        """Let the person press Esc: in the middle of an answer, or of a tool."""
        rng = self.rng
        if use is None:
            req = self._request((), text, 2, 0, None, None, rng.uniform(4, 15))
            self._stopped(req.id, "")
            return req
        req = self._request((use,), "", None, 0, None, "tool_use", None)
        self.wait(rng.uniform(3, 30))
        words = "The user doesn't want to proceed with this tool use. The tool use was rejected."
        use.text, use.error, use.denied = words, True, True
        use.result = "User rejected tool use"
        self._result(use)
        self._stopped(req.id, " for tool use")
        return req

    def fail(self, status: int = 529, text: str = "API Error: 529 Overloaded") -> None:
        """Let a request fail for good: the turn ends with an error."""
        self.wait(20)
        usage: Json = {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 0}
        message: Json = {
            "id": ids.uuid4(self.rng),
            "type": "message",
            "role": "assistant",
            "model": "<synthetic>",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "stop_sequence",
            "stop_sequence": "",
            "usage": usage,
        }
        told: Json = {"isApiErrorMessage": True, "apiErrorStatus": status, "error": "server_error"}
        self._write("assistant", {"message": message}, **told)

    def compact(self, trigger: str = "manual", kept: int = 14_000, summary: int = 4_000) -> None:
        """Replace the context by a summary; the request for it is in no log."""
        before = self.sent + self.pending
        self.wait(15)
        self.sent, self.pending = min(kept, self.sent), summary
        details: Json = {"trigger": trigger, "preTokens": before, "postTokens": summary}
        logical, self._leaf = self._leaf, None
        body: Json = {"logicalParentUuid": logical, "subtype": "compact_boundary"}
        body |= {"content": "Conversation compacted", "compactMetadata": details}
        self._write("system", body, isMeta=False, level="info")
        words = "This session is being continued from a previous conversation that ran out of"
        message: Json = {"message": {"role": "user", "content": f"{words} context. Summary: …"}}
        told: Json = {"isVisibleInTranscriptOnly": True, "isCompactSummary": True}
        self._write("user", message, promptId=self._prompt_id, **told)

    # Subagents ------------------------------------------------------------------------------

    def launch(
        self,
        tasks: Sequence[tuple[str, str, str]],
        *,
        model: str | None = None,
        context: int = 15_000,
    ) -> list[Claude]:
        """Launch subagents from one answer, each (type, description, prompt)."""
        children, uses = [], []
        for kind, about, asked in tasks:
            child = Claude(
                self.world,
                model=model or self.model,
                context=context,
                parent=self,
                kind=kind,
                task=about,
                asked=asked,
                version=self.version,
            )
            arguments: Json = {"description": about, "prompt": asked, "subagent_type": kind}
            uses.append(Use(name="Agent", input=arguments | {"run_in_background": False}, text=""))
            children.append(child)
        self._request(uses, "", None, 0, None, "tool_use", None)
        for child, use in zip(children, uses, strict=True):
            child.call_id = use.input["id"]
            child.now = child._opened = self.now + 200
            child.prompt(child.asked, thinks=0)
        return children

    def collect(self, child: Claude, found: str, status: str = "completed") -> None:
        """Take over what a subagent found."""
        self.now = max(self.now, child.now + 300)
        content: Json = {"type": "text", "text": found}
        outcome: Json = {
            "status": status,
            "prompt": child.asked,
            "agentId": child.agent_id,
            "agentType": child.kind,
            "content": [content],
            "resolvedModel": child.model,
            "totalDurationMs": child.now - child._opened,
            "totalTokens": child.sent,
            "totalToolUseCount": sum(req.calls for req in child.requests),
        }
        use = Use(name="Agent", input={"id": child.call_id}, text=found, result=outcome)
        if status == "failed":
            use.error, use.result = True, f"Error: {found}"
        self._result(use)
        folder = self._folder / self.id / "subagents"
        about: Json = {"agentType": child.kind, "description": child.task, "spawnDepth": 1}
        about |= {"toolUseId": child.call_id, "requestShape": "foreground", "finished": True}
        name = f"agent-{child.agent_id}"
        self.world.save(folder / f"{name}.jsonl", child._records, child.now)
        self.world.save(folder / f"{name}.meta.json", [about], child.now)

    def end(self) -> str:
        """Write the log; return the session's id."""
        self.world.save(self._folder / f"{self.id}.jsonl", self._records, self.now)
        return self.id

    # Records --------------------------------------------------------------------------------

    @property
    def _folder(self) -> Path:
        slug = re.sub(r"[^A-Za-z0-9]", "-", self.cwd)
        return self.world.folder / ".claude" / "projects" / slug

    def _usage(self, output: int, thinking: int, keep: int | None) -> Usage:
        whole = self.sent + self.pending
        cached, used, ttl = self.caches.get(self.model, (0, 0, self.ttl))
        warm = used and self.now - used < LIFETIMES[ttl]
        read = min(cached if warm else self.floor, self.sent)
        if keep is not None:
            read = min(keep, self.sent)
        written, small = whole - read, self.rng.randint(2, 12)
        self.sent, self.pending = whole, output + small
        self.caches[self.model] = (whole, self.now, self.ttl)
        return Usage(
            input=small,
            cache_read=read,
            cache_write_5m=written if self.ttl == "5m" else 0,
            cache_write_1h=written if self.ttl == "1h" else 0,
            output=output,
            reasoning=thinking,
        )

    def _request(
        self,
        uses: Sequence[Use],
        say: str,
        output: int | None,
        thinking: int,
        keep: int | None,
        stop: str | None,
        seconds: float | None,
    ) -> Req:
        rng = self.rng
        blocks: list[Json] = []
        if thinking:
            blocks.append({"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"})
        if say:
            blocks.append({"type": "text", "text": say})
        for use in uses:
            use.input["id"] = ids.token("toolu_01", rng)
            arguments = {name: value for name, value in use.input.items() if name != "id"}
            block = {"type": "tool_use", "id": use.input["id"], "name": use.name}
            blocks.append(block | {"input": arguments})
        size = sum(len(str(b.get("input", b.get("text", "")))) for b in blocks)
        least = int(size / 3.4) + thinking + 20
        output = least + rng.randrange(120) if output is None else output
        self.wait(rng.uniform(2, 7) if seconds is None else seconds)
        usage = self._usage(output, thinking, keep)
        first_ms = self.now - 350 * (len(blocks) - 1)
        found = money.rates(self.source, self.model, first_ms, usage.context)
        message_id, request_id = ids.token("msg_01", rng), ids.token("req_011C", rng, 20)
        end_ms = self.now
        for index, block in enumerate(blocks):
            self.now = first_ms + 350 * index
            aborted: Json = {"isAbortedMidStream": True} if stop is None else {}
            self._answer(message_id, request_id, index, block, usage, stop, aborted)
        self.now = end_ms
        req = Req(message_id, first_ms, end_ms, self.model, usage, found, len(uses))
        self.requests.append(req)
        self.turn.append(req)
        self.world.billed(self.id, req)
        return req

    def _answer(
        self,
        message_id: str,
        request_id: str,
        index: int,
        block: Json,
        usage: Usage,
        stop: str | None,
        more: Json,
    ) -> None:
        message: Json = {
            "id": message_id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [block],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": _as_logged(usage),
        }
        body: Json = {"message": message, "apiBlockIndex": index, "requestId": request_id}
        body |= {"requestedModel": self.model, "promptCacheRequested": self.ttl}
        if self.kind:
            body["attributionAgent"] = self.kind
        if self.effort:
            more = {"effort": self.effort, **more}
        self._write("assistant", body, perTurnEffort=self.effort or None, madeBy="model", **more)

    def _result(self, use: Use) -> None:
        self.pending += use.size
        block: Json = {"tool_use_id": use.input["id"], "type": "tool_result"}
        block |= {"content": use.text, "is_error": use.error}
        extra: Json = {"toolUseResult": use.result} if use.result is not None else {}
        if use.denied:
            extra["toolDenialKind"] = "user-rejected"
        body: Json = {"message": {"role": "user", "content": [block]}}
        extra["sourceToolAssistantUUID"] = self._leaf
        self._write("user", body, promptId=self._prompt_id, **extra)

    def _stopped(self, message_id: str, how: str) -> None:
        self.wait(0.05)
        text: Json = {"type": "text", "text": f"[Request interrupted by user{how}]"}
        body: Json = {"message": {"role": "user", "content": [text]}}
        told: Json = {"promptId": self._prompt_id, "interruptedMessageId": message_id}
        self._write("user", body, **told)

    def _write(self, kind: str, body: Json, **extra: object) -> None:
        record: Json = {"parentUuid": self._leaf, "isSidechain": bool(self.agent_id)}
        if self.agent_id:
            record["agentId"] = self.agent_id
        self._leaf = ids.uuid4(self.rng)
        record |= {"type": kind, **body, "uuid": self._leaf, "timestamp": rfc3339(self.now)}
        record |= {**extra, "userType": "external", "entrypoint": self.entrypoint}
        record |= {"cwd": self.cwd, "sessionId": self.id, "version": self.version}
        record["gitBranch"] = self.branch
        self._records.append(record)

    def _note(self, note: Json) -> None:
        self._records.append({**note, "sessionId": self.id})


def _as_logged(usage: Usage) -> Json:
    five, hour = usage.cache_write_5m, usage.cache_write_1h
    return {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": five + hour,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": {"ephemeral_1h_input_tokens": hour, "ephemeral_5m_input_tokens": five},
        "inference_geo": "",
        "iterations": [],
        "speed": "standard",
    }
