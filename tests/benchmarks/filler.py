"""Text, ids and times that logs are filled with, all from a random stream that is handed in."""

from __future__ import annotations

import json
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import TypeVar

T = TypeVar("T")

_LIST = (
    "account archive balance branch bucket canvas channel client cluster column commit cursor"
    " daemon digest driver engine export factor filter folder format gateway header import index"
    " invoice journal kernel ledger letter margin matrix memory metric module mutex network object"
    " packet parcel parser policy printer process profile queue record region release render"
    " replica request result router sample schema server signal socket source stream string"
    " symbol system ticket token transit update vector version volume window worker"
)
WORDS = _LIST.split()
LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TEXT_SIZE = 4_000_000
BLOB_SIZE = 2_000_000


class Filler:
    """Much text, escaped for JSON and cut at line ends only, and one long base64 string."""

    def __init__(self) -> None:
        rng = Random("filler")
        pieces: list[str] = []
        self._ends: list[int] = []
        size = 0
        while size < TEXT_SIZE:
            piece = json.dumps(_line(rng) + "\n", ensure_ascii=False)[1:-1]
            pieces.append(piece)
            size += len(piece)
            self._ends.append(size)
        self._text = "".join(pieces)
        self._blob = b64encode(rng.randbytes(BLOB_SIZE)).decode()

    def text(self, rng: Random, size: int) -> str:
        """Return lines of about that many characters, as they stand inside a JSON string."""
        size = min(size, TEXT_SIZE // 2)
        first = rng.randrange(len(self._ends) // 2)
        start = self._ends[first]
        last = bisect_left(self._ends, start + size, first + 1)
        return self._text[start : self._ends[min(last, len(self._ends) - 1)]]

    def title(self, rng: Random) -> str:
        """Return a few words, as a person asks for something."""
        return " ".join(["please", *rng.choices(WORDS, k=rng.randrange(4, 14))])

    def blob(self, rng: Random, size: int) -> str:
        """Return base64 of that many characters."""
        size = min(size, BLOB_SIZE)
        start = rng.randrange(len(self._blob) - size)
        return self._blob[start : start + size]


@cache
def filler() -> Filler:
    """Return this process's filler; it is the same in every process."""
    return Filler()


def _line(rng: Random) -> str:
    """Return a line as tools print it; some quote logs, and must not be taken for records."""
    a, b, c = rng.choices(WORDS, k=3)
    n = rng.randrange(4_000)
    match rng.choices(range(7), (24, 18, 14, 20, 14, 4, 6))[0]:
        case 0:
            return f"{n:>6}\t{'    ' * rng.randrange(4)}{a}_{b} = {c}.{b}({a!r}, limit={n})"
        case 1:
            return f"lib/{a}/{b}.py:{n}: def {c}_{a}(self, {b}: dict[str, int]) -> {c.title()}:"
        case 2:
            return f"-rw-r--r-- 1 dev dev {n * 53:>9} Mar {n % 28 + 1:>2} 17:{n % 60:02} {a}.{b}"
        case 3:
            return f"{' '.join(rng.choices(WORDS, k=rng.randrange(7, 20)))}.".capitalize()
        case 4:
            return f"{'+' if n % 2 else '-'}    if {a}.{b} >= {n}:  # {c}"
        case 5:
            return _quoted(rng, n)
        case _:
            return f"✔ {a} → “{b}” took {n} ms · größer als {c}\\{a}"


def _quoted(rng: Random, n: int) -> str:
    usage = {"input_tokens": n, "output_tokens": n, "cache_read_input_tokens": n * 7}
    if rng.random() < 0.5:
        message = {"id": f"msg_quoted{n}", "role": "assistant", "model": "x", "usage": usage}
        return json.dumps({"type": "assistant", "message": message}, separators=(",", ":"))
    info = {"total_token_usage": usage, "last_token_usage": usage}
    payload = {"type": "token_count", "info": info}
    return json.dumps({"type": "event_msg", "payload": payload}, separators=(",", ":"))


def size_of(rng: Random, median: float, spread: float, least: int, most: int) -> int:
    """Return a size: most are near the median, a few are very large."""
    return int(min(most, max(least, median * rng.lognormvariate(0, spread))))


def pick(rng: Random, table: Sequence[tuple[T, int]]) -> T:
    """Return one of the values, by their weights."""
    return rng.choices([row[0] for row in table], [row[1] for row in table])[0]


def token(rng: Random, prefix: str, length: int) -> str:
    """Return an id like `msg_01…`."""
    return prefix + "".join(rng.choices(LETTERS, k=length))


def uuid4(rng: Random) -> str:
    """Return a random UUID."""
    h = f"{rng.getrandbits(128):032x}"
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-9{h[17:20]}-{h[20:]}"


def uuid7(rng: Random, at_ms: int) -> str:
    """Return a UUID that begins with its time."""
    h = f"{at_ms:012x}{rng.getrandbits(80):020x}"
    return f"{h[:8]}-{h[8:12]}-7{h[13:16]}-b{h[17:20]}-{h[20:]}"


@cache
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def stamp(at_ms: int) -> str:
    """Return a time as logs write it."""
    if _second.cache_info().currsize > 10_000:
        _second.cache_clear()
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03}Z"
