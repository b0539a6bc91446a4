"""`w` on a real tmux server: a stand-in for an agent runs in another window, and is gone to."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import factories
from tests.tui.conftest import Running as Started
from tests.tui.conftest import press, settle, text_of
from tokenwatch.answers.session import running as running_of
from tokenwatch.snapshot import Running
from tokenwatch.tui.terminal.tmux import NoPane, Pane, go, pane_of

pytestmark = pytest.mark.program("tmux")
PATIENCE_S = 30


class Server:
    """A tmux server with two windows; in the second one a process has a child and a grandchild."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"
        self._pids = folder / "pids"
        os.mkfifo(self._pids)
        self.run("new-session", "-d", "-s", "here", "sleep 600")
        script = f'sleep 600 & echo "$$ $!" > {self._pids}; wait'
        self.run("new-window", "-d", "-t", "here", f"sh -c '{script}'; sleep 600")
        self.shell, self.child = map(int, self._pids.read_text().split())

    def run(self, *arguments: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"},
            check=False,
        ).stdout.strip()

    @property
    def environment(self) -> dict[str, str]:
        """What a program inside the first window has."""
        first = self.run("display-message", "-p", "-t", "here:0", "#{pane_id}")
        told = {"TMUX": f"{self._socket},{self.run('display-message', '-p', '#{pid}')},0"}
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TMUX_PANE": first, **told}

    @property
    def window(self) -> str:
        return self.run("display-message", "-p", "-t", "here", "#{window_index}")

    def panes(self) -> list[Pane]:
        lines = self.run("list-panes", "-a", "-F", "#{pane_id} #{pane_pid} #{pane_tty}")
        found = (line.split() for line in lines.splitlines())
        return [Pane(id, int(pid), tty) for id, pid, tty in found]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.run("kill-server")


@pytest.fixture
def client(server: Server) -> Iterator[None]:
    """Attach a terminal: without one there is nothing to switch."""
    master, slave = os.openpty()
    attached = subprocess.Popen(
        ["tmux", "-S", str(server._socket), "attach", "-t", "here"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    give_up = time.monotonic() + PATIENCE_S
    while not server.run("list-clients"):
        assert time.monotonic() < give_up, "no client ever attached"
        time.sleep(0.05)
    yield
    attached.terminate()
    attached.wait()
    os.close(master)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("whose", ["shell", "child"])
def test_the_pane_of_an_ancestor(server: Server, whose: str) -> None:
    assert server.window == "0"
    go(Running(pid=getattr(server, whose), tmux_pane=None), server.environment)
    assert server.window == "1"


def test_the_pane_of_a_terminal(server: Server) -> None:
    """A process that outlived its parents is found by the terminal that it still has."""
    panes = [pane._replace(pid=0) for pane in server.panes()]
    found = pane_of(Running(pid=server.child, tmux_pane=None), panes)
    assert found == panes[1]


def test_the_pane_that_the_client_names(server: Server) -> None:
    panes = server.panes()
    assert pane_of(Running(pid=None, tmux_pane=panes[1].id), panes) == panes[1]
    assert pane_of(Running(pid=None, tmux_pane="%99"), panes) is None


def test_what_stands_in_the_way(server: Server, tmp_path: Path) -> None:
    here = server.environment
    outside = {name: value for name, value in here.items() if name != "TMUX"}
    for found, environment, why in (
        (Running(pid=server.shell, tmux_pane=None), outside, "not inside tmux"),
        (None, here, "no running process is known"),
        (Running(pid=os.getpid(), tmux_pane=None), here, "in no pane of this tmux server"),
        (Running(pid=2**30, tmux_pane=None), here, "in no pane of this tmux server"),
        (Running(pid=1, tmux_pane=None), {**here, "PATH": str(tmp_path)}, "there is no program"),
        (Running(pid=1, tmux_pane=None), {**here, "TMUX": f"{tmp_path}/no,1,0"}, "list-panes"),
    ):
        with pytest.raises(NoPane, match=why):
            go(found, environment)


@pytest.mark.usefixtures("client")
async def test_the_key(server: Server, running: Started) -> None:
    process = Running(pid=server.child, tmux_pane=None)
    answers = {running_of: lambda session_id: process}
    async with running(answers=answers, **server.environment) as pilot:
        await press(pilot, "enter", "w")
        await settle(pilot)
        assert server.window == "1"


async def test_the_key_outside_tmux(running: Started) -> None:
    async with running(answers={running_of: lambda session_id: None}) as pilot:
        await press(pilot, "enter", "w")
        assert "not inside tmux: there is no pane to go to" in text_of(pilot)
        assert factories.rich_sessions()[0].id in pilot.app.feed.read[-1]  # type: ignore[attr-defined]
