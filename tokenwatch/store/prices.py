"""What requests cost: the price list is asked once for all requests that it answers alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tokenwatch.model import Rates, Usage
from tokenwatch.pricing import Priceable, Quote, Unpriced
from tokenwatch.store.places import Places, Terms

Price = Callable[[Priceable], Quote]
Wanted = tuple[str | None, str | None, str | None, str | None, str | None]
"""A model's id, and `places.Terms`, as logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A quote with the keys of what it is for; it holds where a `Quote` does."""

    since_ms: int
    until_ms: int
    over: int
    upto: int
    model: int
    terms: int
    price: int
    rates: tuple[int, int, int, int, int] | None
    """Of input, cache reads, both cache writes and output; None where one of them has no price."""
    quoted: Rates | Unpriced

    def holds(self, at_ms: int, context: int) -> bool:
        """Tell whether a request of that time and context is priced so."""
        return self.since_ms <= at_ms < self.until_ms and self.over < context <= self.upto


class Prices:
    """Prices as they are applied, remembered for the connection's lifetime."""

    def __init__(self, places: Places, price: Price) -> None:
        self._places = places
        self._price = price
        self._offers: dict[str, dict[Wanted, list[Offer]]] = {}

    def forget(self) -> None:
        """Ask anew: other prices are to be applied, or the keys were rolled back."""
        self._offers.clear()

    def known(self, source: str) -> dict[Wanted, list[Offer]]:
        """Return the offers that were made for a source; `offer` adds to them."""
        return self._offers.setdefault(source, {})

    def offer(self, source: str, wanted: Wanted, at_ms: int, context: int) -> Offer:
        """Return the offer for a request."""
        known = self.known(source).setdefault(wanted, [])
        for offer in known:
            if offer.holds(at_ms, context):
                return offer
        offer = self._asked(source, wanted, at_ms, context)
        if offer.until_ms - offer.since_ms > 1:
            # A price that changes with the hour is asked for each time.
            known.append(offer)
        return offer

    def _asked(self, source: str, wanted: Wanted, at_ms: int, context: int) -> Offer:
        model = self._places.model(wanted[0])
        name = self._places.model_name(model)
        terms = Terms(*wanted[1:])
        quote = self._price(
            Priceable(
                source=source,
                model=name,
                at_ms=at_ms,
                context_tokens=context,
                speed=terms.speed,
                service_tier=terms.service_tier,
                geo=terms.geo,
                estimated=terms.estimated,
            )
        )
        return Offer(
            since_ms=quote.since_ms,
            until_ms=quote.until_ms,
            over=quote.over,
            upto=quote.upto,
            model=model,
            terms=self._places.terms(terms),
            price=self._places.price(name, quote.rates),
            rates=_plain(quote.rates),
            quoted=quote.rates,
        )

    def cost(self, offer: Offer, usage: Usage, searches: int) -> tuple[int, int | None]:
        """Return the key of the price that applies, and picodollars; None for an unpriced one."""
        quoted = offer.quoted
        if isinstance(quoted, Unpriced):
            return offer.price, None
        cost = quoted.cost(usage, searches)
        if cost is not None:
            return offer.price, cost
        missing = Unpriced(reason=f"no rate of {quoted.model} for a kind that was used")
        return self._places.price(self._places.model_name(offer.model), missing), None


def _plain(quoted: Rates | Unpriced) -> tuple[int, int, int, int, int] | None:
    if isinstance(quoted, Unpriced):
        return None
    read, write_5m, write_1h = quoted.cache_read, quoted.cache_write_5m, quoted.cache_write_1h
    if read is None or write_5m is None or write_1h is None:
        return None
    return quoted.input, read, write_5m, write_1h, quoted.output
