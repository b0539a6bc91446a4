"""What does a token cost? Rates for a request, by model, date, context and variant.

The rates of known models come from `table.json`, generated (`python -m
tokenwatch.pricing.generate`) from the genai-prices package and `overlay.json`, which holds what
that package lacks, each with its source and day. For a model that the table lacks genai-prices
itself is asked, and only then imported. `refresh` fetches newer data when the user says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenwatch.pricing.book import Priceable, PriceBook, Quote, Unpriced, open_book

__all__ = ["PriceBook", "Priceable", "Quote", "Unpriced", "open_book"]


def __getattr__(name: str) -> object:
    """Import the book when one of its names is asked for: most starts need the version alone."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tokenwatch.pricing import book

    return getattr(book, name)
