"""Folders, files, disks and terminals that do not do as they should, under the real program.

Each says in one line what is wrong, and goes on or leaves; none ends in a traceback.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.held import Held
from tests.e2e.test_tmux import COMMAND, Terminal, environment
from tests.lines import answer, log_path, prompt, write

IS_ROOT = os.geteuid() == 0
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
"""Root whom the modes of files bind, as they bind everybody else."""
pytestmark = [pytest.mark.program("tmux")]
if IS_ROOT:
    pytestmark.append(pytest.mark.program("setpriv"))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def log(home: Path, number: int) -> None:
    """Let the agent answer once more, for a dollar fifty."""
    write(log_path(home), answer(str(number), at_ms=now_ms(), output=100_000))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Return a terminal that has room for a line with a path."""
    made = Terminal(tmp_path, (240, 40))
    yield made
    made.close()


def warns(screen: str) -> bool:
    """Return whether a line below the top one says that something is wrong."""
    return any(line.startswith(" ▲") for line in screen.splitlines())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home whose one session the ledger knows."""
    write(log_path(tmp_path), prompt(at_ms=now_ms() - 60_000))
    log(tmp_path, 1)
    done = subprocess.run(
        [*COMMAND, "report"], env=environment(tmp_path), cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    yield tmp_path
    for path in (tmp_path / "data", tmp_path / "config"):
        if path.exists():
            path.chmod(0o700)


def start(terminal: Terminal, home: Path, **more: str) -> None:
    """Start the monitor as someone whom modes bind."""
    wrapped = (*BOUND, *COMMAND) if IS_ROOT else COMMAND
    terminal.start(environment(home, **more), *wrapped)


def left(terminal: Terminal, code: int) -> list[str]:
    """Return what the program said before it left with that code."""
    screen = terminal.wait_for(f"it left with {code}")
    lines = [line for line in screen.splitlines() if line.strip()]
    assert "Traceback" not in screen
    return lines[: lines.index(f"it left with {code}")]


def quit_quietly(terminal: Terminal, home: Path) -> None:
    terminal.press("q")
    assert left(terminal, 0) == []
    logged = home / "data" / "tokenwatch.log"
    assert not logged.exists() or "Traceback" not in logged.read_text()


# Files and folders --------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_a_data_folder_that_takes_nothing(terminal: Terminal, home: Path, known: bool) -> None:
    if not known:
        shutil.rmtree(home / "data")
        (home / "data").mkdir()
    (home / "data").chmod(0o500)
    start(terminal, home)
    (said,) = left(terminal, 1)
    assert said.startswith("tokenwatch: ") and "ledger.sqlite" in said
    assert "readonly" in said if known else "Permission denied" in said


def test_a_data_folder_that_takes_nothing_any_more(terminal: Terminal, home: Path) -> None:
    start(terminal, home)
    terminal.wait_for("$1.50", "● live", "do it")
    (home / "data").chmod(0o500)
    log(home, 2)
    terminal.wait_for("$3.00")
    (home / "data").chmod(0o700)
    log(home, 3)
    terminal.wait_for("$4.50")
    quit_quietly(terminal, home)


def test_a_ledger_that_takes_nothing(terminal: Terminal, home: Path) -> None:
    ledger = home / "data" / "ledger.sqlite"
    ledger.chmod(0o400)
    start(terminal, home)
    terminal.wait_for("ledger.sqlite: attempt to write a readonly database", "$1.50")
    log(home, 2)
    ledger.chmod(0o600)
    terminal.wait_until(lambda screen: "$3.00" in screen and not warns(screen))
    quit_quietly(terminal, home)


def test_a_ledger_that_is_held_at_the_start(terminal: Terminal, home: Path) -> None:
    holder = sqlite3.connect(home / "data" / "ledger.sqlite", isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("UPDATE meta SET value = value")
    start(terminal, home)
    terminal.wait_for("another process has locked", "waiting for it")
    holder.execute("ROLLBACK")
    holder.close()
    terminal.wait_for("$1.50", "● live")
    terminal.press("q")
    assert all("waiting for it" in said for said in left(terminal, 0))


def test_settings_that_cannot_be_read(terminal: Terminal, home: Path) -> None:
    settings = home / "config" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('titles = "none"\n')
    settings.chmod(0)
    start(terminal, home)
    (said,) = left(terminal, 2)
    assert said.startswith("tokenwatch: ") and "config.toml: can't be read" in said


def test_settings_that_cannot_be_read_any_more(terminal: Terminal, home: Path) -> None:
    settings = home / "config" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('titles = "full"\n')
    start(terminal, home)
    terminal.wait_for("$1.50", "● live")
    settings.chmod(0)
    terminal.wait_for("the last good settings stay: can't be read", "$1.50")
    settings.chmod(0o600)
    terminal.wait_until(lambda screen: "$1.50" in screen and not warns(screen))
    quit_quietly(terminal, home)


OURS = ("HOME", "TOKENWATCH_DATA_DIR", "TOKENWATCH_CONFIG_DIR", "CLAUDE_CONFIG_DIR", "CODEX_HOME")
HOMELESS = """
import pwd, os, sys

def nobody(*_):
    raise KeyError("uid not found")

pwd.getpwuid = nobody
from tokenwatch.__main__ import main
sys.exit(main())
"""
"""A user whom the system does not know, as in many a container."""


def test_no_home_at_all(terminal: Terminal, tmp_path: Path) -> None:
    bare = {name: value for name, value in environment(tmp_path).items() if name not in OURS}
    terminal.start(bare, sys.executable, "-c", HOMELESS)
    assert left(terminal, 1) == ["tokenwatch: this user has no home folder: set HOME"]


# A full disk --------------------------------------------------------------------------------

SMALL = "mount -t tmpfs -o size={size} none {folder} && cp -a {kept}/. {folder} && exec {program}"
NAMESPACE = ("unshare", "-m") if IS_ROOT else ("unshare", "-rm")


@pytest.mark.program("unshare")
def test_a_disk_that_is_full(terminal: Terminal, home: Path) -> None:
    """A file system of two megabytes that only the program sees, and we by way of /proc."""
    can = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", home], capture_output=True)
    if can.returncode:
        pytest.skip("needs to mount a file system of its own, which is not allowed here")
    data, kept = home / "data", home / "kept"
    data.rename(kept)
    data.mkdir()
    program = SMALL.format(size="6m", folder=data, kept=kept, program=f"{shlex.join(COMMAND)} 2>&1")
    terminal.start(environment(home), *NAMESPACE, "sh", "-c", program)
    terminal.wait_for("$1.50", "● live")
    inside = Path(f"/proc/{process_in(home)}/root") / data.relative_to("/")
    assert (inside / "ledger.sqlite").exists() and not (data / "ledger.sqlite").exists()
    filler = inside / "filler"
    fill(filler)
    for number in range(2, 400):
        log(home, number)
    terminal.wait_until(warns, "what is wrong")
    filler.unlink()
    terminal.wait_for("598.9", "● live")
    terminal.wait_until(lambda screen: not warns(screen))
    terminal.press("q")
    terminal.wait_for("it left with 0")


def fill(path: Path) -> None:
    """Write a file until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def process_in(home: Path) -> int:
    """Return the monitor's process: the oldest Python in this home."""
    wanted = f"TOKENWATCH_DATA_DIR={home / 'data'}".encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                known = wanted in (process / "environ").read_bytes().split(b"\0")
                if known and b"tokenwatch" in (process / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(process.name))
            except OSError:
                continue
    return min(found)


# tmux ---------------------------------------------------------------------------------------


def test_detached_and_attached_again(terminal: Terminal, home: Path) -> None:
    """The picture goes on without a viewer; the next one gets it whole, and the mouse works."""
    start(terminal, home)
    terminal.wait_for("$1.50", "● live")
    terminal.tmux("set-option", "-g", "mouse", "on")
    attach = (shutil.which("tmux") or "", "-S", terminal.socket, "attach-session")
    outside = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    with Held(attach, outside, (240, 41)) as viewer:
        viewer.wait_for(b"$1.50")
        terminal.tmux("detach-client")
        viewer.end()
    log(home, 2)
    terminal.wait_for("$3.00")
    with Held(attach, outside, (240, 41)) as viewer:
        viewer.wait_for(b"$3.00", b"\x1b[?1006h")
        log(home, 3)
        viewer.wait_for(b"$4.50")
        tabs = terminal.screen().splitlines()[0]
        column = tabs.index("2 Sessions") + 3
        viewer.type(f"\x1b[<0;{column};1M\x1b[<0;{column};1m".encode())
        viewer.wait_until(lambda: "[2 Sessions]" in terminal.screen())
    terminal.press("1")
    terminal.wait_for("[1 Live]", "$4.50")
    quit_quietly(terminal, home)


STORM = ((60, 16), (250, 70), (20, 5), (80, 24))


def test_a_storm_of_sizes(terminal: Terminal, home: Path) -> None:
    start(terminal, home)
    terminal.wait_for("$1.50", "● live")
    for tab in ("1", "5", "7", "2"):
        terminal.press(tab)
        for width, height in STORM * 3:
            terminal.resize(width, height)
    terminal.resize(20, 5)
    terminal.press("?")
    terminal.wait_until(lambda screen: "keys" in screen.lower(), "the keys")
    assert all(len(line) <= 20 for line in terminal.screen().splitlines())
    terminal.press("Escape")
    terminal.resize(250, 70)
    terminal.wait_until(lambda screen: "keys ·" not in screen and "[2 Sessions]" in screen)
    terminal.press("1")
    terminal.wait_for("[1 Live]", "$1.50", "burn rate", "activity")
    terminal.resize(60, 16)
    terminal.wait_until(
        lambda screen: "activity" not in screen and "1 Live" in screen and "$1.50" in screen
    )
    quit_quietly(terminal, home)
