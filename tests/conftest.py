"""Every test gets a home, settings and a ledger of its own, in UTC."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_OURS = ("TOKENWATCH_", "CLAUDE_", "CODEX_", "XDG_")


@pytest.fixture(autouse=True)
def sandbox(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Point HOME and all our variables into an empty folder, which is returned."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_OURS) and name != "TOKENWATCH_TEST_ALL":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in {
        "HOME": "",
        "TOKENWATCH_DATA_DIR": "data",
        "TOKENWATCH_CONFIG_DIR": "config",
        "CLAUDE_CONFIG_DIR": ".claude",
        "CODEX_HOME": ".codex",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("TOKENWATCH_OFFLINE", "1")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield home
    monkeypatch.undo()
    time.tzset()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose program is missing, by name; with TOKENWATCH_TEST_ALL=1 it fails."""
    for marker in item.iter_markers("program"):
        (name,) = marker.args
        if shutil.which(name) is None:
            if os.environ.get("TOKENWATCH_TEST_ALL") == "1":
                pytest.fail(f"{name} is not installed, and TOKENWATCH_TEST_ALL=1 lets nothing out")
            pytest.skip(f"needs {name}, which is not installed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out for want of a program."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = sorted({str(r.longrepr[2]) for r in skipped if isinstance(r.longrepr, tuple)})
    for reason in missing:
        count = sum(isinstance(r.longrepr, tuple) and r.longrepr[2] == reason for r in skipped)
        terminalreporter.write_line(f"left out: {count} tests ({reason.removeprefix('Skipped: ')})")
