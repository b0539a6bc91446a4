"""The panes and tables of the Session screen, and what fills them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rich.text import Text
from textual.containers import Horizontal
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.answers.breakdown import Breakdown
from tokenwatch.answers.waste_view import SessionMarks
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import ExplainedRequest, SessionDetail, SessionRow
from tokenwatch.tui.filter.turn_search import TurnSearch
from tokenwatch.tui.names import session_name
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.session.agents import AGENT_COLUMNS, AgentLine, agent_lines, paint_agent
from tokenwatch.tui.screens.session.panes import (
    DetailPane,
    HeadPane,
    KindsPane,
    SummaryPane,
    TurnBarsPane,
    many,
)
from tokenwatch.tui.screens.session.shares import (
    PURPOSE_COLUMNS,
    TOOL_COLUMNS,
    ShareLine,
    paint_share,
    share_lines,
)
from tokenwatch.tui.screens.session.turns import (
    REQUEST_COLUMNS,
    TURN_COLUMNS,
    RequestLine,
    TurnLine,
    marked,
    paint_request,
    paint_turn,
    request_lines,
    turn_lines,
)
from tokenwatch.tui.screens.session.views import (
    NOTHING,
    SORTS,
    TABLES,
    Chosen,
    Record,
    framed,
    order_of,
)
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable


class SessionTables(FrameScreen):
    """A session, drawn as far as it has been read. `screens.session` reads, and takes the keys."""

    PANES = (*TABLES, "head", "kinds", "bars", "summary")
    MAIN = "turns"

    def __init__(self) -> None:
        super().__init__()
        self._session_id: str | None = None
        self._row: SessionRow | None = None
        self._detail: SessionDetail | None = None
        self._breakdown: Breakdown | None = None
        self._marks: SessionMarks | None = None
        """Where findings of waste lie."""
        self._at_ms: int | None = None
        """An instant in the turn that is to be selected."""
        self._view = "turns"
        self._chosen: Chosen | None = None
        self._requests: tuple[ExplainedRequest, ...] | None = None
        self._is_reading = False
        """Older logs are still being read."""
        self._search = TurnSearch(self, self._fill)
        self._sorts = {view: (sorts[0], False) for view, sorts in SORTS.items()}

    def compose_panes(self) -> Iterable[Widget]:
        with Horizontal(id="about"):
            yield HeadPane(id="head", classes="pane")
            yield KindsPane(id="kinds", classes="pane")
        yield TurnBarsPane(id="bars", classes="pane")
        yield SummaryPane(id="summary", classes="pane")
        for table in (
            RecordTable[TurnLine](TURN_COLUMNS, self._paint, id="turns"),
            RecordTable[AgentLine](AGENT_COLUMNS, self._paint, id="agents"),
            RecordTable[ShareLine](TOOL_COLUMNS, self._paint, id="tools"),
            RecordTable[ShareLine](PURPOSE_COLUMNS, self._paint, id="purposes"),
            RecordTable[RequestLine](REQUEST_COLUMNS, self._paint, id="requests"),
        ):
            yield table.add_class("pane")

    @property
    def turns(self) -> RecordTable[TurnLine]:
        """The table of turns."""
        return self.query_one("#turns", RecordTable)

    @property
    def table(self) -> RecordTable[Record]:
        """The table in view."""
        return self.query_one(f"#{self._view}", RecordTable)

    def _fill(self) -> None:
        row, detail = self._row, self._marked
        if row is None or not self.is_ready:
            return
        for pane in self.query(DetailPane):
            pane.show(row, detail)
        self.query_one("#head", HeadPane).frame("session", fmt.short_id(row.id))
        cost = fmt.with_sign(fmt.spend_dollars(row.spend))
        self.query_one("#kinds", KindsPane).frame("cost by kind of token", cost)
        count = len(detail.turns) if detail else row.turns
        self.query_one("#bars", TurnBarsPane).frame("context and cost per turn", f"{count} turns")
        self.query_one("#summary", SummaryPane).frame(session_name(row))
        self._fill_turns()
        self._fill_agents(row)
        self._fill_shares()
        self._fill_requests()

    @property
    def _marked(self) -> SessionDetail | None:
        """The session with what was found in its turns among their flags."""
        if self._detail is None or self._marks is None or not self._marks.marks:
            return self._detail
        return replace(self._detail, turns=marked(self._detail.turns, self._marks.marks))

    def _fill_turns(self) -> None:
        sort, reverse = self._sorts["turns"]
        turns = self._marked.turns if self._marked and not self._is_early else ()
        lines = turn_lines(turns, sort, reverse, self._search.only(turns))
        self.turns.show(lines, sorted_by=sort, hint=self._hint())
        of = f" of {fmt.count(len(turns))}" if self._search.words else ""
        self._frame("turns", fmt.count(len(lines)) + of)
        self._mark_turn()

    @property
    def _is_early(self) -> bool:
        """Turns are read after usage: until then all requests seem to be before the first one."""
        turns = self._detail.turns if self._detail else ()
        return self._is_reading and not any(turn.id for turn in turns)

    def _hint(self) -> str:
        """Return what stands in the table of turns where it has none."""
        if self._detail is None or self._is_early:
            return "reading turns…"
        if self._search.is_running:
            return "reading prompts…"
        if self._search.words:
            return "no prompt holds these words · esc shows all turns"
        return "no prompt yet"

    def _fill_agents(self, row: SessionRow) -> None:
        sort, reverse = self._sorts["agents"]
        table: RecordTable[AgentLine] = self.query_one("#agents", RecordTable)
        lines = agent_lines(row, sort, reverse)
        table.show(lines, sorted_by=sort, hint="no agent known")
        subagents = sum(a.kind is AgentKind.SUBAGENT for a in row.agents)
        self._frame("agents", f"{row.running} running · {many(subagents, 'subagent')}")

    def _fill_shares(self) -> None:
        found = self._breakdown
        tools, purposes = (found.tools, found.purposes) if found else ((), ())
        for view, shares in (("tools", tools), ("purposes", purposes)):
            sort, reverse = self._sorts[view]
            table: RecordTable[ShareLine] = self.query_one(f"#{view}", RecordTable)
            lines = share_lines(shares, found.cost_pico if found else 0, sort, reverse)
            table.show(lines, sorted_by=sort, hint=NOTHING[view] if found else "reading…")
            named = sum(share.name is not None for share in shares)
            self._frame(view, fmt.count(named) if found else "")

    def _fill_requests(self) -> None:
        table: RecordTable[RequestLine] = self.query_one("#requests", RecordTable)
        requests, of = self._requests, self._chosen
        sort, reverse = self._sorts["requests"]
        hint = "reading requests…" if requests is None else "no request"
        lines = request_lines(requests or (), sort, reverse)
        table.show(lines, sorted_by=sort, hint=hint)
        if of:
            order = order_of("requests", sort, reverse=reverse)
            state = f"{fmt.count(len(lines))} · {of.cost} · {order}"
            table.frame(f"{of.title} · requests", state, of.note)

    def _frame(self, view: str, what: str) -> None:
        """Let a table's border say which of the views it is, how much it holds, in which order."""
        title, state, legends = framed(view, what, *self._sorts[view])
        self.query_one(f"#{view}", RecordTable).frame(title, state, *legends)

    def _mark_turn(self) -> None:
        selected = self.turns.selected
        self.query_one("#bars", TurnBarsPane).mark(selected.turn.id if selected else None)

    def _paint(self, line: Record, column: str) -> Text:
        app, ink = app_of(self), ink_of(self)
        match line:
            case TurnLine():
                return paint_turn(line, column, ink, app.zone, app.now())
            case AgentLine():
                return paint_agent(line, column, ink, app.zone, app.now())
            case ShareLine():
                return paint_share(line, column, ink)
            case RequestLine():
                return paint_request(line, column, ink, app.zone)
