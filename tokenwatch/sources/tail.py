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
from typing import BinaryIO, cast

from tokenwatch.events import Bookmark
from tokenwatch.found import LogFile

HEAD_BYTES = 1024
ANCHOR_BYTES = 256
SETTLED_MS = 60_000
LINE_LIMIT = 256 * 1024 * 1024
"""A longer line is passed over: it is counted, but never held in memory."""


class Tail:
    """The lines of one file behind a bookmark. Iterate; then ask where it stands.

    Yields `(number, line)` with the 1-based line number and the bytes without the line end.
    `offset` and `line` are what has been consumed, `too_long` counts the lines beyond the limit,
    `restarted` tells that the bookmark did not fit the file any more and reading began anew.
    """

    def __init__(self, log: LogFile, bookmark: Bookmark | None, *, now_ms: int) -> None:
        """Open the file. Raises OSError (also for a damaged `.zst`, as it is read)."""
        self.restarted = False
        self.too_long = 0
        self._settled = now_ms - log.mtime_ns // 1_000_000 > SETTLED_MS
        self._first = self._recent = b""
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
                self._first, self._recent = first, recent
                self.line, self.offset = bookmark.line, bookmark.offset
                return
            self._file.seek(0)
        self.restarted = True

    def __enter__(self) -> Tail:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        with _damage_is_oserror():
            yield from self._lines()

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        while raw := self._file.readline(LINE_LIMIT):
            if raw.endswith(b"\n"):
                if self._take(raw):
                    yield self.line, raw.rstrip(b"\r\n")
            elif len(raw) == LINE_LIMIT:
                if not self._skip_long(raw):
                    return
            else:
                if self._settled and _is_object(raw):
                    self._take(raw)
                    yield self.line, raw
                return

    def _take(self, raw: bytes) -> bool:
        """Move behind `raw`; False for the late line end of a line that was taken without one."""
        goes_on = self._recent != b"" and not self._recent.endswith(b"\n")
        self._pass(raw)
        self.line += not goes_on
        return not (goes_on and raw in (b"\n", b"\r\n"))

    def _pass(self, raw: bytes) -> None:
        if len(self._first) < HEAD_BYTES:
            self._first += raw[: HEAD_BYTES - len(self._first)]
        self._recent = (
            raw[-ANCHOR_BYTES:]
            if len(raw) >= ANCHOR_BYTES
            else (self._recent + raw)[-ANCHOR_BYTES:]
        )
        self.offset += len(raw)

    def _skip_long(self, raw: bytes) -> bool:
        """Pass over a line beyond the limit; False, and nothing passed, if its end is missing."""
        before = self.line, self.offset, self._first, self._recent
        self._take(raw)
        while not raw.endswith(b"\n"):
            raw = self._file.readline(LINE_LIMIT)
            if not raw:
                self.line, self.offset, self._first, self._recent = before
                return False
            self._pass(raw)
        self.too_long += 1
        return True

    def bookmark(self, state: bytes = b"") -> Bookmark:
        """Return the place behind the last line that was yielded, with the reader's memory."""
        return Bookmark(
            offset=self.offset,
            line=self.line,
            head=_digest(self._first),
            anchor=_digest(self._recent),
            state=state,
        )


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
    return open(path, "rb", buffering=1 << 18)  # noqa: SIM115, PTH123


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
