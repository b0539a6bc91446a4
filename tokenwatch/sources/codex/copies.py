"""Where a fork's copies end, by the log of its origin: the thread that it was forked from.

Very old and stripped logs have no turns that tell whose they are. There the origin's own file does:
the copies are what it held before the fork, from its first record or from a later one. Comparing
goes by token counts, because every build copies all of them, and by the words of prompts.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec

from tokenwatch.sources.codex.fold import counts, info_of
from tokenwatch.sources.codex.locate import log_at, rollout_of
from tokenwatch.sources.codex.records import Record, read_record
from tokenwatch.sources.tail import Tail
from tokenwatch.sources.values import Oddities, text

COUNT = "token_count"
PROMPT = "user_message"
_PLACES_KEPT = 64
_PASTS_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a thread's file held before a fork, as 64-bit digests."""

    counts: Sequence[int]
    """Its token counts in order; equal ones in a row once."""
    prompts: frozenset[int]


_pasts: dict[tuple[str, str, int], Past] = {}
"""By home, thread and time. What is past does not change."""


def past_of(root: str, thread_id: str, until_ms: int, now_ms: int) -> Past | None:
    """Return what a thread of a home had logged up to an instant; None if its file is missing."""
    key = (root, thread_id, until_ms)
    if key not in _pasts:
        home = Path(root)
        path = rollout_of(home, thread_id)
        if path is None:
            return None
        try:
            past = _read(path, home, until_ms, now_ms)
        except OSError:
            return None
        if len(_pasts) >= _PASTS_KEPT:
            _pasts.clear()
        _pasts[key] = past
    return _pasts[key]


def _read(path: Path, root: Path, until_ms: int, now_ms: int) -> Past:
    found, prompts = array("Q"), set()
    for record in _records(path, root, now_ms):
        if record.at_ms is not None and record.at_ms > until_ms:
            break
        digest = digest_of(record)
        if digest is None:
            continue
        if record.kind == PROMPT:
            prompts.add(digest)
        elif not found or found[-1] != digest:
            found.append(digest)
    return Past(counts=found, prompts=frozenset(prompts))


def _records(path: Path, root: Path, now_ms: int) -> Iterator[Record]:
    odd = Oddities()
    with Tail(log_at(root, path), None, now_ms=now_ms) as tail:
        for number, raw in tail:
            record = read_record(number, raw, _wanted, now_ms, odd)
            if record is not None:
                yield record


def _wanted(_: str, inner: str) -> bool:
    return inner in (COUNT, PROMPT)


def digest_of(record: Record) -> int | None:
    """Return the digest of a token count's totals or of a prompt's words; None without any."""
    if record.kind == PROMPT:
        words = text(record.payload.get("message"))
        return None if words is None else _digest(words)
    if record.kind != COUNT:
        return None
    info, odd = info_of(record.payload), Oddities()
    total = counts(info.get("total_token_usage"), record.line, odd)
    last = counts(info.get("last_token_usage"), record.line, odd)
    return None if total is None and last is None else _digest(repr((total, last)))


def _digest(words: str) -> int:
    return int.from_bytes(blake2b(words.encode(errors="replace"), digest_size=8).digest())


class Copies(msgspec.Struct):
    """Follows a fork's leading records along its origin's past."""

    ends: list[int] | None = None
    """How many of the origin's counts are behind the run that the fork's repeat, for each run that
    is still possible; None before the fork's first count, empty if the origin has not that one."""
    paused: bool = False
    """There has been a pause."""

    def are_over(self, record: Record, past: Past, *, pause: bool) -> bool:
        """Tell whether a record is the fork's first own one; `pause`: it came after a pause.

        In the middle of the origin's past a pause tells nothing: copies may keep their old times,
        or take long to be written.
        """
        self.paused = self.paused or pause
        digest = digest_of(record)
        if record.kind == COUNT and digest is not None:
            return self._is_new(digest, past, pause=pause)
        if self.ends == []:
            return pause
        if record.kind == PROMPT and digest is not None and past.prompts:
            return digest not in past.prompts and (self.paused or self.ends is not None)
        return pause and (not past.counts or len(past.counts) in (self.ends or ()))

    def _is_new(self, digest: int, past: Past, *, pause: bool) -> bool:
        if self.ends == []:
            return pause
        if self.ends is None:
            found = [n + 1 for n, known in enumerate(past.counts) if known == digest]
            self.ends = found[:_PLACES_KEPT]
            return not found and self.paused
        self.ends = [
            end if past.counts[end - 1] == digest else end + 1
            for end in self.ends
            if digest in past.counts[end - 1 : end + 1]
        ]
        return not self.ends
