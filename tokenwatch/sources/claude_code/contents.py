"""Decode records with what stands in them, as far as the detail pass needs it.

A line is decoded once, straight into these forms. What does not fit them is taken apart field by
field instead: a field may hold anything, a content may be a plain string, and bytes may be damaged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tokenwatch.sources.claude_code.records import (
    NOTHING,
    Head,
    Message,
    blocks,
    decode,
    decoder,
    part,
    value,
)
from tokenwatch.sources.values import Oddities

NULL = msgspec.Raw(b"null")


class Block(msgspec.Struct):
    """One block of a message's content: a text, a call of a tool, or what a tool returned."""

    type: Any = None
    text: Any = None
    id: Any = None
    name: Any = None
    input: Any = None
    tool_use_id: Any = None
    is_error: Any = None
    content: Any = None


class Spoken(msgspec.Struct):
    """A record's `message`; thoughts and pictures are left out of its content."""

    id: Any = None
    model: Any = None
    stop_reason: Any = None
    diagnostics: Any = None
    content: list[Block] | str | None = None

    @property
    def blocks(self) -> list[Block]:
        """Return the content as blocks; a plain string is one text block."""
        if isinstance(self.content, str):
            return [Block(type="text", text=self.content)]
        return self.content or []


class Details(msgspec.Struct):
    """A record's `toolUseResult`: what a tool tells the program beside what the agent reads."""

    type: Any = None
    interrupted: Any = None
    filePath: Any = None
    notebook_path: Any = None
    gitOperation: Any = None
    agentId: Any = None
    isAsync: Any = None
    status: Any = None
    structuredPatch: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    stdout: msgspec.Raw = NOTHING


class Attachment(msgspec.Struct):
    """What the program put into the context: of `queued_command`, what was typed; else names of
    tools, servers and skills, and instruction files."""

    type: Any = None
    prompt: Any = None
    commandMode: Any = None
    origin: Any = None
    isMeta: Any = None
    source_uuid: Any = None
    timestamp: Any = None
    addedNames: msgspec.Raw = NOTHING
    addedLines: msgspec.Raw = NOTHING
    addedBlocks: msgspec.Raw = NOTHING
    removedNames: msgspec.Raw = NOTHING
    names: msgspec.Raw = NOTHING
    files: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING


class Record(Head):
    """The fields of a record that the detail pass needs."""

    isCompactSummary: Any = None
    isVisibleInTranscriptOnly: Any = None
    sourceToolAssistantUUID: Any = None
    sourceToolUseID: Any = None
    origin: Any = None
    turnOrigin: Any = None
    promptSource: Any = None
    toolDenialKind: Any = None
    compactMetadata: Any = None
    error: Any = None
    apiErrorStatus: Any = None
    retryAttempt: Any = None
    operation: Any = None
    content: Any = None
    prUrl: Any = None
    id: Any = None
    effort: Any = None
    perTurnEffort: Any = None
    turnPosition: Any = None
    querySource: Any = None
    shapeHash: Any = None
    shape: msgspec.Raw = NOTHING
    message: Spoken | None = None
    attachment: Attachment | None = None
    toolUseResult: Details | str | list[msgspec.Raw] | None = None
    """Tools that failed tell a string, others of the program's own an object."""

    @property
    def details(self) -> Details:
        """Return what the tool told; nothing if that is no object."""
        return self.toolUseResult if isinstance(self.toolUseResult, Details) else _NO_DETAILS


_NO_DETAILS = Details()
_RECORD = decoder(Record)


def read(line: bytes, number: int, odd: Oddities) -> Record | None:
    """Return a line's record; see `records.decode`."""
    try:
        return _RECORD.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return read_any(line, number, odd)


def read_any(line: bytes, number: int, odd: Oddities) -> Record | None:
    """Return a line's record whatever its fields hold; what fits none is left out."""
    fields = decode(dict[str, msgspec.Raw], line, number, odd, count=True)
    if fields is None:
        return None
    record = Record()
    for name in fields.keys() & Record.__struct_fields__:
        setattr(record, name, _FIELDS.get(name, value)(fields[name]))
    return record


class _Message(Message):
    diagnostics: Any = None


def _spoken(raw: msgspec.Raw) -> Spoken | None:
    message = part(_Message, raw)
    if message is None:
        return None
    content = any_blocks(value(message.content))
    return Spoken(message.id, message.model, message.stop_reason, message.diagnostics, content)


def any_blocks(content: object) -> list[Block]:
    """Return a decoded content, which may be anything, as blocks."""
    return [msgspec.convert(block, Block) for block in blocks(content)]


def _told(raw: msgspec.Raw) -> Details | str | None:
    if raw == NULL:
        return None
    told = value(raw)
    return told if isinstance(told, str) else part(Details, raw) or Details()


_FIELDS: dict[str, Callable[[msgspec.Raw], object]] = {
    "shape": lambda raw: raw,
    "message": _spoken,
    "attachment": lambda raw: part(Attachment, raw),
    "toolUseResult": _told,
}
