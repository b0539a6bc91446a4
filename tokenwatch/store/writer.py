"""The one writer: events in, the bookmark behind them in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenwatch.events import Batch, Bookmark, Event, Skipped
from tokenwatch.format import clean
from tokenwatch.found import LogFile
from tokenwatch.sources.source import Pass
from tokenwatch.store import unassessed
from tokenwatch.store.derive import refresh
from tokenwatch.store.details import Details
from tokenwatch.store.files import Files
from tokenwatch.store.ledger import Ledger, stored_path
from tokenwatch.store.places import FAR_MS, Places
from tokenwatch.store.prices import Price
from tokenwatch.store.progress import UNSEEN
from tokenwatch.store.requests import Requests


@dataclass(slots=True, kw_only=True)
class Reading:
    """One batch on its way into the ledger, with the bookmark that it was read from."""

    log: LogFile
    which: Pass
    before: Bookmark | None
    batch: Batch
    complete: bool = True
    """Nothing more of the file, as `log` shows it, is left to read."""


class Writer:
    """Writes for one connection. Two writers of two processes may work at the same time."""

    def __init__(self, ledger: Ledger, price: Price, *, titles: str = "full") -> None:
        self._ledger = ledger
        self._sql = ledger.sql
        self._places = Places(self._sql)
        self._files = Files(self._sql, self._places, titles)
        self._requests = Requests(self._sql, self._places, price)
        self._details = Details(self._sql, self._places, titles)
        self.touched: set[int] = set()
        """Sessions that were written to; whoever reads them clears it."""

    def apply(self, readings: Sequence[Reading], now_ms: int) -> int:
        """Store readings in one transaction; return how many were stored.

        A reading whose file was read on by another process meanwhile is left out: what it holds is
        in the ledger already, or will be read again from where that process stopped.
        """
        stored = 0
        sessions: set[int] = set()
        changed: dict[int, int] = {}
        self._places.forget_ranks()
        try:
            with self._ledger.transaction():
                self._files.load(reading.log for reading in readings)
                for reading in readings:
                    touched = self._taken(reading, now_ms)
                    if touched is not None:
                        stored += 1
                        sessions |= touched
                        since_ms = _since(reading.batch)
                        for key in touched:
                            changed[key] = min(since_ms, changed.get(key, since_ms))
                flushed = self._flush()
                sessions |= flushed.keys()
                for found in (flushed, refresh(self._sql, sessions)):
                    for key, since_ms in found.items():
                        changed[key] = min(since_ms, changed.get(key, since_ms))
                unassessed.mark(self._sql, changed)
        except BaseException:
            self._requests.discard()
            self._details.discard()
            self._places.forget_all()
            raise
        self.touched |= sessions
        return stored

    def _taken(self, reading: Reading, now_ms: int) -> set[int] | None:
        """Take in a reading; return the sessions that it tells of, None if it is left out."""
        log, which, batch = reading.log, reading.which, reading.batch
        file = self._files.key(log)
        if not self._files.stands_at(file, which, reading.before):
            return None
        sessions = self._files.learn(log, batch.facts)
        if batch.from_start:
            # What was taken before must be there to be loosened.
            sessions |= self._flush().keys()
            (self._requests if which is Pass.USAGE else self._details).loosen(file)
            self._sql.execute(
                "DELETE FROM skipped WHERE file = ? AND pass = ?", (file, which.value)
            )
        others: Iterable[Event] = batch.events
        if which is Pass.USAGE:
            others = self._requests.add(log.source, file, others)
        sessions |= self._details.add(log, file, others)
        self._skipped(file, which, batch.skipped)
        seen = log.size if reading.complete else UNSEEN
        self._files.mark(log, which, batch.bookmark, seen, now_ms)
        return sessions

    def _flush(self) -> dict[int, int]:
        """Write what was taken; return since when sessions' sums or records may have changed."""
        self._files.flush()
        agents = self._requests.flush() | dict.fromkeys(self._details.flush(), 0)
        found: dict[int, int] = {}
        for agent, since_ms in agents.items():
            session = self._places.session_of(agent)
            found[session] = min(since_ms, found.get(session, since_ms))
        return found

    def _skipped(self, file: int, which: Pass, skipped: Sequence[Skipped]) -> None:
        for item in skipped:
            self._sql.execute(
                "INSERT INTO skipped VALUES (?, ?, ?, ?, ?) ON CONFLICT (file, pass, reason)"
                " DO UPDATE SET count = count + excluded.count",
                (
                    file,
                    which.value,
                    item.reason,
                    item.count,
                    clean(item.sample)[:200] if item.sample else None,
                ),
            )

    def seen(self, logs: Sequence[tuple[LogFile, Pass]], now_ms: int) -> None:
        """Note that files were looked at and held nothing new (an unfinished line at most)."""
        with self._ledger.transaction():
            for log, which in logs:
                self._sql.execute(
                    "UPDATE bookmarks SET seen_size = ?, seen_mtime_ns = ?, read_ms = ?"
                    " WHERE pass = ? AND file = (SELECT key FROM files WHERE path = ?)",
                    (log.size, log.mtime_ns, now_ms, which.value, stored_path(log.path)),
                )

    def unreadable(self, log: LogFile, which: Pass, why: str) -> None:
        """Count a file that could not be opened, once for each state of it."""
        with self._ledger.transaction():
            self._files.load([log])
            file = self._files.key(log)
            self._files.flush()
            self._sql.execute(
                "INSERT OR REPLACE INTO skipped VALUES (?, ?, 'unreadable', 1, ?)",
                (file, which.value, clean(why)[:200]),
            )

    def moved(self, moves: Sequence[tuple[str, LogFile]]) -> None:
        """Let files that were renamed, each from its old path, keep their rows."""
        with self._ledger.transaction():
            for old, log in moves:
                self._places.move(old, log)

    def back(self, paths: Sequence[str]) -> None:
        """Take back that these files have vanished."""
        with self._ledger.transaction():
            self._sql.executemany(
                "UPDATE files SET gone_ms = NULL WHERE path = ?",
                [(stored_path(path),) for path in paths],
            )

    def gone(self, paths: Sequence[str], now_ms: int) -> None:
        """Mark files as vanished; all that was read from them stays."""
        with self._ledger.transaction():
            self._sql.executemany(
                "UPDATE files SET gone_ms = ? WHERE path = ? AND gone_ms IS NULL",
                [(now_ms, stored_path(path)) for path in paths],
            )
            for path in paths:
                self._requests.relocate(path)

    def reprice(self, version: str) -> int:
        """Price all requests anew if the price list is another one; return how many changed."""
        if self._ledger.meta("prices") == version:
            return 0
        with self._ledger.transaction():
            changed = self._requests.reprice()
            unassessed.mark_all(self._sql)
            self._ledger.set_meta("prices", version)
        return changed


def _since(batch: Batch) -> int:
    """Return from when on a batch may change what was known of its sessions."""
    if batch.from_start:
        return 0
    return min((getattr(event, "at_ms", FAR_MS) for event in batch.events), default=FAR_MS)
