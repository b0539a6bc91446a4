"""Invented plan windows."""

from __future__ import annotations

from typing import Any

from tests.factories import NOW_MS, spend
from tokenwatch.analysis.projection import project
from tokenwatch.answers.quota import PlanWindow

MINUTE, HOUR = 60_000, 3_600_000


def plan_window(
    minutes: int = 300,
    used: tuple[tuple[int, float], ...] = (
        (130, 20.0),
        (60, 41.0),
        (32, 50.0),
        (15, 56.0),
        (3, 62.0),
    ),
    *,
    resets: int = 148,
    limit: str = "codex",
    **more: Any,
) -> PlanWindow:
    """Return a window; used: (minutes ago, percent), resets: in so many minutes."""
    readings = tuple((NOW_MS - ago * MINUTE, percent) for ago, percent in used)
    resets_ms = NOW_MS + resets * MINUTE
    window = PlanWindow(
        key=f"{limit}-{minutes}",
        provider="openai",
        source="codex",
        root="/home/dev/.codex",
        plan="pro",
        limit_id=limit,
        minutes=minutes,
        used_percent=readings[-1][1],
        observed_ms=readings[-1][0],
        resets_ms=resets_ms,
        is_stale=resets <= 0,
        start_ms=resets_ms - minutes * MINUTE,
        spend=spend(1840),
        readings=readings,
        projection=project(readings, minutes, resets_ms, NOW_MS),
    )
    return window._replace(**more)


def plan_windows() -> tuple[PlanWindow, ...]:
    """Return windows of five hours and a week, a full one, and one that is over."""
    return (
        plan_window(),
        plan_window(10_080, ((3000, 20.0), (3, 31.0)), resets=4000, spend=spend(9120)),
        plan_window(1440, ((70, 91.0),), resets=60, limit="premium", spend=spend(0.2)),
        plan_window(300, ((420, 88.0),), resets=-180, limit="old"),
        plan_window(45, ((5, 3.0),), limit="x", resets_ms=None, start_ms=None, spend=None),
    )
