"""Where budgets of sessions, turns and the last five hours go: at which pace, and to when."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.answers.test_budgets import PRICE, UTC, another, at, budget, nobody, stand, write
from tests.cases import Desk
from tests.cli.box import Box
from tests.cli.wasteful import Story
from tokenwatch.answers.budget_outlooks import Outlook, OwnPace
from tokenwatch.answers.budgets import standings
from tokenwatch.config.budgets import Budget
from tokenwatch.store import budgets as stored

MINUTE, HOUR = 60_000, 3_600_000
NOW = at("2026-11-18 12:00")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def ago(*minutes: int) -> list[int]:
    """Return so many minutes before now, the earliest first."""
    return [NOW - each * MINUTE for each in sorted(minutes, reverse=True)]


def outlook(box: Box, of: Budget, now_ms: int = NOW) -> Outlook | None:
    return stand(box, of, now_ms).outlook


# sessions -----------------------------------------------------------------------------------


def test_a_session_goes_on_at_its_pace(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)))
    found = outlook(box, budget(period="session", limit=12 * PRICE))
    own = OwnPace(60 * PRICE, 8, NOW - MINUTE, another(1))
    assert found == Outlook(None, None, None, NOW + 4 * MINUTE, own)
    for unit, one in (("tokens", 110), ("requests", 1)):
        told = outlook(box, budget(unit, "session", limit=12 * one))
        assert told is not None and told.pace is not None
        assert (told.crosses_ms, told.pace.per_hour) == (NOW + 4 * MINUTE, 60 * one)


def test_a_limit_that_is_reached_or_far_off_leaves_the_pace_alone(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)))
    for limit in (8 * PRICE, PRICE, 309 * PRICE, 10**12):
        found = outlook(box, budget(period="session", limit=limit))
        assert found is not None and found.pace is not None and found.crosses_ms is None
    near = outlook(box, budget(period="session", limit=308 * PRICE))
    assert near is not None and near.crosses_ms == NOW + 5 * HOUR
    # A limit between two amounts is reached by the higher one.
    bit = outlook(box, budget(period="session", limit=12 * PRICE + Decimal("1e-12")))
    assert bit is not None and bit.crosses_ms == NOW + 4 * MINUTE + 1


@pytest.mark.parametrize(
    "minutes",
    [range(1, 5), range(10, 30), (1, 2, 3, 4, 61), range(61, 90)],
    ids=["few minutes", "at rest", "an hour ago", "long ago"],
)
@pytest.mark.parametrize("period", ["session", "turn", "5h"])
def test_where_little_goes_on_nothing_is_said(
    box: Box, minutes: Iterable[int], period: str
) -> None:
    write(box, 1, ago(*minutes))
    assert outlook(box, budget(period=period, limit=100)) is None


def test_what_is_unpriced_has_tokens_but_no_dollars(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)), model="mystery-9")
    assert outlook(box, budget(period="session", limit=100)) is None
    assert outlook(box, budget(period="5h", limit=100)) is None
    assert outlook(box, budget("tokens", "session", limit=10**6)) is not None


def test_the_session_that_reaches_the_limit_first_is_the_one_that_is_told_of(box: Box) -> None:
    # The highest is at rest; of the other two one is higher, the other twice as fast.
    write(box, 1, ago(*range(200, 240)))
    write(box, 2, ago(*range(1, 13)))
    write(box, 3, sorted([*ago(*range(1, 6)), *ago(*range(1, 6))]))
    found = stand(box, budget("requests", "session", limit=100), NOW)
    assert (found.spent, found.session_id) == (Decimal(40), another(1))
    assert found.outlook is not None and found.outlook.pace is not None
    assert found.outlook.pace.session_id == another(3)
    assert found.outlook.crosses_ms == NOW + 45 * MINUTE
    (other,) = found.others
    assert other.pace is not None and other.pace.session_id == another(2)
    assert other.crosses_ms == NOW + 88 * MINUTE
    # A limit near by is reached by the higher one first; one far off by none.
    near = outlook(box, budget("requests", "session", limit=13))
    assert near is not None and near.pace is not None
    assert (near.pace.session_id, near.crosses_ms) == (another(2), NOW + MINUTE)
    far = outlook(box, budget("requests", "session", limit=10**6))
    assert far is not None and far.pace is not None
    assert (far.pace.session_id, far.crosses_ms) == (another(2), None)


def test_a_scope_has_the_pace_of_what_it_names(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)), cwd="/home/dev/api")
    write(box, 2, ago(*range(1, 7)), cwd="/home/dev/web", model="claude-haiku-4-5")
    for scope, session, minutes in (
        ("all", 1, 8),
        ("project:/home/dev/web", 2, 6),
        ("model:haiku", 2, 6),
        ("agent:main", 1, 8),
        ("source:claude-code", 1, 8),
        (f"session:{another(2)[:8]}", 2, 6),
    ):
        found = outlook(box, budget("requests", "session", scope, limit=10**6))
        assert found is not None and found.pace is not None, scope
        assert (found.pace.session_id, found.pace.active_minutes) == (another(session), minutes)
    for scope in ("source:codex", "agent:explore", "model:sonnet-9", "session:zz"):
        assert outlook(box, budget("requests", "session", scope, limit=10**6)) is None


# turns --------------------------------------------------------------------------------------


def turns(box: Box) -> Desk:
    """Return a session with two turns of six answers, one a minute; the second one goes on."""
    story = Story(another(1), at_ms=NOW - 13 * MINUTE)
    for text in ("first", "second"):
        story.prompt(text)
        for _ in range(6):
            story.wait(1).answer()
            story.records[-1]["message"]["stop_reason"] = "tool_use"
    story.write(box.claude)
    return Desk.open(box.folder, now_ms=NOW).read()


def of_turn(desk: Desk, limit: int = 10, scope: str = "all") -> Outlook | None:
    of = budget("requests", "turn", scope, limit=limit)
    return standings(desk.ledger, [of], NOW, UTC, nobody)[0].outlook


def test_a_turn_has_the_pace_of_its_own_minutes(box: Box) -> None:
    desk = turns(box)
    found = of_turn(desk)
    assert found is not None and found.pace is not None
    # The session had twice as many.
    assert found.pace == OwnPace(Decimal(60), 6, found.pace.last_ms, another(1))
    assert found.crosses_ms == NOW + 4 * MINUTE
    whole = budget("requests", "session", limit=16)
    (session,) = standings(desk.ledger, [whole], NOW, UTC, nobody)
    assert session.outlook is not None and session.outlook.pace is not None
    assert session.outlook.pace.active_minutes == 12
    assert of_turn(desk, scope="model:haiku") is None
    desk.close()


def test_a_turn_that_has_ended_goes_on_no_more(box: Box) -> None:
    desk = turns(box)
    last = desk.ledger.sql.execute("SELECT max(at_ms) FROM requests").fetchone()[0]
    for ended_ms, goes_on in ((last, False), (last + 1, False), (last - 1, True)):
        # What comes after the end is of agents in the background.
        with desk.ledger.transaction():
            desk.ledger.sql.execute("UPDATE turns SET ended_ms = ?", (ended_ms,))
        assert (of_turn(desk) is not None) is goes_on
    desk.close()


def test_prompts_that_follow_each_other_make_no_pace(box: Box) -> None:
    write(box, 1, ago(*range(1, 20)))
    assert outlook(box, budget("requests", "session", limit=100)) is not None
    assert outlook(box, budget("requests", "turn", limit=100)) is None


# the last five hours ------------------------------------------------------------------------


def test_the_last_five_hours_go_on_at_the_pace_of_all(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)))
    write(box, 2, ago(*range(3, 11)))
    found = outlook(box, budget("requests", "5h", limit=20))
    assert found is not None and found.pace is not None
    assert found.pace.session_id is None and found.pace.active_minutes == 10
    assert 60 < found.pace.per_hour < 120
    left = 4 * HOUR / float(found.pace.per_hour)
    assert found.crosses_ms is not None and abs(found.crosses_ms - NOW - left) <= 1
    for scope in ("project:/home/dev/api", "source:codex", "model:haiku", "agent:explore"):
        assert outlook(box, budget("requests", "5h", scope, limit=20)) is None


@pytest.mark.parametrize("scope", ["all", "project:/home/dev", "source:claude-code", "model:opus"])
def test_what_leaves_the_five_hours_puts_the_limit_off(box: Box, scope: str) -> None:
    old = [NOW - 5 * HOUR + minute * MINUTE for minute in (1, 1, 1, 2, 2, 2)]
    write(box, 1, [*old, *ago(*range(1, 9))], cwd="/home/dev")
    # 14 count now. Without what leaves it would be two minutes; six leave within these.
    found = outlook(box, budget("requests", "5h", scope, limit=16))
    assert found is not None and found.crosses_ms == NOW + 8 * MINUTE
    soon = outlook(box, budget("requests", "5h", scope, limit=15))
    assert soon is not None and soon.crosses_ms == NOW + 7 * MINUTE
    assert outlook(box, budget("requests", "5h", "model:haiku", limit=16)) is None


def test_at_one_pace_the_last_five_hours_never_reach_more_than_they_hold(box: Box) -> None:
    write(box, 1, ago(*range(1, 200)))
    never = outlook(box, budget("requests", "5h", limit=302))
    assert never is not None and never.pace is not None and never.crosses_ms is None
    reached = outlook(box, budget("requests", "5h", limit=299))
    assert reached is not None and reached.crosses_ms == NOW + 100 * MINUTE


# cost and clocks ----------------------------------------------------------------------------


def test_where_nothing_goes_on_nothing_is_asked_for(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("minutes are asked for of what goes on alone")

    monkeypatch.setattr(stored, "minutes", refuse)
    write(box, 1, ago(*range(20, 60)))
    for period in ("session", "turn", "5h"):
        assert stand(box, budget("requests", period, limit=99), NOW).outlook is None


def test_only_the_last_hour_of_what_goes_on_is_read(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, object]] = []
    minutes = stored.minutes

    def note(ledger: Any, since_ms: int, now_ms: int, **more: Any) -> list[stored.Minute]:
        asked.append((since_ms, more.get("sessions")))
        return minutes(ledger, since_ms, now_ms, **more)

    monkeypatch.setattr(stored, "minutes", note)
    write(box, 1, ago(*range(1, 9)))
    write(box, 2, ago(*range(100, 109)))
    assert stand(box, budget("requests", "session", limit=99), NOW).outlook is not None
    assert stand(box, budget("requests", "5h", limit=10**6), NOW).outlook is not None
    assert [since for since, _ in asked] == [NOW - HOUR] * 2
    assert asked[1][1] is None and len(asked[0][1]) == 1  # type: ignore[arg-type]


def test_several_budgets_have_each_their_own(box: Box) -> None:
    write(box, 1, ago(*range(1, 9)))
    desk = Desk.open(box.folder, now_ms=NOW).read()
    every = [
        budget("requests", period, limit=limit)
        for period in ("session", "5h")
        for limit in (9, 10, 10**9)
    ]
    found = standings(desk.ledger, every, NOW, UTC, nobody)
    crosses = [each.outlook and each.outlook.crosses_ms for each in found]
    assert crosses == [NOW + MINUTE, NOW + 2 * MINUTE, None] * 2
    desk.close()


@pytest.mark.parametrize("now", ["1970-01-02 00:00", "2026-11-17 12:00", "2199-01-01 00:00"])
def test_a_wrong_clock_says_nothing(box: Box, now: str) -> None:
    write(box, 1, ago(*range(1, 9)))
    for period in ("session", "turn", "5h"):
        assert outlook(box, budget("requests", period, limit=99), at(now)) is None
