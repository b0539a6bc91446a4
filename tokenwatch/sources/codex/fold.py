"""From running totals to requests.

A `token_count` repeats the thread's running total after every answer, but also whenever limits
change, after compaction and on resume. Only what a total grew by was spent. Where the log has a
`token_usage_record` for an answer, that one is counted, and the total's growth must not be again.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec.structs import astuple

from tokenwatch.model import Usage
from tokenwatch.sources.values import TOKEN_LIMIT, Oddities, mapping

Counts = tuple[int, int, int, int, int, int]
"""Input with all cached, cached, cache writes, output with reasoning, reasoning, total."""

NAMES = (
    "input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens",
    "reasoning_output_tokens", "total_tokens",
)  # fmt: skip
SUM_LIMIT = 10**13
"""A thread's running total beyond this is damage."""
OPEN_LIMIT = 64
NOTHING: Counts = (0, 0, 0, 0, 0, 0)


def counts(value: object, line: int, odd: Oddities, limit: int = SUM_LIMIT) -> Counts | None:
    """Return the six counts of a usage object, absent ones as 0; None, counted, for a bad one."""
    if not isinstance(value, dict):
        return None
    found = []
    for name in NAMES:
        number = value.get(name)
        if number is None:
            number = 0
        elif isinstance(number, float) and number.is_integer():
            number = int(number)
        if type(number) is not int or not 0 <= number <= limit:
            odd.add("bad_number", line, name)
            return None
        found.append(number)
    if "total_tokens" not in value:
        found[5] = found[0] + found[3]
    return (found[0], found[1], found[2], found[3], found[4], found[5])


_Number = Annotated[int, msgspec.Meta(ge=0, le=SUM_LIMIT)]


class _Usage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The fields in the order of `Counts`."""

    input_tokens: _Number
    cached_input_tokens: _Number = 0
    cache_write_input_tokens: _Number = 0
    output_tokens: _Number
    reasoning_output_tokens: _Number = 0
    total_tokens: _Number


class _Info(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    total_token_usage: _Usage
    last_token_usage: _Usage
    model_context_window: object = None


class _TokenCount(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: Literal["token_count"]
    info: _Info
    rate_limits: object = None


class UsualCount(NamedTuple):
    """What `counts` and `info_of` make of a `token_count`, where that is free of doubt."""

    total: Counts
    last: Counts
    context_window: object
    limits: object


_decode_count = msgspec.json.Decoder(_TokenCount).decode


def usual_count(payload: bytes | bytearray) -> UsualCount | None:
    """Return a `token_count` of the usual shape; None for any other, also for a damaged one."""
    try:
        row = _decode_count(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    info, last = row.info, astuple(row.info.last_token_usage)
    if max(last) > TOKEN_LIMIT:
        return None
    total = astuple(info.total_token_usage)
    return UsualCount(total, last, info.model_context_window, row.rate_limits)


def usage(of: Counts) -> Usage:
    """Return the counts of one answer in disjoint kinds."""
    given, cached, written, output, reasoning, _ = of
    cached = cached if cached < given else given
    fresh = given - cached
    written = written if written < fresh else fresh
    return Usage(
        fresh - written, cached, written, 0, output, reasoning if reasoning < output else output
    )


def is_estimate(last: Counts | None) -> bool:
    """Tell whether `last` is the client's guess at the context after a compaction."""
    return last is not None and not any(last[:5]) and last[5] > 0


class Counter(msgspec.Struct):
    """The memory of the fold over one file."""

    total: Counts | None = None
    last: Counts | None = None
    """The previous `last_token_usage`, of use only in logs without totals."""
    item_since: bool = True
    """An answer's item has come since."""
    open: list[Counts] = []
    """Answers counted from their own record whose growth of the total is still to come."""

    def inherit(self, info: dict[str, object], line: int, odd: Oddities) -> None:
        """Take a copied row as the baseline."""
        total = counts(info.get("total_token_usage"), line, odd)
        self.total = total or self.total

    def record(self, spent: Counts) -> None:
        """Note an answer that was counted from its own record."""
        self.open = [*self.open, spent][-OPEN_LIMIT:]

    def count(self, info: dict[str, object], line: int, odd: Oddities) -> Counts | None:
        """Return what one own `token_count` adds beyond all that was counted; None for nothing."""
        total = counts(info.get("total_token_usage"), line, odd)
        last = counts(info.get("last_token_usage"), line, odd, TOKEN_LIMIT)
        if total is None and info.get("total_token_usage") is not None:
            return None
        return self.add(total, last)

    def add(self, total: Counts | None, last: Counts | None) -> Counts | None:
        """Return what an own row of these counts adds; None for nothing."""
        if total is None:
            spent = self._only_last(last)
        else:
            spent = self._growth(total, last)
            self.total = total
        self.last, self.item_since = last, False
        if spent is None or not any(spent[:5]):
            return None
        return self._unclaimed(spent, last) if self.open else spent

    def _only_last(self, last: Counts | None) -> Counts | None:
        return None if last == self.last and not self.item_since else last

    def _growth(self, total: Counts, last: Counts | None) -> Counts | None:
        before = self.total
        if total == before or (total[0] == 0 and total[3] == 0):
            return None
        if before is None:
            # Totals of before this file began are not its own.
            return last if last is not None else total
        if last is not None and total == _plus(before, last):
            return last
        grown = _minus(total, before)
        if grown is None or max(grown) > TOKEN_LIMIT:
            return last if last is not None else total if max(total) <= TOKEN_LIMIT else None
        return grown

    def _unclaimed(self, spent: Counts, last: Counts | None) -> Counts | None:
        """Take off what records have counted: one, the latest few together, or the last."""
        for index, known in enumerate(self.open):
            if known[:5] == spent[:5]:
                self.open = self.open[:index] + self.open[index + 1 :]
                return None
        together = NOTHING
        for start in range(len(self.open) - 1, -1, -1):
            together = _plus(together, self.open[start])
            if together[:5] == spent[:5]:
                self.open = self.open[:start]
                return None
        for index, known in enumerate(self.open):
            if last is not None and known[:5] == last[:5]:
                self.open = self.open[:index] + self.open[index + 1 :]
                return _minus(spent, known)
        return spent


def _plus(a: Counts, b: Counts) -> Counts:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5])


def _minus(a: Counts, b: Counts) -> Counts | None:
    """Return a − b; None if any count fell."""
    left = (a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], a[4] - b[4], a[5] - b[5])
    return None if min(left) < 0 else left


def info_of(payload: dict[str, object]) -> dict[str, object]:
    """Return a `token_count`'s info; empty where the row is about limits alone."""
    return mapping(payload.get("info"))
