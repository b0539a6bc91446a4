"""Which homes there are, and how each is filled."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.evaluation.label import KINDS
from tests.evaluation.world import World

MIXED = ("compositional", "quiet")
"""Homes of all kinds at once."""
QUICK = 0.2
"""The share of cases that a reduced evaluation has; of kinds with many homes half of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One home to be written."""

    name: str
    kind: str
    """A kind of waste, or one of `MIXED`."""
    build: Callable[[World], None]
    share: float


def homes(kinds: Sequence[str] = (), *, quick: bool = False) -> list[Home]:
    """Return the homes of these kinds; of all of them where none is named."""
    share = QUICK if quick else 1.0
    found = []
    for kind in kinds or (*KINDS, *MIXED):
        module = importlib.import_module(f"tests.evaluation.cases.{kind.replace('-', '_')}")
        if hasattr(module, "build"):
            found.append(Home(name=kind, kind=kind, build=module.build, share=share))
            continue
        for way, count in (("positive", module.POSITIVES), ("negative", module.NEGATIVES)):
            fill = getattr(module, way)
            for number in range(round(count * (share if share == 1 else share / 2))):
                name = f"{kind}/{way}-{number}"
                build = partial(fill, number=number)
                found.append(Home(name=name, kind=kind, build=build, share=share))
    return found
