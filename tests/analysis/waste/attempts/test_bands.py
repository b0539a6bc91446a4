"""Prompts that may say the same are found by their keys, and few others."""

from __future__ import annotations

from random import Random

import pytest

from tests.analysis.waste.attempts.story import hashed, says
from tokenwatch.analysis.waste.attempts.bands import BANDS, keys
from tokenwatch.wording import Wording

ASK = "make the export button write all rows of the invoice table"


def wordings(rng: Random, likeness: float, size: int = 90) -> tuple[Wording, Wording]:
    """Return two wordings that share that part of all their letter runs."""
    shared = round(size * 2 * likeness / (1 + likeness))
    both = [rng.randrange(2**32) for _ in range(shared)]

    def one() -> Wording:
        own = [rng.randrange(2**32) for _ in range(size - shared)]
        grams = tuple(sorted(both + own)[:96])
        return Wording(chars=90, words=16, grams=grams)

    return one(), one()


@pytest.mark.parametrize("size", [40, 90, 300])
@pytest.mark.parametrize(
    ("likeness", "least", "most"), [(0.1, 0.0, 0.03), (0.6, 0.78, 1.0), (0.8, 0.97, 1.0)]
)
def test_how_often_likeness_is_found(size: int, likeness: float, least: float, most: float) -> None:
    rng = Random(7)
    pairs = [wordings(rng, likeness, size) for _ in range(300)]
    found = sum(not set(keys(a, "p")).isdisjoint(keys(b, "p")) for a, b in pairs)
    assert least <= found / len(pairs) <= most


def test_keys_are_the_same_everywhere_and_fit_a_column() -> None:
    made = keys(says(ASK), "/home/dev/app")
    assert len(made) == BANDS + 1 and list(made) == sorted(made)
    assert made[:2] == (-8940916172207622355, -8241037259495919940)
    assert all(-(2**63) <= key < 2**63 for key in made)


def test_another_project_has_other_keys() -> None:
    assert set(keys(says(ASK), "/a")).isdisjoint(keys(says(ASK), "/b"))


def test_a_longer_version_is_found_by_how_it_begins() -> None:
    long = f"{ASK}, and sort them by their date, the newest one first"
    first, more = says(ASK, opening=1), says(long, opening=1)
    assert not set(keys(first, "p")).isdisjoint(keys(more, "p"))


def test_a_short_prompt_is_found_by_its_errors_alone() -> None:
    assert keys(says("fix it"), "p") == ()
    one = keys(says("fix it", errors=(hashed("KeyError"),)), "p")
    other = keys(says(ASK, errors=(hashed("KeyError"),)), "p")
    assert len(one) == 1 and set(one) <= set(other)
