"""Sums as cells of a table."""

from __future__ import annotations

from tokenwatch.format import money, tokens
from tokenwatch.model import Spend


def sums(value: Spend) -> list[str]:
    """Return requests, tokens and cost."""
    return [str(value.requests), tokens(value.usage.total), cost_text(value)]


def cost_text(value: Spend) -> str:
    """Return a sum's cost with its marks: `?` unpriced, `≥` partly unpriced, `~` estimated."""
    if value.cost_or_none is None:
        return "?"
    mark = "≥" if value.unpriced_requests else "~" if value.estimated_requests else ""
    return mark + money(value.cost_pico)
