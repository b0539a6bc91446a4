"""The line of a value in a text of TOML, which the parser doesn't tell."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

LONGEST = 2000
"""In longer texts, which are not written by hand, no line is looked for."""


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    """Return where the statement begins that brings a value in, from 1; None if it can't be told.

    place: names and, within lists, numbers that lead to the value. The text has no wrong syntax.

    The value is there from the shortest beginning of the text on that is proper TOML and has it.
    What stands between that beginning and the longest proper one before it is the statement.
    """
    lines = text.split("\n")
    if len(lines) > LONGEST:
        return None
    proper = 0
    for count in range(1, len(lines) + 1):
        try:
            data = tomllib.loads("\n".join(lines[:count]) + "\n")
        except tomllib.TOMLDecodeError:
            continue
        if _has(data, place):
            return proper + 1
        proper = count
    return None


def _has(data: object, place: Sequence[str | int]) -> bool:
    for step in place:
        if isinstance(step, int):
            if not isinstance(data, list) or step >= len(data):
                return False
            data = data[step]
        else:
            if not isinstance(data, dict) or step not in data:
                return False
            data = data[step]
    return True
