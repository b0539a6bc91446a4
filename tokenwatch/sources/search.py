"""Find prompts that hold words, in logs, without decoding what can't hold them.

Of a log only the lines that prompts stand on are looked at. What JSON writes in one way only
(letters, digits and most marks of ASCII) is looked for in their bytes, before they are decoded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from tokenwatch.found import LogFile
from tokenwatch.sources.tail import Stretch, Tail

# Quotes, backslashes and control characters are escaped by all writers, & < > / and what lies
# beyond ASCII by some.
_UNESCAPED = re.compile(r"[!#-%'-.0-;=?-\[\]-~]+")


class Wanted(NamedTuple):
    """Words looked for."""

    term: str
    """As given; it is what findings are called by."""
    words: str
    """As compared."""
    parts: tuple[bytes, ...]
    """What the line of any prompt with these words holds, once in lower case."""


def wanted(term: str) -> Wanted:
    """Return what to look for."""
    words = _compared(term)
    parts = sorted(set(_UNESCAPED.findall(words)), key=len, reverse=True)
    return Wanted(term, words, tuple(part.encode() for part in parts))


def _compared(text: str) -> str:
    """Return a text as it is compared: blanks of any kind are one blank, case does not count."""
    return " ".join(text.split()).lower()


def holding(
    path: str, lines: Collection[int], terms: Sequence[Wanted], read: Callable[[bytes], str | None]
) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield those prompts that hold a term: the number of the line, and which terms.

    path: a log, packed or not. lines: the numbers of the lines that prompts stand on, from 1.
    read: takes the prompt out of a line. Raises OSError for a log that is gone or damaged.
    """
    for number, line in lines_at(path, lines):
        found = _held(line, terms, read)
        if found:
            yield number, found


def lines_at(path: str, lines: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """Yield lines of a log by their numbers, in their order.

    Raises OSError for a log that is gone or damaged.
    """
    left = sorted(lines, reverse=True)
    with Tail(_log(path), None, now_ms=2**53) as tail:
        for stretch in tail.stretches() if left else ():
            ends = stretch.data.count(b"\n", stretch.start, stretch.end)
            goes_on = not stretch.data.endswith(b"\n", stretch.start, stretch.end)
            tail.line = stretch.line + ends - 1 + goes_on
            yield from _wanted_lines(stretch, tail.line, left)
            if not left:
                return


def _wanted_lines(stretch: Stretch, last: int, left: list[int]) -> Iterator[tuple[int, bytes]]:
    """Take those numbers off the end of `left` that lie in the stretch, and yield their lines."""
    data, number, start = stretch.data, stretch.line, stretch.start
    while left and left[-1] <= last:
        wanted_line = left.pop()
        for _ in range(wanted_line - number):
            start = data.find(b"\n", start, stretch.end) + 1
        number = wanted_line
        end = data.find(b"\n", start, stretch.end)
        yield number, bytes(data[start : stretch.end if end < 0 else end])


def _held(
    line: bytes, terms: Sequence[Wanted], read: Callable[[bytes], str | None]
) -> frozenset[str]:
    lower = line.lower()
    able = [term for term in terms if all(part in lower for part in term.parts)]
    text = read(line) if able else None
    if text is None:
        return frozenset()
    words = _compared(text)
    return frozenset(term.term for term in able if term.words in words)


def _log(path: str) -> LogFile:
    stat = os.stat(path)  # noqa: PTH116
    return LogFile(
        source="",
        root="",
        path=path,
        kind="log",
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        device=stat.st_dev,
        inode=stat.st_ino,
    )
