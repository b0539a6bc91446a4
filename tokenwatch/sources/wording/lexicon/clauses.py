"""A folded text, and where in it what is looked for may stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from operator import add
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenwatch.sources.wording.lexicon.table import Heard

STEM = 4
"""Characters by which words are found that may end in any way."""
PAIR = 2
"""Characters by which patterns are found where no blanks part words."""
_SIGNS = r" ?[-*•>\"'“„«¿¡\s]*(?:\d+[.)] ?)?"
"""Signs and bullets that may stand before a clause."""
_FIRST = re.compile(_SIGNS)
_START = re.compile(rf"[.!?;:,\n()…–—。！？；：，、]{_SIGNS}(\w+)")
_WORD = re.compile(r"\w+")
_PARTED = re.compile(r"\W")
_BLANKED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
"""Makes a blank of every character that is in no word."""
_BEHIND_FILLER = re.compile(r"[,.!…，。！、 ]*")

Opening = tuple[int, str, int]
"""Where a clause may begin, its first word (where no blanks part words, its first pair), and the
tables of which a pattern may begin with it."""


class Openings(NamedTuple):
    """All places of a text where something that is heard may begin a clause."""

    tables: int
    """The tables of which a pattern may begin with any of them."""
    places: list[Opening]


class Reach(NamedTuple):
    """Characters of a text's beginning and of its end in which something is looked for."""

    head: int
    tail: int

    def of(self, text: str) -> tuple[int, int]:
        """Return where the part begins and ends in which it is not looked for."""
        size = len(text)
        return (size, size) if size <= self.head + self.tail else (self.head, size - self.tail)


EVERYWHERE = Reach(sys.maxsize, 0)


class Clauses:
    """A folded text with the places of its words and clauses, each told when it is asked for."""

    __slots__ = ("_begun", "_flat", "_gaps", "_openings", "_places", "_runs", "_words", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if text.isascii():
            self._flat = f" {text.translate(_BLANKED)} "
        else:
            self._flat = f" {_PARTED.sub(' ', text)} "
        self._gaps: list[tuple[int, int]] = []
        self._words: frozenset[str] | None = None
        self._begun: frozenset[str] | None = None
        self._runs: frozenset[str] | None = None
        self._places: dict[str, list[int]] = {}
        self._openings: dict[tuple[int, bool], Openings] = {}

    @property
    def words(self) -> frozenset[str]:
        """All words."""
        if self._words is None:
            self._words = frozenset(self._flat.split())
        return self._words

    @property
    def begun(self) -> frozenset[str]:
        """The beginnings of the words that are long enough to be found by them."""
        if self._begun is None:
            self._begun = frozenset([word[:STEM] for word in self.words])
        return self._begun

    def begins(self, stem: str) -> bool:
        """Tell whether any word begins so."""
        return f" {stem}" in self._flat

    @property
    def runs(self) -> frozenset[str]:
        """All characters, and all pairs of them."""
        if self._runs is None:
            text = self.text
            self._runs = frozenset((*text, *map(add, text, text[1:])))
        return self._runs

    def without(self, gaps: list[tuple[int, int]]) -> Clauses:
        """Return the same text with gaps in which nothing is found, nor any match reaches."""
        if not gaps:
            return self
        other = Clauses.__new__(Clauses)
        for name in Clauses.__slots__:
            setattr(other, name, getattr(self, name))
        other._gaps = sorted([*self._gaps, *gaps])
        return other

    def limit(self, at: int) -> int:
        """Return up to where what begins there may reach: to the next gap; -1 within one."""
        for begin, end in self._gaps:
            if at < begin:
                return begin
            if at < end:
                return -1
        return sys.maxsize

    def word_at(self, word: str) -> list[int]:
        """Return where a word stands."""
        return self._where(f" {word} ")

    def begun_at(self, begin: str, *, blanks: bool) -> list[int]:
        """Return where words begin so; where no blanks part words, anything."""
        return self._where(f" {begin}") if blanks else list(_every(self.text, begin))

    def _where(self, part: str) -> list[int]:
        """Return where a part of the flat text is: its blank in front makes up for the text's."""
        found = self._places.get(part)
        if found is None:
            found = self._places[part] = list(_every(self._flat, part))
        return found

    def openings(self, heard: Heard, *, first: bool) -> Openings:
        """Return where clauses begin with a word that is heard, and what is behind fillers there.

        first: of the first clause alone.
        """
        key = (id(heard.fillers), first)
        found = self._openings.get(key)
        if found is None:
            places: list[Opening] = []
            blanks = heard.fillers.blanks
            if first:
                at = self._first()
                self._opens(at, begin_at(self.text, at, blanks=blanks), heard, places)
            else:
                places += self.openings(heard, first=True).places
                for start in _START.finditer(self.text):
                    at, end = start.span(1)
                    begin = self.text[at : end if blanks else at + PAIR]
                    self._opens(at, begin, heard, places)
            tables = 0
            for _, _, more in places:
                tables |= more
            found = self._openings[key] = Openings(tables, places)
        return found

    def _first(self) -> int:
        first = _FIRST.match(self.text)
        return first.end() if first is not None else 0

    def _opens(self, at: int, begin: str, heard: Heard, places: list[Opening]) -> None:
        """Add where a clause begins, and where what is behind each of its fillers does."""
        text, fillers = self.text, heard.fillers
        while tables := heard.tables_of(begin):
            places.append((at, begin, tables))
            end = fillers.end(text, at, begin) if tables & fillers.bit else -1
            if end <= at:
                return
            behind = _BEHIND_FILLER.match(text, end)
            at = behind.end() if behind is not None else end
            begin = begin_at(text, at, blanks=fillers.blanks)


def begin_at(text: str, at: int, *, blanks: bool) -> str:
    """Return the word that begins there; where no blanks part words, two characters."""
    if not blanks:
        return text[at : at + PAIR]
    word = _WORD.match(text, at)
    return word[0] if word is not None else ""


def _every(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def is_inside(sign: str) -> bool:
    """Tell whether a character is one of those that words consist of."""
    return sign.isalnum() or sign == "_"
