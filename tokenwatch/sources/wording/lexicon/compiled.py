"""Patterns of several languages as one search each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from tokenwatch.sources.wording.folded import folded
from tokenwatch.sources.wording.lexicon.words import Words

_BETWEEN = r"(?: [^\s.,;:!?]+){0,4} "
_OPTIONAL_BETWEEN = r"(?:[^\s.,;:!?]+ ){0,4}"
_SIGNS = r" ?[-*•>\"'“„«\s]*(?:\d+[.)] ?)?"
_FIRST = re.compile(_SIGNS)
_START = re.compile(r"[.!?;:,\n()…–—。！？；：，、]" + _SIGNS)
_CLAUSES = 60
"""Clauses that are looked at."""
_LITERAL = re.compile(r"([^\W\d_])(?![?*{+|])")
_GROUP = re.compile(r"\((?!\?)")


class Clauses:
    """A folded text and where its clauses begin, behind signs and bullets."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        first = _FIRST.match(text)
        self.starts = [first.end() if first else 0]
        self.starts += [start.end() for start in islice(_START.finditer(text), _CLAUSES)]


class Search(NamedTuple):
    """One class of patterns: those that may stand anywhere, and those that begin a clause."""

    anywhere: re.Pattern[str] | None
    opening: re.Pattern[str] | None

    def found(self, clauses: Clauses) -> bool:
        """Tell whether a pattern occurs."""
        text = clauses.text
        if self.anywhere is not None and self.anywhere.search(text) is not None:
            return True
        if self.opening is None:
            return False
        match = self.opening.match
        return any(match(text, start) is not None for start in clauses.starts)

    def describes(self, clauses: Clauses) -> bool:
        """Tell whether a text begins with a pattern that begins a clause, or has one of the others.

        Languages in which the verb comes last have only others, which end a text.
        """
        text = clauses.text
        if self.opening is not None and self.opening.match(text, clauses.starts[0]) is not None:
            return True
        return self.anywhere is not None and self.anywhere.search(text) is not None


class Lexicon(NamedTuple):
    """All languages of one way of writing together. Fields as in `Words`."""

    strict: Search
    loose: Search
    restated: Search
    contrasts: Search
    accepts: Search
    thanks: Search
    moves_on: Search
    chores: Search
    chore_stops: Search
    tasks: Search
    questions: Search
    requests: Search
    control: re.Pattern[str]
    """Matches the whole of a text that consists of nothing else."""
    hypotheses: re.Pattern[str] | None
    """Matches the clauses that tell of nothing that happened."""


def lexicon(languages: Iterable[Words], *, blanks: bool) -> Lexicon:
    """Compile languages together; `blanks` tells whether blanks part their words."""
    words = tuple(languages)
    fillers = [pattern for one in words for pattern in one.fillers]
    before = f"(?:(?>{_either(fillers, blanks)})[,.!…，。！、 ]*)*" if fillers else ""

    def search(patterns: Iterable[tuple[str, ...]]) -> Search:
        every = [pattern for group in patterns for pattern in group]
        opening = [pattern[1:] for pattern in every if pattern.startswith("^")]
        anywhere = [pattern for pattern in every if not pattern.startswith("^")]
        return Search(
            re.compile(_either(anywhere, blanks)) if anywhere else None,
            re.compile(before + _either(opening, blanks)) if opening else None,
        )

    hypotheses = [pattern for one in words for pattern in one.hypotheses]
    control = [pattern for one in words for pattern in (*one.control, *one.fillers)]
    return Lexicon(
        strict=search(one.strict for one in words),
        loose=search(one.loose for one in words),
        restated=search(one.restated for one in words),
        contrasts=search(one.contrasts for one in words),
        accepts=search(one.accepts for one in words),
        thanks=search(one.thanks for one in words),
        moves_on=search(one.moves_on for one in words),
        chores=search(one.chores for one in words),
        chore_stops=search(one.chore_stops for one in words),
        tasks=search(one.tasks for one in words),
        questions=search(one.questions for one in words),
        requests=search(one.requests for one in words),
        control=re.compile(rf"(?:(?>{_either(control, blanks)})[\s,.!~…，。！、:;)&+-]*)+"),
        hypotheses=re.compile(_either(hypotheses, blanks) + r"[^.,;!?\n。，！？；]*")
        if hypotheses
        else None,
    )


def _either(patterns: list[str], blanks: bool) -> str:
    """Return one expression for any of these, the longest first.

    They are parted by their first letters, so that it is quick to fail.
    """
    heads: dict[str, list[str]] = {}
    for pattern in sorted(set(patterns), key=lambda one: (-len(one), one)):
        for head, rest in _parted(_plain(pattern, blanks)).items():
            heads.setdefault(head, []).append(rest)
    parts = [
        f"{head}(?:{'|'.join(rests)})" if head else "|".join(rests)
        for head, rests in sorted(heads.items(), reverse=True)
    ]
    either = f"(?:{'|'.join(parts)})"
    return rf"(?<!\w){either}(?!\w)" if blanks else either


def _parted(pattern: str) -> dict[str, str]:
    """Return what follows each letter that a match may begin with; all under "" if unclear."""
    letters: dict[str, list[str]] = {}
    for choice in _choices(pattern):
        if (literal := _LITERAL.match(choice)) is not None:
            letters.setdefault(literal[1], []).append(choice[1:])
            continue
        end = _group_end(choice)
        if end is None or choice[end : end + 1] in ("*", "+", "{"):
            return {"": pattern}
        rest = choice[end:]
        starts = [choice[3 : end - 1]]
        if rest.startswith("?"):
            rest = rest[1:]
            starts.append("")
        for start in starts:
            # What is optional may be left out: then the rest is what begins.
            found = _parted(start) if start else _parted(rest)
            if "" in found:
                return {"": pattern}
            for letter, after in found.items():
                letters.setdefault(letter, []).append(f"(?:{after}){rest}" if start else after)
    return {letter: "|".join(rests) for letter, rests in letters.items()}


def _choices(pattern: str) -> list[str]:
    """Return a pattern's alternatives, those outside all groups."""
    depth = begin = 0
    found = []
    for at, sign in enumerate(pattern):
        if pattern[at - 1 : at] == "\\":
            continue
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0:
            found.append(pattern[begin:at])
            begin = at + 1
    return [*found, pattern[begin:]]


def _group_end(pattern: str) -> int | None:
    """Return where the group ends with which a pattern begins; None if it begins with none."""
    if not pattern.startswith("(?:"):
        return None
    depth = 0
    for at, sign in enumerate(pattern):
        if pattern[at - 1 : at] != "\\":
            depth += (sign in "([") - (sign in ")]")
            if depth == 0:
                return at + 1
    return None


def _plain(pattern: str, blanks: bool) -> str:
    """Return a pattern as a regular expression."""
    plain = folded(_GROUP.sub("(?:", pattern), is_pattern=True)
    plain = plain.replace("(?:_ )?", _OPTIONAL_BETWEEN)
    if not blanks:
        return plain.replace("_", r"[^\n。！？；]{0,8}?")
    return plain.rstrip(" ").replace(" _ ", _BETWEEN).replace("~", r"\w*")
