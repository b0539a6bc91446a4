"""Draw the README's pictures from the demo: `make screenshots`.

Writes SVG, and PNG where `rsvg-convert` and Pillow are installed. Names after it draw only those:
`python -m tests.draw history history-light`.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

os.environ |= {"TEXTUAL_ANIMATIONS": "none", "COLORTERM": "truecolor", "TZ": "UTC"}
os.environ.pop("NO_COLOR", None)

from textual.widgets import Input  # noqa: E402 - textual reads its settings when imported

from tests.still import ZONE, StillFeed  # noqa: E402
from tokenwatch.cli.demo import BUDGETS  # noqa: E402
from tokenwatch.config import Config  # noqa: E402
from tokenwatch.tui.app import TokenwatchApp  # noqa: E402
from tokenwatch.tui.preferences import Preferences  # noqa: E402

FOLDER = Path(__file__).parent.parent / "screenshots"
NORMAL, SMALL = (120, 36), (80, 24)
DARK, LIGHT = "tokenwatch-dark", "tokenwatch-light"
COLOURS = 96
"""A picture of text needs no more, and takes a third of the space."""


class Picture(NamedTuple):
    """A screen, by the keys that lead to it."""

    size: tuple[int, int]
    theme: str
    keys: tuple[str, ...]


SCREENS: dict[str, tuple[str, ...]] = {
    "live": (),
    "sessions": ("2",),
    "session": ("j", "enter"),
    "requests": ("j", "enter", "enter"),
    "waste": ("3", "j", "j", "j"),
    "budgets": ("4",),
    "history": ("5",),
    "quota": ("6",),
    "agents": ("7",),
    "settings": ("comma",),
    "explain": ("j", "i"),
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
}
IN_LIGHT = ("live", "sessions", "session", "waste", "budgets", "history", "quota", "agents")
AT_80 = ("live", "session", "history")
PICTURES: dict[str, Picture] = {
    **{name: Picture(NORMAL, DARK, keys) for name, keys in SCREENS.items()},
    **{f"{name}-light": Picture(NORMAL, LIGHT, SCREENS[name]) for name in IN_LIGHT},
    **{f"{name}-80x24": Picture(SMALL, DARK, SCREENS[name]) for name in AT_80},
}


async def draw(feed: StillFeed, home: str, names: list[str]) -> None:
    """Draw these pictures. home: where the demo's logs are, which pictures call ~."""
    for name in names:
        size, theme, keys = PICTURES[name]
        app = TokenwatchApp(
            feed,
            now=feed.now,
            zone=ZONE,
            environment={"HOME": home},
            preferences=Preferences(settings=Config(budgets=BUDGETS)),
        )
        async with app.run_test(size=size) as pilot:
            app.theme = theme
            await settle(app, pilot)
            for key in keys:
                await pilot.press(key)
                await settle(app, pilot)
            svg = stand_alone(app.export_screenshot(title="tokenwatch"))
        target = FOLDER / f"{name}.svg"
        target.write_text(svg, encoding="utf-8")
        if can_paint():
            painted(svg, 1.1).save(target.with_suffix(".png"), optimize=True)
        print(target.relative_to(FOLDER.parent))


def stand_alone(svg: str) -> str:
    """Return a picture that asks nobody for fonts, and whose blanks every viewer keeps."""
    without_fonts = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    # A third of the file would be one long number, there for pages that hold several pictures.
    short = re.sub(r"\bterminal-\d+-", "t-", without_fonts)
    return (
        _joined(short)
        .replace("<svg ", '<svg xml:space="preserve" ', 1)
        .replace(
            "font-family: Fira Code",
            "font-family: 'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas",
        )
    )


_CELL = re.compile(
    r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"'
    r' height="([\d.]+)" shape-rendering="crispEdges"/>'
)


def _joined(svg: str) -> str:
    """Return a picture in which cells of one colour that lie side by side are one."""
    parts: list[str] = []
    at, before = 0, None
    x = width = 0.0
    for cell in _CELL.finditer(svg):
        same = cell.group(1, 3, 5) == before and cell.start() == at
        if same and abs(x + width - float(cell[2])) < 0.05:
            width += float(cell[4])
            parts.pop()
        else:
            parts.append(svg[at : cell.start()])
            x, width, before = float(cell[2]), float(cell[4]), cell.group(1, 3, 5)
        fill, y, height = cell.group(1, 3, 5)
        parts.append(
            f'<rect fill="{fill}" x="{x:g}" y="{y}" width="{width:.5g}" height="{height}"'
            ' shape-rendering="crispEdges"/>'
        )
        at = cell.end()
    return "".join((*parts, svg[at:]))


def can_paint() -> bool:
    """Return whether what makes pixels is installed; say so once where it is not."""
    from importlib.util import find_spec

    missing = [] if shutil.which("rsvg-convert") else ["rsvg-convert (package librsvg2-bin)"]
    missing += [] if find_spec("PIL") else ["pillow (package of Python)"]
    if missing:
        print(f"without {' and '.join(missing)}: SVG only", file=sys.stderr)
    return not missing


def painted(svg: str, zoom: float) -> Any:
    """Return a picture in pixels of few colours (a `PIL.Image`)."""
    from PIL import Image

    picture = rendered(svg, zoom)
    return picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def rendered(svg: str, zoom: float) -> Any:
    """Return a picture in pixels of all colours."""
    from PIL import Image

    done = subprocess.run(
        ["rsvg-convert", "--zoom", str(zoom)],
        input=svg.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return Image.open(io.BytesIO(done.stdout))


async def settle(app: TokenwatchApp, pilot: Any) -> None:
    """Wait until all that was asked is answered and painted."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause()


def main() -> None:
    """Draw all pictures, or those named, into `screenshots/`."""
    names = sys.argv[1:] or list(PICTURES)
    if unknown := [name for name in names if name not in PICTURES]:
        sys.exit(f"no such picture: {', '.join(unknown)}; there are {', '.join(PICTURES)}")
    FOLDER.mkdir(exist_ok=True)
    Input._toggle_cursor = lambda self: None  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder, StillFeed(Path(folder)) as feed:
        feed.tell(*BUDGETS)
        asyncio.run(draw(feed, folder, names))


if __name__ == "__main__":
    main()
