"""Settings: what there is to choose, what is chosen, and a change of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.config import ExtraRoot, edit
from tokenwatch.config.alerts import KEYRING
from tokenwatch.config.alerts import shown as address
from tokenwatch.config.catalogue import SECRET, as_typed, toml, value_of
from tokenwatch.config.check import texts_from
from tokenwatch.config.edit import Written
from tokenwatch.config.setting import CHOICE, FLAG, TEXTS, Setting
from tokenwatch.config.tables import BUDGETS, SOURCES
from tokenwatch.errors import TokenwatchError
from tokenwatch.snapshot import LogPlace, Snapshot
from tokenwatch.tui.bindings import PANES, Key, bindings_for, line_of
from tokenwatch.tui.boxes.confirm import ConfirmScreen
from tokenwatch.tui.looks.themes import theme_name
from tokenwatch.tui.messages import RowChosen, RowMoved, SettingsChanged
from tokenwatch.tui.privacy import HIDDEN
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.settings.boxes import ChoiceScreen, Folder, FolderScreen, TextScreen
from tokenwatch.tui.screens.settings.rows import (
    ELSEWHERE,
    NO_FOLDER,
    PRIVATE,
    SETTING_COLUMNS,
    SettingRow,
    about,
    paint_setting,
    setting_rows,
    short,
)
from tokenwatch.tui.terminal.editor import edit_place
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable

Change = Callable[[Path], Written]
MOST_TOLD = 80
"""Characters of a value in a notice."""


class AboutPane(Pane, can_focus=True):
    """What there is to say of the selected setting."""

    _row: SettingRow | None = None

    def show(self, row: SettingRow | None) -> None:
        """Say it of another row."""
        self._row = row
        problems = app_of(self).preferences.problems
        self.frame("config.toml is wrong" if problems else (row.key if row else ""))
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        app = app_of(self)
        lines = about(self._row, app.preferences, width, ink_of(self), private=app.privacy)
        if len(lines) > height > 0:
            # What has no room is not to be taken for the end.
            lines[height - 1].truncate(width - 2, overflow="crop")
            lines[height - 1].append(" …", ink_of(self).quiet)
        return Text("\n").join(lines)


HOW = ("enter changes it · del the default · n adds a folder", "enter changes it")


class SettingsScreen(FrameScreen):
    """Every setting with its value; changes are written into config.toml at once."""

    CSS_PATH = "settings.tcss"
    TAB = "settings"
    ACTIONS = (
        "screen.edit",
        "screen.new",
        "screen.delete",
        "screen.undo",
        "screen.editor",
        *PANES,
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Change"),
        ("screen.delete", "Default"),
        ("screen.new", "Folder"),
        "screen.undo",
        "screen.editor",
        "screen.copy",
        "app.help",
        "app.quit",
    )
    MEANINGS = {
        "screen.copy": "copy the path of the settings' file",
        "screen.delete": "the setting's default again; a folder is taken out",
        "screen.editor": "open the settings' file in your editor",
        "screen.new": "a further folder to look for logs in",
    }
    PANES = ("settings-main", "settings-about")
    MAIN = "settings-main"

    _last: Written | None = None
    """The change that can be undone."""

    def compose_panes(self) -> Iterable[Widget]:
        table = RecordTable[SettingRow](SETTING_COLUMNS, self._paint, id="settings-main")
        yield table.add_class("pane")
        yield AboutPane(id="settings-about", classes="pane")

    def _paint(self, row: SettingRow, column: str) -> Text:
        return paint_setting(row, column, ink_of(self))

    @property
    def _table(self) -> RecordTable[SettingRow]:
        return self.query_one("#settings-main", RecordTable)

    # Values ---------------------------------------------------------------------------------

    def on_mount(self) -> None:
        super().on_mount()
        self._fill()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._fill()

    def take(self, snapshot: Snapshot) -> None:
        self._fill()

    def on_settings_changed(self, message: SettingsChanged) -> None:
        self._fill()

    def forget(self) -> None:
        super().forget()
        self._fill()

    def _fill(self) -> None:
        if not self.is_ready:
            return
        app = app_of(self)
        of = app.preferences
        table = self._table
        table.show(setting_rows(of, app.home, private=app.privacy))
        table.refresh(layout=True)
        where = "" if of.path is None else of.note or short(of.path, app.home)
        if app.privacy and not of.note:
            where = "config.toml"
        legends = HOW if app.offers("screen.edit") else ()
        table.frame("settings", where, *legends)
        self.query_one(AboutPane).show(table.selected)

    def on_row_moved(self, message: RowMoved) -> None:
        self.query_one(AboutPane).show(self._table.selected)

    def keys(self) -> tuple[Key, ...]:
        line = super().keys()
        if app_of(self).offers("screen.edit"):
            return line
        return tuple(key for key in line if key.action != "choose")

    # Changing -------------------------------------------------------------------------------

    def on_row_chosen(self, message: RowChosen) -> None:
        self.action_edit()

    def action_edit(self) -> None:
        """Change the selected setting."""
        row = self._table.selected
        if row is None or not self._may_change():
            return
        if row.key in ELSEWHERE:
            self._go_elsewhere(row.key)
            return
        if row.known is None:
            if row.root is None:
                self.action_new()
            else:
                self._edit_root(row.root)
            return
        value = value_of(app_of(self).preferences.config, row.key)
        if row.known.kind == FLAG:
            self._put(row.known, not value)
        elif row.known.kind == CHOICE:
            self._choose(row.known, str(value))
        elif value is not None and self._is_hidden(row.known):
            self.notify("it is hidden: P shows it", severity="warning", markup=False)
        else:
            self.app.push_screen(
                TextScreen(row.known, as_typed(value)), partial(self._take_text, row.known)
            )

    def _go_elsewhere(self, table: str) -> None:
        """Go to where a table is changed: to its screen, else into the file."""
        if table == BUDGETS.key:
            app_of(self).action_go(table)
        else:
            self.action_editor()

    def _choose(self, known: Setting, value: str) -> None:
        is_theme = known.key == "screen.theme" and known.key not in app_of(self).preferences.decided
        before = self.app.theme

        def preview(name: str) -> None:
            self.app.theme = theme_name(name)

        def take(chosen: str | None) -> None:
            if (chosen is None or not self._put(known, chosen)) and is_theme:
                self.app.theme = before
            elif chosen is not None and is_theme:
                preview(chosen)

        self.app.push_screen(ChoiceScreen(known, value, preview if is_theme else None), take)

    def _take_text(self, known: Setting, line: str | None) -> None:
        value = texts_from(line) if line is not None and known.kind == TEXTS else line
        if value is not None and not value:
            self._unset(known)
        elif value is not None:
            self._put(known, value)

    def _put(self, known: Setting, value: str | bool | Sequence[str]) -> bool:
        return self._change(
            lambda path: edit.put(path, known.key, value),
            f"{known.key} is {self._told(known, value)}{self._when(known)}",
        )

    def _told(self, known: Setting, value: str | bool | Sequence[str]) -> str:
        """Return a value as it may be seen now: short, and of a secret address its host."""
        if self._is_hidden(known):
            return HIDDEN
        if known.key in SECRET and value != KEYRING:
            return f"{address(str(value))}/…"
        return fmt.one_line(toml(value), MOST_TOLD)

    def _is_hidden(self, known: Setting) -> bool:
        """Tell whether a setting's value is not to be seen now."""
        return app_of(self).privacy and known.key in PRIVATE

    def _unset(self, known: Setting) -> None:
        default = known.otherwise or toml(known.default)
        self._change(
            lambda path: edit.unset(path, known.key),
            f"{known.key} is the default again: {default}{self._when(known)}",
        )

    def _when(self, known: Setting) -> str:
        decided = app_of(self).preferences.decided.get(known.key)
        if decided:
            return f"; but {decided} decides"
        return "" if known.when == "at once" else f" {known.when}"

    def action_delete(self) -> None:
        """Take a folder out, after a question; let a setting be its default again."""
        row = self._table.selected
        if row is None or row.key == NO_FOLDER or row.key in ELSEWHERE:
            return
        if row.known is not None:
            self._unset(row.known)
            return
        assert row.root is not None
        root = row.root

        def take(answer: bool | None) -> None:
            if answer:
                self._change(lambda path: edit.remove_root(path, root), "the folder is taken out")

        self.app.push_screen(
            ConfirmScreen(
                f"No longer look for logs in {row.value}? What was read from there stays.",
                "Take out",
            ),
            take,
        )

    # Folders --------------------------------------------------------------------------------

    def action_new(self) -> None:
        """Add a folder to look for logs in."""

        def take(typed: Folder | None) -> None:
            if typed is not None:
                self._change(
                    lambda path: edit.add_root(path, *typed[:2], typed.label or None),
                    "the folder is added; its logs are being read",
                )

        self.app.push_screen(FolderScreen("a further folder", Folder(SOURCES[0])), take)

    def _edit_root(self, root: ExtraRoot) -> None:
        if app_of(self).privacy:
            self.notify("it is hidden: P shows it", severity="warning", markup=False)
            return
        value = Folder(root.source, short(root.path, app_of(self).home), root.label or "")

        def take(typed: Folder | None) -> None:
            if typed is not None and typed != value:
                self._change(
                    lambda path: edit.change_root(path, root, *typed[:2], typed.label or None),
                    "the folder is changed; its logs are being read",
                )

        self.app.push_screen(FolderScreen("a further folder", value), take)

    def _may_change(self) -> bool:
        """Tell whether settings can be changed from here; say so if not."""
        if app_of(self).is_remote:
            self.notify("not from a browser", severity="warning", markup=False)
        elif app_of(self).preferences.path is None:
            self.notify("there is no file to change here", severity="warning", markup=False)
        else:
            return True
        return False

    # The file -------------------------------------------------------------------------------

    def _change(self, change: Change, said: str) -> bool:
        """Write a change and follow it; say what stood in the way."""
        app = app_of(self)
        path = app.preferences.path
        if path is None or not self._may_change():
            return False
        try:
            self._last = change(path)
        except TokenwatchError as error:
            self._complain(error)
            return False
        app.look_at_settings()
        self._fill()
        self.notify(f"{said} · U undoes it", markup=False, timeout=4)
        return True

    def _complain(self, error: TokenwatchError) -> None:
        """Say why nothing was changed; what it quotes of the file is the user's own."""
        hidden = "config.toml was not changed; why is hidden (P shows it)"
        words = hidden if app_of(self).privacy else f"nothing was changed: {error}"
        self.notify(words, severity="warning", markup=False, timeout=8)

    def action_undo(self) -> None:
        """Take the last change back."""
        path, last = app_of(self).preferences.path, self._last
        if path is None or last is None:
            self.notify("nothing was changed here", markup=False, timeout=3)
            return
        try:
            edit.put_back(path, last)
        except TokenwatchError as error:
            self._complain(error)
            return
        self._last = None
        app_of(self).look_at_settings()
        self.notify("undone", markup=False, timeout=2)

    def action_copy(self) -> None:
        """Copy the path of the settings' file."""
        path = app_of(self).preferences.path
        if path is not None:
            app_of(self).copy(str(path), "the path of config.toml")

    def action_editor(self) -> None:
        """Open the settings' file in the editor, where it is wrong if it is."""
        of = app_of(self).preferences
        if of.path is None or not of.path.exists():
            self.notify("there is no file yet: the first change makes it", markup=False)
            return
        wrong = re.match(r"line (\d+)", of.problems[0]) if of.problems else None
        line = int(wrong[1]) if wrong else None
        edit_place(app_of(self), LogPlace(file=str(of.path), line=line))
        app_of(self).look_at_settings()
