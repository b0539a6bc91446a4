"""What people say to agents, by language: complaints, praise, tasks, questions, chores.

Which of the languages with Latin letters are searched is told by words that only one of them has:
several for a mixed text, all for one without any. Compiled at first use.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from tokenwatch.sources.wording.lexicon.compiled import Lexicon, lexicon
from tokenwatch.sources.wording.lexicon.words import Words

LATIN = ("en", "es", "de", "fr", "pt", "it")
LANGUAGES = (*LATIN, "ru", "zh", "ja", "ko")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_WORDS = re.compile("[a-z]+")
_TELLING = 3
"""Words of one language that are enough to leave the others out."""


@cache
def words_of(language: str) -> Words:
    """Return a language's patterns."""
    words: Words = import_module(f"{__name__}.{language}").WORDS
    return words


@cache
def compiled(*languages: str) -> Lexicon:
    """Return what is searched for in texts of these languages, all of one way of writing."""
    blanks = not {"zh", "ja", "ko"}.intersection(languages)
    return lexicon(map(words_of, languages), blanks=blanks)


@cache
def _markers() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(words_of(name).known_by.split())) for name in LATIN)


def spoken(text: str) -> list[Lexicon]:
    """Return the lexicons for the languages in which a folded text may be written."""
    found = []
    if not text.isascii():
        if _CYRILLIC.search(text):
            found.append(compiled("ru"))
        if _HAN.search(text):
            found.append(compiled("zh", "ja"))
        if _HANGUL.search(text):
            found.append(compiled("ko"))
    words = set(_WORDS.findall(text))
    if not words:
        return found
    counts = {name: len(words & known) for name, known in _markers()}
    most = max(counts.values())
    if found:
        # Beside another script, Latin words are names, or English ones.
        return [*found, compiled("en")] if counts["en"] else found
    return [
        compiled(name) for name, count in counts.items() if count * 3 >= most or most < _TELLING
    ]
