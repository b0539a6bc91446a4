"""The settings in force: read again when their file changes, and applied to the app that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.widget import Widget

from tokenwatch import config
from tokenwatch.config import Config
from tokenwatch.errors import ConfigError
from tokenwatch.tui.looks.themes import theme_name
from tokenwatch.tui.messages import SettingsChanged

if TYPE_CHECKING:
    from tokenwatch.tui.app import TokenwatchApp

Stamp = tuple[int, int, int, int]


class Preferences:
    """A settings file, and what was last read from it without an error."""

    def __init__(
        self,
        path: Path | None = None,
        settings: Config | None = None,
        *,
        decided: Mapping[str, str] | None = None,
        hand_on: Callable[[Config], tzinfo] | None = None,
        note: str = "",
    ) -> None:
        """path: None where nothing can be changed. settings: what it was read as before.

        decided: what the environment or an option decides, by a setting's key: the name of what
        does so. hand_on: tells who reads the logs, and returns the time zone in force. note: what
        the user should know about the file.
        """
        self.path = path
        self.config = settings or Config()
        self.decided = dict(decided or {})
        self.note = note
        self.problems: tuple[str, ...] = ()
        """What is wrong with the file as it is; while there is anything, `config` stays."""
        self._hand_on = hand_on
        self._stamp: Stamp | None = None
        self._is_read = False

    def look(self) -> bool:
        """Read the file if it has changed since the last look; tell whether that is news."""
        stamp = _stamp(self.path)
        if self.path is None or (self._is_read and stamp == self._stamp):
            return False
        self._is_read, self._stamp = True, stamp
        before = (self.config, self.problems)
        try:
            self.config, self.problems = config.load(self.path), ()
        except ConfigError as error:
            self.problems = tuple(line.removeprefix(f"{self.path}: ") for line in error.lines)
        return before != (self.config, self.problems)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What every screen says while the file is broken."""
        if not self.problems:
            return ()
        more = len(self.problems) - 1
        first = "config.toml is wrong, so the last good settings stay: " + self.problems[0]
        return (first + (f" (and {more} more)" if more else ""),)

    def apply(self, app: TokenwatchApp, before: Config) -> None:
        """Let the app follow what differs from the settings before."""
        new, old = self.config.screen, before.screen
        if new.theme != old.theme:
            self.use_theme(app)
        if new.privacy != old.privacy and app.privacy != new.privacy:
            app.action_toggle_privacy()
        if new.mouse != old.mouse and "screen.mouse" not in self.decided:
            take_mouse(app, new.mouse)
        if new.ascii != old.ascii and "screen.ascii" not in self.decided:
            app.draw_in_ascii(new.ascii)
        if self._hand_on and self.config != before:
            zone = self._hand_on(self.config)
            if zone != app.zone:
                app.zone = zone
                redraw(app)
        app.present()
        for screen in app.screen_stack:
            screen.post_message(SettingsChanged())

    def use_theme(self, app: App[str]) -> None:
        """Show the theme of the settings, unless the environment wants no colours."""
        if "screen.theme" not in self.decided:
            app.theme = theme_name(self.config.screen.theme)

    def editor(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """Return the environment with the editor of the settings, if they choose one."""
        chosen = self.config.editor
        return {**environment, "VISUAL": chosen} if chosen else environment


def _stamp(path: Path | None) -> Stamp | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    # The change of its mode leaves the other times as they are.
    return found and (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def take_mouse(app: App[str], wanted: bool) -> None:
    """Take the mouse from the terminal, or leave it to the terminal again."""
    take = getattr(app._driver, "take_mouse", None)
    if take is not None:
        take(wanted)


def redraw(app: App[str]) -> None:
    """Draw every cell of all screens in view once more."""
    for screen in app.screen_stack:
        for widget in (screen, *screen.query(Widget)):
            widget.notify_style_update()
            widget.refresh()
