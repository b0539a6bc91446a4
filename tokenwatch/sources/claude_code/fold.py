"""Make one request of the records that one answer of the API left.

An answer is written as one record for each content block; they share `message.id` and repeat the
whole usage, which early records may hold unfinished. The best record's usage is taken whole: one
with a stop reason before one without, then the larger output, then the larger total, then the
first. Taking the larger of each figure would make up a record that never was. What the answer was
made for is what all its records tell together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec.structs import replace

from tokenwatch.attribution import Attribution
from tokenwatch.events import RequestSeen
from tokenwatch.model import Usage
from tokenwatch.sources.claude_code.records import Envelope, Message, is_unique
from tokenwatch.sources.values import Oddities, mapping, sequence, text, tokens

if TYPE_CHECKING:
    from tokenwatch.sources.claude_code.ends import RecordEnd

SYNTHETIC = "<synthetic>"
"""The model of records that the program writes itself: errors, fillers. Never an answer."""
EXTRA = {"advisor_message": "advisor", "compaction": "compaction"}
"""Iterations of an answer that its top-level usage leaves out."""
_NOTHING_SAID = Attribution()
TIERS = frozenset({"batch", "priority", "flex"})


class Fold:
    """The requests of one stretch of a file."""

    def __init__(self) -> None:
        self._seen: dict[str, RequestSeen] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, seen: RequestSeen) -> None:
        """Merge one record's view of a request; records come in the order of their lines."""
        known = self._seen.get(seen.id)
        if known is None:
            self._seen[seen.id] = seen
            return
        attribution = _attribution(known, seen)
        if _fullness(seen) > _fullness(known):
            self._seen[seen.id] = replace(
                seen,
                session_id=known.session_id,
                agent_id=known.agent_id,
                at_ms=known.at_ms,
                line=known.line,
                is_copy=known.is_copy,
                attribution=attribution,
            )
        elif seen.lower_bound and _fullness(seen) == _fullness(known):
            self._seen[seen.id] = replace(known, lower_bound=True, attribution=attribution)
        elif attribution != known.attribution:
            self._seen[seen.id] = replace(known, attribution=attribution)

    def take(self) -> list[RequestSeen]:
        """Return all requests, in the order of their first records, and begin anew."""
        seen, self._seen = list(self._seen.values()), {}
        return seen


def _attribution(known: RequestSeen, seen: RequestSeen) -> Attribution | None:
    if known.attribution is None:
        return seen.attribution
    return known.attribution.merged(seen.attribution)


def read_attribution(record: Envelope | RecordEnd) -> Attribution | None:
    """Return what an answer's record says that it was made for; None where it says nothing."""
    agent, skill = record.attributionAgent, record.attributionSkill
    plugin, server = record.attributionPlugin, record.attributionMcpServer
    tool = record.attributionMcpTool
    if agent is skill is plugin is server is tool is None:
        return None
    told = Attribution(
        agent=text(agent) or "",
        skill=text(skill) or "",
        plugin=text(plugin) or "",
        mcp_server=text(server) or "",
        mcp_tool=text(tool) or "",
    )
    return None if told == _NOTHING_SAID else told


def _fullness(seen: RequestSeen) -> tuple[bool, int, int]:
    return seen.final, seen.usage.output, seen.usage.total


def extras(
    main: RequestSeen, message: Message, number: int, odd: Oddities
) -> Iterator[RequestSeen]:
    """Yield the requests that an answer's iterations add to its own, each under a key of its own.

    An advisor's has a model of its own as well.
    """
    counts: dict[str, int] = {}
    for iteration in sequence(mapping(message.usage).get("iterations")):
        entry = mapping(iteration)
        name = EXTRA.get(str(entry.get("type")))
        if name is None:
            continue
        index = counts[name] = counts.get(name, -1) + 1
        terms = read_terms(entry, number, odd)
        yield replace(
            main,
            id=f"{main.id}:{name}:{index}",
            model=model_name(entry.get("model")) or main.model,
            usage=read_usage(entry, number, odd),
            speed=terms.speed,
            service_tier=terms.service_tier,
            geo=terms.geo,
            web_searches=terms.web_searches,
        )


class Terms(NamedTuple):
    """What else of a request decides its price; None where it is the usual."""

    speed: str | None
    service_tier: str | None
    geo: str | None
    web_searches: int


def read_terms(usage: dict[str, object], number: int, odd: Oddities) -> Terms:
    """Return a usage object's terms."""
    tier, name = usage.get("service_tier"), "web_search_requests"
    server = usage.get("server_tool_use")
    return Terms(
        speed="fast" if usage.get("speed") == "fast" else None,
        service_tier=tier if isinstance(tier, str) and tier in TIERS else None,
        geo="us" if usage.get("inference_geo") == "us" else None,
        web_searches=tokens(server.get(name), number, odd, name) if isinstance(server, dict) else 0,
    )


def read_usage(usage: dict[str, object], number: int, odd: Oddities) -> Usage:
    """Return a usage object's tokens in disjoint kinds.

    Cache writes whose lifetime is not told count as those of five minutes: some gateways send a
    total and an empty split.
    """
    split = mapping(usage.get("cache_creation"))
    details = mapping(usage.get("output_tokens_details"))
    hour = tokens(split.get("ephemeral_1h_input_tokens"), number, odd, "ephemeral_1h_input_tokens")
    short = tokens(split.get("ephemeral_5m_input_tokens"), number, odd, "ephemeral_5m_input_tokens")
    name = "cache_creation_input_tokens"
    written = max(tokens(usage.get(name), number, odd, name), hour + short)
    output = tokens(usage.get("output_tokens"), number, odd, "output_tokens")
    name = "thinking_tokens"
    return Usage(
        input=tokens(usage.get("input_tokens"), number, odd, "input_tokens"),
        cache_read=tokens(
            usage.get("cache_read_input_tokens"), number, odd, "cache_read_input_tokens"
        ),
        cache_write_5m=written - hour,
        cache_write_1h=hour,
        output=output,
        reasoning=min(output, tokens(details.get(name), number, odd, name)),
    )


def model_name(model: object) -> str | None:
    """Return a model's id as logged, without the `[1m]` that only asks for a longer context."""
    name = text(model)
    return (name.removesuffix("[1m]") or None) if name is not None else None


class Anonymous(msgspec.Struct, omit_defaults=True):
    """The latest answer whose id can't stand for itself."""

    id: str
    key: str
    counters: tuple[int, int, int, int]
    uuids: list[str] = []


def answer_key(
    record: Envelope, message: Message, usage: Usage, last: Anonymous | None
) -> tuple[str, Anonymous | None]:
    """Return the key of an answer, and what must be remembered for its further records.

    It is `message.id` alone, the same in every file. Where that is missing or a mere counter, the
    request's id joins it, and without one the record that the answer's first record follows: the
    further records follow each other, or repeat what was sent.
    """
    identifier = text(message.id) or ""
    if is_unique(identifier):
        return identifier, last
    request = text(record.requestId) or ""
    if is_unique(request):
        return f"{identifier}|{request}", last
    uuid, parent = text(record.uuid) or "", text(record.parentUuid) or ""
    sent = (usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h)
    if (
        last is not None
        and last.id == identifier
        and (parent in last.uuids or (any(sent) and sent == last.counters))
    ):
        counters = sent if any(sent) else last.counters
        uuids = [*last.uuids[-15:], uuid]
        return last.key, Anonymous(id=identifier, key=last.key, counters=counters, uuids=uuids)
    anchor = parent or uuid or text(record.sessionId) or ""
    key = f"{identifier}|{request}|{anchor}"
    return key, Anonymous(id=identifier, key=key, counters=sent, uuids=[uuid])
