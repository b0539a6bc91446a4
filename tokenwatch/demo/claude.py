"""Writes what Claude Code 2.1.330 writes: transcripts, subagents' transcripts, the meter.

An answer's records are written together when the answer is complete, one content block each, with
the answer's final usage in every one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tokenwatch.demo import claude_records as records
from tokenwatch.demo import ids
from tokenwatch.demo.disk import Json, Log
from tokenwatch.demo.meter import Meter, usage_as_logged
from tokenwatch.demo.script import Project
from tokenwatch.demo.stage import Stage, Tally
from tokenwatch.demo.tools import ToolUse
from tokenwatch.format import rfc3339
from tokenwatch.model import Usage

VERSION = "2.1.330"
COMPACT_AT = 160_000
"""Tokens of context at which the client compacts."""
_PREFIX = 14_000
"""Tokens of system prompt and tools, which survive a compaction in the cache."""


class ClaudeSession:
    """One session with its process: identity, prompts, meter, and what it is doing now."""

    def __init__(
        self,
        stage: Stage,
        rng: Random,
        at_ms: int,
        *,
        project: Project,
        model: str,
        title: str,
        cache: str = "1h",
        context: int = 20_000,
    ) -> None:
        self.stage, self.rng, self.project, self.title = stage, rng, project, title
        self.id = ids.uuid4(rng)
        self.number = stage.next_number()
        self.started_ms = self.status_ms = at_ms
        self.status, self.waiting_for = "idle", ""
        self.prompt_id = self.last_prompt = ""
        self.turns = 0
        self.meter = Meter(self.id, at_ms)
        slug = re.sub(r"[^A-Za-z0-9]", "-", project.cwd)
        self.folder = stage.claude_root / "projects" / slug / self.id
        log = Log(stage.disk, self.folder.with_suffix(".jsonl"))
        self.main = ClaudeAgent(self, rng, log, model=model, cache=cache, context=context)
        self.tally = stage.tallies.setdefault(self.id, Tally())
        stage.sessions.append(self)

    def set_status(self, status: str, at_ms: int, waiting_for: str = "") -> None:
        """Say what the process does: busy, idle or waiting (for what)."""
        self.status, self.status_ms, self.waiting_for = status, at_ms, waiting_for

    def end(self, at_ms: int) -> None:
        """Leave the program: the process's live signs go."""
        self.main.note_meter(at_ms)
        self.stage.sessions.remove(self)

    def count(self, model: str, usage: Usage) -> None:
        """Count one logged request."""
        self.tally.add(usage)
        self.meter.add(model, usage)


class ClaudeAgent:
    """One agent's transcript: the main agent's or a subagent's."""

    def __init__(
        self,
        session: ClaudeSession,
        rng: Random,
        log: Log,
        *,
        model: str,
        cache: str,
        context: int,
        agent_id: str = "",
        kind: str = "",
        task: str = "",
        asked: str = "",
        alias: str = "",
        call_id: str = "",
    ) -> None:
        self.session, self.rng, self.project = session, rng, session.project
        self._log, self._model, self._cache = log, model, cache
        self.agent_id, self.kind, self.task, self.asked = agent_id, kind, task, asked
        self.said: set[str] = set()
        self.alias, self.call_id = alias, call_id
        self._sent, self._pending = 0, context
        self._last_ms = self._turn_ms = 0
        self._leaf: str | None = None
        self._records = self._calls = 0
        self._by_call: dict[str, str] = {}
        self._skill = ""
        self._opened_ms = 0
        self._last_usage: Json = {}
        self._last_total = 0

    @property
    def context(self) -> int:
        """Tokens that the next request will send."""
        return self._sent + self._pending

    def prompt(self, at_ms: int, text: str) -> None:
        """Begin a turn: the person's prompt, or for a subagent its task."""
        session = self.session
        self._turn_ms = at_ms
        self._pending += 12 + len(text) // 3
        record = records.by_user(text)
        if self.agent_id:
            self._opened_ms = at_ms
            self._write("user", record, at_ms, promptId=session.prompt_id)
            return
        if session.turns == 0:
            self._note({"type": "mode", "mode": "normal"}, at_ms)
            self._note({"type": "permission-mode", "permissionMode": "default"}, at_ms)
            self._introduce(at_ms)
        session.turns += 1
        session.prompt_id = ids.uuid4(self.rng)
        session.set_status("busy", at_ms)
        self._write(
            "user",
            record,
            at_ms,
            promptId=session.prompt_id,
            permissionMode="default",
            origin={"kind": "human"},
            promptSource="typed",
            turnOrigin="human",
            turnPosition={"promptIndex": session.turns, "turnIndex": session.turns},
        )
        session.last_prompt = text
        self._note_prompt(at_ms)

    def call(self, at_ms: int, use: ToolUse, output: int, say: str = "") -> str:
        """Answer with one use of a tool; returns the call's id."""
        call_id = ids.token("toolu_01", self.rng)
        block: Json = {"type": "tool_use", "id": call_id, "name": use.name, "input": use.input}
        self._answer(at_ms, [*records.said(say), block], output, "tool_use")
        self._calls += 1
        if use.name == "Skill":
            self._skill = str(use.input["skill"])
        return call_id

    def result(self, at_ms: int, call_id: str, use: ToolUse) -> None:
        """Write how a call went."""
        block: Json = {
            "tool_use_id": call_id,
            "type": "tool_result",
            "content": use.text,
            "is_error": use.exit_code != 0,
        }
        self._pending += use.tokens
        self.session.meter.add_lines(use)
        self._tool_result(at_ms, call_id, block, None if self.agent_id else use.result)

    def answer(self, at_ms: int, text: str, output: int) -> None:
        """Give the final answer of the turn, and end it."""
        self._answer(at_ms, records.said(text), output, "end_turn")
        self._skill = ""
        if self.agent_id:
            return
        session = self.session
        self._note_prompt(at_ms)
        self._note({"type": "ai-title", "aiTitle": session.title}, at_ms)
        self._note({"type": "mode", "mode": "normal"}, at_ms)
        self._note({"type": "permission-mode", "permissionMode": "default"}, at_ms)
        ended: Json = {"subtype": "turn_duration", "durationMs": at_ms - self._turn_ms}
        self._write("system", ended, at_ms, messageCount=self._records, isMeta=False)
        self.note_meter(at_ms)
        session.set_status("idle", at_ms)

    def interrupt(self, at_ms: int, call_id: str) -> None:
        """Let the person press Esc while a tool runs: the turn is over."""
        block: Json = {
            "tool_use_id": call_id,
            "type": "tool_result",
            "content": records.INTERRUPTED,
            "is_error": True,
        }
        self._pending += 90
        source = self._by_call.pop(call_id)
        self._write(
            "user",
            records.by_user([block]),
            at_ms,
            promptId=self.session.prompt_id,
            toolUseResult=f"Error: {records.INTERRUPTED}",
            toolDenialKind="interrupted",
            sourceToolAssistantUUID=source,
        )
        told = records.by_user(records.said(records.INTERRUPTED))
        self._write("user", told, at_ms + 40, promptId=self.session.prompt_id)
        self._skill = ""
        self.session.set_status("idle", at_ms)

    def switch(self, at_ms: int, model: str) -> None:
        """Let the person choose another model, which has none of the context in its cache."""
        self._model, self._last_ms = model, 0
        self._write("system", records.model_chosen(model), at_ms)

    def note_meter(self, at_ms: int) -> None:
        """Write the client's own running total for the session."""
        self._log.add(self.session.meter.record(at_ms), at_ms)

    def launch(
        self, at_ms: int, tasks: Sequence[tuple[str, str, str, str, str]], output: int
    ) -> list[ClaudeAgent]:
        """Launch subagents from one answer, each (type, alias, model, description, prompt)."""
        children: list[ClaudeAgent] = []
        blocks = records.said("Splitting this between agents.")
        for kind, alias, model, about, asked in tasks:
            rng = Random(f"{self.session.id}:{ids.hexadecimal(self.rng, 16)}")
            call_id = ids.token("toolu_01", self.rng)
            agent_id = "a" + ids.hexadecimal(self.rng, 16)
            path = self.session.folder / "subagents" / f"agent-{agent_id}.jsonl"
            child = ClaudeAgent(
                self.session,
                rng,
                Log(self.session.stage.disk, path),
                model=model,
                cache="5m",
                context=rng.randint(13_000, 19_000),
                agent_id=agent_id,
                kind=kind,
                task=about,
                asked=asked,
                alias=alias,
                call_id=call_id,
            )
            arguments: Json = {
                "description": about,
                "prompt": asked,
                "subagent_type": kind,
                "model": alias,
                "run_in_background": False,
            }
            blocks.append({"type": "tool_use", "id": call_id, "name": "Agent", "input": arguments})
            children.append(child)
        self._answer(at_ms, blocks, output, "tool_use")
        for child in children:
            child.describe(at_ms, finished=False)
        return children

    def collect(self, at_ms: int, child: ClaudeAgent, found: str) -> None:
        """Take over what a subagent found: its call's result."""
        child.describe(at_ms, finished=True)
        self._pending += 300 + len(found)
        content: Json = {"type": "text", "text": found}
        outcome: Json = {
            "status": "completed",
            "prompt": child.asked,
            "agentId": child.agent_id,
            "agentType": child.kind,
            "content": [content],
            "resolvedModel": child._model,
            "totalDurationMs": at_ms - child._opened_ms,
            "totalTokens": child._last_total,
            "totalToolUseCount": child._calls,
            "usage": child._last_usage,
        }
        block: Json = {
            "tool_use_id": child.call_id,
            "type": "tool_result",
            "content": [content],
        }
        self._tool_result(at_ms, child.call_id, block, outcome)

    def describe(self, at_ms: int, *, finished: bool) -> None:
        """Write the small file beside a subagent's transcript."""
        document: Json = {
            "agentType": self.kind,
            "isBuiltIn": True,
            "description": self.task,
            "toolUseId": self.call_id,
            "spawnDepth": 1,
            "requestShape": "foreground",
            "requestNonInteractive": False,
            "model": self.alias,
        }
        if finished:
            document["finished"] = True
        path = self._log.path.with_suffix(".meta.json")
        self.session.stage.disk.replace(path, document, at_ms)

    def compact(self, at_ms: int) -> None:
        """Replace the context by a summary; the request that wrote it is in no log."""
        before, summary = self.context, self.rng.randint(3_000, 5_000)
        unlogged = Usage(input=4, cache_read=self._sent, output=summary)
        self.session.meter.add(self._model, unlogged)
        self._sent, self._pending = _PREFIX, summary + self.rng.randint(2_000, 6_000)
        logical, self._leaf = self._leaf, None
        body = records.boundary(before, self.context, _PREFIX, logical)
        self._write("system", body, at_ms, isMeta=False)
        self._write(
            "user",
            records.summary(self.session.title),
            at_ms,
            promptId=self.session.prompt_id,
            isVisibleInTranscriptOnly=True,
            isCompactSummary=True,
        )

    def _introduce(self, at_ms: int) -> None:
        """Load the MCP servers of the project."""
        servers = self.project.servers
        if servers:
            self._pending += sum(len(server.instructions) for server in servers) * 10 // 36
            told: Json = {"attachment": records.instructions(servers)}
            self._write("attachment", told, at_ms)

    def _usage(self, at_ms: int, output: int) -> Usage:
        lifetime = 3_600_000 if self._cache == "1h" else 300_000
        read = self._sent if at_ms - self._last_ms <= lifetime else 0
        write = self.context - read
        self._sent, self._pending, self._last_ms = self.context, output, at_ms
        return Usage(
            input=self.rng.randint(2, 14),
            cache_read=read,
            cache_write_5m=0 if self._cache == "1h" else write,
            cache_write_1h=write if self._cache == "1h" else 0,
            output=output,
            reasoning=output * self.rng.randint(10, 50) // 100,
        )

    def _answer(self, at_ms: int, blocks: Sequence[Json], output: int, stop: str) -> None:
        usage = self._usage(at_ms, output)
        self.session.count(self._model, usage)
        self._last_usage, self._last_total = usage_as_logged(usage), usage.total
        message_id = ids.token("msg_01", self.rng)
        request_id = ids.token("req_011C", self.rng, 20)
        for index, block in enumerate(blocks):
            message = records.message(message_id, self._model, block, stop, self._last_usage)
            body: Json = {
                "message": message,
                "apiBlockIndex": index,
                "requestId": request_id,
                "requestedModel": self._model,
                "promptCacheRequested": self._cache,
            }
            body |= records.made_for(block, self.kind, self._skill)
            stamp = at_ms - 350 * (len(blocks) - 1 - index)
            self._write("assistant", body, stamp, perTurnEffort=None, madeBy="model")
            if block["type"] == "tool_use":
                self._by_call[str(block["id"])] = str(self._leaf)

    def _tool_result(
        self, at_ms: int, call_id: str, block: Json, outcome: Json | list[Json] | str | None
    ) -> None:
        source = self._by_call.pop(call_id)
        extra: Json = {} if outcome is None else {"toolUseResult": outcome}
        self._write(
            "user",
            records.by_user([block]),
            at_ms,
            promptId=self.session.prompt_id,
            **extra,
            sourceToolAssistantUUID=source,
        )

    def _write(self, kind: str, body: Json, at_ms: int, **extra: object) -> None:
        """Add one record of the conversation to the chain."""
        session = self.session
        record: Json = {"parentUuid": self._leaf, "isSidechain": bool(self.agent_id)}
        if self.agent_id:
            record["agentId"] = self.agent_id
        self._leaf = ids.uuid4(self.rng)
        record |= {"type": kind, **body, "uuid": self._leaf, "timestamp": rfc3339(at_ms), **extra}
        record |= {
            "userType": "external",
            "entrypoint": "cli",
            "cwd": session.project.cwd,
            "sessionId": session.id,
            "version": VERSION,
            "gitBranch": session.project.branch,
        }
        self._records += 1
        self._log.add(record, at_ms)

    def _note_prompt(self, at_ms: int) -> None:
        prompt = self.session.last_prompt
        self._note({"type": "last-prompt", "lastPrompt": prompt, "leafUuid": self._leaf}, at_ms)

    def _note(self, note: Json, at_ms: int) -> None:
        self._log.add({**note, "sessionId": self.session.id}, at_ms)
