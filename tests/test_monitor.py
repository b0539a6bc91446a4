"""The monitor on a home in which logs grow, vanish and come back."""

from __future__ import annotations

import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from watchfiles import watch

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, prompt, write
from tokenwatch import monitor as monitors
from tokenwatch.alerting.look import Wishes
from tokenwatch.answers import session as answers
from tokenwatch.channels import desktop
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.config.budgets import Budget
from tokenwatch.errors import LedgerNewer, NotFound
from tokenwatch.monitor import Monitor
from tokenwatch.snapshot import Snapshot
from tokenwatch.sources.claude_code import passes
from tokenwatch.store import alerts as stored
from tokenwatch.store import schema
from tokenwatch.store.ledger import Ledger
from tokenwatch.sync import Sync

MINUTE = 60_000


class Show:
    """A monitor, and what it publishes."""

    def __init__(self, home: Path, *, is_watched: bool) -> None:
        self.home = home
        self.is_watched = is_watched
        self.path = home / "data" / "ledger.sqlite"
        self.seen: list[Snapshot] = []
        self._queue: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
        self.monitor = Monitor(
            self.path, cases.roots_of(home), cases.book(), titles="full", zone=cases.UTC,
            zone_name="UTC", now=lambda: NOW_MS,
        )  # fmt: skip

    def start(self) -> None:
        self.monitor.start(self._queue.put)

    def settle(self) -> None:
        """Wait until the watcher, if there is one, is all that tells of changes."""
        while self.is_watched and not self.monitor._changes.is_watching:
            self.monitor._stop.wait(0.01)

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the next snapshot that is as wanted."""
        while True:
            found = self._queue.get()
            self.seen.append(found)
            if wanted(found):
                return found

    def requests(self, number: int) -> Snapshot:
        return self.until(lambda snapshot: snapshot.today.requests == number)

    def ended(self) -> bool:
        return not any(thread.is_alive() for thread in self.monitor._threads)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitors, "TICK_S", 0.02)
    monkeypatch.setattr(monitors, "AGAIN_S", 0.02)


@pytest.fixture(params=["watched", "unwatched"])
def show(
    tmp_path: Path, quick: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Show]:
    """A show on a home with one log; with and without a watcher that works."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no watches left")

    def soon(*folders: str, **options: Any) -> Any:
        return watch(*folders, **(options | {"rust_timeout": 50}))

    is_watched = request.param == "watched"
    monkeypatch.setattr("watchfiles.watch", soon if is_watched else broken)
    home = tmp_path / "home"
    write(log_path(home), prompt(at_ms=NOW_MS - 2 * MINUTE), answer("1", at_ms=NOW_MS - MINUTE))
    made = Show(home, is_watched=is_watched)
    yield made
    made.monitor.stop()
    assert made.ended()


def test_what_is_written_is_shown(show: Show) -> None:
    show.start()
    show.requests(1)
    show.settle()
    path = log_path(show.home)
    write(path, answer("2", at_ms=NOW_MS - 5000))
    found = show.requests(2)
    assert [row.id for row in found.sessions] == ["s1"]
    assert [line.session_id for line in found.activity] == ["s1", "s1"]
    write(log_path(show.home, "s2", "-new-folder"), answer("3", "s2", at_ms=NOW_MS - 4000))
    found = show.requests(3)
    assert {row.id for row in found.sessions} == {"s1", "s2"}
    assert found.sessions_in_all == 2
    assert found.warnings == ()


def test_a_line_is_shown_when_it_is_whole(show: Show) -> None:
    show.start()
    show.requests(1)
    show.settle()
    line = answer("2", at_ms=NOW_MS)
    write(log_path(show.home), line[:80])
    show.monitor.refresh()
    write(log_path(show.home), line[80:])
    show.requests(2)
    assert {snapshot.today.requests for snapshot in show.seen} <= {0, 1, 2}


def test_a_root_that_appears_later(show: Show) -> None:
    shutil.rmtree(show.home / ".claude")
    show.start()
    show.until(lambda snapshot: snapshot.today.requests == 0)
    write(log_path(show.home), answer("1", at_ms=NOW_MS - MINUTE))
    show.requests(1)


def test_logs_that_vanish_stay_in_the_figures(show: Show) -> None:
    show.start()
    show.requests(1)
    show.settle()
    shutil.rmtree(show.home / ".claude")
    write(log_path(show.home, "s2"), answer("2", "s2", at_ms=NOW_MS - 3000))
    found = show.requests(2)
    assert {row.id for row in found.sessions} == {"s1", "s2"}


def test_the_ledger_is_shown_before_any_log_is_read(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.read(show.home).close()
    write(log_path(show.home), answer("2", at_ms=NOW_MS - 5000))
    gate = threading.Event()
    look = Sync.look

    def waits(self: Sync) -> None:
        gate.wait()
        look(self)

    monkeypatch.setattr(Sync, "look", waits)
    show.start()
    first = show.until(lambda _: True)
    assert (first.today.requests, [row.id for row in first.sessions]) == (1, ["s1"])
    gate.set()
    show.requests(2)


def test_the_last_snapshot_is_there_at_once(show: Show) -> None:
    assert show.monitor.latest() is None
    cases.read(show.home).close()
    latest = show.monitor.latest()
    assert latest is not None and latest.today.requests == 1


def test_details_of_a_session(show: Show) -> None:
    show.start()
    show.until(lambda snapshot: bool(snapshot.sessions) and snapshot.sessions[0].turns == 1)
    detail = show.monitor.ask(partial(answers.detail, session_id="s1"))
    assert [turn.spend.requests for turn in detail.turns] == [1]
    asked = partial(answers.requests, session_id="s1", turn_id=detail.turns[0].id)
    assert [request.id for request in show.monitor.ask(asked)] == ["msg_fake000001"]
    with pytest.raises(NotFound, match="unknown"):
        show.monitor.ask(partial(answers.detail, session_id="unknown"))


def test_a_newer_ledger_is_a_warning(show: Show) -> None:
    """And once it is gone the monitor works."""
    cases.read(show.home).close()
    with sqlite3.connect(show.path) as newer:
        newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    newer.close()
    show.start()
    found = show.until(lambda _: True)
    assert len(found.warnings) == 1 and "newer tokenwatch" in found.warnings[0]
    with pytest.raises(LedgerNewer):
        show.monitor.ask(partial(answers.detail, session_id="s1"))
    with sqlite3.connect(show.path) as older:
        older.execute(f"PRAGMA user_version = {schema.VERSION}")
    older.close()
    assert show.requests(1).warnings == ()


def test_a_failure_is_a_warning_and_work_goes_on(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, fails = Sync.look, threading.Event()

    def odd(self: Sync) -> None:
        if not fails.is_set():
            fails.set()
            raise ArithmeticError("no idea")
        look(self)

    monkeypatch.setattr(Sync, "look", odd)
    show.start()
    found = show.until(lambda snapshot: snapshot.warnings != ())
    assert found.warnings == ("ArithmeticError: no idea",)
    assert show.requests(1).warnings == ()


def test_a_file_that_cant_be_read_stops_nothing(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = passes.read

    def failing(log: Any, *more: Any, **named: Any) -> Any:
        if log.path.endswith("bad.jsonl"):
            raise PermissionError(13, "Permission denied")
        return read(log, *more, **named)

    monkeypatch.setattr(passes, "read", failing)
    write(log_path(show.home, "bad"), answer("9", "bad", at_ms=NOW_MS - 3000))
    show.start()
    found = show.requests(1)
    found = found if found.progress is None else show.until(lambda s: s.progress is None)
    write(log_path(show.home), answer("2", at_ms=NOW_MS - 5000))
    show.requests(2)


def test_nothing_is_published_after_the_stop(show: Show) -> None:
    show.start()
    show.requests(1)
    show.settle()
    show.monitor.stop()
    assert show.ended()
    while not show._queue.empty():
        show.until(lambda _: True)
    write(log_path(show.home), answer("2", at_ms=NOW_MS - 5000))
    desk = cases.read(show.home)
    assert desk.rows()["s1"].spend.requests == 2
    assert show._queue.empty()


def test_stopping_interrupts_what_is_read(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read by then is kept, the rest is read by the next one."""
    monkeypatch.setattr(passes, "BATCH_EVENTS", 1)
    for number in range(2, 40):
        write(log_path(show.home, f"s{number}"), answer(f"{number}", f"s{number}", at_ms=NOW_MS))
    show.start()
    show.until(lambda _: True)
    show.monitor.stop()
    desk = cases.read(show.home)
    assert sum(row.spend.requests for row in desk.rows().values()) == 39


@pytest.mark.parametrize("hidden", [True, False])
def test_the_desktop_is_told_what_the_screen_may_show(
    show: Show, hidden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    monkeypatch.setattr(desktop, "send", lambda alert, *_, **__: told.put(alert.text))
    show.monitor.hide(not hidden)
    show.monitor.hide(hidden)
    show.monitor.wish(Wishes((Budget("acme", Decimal("0.000001")),), AlertsConfig(desktop=True)))
    show.start()
    assert ("acme" in told.get(timeout=60)) is not hidden


def test_a_new_budget_is_looked_at_at_once(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing else is news, so that no picture would be due."""
    monkeypatch.setattr("tokenwatch.crank.REBUILD_S", 1e9)
    monkeypatch.setattr("tokenwatch.alerting.look.LOOK_MS", 0)
    show.start()
    show.until(lambda snapshot: snapshot.today.requests == 1 and snapshot.progress is None)
    show.settle()
    show.monitor.wish(Wishes((Budget("daily", Decimal("0.000001")),)))
    found = show.until(lambda snapshot: bool(snapshot.notices))
    assert [notice.kind for notice in found.notices] == ["budget"]


def test_a_channel_that_fails_is_told_on_the_screen(show: Show) -> None:
    budget = Budget("daily", Decimal("0.000001"))
    failing = Wishes((budget,), AlertsConfig(command=("no-such-program",)))
    show.monitor.wish(failing)
    show.start()
    found = show.until(lambda snapshot: bool(snapshot.warnings))
    assert found.warnings == ("alerts: command: there is no program no-such-program",)
    assert [notice.kind for notice in found.notices] == ["budget"]
    show.monitor.wish(failing._replace(alerts=AlertsConfig()))
    assert show.until(lambda snapshot: not snapshot.warnings).today.requests == 1


def test_a_test_of_a_channel_ends_and_brings_the_warning(show: Show) -> None:
    budget = Budget("daily", Decimal("0.000001"))
    show.monitor.wish(Wishes((budget,), AlertsConfig(command=("no-such-program",))))
    ledger = Ledger.open(show.path)
    stored.keep_trials(ledger, {"command": "of before the start"}, NOW_MS)
    show.start()
    warnings = show.until(lambda snapshot: bool(snapshot.warnings)).warnings
    assert warnings == ("alerts: command: there is no program no-such-program",)
    stored.keep_trials(ledger, {"command": ""}, NOW_MS + 1)
    show.until(lambda snapshot: not snapshot.warnings)
    stored.keep_trials(ledger, {"command": "ended with 3"}, NOW_MS + 2)
    warnings = show.until(lambda snapshot: bool(snapshot.warnings)).warnings
    assert warnings == ("alerts: command: ended with 3",)
    ledger.close()
