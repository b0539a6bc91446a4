"""Patterns by the words with which they begin: of most texts, few have to be tried."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokenwatch.sources.wording.lexicon.beginnings import Ends, alternatives, beginnings
from tokenwatch.sources.wording.lexicon.clauses import (
    EVERYWHERE,
    PAIR,
    STEM,
    Clauses,
    Reach,
    is_inside,
)

_BETWEEN = r"(?: [^\s.,;:!?]+){0,4} "
_OPTIONAL_BETWEEN = r"(?:[^\s.,;:!?]+ ){0,4}"
_GAP = r"[^\n。！？；]{0,8}?"
"""What ` _ ` stands for where blanks part words, and where they do not."""
_GROUP = re.compile(r"\((?!\?)")
_PLAIN = re.compile(r"[^\W_]+(?: [^\W_]+)*")


class Piece:
    """One alternative of a pattern; compiled when it is tried first."""

    __slots__ = ("_anywhere", "_blanks", "_here", "is_plain", "source")

    def __init__(self, source: str, *, blanks: bool) -> None:
        self.source = source
        self.is_plain = _PLAIN.fullmatch(source) is not None
        """It is nothing but words."""
        self._blanks = blanks
        self._here: re.Pattern[str] | None = None
        self._anywhere: re.Pattern[str] | None = None

    def end(self, text: str, at: int, limit: int = sys.maxsize) -> int:
        """Return where a match ends that begins there, where a word begins; -1 for none.

        limit: where the text ends.
        """
        if self.is_plain:
            end = at + len(self.source)
            if end > limit or not text.startswith(self.source, at):
                return -1
            return -1 if self._blanks and is_inside(text[end : end + 1]) else end
        if self._here is None:
            self._here = re.compile(_expression(self.source, self._blanks))
        match = self._here.match(text, at, limit)
        return match.end() if match is not None else -1

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Return where matches are, anywhere."""
        if self._anywhere is None:
            before = r"(?<!\w)" if self._blanks else ""
            self._anywhere = re.compile(before + _expression(self.source, self._blanks))
        return (match.span() for match in self._anywhere.finditer(text))


class Heard(NamedTuple):
    """Beginnings of a lexicon's patterns that a text has, each with its tables (`Table.bit`)."""

    words: dict[str, int]
    stems: dict[str, int]
    lengths: tuple[int, ...]
    """Of the stems."""
    tables: int
    """All tables of which a pattern may match."""
    always: int
    """Those with a pattern that may begin with anything."""
    fillers: Table

    def tables_of(self, begin: str) -> int:
        """Return the tables of which a pattern may match that begins with that word."""
        tables = self.words.get(begin, 0) | self.always
        for length in self.lengths:
            tables |= self.stems.get(begin[:length], 0)
        return tables


class Table:
    """Patterns of one class, by what they begin with."""

    __slots__ = ("anything", "bit", "blanks", "lengths", "stems", "words")

    def __init__(self, patterns: Iterable[str] = (), *, blanks: bool) -> None:
        """Take folded patterns."""
        self.blanks = blanks
        self.bit = 0
        """Tells the tables of a lexicon apart."""
        self.words: dict[str, list[Piece]] = {}
        self.stems: dict[str, list[Piece]] = {}
        self.anything: list[Piece] = []
        self._add(patterns)
        self._close()

    def _add(self, patterns: Iterable[str]) -> None:
        blanks = self.blanks
        longest = STEM if blanks else PAIR
        every = {choice for pattern in patterns for choice in alternatives(pattern)}
        for source in sorted(every, key=lambda one: (-len(one), one)):
            piece = Piece(source, blanks=blanks)
            if piece.is_plain:
                begins = {(source.partition(" ")[0], Ends.WORD)}
            else:
                found = beginnings(source, blanks=blanks)
                if found is None:
                    self.anything.append(piece)
                    continue
                begins = found
            for begin, ends in begins:
                if ends is Ends.ANY or not blanks:
                    known = self.stems.setdefault(begin[:longest], [])
                else:
                    known = self.words.setdefault(begin, [])
                if not known or known[-1] is not piece:
                    known.append(piece)

    def _close(self) -> None:
        self.lengths = tuple(sorted({len(stem) for stem in self.stems}, reverse=True))

    @classmethod
    def together(cls, tables: Sequence[Table]) -> Table:
        """Return the patterns of several tables as one, sharing what has been compiled."""
        table = cls(blanks=tables[0].blanks)
        for one in tables:
            for word, pieces in one.words.items():
                table.words[word] = [*table.words.get(word, ()), *pieces]
            for stem, pieces in one.stems.items():
                table.stems[stem] = [*table.stems.get(stem, ()), *pieces]
            table.anything += one.anything
        table._close()
        return table

    def end(self, text: str, at: int, begin: str, limit: int = sys.maxsize) -> int:
        """Return where a match ends that begins there, with that word; -1 for none."""
        pieces = self.words.get(begin)
        if pieces is not None:
            for piece in pieces:
                if (end := piece.end(text, at, limit)) >= 0:
                    return end
        for length in self.lengths:
            pieces = self.stems.get(begin[:length])
            if pieces is not None:
                for piece in pieces:
                    if (end := piece.end(text, at, limit)) >= 0:
                        return end
        for piece in self.anything:
            if (end := piece.end(text, at, limit)) >= 0:
                return end
        return -1

    def matches(self, clauses: Clauses, heard: Heard) -> Iterator[tuple[int, int]]:
        """Return where matches begin and end, in no order; they may overlap."""
        text = clauses.text
        for pieces, places in self._candidates(clauses, heard):
            for at in places:
                for piece in pieces:
                    if (end := piece.end(text, at)) >= 0:
                        yield at, end
        for piece in self.anything:
            yield from piece.spans(text)

    def occurs(self, clauses: Clauses, heard: Heard, reach: Reach = EVERYWHERE) -> bool:
        """Tell whether a match begins within reach."""
        if not heard.tables & self.bit:
            return False
        text, head, tail = clauses.text, *reach.of(clauses.text)
        for pieces, places in self._candidates(clauses, heard):
            for at in places:
                limit = clauses.limit(at)
                if head <= at < tail or limit < at:
                    continue
                for piece in pieces:
                    if piece.end(text, at, limit) >= 0:
                        return True
        spans = (span for piece in self.anything for span in piece.spans(text))
        return any(not head <= at < tail for at, _ in spans)

    def _candidates(
        self, clauses: Clauses, heard: Heard
    ) -> Iterator[tuple[list[Piece], Sequence[int]]]:
        """Yield what may match, and the places where."""
        for word in self.words.keys() & heard.words.keys():
            yield self.words[word], clauses.word_at(word)
        for stem in self.stems.keys() & heard.stems.keys():
            yield self.stems[stem], clauses.begun_at(stem, blanks=self.blanks)


def _expression(source: str, blanks: bool) -> str:
    """Return a piece as a regular expression."""
    plain = _GROUP.sub("(?:", source).replace("(?:_ )?", _OPTIONAL_BETWEEN)
    if not blanks:
        return f"(?:{plain.replace('_', _GAP)})"
    plain = plain.rstrip(" ").replace(" _ ", _BETWEEN).replace("~", r"\w*")
    return rf"(?:{plain})(?!\w)"
