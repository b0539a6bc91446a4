"""A request's row, as it is written."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.model import Usage

Row = tuple[
    str, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int,
    str, int, int | None, int,
]  # fmt: skip
"""The columns of `requests` without the key, in the order of `Request`."""


class Request(NamedTuple):
    """A row by the names of its columns. Most rows do without: to make one takes a while."""

    id: str
    agent: int
    at_ms: int
    model: int
    terms: int
    file: int
    line: int
    is_copy: int
    usage_file: int
    usage_line: int
    final: int
    lower_bound: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    web_searches: int
    turn_id: str
    price: int
    cost_pico: int | None
    attribution: int

    @property
    def usage(self) -> Usage:
        return Usage(
            input=self.input,
            cache_read=self.cache_read,
            cache_write_5m=self.cache_write_5m,
            cache_write_1h=self.cache_write_1h,
            output=self.output,
            reasoning=self.reasoning,
        )

    @property
    def fullness(self) -> tuple[int, int, int]:
        """Order records of one answer: the largest is the best."""
        return self.final, self.output, self.usage.total


COLUMNS = Request._fields
