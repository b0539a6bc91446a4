"""Budgets of sessions, turns and five hours: told of half an hour before, at the pace they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.alert import Alert, AlertKind, Condition, How, Severity
from tokenwatch.analysis import pace as paces
from tokenwatch.analysis.alerts.budgets_rule import (
    NOT_SOON_MS,
    RESTED_MS,
    SOON_MS,
    BudgetValues,
    PaceValues,
    of_budget,
)
from tokenwatch.analysis.alerts.engine import Recent, Rules, step
from tokenwatch.analysis.alerts.memory import Memory, from_json, to_json
from tokenwatch.analysis.budgets import ROLLING_MS, ratio, span

MINUTE, HOUR = 60_000, 3_600_000
NOW = int(datetime(2026, 11, 30, 16, tzinfo=UTC).timestamp() * 1000)
LIMIT = 100_000
"""Tokens."""
HOLDS, OVER, BETWEEN = (True, False), (False, True), (False, False)


def budget(crosses_ms: int | None, **more: object) -> BudgetValues:
    fields: dict[str, object] = {
        "name": "run",
        "scope": "all",
        "period": "session",
        "unit": "usd",
        "limit": Decimal(20),
        "spent": Decimal(10),
        "ratio": 0.5,
        "period_key": "s1",
        "session_id": "s1",
        "paces": (PaceValues(Decimal("12.3"), crosses_ms, NOW - 1, "s1", "s1"),),
    }
    return BudgetValues(**{**fields, **more})  # type: ignore[arg-type]


def outlook(of: BudgetValues, zone: ZoneInfo | None = None, now_ms: int = NOW) -> Condition:
    return [*of_budget(of, now_ms, zone or ZoneInfo("UTC"))][1]


def state(condition: Condition) -> tuple[bool, bool]:
    return condition.holds, condition.is_over


@pytest.mark.parametrize("period", ["session", "turn", "5h"])
@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [
        *((0, HOLDS), (-5, HOLDS), (MINUTE, HOLDS), (SOON_MS, HOLDS), (SOON_MS + 1, BETWEEN)),
        *((NOT_SOON_MS, BETWEEN), (NOT_SOON_MS + 1, OVER), (5 * HOUR, OVER), (None, OVER)),
    ],
)
def test_half_an_hour_before_is_told_of(
    period: str, left_ms: int | None, expected: tuple[bool, bool]
) -> None:
    crosses = None if left_ms is None else NOW + left_ms
    condition = outlook(budget(crosses, period=period))
    assert state(condition) == expected
    assert (condition.kind, condition.hold_ms) == (AlertKind.FORECAST, 5 * MINUTE)


@pytest.mark.parametrize(
    ("ago_ms", "expected"), [(0, HOLDS), (RESTED_MS - 1, HOLDS), (RESTED_MS, BETWEEN)]
)
def test_what_rests_tells_nothing_new(ago_ms: int, expected: tuple[bool, bool]) -> None:
    own = PaceValues(Decimal(9), NOW + MINUTE, NOW - ago_ms, "s1", "s1")
    assert state(outlook(budget(None, paces=(own,)))) == expected
    far = own._replace(crosses_ms=NOW + HOUR)
    assert state(outlook(budget(None, paces=(far,)))) == OVER


def test_where_nothing_goes_on_it_is_over() -> None:
    assert state(outlook(budget(None, paces=()))) == OVER
    assert state(outlook(budget(None, paces=(), spent=None, ratio=None))) == OVER


def test_a_limit_that_is_reached_is_what_was_told_and_not_over() -> None:
    reached = budget(None, spent=Decimal(20), ratio=1.0)
    assert state(outlook(reached)) == state(outlook(reached._replace(paces=()))) == BETWEEN
    # Another session than the one that reached it may be on its way.
    others = [PaceValues(Decimal(9), at, NOW, "s2", "s2") for at in (NOW + MINUTE, None)]
    for other, expected in zip(others, (HOLDS, OVER), strict=True):
        going = outlook(reached._replace(paces=(other,)))
        assert state(going) == expected
        assert (going.key, going.session_id) == ("forecast/run/s2", "s2")


def test_of_several_sessions_each_is_looked_at() -> None:
    own = [
        PaceValues(Decimal(9), NOW + minutes * MINUTE, NOW, key, key)
        for minutes, key in ((5, "s1"), (35, "s2"), (90, "s3"))
    ]
    _, *found = of_budget(budget(None, paces=tuple(own)), NOW, UTC)
    assert [state(each) for each in found] == [HOLDS, BETWEEN, OVER]
    assert [each.key for each in found] == [f"forecast/run/s{n}" for n in (1, 2, 3)]


def test_it_says_how_fast_and_when() -> None:
    condition = outlook(budget(NOW + 20 * MINUTE))
    assert condition.key == "forecast/run/s1" and condition.session_id == "s1"
    assert condition.severity is Severity.WARNING
    assert condition.text == (
        "Budget run (all, session): at its pace ($12.30/h) session s1 reaches the limit of $20.00"
        " ≈ 16:20"
    )
    assert condition.action == "Pause what can wait, or choose a smaller model"
    rolling = span("5h", NOW, UTC)
    more = {"period": "5h", "period_key": "", "session_id": None, "span": rolling}
    own = (PaceValues(Decimal(41_200), NOW + MINUTE, NOW),)
    tokens = {"unit": "tokens", "limit": Decimal(10**6), "paces": own}
    condition = outlook(budget(None, **more, **tokens))
    assert condition.key == "forecast/run" and condition.session_id is None
    assert "(41.2k tokens/h) the limit of 1.00M tokens is reached ≈ 16:01" in condition.text


def test_after_midnight_it_is_still_a_time_of_day() -> None:
    late = NOW + 7 * HOUR + 50 * MINUTE
    condition = outlook(budget(late + 25 * MINUTE), now_ms=late)
    assert condition.text.endswith("≈ 00:15")


@pytest.mark.parametrize(("period", "unit"), [("day", "usd"), ("5h", "window-percent")])
def test_what_has_an_end_is_not_told_of_by_a_pace(period: str, unit: str) -> None:
    of = budget(NOW + MINUTE, period=period, unit=unit, span=span("day", NOW, UTC))
    assert state(outlook(of)) == BETWEEN
    past = of._replace(p80=Decimal(20))
    assert state(outlook(past)) == HOLDS and "(P80)" in outlook(past).text


# On a simulated clock -----------------------------------------------------------------------


class World:
    """One session's spending, looked at once a minute, at twenty seconds past."""

    def __init__(self, period: str = "session", limit: int = LIMIT, now_ms: int = NOW) -> None:
        self.period, self.limit = period, limit
        self.now_ms = self.begin_ms = now_ms + 20_000
        self.spent: list[tuple[int, int]] = []
        self.raised: list[Alert] = []
        self.memories: Mapping[str, Memory] = {}
        self.restarts = False

    def values(self) -> BudgetValues:
        """Return the budget as it stands, as answers make it."""
        now, spent = self.now_ms, self.spent
        rolls = self.period == "5h"
        counted = [each for each in spent if not rolls or each[0] > now - ROLLING_MS]
        whole = sum(amount for _, amount in counted)
        own = paces.pace(spent, now)
        left = [(at + ROLLING_MS, amount) for at, amount in counted] if rolls else []
        crosses = own and paces.crosses_ms(
            own, now_ms=now, spent=whole, limit=self.limit, leaving=left
        )
        key = "" if rolls else "s1"
        return BudgetValues(
            *("run", "all", self.period, "tokens", Decimal(self.limit), Decimal(whole)),
            ratio=ratio(Decimal(whole), Decimal(self.limit)),
            period_key=key,
            session_id=key or None,
            paces=(PaceValues(Decimal(own.per_hour), crosses, own.last_ms, key, key or None),)
            if own
            else (),
        )

    def minutes(self, many: int, amount: int | Callable[[int], int] = 0) -> World:
        """Let so many minutes pass, each with so much spent in its middle."""
        for number in range(many):
            own = amount if isinstance(amount, int) else amount(number)
            if own:
                self.spent.append((self.now_ms + 10_000, own))
            self.now_ms += MINUTE
            self.look()
        return self

    def look(self) -> None:
        zone = ZoneInfo("UTC")
        found = [*of_budget(self.values(), self.now_ms, zone)]
        made = step(self.memories, found, self.now_ms, Rules(zone), Recent(), self.begin_ms)
        self.memories = made.memories
        if self.restarts:
            self.memories = {key: from_json(to_json(each)) for key, each in made.memories.items()}
        self.raised += made.raised

    def told(self, kind: AlertKind = AlertKind.FORECAST) -> list[int]:
        """Return after how many minutes alerts were told."""
        return [
            (alert.at_ms - self.begin_ms) // MINUTE
            for alert in self.raised
            if alert.kind is kind and alert.how is How.TOLD
        ]


def test_a_steady_session_is_told_of_once_before_its_limit() -> None:
    world = World().minutes(120, 1000)
    # Thirty minutes are left after seventy, and that has to be so for five.
    assert world.told() == [75]
    (alert,) = [each for each in world.raised if each.kind is AlertKind.FORECAST]
    assert "(60.0k tokens/h)" in alert.text and alert.text.endswith("≈ 17:40")
    assert world.told(AlertKind.BUDGET) == [50, 80, 100]


def test_a_burst_of_a_few_minutes_is_not_told_of() -> None:
    # At the pace of these minutes the limit would be near; then it is at rest.
    world = World().minutes(3, 20_000).minutes(40)
    assert world.told() == []
    # Five make a pace, and have to go on.
    world = World().minutes(5, 10_000).minutes(60)
    assert world.told() == []
    assert World().minutes(9, 5_000).minutes(60).told() == [10]


def test_a_session_that_slows_down_in_time_is_not_told_of() -> None:
    world = World().minutes(60, 1000).minutes(12, 1000).minutes(120, 50)
    assert world.told() == []


def test_one_that_rests_and_goes_on_is_told_of_again_after_half_an_hour() -> None:
    world = World(limit=10**5).minutes(76, 1000)
    assert world.told() == [75]
    world.minutes(14).minutes(6, 600)
    # Within the cool-down it is only kept.
    assert world.told() == [75]
    world.minutes(4, 600)
    assert world.told() == [75]
    world.minutes(5, 600)
    assert world.told() == [75, 105]


def test_a_restart_of_the_monitor_changes_nothing() -> None:
    plain, anew = World(), World()
    anew.restarts = True
    for world in (plain, anew):
        world.minutes(90, lambda n: 900 + n % 7 * 40).minutes(15).minutes(20, 100)
    assert plain.raised == anew.raised and plain.told()


def test_five_hours_that_hold_as_much_as_leaves_are_not_told_of() -> None:
    # 300 minutes at one pace hold 300,000 tokens, and never more.
    assert World("5h", limit=300_500).minutes(700, 1000).told() == []
    told = World("5h", limit=299_000).minutes(700, 1000).told()
    assert told == [299 - 30 + 5]


def test_five_hours_about_their_limit_are_not_told_of_again_and_again() -> None:
    world = World("5h", limit=299_990).minutes(900, lambda n: 1000 + n % 3)
    assert len(world.told()) == 1


def test_a_clock_that_jumps_tells_nothing_twice() -> None:
    world = World().minutes(76, 1000)
    world.now_ms -= 240 * HOUR
    world.minutes(60)
    assert world.told() == [75]
    world.now_ms += 500 * HOUR
    world.minutes(30)
    assert world.told() == [75]


def _worlds() -> Iterator[World]:
    for day in ((2026, 3, 29, 0), (2026, 10, 25, 0), (2026, 11, 18, 0)):
        yield World(now_ms=int(datetime(*day, tzinfo=ZoneInfo("Europe/Madrid")).timestamp() * 1000))


def test_the_nights_in_which_clocks_change_are_as_others() -> None:
    assert [world.minutes(180, 700).told() for world in _worlds()] == [[118]] * 3


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(["session", "5h"]),
    st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from([0, 0, 100, 700, 2500])),
        min_size=5,
        max_size=15,
    ),
)
def test_it_is_told_only_of_what_held_for_five_minutes(
    period: str, parts: list[tuple[int, int]]
) -> None:
    world = World(period)
    soon: list[tuple[int, bool]] = []
    look = world.look

    def noted() -> None:
        crosses = [each.crosses_ms for each in world.values().paces if each.crosses_ms]
        is_soon = any(at - world.now_ms <= SOON_MS for at in crosses)
        soon.append((world.now_ms, is_soon))
        look()

    world.look = noted  # type: ignore[method-assign]
    for many, amount in parts:
        world.minutes(many, amount)
    for alert in world.raised:
        if alert.kind is AlertKind.FORECAST:
            held = [is_soon for at, is_soon in soon if alert.at_ms - 5 * MINUTE <= at]
            assert len(held) >= 6 and all(held[:6])
    times = [alert.at_ms for alert in world.raised if alert.kind is AlertKind.FORECAST]
    assert all(b - a >= 5 * MINUTE for a, b in zip(times, times[1:], strict=False))
