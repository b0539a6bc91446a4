"""A client without hooks tells that a turn has ended: the monitor looks at once."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, write
from tokenwatch import crank
from tokenwatch import monitor as monitors
from tokenwatch.guard import record
from tokenwatch.monitor import Monitor
from tokenwatch.snapshot import Snapshot

Pictures = queue.SimpleQueue[Snapshot]


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pictures]:
    """Run a monitor that nobody tells of changes, and that would look for them in a month."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no watches left")

    monkeypatch.setattr("watchfiles.watch", broken)
    monkeypatch.setattr(monitors, "TICK_S", 0.02)
    monkeypatch.setattr(crank, "LOOK_SHARE_BLIND", 1e-12)
    write(log_path(tmp_path), answer("1", at_ms=NOW_MS - 60_000))
    monitor = Monitor(
        tmp_path / "data" / "ledger.sqlite", cases.roots_of(tmp_path), cases.book(),
        titles="full", zone=cases.UTC, zone_name="UTC", now=lambda: NOW_MS,
    )  # fmt: skip
    found: Pictures = queue.SimpleQueue()
    monitor.start(found.put)
    yield found
    monitor.stop()


def until(pictures: Pictures, requests: int) -> None:
    while pictures.get(timeout=60).today.requests != requests:
        pass


def test_a_notice_lets_the_monitor_look(pictures: Pictures, tmp_path: Path) -> None:
    until(pictures, 1)
    for number in (2, 3):
        write(log_path(tmp_path), answer(str(number), at_ms=NOW_MS))
        record.wake(str(tmp_path / "data"))
        until(pictures, number)


def test_where_nobody_was_woken_that_is_said(tmp_path: Path) -> None:
    at = str(tmp_path / "new")
    assert record.woken_ns(at) == 0
    record.wake(at)
    first = record.woken_ns(at)
    assert first > 0
    record.wake(at)
    assert record.woken_ns(at) >= first
