"""The shape of a language's phrases."""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """A piece of work on one file."""

    file: str
    task: str
    symptoms: tuple[str, ...]
    """What is still wrong, told without a word of complaint."""
    expected: tuple[str, ...]
    """The expectation, said once more."""
    again: tuple[str, ...]
    """The task in other words, or nearly the same."""
    error: str
    """What a program prints, pasted; the same after each attempt."""
    series: tuple[str, ...]
    """What comes next on the same file: work that was planned."""
    refine: tuple[str, ...]
    """More of what is wanted, which nobody had said before."""
    variations: tuple[str, ...]
    """Other looks of a thing that works."""
    praise: str
    """It works, and one thing more on the same lines."""


class Language(NamedTuple):
    """All phrases of one language."""

    code: str
    topics: tuple[Topic, ...]
    complaints: tuple[str, ...]
    """That it is wrong, in so many words; of any topic."""
    control: tuple[str, ...]
    chores: tuple[str, ...]
    questions: tuple[str, ...]
    thanks: tuple[str, ...]
    reviews: tuple[str, ...]
    template: str
    """One request for many things: `{x}`."""
    wordings: tuple[str, str, str]
    """One request in three wordings."""
    job: str
    """What a script asks each night."""
