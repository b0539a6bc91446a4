"""Run tmux: ask the server that this program runs in, or tell it to do something."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

from tokenwatch.errors import TokenwatchError

WAIT_S: Final = 5
_LONGEST: Final = 80


class TmuxError(TokenwatchError):
    """It is not there, does not answer, or refuses; one line, for people."""


def tmux(environment: Mapping[str, str], *command: str) -> str:
    """Return what a command of tmux prints. Blocks, for WAIT_S at most. Raises TmuxError.

    environment: with PATH, and TMUX that names the server.
    """
    program = shutil.which("tmux", path=environment.get("PATH", ""))
    if program is None:
        raise TmuxError("there is no program tmux")
    try:
        done = subprocess.run(
            [program, *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WAIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TmuxError("tmux does not answer") from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:_LONGEST] or f"exit status {done.returncode}"
        raise TmuxError(f"tmux {command[0]}: {said}")
    return done.stdout
