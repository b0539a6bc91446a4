"""Session: what one conversation spent, turn by turn, agent by agent, tool by tool."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tokenwatch.answers.breakdown import Breakdown, breakdown
from tokenwatch.answers.session import detail, log_of_agent
from tokenwatch.answers.waste_view import SessionMarks, session_marks
from tokenwatch.snapshot import ExplainedRequest, LogPlace, SessionDetail, SessionRow, Snapshot
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.filter.turn_search import HELPS
from tokenwatch.tui.messages import FilterChanged, FilterClosed, HeaderChosen, RowChosen, RowMoved
from tokenwatch.tui.names import session_name
from tokenwatch.tui.screens.session.agents import AgentLine
from tokenwatch.tui.screens.session.panes import (
    DetailPane,
    TurnPicked,
)
from tokenwatch.tui.screens.session.shares import (
    ShareLine,
)
from tokenwatch.tui.screens.session.tables import SessionTables
from tokenwatch.tui.screens.session.turns import (
    TURN_COLUMNS,
    WIDE,
    WIDE_TURN_COLUMNS,
    TurnLine,
    turn_at,
)
from tokenwatch.tui.screens.session.views import (
    COLUMN_SORTS,
    SORTS,
    TABLES,
    VIEWS,
    Chosen,
    Record,
    chosen,
    copied,
    explanation_of,
    place_in_log,
)
from tokenwatch.tui.terminal.editor import edit_place
from tokenwatch.tui.terminal.tmux import jump_to_pane
from tokenwatch.tui.widgets.filter_bar import FilterBar
from tokenwatch.tui.widgets.pane import app_of
from tokenwatch.tui.widgets.status_bar import Status


class SessionScreen(SessionTables):
    """One instance serves all sessions: `open` says which."""

    CSS_PATH = "session.tcss"
    ACTIONS = (*PANES, *ROWS, "screen.filter", "screen.group", "screen.editor", "screen.pane_of")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        "screen.back",
        "choose",
        ("screen.filter", "Search"),
        ("screen.group", "View"),
        "screen.explain",
        ("screen.editor", "Transcript"),
        "app.help",
        "app.quit",
    )
    MEANINGS = {
        "screen.filter": "search the turns by words of their prompts",
        "screen.group": "next view: turns, agents, tools, what it was for",
    }

    def on_mount(self) -> None:
        self.query_one(FilterBar).takes_words(HELPS)
        self._turn_to("turns")

    # Values in ------------------------------------------------------------------------------

    def open(self, session_id: str, row: SessionRow | None, at_ms: int | None = None) -> None:
        """Turn to another session: its row at once, if it is known; the rest when in view.

        at_ms: the turn of that instant is selected as soon as it is known.
        """
        self._session_id, self._row, self._detail = session_id, row, None
        self._breakdown = self._chosen = self._requests = self._marks = None
        self._at_ms = at_ms
        self._search.want(session_id, "")
        if self.is_ready:
            self.query_one(FilterBar).clear()
            self._turn_to("turns")
            self.turns.action_first()
        self._fill()

    def take(self, snapshot: Snapshot) -> None:
        row = next((s for s in snapshot.sessions if s.id == self._session_id), None) or self._row
        is_reading = snapshot.progress is not None
        if row != self._row or is_reading != self._is_reading:
            if self._is_early and not is_reading:
                self._detail = None
            self._row, self._is_reading = row, is_reading
            self._fill()

    def ask(self) -> None:
        # What has not changed since it was read would be answered the same.
        session_id = self._session_id
        if session_id and (self._detail is None or self._detail.row != self._row):
            question = partial(detail, session_id=session_id)
            app_of(self).ask(("session", session_id), question, self, self._take_detail)
            app_of(self).ask(
                ("marks", session_id),
                partial(session_marks, session_id=session_id),
                self,
                self._take_marks,
            )
            self._ask_breakdown()
            self._ask_requests()

    def forget(self) -> None:
        super().forget()
        of, self._chosen = self._chosen, None
        self._row = self._detail = self._breakdown = self._requests = self._marks = None
        if of and self._view == "requests" and self.is_ready:
            self._turn_to(of.view)

    def _ask_breakdown(self) -> None:
        session_id = self._session_id
        if session_id and self._view in ("tools", "purposes"):
            question = partial(breakdown, session_id=session_id)
            app_of(self).ask(("breakdown", session_id), question, self, self._take_breakdown)

    def _ask_requests(self) -> None:
        of = self._chosen
        if of:
            key = "requests", self._session_id, of.key
            app_of(self).ask(key, of.question, self, partial(self._take_requests, of))

    def on_screen_resume(self) -> None:
        self._fill()

    def _take_detail(self, answer: SessionDetail) -> None:
        if answer.row.id == self._session_id:
            if self._detail is None or len(self._detail.turns) != len(answer.turns):
                self._search.again()
            self._detail, self._row = answer, answer.row
            self._fill()
            self._select_turn()

    def _select_turn(self) -> None:
        """Select the turn that the screen was opened for, once."""
        at_ms, self._at_ms = self._at_ms, None
        turn = turn_at(self._detail.turns if self._detail else (), at_ms)
        if turn is not None:
            self.turns.select(turn.id)
            self._mark_turn()

    def _take_marks(self, answer: SessionMarks) -> None:
        if answer.session_id == self._session_id and answer != self._marks:
            self._marks = answer
            self._fill()

    def _take_breakdown(self, answer: Breakdown) -> None:
        if answer.session_id == self._session_id:
            self._breakdown = answer
            self._fill_shares()

    def _take_requests(self, of: Chosen, answer: tuple[ExplainedRequest, ...]) -> None:
        if of == self._chosen:
            self._requests = answer
            self._fill_requests()

    # Lines above and below ------------------------------------------------------------------

    def session_in_view(self) -> str | None:
        return self._session_id

    def notes(self) -> tuple[str, ...]:
        return (f"search {self._search.words}",) if self._search.words else ()

    def below(self) -> str:
        return session_name(self._row) if self._row else ""

    def status(self) -> Status:
        return replace(super().status(), screen="Session")

    def tick(self) -> None:
        super().tick()
        if not self.is_ready:
            return
        for pane in self.query(DetailPane):
            pane.redraw()

    def panes(self) -> tuple[str, ...]:
        return (self._view, *(p for p in self.PANES if p not in TABLES))

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self.is_ready:
            self.turns.columns = WIDE_TURN_COLUMNS if event.size.width > WIDE else TURN_COLUMNS

    # Keys -----------------------------------------------------------------------------------

    def _turn_to(self, view: str) -> None:
        """Show another table in the lower half."""
        was_alone = self._alone == self._view
        self._view = view
        for name in TABLES:
            self.set_class(name == view, f"-{name}")
        if was_alone or self._alone in TABLES:
            self._alone = view
        self._arrange()
        self.set_focus(self.table)

    def action_back(self) -> None:
        """Go back by one: the zoom, the requests, the view, the screen."""
        if self.unzoom():
            return
        if self._view == "turns" and self._search.words:
            self.query_one(FilterBar).clear()
        elif self._view == "requests" and self._chosen:
            self._turn_to(self._chosen.view)
        elif self._view != "turns":
            self._turn_to("turns")
        else:
            app_of(self).pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "filter" or not self.is_filtering

    def action_filter(self) -> None:
        """Search the turns by words of their prompts."""
        if self._view != "turns":
            self._turn_to("turns")
        self.query_one(FilterBar).open()
        self.restate()

    def on_filter_changed(self, message: FilterChanged) -> None:
        self._search.want(self._session_id or "", message.text)
        self._fill()
        self.restate()

    def on_filter_closed(self, message: FilterClosed) -> None:
        self.set_focus(self.table)
        self.restate()

    def action_group(self) -> None:
        """Go to the next view: turns, agents, tools, what it was for."""
        here = self._chosen.view if self._view == "requests" and self._chosen else self._view
        self._turn_to(VIEWS[(VIEWS.index(here) + 1) % len(VIEWS)])
        self._ask_breakdown()

    def on_row_chosen(self, message: RowChosen) -> None:
        record = message.table.selected
        if isinstance(record, TurnLine | AgentLine | ShareLine) and self._session_id:
            self._chosen, self._requests = chosen(self._session_id, record), None
            self._fill_requests()
            self._ask_requests()
            self._turn_to("requests")
            self.table.action_first()
        else:
            self.action_explain()

    def on_row_moved(self, message: RowMoved) -> None:
        if message.table is self.turns:
            self._mark_turn()

    def on_turn_picked(self, message: TurnPicked) -> None:
        if self._view != "turns":
            self._turn_to("turns")
        self.turns.select(message.turn_id)
        self._mark_turn()

    def _sort_by(self, sort: str, *, reverse: bool) -> None:
        self._sorts[self._view] = sort, reverse
        self._fill()

    def action_sort(self) -> None:
        """Sort by the next column."""
        sorts = SORTS[self._view]
        here = sorts.index(self._sorts[self._view][0])
        self._sort_by(sorts[(here + 1) % len(sorts)], reverse=False)

    def action_reverse(self) -> None:
        """Turn the order round."""
        sort, reverse = self._sorts[self._view]
        self._sort_by(sort, reverse=not reverse)

    def on_header_chosen(self, message: HeaderChosen) -> None:
        sort = COLUMN_SORTS[self._view].get(message.column, message.column)
        if sort == self._sorts[self._view][0]:
            self.action_reverse()
        elif sort in SORTS[self._view]:
            self._sort_by(sort, reverse=False)

    @property
    def _record(self) -> Record | None:
        """The selected row, unless a box over the table is in focus."""
        return self.table.selected if self._focused_pane() == self._view else None

    def action_copy(self) -> None:
        """Copy what the selected row is known by, or the session."""
        if self._session_id:
            app_of(self).copy(*copied(self.table.selected, self._session_id))

    def action_explain(self) -> None:
        """Explain the selected row, or the session where a box is in focus."""
        if self._row:
            whole = self._breakdown.cost_pico if self._breakdown else 0
            app_of(self).explain(explanation_of(self._row, self._detail, self._record, whole))

    def action_editor(self) -> None:
        """Open the log in the user's editor, where it tells of the selected row."""
        record, session_id = self._record, self._session_id
        if isinstance(record, AgentLine) and session_id:
            question = partial(log_of_agent, session_id=session_id, agent_id=record.agent.id)
            app_of(self).ask(("log", record.key), question, self, self._edit)
        else:
            self._edit(place_in_log(record, self._detail))

    def _edit(self, place: LogPlace | None) -> None:
        edit_place(app_of(self), place)

    def action_pane_of(self) -> None:
        """Go to the tmux pane that the session's agent runs in."""
        if self._session_id:
            jump_to_pane(self, self._session_id)
