"""Prices of models as far as they are compared: the same as the bundled table's."""

from __future__ import annotations

import pytest

from tests.analysis.waste.worked import OPUS, request
from tokenwatch.analysis.waste import tiers
from tokenwatch.analysis.waste.history import NO_MONEY, Money, Price
from tokenwatch.model import Rates
from tokenwatch.pricing.book import Priceable, PriceBook

NOW = 1_795_348_800_000
BOOK = PriceBook()
FABLE = Price(10_000_000, 50_000_000, 250_000, 12_500_000, 20_000_000)


def _rates(model: str, context: int = 1_000) -> Rates:
    found = BOOK.rates(Priceable(source="codex", model=model, at_ms=NOW, context_tokens=context))
    assert isinstance(found, Rates), found
    return found


def _scaled(price: tiers.ListPrice) -> tuple[int, ...]:
    return tuple(amount * 1_000 for amount in price)


@pytest.mark.parametrize("model", tiers.LIST_PRICES)
def test_prices_are_the_tables(model: str) -> None:
    rates = _rates(model)
    told = (rates.input, rates.cache_read, rates.cache_write_5m, rates.output)
    assert _scaled(tiers.LIST_PRICES[model]) == told


@pytest.mark.parametrize("model", tiers.SURCHARGED)
def test_surcharges_are_the_tables(model: str) -> None:
    over, price = tiers.SURCHARGED[model]
    assert _rates(model, over).input == tiers.LIST_PRICES[model].input * 1_000
    rates = _rates(model, over + 1)
    told = (rates.input, rates.cache_read, rates.cache_write_5m, rates.output)
    assert _scaled(price) == told


@pytest.mark.parametrize("model", tiers.LIST_PRICES)
def test_longer_writes_keep_the_ratio(model: str) -> None:
    ladder = tiers.ladder(model)
    if ladder is None:
        return
    own = _rates(model)
    for other in map(_rates, (ladder.next, ladder.second)):
        assert own.cache_write_1h and own.cache_write_5m
        assert other.cache_write_1h and other.cache_write_5m
        assert (
            other.cache_write_1h * own.cache_write_5m == other.cache_write_5m * own.cache_write_1h
        )


@pytest.mark.parametrize("model", tiers.LIST_PRICES)
def test_each_step_down_is_cheaper(model: str) -> None:
    ladder = tiers.ladder(model)
    if ladder is None:
        return
    prices = [tiers.LIST_PRICES[name] for name in ladder]
    for larger, smaller in zip(prices, prices[1:], strict=False):
        assert larger.output > smaller.output and larger.input > smaller.input


def test_a_component_that_costs_more_counts_against_the_others() -> None:
    asked = request(1, model="claude-fable-5-1", price=FABLE, read=1_000, write_5m=10, output=10)
    # Reads cost 0.25 more a thousand, 10 written tokens 62.5 less, 10 answered ones 250 less.
    saved = tiers.saved("claude-opus-5", "claude-fable-5-1", asked)
    assert saved.cache_read == 0
    assert saved.total == pytest.approx(62_500_000 + 250_000_000 - 250_000_000, abs=4)
    longer = request(2, model="claude-fable-5-1", price=FABLE, read=2_000, write_5m=10, output=10)
    assert tiers.saved("claude-opus-5", "claude-fable-5-1", longer) == NO_MONEY


@pytest.mark.parametrize(
    ("logged", "own"),
    [
        ("claude-opus-4-20250514", "claude-opus-4-0"),
        ("claude-opus-4-1-20250805", "claude-opus-4-1"),
        ("claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("claude-opus-5", "claude-opus-5"),
        ("claude-opus-5-20260701", "claude-opus-5"),
        ("global.anthropic.claude-opus-5-5", "claude-opus-5-5"),
        ("anthropic/claude-opus-4.5", "claude-opus-4-5"),
        ("claude-fable-5-2", "claude-fable-5-2"),
        ("claude-mythos-5", "claude-mythos-5"),
        ("gpt-5-codex", "gpt-5"),
        ("gpt-5.1-codex-max", "gpt-5.1"),
        ("gpt-5.3-codex", "gpt-5.3"),
        ("gpt-5.6", "gpt-5.6-sol"),
        ("gpt-5.6-sol", "gpt-5.6-sol"),
        ("gpt-6-astra", "gpt-6-astra"),
        ("gpt-6.1-sol", "gpt-6.1-sol"),
        ("GPT-5.5", "gpt-5.5"),
    ],
)
def test_large_models(logged: str, own: str) -> None:
    ladder = tiers.ladder(logged)
    assert ladder is not None and ladder.own == own
    assert _rates(logged).input == tiers.LIST_PRICES[own].input * 1_000


@pytest.mark.parametrize(
    "logged",
    [
        None, "", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-3-5-haiku-20241022",
        "gpt-5-mini", "gpt-5.1-codex-mini", "gpt-5.4-nano", "gpt-5.6-luna", "gpt-5-pro",
        "gpt-6-cyber", "gpt-9", "claude-opus-9", "o3", "glm-5", "deepseek-chat", "gpt-oss-120b",
        "x" * 10_000,
    ],
)  # fmt: skip
def test_smaller_and_unknown_models(logged: str | None) -> None:
    assert tiers.ladder(logged) is None


def test_the_same_tokens_of_another_model() -> None:
    asked = request(1, model="claude-opus-4-1", price=OPUS, input=3, read=7, write_5m=11, output=2)
    instead = tiers.answered_by("claude-sonnet-4-0", "claude-opus-4-1", asked)
    assert instead == Money(9_000_000, 2_100_000, 41_250_000, 30_000_000)
    assert tiers.saved("claude-sonnet-4-0", "claude-opus-4-1", asked) == Money(
        36_000_000, 8_400_000, 165_000_000, 120_000_000
    )


def test_searches_cost_the_same_from_both() -> None:
    asked = request(1, model="claude-opus-4-1", price=OPUS, output=2)
    searched = asked._replace(cost=asked.cost._replace(output=asked.cost.output + 10**10))
    assert tiers.saved("claude-sonnet-4-0", "claude-opus-4-1", searched).total == 120_000_000


def test_an_unpriced_request_saves_nothing() -> None:
    asked = request(1, model="claude-opus-4-1", price=None, output=2)
    assert tiers.saved("claude-sonnet-4-0", "claude-opus-4-1", asked) == NO_MONEY
    assert tiers.written_anew("claude-sonnet-4-0", "claude-opus-4-1", asked) == 0


def test_a_surcharge_of_the_smaller_model_counts() -> None:
    small = request(1, model="claude-opus-5-5", price=OPUS, read=100_000)
    large = request(2, model="claude-opus-5-5", price=OPUS, read=100_001)
    cheap = tiers.answered_by("claude-haiku-5-5", "claude-opus-5-5", small).total
    dear = tiers.answered_by("claude-haiku-5-5", "claude-opus-5-5", large).total
    assert 4 * cheap < dear < 6 * cheap
