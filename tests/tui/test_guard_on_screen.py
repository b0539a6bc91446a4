"""The Budgets screen on a real monitor: what it allows and takes back, and what it says of the
guard."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, write
from tests.tui.conftest import press, settle, text_of
from tokenwatch import crank
from tokenwatch.alerting.look import Wishes
from tokenwatch.config.guard import GuardConfig
from tokenwatch.guard.state import NAME, read
from tokenwatch.monitor import Monitor
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.screens.budgets.guard_line import GuardLine
from tokenwatch.tui.screens.budgets.screen import BudgetsScreen

HOOK = {"hooks": [{"type": "command", "command": "tokenwatch hooks run"}]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with a log, whose Claude Code asks the guard."""
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    write(log_path(tmp_path), answer("1", at_ms=NOW_MS - 60_000))
    hooks = {"UserPromptSubmit": [HOOK], "PreToolUse": [HOOK]}
    (tmp_path / ".claude" / "settings.json").write_text(json.dumps({"hooks": hooks}))
    return tmp_path


@pytest.fixture
def monitor(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """Return one that makes pictures, and the guard's state, more often than others."""
    monkeypatch.setattr(crank, "REBUILD_S", 0.2)
    began = time.monotonic()

    def moving() -> int:
        return NOW_MS + round((time.monotonic() - began) * 1000)

    made = Monitor(
        home / "data" / "ledger.sqlite", cases.roots_of(home), cases.book(), titles="full",
        zone=cases.UTC, zone_name="UTC", now=moving, wishes=Wishes(guard=GuardConfig()),
    )  # fmt: skip
    yield made
    made.stop()


async def until(pilot: Pilot[str], holds: Callable[[], bool]) -> None:
    """Let the monitor and the screen go on until something holds."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        await settle(pilot)
    assert holds(), text_of(pilot)


def app_on(monitor: Monitor, home: Path) -> TokenwatchApp:
    return TokenwatchApp(
        monitor, now=lambda: NOW_MS, zone=cases.UTC, environment={"HOME": str(home), "PATH": ""}
    )


async def test_what_is_allowed_is_taken_back(monitor: Monitor, home: Path) -> None:
    def allowed() -> int:
        state, _ = read(str(home / "data"), NOW_MS)
        return -1 if state is None else len(state["allowances"])

    async with app_on(monitor, home).run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: allowed() == 0)
        await press(pilot, "4", "A", "enter")
        await until(pilot, lambda: allowed() == 1 and "allowed: 1 h" in text_of(pilot))
        screen = pilot.app.screen
        assert isinstance(screen, BudgetsScreen)
        await until(pilot, lambda: screen._limits is not None and bool(screen._limits.allowances))
        await press(pilot, "A", "G", "enter")
        await until(pilot, lambda: allowed() == 0)
        await until(pilot, lambda: "no allowance holds any more" in text_of(pilot))


async def test_a_state_that_can_not_be_written_is_told(monitor: Monitor, home: Path) -> None:
    blocked = home / "data" / NAME
    blocked.mkdir(parents=True)
    async with app_on(monitor, home).run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: monitor.latest() is not None)
        await press(pilot, "4")
        said = " ▲ the guard's state is broken: it is no file, so no tool is stopped by it"
        await until(pilot, lambda: said in text_of(pilot))
        blocked.rmdir()
        await until(pilot, blocked.is_file)
        line = pilot.app.screen.query_one(GuardLine)
        line.ask()
        await until(pilot, lambda: not line.display)
        assert "▲" not in text_of(pilot).splitlines()[1]


async def test_a_hook_that_was_just_installed_finds_a_state(monitor: Monitor, home: Path) -> None:
    settings, state = home / ".claude" / "settings.json", home / "data" / NAME
    hooks = settings.read_text()
    settings.unlink()
    async with app_on(monitor, home).run_test(size=(120, 36)) as pilot:
        await until(pilot, (home / "data" / "now.json").is_file)
        assert not state.exists()
        settings.write_text(hooks)
        await until(pilot, state.is_file)
