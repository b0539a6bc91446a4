"""What a session's requests were for: the tools they called, and what the client says of them."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.store.callers import Callers
from tokenwatch.store.ledger import Ledger


class Asked(NamedTuple):
    """A request, and what the client says that it was made for; "" where it does not say."""

    id: str
    tokens: int
    output: int
    cost_pico: int | None
    agent_kind: str
    agent_name: str
    """The agent's type or nickname; "" where none is known."""
    agent: str
    """The type that the client says."""
    skill: str
    plugin: str
    mcp_server: str


class Call(NamedTuple):
    """A use of a tool."""

    request: str | None
    """The request that asked for it; None where that is not known, or another session's."""
    tool: str
    mcp_server: str
    skill: str
    failed: bool


def requests(ledger: Ledger, session: int) -> list[Asked]:
    """Return the session's requests in the order of time."""
    return [
        Asked(*row)
        for row in ledger.sql.execute(
            "SELECT r.id, r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output,"
            " r.output, r.cost_pico, a.kind, coalesce(a.name, ''), x.agent, x.skill, x.plugin,"
            " x.mcp_server FROM agents a JOIN requests r ON r.agent = a.key"
            " JOIN attributions x ON x.key = r.attribution WHERE a.session = ?"
            " ORDER BY r.at_ms, r.id",
            (session,),
        )
    ]


def calls(ledger: Ledger, session: int) -> list[Call]:
    """Return the session's calls in the order of time."""
    source = ledger.sql.execute("SELECT source FROM sessions WHERE key = ?", (session,)).fetchone()
    requests = ledger.sql.execute(
        "SELECT r.agent, r.file, r.line, r.id FROM agents a JOIN requests r ON r.agent = a.key"
        " WHERE a.session = ?",
        (session,),
    ).fetchall()
    known = {row["id"] for row in requests}
    callers: Callers[str] = Callers(source[0], map(tuple, requests))
    return [
        Call(
            request=(row["request_id"] if row["request_id"] in known else None)
            if row["request_id"]
            else callers.of(row["agent"], row["file"], row["line"]),
            tool=row["name"],
            mcp_server=row["mcp_server"],
            skill=row["skill"],
            failed=row["ok"] == 0,
        )
        for row in ledger.sql.execute(
            "SELECT c.agent, c.file, c.line, c.request_id, c.ok, t.name, t.mcp_server, t.skill"
            " FROM agents a JOIN tool_calls c ON c.agent = a.key JOIN tools t ON t.key = c.tool"
            " WHERE a.session = ? ORDER BY c.at_ms, c.id",
            (session,),
        )
    ]
