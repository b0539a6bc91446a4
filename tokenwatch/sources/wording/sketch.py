"""Sketches of a text: likeness of two texts can be told from them, the words cannot."""

from __future__ import annotations

from operator import add
from zlib import crc32

GRAMS = 96
SHINGLES = 48
PASSAGES = 4
LONG = 400
"""Characters of an instruction from which on runs of words are compared instead of letters."""
PASSAGE = 1_500
"""Characters of a long passage at least."""
_READ = 500
"""Characters that grams are made of: all of a text that is compared by them, of a longer one its
beginning, which tells what it is about."""
_READ_LONG = 8_000
"""Characters that shingles are made of."""
_OPENING = 80


def grams(normal: str, *, blanks: bool) -> tuple[int, ...]:
    """Return the 96 smallest hashes of a text's 3-grams; of scripts without blanks 2-grams."""
    text = normal[:_READ]
    if not blanks:
        text = text.replace(" ", "")
    if not text:
        return ()
    size = 3 if blanks else 2
    if text.isascii():
        data = text.encode()
        hashes = {crc32(data[at : at + size]) for at in range(max(1, len(data) + 1 - size))}
    elif len(text) <= size:
        hashes = {crc32(_bytes(text))}
    else:
        # Each character is encoded once.
        encoded = {sign: _bytes(sign) for sign in set(text)}
        signs = [encoded[sign] for sign in text]
        pairs = map(add, signs, signs[1:])
        hashes = set(map(crc32, map(add, pairs, signs[2:]) if blanks else pairs))
    return tuple(sorted(hashes)[:GRAMS])


def shingles(normal: str) -> tuple[int, ...]:
    """Return the 48 smallest hashes of runs of four words; nothing for a short text."""
    if len(normal) <= LONG:
        return ()
    normal = normal[:_READ_LONG]
    words = normal.split()
    if len(words) * 8 < len(normal) and not normal.isascii():
        # Few blanks: every character is a word.
        words = list(normal.replace(" ", ""))
    runs = {" ".join(words[at : at + 4]) for at in range(max(1, len(words) - 3))}
    return tuple(sorted({crc32(_bytes(run)) for run in runs})[:SHINGLES])


def opening(normal: str) -> int:
    """Return the hash of a text's first 80 characters; 0 for an empty one."""
    return crc32(_bytes(normal[:_OPENING])) if normal else 0


def passages(text: str) -> tuple[tuple[int, int], ...]:
    """Return the longest long passages, in their order: a hash and the number of characters.

    Fenced blocks are passages of their own. Between them paragraphs are put together from the
    beginning, each passage twice as long as the one before, so that texts that begin alike share
    their first passages.
    """
    if len(text) < PASSAGE:
        return ()
    found: list[tuple[int, int]] = []
    for number, piece in enumerate(text.split("```")):
        if len(piece) < PASSAGE:
            continue
        if number % 2:
            found.append(_passage(piece))
        else:
            found.extend(_runs(piece))
    longest = sorted(range(len(found)), key=lambda at: -found[at][1])[:PASSAGES]
    return tuple(found[at] for at in sorted(longest))


def _runs(piece: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    begin, least = 0, PASSAGE
    while len(piece) - begin >= PASSAGE:
        end = piece.find("\n\n", begin + least) if len(found) < PASSAGES - 1 else -1
        if end < 0:
            end = len(piece)
        found.append(_passage(piece[begin:end]))
        begin, least = end, least * 2
    return found


def _passage(piece: str) -> tuple[int, int]:
    plain = piece.strip()
    return crc32(_bytes(plain)), len(plain)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
