"""The real program in a real terminal: tmux types, and what the screen shows is read back."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tokenwatch.demo import Demo
from tokenwatch.tui.tabs import SETTINGS, TABS

pytestmark = pytest.mark.program("tmux")
PATIENCE_S = 30


class Terminal:
    """One tmux server with one window."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self.socket = str(folder / "tmux")
        self._size = size

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"},
            check=False,
        )
        return done.stdout

    def start(self, environment: dict[str, str], *command: str) -> None:
        settings = [f"{name}={value}" for name, value in environment.items()]
        width, height = self._size
        program = shlex.join(["env", "-i", *settings, *command])
        line = f"{program}; code=$?; echo; echo it left with $code; sleep 600"
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), line)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def wait_for(self, *texts: str) -> str:
        """Return the screen once it shows all the texts."""
        return self.wait_until(lambda screen: all(text in screen for text in texts), str(texts))

    def wait_until(self, wanted: Callable[[str], bool], what: str = "it") -> str:
        """Return the screen once it is as wanted."""
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            screen = self.screen()
            if wanted(screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{what} never came; the screen is:\n{self.screen()}")

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    made = Terminal(tmp_path, getattr(request, "param", (120, 36)))
    yield made
    made.close()


def environment(home: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "tmux-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": str(home),
        "TOKENWATCH_OFFLINE": "1",
        "TOKENWATCH_DATA_DIR": str(home / "data"),
        "TOKENWATCH_CONFIG_DIR": str(home / "config"),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CODEX_HOME": str(home / ".codex"),
        **more,
    }


COMMAND = (sys.executable, "-m", "tokenwatch")


def test_the_demo_through_its_screens(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(environment(tmp_path), *COMMAND, "demo")
    terminal.wait_for("today", "burn rate", "sessions", "activity", "● demo", "waiting")
    terminal.press("?")
    terminal.wait_for("keys ·")
    terminal.press("Escape")
    terminal.wait_until(lambda screen: "keys ·" not in screen)
    terminal.press("j")
    terminal.press("Enter")
    terminal.wait_until(lambda screen: "cost by kind" in screen and "reading turns" not in screen)
    terminal.press("Enter")
    terminal.wait_for(".jsonl:")
    terminal.press("Escape")
    terminal.wait_for("cost by kind of token")
    terminal.press("Escape")
    terminal.wait_for("burn rate")
    terminal.press("q")
    terminal.wait_for("it left with 0")
    assert not list(tmp_path.glob("tokenwatch-demo-*")), "the demo leaves its folder behind"


def test_every_screen_by_its_key(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(environment(tmp_path), *COMMAND, "demo")
    terminal.wait_for("burn rate", "sessions", "● demo")
    for tab in (*TABS[1:], SETTINGS, TABS[0]):
        terminal.press(tab.shown)
        terminal.wait_for(f"[{tab.shown} {tab.title}]", "● demo")
    terminal.press("/")
    terminal.wait_for("words", "Keep")
    terminal.press("source:codex", "Enter")
    terminal.wait_for("filter source:codex", "burn rate")
    terminal.press("Escape")
    terminal.wait_until(lambda screen: "filter" not in screen)
    terminal.press("z")
    terminal.wait_until(lambda screen: "burn rate" not in screen and "sessions" in screen)
    terminal.press("z")
    terminal.wait_for("burn rate")
    terminal.press("Space")
    terminal.wait_for("paused")
    terminal.press("Space")
    terminal.wait_for("● demo")
    terminal.press(":")
    terminal.wait_for("go: Budgets")
    terminal.press("go: quota", "Enter")
    terminal.wait_for("[6 Quota]")
    terminal.press("1")
    terminal.wait_for("[1 Live]")
    terminal.resize(60, 16)
    terminal.wait_until(lambda screen: len(screen.splitlines()) <= 16 and "1 Live" in screen)
    terminal.resize(200, 60)
    terminal.wait_for("burn rate", "activity", "7 Agents")
    terminal.press("q")
    terminal.wait_for("it left with 0")


@pytest.mark.parametrize("terminal", [(80, 24)], indirect=True)
def test_a_new_request_comes_onto_the_screen(terminal: Terminal, tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    demo = Demo(tmp_path, seed=3, start_ms=now - 60_000)
    demo.backfill()
    assert (tmp_path / ".claude").is_dir() and (tmp_path / ".codex").is_dir()
    try:
        terminal.start(environment(tmp_path), *COMMAND)
        before = sum(sums["requests"] for sums in demo.truth().values())
        terminal.wait_for("sessions", "7 Agents", "● working")
        demo.advance(now)
        assert sum(sums["requests"] for sums in demo.truth().values()) > before
        spent = {line for line in terminal.screen().splitlines() if "$" in line}
        give_up = time.monotonic() + PATIENCE_S
        while {line for line in terminal.screen().splitlines() if "$" in line} == spent:
            assert time.monotonic() < give_up, terminal.screen()
            time.sleep(0.1)
    finally:
        demo.close()


def test_no_logs_at_all(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(environment(tmp_path), *COMMAND)
    terminal.wait_for("Looked in", "~/.claude", "~/.codex", "demo")
    terminal.press("D")
    terminal.wait_for("● demo", "burn rate")
    terminal.press("q")
    terminal.wait_for("it left with 0")


def test_a_newer_ledger_is_refused_before_the_screen_is_taken(
    terminal: Terminal, tmp_path: Path
) -> None:
    import sqlite3

    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data" / "ledger.sqlite") as ledger:
        ledger.execute("PRAGMA user_version = 999")
    ledger.close()
    terminal.start(environment(tmp_path), *COMMAND)
    terminal.wait_for("this program knows", "it left with 1")


def test_plain_colours_and_ascii(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start(environment(tmp_path, NO_COLOR="1", TOKENWATCH_ASCII="1"), *COMMAND, "demo")
    screen = terminal.wait_for("burn rate", "sessions")
    assert not [character for character in screen if "\u2500" <= character <= "\u259f"]
    terminal.press("q")
    terminal.wait_for("it left with 0")
