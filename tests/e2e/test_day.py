"""An hour of use on the demo's clock: nothing raises, and nothing is left open."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.benchmarks.day import HOUR_MS, ROUND, handles, use


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
async def test_an_hour_of_use_leaves_nothing_open(tmp_path: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}, handles()
    day = await use(1, tmp_path, step_ms=HOUR_MS // (len(ROUND) + 5))
    assert day.pressed > len(ROUND), "every key was pressed"
    # Threads that read for the event loop stay for the next read.
    left = {t.name for t in threading.enumerate() if not t.name.startswith("asyncio_")}
    assert left <= before[0], "a thread goes on"
    assert handles() <= before[1] + 2, "files stay open"
