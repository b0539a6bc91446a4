"""How budgets stand: what counts, for which time, and how the figure is to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import cases
from tests.cases import Desk
from tests.cli.box import Box
from tests.cli.logs import SESSION, assistant, claude_log, codex_log, codex_records, user
from tests.cli.wasteful import Story
from tests.factories import agent, session
from tests.quota_logs import reading
from tests.still import StillFeed
from tokenwatch.analysis.budgets import State, lies_in
from tokenwatch.answers import budgets as answers
from tokenwatch.answers.budgets import Standing, needs_details, standings, worst
from tokenwatch.answers.moment import Moment
from tokenwatch.config.budgets import Budget, scope_of
from tokenwatch.format import rfc3339
from tokenwatch.model import NO_SPEND, AgentKind
from tokenwatch.model import State as AgentState
from tokenwatch.snapshot import SessionRow
from tokenwatch.store import budgets as stored
from tokenwatch.store import spend
from tokenwatch.store.spend import Filter

UTC = ZoneInfo("UTC")
MADRID = ZoneInfo("Europe/Madrid")
PRICE = Decimal("0.0006")
"""Dollars of an answer of `assistant`: 100 tokens of input and 10 of output."""
MINUTE, HOUR = 60_000, 3_600_000


def at(text: str, zone: ZoneInfo = UTC) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def budget(
    unit: str = "usd", period: str = "day", scope: str = "all", limit: object = 1, **more: object
) -> Budget:
    found = scope_of(scope)
    assert found is not None
    made = Budget("b", Decimal(str(limit)), unit, period, found)
    return made._replace(**more)  # type: ignore[arg-type]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def another(number: int) -> str:
    return f"{number:04x}{SESSION[4:]}"


def write(box: Box, number: int, times: Iterable[int], **more: Any) -> None:
    """Write a session with a prompt and an answer at each of these times."""
    own = another(number)
    cwd = {"cwd": more.pop("cwd")} if "cwd" in more else {}
    records = []
    for place, at_ms in enumerate(times):
        when = rfc3339(at_ms) or ""
        name = f"msg_{number:04}{place:04}"
        uuid = f"{place:08}-{number}"
        records.append(user(f"prompt {place}", when, uuid=uuid, sessionId=own, **cwd))
        records.append(assistant(name, when, sessionId=own, **cwd, **more))
    claude_log(box.claude, records, own)


def nobody() -> Sequence[SessionRow]:
    raise AssertionError("agents at work are asked for by budgets of agents alone")


def stand(
    box: Box, of: Budget, now_ms: int, zone: ZoneInfo = UTC, rows: Sequence[SessionRow] = ()
) -> Standing:
    """Return how a budget stands at a time, of the box's logs."""
    desk = Desk.open(box.folder, now_ms=now_ms).read()
    running = (lambda: rows) if of.unit == "agents" else nobody
    (found,) = standings(desk.ledger, [of], now_ms, zone, running)
    desk.close()
    return found


# stretches of time --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "period", "many"),
    [
        ("2026-03-29 12:00", "day", 3),
        ("2026-03-29 12:00", "week", 4),
        ("2026-03-30 00:00", "day", 1),
        ("2026-10-25 12:00", "day", 3),
        ("2026-10-25 23:59", "week", 5),
        ("2026-10-31 23:59", "month", 7),
        ("2026-11-01 00:30", "month", 1),
        ("2026-11-01 00:30", "day", 1),
    ],
)
def test_days_weeks_and_months_are_local_ones(box: Box, now: str, period: str, many: int) -> None:
    times = (
        *("2026-03-28 23:59", "2026-03-29 00:00", "2026-03-29 01:59", "2026-03-29 03:00"),
        *("2026-03-30 00:00", "2026-10-24 23:59", "2026-10-25 00:00", "2026-10-25 01:30"),
        *("2026-10-25 02:30", "2026-10-25 23:59", "2026-10-26 00:00", "2026-10-31 23:59"),
        "2026-11-01 00:00",
    )
    now_ms = at(now, MADRID)
    write(box, 1, [at(each, MADRID) for each in times if at(each, MADRID) <= now_ms])
    found = stand(box, budget("requests", period, limit=100), now_ms, MADRID)
    assert found.spent == many and found.state is State.OK
    assert found.span is not None
    assert found.span.since_ms <= now_ms < found.span.until_ms


def test_five_hours_roll(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - 5 * HOUR, now - 5 * HOUR + 1000, now - MINUTE, now])
    assert stand(box, budget("requests", "5h"), now).spent == 3
    assert stand(box, budget("requests", "5h"), now + 5 * HOUR).spent == 0


def test_units_and_exact_limits(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - minutes * MINUTE for minutes in (1, 2, 3, 4)])
    spent = 4 * PRICE
    for limit, state in (
        (spent, State.EXCEEDED),
        (spent + Decimal("1e-12"), State.WARNING),
        (spent / Decimal("0.8"), State.WARNING),
        (spent / Decimal("0.8") + Decimal("1e-9"), State.OK),
    ):
        found = stand(box, budget(limit=limit), now)
        assert (found.spent, found.state) == (spent, state)
    tokens = stand(box, budget("tokens", limit=440), now)
    assert (tokens.spent, tokens.ratio, tokens.state) == (Decimal(440), 1.0, State.EXCEEDED)
    requests = stand(box, budget("requests", limit=5), now)
    assert (requests.spent, requests.ratio, requests.state) == (Decimal(4), 0.8, State.WARNING)
    assert stand(box, budget("requests", limit=5, warn=Decimal("0.81")), now).state is State.OK


def test_nothing_at_all_is_nought(box: Box) -> None:
    now = at("2026-11-18 12:00")
    for period in ("5h", "day", "week", "month", "session", "turn"):
        found = stand(box, budget(period=period), now)
        assert (found.spent, found.ratio, found.outlook) == (Decimal(0), 0.0, None)
    assert worst([]) is State.OK


def test_what_is_unpriced_makes_it_a_lower_bound_or_unknown(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - HOUR], model="mystery-9")
    found = stand(box, budget(limit="0.0001"), now)
    assert (found.spent, found.ratio, found.state) == (None, None, State.OK)
    assert found.notes == ("1 request unpriced: unknown",)
    assert stand(box, budget("tokens"), now).notes == ()
    write(box, 2, [now - HOUR, now])
    found = stand(box, budget(limit=PRICE), now)
    assert (found.spent, found.state) == (2 * PRICE, State.EXCEEDED)
    assert found.notes == ("1 request unpriced: a lower bound",)
    highest = stand(box, budget(period="session"), now)
    assert highest.session_id == another(2)
    assert highest.notes[0].endswith("1 request unpriced in all of them: another may be higher")


# scopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "many"),
    [
        ("all", 7),
        ("project:/home/dev/api", 3),
        ("project:api", 2),
        ("project:/home/dev", 6),
        ("project:/home/dev/gone", 0),
        ("source:codex", 1),
        ("source:claude-code", 6),
        ("model:opus", 5),
        ("model:claude-haiku-4-5", 1),
        ("model:unheard-of", 0),
        ("agent:main", 7),
        ("agent:explore", 0),
    ],
)
def test_scopes(box: Box, scope: str, many: int) -> None:
    now = at("2026-11-21 12:00")
    write(box, 1, [now, now - 1000], cwd="/home/dev/api")
    write(box, 2, [now], cwd="/home/dev/api/sub")
    write(box, 3, [now, now - 2000], cwd="/home/dev/api2")
    write(box, 4, [now], cwd="/srv/x", model="claude-haiku-4-5")
    codex_log(box.codex, codex_records())
    for period in ("day", "session"):
        found = stand(box, budget("requests", period, scope, limit=9), now)
        if period == "day":
            assert found.spent == many
        else:
            assert (found.spent == 0) == (many == 0)


def test_agents_by_their_type(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/subagents", tmp_path))
    every = [
        budget("requests", period, scope, limit=100)
        for period in ("week", "session", "turn")
        for scope in ("all", "agent:main", "agent:General-Purpose", "agent:explore")
    ]
    found = standings(desk.ledger, every, desk.now_ms, UTC, nobody)
    assert [each.spent for each in found] == [7, 2, 5, 0] * 3
    whole, main, sub, _ = standings(
        desk.ledger,
        [b._replace(unit="usd") for b in every[:4]],
        desk.now_ms,
        UTC,
        nobody,
    )
    assert main.spent and sub.spent and whole.spent == main.spent + sub.spent
    desk.close()


def test_on_many_sessions_scopes_agree_with_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "_PART", 3)
    with StillFeed(tmp_path) as feed:

        def ask(moment: Moment) -> None:
            ledger, zone = moment.ledger, moment.zone
            for by in ("project", "source", "model"):
                for key, sums in spend.grouped(ledger, by, Filter(), zone):
                    scope = budget("tokens", "month", f"{by}:{key}", limit=10**12)
                    (found,) = standings(ledger, [scope], moment.now_ms, zone, nobody)
                    assert found.spent is not None and found.spent <= sums.usage.total
            parts = [
                stored.by_session(ledger, Filter(), stored.agents_called(ledger, name))
                for name in {"main", *_names(moment)}
            ]
            whole = stored.by_session(ledger, Filter())
            for session_key, sums in whole.items():
                inside = [part[session_key].requests for part in parts if session_key in part]
                assert sum(inside) <= sums.requests
            _quarters_agree(moment)
            _projects_agree(moment)
            turns = stored.latest_turns(ledger, tuple(whole))
            assert len(turns) > 3
            for session_key, turn in turns.items():
                where = Filter(since_ms=turn.began_ms, sessions=(session_key,))
                assert spend.total(ledger, where) == turn.spend

        feed.ask(ask)


def _quarters_agree(moment: Moment) -> None:
    ledger = moment.ledger
    since = moment.now_ms // spend.QUARTER_MS * spend.QUARTER_MS - 9 * 24 * HOUR
    (project, *_) = (key for key, _ in spend.grouped(ledger, "project", Filter(), UTC) if key)
    for where in (
        Filter(),
        Filter(source="codex"),
        Filter(model="opus"),
        Filter(project=project),
    ):
        sums = [each for _, each in stored.quarters(ledger, since, where)]
        assert sum(sums, NO_SPEND) == spend.total(ledger, where._replace(since_ms=since))
    own = spend.by_agent(ledger, Filter(since_ms=since))
    for name in {"main", *_names(moment)}:
        keys = stored.agents_called(ledger, name)
        sums = [each for _, each in stored.quarters(ledger, since, Filter(), name)]
        assert sum(sums, NO_SPEND) == sum((own[key] for key in keys if key in own), NO_SPEND)


def _projects_agree(moment: Moment) -> None:
    groups = spend.grouped(moment.ledger, "project", Filter(), UTC)
    projects = [Path(key) for key, _ in groups if key]
    for wanted in (str(projects[0]), str(projects[0].parent), projects[0].name):
        inside = spend.grouped(moment.ledger, "project", Filter(project=wanted), UTC)
        told = {str(each) for each in projects if lies_in(str(each), wanted)}
        assert told == {key for key, _ in inside} != set()


def _names(moment: Moment) -> set[str]:
    rows = moment.ledger.sql.execute("SELECT DISTINCT name FROM agents WHERE name IS NOT NULL")
    return {row[0] for row in rows}


# sessions and turns -------------------------------------------------------------------------


def test_the_highest_session_of_the_last_day_counts(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - 25 * HOUR - minutes * MINUTE for minutes in range(9)])
    write(box, 2, [now - 30 * HOUR, now - 29 * HOUR, now - HOUR])
    write(box, 3, [now - 2 * HOUR, now - MINUTE])
    found = stand(box, budget("requests", "session", limit=3), now)
    assert (found.spent, found.session_id, found.state) == (Decimal(3), another(2), State.EXCEEDED)
    assert found.notes == (f"session {another(2)[:8]}, the highest of 2",)
    assert found.span is None and found.outlook is None


def test_the_latest_turn_of_a_session_counts(box: Box) -> None:
    now = at("2026-11-18 12:00")
    own = another(1)
    story = Story(own, at_ms=now - HOUR).prompt("fix the build")
    for _ in range(5):
        story.answer()
    story.wait(20).prompt("now the tests").answer().answer().write(box.claude)
    found = stand(box, budget("requests", "turn", limit=10), now)
    assert (found.spent, found.session_id) == (Decimal(2), own)
    assert found.notes == (f"latest turn of session {own[:8]}",)
    assert stand(box, budget("requests", "session", limit=10), now).spent == 7


def test_a_session_that_is_named_counts_at_any_age(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - 50 * 24 * HOUR, now - 49 * 24 * HOUR])
    write(box, 2, [now])
    for period, many in (("session", 2), ("turn", 1)):
        scope = f"session:{another(1)[:6]}"
        found = stand(box, budget("requests", period, scope, limit=9), now)
        assert (found.spent, found.session_id) == (Decimal(many), another(1))
    unknown = stand(box, budget("requests", "session", "session:zz", limit=9), now)
    assert unknown.spent == 0 and "begins with 'zz'" in unknown.notes[0]


UNKNOWN = {
    "project:/home/dev/gone": "no session of this project is known",
    "model:unheard-of": "no model of this name is known",
    "agent:explore": "no agent of this type is known",
    "session:zz": "no session is known whose id begins with 'zz'",
}


@pytest.mark.parametrize("scope", UNKNOWN)
@pytest.mark.parametrize("period", ["day", "5h", "session", "turn"])
def test_what_nothing_was_ever_read_of_is_named(box: Box, scope: str, period: str) -> None:
    if scope.startswith("session:") and period in ("day", "5h"):
        return
    now = at("2026-11-21 12:00")
    write(box, 1, [now], cwd="/home/dev/api")
    found = stand(box, budget("requests", period, scope, limit=9), now)
    assert (found.spent, found.notes) == (Decimal(0), (UNKNOWN[scope],))


@pytest.mark.parametrize("scope", ["project:api", "model:haiku", "agent:main", "all"])
def test_what_is_known_is_not_named_though_it_spent_nothing(box: Box, scope: str) -> None:
    now = at("2026-11-21 12:00")
    write(box, 1, [now - 40 * 24 * HOUR], cwd="/home/dev/api", model="claude-haiku-4-5")
    assert stand(box, budget("requests", "day", scope, limit=9), now).notes == ()
    found = stand(box, budget("requests", "session", scope, limit=9), now)
    assert found.notes == ("no session with activity in the last 24 hours counts",)


def test_sessions_that_began_in_one_minute_are_told_apart(box: Box) -> None:
    now = at("2026-11-21 12:00")
    own = "01a2006b-0129-71d1-89c1-7bf761419cb7"
    claude_log(
        box.claude,
        [
            user("hi", rfc3339(now) or "", sessionId=own),
            assistant("m1", rfc3339(now) or "", sessionId=own),
        ],
        own,
    )
    assert stand(box, budget("requests", "session", limit=9), now).notes == (
        "session 01a2006b-0129",
    )


# agents -------------------------------------------------------------------------------------


def rows() -> tuple[SessionRow, ...]:
    one, two = another(1), another(2)
    working, waiting = AgentState.WORKING, AgentState.WAITING
    return (
        session(
            one,
            "one",
            "/home/dev/api",
            [
                agent(one, state=working),
                agent(one, id="a1", name="explore", state=working),
                agent(one, id="a2", name="Explore", state=waiting),
                agent(one, id="a3", name="explore"),
                agent(one, id="a4", kind=AgentKind.AUXILIARY, state=working),
            ],
        ),
        session(two, "two", "/home/dev/web", [agent(two, source="codex", state=working)]),
    )


@pytest.mark.parametrize(
    ("scope", "now", "today"),
    [
        ("all", 3, 4),
        ("project:/home/dev/web", 1, 1),
        ("project:gone", 0, 0),
        ("source:codex", 1, 1),
        ("agent:explore", 2, 2),
        ("agent:main", 1, 2),
        (f"session:{another(2)[:5]}", 1, None),
    ],
)
def test_agents_that_run_now(box: Box, scope: str, now: int, today: int | None) -> None:
    at_ms = at("2026-11-18 12:00")
    found = stand(box, budget("agents", "session", scope, limit=3), at_ms, rows=rows())
    assert (found.spent, found.state is State.EXCEEDED) == (Decimal(now), now == 3)
    if today is not None:
        peak = stand(box, budget("agents", "day", scope, limit=3), at_ms, rows=rows())
        unknown = () if today else found.notes
        said = (*unknown, f"most at once today; now {today}")
        assert (peak.spent, peak.notes) == (Decimal(today), said)
    assert ("no session of this project is known" in found.notes) is (scope == "project:gone")


def test_the_most_agents_at_once_today(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/subagents", tmp_path))
    ends = desk.ledger.sql.execute("SELECT max(last_ms) FROM sessions").fetchone()[0]
    every = [
        budget("agents", "day", scope, limit=9)
        for scope in ("all", "agent:general-purpose", "agent:main", "project:gone")
    ]
    found = standings(desk.ledger, every, ends + MINUTE, UTC, lambda: ())
    assert [each.spent for each in found] == [3, 2, 1, 0]
    later = standings(desk.ledger, every, ends + 24 * HOUR, UTC, lambda: ())
    assert [each.spent for each in later] == [0, 0, 0, 0]
    moment = desk.moment()
    (asked,) = answers.budgets(moment, every[:1])
    assert asked.spent is not None
    desk.close()


# plan windows -------------------------------------------------------------------------------

NOW = at("2026-11-22 14:00")


def windows(box: Box, *used: float, resets: int = NOW + HOUR) -> None:
    """Write readings of the last minutes, of five hours; 30 % of a week."""
    week = (10_080, 30.0, NOW + 5 * 24 * HOUR)
    codex_log(
        box.codex,
        [
            *codex_records(),
            *(
                reading(NOW - (31 - 15 * number) * MINUTE, (300, percent, resets), week)
                for number, percent in enumerate(used)
            ),
        ],
    )


def test_a_plan_window_is_as_the_provider_said_last(box: Box) -> None:
    windows(box, 60.0, 65.0, 70.0)
    found = stand(box, budget("window-percent", "5h", limit=80), NOW)
    assert (found.spent, found.ratio, found.state) == (Decimal(70), 0.875, State.WARNING)
    assert found.notes == ("Codex 5h, read 1 m ago",)
    assert found.span == (NOW - 4 * HOUR, NOW + HOUR)
    assert found.outlook is not None and found.outlook.p80 is None
    # Ten points in half an hour: 80 % half an hour after the last reading.
    assert found.outlook.crosses_ms == NOW + 29 * MINUTE
    assert (found.outlook.p50, found.outlook.at_ms) == (Decimal("90.3"), NOW + HOUR)
    week = stand(box, budget("window-percent", "week", "source:codex", limit=30), NOW)
    assert (week.spent, week.state, week.outlook) == (Decimal(30), State.EXCEEDED, None)


def test_a_window_that_nobody_read_is_unknown(box: Box) -> None:
    windows(box, 60.0)
    for scope in ("source:claude-code",):
        found = stand(box, budget("window-percent", "5h", scope, limit=1), NOW)
        assert (found.spent, found.ratio, found.state) == (None, None, State.OK)
        assert found.notes == ("no such window was ever read: unknown, not 0",)


def test_a_stale_reading_says_so(box: Box) -> None:
    windows(box, 99.0, resets=NOW - MINUTE)
    found = stand(box, budget("window-percent", "5h", limit=50), NOW)
    assert (found.spent, found.state) == (None, State.OK)
    assert found.notes == ("Codex 5h is stale: reset since its last reading (99%, 31 m ago)",)


# forecasts ----------------------------------------------------------------------------------


def test_forecasts_of_steady_weeks(box: Box) -> None:
    now = at("2026-11-18 13:00", MADRID)
    days = [datetime(2026, 11, 18) - timedelta(days=back) for back in range(28)]
    times = [at(f"{day:%Y-%m-%d} {hour:02}:30", MADRID) for day in days for hour in (9, 11, 15, 19)]
    write(box, 1, sorted(each for each in times if each <= now))
    day = stand(box, budget(limit="0.0021"), now, MADRID)
    assert day.spent == 2 * PRICE and day.outlook is not None
    assert day.outlook.p50 == day.outlook.p80 == 4 * PRICE
    assert day.outlook.at_ms == at("2026-11-19", MADRID)
    assert day.outlook.crosses_ms == at("2026-11-18 20:00", MADRID)
    for unit, one in (("tokens", 110), ("requests", 1)):
        for period, many in (("day", 4), ("week", 28), ("month", 120)):
            found = stand(box, budget(unit, period, limit=10**6), now, MADRID)
            assert found.outlook is not None, (unit, period)
            assert found.outlook.p50 == many * one, (unit, period)
    for period in ("5h", "session", "turn"):
        assert stand(box, budget(period=period), now, MADRID).outlook is None
    main = stand(box, budget("requests", scope="agent:main", limit=9), now, MADRID)
    assert main.outlook is not None and main.outlook.p50 == 4


def test_forecasts_are_silent_where_little_is_known(box: Box) -> None:
    now = at("2026-11-18 13:00")
    write(box, 1, [now - back * 24 * HOUR for back in reversed(range(9))])
    found = stand(box, budget(), now)
    assert found.outlook is None and found.spent == PRICE


# rest ---------------------------------------------------------------------------------------


def test_what_needs_details() -> None:
    assert not needs_details([budget(), budget("tokens", "session"), budget("requests", "5h")])
    assert needs_details([budget(), budget(period="turn")])
    assert needs_details([budget("agents")]) and needs_details([budget("window-percent", "5h")])


def test_who_needs_no_outlooks_has_none_made(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now - (9 - minute) * MINUTE for minute in range(9)])
    desk = Desk.open(box.folder, now_ms=now).read()
    every = [budget(period=period) for period in ("day", "week", "5h", "session", "turn")]
    whole = standings(desk.ledger, every, now, UTC, nobody)
    assert [each.outlook is not None for each in whole] == [False, False, True, True, False]
    monkeypatch.setattr(answers, "Outlooks", None)
    found = standings(desk.ledger, every, now, UTC, nobody, outlooks=False)
    assert found == tuple(each._replace(outlook=None, others=()) for each in whole)
    desk.close()


def test_the_worst_state_of_several(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now])
    desk = Desk.open(box.folder, now_ms=now).read()
    every = [budget(limit=PRICE * 2, warn=Decimal("0.5")), budget(), budget(limit=PRICE)]
    found = standings(desk.ledger, every, now, UTC, nobody)
    assert [each.state for each in found] == [State.WARNING, State.OK, State.EXCEEDED]
    assert (worst(found), worst(found[:2]), worst(found[1:2])) == (
        State.EXCEEDED,
        State.WARNING,
        State.OK,
    )
    desk.close()


def test_a_clock_that_is_wrong_does_no_harm(box: Box) -> None:
    now = at("2026-11-18 12:00")
    write(box, 1, [now])
    assert stand(box, budget("requests", limit=9), at("2026-11-17 23:59")).spent == 0
    assert stand(box, budget("requests", limit=9), at("2026-11-18 00:00")).spent == 1
    assert stand(box, budget("requests", limit=9), at("1970-01-02")).spent == 0
    assert stand(box, budget("requests", limit=9), at("2199-01-01")).spent == 0


def test_allowances_hold_until_they_are_over(box: Box) -> None:
    desk = Desk.open(box.folder)
    assert stored.allowances(desk.ledger, 0) == []
    for made in ((1, 100, None), (2, 50, None), (3, None, "s1"), (4, None, "s1"), (5, 9, None)):
        stored.allow(desk.ledger, stored.Allowance(*made))
    found = stored.allowances(desk.ledger, 60)
    assert [(each.until_ms, each.session_id) for each in found] == [(100, None), (None, "s1")]
    assert [each.session_id for each in stored.allowances(desk.ledger, 100)] == ["s1"]
    desk.close()
