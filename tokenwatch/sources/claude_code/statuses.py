"""What Claude Code told its status line, as `tokenwatch statusline` wrote it down.

The plan's windows are here alone: the program does not log them. Which windows there are depends on
the plan, the version and the moment, so every name that tells a length is taken; one that is absent
is not known, which is not 0 %.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from tokenwatch.sources.values import EARLIEST_MS, mapping, text

MAIN_LIMIT = "claude-code"
"""The limit of all models together; those of some are called by their own names."""
_WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_LENGTH = re.compile(r"([0-9]{1,3}|[a-z]+)_(minute|hour|day|week|month)s?(_\w+)?")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_200}
_MOST_PERCENT = 1000.0
_FAR_MS = 400 * 86_400_000
_DAY_MS = 86_400_000
_DECODER = msgspec.json.Decoder()


class Window(NamedTuple):
    """What was told of a plan's window."""

    limit_id: str
    minutes: int
    used_percent: float
    resets_ms: int | None


class Status(NamedTuple):
    """What was told at one time. Of a session without an id only the windows are of use."""

    at_ms: int
    session_id: str | None
    version: str | None
    model: str | None
    root: str | None
    """The folder of the program's configuration."""
    cost_usd: str | None
    """Of the session so far, as its program estimates it at list price."""
    context_tokens: int | None
    context_limit: int | None
    windows: tuple[Window, ...]
    passed_over: int
    """How many limits were told of which no length or no use is known."""


def status(line: bytes, now_ms: int) -> Status | None:
    """Return what a line holds; None of a damaged one, or one of a clock that was far off."""
    try:
        found = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    told = mapping(found)
    at_ms = told.get("ts")
    if type(at_ms) is not int or not EARLIEST_MS <= at_ms <= now_ms + _DAY_MS:
        return None
    context = mapping(told.get("context"))
    limits = mapping(told.get("rate_limits"))
    windows = [
        window
        for name, limit in limits.items()
        if (window := _window(name, mapping(limit), at_ms)) is not None
    ]
    cost = _number(told.get("cost"))
    return Status(
        at_ms=at_ms,
        session_id=text(told.get("session_id")),
        version=text(told.get("version")),
        model=text(told.get("model")),
        root=text(told.get("root")),
        cost_usd=None if cost is None else repr(cost),
        context_tokens=_whole(context.get("used")),
        context_limit=_whole(context.get("limit")),
        windows=tuple(windows),
        passed_over=len(limits) - len(windows),
    )


def window_of(name: str) -> tuple[str, int] | None:
    """Return the limit and the minutes that a name tells: `five_hour`, `seven_day_opus`."""
    found = _LENGTH.fullmatch(name)
    if found is None:
        return None
    count, unit, rest = found.groups()
    if count.isdigit():
        number = int(count)
    else:
        number = _WORDS.index(count) + 1 if count in _WORDS else 0
    return (name if rest else MAIN_LIMIT, number * _MINUTES[unit]) if number else None


def _window(name: str, limit: dict[str, object], at_ms: int) -> Window | None:
    length, used = window_of(name), _number(limit.get("used_percentage"))
    if length is None or used is None or used > _MOST_PERCENT:
        return None
    seconds = _number(limit.get("resets_at"))
    resets = None if seconds is None else int(seconds * 1000)
    if resets is not None and not EARLIEST_MS <= resets <= at_ms + _FAR_MS:
        resets = None
    return Window(*length, float(used), resets)


def _number(value: object) -> int | float | None:
    if type(value) is not int and type(value) is not float:
        return None
    # Neither infinity nor what is not a number lies within.
    return value if 0 <= value < 10**12 else None


def _whole(value: object) -> int | None:
    found = _number(value)
    return None if found is None else int(found)
