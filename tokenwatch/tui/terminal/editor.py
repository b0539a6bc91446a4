"""Open a log in the user's editor (`$VISUAL`, `$EDITOR`), at the right line where it knows how.

Editors of the terminal get the whole of it until they end; those with windows are started and left
to themselves. Never through a shell.
"""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.app import App, SuspendNotSupported

from tokenwatch import format as fmt

if TYPE_CHECKING:
    from tokenwatch.snapshot import LogPlace
    from tokenwatch.tui.app import TokenwatchApp

AT_PLUS: Final = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe"}
    | {"jed", "ne", "mg", "less", "gvim", "gedit"}
)
"""They take `+line file`."""
AT_COLON: Final = frozenset({"hx", "helix", "zed", "zeditor", "subl", "sublime_text"})
"""They take `file:line`."""
AT_GOTO: Final = frozenset(
    {"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "antigravity"}
)
"""They take `--goto file:line`."""
AT_LINE: Final = frozenset(
    {"kate", "mate", "idea", "pycharm", "webstorm", "goland", "clion", "rubymine", "phpstorm"}
)
"""They take `--line line file`."""
WINDOWED: Final = frozenset({*AT_GOTO, *AT_LINE, "zed", "zeditor", "subl", "sublime_text"}) | {
    "gvim",
    "gedit",
}
"""They have windows of their own."""


class Editing(NamedTuple):
    """How an editor is started."""

    command: tuple[str, ...]
    windowed: bool


class NoEditor(Exception):
    """No editor can be started; the text says why, for people."""


def editing(
    environment: Mapping[str, str], file: str, line: int | None, *, by: str | None = None
) -> Editing:
    """Return how to open a file. Raises NoEditor.

    by: what chose the editor that stands in $VISUAL, in words; None: the variable itself.
    """
    variable = next((name for name in ("VISUAL", "EDITOR") if environment.get(name)), None)
    if variable is None:
        raise NoEditor("no editor: choose one in the settings, or set $VISUAL or $EDITOR")
    chosen = by or f"${variable}"
    try:
        words = shlex.split(environment[variable])
    except ValueError as error:
        raise NoEditor(f"{chosen} can't be understood: {error}") from error
    if not words:
        raise NoEditor(f"{chosen} names no program")
    program = shutil.which(words[0], path=environment.get("PATH", ""))
    if program is None:
        raise NoEditor(f"{chosen}: there is no program {fmt.one_line(words[0], 40)}")
    if not Path(file).is_file():
        raise NoEditor(f"the log is gone: {fmt.clean(file)}")
    name = Path(words[0]).name.lower().removesuffix(".exe")
    return Editing((program, *words[1:], *_at(name, file, line)), name in WINDOWED)


def _at(name: str, file: str, line: int | None) -> Sequence[str]:
    if line is not None and name in AT_PLUS:
        return f"+{line}", file
    if line is not None and name in AT_COLON:
        return (f"{file}:{line}",)
    if line is not None and name in AT_GOTO:
        return "--goto", f"{file}:{line}"
    if line is not None and name in AT_LINE:
        return "--line", str(line), file
    return (file,)


def edit_place(app: TokenwatchApp, place: LogPlace | None) -> None:
    """Open a log in the user's editor, and say what stood in the way."""
    try:
        if app.is_web:
            raise NoEditor("no editor in the browser")
        if place is None:
            hidden = "paths are hidden: P shows them"
            raise NoEditor(hidden if app.privacy else "no log is known of it")
        by = "the setting `editor`" if app.preferences.config.editor else None
        how = editing(app.environment, place.file, place.line, by=by)
        if how.windowed:
            _start(app, how.command, app.environment)
        else:
            _run(app, how.command, app.environment)
    except NoEditor as why:
        app.notify(str(why), severity="warning", markup=False)


def _run(app: App[str], command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Give the terminal to an editor until it ends."""
    try:
        with app.suspend():
            # What is typed at the editor is the editor's: ctrl+c must not end this program.
            before = signal.signal(signal.SIGINT, lambda *_: None)
            try:
                ended = subprocess.run(command, env=dict(environment), check=False).returncode
            finally:
                signal.signal(signal.SIGINT, before)
    except SuspendNotSupported:
        raise NoEditor("this terminal can't be handed to an editor") from None
    except OSError as error:
        raise NoEditor(_not_started(command, error)) from error
    app.refresh(layout=True)
    if ended:
        raise NoEditor(_failed(command, ended))


def _start(app: App[str], command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Start an editor with windows of its own; a thread waits for how it ends."""
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NoEditor(_not_started(command, error)) from error

    def wait() -> None:
        ended = process.wait()
        if ended and app.is_running:
            app.call_from_thread(
                app.notify, _failed(command, ended), severity="warning", markup=False
            )

    app.notify(f"opened in {Path(command[0]).name}", timeout=2, markup=False)
    threading.Thread(target=wait, name="editor", daemon=True).start()


def _not_started(command: Sequence[str], error: OSError) -> str:
    return f"{Path(command[0]).name} was not started: {error.strerror or error}"


def _failed(command: Sequence[str], ended: int) -> str:
    how = f"signal {-ended}" if ended < 0 else f"exit status {ended}"
    return f"{Path(command[0]).name} failed with {how}"
