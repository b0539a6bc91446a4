"""A day of use: the demo's clock goes through hours in minutes, and somebody uses every screen.

`python -m tests.benchmarks.day [HOURS]` measures memory and fails where it grows; the tests run an
hour of it. Nothing is drawn on a terminal: Textual's pilot presses the keys.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from textual.pilot import Pilot

from tokenwatch.cli.demo import demo_roots
from tokenwatch.demo import Demo
from tokenwatch.monitor import Monitor
from tokenwatch.pricing import PriceBook
from tokenwatch.tui.app import TokenwatchApp

START_MS = 1_795_246_200_000
"""2026-11-21 07:30:00 UTC."""
HOUR_MS = 3_600_000
STEP_MS = 45_000
"""The demo's clock moves by so much between two keys."""
TARGET = 1.15
SIZES = ((120, 36), (80, 24), (60, 16), (250, 70), (20, 5), (120, 36))
ROUND = (
    *("j", "k", "G", "g", "s", "S", "z", "tab", "z"),
    *("slash", "c", "o", "enter", "escape"),
    *("enter", "j", "enter", "escape", "b", "b", "escape"),
    *("question_mark", "down", "escape", "ctrl+p", "t", "h", "escape"),
    *("i", "escape", "x", "escape", "space", "j", "space", "P", "j", "P"),
    *("2", "j", "s", "slash", "a", "escape", "enter", "escape", "3", "j", "4", "j"),
    *("5", "t", "left_square_bracket", "right_square_bracket", "tab", "6", "7", "plus", "minus"),
    *("comma", "j", "escape", "1", "r"),
)
"""Keys of a user who looks at everything, and changes nothing."""
TABS = ("2", "enter", "escape", "3", "4", "5", "6", "7", "comma", "escape", "1")
"""Keys that go through all screens."""


@dataclass
class Day:
    """What was measured, an entry an hour."""

    resident: list[int] = field(default_factory=list)
    """Bytes."""
    threads: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    pressed: int = 0


def resident() -> int:
    """Return this process's resident memory in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def handles() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def use(hours: float, folder: Path, *, step_ms: int = STEP_MS) -> Day:
    """Use the monitor on the demo for so many hours of its clock. Raises what any screen raises."""
    clock = [START_MS]
    demo = Demo(folder, seed=1, start_ms=START_MS)
    demo.backfill()
    monitor = Monitor(
        folder / "data" / "ledger.sqlite", demo_roots(demo), PriceBook(), titles="full", zone=UTC,
        zone_name="UTC", now=lambda: clock[0], is_demo=True,
    )  # fmt: skip
    app = TokenwatchApp(
        monitor, now=lambda: clock[0], zone=UTC, environment={"PATH": "", "HOME": str(folder)}
    )
    day = Day()
    try:
        async with app.run_test(size=SIZES[0], notifications=True) as pilot:
            await _use(pilot, day, hours, clock, demo, step_ms)
    finally:
        demo.close()
    return day


async def _use(
    pilot: Pilot[str], day: Day, hours: float, clock: list[int], demo: Demo, step_ms: int
) -> None:
    await _acquaint(pilot)
    keys = _keys()
    for hour in range(1, round(hours) + 1):
        while clock[0] < START_MS + hour * HOUR_MS:
            clock[0] += step_ms
            demo.advance(clock[0])
            key = next(keys)
            if key is None:
                width, height = SIZES[day.pressed // len(ROUND) % len(SIZES)]
                await pilot.resize_terminal(width, height)
                await _home(pilot)
            else:
                await pilot.press(key)
            day.pressed += 1
        await _home(pilot)
        await pilot.app.workers.wait_for_complete(
            [w for w in pilot.app.workers if w.group != "feed"]
        )
        day.resident.append(resident())
        day.threads.append(threading.active_count())
        day.handles.append(handles())


async def _acquaint(pilot: Pilot[str]) -> None:
    """Open everything once, and every tab at every size.

    The first hour is too short for that, and the first sight of something is not growth: its code
    is loaded, and the screen stays.
    """
    await pilot.press(*ROUND)
    await _home(pilot)
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await pilot.press(*TABS)
        await _home(pilot)


def _keys() -> Iterator[str | None]:
    """Return the keys of round after round; None between two."""
    while True:
        yield from ROUND
        yield None


async def _home(pilot: Pilot[str]) -> None:
    """Leave whatever is open, and go to Live."""
    while pilot.app.screen.is_modal:
        await pilot.press("escape")
    await pilot.press("escape", "escape", "1")
    await pilot.pause()


def main() -> int:
    """Measure a day; say what was found, and fail where memory grew."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    with tempfile.TemporaryDirectory() as name:
        day = asyncio.run(use(hours, Path(name)))
    first, last = day.resident[0], day.resident[-1]
    for hour, size in enumerate(day.resident, 1):
        print(f"after {hour} h: {size / 1e6:.1f} MB, {day.threads[hour - 1]} threads, "
              f"{day.handles[hour - 1]} files")  # fmt: skip
    print(f"{day.pressed} keys; {last / first:.3f} times the memory of the first hour")
    return int(last > first * TARGET)


if __name__ == "__main__":
    sys.exit(main())
