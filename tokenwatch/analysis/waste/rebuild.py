"""Rebuilds: context that was in the cache a request before, and was sent again at full price.

A *chain* is what one agent requested, in the order of time. Of two neighbours in it, what the
second should have read is what the first sent, so what it wrote instead is known to the token.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.history import (
    Agent,
    Change,
    Compaction,
    Money,
    Price,
    Request,
    Strand,
    Turn,
)
from tokenwatch.analysis.waste.shared import once

IGNORED_TOKENS = 4_000
"""A smaller loss is no rebuild (§3 of the specification, after cachemiss): a part of the newest
messages is re-sent now and then without anything having been lost."""
SHORT_MS = 5 * 60_000
LONG_MS = 60 * 60_000
"""How long a cache entry lives after it was last used, for the two kinds of writes."""
MAX_CHAINS = 256
"""Agents that are remembered: the latest active. Ours; 16 is the most seen in one session."""


class Between(NamedTuple):
    """What happened in an agent since its latest request."""

    replaced: bool = False
    """Compacted, cleared or rewound: what went before is not sent any more."""
    effort: str | None = None
    """The effort that was chosen."""
    version: str | None = None
    """The version of the client that went on."""
    tools: str | None = None
    """What was connected or redefined; "" where the log names nothing."""
    reason: str | None = None
    """Why the provider says that it did not find in the cache what was sent before."""


NOTHING = Between()


class Chain(NamedTuple):
    """What is remembered of an agent."""

    latest: Request
    baseline: int
    """Context of its first request: system prompt, tools, instructions and the first prompt."""
    lifetime_ms: int
    """Of what the latest request that wrote at all has written."""
    between: Between = NOTHING
    effort: str | None = None
    version: str | None = None


class Link(NamedTuple):
    """Two requests of an agent, one after the other."""

    agent: Agent
    before: Request
    request: Request
    baseline: int
    lifetime_ms: int
    """Of the cache that the request found."""
    between: Between
    effort: str | None
    """The effort before; None if it was never told."""
    version: str | None
    """The same for the client's version."""

    @property
    def idle_ms(self) -> int:
        """From the end of one answer to the beginning of the next."""
        return max(0, self.request.at_ms - self.before.ended_ms)

    @property
    def same_model(self) -> bool:
        return self.before.model == self.request.model

    @property
    def expired(self) -> bool:
        """Whether the cache had come to its end, so that nothing else needs to explain a loss."""
        return self.same_model and self.idle_ms >= self.lifetime_ms

    @property
    def goes_on(self) -> bool:
        """Whether the second request should have found the first one's context in the cache.

        Not so where the context has shrunk to less than half of it without a word (ours): then
        something was dropped from it that the log does not tell.
        """
        return not self.between.replaced and self.request.context * 2 >= self.before.context

    def lost(self, source: str) -> int:
        """Return the tokens that were sent again instead of being read; 0 below the threshold.

        Codex's provider bills no writes for most models: there they are uncached input.
        """
        request = self.request
        sent = request.cache_write + (request.usage.input if source == "codex" else 0)
        if sent < IGNORED_TOKENS:
            return 0
        tokens = min(self.before.context - request.usage.cache_read, sent)
        return tokens if tokens >= IGNORED_TOKENS and self.goes_on else 0


class Rebuilt(NamedTuple):
    """What it cost to send tokens again."""

    tokens: int
    paid: Money
    read: Money
    """What reading them from the cache would have cost, beside the components that were paid."""

    @property
    def premium(self) -> Money:
        """What the loss cost, by component; never more than the request's own."""
        return Money(*(max(0, a - b) for a, b in zip(self.paid, self.read, strict=True)))


def rebuilt(request: Request, price: Price, tokens: int) -> Rebuilt:
    """Return what `tokens` of the request's writes, then of its input, cost at its own rates.

    What was lost is the beginning of a context, and writes come before the uncached rest.
    """
    written = min(tokens, request.cache_write)
    plain = min(tokens - written, request.usage.input)
    write = 0
    if written:
        usage = request.usage
        full = (
            usage.cache_write_5m * price.cache_write_5m
            + usage.cache_write_1h * price.cache_write_1h
        )
        write = full * written // request.cache_write
    return Rebuilt(
        tokens,
        Money(
            input=min(plain * price.input, request.cost.input),
            cache_write=min(write, request.cost.cache_write),
        ),
        Money(input=plain * price.cache_read, cache_write=written * price.cache_read),
    )


def walk(chains: Mapping[str, Chain], turn: Turn) -> tuple[Mapping[str, Chain], tuple[Link, ...]]:
    """Return the chains after a turn, and each pair of neighbours that it completes.

    Requests without a context (broken answers, the client's own notes) are passed over.
    """
    return once(turn, "links", chains, lambda: _walk(chains, turn))


def _walk(chains: Mapping[str, Chain], turn: Turn) -> tuple[Mapping[str, Chain], tuple[Link, ...]]:
    after = dict(chains)
    links: list[Link] = []
    for strand in turn.strands:
        chain = after.pop(strand.agent.id, None)
        chain = _follow(strand, chain, links)
        if chain is not None:
            after[strand.agent.id] = chain
    for agent_id in tuple(after)[: max(0, len(after) - MAX_CHAINS)]:
        del after[agent_id]
    return after, tuple(links)


def _follow(strand: Strand, chain: Chain | None, links: list[Link]) -> Chain | None:
    reasons = deque(change for change in strand.changes if change.kind == "miss")
    others: list[Change | Compaction] = [c for c in strand.changes if c.kind != "miss"]
    events = deque(sorted((*others, *strand.compactions), key=_when))
    between = chain.between if chain else NOTHING
    for request in strand.requests:
        context = request.context
        if not context:
            continue
        while events and _when(events[0]) <= (request.at_ms, False):
            between = _noted(between, events.popleft())
        while reasons and reasons[0].at_ms <= request.ended_ms:
            between = _noted(between, reasons.popleft())
        if chain is None:
            chain = Chain(request, context, SHORT_MS)
        else:
            links.append(_link(strand.agent, chain, request, between))
        chain = Chain(
            request,
            chain.baseline,
            _lifetime(request, chain.lifetime_ms),
            NOTHING,
            between.effort or chain.effort,
            between.version or chain.version,
        )
        between = NOTHING
    for event in (*events, *reasons):
        between = _noted(between, event)
    # What is told before an agent's first request is how it starts, and no change.
    return chain._replace(between=between) if chain else None


def _when(event: Change | Compaction) -> tuple[int, bool]:
    """Return when something happened, and whether that is after an answer of the same instant.

    Effort and version are told by the answer's own record. What changes the context was there long
    before the answer to it, so it can only follow the one before.
    """
    own = isinstance(event, Change) and event.kind in ("effort", "version")
    return event.at_ms, not own


def _link(agent: Agent, chain: Chain, request: Request, between: Between) -> Link:
    latest, baseline, lifetime_ms, _, effort, version = chain
    return Link(agent, latest, request, baseline, lifetime_ms, between, effort, version)


def _noted(between: Between, event: Change | Compaction) -> Between:
    if isinstance(event, Compaction) or event.kind in ("rewind", "clear"):
        return between._replace(replaced=True)
    if event.kind == "effort":
        return between._replace(effort=event.what or "")
    if event.kind == "version":
        return between._replace(version=event.what or "")
    if event.kind in ("tools", "server"):
        return between._replace(tools=event.what or between.tools or "")
    if event.kind == "miss":
        return between._replace(reason=event.what)
    return between


def _lifetime(request: Request, before: int) -> int:
    if not request.cache_write:
        return before
    return LONG_MS if request.usage.cache_write_1h else SHORT_MS
