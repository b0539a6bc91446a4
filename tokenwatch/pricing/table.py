"""Rates by model, date, context and variant: the shape of table.json, read without a library.

A *level* holds the rates of a whole request whose context exceeds `over` tokens. A *price* is a
list of levels with the day from which it holds, and perhaps hours of the day (UTC). A *variant*
(fast, flex, priority, batch) has prices of its own. The last price in force decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tokenwatch.pricing.clauses import dashed_dates, matches

DAY_MS = 86_400_000
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
PICO_PER_MTOK_USD = 10**6
"""A dollar per million tokens is so many picodollars per token."""
PICO_PER_KILO_USD = 10**9
"""A dollar per thousand searches is so many picodollars per search."""


_BUNDLED = Path(__file__).with_name("table.json")


class InexactError(ValueError):
    """A rate that is no whole number of picodollars per token."""


def whole(rate: Decimal, factor: int) -> int:
    """Return `rate` × `factor`, which must be a whole number of at least 0."""
    scaled = rate * factor
    if not scaled.is_finite() or scaled < 0 or scaled != scaled.to_integral_value():
        raise InexactError(f"{rate} is not a whole number of picodollars")
    return int(scaled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The rates of requests with more than `over` tokens of context, in picodollars."""

    over: int
    tokens: tuple[int, ...] | None
    """In the order of `TOKEN_KINDS`; None where the price is not known."""
    web_search: int | None
    source: str | None = None
    """Where the rates come from, if not from where the model does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One stretch of time with its levels, the lowest first."""

    since: str | None
    """The first day (UTC), as `2026-07-30`; None for ever."""
    since_ms: int
    daily_ms: tuple[int, int] | None
    """From and until which time of day, in ms after midnight UTC; may wrap around midnight."""
    levels: tuple[Level, ...]
    assumption: str | None

    def holds_at(self, at_ms: int) -> bool:
        if self.daily_ms is None:
            return at_ms >= self.since_ms
        begin, end = self.daily_ms
        time = at_ms % DAY_MS
        inside = begin <= time < end if begin <= end else time >= begin or time < end
        return inside and at_ms >= self.since_ms

    def level(self, context_tokens: int) -> Level:
        """Return the highest level that the context exceeds."""
        for level in reversed(self.levels):
            if context_tokens > level.over:
                return level
        return self.levels[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A priced model."""

    id: str
    provider: str
    context_window: int | None
    prices: tuple[Price, ...]
    variants: Mapping[str, tuple[Price, ...]]
    origin: str
    """Where its prices come from."""

    def price_at(self, at_ms: int, variant: str | None) -> Price | None:
        """Return the price in force; None where the variant has none then."""
        prices = self.variants.get(variant, ()) if variant else self.prices
        return next((price for price in reversed(prices) if price.holds_at(at_ms)), None)


def day_ms(day: str) -> int:
    """Return the beginning of a day (UTC)."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


def _clock_ms(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000


def _level(raw: Mapping[str, Any], source: str | None = None) -> Level:
    if "input" not in raw:
        return Level(over=raw["over"], tokens=None, web_search=None, source=source)
    search = raw.get("web_search")
    return Level(
        over=raw["over"],
        tokens=tuple(whole(Decimal(raw[kind]), PICO_PER_MTOK_USD) for kind in TOKEN_KINDS),
        web_search=None if search is None else whole(Decimal(search), PICO_PER_KILO_USD),
        source=source,
    )


def _prices(raw: Sequence[Mapping[str, Any]], source: str | None = None) -> tuple[Price, ...]:
    return tuple(
        Price(
            since=price.get("from"),
            since_ms=day_ms(price["from"]) if "from" in price else -(10**15),
            daily_ms=(
                (_clock_ms(price["daily"][0]), _clock_ms(price["daily"][1]))
                if "daily" in price
                else None
            ),
            levels=tuple(_level(level, source) for level in price["levels"]),
            assumption=price.get("assumption"),
        )
        for price in raw
    )


def model_from(raw: Mapping[str, Any], provider: str, origin: str) -> Model:
    """Return a model out of a table's entry; ValueError or KeyError for a damaged one."""
    return Model(
        id=raw["id"],
        provider=provider,
        context_window=raw.get("context_window"),
        prices=_prices(raw["prices"]),
        variants={kind: _prices(prices) for kind, prices in raw.get("variants", {}).items()},
        origin=origin,
    )


def patched(model: Model, patch: Mapping[str, Any]) -> Model:
    """Return the model with what an overlay's patch adds; what the model has itself wins."""
    prices = model.prices
    if "long_context" in patch and all(len(price.levels) == 1 for price in prices):
        above = _level(patch["long_context"], patch["source"])
        prices = tuple(replace(price, levels=(*price.levels, above)) for price in prices)
    added = {kind: _prices(raw, patch["source"]) for kind, raw in patch.get("variants", {}).items()}
    return replace(model, prices=prices, variants={**added, **model.variants})


class Table:
    """The priced models of some providers, in the order in which an id is looked up."""

    def __init__(self, providers: Sequence[Mapping[str, Any]], origin: str) -> None:
        self._providers = providers
        self._origin = origin

    def find(self, text: str, *, bedrock: bool = False) -> Model | None:
        """Return the model that an id in lower case names.

        As genai-prices does: of the provider that the id points to, the first model whose clause
        matches; once more with a compact date written with dashes. Then of any provider, for ids
        such as `codex-mini` that point to none.
        """
        providers = [item for item in self._providers if (item["id"] == "aws") is bedrock]
        pointed = [item for item in providers if matches(item["match"], text)]
        for provider in (*pointed, *providers):
            for reading in dict.fromkeys((text, dashed_dates(text))):
                for raw in provider["models"]:
                    if matches(raw["match"], reading):
                        return model_from(raw, provider["id"], self._origin)
        return None

    def models(self) -> Iterator[Model]:
        """Yield every model."""
        for provider in self._providers:
            for raw in provider["models"]:
                yield model_from(raw, provider["id"], self._origin)


def bundled() -> dict[str, Any]:
    """Return the content of table.json."""
    content: dict[str, Any] = json.loads(_BUNDLED.read_bytes())
    return content
