"""The vocabulary: usage, money and the values all layers share. Frozen, no I/O.

Units, here and everywhere: tokens are ints; money is an int of picodollars (10⁻¹² USD, so that a
token's price is whole); instants are ints of milliseconds since the Unix epoch, UTC (`…_ms`).
None means unknown.

Annotations are not postponed here, nor where else a start needs named tuples: each field's would be
compiled.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

DAY_MS = 86_400_000
PICO = 10**12
"""Picodollars in a dollar."""


class State(StrEnum):
    """What an agent is doing now (see `analysis.state`)."""

    WORKING = "working"
    """A turn is open."""
    WAITING = "waiting"
    """A turn is open and blocked on the user: a permission, a question."""
    IDLE = "idle"
    """The turn is closed and the process lives, or the last activity is under 15 minutes ago."""
    ENDED = "ended"


class AgentKind(StrEnum):
    """Whose work an agent does."""

    MAIN = "main"
    SUBAGENT = "subagent"
    AUXILIARY = "auxiliary"
    """The program's own helpers (compaction, prompt suggestion, `/btw`, a guardian): spend of the
    session, but no agent of the user's."""


class Basis(StrEnum):
    """Where a cost comes from."""

    COMPUTED = "computed"
    """Our list price at the request's own date."""
    REPORTED = "reported"
    """The client's own figure."""
    ESTIMATED = "estimated"
    """A price under an assumption that the rate's origin names."""
    UNKNOWN = "unknown"
    """No price: the request is *unpriced*, which is never the same as free."""


class Usage(NamedTuple):
    """Tokens of one or more requests in disjoint kinds: `total` is their plain sum."""

    input: int = 0
    """Uncached input."""
    cache_read: int = 0
    cache_write_5m: int = 0
    """Also writes whose lifetime nobody states."""
    cache_write_1h: int = 0
    output: int = 0
    """Includes `reasoning`."""
    reasoning: int = 0
    """Part of `output`; never added to it."""

    @property
    def context(self) -> int:
        """Tokens sent with the request."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        return self.context + self.output

    @property
    def cache_hit_share(self) -> float | None:
        """Cache reads as a share of the context; None when nothing was sent."""
        return self.cache_read / self.context if self.context else None

    def __add__(self, other: "Usage") -> "Usage":  # type: ignore[override]
        return Usage(
            input=self.input + other.input,
            cache_read=self.cache_read + other.cache_read,
            cache_write_5m=self.cache_write_5m + other.cache_write_5m,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


NO_USAGE = Usage()


class Rates(NamedTuple):
    """What one token costs under one price, in picodollars; None where no price exists.

    `origin` says where and when the price comes from, with every overlay and assumption.
    """

    model: str
    """The id under which the price was found."""
    input: int
    output: int
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    web_search: int | None
    """Per search."""
    basis: Basis
    origin: str

    def cost(self, usage: Usage, web_searches: int = 0) -> int | None:
        """Return the exact cost in picodollars; None if a needed rate is missing."""
        total = usage.input * self.input + usage.output * self.output
        for tokens, rate in (
            (usage.cache_read, self.cache_read),
            (usage.cache_write_5m, self.cache_write_5m),
            (usage.cache_write_1h, self.cache_write_1h),
            (web_searches, self.web_search),
        ):
            if tokens:
                if rate is None:
                    return None
                total += tokens * rate
        return total


class Spend(NamedTuple):
    """A sum over requests: what a row of any report shows."""

    usage: Usage = NO_USAGE
    requests: int = 0
    unpriced_requests: int = 0
    cost_pico: int = 0
    """Sum of the priced requests: a lower bound where `unpriced_requests` > 0."""
    lower_bound_requests: int = 0
    """Requests whose log holds less output than was answered."""
    estimated_requests: int = 0
    """Priced under an assumption (`Basis.ESTIMATED`)."""

    @property
    def cost_or_none(self) -> int | None:
        """Return the cost, or None where there are requests and none is priced."""
        return None if self.requests and self.unpriced_requests == self.requests else self.cost_pico

    def __add__(self, other: "Spend") -> "Spend":  # type: ignore[override]
        return Spend(
            usage=self.usage + other.usage,
            requests=self.requests + other.requests,
            unpriced_requests=self.unpriced_requests + other.unpriced_requests,
            cost_pico=self.cost_pico + other.cost_pico,
            lower_bound_requests=self.lower_bound_requests + other.lower_bound_requests,
            estimated_requests=self.estimated_requests + other.estimated_requests,
        )


NO_SPEND = Spend()


def usd(pico: int) -> "Decimal":
    """Return picodollars as exact dollars."""
    from decimal import Decimal

    return Decimal(pico).scaleb(-12)
