"""Exact values of rows for an export: nothing rounded, nothing cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenwatch import format as fmt
from tokenwatch.model import Spend, Usage

if TYPE_CHECKING:
    from tokenwatch.export.sheets import Cell

UNKNOWN = ""
"""What stands for a value that the logs don't hold."""


def money(pico: int | None) -> str:
    """Return dollars as a decimal number; unknown is UNKNOWN."""
    return UNKNOWN if pico is None else fmt.exact_usd(pico)


def time(ms: int | None) -> str:
    """Return an instant as RFC 3339 has it; unknown is UNKNOWN."""
    return fmt.rfc3339(ms) or UNKNOWN


def number(value: int | None) -> Cell:
    """Return a whole number; unknown is UNKNOWN."""
    return UNKNOWN if value is None else value


def names(values: Sequence[str]) -> str:
    """Return all of them, as they are written in the logs."""
    return ", ".join(values)


def marked(spend: Spend | None) -> str | None:
    """Return a sum's dollars, never rounded, behind the mark of what they lack (`≥0.043750`).

    `?` where nothing of it has a price, None where there is nothing to price.
    """
    if spend is None or not spend.requests:
        return None
    mark = fmt.spend_mark(spend)
    return mark if mark == "?" else mark + fmt.exact_usd(spend.cost_pico)


def of_usage(usage: Usage, column: str) -> Cell:
    """Return what a usage has in a column of tokens; None for any other column."""
    match column:
        case "in" | "input":
            return usage.input
        case "read":
            return usage.cache_read
        case "write":
            return usage.cache_write_5m + usage.cache_write_1h
        case "out" | "output":
            return usage.output
        case "tokens":
            return usage.total
    return None


def of_spend(spend: Spend, column: str) -> Cell:
    """Return what a spend has in a column of tokens, requests or cost; None for any other.

    A cost is that of the requests that have a price; `mark_of` says if that is not all.
    """
    match column:
        case "cost":
            return money(spend.cost_or_none)
        case "requests":
            return spend.requests
    return of_usage(spend.usage, column)


def cost(spend: Spend | None) -> str | None:
    """Return a sum's dollars as a decimal number; None where there is nothing to price.

    UNKNOWN where nothing of it has a price: `mark_of` says so.
    """
    return None if spend is None or not spend.requests else money(spend.cost_or_none)


def mark_of(spend: Spend | None) -> str:
    """Return how far a cost is to be trusted, in words; empty where it is exact."""
    words = {"?": "no price", "≥": "at least", "~": "estimated"}
    return words.get(fmt.spend_mark(spend), "") if spend and spend.requests else ""
