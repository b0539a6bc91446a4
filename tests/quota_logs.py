"""Codex's logs with plan windows in them, and what was read of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.cli.logs import codex_records
from tokenwatch.format import rfc3339

Window = tuple[int, float, int]
"""Minutes, percent, reset in milliseconds."""


def limits(*windows: Window, plan: str | None = "pro", limit: str = "codex") -> dict[str, Any]:
    """Return Codex's `rate_limits`."""
    found = [
        {"used_percent": used, "window_minutes": minutes, "resets_at": resets_ms // 1000}
        for minutes, used, resets_ms in windows
    ]
    return {
        "limit_id": limit,
        "primary": found[0],
        "secondary": found[1] if len(found) > 1 else None,
        "plan_type": plan,
    }


def reading(at_ms: int, *windows: Window, **more: Any) -> dict[str, Any]:
    """Return Codex's record of a reading, without any usage."""
    return {
        "timestamp": rfc3339(at_ms),
        "type": "event_msg",
        "payload": {"type": "token_count", "info": None, "rate_limits": limits(*windows, **more)},
    }


def rollout(readings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a thread with one billed response on 2026-11-21 at 10:00:06, then the readings."""
    return [*codex_records(), *readings]
