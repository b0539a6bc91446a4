"""The plan windows an invented Codex account has: five hours and a week."""

from __future__ import annotations

from tokenwatch.demo.disk import Json
from tokenwatch.model import Usage

_HOUR_MS = 3_600_000


class _Window:
    """A window that opens with its first use and closes after its length."""

    def __init__(self, minutes: int, capacity: int, elsewhere: int, resets_ms: int) -> None:
        self._minutes, self._capacity, self._elsewhere = minutes, capacity, elsewhere
        self._resets_ms = resets_ms
        self._used = capacity * elsewhere // 100

    def use(self, at_ms: int, weight: int) -> Json:
        while at_ms >= self._resets_ms:
            self._resets_ms = max(self._resets_ms, at_ms) + self._minutes * 60_000
            self._used = self._capacity * self._elsewhere // 300
        self._used += weight
        return {
            "used_percent": float(min(97, self._used * 100 // self._capacity)),
            "window_minutes": self._minutes,
            "resets_at": self._resets_ms // 1000,
        }


class Quota:
    """Both windows. Uses must come in the order of time."""

    def __init__(self, start_ms: int) -> None:
        self._short = _Window(300, 36_000_000, 24, start_ms - 1_000 * _HOUR_MS)
        self._week = _Window(10_080, 520_000_000, 30, start_ms - 1_108 * _HOUR_MS)

    def use(self, at_ms: int, usage: Usage) -> Json:
        """Count a request against the plan; returns Codex's `rate_limits` after it."""
        sent = usage.input + usage.cache_write_5m
        weight = sent + usage.cache_read // 10 + usage.output * 5
        return {
            "limit_id": "codex",
            "limit_name": None,
            "primary": self._short.use(at_ms, weight),
            "secondary": self._week.use(at_ms, weight),
            "credits": {"has_credits": False, "unlimited": False, "balance": "0"},
            "individual_limit": None,
            "spend_control_reached": None,
            "plan_type": "pro",
            "rate_limit_reached_type": None,
        }
