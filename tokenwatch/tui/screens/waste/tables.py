"""The panes of the Waste screen, and what fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.containers import Container
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.answers.waste import Shown
from tokenwatch.answers.waste_view import Asked, WasteView
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.waste.panes import SumsPane, notes_of, nothing_found
from tokenwatch.tui.screens.waste.proof import Proof, ProofLine, laid_out, proof_of
from tokenwatch.tui.screens.waste.rows import (
    ASCENDING,
    COLUMNS,
    LEGENDS,
    SORT_WORDS,
    SORTS,
    FindingLine,
    columns_for,
    finding_lines,
    paint_finding,
)
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

FINDINGS, PROOF, SUMS = "waste-findings", "waste-proof", "waste-sums"
_LINE: Final = (Column(key="line", title="", width=0, least=1),)


class ProofTable(RecordTable[ProofLine]):
    """Lines of proof, laid out for its size."""

    def __init__(self, resized: Callable[[], None]) -> None:
        super().__init__(_LINE, lambda line, _: line.paint(ink_of(self)), id=PROOF, header=False)
        self._resized = resized

    def on_resize(self) -> None:
        self._resized()


class WasteTables(FrameScreen):
    """What was found, drawn as far as it is known. `screens.waste.screen` asks, takes the keys."""

    CSS_PATH = "waste.tcss"
    PANES = (FINDINGS, PROOF, SUMS)
    MAIN = FINDINGS

    def __init__(self) -> None:
        super().__init__()
        self._asked = Asked(Period("7d"))
        self._view: WasteView | None = None
        self._one_by_one = False
        self._dismissed = False
        """Whether what the user said was fine is listed, instead of all else."""
        self._sort, self._reversed = SORTS[0], False
        self._opened: str | None = None
        """Id of the finding whose proof is shown, where the row has several."""
        self._proof: Proof | None = None
        self._quotes: dict[str, str] = {}
        """Beginnings of prompts by their id."""

    def compose_panes(self) -> Iterable[Widget]:
        yield SumsPane(id=SUMS, classes="pane")
        with Container(id="waste-both"):
            table = RecordTable[FindingLine](COLUMNS, self._paint, id=FINDINGS)
            yield table.add_class("pane")
            yield ProofTable(self.fill_proof).add_class("pane")

    @property
    def table(self) -> RecordTable[FindingLine]:
        """The table of findings."""
        return self.query_one(f"#{FINDINGS}", RecordTable)

    @property
    def proof(self) -> ProofTable:
        """The lines of proof."""
        return self.query_one(ProofTable)

    @property
    def may_judge(self) -> bool:
        """Whether verdicts can be given here."""
        return app_of(self).offers("screen.was_fine")

    def stretch(self) -> str:
        """Return the period in words."""
        app = app_of(self)
        return self._asked.period.words(app.now(), app.zone)

    # Filling --------------------------------------------------------------------------------

    def fill(self) -> None:
        """Show what is known."""
        if not self.is_ready:
            return
        view = self._view
        lines = (
            finding_lines(
                view,
                one_by_one=self._one_by_one,
                dismissed=self._dismissed,
                sort=self._sort,
                reverse=self._reversed,
            )
            if view
            else []
        )
        longest = max((cell_len(line.label) for line in lines), default=0)
        self.table.columns = columns_for(self.table.content_size.width, longest)
        self.table.show(lines, sorted_by=self._sort, hint=self._hint())
        self.table.refresh(layout=True)
        self._frame_table(lines)
        self._fill_sums()
        self.fill_proof()

    def _fill_sums(self) -> None:
        sums = self.query_one(SumsPane)
        sums.show(self._view)
        notes = notes_of(self._view.waste) if self._view else []
        is_current = self._view is not None and self._view.asked == self._asked
        state = "[ ] period" if is_current else "reading…"
        sums.frame(f"could have been avoided, {self.stretch()}", state, *notes)

    def _hint(self) -> str:
        if self._view is None:
            return "reading the ledger…"
        if self._dismissed:
            return "nothing was dismissed in this period · v shows the findings"
        return nothing_found(self._view)

    def _frame_table(self, lines: list[FindingLine]) -> None:
        found = sum(len(line.group.findings) for line in lines)
        down = (self._sort not in ASCENDING) is not self._reversed
        by = f"by {SORT_WORDS.get(self._sort, self._sort)} {'↓' if down else '↑'}"
        how = "one by one" if self._one_by_one else "by kind"
        states = (f"{fmt.count(found)} · {how} (b) · {by}", f"{fmt.count(found)} · {by}")
        title = "dismissed as fine" if self._dismissed else "findings"
        room = self.size.width - len(title) - 10
        state = next((text for text in states if len(text) <= room), states[-1])
        self.table.frame(title, state if self._view else "", *self._legends())

    def _legends(self) -> tuple[str, ...]:
        if self._dismissed:
            return ("they count for nothing · d takes a verdict back · v shows the findings",)
        many = len(self._view.waste.dismissed) if self._view else 0
        keys = f"v dismissed ({fmt.count(many)})" if many else ""
        if self.may_judge:
            keys = " · ".join(filter(None, ("d was fine", keys)))
        long = tuple(f"{legend} · {keys}" for legend in LEGENDS) if keys else LEGENDS
        return (*long, keys)

    def opened(self, row: FindingLine | None) -> Shown | None:
        """Return the finding of a row that is looked at alone."""
        findings = row.group.findings if row else ()
        return next((each for each in findings if each.id == self._opened), None)

    def fill_proof(self) -> None:
        """Show the proof of the selected row, for the room there is."""
        if not self.is_ready:
            return
        row, view, table = self.table.selected, self._view, self.proof
        if row is None or view is None:
            self._proof = None
            table.show((), hint="")
            table.frame("proof")
            return
        opened = self.opened(row)
        self._proof = proof_of(
            row, opened, view.names, may_judge=self.may_judge and not self._dismissed
        )
        app, size = app_of(self), table.content_size
        lines = laid_out(
            self._proof,
            self._quotes,
            width=max(30, size.width - 1),
            height=size.height,
            whole=table.has_focus,
            zone=app.zone,
            now_ms=app.now(),
        )
        table.show(lines)
        several = opened is None and row.only is None
        table.frame(
            self._proof.title,
            self._proof.state,
            "tab, enter: the proof of each" if several else "enter: the turn that proves it",
        )
        self.want_quotes()

    def want_quotes(self) -> None:
        """Ask for the beginnings of prompts that the proof names."""
        raise NotImplementedError

    def _paint(self, line: FindingLine, column: str) -> Text:
        app = app_of(self)
        return paint_finding(line, column, ink_of(self), app.zone, app.now())
