"""A request's row, as it is written."""

from __future__ import annotations

from typing import Final

COLUMNS = (
    "id",
    "agent",
    "at_ms",
    "model",
    "terms",
    "file",
    "line",
    "is_copy",
    "usage_file",
    "usage_line",
    "final",
    "lower_bound",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "web_searches",
    "turn_id",
    "price",
    "cost_pico",
)
"""Of `requests`, without the key."""
Row = tuple[
    str, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int,
    str, int, int | None,
]  # fmt: skip
"""In the order of COLUMNS."""
ID: Final = 0
AGENT: Final = 1
AT_MS: Final = 2
MODEL: Final = 3
LOWER_BOUND: Final = 11
INPUT: Final = 12
REASONING: Final = 17
PRICE: Final = 20
COST: Final = 21
