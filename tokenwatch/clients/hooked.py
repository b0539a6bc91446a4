"""Where our hooks are in the clients' settings, and whether any are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from tokenwatch import paths
from tokenwatch.clients import claude_settings, codex_hooks, settings_file
from tokenwatch.errors import ClientSettingsError
from tokenwatch.sources.claude_code import locate as claude_code
from tokenwatch.sources.codex import locate as codex

CLIENTS: Final[Mapping[str, str]] = {"claude-code": "Claude Code", "codex": "Codex"}
EVENTS: Final = ("UserPromptSubmit", "PreToolUse")
"""At which a client with all our hooks asks."""
UNGUARDED: Final = (
    "no client asks before it goes on: without `tokenwatch hooks install` it stops nothing"
)
"""What is said of a hard budget while that is so."""


_Stamp = tuple[int, int, int, int]


class Hooked(NamedTuple):
    """A file of a client's settings."""

    file: str
    """Its path; empty where the client has no folder."""
    hooks: tuple[tuple[str, str], ...]
    """Ours in it: event and command; `notify` is one that stops nothing."""
    problem: str = ""
    """What is the matter with it."""


def folders(client: str) -> list[Path]:
    """Return the folders whose settings a client goes by; of the usual ones the first that exists.

    Several where CLAUDE_CONFIG_DIR or CODEX_HOME names several. Raises ClientSettingsError for
    none.
    """
    if client == "claude-code":
        found, chosen = claude_code.roots(os.environ, paths.home()), "CLAUDE_CONFIG_DIR"
    else:
        found, chosen = codex.roots(os.environ, paths.home()), "CODEX_HOME"
    there = [each for each in found if each.is_dir()]
    if not there:
        raise ClientSettingsError(f"{CLIENTS[client]} has no folder here: there is no {found[0]}")
    return there if os.environ.get(chosen, "").strip() else there[:1]


def file_in(client: str, folder: Path) -> Path:
    """Return where a client has its hooks."""
    return folder / (claude_settings.NAME if client == "claude-code" else codex_hooks.HOOKS)


def hooked(client: str) -> list[Hooked]:
    """Return what there is of ours in each folder of a client's. Never raises for a bad file."""
    try:
        return [_of_file(client, file_in(client, each)) for each in folders(client)]
    except ClientSettingsError as error:
        return [Hooked("", (), str(error))]


def is_guarded() -> bool:
    """Tell whether any client asks the guard."""
    return any(
        event in EVENTS for client in CLIENTS for each in hooked(client) for event, _ in each.hooks
    )


class Lookout:
    """Tells the same time and again, and reads the settings only where a file has changed."""

    def __init__(self) -> None:
        self._stamps: list[tuple[Path, _Stamp | None]] | None = None
        self._is_guarded = False

    def is_guarded(self) -> bool:
        """Tell whether any client asks the guard."""
        stamps = [(path, _stamp(path)) for path in _files()]
        if stamps != self._stamps:
            self._stamps, self._is_guarded = stamps, is_guarded()
        return self._is_guarded


def _files() -> Iterator[Path]:
    for client in CLIENTS:
        with suppress(ClientSettingsError):
            yield from (file_in(client, each) for each in folders(client))


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _of_file(client: str, path: Path) -> Hooked:
    try:
        found = claude_settings.hooks(settings_file.text_of(path, settings_file.read(path)))
        hooks = tuple((event, hook.command) for event, each in found.items() for hook in each)
        if client == "codex" and not hooks:
            config = path.with_name(codex_hooks.CONFIG)
            words = codex_hooks.notify(settings_file.text_of(config, settings_file.read(config)))
            if words is not None and codex_hooks.is_ours(words):
                return Hooked(str(config), (("notify", " ".join(words)),))
    except (ClientSettingsError, ValueError) as error:
        return Hooked(str(path), (), str(error))
    missing = [event for event in EVENTS if hooks and event not in dict(hooks)]
    return Hooked(str(path), hooks, f"no hook at {', '.join(missing)}" if missing else "")
