"""Merge copies of requests into one row each, price it, and keep the rollup in step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from tokenwatch.events import RequestSeen
from tokenwatch.model import Basis, Rates, Usage
from tokenwatch.pricing import Priceable, Unpriced
from tokenwatch.store.places import Places, Rank

QUARTER_MS = 900_000
CHUNK = 400

Price = Callable[[Priceable], Rates | Unpriced]

COLUMNS = (
    "id",
    "agent",
    "at_ms",
    "model",
    "file",
    "line",
    "is_copy",
    "usage_file",
    "usage_line",
    "final",
    "lower_bound",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "web_searches",
    "speed",
    "service_tier",
    "geo",
    "estimated",
    "turn_id",
    "price",
    "cost_pico",
)
_REPLACE = (
    f"INSERT OR REPLACE INTO requests ({', '.join(COLUMNS)})"
    f" VALUES ({', '.join('?' * len(COLUMNS))})"
)
_SUMS = (
    "requests",
    "unpriced",
    "lower_bound",
    "estimated",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "cost_pico",
)
_ADD_UP = (
    f"INSERT INTO rollup (quarter, agent, model, {', '.join(_SUMS)})"
    f" VALUES ({', '.join('?' * (3 + len(_SUMS)))}) ON CONFLICT (quarter, agent, model) DO UPDATE"
    f" SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _SUMS)}"
)
_OWNER = ("agent", "at_ms", "file", "line", "is_copy", "turn_id")
_USAGE = (
    "model",
    "usage_file",
    "usage_line",
    "final",
    "lower_bound",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "web_searches",
    "speed",
    "service_tier",
    "geo",
    "estimated",
)

_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")

Row = dict[str, object]


class Requests:
    """Writes requests; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, price: Price) -> None:
        self._sql = sql
        self._places = places
        self._price = price
        self._rollup: dict[tuple[int, int, int], list[int]] = {}

    def add(self, source: str, file: int, seen: Iterable[RequestSeen]) -> set[int]:
        """Merge requests of one file; return the agents whose sums may have changed."""
        by_id: dict[str, list[Row]] = {}
        for request in seen:
            by_id.setdefault(request.id, []).append(self._row(source, file, request))
        touched: set[int] = set()
        ids = list(by_id)
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            known = self._known(part)
            for request_id in part:
                old = known.get(request_id)
                new = old
                for row in by_id[request_id]:
                    new = row if new is None else self._merge(new, row)
                if new is None or new == old:
                    continue
                new = self._priced(source, new)
                touched |= self._store(old, new)
        return touched

    def _row(self, source: str, file: int, seen: RequestSeen) -> Row:
        session = self._places.session(source, seen.session_id)
        usage = seen.usage
        return {
            "id": seen.id,
            "agent": self._places.agent(session, seen.session_id, seen.agent_id),
            "at_ms": seen.at_ms,
            "model": self._places.model(seen.model),
            "file": file,
            "line": seen.line,
            "is_copy": int(seen.is_copy),
            "usage_file": file,
            "usage_line": seen.usage_line,
            "final": int(seen.final),
            "lower_bound": int(seen.lower_bound),
            "input": usage.input,
            "cache_read": usage.cache_read,
            "cache_write_5m": usage.cache_write_5m,
            "cache_write_1h": usage.cache_write_1h,
            "output": usage.output,
            "reasoning": usage.reasoning,
            "web_searches": seen.web_searches,
            "speed": seen.speed,
            "service_tier": seen.service_tier,
            "geo": seen.geo,
            "estimated": seen.estimated,
            "turn_id": seen.turn_id,
            "price": None,
            "cost_pico": None,
        }

    def _known(self, ids: list[str]) -> dict[str, Row]:
        marks = ",".join("?" * len(ids))
        rows = self._sql.execute(f"SELECT * FROM requests WHERE id IN ({marks})", ids)
        return {row["id"]: dict(row) for row in rows}

    def _merge(self, a: Row, b: Row) -> Row:
        """Return owner and position of the better claim, usage whole of the better record."""
        owner = a if self._claim(a) <= self._claim(b) else b
        full, other = _fullness(a), _fullness(b)
        if full == other:
            usage = a if self._usage_place(a) <= self._usage_place(b) else b
        else:
            usage = a if full > other else b
        if a["agent"] != b["agent"]:
            self._inherits(_int(owner["agent"]), _int((b if owner is a else a)["agent"]))
        merged = dict(a)
        merged.update((name, owner[name]) for name in _OWNER)
        merged.update((name, usage[name]) for name in _USAGE)
        if full == other:
            # That an answer was cut off may be told by a record further down.
            merged["lower_bound"] = max(_int(a["lower_bound"]), _int(b["lower_bound"]))
        return merged

    def _inherits(self, owner: int, other: int) -> None:
        """Note that the other agent's session holds a copy of a request it does not own."""
        session = self._places.session_of(other)
        if session != self._places.session_of(owner):
            self._sql.execute("UPDATE sessions SET inherits = 1 WHERE key = ?", (session,))

    def _claim(self, row: Row) -> Rank:
        return self._places.rank(
            _int(row["file"]), is_copy=bool(row["is_copy"]), line=_int(row["line"])
        )

    def _usage_place(self, row: Row) -> Rank:
        """Order equal records of one answer: the better-ranked file's earlier line first."""
        return self._places.rank(
            _int(row["usage_file"]), is_copy=False, line=_int(row["usage_line"])
        )

    def _priced(self, source: str, row: Row) -> Row:
        usage = _usage(row)
        price = self._price(
            Priceable(
                source=source,
                model=self._places.model_name(_int(row["model"])),
                at_ms=_int(row["at_ms"]),
                context_tokens=usage.context,
                speed=_text(row["speed"]),
                service_tier=_text(row["service_tier"]),
                geo=_text(row["geo"]),
                estimated=_text(row["estimated"]),
            )
        )
        cost = None if isinstance(price, Unpriced) else price.cost(usage, _int(row["web_searches"]))
        if cost is None and not isinstance(price, Unpriced):
            price = Unpriced(reason=f"no rate of {price.model} for a kind that was used")
        key = self._places.price(self._places.model_name(_int(row["model"])), price)
        return row | {"price": key, "cost_pico": cost}

    def _store(self, old: Row | None, new: Row) -> set[int]:
        self._sql.execute(_REPLACE, [new[name] for name in COLUMNS])
        touched = {_int(new["agent"])}
        self._count(new, 1)
        if old is not None:
            self._count(old, -1)
            touched.add(_int(old["agent"]))
        return touched

    def _count(self, row: Row, sign: int) -> None:
        key = (_int(row["at_ms"]) // QUARTER_MS, _int(row["agent"]), _int(row["model"]))
        sums = self._rollup.setdefault(key, [0] * len(_SUMS))
        cost = row["cost_pico"]
        values = (
            1,
            int(cost is None),
            _int(row["lower_bound"]),
            int(self._is_estimate(row["price"])),
            _int(row["input"]),
            _int(row["cache_read"]),
            _int(row["cache_write_5m"]),
            _int(row["cache_write_1h"]),
            _int(row["output"]),
            _int(row["reasoning"]),
            0 if cost is None else _int(cost),
        )
        for index, value in enumerate(values):
            sums[index] += sign * value

    def _is_estimate(self, price: object) -> bool:
        return price is not None and self._places.price_basis(_int(price)) == Basis.ESTIMATED

    def flush(self) -> None:
        """Write the rollup's changes; before the transaction ends."""
        for (quarter, agent, model), sums in self._rollup.items():
            if any(sums):
                self._sql.execute(_ADD_UP, (quarter, agent, model, *sums))
                if sums[0] < 0:
                    self._sql.execute(
                        "DELETE FROM rollup WHERE quarter = ? AND agent = ? AND model = ?"
                        " AND requests = 0",
                        (quarter, agent, model),
                    )
        self._rollup.clear()

    def discard(self) -> None:
        """Forget the rollup's changes: the transaction was rolled back."""
        self._rollup.clear()

    def loosen(self, file: int) -> None:
        """Let a file that is read anew from its start place its records again."""
        self._sql.execute("UPDATE requests SET line = ? WHERE file = ?", (2**31, file))
        self._sql.execute("UPDATE requests SET usage_line = ? WHERE usage_file = ?", (2**31, file))

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
        changed = 0
        sources = {
            row["key"]: row["source"]
            for row in self._sql.execute(
                "SELECT a.key, s.source FROM agents a JOIN sessions s ON s.key = a.session"
            )
        }
        last = ""
        while rows := self._sql.execute(
            "SELECT * FROM requests WHERE id > ? ORDER BY id LIMIT 2000", (last,)
        ).fetchall():
            last = rows[-1]["id"]
            for row in rows:
                old = dict(row)
                new = self._priced(sources[old["agent"]], old)
                if new != old:
                    self._store(old, new)
                    changed += 1
        return changed


def _fullness(row: Row) -> tuple[int, int, int]:
    """Order records of one answer: the largest is the best."""
    return _int(row["final"]), _int(row["output"]), sum(_int(row[k]) for k in _KINDS)


def _usage(row: Row) -> Usage:
    return Usage(
        input=_int(row["input"]),
        cache_read=_int(row["cache_read"]),
        cache_write_5m=_int(row["cache_write_5m"]),
        cache_write_1h=_int(row["cache_write_1h"]),
        output=_int(row["output"]),
        reasoning=_int(row["reasoning"]),
    )


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
