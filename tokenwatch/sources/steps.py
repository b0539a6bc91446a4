"""What one program of a shell command does, and what its arguments name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

NEUTRAL, LOOK, UNKNOWN, WAIT = "neutral", "look", "", "wait"
"""Purposes of single programs beside those of `events.ToolCallSeen`: it says or sets something,
it looks how something is getting on, it may do anything, it waits."""
FILE_NAME = re.compile(r"\.[A-Za-z]\w{0,5}$")
"""How a word ends that may name a file."""


class Step(NamedTuple):
    """What one program does. Within a command, the highest weight decides."""

    purpose: str
    files: Sequence[str] = ()
    everything: bool = False
    partial: bool = False
    stages: bool = False
    """What it names goes into a commit: the next one, or its own."""


STEPS = {
    purpose: Step(purpose)
    for purpose in (
        NEUTRAL, LOOK, UNKNOWN, WAIT, "read", "search", "web", "write", "check", "remove", "commit"
    )
}  # fmt: skip
"""Those that touch no files that can be named."""


def split_words(text: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(text.split())


def operands(
    arguments: Sequence[str], taking: frozenset[str] | set[str] = frozenset()
) -> list[str]:
    """Return the arguments that are no options, nor the values of the options in `taking`."""
    names, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            skip = word in taking
        elif word:
            names.append(word)
    return names


def removal(arguments: list[str]) -> Step:
    """Return what `rm` does with these arguments."""
    names = operands(arguments)
    every = any(name.rstrip("/") in ("*", ".", "..", "~", "./*") for name in names)
    return Step("remove", names, everything=every)
