"""Notifications through a real tmux, attached to a terminal that says which one it is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.held import Held
from tokenwatch.channels.outlet import outlet
from tokenwatch.channels.terminal import Outlet, Way

pytestmark = pytest.mark.program("tmux")

TELL = """
import os, sys
from tests.channels.raised import alert
from tokenwatch.channels.outlet import outlet
from tokenwatch.channels.terminal import sequence
found = outlet(os.environ)
sys.stdout.write(sequence(found, alert()) + (found.trouble or "nothing stands in the way"))
sys.stdout.flush()
sys.stdin.read()
"""
ROOT = Path(__file__).parents[2]


class Server:
    """A tmux server with one session, whose terminal is ours."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.socket = str(folder / "tmux")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        self.tmux("new-session", "-d", "-x", "100", "-y", "24", "sleep 600")
        self.pane = self.tmux("display-message", "-p", "#{pane_id}").strip()

    def command(self, *words: str) -> list[str]:
        return ["tmux", "-S", self.socket, "-f", "/dev/null", *words]

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def attached(self) -> Held:
        return Held(["/usr/bin/env", *self.command("attach")], self.environment, (100, 24))

    def inside(self) -> dict[str, str]:
        """Return the variables of a program in its pane."""
        server = self.tmux("display-message", "-p", "#{pid}").strip()
        return {
            **self.environment,
            "TMUX": f"{self.socket},{server},0",
            "TMUX_PANE": self.pane,
            "TERM": "tmux-256color",
            "TERM_PROGRAM": "tmux",
        }

    def run_inside(self) -> None:
        self.tmux("respawn-pane", "-k", shlex.join([sys.executable, "-c", TELL]))


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(tmp_path, **getattr(request, "param", {}))
    yield made
    made.tmux("kill-server")


def name_itself(held: Held, server: Server, name: str) -> None:
    """Answer tmux's question which terminal this is."""
    held.wait_for(b"\x1b[>q")
    held.type(f"\x1bP>|{name}\x1b\\".encode())
    held.wait_until(
        lambda: server.tmux("display-message", "-p", "#{client_termtype}").strip() == name
    )


SAID = "daily: $24.10 of $30.00 spent, 80% of the budget – Look at tokenwatch budget list"


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        ("iTerm2 3.5.0", rf"\x1b\]9;tokenwatch: budget: {re.escape(SAID)}\x07"),
        ("WezTerm 20240203", rf"\x1b\]777;notify;tokenwatch: budget;{re.escape(SAID)}\x07"),
        (
            "kitty(0.35.2)",
            r"\x1b\]99;i=(\S+):d=0:p=title;tokenwatch: budget\x1b\\"
            rf"\x1b\]99;i=\1:d=1:p=body:u=1;{re.escape(SAID)}\x1b\\",
        ),
    ],
    ids=["osc 9", "osc 777", "osc 99"],
)
def test_the_terminal_outside_gets_the_sequence(server: Server, name: str, sequence: str) -> None:
    server.tmux("set", "-g", "allow-passthrough", "on")
    with server.attached() as held:
        name_itself(held, server, name)
        server.run_inside()
        held.wait_for(b"nothing stands in the way")
        assert re.search(sequence, held.written.decode(errors="replace"))
        server.tmux("kill-server")
        held.end()


def test_tmux_that_passes_nothing_on_is_told_and_gets_nothing(server: Server) -> None:
    with server.attached() as held:
        name_itself(held, server, "iTerm2 3.5.0")
        server.run_inside()
        held.wait_for(b"tmux passes nothing on to the terminal: tmux set -g allow-passthrough on")
        assert b"\x1b]9;" not in held.written
        server.tmux("kill-server")
        held.end()


@pytest.mark.parametrize("server", [{"LC_TERMINAL": "iTerm2"}], indirect=True)
def test_a_terminal_that_does_not_name_itself_is_known_by_its_variables(server: Server) -> None:
    server.tmux("set", "-g", "allow-passthrough", "on")
    with server.attached() as held:
        held.wait_until(
            lambda: server.tmux("display-message", "-p", "#{client_termname}").strip() != ""
        )
        found = outlet(server.inside())
        assert found == Outlet(Way.OSC_9, in_tmux=True)
        # What the session was told since wins over what the server was started with.
        server.tmux("set-environment", "-r", "LC_TERMINAL")
        unknown = "this terminal is not known to show notifications (TERM=xterm-256color)"
        assert outlet(server.inside()) == Outlet(None, in_tmux=True, trouble=unknown)
        server.tmux("kill-server")
        held.end()


def test_no_terminal_is_attached(server: Server) -> None:
    server.tmux("set", "-g", "allow-passthrough", "on")
    assert outlet(server.inside()).trouble == "tmux is attached to no terminal"


def test_a_server_that_is_gone(server: Server) -> None:
    inside = server.inside()
    server.tmux("kill-server")
    found = outlet(inside)
    assert found.way is None and found.trouble and found.trouble.startswith("tmux display-message:")


def test_no_program_tmux(tmp_path: Path) -> None:
    found = outlet({"TMUX": "x,1,0", "PATH": str(tmp_path)})
    assert found.trouble == "there is no program tmux"


def test_outside_tmux_nothing_is_asked(tmp_path: Path) -> None:
    found = outlet({"TERM": "xterm-kitty", "PATH": str(tmp_path)})
    assert found.way and found.way.value == "99" and not found.in_tmux
