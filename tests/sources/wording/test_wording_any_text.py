"""Any string will do, and what comes back is bounded and always the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.sources.wording import wording
from tokenwatch.wording import Wording

KINDS = {"auto", "command", "control", "chore", "question", "evidence", "complaint", "task"}
PIECES = (
    *("still not working\n", "```\n", "Traceback (most recent call last):\n", "ValueError: x\n"),
    *(
        "/a/b.py ",
        "@x",
        '"',
        "嗯",
        "음",
        "don't ",
        "ABC-1 ",
        "| a | b |\n",
        "你",
        "no, ",
        "ください",
    ),
    *("https://x.y/z ", "\ud800", "\x00", "\u202e", "👍", "a" * 300, "    ", "。", "::"),
    *("2026-01-01 10:00:00 ERROR x\n", "diff --git a b\n"),
)


def bounded(told: Wording) -> bool:
    hashes = (*told.tokens, *told.grams, *told.shingles, *told.blocks, *told.errors, *told.entities)
    return (
        told.kind in KINDS
        and told.complaint in (0, 1, 2, 3)
        and 0 <= told.pasted <= 100
        and len(told.tokens) <= 64
        and len(told.grams) <= 96
        and len(told.shingles) <= 48
        and len(told.blocks) <= 16
        and len(told.errors) <= 8
        and len(told.entities) <= 32
        and len(told.files) <= 16
        and len(told.passages) <= 4
        and list(told.grams) == sorted(set(told.grams))
        and list(told.shingles) == sorted(set(told.shingles))
        and all(0 <= value < 2**32 for value in hashes)
        and not (told.accepts and told.complaint >= 2)
    )


@given(st.text(alphabet=st.characters(), max_size=400), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_characters_are_told_and_told_again_alike(
    text: str, scripted: bool, images: bool, command: bool
) -> None:
    told = wording(text, scripted=scripted, images=images, command=command)
    assert bounded(told)
    assert told == wording(text, scripted=scripted, images=images, command=command)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_mixture_of_what_is_looked_for_is_told(pieces: list[str]) -> None:
    assert bounded(wording("".join(pieces)))


@pytest.mark.parametrize("piece", [*PIECES, "go ", "a.", "?", ";", "1x", "-a", "\n", "\ud83d"])
def test_large_texts_are_told(piece: str) -> None:
    assert bounded(wording(piece * (200_000 // len(piece))))


def test_the_beginning_and_the_end_of_a_large_text_count() -> None:
    filling = "every page has a title. " * 3_000
    assert wording("it still doesn't work\n" + filling).complaint >= 2
    assert (
        wording(filling + "\nValueError: bad row").errors == wording("ValueError: bad row").errors
    )
