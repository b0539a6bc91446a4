"""From requests in the ledger to an alert: a session on its way to a limit is told of in time."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.store.batches import AT_MS, Book, request
from tokenwatch.alert import Alert, AlertKind
from tokenwatch.alerting.look import Alerting, Wishes
from tokenwatch.config.budgets import Budget
from tokenwatch.snapshot import Snapshot

MINUTE = 60_000
NOON_MS = AT_MS + 12 * 60 * MINUTE
TOKENS = 15
"""Of an invented request."""


class World:
    """A session with a request in each minute, looked at after each, by a monitor at work."""

    def __init__(self, folder: Path, of: Budget) -> None:
        self.book = Book(folder)
        self.told: list[Alert] = []
        self.alerting = Alerting(
            self.book.ledger,
            lambda: Wishes((of,)),
            UTC,
            NOON_MS,
            deliver=self.told.append,
            results=SimpleQueue(),
            folder=None,
        )

    def minutes(self, first: int, last: int, session: str = "aaaaaaaa-1") -> World:
        """Let a session spend in each minute from the first to the last."""
        for minute in range(first, last + 1):
            at = NOON_MS + minute * MINUTE
            made = request(f"{session}{minute}", session, at_ms=at - MINUTE // 2, line=minute + 1)
            self.book.put(f"/r/{session}.jsonl", [made])
            self.alerting.look(Snapshot(taken_ms=at, timezone="UTC"), list)
        return self

    def forecasts(self) -> list[tuple[int, str, str | None]]:
        """Return after how many minutes what was told, of which session."""
        return [
            ((alert.at_ms - NOON_MS) // MINUTE, alert.key, alert.session_id)
            for alert in self.told
            if alert.kind is AlertKind.FORECAST
        ]


@pytest.mark.parametrize("period", ["session", "5h"])
def test_it_is_told_of_once_before_the_limit_is_reached(tmp_path: Path, period: str) -> None:
    world = World(tmp_path, Budget("run", Decimal(50 * TOKENS), "tokens", period))
    world.minutes(1, 60)
    own = "aaaaaaaa-1" if period == "session" else None
    key = "forecast/run/aaaaaaaa-1" if own else "forecast/run"
    # Thirty minutes are left after twenty, and that has to be so for five.
    assert world.forecasts() == [(25, key, own)]
    (text,) = [alert.text for alert in world.told if alert.kind is AlertKind.FORECAST]
    who = "session aaaaaaaa reaches the limit of 750" if own else "the limit of 750"
    assert f"at its pace (900 tokens/h) {who}" in text and text.endswith("≈ 12:50")


def test_a_session_beside_a_higher_one_that_rests_is_told_of(tmp_path: Path) -> None:
    world = World(tmp_path, Budget("run", Decimal(50 * TOKENS), "tokens", "session"))
    world.minutes(1, 49)
    assert [minute for minute, _, _ in world.forecasts()] == [25]
    world.minutes(61, 90, "bbbbbbbb-2")
    # It is still lower than the first, at which the budget stands.
    assert world.forecasts()[1:] == [(85, "forecast/run/bbbbbbbb-2", "bbbbbbbb-2")]


def test_sessions_side_by_side_are_each_told_of(tmp_path: Path) -> None:
    world = World(tmp_path, Budget("run", Decimal(50 * TOKENS), "tokens", "session"))
    for minute in range(1, 30):
        # Now the one, now the other is to reach the limit first.
        for name in ("aaaaaaaa-1", "bbbbbbbb-2")[:: 1 if minute % 2 else -1]:
            world.minutes(minute, minute, name)
    assert {key for _, key, _ in world.forecasts()} == {
        "forecast/run/aaaaaaaa-1",
        "forecast/run/bbbbbbbb-2",
    }
    assert {minute for minute, _, _ in world.forecasts()} <= {25, 26}


def test_work_that_rests_in_time_is_not_told_of(tmp_path: Path) -> None:
    world = World(tmp_path, Budget("run", Decimal(50 * TOKENS), "tokens", "session"))
    world.minutes(1, 19)
    for minute in range(20, 60):
        at = NOON_MS + minute * MINUTE
        world.alerting.look(Snapshot(taken_ms=at, timezone="UTC"), list)
    assert world.forecasts() == []
