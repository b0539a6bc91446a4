"""Draw the README's pictures from the demo: `make screenshots`.

Writes SVG, and PNG too where `rsvg-convert` is installed.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

os.environ |= {"TEXTUAL_ANIMATIONS": "none", "COLORTERM": "truecolor", "TZ": "UTC"}
os.environ.pop("NO_COLOR", None)

from tests.still import ZONE, StillFeed  # noqa: E402 - textual reads its settings when imported
from tokenwatch.tui.app import TokenwatchApp  # noqa: E402

FOLDER = Path(__file__).parent.parent / "screenshots"
PICTURES: dict[str, tuple[tuple[int, int], str, tuple[str, ...]]] = {
    "live": ((120, 36), "tokenwatch-dark", ()),
    "live-light": ((120, 36), "tokenwatch-light", ()),
    "live-80x24": ((80, 24), "tokenwatch-dark", ()),
    "session": ((120, 36), "tokenwatch-dark", ("j", "enter")),
    "session-80x24": ((80, 24), "tokenwatch-dark", ("j", "enter")),
    "requests": ((120, 36), "tokenwatch-dark", ("j", "enter", "enter")),
    "explain": ((120, 36), "tokenwatch-dark", ("j", "i")),
    "help": ((120, 36), "tokenwatch-dark", ("question_mark",)),
}


async def draw(feed: StillFeed) -> None:
    """Draw every picture."""
    for name, (size, theme, keys) in PICTURES.items():
        app = TokenwatchApp(feed, now=feed.now, zone=ZONE)
        async with app.run_test(size=size) as pilot:
            app.theme = theme
            await _settle(app, pilot)
            for key in keys:
                await pilot.press(key)
                await _settle(app, pilot)
            target = FOLDER / f"{name}.svg"
            svg = stand_alone(app.export_screenshot(title="tokenwatch"))
            target.write_text(svg, encoding="utf-8")
        if shutil.which("rsvg-convert"):
            subprocess.run(
                ["rsvg-convert", "--zoom", "1.1", "-o", str(target.with_suffix(".png")), target],
                check=True,
            )
        print(target.relative_to(FOLDER.parent))


def stand_alone(svg: str) -> str:
    """Return a picture that asks nobody for fonts, and whose blanks every viewer keeps."""
    without_fonts = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    return without_fonts.replace("<text ", '<text xml:space="preserve" ').replace(
        "font-family: Fira Code", "font-family: 'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas"
    )


async def _settle(app: TokenwatchApp, pilot: object) -> None:
    await app.workers.wait_for_complete()
    for _ in range(3):
        await pilot.pause()  # type: ignore[attr-defined]


def main() -> None:
    """Draw all pictures into `screenshots/`."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, StillFeed(Path(folder)) as feed:
        asyncio.run(draw(feed))


if __name__ == "__main__":
    main()
