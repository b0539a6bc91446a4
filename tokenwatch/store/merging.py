"""Merge copies of one request: owner and place by the claim, usage whole of the best record.

What it was made for is what all copies tell together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from tokenwatch.store.places import Places, Rank
from tokenwatch.store.prices import Prices
from tokenwatch.store.request_row import COLUMNS, Request, Row
from tokenwatch.store.rollup import Rollup

UNPLACED = 2**31
"""The line of a record whose file was rewritten and is read anew: any other line is better."""
_AT_ONCE = 400
_UPDATE = f"UPDATE requests SET {', '.join(f'{name} = ?' for name in COLUMNS)} WHERE id = ?"


class Copies:
    """Merges rows with those that the ledger has."""

    def __init__(
        self, sql: sqlite3.Connection, places: Places, prices: Prices, rollup: Rollup
    ) -> None:
        self._sql = sql
        self._places = places
        self._prices = prices
        self._rollup = rollup

    def merge(self, copies: Iterable[Row]) -> dict[int, int]:
        """Merge copies of known requests in; return the agents whose sums may have changed.

        Each with the earliest instant of a request that did.
        """
        by_id: dict[str, list[Request]] = {}
        for row in copies:
            by_id.setdefault(row[0], []).append(Request._make(row))
        touched: dict[int, int] = {}
        for part in _parts(tuple(by_id)):
            rows = self._sql.execute(
                f"SELECT {', '.join(COLUMNS)} FROM requests WHERE id IN ({_marks(part)})", part
            ).fetchall()
            for row in rows:
                old = new = Request._make(row)
                for copy in by_id[old.id]:
                    new = self._merged(new, copy)
                if new != old:
                    self._store(old, self._priced(new))
                    since_ms = min(old.at_ms, new.at_ms)
                    for agent in {old.agent, new.agent}:
                        touched[agent] = min(since_ms, touched.get(agent, since_ms))
        return touched

    def _merged(self, a: Request, b: Request) -> Request:
        owner = a if self._claim(a) <= self._claim(b) else b
        if a.fullness == b.fullness:
            usage = a if self._usage_place(a) <= self._usage_place(b) else b
            # That an answer was cut off may be told by a record further down.
            usage = usage._replace(lower_bound=max(a.lower_bound, b.lower_bound))
        else:
            usage = a if a.fullness > b.fullness else b
        if a.agent != b.agent:
            self._inherits(owner.agent, (b if owner is a else a).agent)
        return usage._replace(
            agent=owner.agent,
            at_ms=owner.at_ms,
            file=owner.file,
            line=owner.line,
            is_copy=owner.is_copy,
            turn_id=owner.turn_id,
            attribution=self._places.merged_attribution(a.attribution, b.attribution),
        )

    def _inherits(self, owner: int, other: int) -> None:
        """Note that the other agent's session holds a copy of a request it does not own."""
        session = self._places.session_of(other)
        if session != self._places.session_of(owner):
            self._sql.execute("UPDATE sessions SET inherits = 1 WHERE key = ?", (session,))

    def _claim(self, request: Request) -> Rank:
        return self._places.rank(request.file, is_copy=bool(request.is_copy), line=request.line)

    def _usage_place(self, request: Request) -> Rank:
        """Order equal records of one answer: the better-ranked file's earlier line first."""
        return self._places.rank(request.usage_file, is_copy=False, line=request.usage_line)

    def _priced(self, request: Request) -> Request:
        usage = request.usage
        terms = self._places.terms_of(request.terms)
        offer = self._prices.offer(
            self._places.source_of(request.agent),
            (self._places.model_name(request.model), *terms),
            request.at_ms,
            usage.context,
        )
        price, cost = self._prices.cost(offer, usage, request.web_searches)
        return request._replace(price=price, cost_pico=cost)

    def _store(self, old: Request, new: Request) -> None:
        self._sql.execute(_UPDATE, (*new, new.id))
        self._rollup.add([new])
        self._rollup.add([old], -1)

    def reprice(self) -> int:
        """Price every request again; return how many changed."""
        changed = last = 0
        while rows := self._sql.execute(
            f"SELECT key, {', '.join(COLUMNS)} FROM requests WHERE key > ? ORDER BY key LIMIT 2000",
            (last,),
        ).fetchall():
            last = rows[-1][0]
            for row in rows:
                old = Request(*tuple(row)[1:])
                new = self._priced(old)
                if new != old:
                    self._store(old, new)
                    changed += 1
        return changed


def _parts(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield tuple(ids[start : start + _AT_ONCE])


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
