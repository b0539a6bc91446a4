"""Bars of block glyphs, one column per value."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[int], highest: int) -> str:
    """Return one line: `▁` is nothing at all, `▂` the least that is more than nothing."""
    if highest <= 0:
        return BLOCKS[0] * len(values)
    return "".join(
        BLOCKS[0] if value <= 0 else BLOCKS[min(7, 1 + value * 7 // (highest + 1))]
        for value in values
    )


def graph(values: Sequence[int], height: int, highest: int | None = None) -> list[str]:
    """Return `height` lines, top first; whatever is more than nothing has at least `▁`."""
    top = max(values, default=0) if highest is None else highest
    if top <= 0 or height <= 0:
        return [" " * len(values)] * max(0, height)
    eighths = [
        0 if value <= 0 else max(1, min(height * 8, round(value * height * 8 / top)))
        for value in values
    ]
    return [
        "".join(_cell(level - row * 8) for level in eighths) for row in range(height - 1, -1, -1)
    ]


def _cell(level: int) -> str:
    return " " if level <= 0 else BLOCKS[min(8, level) - 1]


def in_buckets(values: Sequence[int], width: int) -> tuple[list[int], int]:
    """Return sums of equally many neighbours, as many as fit in `width`, and how many each holds.

    The last value is always the end of the last bucket; the first bucket may hold fewer.
    """
    if not values or width <= 0:
        return [], 1
    each = -(-len(values) // width)
    first = len(values) % each
    sums = [sum(values[at : at + each]) for at in range(first, len(values), each)]
    return ([sum(values[:first]), *sums] if first else sums), each
