"""Derive the rows of sessions and agents from their files, launches, ends and requests.

Derivation starts from stored facts alone and orders them by rank, so that the order in which files
were read never shows. Facts of many sessions are fetched together, and only what changed is
written.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tokenwatch.model import AgentKind

Row = sqlite3.Row
Values = tuple[object, ...]

_AT_ONCE = 400
_OF_FILE = (
    *("project", "git_branch", "version", "entrypoint", "fork_of"),
    *("context_limit", "context_estimate", "scripted"),
)
_SESSION = ("title", "started_ms", "last_ms", *_OF_FILE)
_AGENT = (
    *("kind", "parent_id", "name", "task", "tool_use_id"),
    *("started_ms", "last_ms", "ended_ms", "end_status"),
)
_WRITE_SESSION = f"UPDATE sessions SET {', '.join(f'{c} = ?' for c in _SESSION)} WHERE key = ?"
_WRITE_AGENT = f"UPDATE agents SET {', '.join(f'{c} = ?' for c in _AGENT)} WHERE key = ?"
_FILES = (
    "SELECT session, agent_id, kind, agent_kind, parent_agent_id, agent_name, agent_task,"
    f" tool_use_id, prompt_fingerprint, client_title, rank, path, first_ms, last_ms,"
    f" {', '.join(_OF_FILE)} FROM files WHERE session IN ({{marks}})"
    " ORDER BY rank IS NULL, rank, first_ms IS NULL, first_ms, path"
)
_AGENTS = (
    f"SELECT a.key, a.session, a.id, {', '.join(f'a.{c}' for c in _AGENT)},"
    " (SELECT min(at_ms) FROM requests WHERE agent = a.key) AS first_request,"
    " (SELECT max(at_ms) FROM requests WHERE agent = a.key) AS last_request,"
    " (SELECT max(at_ms) FROM turns WHERE agent = a.key) AS last_turn,"
    " (SELECT key FROM prompts WHERE agent = a.key ORDER BY at_ms, id LIMIT 1) AS prompt"
    " FROM agents a WHERE a.session IN ({marks})"
)
_PROMPTS = "SELECT key, id, at_ms, title FROM prompts WHERE key IN ({marks})"
_LAUNCHES = "SELECT * FROM launches WHERE session IN ({marks}) ORDER BY at_ms, tool_use_id"
_ENDS = "SELECT * FROM ends WHERE session IN ({marks}) ORDER BY at_ms DESC, status"


def refresh(sql: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Derive these sessions and their agents anew."""
    keys = sorted(set(sessions))
    for start in range(0, len(keys), _AT_ONCE):
        _refresh(sql, keys[start : start + _AT_ONCE])


def _refresh(sql: sqlite3.Connection, keys: Sequence[int]) -> None:
    files, agents, launches, ends = (
        _by_session(_fetch(sql, query, keys)) for query in (_FILES, _AGENTS, _LAUNCHES, _ENDS)
    )
    firsts = [row["prompt"] for rows in agents.values() for row in rows if row["prompt"]]
    prompts = {row["key"]: row for row in _fetch(sql, _PROMPTS, firsts)}
    new_sessions: list[Values] = []
    new_agents: list[Values] = []
    wanted = f"SELECT key, id, {', '.join(_SESSION)} FROM sessions WHERE key IN ({{marks}})"
    for session in _fetch(sql, wanted, keys):
        key = session["key"]
        own = agents[key]
        told = [prompts[row["prompt"]] for row in own if row["prompt"]]
        values = _session(sql, key, files[key], own, told)
        if values != tuple(session)[2:]:
            new_sessions.append((*values, key))
        of = _OfSession(files[key], launches[key], ends[key])
        for agent in own:
            starts = values[_SESSION.index("started_ms")]
            agent_values = of.agent(agent, session["id"], starts)
            if agent_values != tuple(agent)[3 : 3 + len(_AGENT)]:
                new_agents.append((*agent_values, agent["key"]))
    sql.executemany(_WRITE_SESSION, new_sessions)
    sql.executemany(_WRITE_AGENT, new_agents)


def _fetch(sql: sqlite3.Connection, query: str, keys: Sequence[int]) -> list[Row]:
    return sql.execute(query.format(marks=",".join("?" * len(keys))), keys).fetchall()


def _by_session(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["session"]].append(row)
    return grouped


def _session(
    sql: sqlite3.Connection, key: int, files: list[Row], agents: list[Row], prompts: list[Row]
) -> Values:
    logs = [row for row in files if row["kind"] == "log"]
    main = next((row for row in logs if row["agent_kind"] == AgentKind.MAIN), None)
    other = main or (logs[0] if logs else _file_of_requests(sql, key))
    prompt = min(prompts, key=lambda row: (row["at_ms"], row["id"]), default=None)
    asked = None if prompt is None else prompt["at_ms"]
    facts = (None,) * len(_OF_FILE) if other is None else tuple(other[name] for name in _OF_FILE)
    return (
        _client_title(files) or (prompt and prompt["title"]),
        _least([asked, *(row["first_request"] for row in agents)]),
        _most(
            [asked, *(row["last_request"] for row in agents), *(row["last_ms"] for row in files)]
        ),
        *facts[:-1],
        facts[-1] or 0,
    )


def _client_title(files: list[Row]) -> str | None:
    """Return the title that a document beside the log, else the log, has for the session."""
    named = [
        row
        for row in files
        if row["client_title"] is not None and row["agent_kind"] in (None, AgentKind.MAIN)
    ]
    if not named:
        return None
    best = min(
        named,
        key=lambda row: (
            row["kind"] == "log",
            row["rank"] is not None,
            row["rank"],
            isinstance(row["path"], bytes),
            row["path"],
        ),
    )
    return str(best["client_title"])


def _file_of_requests(sql: sqlite3.Connection, session: int) -> Row | None:
    """Return another's file that tells of a session which has none of its own."""
    row: Row | None = sql.execute(
        "SELECT f.* FROM agents a JOIN requests r ON r.agent = a.key JOIN files f"
        " ON f.key = r.file WHERE a.session = ? ORDER BY r.at_ms, r.id LIMIT 1",
        (session,),
    ).fetchone()
    return row


class _OfSession:
    """What a session's files, launches and ends say of its agents."""

    def __init__(self, files: list[Row], launches: list[Row], ends: list[Row]) -> None:
        self._files: dict[str, list[Row]] = defaultdict(list)
        for row in files:
            self._files[row["agent_id"]].append(row)
        self._launches = launches
        self._ends = ends
        self._by_ref: dict[str, int] = {}
        for index, row in enumerate(ends):
            self._by_ref.setdefault(row["ref"], index)

    def agent(self, agent: Row, session_id: str, session_ms: object) -> Values:
        """Return the derived columns of an agent, in the order of _AGENT."""
        files = self._files.get(agent["id"], [])
        launch = self._launch(agent["id"], files)
        tool_use_id: str | None = _first(files, "tool_use_id")
        if tool_use_id is None and launch is not None:
            tool_use_id = launch["tool_use_id"]
        kind = _first(files, "agent_kind") or agent["kind"]
        end = self._end(agent["id"], tool_use_id, kind)
        if agent["id"] == session_id:
            # The file of a fork begins with the times of the session that it was forked from.
            started = session_ms
        else:
            started = _least(
                [agent["first_request"], launch and launch["at_ms"], _first(files, "first_ms")]
            )
        return (
            kind,
            _first(files, "parent_agent_id") or (launch and launch["parent_agent_id"]),
            _first(files, "agent_name") or (launch and launch["name"]),
            _first(files, "agent_task") or (launch and launch["task"]),
            tool_use_id,
            started,
            _most([agent["last_request"], agent["last_turn"], _first(files, "last_ms")]),
            end and end["at_ms"],
            end and end["status"],
        )

    def _launch(self, agent_id: str, files: list[Row]) -> Row | None:
        if not self._launches:
            return None
        tool_use_id = _first(files, "tool_use_id")
        for row in self._launches:
            if row["tool_use_id"] == tool_use_id or row["agent_id"] == agent_id:
                return row
        fingerprint = _first(files, "prompt_fingerprint")
        for row in self._launches if fingerprint else ():
            if row["prompt_fingerprint"] == fingerprint and row["agent_id"] is None:
                return row
        return None

    def _end(self, agent_id: str, tool_use_id: str | None, kind: str) -> Row | None:
        """Return the latest end that is meant for an agent; `*` is meant for all but the main."""
        refs = (agent_id, tool_use_id, None if kind == AgentKind.MAIN else "*")
        found = [self._by_ref[ref] for ref in refs if ref in self._by_ref]
        return self._ends[min(found)] if found else None


def _first(files: Iterable[Row], name: str) -> Any:
    """Return the first of a fact's values that is one, best file first."""
    return next((row[name] for row in files if row[name] is not None), None)


def _present(values: Iterable[object]) -> Iterator[int]:
    return (value for value in values if isinstance(value, int))


def _least(values: Iterable[object]) -> int | None:
    return min(_present(values), default=None)


def _most(values: Iterable[object]) -> int | None:
    return max(_present(values), default=None)
