"""Write what is no request: prompts, turns, tools, edits, commits, agents, quotas, meters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    ChangeSeen,
    CommitSeen,
    CompactionSeen,
    EditSeen,
    Event,
    FailureSeen,
    MeterSeen,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.format import clean, one_line
from tokenwatch.found import LogFile
from tokenwatch.store.places import TITLE_LENGTH, Places, digest
from tokenwatch.store.records import PLACE, Records, Shape
from tokenwatch.store.wordings import hashes, packed

_PROMPTS = Shape(
    table="prompts",
    key=("id",),
    own=(*PLACE, "is_copy", "title", "scripted", "queued", "wording"),
)
_TURNS = Shape(
    table="turns",
    key=("id",),
    own=(*PLACE, "is_copy", "cause"),
    end=("ended_ms", "how", "end_file"),
)
_CALLS = Shape(
    table="tool_calls",
    key=("id",),
    own=(
        *(*PLACE, "is_copy", "request_id", "tool", "target", "fingerprint"),
        *("likeness", "touches"),
    ),
    end=(
        *("done_ms", "ok", "denied", "interrupted", "output_bytes", "error_fingerprint"),
        *("output_fingerprint", "fault", "done_file"),
    ),
)
_COMPACTIONS = Shape(
    table="compactions",
    key=("id",),
    own=(*PLACE, "is_copy", "trigger", "pre_tokens", "post_tokens"),
)
_EDITS = Shape(
    table="edits",
    key=("call_id", "path"),
    own=(*PLACE, "added", "removed", "created", "lines_added", "lines_removed", "repeated"),
)
_COMMITS = Shape(table="commits", key=("id", "kind"), own=(*PLACE, "call_id", "cwd", "branch"))
_CHANGES = Shape(table="changes", key=("id",), own=(*PLACE, "kind", "what", "size"))
_FAILURES = Shape(table="failures", key=("id",), own=(*PLACE, "kind", "status", "attempt"))
_METER = "INSERT OR REPLACE INTO meters VALUES (?, ?, ?, ?, ?, ?, ?)"
_LAUNCH = (
    "INSERT INTO launches VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (session, tool_use_id) DO UPDATE SET"
    " agent_id = coalesce(excluded.agent_id, agent_id),"
    " name = coalesce(excluded.name, name), task = coalesce(excluded.task, task),"
    " prompt_fingerprint = coalesce(excluded.prompt_fingerprint, prompt_fingerprint),"
    " at_ms = min(excluded.at_ms, at_ms)"
)
_END = "INSERT OR IGNORE INTO ends VALUES (?, ?, ?, ?)"
_QUOTA = (
    'INSERT INTO quotas ("window", observed_ms, used_percent, resets_ms, plan)'
    " VALUES (?, ?, ?, ?, ?)"
    ' ON CONFLICT ("window", observed_ms) DO UPDATE SET'
    " used_percent = excluded.used_percent, resets_ms = excluded.resets_ms,"
    " plan = excluded.plan WHERE excluded.used_percent > used_percent"
)


class Details:
    """Writes all events but requests; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, titles: str) -> None:
        """titles: `full` keeps prompts' beginnings, `client` and `none` keep none of them."""
        self._sql = sql
        self._places = places
        self._titles = titles
        shapes = (_PROMPTS, _TURNS, _CALLS, _COMPACTIONS, _EDITS, _COMMITS, _CHANGES, _FAILURES)
        self._tables = tuple(Records(sql, places, shape) for shape in shapes)
        (
            self._prompts,
            self._turns,
            self._calls,
            self._compactions,
            self._edits,
            self._commits,
            self._changes,
            self._failures,
        ) = self._tables
        self._of_agent: dict[type, Callable[[int, int, Any], None]] = {
            PromptSeen: self._prompt,
            TurnStarted: self._turn,
            TurnEnded: self._turn_end,
            ToolCallSeen: self._call,
            ToolResultSeen: self._result,
            EditSeen: self._edit,
            CommitSeen: self._commit,
            CompactionSeen: self._compaction,
            ChangeSeen: self._change,
            FailureSeen: self._failure,
        }
        self._meters: list[tuple[object, ...]] = []
        self._launches: list[tuple[object, ...]] = []
        self._ends: list[tuple[object, ...]] = []
        self._quotas: list[tuple[object, ...]] = []

    def add(self, log: LogFile, file: int, events: Iterable[Event]) -> set[int]:
        """Take events of one file; return the keys of the sessions that they are of."""
        sessions: set[int] = set()
        session_id = agent_id = None
        agent = 0
        for event in events:
            take = self._of_agent.get(type(event))
            if take is None:
                sessions |= self._of_none(log, file, event)
                continue
            known: Any = event
            if known.agent_id != agent_id or known.session_id != session_id:
                session_id, agent_id = known.session_id, known.agent_id
                session = self._places.session(log.source, session_id)
                agent = self._places.agent(session, session_id, agent_id)
                sessions.add(session)
            take(file, agent, event)
        return sessions

    def _of_none(self, log: LogFile, file: int, event: Event) -> set[int]:
        """Take an event that no agent tells of itself; return the session that it is of."""
        if isinstance(event, QuotaSeen):
            self._quota(log, event)
            return set()
        session = self._places.session(log.source, event.session_id)
        if isinstance(event, MeterSeen):
            self._meter(session, file, event)
        elif isinstance(event, AgentLaunched):
            self._launch(session, event)
        elif isinstance(event, AgentEnded):
            self._ends.append((session, clean(event.ref), event.at_ms, clean(event.status)))
        else:
            raise TypeError(f"no table for {type(event).__name__}")
        return {session}

    def _prompt(self, file: int, agent: int, event: PromptSeen) -> None:
        self._prompts.put(
            [
                event.id,
                agent,
                event.at_ms,
                file,
                event.line,
                int(event.is_copy),
                one_line(event.title, TITLE_LENGTH) if self._titles == "full" else None,
                int(event.scripted),
                int(event.queued),
                packed(event.wording),
            ]
        )

    def _turn(self, file: int, agent: int, event: TurnStarted) -> None:
        self._turns.put(
            [event.id, agent, event.at_ms, file, event.line, int(event.is_copy), event.cause]
        )

    def _turn_end(self, file: int, agent: int, event: TurnEnded) -> None:
        self._turns.finish((event.turn_id,), (event.at_ms, event.how, file))

    def _call(self, file: int, agent: int, event: ToolCallSeen) -> None:
        self._calls.put(
            [
                event.id,
                agent,
                event.at_ms,
                file,
                event.line,
                1 if event.is_copy else 0,
                event.request_id or "",
                self._places.tool(
                    event.name, event.mcp_server, event.skill, event.purpose, event.partial
                ),
                one_line(event.target, 300) if event.target else "",
                digest(event.fingerprint),
                digest(event.likeness),
                hashes(event.touches),
            ]
        )

    def _result(self, file: int, agent: int, event: ToolResultSeen) -> None:
        self._calls.finish(
            (event.call_id,),
            (
                event.at_ms,
                None if event.ok is None else 1 if event.ok else 0,
                1 if event.denied else 0,
                1 if event.interrupted else 0,
                event.output_bytes,
                digest(event.error_fingerprint),
                digest(event.output_fingerprint),
                event.fault or None,
                file,
            ),
        )

    def _edit(self, file: int, agent: int, event: EditSeen) -> None:
        self._edits.put(
            [
                event.call_id,
                clean(event.path),
                agent,
                event.at_ms,
                file,
                event.line,
                event.added,
                event.removed,
                int(event.created),
                event.lines_added,
                event.lines_removed,
                event.repeated,
            ]
        )

    def _commit(self, file: int, agent: int, event: CommitSeen) -> None:
        self._commits.put(
            [
                clean(event.id),
                event.kind,
                agent,
                event.at_ms,
                file,
                event.line,
                event.call_id,
                _short(event.cwd),
                _short(event.branch),
            ]
        )

    def _compaction(self, file: int, agent: int, event: CompactionSeen) -> None:
        self._compactions.put(
            [
                event.id,
                agent,
                event.at_ms,
                file,
                event.line,
                int(event.is_copy),
                _short(event.trigger),
                event.pre_tokens,
                event.post_tokens,
            ]
        )

    def _change(self, file: int, agent: int, event: ChangeSeen) -> None:
        self._changes.put(
            [
                event.id,
                agent,
                event.at_ms,
                file,
                event.line,
                event.kind,
                _short(event.what),
                event.size,
            ]
        )

    def _failure(self, file: int, agent: int, event: FailureSeen) -> None:
        self._failures.put(
            [
                event.id,
                agent,
                event.at_ms,
                file,
                event.line,
                event.kind,
                _short(event.status),
                event.attempt,
            ]
        )

    def _meter(self, session: int, file: int, event: MeterSeen) -> None:
        usage = [
            (clean(model), list(usage), searches) for model, usage, searches in event.usage_by_model
        ]
        self._meters.append(
            (
                session,
                event.started_ms,
                event.as_of_ms,
                event.line,
                file,
                json.dumps(usage),
                event.reported_cost_usd,
            )
        )

    def _launch(self, session: int, event: AgentLaunched) -> None:
        self._launches.append(
            (
                session,
                clean(event.tool_use_id),
                clean(event.parent_agent_id),
                clean(event.agent_id) if event.agent_id else None,
                event.at_ms,
                _short(event.name),
                _short(event.task, TITLE_LENGTH) if self._titles == "full" else None,
                event.prompt_fingerprint,
            )
        )

    def _quota(self, log: LogFile, event: QuotaSeen) -> None:
        self._quotas.append(
            (
                self._places.window(log, event.limit_id, event.window_minutes),
                event.observed_ms,
                event.used_percent,
                event.resets_ms,
                _short(event.plan),
            )
        )

    def flush(self) -> set[int]:
        """Write what was taken; return the agents that lost a record to another one."""
        lost = {agent for table in self._tables for agent in table.flush()}
        self._sql.executemany(_METER, self._meters)
        self._sql.executemany(_LAUNCH, self._launches)
        self._sql.executemany(_END, self._ends)
        self._sql.executemany(_QUOTA, self._quotas)
        self.discard()
        return lost

    def discard(self) -> None:
        """Forget what was taken: it is written, or was rolled back."""
        for table in self._tables:
            table.discard()
        for rows in (self._meters, self._launches, self._ends, self._quotas):
            rows.clear()

    def loosen(self, file: int) -> None:
        """Let a file that is read anew from its start place its records again."""
        for table in self._tables:
            table.loosen(file)


def _short(text: str | None, limit: int = 300) -> str | None:
    return one_line(text, limit) if text else None
