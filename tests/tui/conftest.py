"""A running app on invented values: fixed time, fixed zone, no animation, no blinking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.factories import NOW_MS, FakeFeed, snapshot
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.app import TokenwatchApp

Running = Callable[..., AbstractAsyncContextManager[Pilot[str]]]


@pytest.fixture(autouse=True)
def _steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


def make_app(
    first: Snapshot | None,
    answers: Mapping[object, Callable[..., Any]] | None = None,
    **environment: str,
) -> TokenwatchApp:
    """Return an app on a fake feed, at a fixed time, without any program to copy with."""
    app = TokenwatchApp(
        FakeFeed(first, answers),
        now=lambda: NOW_MS,
        zone=UTC,
        environment={"HOME": "/home/dev", "PATH": "", **environment},
    )
    app.animation_level = "none"
    return app


async def settle(pilot: Pilot[str]) -> None:
    """Wait until workers have posted and everything posted has been handled and painted."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[str], *keys: str) -> None:
    """Press keys one after the other, each in a settled app."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@pytest.fixture
def running() -> Running:
    """Return a context manager that runs an app: `running(snapshot, size=…, NO_COLOR=…)`."""

    @asynccontextmanager
    async def run(
        first: Snapshot | None = None,
        *,
        size: tuple[int, int] = (120, 36),
        empty: bool = False,
        answers: Mapping[object, Callable[..., Any]] | None = None,
        **environment: str,
    ) -> AsyncIterator[Pilot[str]]:
        shown = None if empty else first or snapshot()
        app = make_app(shown, answers, **environment)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            yield pilot

    return run


def feed_of(pilot: Pilot[str]) -> FakeFeed:
    """Return the fake feed."""
    app = pilot.app
    assert isinstance(app, TokenwatchApp) and isinstance(app.feed, FakeFeed)
    return app.feed


def lines_of(pilot: Pilot[str]) -> list[str]:
    """Return the screen as plain lines."""
    strips = pilot.app.screen._compositor.render_strips()
    return [strip.text for strip in strips]


def text_of(pilot: Pilot[str]) -> str:
    """Return the screen as plain text."""
    return "\n".join(lines_of(pilot))


async def publish(pilot: Pilot[str], shown: Snapshot) -> None:
    """Publish a snapshot as the monitor would."""
    feed = feed_of(pilot)
    feed.first = shown
    assert feed.publish is not None
    feed.publish(shown)
    await settle(pilot)
