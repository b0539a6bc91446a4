"""What an app hands out: to the clipboard, to files; and what it asks before it does harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenwatch.errors import TokenwatchError
from tokenwatch.tui.remote import RemoteApp

if TYPE_CHECKING:
    from tokenwatch.tui.widgets.record_table import RecordTable


class GivingApp(RemoteApp):
    """Copies, writes pictures and exports, asks."""

    now: Callable[[], int]
    zone: tzinfo
    tab: str
    _environment: Mapping[str, str]

    def copy(self, text: str, what: str) -> None:
        """Copy a text; `what` names it in the notice."""
        self.run_worker(self._copy(text, what), group="copy")

    async def _copy(self, text: str, what: str) -> None:
        from tokenwatch.tui.terminal import clipboard

        self._clipboard = text
        copied = (
            clipboard.send(text, "browser")
            if self.is_remote
            else await asyncio.to_thread(clipboard.copy, text, self._environment)
        )
        if copied.sequence and self._driver is not None:
            self._driver.write(copied.sequence)
        self.notify(
            f"{what} {copied.said}",
            timeout=3,
            markup=False,
            severity="information" if copied.is_done else "warning",
        )

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what was selected with the mouse or in a line, as everything else is copied."""
        self.copy(text, "text")

    def action_picture(self) -> None:
        """Save a picture of the screen where the program was started."""
        from tokenwatch.export.files import free_name, write

        picture = self.export_screenshot(title="tokenwatch")
        try:
            path = free_name(Path(f"{self._file_name()}.svg"))
            write(path, picture)
        except TokenwatchError as error:
            self.notify(f"no picture: {error}", severity="warning", markup=False)
        else:
            self.notify(f"picture saved: {path}", markup=False)

    def _file_name(self, what: str = "") -> str:
        at = datetime.fromtimestamp(self.now() / 1000, self.zone)
        return "-".join(filter(None, ("tokenwatch", what, f"{at:%Y%m%d-%H%M%S}")))

    def export(self, table: RecordTable[Any] | None) -> None:
        """Ask for a file's name and format, and write the table's rows or the screen."""
        from tokenwatch.tui.boxes.export import ExportScreen, Shown

        lines = (strip.text.rstrip() for strip in self.screen._compositor.render_strips())
        pictures = {
            "txt": "\n".join(lines) + "\n",
            "svg": self.export_screenshot(title="tokenwatch"),
        }
        shown = Shown(
            name=self._file_name(self.tab),
            pictures=pictures,
            table=table,
            records=tuple(table.records) if table else (),
        )
        self.push_screen(ExportScreen(shown))

    def confirm(self, question: str, then: Callable[[], object], *, yes: str = "Yes") -> None:
        """Ask before something that can't be undone, and call `then` if the user says yes.

        question: a sentence that says what would be lost. yes: a verb for it.
        """
        from tokenwatch.tui.boxes.confirm import ConfirmScreen

        def answered(answer: bool | None) -> None:
            if answer:
                then()

        self.push_screen(ConfirmScreen(question, yes), answered)
