"""What is said where clients ask a guard that stops nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.guard.states import NOW_MS, made, over
from tokenwatch.clients import hooked
from tokenwatch.guard import record, trouble
from tokenwatch.guard.state import HOOK, NAME, write

NO_TOOL = "so no tool is stopped by it"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a guard's folder, where a client asks it."""
    monkeypatch.setattr(hooked, "is_guarded", lambda: True)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("age_ms", "said"),
    [
        (0, ""),
        (120_000, ""),
        (120_001, f"the guard's state is 2 m old, {NO_TOOL}"),
        (-5_000, ""),
        (-5_001, f"the guard's state is from later than now, {NO_TOOL}"),
    ],
)
def test_a_state_that_is_stale_is_told_while_a_monitor_runs(
    at: str, age_ms: int, said: str
) -> None:
    write(at, made(budgets=[over()]))
    assert trouble.of_state(at, NOW_MS + age_ms, is_kept=True) == said
    assert trouble.of_state(at, NOW_MS + age_ms, is_kept=False) == ""
    # This process wrote it, and it runs.
    assert trouble.troubles(at, NOW_MS + age_ms) == [said] * bool(said)


def test_a_state_that_is_not_there_or_broken_is_told(at: str) -> None:
    assert trouble.of_state(at, NOW_MS, is_kept=False) == ""
    assert trouble.of_state(at, NOW_MS, is_kept=True) == (
        "the guard has no state, so no tool is stopped"
    )
    Path(at, NAME).write_text("{")
    for is_kept in (True, False):
        said = trouble.of_state(at, NOW_MS, is_kept=is_kept)
        assert said == f"the guard's state is broken: no JSON, {NO_TOOL}"


def test_a_folder_that_can_not_be_written_is_told(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(at, made())
    monkeypatch.setattr("os.access", lambda *_: False)
    assert trouble.troubles(at, NOW_MS) == [
        "the guard's folder can't be written, so what is spent from now on stops nothing"
    ]


@pytest.mark.parametrize("more", [{"by": HOOK}, {"pid": 2**40}, {"pid": 0}, {"pid": "1"}])
def test_where_no_monitor_runs_an_old_state_is_no_trouble(at: str, more: Any) -> None:
    """The next prompt makes it anew."""
    state: Any = made() | more
    write(at, state)
    assert trouble.troubles(at, NOW_MS + 10**9) == []


def test_a_monitor_that_ended_is_no_trouble(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(at, made())

    def gone(pid: int, _: int) -> None:
        assert pid == os.getpid()
        raise ProcessLookupError

    monkeypatch.setattr("os.kill", gone)
    assert trouble.troubles(at, NOW_MS + 10**9) == []


def test_a_failure_of_today_is_told(at: str) -> None:
    record.failed(at, NOW_MS - 60_000, "OSError: /home/me")
    assert trouble.troubles(at, NOW_MS) == [
        "the guard could not decide and let go on 1 time, the last 1 m ago"
    ]
    assert trouble.troubles(at, NOW_MS + 86_400_000) == []


def test_where_nobody_asks_the_guard_nothing_is_said(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(at, NAME).write_text("{")
    monkeypatch.setattr(hooked, "is_guarded", lambda: False)
    assert trouble.troubles(at, NOW_MS) == []
