"""What detectors say: kinds and tiers of waste, signs of it in a turn, and findings of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tokenwatch.analysis.waste.history import Money


class Tier(StrEnum):
    """How sure a finding is. Tiers are never added up into one number."""

    PROVED = "proved"
    """The usage itself shows it."""
    LIKELY = "likely"
    """What was intended, or how many tokens an item holds, is inferred: dollars have a range."""
    LOOK = "look"
    """Worth a look: no dollars are claimed."""


class Kind(StrEnum):
    """Kinds of waste, in the order of the catalogue (W1 to W22)."""

    CACHE_EXPIRED = "cache-expired"
    WRONG_CACHE_LIFETIME = "wrong-cache-lifetime"
    CACHE_BROKEN = "cache-broken"
    REPEATED_ATTEMPTS = "repeated-attempts"
    STALE_CONTEXT = "stale-context"
    INTERRUPTED_WORK = "interrupted-work"
    OVERSIZED_RESULT = "oversized-result"
    FIXED_OVERHEAD = "fixed-overhead"
    LOOP = "loop"
    REPEATED_FAILURE = "repeated-failure"
    TOOL_MISUSE = "tool-misuse"
    POLLING = "polling"
    REDUNDANT_READ = "redundant-read"
    REPEATED_BOILERPLATE = "repeated-boilerplate"
    OVERSIZED_MODEL = "oversized-model"
    OVERSIZED_EFFORT = "oversized-effort"
    UNATTENDED = "unattended"
    AGENT_FAN_OUT = "agent-fan-out"
    FRUITLESS_EXPLORATION = "fruitless-exploration"
    UNREQUESTED_FILES = "unrequested-files"
    DISCARDED_CODE = "discarded-code"
    NO_OUTPUT = "no-output"


K = Kind
TIERS: Mapping[Kind, Tier] = {
    **dict.fromkeys(
        (K.CACHE_EXPIRED, K.CACHE_BROKEN, K.REPEATED_FAILURE, K.TOOL_MISUSE, K.POLLING), Tier.PROVED
    ),
    **dict.fromkeys(
        (
            *(K.REPEATED_ATTEMPTS, K.STALE_CONTEXT, K.INTERRUPTED_WORK, K.OVERSIZED_RESULT),
            *(K.FIXED_OVERHEAD, K.LOOP, K.REDUNDANT_READ, K.REPEATED_BOILERPLATE),
            *(K.OVERSIZED_MODEL, K.OVERSIZED_EFFORT, K.UNREQUESTED_FILES),
        ),
        Tier.LIKELY,
    ),
    **dict.fromkeys(
        (
            *(K.WRONG_CACHE_LIFETIME, K.UNATTENDED, K.AGENT_FAN_OUT, K.FRUITLESS_EXPLORATION),
            *(K.DISCARDED_CODE, K.NO_OUTPUT),
        ),
        Tier.LOOK,
    ),
}
"""Whether dollars are claimed, and how surely. A single finding may be less sure than its kind."""

CLAIM_ORDER: tuple[Kind, ...] = (
    *(K.CACHE_EXPIRED, K.CACHE_BROKEN, K.INTERRUPTED_WORK, K.REPEATED_ATTEMPTS, K.LOOP),
    *(K.REPEATED_FAILURE, K.TOOL_MISUSE, K.POLLING, K.OVERSIZED_RESULT, K.REDUNDANT_READ),
    *(K.STALE_CONTEXT, K.OVERSIZED_MODEL, K.OVERSIZED_EFFORT, K.UNREQUESTED_FILES),
    *(K.FIXED_OVERHEAD, K.REPEATED_BOILERPLATE),
    *(K.WRONG_CACHE_LIFETIME, K.UNATTENDED, K.AGENT_FAN_OUT, K.FRUITLESS_EXPLORATION),
    *(K.DISCARDED_CODE, K.NO_OUTPUT),
)
"""Who claims first of a dollar that several findings ask for: the surest, then the most specific.
Whether overhead and boilerplate are shown depends on other sessions, so they come after all others
that claim; the rest claims nothing."""


class Ask(NamedTuple):
    """What a finding asks for of one request: picodollars by component."""

    request: int
    """The request's key in the ledger."""
    money: Money


class Evidence(NamedTuple):
    """One line of proof. `what` is our own wording and never quotes a log."""

    at_ms: int
    what: str
    cost: int | None = None
    """Picodollars."""
    request_id: str | None = None
    prompt_id: str | None = None
    """The prompt whose beginning may be shown beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a detector saw in one turn: a finding, or one more part of it.

    Signs of one session with the same `kind` and `key` are one finding: its asks and evidence are
    theirs together, its counts their sums.
    """

    kind: Kind
    key: str
    """Stable: made of ids of the log, or of what the finding is about. Never of positions."""
    at_ms: int
    asks: tuple[Ask, ...] = ()
    """Of any requests up to this turn. The amounts are what is claimed, not the range."""
    evidence: tuple[Evidence, ...] = ()
    low: float = 1.0
    """The range, as factors of the amounts: (low, high). Both 1 where usage proves it."""
    high: float = 1.0
    replaces: bool = False
    """It takes the place of all earlier signs of the finding."""
    withdrawn: bool = False
    """With `replaces`: there is no such finding after all."""
    cause: str | None = None
    agent_id: str | None = None
    """None for the main agent, or for several."""
    tier: Tier | None = None
    """Where it is less sure than its kind."""
    conditional: bool = False
    """Other sessions decide whether it is shown (`across`); until then it counts for nothing."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What explanation and advice are made of; summed up over the signs."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The same for words (a tool, a model); the latest sign's win."""
    signature: str = ""
    """Equal for findings that a user would judge alike: what a dismissal is learnt by. Of the
    kind's own choosing; "" means the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All signs of one finding together, with what it was granted."""

    kind: Kind
    key: str
    tier: Tier
    cause: str | None
    agent_id: str | None
    first_ms: int
    last_ms: int
    asked: int
    """Picodollars that it asked for; the rest overlaps with surer findings."""
    granted: tuple[tuple[int, int], ...]
    """(request, picodollars), by request key; only what is more than 0."""
    low: int
    high: int
    """The range of what was granted."""
    evidence: tuple[Evidence, ...]
    counts: Mapping[str, int]
    names: Mapping[str, str]
    signature: str
    conditional: bool

    @property
    def wasted(self) -> int:
        return sum(amount for _, amount in self.granted)
