"""Derive the rows of sessions and agents from their files, launches, ends and requests.

Derivation starts from stored facts alone and orders them by rank, so that the order in which files
were read never shows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokenwatch.events import FileFacts
from tokenwatch.format import clean, one_line
from tokenwatch.model import AgentKind
from tokenwatch.store.places import TITLE_LENGTH, Places

_BY_RANK = "ORDER BY rank IS NULL, rank, first_ms IS NULL, first_ms, path"


def store_facts(
    sql: sqlite3.Connection, places: Places, source: str, file: int, facts: FileFacts, titles: str
) -> set[int]:
    """Add what a batch learnt of its file; return the keys of the sessions that it tells of."""
    before = sql.execute("SELECT session FROM files WHERE key = ?", (file,)).fetchone()[0]
    sessions = set() if before is None else {int(before)}
    session = None
    if facts.session_id is not None:
        session = places.session(source, facts.session_id)
        sessions.add(session)
        places.agent(session, facts.session_id, facts.agent_id or facts.session_id)
    values: dict[str, object] = {
        "session": session,
        "agent_id": _clean(facts.agent_id or (facts.kind and facts.session_id)),
        "agent_kind": None if facts.kind is None else facts.kind.value,
        "parent_agent_id": _clean(facts.parent_agent_id),
        "rank": facts.rank,
        "cwd": _clean(facts.cwd),
        "project": _clean(facts.project),
        "git_branch": _clean(facts.git_branch),
        "version": _clean(facts.version),
        "entrypoint": _clean(facts.entrypoint),
        "scripted": None if facts.scripted is None else int(facts.scripted),
        "client_title": _clean(facts.client_title, TITLE_LENGTH) if titles != "none" else None,
        "agent_name": _clean(facts.agent_name, 80),
        "agent_task": _clean(facts.agent_task, TITLE_LENGTH) if titles == "full" else None,
        "tool_use_id": _clean(facts.tool_use_id),
        "prompt_fingerprint": facts.prompt_fingerprint,
        "fork_of": _clean(facts.fork_of),
        "context_limit": facts.context_limit,
        "context_estimate": facts.context_estimate,
        "first_ms": facts.first_ms,
    }
    values = {name: value for name, value in values.items() if value is not None}
    if facts.last_ms is not None:
        sql.execute(
            "UPDATE files SET last_ms = max(coalesce(last_ms, 0), ?) WHERE key = ?",
            (facts.last_ms, file),
        )
    if values:
        names = ", ".join(f"{name} = ?" for name in values)
        sql.execute(f"UPDATE files SET {names} WHERE key = ?", (*values.values(), file))
        places.forget_ranks()
    return sessions


def refresh(sql: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Derive these sessions and their agents anew."""
    for session in sorted(set(sessions)):
        _session(sql, session)
        of = sql.execute("SELECT * FROM sessions WHERE key = ?", (session,)).fetchone()
        for agent in sql.execute(
            "SELECT key, id, kind FROM agents WHERE session = ?", (session,)
        ).fetchall():
            _agent(sql, of, agent)


def _session(sql: sqlite3.Connection, session: int) -> None:
    main = sql.execute(
        "SELECT * FROM files WHERE session = ? AND agent_kind = 'main' AND kind = 'log' "
        + _BY_RANK
        + " LIMIT 1",
        (session,),
    ).fetchone()
    named = sql.execute(
        "SELECT client_title FROM files WHERE session = ? AND client_title IS NOT NULL"
        " AND coalesce(agent_kind, 'main') = 'main' ORDER BY kind = 'log', rank, path LIMIT 1",
        (session,),
    ).fetchone()
    first = sql.execute(
        "SELECT min(p.at_ms) AS at_ms, p.title, p.scripted FROM prompts p"
        " JOIN agents a ON a.key = p.agent WHERE a.session = ?",
        (session,),
    ).fetchone()
    seen = sql.execute(
        "SELECT min(r.at_ms) AS first, max(r.at_ms) AS last FROM agents a"
        " JOIN requests r ON r.agent = a.key WHERE a.session = ?",
        (session,),
    ).fetchone()
    last = sql.execute(
        "SELECT max(last_ms) AS last FROM files WHERE session = ?", (session,)
    ).fetchone()
    other = main or _any_file(sql, session)
    facts = {
        name: None if other is None else other[name]
        for name in (
            "project",
            "git_branch",
            "version",
            "entrypoint",
            "fork_of",
            "context_limit",
            "context_estimate",
            "scripted",
        )
    }
    starts = [v for v in (first["at_ms"], seen["first"]) if v is not None]
    ends = [v for v in (first["at_ms"], seen["last"], last["last"]) if v is not None]
    sql.execute(
        "UPDATE sessions SET title = ?, project = ?, git_branch = ?, version = ?, entrypoint = ?,"
        " scripted = ?, fork_of = ?, started_ms = ?, last_ms = ?, context_limit = ?,"
        " context_estimate = ? WHERE key = ?",
        (
            (named and named["client_title"]) or first["title"],
            facts["project"],
            facts["git_branch"],
            facts["version"],
            facts["entrypoint"],
            facts["scripted"] or 0,
            facts["fork_of"],
            min(starts, default=None),
            max(ends, default=None),
            facts["context_limit"],
            facts["context_estimate"],
            session,
        ),
    )


def _any_file(sql: sqlite3.Connection, session: int) -> sqlite3.Row | None:
    """Return a file that tells of a session without a main file: a subagent's, or another's."""
    row: sqlite3.Row | None = sql.execute(
        f"SELECT * FROM files WHERE session = ? AND kind = 'log' {_BY_RANK} LIMIT 1", (session,)
    ).fetchone()
    if row is None:
        row = sql.execute(
            "SELECT f.* FROM agents a JOIN requests r ON r.agent = a.key JOIN files f"
            " ON f.key = r.file WHERE a.session = ? ORDER BY r.at_ms, r.id LIMIT 1",
            (session,),
        ).fetchone()
    return row


def _agent(sql: sqlite3.Connection, of: sqlite3.Row, agent: sqlite3.Row) -> None:
    session = of["key"]
    facts = _agent_facts(sql, session, agent["id"])
    launch = _launch(sql, session, agent["id"], facts)
    tool_use_id = facts.get("tool_use_id") or (launch and launch["tool_use_id"])
    spans = sql.execute(
        "SELECT (SELECT min(at_ms) FROM requests WHERE agent = :k) AS first,"
        " (SELECT max(at_ms) FROM requests WHERE agent = :k) AS last,"
        " (SELECT max(at_ms) FROM turns WHERE agent = :k) AS turn",
        {"k": agent["key"]},
    ).fetchone()
    end = sql.execute(
        "SELECT at_ms, status FROM ends WHERE session = ? AND ref IN (?, ?, ?)"
        " ORDER BY at_ms DESC, status LIMIT 1",
        (
            session,
            agent["id"],
            tool_use_id or agent["id"],
            agent["id"] if agent["kind"] == AgentKind.MAIN else "*",
        ),
    ).fetchone()
    starts = [spans["first"], launch and launch["at_ms"], facts.get("first_ms")]
    if agent["id"] == of["id"]:
        # The file of a fork begins with the times of the session that it was forked from.
        starts = [of["started_ms"]]
    lasts = [spans["last"], spans["turn"], facts.get("last_ms")]
    sql.execute(
        "UPDATE agents SET kind = coalesce(?, kind), parent_id = ?, name = ?, task = ?,"
        " tool_use_id = ?, started_ms = ?, last_ms = ?, ended_ms = ?, end_status = ? WHERE key = ?",
        (
            facts.get("agent_kind"),
            facts.get("parent_agent_id") or (launch and launch["parent_agent_id"]),
            facts.get("agent_name") or (launch and launch["name"]),
            facts.get("agent_task") or (launch and launch["task"]),
            tool_use_id,
            min((v for v in starts if isinstance(v, int)), default=None),
            max((v for v in lasts if isinstance(v, int)), default=None),
            end and end["at_ms"],
            end and end["status"],
            agent["key"],
        ),
    )


def _agent_facts(sql: sqlite3.Connection, session: int, agent_id: str) -> dict[str, object]:
    """Return the first non-null of each fact over the agent's files, best file first."""
    facts: dict[str, object] = {}
    for row in sql.execute(
        "SELECT agent_kind, parent_agent_id, agent_name, agent_task, tool_use_id,"
        " prompt_fingerprint, first_ms, last_ms FROM files"
        f" WHERE session = ? AND agent_id = ? {_BY_RANK}",
        (session, agent_id),
    ):
        for name in row.keys():  # noqa: SIM118 - a Row's iteration yields values
            if row[name] is not None:
                facts.setdefault(name, row[name])
    return facts


def _launch(
    sql: sqlite3.Connection, session: int, agent_id: str, facts: dict[str, object]
) -> sqlite3.Row | None:
    row: sqlite3.Row | None = sql.execute(
        "SELECT * FROM launches WHERE session = ? AND (tool_use_id = ? OR agent_id = ?)"
        " ORDER BY at_ms, tool_use_id LIMIT 1",
        (session, facts.get("tool_use_id"), agent_id),
    ).fetchone()
    if row is None and facts.get("prompt_fingerprint"):
        row = sql.execute(
            "SELECT * FROM launches WHERE session = ? AND prompt_fingerprint = ?"
            " AND agent_id IS NULL ORDER BY at_ms, tool_use_id LIMIT 1",
            (session, facts["prompt_fingerprint"]),
        ).fetchone()
    return row


def _clean(text: str | None, limit: int = 4096) -> str | None:
    return one_line(text, limit) if text and limit < 4096 else (clean(text) if text else None)
