"""What could have been avoided, by the formulas of the specification with a request's own rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from tokenwatch.model import Rates, Usage
from tokenwatch.pricing import Priceable, PriceBook, Unpriced

LEAST_LOST = 4_000
"""Tokens rewritten that are worth a word."""


class Req(NamedTuple):
    """One billed answer as it was logged."""

    id: str
    at_ms: int
    """Of its first record."""
    end_ms: int
    model: str
    usage: Usage
    rates: Rates
    calls: int = 0

    @property
    def context(self) -> int:
        return self.usage.context

    @property
    def cost(self) -> int:
        found = self.rates.cost(self.usage)
        assert found is not None
        return found

    @property
    def written(self) -> int:
        return self.usage.cache_write_5m + self.usage.cache_write_1h


@cache
def _book() -> PriceBook:
    return PriceBook()


def rates(source: str, model: str, at_ms: int, context: int) -> Rates:
    """Return the list price of a request; the model must be one that the table knows."""
    wanted = Priceable(source=source, model=model, at_ms=at_ms, context_tokens=context)
    found = _book().rates(wanted)
    assert not isinstance(found, Unpriced), (model, found.reason)
    return found


def write_rate(req: Req) -> int:
    """Return what writing a token into the cache cost: of the lifetimes that the request used."""
    price = req.rates
    assert price.cache_write_5m is not None and price.cache_write_1h is not None
    if not req.written:
        return price.input
    five, hour = req.usage.cache_write_5m, req.usage.cache_write_1h
    return (five * price.cache_write_5m + hour * price.cache_write_1h) // req.written


def read_rate(req: Req) -> int:
    """Return what reading a token from the cache costs."""
    assert req.rates.cache_read is not None
    return req.rates.cache_read


def lost(before: Req, req: Req, *, uncached: bool = False) -> int:
    """Return how many tokens were written again; uncached: where no writes are billed (Codex)."""
    again = req.usage.input if uncached else req.written
    return max(0, min(before.context - req.usage.cache_read, again))


def premium(before: Req, req: Req, *, uncached: bool = False, less: int = 0) -> int:
    """Return what a rebuild cost more than a read of the same tokens; less: tokens to leave out."""
    tokens = lost(before, req, uncached=uncached)
    if tokens < LEAST_LOST:
        return 0
    price = req.rates.input if uncached else write_rate(req)
    return max(0, tokens - less) * (price - read_rate(req))


def round_trip(req: Req) -> int:
    """Return what one of a request's calls cost: its share of the context read and the output."""
    whole = req.usage.cache_read * read_rate(req) + req.usage.output * req.rates.output
    return whole // max(1, req.calls)


def carry(tokens: int, later: Sequence[Req]) -> int:
    """Return what tokens cost that entered before `later`: written by the first, read by the rest.

    later: all that follow in the same segment.
    """
    if not later:
        return 0
    return tokens * write_rate(later[0]) + sum(tokens * read_rate(req) for req in later[1:])


def total(requests: Iterable[Req]) -> int:
    """Return the cost of them all."""
    return sum(req.cost for req in requests)
