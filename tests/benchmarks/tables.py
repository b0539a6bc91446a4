"""Measures of the Live screen with very many sessions, in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from itertools import cycle

from tests.benchmarks.results import Row, middle
from tests.factories import NOW_MS, FakeFeed, agent, session, snapshot
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.messages import FilterChanged

SESSIONS = 10_000
AT_ONCE_S = 0.05


def many() -> Snapshot:
    """Return a snapshot of 10,000 sessions."""
    rows = []
    for number in range(SESSIONS):
        key = f"session-{number:05}"
        own = agent(key, 1 + number * 37 % 9_000, source=("claude-code", "codex")[number % 2])
        project = f"/home/dev/project-{number % 300}"
        rows.append(session(key, f"task {number * 7919 % SESSIONS}", project, [own]))
    return snapshot(sessions=tuple(rows), sessions_in_all=SESSIONS)


def table_rows(number: int) -> list[Row]:
    """Measure moving, sorting, filtering and a new picture, drawing of all lines included."""
    return asyncio.run(_measure(number))


async def _measure(number: int) -> list[Row]:
    shown = many()
    app = TokenwatchApp(
        FakeFeed(shown), now=lambda: NOW_MS, zone=UTC, environment={"HOME": "/home/dev", "PATH": ""}
    )
    app.animation_level = "none"
    walls: dict[str, list[float]] = {}
    async with app.run_test(size=(120, 36)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        live, table = app.live, app.live.sessions
        newer = replace(shown, sessions=tuple(replace(row) for row in shown.sessions))
        steps: dict[str, Callable[[], object]] = {
            "move": lambda: table.action_move(1),
            "page": lambda: table.action_page(2),
            "sort": live.action_sort,
            "filter": lambda: live.on_filter_changed(FilterChanged(f"task {next(digits)}")),
            "no filter": lambda: live.on_filter_changed(FilterChanged("")),
            "new picture": lambda: live.show(next(pictures)),
        }
        # In each of them, no row is the one that was shown before.
        pictures = cycle((newer, shown))
        digits = iter(range(number * 20))
        for _ in range(number * 2):
            for what, step in steps.items():
                started = time.perf_counter()
                step()
                for y in range(table.content_size.height):
                    table.render_line(y)
                walls.setdefault(what, []).append(time.perf_counter() - started)
                await pilot.pause()
    return [
        Row(
            what=f"10,000 sessions: {what}", unit="s", value=middle(seconds),
            target=AT_ONCE_S,
        )
        for what, seconds in walls.items()
    ]  # fmt: skip
