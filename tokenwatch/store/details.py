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
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.format import clean, one_line
from tokenwatch.found import LogFile
from tokenwatch.store.places import TITLE_LENGTH, Places, stored_path


class Details:
    """Writes detail events; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, titles: str) -> None:
        """titles: `full` keeps prompts' beginnings, `client` and `none` keep none of them."""
        self._sql = sql
        self._places = places
        self._titles = titles

    def add(self, log: LogFile, file: int, event: Event) -> set[int]:
        """Store one event; return the keys of the sessions that it changes."""
        if isinstance(event, QuotaSeen):
            self._quota(log, event)
            return set()
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
            lost = self._of_agent(file, agent, event)
            if lost is not None:
                return {session, self._places.session_of(lost)}
        return {session}

    def _of_agent(self, file: int, agent: int, event: Event) -> int | None:
        """Store one event of an agent; return the agent that it was taken from, if any."""
        match event:
            case PromptSeen():
                title = one_line(event.title, TITLE_LENGTH) if self._titles == "full" else None
                return self._owned(
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
                return self._owned("turns", event, file, {"agent": agent, "cause": event.cause})
            case TurnEnded():
                if self._counts("turns", "end_file", event.turn_id, file):
                    self._sql.execute(
                        "UPDATE turns SET ended_ms = ?, how = ?, end_file = ? WHERE id = ?",
                        (event.at_ms, event.how, file, event.turn_id),
                    )
            case ToolCallSeen():
                return self._owned(
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
                self._result(file, event)
            case CompactionSeen():
                return self._owned(
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
        return None

    def _result(self, file: int, event: ToolResultSeen) -> None:
        if not self._counts("tool_calls", "done_file", event.call_id, file):
            return
        self._sql.execute(
            "UPDATE tool_calls SET done_ms = ?, ok = ?, denied = ?, interrupted = ?,"
            " output_bytes = ?, error_fingerprint = ?, done_file = ? WHERE id = ?",
            (
                event.at_ms,
                None if event.ok is None else int(event.ok),
                int(event.denied),
                int(event.interrupted),
                event.output_bytes,
                event.error_fingerprint,
                file,
                event.call_id,
            ),
        )

    def _counts(self, table: str, column: str, key: str, file: int) -> bool:
        """Tell whether this file's word on a record's end counts more than the one that is known.

        Copies may have times of their own, so the best-ranked file's word counts, in it the last.
        """
        row = self._sql.execute(f"SELECT {column} FROM {table} WHERE id = ?", (key,)).fetchone()
        if row is None or row[0] is None:
            return row is not None
        claims = [self._places.rank(f, is_copy=False, line=0) for f in (file, row[0])]
        return claims[0] <= claims[1]

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
    ) -> int | None:
        """Insert, or move the row to this file if its claim is the better one.

        Returns the agent that had it before.
        """
        claim = self._places.rank(file, is_copy=event.is_copy, line=event.line)
        old = self._sql.execute(
            f"SELECT file, line, is_copy, agent FROM {table} WHERE id = ?", (event.id,)
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
            return int(old["agent"])
        return None

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
        task = _short(event.task, TITLE_LENGTH) if self._titles == "full" else None
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
                clean(event.agent_id) if event.agent_id else None,
                event.at_ms,
                _short(event.name),
                task,
                event.prompt_fingerprint,
            ),
        )

    def _quota(self, log: LogFile, event: QuotaSeen) -> None:
        self._sql.execute(
            "INSERT INTO quotas VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (root, limit_id, window_minutes, observed_ms) DO UPDATE SET"
            " used_percent = excluded.used_percent, resets_ms = excluded.resets_ms,"
            " plan = excluded.plan WHERE excluded.used_percent > used_percent",
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
