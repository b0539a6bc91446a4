"""The words of one prompt, read again from its line."""

from __future__ import annotations

from tokenwatch.sources.claude_code import prompts
from tokenwatch.sources.claude_code.contents import read
from tokenwatch.sources.claude_code.prompts import Kind
from tokenwatch.sources.values import Oddities


def prompt_at(line: bytes) -> str | None:
    """Return what a person typed, of a slash command its name and arguments; None for no prompt."""
    record = read(line, 0, Oddities())
    if record is None:
        return None
    if record.attachment is not None:
        queued = prompts.queued(record.attachment)
        return queued.text if queued.kind is Kind.PROMPT else None
    if record.message is None:
        return None
    parts = record.message.blocks
    said = prompts.said(record, parts)
    return said.whole if said.kind in (Kind.PROMPT, Kind.COMMAND) else None
