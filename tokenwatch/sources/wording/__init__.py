"""What can be told of a prompt's text without keeping its words."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from tokenwatch.sources.wording import own_words
from tokenwatch.sources.wording.blocks import parted
from tokenwatch.sources.wording.classes import AUTO, is_auto, is_command, said
from tokenwatch.sources.wording.entities import named
from tokenwatch.sources.wording.errors import may_quote, signatures, without_messages
from tokenwatch.sources.wording.scripts import script_of
from tokenwatch.sources.wording.sketch import grams, opening, passages, shingles
from tokenwatch.wording import Wording

HEAD = 20_000
TAIL = 4_000
"""Characters of a long text's beginning and end that are looked at."""
_SHORT = 120
"""Characters of a text that may come again word for word ("continue", "yes"): what was told of
the latest of these is kept."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
"""Control characters, marks of direction and blanks without width."""


def wording(
    text: str, *, scripted: bool = False, images: bool = False, command: bool = False
) -> Wording:
    """Return what can be told of a prompt; any string will do.

    `scripted` says that a program wrote it, `images` that it came with pictures, `command` that
    it is a slash command. The same text gives the same hashes in every process and source.
    """
    if len(text) <= _SHORT:
        return _remembered(text, scripted, images, command, own_words.held())
    return _wording(text, scripted, images, command)


@lru_cache(maxsize=512)
def _remembered(text: str, scripted: bool, images: bool, command: bool, own: object) -> Wording:
    """Of a short text. own: the user's own words for a complaint, which decide as well."""
    return _wording(text, scripted, images, command)


def _wording(text: str, scripted: bool, images: bool, command: bool) -> Wording:
    whole = _cleaned(text)
    quotes = may_quote(whole)
    parts = parted(whole, quotes=quotes)
    instruction = parts.instruction.strip()
    words = named(instruction)
    script = script_of(instruction or whole)
    errors = signatures(whole) if quotes else ()
    spoken, messages = without_messages(instruction) if errors else (instruction, 0)
    length = max(1, len(whole.strip()))
    pasted = min(100, (parts.pasted + messages) * 100 // length)
    evidence = min(100, (parts.logged + messages) * 100 // length) if errors or parts.logged else 0
    if scripted or is_auto(whole):
        judged = AUTO
    else:
        judged = said(
            spoken,
            command=command or is_command(whole),
            evidence=evidence,
            images=images,
        )
    blanks = script not in ("han", "kana", "hangul") and not (
        script == "other" and words.words > 4 * max(1, words.normal.count(" "))
    )
    return Wording(
        kind=judged.kind,
        complaint=judged.complaint,
        accepts=judged.accepts,
        moves_on=judged.moves_on,
        script=script,
        chars=len(instruction),
        words=words.words,
        pasted=pasted,
        images=images,
        tokens=words.tokens,
        grams=grams(words.normal, blanks=blanks),
        shingles=shingles(words.normal),
        blocks=parts.blocks,
        errors=errors,
        entities=words.entities,
        files=words.files,
        opening=opening(words.normal or whole.strip().casefold()[:80]),
        passages=passages(text),
    )


def _cleaned(text: str) -> str:
    """Return the beginning and the end of a text in one form of Unicode, without what is unseen."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    if not text.isascii():
        text = normalize("NFKC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text)
