"""The box that writes what is on screen to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tokenwatch.errors import TokenwatchError
from tokenwatch.export.files import FileThere, write
from tokenwatch.export.sheets import FORMATS, Cell, Sheet
from tokenwatch.format import clean, count
from tokenwatch.tui.widgets.pane import Framed, app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable

AT_ONCE: Final = 200
"""So many rows are painted before others get a turn."""
PICTURES: Final = ("txt", "svg")
NAMES: Final = {"csv": "CSV", "md": "Markdown", "json": "JSON", "txt": "text", "svg": "picture"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is on screen when an export is asked for; later pictures don't change it."""

    name: str
    """Of the file, without an ending."""
    pictures: dict[str, str]
    """The whole screen by the ending of a file's name."""
    table: RecordTable[Any] | None = None
    """The table in focus."""
    records: Sequence[Any] = field(default=())
    """Its rows."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Endings, the most useful first."""
        return (*(FORMATS if self.table else ()), *self.pictures)


class ExportBox(Framed):
    """A choice of formats and the file's name."""

    def compose(self) -> ComposeResult:
        yield Static(markup=False, id="export-formats")
        yield Input(compact=True, select_on_focus=False, id="export-name")
        yield Static(markup=False, id="export-says")


class ExportScreen(ModalScreen[None]):
    """Writes a table's rows, or the screen as it looks. A second enter replaces a file."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("up,shift+tab", "turn(-1)", show=False, priority=True),
        Binding("down,tab", "turn(1)", show=False, priority=True),
    ]

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._format = shown.formats[0]
        self._replaces: Path | None = None

    def compose(self) -> ComposeResult:
        yield ExportBox(classes="box")

    def on_mount(self) -> None:
        self.query_one(ExportBox).frame(
            "export what is on screen",
            "",
            "tab format · enter writes · esc closes",
            "enter writes · esc closes",
        )
        name = self.query_one(Input)
        name.value = f"{self._shown.name}.{self._format}"
        name.cursor_position = len(self._shown.name)
        name.focus()
        self._draw()

    def _draw(self, says: str = "") -> None:
        ink = ink_of(self)
        line = Text()
        for each in self._shown.formats:
            chosen = each == self._format
            line.append(
                f"[{NAMES[each]}]" if chosen else f" {NAMES[each]} ",
                ink.strong if chosen else ink.quiet,
            )
        self.query_one("#export-formats", Static).update(line)
        what = (
            f"{count(len(self._shown.records))} rows"
            if self._format in FORMATS
            else "the screen as it is"
        )
        self.query_one("#export-says", Static).update(
            Text(f"▲ {clean(says)}", ink.watch)
            if says
            else Text(
                f"{what}, into {clean(str(Path.cwd()))}" if app_of(self).privacy is False else what,
                ink.quiet,
            )
        )

    def action_turn(self, step: int) -> None:
        """Choose the next format; the file's ending goes with it."""
        formats = self._shown.formats
        old, self._format = (
            self._format,
            formats[(formats.index(self._format) + step) % len(formats)],
        )
        name = self.query_one(Input)
        if name.value.endswith(f".{old}"):
            name.value = f"{name.value.removesuffix(old)}{self._format}"
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._replaces = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            self._draw("a file needs a name")
            return
        path = Path(event.value.strip()).expanduser()
        self.run_worker(self._write(path, self._format), group="export", exclusive=True)

    async def _write(self, path: Path, ending: str) -> None:
        try:
            text = await self._text(ending)
            await asyncio.to_thread(write, path, text, replace=path == self._replaces)
        except FileThere:
            self._replaces = path
            self._draw(f"{path.name} exists · enter again replaces it")
        except TokenwatchError as error:
            self._draw(str(error))
        else:
            self.app.notify(f"written: {clean(str(path))}", timeout=4, markup=False)
            self.dismiss()

    async def _text(self, ending: str) -> str:
        if ending in self._shown.pictures:
            return self._shown.pictures[ending]
        table = self._shown.table
        assert table is not None
        rows: list[Sequence[Cell]] = []
        more: dict[str, Cell] = {}
        for record in self._shown.records:
            more = getattr(record, "more", {})
            rows.append([*table.cells(record), *more.values()])
            if len(rows) % AT_ONCE == 0:
                await asyncio.sleep(0)
        sheet = Sheet(
            keys=(*(column.key for column in table.columns), *more),
            titles=(*(column.title.strip() for column in table.columns), *more),
            rows=rows,
        )
        return await asyncio.to_thread(FORMATS[ending], sheet)

    def action_close(self) -> None:
        """Close without writing."""
        self.dismiss()
