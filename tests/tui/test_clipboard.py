"""Copying, by each of the ways there are, and what is said of it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_tmux import Terminal
from tests.tui.conftest import Running, press, settle, text_of
from tokenwatch.tui.terminal.clipboard import LONGEST, TOO_LONG, Copied, copy

TEXT = "b41f0c9c — 日本\n"
OSC = f"\x1b]52;c;{base64.b64encode(TEXT.encode()).decode()}\x07"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder of programs, empty at first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def make(folder: Path, name: str, lines: str = "", code: int = 0) -> Path:
    """Make a program that keeps what it is given beside itself."""
    program = folder / name
    program.write_text(f'#!/bin/sh\n/bin/cat > "$0.got"\n{lines}\nexit {code}\n')
    program.chmod(0o755)
    return folder / f"{name}.got"


def test_a_local_program(programs: Path) -> None:
    got = make(programs, "pbcopy")
    assert copy(TEXT, {"PATH": str(programs)}) == Copied("copied")
    assert got.read_text() == TEXT


@pytest.mark.parametrize(
    ("name", "display"), [("wl-copy", "WAYLAND_DISPLAY"), ("xclip", "DISPLAY"), ("xsel", "DISPLAY")]
)
def test_a_desktops_program_needs_its_desktop(programs: Path, name: str, display: str) -> None:
    got = make(programs, name)
    assert copy(TEXT, {"PATH": str(programs)}).sequence == OSC
    assert not got.exists()
    assert copy(TEXT, {"PATH": str(programs), display: ":0"}) == Copied("copied")
    assert got.read_text() == TEXT


def test_a_program_that_fails_is_passed_over(programs: Path) -> None:
    make(programs, "pbcopy", code=1)
    got = make(programs, "clip.exe")
    assert copy(TEXT, {"PATH": str(programs)}) == Copied("copied")
    assert got.read_text() == TEXT


def test_over_ssh_the_terminal_is_asked_and_not_this_machine(programs: Path) -> None:
    got = make(programs, "pbcopy")
    far = {"PATH": str(programs), "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}
    assert copy(TEXT, far) == Copied("sent to the terminal's clipboard", OSC)
    assert not got.exists()


def test_too_long_for_a_terminal_is_said_and_not_sent() -> None:
    fits = "x" * (LONGEST // 4 * 3)
    assert copy(fits, {"PATH": ""}).sequence
    assert copy(fits + "xxxx", {"PATH": ""}) == Copied(TOO_LONG, is_done=False)


def test_tmux_that_cant_be_reached(programs: Path) -> None:
    make(programs, "tmux", code=1)
    found = copy(TEXT, {"PATH": str(programs), "TMUX": "/nowhere,1,0"})
    assert not found.is_done and not found.sequence


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, (80, 24))
    terminal.start({"PATH": os.environ["PATH"]}, "cat")
    yield terminal
    terminal.close()


@pytest.mark.program("tmux")
@pytest.mark.parametrize(
    ("options", "said", "through"),
    [
        (("set-clipboard external",), "sent to the terminal's clipboard", False),
        (("set-clipboard off",), "may not send on", False),
        (("set-clipboard off", "allow-passthrough on"), "sent to the terminal's", True),
    ],
)
def test_in_a_real_tmux(
    tmux: Terminal, tmp_path: Path, options: tuple[str, ...], said: str, through: bool
) -> None:
    for option in options:
        tmux.tmux("set-option", "-g", *option.split())
    inside = {"PATH": os.environ["PATH"], "TMUX": f"{tmp_path / 'tmux'},1,0", "SSH_TTY": "/dev/x"}
    found = copy(TEXT, inside)
    assert said in found.said
    assert tmux.tmux("show-buffer") == TEXT
    doubled = OSC.replace("\x1b", "\x1b\x1b")
    assert found.sequence == (f"\x1bPtmux;{doubled}\x1b\\" if through else "")


@pytest.mark.program("tmux")
def test_a_long_text_in_tmux(tmux: Terminal, tmp_path: Path) -> None:
    tmux.tmux("set-option", "-g", "set-clipboard", "off")
    long = "x" * 200_000
    found = copy(long, {"PATH": os.environ["PATH"], "TMUX": f"{tmp_path / 'tmux'},1,0"})
    assert "tmux's buffer" in found.said and tmux.tmux("show-buffer") == long


async def test_the_notice_says_what_happened(running: Running, programs: Path) -> None:
    got = make(programs, "pbcopy")
    async with running(PATH=str(programs)) as pilot:
        await press(pilot, "y")
        assert "id copied" in text_of(pilot)
        assert got.read_text() == pilot.app.clipboard


async def test_what_the_mouse_selected_is_copied_and_ctrl_c_leaves_else(running: Running) -> None:
    async with running() as pilot:
        pilot.app.copy_to_clipboard("some words")
        await settle(pilot)
        assert pilot.app.clipboard == "some words"
        await press(pilot, "question_mark")
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not pilot.app.is_running
