"""A screen of facts: a table of them, and below it the rows the selected one was counted from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.containers import Container, Vertical
from textual.widget import Widget

from tokenwatch.answers.fact import Fact
from tokenwatch.tui.bindings import Key, line_of
from tokenwatch.tui.messages import HeaderChosen, RowChosen, RowMoved
from tokenwatch.tui.screens.facts.order import (
    FACT_SORTS,
    ROW_SORTS,
    Order,
    beside_names,
    sorted_facts,
    sorted_rows,
)
from tokenwatch.tui.screens.facts.panes import MeaningPane
from tokenwatch.tui.screens.facts.rows import (
    EVIDENCE_COLUMNS,
    EvidenceLine,
    FactLine,
    explain_fact,
    explain_rows,
    figure_of,
    moment_of,
    paint_evidence,
    paint_fact,
)
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.sessions.link import show_sessions
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

BESIDE = 180
"""From so many columns on the rows stand beside the facts, not below them."""

REST = 25
"""Facts are not asked for again before so many times as long as it took to count them."""


class FactsScreen(FrameScreen):
    """Base of such screens: they ask in `ask_facts`, and hand the answer to `_take_facts`."""

    CSS_PATH = "facts.tcss"
    COLUMNS: ClassVar[Sequence[Column]] = ()
    """Of the table of facts."""
    HEADLINE: ClassVar[str] = ""
    """Title of the table of facts."""
    FACT_SORTS: ClassVar[Sequence[str]] = FACT_SORTS
    """Empty where the facts can't be compared with each other."""
    COMING: ClassVar[tuple[str, ...]] = ()
    """What comes in a later version; the first that fits is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] | None = None
        self._wanted: str | None = None
        """Key of the fact that the user chose."""
        self._order = Order()
        """Of the facts."""
        self._row_order = Order()
        self._begun_s = self._again_s = 0.0

    def compose_panes(self) -> Iterable[Widget]:
        facts, rows = self.PANES
        table = RecordTable[FactLine](self.COLUMNS, self._paint_fact, id=facts)
        found = RecordTable[EvidenceLine](EVIDENCE_COLUMNS, self._paint_evidence, id=rows)
        with Container(classes="facts-both"):
            with Vertical(classes="facts-side"):
                yield table.add_class("pane", "facts")
                yield MeaningPane(classes="pane fact-meaning")
            yield found.add_class("pane", "fact-rows")

    def on_mount(self) -> None:
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def forget(self) -> None:
        super().forget()
        self._facts = None

    def ask(self) -> None:
        if self._facts is not None and monotonic() < self._again_s:
            self._is_due = True
            return
        self._begun_s = monotonic()
        self.ask_facts()

    def ask_facts(self) -> None:
        """Ask for the facts."""
        raise NotImplementedError

    def _take_facts(self, answer: tuple[Fact, ...]) -> None:
        now_s = monotonic()
        self._again_s = now_s + REST * (now_s - self._begun_s)
        self._facts = answer
        self._fill()
        first = next((fact.key for fact in answer if fact.rows), None)
        wanted = self._wanted or first
        if wanted is not None:
            self.facts.select(wanted)
            self._fill_rows()

    def stretch(self) -> str:
        """Return the time that the facts are about, in words; empty where each has its own."""
        return ""

    @property
    def facts(self) -> RecordTable[FactLine]:
        """The table of facts."""
        return self.query_one(f"#{self.PANES[0]}", RecordTable)

    @property
    def rows(self) -> RecordTable[EvidenceLine]:
        """The table of evidence."""
        return self.query_one(f"#{self.PANES[1]}", RecordTable)

    @property
    def _fact(self) -> Fact | None:
        line = self.facts.selected
        return None if line is None else line.fact

    @property
    def _key(self) -> str | None:
        fact = self._fact
        return None if fact is None else fact.key

    def _fill(self) -> None:
        if not self.is_ready:
            return
        lines = [FactLine(fact=fact) for fact in sorted_facts(self._facts or (), self._order)]
        hint = "reading…" if self._facts is None else "nothing yet"
        self.facts.show(lines, sorted_by=self._order.column, hint=hint)
        self._set_columns()
        self.facts.refresh(layout=True)
        state = " · ".join(filter(None, (self.stretch(), self._order.words)))
        self.facts.frame(self.HEADLINE, state, *self.COMING)
        self._fill_rows()

    def _set_columns(self) -> None:
        table = self.facts
        longest = max((cell_len(line.name) for line in table.records), default=0)
        columns = beside_names(self.COLUMNS, longest, table.content_size.width)
        if columns != table.columns:
            table.columns = columns
            table.repaint()

    def _fill_rows(self) -> None:
        fact = self._fact
        shown = sorted_rows(() if fact is None else fact.evidence, self._row_order)
        hint = "reading…" if self._facts is None else "no such row"
        lines = [EvidenceLine(row=row) for row in shown]
        self.rows.show(lines, sorted_by=self._row_order.column, hint=hint)
        self.query_one(MeaningPane).show(fact)
        if fact is None:
            self.rows.frame("rows")
            return
        state = explain_rows(shown, fact.rows, self._row_order.words)
        opens = "enter: the sessions of that day" if _has_days(fact) else "enter: the session"
        self.rows.frame(FactLine(fact=fact).name, state, opens, "")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= BESIDE, "-beside")
        self.call_after_refresh(self._set_columns)

    def _paint_fact(self, line: FactLine, column: str) -> Text:
        cell = paint_fact(line, column, ink_of(self))
        if column == "fact" and self.rows.has_focus and line.key == self._key:
            # The cursor is in its rows: whose they are stays to be seen.
            cell.stylize(Style(bold=True, underline=True))
        return cell

    def _paint_evidence(self, line: EvidenceLine, column: str) -> Text:
        app = app_of(self)
        return paint_evidence(line, column, ink_of(self), app.zone, app.now())

    # Keys -----------------------------------------------------------------------------------

    def keys(self) -> tuple[Key, ...]:
        line = super().keys()
        if self.is_ready and self.rows.has_focus and not self.is_filtering:
            return (*line_of(("choose", "Open")), *(key for key in line if key.action != "choose"))
        return line

    def action_sort(self) -> None:
        """Sort the table in focus by its next column."""
        if self._sorts_facts:
            self._order = self._order.next_of(self.FACT_SORTS)
        else:
            self._row_order = self._row_order.next_of(ROW_SORTS)
        self._fill()

    def action_reverse(self) -> None:
        """Turn the order of the table in focus round."""
        if self._sorts_facts:
            self._order = self._order._replace(is_reversed=not self._order.is_reversed)
        else:
            order = self._row_order
            self._row_order = order._replace(is_reversed=not order.is_reversed)
        self._fill()

    @property
    def _sorts_facts(self) -> bool:
        return bool(self.FACT_SORTS) and not self.rows.has_focus

    def on_descendant_focus(self) -> None:
        super().on_descendant_focus()
        if self.is_ready:
            self.facts.repaint()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        if message.table is self.rows and message.column in ROW_SORTS:
            self._row_order = self._row_order.of_header(message.column)
        elif message.table is self.facts and message.column in self.FACT_SORTS:
            self._order = self._order.of_header(message.column)
        else:
            return
        self._fill()

    def on_row_moved(self, message: RowMoved) -> None:
        if message.table is self.facts:
            self._wanted = message.key
            self._fill_rows()
            self.rows.action_first()

    def on_row_chosen(self, message: RowChosen) -> None:
        if message.table is self.facts:
            self.action_next_pane(1)
        else:
            self.action_open_session()

    def action_back(self) -> None:
        """Go back to the facts; from there, show all panes again."""
        if self.rows.has_focus and not self._zoomed:
            self.action_next_pane(-1)
        else:
            super().action_back()

    def action_open_session(self) -> None:
        """Go to the session of the selected row; to all that were open on its day."""
        line = self.rows.selected
        if line is None:
            return
        if line.row.session_id is not None:
            app_of(self).open_session(line.row.session_id)
        elif line.row.day is not None:
            show_sessions(app_of(self), f"since:{line.row.day} until:{line.row.day}")

    def action_explain(self) -> None:
        """Explain the selected fact."""
        if self._fact is not None:
            app_of(self).explain(explain_fact(self._fact, self.stretch()))

    def action_copy(self) -> None:
        """Copy the session's id of a row, or a fact as a line of text."""
        app, fact, line = app_of(self), self._fact, self.rows.selected
        if self.rows.has_focus and line is not None:
            row = line.row
            at = moment_of(row.at_ms, app.zone, app.now())
            app.copy(row.session_id or row.what, "session id" if row.session_id else at)
        elif fact is not None:
            name = FactLine(fact=fact).name
            app.copy(f"{name}: {figure_of(fact)} {fact.detail}".rstrip(), "fact")


def _has_days(fact: Fact) -> bool:
    return any(row.day for row in fact.evidence)
