"""Read the usual lines of a rollout by their heads, and most of them no further.

Most of a rollout are contents: texts, outputs, encrypted reasoning. The usual line says in its
first hundred bytes that it is one of those, and then all there is to note of it is its time. Of
other usual lines the payload alone is decoded. Any line that looks different, and all lines while
it is open whose they are, go to the reader's `take`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import instant_ms

_STAMP = rb"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
_PAYLOAD = b'{"type":"'
_BRACE = ord("}")


class Heads:
    """The beginnings of lines of one pass, by the types of their payloads.

    `told` ones are shown to `Skimming.told`, `kept` ones to `take`; others are passed over.
    """

    def __init__(
        self,
        *,
        told_items: Iterable[str] = (),
        kept_items: Iterable[str] = (),
        told_events: Iterable[str],
        kept_events: Iterable[str] = (),
    ) -> None:
        item = rb"(?:(?P<told_item>%s)|(?!%s)(?P<item>\w{1,60}))"
        event = rb"(?:(?P<told_event>%s)|(?!%s)\w{1,60})"
        pattern = (
            rb'\{"timestamp":"(?P<stamp>%s)",(?:"ordinal":(?P<ordinal>\d{1,18}),)?"type":"'
            % (_STAMP)
        )
        pattern += rb'(?:response_item","payload":%s%s"|event_msg","payload":%s%s")' % (
            re.escape(_PAYLOAD),
            item % (_any(told_items), _any(kept_items)),
            re.escape(_PAYLOAD),
            event % (_any(told_events), _any(kept_events)),
        )
        self.match = re.compile(pattern).match


def _any(types: Iterable[str]) -> bytes:
    """Return the pattern of one of these and its quote, which stays unread."""
    return rb'(?:%s)(?=")' % "|".join(sorted(types)).encode() if types else b"(?!)"


class Skimming(Protocol):
    """A reader that can do without most lines."""

    @property
    def heads(self) -> Heads:
        """The lines that matter; may grow fewer as the reader learns what the log states."""

    def take(self, number: int, raw: bytes) -> None:
        """Read one line with all care. Raises TooEarly."""

    def own_from(self) -> int | None:
        """Return the ordinal from which on lines may be passed over: 0 for any; None for none."""

    def passed(self, latest: bytes, *, items: bool) -> None:
        """Note lines that were passed over, in order of time: the latest time, as logged.

        items: there was a response item among them.
        """

    def told(
        self,
        number: int,
        kind: str,
        payload: bytearray,
        stamp: bytes,
        before: bytes,
        *,
        items: bool,
    ) -> bool:
        """Read a payload; False, and nothing noted of it, if it is not quite of the usual shape.

        stamp: its time, which `passed` will tell as well. before: the latest time of lines passed
        over that has not been told; empty if there is none. items: among them was a response item.
        """


class Clock:
    """Reads times as logged; neighbouring lines often have the same."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._stamp = b""
        self._at_ms: int | None = None

    def ms(self, stamp: bytes) -> int | None:
        """Return what `instant_ms` returns."""
        if stamp != self._stamp:
            self._stamp, self._at_ms = stamp, instant_ms(stamp.decode(), self._now_ms)
        return self._at_ms


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
        found = match(data, start) if own_from is not None else None
        usual = found is not None and data[end - 1] == _BRACE
        if found is not None and usual:
            stamp, kind = found["stamp"], found.lastgroup
            if not latest <= stamp < bound:
                if passed:
                    reader.passed(latest, items=items)
                    passed = items = False
                latest, bound = stamp, _bound(stamp, now_ms)
            if not bound or (own_from and int(found["ordinal"] or 0) < own_from):
                usual = False
            elif kind == "item":
                items = True
            elif kind == "told_event" or kind == "told_item":
                payload = data[found.start(kind) - len(_PAYLOAD) : end - 1]
                before = latest if passed else b""
                usual = reader.told(
                    number, found[kind].decode(), payload, stamp, before, items=items
                )
                items = items and not usual
        if usual:
            latest, passed = stamp, True
        else:
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
