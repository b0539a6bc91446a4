"""From a picture and the ledger to what is told: once, kept, delivered, and known to the guard."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests import factories
from tests.store.batches import AT_MS, Book, request
from tokenwatch.alert import Alert, AlertKind, How
from tokenwatch.alerting.look import Alerting, Result, Wishes
from tokenwatch.config.alerts import AlertsConfig, QuietHours
from tokenwatch.config.budgets import Budget
from tokenwatch.config.guard import GuardConfig
from tokenwatch.model import State
from tokenwatch.snapshot import Notice, SessionRow, Snapshot
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger

MINUTE = 60_000
NOON_MS = AT_MS + 12 * 3_600_000
HARD = Budget("daily", Decimal("0.000000000001"), hard=True)
SOFT = Budget("tokens", Decimal(20), unit="tokens")


class Desk:
    """Looks at a ledger with one request of today, at any time."""

    def __init__(self, folder: Path, *budgets: Budget, folder_too: bool = True) -> None:
        book = Book(folder)
        book.put("/r/a.jsonl", [request("r1", "a", at_ms=NOON_MS - MINUTE)])
        self.ledger: Ledger = book.ledger
        self.wishes = Wishes(budgets, guard=GuardConfig())
        self.given: list[Alert] = []
        self.results: SimpleQueue[Result] = SimpleQueue()
        self.folder = folder if folder_too else None
        self.rows: list[SessionRow] = []
        self.alerting = self.begin()

    def begin(self, started_ms: int = NOON_MS) -> Alerting:
        """Return what a monitor that is started then would look with."""
        return Alerting(
            self.ledger,
            lambda: self.wishes,
            UTC,
            started_ms,
            deliver=self.given.append,
            results=self.results,
            folder=self.folder,
        )

    def at(self, now_ms: int = NOON_MS, *notices: Notice) -> Snapshot:
        """Look at that time."""
        shown = Snapshot(taken_ms=now_ms, timezone="UTC", notices=notices)
        return self.alerting.look(replace(shown, sessions=tuple(self.rows)), lambda: self.rows)

    def inbox(self) -> list[Alert]:
        """Return the inbox, the latest first."""
        return [each.alert for each in stored.inbox(self.ledger, 100)]


Make = Callable[..., Desk]


@pytest.fixture
def desk(tmp_path: Path) -> Make:
    return lambda *budgets: Desk(tmp_path, *budgets)


def seen(kind: str, key: str = "f1", at_ms: int = NOON_MS) -> Notice:
    return Notice(key=key, session_id="a", kind=kind, text=f"{kind} at db.py", at_ms=at_ms)


def test_a_budget_is_told_once_and_kept(desk: Make) -> None:
    it = desk(HARD)
    shown = it.at()
    (notice,) = shown.notices
    assert notice.kind == "budget" and "Budget daily" in notice.text and notice.alert is not None
    assert shown.unseen == (0, 1)
    assert [alert.key for alert in it.given] == ["budget/daily/2026-11-22"]
    assert [n.key for n in it.at(NOON_MS + MINUTE).notices] == [notice.key]
    assert it.at(NOON_MS + 5 * MINUTE).notices == ()
    assert len(it.given) == 1 and len(it.inbox()) == 1


def test_a_restart_and_a_second_monitor_tell_nothing_again(desk: Make) -> None:
    it = desk(HARD)
    it.at()
    other = it.begin(NOON_MS + MINUTE)
    picture = Snapshot(taken_ms=NOON_MS + MINUTE, timezone="UTC")
    assert other.look(picture, list).notices == ()
    assert len(it.given) == 1
    assert len(it.inbox()) == 1


def test_what_detectors_saw_is_told_in_their_words(desk: Make) -> None:
    it = desk()
    it.at(NOON_MS - MINUTE)
    shown = it.at(
        NOON_MS + 1, seen("loop"), seen("repeated-attempts", "f2"), seen("cache-expires", "f3")
    )
    assert {(n.kind, n.text) for n in shown.notices} == {
        ("loop", "loop at db.py"),
        ("retry", "repeated-attempts at db.py"),
        ("cache", "cache-expires at db.py"),
    }
    assert {n.session_id for n in shown.notices} == {"a"}


def test_nothing_from_before_the_start_is_replayed(desk: Make) -> None:
    it = desk()
    assert it.at(NOON_MS, seen("loop", at_ms=NOON_MS - MINUTE)).notices == ()
    assert it.inbox() == []


def test_kinds_that_are_off_say_nothing(desk: Make) -> None:
    it = desk(HARD)
    it.wishes = it.wishes._replace(alerts=AlertsConfig(off=("budget", "forecast")))
    assert it.at().notices == () and it.inbox() == []


def test_quiet_hours_keep_what_is_not_urgent(desk: Make) -> None:
    it = desk(HARD, SOFT)
    it.wishes = it.wishes._replace(alerts=AlertsConfig(quiet=QuietHours(0, 1439)))
    it.at()
    assert {alert.key.split("/")[1]: alert.how for alert in it.inbox()} == {
        "daily": How.TOLD,
        "tokens": How.QUIET,
    }
    assert len(it.given) == 1


def test_what_is_snoozed_is_only_kept(desk: Make) -> None:
    it = desk(SOFT)
    stored.snooze(it.ledger, "budget", NOON_MS + MINUTE)
    assert it.at().notices == ()
    assert [alert.how for alert in it.inbox()] == [How.SNOOZED]
    assert it.given == []


def test_how_channels_did_is_kept(desk: Make) -> None:
    it = desk(HARD)
    it.at()
    it.results.put(Result(it.given[0], "webhook", "answered 500"))
    it.results.put(Result(it.given[0], "command", ""))
    it.at(NOON_MS + 1001)
    (only,) = stored.inbox(it.ledger, 9)
    assert dict(only.deliveries) == {"webhook": "answered 500", "command": ""}


def test_the_guard_and_status_lines_are_told(desk: Make, tmp_path: Path) -> None:
    it = desk(HARD)
    it.at()
    guard = json.loads((tmp_path / "guard.json").read_text())
    assert [each["name"] for each in guard["budgets"]] == ["daily"]
    assert guard["at_ms"] == NOON_MS and guard["over_budget"] == "block"
    now = json.loads((tmp_path / "now.json").read_text())
    assert now == {"at": NOON_MS, "today": "–", "flags": []}
    assert (tmp_path / "now.json").stat().st_mode & 0o077 == 0


def test_the_demo_writes_nothing(tmp_path: Path) -> None:
    it = Desk(tmp_path, HARD, folder_too=False)
    it.at()
    assert not (tmp_path / "guard.json").exists() and not (tmp_path / "now.json").exists()


def test_a_folder_that_is_gone_does_not_end_the_monitor(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    it = Desk(tmp_path, HARD)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    it.folder = blocked
    it.alerting = it.begin()
    assert len(it.at().notices) == 1
    it.at(NOON_MS + 1001)
    assert len([r for r in caplog.records if "guard goes by" in r.message]) == 1


def test_a_budget_that_is_taken_out_says_nothing_more(desk: Make) -> None:
    it = desk(SOFT)
    it.wishes = it.wishes._replace(budgets=())
    assert it.at().notices == ()
    it.wishes = it.wishes._replace(budgets=(SOFT,))
    assert len(it.at(NOON_MS + 1001).notices) == 1


def test_a_session_with_a_full_context_is_told_of(desk: Make) -> None:
    it = desk()
    row = replace(factories.rich_sessions()[0], id="a", state=State.WORKING, last_ms=NOON_MS)
    it.rows = [replace(row, context_used=190_000, context_limit=200_000)]
    kinds = {notice.kind for notice in it.at().notices}
    assert AlertKind.CONTEXT.value in kinds
