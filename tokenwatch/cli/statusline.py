"""`tokenwatch statusline`: what Claude Code tells its status line; install it, take it out again.

Without a word it is the status line (`status_line.py`). Installing changes `statusLine` in Claude
Code's settings.json, and nothing else there, after the difference was shown; of each folder that
CLAUDE_CONFIG_DIR names, since each may have an account of its own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tokenwatch.errors import ClientSettingsError, UsageError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_BARE = object()
"""`--wrap` without a command behind it."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument(
        "action",
        nargs="?",
        choices=("install", "uninstall"),
        help="change Claude Code's settings.json (none: be the status line, with JSON on stdin)",
    )
    to.add_argument(
        "--wrap",
        nargs="?",
        const=_BARE,
        metavar="CMD",
        help="run this status line as well; with install: the one that is there",
    )
    to.add_argument("--config-dir", metavar="DIR", help="Claude Code's folder, if not the usual")
    to.add_argument("--yes", action="store_true", help="change it without a question")


def run(options: argparse.Namespace) -> int:
    """Install, uninstall, or be the status line."""
    if options.action is None:
        return _be(options)
    if options.wrap not in (None, _BARE):
        raise UsageError("--wrap takes no command here: install wraps the status line that is set")
    if options.wrap is not None and options.action != "install":
        raise UsageError("--wrap goes with install alone")
    code = 0
    for path in _files(options.config_dir):
        if options.action == "install":
            code |= _install(path, wraps=options.wrap is _BARE, yes=options.yes)
        else:
            code |= _uninstall(path, options.yes)
    return code


def _files(chosen: str | None) -> list[Path]:
    from tokenwatch.clients import claude_settings, hooked

    if chosen is not None:
        return [claude_settings.settings_path(chosen)]
    client = "claude-code"
    return [hooked.file_in(client, folder) for folder in hooked.folders(client)]


def _be(options: argparse.Namespace) -> int:
    from tokenwatch.cli import status_line

    if options.wrap is _BARE:
        raise UsageError("--wrap needs the command of a status line")
    if options.yes or options.config_dir is not None:
        raise UsageError("--yes and --config-dir go with install and uninstall")
    if options.wrap is None and sys.stdin.isatty():
        raise UsageError(
            "Claude Code runs this as its status line, with JSON on stdin;"
            " to have it do so: tokenwatch statusline install"
        )
    return status_line.run(options.wrap or "")


def _install(path: Path, *, wraps: bool, yes: bool) -> int:
    from tokenwatch.cli.settings_change import settle
    from tokenwatch.clients import claude_settings as settings
    from tokenwatch.clients.running import command_line
    from tokenwatch.clients.settings_file import installing

    ours = command_line("statusline")
    foreign: list[str] = []

    def put(text: str) -> str:
        now = settings.status_line(text)
        if now is not None and settings.has_our_status_line(now):
            return text
        inner = None
        if now is not None:
            inner = settings.wrapped(now) if settings.is_our_status_line(now) else now
            if inner == now:
                foreign.append(now)
        command = ours if inner is None else settings.wrapping(ours, inner)
        return settings.with_status_line(text, command)

    change = installing(path, put, settings.without_ours)
    note = ""
    if foreign:
        note = f"a status line is set already: {foreign[0]}\n"
        note += "it stays: ours runs it and adds a line below"
        if yes and not wraps:
            raise ClientSettingsError(
                f"{path}: a status line is set already, {foreign[0]!r}: add --wrap to keep it,"
                " with ours below"
            )
    return settle(
        change,
        yes=yes,
        question="Change it so?",
        nothing=f"installed already: {path}",
        note=note,
    )


def _uninstall(path: Path, yes: bool) -> int:
    from tokenwatch.cli.settings_change import settle
    from tokenwatch.clients import claude_settings as settings
    from tokenwatch.clients.json_text import JsonTextError
    from tokenwatch.clients.settings_file import uninstalling

    def take_out(text: str, before: str | None) -> str:
        now = settings.status_line(text)
        if now is not None and settings.has_our_status_line(now):
            raise JsonTextError(
                f"its status line runs tokenwatch among other things, {now!r}: take it out yourself"
            )
        return settings.without_status_line(text, before)

    return settle(
        uninstalling(path, take_out),
        yes=yes,
        question="Change it so?",
        nothing=f"no status line of tokenwatch is set: {path}",
    )
