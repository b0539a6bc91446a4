"""Where the numbers come from: one package per source, known here by name only.

The registry imports a source when it is asked for, so that a command about one source never pays
for another.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from tokenwatch.sources.source import Source

SOURCES = {
    "claude-code": "tokenwatch.sources.claude_code",
    "codex": "tokenwatch.sources.codex",
}


def source(name: str) -> Source:
    """Return the source of that name; KeyError for an unknown one."""
    return cast(Source, import_module(SOURCES[name]).SOURCE)


def all_sources() -> tuple[Source, ...]:
    """Return every source, in the order in which they are shown."""
    return tuple(source(name) for name in SOURCES)
