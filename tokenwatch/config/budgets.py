"""What a budget is, and which units, periods and scopes mean something together.

A row is a `[[budgets]]` table whose fields are proper, each by itself (`check`): here it is told
whether they are so together.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from tokenwatch.config.tables import BUDGETS, SOURCES

LARGEST: Final = Decimal(10) ** 15
DECIMALS: Final = 12
"""Of a limit, at most: a picodollar is the smallest amount there is."""
_WHOLE: Final = ("tokens", "requests", "agents")
AMOUNTS: Final = ("usd", "tokens", "requests")
"""Units of what requests add up to."""


class Scope(NamedTuple):
    """Whose use counts."""

    kind: str = "all"
    """all, project, source, model, agent or session."""
    value: str = ""
    """As in the file; a project's path from ~ is made absolute."""

    @property
    def words(self) -> str:
        """As in the file: `all`, `model:opus`."""
        return f"{self.kind}:{self.value}" if self.value else self.kind


class Budget(NamedTuple):
    """A limit of the user's own."""

    name: str
    limit: Decimal
    """Dollars, tokens, requests, agents or percent; above 0."""
    unit: str = "usd"
    period: str = "day"
    scope: Scope = Scope()
    hard: bool = False
    warn: Decimal = Decimal("0.8")
    """The share of the limit from which on it warns."""


class Combination(NamedTuple):
    """Units, periods and scopes of which any three mean something together."""

    units: tuple[str, ...]
    periods: tuple[str, ...]
    scopes: tuple[str, ...]
    """Kinds of scope."""
    meaning: str


COMBINATIONS: Final = (
    Combination(
        AMOUNTS,
        ("5h", "day", "week", "month"),
        ("all", "project", "source", "model", "agent"),
        "what was spent in the period",
    ),
    Combination(
        AMOUNTS,
        ("session", "turn"),
        ("all", "project", "source", "model", "agent", "session"),
        "the highest session, or latest turn of a session, among those with activity in the last"
        " 24 hours, or of the one that is named",
    ),
    Combination(
        ("agents",),
        ("session",),
        ("all", "project", "source", "agent", "session"),
        "the most agents that run now in one session",
    ),
    Combination(
        ("agents",),
        ("day",),
        ("all", "project", "source", "agent"),
        "the most agents that ran at once today",
    ),
    Combination(
        ("window-percent",),
        ("5h", "week"),
        ("all", "source"),
        "how much of a plan's window is used, as the provider said last; of several, the fullest",
    ),
)
"""All there are; any other is refused by name."""
_SCOPE_WORDS: Final = {
    "all": "all",
    "project": "project:PATH",
    "source": "source:S",
    "model": "model:M",
    "agent": "agent:TYPE",
    "session": "session:ID",
}


def scope_of(text: str) -> Scope | None:
    """Return the scope that a text names; None for a wrong one."""
    if text == "all":
        return Scope()
    kind, colon, value = text.partition(":")
    if not colon or kind not in _SCOPE_WORDS or kind == "all":
        return None
    if not value.strip() or not value.isprintable() or len(value) > 4096:
        return None
    if kind == "source" and value not in SOURCES:
        return None
    if kind == "project":
        path = os.path.expanduser(value)  # noqa: PTH111 - raises for no name
        is_name = "/" not in path and not path.startswith((".", "~"))
        if not is_name and not os.path.isabs(path):  # noqa: PTH117
            return None
        value = path if is_name else os.path.normpath(path)
    return Scope(kind, value)


def is_limit(value: Decimal) -> bool:
    """Tell whether a number can be a limit."""
    return value.is_finite() and 0 < value <= LARGEST and _is_short(value)


def is_share(value: Decimal) -> bool:
    """Tell whether a number can be the share of a limit that warns."""
    return value.is_finite() and 0 < value <= 1 and _is_short(value)


def _is_short(value: Decimal) -> bool:
    """Tell whether a finite number has no more decimals than may be."""
    # Not by `normalize`, which rounds a long one.
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    beyond = -exponent - DECIMALS
    return beyond <= 0 or (beyond < len(digits) and not any(digits[-beyond:]))


def budget(row: Mapping[str, object]) -> Budget:
    """Return the budget of a proper row."""
    fields = {**_defaults(), **row}
    scope = scope_of(str(fields["scope"]))
    assert scope is not None
    return Budget(
        name=str(fields["name"]),
        limit=Decimal(str(fields["limit"])),
        unit=str(fields["unit"]),
        period=str(fields["period"]),
        scope=scope,
        hard=bool(fields["hard"]),
        warn=Decimal(str(fields["warn"])),
    )


def _defaults() -> dict[str, object]:
    defaults = {field.key: field.default for field in BUDGETS.fields}
    return {**defaults, "warn": Budget._field_defaults["warn"]}


class Wrong(NamedTuple):
    """What does not go together."""

    row: int
    key: str
    value: object
    said: str


def problems(rows: Sequence[Mapping[str, object] | None]) -> Iterator[Wrong]:
    """Yield what is wrong with rows beyond their single fields; None stands for an improper one."""
    names: set[str] = set()
    for number, row in enumerate(rows):
        if row is None:
            continue
        found = budget(row)
        if found.name in names:
            yield Wrong(number, "name", found.name, "another budget has that name")
        names.add(found.name)
        if wrong := mismatch(found):
            key, said = wrong
            yield Wrong(number, key, {**_defaults(), **row}[key], said)


def mismatch(of: Budget) -> tuple[str, str] | None:
    """Say which field of a budget does not go with the others, and what it needs; None if all do.

    By its unit, then by its scope.
    """
    rules = [rule for rule in COMBINATIONS if of.unit in rule.units]
    fitting = [rule for rule in rules if of.period in rule.periods]
    scoped = [rule for rule in rules if of.scope.kind in rule.scopes]
    if not fitting or not scoped:
        key = "scope" if fitting else "period"
        return key, f"unit {of.unit} needs {_needs(rules)}"
    if not any(rule in scoped for rule in fitting):
        periods = _either(period for rule in scoped for period in rule.periods)
        return "period", f"scope {_SCOPE_WORDS[of.scope.kind]} needs period {periods}"
    if of.unit in _WHOLE and of.limit != of.limit.to_integral_value():
        return "limit", f"unit {of.unit} needs a whole number"
    if of.unit == "window-percent" and of.limit > 100:
        return "limit", "unit window-percent needs at most 100"
    return None


def _needs(rules: Sequence[Combination]) -> str:
    periods = _either(period for rule in rules for period in rule.periods)
    scopes = _either(_SCOPE_WORDS[kind] for rule in rules for kind in rule.scopes)
    return f"period {periods} and scope {scopes}"


def _either(words: Iterator[str]) -> str:
    *most, last = dict.fromkeys(words)
    return f"{', '.join(most)} or {last}" if most else last


def combinations() -> Iterator[tuple[str, str]]:
    """Yield each combination in words, and what it is."""
    for rule in COMBINATIONS:
        scopes = ", ".join(_SCOPE_WORDS[kind] for kind in rule.scopes)
        yield f"{', '.join(rule.units)} · {', '.join(rule.periods)} · {scopes}", rule.meaning
