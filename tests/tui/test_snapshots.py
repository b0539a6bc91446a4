"""What the screens look like, cell by cell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.tui.conftest import make_app, press, settle
from tokenwatch.snapshot import Snapshot

Before = Callable[[Pilot[str]], Awaitable[None]]
WIDE, SMALL = (120, 36), (80, 24)


def keys(*names: str, theme: str | None = None) -> Before:
    """Return what to do before the picture is taken."""

    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
            await settle(pilot)
        await press(pilot, *names)

    return run


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
@pytest.mark.parametrize("screen", ["live", "session"])
def test_dark(snap_compare: Any, screen: str, size: tuple[int, int]) -> None:
    names = ("enter",) if screen == "session" else ()
    app = make_app(factories.snapshot())
    assert snap_compare(app, terminal_size=size, run_before=keys(*names))


@pytest.mark.parametrize("screen", ["live", "session"])
def test_light(snap_compare: Any, screen: str) -> None:
    names = ("enter",) if screen == "session" else ()
    app = make_app(factories.snapshot())
    before = keys(*names, theme="tokenwatch-light")
    assert snap_compare(app, terminal_size=WIDE, run_before=before)


@pytest.mark.parametrize("screen", ["live", "session"])
def test_no_color(snap_compare: Any, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    names = ("enter",) if screen == "session" else ()
    app = make_app(factories.snapshot(), NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=keys(*names))


def test_ascii(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), TOKENWATCH_ASCII="1")
    assert snap_compare(app, terminal_size=SMALL, run_before=keys())


@pytest.mark.parametrize(
    ("name", "shown", "names"),
    [
        ("empty", factories.empty_snapshot(), ()),
        (
            "reading",
            factories.snapshot(
                progress=factories.reading(), warnings=("no price for local-qwen4-coder",)
            ),
            (),
        ),
        ("help", factories.snapshot(), ("question_mark",)),
        ("explain", factories.snapshot(), ("i",)),
        ("requests", factories.snapshot(), ("enter", "enter")),
        ("explain-request", factories.snapshot(), ("enter", "enter", "i")),
        ("agents", factories.snapshot(), ("enter", "b")),
        ("filter", factories.snapshot(), ("slash", "a", "p", "i")),
        ("palette", factories.snapshot(), ("colon",)),
        ("private", factories.snapshot(), ("P",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_states(snap_compare: Any, name: str, shown: Snapshot, names: tuple[str, ...]) -> None:
    assert snap_compare(make_app(shown), terminal_size=SMALL, run_before=keys(*names))
