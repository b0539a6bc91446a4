"""Thirty simulated days: nothing is told too soon again, nothing missed, whatever clocks do.

A world of random signals is looked at every few minutes. What must be true of its inbox is told by
the inbox and the signals alone, not by what the engine remembers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tokenwatch.alert import DIGEST_KEY, Alert, AlertKind, Condition, How, Severity
from tokenwatch.analysis.alerts.budgets_rule import BudgetValues, of_budget, period_key
from tokenwatch.analysis.alerts.engine import Recent, Rules, Stepped, step
from tokenwatch.analysis.alerts.memory import Memory, from_json, to_json
from tokenwatch.analysis.budgets import ratio, span

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAYS: Final = 30
COOL_DOWN: Final = 30 * MINUTE
REARM: Final = 5 * MINUTE

STARTS: Final = (
    ("Europe/Madrid", (2026, 3, 15)),
    ("Europe/Madrid", (2026, 10, 10)),
    ("America/New_York", (2026, 2, 20)),
    ("America/New_York", (2026, 10, 15)),
    ("UTC", (2026, 12, 15)),
)
"""Zones, and days from which on thirty have a change of the clock, or of the year."""


class Sign(NamedTuple):
    """What a signal says for a while."""

    state: str
    """on, off, between, or gone: without a condition."""
    level: int
    severity: Severity


class Signal:
    """Something that comes and goes at random, for a minute or for hours."""

    def __init__(self, key: str, kind: AlertKind, random: Random, is_urgent: bool) -> None:
        self.key = key
        self._kind = kind
        self._random = random
        self._is_urgent = is_urgent
        self._until = 0
        self.now = Sign("off", 0, Severity.INFO)

    def condition(self, real_ms: int) -> Condition | None:
        """Return its condition, as time goes on."""
        if real_ms >= self._until:
            random = self._random
            length = random.choice((1, 4, 5, 6, 12, 29, 31, 90, 600)) * MINUTE
            self._until = real_ms + length
            state = random.choice(("on", "on", "off", "off", "between", "gone"))
            severity = random.choice((Severity.INFO, Severity.WARNING, Severity.WARNING))
            self.now = Sign(state, random.choice((0, 0, 0, 1, 2)), severity)
        state, level, severity = self.now
        if state == "gone":
            return None
        return Condition(
            key=self.key,
            kind=self._kind,
            severity=severity,
            holds=state == "on",
            is_over=state == "off",
            text=f"{self.key} at {level}",
            action="Look",
            level=level,
            is_urgent=self._is_urgent,
        )


class Look(NamedTuple):
    """What was looked at, and what came of it."""

    now_ms: int
    stretch: int
    """How often the clock had jumped."""
    conditions: tuple[Condition, ...]
    raised: tuple[Alert, ...]
    rules: Rules


@dataclass
class World:
    """Signals, a clock that may jump, and a program that looks and may be started anew."""

    seed: int
    zone: ZoneInfo
    start: tuple[int, int, int]
    quiet: tuple[int, int] | None = None
    jumps: int = 0
    restarts: float = 0.0
    """How likely the memories go through JSON after a look."""
    snoozes: int = 0
    memories: Mapping[str, Memory] = field(default_factory=dict)

    def looks(self) -> Iterator[Look]:
        random = Random(self.seed)
        # Restarts draw from elsewhere: with and without them the world is the same.
        restarts = Random(self.seed + 1)
        signals = _signals(random)
        begin = int(datetime(*self.start, tzinfo=self.zone).timestamp() * 1000)
        started_ms, real_ms, shift, stretch = begin, begin, 0, 0
        jumps = sorted(random.randrange(DAYS * 24 * HOUR) for _ in range(self.jumps))
        snoozes: dict[str, int] = {}
        known: list[Alert] = []

        def told() -> Recent:
            last = known[-60:]
            loud = [a.at_ms for a in last if a.severity is not Severity.INFO]
            return Recent(loud, [a.at_ms for a in last if a.severity is Severity.INFO])

        while real_ms < begin + DAYS * 24 * HOUR:
            real_ms += random.choice((1, 1, 2, 5, 20)) * MINUTE + random.randrange(MINUTE)
            if jumps and real_ms - begin > jumps[0]:
                jumps.pop(0)
                shift += random.choice((-72 * 60, -60, -18, 24, 60, 6000)) * MINUTE
                stretch += 1
            now_ms = real_ms + shift
            if random.random() < self.snoozes / 1000:
                name = random.choice((random.choice(signals).key, "burn"))
                snoozes[name] = now_ms + random.choice((10, 45, 300)) * MINUTE
            conditions = tuple(c for s in signals if (c := s.condition(real_ms)) is not None)
            rules = Rules(self.zone, quiet=self.quiet, snoozes=dict(snoozes))
            made: Stepped = step(self.memories, conditions, now_ms, rules, told(), started_ms)
            self.memories, started_ms = made.memories, made.started_ms
            if restarts.random() < self.restarts:
                self.memories = {k: from_json(to_json(m)) for k, m in made.memories.items()}
            known += [alert for alert in made.raised if alert.how is How.TOLD]
            yield Look(now_ms, stretch, conditions, made.raised, rules)


def _signals(random: Random) -> list[Signal]:
    kinds = (AlertKind.BURN, AlertKind.BURN, AlertKind.AGENTS, AlertKind.TOKENS, AlertKind.LOOP)
    return [
        Signal(f"{kind.value}/{n}", kind, random, is_urgent=kind is AlertKind.LOOP)
        for n, kind in enumerate(kinds)
    ]


# What must be true --------------------------------------------------------------------------


def assert_nothing_is_told_too_soon(looks: list[Look]) -> None:
    """Of a key there is nothing within half an hour but what is more than all before it."""
    told: dict[str, list[tuple[int, Alert]]] = defaultdict(list)
    for look in looks:
        for alert in look.raised:
            if alert.how in (How.TOLD, How.QUIET):
                told[alert.key].append((look.stretch, alert))
    told.pop(DIGEST_KEY, None)
    assert told
    for each in told.values():
        for at, (stretch, alert) in enumerate(each):
            for earlier_stretch, earlier in each[:at][-6:]:
                if stretch == earlier_stretch and alert.at_ms - earlier.at_ms < COOL_DOWN:
                    assert (
                        alert.level > earlier.level or alert.severity.rank > earlier.severity.rank
                    ), (earlier, alert)


def assert_no_more_than_three_an_hour(looks: list[Look]) -> None:
    """An alert that is not urgent is one of three that were told in its hour."""
    told: list[tuple[int, int, bool]] = []
    for look in looks:
        for alert in look.raised:
            is_info = alert.severity is Severity.INFO
            if alert.how is How.TOLD:
                hour = [
                    at_ms
                    for stretch, at_ms, info in told
                    if stretch == look.stretch and at_ms > look.now_ms - HOUR and info is is_info
                ]
                if alert.kind is not AlertKind.LOOP or alert.key == DIGEST_KEY:
                    assert len(hour) < 3
                told.append((look.stretch, look.now_ms, is_info))
            if alert.kind is AlertKind.LOOP and alert.key != DIGEST_KEY:
                assert alert.how is not How.QUIET
    assert told


def assert_nothing_is_missed(looks: list[Look]) -> None:
    """Whenever something begins to hold that was over for five minutes, the inbox has it.

    Else it has only what is more than it was since the inbox had it last, or what was put off.
    """
    armed: dict[str, bool] = defaultdict(lambda: True)
    over: dict[str, int] = {}
    last: dict[str, Alert] = {}
    low: dict[str, tuple[int, int]] = {}
    edges = 0
    for look in looks:
        # Where the clock went back, what is over is so since now.
        over = {key: min(at_ms, look.now_ms) for key, at_ms in over.items()}
        now = {condition.key: condition for condition in look.conditions}
        raised = {alert.key: alert for alert in look.raised if alert.key != DIGEST_KEY}
        assert raised.keys() <= now.keys()
        for key in over:
            armed[key] |= look.now_ms - over[key] >= REARM
        for key in armed.keys() - now.keys():
            over.setdefault(key, look.now_ms)
        for key, condition in now.items():
            if condition.is_over:
                over.setdefault(key, look.now_ms)
                continue
            over.pop(key, None)
            if condition.holds and armed[key]:
                assert key in raised, (look.now_ms, key)
                armed[key] = False
                edges += 1
            elif key in raised:
                level, rank = condition.level, condition.severity.rank
                was_put_off = last[key].how in (How.DIGESTED, How.SNOOZED)
                assert was_put_off or level > low[key][0] or rank > low[key][1]
            if condition.holds:
                size = condition.level, condition.severity.rank
                before = size if key in raised else low[key]
                low[key] = min(size[0], before[0]), min(size[1], before[1])
        last |= raised
    assert edges > 50


def assert_quiet_hours_are_kept(looks: list[Look]) -> None:
    """Quiet hours, by the local time of day, keep all but the urgent; one line tells of them as
    soon as they are over and one more may be told."""
    waiting = beyond = 0
    told: list[tuple[int, bool]] = []
    for look in looks:
        assert look.rules.quiet is not None
        local = datetime.fromtimestamp(look.now_ms / 1000, look.rules.zone).time()
        begin, end = (time(minute // 60, minute % 60) for minute in look.rules.quiet)
        is_quiet = begin <= local < end if begin < end else local >= begin or local < end
        lines = [alert for alert in look.raised if alert.key == DIGEST_KEY]
        if waiting and not is_quiet and not lines:
            # Of the class that the line is of, which is that of the worst that waits.
            hour = [info for at_ms, info in told if at_ms > look.now_ms - HOUR]
            assert max(hour.count(True), hour.count(False)) >= 3
        for line in lines:
            # Where some were kept in their cool-down, those beyond three an hour are no more.
            number = int(line.text.split()[0])
            assert number > 0 and waiting <= number <= waiting + beyond
            waiting = beyond = 0
        for alert in look.raised:
            assert not (alert.how is How.QUIET and not is_quiet)
            if is_quiet and alert.how is How.TOLD:
                assert alert.kind is AlertKind.LOOP
            waiting += alert.how is How.QUIET
            beyond += alert.how is How.DIGESTED and alert.severity is not Severity.INFO
            told += [(look.now_ms, alert.severity is Severity.INFO)] * (alert.how is How.TOLD)


def assert_snoozes_are_kept(looks: list[Look]) -> None:
    """What is snoozed is never told, and what is not is never kept for that."""
    kept = 0
    for look in looks:
        for alert in look.raised:
            if alert.key == DIGEST_KEY:
                continue
            until = (look.rules.snoozes.get(name, 0) for name in (alert.key, alert.kind.value))
            is_snoozed = max(until) > look.now_ms
            assert (alert.how is How.SNOOZED) is is_snoozed
            kept += is_snoozed
    assert kept


def assert_what_stays_the_same_is_raised_once(looks: list[Look]) -> None:
    """While a condition stays as it is, it is raised at its first look, or later as it was owed."""
    before: dict[str, Condition] = {}
    last: dict[str, How] = {}
    for look in looks:
        raised = {alert.key: alert for alert in look.raised}
        for condition in look.conditions:
            alert = raised.get(condition.key)
            if alert is not None:
                if before.get(condition.key) == condition:
                    assert last[condition.key] is How.DIGESTED
                last[condition.key] = alert.how
        before = {condition.key: condition for condition in look.conditions}
    assert set(last.values()) >= {How.TOLD}


def assert_what_was_put_off_is_told_in_half_an_hour(looks: list[Look]) -> int:
    """What began anew within its cool-down is raised again while it lasts, also by a new clock.

    Return how often that was.
    """
    due: dict[str, tuple[int, Condition]] = {}
    told: list[tuple[int, bool]] = []
    stretch, found = 0, 0
    for look in looks:
        now = {condition.key: condition for condition in look.conditions}
        names = {key for key, until in look.rules.snoozes.items() if until > look.now_ms}
        for key, (until_ms, condition) in [*due.items()]:
            if now.get(key) != condition or {key, condition.kind.value} & names:
                del due[key]
            elif look.stretch != stretch:
                due[key] = min(until_ms, look.now_ms + COOL_DOWN), condition
        stretch = look.stretch
        raised = {alert.key for alert in look.raised}
        assert {key for key, (until_ms, _) in due.items() if until_ms <= look.now_ms} <= raised
        for alert in look.raised:
            found += due.pop(alert.key, None) is not None
            is_info = alert.severity is Severity.INFO
            hour = sum(
                look.now_ms - HOUR < at_ms <= look.now_ms and info is is_info
                for at_ms, info in told
            )
            if alert.how is How.DIGESTED and hour < 3:
                due[alert.key] = look.now_ms + COOL_DOWN, now[alert.key]
            told += [(look.now_ms, is_info)] * (alert.how is How.TOLD)
    return found


# To make such a world smaller explains nothing, and takes for ever.
WORLDS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
SEEDS = st.integers(0, 2**32)
WHERE = st.sampled_from(STARTS)
QUIET = st.sampled_from(((22 * 60, 7 * 60), (60, 4 * 60), (2 * 60 + 30, 3 * 60), (0, 23 * 60 + 59)))


@WORLDS
@given(SEEDS, WHERE)
def test_thirty_days(seed: int, where: tuple[str, tuple[int, int, int]]) -> None:
    looks = [*World(seed, ZoneInfo(where[0]), where[1]).looks()]
    assert_nothing_is_told_too_soon(looks)
    assert_no_more_than_three_an_hour(looks)
    assert_nothing_is_missed(looks)
    put_off = assert_what_was_put_off_is_told_in_half_an_hour(looks)
    assert put_off > 0
    assert_what_stays_the_same_is_raised_once(looks)


@WORLDS
@given(SEEDS, WHERE, QUIET)
def test_thirty_days_with_quiet_hours(
    seed: int, where: tuple[str, tuple[int, int, int]], quiet: tuple[int, int]
) -> None:
    looks = [*World(seed, ZoneInfo(where[0]), where[1], quiet).looks()]
    assert_quiet_hours_are_kept(looks)
    assert_nothing_is_told_too_soon(looks)
    assert_no_more_than_three_an_hour(looks)
    assert_nothing_is_missed(looks)
    assert_what_was_put_off_is_told_in_half_an_hour(looks)


@WORLDS
@given(SEEDS, WHERE, QUIET)
def test_thirty_days_with_a_clock_that_jumps_and_snoozes(
    seed: int, where: tuple[str, tuple[int, int, int]], quiet: tuple[int, int]
) -> None:
    looks = [*World(seed, ZoneInfo(where[0]), where[1], quiet, jumps=20, snoozes=20).looks()]
    assert_nothing_is_told_too_soon(looks)
    assert_no_more_than_three_an_hour(looks)
    assert_nothing_is_missed(looks)
    assert_what_was_put_off_is_told_in_half_an_hour(looks)
    assert_snoozes_are_kept(looks)


@WORLDS
@given(SEEDS, WHERE, QUIET, st.sampled_from((1.0, 0.05)))
def test_memories_that_went_through_json_have_the_same_future(
    seed: int, where: tuple[str, tuple[int, int, int]], quiet: tuple[int, int], restarts: float
) -> None:
    zone = ZoneInfo(where[0])
    made = World(seed, zone, where[1], quiet, jumps=5, snoozes=10).looks()
    anew = World(seed, zone, where[1], quiet, jumps=5, snoozes=10, restarts=restarts).looks()
    assert [look.raised for look in made] == [look.raised for look in anew]


@given(st.lists(st.booleans(), min_size=2, max_size=400), st.integers(1, 10 * 60))
def test_flapping_within_the_band_is_told_once(flaps: list[bool], minutes: int) -> None:
    memories: Mapping[str, Memory] = {}
    raised: list[Alert] = []
    for at, is_on in enumerate([True, *flaps]):
        now_ms = at * minutes * MINUTE
        flapping = Condition(
            *("burn/s", AlertKind.BURN, Severity.WARNING),
            holds=is_on,
            is_over=False,
            text="so",
            action="Look",
        )
        made = step(memories, [flapping], now_ms, Rules(ZoneInfo("UTC")), Recent(), 0)
        memories = made.memories
        raised += made.raised
    assert len(raised) == 1


# Budgets over midnight ----------------------------------------------------------------------


@WORLDS
@given(SEEDS, WHERE)
def test_days_of_a_budget_are_each_told_once_and_late_lines_tell_nothing(
    seed: int, where: tuple[str, tuple[int, int, int]]
) -> None:
    random, zone = Random(seed), ZoneInfo(where[0])
    now_ms = begin = int(datetime(*where[1], tzinfo=zone).timestamp() * 1000)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    spans = {}
    memories: Mapping[str, Memory] = {}
    told: dict[str, list[Alert]] = defaultdict(list)
    while now_ms < begin + DAYS * 24 * HOUR:
        now_ms += random.randrange(1, 40) * MINUTE
        today = span("day", now_ms, zone)
        spans[period_key("day", today, zone)] = today
        # A line of today, or a late one of a day before.
        day = random.choice([*spans][-3:]) if random.random() < 0.3 else [*spans][-1]
        spent[day] += Decimal(random.randrange(0, 300)) / 100
        budgets = [
            BudgetValues(
                *("daily", "all", "day", "usd", Decimal(20), spent[key]),
                ratio=ratio(spent[key], Decimal(20)),
                is_hard=True,
                period_key=key,
                span=spans[key],
            )
            for key in [*spans][-3:]
        ]
        conditions = [each for of in budgets for each in of_budget(of, now_ms, zone)]
        made = step(memories, conditions, now_ms, Rules(zone), Recent(), begin)
        memories = made.memories
        for alert in made.raised:
            told[alert.key].append(alert)
    assert len(spans) in (DAYS, DAYS + 1)
    for name, local in spans.items():
        alerts = told.pop(f"budget/daily/{name}", [])
        assert all(local.since_ms <= alert.at_ms < local.until_ms for alert in alerts)
        levels = [alert.level for alert in alerts]
        assert all(low < high for low, high in pairwise(levels))
    assert not told


@pytest.mark.parametrize(("name", "start"), STARTS[:4])
def test_those_thirty_days_have_a_change_of_the_clock(
    name: str, start: tuple[int, int, int]
) -> None:
    zone = ZoneInfo(name)
    begin = datetime(*start, tzinfo=zone)
    end = datetime.fromtimestamp(begin.timestamp() + DAYS * 86_400, zone)
    assert begin.utcoffset() != end.utcoffset()
