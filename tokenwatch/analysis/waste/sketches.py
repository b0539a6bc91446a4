"""How much two texts have in common, told by sketches: the smallest hashes of their parts."""

from __future__ import annotations

from collections.abc import Sequence

DIGITS = 8
"""Hexadecimal digits of one hash in a text's fingerprint (`events.AgentLaunched`)."""


def hashes(fingerprint: str | None) -> tuple[int, ...]:
    """Return the hashes in a fingerprint; nothing for one that is no sketch."""
    if not fingerprint or len(fingerprint) % DIGITS:
        return ()
    try:
        return tuple(
            int(fingerprint[at : at + DIGITS], 16) for at in range(0, len(fingerprint), DIGITS)
        )
    except ValueError:
        return ()


def common(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the share of parts that both have, of all parts that either has (Jaccard).

    An estimate from the smallest hashes of each: among the smallest of both together, how many both
    have. Its standard error is about 0.06 with 48 hashes. 0 where either is empty.
    """
    size = min(len(one), len(other))
    if not size:
        return 0.0
    mine, theirs = set(one), set(other)
    smallest = sorted(mine | theirs)[:size]
    return sum(value in mine and value in theirs for value in smallest) / len(smallest)
