"""The loop that both passes share: lines in, batches with bookmarks out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from tokenwatch.events import Batch, Bookmark, Event, FileFacts, Skipped
from tokenwatch.found import LogFile
from tokenwatch.sources.codex.follow import TooEarly
from tokenwatch.sources.tail import Stretch, Tail
from tokenwatch.sources.values import Oddities

BATCH_BYTES = 16 * 1024 * 1024
BATCH_EVENTS = 5_000


class Reader(Protocol):
    """One pass over one file. `events` and `odd` are emptied with each batch."""

    events: list[Event]
    odd: Oddities

    def take(self, number: int, raw: bytes) -> None:
        """Read one line. Raises TooEarly if it can't be understood yet."""

    def read(self, lines: Stretch) -> int:
        """Read lines and return the last one's number. Raises TooEarly as well."""

    def facts(self) -> FileFacts:
        """Return what the file says of itself by now."""

    def state(self) -> bytes:
        """Return what reading on needs to remember."""


MakeReader = Callable[[bytes], Reader]
"""From remembered state, or from none; msgspec.DecodeError for state of another version."""


def batches(
    log: LogFile, bookmark: Bookmark | None, make: MakeReader, *, now_ms: int
) -> Iterator[Batch]:
    """Read a file on and yield what it holds. Raises OSError if it can't be opened.

    Where it is too early, the lines since the latest batch are left for the next reading.
    """
    again = False
    if bookmark is not None:
        try:
            make(bookmark.state)
        except msgspec.DecodeError:
            bookmark, again = None, True
    with Tail(log, bookmark, now_ms=now_ms) as tail:
        again = again or tail.restarted
        resumed = bookmark is not None and not tail.restarted
        reader = make(bookmark.state if bookmark is not None and resumed else b"")
        cut = _Cut(tail, reader, from_start=again)
        for stretch in tail.stretches():
            try:
                tail.line = reader.read(stretch)
            except TooEarly:
                return
            if cut.bytes >= BATCH_BYTES or len(reader.events) >= BATCH_EVENTS:
                yield cut.batch()
        if cut.bytes or cut.from_start:
            yield cut.batch()


class _Cut:
    """Where the current batch began."""

    def __init__(self, tail: Tail, reader: Reader, *, from_start: bool) -> None:
        self._tail = tail
        self._reader = reader
        self.from_start = from_start
        self._begin()

    def _begin(self) -> None:
        self._offset, self._line = self._tail.offset, self._tail.line
        self._too_long = self._tail.too_long

    @property
    def bytes(self) -> int:
        return self._tail.offset - self._offset

    def batch(self) -> Batch:
        tail, reader = self._tail, self._reader
        skipped = [
            Skipped(reason=reason, count=count, sample=reader.odd.samples.get(reason))
            for reason, count in sorted(reader.odd.counts.items())
        ]
        if tail.too_long > self._too_long:
            skipped.append(Skipped(reason="too_long", count=tail.too_long - self._too_long))
        batch = Batch(
            facts=reader.facts(),
            bookmark=tail.bookmark(reader.state()),
            events=tuple(reader.events),
            skipped=tuple(skipped),
            from_start=self.from_start,
            lines=tail.line - self._line,
            bytes=self.bytes,
        )
        reader.events.clear()
        reader.odd.counts.clear()
        reader.odd.samples.clear()
        self.from_start = False
        self._begin()
        return batch
