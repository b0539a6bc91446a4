"""Session: what one conversation spent, turn by turn and agent by agent."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.answers.session import detail, requests
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import ExplainedRequest, SessionDetail, SessionRow, Snapshot, TurnRow
from tokenwatch.tui.bindings import PANES, ROWS, bindings_for, line_of
from tokenwatch.tui.explain import (
    Explanation,
    explain_agent,
    explain_request,
    explain_session,
    explain_turn,
)
from tokenwatch.tui.live_rows import session_name
from tokenwatch.tui.messages import HeaderChosen, RowChosen
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.session_panes import (
    DetailPane,
    HeadPane,
    KindsPane,
    SummaryPane,
    TurnBarsPane,
)
from tokenwatch.tui.session_rows import (
    AGENT_COLUMNS,
    AGENT_SORTS,
    REQUEST_COLUMNS,
    SORT_WORDS,
    TURN_COLUMNS,
    TURN_SORTS,
    AgentLine,
    RequestLine,
    TurnLine,
    agent_lines,
    paint_agent,
    paint_request,
    paint_turn,
    turn_lines,
)
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable

VIEWS = ("turns", "agents", "requests")


class SessionScreen(FrameScreen):
    """One instance serves all sessions: `open` says which."""

    ACTIONS = (*PANES, *ROWS, "screen.group")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        "screen.back",
        "choose",
        ("screen.group", "By agent"),
        "screen.sort",
        "screen.explain",
        "screen.copy",
        "app.help",
        "app.quit",
    )
    PANES = ("turns", "agents", "requests", "head", "kinds", "bars", "summary")
    MAIN = "turns"

    def __init__(self) -> None:
        super().__init__()
        self._session_id: str | None = None
        self._row: SessionRow | None = None
        self._detail: SessionDetail | None = None
        self._view = "turns"
        self._turn: TurnRow | None = None
        self._requests: tuple[ExplainedRequest, ...] | None = None
        self._sorts = {"turns": (TURN_SORTS[0], False), "agents": (AGENT_SORTS[0], False)}

    def compose_panes(self) -> Iterable[Widget]:
        with Horizontal(id="about"):
            yield HeadPane(id="head", classes="pane")
            yield KindsPane(id="kinds", classes="pane")
        yield TurnBarsPane(id="bars", classes="pane")
        yield SummaryPane(id="summary", classes="pane")
        yield RecordTable[TurnLine](TURN_COLUMNS, self._paint_turn, id="turns").add_class("pane")
        yield RecordTable[AgentLine](AGENT_COLUMNS, self._paint_agent, id="agents").add_class(
            "pane"
        )
        yield RecordTable[RequestLine](
            REQUEST_COLUMNS, self._paint_request, id="requests"
        ).add_class("pane")

    def on_mount(self) -> None:
        self._turn_to("turns")

    # Values in ------------------------------------------------------------------------------

    def open(self, session_id: str, row: SessionRow | None) -> None:
        """Turn to another session: its row at once, if it is known; the rest when in view."""
        self._session_id, self._row, self._detail = session_id, row, None
        self._turn = self._requests = None
        if self.is_ready:
            self._turn_to("turns")
            self.turns.action_first()
        self._fill()

    def take(self, snapshot: Snapshot) -> None:
        row = next((s for s in snapshot.sessions if s.id == self._session_id), None)
        if row is not None and row != self._row:
            self._row = row
            self._fill()

    def ask(self) -> None:
        # What has not changed since it was read would be answered the same.
        if self._session_id and (self._detail is None or self._detail.row != self._row):
            app_of(self).ask(
                ("session", self._session_id),
                partial(detail, session_id=self._session_id),
                self,
                self._take_detail,
            )
            self._ask_requests()

    def forget(self) -> None:
        super().forget()
        self._row = self._detail = self._requests = None

    def _ask_requests(self) -> None:
        session_id, turn = self._session_id, self._turn
        if session_id and turn:
            app_of(self).ask(
                ("requests", session_id, turn.id),
                partial(requests, session_id=session_id, turn_id=turn.id),
                self,
                partial(self._take_requests, turn.id),
            )

    def on_screen_resume(self) -> None:
        self._fill()

    def _take_detail(self, answer: SessionDetail) -> None:
        if answer.row.id == self._session_id:
            self._detail, self._row = answer, answer.row
            self._fill()

    def _take_requests(self, turn_id: str, answer: tuple[ExplainedRequest, ...]) -> None:
        if self._turn and self._turn.id == turn_id:
            self._requests = answer
            self._fill_requests()

    # Tables ---------------------------------------------------------------------------------

    @property
    def turns(self) -> RecordTable[TurnLine]:
        """The table of turns."""
        return self.query_one("#turns", RecordTable)

    @property
    def table(self) -> RecordTable[TurnLine | AgentLine | RequestLine]:
        """The table in view."""
        return self.query_one(f"#{self._view}", RecordTable)

    def _fill(self) -> None:
        row, detail = self._row, self._detail
        if row is None or not self.is_ready:
            return
        for pane in self.query(DetailPane):
            pane.show(row, detail)
        self.query_one("#head", HeadPane).frame("session", fmt.clean(row.id[:8]))
        cost = fmt.with_sign(fmt.spend_dollars(row.spend))
        self.query_one("#kinds", KindsPane).frame("cost by kind of token", cost)
        count = len(detail.turns) if detail else row.turns
        self.query_one("#bars", TurnBarsPane).frame("context and cost per turn", f"{count} turns")
        self.query_one("#summary", SummaryPane).frame(session_name(row))
        self._fill_turns()
        self._fill_agents(row)
        self._fill_requests()

    def _fill_turns(self) -> None:
        sort, reverse = self._sorts["turns"]
        lines = turn_lines(self._detail.turns if self._detail else (), sort, reverse)
        hint = "reading turns…" if self._detail is None else "no prompt yet"
        self.turns.show(lines, sorted_by=sort, hint=hint)
        order = "newest first" if sort == "number" and not reverse else self._order("turns")
        self.turns.frame("turns", f"{fmt.count(len(lines))} · {order}", "enter: its requests")

    def _fill_agents(self, row: SessionRow) -> None:
        sort, reverse = self._sorts["agents"]
        table: RecordTable[AgentLine] = self.query_one("#agents", RecordTable)
        lines = agent_lines(row, sort, reverse)
        table.show(lines, sorted_by=sort, hint="no agent known")
        subagents = sum(a.kind is AgentKind.SUBAGENT for a in row.agents)
        table.frame(
            "agents",
            f"{row.running} running · {fmt.count(subagents)} subagents · {self._order('agents')}",
            "● working  ▲ waiting  ◐ idle  ○ ended",
        )

    def _fill_requests(self) -> None:
        table: RecordTable[RequestLine] = self.query_one("#requests", RecordTable)
        requests = self._requests
        hint = "reading requests…" if requests is None else "no request in this turn"
        table.show([RequestLine(request=r) for r in requests or ()], hint=hint)
        if self._turn:
            title = fmt.one_line(self._turn.title or self._turn.cause, 60)
            cost = fmt.with_sign(fmt.spend_dollars(self._turn.spend))
            table.frame(
                f"turn {self._turn.number} · requests",
                f"{fmt.count(len(requests or ()))} · {cost}",
                title,
            )

    def _order(self, view: str) -> str:
        sort, reverse = self._sorts[view]
        return f"by {SORT_WORDS.get(sort, sort)} {'↑' if reverse else '↓'}"

    def _paint_turn(self, line: TurnLine, column: str) -> Text:
        app = app_of(self)
        return paint_turn(line, column, ink_of(self), app.zone, app.now())

    def _paint_agent(self, line: AgentLine, column: str) -> Text:
        app = app_of(self)
        return paint_agent(line, column, ink_of(self), app.zone, app.now())

    def _paint_request(self, line: RequestLine, column: str) -> Text:
        return paint_request(line, column, ink_of(self), app_of(self).zone)

    # Lines above and below ------------------------------------------------------------------

    def below(self) -> str:
        return session_name(self._row) if self._row else ""

    def tick(self) -> None:
        super().tick()
        if not self.is_ready:
            return
        for pane in self.query(DetailPane):
            pane.redraw()

    def panes(self) -> tuple[str, ...]:
        return (self._view, *(p for p in self.PANES if p not in VIEWS))

    # Keys -----------------------------------------------------------------------------------

    def _turn_to(self, view: str) -> None:
        """Show another table in the lower half."""
        was_alone = self._alone == self._view
        self._view = view
        for name in VIEWS:
            self.set_class(name == view, f"-{name}")
        if was_alone or self._alone in VIEWS:
            self._alone = view
        self._arrange()
        self.set_focus(self.table)

    def action_back(self) -> None:
        """Go back by one: the zoom, the requests, the screen."""
        if self.unzoom():
            return
        if self._view == "requests" or self._view == "agents":
            self._turn_to("turns")
        else:
            app_of(self).pop_screen()

    def action_group(self) -> None:
        """Change between turns and agents."""
        self._turn_to("turns" if self._view == "agents" else "agents")

    def on_row_chosen(self, message: RowChosen) -> None:
        record = message.table.selected
        if isinstance(record, TurnLine) and self._session_id:
            self._turn, self._requests = record.turn, None
            self._fill_requests()
            self._ask_requests()
            self._turn_to("requests")
        else:
            self.action_explain()

    def action_sort(self) -> None:
        """Sort by the next column."""
        if self._view in self._sorts:
            sorts = TURN_SORTS if self._view == "turns" else AGENT_SORTS
            here = sorts.index(self._sorts[self._view][0])
            self._sorts[self._view] = (sorts[(here + 1) % len(sorts)], False)
            self._fill()

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self._view in self._sorts:
            sort, reverse = self._sorts[self._view]
            self._sorts[self._view] = (sort, not reverse)
            self._fill()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        sorts = TURN_SORTS if self._view == "turns" else AGENT_SORTS
        column = {"time": "number"}.get(message.column, message.column)
        if self._view in self._sorts and column in sorts:
            if self._sorts[self._view][0] == column:
                self.action_reverse()
            else:
                self._sorts[self._view] = (column, False)
                self._fill()

    def action_copy(self) -> None:
        """Copy the place of a request, the id of an agent or of the session."""
        record = self.table.selected
        if isinstance(record, RequestLine) and record.request.file:
            app_of(self).copy(f"{record.request.file}:{record.request.line}", "file and line")
        elif isinstance(record, RequestLine):
            app_of(self).copy(record.request.id, "request id")
        elif isinstance(record, AgentLine):
            app_of(self).copy(record.agent.key, "agent id")
        elif self._session_id:
            app_of(self).copy(self._session_id, "session id")

    def action_explain(self) -> None:
        """Explain the selected row, or the session where a box is in focus."""
        explanation = self._explanation()
        if explanation:
            app_of(self).explain(explanation)

    def _explanation(self) -> Explanation | None:
        row = self._row
        if row is None:
            return None
        record = self.table.selected if self._focused_pane() == self._view else None
        if isinstance(record, RequestLine):
            return explain_request(record.request)
        if isinstance(record, TurnLine):
            return explain_turn(record.turn)
        if isinstance(record, AgentLine):
            return explain_agent(row, record.agent, record.agent.spend, None)
        return explain_session(row, self._detail.by_kind if self._detail else ())
