"""Cache writes for the wrong lifetime: five minutes with long pauses, or an hour without any.

wrong-cache-lifetime: the other cache lifetime would be cheaper
  Means: A cache entry lives for five minutes or for an hour, and writing for an hour costs more.
    With the pauses you make, the other lifetime would have cost less.
  Signal: All requests of the main agents, or of the subagents, are priced under both lifetimes.
    Writing for an hour costs more with each token, and saves a rebuild in each pause of between
    five minutes and an hour. It is shown if the other one saves at least 3 % of what these agents
    spent, over at least 100 requests on at least three days.
  Money: None is claimed, since the rebuilds themselves are findings of their own. The advice has a
    value: what the other lifetime would have saved.
  Next time: Set ENABLE_PROMPT_CACHING_1H=1 for an hour, or FORCE_PROMPT_CACHING_5M=1 for five
    minutes, before Claude Code is started.
  When wrong: Pauses may be others in the future. Some plans choose the lifetime themselves. Codex
    has no choice, and no such finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tokenwatch import format
from tokenwatch.analysis.waste.across import Concluded, Partial, merged
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Request, Session, Turn
from tokenwatch.analysis.waste.rebuild import IGNORED_TOKENS, LONG_MS, SHORT_MS, Chain, Link, walk
from tokenwatch.model import DAY_MS, AgentKind

LEAST_SHARE = 0.03
"""Of what the agents spent: a smaller saving is not told."""
LEAST_REQUESTS = 100
LEAST_DAYS = 3
"""Less is no habit (all three by the specification)."""
MOST_EVIDENCE = 20
"""Pauses that are shown: the dearest."""

CHAINS: Mapping[AgentKind, str] = {AgentKind.MAIN: "main", AgentKind.SUBAGENT: "subagent"}
"""Whose lifetimes can be chosen apart; the client's own helpers are left out."""
DAY = "day:"
"""Counts of this name and a day's number hold that there were requests on it (UTC)."""

Chains = Mapping[str, Chain]


def observe(memory: Chains | None, turn: Turn, session: Session) -> Seen[Chains]:
    """Sum up what a turn's requests would have cost under the other lifetime."""
    if session.source == "codex":
        return Seen({})
    chains, links = walk(memory or {}, turn)
    signs = []
    for kind, name in CHAINS.items():
        requests = [
            request
            for strand in turn.strands
            if strand.agent.kind is kind
            for request in strand.requests
            if request.price is not None and request.context
        ]
        if requests:
            mine = [link for link in links if link.agent.kind is kind]
            signs.append(_sign(name, requests, mine))
    return Seen(chains, tuple(signs))


def _sign(name: str, requests: Sequence[Request], links: Iterable[Link]) -> Sign:
    spend = longer = shorter = 0
    for request in requests:
        dearer = _dearer(request)
        spend += request.cost.total
        longer += request.usage.cache_write_5m * dearer
        shorter += request.usage.cache_write_1h * dearer
    counts = {
        "requests": len(requests),
        "spend_pico": spend,
        "long_pico": -longer,
        "short_pico": shorter,
        "pauses": 0,
        "tokens": 0,
    }
    days = dict.fromkeys(request.at_ms // DAY_MS for request in requests)
    counts.update({f"{DAY}{day}": 1 for day in days})
    evidence = []
    for link in links:
        if not (link.goes_on and link.same_model and SHORT_MS <= link.idle_ms < LONG_MS):
            continue
        price = link.request.price
        if price is None or not price.cache_read or not price.cache_write_1h:
            continue
        if link.lifetime_ms == LONG_MS:
            # An hour kept these; five minutes would not have.
            kept = min(link.before.context, link.request.usage.cache_read)
            if kept >= IGNORED_TOKENS:
                counts["short_pico"] -= kept * (price.cache_write_5m - price.cache_read)
            continue
        if lost := link.lost("claude-code"):
            saved = lost * (price.cache_write_1h - price.cache_read)
            counts["long_pico"] += saved
            counts["pauses"] += 1
            counts["tokens"] += lost
            evidence.append(_line(link, lost, saved))
    return Sign(
        kind=Kind.WRONG_CACHE_LIFETIME,
        key=name,
        at_ms=max(request.at_ms for request in requests),
        evidence=tuple(evidence),
        conditional=True,
        counts=counts,
        names={"agent": name},
        signature=name,
    )


def _dearer(request: Request) -> int:
    """Return what writing a token for an hour costs more than for five minutes."""
    price = request.price
    if price is None or not price.cache_write_1h:
        return 0
    return price.cache_write_1h - price.cache_write_5m


def _line(link: Link, lost: int, saved: int) -> Evidence:
    return Evidence(
        link.request.at_ms,
        f"idle for {format.span(link.idle_ms)}: a cache of 1 h would have kept"
        f" {format.tokens(lost)} tokens",
        cost=saved,
        request_id=link.request.id,
    )


def conclude(members: Sequence[Partial]) -> tuple[Concluded, ...]:
    """Return what the other lifetime would save, by source and kind of agents, where it is enough.

    `counts` then hold `advice_pico` and `days`, `names` the lifetime `to` choose.
    """
    groups: dict[tuple[str, str], list[Partial]] = {}
    for member in members:
        groups.setdefault((member.source, member.finding.key), []).append(member)
    found = (_concluded(source, name, group) for (source, name), group in sorted(groups.items()))
    return tuple(one for one in found if one is not None)


def _concluded(source: str, name: str, members: Sequence[Partial]) -> Concluded | None:
    whole = merged(members, key=f"{source} {name}")
    counts = dict(whole.finding.counts)
    days = [count for count in counts if count.startswith(DAY)]
    for day in days:
        del counts[day]
    saving = max(counts["long_pico"], counts["short_pico"])
    if (
        len(days) < LEAST_DAYS
        or counts["requests"] < LEAST_REQUESTS
        or saving <= 0
        or saving < counts["spend_pico"] * LEAST_SHARE
    ):
        return None
    to = "1h" if saving == counts["long_pico"] else "5m"
    counts |= {"advice_pico": saving, "days": len(days)}
    dearest = sorted(whole.finding.evidence, key=lambda line: -(line.cost or 0))[:MOST_EVIDENCE]
    finding = replace(
        whole.finding,
        counts=counts,
        names={**whole.finding.names, "to": to},
        evidence=tuple(sorted(dearest)) if to == "1h" else (),
        signature=f"{name} {to}",
    )
    return Concluded(finding, whole.members)


def tell(finding: Finding) -> Told:
    """Put a concluded finding in words; of a single session's it tells only what was summed up."""
    counts = finding.counts
    agents = "subagents" if finding.names.get("agent") == "subagent" else "main agents"
    basis = f"{format.count(counts['requests'])} requests of {agents}"
    if "days" in counts:
        basis += f" on {counts['days']} days"
    if finding.names.get("to", "1h") == "5m":
        return Told(
            "a cache of five minutes would be cheaper",
            f"In {basis}, pauses of between 5 m and 1 h were so rare that writing the cache for an"
            " hour cost more than it saved.",
            "Set FORCE_PROMPT_CACHING_5M=1 before Claude Code is started.",
        )
    pauses = counts["pauses"]
    return Told(
        "a cache of one hour would be cheaper",
        f"In {basis}, {pauses} {'pause' if pauses == 1 else 'pauses'} of between 5 m and 1 h had"
        f" {format.tokens(counts['tokens'])} tokens sent again, which costs more than writing for"
        " an hour would have.",
        "Set ENABLE_PROMPT_CACHING_1H=1 before Claude Code is started.",
    )


DETECTORS = (
    Detector(kind=Kind.WRONG_CACHE_LIFETIME, observe=observe, tell=tell, conclude=conclude),
)
