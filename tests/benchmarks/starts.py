"""Measures of what is started often: `--version`, and what clients start while a user waits."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.homes import Place, Tool
from tests.benchmarks.process import Failed, Run
from tests.benchmarks.results import Row, middle
from tokenwatch.guard.state import MONITOR, state, write

STARTS = 4
"""A start takes so little that it is measured so many times as often."""
TARGET = 3.0
"""How many of Python's own starts each may take."""
_EVENT = {
    "session_id": "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11",
    "cwd": "/home/dev/app",
    "permission_mode": "default",
}
PROMPT = _EVENT | {"hook_event_name": "UserPromptSubmit", "prompt": "go on"}
TOOL = _EVENT | {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}}
LINE = _EVENT | {
    "version": "2.1.330",
    "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
    "cost": {"total_cost_usd": 6.8401, "total_duration_ms": 45000},
    "context_window": {"context_window_size": 1_000_000, "used_percentage": 8},
    "rate_limits": {"five_hour": {"used_percentage": 62.4, "resets_at": 4_000_000_000}},
}
"""What Claude Code tells its status line."""


def start_rows(place: Place, command: Sequence[str], number: int) -> list[Row]:
    """Measure starts beside Python's own, in turns.

    The hooks find a state that a monitor has just written, in which nothing is over.
    """
    ours = place.tokenwatch(command, "start")
    python = place.tool("python", [sys.executable, "-c", "pass"])
    starts: dict[str, Callable[[], Run]] = {
        "--version": lambda: ours.run("--version", sampled=False),
        "statusline": lambda: ours.run("statusline", sampled=False, given=_words(LINE)),
        "hook, a prompt": lambda: _hook(ours, PROMPT),
        "hook, a tool": lambda: _hook(ours, TOOL),
        "python": lambda: python.run(sampled=False),
    }
    walls: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(number * STARTS):
        for name, start in starts.items():
            run = start()
            if run.code or (run.out.strip() == "") != (name.startswith(("hook", "python"))):
                raise Failed(f"{name} ended {run.code}: {run.out}{run.err}")
            walls[name].append(run.wall_s)
    python_s = middle(walls.pop("python"))
    return [
        Row(
            what=f"{name}, wall", unit="s", value=middle(seconds), against="python -c pass",
            beside=python_s, target=TARGET,
        )
        for name, seconds in walls.items()
    ]  # fmt: skip


def _hook(ours: Tool, event: dict[str, Any]) -> Run:
    now_ms = time.time_ns() // 1_000_000
    fresh = state(at_ms=now_ms, by=MONITOR, over_budget="block", loops="ask")
    write(str(ours.home / "data"), fresh)
    return ours.run("hooks", "run", sampled=False, given=_words(event))


def _words(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
