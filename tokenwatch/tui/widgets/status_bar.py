"""The top line: name, tabs, what narrows the picture, and whether it is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events

from tokenwatch import format as fmt
from tokenwatch.tui.tabs import SETTINGS, TABS, Tab
from tokenwatch.tui.widgets.pane import Pane, app_of, ink_of

LEAST_BELOW = 16
"""Of what was opened from a tab so much stays before tabs lose their titles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the top line says."""

    tab: str = "live"
    """Name of the tab in view."""
    below: str = ""
    """What was opened from the tab."""
    screen: str = ""
    """Name of the screen where it is not the tab's."""
    notes: tuple[str, ...] = ()
    """What narrows or changes the picture: filter, source, privacy, follow."""
    mode: str = "starting"
    """starting, live, paused, demo."""
    unseen: tuple[int, int] = (0, 0)
    """Alerts that nobody has seen: warnings, critical ones."""

    @property
    def title(self) -> str:
        """Name of the screen in view."""
        return self.screen or {tab.name: tab.title for tab in (*TABS, SETTINGS)}[self.tab]


class StatusBar(Pane):
    """One line; the clock's tick repaints it and nothing else. A click on a tab goes there."""

    _status = Status()
    _now_ms = 0
    _zone: tzinfo | None = None
    _spans: tuple[tuple[int, int, str], ...] = ()
    """Where each tab stands: from, to, name."""
    _tabs: tuple[object, Text] | None = None
    """The tabs as last drawn, with what they were drawn for."""

    def show(self, status: Status) -> None:
        """Replace what is said."""
        self._status = status
        self.redraw()

    def tick(self, now_ms: int, zone: tzinfo) -> None:
        """Set the clock."""
        self._now_ms, self._zone = now_ms, zone
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        right = self._draw_right(width)
        notes = self._draw_notes()
        left = self._fit_tabs(width - right.cell_len - notes.cell_len)
        left.append(notes)
        left.truncate(max(0, width - right.cell_len), overflow="ellipsis")
        return Text.assemble(left, " " * max(0, width - left.cell_len - right.cell_len), right)

    def _fit_tabs(self, room: int) -> Text:
        """Return the tabs in as many words as fit; the clock's tick changes nothing of them."""
        asked = (self._status, room, ink_of(self))
        if self._tabs is not None and self._tabs[0] == asked:
            return self._tabs[1].copy()
        below = fmt.clean(self._status.below)
        for name, gap, titles, may_cut in (
            (" tokenwatch ", " ", True, False),
            (" tokenwatch ", "", True, True),
            (" ", "", True, True),
            (" tokenwatch ", " ", False, True),
            (" ", " ", False, True),
        ):
            left, spans = self._draw_tabs(name, gap, titles, below)
            over = left.cell_len - room
            if over > 0 and may_cut and cell_len(below) - over > LEAST_BELOW:
                short = set_cell_size(below, cell_len(below) - over - 1).rstrip()
                left, spans = self._draw_tabs(name, gap, titles, f"{short}…")
                over = 0
            if over <= 0:
                break
        self._spans = tuple(spans)
        self._tabs = (asked, left)
        return left.copy()

    def _draw_tabs(
        self, name: str, gap: str, titles: bool, below: str
    ) -> tuple[Text, list[tuple[int, int, str]]]:
        """Return the tabs, each with its title or only the one in view with it.

        With titles no tab moves when another one comes in view.
        """
        ink = ink_of(self)
        line = Text.assemble((name, ink.accent + ink.strong))
        spans = []
        here = self._status.tab
        for tab in (*TABS, SETTINGS) if here == SETTINGS.name else TABS:
            start = line.cell_len
            if tab.name == here:
                line.append(self._draw_here(tab, below))
            elif titles:
                line.append(f" {tab.shown}", ink.accent).append(f" {tab.title} ", ink.quiet)
            else:
                line.append(tab.shown, ink.accent)
            spans.append((start, line.cell_len, tab.name))
            line.append(gap)
        return line, spans

    def _draw_here(self, tab: Tab, below: str) -> Text:
        ink = ink_of(self)
        words = f"{tab.shown} {tab.title}" + (f" ▸ {below}" if below else "")
        return Text.assemble(("[", ink.accent), (words, ink.strong), ("]", ink.accent))

    def _draw_notes(self) -> Text:
        ink = ink_of(self)
        notes = Text()
        for note in self._status.notes:
            notes.append(Text.assemble(("▌", ink.watch), (f"{fmt.clean(note)}  ", ink.text)))
        return notes

    def _draw_right(self, width: int) -> Text:
        ink = ink_of(self)
        mode = self._status.mode
        glyph, style = {
            "live": ("●", ink.good),
            "demo": ("●", ink.good),
            "paused": ("■", ink.watch),
        }.get(mode, ("◐", ink.quiet))
        right = self._draw_unseen()
        right.append(f"{glyph} ", style)
        named = width >= 100 or mode != "live"
        if named:
            right.append(mode, ink.text)
        if self._zone and width >= 40:
            clock = fmt.time_of_day(self._now_ms, self._zone)
            dot = " · " if named else ""
            right.append(f"{dot}{clock if width >= 100 else clock[:5]}", ink.quiet)
        return right.append(" ")

    def _draw_unseen(self) -> Text:
        ink = ink_of(self)
        signs = zip(("▲", "■"), self._status.unseen, (ink.watch, ink.act), strict=True)
        return Text("").join(Text(f"{sign} {many}  ", style) for sign, many, style in signs if many)

    def on_click(self, event: events.Click) -> None:
        for start, end, name in self._spans:
            if start <= event.x < end:
                app_of(self).action_go(name)
