"""Agents: a timeline of who started whom, and when each worked, waited and idled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.analysis.lanes import Interval
from tokenwatch.analysis.period import Period
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.messages import HeaderChosen, RowChosen, RowMoved
from tokenwatch.tui.screens.agents.axis import MINUTE_MS, step_words
from tokenwatch.tui.screens.agents.lanes import (
    LEGENDS,
    SORTS,
    LaneLine,
    grown,
    lines_of,
    main_name,
    paint_cell,
)
from tokenwatch.tui.screens.agents.panes import AtOncePane, LanePane
from tokenwatch.tui.screens.agents.view import View, bounds
from tokenwatch.tui.screens.agents.wanted import Wanted
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.widgets.lanes import LanesTable
from tokenwatch.tui.widgets.pane import app_of, ink_of

REST: int = 25
"""An answer is asked for anew no sooner than after so many times as it took."""


class AgentsScreen(FrameScreen):
    """Lanes of a period's agents, or of one session's; how many were at work at once; details."""

    TAB = "agents"
    CSS_PATH = "agents.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-short"), (30, "-tall")]
    ACTIONS = (
        *PANES,
        *ROWS,
        "screen.period",
        "screen.shift(-1)",
        "screen.shift(1)",
        "screen.stretch(1)",
        "screen.stretch(-1)",
        "screen.pan(-1)",
        "screen.pan(1)",
        "screen.follow",
        "screen.source",
        "screen.open_session",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Session"),
        "screen.period",
        "screen.shift(-1)",
        "screen.stretch(1)",
        "screen.stretch(-1)",
        "screen.explain",
        "app.help",
        "app.quit",
    )
    PANES = ("agents-lanes", "agents-detail", "agents-at-once")
    MAIN = "agents-lanes"

    def __init__(self) -> None:
        super().__init__()
        self._wanted = Wanted()
        self._answer: Lanes | None = None
        self._lanes: dict[str, Lane] = {}
        self._view = View()
        self._sort, self._reversed = SORTS[0], False
        self._sources: set[str] = set()
        self._took_s = self._done_s = 0.0
        self._now_ms = 0

    def compose_panes(self) -> Iterable[Widget]:
        yield AtOncePane(id="agents-at-once", classes="pane")
        yield LanesTable(self._paint, id="agents-lanes").add_class("pane")
        yield LanePane(id="agents-detail", classes="pane")

    def on_mount(self) -> None:
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def show_session(self, session_id: str) -> None:
        """Show one session's agents in all its time, until `esc`."""
        self._want(self._wanted._replace(session_id=session_id, source=None))

    def take(self, snapshot: Snapshot) -> None:
        self._sources |= {row.source for row in snapshot.sessions}

    def ask(self) -> None:
        answer = self._answer
        if answer is not None:
            is_past = self._wanted.session_id is None and not answer.is_present
            if is_past or monotonic() - self._done_s < REST * self._took_s:
                return
        wanted, app = self._wanted, app_of(self)
        question = wanted.question(app.now(), app.zone)
        app.ask(("lanes", wanted), question, self, partial(self._take_lanes, wanted, monotonic()))

    def forget(self) -> None:
        super().forget()
        self._answer = None
        self._lanes = {}
        self._fill()

    def _want(self, wanted: Wanted) -> None:
        """Turn to another stretch, source or session; what was shown stays until it is there."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._answer = None
        self._view.fit()
        if self.is_ready:
            self.ask()
            self.restate()
            self._frame_panes()

    def _take_lanes(self, wanted: Wanted, asked_s: float, answer: Lanes) -> None:
        if wanted != self._wanted:
            return
        self._done_s = monotonic()
        self._took_s = self._done_s - asked_s
        self._answer = answer
        self._lanes = {lane.key: lane for lane in answer.lanes}
        self._sources |= {lane.source for lane in answer.lanes}
        self._fill()
        self.restate()

    # Time -----------------------------------------------------------------------------------

    def tick(self) -> None:
        super().tick()
        axis, answer = self._view.axis, self._answer
        if axis is None or answer is None or not answer.is_present or app_of(self).paused:
            return
        now_ms = app_of(self).now()
        unit = min(axis.column_ms, MINUTE_MS)
        if now_ms // unit != self._now_ms // unit:
            self._draw()

    def _place_axis(self) -> None:
        """Place the axis; the columns it does not need go to the names."""
        answer, table, view = self._answer, self.table, self._view
        table.widen(0)
        columns = table.lane_columns
        if answer is None or columns <= 0:
            return
        stretch = bounds(answer, self._now_ms)
        zone, is_present = app_of(self).zone, answer.is_present
        view.place(stretch, columns, zone, is_present=is_present)
        spare = view.axis.column(stretch[0]) if view.axis and view.fits else 0
        if spare > 0:
            table.widen(spare)
            view.place(stretch, table.lane_columns, zone, is_present=is_present)

    # Drawing --------------------------------------------------------------------------------

    @property
    def table(self) -> LanesTable:
        """The lanes."""
        return self.query_one(LanesTable)

    def on_resize(self, event: object = None) -> None:
        self.call_after_refresh(self._draw)

    def _arrange(self) -> None:
        super()._arrange()
        self.call_after_refresh(self._draw)

    def _fill(self) -> None:
        """Take other lanes in."""
        if not self.is_ready:
            return
        found = self._answer.lanes if self._answer else ()
        rows = lines_of(found, self._sort, self._reversed)
        self.table.show(rows, sorted_by=self._sort, hint=self._wanted.hint(self._answer))
        self._draw()

    def _draw(self) -> None:
        """Bring everything up to the present time and axis."""
        if not self.is_ready:
            return
        if not app_of(self).paused or not self._now_ms:
            self._now_ms = app_of(self).now()
        self._place_axis()
        answer = self._answer
        self.table.axis = self._view.axis
        self.table.now_ms = self._now_ms if answer is not None and answer.is_present else None
        self.table.repaint()
        self.query_one(AtOncePane).show(answer, self._view.axis, self._now_ms, self.table.more)
        self._draw_selected()
        self._frame_panes()

    def _draw_selected(self) -> None:
        line = self.table.selected
        lane = line.lane if line else None
        parent = self._lanes.get(lane.parent_key) if lane and lane.parent_key else None
        parts = self._parts(lane) if lane else ()
        self.query_one(LanePane).show(lane, parts, parent, self._now_ms)

    def _frame_panes(self) -> None:
        answer = self._answer
        app, words = app_of(self), ""
        if answer is not None:
            words = self._wanted.words(answer, self._sort, self._reversed, app.now(), app.zone)
        self.table.frame("agents", words, *LEGENDS)
        column = f"{step_words(self._view.axis.column_ms)} a column" if self._view.axis else ""
        self.query_one(AtOncePane).frame("at work at once", column)
        self.query_one(LanePane).frame("selected")

    def _parts(self, lane: Lane) -> tuple[Interval, ...]:
        answer = self._answer
        return lane.intervals if answer is None else grown(lane, answer, self._now_ms)

    def _paint(self, line: LaneLine, column: str) -> Text:
        return paint_cell(line, column, self._parts(line.lane), self._view.axis, ink_of(self))

    # Lines above and below ------------------------------------------------------------------

    def below(self) -> str:
        if not self._wanted.session_id:
            return ""
        lane = self._lanes.get(self._wanted.session_id)
        return main_name(lane) if lane else fmt.short_id(self._wanted.session_id)

    def notes(self) -> tuple[str, ...]:
        notes = []
        if self._wanted.source:
            notes.append(fmt.source_name(self._wanted.source))
        if words := self._view.words():
            notes.append(words)
        return tuple(notes)

    # Keys -----------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Undo one thing: the zoom, the session, the closer look, the source."""
        if self.unzoom():
            return
        if self._wanted.session_id:
            self._want(self._wanted._replace(session_id=None))
        elif not self._view.fits:
            self._view.fit()
            self._redraw()
        elif self._wanted.source:
            self._want(self._wanted._replace(source=None))

    def action_period(self) -> None:
        """Show a period of another length."""
        self._to_period(self._wanted.period.next_length())

    def action_shift(self, step: int) -> None:
        """Show the period before or after."""
        self._to_period(self._wanted.period.shifted(step))

    def _to_period(self, period: Period) -> None:
        self._want(self._wanted._replace(period=period, session_id=None))

    def action_source(self) -> None:
        """Go through the sources there are, then show all again."""
        if self._wanted.session_id:
            return
        choices = [*sorted(self._sources), None]
        here = choices.index(self._wanted.source) if self._wanted.source in choices else -1
        self._want(self._wanted._replace(source=choices[(here + 1) % len(choices)]))

    def action_stretch(self, step: int) -> None:
        """Look closer in time, or at more of it."""
        self._view.stretch(step)
        self._redraw()

    def action_pan(self, step: int) -> None:
        """Move a quarter of what is in view to an earlier or later time."""
        self._view.pan(step)
        self._redraw()

    def action_follow(self) -> None:
        """Keep the present in view, or let it run out of it."""
        self._view.follow()
        self._redraw()

    def _redraw(self) -> None:
        self._draw()
        self.restate()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort_by(SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self._fill()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        column = "start" if message.column == "agent" else message.column
        if column == self._sort:
            self.action_reverse()
        elif column in SORTS:
            self._sort_by(column)

    def _sort_by(self, column: str) -> None:
        self._sort, self._reversed = column, False
        self._fill()

    def on_row_moved(self, message: RowMoved) -> None:
        self._draw_selected()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.action_open_session()

    def action_open_session(self) -> None:
        """Go to the session of the selected agent."""
        if line := self.table.selected:
            app_of(self).open_session(line.lane.session_id)

    def action_copy(self) -> None:
        """Copy the selected agent's id."""
        if line := self.table.selected:
            is_auxiliary = line.lane.kind is AgentKind.AUXILIARY
            app_of(self).copy(line.lane.session_id if is_auxiliary else line.key, "id")

    def action_explain(self) -> None:
        """Explain the selected lane, or how many were at work at once."""
        from tokenwatch.tui.screens.agents.explain import explain_at_once, explain_lane

        line = self.table.selected
        if self._focused_pane() == "agents-at-once" and self._answer is not None:
            app_of(self).explain(explain_at_once(self._answer))
        elif line is not None:
            app_of(self).explain(explain_lane(line.lane, self._parts(line.lane)))
