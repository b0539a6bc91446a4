"""Decode the end of an answer's record strictly: any value of another form is an error.

Where this fails, `fold` reads the same with care; where it does not, both give the same.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from tokenwatch.model import Usage
from tokenwatch.sources.claude_code.fold import EXTRA, TIERS, Terms
from tokenwatch.sources.values import TOKEN_LIMIT

Count = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]


class _Lifetimes(msgspec.Struct):
    ephemeral_1h_input_tokens: Count = 0
    ephemeral_5m_input_tokens: Count = 0


class _OutputDetails(msgspec.Struct):
    thinking_tokens: Count = 0


class _ServerTools(msgspec.Struct):
    web_search_requests: Count = 0


class _Iteration(msgspec.Struct):
    type: str = ""


class UsageEnd(msgspec.Struct):
    """An answer's `usage`."""

    input_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    output_tokens: Count = 0
    output_tokens_details: _OutputDetails | None = None
    server_tool_use: _ServerTools | None = None
    cache_creation: _Lifetimes | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    iterations: list[_Iteration] | None = None

    @property
    def has_extras(self) -> bool:
        """Whether there are requests in it beyond the answer's own."""
        return any(one.type in EXTRA for one in self.iterations or ())

    @property
    def usage(self) -> Usage:
        """The tokens in disjoint kinds, by the rules of `fold.read_usage`."""
        split, details = self.cache_creation, self.output_tokens_details
        hour = short = 0
        if split is not None:
            hour, short = split.ephemeral_1h_input_tokens, split.ephemeral_5m_input_tokens
        output = self.output_tokens
        return Usage(
            self.input_tokens,
            self.cache_read_input_tokens,
            max(self.cache_creation_input_tokens, hour + short) - hour,
            hour,
            output,
            0 if details is None else min(output, details.thinking_tokens),
        )

    @property
    def terms(self) -> Terms:
        """What else decides the price, by the rules of `fold.read_terms`."""
        server = self.server_tool_use
        searches = 0 if server is None else server.web_search_requests
        key = self.speed, self.service_tier, self.inference_geo
        terms = None if searches else _TERMS.get(key)
        if terms is None:
            terms = Terms(
                speed="fast" if self.speed == "fast" else None,
                service_tier=self.service_tier if self.service_tier in TIERS else None,
                geo="us" if self.inference_geo == "us" else None,
                web_searches=searches,
            )
            if not searches and len(_TERMS) < _TERMS_KEPT:
                _TERMS[key] = terms
        return terms


_TERMS: dict[tuple[str | None, str | None, str | None], Terms] = {}
_TERMS_KEPT = 64


class MessageEnd(msgspec.Struct):
    """A `message` from its `stop_reason` on."""

    usage: UsageEnd
    stop_reason: str | None


class RecordEnd(msgspec.Struct):
    """A record from behind its `message` on."""

    type: str
    uuid: str
    timestamp: str
    isAbortedMidStream: bool = False
    isApiErrorMessage: bool = False
    forkedFrom: None = None
    attributionAgent: str | None = None
    attributionSkill: str | None = None
    attributionPlugin: str | None = None
    attributionMcpServer: str | None = None
    attributionMcpTool: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is an answer's, and the answer a whole one."""
        flagged = self.isAbortedMidStream or self.isApiErrorMessage
        return self.type == "assistant" and not flagged


read_message = msgspec.json.Decoder(MessageEnd).decode
read_record = msgspec.json.Decoder(RecordEnd).decode
