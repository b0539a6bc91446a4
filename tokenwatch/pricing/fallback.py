"""Ask genai-prices for a model that the table lacks. Importing it takes half a second."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tokenwatch.pricing.table import Model, model_from


def installed_version() -> str:
    """Return the version of the installed genai-prices without importing it."""
    spec = find_spec("genai_prices")
    if spec and spec.origin:
        # A glance at the folder's name costs a fraction of importing importlib.metadata.
        for folder in Path(spec.origin).parent.parent.glob("genai_prices-*.dist-info"):
            return folder.name.removeprefix("genai_prices-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version("genai-prices")


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
