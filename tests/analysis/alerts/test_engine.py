"""When an alert is told: once, at the right moment, and never again without cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tokenwatch.alert import DIGEST_KEY, Alert, AlertKind, Condition, How, Severity
from tokenwatch.analysis.alerts.engine import Recent, Rules, step
from tokenwatch.analysis.alerts.memory import FRESH, Memory, from_json, to_json

MINUTE = 60_000
HOUR = 60 * MINUTE
MADRID = ZoneInfo("Europe/Madrid")
NIGHT = (22 * 60, 7 * 60)
START = int(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp() * 1000)


def on(key: str = "burn/s1", **fields: object) -> Condition:
    """Return a condition that holds."""
    given = {"kind": AlertKind.BURN, "severity": Severity.WARNING, "text": "It is so."}
    defaults = {"holds": True, "is_over": False, "action": "Look."}
    return Condition(key=key, **{**given, **defaults, **fields})  # type: ignore[arg-type]


def off(key: str = "burn/s1", **fields: object) -> Condition:
    return on(key, **{"holds": False, "is_over": True, **fields})


def between(key: str = "burn/s1") -> Condition:
    return on(key, holds=False)


class Desk:
    """A program that looks, with its inbox."""

    def __init__(self, rules: Rules | None = None, at_ms: int = START) -> None:
        self.rules = rules or Rules(UTC)
        self.now_ms = self.started_ms = at_ms
        self.memories: Mapping[str, Memory] = {}
        self.inbox: list[Alert] = []
        self.over: list[str] = []

    def look(self, *conditions: Condition, after: float = 0) -> list[How]:
        """Look after so many minutes; return what became of what was raised."""
        self.now_ms += int(after * MINUTE)
        told = [a for a in self.inbox if a.how is How.TOLD]
        recent = Recent(
            [a.at_ms for a in told if a.severity is not Severity.INFO],
            [a.at_ms for a in told if a.severity is Severity.INFO],
        )
        made = step(self.memories, conditions, self.now_ms, self.rules, recent, self.started_ms)
        self.memories, self.started_ms = made.memories, made.started_ms
        self.inbox += made.raised
        self.over += made.over
        return [alert.how for alert in made.raised]

    def restart(self, after: float) -> None:
        self.now_ms += int(after * MINUTE)
        self.started_ms = self.now_ms
        self.memories = {key: from_json(to_json(each)) for key, each in self.memories.items()}


TOLD = [How.TOLD]
KEPT = [How.DIGESTED]


def test_what_holds_is_told_once_with_what_it_says() -> None:
    desk = Desk()
    assert desk.look(on(level=2, session_id="s1")) == TOLD
    assert all(desk.look(on(level=2), after=10) == [] for _ in range(50))
    assert desk.inbox == [
        Alert(
            *("burn/s1", AlertKind.BURN, Severity.WARNING, START, "It is so.", "Look."),
            *(2, "s1", How.TOLD),
        )
    ]


def test_it_is_told_anew_after_it_was_over_for_five_minutes() -> None:
    desk = Desk()
    desk.look(on())
    assert desk.look(off(), after=40) == []
    assert desk.look(on(), after=4.9) == [], "not yet over for long enough"
    desk.look(off(), after=1)
    desk.look(off(), after=5)
    assert desk.over == ["burn/s1"]
    assert desk.look(on(), after=1) == TOLD


def test_the_band_breaks_the_five_minutes() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=40)
    desk.look(between(), after=3)
    desk.look(off(), after=1)
    assert desk.look(on(), after=4) == []
    desk.look(off(), after=1)
    assert desk.look(on(), after=5) == TOLD


def test_a_band_alone_never_tells_and_needs_no_memory() -> None:
    desk = Desk()
    assert desk.look(between()) == []
    assert desk.look(off(), after=1) == []
    assert desk.memories == {}


def test_without_a_condition_it_is_over() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(after=1)
    desk.look(after=5)
    assert desk.over == ["burn/s1"]
    desk.look(after=25)
    assert desk.memories == {}


def test_what_begins_anew_within_the_cool_down_waits_for_its_end() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=1)
    desk.look(off(), after=5)
    assert desk.look(on(text="Again."), after=1) == KEPT
    assert desk.inbox[-1].text == "Again."
    assert desk.look(on(), after=22.9) == []
    assert desk.look(on(), after=0.1) == TOLD
    assert desk.look(on(), after=60) == []


def test_what_ended_within_the_cool_down_is_in_the_inbox_only() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=1)
    assert desk.look(on(), after=5) == KEPT
    desk.look(off(), after=1)
    desk.look(off(), after=30)
    assert [alert.how for alert in desk.inbox] == TOLD + KEPT
    assert desk.look(on(), after=1) == TOLD


@pytest.mark.parametrize("change", [{"level": 1}, {"severity": Severity.CRITICAL}])
def test_more_of_it_is_told_within_the_cool_down(change: dict[str, Any]) -> None:
    desk = Desk()
    assert desk.look(on()) == TOLD
    assert desk.look(on(**change), after=1) == TOLD
    assert desk.look(on(), after=1) == []
    assert desk.look(on(**change), after=1) == []


def test_more_of_it_is_told_although_it_begins_anew_within_the_cool_down() -> None:
    desk = Desk()
    desk.look(on(level=1))
    desk.look(off(), after=1)
    assert desk.look(on(level=2), after=6) == TOLD
    desk.look(off(), after=1)
    assert desk.look(on(level=1), after=6) == KEPT


def test_a_level_that_was_told_is_not_told_again_as_the_severity_rose_below_it() -> None:
    desk = Desk()
    desk.look(on(level=2))
    assert desk.look(on(level=1, severity=Severity.CRITICAL), after=1) == TOLD
    assert desk.look(on(level=2, severity=Severity.CRITICAL), after=1) == []


def test_a_level_can_be_told_again_after_it_fell_for_good() -> None:
    desk = Desk()
    desk.look(on(level=3))
    desk.look(on(level=2, base_level=3), after=60)
    assert desk.look(on(level=3), after=10) == [], "it had not clearly fallen"
    desk.look(on(level=2), after=1)
    assert desk.look(on(level=3), after=4) == [], "not for five minutes"
    desk.look(on(level=2), after=1)
    desk.look(on(level=2), after=5)
    assert desk.look(on(level=3), after=1) == TOLD


def test_a_level_does_not_fall_within_the_cool_down() -> None:
    desk = Desk()
    desk.look(on(level=3))
    desk.look(on(level=2), after=1)
    desk.look(on(level=2), after=10)
    assert desk.look(on(level=3), after=1) == []


def test_a_severity_told_does_not_come_back_as_the_level_falls_within_the_band() -> None:
    desk = Desk()
    desk.look(on(level=3, severity=Severity.CRITICAL))
    info = on(level=1, base_level=2, severity=Severity.INFO)
    desk.look(info, after=40)
    desk.look(info, after=5)
    assert desk.memories["burn/s1"].level == 2
    assert desk.look(on(level=2), after=10) == []
    assert desk.look(on(level=3, severity=Severity.CRITICAL), after=1) == TOLD


def test_three_an_hour_and_the_most_severe_of_them() -> None:
    desk = Desk()
    names = ("a", "b", "c", "d")
    last = on("e", severity=Severity.CRITICAL)
    assert desk.look(*map(on, names), last) == TOLD * 3 + KEPT * 2
    assert desk.inbox[0].key == "e"
    assert desk.look(*map(on, names), last, on("f"), after=59.9) == KEPT
    assert desk.look(*map(on, names), last, on("g"), after=0.1) == TOLD * 2
    digest = desk.inbox[-2]
    assert (digest.key, digest.severity) == (DIGEST_KEY, Severity.WARNING)
    assert digest.text == "3 alerts not told until now: burn ×3"
    assert desk.look(*map(on, names), last, on("g"), after=0.1) == []
    assert not any(memory.queued for memory in desk.memories.values())


def test_what_was_beyond_three_and_ended_is_in_the_line_too() -> None:
    desk = Desk()
    assert desk.look(*map(on, "abcd")) == TOLD * 3 + KEPT
    assert desk.look(after=30) == []
    assert desk.look(after=29.9) == []
    assert desk.look(after=0.1) == TOLD
    assert desk.inbox[-1].text == "1 alert not told until now: burn"


def test_information_beyond_three_is_not_told_later() -> None:
    desk = Desk()
    desk.look(*(on(name, severity=Severity.INFO) for name in "abcd"))
    assert desk.look(after=61) == []


def test_what_begins_anew_within_its_cool_down_is_told_by_itself_and_in_no_line() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=1)
    desk.look(off(), after=6)
    assert desk.look(on(), after=1) == KEPT
    assert desk.look(on(), after=40) == TOLD
    assert desk.look(on(), after=40) == []


def test_information_takes_no_place_of_what_matters() -> None:
    desk = Desk()
    info = [on(name, severity=Severity.INFO) for name in "abcd"]
    assert desk.look(*info) == TOLD * 3 + KEPT
    assert desk.look(*info, *map(on, "efgh")) == TOLD * 3 + KEPT


def test_critical_ones_are_told_beyond_three() -> None:
    desk = Desk()
    assert desk.look(*map(on, "abc")) == TOLD * 3
    assert desk.look(*map(on, "abc"), on("d", severity=Severity.CRITICAL)) == TOLD


def test_urgent_ones_are_told_beyond_three() -> None:
    desk = Desk()
    urgent = [on(name, is_urgent=True) for name in "abcd"]
    assert desk.look(*urgent, on("e")) == TOLD * 4 + KEPT


def test_quiet_hours_keep_all_but_the_urgent_and_end_with_one_line() -> None:
    desk = Desk(Rules(UTC, quiet=NIGHT), START + 9 * HOUR + 59 * MINUTE)
    assert desk.look(on("a")) == TOLD
    night = [on("b"), on("c", kind=AlertKind.AGENTS, severity=Severity.INFO), on("d")]
    assert desk.look(on("a"), *night, after=1) == [How.QUIET] * 3
    loop = on("loop/f", kind=AlertKind.LOOP, is_urgent=True)
    assert desk.look(on("a"), *night, loop, after=1) == TOLD
    assert desk.look(loop, after=9 * 60 - 2) == []
    assert desk.look(loop, after=1) == TOLD
    line = desk.inbox[-1]
    assert (line.key, line.kind, line.severity) == (DIGEST_KEY, AlertKind.BURN, Severity.WARNING)
    assert line.text == "3 alerts not told until now: burn ×2, agents"
    assert desk.look(loop, after=1) == []


def test_one_quiet_alert_is_told_of_in_the_singular_after_a_restart_too() -> None:
    desk = Desk(Rules(UTC, quiet=NIGHT), START + 11 * HOUR)
    desk.look(on())
    desk.restart(after=12 * 60)
    assert desk.look(on()) == TOLD
    assert desk.inbox[-1].text == "1 alert not told until now: burn"


def test_what_ended_in_quiet_hours_is_told_of_when_they_are_over() -> None:
    desk = Desk(Rules(UTC, quiet=NIGHT), START + 11 * HOUR)
    desk.look(on())
    for _ in range(8):
        assert desk.look(after=59) == []
    assert desk.look(after=8) == TOLD
    assert desk.memories == {}


def test_the_line_waits_where_three_were_told() -> None:
    desk = Desk(Rules(UTC, quiet=NIGHT), START + 18 * HOUR + 30 * MINUTE)
    urgent = [on(name, is_urgent=True) for name in "abc"]
    assert desk.look(on(), *urgent) == TOLD * 3 + [How.QUIET]
    assert desk.look(on(), *urgent, after=31) == []
    assert desk.look(on(), *urgent, after=29) == TOLD


@pytest.mark.parametrize(
    ("local", "is_quiet"),
    [
        ((2026, 11, 30, 21, 59), False),
        ((2026, 11, 30, 22, 0), True),
        ((2026, 11, 30, 6, 59), True),
        ((2026, 11, 30, 7, 0), False),
        ((2026, 3, 29, 3, 0), True),
        ((2026, 10, 25, 2, 30), True),
        ((2026, 10, 25, 6, 59), True),
        ((2026, 10, 25, 7, 0), False),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(local: tuple[int, ...], is_quiet: bool) -> None:
    at = datetime(*local, tzinfo=MADRID)  # type: ignore[arg-type, misc]
    assert Rules(MADRID, quiet=NIGHT).is_quiet(int(at.timestamp() * 1000)) is is_quiet


def test_quiet_hours_in_the_night_of_a_change_are_an_hour_shorter_or_longer() -> None:
    def quiet_minutes(*day: int) -> int:
        since = int(datetime(*day, 12, tzinfo=MADRID).timestamp() * 1000)  # type: ignore[arg-type, misc]
        rules = Rules(MADRID, quiet=(60, 4 * 60))
        return sum(rules.is_quiet(since + minute * MINUTE) for minute in range(24 * 60))

    assert quiet_minutes(2026, 3, 28) == 2 * 60
    assert quiet_minutes(2026, 10, 24) == 4 * 60
    assert quiet_minutes(2026, 11, 24) == 3 * 60


def test_quiet_hours_within_a_day_and_of_no_length() -> None:
    rules = [Rules(UTC, quiet=quiet) for quiet in ((11 * 60, 13 * 60), (720, 720), None)]
    assert [each.is_quiet(START) for each in rules] == [True, False, False]
    assert not rules[0].is_quiet(START + HOUR)


@pytest.mark.parametrize("name", ["burn/s1", "burn"])
def test_a_snoozed_one_is_in_the_inbox_and_told_after_the_snooze(name: str) -> None:
    desk = Desk(Rules(UTC, snoozes={name: START + HOUR}))
    assert desk.look(on(is_urgent=True), on("agents/x", kind=AlertKind.AGENTS)) == [
        How.SNOOZED,
        How.TOLD,
    ]
    assert desk.look(on(), after=59) == []
    assert desk.look(on(level=1), after=0.5) == [How.SNOOZED]
    assert desk.look(on(), after=0.5) == TOLD
    assert desk.look(on(), after=60) == []


def test_a_snoozed_one_that_ended_is_not_told() -> None:
    desk = Desk(Rules(UTC, snoozes={"burn": START + 10 * MINUTE}))
    desk.look(on())
    desk.look(off(), after=1)
    desk.look(off(), after=5)
    assert desk.over == ["burn/s1"]
    assert desk.look(off(), after=10) == []


def test_a_kind_that_is_off_raises_nothing_and_is_remembered() -> None:
    desk = Desk(Rules(UTC, off=("burn",)))
    assert desk.look(on()) == []
    desk.rules = Rules(UTC)
    assert desk.look(on(), after=1) == TOLD
    desk.rules = Rules(UTC, off=(AlertKind.BURN,))
    assert desk.look(on(level=5), after=60) == []
    desk.rules = Rules(UTC)
    assert desk.look(on(), after=1) == []


def test_a_start_does_not_repeat_what_was_told() -> None:
    desk = Desk()
    desk.look(on("budget/day/2026-11-30", kind=AlertKind.BUDGET, level=3))
    desk.restart(after=120)
    assert desk.look(on("budget/day/2026-11-30", kind=AlertKind.BUDGET, level=3)) == []


def test_a_budget_crossed_while_nothing_ran_is_told_once() -> None:
    desk = Desk()
    desk.look(on("budget/day/2026-11-30", kind=AlertKind.BUDGET, level=1))
    desk.restart(after=120)
    assert desk.look(on("budget/day/2026-11-30", kind=AlertKind.BUDGET, level=3)) == TOLD
    desk.restart(after=1)
    assert desk.look(on("budget/day/2026-11-30", kind=AlertKind.BUDGET, level=3)) == []


def test_what_happened_before_the_start_is_never_told() -> None:
    desk = Desk()
    old = on("loop/f", kind=AlertKind.LOOP, cause_ms=START - 1)
    assert desk.look(old, on("loop/g", cause_ms=START)) == TOLD
    assert desk.look(old, after=30) == []
    assert desk.look(on("loop/f", kind=AlertKind.LOOP, cause_ms=START + MINUTE), after=1) == TOLD


def test_what_happened_an_hour_ago_is_no_news() -> None:
    desk = Desk()
    desk.look()
    assert desk.look(on(cause_ms=START + MINUTE), after=61.1) == []
    assert desk.look(on(cause_ms=START + 2 * MINUTE)) == TOLD


def test_the_same_happening_is_told_once_although_its_condition_goes_and_comes() -> None:
    desk = Desk()
    happened = on("loop/f", cause_ms=START + MINUTE)
    assert desk.look(happened, after=2) == TOLD
    desk.look(after=1)
    desk.look(after=6)
    for _ in range(20):
        assert desk.look(happened, after=10) == []
    assert desk.look(on("loop/f", cause_ms=desk.now_ms)) == TOLD


def test_what_has_to_hold_for_a_while_is_told_then() -> None:
    desk = Desk()
    lasting = on(hold_ms=5 * MINUTE)
    assert desk.look(lasting) == []
    assert desk.look(lasting, after=4.9) == []
    desk.look(between())
    assert desk.look(lasting, after=1) == [], "it holds anew since now"
    assert desk.look(lasting, after=5) == TOLD
    assert desk.look(lasting, after=60) == []


def test_what_does_not_hold_for_long_enough_leaves_no_memory() -> None:
    desk = Desk()
    desk.look(on(hold_ms=5 * MINUTE))
    desk.look(off(), after=1)
    desk.look(off(), after=5)
    assert (desk.inbox, desk.over, desk.memories) == ([], [], {})


def test_of_a_key_that_comes_twice_the_more_severe_condition_counts() -> None:
    desk = Desk()
    assert desk.look(off(), on(level=1), on(level=2), between()) == TOLD
    assert desk.inbox[0].level == 2


def test_after_the_clock_went_back_a_cool_down_lasts_no_longer() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=-3 * 24 * 60)
    desk.look(off(), after=5)
    assert desk.look(on(), after=1) == KEPT
    assert desk.look(on(), after=24) == TOLD


def test_after_the_clock_went_back_what_is_over_is_so_for_no_longer() -> None:
    desk = Desk()
    desk.look(on())
    desk.look(off(), after=40)
    desk.look(off(), after=-24 * 60)
    desk.look(off(), after=4)
    assert desk.over == []
    desk.look(off(), after=1)
    assert desk.over == ["burn/s1"]


def test_after_the_clock_went_back_an_instant_to_come_hides_nothing() -> None:
    desk = Desk()
    desk.look(on(cause_ms=START))
    desk.look(after=1)
    desk.look(after=6)
    desk.look(after=-120)
    assert desk.look(on(cause_ms=desk.now_ms + 31 * MINUTE), after=31) == TOLD


def test_after_the_clock_went_back_what_was_told_later_does_not_count() -> None:
    desk = Desk()
    desk.look(*map(on, "abc"))
    assert desk.look(*map(on, "abcd"), after=-120) == TOLD


def test_after_the_clock_went_back_what_happens_is_told() -> None:
    desk = Desk()
    desk.look(on("a", cause_ms=START))
    desk.look(after=-120)
    assert desk.started_ms == START - 2 * HOUR
    assert desk.look(on("b", cause_ms=desk.now_ms + 4 * MINUTE), after=5) == TOLD


def test_after_the_clock_went_forward_nothing_is_told_twice() -> None:
    desk = Desk()
    desk.look(on())
    assert desk.look(on(), after=400 * 24 * 60) == []


SOME = Memory("burn", 3, 1, False, True, 2, START, None, START - 1, START - 2, 7)


@pytest.mark.parametrize("memory", [FRESH, SOME, SOME._replace(over_ms=START, level=-1)])
def test_a_memory_goes_to_json_and_back(memory: Memory) -> None:
    assert from_json(to_json(memory)) == memory


def test_the_json_of_a_fresh_memory_is_empty_and_unknown_fields_are_left_out() -> None:
    assert to_json(FRESH) == "{}"
    assert from_json('{"told_ms": 5, "later": 1}') == FRESH._replace(told_ms=5)


def _broken() -> Iterable[str]:
    yield from ("", "{", "[]", "null", "7", "[" * 100_000, '{"told_ms": "5"}')
    yield from ('{"told_ms": 1e3}', '{"told_ms": NaN}', '{"told_ms": true}', '{"kind": "else"}')
    yield from ('{"kind": []}', '{"rank": 3}', '{"rank": -2}', '{"queued": -1}', '{"queued": 1}')
    yield from ('{"queued": 1, "kind": "burn"}', '{"is_armed": 0}', '{"is_owed": null}')
    yield from ('{"level": null}', f'{{"over_ms": {2**63}}}')


@pytest.mark.parametrize("text", _broken(), ids=lambda text: text[:20] or "empty")
def test_a_broken_memory_is_a_fresh_one(text: str) -> None:
    assert from_json(text) == FRESH
