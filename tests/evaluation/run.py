"""Write homes, and let the program find waste in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.evaluation.label import KINDS, Written
from tests.evaluation.plan import MIXED, Home, homes
from tests.evaluation.world import NOW_MS, World

Document = dict[str, Any]
ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from tokenwatch.cli import ground
now_ms = int(sys.argv.pop(1))
ground.now_ms = lambda: now_ms
from tokenwatch.__main__ import main
sys.exit(main())
"""


class ProgramFailed(Exception):
    """The program did not print what it was asked for."""


def write(folder: Path, home: Home, seed: int) -> Written:
    """Fill a home with logs; return what is known of it."""
    world = World(folder, home.name, seed, home.share)
    # A lifetime is advised for all of a home: only homes made for that can judge it.
    world.judged = {*KINDS} - {"wrong-cache-lifetime"} if home.kind in MIXED else {home.kind}
    home.build(world)
    return world.written()


def _write_named(folder: Path, name: str, kind: str, seed: int, quick: bool) -> Written:
    found = next(home for home in homes((kind,), quick=quick) if home.name == name)
    return write(folder / name, found, seed)


def write_all(
    folder: Path, kinds: Sequence[str], seed: int, *, quick: bool, jobs: int
) -> dict[str, Written]:
    """Write all homes below a folder; return them by name."""
    names = [(home.name, home.kind) for home in homes(kinds, quick=quick)]
    with ProcessPoolExecutor(jobs) as pool:
        made = [pool.submit(_write_named, folder, name, kind, seed, quick) for name, kind in names]
        return {name: done.result() for (name, _), done in zip(names, made, strict=True)}


def ask(home: Path, *arguments: str) -> Document:
    """Run a command of the program in a home as its user would; return its document.

    Raises ProgramFailed if it fails or prints anything else.
    """
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment = {
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CODEX_HOME": str(home / ".codex"),
        "TOKENWATCH_DATA_DIR": str(home / "data"),
        "TOKENWATCH_CONFIG_DIR": str(home / "config"),
        "TOKENWATCH_OFFLINE": "1",
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
    }
    for name in (".claude", ".codex"):
        (home / name).mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        # The clock is the generator's: an hour or more after its last session.
        [sys.executable, "-c", PROGRAM, str(NOW_MS), *arguments, "--json"],
        env=known | environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise ProgramFailed(f"{home.name}: exit {done.returncode}: {done.stderr.strip()[-800:]}")
    try:
        found: Document = json.loads(done.stdout)
    except ValueError as error:
        raise ProgramFailed(f"{home.name}: no document: {done.stdout[:200]!r}") from error
    return found


def ask_all(folder: Path, names: Sequence[str], jobs: int) -> dict[str, Document]:
    """Return what `waste` says of each home."""
    with ThreadPoolExecutor(jobs) as pool:
        made = [pool.submit(ask, folder / name, "waste") for name in names]
        return {name: done.result() for name, done in zip(names, made, strict=True)}
