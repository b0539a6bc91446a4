"""The price book: which rates apply to one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenwatch import paths
from tokenwatch.format import one_line
from tokenwatch.model import Basis, Rates
from tokenwatch.pricing import download, fallback
from tokenwatch.pricing.clauses import Spelling, spellings, without_window
from tokenwatch.pricing.table import Level, Model, Price, Table, bundled, day_ms, patched
from tokenwatch.pricing.version import version

_ALWAYS_MS = 2**62
_ANY_CONTEXT = 2**62
_MILLION_WINDOW = 1_000_000
_NOT_SPECIAL = (None, "", "standard", "default", "auto")
_ANYWHERE = (None, "", "global", "not_available")
_TIERS = {"fast": "priority", "priority": "priority", "flex": "flex", "batch": "batch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Priceable:
    """What chooses a price."""

    source: str
    """`claude-code` or `codex`."""
    model: str | None
    """As logged."""
    at_ms: int
    context_tokens: int
    """Uncached input, cache reads and cache writes: decides long-context tiers."""
    speed: str | None = None
    """`fast`."""
    service_tier: str | None = None
    """`priority` (which OpenAI also calls `fast`), `flex` or `batch`."""
    geo: str | None = None
    """`us`."""
    estimated: str | None = None
    """The reader's reason why the model or tier is an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """No price applies."""

    reason: str
    """One line: what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The rates of a request, and of which others they are the rates too.

    Of all that are alike in everything but time and context, and lie in [since_ms, until_ms) with
    over < context ≤ upto tokens.
    """

    rates: Rates | Unpriced
    since_ms: int
    until_ms: int
    over: int
    upto: int


@dataclass(frozen=True, slots=True)
class _Found:
    model: Model
    assumption: str | None


class PriceBook:
    """Answers for one table, one overlay and perhaps newer downloaded data.

    May be shared between threads: what is remembered is only ever added to.
    """

    def __init__(self, downloaded: Path | None = None) -> None:
        own = bundled()
        self._overlay: dict[str, Any] = own["overlay"]
        label = f"{own['package']} {own['version']}, checked {own['checked']}"
        self._tables = [Table(own["providers"], label)]
        newer = download.load(downloaded, newer_than=own["checked"]) if downloaded else None
        self.problem = newer.problem if newer else None
        """Why downloaded data is not in use, as one line; None if it is, or there is none."""
        if newer and newer.providers:
            label = f"{own['package']} data downloaded {newer.day}"
            self._tables.insert(0, Table(newer.providers, label))
        self._tables.extend(
            Table([{"id": raw["provider"], "match": raw["match"], "models": [raw]}], raw["source"])
            for raw in self._overlay["models"]
        )
        self.version = version(newer.digest if newer else "-")
        """Changes whenever any answer could."""
        self._found: dict[str, _Found | Unpriced] = {}
        self._rates: dict[tuple[object, ...], Rates | Unpriced] = {}

    def rates(self, wanted: Priceable) -> Rates | Unpriced:
        """Return the rates of a request, or what is missing to know them.

        A variant that nobody prices is unpriced, never standard.
        """
        found = self._look_up(wanted.model, wanted.at_ms)
        if isinstance(found, Unpriced):
            return found
        variant = _variant(wanted, found.model)
        if isinstance(variant, Unpriced):
            return variant
        price = found.model.price_at(wanted.at_ms, variant)
        if price is None:
            return Unpriced(reason=_no_price(found.model, variant))
        level = price.level(wanted.context_tokens)
        key = (
            *(wanted.model, variant, price.since, price.daily_ms, level.over),
            *(wanted.geo, wanted.estimated, found.assumption),
        )
        if (known := self._rates.get(key)) is None:
            known = self._rates[key] = self._made(wanted, found, variant, price, level)
        return known

    def quote(self, wanted: Priceable) -> Quote:
        """Return `rates` of a request, and where they end: no other answer lies in between."""
        rates = self.rates(wanted)
        at_ms, context = wanted.at_ms, wanted.context_tokens
        prices = self._prices_of(wanted)
        if any(price.daily_ms for price in prices):
            return Quote(
                rates=rates, since_ms=at_ms, until_ms=at_ms + 1, over=context - 1, upto=context
            )
        times = [price.since_ms for price in prices] + self._alias_days(wanted.model)
        limits = [level.over for price in prices for level in price.levels]
        return Quote(
            rates=rates,
            since_ms=max((t for t in times if t <= at_ms), default=-_ALWAYS_MS),
            until_ms=min((t for t in times if t > at_ms), default=_ALWAYS_MS),
            over=max((n for n in limits if n < context), default=-1),
            upto=min((n for n in limits if n >= context), default=_ANY_CONTEXT),
        )

    def _prices_of(self, wanted: Priceable) -> tuple[Price, ...]:
        found = self._look_up(wanted.model, wanted.at_ms)
        if isinstance(found, Unpriced):
            return ()
        variant = _variant(wanted, found.model)
        if isinstance(variant, Unpriced):
            return ()
        return found.model.variants.get(variant, ()) if variant else found.model.prices

    def _alias_days(self, name: str | None) -> list[int]:
        alias = self._overlay["aliases"].get(without_window(name)) if name else None
        return [] if alias is None else [day_ms(day) for day, _ in alias["as"]]

    def context_limit(self, model: str | None, at_ms: int) -> int | None:
        """Return the context window in tokens, if known; a million for an id with `[1m]`."""
        if not model:
            return None
        if model.strip().lower().endswith("[1m]"):
            return _MILLION_WINDOW
        found = self._look_up(model, at_ms)
        return None if isinstance(found, Unpriced) else found.model.context_window

    def models(self) -> Iterator[Model]:
        """Yield every model of the table in use, overlay included."""
        seen: set[tuple[str, str]] = set()
        for table in self._tables:
            for model in table.models():
                if (model.provider, model.id) not in seen:
                    seen.add((model.provider, model.id))
                    yield self._patched(model)

    def _look_up(self, name: str | None, at_ms: int) -> _Found | Unpriced:
        if not name:
            return Unpriced(reason="the log names no model")
        alias = self._overlay["aliases"].get(without_window(name))
        if alias is None:
            return self._named(name)
        target = next((to for day, to in reversed(alias["as"]) if at_ms >= day_ms(day)), None)
        if target is None:
            return Unpriced(reason=f"no price for {name} before {alias['as'][0][0]}")
        found = self._named(target)
        if isinstance(found, Unpriced):
            return found
        return _Found(found.model, f"{name} taken for {target}: {alias['source']}")

    def _named(self, name: str) -> _Found | Unpriced:
        if (known := self._found.get(name)) is None:
            known = self._found[name] = self._searched(name)
        return known

    def _searched(self, name: str) -> _Found | Unpriced:
        readings = spellings(name, self._overlay["spellings"])
        for reading in readings:
            for table in self._tables:
                if model := table.find(reading.id, bedrock=reading.bedrock):
                    return _Found(self._patched(model), reading.assumption)
        shown = one_line(name, 80)
        for reading in readings:
            if reason := self._overlay["unpriced"].get(reading.id):
                return Unpriced(reason=f"no price for model {shown}: {reason}")
        return self._asked(readings) or Unpriced(reason=f"no price for model {shown}")

    def _asked(self, readings: list[Spelling]) -> _Found | None:
        for reading in readings:
            if reading.id.startswith("<"):
                continue
            if answer := fallback.find(reading.id):
                model, assumption = answer
                return _Found(self._patched(model), reading.assumption or assumption)
        return None

    def _patched(self, model: Model) -> Model:
        patch = self._overlay["patches"].get(model.id) if model.provider == "anthropic" else None
        return patched(model, patch) if patch else model

    def _made(
        self, wanted: Priceable, found: _Found, variant: str | None, price: Price, level: Level
    ) -> Rates | Unpriced:
        model = found.model
        kind = f"{variant} " if variant else ""
        if level.tokens is None:
            above = f"above {level.over} tokens of context"
            return Unpriced(reason=f"no {kind}price for {model.id} {above}")
        tokens = level.tokens
        notes = [level.source or model.origin]
        if price.since:
            notes.append(f"valid from {price.since}")
        if level.over:
            notes.append(f"long context, over {level.over} tokens")
        if variant:
            notes.append(variant)
        if wanted.geo not in _ANYWHERE:
            rule = self._overlay["residency"].get(wanted.geo)
            if rule is None or model.id not in rule["models"]:
                return Unpriced(
                    reason=f"no price for {model.id} in {one_line(wanted.geo or '', 40)}"
                )
            tokens = _times(tokens, rule)
            notes.append(f"{wanted.geo} residency ×{rule['factor']} ({rule['source']})")
        assumptions = [a for a in (price.assumption, found.assumption, wanted.estimated) if a]
        notes.extend(f"estimate: {one_line(text, 160)}" for text in assumptions)
        read, write_5m, write_1h = tokens[2:]
        return Rates(
            model=model.id,
            input=tokens[0],
            output=tokens[1],
            cache_read=read,
            cache_write_5m=write_5m,
            cache_write_1h=write_1h,
            web_search=level.web_search,
            basis=Basis.ESTIMATED if assumptions else Basis.COMPUTED,
            origin="; ".join(notes),
        )


def _no_price(model: Model, variant: str | None) -> str:
    prices = model.variants.get(variant, ()) if variant else model.prices
    first = min((price.since or "" for price in prices), default="")
    kind = f"{variant} " if variant else ""
    return f"no {kind}price for {model.id}" + (f" before {first}" if first else "")


def _times(tokens: tuple[int, ...], rule: Mapping[str, Any]) -> tuple[int, ...]:
    """Return rates times a factor such as `1.1`; generation has checked that this is exact."""
    whole, _, decimals = rule["factor"].partition(".")
    numerator, denominator = int(whole + decimals), 10 ** len(decimals)
    return tuple(rate * numerator // denominator for rate in tokens)


def _variant(wanted: Priceable, model: Model) -> str | None | Unpriced:
    """Return the one variant that a request was answered in."""
    variants = []
    if wanted.speed not in _NOT_SPECIAL:
        if wanted.speed != "fast":
            return Unpriced(reason=f"no price for speed {one_line(wanted.speed or '', 40)}")
        # OpenAI's fast mode is its priority tier.
        variants.append("priority" if model.provider == "openai" else "fast")
    if wanted.service_tier not in _NOT_SPECIAL:
        tier = _TIERS.get(wanted.service_tier or "")
        if tier is None:
            text = one_line(wanted.service_tier or "", 40)
            return Unpriced(reason=f"no price for service tier {text}")
        variants.append(tier)
    if len(set(variants)) > 1:
        return Unpriced(reason=f"no price for {' and '.join(variants)} together at {model.id}")
    return variants[0] if variants else None


def open_book() -> PriceBook:
    """Return a book over the bundled table and the user's downloaded data, if any."""
    return PriceBook(paths.prices())
