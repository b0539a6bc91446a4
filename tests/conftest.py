"""Every test gets a home, settings and a ledger of its own, in UTC."""

from __future__ import annotations

import os
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
