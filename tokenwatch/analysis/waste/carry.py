"""How many tokens an item holds in an agent's context, and what it costs to carry it.

An item (a tool's result, a prompt) enters with the first request that was sent after it came. There
it is written to the cache, or sent as fresh input where nothing is written; each later request
reads it. Its place in the context is known, so that of a request that read less than the whole
(a rebuilt cache, another model) only what was read is ever claimed, at the request's own rates.

A segment ends where the context was replaced: by a compaction, by clearing it, or by a drop that
the log does not explain. After a rewind, only items before it go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeVar

from tokenwatch.analysis.waste.history import Call, Money, Prompt, Request, Strand, Turn
from tokenwatch.analysis.waste.shared import once

BYTES_PER_TOKEN = 3.6
"""Of Latin text and code, where no usage tells. Off by up to a quarter."""
DROPPED_TO = 0.7
"""A context that falls below this share of what it must at least be was cut. Ours: stripped
reasoning makes up less of it."""
MOST_PENDING = 64
"""Results and prompts of an agent that no request has held yet."""
MOST_AGENTS = 64
"""Agents of a session whose contexts are remembered: those that did something last."""

State = TypeVar("State")


class Arrival(NamedTuple):
    """An item that entered the context: a call's result or a prompt."""

    at_ms: int
    call: Call | None
    prompt: Prompt | None
    start: int
    """Tokens of the context before it."""
    tokens: int


class Step(NamedTuple):
    """One request of an agent, with what it held for the first time."""

    request: Request
    arrivals: tuple[Arrival, ...]
    ending: str = ""
    """What happened to the context right before: compaction, clear, rewind, drop; "" nothing."""
    grew: bool = False
    """Nothing happened to the context, and it is no smaller: all that was in it still is."""


class Chain(NamedTuple):
    """What must be known of an agent's context to go on in its next turn."""

    last: Request | None = None
    pending: tuple[tuple[int, Call | None, Prompt | None], ...] = ()
    """What came after the last request: (when, call, prompt)."""
    ending: str = ""
    """What happened to the context after the last request."""


START = Chain()
"""Before an agent's first turn."""


class Room:
    """The tokens of one request that a detector has not claimed yet, by kind.

    All findings of a detector ask through one `Room` for each request, so that together they never
    ask for more than it cost.
    """

    __slots__ = ("_fresh", "_read", "_written", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._read = request.usage.cache_read
        self._written = request.cache_write
        self._fresh = request.usage.input

    def entering(self, tokens: int) -> Money:
        """Take tokens that this request sent first: what it wrote, then its fresh input."""
        written = _within(tokens, self._written)
        fresh = _within(tokens - written, self._fresh)
        self._written -= written
        self._fresh -= fresh
        cost = self.request.cost
        return Money(
            cache_write=_share(cost.cache_write, written, self.request.cache_write),
            input=_share(cost.input, fresh, self.request.usage.input),
        )

    def carrying(self, start: int, tokens: int) -> Money:
        """Take the tokens behind the first `start` ones, as far as this request read them."""
        return Money(cache_read=self.reading(start, tokens))

    def reading(self, start: int, tokens: int) -> int:
        """Do the same; return the picodollars, all of which are for reading."""
        of = self.request.usage.cache_read
        read = _within(min(tokens, of - start), self._read)
        self._read -= read
        return _share(self.request.cost.cache_read, read, of)


def holds(step: Step, start: int, tokens: int) -> bool:
    """Return whether an item may still be in the context that a later request sent."""
    if step.grew:
        return True
    if step.ending in ("compaction", "clear", "drop"):
        return False
    usage = step.request.usage
    # After a rewind the cache still fits up to where the conversation was taken back to.
    end = usage.cache_read if step.ending == "rewind" and usage.cache_read else usage.context
    return start + tokens // 2 < end


def walked(chain: Chain, turn: Turn, strand: Strand) -> tuple[Chain, tuple[Step, ...]]:
    """Walk an agent's part of a turn, once for all detectors; the main agent's with its prompts."""
    prompts = turn.prompts if strand is turn.main else ()
    return once(turn, id(strand), chain, lambda: walk(chain, strand, prompts))


def walk(
    chain: Chain, strand: Strand, prompts: Sequence[Prompt] = ()
) -> tuple[Chain, tuple[Step, ...]]:
    """Return the requests of an agent's part of a turn with what entered with each.

    prompts: of the main agent only. Results that nothing has held yet wait in the chain.
    """
    # One without usage says nothing of the context.
    requests = [request for request in strand.requests if request.context > 0]
    waiting = _placed(chain, requests, strand.calls, prompts)
    endings = [(c.at_ms, "compaction") for c in strand.compactions]
    endings += [(c.at_ms, c.kind) for c in strand.changes if c.kind in ("clear", "rewind")]
    endings.sort()
    steps: list[Step] = []
    last, ending, at = chain.last, chain.ending, 0
    held = 0 if last is None else last.context
    for index, request in enumerate(requests):
        context = request.context
        while at < len(endings) and endings[at][0] <= request.at_ms:
            ending = _stronger(ending, endings[at][1])
            at += 1
        before = None if ending else last
        if before is not None and context < _least(before, held):
            ending, before = "drop", None
        items = waiting.get(index)
        arrivals = _arrived(items, context, before, held) if items else ()
        steps.append(Step(request, arrivals, ending, before is not None and context >= held))
        last, held, ending = request, context, ""
    for _, kind in endings[at:]:
        ending = _stronger(ending, kind)
    left = tuple(waiting.get(len(requests), ()))
    return Chain(last, left[-MOST_PENDING:], ending), tuple(steps)


def remembered(
    agents: Mapping[str, State], changed: Iterable[tuple[str, State]]
) -> dict[str, State]:
    """Return what is known of agents after a turn.

    changed: in the order of the turn's strands, so that the main agent is forgotten last.
    """
    fresh = dict(changed)
    kept = {agent: state for agent, state in agents.items() if agent not in fresh}
    kept.update(reversed(fresh.items()))
    for agent in list(kept)[: max(0, len(kept) - MOST_AGENTS)]:
        del kept[agent]
    return kept


def estimated(size: int) -> int:
    """Return how many tokens so many bytes or characters are, where usage does not tell."""
    return int(size / BYTES_PER_TOKEN)


_Item = tuple[int, Call | None, Prompt | None]
_IN_ORDER = itemgetter(0, 1)


def _placed(
    chain: Chain, requests: Sequence[Request], calls: Iterable[Call], prompts: Iterable[Prompt]
) -> dict[int, list[_Item]]:
    """Return what came before each request, by its index; the number of requests for the rest."""
    position = {request.key: index for index, request in enumerate(requests)}
    placed: dict[int, list[_Item]] = {}
    behind = [(*_order(item), 0, item) for item in chain.pending]
    for call in calls:
        if call.done_ms is not None:
            made = -1 if call.request_key is None else position.get(call.request_key, -1)
            behind.append((call.done_ms, call.id, made + 1, (call.done_ms, call, None)))
    behind += [(one.at_ms, one.id, 0, (one.at_ms, None, one)) for one in prompts]
    behind.sort(key=_IN_ORDER)
    # Times rise, so the search for each item goes on from where the one before it was placed.
    index = 0
    for at_ms, _, earliest, item in behind:
        while index < len(requests) and requests[index].at_ms < at_ms:
            index += 1
        placed.setdefault(max(index, earliest), []).append(item)
    return placed


def _arrived(
    items: Sequence[_Item], context: int, last: Request | None, held: int
) -> tuple[Arrival, ...]:
    """Return what came in with a request, and how many of its tokens each item is.

    last: the request before, of whose context of `held` tokens all is there; else None.
    """
    weights = [_size(item) for item in items]
    total = sum(weights)
    grown = -1 if last is None else context - held - last.usage.output
    if grown < 0:
        sizes = [estimated(weight) for weight in weights]
    else:
        if last is not None and last.lower_bound:
            # What the log left out of the answer is part of the growth.
            grown = min(grown, estimated(total))
        # No text has more tokens than bytes: the rest came in unseen.
        sizes = [min(grown * weight // total, weight) if total else 0 for weight in weights]
    new = sum(sizes)
    if new > context:
        sizes = [size * context // new for size in sizes]
        new = sum(sizes)
    start = context - new
    arrivals = []
    for (at_ms, call, prompt), size in zip(items, sizes, strict=True):
        arrivals.append(Arrival(at_ms, call, prompt, start, size))
        start += size
    return tuple(arrivals)


def _size(item: _Item) -> int:
    """Return an item's bytes; of a prompt its characters, pasted ones with it."""
    _, call, prompt = item
    if call is not None:
        return max(0, call.output_bytes)
    if prompt is None:
        return 0
    wording = prompt.wording
    whole = wording.chars * 100 // (100 - wording.pasted) if 0 <= wording.pasted < 100 else 0
    return max(wording.chars, whole, sum(chars for _, chars in wording.passages), 0)


def _order(item: _Item) -> tuple[int, str]:
    at_ms, call, prompt = item
    return at_ms, call.id if call is not None else prompt.id if prompt is not None else ""


def _least(last: Request, held: int) -> int:
    """Return what a context is at least if all is there that the request before held."""
    output = 0 if last.lower_bound else last.usage.output - last.usage.reasoning
    return int((held + max(0, output)) * DROPPED_TO)


def _stronger(one: str, other: str) -> str:
    """Return which of two endings counts: what replaced the whole context goes before a rewind."""
    return one if one in ("compaction", "clear") else other


def _within(wanted: int, most: int) -> int:
    return max(0, min(wanted, most))


def _share(cost: int, tokens: int, of: int) -> int:
    return cost * tokens // of if of > 0 else 0
