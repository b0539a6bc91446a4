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
    Every longer proper one has it too, so that only few have to be read.
    """
    lines = text.split("\n")
    if len(lines) > LONGEST or not _has(_read(lines, len(lines)), place):
        return None
    lacks, has = 0, len(lines)
    while has - lacks > 1:
        middle = (lacks + has) // 2
        # Within a statement of many lines no beginning is proper: that ends above or below it.
        for count in (*range(middle, lacks, -1), *range(middle + 1, has)):
            if (data := _read(lines, count)) is not None:
                break
        else:
            break
        if _has(data, place):
            has = count
        else:
            lacks = count
    return lacks + 1


def _read(lines: Sequence[str], count: int) -> dict[str, object] | None:
    """Return what the first lines hold; None if they are no proper TOML."""
    try:
        return tomllib.loads("\n".join(lines[:count]) + "\n")
    except tomllib.TOMLDecodeError:
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
