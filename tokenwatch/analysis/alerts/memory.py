"""What the engine remembers of one key between two looks, and how that is kept as JSON."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from tokenwatch.alert import AlertKind, Severity

COOL_DOWN_MS: Final = 30 * 60_000
"""Of a key, after it was told of. Source: §9.3 of the specification of budgets and alerts."""
REARM_MS: Final = 5 * 60_000
"""For so long a thing has to be over before it can be told of anew (§9.3)."""
FRESH_MS: Final = 60 * 60_000
"""What happened longer ago is no news. Ours: nobody wants to be called for what is an hour old, and
logs that are read late tell of much that is."""
_LARGEST: Final = 2**63


class Memory(NamedTuple):
    """What is remembered of a key. It changes only when something happens, not at every look."""

    kind: str = ""
    """The kind of what was raised last; "" before that."""
    level: int = -1
    """The highest one raised since it was told of anew, or fell to: only higher ones are news."""
    rank: int = -1
    """The same, of the severity."""
    is_armed: bool = True
    """It was over for long enough: the next time that it holds is news."""
    is_owed: bool = False
    """It was raised but not told of, and is to be told of as soon as that may be, if it holds."""
    queued: int = 0
    """How many alerts wait to be told of in one line, with others."""
    told_ms: int | None = None
    """When the cool-down began."""
    over_ms: int | None = None
    """Since when it is over, as far as was looked; None while it is not."""
    held_ms: int | None = None
    """Since when it holds; None where it does not, or need not hold for any time."""
    lower_ms: int | None = None
    """Since when it is clearly below `level`."""
    cause_ms: int | None = None
    """The instant that was told of last."""

    def is_cooling(self, now_ms: int) -> bool:
        """Tell whether it was told of within the cool-down."""
        return self.told_ms is not None and now_ms - self.told_ms < COOL_DOWN_MS

    def aged(self, now_ms: int) -> Memory:
        """Return the memory as of now: no instant later than that, and armed if it was over.

        After the clock went back a cool-down ends when it would if it began now.
        """
        memory = self._replace(
            told_ms=_no_later(self.told_ms, now_ms),
            over_ms=_no_later(self.over_ms, now_ms),
            held_ms=_no_later(self.held_ms, now_ms),
            lower_ms=_no_later(self.lower_ms, now_ms),
        )
        if memory.over_ms is not None and now_ms - memory.over_ms >= REARM_MS:
            memory = memory._replace(is_armed=True, is_owed=False)
        return memory

    def is_needed(self, now_ms: int) -> bool:
        """Tell whether a fresh memory in its place would make a difference."""
        return (
            not self.is_armed
            or self.queued > 0
            or self.held_ms is not None
            or self.is_cooling(now_ms)
            or (self.cause_ms is not None and now_ms - self.cause_ms < FRESH_MS)
        )


FRESH: Final = Memory()
"""Of what was never raised."""


def to_json(memory: Memory) -> str:
    """Return a memory as JSON: an object of what differs from a fresh one."""
    fields = zip(Memory._fields, memory, FRESH, strict=True)
    return json.dumps({name: value for name, value, fresh in fields if value != fresh})


def from_json(text: str) -> Memory:
    """Return the memory of a JSON text; a fresh one if it is none, or any field of it is wrong.

    Fields that are not known are left out.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return FRESH
    if not isinstance(told, dict):
        return FRESH
    memory = FRESH._replace(**{name: told[name] for name in Memory._fields if name in told})
    return memory if _is_sound(memory) else FRESH


def _is_sound(memory: Memory) -> bool:
    instants = (
        *(memory.told_ms, memory.over_ms, memory.held_ms, memory.lower_ms),
        memory.cause_ms,
    )
    return (
        memory.kind in ("", *AlertKind)
        and all(map(_is_int, (memory.level, memory.rank, memory.queued)))
        and -1 <= memory.rank < len(Severity)
        and (memory.queued == 0 or (memory.queued > 0 <= memory.rank and memory.kind != ""))
        and isinstance(memory.is_armed, bool)
        and isinstance(memory.is_owed, bool)
        and all(each is None or _is_int(each) for each in instants)
    )


def _is_int(value: object) -> bool:
    return type(value) is int and abs(value) < _LARGEST


def _no_later(at_ms: int | None, now_ms: int) -> int | None:
    return None if at_ms is None else min(at_ms, now_ms)
