"""Derive the rows of sessions and agents from their files, launches, ends and requests.

Derivation starts from stored facts alone and orders them by rank, so that the order in which files
were read never shows. Facts of many sessions are fetched together, and only what changed is
written.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from tokenwatch.model import AgentKind
from tokenwatch.store.places import FAR_MS

Values = tuple[object, ...]

_AT_ONCE = 400


class _File(NamedTuple):
    """What is used of a file's row."""

    session: int
    agent_id: str | None
    kind: str
    agent_kind: str | None
    parent_agent_id: str | None
    agent_name: str | None
    agent_task: str | None
    tool_use_id: str | None
    prompt_fingerprint: str | None
    client_title: str | None
    rank: int | None
    path: str | bytes
    first_ms: int | None
    last_ms: int | None
    project: str | None
    git_branch: str | None
    version: str | None
    entrypoint: str | None
    fork_of: str | None
    context_limit: int | None
    context_estimate: int | None
    scripted: int | None


class _Agent(NamedTuple):
    """An agent's row as it was derived before, and the times of its records."""

    session: int
    key: int
    id: str
    derived: Values
    first_request: int | None
    last_request: int | None
    last_turn: int | None


class _Launch(NamedTuple):
    """A row of `launches`."""

    session: int | None
    tool_use_id: str | None
    parent_agent_id: str | None
    agent_id: str | None
    at_ms: int | None
    name: str | None
    task: str | None
    prompt_fingerprint: str | None


class _End(NamedTuple):
    """A row of `ends`."""

    session: int
    ref: str
    at_ms: int
    status: str


_NO_LAUNCH = _Launch(*[None] * 8)
_OF_FILE = _File._fields[_File._fields.index("project") :]
_SESSION = (*_OF_FILE, "title", "started_ms", "last_ms")
_AGENT = (
    *("kind", "parent_id", "name", "task", "tool_use_id"),
    *("started_ms", "last_ms", "ended_ms", "end_status"),
)
_STARTED, _LAST = _AGENT.index("started_ms"), _AGENT.index("last_ms")
_WRITE_SESSION = f"UPDATE sessions SET {', '.join(f'{c} = ?' for c in _SESSION)} WHERE key = ?"
_WRITE_AGENT = f"UPDATE agents SET {', '.join(f'{c} = ?' for c in _AGENT)} WHERE key = ?"
_SESSIONS = f"SELECT key, id, {', '.join(_SESSION)} FROM sessions WHERE key IN ({{marks}})"
_FILES = (
    f"SELECT {', '.join(_File._fields)} FROM files WHERE session IN ({{marks}})"
    " ORDER BY rank IS NULL, rank, first_ms IS NULL, first_ms, path"
)
_AGENTS = (
    f"SELECT a.session, a.key, a.id, {', '.join(_AGENT)},"
    " (SELECT min(at_ms) FROM requests WHERE agent = a.key),"
    " (SELECT max(at_ms) FROM requests WHERE agent = a.key),"
    " (SELECT max(at_ms) FROM turns WHERE agent = a.key)"
    " FROM agents a WHERE a.session IN ({marks})"
)
_PROMPTS = (
    "SELECT a.session, p.at_ms, p.id, p.title FROM agents a JOIN prompts p ON p.key ="
    " (SELECT key FROM prompts WHERE agent = a.key ORDER BY at_ms, id LIMIT 1)"
    " WHERE a.session IN ({marks})"
)
_LAUNCHES = (
    f"SELECT {', '.join(_Launch._fields)} FROM launches WHERE session IN ({{marks}})"
    " ORDER BY at_ms, tool_use_id"
)
_ENDS = (
    f"SELECT {', '.join(_End._fields)} FROM ends WHERE session IN ({{marks}})"
    " ORDER BY at_ms DESC, status"
)


def refresh(sql: sqlite3.Connection, sessions: Iterable[int]) -> dict[int, int]:
    """Derive these sessions and their agents anew.

    Returns those whose agents turned out to be others than was known, in more than their latest
    record: since when (ms) by the session's key.
    """
    keys = sorted(set(sessions))
    others: dict[int, int] = {}
    for start in range(0, len(keys), _AT_ONCE):
        others |= _refresh(sql, keys[start : start + _AT_ONCE])
    return others


def _refresh(sql: sqlite3.Connection, keys: Sequence[int]) -> dict[int, int]:
    files = _by_session(_File._make(row) for row in _fetch(sql, _FILES, keys))
    agents = _by_session(_agent(row) for row in _fetch(sql, _AGENTS, keys))
    prompts, launches, ends = (
        _by_session(_fetch(sql, query, keys)) for query in (_PROMPTS, _LAUNCHES, _ENDS)
    )
    sessions: list[Values] = []
    derived: list[Values] = []
    others: dict[int, int] = {}
    for key, session_id, *before in _fetch(sql, _SESSIONS, keys):
        own = agents[key]
        values = _session(sql, key, files[key], own, min(prompts[key], default=None))
        if values != tuple(before):
            sessions.append((*values, key))
        of = _OfSession(files[key], launches[key], ends[key])
        for agent in own:
            is_main = agent.id == session_id
            # The file of a fork begins with the times of the session that it was forked from.
            now = of.agent(agent, values[-2] if is_main else None, is_main=is_main)
            if now != agent.derived:
                derived.append((*now, agent.key))
                if _is_other(now, agent.derived):
                    began = now[_STARTED]
                    others[key] = min(others.get(key, FAR_MS), began if type(began) is int else 0)
    sql.executemany(_WRITE_SESSION, sessions)
    sql.executemany(_WRITE_AGENT, derived)
    return others


def _is_other(now: Values, before: Values) -> bool:
    """Tell whether more of an agent changed than when it was last heard of."""
    return now[:_LAST] + now[_LAST + 1 :] != before[:_LAST] + before[_LAST + 1 :]


def _agent(row: tuple[Any, ...]) -> _Agent:
    session, key, agent_id, *derived = row[: 3 + len(_AGENT)]
    first, last, turn = row[3 + len(_AGENT) :]
    return _Agent(session, key, agent_id, tuple(derived), first, last, turn)


def _fetch(sql: sqlite3.Connection, query: str, keys: Sequence[int]) -> list[Any]:
    cursor = sql.cursor()
    cursor.row_factory = None
    return cursor.execute(query.format(marks=",".join("?" * len(keys))), keys).fetchall()


_Grouped = TypeVar("_Grouped", bound=Sequence[Any])


def _by_session(rows: Iterable[_Grouped]) -> defaultdict[int, list[_Grouped]]:
    """Group rows by their first column."""
    grouped: defaultdict[int, list[_Grouped]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return grouped


def _session(
    sql: sqlite3.Connection,
    key: int,
    files: list[_File],
    agents: list[_Agent],
    prompt: tuple[int, int, str, str | None] | None,
) -> Values:
    """Return the derived columns of a session, in the order of _SESSION."""
    logs = [file for file in files if file.kind == "log"]
    main = next((file for file in logs if file.agent_kind == "main"), None)
    other = main or (logs[0] if logs else _file_of_requests(sql, key))
    facts = (None,) * len(_OF_FILE) if other is None else other[-len(_OF_FILE) :]
    _, asked, _, title = prompt or (key, None, "", None)
    return (
        *facts[:-1],
        facts[-1] or 0,
        _client_title(files) or title,
        _least([asked, *(agent.first_request for agent in agents)]),
        _most([asked, *(agent.last_request for agent in agents), *(f.last_ms for f in files)]),
    )


def _client_title(files: list[_File]) -> str | None:
    """Return the title that a document beside the log, else the log, has for the session."""
    named = [f for f in files if f.client_title is not None and f.agent_kind in (None, "main")]
    if not named:
        return None
    best = min(
        named,
        key=lambda f: (
            f.kind == "log",
            (f.rank is not None, f.rank),
            (isinstance(f.path, bytes), f.path),
        ),
    )
    return best.client_title


def _file_of_requests(sql: sqlite3.Connection, session: int) -> _File | None:
    """Return another's file that tells of a session which has none of its own."""
    row = sql.execute(
        f"SELECT {', '.join(f'f.{name}' for name in _File._fields)} FROM agents a"
        " JOIN requests r ON r.agent = a.key JOIN files f ON f.key = r.file"
        " WHERE a.session = ? ORDER BY r.at_ms, r.id LIMIT 1",
        (session,),
    ).fetchone()
    return None if row is None else _File._make(row)


class _OfSession:
    """What a session's files, launches and ends say of its agents."""

    def __init__(self, files: list[_File], launches: list[Any], ends: list[Any]) -> None:
        self._files: dict[str | None, list[_File]] = defaultdict(list)
        for file in files:
            self._files[file.agent_id].append(file)
        self._launches = [_Launch._make(row) for row in launches]
        self._ends = [_End._make(row) for row in ends]
        self._by_ref: dict[str, int] = {}
        for index, end in enumerate(self._ends):
            self._by_ref.setdefault(end.ref, index)

    def agent(self, agent: _Agent, started_ms: object, *, is_main: bool) -> Values:
        """Return the derived columns of an agent, in the order of _AGENT.

        started_ms: of the session, for its main agent.
        """
        files = self._files.get(agent.id, [])
        launch = self._launch(agent.id, files) or _NO_LAUNCH
        tool_use_id = _first(files, "tool_use_id") or launch.tool_use_id
        kind = str(_first(files, "agent_kind") or agent.derived[0])
        end = self._end(agent.id, tool_use_id, kind)
        if not is_main:
            started_ms = _least([agent.first_request, launch.at_ms, _first(files, "first_ms")])
        return (
            kind,
            _first(files, "parent_agent_id") or launch.parent_agent_id,
            _first(files, "agent_name") or launch.name,
            _first(files, "agent_task") or launch.task,
            tool_use_id,
            started_ms,
            _most([agent.last_request, agent.last_turn, _first(files, "last_ms")]),
            None if end is None else end.at_ms,
            None if end is None else end.status,
        )

    def _launch(self, agent_id: str, files: list[_File]) -> _Launch | None:
        if not self._launches:
            return None
        tool_use_id = _first(files, "tool_use_id")
        for launch in self._launches:
            if launch.tool_use_id == tool_use_id or launch.agent_id == agent_id:
                return launch
        fingerprint = _first(files, "prompt_fingerprint")
        for launch in self._launches if fingerprint else ():
            if launch.prompt_fingerprint == fingerprint and launch.agent_id is None:
                return launch
        return None

    def _end(self, agent_id: str, tool_use_id: str | None, kind: str) -> _End | None:
        """Return the latest end that is meant for an agent; `*` is meant for all but the main."""
        refs = (agent_id, tool_use_id, None if kind == AgentKind.MAIN else "*")
        found = [self._by_ref[ref] for ref in refs if ref in self._by_ref]
        return self._ends[min(found)] if found else None


def _first(files: Iterable[_File], name: str) -> Any:
    """Return the first of a fact's values that is one, best file first."""
    for file in files:
        value = getattr(file, name)
        if value is not None:
            return value
    return None


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
