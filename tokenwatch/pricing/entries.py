"""genai-prices' own values → entries of our table. Needs genai-prices only for its types.

What is kept: text models, their prices by date and hour, tiers, and the variants that a coding
agent's log can name. Where a model has no price of its own for a kind of cache token, the rate is
the one at which genai-prices counts it: 1-hour writes as other writes, writes and reads as input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tokenwatch.pricing.table import (
    PICO_PER_KILO_USD,
    PICO_PER_MTOK_USD,
    TOKEN_KINDS,
    InexactError,
    whole,
)

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

_PROVIDERS = ("anthropic", "aws", "deepseek", "minimax", "moonshotai", "openai", "zai", "zhipuai")
"""The makers whose models coding agents log, and Amazon Bedrock for Claude."""
_CODING_MODELS = re.compile(r"gpt-(5|6|4\.1|oss)|codex|o[134]($|-)")

Levels = list[dict[str, Any]]

VARIANTS: dict[str, dict[str, str]] = {
    "fast": {"speed": "fast"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "batch": {"processing": "batch"},
}
"""Our variants and the context under which genai-prices knows them."""

_PRICE_KEYS = (
    # (ours, the keys of genai-prices in the order in which they stand in for each other)
    ("input", ("input_mtok",)),
    ("output", ("output_mtok",)),
    ("cache_read", ("cache_read_mtok", "input_mtok")),
    ("cache_write_5m", ("cache_write_mtok", "input_mtok")),
    ("cache_write_1h", ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok")),
    ("web_search", ("web_searches_kcount",)),
)
_OTHER_MEDIA = ("audio", "image", "video", "storage")


class UnsupportedError(ValueError):
    """A price with a condition or kind that our table cannot express."""


def clause(logic: object) -> dict[str, Any]:
    """Return match logic as JSON has it: `{"starts_with": "claude-2"}`."""
    ((name, value),) = vars(logic).items()
    name = name.removesuffix("_")
    if name == "regex":
        try:
            re.compile(value)
        except re.error as error:
            raise UnsupportedError(f"the pattern {value!r}") from error
    return {name: [clause(part) for part in value] if name in ("or", "and") else value}


def _plain(rate: Decimal) -> str:
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _levels(price: ModelPrice) -> Levels:
    """Return the rates per level of context, as decimal strings."""
    from genai_prices.types import TieredPrices

    stored: dict[str, Decimal | TieredPrices] = {
        key: value for key, value in vars(price).items() if value is not None
    }
    known = {key for _, keys in _PRICE_KEYS for key in keys}
    for key in stored.keys() - known:
        if not any(medium in key for medium in _OTHER_MEDIA):
            raise UnsupportedError(f"a price per {key}")
    if not {"input_mtok", "output_mtok"} <= stored.keys():
        return []
    starts = {0}
    for value in stored.values():
        if isinstance(value, TieredPrices):
            starts |= {tier.start for tier in value.tiers}
    return [_level(stored, start) for start in sorted(starts)]


def _level(stored: Mapping[str, Decimal | TieredPrices], start: int) -> dict[str, Any]:
    level: dict[str, Any] = {"over": start}
    for ours, keys in _PRICE_KEYS:
        value = next((stored[key] for key in keys if key in stored), None)
        if value is None:
            continue
        if not isinstance(value, Decimal):
            reached = [tier.price for tier in value.tiers if start >= tier.start]
            value = reached[-1] if reached else value.base
        whole(value, PICO_PER_KILO_USD if ours == "web_search" else PICO_PER_MTOK_USD)
        level[ours] = _plain(value)
    return level


def _constraint(constraint: object) -> dict[str, Any]:
    if constraint is None:
        return {}
    start = getattr(constraint, "start_date", None)
    if isinstance(start, date):
        return {"from": start.isoformat()}
    begin, end = getattr(constraint, "start_time", None), getattr(constraint, "end_time", None)
    if isinstance(begin, time) and isinstance(end, time):
        return {"daily": [_utc_clock(begin), _utc_clock(end)]}
    raise UnsupportedError(f"a price with a {type(constraint).__name__}")


def _utc_clock(value: time) -> str:
    zone = value.tzinfo or UTC
    moment = datetime.combine(date(1970, 1, 1), value.replace(tzinfo=zone)).astimezone(UTC)
    return f"{moment:%H:%M:%S}"


def _standard(model: ModelInfo) -> list[dict[str, Any]]:
    prices = model.prices if isinstance(model.prices, list) else None
    if prices is None:
        return [{"levels": _levels(model.prices)}]  # type: ignore[arg-type]
    entries = [{**_constraint(item.constraint), "levels": _levels(item.prices)} for item in prices]
    # Where none is in force, genai-prices takes the first.
    entries[0] = {"levels": entries[0]["levels"]}
    return entries


def _scaled(earlier: Levels, standard: Levels, variant: Levels) -> Levels | None:
    """Return earlier standard levels times what the variant costs in proportion to the standard.

    None where that is no whole number of picodollars. A variant without long-context rates,
    though the standard has them, had none before.
    """
    if not standard or not variant:
        return None
    flat = len(variant) == 1 and len(standard) > 1
    scaled: Levels = []
    for level in earlier[:1] if flat else earlier:
        rates: dict[str, Any] = {"over": level["over"]}
        for kind in TOKEN_KINDS:
            if not Decimal(standard[0][kind]):
                return None
            rate = Decimal(level[kind]) * Decimal(variant[0][kind]) / Decimal(standard[0][kind])
            try:
                whole(rate, PICO_PER_MTOK_USD)
            except InexactError:
                return None
            rates[kind] = _plain(rate)
        if "web_search" in level:
            rates["web_search"] = level["web_search"]
        scaled.append(rates)
    return scaled


def _variant(model: ModelInfo, context: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a variant's prices, estimated for the time before its first recorded day.

    Estimates assume that the variant stood then in the same proportion to the standard rates.
    """
    found = [
        variant
        for variant in model.price_variants or ()
        if all(context.get(key) == value for key, value in variant.when.items())
        and any(price is not None for price in vars(variant.prices).values())
    ]
    if not found:
        return []
    standard = _standard(model)
    constraint = _constraint(found[0].constraint)
    if len(found) > 1 or "daily" in constraint or any("daily" in price for price in standard):
        raise UnsupportedError("a variant by the hour, or twice")
    first = constraint.get("from", "")
    days = sorted({price.get("from", "") for price in standard} | {first, ""})
    entries = []
    for day in days:
        entry: dict[str, Any] = {"from": day} if day else {}
        moment = _midnight(max(day, first))
        now = _levels(model.get_prices(moment, context))
        if day >= first:
            entry["levels"] = now
        else:
            recorded, earlier = _levels(model.get_prices(moment)), _in_force(standard, day)
            levels = now if earlier == recorded else _scaled(earlier, recorded, now)
            if levels is None:
                continue
            entry["levels"] = levels
            entry["assumption"] = f"in the proportion recorded from {first} on"
        entries.append(entry)
    return entries


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day or "1970-01-01").replace(tzinfo=UTC)


def _in_force(standard: list[dict[str, Any]], day: str) -> Levels:
    levels: Levels = next(
        price["levels"] for price in reversed(standard) if price.get("from", "") <= day
    )
    return levels


def entry(model: ModelInfo) -> dict[str, Any] | None:
    """Return a model's entry; None if it has no price for text.

    Raises UnsupportedError or InexactError where our table cannot say what it costs.
    """
    prices = _standard(model)
    if not all(price["levels"] for price in prices):
        return None
    result: dict[str, Any] = {"id": model.id, "match": clause(model.match)}
    if model.context_window:
        result["context_window"] = model.context_window
    result["prices"] = prices
    variants = {kind: _variant(model, context) for kind, context in VARIANTS.items()}
    if any(variants.values()):
        result["variants"] = {kind: prices for kind, prices in variants.items() if prices}
    return result


def _bundled(provider: Provider, model: ModelInfo) -> bool:
    if provider.id == "aws":
        return "anthropic.claude" in model.id
    if provider.id == "openai":
        return _CODING_MODELS.match(model.id) is not None and "image" not in model.id
    return provider.id in _PROVIDERS


def _provider_clause(provider: Provider, providers: Iterable[Provider]) -> dict[str, Any] | None:
    """Return which ids point to a provider; None if none does."""
    if provider.id == "aws":
        return {"contains": "anthropic.claude"}
    if provider.id == "zai":
        provider = next(other for other in providers if other.id == "zhipuai")
    return clause(provider.model_match) if provider.model_match else None


def compiled(providers: list[Provider], *, everything: bool) -> list[dict[str, Any]]:
    """Return providers as the table has them.

    everything: all text models that an id alone can name, without those that the table can't
    express; else the chosen ones, and UnsupportedError or InexactError for such a one.
    """
    result = []
    for provider in providers:
        found = _provider_clause(provider, providers)
        if found is None:
            continue
        models = []
        for model in provider.models:
            if not everything and not _bundled(provider, model):
                continue
            try:
                raw = entry(model)
            except (UnsupportedError, InexactError):
                if not everything:
                    raise
                continue
            if raw:
                models.append(raw)
        if models:
            result.append({"id": provider.id, "match": found, "models": models})
    return result


def newest_day(providers: list[Provider], *, until: str) -> str:
    """Return the latest day up to `until` from which any price holds: the data is as new as that.

    Later days are announcements, which newer data may have withdrawn.
    """
    days = [
        str(_constraint(item.constraint).get("from", ""))
        for provider in providers
        for model in provider.models
        for item in (
            *(model.prices if isinstance(model.prices, list) else ()),
            *(model.price_variants or ()),
        )
    ]
    return max((day for day in days if day <= until), default="")
