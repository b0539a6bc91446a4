"""What the Waste screen asks for, and of which period, source and project."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from tokenwatch import format as fmt
from tokenwatch.analysis.period import Period
from tokenwatch.answers.waste_view import (
    Asked,
    ProjectSpends,
    Quotes,
    WasteView,
    beginnings,
    projects,
    waste_view,
)
from tokenwatch.model import NO_SPEND
from tokenwatch.tui.names import project_name
from tokenwatch.tui.screens.waste.tables import WasteTables
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.tui.boxes.picker import ProjectScreen

REFRESH_S, RESTS = 5.0, 20
"""While pictures come, the same is asked for again at most so often, and only after so many times
as long as it took to answer."""


class WasteAsking(WasteTables):
    """The Waste screen without what is done to a single row."""

    def __init__(self) -> None:
        super().__init__()
        self._quoted: set[str] = set()
        """Ids of prompts whose beginnings were asked for."""
        self._begun_s = self._due_s = 0.0
        self._picker: ProjectScreen | None = None

    # Values in ------------------------------------------------------------------------------

    def ask(self) -> None:
        is_known = self._view is not None and self._view.asked == self._asked
        if is_known and monotonic() < self._due_s:
            self._is_due = True
        else:
            self.ask_anew()

    def ask_anew(self) -> None:
        """Ask for what is wanted, however recently that was answered."""
        self._begun_s = monotonic()
        question = partial(waste_view, asked=self._asked)
        app_of(self).ask(("waste", self._asked), question, self, self._take)

    def _take(self, answer: WasteView) -> None:
        """Take findings, unless they are of a period, source or project that was left."""
        if answer.asked == self._asked:
            now_s = monotonic()
            self._due_s = now_s + max(REFRESH_S, RESTS * (now_s - self._begun_s))
            self._view = answer
            self.fill()
            self.restate()

    def want_quotes(self) -> None:
        items = self._proof.items if self._proof else ()
        named = {item.line.prompt_id for item in items if item.line and item.line.prompt_id}
        ids = tuple(sorted(named - self._quoted))
        if ids and not app_of(self).privacy:
            self._quoted |= named
            app_of(self).ask(("quotes", ids), partial(beginnings, ids=ids), self, self._take_quotes)

    def _take_quotes(self, answer: Quotes) -> None:
        if answer.words and not app_of(self).privacy:
            self._quotes |= dict(answer.words)
            self.fill_proof()

    def forget(self) -> None:
        super().forget()
        self._view = None
        self._quotes, self._quoted = {}, set()
        # It says a path, and findings that hide theirs match none.
        self._asked = self._asked._replace(project=None)
        self.fill()

    def look_at(self, asked: Asked) -> None:
        """Turn to another period, source or project; what is in view stays until it is there."""
        if asked != self._asked:
            self._asked = asked
            if self.is_ready:
                self.fill()
                self.restate()
                self.ask_anew()

    # Of what --------------------------------------------------------------------------

    def notes(self) -> tuple[str, ...]:
        notes = []
        if self._asked.project:
            notes.append(f"project {project_name(self._asked.project)}")
        if self._asked.source:
            notes.append(fmt.source_name(self._asked.source))
        return tuple(notes)

    def show_period(self, period: Period) -> None:
        """Turn to another period."""
        self.look_at(self._asked._replace(period=period))

    def action_period(self) -> None:
        """Look at another length of time."""
        self.show_period(self._asked.period.next_length())

    def action_shift(self, step: int) -> None:
        """Look at the period before or after."""
        self.show_period(self._asked.period.shifted(step))

    def action_source(self) -> None:
        """Go through the sources there are, then show all again."""
        choices: list[str | None] = [None, *(self._view.sources if self._view else ())]
        here = choices.index(self._asked.source) if self._asked.source in choices else 0
        self.look_at(self._asked._replace(source=choices[(here + 1) % len(choices)]))

    def action_project(self) -> None:
        """Open a box with the projects there are."""
        question = partial(projects, asked=self._asked)
        app_of(self).ask(("projects", self._asked), question, self, self._pick)

    def _pick(self, answer: ProjectSpends) -> None:
        from tokenwatch.tui.boxes.picker import ALL, Choice, ProjectScreen

        app = app_of(self)
        if not self.is_current:
            return
        if self._picker is None:
            self._picker = ProjectScreen()
            app.install_screen(self._picker, "waste-projects")
        rows = sorted(answer.rows, key=lambda row: (-row.spend.cost_pico, row.path or ""))
        whole = sum((row.spend for row in rows), NO_SPEND)
        choices = [Choice(ALL, sum(row.sessions for row in rows), whole)]
        choices += [Choice(row.path, row.sessions, row.spend) for row in rows if row.path]
        self._picker.show(choices, self._asked.project or ALL)
        app.push_screen(self._picker, self._take_project)

    def _take_project(self, chosen: str | None) -> None:
        if chosen is not None:
            self.look_at(self._asked._replace(project=chosen or None))
