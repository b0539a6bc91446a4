"""Batches as a reader would yield them, invented, and a ledger to store them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tokenwatch.events import Batch, Bookmark, Event, FileFacts, RequestSeen
from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind, Basis, Rates, Usage
from tokenwatch.pricing import Priceable, Quote, Unpriced
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.prices import Price
from tokenwatch.store.spend import Filter, by_agent
from tokenwatch.store.writer import Reading, Writer

NOW_MS = 1_795_348_800_000
AT_MS = 1_795_305_600_000
"""2026-11-22 00:00 UTC."""
FLAT = Rates(
    model="m", input=5, output=25, cache_read=1, cache_write_5m=6, cache_write_1h=10,
    web_search=1000, basis=Basis.COMPUTED, origin="flat",
)  # fmt: skip


def flat(wanted: Priceable) -> Rates | Unpriced:
    """Price everything alike, but nothing of the model `free`."""
    return Unpriced(reason="no price") if wanted.model == "free" else FLAT


def asked_each_time(price: Callable[[Priceable], Rates | Unpriced]) -> Price:
    """Return a price list whose answers hold for the very request only."""

    def quote(wanted: Priceable) -> Quote:
        at_ms, context = wanted.at_ms, wanted.context_tokens
        return Quote(
            rates=price(wanted), since_ms=at_ms, until_ms=at_ms + 1, over=context - 1, upto=context
        )

    return quote


def request(id: str = "r1", session: str = "s1", **more: Any) -> RequestSeen:
    """Return a request of a session's main agent."""
    tokens = more.pop("tokens", (1, 2, 3, 4, 5))
    line = more.get("line", 1)
    fields: dict[str, Any] = {
        "agent_id": session,
        "at_ms": AT_MS,
        "line": line,
        "model": "m",
        "usage": Usage(
            input=tokens[0], cache_read=tokens[1], cache_write_5m=tokens[2],
            cache_write_1h=tokens[3], output=tokens[4],
        ),
        "usage_line": line,
        "final": True,
    }  # fmt: skip
    return RequestSeen(id=id, session_id=session, **(fields | more))


class Book:
    """Stores batches of invented files."""

    def __init__(self, folder: Path, price: Any = flat, titles: str = "full") -> None:
        self.ledger = Ledger.open(folder / "ledger.sqlite")
        self.writer = Writer(self.ledger, asked_each_time(price), titles=titles)
        self._marks: dict[tuple[str, Pass], Bookmark] = {}

    def put(
        self,
        path: str,
        events: Iterable[Event] = (),
        *,
        which: Pass = Pass.USAGE,
        source: str = "claude-code",
        from_start: bool = False,
        **facts: Any,
    ) -> int:
        """Store a batch of one file; a session's main file unless the facts say otherwise."""
        before = self._marks.get((path, which))
        offset = (before.offset if before else 0) + 100
        mark = Bookmark(offset=offset, line=offset // 10, head="h", anchor=f"a{offset}")
        log = LogFile(
            source=source, root="/r", path=path, kind="log", size=offset, mtime_ns=0, device=1,
            inode=sum(map(ord, path)),
        )  # fmt: skip
        stem = Path(path).stem
        told: dict[str, Any] = {"session_id": stem, "kind": AgentKind.MAIN, "rank": 0}
        batch = Batch(
            bookmark=mark,
            facts=FileFacts(**(told | {"first_ms": AT_MS} | facts)),
            events=tuple(events),
            from_start=from_start,
        )
        reading = Reading(log=log, which=which, before=before, batch=batch)
        stored = self.writer.apply([reading], NOW_MS)
        if stored:
            self._marks[path, which] = mark
        return stored

    def stale(self, path: str, events: Iterable[Event]) -> int:
        """Store a batch that was read from where another process has been already."""
        marks = dict(self._marks)
        self._marks = {key: replace(mark, offset=0) for key, mark in marks.items()}
        stored = self.put(path, events)
        self._marks = marks
        return stored

    def row(self, id: str = "r1") -> dict[str, Any]:
        """Return a request's row, with its session and file by name."""
        row = self.ledger.sql.execute(
            "SELECT r.*, s.id AS session_id, f.path, g.path AS usage_path, m.name AS model_name,"
            " t.speed"
            " FROM requests r JOIN agents a ON a.key = r.agent JOIN sessions s ON s.key ="
            " a.session JOIN files f ON f.key = r.file JOIN files g ON g.key = r.usage_file"
            " JOIN models m ON m.key = r.model JOIN terms t ON t.key = r.terms WHERE r.id = ?",
            (id,),
        ).fetchone()
        return dict(row)

    def by_session(self) -> dict[str, tuple[int, int, int]]:
        """Return requests, tokens and picodollars of each session, by the rollup."""
        names = {
            row[0]: row[1]
            for row in self.ledger.sql.execute(
                "SELECT a.key, s.id FROM agents a JOIN sessions s ON s.key = a.session"
            )
        }
        return {
            names[key]: (spend.requests, spend.usage.total, spend.cost_pico)
            for key, spend in by_agent(self.ledger, Filter()).items()
        }
