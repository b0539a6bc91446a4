"""Notifications that a terminal shows when it is written an escape sequence. Pure.

Each terminal understands another sequence, and unknown ones are printed as nonsense by some, so a
terminal that is not known gets none. Sources: the manuals of iTerm2 and ConEmu (OSC 9), urxvt,
foot, Ghostty and WezTerm (OSC 777), kitty's protocol of desktop notifications (OSC 99), and
tmux(1), "allow-passthrough".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from tokenwatch.alert import Alert
from tokenwatch.channels.document import sentences, title
from tokenwatch.format import one_line

_ESC: Final = "\x1b"
_BEL: Final = "\x07"
_ST: Final = "\x1b\\"
_LONG: Final = 40


class Way(StrEnum):
    """The sequences there are, by their numbers."""

    OSC_9 = "9"
    """One text; iTerm2, ConEmu."""
    OSC_777 = "777"
    """Title and text; urxvt, foot, Ghostty, WezTerm."""
    OSC_99 = "99"
    """Title and text with an identity; kitty."""


_BY_TERM: Final = (
    ("xterm-kitty", Way.OSC_99),
    ("xterm-ghostty", Way.OSC_777),
    ("ghostty", Way.OSC_777),
    ("rxvt-unicode", Way.OSC_777),
    ("foot", Way.OSC_777),
    ("wezterm", Way.OSC_777),
)
"""Beginnings of TERM."""
_BY_PROGRAM: Final = {
    "iterm": Way.OSC_9,
    "iterm.app": Way.OSC_9,
    "iterm2": Way.OSC_9,
    "wezterm": Way.OSC_777,
    "ghostty": Way.OSC_777,
    "kitty": Way.OSC_99,
    "foot": Way.OSC_777,
    "rxvt": Way.OSC_777,
    "urxvt": Way.OSC_777,
}
"""By the name that a program gives itself, in small letters."""


class Outlet(NamedTuple):
    """How this program's terminal can be made to show a notification."""

    way: Way | None
    """None: not at all."""
    in_tmux: bool = False
    trouble: str | None = None
    """Why there is no way, and what the user can do."""


def by_environment(environment: Mapping[str, str]) -> Outlet:
    """Return the outlet that variables tell of, outside tmux.

    TERM is set by the terminal itself, or by ssh to what it was there, so it is believed first;
    then TERM_PROGRAM. The others are also inherited by terminals that were started from another
    one: they count only where no program is named.
    """
    term = environment.get("TERM", "")
    if term in ("", "dumb", "linux"):
        return _unknown(f"TERM={term or 'nothing'}")
    if way := by_term(term):
        return Outlet(way)
    if term.startswith("screen"):
        return Outlet(None, trouble="screen passes no notifications on to the terminal")
    if program := environment.get("TERM_PROGRAM"):
        way = by_program(program)
        return Outlet(way) if way else _unknown(program)
    if environment.get("KITTY_WINDOW_ID"):
        return Outlet(Way.OSC_99)
    if way := by_program(environment.get("LC_TERMINAL", "")):
        return Outlet(way)
    if environment.get("ConEmuPID"):
        return Outlet(Way.OSC_9)
    return _unknown(f"TERM={term}")


def by_term(term: str) -> Way | None:
    """Return the way of a terminal by its entry in terminfo."""
    return next((way for name, way in _BY_TERM if term.startswith(name)), None)


def by_program(program: str) -> Way | None:
    """Return the way of a terminal by its name, a version after it or not: `iTerm2 3.5`."""
    words = program.replace("(", " ").lower().split()
    return _BY_PROGRAM.get(words[0]) if words else None


def _unknown(what: str) -> Outlet:
    said = one_line(what, _LONG)
    return Outlet(None, trouble=f"this terminal is not known to show notifications ({said})")


def in_tmux(passes: str, name: str, program: str, environment: Mapping[str, str]) -> Outlet:
    """Return the outlet inside tmux.

    passes: its option `allow-passthrough`, empty for a tmux that has none and passes everything
    on. name, program: what tmux knows of the terminal it is attached to: TERM, and the answer to
    "which are you" (both empty where it is attached to none). environment: variables that tmux
    was started with or told of, asked if that answer is missing.
    """
    if passes not in ("", "1", "on", "all"):
        return Outlet(
            None,
            in_tmux=True,
            trouble="tmux passes nothing on to the terminal: tmux set -g allow-passthrough on",
        )
    if not name and not program:
        return Outlet(None, in_tmux=True, trouble="tmux is attached to no terminal")
    if program.startswith("tmux") or name.startswith(("tmux", "screen")):
        return Outlet(None, in_tmux=True, trouble="tmux runs inside another one, or inside screen")
    if program:
        way = by_program(program) or by_term(name)
        found = Outlet(way) if way else _unknown(program)
    else:
        found = by_environment({**environment, "TERM": name})
    return found._replace(in_tmux=True)


def sequence(outlet: Outlet, alert: Alert) -> str:
    """Return what has to be written, at once, to the terminal; empty if there is no way."""
    if outlet.way is None:
        return ""
    heading, *lines = (_harmless(line) for line in (title(alert), *sentences(alert)))
    body = " – ".join(lines)
    if outlet.way is Way.OSC_9:
        # A digit at the beginning would be taken for a command of ConEmu's; this is none.
        made = f"{_ESC}]9;{heading}: {body}{_BEL}"
    elif outlet.way is Way.OSC_777:
        made = f"{_ESC}]777;notify;{heading};{body}{_BEL}"
    else:
        # The same identity replaces what is still shown of the same thing.
        who = f"i=tokenwatch-{zlib.crc32(alert.key.encode(errors='replace')):08x}"
        urgency = alert.severity.rank
        made = (
            f"{_ESC}]99;{who}:d=0:p=title;{heading}{_ST}"
            f"{_ESC}]99;{who}:d=1:p=body:u={urgency};{body}{_ST}"
        )
    return through_tmux(made) if outlet.in_tmux else made


def through_tmux(made: str) -> str:
    """Return a sequence that tmux gives to the terminal outside as it is."""
    return f"{_ESC}Ptmux;{made.replace(_ESC, _ESC + _ESC)}{_ST}"


def _harmless(line: str) -> str:
    """Return a line that can't end a sequence, nor a part of it.

    What it is given has neither controls nor anything else that does not print.
    """
    return line.replace(";", ",")
