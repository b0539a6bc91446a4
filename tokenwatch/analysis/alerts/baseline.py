"""What is usual for the user, from what was: the floor under a threshold until enough is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEAST_VALUES: Final = 20
"""Fewer past values say nothing of what is usual: ours, the 95th percent of twenty is the
nineteenth."""


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that so many percent of all do not exceed (nearest rank).

    percent: 1 to 100. None for fewer than LEAST_VALUES.
    """
    if len(values) < LEAST_VALUES:
        return None
    rank = -(-len(values) * percent // 100)
    return sorted(values)[rank - 1]


def threshold(floor: int, usual: int | None, times: int = 1, more: int = 0) -> int:
    """Return the larger one of a fixed floor and `times` what is usual, and `more`.

    usual: None where too little is known: the floor.
    """
    return floor if usual is None else max(floor, usual * times + more)
