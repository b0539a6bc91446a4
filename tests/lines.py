"""Lines of a Claude Code log, invented."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

AT_MS = 1_795_305_600_000
"""2026-11-22 00:00 UTC."""
VERSION = "2.1.100"
"""Leaves no sign of a running process, so that age decides what a session does."""


def instant(at_ms: int) -> str:
    """Return a time as logs have it."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def line(**fields: Any) -> bytes:
    """Return a record as a line."""
    return json.dumps(fields).encode() + b"\n"


def prompt(
    text: str = "do it", session: str = "s1", *, at_ms: int = AT_MS, cwd: str = "/home/dev/app"
) -> bytes:
    """Return a typed prompt."""
    return line(
        type="user", uuid=f"u-{session}-{at_ms}", sessionId=session, timestamp=instant(at_ms),
        cwd=cwd, version=VERSION, entrypoint="cli", message={"role": "user", "content": text},
    )  # fmt: skip


def answer(
    id: str,
    session: str = "s1",
    *,
    at_ms: int = AT_MS,
    model: str = "claude-sonnet-4-5-20250929",
    output: int = 100,
    stop: str | None = "end_turn",
    cwd: str = "/home/dev/app",
    **message: Any,
) -> bytes:
    """Return an answer of 10 + 1000 + 200 tokens in and `output` tokens out."""
    return line(
        type="assistant", uuid=f"a-{id}-{session}", sessionId=session, timestamp=instant(at_ms),
        cwd=cwd, version=VERSION, entrypoint="cli",
        message={
            "id": f"msg_fake{id:0>6}", "role": "assistant", "model": model, "stop_reason": stop,
            "content": [{"type": "text", "text": "done"}],
            "usage": {
                "input_tokens": 10, "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 200, "output_tokens": output,
            },
        } | message,
    )  # fmt: skip


def log_path(home: Path, session: str = "s1", project: str = "-home-dev-app") -> Path:
    """Return where a session's log is."""
    return home / ".claude" / "projects" / project / f"{session}.jsonl"


def write(path: Path, *lines: bytes, at_ms: int | None = None, mode: str = "ab") -> Path:
    """Append lines to a file, and let it have been changed then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        file.writelines(lines)
    if at_ms is not None:
        os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
    return path
