"""The patterns of several languages together, class by class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

from tokenwatch.sources.wording.folded import folded
from tokenwatch.sources.wording.lexicon.clauses import EVERYWHERE, STEM, Clauses, Reach, begin_at
from tokenwatch.sources.wording.lexicon.table import Heard, Table
from tokenwatch.sources.wording.lexicon.words import Words

_BEHIND_CONTROL = re.compile(r"[\s,.!~…，。！、:;)&+-]*")
_CLAUSE_REST = re.compile(r"[^.,;!?\n。，！？；]*")

_CLASSES = tuple(field.name for field in fields(Words) if field.name != "known_by")


class Search(NamedTuple):
    """One class of patterns: those that may stand anywhere, and those that begin a clause."""

    anywhere: Table
    opening: Table

    def found(self, clauses: Clauses, heard: Heard, reach: Reach = EVERYWHERE) -> bool:
        """Tell whether a pattern occurs."""
        if self.anywhere.occurs(clauses, heard, reach):
            return True
        return self._opens(clauses, heard, reach, first=False)

    def describes(self, clauses: Clauses, heard: Heard) -> bool:
        """Tell whether a text begins with a pattern that begins a clause, or has one of the others.

        Languages in which the verb comes last have only others, which end a text.
        """
        if self._opens(clauses, heard, EVERYWHERE, first=True):
            return True
        return self.anywhere.occurs(clauses, heard)

    def _opens(self, clauses: Clauses, heard: Heard, reach: Reach, *, first: bool) -> bool:
        opening = self.opening
        bit = opening.bit
        if not heard.tables & bit:
            return False
        openings = clauses.openings(heard, first=first)
        if not openings.tables & bit:
            return False
        text, head, tail = clauses.text, *reach.of(clauses.text)
        for at, begin, tables in openings.places:
            if tables & bit and not head <= at < tail:
                limit = clauses.limit(at)
                if limit >= at and opening.end(text, at, begin, limit) >= 0:
                    return True
        return False


class Lexicon:
    """All languages of one way of writing together. Classes as in `Words`."""

    def __init__(self, tables: dict[str, Search], languages: Sequence[Lexicon] = ()) -> None:
        """`languages` are the lexicons that it is made of, if more than one."""
        self.strict = tables["strict"]
        self.loose = tables["loose"]
        self.restated = tables["restated"]
        self.contrasts = tables["contrasts"]
        self.accepts = tables["accepts"]
        self.thanks = tables["thanks"]
        self.moves_on = tables["moves_on"]
        self.chores = tables["chores"]
        self.chore_stops = tables["chore_stops"]
        self.tasks = tables["tasks"]
        self.questions = tables["questions"]
        self.requests = tables["requests"]
        self._tables = tables
        self._languages = languages
        self._hypotheses = tables["hypotheses"].anywhere
        self._fillers = tables["fillers"].anywhere
        self._control = tables["control"].anywhere
        self._blanks = self._fillers.blanks
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._always = 0
        """Tables with patterns that may begin with anything."""
        for number, table in enumerate(table for one in tables.values() for table in one):
            table.bit = 1 << number
            self._always |= table.bit if table.anything else 0
            for begins, known in ((table.words, self._words), (table.stems, self._stems)):
                for begin in begins:
                    known[begin] = known.get(begin, 0) | table.bit
        self._short = [stem for stem in self._stems if len(stem) < STEM]

    @classmethod
    def of(cls, words: Words, *, blanks: bool) -> Lexicon:
        """Return the patterns of one language; `blanks` tells whether blanks part its words."""
        tables = {}
        for name in _CLASSES:
            patterns: tuple[str, ...] = getattr(words, name)
            if name == "control":
                patterns = (*patterns, *words.fillers)
            every = folded("\0".join(patterns), is_pattern=True).split("\0") if patterns else []
            tables[name] = Search(
                Table([one for one in every if not one.startswith("^")], blanks=blanks),
                Table([one[1:] for one in every if one.startswith("^")], blanks=blanks),
            )
        return cls(tables)

    @classmethod
    def together(cls, lexicons: Sequence[Lexicon]) -> Lexicon:
        """Return several languages as one, all of one way of writing."""
        return cls(
            {
                name: Search(
                    Table.together([one._tables[name].anywhere for one in lexicons]),
                    Table.together([one._tables[name].opening for one in lexicons]),
                )
                for name in _CLASSES
            },
            lexicons,
        )

    def heard(self, clauses: Clauses) -> Heard | None:
        """Return which beginnings of patterns a text has; None where no pattern can occur."""
        words, stems = self._words, self._stems
        heard_words: dict[str, int] = {}
        if self._blanks:
            heard_words = {word: words[word] for word in clauses.words & words.keys()}
            begun = {stem for stem in clauses.begun if stem in stems}
            begun.update(stem for stem in self._short if clauses.begins(stem))
        else:
            begun = {run for run in clauses.runs if run in stems}
        heard_stems = {stem: stems[stem] for stem in begun}
        tables = self._always
        for more in (*heard_words.values(), *heard_stems.values()):
            tables |= more
        if not tables:
            return None
        lengths = tuple({len(stem) for stem in begun})
        return Heard(heard_words, heard_stems, lengths, tables, self._always, self._fillers)

    def is_control(self, text: str) -> bool:
        """Tell whether a text consists of answers and fillers of one language alone."""
        return any(one._answers(text) for one in self._languages or (self,))

    def _answers(self, text: str) -> bool:
        at = 0
        while at < len(text):
            end = self._control.end(text, at, begin_at(text, at, blanks=self._blanks))
            if end <= at:
                return False
            behind = _BEHIND_CONTROL.match(text, end)
            at = behind.end() if behind is not None else end
        return at > 0

    def hypotheses(self, clauses: Clauses, heard: Heard) -> list[tuple[int, int]]:
        """Return where clauses begin and end that tell of nothing that happened, in their order."""
        if not heard.tables & self._hypotheses.bit:
            return []
        text, found, last = clauses.text, [], 0
        for begin, end in sorted(self._hypotheses.matches(clauses, heard)):
            if begin >= last:
                rest = _CLAUSE_REST.match(text, end)
                last = rest.end() if rest is not None else end
                found.append((begin, last))
        return found
