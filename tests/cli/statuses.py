"""What Claude Code tells its status line, with invented content."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.cli.box import Box

Told = dict[str, Any]


def told(box: Box, **more: Any) -> Told:
    """Return what is told of a session in the middle of its work; more: other members."""
    found = {
        "session_id": "671842df-0000-4000-8000-000000000001",
        "session_name": "private name",
        "transcript_path": f"{box.claude}/projects/-home-dev-app/671842df.jsonl",
        "cwd": "/home/dev/app",
        "version": "2.1.330",
        "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
        "workspace": {"current_dir": "/home/dev/app", "repo": {"owner": "dev", "name": "app"}},
        "cost": {"total_cost_usd": 6.8401, "total_duration_ms": 45000},
        "context_window": {
            "context_window_size": 1_000_000,
            "used_percentage": 8,
            "current_usage": {
                "input_tokens": 8500,
                "output_tokens": 1200,
                "cache_creation_input_tokens": 5000,
                "cache_read_input_tokens": 67_500,
            },
        },
        "rate_limits": {
            "five_hour": {"used_percentage": 62.4, "resets_at": 4_000_000_000 - 60},
            "seven_day": {"used_percentage": 31, "resets_at": 4_000_000_000 - 60},
        },
    }
    return found | more


def status_line(
    box: Box, given: Told | bytes, *arguments: str, program: list[str] | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the status line on what is told."""
    command = program or [sys.executable, "-m", "tokenwatch"]
    return subprocess.run(
        [*command, "statusline", *arguments],
        env=box.process_environment(NO_COLOR="1") | more,
        input=given if isinstance(given, bytes) else json.dumps(given).encode(),
        capture_output=True,
        timeout=60,
    )


def lines(box: Box) -> list[Told]:
    """Return what was recorded."""
    folder = box.data / "statusline"
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
