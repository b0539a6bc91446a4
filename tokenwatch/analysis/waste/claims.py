"""The ledger of claims: each dollar of a request is granted once, component by component.

Findings ask; a request's component is worth what it cost. The surest kind is served first
(`CLAIM_ORDER`), findings of one kind by their key; what is left over is granted to the next. Since
a request's grants depend on what is asked of this request alone, the order of sessions, turns and
files never shows, and no sum of grants can exceed what was spent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokenwatch.analysis.waste.finding import CLAIM_ORDER, Kind
from tokenwatch.analysis.waste.history import Money

Id = tuple[Kind, str]
"""Which finding of a session: its kind and key."""

_RANKS = {kind: rank for rank, kind in enumerate(CLAIM_ORDER)}


class Claim(NamedTuple):
    """What one finding asks for of one request."""

    finding: Id
    conditional: bool
    money: Money


def grants(cost: Money, claims: Iterable[Claim]) -> dict[Id, int]:
    """Return the picodollars granted to each finding, of one request that cost `cost`.

    A conditional claim is served behind all others: it may come to nothing, and what it would have
    taken from another finding would then be lost. An ask of less than nothing is nothing.
    """
    left = list(cost)
    granted: dict[Id, int] = {}
    for claim in sorted(claims, key=_order):
        amount = 0
        for component, asked in enumerate(claim.money):
            if asked > 0:
                part = max(0, min(asked, left[component]))
                left[component] -= part
                amount += part
        granted[claim.finding] = granted.get(claim.finding, 0) + amount
    return granted


def _order(claim: Claim) -> tuple[bool, int, str]:
    kind, key = claim.finding
    return claim.conditional, _RANKS[kind], key
