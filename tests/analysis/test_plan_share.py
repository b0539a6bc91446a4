"""Which share of a plan's window an amount stands for."""

from __future__ import annotations

import pytest

from tokenwatch.analysis.plan_share import plan_share


@pytest.mark.parametrize(
    ("part", "spent", "used", "wanted"),
    [
        (25, 100, 40.0, 10.0),
        (0, 100, 40.0, 0.0),
        (100, 100, 40.0, 40.0),
        (101, 100, 40.0, 40.0),
        (-1, 100, 40.0, 0.0),
        (50, 100, 0.0, 0.0),
        (50, 100, -3.0, 0.0),
        (50, 100, 130.0, 65.0),
        (0, 0, 40.0, None),
        (5, 0, 40.0, None),
        (5, -1, 40.0, None),
    ],
)
def test_the_share(part: int, spent: int, used: float, wanted: float | None) -> None:
    assert plan_share(part, spent, used) == wanted
