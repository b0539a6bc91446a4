"""Read one file in one pass: lines in, batches of events out, each with its bookmark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

import msgspec

from tokenwatch.events import Batch, Bookmark, Event, FileFacts, Skipped
from tokenwatch.found import LogFile
from tokenwatch.sources.claude_code.detail import DetailMemory, DetailReader
from tokenwatch.sources.claude_code.locate import Place, place
from tokenwatch.sources.claude_code.sidecars import JournalReader, read_sidecar
from tokenwatch.sources.claude_code.usage import UsageMemory, UsageReader
from tokenwatch.sources.source import Pass
from tokenwatch.sources.tail import Tail
from tokenwatch.sources.values import Oddities

BATCH_BYTES = 16 * 1024 * 1024
BATCH_EVENTS = 5_000


class Reader(Protocol):
    """Reads the lines of one file, in order."""

    odd: Oddities

    def __len__(self) -> int:
        """Return how many events wait to be taken."""

    def take(self, number: int, line: bytes) -> None:
        """Read one line."""

    def events(self) -> tuple[Event, ...]:
        """Return the events since the last call."""

    def facts(self) -> FileFacts:
        """Return what the file says of itself."""

    def state(self) -> bytes:
        """Return what must be remembered to read on."""


def read(log: LogFile, bookmark: Bookmark | None, which: Pass, *, now_ms: int) -> Iterator[Batch]:
    """Read on behind `bookmark`; see `sources.source.Source.read`."""
    where = place(log.path)
    if log.kind == "sidecar":
        yield from read_sidecar(log, where, bookmark)
        return
    lost = bookmark is not None and _reader(log, where, bookmark.state, which, now_ms) is None
    with Tail(log, None if lost else bookmark, now_ms=now_ms) as tail:
        anew = tail.restarted or lost
        state = b"" if bookmark is None or anew else bookmark.state
        reader = _reader(log, where, state, which, now_ms)
        assert reader is not None, "an empty memory is always readable"
        yield from _batches(tail, reader, anew)


def _batches(tail: Tail, reader: Reader, anew: bool) -> Iterator[Batch]:
    offset, line, too_long = tail.offset, tail.line, 0

    def batch() -> Batch:
        nonlocal offset, line, too_long, anew
        if tail.too_long > too_long:
            reader.odd.counts["too_long"] = tail.too_long - too_long
        odd, reader.odd = reader.odd, Oddities()
        made = Batch(
            events=reader.events(),
            facts=reader.facts(),
            bookmark=tail.bookmark(reader.state()),
            skipped=tuple(
                Skipped(reason=reason, count=count, sample=odd.samples.get(reason))
                for reason, count in sorted(odd.counts.items())
            ),
            from_start=anew,
            lines=tail.line - line,
            bytes=tail.offset - offset,
        )
        offset, line, too_long, anew = tail.offset, tail.line, tail.too_long, False
        return made

    for _ in _read(tail, reader):
        if tail.offset - offset >= BATCH_BYTES or len(reader) >= BATCH_EVENTS:
            yield batch()
    if tail.offset > offset or anew:
        yield batch()


def _read(tail: Tail, reader: Reader) -> Iterator[None]:
    """Let the reader read; stop wherever a batch may end."""
    if isinstance(reader, UsageReader):
        for lines in tail.stretches():
            tail.line = reader.walk(lines)
            yield
    else:
        for number, line in tail:
            reader.take(number, line)
            yield


T = TypeVar("T", bound=msgspec.Struct)


def _reader(log: LogFile, where: Place, state: bytes, which: Pass, now_ms: int) -> Reader | None:
    """Return the file's reader; None if `state` is not one that this version wrote."""
    modified_ms = log.mtime_ns // 1_000_000
    if where.form == "journal":
        return JournalReader(where, which, modified_ms)
    try:
        if which is Pass.USAGE:
            return UsageReader(where, _memory(UsageMemory, state), now_ms, modified_ms)
        return DetailReader(where, _memory(DetailMemory, state), now_ms, modified_ms)
    except msgspec.MsgspecError:
        return None


def _memory(form: type[T], state: bytes) -> T:
    return msgspec.json.decode(state, type=form) if state else form()
