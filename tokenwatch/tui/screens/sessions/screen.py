"""Sessions: all there ever were, filtered, sorted, grouped and summed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.answers.past import PastSession, PastSessions, as_row
from tokenwatch.answers.sessions import past_sessions
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.messages import RowChosen
from tokenwatch.tui.screens.list_frame import NARROWING, ListScreen
from tokenwatch.tui.screens.live.rows import FLAG, has_flag
from tokenwatch.tui.screens.sessions.listing import (
    ASCENDING,
    GROUPS,
    Entry,
    Group,
    Grouping,
    Line,
    PastListing,
    group_of,
    sum_of,
)
from tokenwatch.tui.screens.sessions.picture import PastPicture
from tokenwatch.tui.screens.sessions.rows import SORT_WORDS, UNITS, View, columns, paint, sum_words
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, RecordTable, fitting

if TYPE_CHECKING:
    from tokenwatch.tui.explanations import Explanation

LEGENDS: Final = (
    "● working  ▲ waiting  ◐ idle  ○ ended   ~ estimated  ≥ at least  ? no price",
    "● working ▲ waiting ◐ idle ○ ended · ~ estimated ≥ at least ? unpriced",
    "● working  ▲ waiting  ◐ idle  ○ ended",
)
GROUPED: Final = {
    "project": "by project",
    "model": "by the model that cost most",
    "branch": "by branch",
    "day": "by the day of the last activity",
}
GROUP_LEGENDS: Final = (
    "enter opens and closes a group · b groups by the next thing",
    "enter opens",
)
PACE: Final = 20
"""Of the time between two answers, an answer may take one part in so many."""
ANEW_S: Final = 60.0
"""What pictures don't tell of a running session is asked for this often."""


class SessionsScreen(ListScreen):
    """A table of all sessions; those of today move as they do on Live."""

    TAB = "sessions"
    ACTIONS = (
        *PANES,
        *ROWS,
        *NARROWING,
        "screen.group",
        "screen.period",
        "screen.shift(-1)",
        "screen.shift(1)",
        "screen.units",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        "choose",
        "screen.filter",
        "screen.sort",
        "screen.group",
        "screen.period",
        "screen.project",
        "app.help",
        "app.quit",
    )
    PANES = ("all-sessions",)
    MAIN = "all-sessions"
    FIRST_SORT = "last"
    CSS_PATH = "sessions.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._picture = PastPicture()
        self._listing = PastListing()
        self._grouping = Grouping()
        self._period = self._shown_period = Period("all")
        self._group = ""
        self._units = UNITS[0]
        self._total = NO_SPEND
        self._has_flags = False
        self._sent_s = 0.0
        self._took_s = 0.0
        self._kept: str | None = None
        """The row to be selected as soon as it is there again."""
        self._member: PastSession | None = None
        """The session that was selected when grouping began."""

    def compose_panes(self) -> Iterable[Widget]:
        table = RecordTable[Line](columns(self._units), self._paint, id="all-sessions")
        yield table.add_class("pane")

    def on_mount(self) -> None:
        self.fill()

    @property
    def table(self) -> RecordTable[Line]:
        """The table of sessions and groups."""
        return self.query_one("#all-sessions", RecordTable)

    # Values in ------------------------------------------------------------------------------

    def take(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._search.look(snapshot.sessions)
        if self._picture.look(snapshot):
            self._listing.take(self._picture.sessions)
            self.fill()

    def ask(self) -> None:
        """Ask for all sessions, unless pictures have told all that may have changed."""
        since_s = monotonic() - self._sent_s
        is_wanted = self._picture.is_stale or since_s >= ANEW_S
        if not self._picture.is_known or is_wanted and since_s >= PACE * self._took_s:
            self._ask_anew()
        else:
            self._is_due = True

    def _ask_anew(self) -> None:
        self._sent_s = monotonic()
        asked = self._period, app_of(self).privacy
        app_of(self).ask(
            ("sessions", *asked),
            partial(past_sessions, period=self._period),
            self,
            partial(self._take_sessions, asked, self._sent_s),
        )

    def _take_sessions(
        self, asked: tuple[Period, bool], sent_s: float, answer: PastSessions
    ) -> None:
        if asked != (self._period, app_of(self).privacy):
            return
        self._took_s = monotonic() - sent_s
        if self._shown_period != self._period:
            self._picture, self._shown_period = PastPicture(), self._period
        self._picture.answer(answer, self._snapshot)
        self._listing.take(self._picture.sessions)
        self._refill()

    def tick(self) -> None:
        """Move the clock, and what is counted down."""
        super().tick()
        rows = self._snapshot.sessions if self._snapshot else ()
        if self.is_ready and any(row.warm for row in rows):
            if any(has_flag(row, app_of(self).now()) for row in rows) is self._has_flags:
                self.table.repaint()
            else:
                self.fill()

    def forget(self) -> None:
        self._keep_selected()
        self._picture = PastPicture()
        self._listing.take({})
        super().forget()
        if self.is_ready:
            self.fill()

    # The table ------------------------------------------------------------------------------

    def sorts(self) -> Sequence[str]:
        width = self.table.content_size.width - MARK_WIDTH
        shown = [column.key for column, _ in fitting(columns(self._units, self._has_flags), width)]
        return [key for key in shown if key != FLAG.key]

    def listed(self) -> Iterable[tuple[str, str | None, Spend]]:
        sessions = self._picture.sessions.values()
        return [(session.source, session.project, session.spend) for session in sessions]

    def fill(self) -> None:
        app = app_of(self)
        sort = "tokens" if (self._sort, self._units) == ("cost", "tokens") else self._sort
        entries = self._listing.chosen(
            sort,
            self._reversed,
            self.conditions(),
            self._search.found,
            source=self._source,
            project=self._project,
        )
        self._total = sum_of([entry.session.spend for entry in entries])
        lines: Sequence[Line] = entries
        if self._group:
            lines = self._grouping.lines(
                entries, self._group, sort, self._reversed, app.zone, app.now()
            )
        now_ms = app.now()
        rows = self._snapshot.sessions if self._snapshot else ()
        self._has_flags = any(has_flag(row, now_ms) for row in rows)
        self.table.columns = columns(self._units, self._has_flags)
        self.table.show(lines, sorted_by=self._sort, hint=self._hint())
        if lines and self._kept is not None:
            kept, self._kept = self._kept, None
            self.table.select(kept)
        self._say(len(entries))

    def _say(self, shown: int) -> None:
        """Let the border tell how many of how many, their sum, and the order."""
        app = app_of(self)
        down = (self._sort not in ASCENDING) is not self._reversed
        order = f"by {SORT_WORDS.get(self._sort, self._sort)} {'↓' if down else '↑'}"
        many = f"{fmt.count(shown)} of {fmt.count(len(self._picture.sessions))}"
        total = sum_words(self._total, self._units)
        period = self._period.words(app.now(), app.zone)
        if self._period != self._shown_period:
            period = f"reading {period}…"
        title = f"sessions {GROUPED[self._group]}" if self._group else "sessions"
        room = self.size.width - 8 - len(title)
        states = (
            f"{many} · {total} · {period} · {order}",
            f"{many} · {total} · {order}",
            f"{many} · {total}",
            many,
        )
        state = next((text for text in states if len(text) <= room), "")
        self.table.frame(
            title,
            state if self._picture.is_known else "",
            *(GROUP_LEGENDS if self._group else LEGENDS),
        )

    def _hint(self) -> str:
        if not self._picture.is_known:
            return "reading the ledger…"
        if self.is_narrowed:
            return self.nothing_left()
        if self._period.length != "all":
            period = self._period.words(app_of(self).now(), app_of(self).zone)
            return f"nothing spent: {period} · t for another length, [ for earlier"
        return "no session yet · one appears here with its first request"

    def _paint(self, line: Line, column: str) -> Text:
        app = app_of(self)
        live = self._picture.seen(line.key) if self._has_flags else None
        view = View(ink_of(self), app.zone, app.now(), self._units, self._total, self._group, live)
        return paint(line, column, view)

    def on_resize(self, event: events.Resize) -> None:
        if self.is_ready:
            self.call_after_refresh(self.fill)

    # Keys -----------------------------------------------------------------------------------

    def _keep_selected(self) -> None:
        selected = self.table.selected if self.is_ready else None
        if selected is not None:
            self._kept = selected.key

    def action_group(self) -> None:
        """Group by the next thing, closed at first; the selected session's group is selected."""
        selected = self.table.selected
        self._group = GROUPS[(GROUPS.index(self._group) + 1) % len(GROUPS)]
        session = selected.session if isinstance(selected, Entry) else None
        if session is None and isinstance(selected, Group):
            session = self._member
        if session is not None:
            app = app_of(self)
            self._member = session
            self._kept = (
                group_of(session, self._group, app.zone, app.now()) if self._group else session.id
            )
        self._refill()

    def filter_by(self, text: str) -> None:
        """Show the sessions of all time that a filter of that text lets through."""
        self._show_period(Period("all"))
        super().filter_by(text)

    def action_period(self) -> None:
        """Show another length of time, up to now."""
        self._show_period(self._period.next_length())

    def action_shift(self, step: int) -> None:
        """Show the period before or after."""
        self._show_period(self._period.shifted(step))

    def _show_period(self, period: Period) -> None:
        if period != self._period:
            self._keep_selected()
            self._period = period
            self._ask_anew()
            self._refill()

    def action_units(self) -> None:
        """Show money, tokens, or the share of all that is shown."""
        self._units = UNITS[(UNITS.index(self._units) + 1) % len(UNITS)]
        self._refill()

    def on_row_chosen(self, message: RowChosen) -> None:
        line = self.table.selected
        if isinstance(line, Group):
            self._grouping.toggle(line.key)
            self._refill()
        elif line is not None:
            # What it spent within a period is not what it spent in all.
            is_whole = self._shown_period.length == "all"
            app_of(self).open_session(line.key, as_row(line.session) if is_whole else None)

    def action_copy(self) -> None:
        """Copy the selected session's id, or a group's name."""
        line = self.table.selected
        if isinstance(line, Group):
            app_of(self).copy(line.label, "name")
        elif line is not None:
            app_of(self).copy(line.key, "id")

    def action_explain(self) -> None:
        """Explain the selected row's sum."""
        line = self.table.selected
        if line is not None:
            app_of(self).explain(self._explanation(line))

    def _explanation(self, line: Line) -> Explanation:
        from tokenwatch.tui.explanations import explain_session, explain_sum

        app = app_of(self)
        period = self._shown_period.words(app.now(), app.zone)
        if isinstance(line, Group):
            many = f"{fmt.count(line.many)} of the sessions shown, grouped {GROUPED[self._group]}"
            return explain_sum(line.label, f"Sum over {many}: {period}", line.session.spend)
        if self._shown_period.length == "all":
            return explain_session(as_row(line.session))
        return explain_sum(
            line.key, f"Sum over the session's requests: {period}", line.session.spend
        )
