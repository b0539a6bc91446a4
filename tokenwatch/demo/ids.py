"""Identifiers in the shapes the two clients use, from a given random stream."""

from __future__ import annotations

from random import Random
from uuid import UUID

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def uuid4(rng: Random) -> str:
    """Return a random UUID: Claude Code's sessions, records and prompts."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def uuid7(at_ms: int, rng: Random) -> str:
    """Return a UUID that begins with its time: Codex's threads and turns."""
    value = at_ms << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    return str(UUID(int=value))


def hexadecimal(rng: Random, digits: int) -> str:
    """Return that many random hex digits."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def token(prefix: str, rng: Random, length: int = 22) -> str:
    """Return the prefix and random letters and digits: `msg_01…`, `toolu_01…`, `call_…`."""
    return prefix + "".join(rng.choices(_BASE58, k=length))
