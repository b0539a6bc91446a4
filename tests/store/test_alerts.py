"""The inbox, snoozes and memories, as the ledger keeps them."""

from __future__ import annotations

from pathlib import Path

from tokenwatch.alert import Alert, AlertKind, How, Severity
from tokenwatch.store import alerts
from tokenwatch.store.ledger import Ledger

DAY_MS = 86_400_000


def _alert(
    key: str = "budget/daily/2026-11-30",
    at_ms: int = 1000,
    severity: Severity = Severity.WARNING,
    how: How = How.TOLD,
) -> Alert:
    return Alert(key, AlertKind.BUDGET, severity, at_ms, "80 % used", "look", 80, "s1", how)


def _ledger(folder: Path) -> Ledger:
    return Ledger.open(folder / "ledger.sqlite")


def _added(ledger: Ledger, *given: Alert) -> list[int]:
    with ledger.transaction():
        return alerts.add(ledger, given)


def test_the_inbox_shows_the_latest_first(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    first, second = _added(ledger, _alert(), _alert("loop/x", 2000))
    found = alerts.inbox(ledger, 10)
    assert [each.number for each in found] == [second, first]
    assert found[1].alert == _alert()
    assert alerts.inbox(ledger, 1)[0].number == second


def test_what_was_just_told_is_neither_older_nor_later_nor_kept(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    kept = _alert("kept", 2000, how=How.DIGESTED)
    old, told, later = _alert("old", 1999), _alert("told", 2000), _alert("later", 3001)
    _added(ledger, old, told, kept, later)
    assert [each.alert for each in alerts.just_told(ledger, 2000, 3000)] == [told]
    assert alerts.last_before(ledger, 2000) == 1 and alerts.last_before(ledger, 0) == 0
    assert alerts.name_of(ledger, 2) == "told" and alerts.name_of(ledger, 9) is None


def test_how_channels_did_is_told_once_each(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    (number,) = _added(ledger, _alert())
    alerts.delivered(ledger, number, "webhook", "answered 500")
    alerts.delivered(ledger, number, "desktop", "")
    alerts.delivered(ledger, number, "webhook", "")
    alerts.delivered(ledger, number + 1, "webhook", "")
    assert alerts.inbox(ledger, 1)[0].deliveries == (("desktop", ""), ("webhook", ""))


def test_channels_fail_until_they_work_again(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    first, second = _added(ledger, _alert(), _alert("loop/x", 2000))
    alerts.delivered(ledger, first, "webhook", "answered 500")
    alerts.delivered(ledger, first, "command", "ended with 3")
    alerts.delivered(ledger, second, "webhook", "")
    assert alerts.failing(ledger) == {"command": "ended with 3"}


def test_a_test_of_a_channel_counts_like_an_alert(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    (number,) = _added(ledger, _alert(at_ms=1000))
    alerts.delivered(ledger, number, "webhook", "answered 500")
    alerts.delivered(ledger, number, "command", "")
    alerts.keep_trials(ledger, {"webhook": "", "command": "ended with 3"}, 2000)
    assert alerts.trials(ledger) == {"webhook": (2000, ""), "command": (2000, "ended with 3")}
    assert alerts.failing(ledger) == {"command": "ended with 3"}
    alerts.keep_trials(ledger, {"desktop": "there is no session bus"}, 2500)
    assert list(alerts.failing(ledger)) == ["command", "desktop"]
    (later,) = _added(ledger, _alert("loop/x", 3000))
    alerts.delivered(ledger, later, "command", "")
    alerts.delivered(ledger, later, "webhook", "answered 404")
    assert alerts.failing(ledger) == {
        "webhook": "answered 404",
        "desktop": "there is no session bus",
    }


def test_what_is_on_its_way_to_a_channel_is_told_for_a_while(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    with ledger.transaction():
        alerts.add(ledger, [_alert(at_ms=1000)], [("command", alerts.UNDER_WAY)])
    (only,) = alerts.inbox(ledger, 9)
    late_ms = 1000 + alerts.UNDER_WAY_MS
    told = [alerts.is_under_way(only, alerts.UNDER_WAY, at) for at in (1000, late_ms, late_ms + 1)]
    assert told == [True, True, False]
    assert not alerts.is_under_way(only, "ended with 3", 1000)


def test_what_nobody_has_seen_is_counted(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    numbers = _added(
        ledger,
        _alert(),
        _alert(how=How.QUIET),
        _alert(how=How.SNOOZED),
        _alert(severity=Severity.CRITICAL),
        _alert(severity=Severity.INFO),
    )
    assert alerts.unseen(ledger) == (2, 1)
    assert alerts.see(ledger, numbers[:1], 5000) == 1
    assert alerts.see(ledger, numbers[:1], 6000) == 0
    assert alerts.unseen(ledger) == (1, 1)
    assert alerts.see(ledger, [], 6000) == 0
    assert alerts.see(ledger, None, 7000) == 4
    assert {each.seen_ms for each in alerts.inbox(ledger, 9)} == {5000, 7000}


def test_what_nobody_has_seen_is_counted_without_looking_at_the_inbox(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    asked: list[str] = []
    ledger.sql.set_trace_callback(asked.append)
    alerts.unseen(ledger)
    ledger.sql.set_trace_callback(None)
    steps = [
        tuple(row)[3] for each in asked for row in ledger.sql.execute(f"EXPLAIN QUERY PLAN {each}")
    ]
    assert {step for step in steps if "alerts" in step} == {
        "SEARCH alerts USING INDEX alerts_unseen (severity=?)"
    }


def test_what_has_ended_is_over_once(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    _added(ledger, _alert("a"), _alert("b"))
    for now_ms in (3000, 4000):
        with ledger.transaction():
            alerts.over(ledger, ["a"], now_ms)
    assert {each.alert.key: each.over_ms for each in alerts.inbox(ledger, 9)} == {
        "a": 3000,
        "b": None,
    }


def test_what_is_told_counts_for_an_hour_and_leaves_after_months(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    _added(ledger, _alert("a", 1000), _alert("b", 2000), _alert("c", 3000, how=How.DIGESTED))
    assert alerts.told_since(ledger, 1500) == ([2000], [])
    with ledger.transaction():
        alerts.forget_old(ledger, 90 * DAY_MS + 1500)
    assert [each.alert.key for each in alerts.inbox(ledger, 9)] == ["c", "b"]


def test_snoozes_end(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    alerts.snooze(ledger, "loop", 5000)
    alerts.snooze(ledger, "budget/daily", 9000)
    alerts.snooze(ledger, "loop", 6000)
    assert alerts.snoozes(ledger, 4000) == {"loop": 6000, "budget/daily": 9000}
    assert alerts.snoozes(ledger, 6000) == {"budget/daily": 9000}
    alerts.snooze(ledger, "budget/daily", None)
    assert alerts.snoozes(ledger, 0) == {"loop": 6000}


def test_snoozes_that_have_ended_leave_with_old_alerts(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    for name, until_ms in (("loop", 5000), ("cache", 6000), ("budget/daily", 6001)):
        alerts.snooze(ledger, name, until_ms)
    with ledger.transaction():
        alerts.forget_old(ledger, 6000)
    assert alerts.snoozes(ledger, 0) == {"budget/daily": 6001}


def test_memories_are_kept_and_let_go(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    for changed in ({"a": "1", "b": "2"}, {"a": None, "b": "3", "c": None}):
        with ledger.transaction():
            alerts.remember(ledger, changed)
    assert alerts.memories(ledger) == {"b": "3"}
