"""Logs that a client's clean-up deletes before they were read."""

from __future__ import annotations

from tokenwatch.analysis.expiry import DAY_MS, expiring

NOW = 1_795_348_800_000


def _days_ago(*days: float) -> list[tuple[str, int]]:
    return [(f"{n}.jsonl", NOW - int(d * DAY_MS)) for n, d in enumerate(days)]


def test_what_goes_within_a_week() -> None:
    assert expiring(_days_ago(0, 22.9, 23.1, 29.5), 30, NOW) == (2, NOW + DAY_MS // 2)


def test_what_is_overdue_counts() -> None:
    assert expiring(_days_ago(31, 40), 30, NOW) == (2, NOW - 10 * DAY_MS)


def test_nothing_goes() -> None:
    assert expiring(_days_ago(1, 2), 30, NOW) == (0, None)
    assert expiring([], 30, NOW) == (0, None)
    assert expiring(_days_ago(400), None, NOW) == (0, None)
