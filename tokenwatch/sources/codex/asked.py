"""The words of one prompt, read again from its line."""

from __future__ import annotations

from tokenwatch.sources.codex import prompts
from tokenwatch.sources.codex.records import read_record
from tokenwatch.sources.values import Oddities, mapping, text

_KINDS = frozenset({"user_message", "item_completed", "message"})


def prompt_at(line: bytes) -> str | None:
    """Return what a person typed; None for a line that is no prompt."""
    # The line's time is not asked for, so no clock is needed.
    record = read_record(0, line, lambda _, kind: kind in _KINDS or not kind, 0, Oddities())
    if record is None:
        return None
    if record.kind == "user_message":
        words = text(record.payload.get("message"))
    elif record.kind == "item_completed":
        item = mapping(record.payload.get("item"))
        words = (
            prompts.of_content(item.get("content")) if item.get("type") == "UserMessage" else None
        )
    else:
        words = prompts.of_message(record.payload) if record.kind == "message" else None
    return None if words is None else prompts.typed(words)
