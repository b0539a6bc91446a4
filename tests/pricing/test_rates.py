"""What one request costs: exact figures, thresholds, days, variants, spellings."""

from __future__ import annotations

import pytest

from tokenwatch.model import PICO, Basis, Rates, Usage
from tokenwatch.pricing import Priceable, PriceBook, Unpriced
from tokenwatch.pricing.table import day_ms

TODAY = "2026-11-21"
NOW_MS = day_ms(TODAY)


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook()


def wanted(model: str | None, day: str = TODAY, context: int = 1000, /, **more: str) -> Priceable:
    return Priceable(
        source="claude-code", model=model, at_ms=day_ms(day), context_tokens=context, **more
    )


def priced(book: PriceBook, request: Priceable) -> Rates:
    rates = book.rates(request)
    assert isinstance(rates, Rates), rates
    return rates


def per_mtok(rates: Rates) -> tuple[float | None, ...]:
    kinds = (
        *(rates.input, rates.output, rates.cache_read),
        *(rates.cache_write_5m, rates.cache_write_1h),
    )
    return tuple(None if kind is None else kind / 10**6 for kind in kinds)


def test_a_request_of_every_kind_costs_what_the_price_list_says(book: PriceBook) -> None:
    usage = Usage(input=50, cache_read=100, cache_write_5m=100, cache_write_1h=50, output=10)
    rates = priced(book, wanted("claude-opus-5-5", TODAY, usage.context))
    assert rates.cost(usage) == 132 * PICO // 100_000  # 0.00132 USD
    assert rates.basis is Basis.COMPUTED
    assert rates.origin == "genai-prices 0.2.3, checked 2026-11-21"


def test_a_web_search_costs_a_cent_whatever_the_variant(book: PriceBook) -> None:
    for more in ({}, {"speed": "fast"}, {"geo": "us"}):
        rates = priced(book, wanted("claude-opus-5-5", **more))
        assert rates.cost(Usage(), web_searches=3) == 3 * PICO // 100


@pytest.mark.parametrize(
    ("model", "day", "threshold", "below", "above"),
    [
        ("claude-haiku-5-5", "2026-11-01", 100_000, 0.1, 0.5),
        ("claude-sonnet-4-5-20250929", "2025-12-01", 200_000, 3, 6),
        ("claude-sonnet-4-20250514", "2025-09-01", 200_000, 3, 6),
        ("claude-opus-4-6", "2026-03-12", 200_000, 5, 10),
        ("claude-opus-4-6", "2026-03-13", 200_000, 5, 5),
        ("gpt-6.1-sol", "2026-11-01", 272_000, 2, 4),
        ("gpt-5.2-codex", "2026-11-01", 272_000, 1.75, 1.75),
    ],
)
def test_the_whole_request_costs_more_above_the_threshold(
    book: PriceBook, model: str, day: str, threshold: int, below: float, above: float
) -> None:
    at = priced(book, wanted(model, day, threshold))
    over = priced(book, wanted(model, day, threshold + 1))
    assert (at.input, over.input) == (below * 10**6, above * 10**6)


def test_the_output_of_a_long_request_costs_half_as_much_again(book: PriceBook) -> None:
    rates = priced(book, wanted("claude-sonnet-4-5", TODAY, 200_001))
    assert per_mtok(rates) == (6, 22.5, 0.6, 7.5, 12)
    assert "over 200000 tokens" in rates.origin


@pytest.mark.parametrize(
    ("model", "day", "rate"),
    [
        ("gpt-5.6-luna", "2026-07-30", (1, 0.2)),
        ("gpt-5.6-terra", "2026-07-30", (2.5, 2)),
        ("gpt-5.6", "2026-08-21", (5, 4)),
        ("o3", "2025-06-10", (10, 2)),
    ],
)
def test_a_price_changes_at_midnight_utc_of_its_day(
    book: PriceBook, model: str, day: str, rate: tuple[float, float]
) -> None:
    change_ms = day_ms(day)
    for at_ms, expected in zip((change_ms - 1, change_ms), rate, strict=True):
        request = Priceable(source="codex", model=model, at_ms=at_ms, context_tokens=10)
        assert priced(book, request).input == expected * 10**6
    assert f"valid from {day}" in priced(book, wanted(model, day)).origin


def test_a_price_by_the_hour_follows_the_clock(book: PriceBook) -> None:
    inputs = {
        priced(
            book,
            Priceable(
                source="claude-code",
                model="deepseek-chat",
                at_ms=NOW_MS + hour * 3_600_000,
                context_tokens=10,
            ),
        ).input
        for hour in range(24)
    }
    assert len(inputs) == 2


@pytest.mark.parametrize(
    ("model", "more", "rates"),
    [
        ("claude-opus-5-5", {"speed": "fast"}, (8, 40, 0.4, 10, 16)),
        ("claude-opus-5-5", {"service_tier": "batch"}, (2, 10, 0.1, 2.5, 4)),
        ("claude-opus-5-5", {"geo": "us"}, (4.4, 22, 0.22, 5.5, 8.8)),
        ("claude-opus-5-5", {"speed": "fast", "geo": "us"}, (8.8, 44, 0.44, 11, 17.6)),
        ("claude-haiku-5-5", {"service_tier": "batch", "geo": "us"}, None),
        ("claude-opus-4-7", {"speed": "fast"}, (30, 150, 3, 37.5, 60)),
        ("gpt-5.5", {"service_tier": "priority"}, (12.5, 75, 1.25, 12.5, 12.5)),
        ("gpt-5.5", {"service_tier": "fast"}, (12.5, 75, 1.25, 12.5, 12.5)),
        ("gpt-5.5", {"speed": "fast"}, (12.5, 75, 1.25, 12.5, 12.5)),
        ("gpt-5.4", {"service_tier": "flex"}, (1.25, 7.5, 0.13, 1.25, 1.25)),
    ],
)
def test_a_variant_has_its_own_rates(
    book: PriceBook, model: str, more: dict[str, str], rates: tuple[float, ...] | None
) -> None:
    found = priced(book, wanted(model, **more))
    assert found.basis is Basis.COMPUTED
    assert per_mtok(found) == (rates or (0.055, 0.275, 0.0055, 0.06875, 0.11))


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-5.5"])
def test_fast_is_flat_where_the_price_list_has_no_long_rates_for_it(
    book: PriceBook, model: str
) -> None:
    short = priced(book, wanted(model, service_tier="priority"))
    long = priced(book, wanted(model, TODAY, 900_000, service_tier="priority"))
    assert per_mtok(short) == per_mtok(long)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (wanted(None), "the log names no model"),
        (wanted("claude-opus-7"), "no price for model claude-opus-7"),
        (wanted("evil\x1b[2J"), "no price for model evil\ufffd[2J"),
        (wanted("<synthetic>"), "no price for model <synthetic>"),
        (
            wanted("gpt-5.3-codex-spark"),
            "no price for model gpt-5.3-codex-spark: a research preview without an API price",
        ),
        (wanted("claude-sonnet-5", speed="fast"), "no fast price for claude-sonnet-5"),
        (wanted("claude-sonnet-5", speed="warp"), "no price for speed warp"),
        (
            wanted("claude-opus-5", service_tier="priority"),
            "no priority price for claude-opus-5",
        ),
        (wanted("gpt-5.2", service_tier="scale"), "no price for service tier scale"),
        (
            wanted("claude-opus-5", speed="fast", service_tier="batch"),
            "no price for fast and batch together at claude-opus-5",
        ),
        (wanted("claude-opus-4-5", geo="us"), "no price for claude-opus-4-5 in us"),
        (wanted("claude-opus-5", geo="mars"), "no price for claude-opus-5 in mars"),
        (
            wanted("claude-opus-4-6", "2026-02-17", speed="fast"),
            "no fast price for claude-opus-4-6 before 2026-02-18",
        ),
        (
            wanted("claude-opus-4-6", "2026-03-12", 200_001, speed="fast"),
            "no fast price for claude-opus-4-6 above 200000 tokens of context",
        ),
        (
            wanted("codex-auto-review", "2025-11-12"),
            "no price for codex-auto-review before 2025-11-13",
        ),
    ],
)
def test_what_nobody_prices_is_unpriced_and_says_why(
    book: PriceBook, request_: Priceable, reason: str
) -> None:
    assert book.rates(request_) == Unpriced(reason=reason)


@pytest.mark.parametrize("geo", [None, "", "global", "not_available"])
@pytest.mark.parametrize("tier", [None, "standard", "default", "auto"])
def test_the_words_for_nothing_special_cost_nothing_more(
    book: PriceBook, geo: str | None, tier: str | None
) -> None:
    request = Priceable(
        source="claude-code",
        model="claude-opus-5",
        at_ms=NOW_MS,
        context_tokens=10,
        speed="standard",
        service_tier=tier,
        geo=geo,
    )
    assert per_mtok(priced(book, request)) == (5, 25, 0.5, 6.25, 10)


@pytest.mark.parametrize(
    ("model", "day", "more", "rate", "recorded"),
    [
        # As recorded later, for the standard price has not changed since.
        ("gpt-5.4", "2026-06-01", {"service_tier": "priority"}, 5, "2026-10-12"),
        ("claude-opus-5", "2026-10-13", {"service_tier": "batch"}, 2.5, "2026-10-14"),
        # Twice the standard price of that day, not of the day on which it was recorded.
        ("gpt-5.6-sol", "2026-08-20", {"service_tier": "priority"}, 10, "2026-10-12"),
        ("gpt-5.6-luna", "2026-07-29", {"service_tier": "flex"}, 0.5, "2026-10-12"),
    ],
)
def test_a_variant_before_its_first_record_is_an_estimate(
    book: PriceBook, model: str, day: str, more: dict[str, str], rate: float, recorded: str
) -> None:
    rates = priced(book, wanted(model, day, **more))
    assert rates.input == rate * 10**6
    assert rates.basis is Basis.ESTIMATED
    assert f"estimate: in the proportion recorded from {recorded} on" in rates.origin
    assert priced(book, wanted(model, recorded, **more)).basis is Basis.COMPUTED


@pytest.mark.parametrize(
    ("day", "model"),
    [
        ("2025-11-13", "gpt-5.1"),
        ("2025-12-11", "gpt-5.2"),
        ("2026-02-05", "gpt-5.3-codex"),
        ("2026-03-05", "gpt-5.4"),
        ("2026-07-29", "gpt-5.4"),
        ("2026-07-30", "gpt-5.6-luna"),
    ],
)
def test_the_hidden_model_of_a_review_is_an_estimate_by_date(
    book: PriceBook, day: str, model: str
) -> None:
    rates = priced(book, wanted("codex-auto-review", day))
    assert (rates.model, rates.basis) == (model, Basis.ESTIMATED)
    assert "codex-auto-review taken for" in rates.origin


def test_the_readers_assumption_makes_an_estimate_and_is_named(book: PriceBook) -> None:
    rates = priced(book, wanted("gpt-5", estimated="the log names no model"))
    assert rates.basis is Basis.ESTIMATED
    assert rates.origin.endswith("estimate: the log names no model")


@pytest.mark.parametrize(
    ("spelling", "model", "basis"),
    [
        ("claude-opus-5-5[1m]", "claude-opus-5-5", Basis.COMPUTED),
        ("Claude-Opus-5-5", "claude-opus-5-5", Basis.COMPUTED),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", Basis.COMPUTED),
        ("anthropic/claude-opus-5-5", "claude-opus-5-5", Basis.COMPUTED),
        ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", Basis.ESTIMATED),
        ("claude-opus-4-5@20251101", "claude-opus-4-5", Basis.ESTIMATED),
        ("vertex_ai/claude-fable-5@20260801", "claude-fable-5", Basis.ESTIMATED),
        ("anthropic.claude-mythos-5-v1:0", "claude-mythos-5", Basis.ESTIMATED),
        ("gpt-5.2-20251211", "gpt-5.2", Basis.COMPUTED),
        ("gpt-5.1-codex-max", "gpt-5.1", Basis.COMPUTED),
        ("openai/gpt-5.3-codex", "gpt-5.3-codex", Basis.COMPUTED),
        ("glm-4.6", "GLM-4.6", Basis.COMPUTED),
        ("MiniMax-M2.1", "MiniMax-M2", Basis.COMPUTED),
        ("kimi-k3", "kimi-k3", Basis.COMPUTED),
        ("deepseek-v4-pro", "deepseek-v4-pro", Basis.COMPUTED),
        ("gpt-6-astra-law", "gpt-6-astra-law", Basis.COMPUTED),
        ("gpt-5.5-cyber-preview", "gpt-5.5-cyber-preview", Basis.COMPUTED),
    ],
)
def test_a_model_is_found_under_its_spellings(
    book: PriceBook, spelling: str, model: str, basis: Basis
) -> None:
    rates = priced(book, wanted(spelling))
    assert (rates.model, rates.basis) == (model, basis)


@pytest.mark.parametrize(
    ("spelling", "rate"),
    [
        ("global.anthropic.claude-opus-5-5", 4),
        ("us.anthropic.claude-opus-5-5[1m]", 4.4),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.3),
        ("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", 3),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            1,
        ),
    ],
)
def test_bedrock_has_prices_of_its_own(book: PriceBook, spelling: str, rate: float) -> None:
    assert priced(book, wanted(spelling)).input == rate * 10**6


def test_writes_cost_the_input_rate_where_openai_has_no_price_for_them(book: PriceBook) -> None:
    assert per_mtok(priced(book, wanted("gpt-5.2"))) == (1.75, 14, 0.175, 1.75, 1.75)


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("claude-opus-5-5", 1_000_000),
        ("claude-haiku-4-5-20251001", 200_000),
        ("claude-sonnet-4-5[1m]", 1_000_000),
        ("gpt-5.2-codex", 400_000),
        ("no-such-model", None),
        (None, None),
    ],
)
def test_the_context_window(book: PriceBook, model: str | None, limit: int | None) -> None:
    assert book.context_limit(model, NOW_MS) == limit


def test_a_model_outside_the_table_is_asked_of_genai_prices(book: PriceBook) -> None:
    assert all(model.id != "grok-4.6" for model in book.models())
    rates = priced(book, wanted("grok-4.6"))
    assert (rates.model, rates.basis) == ("grok-4.6", Basis.COMPUTED)
    routed = priced(book, wanted("qwen/qwen3-coder"))
    assert routed.basis is Basis.ESTIMATED
    assert "OpenRouter" in routed.origin


def test_the_same_question_gets_the_same_object(book: PriceBook) -> None:
    assert book.rates(wanted("gpt-6.1-sol")) is book.rates(wanted("gpt-6.1-sol", TODAY, 5))
