"""What it costs to carry on what an answer wrote: a file's content is in the call that made it.

It enters the context with the next request of the agent, where it is written to the cache, and
later ones read it until the segment ends (`carry`). Its place is right behind what the request that
wrote it had been sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.carry import Room, Step, holds
from tokenwatch.analysis.waste.finding import Ask

MOST_ASKS = 512
"""Requests of which a share is remembered for one item; what later ones carried is left out."""


class Content(NamedTuple):
    """A part of an answer, in the context of the agent that wrote it."""

    agent: str
    request: int
    """Key of the request that wrote it."""
    tokens: int
    start: int = -1
    """Tokens of the context before it; less than 0 until that request has been followed."""
    has_entered: bool = False
    is_gone: bool = False
    asks: tuple[Ask, ...] = ()
    """What the requests after it paid for it."""


def followed(contents: Mapping[str, Content], steps: Iterable[Step]) -> dict[str, Content]:
    """Return an agent's contents after some more of its requests, by the same names."""
    after = dict(contents)
    for step in steps:
        room = Room(step.request)
        for name, content in after.items():
            if content.start < 0:
                if content.request == step.request.key:
                    after[name] = content._replace(start=step.request.context)
            elif not content.is_gone:
                after[name] = _carried(content, step, room)
    return after


def _carried(content: Content, step: Step, room: Room) -> Content:
    if not holds(step, content.start, content.tokens):
        return content._replace(is_gone=True)
    if content.has_entered:
        money = room.carrying(content.start, content.tokens)
    else:
        money = room.entering(content.tokens)
    asks = content.asks
    if money.total > 0 and len(asks) < MOST_ASKS:
        asks = (*asks, Ask(step.request.key, money))
    return content._replace(has_entered=True, asks=asks)
