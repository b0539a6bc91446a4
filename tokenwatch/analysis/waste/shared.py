"""What several detectors make of one turn, made once.

Detectors know nothing of each other: each walks the agents of a turn from its own memory. Those
that remember the same come to the same, so a fold hands all of them the turn in this form.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from tokenwatch.analysis.waste.history import Call, Edit, Request, Turn

Known = TypeVar("Known")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class SharedTurn(Turn):
    """A turn that remembers what was asked of it. To be dropped when the step is done."""

    @classmethod
    def of(cls, turn: Turn) -> SharedTurn:
        """Return a turn in this form."""
        return cls(**{name: getattr(turn, name) for name in _FIELDS})

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        return super().requests

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        return super().edits

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return super().calls

    @cached_property
    def cost(self) -> int:
        return super().cost

    @cached_property
    def made(self) -> dict[Hashable, tuple[Any, Any]]:
        """Results by what they are, each with what was known before."""
        return {}


_FIELDS = tuple(field.name for field in fields(Turn))


def once(turn: Turn, what: Hashable, known: Known, make: Callable[[], Result]) -> Result:
    """Return what `make` makes of a turn and of what is known before it.

    Another detector's result is returned if it was made from the same. Nobody may change it.
    """
    if not isinstance(turn, SharedTurn):
        return make()
    before = turn.made.get(what)
    if before is not None and before[0] == known:
        result: Result = before[1]
        return result
    result = make()
    turn.made[what] = (known, result)
    return result
