"""Put the signs of one finding together.

A session that is at work gains signs at its end and loses those of its last turn again, while a
finding may have hundreds. So what holds for good is added up once, and what may still change lies
over it in a `branch`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tokenwatch.analysis.waste.finding import TIERS, Evidence, Finding, Sign, Tier
from tokenwatch.analysis.waste.history import NO_MONEY, Money

EVIDENCE = 60
"""Lines of evidence that are kept of one finding: its first ones, and twice as many of its last."""
_FIRST = EVIDENCE // 3


class Asked:
    """What a finding asks for of one request, with the ends of its range."""

    __slots__ = ("high", "low", "money")

    def __init__(self, before: Asked | None = None) -> None:
        self.money: Money = before.money if before is not None else NO_MONEY
        self.low: float = before.low if before is not None else 0.0
        self.high: float = before.high if before is not None else 0.0

    def add(self, money: Money, low: float, high: float) -> None:
        """Add another sign's ask; low and high are factors of it. Less than nothing is nothing."""
        money = Money(*(max(0, amount) for amount in money)) if min(money) < 0 else money
        total = money.total
        self.money = money if self.money is NO_MONEY else self.money + money
        self.low += total * low
        self.high += total * high


class Gathered:
    """The signs of one finding, added up in the order of their steps."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.last: Sign | None = None
        self._own: dict[int, Asked] = {}
        self._below: Mapping[int, Asked] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._begin: list[Evidence] = []
        self._end: list[Evidence] = []
        self._first_ms: int | None = None
        self._last_ms = 0
        self._tier: Tier | None = None
        self._cause: str | None = None
        self._signature = ""
        self._agents: set[str | None] = set()
        self._conditional = False

    def branch(self) -> Gathered:
        """Return a copy to add to, which leaves this one as it is.

        Nothing may be added here while the copy is in use.
        """
        copy = Gathered.__new__(Gathered)
        copy.__dict__.update(self.__dict__)
        copy._own = {}
        copy._below = {**self._below, **self._own} if self._below else self._own
        copy._counts, copy._names = dict(self._counts), dict(self._names)
        copy._begin, copy._end = list(self._begin), list(self._end)
        copy._agents = set(self._agents)
        return copy

    def add(self, sign: Sign) -> None:
        """Add the next sign."""
        if sign.replaces:
            self._reset()
        self.last = sign
        for request, money in sign.asks:
            asked = self._own.get(request)
            if asked is None:
                asked = self._own[request] = Asked(self._below.get(request))
            asked.add(money, sign.low, sign.high)
        for name, count in sign.counts.items():
            self._counts[name] = self._counts.get(name, 0) + count
        self._names.update(sign.names)
        for line in sign.evidence:
            if len(self._begin) < _FIRST:
                self._begin.append(line)
            else:
                self._end.append(line)
        del self._end[: _FIRST - EVIDENCE]
        first_ms = min((sign.at_ms, *(line.at_ms for line in sign.evidence)))
        self._first_ms = first_ms if self._first_ms is None else min(self._first_ms, first_ms)
        self._last_ms = max(self._last_ms, sign.at_ms)
        self._tier = sign.tier or self._tier
        self._cause = sign.cause if sign.cause is not None else self._cause
        self._signature = sign.signature or self._signature
        self._agents.add(sign.agent_id)
        self._conditional |= sign.conditional

    @property
    def stands(self) -> bool:
        """There is such a finding: it was not withdrawn."""
        return self.last is not None and not self.last.withdrawn

    @property
    def is_conditional(self) -> bool:
        """Other sessions decide whether it is shown."""
        return self._conditional

    def asked(self, request: int) -> Asked | None:
        """Return what is asked for of a request, by its key."""
        return self._own.get(request) or self._below.get(request)

    def requests(self) -> set[int]:
        """Return the keys of all requests that are asked for money."""
        return self._own.keys() | self._below.keys()

    def _asks(self) -> Iterator[tuple[int, Asked]]:
        yield from self._own.items()
        if self._below:
            own = self._own
            yield from (pair for pair in self._below.items() if pair[0] not in own)

    def finding(self, granted: Mapping[int, int], costs: Mapping[int, Money]) -> Finding:
        """Return the finding as it stands.

        granted: picodollars by request key; of what is missing nothing was granted. costs: of all
        requests that were asked for money. The range shrinks with what was granted, and no request
        adds more to its upper end than it cost.
        """
        assert self.last is not None and self._first_ms is not None
        low = high = 0.0
        asked = 0
        for request, ask in self._asks():
            total = sum(ask.money)
            asked += total
            amount = granted.get(request, 0)
            if amount and total:
                low += ask.low * amount / total
                high += min(ask.high * amount / total, float(costs[request].total))
        wasted = sum(granted.values())
        return Finding(
            kind=self.last.kind,
            key=self.last.key,
            tier=self._tier or TIERS[self.last.kind],
            cause=self._cause,
            agent_id=next(iter(self._agents)) if len(self._agents) == 1 else None,
            first_ms=self._first_ms,
            last_ms=self._last_ms,
            asked=asked,
            granted=tuple(sorted((key, amount) for key, amount in granted.items() if amount > 0)),
            low=min(round(low), wasted),
            high=max(round(high), wasted),
            evidence=(*self._begin, *self._end),
            counts=dict(self._counts),
            names=dict(self._names),
            signature=self._signature or self.last.key,
            conditional=self._conditional,
        )
