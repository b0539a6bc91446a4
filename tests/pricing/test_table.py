"""table.json is what generation makes, and our answers are genai-prices' own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import genai_prices
import pytest
from genai_prices.data import providers
from genai_prices.types import ClauseContains, ModelInfo
from hypothesis import given, settings
from hypothesis import strategies as st

import tokenwatch.pricing
from tokenwatch.model import Basis, Rates, Usage
from tokenwatch.pricing import Priceable, PriceBook
from tokenwatch.pricing.entries import UnsupportedError, compiled, entry, newest_day
from tokenwatch.pricing.generate import edition, generate
from tokenwatch.pricing.table import TOKEN_KINDS, InexactError, bundled, whole

PACKAGE = Path(tokenwatch.pricing.__file__).parent
BOOK = PriceBook()
VARIANTS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {}),
    ({"speed": "fast"}, {"speed": "fast"}),
    ({"service_tier": "flex"}, {"service_tier": "flex"}),
    ({"service_tier": "priority"}, {"service_tier": "priority"}),
    ({"service_tier": "fast"}, {"service_tier": "fast"}),
    ({"service_tier": "batch"}, {"processing": "batch"}),
]
"""Ours, and genai-prices' words for it."""


def test_the_table_is_what_generation_makes_of_the_package_and_the_overlay() -> None:
    made = generate()
    assert (PACKAGE / "table.json").read_text("utf-8") == made
    assert (PACKAGE / "edition.py").read_text("utf-8") == edition(made)


def test_every_addition_names_its_source_and_the_day_it_was_checked() -> None:
    overlay = json.loads((PACKAGE / "overlay.json").read_text("utf-8"))
    additions = [
        *overlay["models"],
        *overlay["patches"].values(),
        *overlay["residency"].values(),
        *overlay["aliases"].values(),
    ]
    assert len(additions) == 10
    assert all("checked 20" in addition["source"] for addition in additions)


def test_what_the_package_has_by_now_is_not_in_the_overlay() -> None:
    overlay = bundled()["overlay"]
    makers = [provider for provider in providers if provider.id in ("anthropic", "openai")]
    for model in overlay["models"]:
        assert not any(maker.find_model(model["id"]) for maker in makers), model["id"]


def test_a_rate_that_is_no_whole_number_of_picodollars_is_refused() -> None:
    assert whole(Decimal("0.0875"), 10**6) == 87_500
    for rate in ("0.0000001", "-1", "NaN", "Infinity"):
        with pytest.raises(InexactError):
            whole(Decimal(rate), 10**6)


def test_a_price_per_unknown_unit_is_refused_and_left_out() -> None:
    per_request = next(
        (provider, model)
        for provider in providers
        for model in provider.models
        if "requests_kcount" in str(vars(model)) and provider.model_match is None
    )
    with pytest.raises(UnsupportedError, match="requests_kcount"):
        entry(per_request[1])
    named = replace(per_request[0], model_match=ClauseContains(contains=""))
    (kept,) = compiled([named], everything=True)
    assert per_request[1].id not in [model["id"] for model in kept["models"]]


def test_a_day_to_come_does_not_count_as_news() -> None:
    assert newest_day(providers, until="2026-11-21") <= "2026-11-21"
    assert newest_day(providers, until="9999-12-31") > "2026-11-21"


def _subjects() -> list[tuple[str, str]]:
    """Return (provider, id) of every model in the table; of two with one id, the first."""
    subjects: dict[str, str] = {}
    for provider in bundled()["providers"]:
        for model in provider["models"]:
            subjects.setdefault(model["id"].lower().replace("regional.", "us."), provider["id"])
    return [(provider, model) for model, provider in subjects.items()]


def _recorded(model: ModelInfo, context: dict[str, str], moment: datetime) -> bool | None:
    """Return whether the package has such a variant then; None if it never has."""
    active = [
        variant.constraint is None or variant.constraint.active(moment)
        for variant in model.price_variants or ()
        if all(context.get(key) == value for key, value in variant.when.items())
    ]
    return any(active) if active else None


def _compare(
    subject: tuple[str, str],
    at: datetime,
    variant: tuple[dict[str, str], dict[str, str]],
    usage: Usage,
    searches: int,
) -> None:
    """Assert that we answer as genai-prices does, wherever the overlay adds nothing."""
    provider_id, model = subject
    ours, theirs = variant
    try:
        expected = genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=usage.context,
                cache_read_tokens=usage.cache_read,
                cache_write_tokens=usage.cache_write_5m + usage.cache_write_1h,
                cache_write_1h_tokens=usage.cache_write_1h,
                output_tokens=usage.output,
                web_searches=searches,
            ),
            model,
            provider_id=provider_id,
            genai_request_timestamp=at,
            price_context=theirs,
        )
    except LookupError:
        return
    name = expected.model.id
    added = (
        (name == "claude-sonnet-4-0" and usage.context > 200_000)
        or (name in ("claude-opus-4-6", "claude-opus-4-7") and "speed" in ours)
        # OpenAI's priority tier is also reached by `speed`, which genai-prices does not know there.
        or (provider_id == "openai" and "speed" in ours)
    )
    if added:
        return
    at_ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    answer = BOOK.rates(
        Priceable(source="codex", model=model, at_ms=at_ms, context_tokens=usage.context, **ours)
    )
    recorded = _recorded(expected.model, theirs, at) if ours else True
    if recorded is None:
        assert not isinstance(answer, Rates)
    elif recorded is False:
        assert not isinstance(answer, Rates) or answer.basis is Basis.ESTIMATED
    else:
        assert isinstance(answer, Rates), answer
        assert (answer.model, answer.basis) == (name, Basis.COMPUTED)
        counted = searches if answer.web_search is not None else 0
        assert answer.cost(usage, counted) == expected.total_price * 10**12


@settings(max_examples=600, deadline=None, database=None)
@given(
    subject=st.sampled_from(_subjects()),
    moment=st.datetimes(datetime(2023, 6, 1), datetime(2027, 6, 1)),
    variant=st.sampled_from(VARIANTS),
    counts=st.tuples(*[st.integers(0, 150_000)] * 5),
    searches=st.integers(0, 3),
)
def test_our_cost_is_that_of_genai_prices(
    subject: tuple[str, str],
    moment: datetime,
    variant: tuple[dict[str, str], dict[str, str]],
    counts: tuple[int, ...],
    searches: int,
) -> None:
    at = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    _compare(subject, at, variant, Usage(**dict(zip(TOKEN_KINDS, counts, strict=True))), searches)


@pytest.mark.parametrize("subject", _subjects(), ids=lambda subject: "/".join(subject))
def test_every_model_costs_the_same_in_each_variant_before_and_after_each_change(
    subject: tuple[str, str],
) -> None:
    small = Usage(input=7, cache_read=11, cache_write_5m=13, cache_write_1h=17, output=19)
    large = Usage(input=7, cache_read=272_000, cache_write_5m=13, cache_write_1h=17, output=19)
    for day in ("2025-01-01", "2026-03-13", "2026-07-30", "2026-10-12", "2026-10-14", "2027-03-01"):
        change = datetime.fromisoformat(day).replace(tzinfo=UTC)
        for at in (change - timedelta(milliseconds=1), change):
            for variant in VARIANTS:
                for usage in (small, large):
                    _compare(subject, at, variant, usage, 2)
