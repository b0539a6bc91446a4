"""Take values out of decoded logs that may hold anything.

Logs are written by programs that change: a number may be missing, negative, huge, a string or a
boolean. Readers take every value through these functions and count what was wrong.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from zlib import crc32

TOKEN_LIMIT = 10**8
"""No request holds a hundred million tokens of one kind: a larger number is damage."""
EARLIEST_MS = 1_672_531_200_000
"""2023-01-01: no coding agent wrote logs before."""


class Oddities:
    """Counts what had to be passed over in one stretch of a file, with one sample a reason."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.samples: dict[str, str] = {}

    def add(self, reason: str, line: int, what: str = "") -> None:
        """Count one; `what` is our own wording or a field's name, never a log's text."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        self.samples.setdefault(reason, f"line {line}: {what}"[:200] if what else f"line {line}")


def tokens(value: object, line: int, odd: Oddities, name: str) -> int:
    """Return a token count; absent and null are 0, anything that is no count is 0 and counted."""
    if value is None:
        return 0
    if type(value) is int and 0 <= value <= TOKEN_LIMIT:
        return value
    if isinstance(value, float) and value.is_integer() and 0 <= value <= TOKEN_LIMIT:
        return int(value)
    odd.add("bad_number", line, name)
    return 0


def text(value: object) -> str | None:
    """Return a non-empty string, else None."""
    return value if isinstance(value, str) and value else None


def mapping(value: object) -> dict[str, object]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """Return a JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def instant_ms(value: object, now_ms: int) -> int | None:
    """Return an RFC 3339 string as ms since the epoch; None for anything else.

    None as well for a year before 2023 or more than a day ahead: a clock far off must not
    decide on which day a request lies.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    milliseconds = int(moment.timestamp() * 1000 + 0.5)
    return milliseconds if EARLIEST_MS <= milliseconds <= now_ms + 86_400_000 else None


def fingerprint(*parts: str | bytes) -> str:
    """Return a short digest: equal for equal parts, telling nothing of them. Bytes are UTF-8."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()


_VARIABLE = re.compile(
    r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+|(?:[A-Za-z]:)?[\w.~-]*+(?:[/\\][\w.@-]+)+", re.I
)


def error_fingerprint(message: str) -> str:
    """Return a digest of an error text: numbers, hashes and paths don't count, nor does case."""
    return fingerprint(" ".join(_VARIABLE.sub("#", message[:4000]).casefold().split()))


SKETCH = 48


def text_fingerprint(prompt: str) -> str:
    """Return a similarity sketch of a prompt, so that likeness can be told without its words.

    Hex of the up to 48 smallest 32-bit hashes of the normalised text's character trigrams, in
    rising order (a bottom-k sketch). Equal texts have equal sketches; an empty text has "".
    """
    plain = " ".join(unicodedata.normalize("NFKC", prompt[:20_000]).casefold().split())
    if not plain:
        return ""
    grams = {plain[i : i + 3] for i in range(max(1, len(plain) - 2))}
    hashes = {crc32(gram.encode("utf-8", "surrogatepass")) for gram in grams}
    return "".join([f"{value:08x}" for value in sorted(hashes)[:SKETCH]])
