"""Tiers of models: which are the large ones, and what the smaller ones beside them cost.

Analysis knows no price book, so list prices stand here again, as far as they are needed to compare
models of one provider: those in force of tokenwatch's own table (`tokenwatch prices list`), for
requests without a long-context surcharge. Only their ratios are used, so that fast modes,
surcharges and regions, which hold for the models alike, cancel out. A test holds the ratios equal
to the bundled table. A model that is not named here is never compared with another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tokenwatch.analysis.waste.history import NO_MONEY, Money, Request


class ListPrice(NamedTuple):
    """Thousandths of a dollar per million tokens. Writes of the longer lifetime keep the ratio."""

    input: int
    cache_read: int
    cache_write: int
    output: int


LIST_PRICES: dict[str, ListPrice] = {
    "claude-fable-5": ListPrice(10_000, 1_000, 12_500, 50_000),
    "claude-fable-5-1": ListPrice(10_000, 250, 12_500, 50_000),
    "claude-fable-5-2": ListPrice(8_000, 200, 10_000, 40_000),
    "claude-mythos-5": ListPrice(10_000, 1_000, 12_500, 50_000),
    "claude-mythos-5-2": ListPrice(8_000, 200, 10_000, 40_000),
    "claude-opus-4-0": ListPrice(15_000, 1_500, 18_750, 75_000),
    "claude-opus-4-1": ListPrice(15_000, 1_500, 18_750, 75_000),
    "claude-opus-4-5": ListPrice(5_000, 500, 6_250, 25_000),
    "claude-opus-4-6": ListPrice(5_000, 500, 6_250, 25_000),
    "claude-opus-4-7": ListPrice(5_000, 500, 6_250, 25_000),
    "claude-opus-4-8": ListPrice(5_000, 500, 6_250, 25_000),
    "claude-opus-5": ListPrice(5_000, 500, 6_250, 25_000),
    "claude-opus-5-5": ListPrice(4_000, 200, 5_000, 20_000),
    "claude-sonnet-4-0": ListPrice(3_000, 300, 3_750, 15_000),
    "claude-sonnet-4-5": ListPrice(3_000, 300, 3_750, 15_000),
    "claude-sonnet-4-6": ListPrice(3_000, 300, 3_750, 15_000),
    "claude-sonnet-5": ListPrice(2_000, 200, 2_500, 10_000),
    "claude-sonnet-5-5": ListPrice(2_000, 100, 2_500, 10_000),
    "claude-3-5-haiku-latest": ListPrice(800, 80, 1_000, 4_000),
    "claude-haiku-4-5": ListPrice(1_000, 100, 1_250, 5_000),
    "claude-haiku-5-5": ListPrice(100, 10, 125, 500),
    "gpt-5": ListPrice(1_250, 125, 1_250, 10_000),
    "gpt-5.1": ListPrice(1_250, 125, 1_250, 10_000),
    "gpt-5.2": ListPrice(1_750, 175, 1_750, 14_000),
    "gpt-5.3": ListPrice(1_750, 175, 1_750, 14_000),
    "gpt-5.4": ListPrice(2_500, 250, 2_500, 15_000),
    "gpt-5.5": ListPrice(5_000, 500, 5_000, 30_000),
    "gpt-5.6-sol": ListPrice(4_000, 400, 5_000, 20_000),
    "gpt-6-astra": ListPrice(10_000, 1_000, 12_500, 50_000),
    "gpt-6-sol": ListPrice(2_000, 200, 2_500, 10_000),
    "gpt-6.1-sol": ListPrice(2_000, 100, 2_500, 10_000),
    "gpt-5-mini": ListPrice(250, 25, 250, 2_000),
    "gpt-5-nano": ListPrice(50, 5, 50, 400),
    "gpt-5.4-mini": ListPrice(750, 75, 750, 4_500),
    "gpt-5.4-nano": ListPrice(200, 20, 200, 1_250),
    "gpt-5.6-terra": ListPrice(2_000, 200, 2_500, 12_000),
    "gpt-5.6-luna": ListPrice(200, 20, 250, 1_200),
    "gpt-6.1-terra": ListPrice(1_000, 50, 1_250, 5_000),
    "gpt-6-luna": ListPrice(100, 10, 125, 500),
}
"""By the id under which the table has the price."""

SURCHARGED: dict[str, tuple[int, ListPrice]] = {
    "claude-haiku-5-5": (100_000, ListPrice(500, 50, 625, 2_500)),
}
"""Prices of requests with more tokens of context than that, where the larger models beside it have
no such surcharge and the ratio would be wrong."""

_SONNET_4_6 = ("claude-sonnet-4-6", "claude-haiku-4-5")
_GPT_5 = ("gpt-5-mini", "gpt-5-nano")
_GPT_5_4 = ("gpt-5.4-mini", "gpt-5.4-nano")
_SMALLER: dict[str, tuple[str, str]] = {
    "claude-fable-5": ("claude-opus-5", "claude-sonnet-5"),
    "claude-fable-5-1": ("claude-opus-5", "claude-sonnet-5"),
    "claude-fable-5-2": ("claude-opus-5-5", "claude-sonnet-5-5"),
    "claude-mythos-5": ("claude-opus-5", "claude-sonnet-5"),
    "claude-mythos-5-2": ("claude-opus-5-5", "claude-sonnet-5-5"),
    "claude-opus-4-0": ("claude-sonnet-4-0", "claude-3-5-haiku-latest"),
    "claude-opus-4-1": ("claude-sonnet-4-0", "claude-3-5-haiku-latest"),
    "claude-opus-4-5": ("claude-sonnet-4-5", "claude-haiku-4-5"),
    **dict.fromkeys(("claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"), _SONNET_4_6),
    "claude-opus-5": ("claude-sonnet-5", "claude-haiku-4-5"),
    "claude-opus-5-5": ("claude-sonnet-5-5", "claude-haiku-5-5"),
    **dict.fromkeys(("gpt-5", "gpt-5.1", "gpt-5.2", "gpt-5.3"), _GPT_5),
    **dict.fromkeys(("gpt-5.4", "gpt-5.5"), _GPT_5_4),
    "gpt-5.6-sol": ("gpt-5.6-terra", "gpt-5.6-luna"),
    "gpt-6-astra": ("gpt-6-sol", "gpt-6.1-terra"),
    "gpt-6-sol": ("gpt-6.1-terra", "gpt-6-luna"),
    "gpt-6.1-sol": ("gpt-6.1-terra", "gpt-6-luna"),
}
"""Of each large model the one a tier down and the one two tiers down: of the same generation, or
the nearest one that was there."""

_CLAUDE = re.compile(r"claude-(opus|fable|mythos)-(\d)(?:[-.](\d))?(?!\d)")
_GPT = re.compile(r"(?:^|[/.])gpt-(\d(?:\.\d)?)((?:-[a-z]+)*)(?:-\d{4}-\d\d-\d\d)?$")
_SAME = {"", "-codex", "-codex-max", "-latest"}
"""Variants of GPT that cost what the model itself costs."""


class Ladder(NamedTuple):
    """A large model, and the ones that could have answered in its place."""

    own: str
    next: str
    """A tier down."""
    second: str
    """Two tiers down."""


@lru_cache(maxsize=256)
def ladder(model: str | None) -> Ladder | None:
    """Return where a model as logged stands; None for a smaller one and for one not known."""
    name = (model or "").strip().casefold().removesuffix("[1m]")
    key = _key(name)
    return Ladder(key, *_SMALLER[key]) if key in _SMALLER else None


def _key(name: str) -> str:
    if match := _CLAUDE.search(name):
        family, major, minor = match.groups()
        key = f"claude-{family}-{major}" + (f"-{minor}" if minor else "")
        return "claude-opus-4-0" if key == "claude-opus-4" else key
    if match := _GPT.search(name):
        version, variant = match.groups()
        if variant in _SAME:
            return "gpt-5.6-sol" if version == "5.6" else f"gpt-{version}"
        return f"gpt-{version}{variant}"
    return ""


def answered_by(other: str, own: str, request: Request) -> Money:
    """Return what a request of model `own` would have cost from `other`, each component rounded up.

    Same tokens, same caches. Web searches are left out: they cost the same from both.
    """
    if request.price is None:
        return NO_MONEY
    mine, theirs = LIST_PRICES[own], _price(other, request.context)
    cost = request.cost
    searches = max(0, cost.output - request.usage.output * request.price.output)
    return Money(
        -(-cost.input * theirs.input // mine.input),
        -(-cost.cache_read * theirs.cache_read // mine.cache_read),
        -(-cost.cache_write * theirs.cache_write // mine.cache_write),
        -(-(cost.output - searches) * theirs.output // mine.output) + searches,
    )


def saved(other: str, own: str, request: Request) -> Money:
    """Return by how much less a request would have cost from `other`, by component.

    Where one component would have cost more (reads of claude-fable-5-1 are cheaper than those of
    its next tier), the others' savings are less by as much; nothing if all in all it cost no more.
    """
    pairs = zip(request.cost, answered_by(other, own, request), strict=True)
    differences = [paid - instead for paid, instead in pairs]
    gains = Money(*(max(0, difference) for difference in differences))
    return gains.part(max(0, sum(differences)), gains.total)


def written_anew(other: str, own: str, request: Request) -> int:
    """Return what `other` pays to write what this request read from the cache of `own`."""
    if request.price is None:
        return 0
    price = request.price
    rate = price.cache_write_1h if request.usage.cache_write_1h else price.cache_write_5m
    mine, theirs = LIST_PRICES[own], _price(other, request.context)
    written = request.usage.cache_read * (rate or price.input)
    return -(-written * theirs.cache_write // mine.cache_write)


def _price(model: str, context: int) -> ListPrice:
    over, dearer = SURCHARGED.get(model, (0, None))
    return dearer if dearer is not None and context > over else LIST_PRICES[model]
