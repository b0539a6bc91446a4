"""Write what the detail pass found: prompts, turns, tools, edits, commits, agents, quotas."""

from __future__ import annotations

import sqlite3

from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    CommitSeen,
    CompactionSeen,
    EditSeen,
    Event,
    FailureSeen,
    LogFile,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.format import clean, one_line
from tokenwatch.store.places import Places, stored_path

TITLE_LENGTH = 80


class Details:
    """Writes detail events; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, titles: str) -> None:
        """titles: `full` keeps prompts' beginnings, `client` and `none` keep none of them."""
        self._sql = sql
        self._places = places
        self._titles = titles

    def add(self, log: LogFile, file: int, event: Event) -> int | None:
        """Store one event; return the key of the session that it belongs to, if any."""
        if isinstance(event, QuotaSeen):
            self._quota(log, event)
            return None
        assert not isinstance(event, tuple) and hasattr(event, "session_id")
        session = self._places.session(log.source, event.session_id)
        if isinstance(event, AgentLaunched):
            self._launch(session, event)
        elif isinstance(event, AgentEnded):
            self._sql.execute(
                "INSERT OR IGNORE INTO ends VALUES (?, ?, ?, ?)",
                (session, clean(event.ref), event.at_ms, clean(event.status)),
            )
        else:
            assert hasattr(event, "agent_id")
            agent = self._places.agent(session, event.session_id, event.agent_id)
            self._of_agent(file, agent, event)
        return session

    def _of_agent(self, file: int, agent: int, event: Event) -> None:
        match event:
            case PromptSeen():
                title = one_line(event.title, TITLE_LENGTH) if self._titles == "full" else None
                self._owned(
                    "prompts",
                    event,
                    file,
                    {
                        "agent": agent,
                        "title": title,
                        "fingerprint": event.fingerprint,
                        "scripted": int(event.scripted),
                        "queued": int(event.queued),
                    },
                )
            case TurnStarted():
                self._owned("turns", event, file, {"agent": agent, "cause": event.cause})
            case TurnEnded():
                self._sql.execute(
                    "UPDATE turns SET ended_ms = ?, how = ? WHERE id = ?"
                    " AND (ended_ms IS NULL OR ended_ms <= ?)",
                    (event.at_ms, event.how, event.turn_id, event.at_ms),
                )
            case ToolCallSeen():
                self._owned(
                    "tool_calls",
                    event,
                    file,
                    {
                        "agent": agent,
                        "request_id": event.request_id,
                        "name": clean(event.name)[:200],
                        "target": _short(event.target),
                        "fingerprint": event.fingerprint,
                        "mcp_server": _short(event.mcp_server),
                        "skill": _short(event.skill),
                    },
                )
            case ToolResultSeen():
                self._sql.execute(
                    "UPDATE tool_calls SET done_ms = ?, ok = ?, denied = ?, interrupted = ?,"
                    " output_bytes = ?, error_fingerprint = ? WHERE id = ?",
                    (
                        event.at_ms,
                        None if event.ok is None else int(event.ok),
                        int(event.denied),
                        int(event.interrupted),
                        event.output_bytes,
                        event.error_fingerprint,
                        event.call_id,
                    ),
                )
            case CompactionSeen():
                self._owned(
                    "compactions",
                    event,
                    file,
                    {
                        "agent": agent,
                        "trigger": _short(event.trigger),
                        "pre_tokens": event.pre_tokens,
                        "post_tokens": event.post_tokens,
                    },
                )
            case EditSeen() | CommitSeen() | FailureSeen():
                self._outcome(file, agent, event)
            case _:
                raise TypeError(f"no table for {type(event).__name__}")

    def _outcome(self, file: int, agent: int, event: EditSeen | CommitSeen | FailureSeen) -> None:
        place = (agent, event.at_ms, file, event.line)
        if isinstance(event, EditSeen):
            self._first(
                "edits",
                ("call_id", "path"),
                file,
                event.line,
                (
                    event.call_id,
                    clean(event.path),
                    *place,
                    event.added,
                    event.removed,
                    int(event.created),
                ),
            )
        elif isinstance(event, CommitSeen):
            self._first(
                "commits",
                ("id", "kind"),
                file,
                event.line,
                (
                    clean(event.id),
                    event.kind,
                    *place,
                    event.call_id,
                    _short(event.cwd),
                    _short(event.branch),
                ),
            )
        else:
            self._first(
                "failures",
                ("id",),
                file,
                event.line,
                (event.id, *place, event.kind, _short(event.status), event.attempt),
            )

    def _owned(
        self,
        table: str,
        event: PromptSeen | TurnStarted | ToolCallSeen | CompactionSeen,
        file: int,
        values: dict[str, object],
    ) -> None:
        """Insert, or move the row to this file if its claim is the better one."""
        claim = self._places.rank(file, is_copy=event.is_copy, line=event.line)
        old = self._sql.execute(
            f"SELECT file, line, is_copy FROM {table} WHERE id = ?", (event.id,)
        ).fetchone()
        row = values | {
            "at_ms": event.at_ms,
            "file": file,
            "line": event.line,
            "is_copy": int(event.is_copy),
        }
        if old is None:
            names = ", ".join(f'"{name}"' for name in ("id", *row))
            marks = ", ".join("?" * (len(row) + 1))
            self._sql.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", (event.id, *row.values())
            )
        elif claim <= self._places.rank(
            old["file"], is_copy=bool(old["is_copy"]), line=old["line"]
        ):
            names = ", ".join(f'"{name}" = ?' for name in row)
            self._sql.execute(f"UPDATE {table} SET {names} WHERE id = ?", (*row.values(), event.id))

    def _first(
        self, table: str, key: tuple[str, ...], file: int, line: int, values: tuple[object, ...]
    ) -> None:
        """Insert, or replace if this file's claim on the same key is the better one."""
        where = " AND ".join(f"{name} = ?" for name in key)
        old = self._sql.execute(
            f"SELECT file, line FROM {table} WHERE {where}", values[: len(key)]
        ).fetchone()
        if old is not None:
            claim = self._places.rank(file, is_copy=False, line=line)
            if claim > self._places.rank(old["file"], is_copy=False, line=old["line"]):
                return
        self._sql.execute(
            f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(values))})", values
        )

    def _launch(self, session: int, event: AgentLaunched) -> None:
        task = _short(event.task) if self._titles == "full" else None
        self._sql.execute(
            "INSERT INTO launches VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (session, tool_use_id) DO UPDATE SET"
            " agent_id = coalesce(excluded.agent_id, agent_id),"
            " name = coalesce(excluded.name, name), task = coalesce(excluded.task, task),"
            " prompt_fingerprint = coalesce(excluded.prompt_fingerprint, prompt_fingerprint),"
            " at_ms = min(excluded.at_ms, at_ms)",
            (
                session,
                clean(event.tool_use_id),
                clean(event.parent_agent_id),
                event.agent_id,
                event.at_ms,
                _short(event.name),
                task,
                event.prompt_fingerprint,
            ),
        )

    def _quota(self, log: LogFile, event: QuotaSeen) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO quotas VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                stored_path(log.root),
                clean(event.limit_id),
                event.window_minutes,
                event.observed_ms,
                log.source,
                event.used_percent,
                event.resets_ms,
                _short(event.plan),
            ),
        )

    def loosen(self, file: int) -> None:
        """Let a file that is read anew from its start place its records again."""
        for table in (
            "prompts",
            "turns",
            "tool_calls",
            "edits",
            "commits",
            "compactions",
            "failures",
        ):
            self._sql.execute(f"UPDATE {table} SET line = ? WHERE file = ?", (2**31, file))


def _short(text: str | None, limit: int = 300) -> str | None:
    return one_line(text, limit) if text else None
