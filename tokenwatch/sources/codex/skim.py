"""Pass over the lines of a rollout that hold nothing for a pass, without making anything of them.

Most of a rollout are contents: texts, outputs, encrypted reasoning. The usual line says in its
first hundred bytes that it is one of those, and then all there is to note of it is its time. Any
line that looks different, and all lines while it is open whose they are, go to the reader's `take`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import instant_ms

_STAMP = rb"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
_BRACE = ord("}")
_ITEM, _COUNT = 3, 4


def heads(items: bytes, events: bytes) -> re.Pattern[bytes]:
    """Return the beginning of lines that may be passed over, and of token counts.

    items: a pattern of what follows `"payload":` in such a response item; events: of the types
    (with the quote behind them) of events that may *not* be passed over.
    """
    return re.compile(
        rb'\{"timestamp":"(' + _STAMP + rb')",(?:"ordinal":(\d{1,18}),)?"type":"'
        rb'(?:(response_item)","payload":' + items + rb'|event_msg","payload":\{"type":"'
        rb'(?:(token_count)"|(?!' + events + rb')\w{1,60}"))'
    )  # fmt: skip


def any_of(types: Iterable[str]) -> bytes:
    """Return the pattern of a type's end: any of these, and its quote."""
    return b"(?:" + "|".join(sorted(types)).encode() + b')"'


class Skimming(Protocol):
    """A reader that can do without most lines."""

    @property
    def heads(self) -> re.Pattern[bytes]:
        """As `heads` returns it."""

    def take(self, number: int, raw: bytes) -> None:
        """Read one line with all care. Raises TooEarly."""

    def own_from(self) -> int | None:
        """Return the ordinal from which on lines may be passed over: 0 for any; None for none."""

    def passed(self, latest: bytes, *, items: bool) -> None:
        """Note lines that were passed over, in order of time: the latest time, as logged.

        items: there was a response item among them.
        """

    def counted(self, number: int, stamp: bytes, payload: bytearray, *, items: bool) -> bool:
        """Read a token count; False, and nothing noted, if it is not of the usual shape.

        items: a response item was passed over since the latest call.
        """


def walk(lines: Stretch, reader: Skimming, now_ms: int) -> int:
    """Show lines to a reader and return the last one's number. Raises TooEarly."""
    data, start, size, number = lines
    find, match = data.find, reader.heads.match
    latest = bound = b""
    passed = items = False
    own_from = reader.own_from()
    while start < size:
        end = find(b"\n", start, size)
        if end < 0:
            end = size
        found = None
        if own_from is not None and data[end - 1] == _BRACE:
            found = match(data, start)
        if found is not None:
            stamp, kind = found[1], found.lastindex
            if not latest <= stamp < bound:
                if passed:
                    reader.passed(latest, items=items)
                    passed = items = False
                latest, bound = stamp, _bound(stamp, now_ms)
            if not bound or (own_from and int(found[2] or 0) < own_from):
                found = None
            elif kind == _ITEM:
                latest, passed, items = stamp, True, True
            elif kind != _COUNT:
                latest, passed = stamp, True
            elif reader.counted(number, stamp, data[found.end() - 21 : end - 1], items=items):
                latest, passed, items = stamp, True, False
            else:
                found = None
        if found is None:
            if passed:
                reader.passed(latest, items=items)
                passed = items = False
            reader.take(number, bytes(data[start:end]).rstrip(b"\r\n"))
            own_from = reader.own_from()
        number += 1
        start = end + 1
    if passed:
        reader.passed(latest, items=items)
    return number - 1


def _bound(stamp: bytes, now_ms: int) -> bytes:
    """Return what every good stamp of the same day lies before; nothing if the day is not good."""
    day = stamp[:10].decode()
    if instant_ms(f"{day}T00:00:00Z", now_ms) and instant_ms(f"{day}T23:59:59.999Z", now_ms):
        return stamp[:11] + b"3"
    return b""
