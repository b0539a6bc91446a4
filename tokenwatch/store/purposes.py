"""What a session's requests were for: the tools they called, and what the client says of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import NamedTuple

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


class _Spot(NamedTuple):
    """Where in a file an agent's requests are: their lines, rising, and their ids."""

    lines: list[int]
    ids: list[str]


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
    """Return the session's calls in the order of time.

    A log that does not name a call's request tells it by the order of its lines: Codex writes
    what an answer cost behind its calls, Claude Code ahead of them.
    """
    source = ledger.sql.execute("SELECT source FROM sessions WHERE key = ?", (session,)).fetchone()
    spots, known = _spots(ledger, session)
    return [
        Call(
            request=_request_of(row, spots, known, behind=source[0] == "codex"),
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


def _spots(ledger: Ledger, session: int) -> tuple[dict[tuple[int, int], _Spot], set[str]]:
    spots: dict[tuple[int, int], _Spot] = {}
    known = set()
    for row in ledger.sql.execute(
        "SELECT r.id, r.agent, r.file, r.line FROM agents a JOIN requests r ON r.agent = a.key"
        " WHERE a.session = ? ORDER BY r.line",
        (session,),
    ):
        spot = spots.setdefault((row["agent"], row["file"]), _Spot([], []))
        spot.lines.append(row["line"])
        spot.ids.append(row["id"])
        known.add(row["id"])
    return spots, known


def _request_of(
    row: Mapping[str, object],
    spots: Mapping[tuple[int, int], _Spot],
    known: set[str],
    *,
    behind: bool,
) -> str | None:
    named = str(row["request_id"])
    if named:
        return named if named in known else None
    agent, file, line = row["agent"], row["file"], row["line"]
    assert isinstance(agent, int) and isinstance(file, int) and isinstance(line, int)
    spot = spots.get((agent, file))
    if spot is None:
        return None
    at = bisect_left(spot.lines, line) if behind else bisect_right(spot.lines, line) - 1
    return spot.ids[at] if 0 <= at < len(spot.ids) else None
