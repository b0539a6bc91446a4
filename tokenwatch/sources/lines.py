"""Hashes of lines of code and of file names: enough to know them again, not to read them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from zlib import crc32

MOST = 512
"""Lines of one edit that are kept."""
SHORTEST = 4
"""A line of fewer characters than this, blanks left out, tells nothing: a bracket, `end`."""


def packed(lines: Iterable[str]) -> bytes:
    """Return the hashes of lines, in their order, as little-endian 32-bit numbers.

    Blanks do not count; lines that are too short to tell anything are left out.
    """
    hashes = array("I")
    for line in lines:
        telling = "".join(line.split())
        if len(telling) >= SHORTEST:
            hashes.append(crc32(telling.encode("utf-8", "surrogatepass")))
            if len(hashes) == MOST:
                break
    return hashes.tobytes()


def name_hash(path: str) -> int:
    """Return the hash of a path's base name, case and folders left out; 0 for an empty one."""
    name = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].casefold()
    return crc32(name.encode("utf-8", "surrogatepass")) if name else 0
