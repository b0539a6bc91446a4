"""A screen of facts: a table of them, and below it the rows the selected one was counted from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.answers.fact import Fact
from tokenwatch.tui.messages import RowChosen, RowMoved
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
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable


class FactsScreen(FrameScreen):
    """Base of such screens: they ask for their facts, and hand them to `_take_facts`."""

    CSS_PATH = "facts.tcss"
    COLUMNS: ClassVar[Sequence[Column]] = ()
    """Of the table of facts."""
    HEADLINE: ClassVar[str] = ""
    """Title of the table of facts."""
    COMING: ClassVar[tuple[str, ...]] = ()
    """What comes in a later version; the first that fits is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] | None = None
        self._wanted: str | None = None
        """Key of the fact that the user chose."""

    def compose_panes(self) -> Iterable[Widget]:
        facts, rows = self.PANES
        yield RecordTable[FactLine](self.COLUMNS, self._paint_fact, id=facts).add_class(
            "pane", "facts"
        )
        yield RecordTable[EvidenceLine](EVIDENCE_COLUMNS, self._paint_evidence, id=rows).add_class(
            "pane", "fact-rows"
        )

    def on_mount(self) -> None:
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def forget(self) -> None:
        super().forget()
        self._facts = None

    def _take_facts(self, answer: tuple[Fact, ...]) -> None:
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

    def _fill(self) -> None:
        if not self.is_ready:
            return
        found = self._facts or ()
        hint = "reading…" if self._facts is None else "nothing yet"
        self.facts.show([FactLine(fact=fact) for fact in found], hint=hint)
        self.facts.refresh(layout=True)
        self.facts.frame(self.HEADLINE, self.stretch(), *self.COMING)
        self._fill_rows()

    def _fill_rows(self) -> None:
        fact = self._fact
        shown = () if fact is None else fact.evidence
        hint = "reading…" if self._facts is None else "no such row"
        self.rows.show([EvidenceLine(row=row) for row in shown], hint=hint)
        if fact is not None:
            name = f": {fmt.one_line(fact.name, 40)}" if fact.name else ""
            state = explain_rows(shown, fact.rows)
            self.rows.frame(fact.label + name, state, "enter: the session", "")

    def _paint_fact(self, line: FactLine, column: str) -> Text:
        return paint_fact(line, column, ink_of(self))

    def _paint_evidence(self, line: EvidenceLine, column: str) -> Text:
        app = app_of(self)
        return paint_evidence(line, column, ink_of(self), app.zone, app.now())

    # Keys -----------------------------------------------------------------------------------

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
        """Go to the session of the selected row."""
        line = self.rows.selected
        if line is not None and line.row.session_id is not None:
            app_of(self).open_session(line.row.session_id)

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
            name = f": {fact.name}" if fact.name else ""
            app.copy(f"{fact.label}{name}: {figure_of(fact)} {fact.detail}".rstrip(), "fact")
