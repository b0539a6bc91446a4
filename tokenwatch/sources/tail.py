"""Read on in a file that grows, is cut, rewritten, renamed or compressed.

A line ends at its newline. What stands behind the last newline is unfinished and is held back,
unless the file has not changed for a minute and the rest is a whole JSON object: then a writer died
just before its newline, and the line is taken.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from tokenwatch.events import Bookmark
from tokenwatch.found import LogFile
from tokenwatch.sources.source import SETTLED_MS

HEAD_BYTES = 1024
ANCHOR_BYTES = 256
STRETCH_BYTES = 256 * 1024
"""As much as stays in a core's cache is read at once."""
LINE_LIMIT = 256 * 1024 * 1024
"""A longer line is passed over: it is counted, but never held in memory."""


class Stretch(NamedTuple):
    """Whole lines, one behind the other, in a buffer that is used again for the next ones."""

    data: bytearray
    start: int
    end: int
    """Behind the last line's newline; only a file's very last line may lack it."""
    line: int
    """Number of the first line, from 1."""


_spare: list[bytearray] = []
"""At most one buffer that nobody uses now."""


class Tail:
    """The lines of one file behind a bookmark. Iterate; then ask where it stands.

    Yields `(number, line)` with the 1-based line number and the bytes without the line end.
    `stretches` yields the same lines many at a time, and whoever takes them sets `line` to the
    number of the last one. `offset` and `line` are what has been consumed, `too_long` counts the
    lines beyond the limit, `restarted` tells that the bookmark did not fit the file any more and
    reading began anew.
    """

    def __init__(self, log: LogFile, bookmark: Bookmark | None, *, now_ms: int) -> None:
        """Open the file. Raises OSError (also for a damaged `.zst`, as it is read)."""
        self.restarted = False
        self.too_long = 0
        self._settled = now_ms - log.mtime_ns // 1_000_000 > SETTLED_MS
        self._passed = _Ends(b"", b"")
        self._data: bytes | bytearray = b""
        self._at = 0
        """How much of the current stretch has been consumed, beyond what has been passed."""
        self.line = self.offset = 0
        self._file = open_log(log.path)
        try:
            with _damage_is_oserror():
                self._resume(log, bookmark)
        except BaseException:
            self._file.close()
            raise

    def _resume(self, log: LogFile, bookmark: Bookmark | None) -> None:
        if bookmark is None:
            return
        if is_compressed(log.path) or log.size >= bookmark.offset:
            first = self._file.read(min(HEAD_BYTES, bookmark.offset))
            self._file.seek(max(0, bookmark.offset - ANCHOR_BYTES))
            recent = self._file.read(min(ANCHOR_BYTES, bookmark.offset))
            known = int(bookmark.head.partition(":")[0])
            if _digest(first[:known]) == bookmark.head and _digest(recent) == bookmark.anchor:
                self._passed = _Ends(first, recent)
                self.line, self.offset = bookmark.line, bookmark.offset
                return
            self._file.seek(0)
        self.restarted = True

    def __enter__(self) -> Tail:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for data, start, end, number in self.stretches():
            base = self.offset - end
            with memoryview(data) as view:  # A slice of the data itself would be copied again.
                while start < end:
                    stop = data.find(b"\n", start, end) + 1 or end
                    self.line, self.offset, self._at = number, base + stop, stop
                    line = bytes(view[start : stop - data.endswith(b"\n", start, stop)])
                    yield number, line.rstrip(b"\r\n")
                    number += 1
                    start = stop

    def stretches(self) -> Iterator[Stretch]:
        """Yield all lines, as many at once as fit into the buffer."""
        with _damage_is_oserror():
            yield from self._stretches()

    def _stretches(self) -> Iterator[Stretch]:
        size = min(STRETCH_BYTES, LINE_LIMIT)
        # A buffer that was used lately is in the cache, and need not be cleared.
        data = buffer = _spare.pop() if _spare and len(_spare[-1]) == size else bytearray(size)
        try:
            yield from self._fill_up(data)
        finally:
            if not _spare:
                _spare.append(buffer)

    def _fill_up(self, data: bytearray) -> Iterator[Stretch]:
        held = searched = 0
        while True:
            if end := data.rfind(b"\n", searched, held) + 1:
                yield from self._stretch(data, end)
                rest = held - end
                data[:rest] = data[end:held]
                held = searched = rest
            elif held >= LINE_LIMIT:
                left = self._skip_long(data, held)
                if left is None:
                    return
                held, searched = left, 0
                continue
            if held == len(data):
                data = data + bytearray(min(held, LINE_LIMIT - held))
            got = self._fill(data, held)
            if not got:
                break
            searched, held = held, held + got
        if held and self._settled and _is_object(bytes(data[:held])):
            yield from self._stretch(data, held)

    def _fill(self, data: bytearray, held: int) -> int:
        with memoryview(data) as view:
            return cast(io.BufferedIOBase, self._file).readinto(view[held:])

    def _stretch(self, data: bytearray, end: int) -> Iterator[Stretch]:
        """Yield whole lines; the late line end of one that was taken without it is no line."""
        start = 0
        goes_on = self._goes_on()
        if goes_on:
            start = next((len(e) for e in (b"\n", b"\r\n") if data.startswith(e, 0, end)), 0)
        self._data, self._at = data, end
        self.offset += end
        if start < end:
            yield Stretch(data, start, end, self.line + (not goes_on or start > 0))
        self._passed, self._data, self._at = self._passed.behind(data, end), b"", 0

    def _goes_on(self) -> bool:
        recent = self._passed.recent
        return recent != b"" and not recent.endswith(b"\n")

    def _skip_long(self, data: bytearray, held: int) -> int | None:
        """Pass over a line beyond the limit, and return how much behind it is in the buffer.

        None, and nothing is passed, if its end is missing.
        """
        passed, length = self._passed.behind(data, held), held
        while got := self._fill(data, 0):
            end = data.find(b"\n", 0, got) + 1
            passed = passed.behind(data, end or got)
            length += end or got
            if end:
                self.line += not self._goes_on()
                self.offset += length
                self.too_long += 1
                self._passed = passed
                data[: got - end] = data[end:got]
                return got - end
        return None

    def bookmark(self, state: bytes = b"") -> Bookmark:
        """Return the place behind the last line that was consumed, with the reader's memory."""
        ends = self._passed.behind(self._data, self._at)
        return Bookmark(
            offset=self.offset,
            line=self.line,
            head=_digest(ends.first),
            anchor=_digest(ends.recent),
            state=state,
        )


class _Ends(NamedTuple):
    """The first and the latest bytes of what has been passed."""

    first: bytes
    recent: bytes

    def behind(self, data: bytes | bytearray, size: int) -> _Ends:
        """Return them when `size` more bytes have been passed."""
        first = self.first
        if len(first) < HEAD_BYTES:
            first += bytes(data[: min(size, HEAD_BYTES - len(first))])
        recent = bytes(data[max(0, size - ANCHOR_BYTES) : size])
        return _Ends(first, (self.recent + recent)[-ANCHOR_BYTES:])


def is_compressed(path: str) -> bool:
    """Tell whether the file holds zstd-compressed text."""
    return path.endswith(".zst")


def read_document(path: str, limit: int = 16 * 1024 * 1024) -> bytes:
    """Return a small file whole; raises OSError, also when it is larger than `limit`."""
    with Path(path).open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(f"larger than {limit} bytes")
    return data


def open_log(path: str) -> BinaryIO:
    """Open a log for reading, unpacked. Raises OSError."""
    if is_compressed(path):
        try:
            from compression import zstd  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            from backports import zstd
        return cast(BinaryIO, io.BufferedReader(zstd.ZstdFile(path), buffer_size=1 << 18))
    return cast(BinaryIO, open(path, "rb", buffering=0))  # noqa: SIM115, PTH123


@contextmanager
def _damage_is_oserror() -> Iterator[None]:
    """Let a damaged or unfinished `.zst` look like any other file that can't be read."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if isinstance(error, EOFError) or type(error).__name__ == "ZstdError":
            raise OSError(f"damaged: {error}") from error
        raise


def _digest(data: bytes) -> str:
    return f"{len(data)}:{hashlib.blake2b(data, digest_size=8).hexdigest()}"


def _is_object(raw: bytes) -> bool:
    import msgspec

    try:
        return isinstance(msgspec.json.decode(raw), dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
