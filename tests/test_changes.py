"""What the system tells of logs that change, where folders come and go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, prompt, write
from tokenwatch.changes import Changes

PATIENCE_S = 60.0
Watched = tuple[Changes, threading.Event]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Changes below a home in which Claude Code has no folder of logs yet."""
    (tmp_path / ".claude" / "sessions").mkdir(parents=True)
    roots = cases.roots_of(tmp_path)
    told, stop = threading.Event(), threading.Event()
    changes = Changes(lambda: roots, told.set)
    thread = threading.Thread(target=changes.run, args=(stop,), daemon=True)
    thread.start()
    yield changes, told
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive() and not changes.is_watching


def test_a_folder_that_comes_is_told_and_watched_as_well(watched: Watched, tmp_path: Path) -> None:
    """A client makes its folder of logs with its first session."""
    changes, told = watched
    while not changes.is_watching:
        told.wait(0.01)
    assert not changes.is_new
    log = log_path(tmp_path)
    write(log, prompt(at_ms=NOW_MS))
    while not changes.is_new:
        assert told.wait(PATIENCE_S)
        told.clear()
    found: set[str] = set()
    while str(log) not in found:
        write(log, answer("1", at_ms=NOW_MS))
        told.wait(0.2)
        told.clear()
        found |= changes.take()
    assert not changes.take() & found


def test_where_the_system_cant_tell_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()

    def broken(*_: Any, **__: Any) -> None:
        stop.set()
        raise RuntimeError("no watches left")

    monkeypatch.setattr("watchfiles.watch", broken)
    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    roots = cases.roots_of(tmp_path)
    changes = Changes(lambda: roots, lambda: None)
    changes.run(stop)
    assert not changes.is_watching and "no watches left" in caplog.text
