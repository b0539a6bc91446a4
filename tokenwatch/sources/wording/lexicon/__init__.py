"""What people say to agents, by language: complaints, praise, tasks, questions, chores.

Which of the languages with Latin letters are searched is told by words that only one of them has:
several for a mixed text, all for one without any. Compiled at first use.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from tokenwatch.sources.wording.lexicon.clauses import Clauses
from tokenwatch.sources.wording.lexicon.compiled import Lexicon
from tokenwatch.sources.wording.lexicon.words import Words

LATIN = ("en", "es", "de", "fr", "pt", "it")
LANGUAGES = (*LATIN, "ru", "zh", "ja", "ko")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_WITHOUT_BLANKS = ("zh", "ja", "ko")
_LATIN = re.compile("[a-z]")
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
    if len(languages) > 1:
        return Lexicon.together([compiled(language) for language in languages])
    return Lexicon.of(words_of(languages[0]), blanks=languages[0] not in _WITHOUT_BLANKS)


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Return the words that tell languages with Latin letters apart, each with its languages."""
    known: dict[str, tuple[str, ...]] = {}
    for language in LATIN:
        for word in set(words_of(language).known_by.split()):
            known[word] = (*known.get(word, ()), language)
    return known


def spoken(clauses: Clauses) -> list[Lexicon]:
    """Return the lexicons for the languages in which a folded text may be written."""
    found, text = [], clauses.text
    if not text.isascii():
        if _CYRILLIC.search(text):
            found.append(compiled("ru"))
        if _HAN.search(text):
            found.append(compiled("zh", "ja"))
        if _HANGUL.search(text):
            found.append(compiled("ko"))
    words = clauses.words if "_" not in text else frozenset(_WORDS.findall(text))
    if not words or not _LATIN.search(text):
        return found
    known = _known()
    counts = dict.fromkeys(LATIN, 0)
    for word in words & known.keys():
        for name in known[word]:
            counts[name] += 1
    if found:
        # Beside another script, Latin words are names, or English ones.
        return [*found, compiled("en")] if counts["en"] else found
    most = max(counts.values())
    names = [name for name in LATIN if counts[name] * 3 >= most or most < _TELLING]
    return [compiled(*names)]
