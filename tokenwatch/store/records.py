"""One table of records that several files may hold: the best-ranked file's word counts.

Records are gathered and inserted together. Only one that the ledger knows, or that another file of
the transaction holds too, is compared with what is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from tokenwatch.store.merging import UNPLACED
from tokenwatch.store.places import Places, Rank

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A table's columns, in the order of a row."""

    table: str
    key: tuple[str, ...]
    """What identifies a record, in whatever file it is."""
    own: tuple[str, ...]
    """Of the owning file: `agent`, `at_ms`, `file`, `line`, whether it `is_copy`, and more."""
    end: tuple[str, ...] = ()
    """What a later record of any file tells, at last that file; the best-ranked one's counts."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.own, *self.end)


PLACE = ("agent", "at_ms", "file", "line")
"""What the columns of any owner begin with."""


class Records:
    """Writes the records of one table; one transaction's worth at a time."""

    def __init__(self, sql: sqlite3.Connection, places: Places, shape: Shape) -> None:
        self._sql = sql
        self._places = places
        self._width = len(shape.key)
        self._file = self._width + PLACE.index("file")
        self._end = self._width + len(shape.own)
        self._is_copy = shape.own.index("is_copy") if "is_copy" in shape.own else None
        self._statements(shape)
        self._rows: dict[Key, list[object]] = {}
        self._again: list[list[object]] = []
        self._ends_of_known: list[tuple[Key, tuple[object, ...]]] = []
        """Of records that were not taken: the ledger has them, or nobody does."""
        self._ends_of_others: list[tuple[Key, tuple[object, ...]]] = []
        """Of records that were taken of another file."""

    def _statements(self, shape: Shape) -> None:
        table, columns = shape.table, [f'"{name}"' for name in shape.columns]
        own, end = columns[self._width : self._end], columns[self._end :]
        where = " AND ".join(f"{name} = ?" for name in shape.key)
        self._insert_open, self._insert_ended = (
            f"INSERT INTO {table} ({', '.join(some)}) VALUES ({', '.join('?' * len(some))})"
            " ON CONFLICT DO NOTHING"
            for some in (columns[: self._end], columns)
        )
        self._last = f"SELECT max(key) FROM {table}"
        self._behind = f"SELECT {', '.join(shape.key)} FROM {table} WHERE key > ?"
        self._owner = f"SELECT {', '.join(own)} FROM {table} WHERE {where}"
        self._move = f"UPDATE {table} SET {', '.join(f'{c} = ?' for c in own)} WHERE {where}"
        self._loosen = f"UPDATE {table} SET line = ? WHERE file = ?"
        if end:
            self._ender = f"SELECT {end[-1]} FROM {table} WHERE {where}"
            self._finish = f"UPDATE {table} SET {', '.join(f'{c} = ?' for c in end)} WHERE {where}"

    def put(self, row: list[object]) -> None:
        """Take a record: a row without its end."""
        key = tuple(row[: self._width])
        if key in self._rows:
            self._again.append(row)
        else:
            self._rows[key] = row

    def finish(self, key: Key, end: tuple[object, ...]) -> None:
        """Take the end of a record, by whichever file: the columns of `Shape.end`."""
        row = self._rows.get(key)
        if row is None:
            self._ends_of_known.append((key, end))
        elif row[self._file] != end[-1]:
            self._ends_of_others.append((key, end))
        else:
            row[self._end :] = end

    def flush(self) -> set[int]:
        """Write what was taken; return the agents that lost a record to another one.

        The rows of the files that it is from must be written: they decide between copies.
        """
        for key, end in self._ends_of_known:
            self._finished(key, end)
        lost = self._inserted() if self._rows else set()
        for row in self._again:
            lost |= self._owned(row)
        for key, end in self._ends_of_others:
            self._finished(key, end)
        self.discard()
        return lost

    def _inserted(self) -> set[int]:
        """Insert the rows, and compare those that turn out to be known."""
        last = self._sql.execute(self._last).fetchone()[0] or 0
        rows = self._rows
        still_open = [row for row in rows.values() if len(row) == self._end]
        ended = [row for row in rows.values() if len(row) > self._end]
        made = self._sql.executemany(self._insert_open, still_open).rowcount if still_open else 0
        made += self._sql.executemany(self._insert_ended, ended).rowcount if ended else 0
        lost: set[int] = set()
        if made < len(rows):
            new = {tuple(row) for row in self._sql.execute(self._behind, (last,))}
            for key in [key for key in rows if key not in new]:
                row = rows[key]
                lost |= self._owned(row[: self._end])
                if len(row) > self._end:
                    self._finished(key, tuple(row[self._end :]))
        return lost

    def _owned(self, row: list[object]) -> set[int]:
        """Move a known record to this file if its claim is the better one.

        Returns the agent that had it before, or nothing.
        """
        key, own = row[: self._width], row[self._width :]
        old = list(self._sql.execute(self._owner, key).fetchone())
        if self._claim(own) > self._claim(old):
            return set()
        self._sql.execute(self._move, (*own, *key))
        return {_int(old[0])}

    def _claim(self, own: Sequence[object]) -> Rank:
        _, _, file, line = own[: len(PLACE)]
        is_copy = self._is_copy is not None and bool(own[self._is_copy])
        return self._places.rank(_int(file), is_copy=is_copy, line=_int(line))

    def _finished(self, key: Key, end: tuple[object, ...]) -> None:
        """Store an end if this file's word counts more than the one that is known.

        Copies may have times of their own, so the best-ranked file's word counts, in it the last.
        """
        row = self._sql.execute(self._ender, key).fetchone()
        if row is None:
            return
        if row[0] is not None:
            claims = [self._places.rank(_int(f), is_copy=False, line=0) for f in (end[-1], row[0])]
            if claims[0] > claims[1]:
                return
        self._sql.execute(self._finish, (*end, *key))

    def loosen(self, file: int) -> None:
        """Let a file that is read anew from its start place its records again."""
        self._sql.execute(self._loosen, (UNPLACED, file))

    def discard(self) -> None:
        """Forget what was taken: it is written, or was rolled back."""
        self._rows.clear()
        self._again.clear()
        self._ends_of_known.clear()
        self._ends_of_others.clear()


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
