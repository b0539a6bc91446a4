"""Context that was in the cache and was sent again at full price: after a pause, or by a change.

cache-expired: cache expired while idle
  Means: A conversation went on after its cache had expired, so all of its context was written
    again instead of being read.
  Signal: Two requests of one agent, of the same model, with a pause between them of at least the
    lifetime of the cache (an hour if the agent's latest write was for an hour, else five minutes),
    no compaction, clearing or rewind between them, and at least 4,000 tokens that the first one
    sent and the second one did not read but send again.
  Money: These tokens at the difference between the second request's own rates for what it sent and
    for reading. After more than an hour, which no cache lasts, only what goes beyond the agent's
    first context counts: a new session would have had to send that too. Such a finding is likely,
    with half of it as the lower end, since a new session needs some of the old one's knowledge.
  Next time: Before a break, compact while the cache is warm, or finish first. After a long one,
    begin a new session with what is still needed.
  When wrong: The provider may drop a cache before its time. Where the clock was changed, a pause is
    longer or shorter than it seems.

cache-broken: cache broken by a change
  Means: Something that belongs to the beginning of what is sent became different, so that what lies
    behind it was written again although the cache was still warm.
  Signal: Two requests of one agent within the lifetime of the cache, or of two models, no
    compaction, clearing or rewind between them, and at least 4,000 tokens that the first one sent
    and the second one did not read but send again. The cause is, in this order, another model,
    another effort or speed, another version of the client, other tools, what the provider itself
    says, or, where nothing of this is logged, the client. Of Codex, the tokens read must have
    fallen by as much, since its provider promises nothing for what was sent only once.
  Money: These tokens at the difference between the second request's own rates for what it sent and
    for reading. What a cheaper model saved in the next 20 requests is subtracted; where that is
    more than the rebuild cost, there is no finding.
  Next time: Choose model, effort and tools before the work starts; let another model work as a
    subagent. What the client does by itself, no user can avoid.
  When wrong: A change that the log does not show is put down to the client. A switch of the model
    may be worth more than it costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.breakage import advised, cause_of, changed, fell, told
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign, Tier
from tokenwatch.analysis.waste.history import Price, Request, Session, Turn
from tokenwatch.analysis.waste.rebuild import (
    IGNORED_TOKENS,
    LONG_MS,
    Chain,
    Link,
    Rebuilt,
    rebuilt,
    walk,
)
from tokenwatch.model import AgentKind

FEWEST_REQUESTS = 3
"""Of a session: below it nothing is told (common guard of the specification)."""
PAYBACK_REQUESTS = 20
"""How long a cheaper model has time to pay for the rebuild that it caused (specification)."""
LOW_AFTER_BREAK = 0.5
"""Lower end after a break that no cache lasts. Ours: a new session has to be told something."""


class Switch(NamedTuple):
    """A switch of the model whose costs the new model may yet bring in."""

    sign: Sign
    """For the whole of what the rebuild cost."""
    model: str | None
    price: Price
    """Of the model before."""
    saved: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a session's chains."""

    chains: Mapping[str, Chain] = field(default_factory=dict)
    requests: int = 0
    held: tuple[Sign, ...] = ()
    """Signs that wait until the session is long enough."""
    switches: Mapping[str, Switch] = field(default_factory=dict)
    """By agent: the latest switch, while it is watched."""


def expired(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Find contexts that were sent again after their cache had expired."""
    memory = memory or Memory()
    chains, links = walk(memory.chains, turn)
    signs = [sign for link in links if (sign := _expiry(link, session.source))]
    return _told(memory, chains, turn, signs)


def broken(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Find contexts that were sent again because something had changed."""
    memory = memory or Memory()
    chains, links = walk(memory.chains, turn)
    switches = {agent: kept for agent, kept in memory.switches.items() if agent in chains}
    signs: dict[str, Sign] = {}
    for link in links:
        agent = link.agent.id
        watched = switches.pop(agent, None)
        if watched is not None:
            watched = _paid_back(watched, link.request)
        if watched is not None:
            switches[agent] = watched
            signs[watched.sign.key] = _net(watched)
        sign = _break(link, session)
        if sign is None:
            continue
        signs[sign.key] = sign
        if not link.same_model and link.before.price is not None:
            switches[agent] = Switch(sign, link.request.model, link.before.price)
    return _told(memory, chains, turn, list(signs.values()), switches)


def _told(
    memory: Memory,
    chains: Mapping[str, Chain],
    turn: Turn,
    signs: list[Sign],
    switches: Mapping[str, Switch] | None = None,
) -> Seen[Memory]:
    """Return the signs of a step, or hold them back while the session is too short."""
    requests = memory.requests + len(turn.requests)
    ripe = requests >= FEWEST_REQUESTS
    found = (*memory.held, *signs)
    after = Memory(
        chains=chains,
        requests=min(requests, FEWEST_REQUESTS),
        held=() if ripe else found,
        switches=switches or {},
    )
    return Seen(after, found if ripe else ())


def _expiry(link: Link, source: str) -> Sign | None:
    lost = link.lost(source)
    price = link.request.price
    if not lost or not link.expired or price is None or not price.cache_read:
        return None
    is_break = link.idle_ms > LONG_MS
    baseline = _resent(link) if is_break else 0
    tokens = lost - baseline
    if tokens <= 0:
        return None
    loss = rebuilt(link.request, price, tokens)
    idle = format.span(link.idle_ms)
    who = _who(link)
    return Sign(
        kind=Kind.CACHE_EXPIRED,
        key=link.request.id,
        at_ms=link.request.at_ms,
        asks=(Ask(link.request.key, loss.premium),),
        evidence=_lines(link, loss, f"idle for {idle}, "),
        low=LOW_AFTER_BREAK if is_break else 1.0,
        tier=Tier.LIKELY if is_break else None,
        agent_id=_agent_id(link),
        counts={
            "tokens": loss.tokens,
            "idle_ms": link.idle_ms,
            "lifetime_ms": link.lifetime_ms,
            "paid_pico": loss.paid.total,
            "read_pico": loss.read.total,
            **({"baseline": baseline} if is_break else {}),
        },
        names={"agent": who},
        signature=f"{'break' if is_break else 'pause'} {who}",
    )


def _resent(link: Link) -> int:
    """Return how much of a loss a new session would have had to send as well.

    The agent's first context; nothing where all of that was read, so that only later parts of the
    context were lost.
    """
    return link.baseline if link.request.usage.cache_read < link.baseline else 0


def _break(link: Link, session: Session) -> Sign | None:
    lost = link.lost(session.source)
    price = link.request.price
    if not lost or link.expired or price is None or not price.cache_read:
        return None
    if session.source == "codex" and fell(link) < IGNORED_TOKENS:
        # Its provider promises nothing for what was sent only once.
        return None
    cause = cause_of(link)
    loss = rebuilt(link.request, price, lost)
    names = changed(link, cause, session)
    return Sign(
        kind=Kind.CACHE_BROKEN,
        key=link.request.id,
        at_ms=link.request.at_ms,
        asks=(Ask(link.request.key, loss.premium),),
        evidence=_lines(link, loss, f"{told(cause, names)}: "),
        replaces=True,
        cause=cause,
        agent_id=_agent_id(link),
        counts={
            "tokens": loss.tokens,
            "idle_ms": link.idle_ms,
            "paid_pico": loss.paid.total,
            "read_pico": loss.read.total,
        },
        names=names,
        signature=" ".join((cause, *names.values())),
    )


def _paid_back(switch: Switch, request: Request) -> Switch | None:
    """Return the switch with what one more request saved; None once it is watched no more."""
    if request.model != switch.model or switch.requests >= PAYBACK_REQUESTS:
        return None
    saved = 0
    if request.price is not None:
        saved = _at(switch.price, request) - _at(request.price, request)
    return switch._replace(saved=switch.saved + saved, requests=switch.requests + 1)


def _at(price: Price, request: Request) -> int:
    usage = request.usage
    return (
        usage.input * price.input
        + usage.output * price.output
        + usage.cache_read * price.cache_read
        + usage.cache_write_5m * price.cache_write_5m
        + usage.cache_write_1h * price.cache_write_1h
    )


def _net(switch: Switch) -> Sign:
    """Return what is left of a switch's costs; another model that is dearer saves nothing."""
    saved = max(0, switch.saved)
    sign = switch.sign
    asks = []
    for request, money in sign.asks:
        of_writes = min(saved, money.cache_write)
        rest = money._replace(
            cache_write=money.cache_write - of_writes,
            input=max(0, money.input - (saved - of_writes)),
        )
        if rest.total:
            asks.append(Ask(request, rest))
    if not asks:
        return replace(sign, asks=(), withdrawn=True)
    if not saved:
        return sign
    evidence = Evidence(
        sign.at_ms,
        f"less what the cheaper model saved in {_requests(switch.requests)} after it",
        cost=saved,
    )
    return replace(
        sign,
        asks=tuple(asks),
        evidence=(*sign.evidence, evidence),
        counts={**sign.counts, "saved_pico": saved, "following": switch.requests},
    )


def _lines(link: Link, loss: Rebuilt, why: str) -> tuple[Evidence, ...]:
    """Return what had been in the cache, what was paid, and what would have been."""
    before, request = link.before, link.request
    tokens = format.tokens(loss.tokens)
    return (
        Evidence(
            before.ended_ms,
            f"{format.tokens(before.context)} tokens of context in the cache",
            request_id=before.id,
        ),
        Evidence(
            request.at_ms,
            f"{why}{tokens} tokens sent again",
            cost=loss.paid.total,
            request_id=request.id,
        ),
        Evidence(
            request.at_ms,
            f"reading these {tokens} tokens from the cache would have cost",
            cost=loss.read.total,
            request_id=request.id,
        ),
    )


def _who(link: Link) -> str:
    return "main" if link.agent.kind is AgentKind.MAIN else "subagent"


def _agent_id(link: Link) -> str | None:
    return None if link.agent.kind is AgentKind.MAIN else link.agent.id


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number} requests"


def tell_expired(finding: Finding) -> Told:
    """Put an expired cache in words."""
    counts = finding.counts
    tokens = format.tokens(counts["tokens"])
    idle = format.span(counts["idle_ms"])
    lifetime = "1 h" if counts["lifetime_ms"] >= LONG_MS else "5 m"
    is_subagent = finding.names.get("agent") == "subagent"
    if "baseline" in counts:
        beyond = (
            f" beyond the {format.tokens(counts['baseline'])} that a new session starts with"
            if counts["baseline"]
            else ""
        )
        return Told(
            "resumed after a break, with the context sent again",
            f"Resumed after {idle}, longer than any cache lasts: {tokens} tokens were sent again"
            f"{beyond}.",
            "Before a break, /compact while the cache is warm; or begin a new session afterwards,"
            " with what is still needed in a few lines.",
        )
    advice = (
        "A subagent's cache lasts 5 m: let it not wait for anything longer, but return and be asked"
        " again when that is done."
        if is_subagent
        else "About to step away? /compact now (it reads the warm cache), or finish first. If it"
        " happens daily, look at wrong-cache-lifetime."
    )
    return Told(
        f"cache expired while {'a subagent waited' if is_subagent else 'idle'}",
        f"{idle} without a request, and the cache lasts {lifetime}: {tokens} tokens were sent again"
        " instead of being read.",
        advice,
    )


def tell_broken(finding: Finding) -> Told:
    """Put a broken cache in words."""
    cause = finding.cause or "client"
    what = told(cause, finding.names)
    counts = finding.counts
    explanation = (
        f"{what[0].upper()}{what[1:]}: {format.tokens(counts['tokens'])} tokens were sent again"
        f" {format.span(counts['idle_ms'])} after they were in the cache."
    )
    if counts.get("saved_pico"):
        explanation += (
            f" What the cheaper model saved in {_requests(counts['following'])} is subtracted."
        )
    headline = "cache rebuilt by the client" if cause == "client" else f"cache broken: {what}"
    return Told(headline, explanation, advised(cause, finding.names))


DETECTORS = (
    Detector(kind=Kind.CACHE_EXPIRED, observe=expired, tell=tell_expired),
    Detector(kind=Kind.CACHE_BROKEN, observe=broken, tell=tell_broken),
)
