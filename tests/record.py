"""Record the monitor at work, for the README: `make screenshots`, or `python -m tests.record`.

The demo works on a clock that is moved by hand, so the recording is the same on every machine, but
for the font. Needs `rsvg-convert` and Pillow.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.draw import DARK, FOLDER, can_paint, rendered, settle, stand_alone
from tests.still import ZONE, StillFeed
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.screens import frame

SIZE = (100, 30)
FRAME_MS = 200
"""So long a frame is shown."""
STEP_MS = 1000
"""So far the clock moves between two frames."""
ZOOM = 0.72
COLOURS = 128
MOST_BYTES = 1 << 20
SCENES: tuple[tuple[str, int], ...] = (
    ("", 20),
    ("j", 2),
    ("j", 3),
    ("enter", 7),
    ("escape", 2),
    ("2", 4),
    ("3", 4),
    ("j", 5),
    ("5", 6),
    ("7", 6),
    ("6", 4),
    ("1", 3),
)
"""Keys, and for how many frames what comes of them is shown."""


class WorkingFeed(StillFeed):
    """The demo, going on when it is told to."""

    _publish: Callable[[Snapshot], None] | None = None

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        self._publish = publish
        super().start(publish)

    def move(self, by_ms: int) -> None:
        """Let some time pass, and show what happened in it."""
        self.now_ms += by_ms
        self.demo.advance(self.now_ms)
        self.read()
        assert self._publish is not None
        self._publish(self.latest())


def keys() -> Iterator[str]:
    """Return for each frame the key that is pressed before it, "" for none."""
    for key, frames in SCENES:
        yield key
        yield from [""] * (frames - 1)


async def record(feed: WorkingFeed, home: str) -> list[str]:
    """Return the frames as SVG."""
    # On this clock a moment may take seconds: what screens ask for is asked again at each.
    frame.ASK_S = 0.0
    frames = []
    app = TokenwatchApp(feed, now=feed.now, zone=ZONE, environment={"HOME": home})
    async with app.run_test(size=SIZE) as pilot:
        app.theme = DARK
        await settle(app, pilot)
        for key in keys():
            feed.move(STEP_MS)
            if key:
                await pilot.press(key)
            app._tick()
            await settle(app, pilot)
            frames.append(stand_alone(app.export_screenshot(title="tokenwatch")))
    return frames


def encode(frames: list[str], to: Path) -> None:
    """Write an animation that begins anew when it has ended; equal frames become a longer one."""
    from PIL import Image

    kept: list[Any] = []
    lasting: list[int] = []
    for at, svg in enumerate(frames):
        if at and svg == frames[at - 1]:
            lasting[-1] += FRAME_MS
            continue
        kept.append(rendered(svg, ZOOM).convert("RGB"))
        lasting.append(FRAME_MS)
    palette = _palette(kept[:: max(1, len(kept) // 8)])
    drawn = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in kept]
    drawn[0].save(to, save_all=True, append_images=drawn[1:], duration=lasting, loop=0, disposal=1)


def _palette(some: list[Any]) -> Any:
    """Return colours that fit all frames, from some of them one below the other."""
    from PIL import Image

    width, height = some[0].size
    sheet = Image.new("RGB", (width, height * len(some)))
    for row, picture in enumerate(some):
        sheet.paste(picture, (0, row * height))
    return sheet.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def main() -> None:
    """Write `screenshots/live.gif`."""
    if not can_paint():
        sys.exit(1)
    with tempfile.TemporaryDirectory() as folder, WorkingFeed(Path(folder)) as feed:
        frames = asyncio.run(record(feed, folder))
    target = FOLDER / "live.gif"
    encode(frames, target)
    size = target.stat().st_size
    print(f"{target.relative_to(FOLDER.parent)}: {size // 1024} KB, {len(frames)} frames")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES // 1024} KB is too much for a README")


if __name__ == "__main__":
    main()
