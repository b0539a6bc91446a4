"""Put requests into the ledger, priced: one row each, however many logs hold a copy.

A request that the ledger has not seen, which nearly all are, is one row of a long INSERT. Only
those that it has (`merging`) are compared with what is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from tokenwatch.events import Event, RequestSeen
from tokenwatch.store.merging import UNPLACED, Copies
from tokenwatch.store.places import Places
from tokenwatch.store.prices import Price, Prices
from tokenwatch.store.request_row import COLUMNS, Row
from tokenwatch.store.rollup import Rollup

_INSERT = (
    f"INSERT INTO requests ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    " ON CONFLICT (id) DO NOTHING"
)
_IDS = "SELECT id FROM requests WHERE key > ?"


class Requests:
    """Writes requests; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, price: Price) -> None:
        self._sql = sql
        self._places = places
        self._prices = Prices(places, price)
        self._rollup = Rollup(sql, places)
        self._copies = Copies(sql, places, self._prices, self._rollup)
        self._rows: list[Row] = []

    def add(self, source: str, file: int, events: Iterable[Event]) -> list[Event]:
        """Take the requests among the events of one file; return the other events."""
        others: list[Event] = []
        add = self._rows.append
        known = self._prices.known(source)
        session_id = agent_id = None
        agent = 0
        for seen in events:
            if type(seen) is not RequestSeen:
                others.append(seen)
                continue
            if seen.agent_id != agent_id or seen.session_id != session_id:
                session_id, agent_id = seen.session_id, seen.agent_id
                session = self._places.session(source, session_id)
                agent = self._places.agent(session, session_id, agent_id)
            at_ms, searches = seen.at_ms, seen.web_searches
            sent, read, write_5m, write_1h, output, reasoning = usage = seen.usage
            context = sent + read + write_5m + write_1h
            wanted = (seen.model, seen.speed, seen.service_tier, seen.geo, seen.estimated)
            for offer in known.get(wanted, ()):
                # As `Offer.holds` has it.
                if offer.since_ms <= at_ms < offer.until_ms and offer.over < context <= offer.upto:
                    break
            else:
                offer = self._prices.offer(source, wanted, at_ms, context)
            if offer.rates is None or searches:
                price, cost = self._prices.cost(offer, usage, searches)
            else:
                of_input, of_read, of_5m, of_1h, of_output = offer.rates
                price = offer.price
                cost = (
                    sent * of_input
                    + read * of_read
                    + write_5m * of_5m
                    + write_1h * of_1h
                    + output * of_output
                )
            add(
                (
                    seen.id,
                    agent,
                    at_ms,
                    offer.model,
                    offer.terms,
                    file,
                    seen.line,
                    1 if seen.is_copy else 0,
                    file,
                    seen.usage_line,
                    1 if seen.final else 0,
                    1 if seen.lower_bound else 0,
                    sent,
                    read,
                    write_5m,
                    write_1h,
                    output,
                    reasoning,
                    searches,
                    seen.turn_id or "",
                    price,
                    cost,
                    0 if seen.attribution is None else self._places.attribution(seen.attribution),
                )
            )
        return others

    def flush(self) -> dict[int, int]:
        """Write what was taken and the sums; return the agents whose sums may have changed.

        Each with the earliest instant of a request that did. The rows of the files that it is from
        must be written: they decide between copies.
        """
        rows, self._rows = self._rows, []
        touched: dict[int, int] = {}
        if rows:
            last = self._sql.execute("SELECT max(key) FROM requests").fetchone()[0] or 0
            if self._sql.executemany(_INSERT, rows).rowcount < len(rows):
                rows, copies = self._divided(rows, last)
                self._rollup.add(rows)
                touched = self._copies.merge(copies)
            else:
                self._rollup.add(rows)
            for _, agent, at_ms, *_ in rows:
                touched[agent] = min(at_ms, touched.get(agent, at_ms))
        self._rollup.flush()
        return touched

    def _divided(self, rows: Sequence[Row], last: int) -> tuple[list[Row], list[Row]]:
        """Tell the rows that were inserted behind a key from those whose ids were known."""
        new = {row[0] for row in self._sql.execute(_IDS, (last,))}
        inserted, copies = [], []
        for row in rows:
            if row[0] in new:
                new.remove(row[0])
                inserted.append(row)
            else:
                copies.append(row)
        return inserted, copies

    def discard(self) -> None:
        """Forget what was taken: the transaction was rolled back."""
        self._rows.clear()
        self._rollup.discard()
        self._prices.forget()

    def loosen(self, file: int) -> None:
        """Let a file that is read anew from its start place its records again."""
        self._sql.execute("UPDATE requests SET line = ? WHERE file = ?", (UNPLACED, file))
        self._sql.execute(
            "UPDATE requests SET usage_line = ? WHERE usage_file = ?", (UNPLACED, file)
        )

    def relocate(self, path: str) -> None:
        """Let the requests of a log that has vanished be found in a copy of it, if there is one.

        Whose they are does not change: a copy of a log is its own agent's.
        """
        file = self._places.known_file(path)
        twin = None if file is None else self._places.twin(file)
        if twin is None:
            return
        for column in ("file", "usage_file"):
            self._sql.execute(
                f"UPDATE requests SET {column} = ? WHERE {column} = ? AND agent IN (SELECT a.key"
                " FROM agents a JOIN files f ON f.session = a.session WHERE f.key = ?)",
                (twin, file, file),
            )

    def reprice(self) -> int:
        """Price every request again, as after new price data; return how many changed."""
        self._prices.forget()
        changed = self._copies.reprice()
        self._rollup.flush()
        return changed
