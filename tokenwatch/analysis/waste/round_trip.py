"""Round trips: what it cost to make a tool call, known to the token.

To make a call, a model reads the context and writes the call. Of a request that makes several, each
call has its share. What a call's result adds to later requests is another matter (`carry`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from tokenwatch.analysis.waste.finding import Ask, Evidence
from tokenwatch.analysis.waste.history import NO_MONEY, Call, Money, Request, Strand


def round_trip(request: Request, share_of: int, calls: int) -> Money:
    """Return what `share_of` of the `calls` calls that a request made cost it.

    Never more than the request's own cache reads and output; nothing of an unpriced one.
    """
    if request.price is None:
        return NO_MONEY
    output = min(request.usage.output * request.price.output, request.cost.output)
    whole = Money(cache_read=request.cost.cache_read, output=max(0, output))
    return whole.part(min(share_of, calls), calls)


class Trips:
    """The calls of a strand, by the requests that made them. Most are made and never asked."""

    def __init__(self, strand: Strand) -> None:
        self._strand = strand

    @cached_property
    def _requests(self) -> dict[int, Request]:
        return {request.key: request for request in self._strand.requests}

    @cached_property
    def _calls(self) -> dict[int, list[Call]]:
        calls: dict[int, list[Call]] = {}
        for call in self._strand.calls:
            if call.request_key is not None:
                calls.setdefault(call.request_key, []).append(call)
        return calls

    def request(self, call: Call) -> Request | None:
        """Return the request that made a call; None if the turn does not hold it."""
        return None if call.request_key is None else self._requests.get(call.request_key)

    def beside(self, call: Call) -> list[Call]:
        """Return all calls of that request, this one among them."""
        return [call] if call.request_key is None else self._calls.get(call.request_key, [call])

    def cost(self, call: Call) -> int | None:
        """Return what a call's round trip cost in picodollars; None if no price is known."""
        request = self.request(call)
        if request is None or request.price is None:
            return None
        return round_trip(request, 1, len(self.beside(call))).total

    def asks(self, calls: Iterable[Call]) -> tuple[Ask, ...]:
        """Return the round trips of these calls; of what is unpriced, nothing is asked."""
        shares = Counter(call.request_key for call in calls)
        asks = []
        for key, share in shares.items():
            request = None if key is None else self._requests.get(key)
            if key is None or request is None:
                continue
            money = round_trip(request, share, len(self._calls[key]))
            if money.total:
                asks.append(Ask(key, money))
        return tuple(asks)

    def line(self, call: Call, what: str) -> Evidence:
        """Return a line of evidence for a call, with what its round trip cost."""
        request = self.request(call)
        return Evidence(
            call.at_ms,
            what,
            cost=self.cost(call),
            request_id=None if request is None else request.id,
        )


def described(call: Call) -> str:
    """Return a tool with what it worked on: enough to recognise a call, never its content."""
    return f"{call.name} {call.target}" if call.target else call.name
