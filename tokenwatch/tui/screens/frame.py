"""What every screen has: a line of status, panes of which one may be alone, a line of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.bindings import FILTER_LINE, KEYS, Key
from tokenwatch.tui.messages import Answered, Unanswered
from tokenwatch.tui.widgets.filter_bar import FilterBar
from tokenwatch.tui.widgets.lines import KeyLine, Notices
from tokenwatch.tui.widgets.pane import Framed, app_of
from tokenwatch.tui.widgets.record_table import RecordTable
from tokenwatch.tui.widgets.status_bar import Status, StatusBar

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""Below this one pane is shown at a time."""
ASK_S = 2.0
"""While pictures come, what a screen asks besides is asked at most this often."""


class FrameScreen(Screen[None]):
    """Base of the full screens: they take pictures (`take`), and may ask for more (`ask`).

    `ask` is called when the screen comes in view, and while it is in view after a new picture, at
    most every ASK_S seconds; never while the picture is held still.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    AUTO_FOCUS = None
    PANES: ClassVar[tuple[str, ...]] = ()
    """Ids of the panes, in the order of tab."""
    MAIN: ClassVar[str] = ""
    """The pane in focus unless it is hidden, and the one left alone on a small terminal."""
    TAB: ClassVar[str] = ""
    """Name of the screen's tab."""
    HAS_INBOX: ClassVar[bool] = False
    """It shows the latest alerts itself, so that no toast has to lie over them."""
    ACTIONS: ClassVar[tuple[str, ...]] = ()
    """What can be done here beyond `bindings.APP`; the same as BINDINGS has."""
    LINE: ClassVar[tuple[Key, ...]] = ()
    """The keys in the lowest line, at most eight."""
    MEANINGS: ClassVar[Mapping[str, str]] = {}
    """What keys do here, by their actions, where that is not quite what `bindings.KEYS` says."""

    _zoomed = False
    _small = False
    _alone: str = ""
    _asked_s = 0.0
    _is_due = False

    def compose(self) -> ComposeResult:
        yield StatusBar(classes="line")
        yield Notices(classes="line")
        yield from self.compose_panes()
        yield FilterBar()
        yield KeyLine(classes="line")

    def compose_panes(self) -> Iterable[Widget]:
        """Return what lies between the line of status and the line of keys."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Show a newer picture."""
        self.query_one(Notices).show(snapshot)
        self.take(snapshot)
        self._is_due = True
        self._ask_if_due()
        self.restate()

    def take(self, snapshot: Snapshot) -> None:
        """Bring the panes up to date with a picture."""

    def ask(self) -> None:
        """Ask the feed for what this screen shows beyond the picture."""

    def forget(self) -> None:
        """Drop all answers: what may be shown has changed. The next picture asks anew."""
        self._asked_s = 0.0

    def _ask_if_due(self) -> None:
        if self._is_due and monotonic() - self._asked_s >= ASK_S and not app_of(self).paused:
            self._is_due, self._asked_s = False, monotonic()
            self.ask()

    def on_answered(self, message: Answered) -> None:
        """Let who asked take the answer, unless the screen is being taken down."""
        if self.is_ready:
            message.take(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """Say why there is no answer."""
        self.query_one(Notices).complain(message.why)

    def status(self) -> Status:
        """Return what the top line says."""
        app = app_of(self)
        notes = (*self.notes(), *(("private",) if app.privacy else ()))
        return Status(
            tab=app.tab,
            below=self.below(),
            notes=notes,
            mode=app.mode,
            unseen=app._snapshot.unseen if app._snapshot else (0, 0),
        )

    def notes(self) -> tuple[str, ...]:
        """Return what narrows the picture, in few words each."""
        return ()

    def below(self) -> str:
        """Return the name of what was opened from a tab; empty on the tab's own screen."""
        return ""

    def session_in_view(self) -> str | None:
        """Return the id of the one session that all of the screen is about, if there is one."""
        return None

    def keys(self) -> tuple[Key, ...]:
        """Return the keys named in the lowest line."""
        return FILTER_LINE if self.is_filtering else self.LINE

    def told(self, action: str) -> Key:
        """Return an action's key as it is told of on this screen, in full."""
        key, meaning = KEYS[action], self.MEANINGS.get(action)
        if meaning is None:
            return key
        label = next((each.label for each in self.LINE if each.action == action), key.label)
        return replace(key, label=label, meaning=meaning)

    @property
    def is_filtering(self) -> bool:
        """Whether a filter is being typed."""
        return self.query_one(FilterBar).has_focus_within

    def first_pane(self) -> str:
        """Return the id of the pane in focus at first."""
        return self.MAIN

    def on_mount(self) -> None:
        self.query_one(FilterBar).display = False
        self.query_one(Notices).display = False
        self._catch_up()
        self.set_focus(self.pane(self.first_pane()))

    def on_screen_resume(self) -> None:
        self.recolour()
        self._catch_up()

    def on_screen_suspend(self) -> None:
        self._asked_s = 0.0

    def _catch_up(self) -> None:
        app_of(self).present()
        self.tick()
        self.restate()

    @property
    def is_ready(self) -> bool:
        """Whether all widgets are there: not before composing, nor while they are taken down."""
        return self.is_attached and bool(self.query(StatusBar)) and bool(self.query(KeyLine))

    def tick(self) -> None:
        """Move the clock."""
        if not self.is_ready:
            return
        app = app_of(self)
        self.query_one(StatusBar).tick(app.now(), app.zone)
        self._ask_if_due()

    def restate(self) -> None:
        """Bring the lines above and below up to date."""
        if not self.is_ready:
            return
        self.query_one(StatusBar).show(self.status())
        self.query_one(KeyLine).show(self.keys())

    def recolour(self) -> None:
        """Draw everything in the inks of the theme in force."""
        for framed in self.query(Framed):
            framed.reframe()
            framed.refresh()

    def pane(self, pane_id: str) -> Widget:
        """Return a pane."""
        return self.query_one(f"#{pane_id}")

    # One pane at a time ---------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._small = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        if self.is_ready:
            self._arrange()

    def action_zoom(self) -> None:
        """Show the pane in focus alone, or all again."""
        self._zoomed = not self._zoomed
        if self._zoomed:
            self._alone = self._focused_pane()
        self._arrange()

    def _focused_pane(self) -> str:
        focused = self.focused
        return focused.id if focused and focused.id in self.panes() else self.MAIN

    def panes(self) -> tuple[str, ...]:
        """Return the ids of the panes that can be shown now."""
        return self.PANES

    def _arrange(self) -> None:
        alone = self._zoomed or self._small
        if self._alone not in self.panes():
            self._alone = self.panes()[0]
        chosen = self.pane(self._alone)
        marked = {chosen, chosen.parent} if alone else set()
        self.set_class(alone, "-alone")
        for pane_id in self.PANES:
            pane = self.pane(pane_id)
            pane.set_class(pane in marked, "-shown")
            if isinstance(pane.parent, Widget) and pane.parent is not self:
                pane.parent.set_class(pane.parent in marked, "-shown")
        if alone and self.focused is not chosen and not self.is_filtering:
            self.set_focus(chosen)

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane; show it where only one is shown."""
        panes = self.panes()
        alone = self._zoomed or self._small
        visible = panes if alone else [p for p in panes if self._is_shown(p)]
        here = self._alone if alone else self._focused_pane()
        at = visible.index(here) if here in visible else 0
        chosen = visible[(at + step) % len(visible)]
        if alone:
            self._alone = chosen
            self._arrange()
        else:
            self.set_focus(self.pane(chosen))
        self.restate()

    def _is_shown(self, pane_id: str) -> bool:
        return self.pane(pane_id).is_on_screen or self.pane(pane_id).region.area > 0

    # Files ----------------------------------------------------------------------------------

    def exported(self) -> RecordTable[Any] | None:
        """Return the table that an export writes: the one in focus, else the main one.

        None where neither is a table with rows.
        """
        for pane in (self.focused, self.pane(self.MAIN) if self.MAIN else None):
            if isinstance(pane, RecordTable) and pane.records:
                return pane
        return None

    def action_export(self) -> None:
        """Ask for a file's name and format, and write what is on screen."""
        app_of(self).export(self.exported())

    def action_back(self) -> None:
        """Show all panes again."""
        self.unzoom()

    def unzoom(self) -> bool:
        """Show all panes again; False if they were."""
        if not self._zoomed:
            return False
        self.action_zoom()
        return True

    def on_descendant_focus(self) -> None:
        if self.is_ready:
            self.query_one(KeyLine).show(self.keys())
