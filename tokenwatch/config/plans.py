"""What the user pays for a plan: a row of `[[plans]]`."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Plan(NamedTuple):
    """A subscription that a source's agents run on."""

    source: str
    fee: Decimal
    """A month, as the user pays it; above 0."""
    currency: str = "USD"
    """Three letters. List prices are in USD, so only that can be compared with them."""
