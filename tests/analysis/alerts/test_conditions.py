"""Every rule: what it fires at, what is just not enough, what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tokenwatch.alert import AlertKind, Condition, Severity
from tokenwatch.analysis.alerts.budgets_rule import (
    BudgetValues,
    amount,
    level,
    of_budget,
    period_key,
)
from tokenwatch.analysis.alerts.conditions import Values, conditions
from tokenwatch.analysis.alerts.finding_rules import (
    AttemptsValues,
    LoopValues,
    Trouble,
    TroubleKind,
    of_attempts,
    of_loop,
    of_trouble,
)
from tokenwatch.analysis.alerts.quota_rule import WindowValues, of_window
from tokenwatch.analysis.alerts.session_rules import SessionValues, Usual, of_session
from tokenwatch.analysis.budgets import Span, span
from tokenwatch.model import PICO

MINUTE = 60_000
HOUR = 60 * MINUTE
NOW = int(datetime(2026, 11, 30, 16, tzinfo=UTC).timestamp() * 1000)
DAY = span("day", NOW, UTC)

HOLDS = (True, False)
OVER = (False, True)
BETWEEN = (False, False)


def state(condition: Condition) -> tuple[bool, bool]:
    return condition.holds, condition.is_over


def budget(ratio: float | None = None, **fields: object) -> BudgetValues:
    given = {"spent": None if ratio is None else Decimal(str(ratio)) * 20, "ratio": ratio}
    most = {"name": "daily", "scope": "all", "period": "day", "unit": "usd", "limit": Decimal(20)}
    more = {"period_key": "2026-11-30", "span": DAY}
    return BudgetValues(**{**most, **given, **more, **fields})  # type: ignore[arg-type]


def used(of: BudgetValues) -> Condition:
    return next(of_budget(of, NOW, UTC))


def outlook(of: BudgetValues) -> Condition:
    return [*of_budget(of, NOW, UTC)][1]


# Budgets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        *((0.0, 0), (0.4999, 0), (0.5, 50), (0.7999, 50), (0.8, 80), (0.9999, 80), (1.0, 100)),
        *((1.1499, 100), (1.2499, 100), (1.25, 125), (1.5, 150), (2.9999, 275), (3.0, 300)),
        *((3.5, 300), (5.9999, 300), (6.0, 600), (11.9, 600), (12.0, 1200), (1e20, 300 << 40)),
    ],
)
def test_levels_of_a_budget(ratio: float, expected: int) -> None:
    assert level(ratio, 0.8) == expected


def test_a_budget_may_warn_elsewhere() -> None:
    assert [level(ratio, 0.3) for ratio in (0.29, 0.3, 0.5, 0.9)] == [0, 30, 50, 50]
    assert [level(ratio, 1.0) for ratio in (0.5, 0.9, 1.0)] == [50, 50, 100]
    assert used(budget(0.3, warn=0.3)).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("ratio", "severity", "is_urgent"),
    [(0.5, "info", False), (0.8, "warning", False), (1.0, "critical", True)],
)
def test_a_budget_matters_more_the_more_is_used(
    ratio: float, severity: str, is_urgent: bool
) -> None:
    assert used(budget(ratio)).severity == severity
    assert used(budget(ratio, is_hard=True)).is_urgent is is_urgent
    assert not used(budget(ratio)).is_urgent


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0.5, HOLDS), (0.4999, BETWEEN), (0.45, BETWEEN), (0.4499, OVER), (0.0, OVER)],
)
def test_a_budget_has_a_band_below_its_first_level(
    ratio: float, expected: tuple[bool, bool]
) -> None:
    assert state(used(budget(ratio))) == expected


def test_a_level_is_kept_until_it_is_clearly_left() -> None:
    found = [used(budget(ratio)).base_level for ratio in (1.0, 0.95, 0.9, 0.89, 0.72, 0.71)]
    assert found == [100, 100, 100, 80, 80, 50]


@pytest.mark.parametrize("ratio", [None, float("nan"), float("inf")])
def test_nothing_is_said_of_a_budget_where_nobody_knows(ratio: float | None) -> None:
    condition = used(budget(0.5)._replace(ratio=ratio))
    assert state(condition) == BETWEEN
    assert condition.level == 0


def test_a_period_that_is_past_never_holds() -> None:
    past = Span(NOW - 24 * HOUR, NOW)
    for condition in of_budget(budget(1.5, span=past, p80=Decimal(99)), NOW, UTC):
        assert state(condition) == OVER
    assert state(used(budget(1.5, span=Span(NOW - HOUR, NOW + 1)))) == HOLDS


def test_a_budget_says_what_it_is_of() -> None:
    condition = used(budget(1.02))
    assert condition.key == "budget/daily/2026-11-30"
    assert condition.text == "Budget daily (all, day): $20.40 of $20.00 used (102%), past 100%"
    assert condition.action == "Pause what can wait, or set another limit on the Budgets screen"
    hard = used(budget(1.02, is_hard=True, is_guarded=True))
    assert hard.action == "To go on beyond it: tokenwatch budget allow --for 1h"
    unguarded = used(budget(1.02, is_hard=True))
    assert unguarded.action == "It stops nothing until clients ask: tokenwatch hooks install"
    assert used(budget(1.02, is_guarded=True)).action == condition.action
    assert used(budget(0.6)).action == "See what it goes to: tokenwatch report --by session"
    assert used(budget(0.6, period="5h", period_key="")).key == "budget/daily"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        *(("0.004", "usd", "<$0.01"), ("1200", "usd", "$1,200.00"), ("41200", "tokens", "41.2k")),
        *(("1200", "requests", "1,200 requests"), ("3", "agents", "3 agents")),
        *(("1", "requests", "1 request"), ("1", "agents", "1 agent"), ("0", "agents", "0 agents")),
        ("84", "window-percent", "84%"),
    ],
)
def test_amounts(value: str, unit: str, expected: str) -> None:
    assert amount(Decimal(value), unit).removesuffix(" tokens") == expected
    assert amount(None, unit) == "?"
    assert amount(Decimal(1), "tokens") == "1 token"


@pytest.mark.parametrize(
    ("period", "expected"), [("day", "2026-11-30"), ("week", "2026-W49"), ("month", "2026-11")]
)
def test_periods_have_names(period: str, expected: str) -> None:
    zone = ZoneInfo("Europe/Madrid")
    assert period_key(period, span(period, NOW, zone), zone) == expected


def test_periods_without_a_beginning_go_by_the_session() -> None:
    assert period_key("5h", span("5h", NOW, UTC), UTC) == ""
    assert period_key("turn", None, UTC, "s1") == "s1"
    assert period_key("session", None, UTC) == ""
    assert period_key("week", span("week", NOW + 32 * 24 * HOUR, UTC), UTC) == "2026-W53"


@pytest.mark.parametrize(
    ("p80", "expected"),
    [("20", HOLDS), ("19.99", BETWEEN), ("18", BETWEEN), ("17.99", OVER), (None, BETWEEN)],
)
def test_a_forecast_at_its_limit(p80: str | None, expected: tuple[bool, bool]) -> None:
    of = budget(0.5, p80=None if p80 is None else Decimal(p80))
    assert state(outlook(of)) == expected


def test_a_forecast_has_to_hold_for_five_minutes_and_ends_when_the_limit_is_reached() -> None:
    condition = outlook(budget(0.5, p80=Decimal("24.1"), crosses_ms=NOW + HOUR))
    assert condition.hold_ms == 5 * MINUTE
    assert condition.key == "forecast/daily/2026-11-30"
    assert condition.text == (
        "Budget daily (all, day): $24.10 by 1 Dec at this pace (P80), limit $20.00, reached ≈ 17:00"
    )
    assert state(outlook(budget(1.0, p80=Decimal("24.1")))) == BETWEEN


# Plan windows -------------------------------------------------------------------------------


def windows(used_percent: float | None, **fields: object) -> list[Condition]:
    most = {"resets_ms": NOW + HOUR}
    of = WindowValues("codex/300", "Codex 5h", used_percent, **{**most, **fields})  # type: ignore[arg-type]
    return [*of_window(of, NOW, UTC)]


@pytest.mark.parametrize(
    ("percent", "expected", "passed"),
    [
        *((100.0, HOLDS, 95), (95.0, HOLDS, 95), (94.9, HOLDS, 80), (80.0, HOLDS, 80)),
        *((79.9, BETWEEN, 0), (75.0, BETWEEN, 0), (74.9, OVER, 0), (None, BETWEEN, 0)),
    ],
)
def test_a_window_that_fills(
    percent: float | None, expected: tuple[bool, bool], passed: int
) -> None:
    condition, _ = windows(percent)
    assert state(condition) == expected
    assert condition.level == passed


def test_a_window_says_when_it_resets() -> None:
    warning, critical = windows(81.0)[0], windows(95.0)[0]
    assert warning.text == "Codex 5h window: 81% used, past 80%, resets 17:00"
    assert (warning.severity, critical.severity) == (Severity.WARNING, Severity.CRITICAL)
    assert windows(81.0, resets_ms=None)[0].text == "Codex 5h window: 81% used, past 80%"
    assert windows(91.0)[0].base_level == 95


def test_a_window_that_has_reset_is_over_and_a_stale_one_says_nothing() -> None:
    for condition in windows(99.0, resets_ms=NOW, full_ms=NOW - 1):
        assert state(condition) == OVER
    for condition in windows(99.0, is_stale=True, full_ms=NOW + 1):
        assert state(condition) == BETWEEN


@pytest.mark.parametrize(
    ("percent", "full", "expected"),
    [
        *((60.0, 59, HOLDS), (20.0, 59, HOLDS), (19.9, 59, BETWEEN), (100.0, 0, BETWEEN)),
        *((60.0, 60, BETWEEN), (60.0, 74, BETWEEN), (60.0, 75, OVER), (60.0, None, OVER)),
        (None, 30, BETWEEN),
    ],
)
def test_a_window_that_will_be_full_before_it_resets(
    percent: float | None, full: int | None, expected: tuple[bool, bool]
) -> None:
    _, condition = windows(percent, full_ms=None if full is None else NOW + full * MINUTE)
    assert state(condition) == expected
    assert (condition.key, condition.hold_ms) == ("quota/codex/300/full", 5 * MINUTE)


def test_a_window_says_when_it_is_full() -> None:
    _, condition = windows(62.0, full_ms=NOW + 40 * MINUTE)
    assert condition.text == "Codex 5h window: 62% used, full ≈ 16:40, resets 17:00"
    assert state(windows(62.0, full_ms=NOW, resets_ms=None)[1]) == BETWEEN


# Sessions -----------------------------------------------------------------------------------


def of(
    kind: str, usual: Usual | None = None, is_quiet: bool = False, **fields: object
) -> Condition:
    values = SessionValues("s1", "api", **fields)  # type: ignore[arg-type]
    every = of_session(values, usual or Usual(), NOW, is_quiet=is_quiet)
    return next(each for each in every if each.kind == kind)


def test_a_session_of_which_nothing_is_known_has_nothing_to_tell() -> None:
    every = [*of_session(SessionValues("s1", "api"), Usual(), NOW, is_quiet=True)]
    assert len({each.key for each in every}) == len(every) == 7
    assert not any(each.holds for each in every)


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        *(((300, 300), HOLDS), ((299, 300), BETWEEN), ((300, 299), BETWEEN), ((300,), BETWEEN)),
        *(((149, 149), OVER), ((150, 149), BETWEEN), ((149, 150), BETWEEN), ((), OVER)),
        ((0, 300, 300), HOLDS),
    ],
)
def test_burn_takes_two_windows_and_ends_with_two(
    cents: tuple[int, ...], expected: tuple[bool, bool]
) -> None:
    assert state(of("burn", windows_pico=tuple(c * PICO // 100 for c in cents))) == expected


def test_burn_goes_by_what_is_usual() -> None:
    usual = Usual(window_pico=PICO)
    assert not of("burn", usual, windows_pico=(3 * PICO, 3 * PICO)).holds
    condition = of("burn", usual, windows_pico=(4 * PICO, 5 * PICO))
    assert condition.holds
    assert condition.text == (
        "Session api: $4.00 and $5.00 in the last two stretches of 5 m, from $4.00 on"
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        *(((1_500_000,) * 3, HOLDS), ((1_499_999, 1_500_000, 1_500_000), BETWEEN)),
        *(((1_500_000,) * 2, BETWEEN), ((749_999,) * 3, OVER), ((0, 0, 750_000), BETWEEN)),
        ((), OVER),
    ],
)
def test_tokens_a_minute(minutes: tuple[int, ...], expected: tuple[bool, bool]) -> None:
    condition = of("tokens", minutes_tokens=minutes)
    assert state(condition) == expected
    usual = Usual(minute_tokens=500_001)
    assert not of("tokens", usual, minutes_tokens=minutes).holds


@pytest.mark.parametrize(
    ("requests", "usual", "expected"),
    [(100, None, HOLDS), (99, None, OVER), (100, 50, HOLDS), (163, 82, OVER), (164, 82, HOLDS)],
)
def test_an_autonomous_run(requests: int, usual: int | None, expected: tuple[bool, bool]) -> None:
    condition = of("autonomous", Usual(requests=usual), requests=requests)
    assert state(condition) == expected


def test_an_autonomous_run_says_its_threshold() -> None:
    condition = of("autonomous", requests=219)
    assert condition.text == "Session api: 219 requests since the last prompt, from 100 on"
    assert (condition.key, condition.session_id) == ("autonomous/s1", "s1")


@pytest.mark.parametrize(
    ("agents", "spawned", "usual", "expected"),
    [
        *((8, 0, None, HOLDS), (7, 0, None, BETWEEN), (6, 0, None, BETWEEN), (5, 0, None, OVER)),
        *(
            (0, 16, None, HOLDS),
            (0, 15, None, BETWEEN),
            (0, 12, None, BETWEEN),
            (0, 11, None, OVER),
        ),
        *((9, 0, 7, BETWEEN), (10, 0, 7, HOLDS), (8, 0, 5, HOLDS)),
    ],
)
def test_many_agents(
    agents: int, spawned: int, usual: int | None, expected: tuple[bool, bool]
) -> None:
    condition = of("agents", Usual(agents=usual), agents=agents, spawned=spawned)
    assert state(condition) == expected


def test_many_agents_says_which() -> None:
    assert of("agents", agents=9, spawned=20).text == "Session api: 9 agents at once, from 8 on"
    assert of("agents", agents=3, spawned=20).text == (
        "Session api: 20 agents started in 10 m, from 16 on"
    )


@pytest.mark.parametrize(
    ("tokens", "left", "is_waiting", "holds"),
    [
        *(
            (60_000, 60_000, True, True),
            (59_999, 60_000, True, False),
            (60_000, 60_001, True, False),
        ),
        *((60_000, 1, True, True), (60_000, 0, True, False), (60_000, 60_000, False, False)),
        (60_000, None, True, False),
    ],
)
def test_a_warm_cache_that_expires(
    tokens: int, left: int | None, is_waiting: bool, holds: bool
) -> None:
    until = None if left is None else NOW + left
    condition = of("cache", is_waiting=is_waiting, warm_tokens=tokens, warm_until_ms=until)
    assert state(condition) == (holds, not holds)
    assert condition.severity is Severity.INFO


def test_a_warm_cache_says_how_much_and_when() -> None:
    condition = of("cache", is_waiting=True, warm_tokens=84_000, warm_until_ms=NOW + 45_000)
    assert condition.text == (
        "Session api: 84.0k tokens of context (from 60.0k on) leave the cache in 45 s"
    )


@pytest.mark.parametrize(
    ("tokens", "limit", "expected"),
    [
        *((160, 200, HOLDS), (159, 200, BETWEEN), (140, 200, BETWEEN), (139, 200, OVER)),
        *((160, None, BETWEEN), (None, 200, BETWEEN), (160, 0, BETWEEN)),
    ],
)
def test_a_full_context(tokens: int | None, limit: int | None, expected: tuple[bool, bool]) -> None:
    condition = of("context", context_used=tokens, context_limit=limit)
    assert state(condition) == expected
    assert condition.severity is Severity.INFO


@pytest.mark.parametrize(
    ("minutes", "cents", "now_cents", "is_quiet", "expected"),
    [
        *((60, 100, 1, True, HOLDS), (None, 100, 1, True, HOLDS), (60, 99, 1, True, BETWEEN)),
        *((60, 100, 0, True, BETWEEN), (59, 100, 1, True, OVER), (60, 100, 1, False, OVER)),
    ],
)
def test_unattended(
    minutes: int | None, cents: int, now_cents: int, is_quiet: bool, expected: tuple[bool, bool]
) -> None:
    condition = of(
        "unattended",
        is_quiet=is_quiet,
        last_prompt_ms=None if minutes is None else NOW - minutes * MINUTE,
        pico_since_prompt=cents * PICO // 100,
        windows_pico=(0, now_cents * PICO // 100),
    )
    assert state(condition) == expected


def test_unattended_says_since_when() -> None:
    known = {"is_quiet": True, "pico_since_prompt": 14 * PICO // 10}
    assert of("unattended", last_prompt_ms=NOW - 125 * MINUTE, **known).text == (  # type: ignore[arg-type]
        "Session api: $1.40 since the last prompt 2 h 05 ago, in quiet hours (from $1.00 and"
        " 1 h 00 on)"
    )
    assert "$1.40 without any prompt, in quiet" in of("unattended", **known).text  # type: ignore[arg-type]


# Findings and data --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "is_over", "expected"),
    [(4, False, HOLDS), (3, False, BETWEEN), (4, True, OVER), (0, False, BETWEEN)],
)
def test_a_loop(times: int, is_over: bool, expected: tuple[bool, bool]) -> None:
    condition = of_loop(LoopValues("f1", "s1", "api", times, NOW, is_over))
    assert state(condition) == expected
    assert (condition.is_urgent, condition.cause_ms) == (True, NOW)


def test_a_loop_is_a_level_higher_each_time_that_it_doubled() -> None:
    found = [of_loop(LoopValues("f1", "s1", "api", n, NOW)).level for n in (3, 4, 7, 8, 15, 16, 64)]
    assert found == [0, 0, 0, 1, 1, 2, 4]


def test_a_loop_says_what_is_repeated() -> None:
    assert of_loop(LoopValues("f1", "s1", "api", 6, NOW)).text == (
        "Session api: the same call with the same result, 6 times (from 4 on)"
    )
    compacted = LoopValues("f1", "s1", "api", 3, NOW, what="context compacted", least=3)
    assert of_loop(compacted).holds


@pytest.mark.parametrize(
    ("failed", "is_over", "expected"),
    [(2, False, HOLDS), (5, False, HOLDS), (1, False, BETWEEN), (2, True, OVER)],
)
def test_repeated_attempts(failed: int, is_over: bool, expected: tuple[bool, bool]) -> None:
    condition = of_attempts(AttemptsValues("c1", "s1", "api", failed, NOW, is_over))
    assert state(condition) == expected
    assert condition.level == 0
    assert condition.text == (
        f"Session api: {failed} attempts at the same thing failed (from 2 on)"
    )


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (
            Trouble(TroubleKind.UNREADABLE, "a.jsonl", 12),
            "Log a.jsonl: lines that can't be read: 12 (from 1 on)",
        ),
        (
            Trouble(TroubleKind.UNPRICED, "new-1"),
            "Model new-1: requests without a known price: 1 (",
        ),
        (
            Trouble(TroubleKind.CLOCK, "codex", 7_500_000),
            "Clock: times of codex lie 2 h 05 ahead (from 5 m on)",
        ),
    ],
)
def test_data_that_is_not_right(trouble: Trouble, text: str) -> None:
    condition = of_trouble(trouble)
    assert state(condition) == HOLDS
    assert condition.text.startswith(text)
    assert condition.key == f"data/{trouble.kind.value}/{trouble.name}"
    assert state(of_trouble(trouble._replace(number=0))) == OVER


# All of them --------------------------------------------------------------------------------


def _every() -> Iterator[Condition]:
    values = Values(
        budgets=(budget(1.0, p80=Decimal(25)), budget(0.1, name="w", period="5h", period_key="")),
        windows=(WindowValues("codex/300", "Codex 5h", 96.0, NOW + HOUR, NOW + MINUTE),),
        sessions=(SessionValues("s1", "api"), SessionValues("s2", "two\nlines \x1b[31m")),
        loops=(LoopValues("f1", "s1", "api", 4, NOW),),
        attempts=(AttemptsValues("c1", "s1", "api", 2, NOW),),
        troubles=(Trouble(TroubleKind.UNPRICED, "m"),),
    )
    yield from conditions(values, NOW, UTC, is_quiet=False)


def test_every_kind_has_a_rule_and_every_condition_its_key() -> None:
    every = [*_every()]
    assert {each.kind for each in every} == set(AlertKind)
    assert len({each.key for each in every}) == len(every)
    for each in every:
        assert each.key.startswith(f"{each.kind.value}/")
        assert not (each.holds and each.is_over)
        assert each.text.isprintable() and each.action
        assert not each.text.endswith(".")
