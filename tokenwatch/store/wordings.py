"""A prompt's wording as a column holds it: flags, counts and hashes, packed.

The form is the ledger's own: a byte that numbers it, the fixed part, then each list of hashes with
its length before it. A form that this program does not know reads as a wording that tells nothing.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from tokenwatch.wording import Wording

FORM = 1
_KINDS = ("task", "auto", "command", "control", "chore", "question", "evidence", "complaint")
_SCRIPTS = ("latin", "cyrillic", "han", "kana", "hangul", "other")
_FIXED = struct.Struct("<BBBBIIBI")
"""Form, kind, script, flags, characters, words, percent pasted, opening."""
_LISTS = ("tokens", "grams", "shingles", "blocks", "errors", "entities", "files")


def hashes(values: Sequence[int]) -> bytes:
    """Return 32-bit numbers as a column holds them."""
    return array("I", values).tobytes() if values else b""


def unhashed(column: bytes) -> tuple[int, ...]:
    """Return the numbers of such a column; none for one of a broken length."""
    return tuple(memoryview(column).cast("I")) if column and len(column) % 4 == 0 else ()


def packed(wording: Wording | None) -> bytes:
    """Return a wording as a column holds it; nothing for none."""
    if wording is None:
        return b""
    flags = wording.complaint & 3
    flags |= wording.accepts << 2 | wording.moves_on << 3 | wording.images << 4
    parts = [
        _FIXED.pack(
            FORM,
            _KINDS.index(wording.kind),
            _SCRIPTS.index(wording.script),
            flags,
            min(wording.chars, 2**32 - 1),
            min(wording.words, 2**32 - 1),
            min(wording.pasted, 100),
            wording.opening,
        )
    ]
    for name in _LISTS:
        values = getattr(wording, name)[:255]
        parts.append(bytes((len(values),)))
        parts.append(hashes(values))
    passages = wording.passages[:255]
    parts.append(bytes((len(passages),)))
    parts.extend(hashes((value, min(chars, 2**32 - 1))) for value, chars in passages)
    return b"".join(parts)


NOTHING = Wording()


def unpacked(column: bytes) -> Wording:
    """Return what was packed; a wording that tells nothing for an empty or unknown column."""
    if len(column) < _FIXED.size or column[0] != FORM:
        return NOTHING
    _, kind, script, flags, chars, words, pasted, opening = _FIXED.unpack_from(column)
    place = _FIXED.size
    lists: dict[str, tuple[int, ...]] = {}
    for name in _LISTS:
        end = place + 1 + 4 * column[place]
        lists[name] = unhashed(column[place + 1 : end])
        place = end
    flat = unhashed(column[place + 1 : place + 1 + 8 * column[place]])
    return Wording(
        kind=_KINDS[kind],
        complaint=flags & 3,
        accepts=bool(flags & 4),
        moves_on=bool(flags & 8),
        script=_SCRIPTS[script],
        chars=chars,
        words=words,
        pasted=pasted,
        images=bool(flags & 16),
        opening=opening,
        passages=tuple(zip(flat[::2], flat[1::2], strict=True)),
        **lists,
    )
