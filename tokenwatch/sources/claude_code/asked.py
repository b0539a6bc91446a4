"""The words of one prompt, read again from its line."""

from __future__ import annotations

import re

from tokenwatch.sources.claude_code import prompts
from tokenwatch.sources.claude_code.contents import read
from tokenwatch.sources.claude_code.prompts import Kind
from tokenwatch.sources.values import Oddities

_ARGUMENTS = re.compile(r"<command-args>(.*?)</command-args>", re.S)


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
    if said.kind is Kind.COMMAND:
        words, _ = prompts.prompt_text(parts)
        given = _ARGUMENTS.search(words)
        return f"{said.text} {given[1] if given else ''}".strip()
    return said.text if said.kind is Kind.PROMPT else None
