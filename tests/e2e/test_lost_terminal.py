"""A terminal that goes, hangs, or types nonsense, under the real program."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.held import Held, left_behind
from tests.e2e.test_tmux import environment

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals"),
]
DEMO = (sys.executable, "-m", "tokenwatch", "demo")
SOON_S = 2.5
"""Two seconds, and what a busy machine adds."""


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Held]:
    size = getattr(request, "param", (120, 36))
    with Held(DEMO, environment(tmp_path), size) as held:
        if size == (120, 36):
            held.wait_for(b"burn rate", b"sessions")
        yield held


def log_of(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*.log*"))


def test_a_terminal_that_is_closed(demo: Held, tmp_path: Path) -> None:
    demo.hang_up()
    assert demo.end() < SOON_S
    assert not left_behind(tmp_path), "a process outlives its terminal"
    assert not list(tmp_path.glob("tokenwatch-demo-*")), "the demo leaves its folder behind"
    assert "Traceback" not in log_of(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_told_to_end(demo: Held, tmp_path: Path, number: signal.Signals) -> None:
    assert not demo.modes() & ECHO
    os.kill(demo.pid, number)
    assert demo.end() < SOON_S
    assert demo.code == 128 + number
    assert demo.modes() & ECHO, "typing is shown again"
    tail = demo.written[-400:]
    assert b"\x1b[?1049l" in tail and b"\x1b[?25h" in tail and b"\x1b[?1003l" in tail
    assert b"Traceback" not in demo.written
    assert not list(tmp_path.glob("tokenwatch-demo-*"))


ECHO = 0o10


def test_ctrl_c_leaves(demo: Held) -> None:
    demo.type(b"\x03")
    demo.end()
    assert demo.code == 0 and demo.modes() & ECHO


NONSENSE = (
    b"\x1b[M \xe8\x29",  # X10 past column 95: no UTF-8
    b"\x1b[M#\xff\xff",
    b"\x1b[<NaN;NaN;NaNM",
    b"\x1b[<35;NaN;NaNm",
    b"\x1b[<0;-3;-7M",
    b"\x1b[<0;99999;99999M\x1b[<0;99999;99999m",
    b"\x1b[<65;5;5M" * 50,
    b"\xff\xfe\xc3",
    b"\x1b[200~pasted \x1b[201~",
    b"\x1b[99;99;99;99;99~",
    b"\x1b]52;c;cQ==\x07",
)


def test_nonsense_is_survived_and_is_no_key(demo: Held) -> None:
    for piece in NONSENSE:
        demo.type(piece)
    demo.type(b"?")
    demo.wait_for(b"\xc2\xb7 Live")
    assert not demo.has_ended()
    demo.type(b"\x03")
    demo.end()
    assert demo.code == 0 and b"Traceback" not in demo.written


def test_a_terminal_that_forgot_is_told_again_how_to_report(demo: Held) -> None:
    demo.type(b"\x1b[M \xe8\x29")
    demo.wait_for(b"\x1b[?1006h")


def test_no_mouse_leaves_none(tmp_path: Path) -> None:
    with Held((*DEMO, "--no-mouse"), environment(tmp_path), (120, 36)) as held:
        held.wait_for(b"burn rate", b"sessions")
        assert b"\x1b[?1000h" not in held.written
        held.type(b"q")
        held.end()
        assert held.code == 0
        for mode in (b"1000", b"1003", b"1006"):
            assert b"\x1b[?" + mode + b"l" in held.written


@pytest.mark.parametrize("demo", [(20, 5), (1, 1)], indirect=True)
def test_tiny_and_then_large(demo: Held) -> None:
    demo.wait_until(lambda: b"\x1b[?1049h" in demo.written)
    for key in (b"2", b"3", b"4", b"5", b"6", b"7", b"1", b"?"):
        demo.type(key)
    demo.resize((120, 36))
    demo.wait_for("keys · Live".encode(), b"burn rate", b"sessions")
    demo.type(b"\x03")
    demo.end()
    assert demo.code == 0 and b"Traceback" not in demo.written, demo.written[-3000:]


def test_a_storm_of_sizes(demo: Held) -> None:
    for number in range(150):
        demo.resize(((60, 16), (250, 70), (20, 5), (80, 24), (1, 1))[number % 5])
        if number % 10 == 0:
            demo.wait_until(lambda: True)
            demo._read(0.01)
    demo.resize((120, 36))
    demo.wait_for(b"burn rate", b"sessions")
    demo.type(b"q")
    demo.end()
    assert demo.code == 0 and b"Traceback" not in demo.written
