"""The text of a filter → its conditions, what is wrong with it, and how it could go on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from os.path import commonprefix
from typing import Final, NamedTuple

from tokenwatch.model import PICO, State
from tokenwatch.sources import SOURCES
from tokenwatch.tui.filter.conditions import Condition, Limit, Query, folded, source_words

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_NUMBER = re.compile(r"(>=|<=|>|<|=)?\$?(\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})([kmg]?)", re.I)
_AGO = re.compile(r"(\d{1,5})([hdw])")
_AGO_MS = {"h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_FIELD = re.compile(r"[a-z]+")
FAR_MS = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What may stand behind a field's colon."""

    kind: str
    """words, choice, number, when."""
    allowed: str
    """For people."""
    choices: tuple[str, ...] = ()
    scale: int = 1
    """What one of a figure is in the unit compared in."""


def _words(allowed: str) -> Field:
    return Field(kind="words", allowed=allowed)


def _number(allowed: str, scale: int = 1) -> Field:
    return Field(kind="number", allowed=allowed, scale=scale)


_WHEN: Final = "a date such as 2026-11-01, today, yesterday, month, 7d, 24h or 2w"
FIELDS: Final[dict[str, Field]] = {
    "project": _words("a part of its path"),
    "model": _words("a part of its name, such as opus,sonnet"),
    "source": Field(kind="choice", allowed=" or ".join(SOURCES), choices=tuple(SOURCES)),
    "branch": _words("a part of its name"),
    "state": Field(
        kind="choice",
        allowed=", ".join(State),
        choices=tuple(State),
    ),
    "title": _words("a part of it"),
    "prompt": _words('words of a prompt: "flaky test"; read from the logs'),
    "cost": _number("dollars: >1 <0.5, 2 is 2 or more, ? unpriced", PICO),
    "tokens": _number("a number: >1M <500k, 2k is 2k or more"),
    "turns": _number("a number: >10 <3, 5 is 5 or more"),
    "agents": _number("a number: >2 =1, 3 is 3 or more"),
    "since": Field(kind="when", allowed=_WHEN),
    "until": Field(kind="when", allowed=_WHEN),
    "id": _words("a part of a session's id"),
}
"""In the order in which they are told."""


class _Letter(NamedTuple):
    letter: str
    quoted: bool


_Token = list[_Letter]


def parse(text: str, *, now_ms: int, zone: tzinfo) -> Query:
    """Return a filter's conditions. now_ms and zone: what days and hours are counted from."""
    conditions, complaints = [], []
    for token in _tokens(text):
        negated = token[0] == _Letter("!", False)
        condition, complaint = _condition(token[negated:], negated, _Clock(now_ms, zone))
        if condition is not None:
            conditions.append(condition)
        if complaint:
            complaints.append(complaint)
    return Query(conditions=tuple(conditions), complaints=tuple(complaints))


def _tokens(text: str) -> list[_Token]:
    """Split at blanks that are not quoted; a quote left open lasts to the end."""
    tokens: list[_Token] = []
    token: _Token = []
    quoted = False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter.isspace() and not quoted:
            tokens.append(token)
            token = []
        else:
            token.append(_Letter(letter, quoted))
    return [token for token in (*tokens, token) if token]


def _plain(token: _Token) -> str:
    return "".join(letter for letter, _ in token)


def _condition(token: _Token, negated: bool, clock: _Clock) -> tuple[Condition | None, str | None]:
    """Return what a token says, or what is wrong with it."""
    colon = _Letter(":", False)
    at = token.index(colon) if colon in token else -1
    name = _plain(token[:at]).lower() if at > 0 else ""
    field = FIELDS.get(name)
    if field is None:
        word = folded(_plain(token))
        strange = at > 0 and _FIELD.fullmatch(name) and token[at + 1 : at + 2] != [("/", False)]
        complaint = f"{name}: is no field, so it is looked for as a word" if strange else None
        return (Condition(field=None, words=(word,), negated=negated) if word else None), complaint
    values = [value for value in _alternatives(token[at + 1 :]) if value]
    if not values:
        return None, f"{name}: {field.allowed}"
    made = _MAKERS[field.kind](name, field, values, clock)
    if isinstance(made, str):
        return None, f"{name}:{made} is not understood; {field.allowed}"
    words, limits = made
    return Condition(field=name, words=words, limits=limits, negated=negated), None


def _alternatives(value: _Token) -> list[str]:
    parts: list[_Token] = [[]]
    for letter in value:
        if letter == _Letter(",", False):
            parts.append([])
        else:
            parts[-1].append(letter)
    return [_plain(part) for part in parts]


class _Clock(NamedTuple):
    now_ms: int
    zone: tzinfo


_Made = tuple[tuple[str, ...], tuple[Limit, ...]] | str
"""Words and limits; or the value that is not allowed."""


def _of_words(name: str, field: Field, values: list[str], clock: _Clock) -> _Made:
    words = tuple(word for value in values if (word := _FOLDS.get(name, str.casefold)(value)))
    return (words, ()) if words else values[0]


def _single(text: str) -> str:
    """Return the words with single blanks; whoever searches prompts cares for the case."""
    return " ".join(text.split())


# Paths and branches are compared as they are written.
_FOLDS: Final[dict[str, Callable[[str], str]]] = {"title": folded, "prompt": _single}


def _of_choices(name: str, field: Field, values: list[str], clock: _Clock) -> _Made:
    known = [source_words(choice) if name == "source" else choice for choice in field.choices]
    words = tuple(value.casefold() for value in values)
    wrong = next((word for word in words if not any(word in text for text in known)), None)
    return (words, ()) if wrong is None else wrong


def _of_numbers(name: str, field: Field, values: list[str], clock: _Clock) -> _Made:
    limits = []
    for value in values:
        found = _NUMBER.fullmatch(value)
        if value == "?" and name == "cost":
            limits.append(Limit("=", None))
        elif found is None:
            return value
        else:
            sign, digits, unit = found.groups()
            number = Decimal(digits) * _UNITS[unit.lower()] * field.scale
            limits.append(Limit(sign or ">=", number))
    return (), tuple(limits)


def _of_times(name: str, field: Field, values: list[str], clock: _Clock) -> _Made:
    limits = []
    for value in values:
        stretch = _stretch(value.lower(), clock)
        if stretch is None:
            return value
        start, end = stretch
        limits.append(Limit(">=", Decimal(start)) if name == "since" else Limit("<", Decimal(end)))
    return (), tuple(limits)


def _stretch(value: str, clock: _Clock) -> tuple[int, int] | None:
    """Return the day or instant a value names as [start, end); None for anything else."""
    now = datetime.fromtimestamp(clock.now_ms / 1000, clock.zone).date()
    if ago := _AGO.fullmatch(value):
        at = clock.now_ms - int(ago[1]) * _AGO_MS[ago[2]]
        return at, at
    if value == "month":
        return _midnight(now.replace(day=1), clock.zone), clock.now_ms + 1
    days = {"today": now, "yesterday": now - timedelta(days=1)}
    try:
        day = days.get(value) or date.fromisoformat(value)
        return _midnight(day, clock.zone), _midnight(day + timedelta(days=1), clock.zone)
    except (ValueError, OverflowError):
        return None


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


_MAKERS: Final[dict[str, Callable[[str, Field, list[str], _Clock], _Made]]] = {
    "words": _of_words,
    "choice": _of_choices,
    "number": _of_numbers,
    "when": _of_times,
}


def completed(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with its last word completed as far as it is clear, and what it may become.

    Fields are completed, and the values of those that have few.
    """
    begun = re.search(r"\S*\Z", text)
    word = begun[0].removeprefix("!") if begun else ""
    before = text[: len(text) - len(word)]
    name, colon, value = word.partition(":")
    if not colon:
        names = tuple(f"{field}:" for field in FIELDS if field.startswith(word.lower()))
        return (before + commonprefix(names) if names and word else text), names
    field = FIELDS.get(name.lower())
    if field is None:
        return text, ()
    chosen, comma, last = value.rpartition(",")
    fitting = tuple(c for c in field.choices if c.startswith(last.lower()))
    if not fitting:
        return text, ()
    return f"{before}{name}:{chosen}{comma}{commonprefix(fitting)}", fitting
