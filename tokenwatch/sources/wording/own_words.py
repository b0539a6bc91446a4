"""Complaints in the user's own words: texts of the settings that no lexicon has.

They hold for one thread, or for a process of its own: whoever reads logs says which hold before it
reads. A prompt that has one of them near its beginning complains, perhaps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import ContextVar
from functools import lru_cache

from tokenwatch.sources.wording.folded import folded

HEAD = 300
"""Characters of a folded prompt in which such a text must begin."""
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts in which a word need not end where such a text ends."""
_pattern: ContextVar[re.Pattern[str] | None] = ContextVar("own_words", default=None)


def use(texts: Sequence[str]) -> None:
    """Let these texts hold from now on, instead of those before."""
    _pattern.set(_compiled(tuple(texts)) if texts else None)


def held() -> object:
    """Return something that is another one when other texts hold."""
    return _pattern.get()


def occur(plain: str) -> bool:
    """Tell whether a folded text has any of them."""
    pattern = _pattern.get()
    if pattern is None:
        return False
    found = pattern.search(plain)
    return found is not None and found.start() < HEAD


@lru_cache(maxsize=4)
def _compiled(texts: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = [part for text in texts if (part := _part(text))]
    return re.compile("|".join(parts)) if parts else None


def _part(text: str) -> str:
    """Return a pattern: any blanks between words, whole words at both ends."""
    words = folded(text).split()
    if not words:
        return ""
    first, last = words[0][0], words[-1][-1]
    before = r"(?<!\w)" if _ends_words(first) else ""
    behind = r"(?!\w)" if _ends_words(last) else ""
    return before + r"\s+".join(map(re.escape, words)) + behind


def _ends_words(letter: str) -> bool:
    return (letter.isalnum() or letter == "_") and not _WITHOUT_BLANKS.match(letter)
