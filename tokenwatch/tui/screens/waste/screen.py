"""Waste: what could have been avoided, with proof, and what to do instead."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tokenwatch import format as fmt
from tokenwatch.analysis.waste.finding import Evidence
from tokenwatch.answers.waste import Shown
from tokenwatch.answers.waste_view import (
    Place,
    place_of,
    said_of,
)
from tokenwatch.tui.bindings import PANES, ROWS, Key, bindings_for, line_of
from tokenwatch.tui.messages import HeaderChosen, RowChosen, RowMoved, Unanswered
from tokenwatch.tui.screens.waste.asking import WasteAsking
from tokenwatch.tui.screens.waste.explain import explain_finding, explain_sums
from tokenwatch.tui.screens.waste.proof import NEXT, Item
from tokenwatch.tui.screens.waste.rows import HEADERS, SORTS, FindingLine
from tokenwatch.tui.screens.waste.tables import PROOF, SUMS
from tokenwatch.tui.screens.waste.verdicts import Verdicts
from tokenwatch.tui.widgets.pane import app_of

BESIDE = 180
"""From so many columns on the proof stands beside the findings, not below them."""
FACTS = "waste-facts"
"""Name of the screen of measured facts, which `b` comes to last."""


class WasteScreen(WasteAsking):
    """The sums of a period, its findings by kind or one by one, and the proof of each."""

    TAB = "waste"
    ACTIONS = (
        *PANES,
        *ROWS,
        "screen.open_session",
        "screen.was_fine",
        "screen.agree",
        "screen.undo",
        "screen.dismissed",
        "screen.group",
        "screen.source",
        "screen.project",
        "screen.period",
        "screen.shift(-1)",
        "screen.shift(1)",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Turns"),
        "screen.open_session",
        ("screen.copy", "Advice"),
        "screen.was_fine",
        ("screen.group", "View"),
        "screen.period",
        "app.help",
        "app.quit",
    )
    MEANINGS = {
        "choose": "go to its proof, then to the turn",
        "screen.copy": "copy the advice",
        "screen.group": "next view: by kind, one by one, measured facts",
    }

    def __init__(self) -> None:
        super().__init__()
        self._verdicts = Verdicts(self, self.ask_anew)

    def on_mount(self) -> None:
        self.fill()

    def on_unanswered(self, message: Unanswered) -> None:
        """Let the next verdict be sent, if one was not remembered."""
        self._verdicts.fail(message)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= BESIDE, "-beside")
        self.call_after_refresh(self.fill)

    # Lines above and below ------------------------------------------------------------------

    def keys(self) -> tuple[Key, ...]:
        line = super().keys()
        if not self.is_ready or self.is_filtering:
            return line
        label = self._opens()
        return tuple(
            line_of(("choose", label))[0] if key.action == "choose" else key
            for key in line
            if label or key.action != "choose"
        )

    def _opens(self) -> str:
        """Return what enter leads to; empty where it does nothing."""
        if self._focused_pane() == SUMS or self.table.selected is None:
            return ""
        if self.proof.has_focus:
            item = self._item
            return "Proof" if item and item.shown else "Turns"
        return "Turns" if self.table.selected.only else "Findings"

    def on_descendant_focus(self) -> None:
        super().on_descendant_focus()
        self.fill_proof()

    # What is selected -----------------------------------------------------------------------

    @property
    def _item(self) -> Item | None:
        """The line of proof that is selected, if the cursor is there."""
        line = self.proof.selected if self.proof.has_focus else None
        return line.item if line else None

    @property
    def _one(self) -> Shown | None:
        """The one finding that is selected, if it is one."""
        row, item = self.table.selected, self._item
        if item and item.shown:
            return item.shown
        return self.opened(row) or (row.only if row else None)

    def _session_of(self, shown: Shown) -> str | None:
        """Return the session of a finding; of several the one it has most of."""
        if shown.session_id is not None or self._view is None:
            return shown.session_id
        key = max(shown.parts, key=lambda part: part[1])[0] if shown.parts else None
        named = self._view.names.get(key) if key is not None else None
        return named.id if named else None

    # Keys -----------------------------------------------------------------------------------

    def on_row_moved(self, message: RowMoved) -> None:
        if message.table is self.table:
            self._opened = None
            self.fill_proof()
            self.proof.action_first()
        self.restate()

    def on_row_chosen(self, message: RowChosen) -> None:
        row = self.table.selected
        if row is None:
            return
        item = self._item
        if message.table is self.table and row.only is None:
            self._turn_to_proof()
        elif item and item.shown:
            self._opened = item.shown.id
            self._turn_to_proof()
        elif (shown := self._one) is not None:
            self._open_turn(shown, item.line if item else None)

    def _turn_to_proof(self) -> None:
        """Let the cursor be on the first line of proof that opens something."""
        if self._zoomed or self._small:
            self._alone = PROOF
            self._arrange()
        self.set_focus(self.proof)
        self.fill_proof()
        first = next((line.key for line in self.proof.records if line.item), None)
        if first is not None:
            self.proof.select(first)
        self.restate()

    def _open_turn(self, shown: Shown, line: Evidence | None) -> None:
        """Go to the turn that a line of proof is about; to the one that cost most."""
        evidence = shown.finding.evidence
        line = line or max(evidence, key=lambda each: each.cost or 0, default=None)
        session_id = self._session_of(shown)
        if session_id is None:
            return
        if line is None or shown.session_id is not None:
            at_ms = line.at_ms if line else None
            app_of(self).open_session(session_id, at_ms=at_ms)
            return
        question = partial(place_of, line=line, otherwise=session_id)
        app_of(self).ask(("place", shown.id, line), question, self, self._go_to)

    def _go_to(self, place: Place) -> None:
        if self.is_current:
            app_of(self).open_session(place.session_id, at_ms=place.at_ms)

    def action_open_session(self) -> None:
        """Go to the session that the selected finding lies in."""
        row = self.table.selected
        shown = self._one or (row.group.findings[0] if row else None)
        session_id = self._session_of(shown) if shown else None
        if session_id is not None:
            app_of(self).open_session(session_id)

    def action_back(self) -> None:
        """Undo one thing: the zoom, the proof of one of several, the pane, what narrows."""
        if self.unzoom():
            return
        if self._opened is not None:
            self._opened = None
            self._turn_to_proof()
        elif self._focused_pane() != self.MAIN:
            self._alone = self.MAIN
            self._arrange()
            self.set_focus(self.table)
        elif self._dismissed:
            self.action_dismissed()
        elif self._asked.project:
            self.look_at(self._asked._replace(project=None))
        else:
            self.look_at(self._asked._replace(source=None))

    def action_was_fine(self) -> None:
        """Say that the selected findings were fine; where such are listed, take it back."""
        if self._dismissed:
            self._say(None, "it counts again")
        else:
            self._say("fine", "dismissed as fine, with what is like it")

    def action_agree(self) -> None:
        """Say that the selected findings could have been avoided; again, take it back."""
        chosen = self._chosen()
        if all(shown.verdict == "waste" for shown in chosen):
            self._say(None, "no longer agreed to")
        else:
            self._say("waste", "noted: it could have been avoided")

    def _chosen(self) -> tuple[Shown, ...]:
        row, one = self.table.selected, self._one
        return (one,) if one else row.group.findings if row else ()

    def _say(self, verdict: str | None, words: str) -> None:
        chosen = self._chosen()
        if not chosen:
            return
        one = chosen[0] if len(chosen) == 1 else None
        row: FindingLine | None = self.table.selected
        title = one.told.headline if one else row.title if row else ""
        many = f" ({fmt.count(len(chosen))} findings)" if len(chosen) > 1 else ""
        self._opened = None
        self._verdicts.say(said_of(chosen, verdict), f"{fmt.one_line(title, 60)}{many}: {words}")

    def action_undo(self) -> None:
        """Take the last verdict back."""
        if not self._verdicts.undo():
            app_of(self).notify("nothing was said here", markup=False, timeout=3)

    def action_dismissed(self) -> None:
        """List what the user said was fine, or the findings again."""
        self._dismissed = not self._dismissed
        self._opened = None
        self.fill()
        self.restate()

    def action_group(self) -> None:
        """Go on: findings by kind, one by one, measured facts."""
        if self._one_by_one:
            self._one_by_one = False
            self._show_facts()
            return
        row = self.table.selected
        self._one_by_one, self._opened = True, None
        self.fill()
        if row is not None:
            self.table.select(row.group.findings[0].id)
            self.fill_proof()
        self.restate()

    def _show_facts(self) -> None:
        from tokenwatch.tui.screens.facts.waste import IncidentsScreen

        app = app_of(self)
        if not app.is_screen_installed(FACTS):
            app.install_screen(IncidentsScreen(), FACTS)
        screen = app.get_screen(FACTS)
        assert isinstance(screen, IncidentsScreen)
        self.fill()
        screen.look_at(self._asked.period)
        app.switch_screen(FACTS)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._sort_by(SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self.fill()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        column = HEADERS.get(message.column, message.column)
        if message.table is self.table and column == self._sort:
            self.action_reverse()
        elif message.table is self.table and column in SORTS:
            self._sort_by(column)

    def _sort_by(self, column: str) -> None:
        self._sort, self._reversed = column, False
        self.fill()

    def action_copy(self) -> None:
        """Copy the advice."""
        if self._proof is not None:
            one = self._one
            advice = one.told.advice if one else self._proof.words[NEXT]
            app_of(self).copy(advice, "advice")

    def action_explain(self) -> None:
        """Explain the selected row's amount, or the sums where they are in focus."""
        row, view = self.table.selected, self._view
        if view is None:
            return
        if self._focused_pane() == SUMS or row is None:
            app_of(self).explain(explain_sums(view, self.stretch()))
        else:
            shown = None if row.only else self._one
            app_of(self).explain(explain_finding(row, shown, self.stretch()))
