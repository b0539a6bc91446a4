"""What does a token cost? Rates for a request, by model, date, context and variant.

The rates of known models come from `table.json`, generated (`python -m
tokenwatch.pricing.generate`) from the genai-prices package and `overlay.json`, which holds what
that package lacks, each with its source and day. For a model that the table lacks genai-prices
itself is asked, and only then imported. `refresh` fetches newer data when the user says so.
"""

from __future__ import annotations

from tokenwatch.pricing.book import Priceable, PriceBook, Quote, Unpriced, open_book

__all__ = ["PriceBook", "Priceable", "Quote", "Unpriced", "open_book"]
