"""Budgets: the user's own limits as they stand, and the alerts that told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.analysis import budgets as rules
from tokenwatch.answers.alerts import Limits, limits, see, snooze
from tokenwatch.config import edit
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
        session_id = None
        if self.alerts.has_focus and self.alerts.selected is not None:
            session_id = self.alerts.selected.stored.alert.session_id
        elif not self.alerts.has_focus and self.budgets.selected is not None:
            session_id = self.budgets.selected.standing.session_id
        if session_id is not None:
            app_of(self).open_session(session_id)

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
        if self.budgets.selected is not None:
            self._ask_for(self.budgets.selected.key)

    def _ask_for(self, name: str | None) -> None:
        known = {each.name: each for each in app_of(self).preferences.config.budgets}
        # Under privacy a row's name is hidden: its place tells which one it is.
        of = None
        if name is not None:
            row = self.budgets.selected_row
            of = list(known.values())[row] if row is not None and row < len(known) else None
        others = [each for each in known if of is None or each != of.name]
        app_of(self).push_screen(BudgetScreen(of, others), self._keep)

    def _keep(self, row: Row | None) -> None:
        if row is not None:
            self._write(lambda path: edit.put_budget(path, row), f"{row['name']}: kept")

    def action_delete(self) -> None:
        """Delete the selected budget, if the user says yes."""
        row = self.budgets.selected_row
        known = app_of(self).preferences.config.budgets
        if row is None or row >= len(known):
            return
        name = known[row].name

        def gone(yes: bool | None) -> None:
            if yes:
                self._write(lambda path: edit.remove_budget(path, name), f"{name}: deleted")

        question = f"Delete the budget {name}? What was spent stays in the ledger."
        app_of(self).push_screen(ConfirmScreen(question, "Delete"), gone)

    def _write(self, change: Callable[..., object], said: str) -> None:
        app = app_of(self)
        path = app.preferences.path
        if path is None:
            app.notify("there is no settings file here", severity="warning", markup=False)
            return
        try:
            change(path)
        except TokenwatchError as error:
            why = fmt.clean(f"nothing was changed: {error}")
            app.notify(why, severity="error", markup=False, timeout=10)
            return
        app.notify(f"{said} · {app.preferences.note or path}", markup=False, timeout=5)
        app.look_at_settings()
        self.ask()

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
            for name in (alert.key, alert.kind.value):
                self._do(partial(snooze, name=name, until_ms=None), "heard again")
            return

        def chosen(span: str | None) -> None:
            if span is not None:
                until = self._until(span)
                self._do(partial(snooze, name=alert.key, until_ms=until), f"silent: {span}")

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
