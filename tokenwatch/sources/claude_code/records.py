"""Decode lines into records, as far as they are needed, and whatever is in them.

Only named fields are decoded; the bulk (contents, snapshots, tool results) is skipped or kept as
raw bytes. A field may hold anything: take values out with `sources.values`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeVar

import msgspec

from tokenwatch.sources.values import Oddities, sequence, text

NOTHING = msgspec.Raw(b"")
KNOWN_TYPES = frozenset({
    "user", "assistant", "system", "attachment", "progress", "summary", "ai-title", "custom-title",
    "agent-name", "last-prompt", "mode", "permission-mode", "queue-operation",
    "file-history-snapshot", "file-history-delta", "pr-link", "worktree-state", "bridge-session",
    "frame-link", "fork-context-ref", "cost-state", "atis-latch", "artifact-autoreact-ledger",
    "artifact-comment-monitor", "agent-color", "agent-setting", "session-name", "tag", "relocated",
    "continued-in", "ended-by-model", "content-replacement", "attribution-snapshot",
    "history-suppression", "isolation-latch", "observer-ref", "marble-origami-commit",
    "marble-origami-reset", "marble-origami-snapshot", "speculation-accept", "tools-used",
    "api-request", "api-request-shape", "api-request-blob",
})  # fmt: skip
"""Types of records that have been met; any other is passed over and counted."""


class Head(msgspec.Struct):
    """The fields of a record that both passes need."""

    type: Any = None
    subtype: Any = None
    timestamp: Any = None
    uuid: Any = None
    parentUuid: Any = None
    sessionId: Any = None
    agentId: Any = None
    isSidechain: Any = None
    isMeta: Any = None
    isApiErrorMessage: Any = None
    forkedFrom: Any = None
    cwd: Any = None
    gitBranch: Any = None
    version: Any = None
    entrypoint: Any = None
    attributionAgent: Any = None
    attributionSkill: Any = None
    customTitle: Any = None
    agentName: Any = None
    aiTitle: Any = None
    summary: Any = None
    leafUuid: Any = None
    worktreeSession: Any = None


class Envelope(Head):
    """The fields of a record that the usage pass needs."""

    attributionPlugin: Any = None
    attributionMcpServer: Any = None
    attributionMcpTool: Any = None
    isAbortedMidStream: Any = None
    requestId: Any = None
    startTime: Any = None
    modelUsage: Any = None
    totalCostUSD: msgspec.Raw = NOTHING
    message: msgspec.Raw = NOTHING
    data: msgspec.Raw = NOTHING


class Message(msgspec.Struct):
    """A record's `message`."""

    id: Any = None
    model: Any = None
    stop_reason: Any = None
    usage: Any = None
    content: msgspec.Raw = NOTHING


class Mirror(msgspec.Struct):
    """`data` of a progress record: a subagent's record inside its parent's file."""

    type: Any = None
    agentId: Any = None
    message: msgspec.Raw = NOTHING


T = TypeVar("T")

_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}
_ANYTHING = msgspec.json.Decoder()
_BLANK = b"\0 \t\r\n\xef\xbb\xbf"
_UNIQUE = re.compile(r"[A-Za-z0-9]{12}|[A-Za-z][0-9]|[0-9][A-Za-z]")


def decoder(form: type[T]) -> msgspec.json.Decoder[T]:
    """Return the decoder of a form."""
    known = _DECODERS.get(form)
    if known is None:
        known = _DECODERS[form] = msgspec.json.Decoder(form)
    return known


def decode(form: type[T], line: bytes, number: int, odd: Oddities, *, count: bool) -> T | None:
    """Return a line's record; None for a blank line and for one that is none, which is counted.

    Bytes that are no UTF-8, halves of surrogate pairs and numbers beyond all bounds are replaced;
    runs of NULs around a record, as a crash leaves them, are dropped. `count=False` leaves the
    counting to the other pass.
    """
    try:
        return decoder(form).decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    line = line.strip(_BLANK)
    if not line:
        return None
    try:
        return decoder(form).decode(_repaired(line))
    except msgspec.ValidationError:
        reason = "not_an_object"
    except (msgspec.MsgspecError, ValueError, RecursionError):
        reason = "malformed"
    if count:
        odd.add(reason, number)
    return None


def part(form: type[T], raw: msgspec.Raw) -> T | None:
    """Return a raw object within a record; None where it is missing or no object."""
    if not raw:
        return None
    try:
        return decoder(form).decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return decoder(form).decode(_repaired(bytes(raw)))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def value(raw: msgspec.Raw) -> object:
    """Return what a raw part of a record holds; None where that can't be decoded."""
    if not raw:
        return None
    try:
        return _ANYTHING.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _ANYTHING.decode(_repaired(bytes(raw)))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _repaired(line: bytes) -> bytes:
    found = json.loads(
        line.decode("utf-8", "replace"),
        parse_int=_whole,
        parse_float=_finite,
        parse_constant=lambda _: -1,
    )
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 4000 else -1


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else -1.0


def blocks(content: object) -> list[dict[str, object]]:
    """Return a message's content as blocks; a plain string is one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in sequence(content) if isinstance(block, dict)]


def block_text(content: object) -> str:
    """Return the texts of a content, joined by newlines."""
    if isinstance(content, str):
        return content
    return "\n".join(text(block.get("text")) or "" for block in blocks(content))


def is_unique(identifier: str) -> bool:
    """Tell whether an id can stand for itself: gateways send empty ids and plain counters.

    A unique id has a part with both letters and digits, or a long one: `msg_fake000001` is unique,
    `msg_1` is not.
    """
    end = identifier[-12:]  # Nearly all ids end in a long part, and this is faster than a search.
    if len(end) == 12 and end.isalnum() and end.isascii():
        return True
    return _UNIQUE.search(identifier) is not None


def call_key(identifier: object, session_id: str) -> str | None:
    """Return the key of a tool call; a mere counter counts within its session only."""
    name = text(identifier)
    if name is None:
        return None
    return name if is_unique(name) else f"{session_id}:{name}"
