"""Reading back what a demo wrote."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tokenwatch.demo import Demo

START_MS = 1_795_304_614_123
MINUTE_MS = 60_000
Record = dict[str, Any]


def logs(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and time of everything but the live signs."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name not in ("sessions", "thread-writer-locks")
    }


def records(path: Path) -> list[Record]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(record, dict) for record in found)
    return found


def time_ms(record: Record) -> int:
    moment = datetime.fromisoformat(record["timestamp"])
    return round(moment.timestamp() * 1000)


def claude_logs(demo: Demo) -> list[list[Record]]:
    return [records(path) for path in sorted(demo.claude_root.rglob("*.jsonl"))]


def codex_logs(demo: Demo) -> list[list[Record]]:
    return [records(path) for path in sorted(demo.codex_root.rglob("*.jsonl"))]
