"""Copy to the system's clipboard: by a local program, else through the terminal."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

_WAIT_SECONDS = 2


def copy_locally(text: str, environment: Mapping[str, str]) -> str | None:
    """Return the name of the program that took the text; None where none did. Blocks shortly."""
    for command in _programs(environment):
        program = shutil.which(command[0], path=environment.get("PATH", ""))
        if program is None:
            continue
        try:
            done = subprocess.run(
                [program, *command[1:]],
                env=dict(environment),
                input=text.encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_WAIT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command[0]
    return None


def _programs(environment: Mapping[str, str]) -> list[list[str]]:
    programs = [["pbcopy"]]
    if environment.get("WAYLAND_DISPLAY"):
        programs.append(["wl-copy"])
    if environment.get("DISPLAY"):
        programs.append(["xclip", "-selection", "clipboard"])
    return [*programs, ["clip.exe"]]
