"""Keys by which prompts that may say the same are found without comparing all with all.

A MinHash signature of a prompt's sketch is cut into bands; two prompts are worth comparing if one
band is equal. A permutation of the hashes is the exclusive or with a constant: since they are
spread evenly, the least value of two sets comes from both as often as they overlap. Of prompts that
share 60 % of their letter runs nine in ten are found so, of those that share 70 % all but one in
eighty (of long ones, whose sketches are cut off, fewer); `similarity` then tells for certain.
Everything follows from constants: the same prompt has the same keys on all machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

from tokenwatch.analysis.waste.attempts.similarity import LONG, is_short
from tokenwatch.wording import Wording

BANDS = 16
ROWS = 4
"""Values of one band: 64 permutations in all (the specification)."""
_ALL = 2**32 - 1
_ODD = 0x9E3779B1
MOST_ERRORS = 4
"""Quoted errors of a prompt that are keys as well."""


_MASKS = tuple(
    int.from_bytes(blake2b(bytes((of,)), digest_size=4).digest(), "big")
    for of in range(BANDS * ROWS)
)
"""The permutations: constants, made of nothing but their places."""


def keys(wording: Wording, project: str) -> tuple[int, ...]:
    """Return the keys of a prompt in a project, rising: 64-bit numbers; none if it is too short.

    One of each band, one of how the prompt begins, which longer versions of it share, and one of
    each error that it quotes.
    """
    found = {_key(project, b"error", error) for error in wording.errors[:MOST_ERRORS]}
    if not is_short(wording):
        is_long = wording.chars > LONG
        values = wording.shingles if is_long else wording.grams
        name = b"words" if is_long else b"letters"
        if values:
            found.update(_key(project, name, *band) for band in _bands(values))
        if wording.opening:
            found.add(_key(project, b"opening", wording.opening))
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def _bands(values: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    return tuple(_cut(_signature(values)))


def _signature(values: Sequence[int]) -> list[int]:
    # A sketch holds the smallest hashes: they are spread evenly again first.
    spread = [value * _ODD & _ALL for value in values]
    return [min([value ^ mask for value in spread]) for mask in _MASKS]


def _cut(signature: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for band in range(BANDS):
        yield (band, *signature[band * ROWS : (band + 1) * ROWS])


def _key(project: str, name: bytes, *values: int) -> int:
    told = name + b"\0" + b"".join(value.to_bytes(8, "big") for value in values)
    digest = blake2b(told + project.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
