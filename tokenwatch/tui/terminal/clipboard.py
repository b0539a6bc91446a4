"""Copy to the clipboard: by a local program, through tmux, through the terminal.

Over ssh the programs of this machine are passed over: their clipboard is not the user's.
"""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_WAIT_SECONDS: Final = 2
LONGEST: Final = 74_994
"""So many characters of base64 a terminal takes at once; xterm has the least."""
TOO_LONG: Final = "is too long for the terminal's clipboard"


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy."""

    said: str
    """For people, after the name of what was copied."""
    sequence: str = ""
    """What is still to be written to the terminal."""
    is_done: bool = True


def copy(text: str, environment: Mapping[str, str]) -> Copied:
    """Copy a text by all means there are. Blocks shortly."""
    is_far = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    programs = [] if is_far else _programs(environment)
    local = any(_feed(command, text, environment) for command in programs)
    if environment.get("TMUX"):
        return _through_tmux(text, environment, local)
    if local:
        return Copied("copied")
    return send(text, "terminal")


def send(text: str, to: str) -> Copied:
    """Copy through what draws the screen alone; `to` names it for people."""
    sequence = _osc_52(text)
    if not sequence:
        return Copied(TOO_LONG, is_done=False)
    return Copied(f"sent to the {to}'s clipboard", sequence)


def _programs(environment: Mapping[str, str]) -> list[list[str]]:
    """Return the commands that may work here, the first that does is enough."""
    programs = [["pbcopy"]]
    if environment.get("WAYLAND_DISPLAY"):
        programs.append(["wl-copy"])
    if environment.get("DISPLAY"):
        programs.append(["xclip", "-selection", "clipboard"])
        programs.append(["xsel", "--clipboard", "--input"])
    return [*programs, ["clip.exe"]]


def _through_tmux(text: str, environment: Mapping[str, str], local: bool) -> Copied:
    """Fill tmux's buffer; tmux itself sends it on, unless it was told not to."""
    # `-w` is known since tmux 3.2.
    sent = _feed(["tmux", "load-buffer", "-w", "-"], text, environment)
    kept = sent or _feed(["tmux", "load-buffer", "-"], text, environment)
    if local:
        return Copied("copied")
    if sent and _option("set-clipboard", environment) not in ("", "off"):
        return Copied("copied to tmux's buffer and sent to the terminal's clipboard")
    sequence = _osc_52(text)
    if sequence and _option("allow-passthrough", environment) in ("on", "all"):
        # Given to the terminal outside as it is, each ESC doubled.
        through = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        return Copied("sent to the terminal's clipboard", through)
    if kept:
        return Copied("copied to tmux's buffer, which tmux may not send on")
    return Copied("not copied: tmux takes nothing", is_done=False)


def _option(name: str, environment: Mapping[str, str]) -> str:
    return _run(["tmux", "show-options", "-gqv", name], "", environment)[1].strip()


def _osc_52(text: str) -> str:
    """Return what has a terminal copy a text; empty if it would not take that much."""
    encoded = b64encode(text.encode(errors="replace")).decode()
    return "" if len(encoded) > LONGEST else f"\x1b]52;c;{encoded}\x07"


def _feed(command: Sequence[str], text: str, environment: Mapping[str, str]) -> bool:
    return _run(command, text, environment)[0]


def _run(command: Sequence[str], text: str, environment: Mapping[str, str]) -> tuple[bool, str]:
    """Return whether a program took the text, and what it said."""
    program = shutil.which(command[0], path=environment.get("PATH", ""))
    if program is None:
        return False, ""
    # A program that keeps the clipboard goes on in the background, and would keep a pipe open.
    out = subprocess.PIPE if command[1:2] == ["show-options"] else subprocess.DEVNULL
    try:
        done = subprocess.run(
            [program, *command[1:]],
            env=dict(environment),
            input=text.encode(errors="replace"),
            stdout=out,
            stderr=subprocess.DEVNULL,
            timeout=_WAIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False, ""
    return done.returncode == 0, (done.stdout or b"").decode(errors="replace")
