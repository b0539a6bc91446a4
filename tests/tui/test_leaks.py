"""What is closed is gone: boxes and tabs leave no widget behind, nor what one had drawn."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path

from textual._styles_cache import StylesCache
from textual.app import App
from textual.dom import DOMNode
from textual.pilot import Pilot

from tests.still import ZONE, StillFeed
from tests.tui.conftest import press, settle
from tokenwatch.tui.app import TokenwatchApp

ROUNDS = 2
LOOKS = 40
SIZES = ((80, 24), (60, 16), (200, 60), (20, 5), (120, 36))
USES = (
    # No notices: Textual's layout keeps the last four.
    ("question_mark", "s", "o", "escape", "escape"),
    ("ctrl+p", "t", "h", "escape"),
    ("i", "escape"),
    ("x", "escape"),
    ("p", "escape"),
    ("slash", "c", "o", "enter", "escape"),
    ("enter", "b", "b", "escape", "escape"),
    ("z", "tab", "z"),
    ("2", "3", "4", "5", "6", "7", "comma", "escape", "1"),
)


async def at_rest(pilot: Pilot[str]) -> Counter[str]:
    """Return how many of each kind of widget and of what they drew there are, when none goes."""
    app = pilot.app
    assert isinstance(app, TokenwatchApp)
    before: Counter[str] = Counter()
    for _ in range(LOOKS):
        app.clear_notifications()
        await settle(pilot)
        await pilot.pause(0.05)
        app._tick()
        gc.collect()
        found = Counter(
            "drawn" if isinstance(each, StylesCache) else type(each).__name__
            for each in gc.get_objects()
            if isinstance(each, StylesCache | DOMNode) and not isinstance(each, App)
        )
        if found == before and not found["Toast"]:
            return found
        before = found
    return before


async def test_what_is_closed_is_gone(tmp_path: Path) -> None:
    with StillFeed(tmp_path) as feed:
        app = TokenwatchApp(
            feed, now=feed.now, zone=ZONE, environment={"HOME": "/home/dev", "PATH": ""}
        )
        app.animation_level = "none"
        async with app.run_test(size=(120, 36), notifications=True) as pilot:

            async def use() -> None:
                for keys in USES:
                    await press(pilot, *keys)
                for size in SIZES:
                    await pilot.resize_terminal(*size)
                    await settle(pilot)

            await settle(pilot)
            await use()
            before = await at_rest(pilot)
            assert before["LiveScreen"] == 1 and before["drawn"] > 10
            for _ in range(ROUNDS):
                await use()
            after = await at_rest(pilot)
            # Something may be on its way out whenever one looks; what stays grows with each round.
            left = {kind: more for kind, more in (after - before).items() if more >= ROUNDS}
            assert left == {}
            assert len(app.screen_stack) == 1
