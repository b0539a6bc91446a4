"""Where prompts stand in the logs. Their words are there alone; the ledger keeps a beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger, real_path


class PromptPlace(NamedTuple):
    """One prompt."""

    id: str
    at_ms: int
    path: str
    line: int
    size: int
    """Of the log in bytes, when it was last looked at."""


class Prompted(NamedTuple):
    """A session and the places of its prompts, in the order of time."""

    key: int
    id: str
    source: str
    last_ms: int
    prompts: tuple[PromptPlace, ...]


Behind = tuple[int, int]
"""A session's last activity and its key: where a walk through all of them stands."""

_PLACES = (
    "SELECT a.session, p.id, p.at_ms, f.path, p.line, f.size FROM agents a"
    " JOIN prompts p ON p.agent = a.key JOIN files f ON f.key = p.file"
    " WHERE a.session IN ({marks}) ORDER BY p.at_ms, p.line"
)


def latest_prompted(ledger: Ledger, behind: Behind | None, limit: int) -> list[Prompted]:
    """Return so many sessions, latest activity first, those without a prompt as well.

    behind: the last session of the part before; None for the first part.
    """
    where, values = ("", ()) if behind is None else ("WHERE (last_ms, key) < (?, ?)", behind)
    return _prompted(
        ledger,
        "SELECT key, id, source, last_ms FROM (SELECT key, id, source, coalesce(last_ms, 0) AS"
        f" last_ms FROM sessions) {where} ORDER BY last_ms DESC, key DESC LIMIT {int(limit)}",
        values,
    )


def prompted(ledger: Ledger, key: int) -> Prompted:
    """Return a session with the places of its prompts."""
    sql = "SELECT key, id, source, coalesce(last_ms, 0) FROM sessions WHERE key = ?"
    return _prompted(ledger, sql, (key,))[0]


def _prompted(ledger: Ledger, sql: str, values: tuple[int, ...]) -> list[Prompted]:
    sessions = [tuple(row) for row in ledger.sql.execute(sql, values)]
    keys = [key for key, *_ in sessions]
    places: dict[int, list[PromptPlace]] = {}
    query = _PLACES.format(marks=",".join("?" * len(keys)))
    for session, id_, at_ms, path, line, size in ledger.sql.execute(query, keys):
        place = PromptPlace(id_, at_ms, real_path(path), line, size)
        places.setdefault(session, []).append(place)
    return [
        Prompted(key, id_, source, last_ms, tuple(places.get(key, ())))
        for key, id_, source, last_ms in sessions
    ]


class Begun(NamedTuple):
    """How a prompt begins, as far as the ledger keeps that, and where it stands."""

    id: str
    title: str | None
    source: str
    path: str
    line: int


def begun(ledger: Ledger, ids: Sequence[str]) -> list[Begun]:
    """Return these prompts, in no order; unknown ids are left out."""
    found = []
    for first in range(0, len(ids), 500):
        part = ids[first : first + 500]
        found += [
            Begun(id_, title, source, real_path(path), line)
            for id_, title, source, path, line in ledger.sql.execute(
                "SELECT p.id, p.title, f.source, f.path, p.line FROM prompts p"
                f" JOIN files f ON f.key = p.file WHERE p.id IN ({','.join('?' * len(part))})",
                part,
            )
        ]
    return found
