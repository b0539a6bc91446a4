"""Keep the sums of requests in step: by quarter of an hour, agent and model."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tokenwatch.store.places import Places
from tokenwatch.store.request_row import COLUMNS, Row
from tokenwatch.store.spend import QUARTER_MS

_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
_SUMS = ("requests", "unpriced", "lower_bound", "estimated", *_KINDS, "cost_pico")
_ADD_UP = (
    f"INSERT INTO rollup (quarter, agent, model, {', '.join(_SUMS)})"
    f" VALUES ({', '.join('?' * (3 + len(_SUMS)))}) ON CONFLICT (quarter, agent, model) DO UPDATE"
    f" SET {', '.join(f'{name} = {name} + excluded.{name}' for name in _SUMS)}"
)
_EMPTY = "DELETE FROM rollup WHERE quarter = ? AND agent = ? AND model = ? AND requests = 0"


class Rollup:
    """Changes of one transaction's worth of requests."""

    def __init__(self, sql: sqlite3.Connection, places: Places) -> None:
        self._sql = sql
        self._places = places
        self._changes: dict[tuple[int, int, int], list[int]] = {}

    def add(self, rows: Iterable[Row], sign: int = 1) -> None:
        """Count rows, or with a sign of −1 no longer count them."""
        groups: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
        for row in rows:
            groups[row[2] // QUARTER_MS, row[1], row[3]].append(row)
        for key, group in groups.items():
            sums = self._sums(group)
            before = self._changes.get(key)
            if before is None:
                self._changes[key] = [sign * value for value in sums]
            else:
                for index, value in enumerate(sums):
                    before[index] += sign * value

    def _sums(self, rows: list[Row]) -> list[int]:
        columns: dict[str, tuple[Any, ...]] = dict(
            zip(COLUMNS, zip(*rows, strict=True), strict=True)
        )
        prices, costs = columns["price"], columns["cost_pico"]
        estimates = {price for price in set(prices) if self._places.is_estimate(price)}
        return [
            len(rows),
            costs.count(None),
            sum(columns["lower_bound"]),
            sum(price in estimates for price in prices) if estimates else 0,
            *(sum(columns[kind]) for kind in _KINDS),
            sum(filter(None, costs)),
        ]

    def flush(self) -> None:
        """Write the changes; before the transaction ends."""
        changed = {key: sums for key, sums in self._changes.items() if any(sums)}
        self._sql.executemany(_ADD_UP, [(*key, *sums) for key, sums in changed.items()])
        self._sql.executemany(_EMPTY, [key for key, sums in changed.items() if sums[0] < 0])
        self._changes.clear()

    def discard(self) -> None:
        """Forget the changes: the transaction was rolled back."""
        self._changes.clear()
