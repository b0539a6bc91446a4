"""Go to the tmux pane in which an agent runs."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.answers.session import running
from tokenwatch.format import clean
from tokenwatch.tmux import TmuxError, tmux
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.snapshot import Running
    from tokenwatch.tui.screens.frame import FrameScreen

_WAIT_S = 5
_FORMAT = "#{pane_id} #{pane_pid} #{pane_tty}"
_PROC = Path("/proc")


class NoPane(Exception):
    """There is no pane to go to; the text says why, for people."""


class Pane(NamedTuple):
    """A pane of the tmux server that this program runs in."""

    id: str
    pid: int
    tty: str


class Process(NamedTuple):
    """A process, as far as it tells which pane it runs in."""

    pid: int
    parent: int
    tty: str
    """Empty where it has none."""


def jump_to_pane(screen: FrameScreen, session_id: str) -> None:
    """Bring the pane of a session's agent in view, or say why there is none.

    screen: in view; it gets the answer.
    """
    app = app_of(screen)

    def take(found: Running | None) -> None:
        app.run_worker(_jump(found), group="tmux", exclusive=True)

    async def _jump(found: Running | None) -> None:
        try:
            if app.is_web:
                raise NoPane("no tmux in the browser")
            await asyncio.to_thread(go, found, app.environment)
        except NoPane as why:
            app.notify(clean(str(why)), severity="warning", markup=False)

    app.ask(("pane", session_id), partial(running, session_id=session_id), screen, take)


def go(found: Running | None, environment: Mapping[str, str]) -> None:
    """Bring the pane of a process in view. Raises NoPane. Blocks shortly."""
    if not environment.get("TMUX"):
        raise NoPane("not inside tmux: there is no pane to go to")
    if found is None:
        raise NoPane("no running process is known of this session")
    listed = _ask(environment, "list-panes", "-a", "-F", _FORMAT)
    pane = pane_of(found, list(_panes(listed)))
    if pane is None:
        raise NoPane("the agent runs in no pane of this tmux server")
    for command in ("select-window", "select-pane", "switch-client"):
        _ask(environment, command, "-t", pane.id)


def pane_of(found: Running, panes: list[Pane]) -> Pane | None:
    """Return the pane that a process runs in: that of its nearest ancestor, else of its terminal.

    Where its pid is unknown, the pane that the client itself names.
    """
    if found.pid is None:
        return next((pane for pane in panes if pane.id == found.tmux_pane), None)
    by_pid = {pane.pid: pane for pane in panes}
    ttys = []
    for process in _upwards(found.pid):
        if process.pid in by_pid:
            return by_pid[process.pid]
        ttys.append(process.tty)
    return next((pane for tty in ttys for pane in panes if tty and pane.tty == tty), None)


def _panes(listed: str) -> Iterator[Pane]:
    for line in listed.splitlines():
        words = line.split(" ", 2)
        if len(words) == 3 and words[1].isdigit():
            yield Pane(words[0], int(words[1]), words[2])


def _upwards(pid: int) -> Iterator[Process]:
    """Yield a process, its parent, and so on, as far as they can be seen."""
    seen: set[int] = set()
    while pid > 1 and pid not in seen:
        seen.add(pid)
        process = _from_proc(pid) if _PROC.joinpath("self", "stat").exists() else _from_ps(pid)
        if process is None:
            return
        yield process
        pid = process.parent


def _from_proc(pid: int) -> Process | None:
    try:
        status = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in brackets, may hold anything.
    fields = status.rpartition(")")[2].split()
    try:
        tty = str((_PROC / str(pid) / "fd" / "0").readlink())
    except OSError:
        tty = ""
    return Process(pid, int(fields[1]), tty if tty.startswith("/dev/") else "")


def _from_ps(pid: int) -> Process | None:
    told = subprocess.run(
        ["ps", "-o", "ppid=,tty=", "-p", str(pid)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_WAIT_S,
        check=False,
    ).stdout.split()
    if len(told) != 2 or not told[0].isdigit():
        return None
    return Process(pid, int(told[0]), "" if told[1].startswith("?") else f"/dev/{told[1]}")


def _ask(environment: Mapping[str, str], *command: str) -> str:
    try:
        return tmux(environment, *command)
    except TmuxError as error:
        raise NoPane(str(error)) from error
