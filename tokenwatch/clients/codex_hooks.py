"""What a version of Codex lets us do, and its files: hooks.json, and `notify` in config.toml.

hooks.json has the form of Claude Code's hooks (`claude_settings`). 0.121 runs it only with the
feature codex_hooks, 0.169 always, but only hooks that the user has reviewed. Versions without
either tell of the end of a turn alone, through one `notify` program.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from tokenwatch.clients.json_text import JsonTextError
from tokenwatch.clients.running import command_line, words_behind

HOOKS, CONFIG = "hooks.json", "config.toml"
HOOKS_RUN, NEEDS_FEATURE, NOTIFY_ONLY = "hooks", "feature", "notify"
FEATURE: Final = "codex_hooks"
_WAIT_S = 10.0


class Codex(NamedTuple):
    """The Codex that is installed."""

    version: str
    ability: str
    """HOOKS_RUN, NEEDS_FEATURE or NOTIFY_ONLY."""


def installed() -> Codex | None:
    """Ask the program what it can do; None where there is none, or none that answers."""
    program = shutil.which("codex")
    if program is None:
        return None

    def ask(*words: str) -> str:
        try:
            done = subprocess.run(
                [program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=_WAIT_S
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    return told(ask("--version"), lambda: ask("features", "list"))


def told(version: str, features: Callable[[], str]) -> Codex | None:
    """Make out a version from what `codex --version` and `codex features list` print."""
    number = version.strip().rpartition(" ")[2]
    if not number[:1].isdigit():
        return None
    ability = NOTIFY_ONLY
    for line in features().splitlines():
        words = line.split()
        if words[:1] in (["hooks"], [FEATURE]):
            ability = HOOKS_RUN if words[-1] == "true" else NEEDS_FEATURE
    return Codex(number, ability)


def notify(text: str) -> list[str] | None:
    """Return the `notify` of a config.toml; None where there is none. Raises JsonTextError."""
    try:
        found = tomllib.loads(text.removeprefix("\ufeff")).get("notify")
    except tomllib.TOMLDecodeError as error:
        raise JsonTextError(f"it is no TOML: {error}") from error
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise JsonTextError('"notify" is no list of words')
    return found


def is_ours(words: list[str]) -> bool:
    """Tell whether a `notify` is ours."""
    import shlex

    return (words_behind(shlex.join(words)) or [])[:2] == ["hooks", "notify"]


def with_notify(text: str) -> str:
    """Return the text with our `notify` as its first line. Raises JsonTextError: Codex has one."""
    import shlex

    words = notify(text)
    if words is not None:
        if is_ours(words):
            return text
        raise JsonTextError(
            '"notify" is taken by another program, and this version of Codex runs only one'
        )
    ours = json.dumps(shlex.split(command_line("hooks", "notify")), ensure_ascii=False)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{mark}notify = {ours}{newline}{text.removeprefix(mark)}"


def without_notify(text: str, before: str | None) -> str:
    """Return the text without our `notify`. before: what settings_file knows; not needed here."""
    del before
    words = notify(text)
    if words is None or not is_ours(words):
        return text
    rest = tomllib.loads(text.removeprefix("\ufeff"))
    del rest["notify"]
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text.removeprefix(mark).splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("notify"):
            continue
        # A table of another program, or a text, may have such a line as well.
        after = "".join((*lines[:number], *lines[number + 1 :]))
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(after) == rest:
                return mark + after
    raise JsonTextError('"notify" is not written on one line: take it out yourself')
