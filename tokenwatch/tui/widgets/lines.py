"""Lines without a box: notices above a screen, keys below it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text
from textual import events

from tokenwatch import format as fmt
from tokenwatch.snapshot import Progress, Snapshot
from tokenwatch.tui.bindings import Key
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of

WARNINGS = 2
"""As many warnings are shown; the others are counted."""
BOLD = Style(bold=True)
LASTING = ("app.help",)
"""What stays in the line of keys however short it is."""


class Notices(Pane):
    """How far older logs have been read, and what the user should know. Absent when quiet."""

    _progress: Progress | None = None
    _warnings: tuple[str, ...] = ()
    _complaint = ""
    _lines = 1

    def show(self, snapshot: Snapshot) -> None:
        """Take progress and warnings from a snapshot; what was complained of is over."""
        progress = snapshot.progress
        self._progress = progress if progress and not progress.done else None
        self._warnings = snapshot.warnings
        self._complaint = ""
        self._resize()

    def complain(self, why: str) -> None:
        """Add a warning of the screen's own, until the next picture."""
        self._complaint = why
        self._resize()

    @property
    def _said(self) -> tuple[str, ...]:
        """All warnings, each once."""
        own = (self._complaint,) if self._complaint else ()
        return tuple(dict.fromkeys((*own, *self._warnings)))

    def _resize(self) -> None:
        lines = bool(self._progress) + min(len(self._said), WARNINGS)
        if self.display is not bool(lines):
            self.display = bool(lines)
        if lines != self._lines:
            self._lines = lines
            self.styles.height = max(1, lines)
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        lines = []
        ink = ink_of(self)
        if self._progress:
            lines.append(self._draw_progress(self._progress, width))
        for warning in self._said[:WARNINGS]:
            lines.append(Text.assemble((" ▲ ", ink.watch), (fmt.one_line(warning, 400), ink.text)))
        hidden = len(self._said) - WARNINGS
        if hidden > 0:
            more = Text(f"  and {hidden} more: tokenwatch doctor", ink.quiet)
            lines[-1].truncate(max(10, width - more.cell_len), overflow="ellipsis")
            lines[-1].append(more)
        return Text("\n").join(lines)

    def _draw_progress(self, progress: Progress, width: int) -> Text:
        ink = ink_of(self)
        part = progress.read_bytes / progress.total_bytes if progress.total_bytes else 0.0
        words = f" reading older logs {fmt.share(part):>4} · {fmt.clean(progress.phase)}  "
        bar = meter(part, max(8, min(40, width - len(words))), ink.bar, ink.line)
        return Text.assemble((words, ink.quiet), bar)


class KeyLine(Pane):
    """The keys that matter most here, at most eight; each can be clicked."""

    _keys: tuple[Key, ...] = ()
    _spans: Sequence[tuple[int, int, str]] = ()
    """Where each key stands: from, to, action."""
    _has_palette = True

    def show(self, keys: Sequence[Key]) -> None:
        """Replace the keys."""
        self._keys = tuple(key for key in keys if app_of(self).offers(key.action))
        self.redraw()

    def without_palette(self) -> KeyLine:
        """Leave the palette out: in a box that waits for an answer."""
        self._has_palette = False
        return self

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        gap = "  " if width >= 90 else " "
        right = Text.assemble(("^p", ink.accent), (" palette ", ink.quiet))
        line = Text(" ")
        self._spans = spans = []
        cells = [
            (
                key,
                Text.assemble((key.shown, ink.accent + BOLD), (f" {key.label}{gap}", ink.text)),
            )
            for key in self._keys
        ]
        while len(cells) > 1 and 1 + sum(cell.cell_len for _, cell in cells) > width:
            # The last ones go first, but not the one that tells of all others.
            cells.remove(next(each for each in reversed(cells) if each[0].action not in LASTING))
        for key, cell in cells:
            spans.append((line.cell_len, line.cell_len + cell.cell_len, key.action))
            line.append(cell)
        room = width - line.cell_len - right.cell_len
        if room < 0 or not self._has_palette:
            return line
        spans.append((width - right.cell_len, width, "app.command_palette"))
        return Text.assemble(line, " " * room, right)

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spans:
            if start <= event.x < end:
                if not action:
                    return
                focused = self.screen.focused or self.screen
                await self.app.run_action(action, self.screen if "." in action else focused)
