"""Which request made a tool call: the one that the call names, or else one beside it in its file.

Codex writes what an answer used behind its calls; where an old version's log has it ahead of
them, its reader names the request. Claude Code writes it ahead.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from sqlite3 import Row
from typing import Generic, TypeVar

from tokenwatch.store.ledger import Ledger

T = TypeVar("T")

_BEFORE_MS, _AFTER_MS = 60_000, 900_000
"""How far from a request, which has the time of its answer, a call that names it may lie."""
_TOOLS = (
    "SELECT c.at_ms, c.line, c.id, t.name, c.target FROM tool_calls c"
    " JOIN tools t ON t.key = c.tool WHERE c.agent = ?"
)
_NAMED = " AND c.at_ms >= ? AND c.at_ms < ? AND c.request_id = ?"
_BETWEEN = (
    " AND c.at_ms >= ? AND c.at_ms <= ? AND c.request_id = '' AND c.file = ?"
    " AND c.line > ? AND c.line < ?"
)
_PREVIOUS = (
    "SELECT at_ms, line FROM requests WHERE agent = ? AND at_ms <= ? AND file = ? AND line < ?"
    " ORDER BY at_ms DESC, line DESC LIMIT 1"
)


class Callers(Generic[T]):
    """The requests of one session, to be found by the lines of their calls."""

    def __init__(self, source: str, requests: Iterable[tuple[int, int, int, T]]) -> None:
        """requests: agent, file and line of each, and what `of` is to return for it."""
        self._behind = _is_behind(source)
        found: dict[tuple[int, int], list[tuple[int, T]]] = defaultdict(list)
        for agent, file, line, request in requests:
            found[agent, file].append((line, request))
        self._spots: dict[tuple[int, int], tuple[list[int], list[T]]] = {}
        """By agent and file: lines of requests, rising, and the requests."""
        for place, spots in found.items():
            spots.sort(key=itemgetter(0))
            self._spots[place] = [line for line, _ in spots], [request for _, request in spots]

    def of(self, agent: int, file: int, line: int) -> T | None:
        """Return the request that made a call which names none."""
        lines, requests = self._spots.get((agent, file), ((), ()))
        at = bisect_left(lines, line) if self._behind else bisect_right(lines, line) - 1
        return requests[at] if 0 <= at < len(requests) else None


def tools(ledger: Ledger, source: str, request: Row) -> list[tuple[str, str]]:
    """Return name and target of each call that a row of `requests` made, in the order of time."""
    agent, at_ms, file, line = (request[name] for name in ("agent", "at_ms", "file", "line"))
    named = (agent, at_ms - _BEFORE_MS, at_ms + _AFTER_MS, request["id"])
    found = ledger.sql.execute(_TOOLS + _NAMED, named).fetchall()
    if _is_behind(source):
        before = ledger.sql.execute(_PREVIOUS, (agent, at_ms, file, line)).fetchone()
        since_ms, above = before if before is not None else (0, 0)
        between = (agent, since_ms, at_ms, file, above, line)
        found += ledger.sql.execute(_TOOLS + _BETWEEN, between).fetchall()
    return [(name, target) for *_, name, target in sorted(map(tuple, found))]


def _is_behind(source: str) -> bool:
    """Tell that calls which name no request are above it."""
    return source == "codex"
