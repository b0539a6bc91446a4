"""Live: what is being spent now, by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.model import Spend
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.bindings import PANES, ROWS, Key, bindings_for, line_of
from tokenwatch.tui.messages import RowChosen, RowMoved
from tokenwatch.tui.screens.list_frame import NARROWING, ListScreen
from tokenwatch.tui.screens.live.activity import (
    ACTIVITY_COLUMNS,
    ActivityLine,
    activity_lines,
    paint_activity,
)
from tokenwatch.tui.screens.live.listing import Lines, Listed, Listing
from tokenwatch.tui.screens.live.panes import AgentsPane, BurnPane, EmptyPane, TodayPane
from tokenwatch.tui.screens.live.rows import (
    ASCENDING,
    COLUMNS,
    FLAG,
    SHORT_FLAG,
    SORT_WORDS,
    SORTS,
    LiveRow,
    View,
    has_flag,
    paint,
)
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, RecordTable, fitting

if TYPE_CHECKING:
    from tokenwatch.tui.explanations import Explanation

LEGENDS = (
    "● working  ▲ waiting  ◐ idle  ○ ended   ~ estimated  ≥ at least  ? no price",
    "● working ▲ waiting ◐ idle ○ ended · ~ estimated ≥ at least ? unpriced",
    "● working  ▲ waiting  ◐ idle  ○ ended",
)
SLIM = 72
"""On screens that are not as wide, today's spend and the burn rate take the room there is."""
EMPTY_LINE = line_of("app.demo", "app.read_now", "app.help", "app.quit")


class LiveScreen(ListScreen):
    """Today's spend, the burn rate, the agents, a table of sessions and the latest requests."""

    TAB = "live"
    ACTIONS = (*PANES, *ROWS, *NARROWING, "screen.follow", "screen.pane_of")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        "choose",
        "screen.filter",
        "screen.sort",
        "screen.source",
        "screen.explain",
        "app.toggle_pause",
        "app.help",
        "app.quit",
    )
    PANES = ("sessions", "activity", "today", "burn", "counts")
    MAIN = "sessions"
    FIRST_SORT = SORTS[0]
    HEADERS: ClassVar[Mapping[str, str]] = {"minutes": "burn", "now": "recent"}

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._listing = Listing()
        self._follows = False
        self._highest_minute = 0
        self._has_flags = False
        self._doing: dict[tuple[str, str], str] = {}

    def compose_panes(self) -> Iterable[Widget]:
        with Horizontal(id="figures"):
            yield TodayPane(id="today", classes="pane")
            yield BurnPane(id="burn", classes="pane")
            yield AgentsPane(id="counts", classes="pane")
        yield RecordTable[LiveRow](COLUMNS, self._paint, id="sessions").add_class("pane")
        yield RecordTable[ActivityLine](
            ACTIVITY_COLUMNS, self._paint_activity, id="activity"
        ).add_class("pane")
        yield EmptyPane(id="empty", classes="pane")

    def first_pane(self) -> str:
        return "empty" if self.has_nothing else self.MAIN

    def on_mount(self) -> None:
        self.query_one("#today", TodayPane).frame("today", "USD")
        self.query_one("#burn", BurnPane).frame("burn rate", "60 min")
        self.query_one("#counts", AgentsPane).frame("agents", "today")
        self.query_one("#empty", EmptyPane).frame("nothing to watch yet")
        self.fill()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < SLIM, "-slim")
        if self._has_flags:
            self.call_after_refresh(self.fill)

    # Values in ------------------------------------------------------------------------------

    def take(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._doing = {
            (line.session_id, line.agent_id): line.what for line in reversed(snapshot.activity)
        }
        self.set_class(self.has_nothing, "-empty")
        for pane in (TodayPane, BurnPane, AgentsPane, EmptyPane):
            self.query_one(pane).show(snapshot)
        self._search.look(snapshot.sessions)
        self.fill()
        if self._follows:
            self._select_newest()

    @property
    def has_nothing(self) -> bool:
        """No log was found and none is known from before."""
        snapshot = self._snapshot
        return (
            snapshot is not None
            and not snapshot.sessions
            and not snapshot.sessions_in_all
            and not any(place.files for place in snapshot.looked)
            and (snapshot.progress is None or snapshot.progress.done)
        )

    @property
    def sessions(self) -> RecordTable[LiveRow]:
        """The table of sessions."""
        return self.query_one("#sessions", RecordTable)

    @property
    def activity(self) -> RecordTable[ActivityLine]:
        """The table of the latest requests."""
        return self.query_one("#activity", RecordTable)

    def _chosen(self) -> list[Listed]:
        conditions = self.conditions()
        return self._listing.chosen(
            self._sort,
            self._reversed,
            self._source,
            conditions,
            project=self._project,
            prompts=self._search.found,
        )

    def sorts(self) -> Sequence[str]:
        width = self.sessions.content_size.width - MARK_WIDTH
        shown = {column.key for column, _ in fitting(self.sessions.columns, width)}
        return [sort for sort in SORTS if sort in (*shown, "recent", self._sort)]

    def listed(self) -> Iterable[tuple[str, str | None, Spend]]:
        rows = self._snapshot.sessions if self._snapshot else ()
        return [(row.source, row.project, row.spend) for row in rows]

    def fill(self) -> None:
        self._listing.take(self._snapshot.sessions if self._snapshot else ())
        chosen = self._chosen()
        self._highest_minute = max((each.highest_minute for each in chosen), default=0)
        rows = Lines(chosen)
        self._flag_column(chosen)
        self.sessions.show(rows, rows.place_of, sorted_by=self._sort, hint=self._hint())
        down = (self._sort not in ASCENDING) is not self._reversed
        order = f"by {SORT_WORDS.get(self._sort, self._sort)} {'↓' if down else '↑'}"
        in_all = self._snapshot.sessions_in_all if self._snapshot else 0
        self.sessions.frame(
            "sessions",
            f"{fmt.count(len(chosen))} of {fmt.count(in_all)} · {order}",
            *LEGENDS,
        )
        self._fill_activity()

    def _flag_column(self, chosen: Sequence[Listed]) -> None:
        now_ms = app_of(self).now()
        self._has_flags = any(has_flag(each.session, now_ms) for each in chosen)
        flag = SHORT_FLAG if self.has_class("-narrow") else FLAG
        self.sessions.columns = (*COLUMNS, flag) if self._has_flags else COLUMNS

    def tick(self) -> None:
        """Move the clock, and what is counted down."""
        super().tick()
        shown = self._snapshot.sessions if self._snapshot else ()
        if self.is_ready and any(session.warm for session in shown):
            now_ms = app_of(self).now()
            chosen = self._chosen()
            if any(has_flag(each.session, now_ms) for each in chosen) is not self._has_flags:
                self.fill()
            else:
                self.sessions.repaint()

    def _fill_activity(self) -> None:
        shown = self._snapshot
        lines = activity_lines(shown.activity, shown.sessions) if shown else []
        at_top = self.activity.selected_row in (None, 0)
        self.activity.show(lines, hint="no request yet today")
        if at_top and lines:
            self.activity.select(lines[0].key)
        self.activity.frame("activity", "latest first")

    def _hint(self) -> str:
        if self._snapshot is None:
            return "reading logs…"
        if self.is_narrowed:
            return self.nothing_left()
        return "nothing today yet · a session appears here with its first request"

    def _select_newest(self) -> None:
        newest = max(self._chosen(), key=lambda each: each.session.last_ms or 0, default=None)
        if newest:
            self.sessions.select(newest.session.id)

    def _paint(self, row: LiveRow, column: str) -> Text:
        app = app_of(self)
        view = View(app.ink, app.zone, app.now(), self._highest_minute, self._doing)
        return paint(row, column, view)

    def _paint_activity(self, line: ActivityLine, column: str) -> Text:
        zone: tzinfo = app_of(self).zone
        return paint_activity(line, column, ink_of(self), zone)

    # Lines above and below ------------------------------------------------------------------

    def notes(self) -> tuple[str, ...]:
        return (*super().notes(), *(("follows newest",) if self._follows else ()))

    def keys(self) -> tuple[Key, ...]:
        nothing = self.has_nothing and not self.is_filtering
        return EMPTY_LINE if nothing else super().keys()

    # Keys -----------------------------------------------------------------------------------

    def action_follow(self) -> None:
        """Keep the newest session selected, until another row is selected by hand."""
        self._follows = not self._follows
        if self._follows:
            self._select_newest()
        self.restate()

    def on_row_moved(self, message: RowMoved) -> None:
        if self._follows and message.table is self.sessions:
            self._follows = False
            self.restate()

    def on_row_chosen(self, message: RowChosen) -> None:
        record = message.table.selected
        if isinstance(record, LiveRow):
            app_of(self).open_session(record.session.id)
        elif isinstance(record, ActivityLine):
            app_of(self).open_session(record.line.session_id)

    def action_pane_of(self) -> None:
        """Go to the tmux pane that the selected session's agent runs in."""
        from tokenwatch.tui.terminal.tmux import jump_to_pane

        row = self.sessions.selected
        if row:
            jump_to_pane(self, row.session.id)

    def action_copy(self) -> None:
        """Copy the selected session's (or subagent's) id."""
        row = self.sessions.selected
        if row:
            app_of(self).copy(row.agent.key if row.agent else row.session.id, "id")

    def action_explain(self) -> None:
        """Explain the number of the pane or row in focus."""
        explanation = self._explanation()
        if explanation:
            app_of(self).explain(explanation)

    def _explanation(self) -> Explanation | None:
        from tokenwatch.tui.explanations import (
            explain_activity,
            explain_agent,
            explain_figure,
            explain_session,
        )

        snapshot = self._snapshot
        if snapshot is None:
            return None
        pane = self._focused_pane()
        if pane in ("today", "burn", "counts"):
            return explain_figure(pane, snapshot)
        row = self.sessions.selected
        if pane == "activity" and self.activity.selected:
            return explain_activity(self.activity.selected.line)
        if row is None:
            return None
        if row.is_main:
            return explain_session(row.session)
        return explain_agent(row.session, row.agent, row.spend, row.label)
