"""Budgets: the user's own limits as they stand, and the alerts that told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.analysis import budgets as rules
from tokenwatch.answers.alerts import Limits, limits, see, snooze
from tokenwatch.config import edit
from tokenwatch.config.budgets import Budget
from tokenwatch.config.lines import Row
from tokenwatch.errors import TokenwatchError
from tokenwatch.export.budgets import sentence
from tokenwatch.guard.allowing import allow_until, end_all
from tokenwatch.tui.bindings import PANES, Key, bindings_for, line_of
from tokenwatch.tui.boxes.confirm import ConfirmScreen
from tokenwatch.tui.messages import RowChosen, RowMoved, SettingsChanged
from tokenwatch.tui.screens.budgets.boxes import END, BudgetScreen, Span, SpanScreen
from tokenwatch.tui.screens.budgets.guard_line import GuardLine
from tokenwatch.tui.screens.budgets.rows import (
    ALERT_COLUMNS,
    BUDGET_COLUMNS,
    AlertLine,
    BudgetLine,
    explain_alert,
    explain_budget,
    lines_of,
    paint_alert,
    paint_budget,
)
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import RecordTable

LIMITS, ALERTS = "budget-limits", "budget-alerts"
PACE = "budget-pace"
"""Name of the screen of facts to choose a limit by, which `b` goes to."""
HOUR_MS = 3_600_000
SNOOZES = (
    Span("1 h", "until in an hour"),
    Span("tomorrow", "until midnight"),
    Span("7 d", "for a week"),
)
ALLOWS = (
    Span("1 h", "they stop nothing for an hour"),
    Span("4 h", "they stop nothing for four hours"),
    Span("tomorrow", "they stop nothing until midnight"),
)


class BudgetsScreen(FrameScreen):
    """Every budget, and the inbox of alerts."""

    CSS_PATH = "budgets.tcss"
    TAB = "budgets"
    HAS_INBOX = True
    ACTIONS = (
        *PANES,
        "screen.explain",
        "screen.open_session",
        "screen.new",
        "screen.edit",
        "screen.delete",
        "screen.allow",
        "screen.snooze",
        "screen.seen",
        "screen.all_seen",
        "screen.group",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("choose", "Details"),
        "screen.new",
        "screen.edit",
        "screen.snooze",
        "screen.seen",
        ("screen.group", "Pace"),
        "app.help",
        "app.quit",
    )
    MEANINGS = {
        "choose": "what the budget or the alert is about",
        "screen.explain": "what the budget or the alert is about",
        "screen.group": "your own pace, to choose a limit by",
        "screen.snooze": "hear nothing of it for a while, or hear it again",
    }
    PANES = (LIMITS, ALERTS)
    MAIN = LIMITS

    def __init__(self) -> None:
        super().__init__()
        self._limits: Limits | None = None
        self._number = 0
        """Of what is written: one asked by the same key again might be taken for it."""

    def compose_panes(self) -> Iterable[Widget]:
        yield GuardLine(classes="line")
        yield RecordTable[BudgetLine](BUDGET_COLUMNS, self._paint_budget, id=LIMITS).add_class(
            "pane"
        )
        yield RecordTable[AlertLine](ALERT_COLUMNS, self._paint_alert, id=ALERTS).add_class("pane")

    def on_mount(self) -> None:
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def ask(self) -> None:
        app = app_of(self)
        every = app.preferences.config.budgets
        app.ask("limits", partial(limits, every=every), self, self._take_limits)

    def forget(self) -> None:
        super().forget()
        self._limits = None

    def on_settings_changed(self, message: SettingsChanged) -> None:
        self.ask()

    def _take_limits(self, answer: Limits) -> None:
        self._limits = answer
        self._fill()

    @property
    def budgets(self) -> RecordTable[BudgetLine]:
        """The budgets."""
        return self.query_one(f"#{LIMITS}", RecordTable)

    @property
    def alerts(self) -> RecordTable[AlertLine]:
        """The inbox."""
        return self.query_one(f"#{ALERTS}", RecordTable)

    def _fill(self) -> None:
        if not self.is_ready:
            return
        found = self._limits
        reading = "reading…" if found is None else ""
        standings = () if found is None else found.standings
        self.budgets.show(
            [BudgetLine(standing=each) for each in standings],
            hint=reading or "no budget is set: n makes one, b shows your own pace to choose by",
        )
        self.budgets.refresh(layout=True)
        self.budgets.frame(
            "budgets",
            "at list price",
            "● within · ▲ near the limit, or on pace to exceed · ■ exceeded",
            "● within · ▲ near · ■ exceeded",
        )
        alerts = [] if found is None else lines_of(found.alerts, found.snoozes)
        unseen = sum(line.stored.seen_ms is None for line in alerts)
        self.alerts.show(alerts, hint=reading or "nothing was told yet")
        state = f"{fmt.count(unseen)} not seen" if unseen else "all seen" if alerts else ""
        self.alerts.frame("alerts", state, "m seen · M all seen · ! snooze · i details", "m M !")
        self.restate()

    def _paint_budget(self, line: BudgetLine, column: str) -> Text:
        return paint_budget(line, column, ink_of(self), app_of(self).zone)

    def _paint_alert(self, line: AlertLine, column: str) -> Text:
        app = app_of(self)
        return paint_alert(line, column, ink_of(self), app.zone, app.now())

    # Keys -----------------------------------------------------------------------------------

    def keys(self) -> tuple[Key, ...]:
        line = super().keys()
        if not self.is_ready or self.is_filtering:
            return line
        mine = ("screen.snooze", "screen.seen")
        others = ("screen.new", "screen.edit")
        left_out = others if self.alerts.has_focus else mine
        more = () if self.alerts.has_focus else line_of("screen.delete", "screen.allow")
        kept = tuple(key for key in line if key.action not in left_out)
        return (*kept[:3], *more, *kept[3:])[:8]

    def on_row_moved(self, message: RowMoved) -> None:
        self.restate()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.action_explain()

    def action_explain(self) -> None:
        """Explain the selected budget or alert."""
        app, found = app_of(self), self._limits
        if found is None:
            return
        if self.alerts.has_focus:
            if (alert := self.alerts.selected) is not None:
                app.explain(explain_alert(alert, app.zone, app.now()))
        elif (line := self.budgets.selected) is not None:
            app.explain(explain_budget(line.standing, found.allowances, app.zone, app.now()))

    def action_open_session(self) -> None:
        """Go to the session that an alert, or a budget's highest figure, is about."""
        line = (self.alerts if self.alerts.has_focus else self.budgets).selected
        if line is None:
            return
        if line.session_id is not None:
            app_of(self).open_session(line.session_id)
        else:
            what = "alert" if self.alerts.has_focus else "budget"
            self._refuse(f"this {what} is of no single session")

    def action_copy(self) -> None:
        """Copy the selected row as a line of text."""
        app = app_of(self)
        if self.alerts.has_focus and self.alerts.selected is not None:
            alert = self.alerts.selected.stored.alert
            app.copy(f"{fmt.rfc3339(alert.at_ms)} {alert.text} {alert.action}", "alert")
        elif self.budgets.selected is not None:
            app.copy(sentence(self.budgets.selected.standing.budget), "budget")

    def action_group(self) -> None:
        """Show the facts about the pace of spending."""
        from tokenwatch.tui.screens.facts.budgets import PaceScreen

        app = app_of(self)
        if not app.is_screen_installed(PACE):
            app.install_screen(PaceScreen(), PACE)
        app.switch_screen(PACE)

    # Changes of the settings ----------------------------------------------------------------

    def action_new(self) -> None:
        """Make a budget."""
        self._ask_for(None)

    def action_edit(self) -> None:
        """Change the selected budget."""
        if (of := self._selected()) is not None:
            self._ask_for(of)

    def _selected(self) -> Budget | None:
        """Return the selected budget as the settings have it; None, and why is said, if hidden."""
        line = self.budgets.selected
        if line is None:
            return None
        if app_of(self).privacy:
            self._refuse("it is hidden: P shows it")
            return None
        known = app_of(self).preferences.config.budgets
        return next((each for each in known if each.name == line.key), None)

    def _ask_for(self, of: Budget | None) -> None:
        known = [each.name for each in app_of(self).preferences.config.budgets]
        others = [name for name in known if of is None or name != of.name]
        app_of(self).push_screen(BudgetScreen(of, others), self._keep)

    def _keep(self, row: Row | None) -> None:
        if row is not None:
            self._write(lambda path: edit.put_budget(path, row), "kept")

    def action_delete(self) -> None:
        """Delete the selected budget, if the user says yes."""
        of = self._selected()
        if of is None:
            return

        def gone(yes: bool | None) -> None:
            if yes:
                self._write(lambda path: edit.remove_budget(path, of.name), "deleted")

        question = f"Delete the budget {of.name}? What was spent stays in the ledger."
        app_of(self).push_screen(ConfirmScreen(question, "Delete"), gone)

    def _write(self, change: Callable[[Path], object], done: str) -> None:
        app = app_of(self)
        path = app.preferences.path
        if path is None:
            self._refuse("there is no settings file here")
            return
        try:
            change(path)
        except TokenwatchError as error:
            # What it quotes of the file, and where that is, is the user's own.
            why = "why is hidden (P shows it)" if app.privacy else fmt.clean(str(error))
            app.notify(f"nothing was changed: {why}", severity="error", markup=False, timeout=10)
            return
        where = app.preferences.note or ("" if app.privacy else str(path))
        said = f"the budget is {done}" + (where and f" · {where}")
        app.notify(said, markup=False, timeout=5)
        app.look_at_settings()
        self.ask()

    def _refuse(self, why: str) -> None:
        app_of(self).notify(why, severity="warning", markup=False, timeout=4)

    # Changes of the ledger ------------------------------------------------------------------

    def _do(self, question: Callable[..., object], said: str) -> None:
        self._number += 1
        app = app_of(self)

        def done(answer: object) -> None:
            app.notify(said, markup=False, timeout=5)
            self.ask()

        app.ask(("limits-written", self._number), question, self, done)

    def action_seen(self) -> None:
        """Say that the selected alert was seen, and go to the next."""
        line = self.alerts.selected
        if line is not None and line.stored.seen_ms is None:
            self._do(partial(see, numbers=[line.stored.number]), "seen")
        self.alerts.action_move(1)

    def action_all_seen(self) -> None:
        """Say that all alerts were seen."""
        self._do(partial(see, numbers=None), "all seen")

    def action_snooze(self) -> None:
        """Let the like of the selected alert be silent for a while, or be heard again."""
        line = self.alerts.selected
        if line is None or line.stored.number < 0:
            return
        alert = line.stored.alert
        if line.snoozed_ms is not None:
            # Its kind is silent, or it alone.
            names = (alert.key, alert.kind.value)
            self._do(partial(snooze, names=names, until_ms=None), "heard again")
            return

        def chosen(span: str | None) -> None:
            if span is not None:
                until = self._until(span)
                self._do(partial(snooze, names=(alert.key,), until_ms=until), f"silent: {span}")

        app_of(self).push_screen(SpanScreen("hear nothing of it", SNOOZES), chosen)

    def action_allow(self) -> None:
        """Let what hard budgets would stop go on for a while, or take that back."""

        def chosen(span: str | None) -> None:
            if span == END.key:
                self._do(partial(end_all), "no allowance holds any more")
            elif span is not None:
                until = self._until(span)
                self._do(partial(allow_until, until_ms=until), f"allowed: {span}")

        holds = self._limits is not None and self._limits.allowances
        spans = (*ALLOWS, END) if holds else ALLOWS
        app_of(self).push_screen(SpanScreen("go on beyond hard budgets", spans), chosen)

    def _until(self, span: str) -> int:
        app = app_of(self)
        now = app.now()
        if span == "tomorrow":
            return rules.span("day", now, app.zone).until_ms
        number, unit = span.split()
        return now + int(number) * (HOUR_MS if unit == "h" else 24 * HOUR_MS)
