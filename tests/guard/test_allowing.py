"""What the user lets go on and takes back, as the Budgets screen writes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import NOW_MS
from tests.guard.states import SESSION, made, over
from tokenwatch.alert import Alert, AlertKind, Severity
from tokenwatch.answers.alerts import limits, see, snooze
from tokenwatch.guard import allowing
from tokenwatch.guard.state import NAME, read, write
from tokenwatch.monitor import Monitor
from tokenwatch.store import alerts, budgets
from tokenwatch.store.budgets import Allowance
from tokenwatch.store.ledger import Ledger

Ask = Callable[..., Any]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.sqlite")


@pytest.fixture
def ask(ledger: Ledger) -> Ask:
    """Ask as a screen does: through the monitor, which shows one state of the ledger."""
    monitor = Monitor(
        ledger.path, (), cases.book(), titles="full", zone=cases.UTC, zone_name="UTC",
        now=lambda: NOW_MS,
    )  # fmt: skip
    return lambda question, **more: monitor.ask(partial(question, **more))


def allowed(folder: Path) -> list[Any]:
    found, why = read(str(folder), NOW_MS)
    assert found is not None, why
    return list(found["allowances"])


def test_a_screen_allows_and_takes_back(ask: Ask, tmp_path: Path) -> None:
    write(str(tmp_path), made(at_ms=NOW_MS, budgets=[over()]))
    ask(allowing.allow_until, until_ms=NOW_MS + 1)
    assert [each.until_ms for each in ask(limits, every=()).allowances] == [NOW_MS + 1]
    assert allowed(tmp_path) == [{"until_ms": NOW_MS + 1, "session_id": None}]
    assert ask(allowing.end_all) == 1
    assert ask(limits, every=()).allowances == ()
    assert allowed(tmp_path) == []
    assert ask(allowing.end_all) == 0


def test_what_a_screen_says_of_alerts_is_kept(ask: Ask, ledger: Ledger) -> None:
    alert = Alert("loop/f", AlertKind.LOOP, Severity.CRITICAL, NOW_MS, "a loop", "stop it")
    with ledger.transaction():
        alerts.add(ledger, [alert])
    assert ask(see, numbers=None) == 1
    ask(snooze, names=["loop"], until_ms=NOW_MS + 1)
    shown = ask(limits, every=())
    assert [each.seen_ms for each in shown.alerts] == [NOW_MS]
    assert shown.snoozes == {"loop": NOW_MS + 1}


def test_one_session_is_taken_back_alone(ledger: Ledger) -> None:
    for session in (None, SESSION, "another"):
        allowing.allow(ledger, Allowance(NOW_MS - 5, None if session else NOW_MS + 5, session))
    assert [each.session_id for each in allowing.end(ledger, NOW_MS, SESSION)] == [SESSION]
    left = [each.session_id for each in budgets.allowances(ledger, NOW_MS)]
    assert left == [None, "another"]
    assert len(allowing.end(ledger, NOW_MS)) == 2
    assert budgets.allowances(ledger, NOW_MS) == []
    assert budgets.allowances(ledger, NOW_MS - 1) != []


def test_a_state_that_can_not_be_changed_stops_no_allowance(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(str(ledger.path.parent), made(at_ms=NOW_MS))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tokenwatch.guard.state.replace", full)
    with caplog.at_level(logging.WARNING):
        allowing.allow(ledger, Allowance(NOW_MS, NOW_MS + 1, None))
    assert "No space left" in caplog.text
    assert len(budgets.allowances(ledger, NOW_MS)) == 1


def test_a_state_is_not_made_younger(ledger: Ledger) -> None:
    folder = ledger.path.parent
    write(str(folder), made(at_ms=NOW_MS - 500_000))
    allowing.allow(ledger, Allowance(NOW_MS, NOW_MS + 1, None))
    assert read(str(folder), NOW_MS) == (None, "stale")
    assert str(NOW_MS - 500_000) in (folder / NAME).read_text()
