"""Ask tmux, if this program runs inside it, which terminal there is outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokenwatch.channels.terminal import Outlet, by_environment, in_tmux
from tokenwatch.format import one_line
from tokenwatch.tmux import TmuxError, tmux

_ASKED: Final = "#{allow-passthrough}\n#{client_termname}\n#{client_termtype}"
_LONG: Final = 120
_NAMES: Final = ("TERM_PROGRAM", "KITTY_WINDOW_ID", "LC_TERMINAL", "ConEmuPID")


def outlet(environment: Mapping[str, str]) -> Outlet:
    """Return how the terminal can be made to show a notification. Blocks shortly inside tmux.

    To be asked anew for each alert: tmux may have been attached to another terminal meanwhile.
    """
    if not environment.get("TMUX"):
        return by_environment(environment)
    try:
        return _inside(environment)
    except TmuxError as error:
        return Outlet(None, in_tmux=True, trouble=one_line(str(error), _LONG))


def _inside(environment: Mapping[str, str]) -> Outlet:
    pane = environment.get("TMUX_PANE")
    where = ("-t", pane) if pane else ()
    told = tmux(environment, "display-message", "-p", *where, _ASKED).split("\n")
    passes, name, program = (line.strip() for line in (*told, "", "", "")[:3])
    known: dict[str, str] = {}
    if name and not program:
        # What the server was started with; then what the session was told when it was attached.
        for scope in (("-g",), where):
            known |= _variables(tmux(environment, "show-environment", *scope))
    return in_tmux(passes, name, program, known)


def _variables(listed: str) -> dict[str, str]:
    """Return those that tell of a terminal; a line `-NAME` says that there is none: ""."""
    found: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if name.removeprefix("-") in _NAMES:
            found[name.removeprefix("-")] = "" if name.startswith("-") else value
    return found
