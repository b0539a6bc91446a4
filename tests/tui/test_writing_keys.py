"""Every key that writes, in the real app on a real monitor, its ledger and its settings' file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

import pytest
from textual.pilot import Pilot

from tests import cases
from tests.cases import NOW_MS
from tests.cli.wasteful import again
from tests.lines import answer, log_path, write
from tests.tui.conftest import press, settle, text_of
from tokenwatch import config, crank
from tokenwatch.cli.live import wishes_of
from tokenwatch.config import Config
from tokenwatch.monitor import Monitor
from tokenwatch.store import alerts, budgets, findings
from tokenwatch.store.ledger import Ledger
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.preferences import Preferences
from tokenwatch.tui.screens.budgets.screen import BudgetsScreen
from tokenwatch.tui.screens.settings.rows import SettingRow
from tokenwatch.tui.screens.settings.screen import SettingsScreen
from tokenwatch.tui.screens.waste.screen import WasteScreen
from tokenwatch.tui.widgets.record_table import RecordTable

T = TypeVar("T")
SETTINGS = """
[[budgets]]
name = "daily"
limit = 0.0001
hard = true
[[budgets]]
name = "tokens"
unit = "tokens"
limit = 10
"""


class Place:
    """A home in which something was spent and wasted, with two budgets that are exceeded."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "config" / "config.toml"
        self.path.parent.mkdir()
        self.path.write_text(SETTINGS)
        write(log_path(home), answer("1", at_ms=NOW_MS - 60_000))
        again().write(home / ".claude")
        self._began = time.monotonic()
        self.monitor = Monitor(
            home / "data" / "ledger.sqlite", cases.roots_of(home), cases.book(), titles="full",
            zone=cases.UTC, zone_name="UTC", now=self.now, wishes=wishes_of(self.settings()),
        )  # fmt: skip

    def now(self) -> int:
        return NOW_MS + round((time.monotonic() - self._began) * 1000)

    def settings(self) -> Config:
        return config.load(self.path)

    def app(self) -> TokenwatchApp:
        def follow(settings: Config) -> tzinfo:
            self.monitor.wish(wishes_of(settings))
            return cases.UTC

        return TokenwatchApp(
            self.monitor,
            now=self.now,
            zone=cases.UTC,
            environment={"HOME": str(self.home), "PATH": ""},
            preferences=Preferences(self.path, self.settings(), hand_on=follow),
        )

    def kept(self, ask: Callable[[Ledger], T]) -> T:
        """Ask the ledger as another process would."""
        ledger = Ledger.open(self.home / "data" / "ledger.sqlite")
        try:
            return ask(ledger)
        finally:
            ledger.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(crank, "REBUILD_S", 0.2)
    return Place(tmp_path)


@asynccontextmanager
async def shown(place: Place, *keys: str) -> AsyncIterator[Pilot[str]]:
    """Run the app until all is read, and press keys; nothing may be refused until the end."""
    app = place.app()
    try:
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await until(pilot, lambda: place.kept(alerts.unseen)[1] > 0)
            await until(pilot, lambda: bool(place.kept(findings.read)))
            await press(pilot, *keys)
            yield pilot
            refused = [note.message for note in app._notifications if note.severity == "error"]
            assert [said for said in refused if not said.startswith("Budget ")] == []
    finally:
        place.monitor.stop()


async def until(pilot: Pilot[str], holds: Callable[[], bool]) -> None:
    """Let the monitor and the screen go on until something holds."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        await settle(pilot)
    assert holds(), text_of(pilot)


async def test_what_is_allowed_seen_and_silent(place: Place) -> None:
    def allowed() -> int:
        return len(place.kept(lambda ledger: budgets.allowances(ledger, place.now())))

    def unseen() -> int:
        return sum(each.seen_ms is None for each in place.kept(lambda it: alerts.inbox(it, 99)))

    def silent() -> int:
        return len(place.kept(lambda ledger: alerts.snoozes(ledger, place.now())))

    async with shown(place, "4") as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, BudgetsScreen)
        await press(pilot, "A", "enter")
        await until(pilot, lambda: allowed() == 1 and "allowed: 1 h" in text_of(pilot))
        await until(pilot, lambda: screen._limits is not None and bool(screen._limits.allowances))
        await press(pilot, "A", "G", "enter")
        await until(pilot, lambda: allowed() == 0)
        await until(pilot, lambda: len(screen.alerts.records) > 1)
        many = unseen()
        await press(pilot, "tab", "m")
        await until(pilot, lambda: unseen() == many - 1)
        await press(pilot, "g", "exclamation_mark", "enter")
        await until(pilot, lambda: silent() == 1)
        await until(pilot, lambda: screen.alerts.records[0].snoozed_ms is not None)
        await press(pilot, "exclamation_mark")
        await until(pilot, lambda: silent() == 0)
        await press(pilot, "M")
        await until(pilot, lambda: unseen() == 0)
        await until(pilot, lambda: "all seen" in text_of(pilot))


async def test_budgets_are_made_changed_and_deleted(place: Place) -> None:
    def limits() -> dict[str, float]:
        return {each.name: float(each.limit) for each in place.settings().budgets}

    async with shown(place, "4") as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, BudgetsScreen)
        await until(pilot, lambda: len(screen.budgets.records) == 2)
        before = limits()
        await press(pilot, "n", *"night", "down", *"20", "enter")
        assert limits() == before | {"night": 20}
        await until(pilot, lambda: [row.key for row in screen.budgets.records][2:] == ["night"])
        await press(pilot, "G", "e", "end", "backspace", "backspace", *"7.5", "enter")
        assert limits() == before | {"night": 7.5}
        told = place.monitor
        await until(
            pilot, lambda: [float(each.limit) for each in told._wishes.budgets][2:] == [7.5]
        )
        await press(pilot, "G", "delete", "y")
        assert limits() == before
        await until(pilot, lambda: len(screen.budgets.records) == 2)


async def test_what_is_said_of_findings(place: Place) -> None:
    def verdicts() -> set[str]:
        return {each.verdict for each in place.kept(findings.verdicts)}

    async with shown(place, "3") as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, WasteScreen)
        await until(pilot, lambda: bool(screen.table.records))
        many = len(screen.table.records)
        await press(pilot, "d")
        await until(pilot, lambda: verdicts() == {"fine"})
        await until(pilot, lambda: len(screen.table.records) == many - 1)
        await press(pilot, "v")
        await until(pilot, lambda: bool(screen.table.records))
        await press(pilot, "d")
        await until(pilot, lambda: verdicts() == set())
        await press(pilot, "v")
        await until(pilot, lambda: len(screen.table.records) == many)
        await press(pilot, "W")
        await until(pilot, lambda: verdicts() == {"waste"})
        await press(pilot, "U")
        await until(pilot, lambda: verdicts() == set())


async def test_a_setting_is_changed(place: Place) -> None:
    async with shown(place, "comma") as pilot:
        assert isinstance(pilot.app.screen, SettingsScreen)
        table: RecordTable[SettingRow] = pilot.app.screen.query_one("#settings-main", RecordTable)
        table._move_to([row.key for row in table.records].index("alerts.bell"))
        await settle(pilot)
        await press(pilot, "enter")
        found = place.settings().alerts
        assert found is not None and not found.bell
        await until(pilot, lambda: not place.monitor._wishes.alerts.bell)
