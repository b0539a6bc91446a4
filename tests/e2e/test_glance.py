"""`tokenwatch glance` in a real terminal: in place, through resizes, and the terminal as before."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_tmux import COMMAND, PATIENCE_S, Terminal, environment
from tokenwatch.demo import Demo

pytestmark = pytest.mark.program("tmux")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path, (100, 12))
    yield made
    made.close()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    show = Demo(tmp_path, seed=3, start_ms=time.time_ns() // 1_000_000 - 60_000)
    show.backfill()
    yield show
    show.close()


def wait_until_gone(terminal: Terminal, *texts: str) -> str:
    """Return the screen once it shows none of the texts."""
    give_up = time.monotonic() + PATIENCE_S
    while any(text in (screen := terminal.screen()) for text in texts):
        assert time.monotonic() < give_up, screen
        time.sleep(0.1)
    return screen


def settings(terminal: Terminal) -> list[str]:
    """Return whether the cursor shows and lines wrap, and the program in the pane's foreground."""
    return terminal.tmux("display", "-p", "#{cursor_flag} #{wrap_flag}").split()


def shell(terminal: Terminal, home: Path) -> None:
    """Start a shell in which commands can be typed, with the environment of the tests."""
    terminal.start(environment(home, PS1="ready> "), "bash", "--norc", "-i")
    terminal.wait_for("ready>")


def test_it_stays_in_its_line_and_leaves_a_clean_terminal(
    terminal: Terminal, demo: Demo, tmp_path: Path
) -> None:
    shell(terminal, tmp_path)
    terminal.press("clear", "Enter")
    terminal.press("stty -a | md5sum", "Enter")
    before = terminal.wait_for(" -\n").split(" -")[0].split()[-1]
    terminal.press(f"{' '.join(COMMAND)} glance; echo left $?", "Enter")
    screen = terminal.wait_for("today", "agent")
    assert settings(terminal)[:2] == ["0", "0"]
    first = next(line for line in screen.splitlines() if " today" in line)
    demo.advance(time.time_ns() // 1_000_000)
    wait_until_gone(terminal, first)
    for width in ("40", "20", "61", "100"):
        terminal.tmux("resize-window", "-x", width, "-y", "12")
        time.sleep(0.5)
        lines = [line for line in terminal.screen().splitlines() if "today" in line]
        assert len(lines) == 1, terminal.screen()
    terminal.press("C-c")
    screen = terminal.wait_for("left 130")
    assert "Traceback" not in screen and settings(terminal)[:2] == ["1", "1"]
    terminal.press("clear", "Enter")
    terminal.press("stty -a | md5sum", "Enter")
    assert before in terminal.wait_for(" -\n")


def test_a_pane_fits_its_height(terminal: Terminal, demo: Demo, tmp_path: Path) -> None:
    shell(terminal, tmp_path)
    terminal.press("clear", "Enter")
    terminal.press(f"{' '.join(COMMAND)} glance --pane; echo left $?", "Enter")
    terminal.wait_for("today", "working")
    for width, height in ((100, 5), (60, 3), (20, 2), (100, 12)):
        terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
        screen = terminal.wait_for(" today")
        assert len(screen.splitlines()) <= height
    terminal.wait_for("today", "working", "resets")
    terminal.press("q")
    terminal.wait_for("left 0")


def test_ctrl_z_gives_the_terminal_back(terminal: Terminal, demo: Demo, tmp_path: Path) -> None:
    shell(terminal, tmp_path)
    terminal.press(f"{' '.join(COMMAND)} glance", "Enter")
    terminal.wait_for(" today")
    terminal.press("C-z")
    terminal.wait_for("Stopped")
    terminal.press("echo $((6 * 7)) again", "Enter")
    terminal.wait_for("42 again")
    assert settings(terminal)[:2] == ["1", "1"]
    terminal.press("fg", "Enter")
    give_up = time.monotonic() + PATIENCE_S
    while settings(terminal)[:2] != ["0", "0"]:
        assert time.monotonic() < give_up
        time.sleep(0.1)
    terminal.press("q")
    give_up = time.monotonic() + PATIENCE_S
    while settings(terminal)[:2] != ["1", "1"]:
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_a_terminal_that_is_gone_ends_it(terminal: Terminal, demo: Demo, tmp_path: Path) -> None:
    shell(terminal, tmp_path)
    file = tmp_path / "pid"
    terminal.press(f"{' '.join(COMMAND)} glance & echo $! > {file}; fg", "Enter")
    terminal.wait_for(" today")
    pid = int(file.read_text())
    terminal.close()
    give_up = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_give_the_terminal_back(
    terminal: Terminal, demo: Demo, tmp_path: Path, number: signal.Signals
) -> None:
    shell(terminal, tmp_path)
    file = tmp_path / "pid"
    terminal.press(f"(echo $BASHPID > {file}; exec {' '.join(COMMAND)} glance); echo left $?")
    terminal.press("Enter")
    terminal.wait_for(" today")
    os.kill(int(file.read_text()), number)
    terminal.wait_for(f"left {128 + number}")
    assert settings(terminal)[:2] == ["1", "1"]


def test_colours_and_glyphs_can_be_left_out(terminal: Terminal, demo: Demo, tmp_path: Path) -> None:
    plain = environment(tmp_path, NO_COLOR="1", TOKENWATCH_ASCII="1")
    terminal.start(plain, *COMMAND, "glance", "--pane")
    screen = terminal.wait_for(" today", "resets")
    assert not [letter for letter in screen if "\u2500" <= letter <= "\u25ff"]
    coloured = terminal.tmux("capture-pane", "-p", "-e")
    assert "\x1b[3" not in coloured.replace("\x1b[39m", "") and "\x1b[1m" in coloured


def test_without_a_terminal_it_is_printed_once(demo: Demo, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "glance"], env=environment(tmp_path), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1 and " today" in done.stdout and "\x1b" not in done.stdout
