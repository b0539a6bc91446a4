"""Ask genai-prices for a model that the table lacks. Importing it takes half a second."""

from __future__ import annotations

from tokenwatch.pricing.table import Model, model_from


def find(text: str) -> tuple[Model, str | None] | None:
    """Return a model by its id, and why its price is an estimate; None if nobody prices it.

    The provider is guessed from the id; an id like `vendor/model` may be OpenRouter's.
    """
    import genai_prices

    from tokenwatch.pricing.entries import UnsupportedError, entry
    from tokenwatch.pricing.table import InexactError

    for provider_id in (None, "openrouter") if "/" in text else (None,):
        try:
            answer = genai_prices.calc_price(genai_prices.Usage(), text, provider_id=provider_id)
            raw = entry(answer.model)
        except (LookupError, UnsupportedError, InexactError):
            continue
        if raw is not None:
            origin = f"genai-prices {genai_prices.__version__}"
            assumption = f"at {answer.provider.name}'s price" if provider_id else None
            return model_from(raw, answer.provider.id, origin), assumption
    return None
