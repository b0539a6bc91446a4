"""A quote's rates are those of every request that it says they are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.pricing import Priceable, PriceBook, Quote, Unpriced
from tokenwatch.pricing.table import Price, bundled, day_ms

BOOK = PriceBook()
MODELS = tuple(BOOK.models())
ALIASES: dict[str, dict[str, list[tuple[str, str]]]] = bundled()["overlay"]["aliases"]
NAMES = tuple(sorted({model.id for model in MODELS} | {*ALIASES, "no-such-model", ""}))
SPEEDS = (None, "standard", "fast", "warp")
TIERS = (None, "default", "priority", "flex", "batch", "steerage")
GEOS = (None, "us", "global", "moon")
ESTIMATED = (None, "guessed")
FAR_MS = day_ms("2100-01-01")
DAY_MS = 86_400_000
MUCH = 10**8


def _corners(price: Price) -> Iterator[tuple[int, int]]:
    for at_ms in (price.since_ms - 1, price.since_ms, price.since_ms + DAY_MS // 2):
        for level in price.levels:
            for context in (0, level.over, level.over + 1):
                yield at_ms, context


def _holds(wanted: Priceable, quote: Quote) -> None:
    """Ask for the corners of a quote's stretch, one by one."""
    assert quote.rates == BOOK.rates(wanted)
    assert quote.since_ms <= wanted.at_ms < quote.until_ms
    assert quote.over < wanted.context_tokens <= quote.upto
    for at_ms in (quote.since_ms, quote.until_ms - 1):
        for context in (quote.over + 1, quote.upto):
            assert BOOK.rates(replace(wanted, at_ms=at_ms, context_tokens=context)) == quote.rates


def test_quotes_at_every_edge_of_every_price() -> None:
    asked = 0
    for model in MODELS:
        for prices in (model.prices, *model.variants.values()):
            for at_ms, context in {corner for price in prices for corner in _corners(price)}:
                for speed, tier in ((None, None), ("fast", None), (None, "flex"), (None, "batch")):
                    wanted = Priceable(
                        source="codex",
                        model=model.id,
                        at_ms=at_ms,
                        context_tokens=context,
                        speed=speed,
                        service_tier=tier,
                    )
                    _holds(wanted, BOOK.quote(wanted))
                    asked += 1
    assert asked > len(MODELS)


def test_quotes_of_aliases_end_on_their_days() -> None:
    for name, alias in ALIASES.items():
        for day, _ in alias["as"]:
            for at_ms in (day_ms(day) - 1, day_ms(day)):
                wanted = Priceable(source="codex", model=name, at_ms=at_ms, context_tokens=1)
                _holds(wanted, BOOK.quote(wanted))


@settings(max_examples=400, deadline=None)
@given(
    wanted=st.builds(
        Priceable,
        source=st.just("claude-code"),
        model=st.sampled_from(NAMES),
        at_ms=st.integers(0, FAR_MS),
        context_tokens=st.integers(0, MUCH),
        speed=st.sampled_from(SPEEDS),
        service_tier=st.sampled_from(TIERS),
        geo=st.sampled_from(GEOS),
        estimated=st.sampled_from(ESTIMATED),
    ),
    inside=st.data(),
)
def test_quotes_hold_for_all_in_between(wanted: Priceable, inside: st.DataObject) -> None:
    quote = BOOK.quote(wanted)
    _holds(wanted, quote)
    at_ms = inside.draw(st.integers(max(quote.since_ms, 0), min(quote.until_ms - 1, FAR_MS)))
    context = inside.draw(st.integers(max(quote.over + 1, 0), min(quote.upto, MUCH)))
    other = replace(wanted, at_ms=at_ms, context_tokens=context)
    assert BOOK.rates(other) == quote.rates


def test_a_price_by_the_hour_is_quoted_for_the_moment() -> None:
    hourly = [model for model in MODELS if any(price.daily_ms for price in model.prices)]
    for model in hourly:
        wanted = Priceable(source="codex", model=model.id, at_ms=FAR_MS, context_tokens=7)
        quote = BOOK.quote(wanted)
        assert isinstance(quote.rates, Unpriced) or quote.until_ms == quote.since_ms + 1
    assert hourly
