"""The README's pictures: the same each time, of every screen, and in need of nobody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tokenwatch.tui.tabs import SETTINGS, TABS

ROOT = Path(__file__).parent.parent
MOST_BYTES = 6 << 20
DRAW = """
import json, sys
from pathlib import Path
from tests import draw
draw.FOLDER = Path(sys.argv.pop(1)).resolve()
draw.main()
print(json.dumps(sorted(draw.PICTURES)))
"""


def drawn(folder: Path, name: str) -> tuple[str, list[str]]:
    """Draw a picture; return it, and the names of all there are."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", DRAW, str(folder), name], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return (folder / f"{name}.svg").read_text(), json.loads(done.stdout.splitlines()[-1])


def test_a_picture_comes_out_the_same_and_asks_nobody(tmp_path: Path) -> None:
    first, names = drawn(tmp_path / "1", "quota")
    again, _ = drawn(tmp_path / "2", "quota")
    assert first == again
    assert str(tmp_path) not in first and "/tmp" not in first, "a path of this machine"
    assert set(re.findall(r"https?://[\w.]+", first)) <= {
        "http://www.w3.org",
        "https://www.textualize.io",
    }
    assert "@font-face" not in first and "plan" in first
    tabs = {tab.name for tab in (*TABS, SETTINGS)}
    assert tabs | {"session", "explain", "help", "palette"} <= set(names)


def test_all_pictures_together_are_small() -> None:
    assert sum(file.stat().st_size for file in (ROOT / "screenshots").iterdir()) < MOST_BYTES
