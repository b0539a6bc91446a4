"""Quota: what plans have left, as their providers report it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from tokenwatch import format as fmt
from tokenwatch.answers.quota import PlanUse, PlanWindow, is_recorded, plans_used, windows
from tokenwatch.tui.bindings import PANES, bindings_for, line_of
from tokenwatch.tui.messages import RowChosen, RowMoved
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.quota.panes import BurnUpPane, PlansPane, UntoldPane
from tokenwatch.tui.screens.quota.rows import (
    WindowLine,
    explain_window,
    is_stale,
    length_name,
    paint_window,
    percent,
    plan_name,
    window_columns,
)
from tokenwatch.tui.widgets.pane import app_of, ink_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, RecordTable, fitting


class QuotaScreen(FrameScreen):
    """Every plan window, and the use of the selected one against its time."""

    CSS_PATH = "quota.tcss"
    TAB = "quota"
    ACTIONS = (*PANES, "screen.explain")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(ACTIONS)]
    LINE = line_of(
        ("move(1)", "Window"),
        "screen.explain",
        "screen.copy",
        "screen.export",
        "screen.zoom",
        "screen.next_pane(1)",
        "app.help",
        "app.quit",
    )
    PANES = ("quota-windows", "quota-chart", "quota-plans", "quota-untold")
    MAIN = "quota-windows"

    def __init__(self) -> None:
        super().__init__()
        self._windows: tuple[PlanWindow, ...] | None = None
        self._is_recorded: bool | None = None
        self._bar = 0
        """Columns of the meters."""

    def compose_panes(self) -> Iterable[Widget]:
        yield RecordTable[WindowLine](
            window_columns((), 0), self._paint, id="quota-windows"
        ).add_class("pane")
        yield BurnUpPane(id="quota-chart", classes="pane")
        yield PlansPane(id="quota-plans", classes="pane -none")
        yield UntoldPane(id="quota-untold", classes="pane")

    def on_mount(self) -> None:
        self.query_one(UntoldPane).frame("not known")
        self.query_one(PlansPane).frame("beside the plan's fee")
        self._fill()

    # Values in ------------------------------------------------------------------------------

    def ask(self) -> None:
        app_of(self).ask("quota", partial(windows), self, self._take_windows)
        app_of(self).ask("status-line", partial(is_recorded), self, self._take_recorded)
        plans = app_of(self).preferences.config.plans
        if plans:
            question = partial(plans_used, plans=plans)
            app_of(self).ask("plans", question, self, self._take_plans)
        else:
            self._take_plans(())

    def forget(self) -> None:
        super().forget()
        self._windows = None
        self._is_recorded = None

    def _take_windows(self, answer: tuple[PlanWindow, ...]) -> None:
        self._windows = answer
        self._fill()

    def _take_recorded(self, answer: bool) -> None:
        self._is_recorded = answer
        self._say_untold()

    def _take_plans(self, uses: tuple[PlanUse, ...]) -> None:
        pane = self.query_one(PlansPane)
        pane.set_class(not uses, "-none")
        pane.styles.height = len(uses[:4]) + 2
        pane.show(uses)

    @property
    def table(self) -> RecordTable[WindowLine]:
        """The windows."""
        return self.query_one("#quota-windows", RecordTable)

    @property
    def _selected(self) -> PlanWindow | None:
        line = self.table.selected
        return None if line is None else line.window

    def _fill(self) -> None:
        if not self.is_ready:
            return
        found = self._windows or ()
        hint = "no plan window told yet: Codex logs them when it answers on a ChatGPT plan"
        self.table.show(
            [WindowLine(window=window) for window in found],
            hint="reading…" if self._windows is None else hint,
        )
        self._set_columns()
        self.table.refresh(layout=True)
        self.table.frame("plan windows", "as reported · list $ is what the use would have cost")
        self._say_untold()
        self._draw_chart()

    def _say_untold(self) -> None:
        """Say what is missing, once both answers are known."""
        pane, found = self.query_one(UntoldPane), self._windows
        unknown = found is None or self._is_recorded is None
        told = unknown or any(window.source == "claude-code" for window in found or ())
        pane.set_class(told, "-told")
        pane.set_class(not told and not found, "-only")
        pane.show(is_recorded=bool(self._is_recorded))

    def _set_columns(self) -> None:
        table = self.table
        width = table.content_size.width
        table.columns = window_columns(self._windows or (), width)
        shown = fitting(table.columns, width - MARK_WIDTH)
        self._bar = next((size for column, size in shown if column.key == "meter"), 0)
        table.repaint()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._set_columns)

    def _draw_chart(self) -> None:
        chart, window = self.query_one(BurnUpPane), self._selected
        title = "use against time"
        if window is not None:
            title = f"{length_name(window)} window: {title}"
        state = "" if window is None else plan_name(window)
        chart.frame(title, state, "█ read   · even pace   / if it goes on", "· even pace")
        chart.show(window)

    def tick(self) -> None:
        super().tick()
        if self.is_ready:
            self.table.repaint()
            self.query_one(BurnUpPane).redraw()

    def panes(self) -> tuple[str, ...]:
        left_out = set()
        if self.query_one(PlansPane).has_class("-none"):
            left_out.add("quota-plans")
        if self.query_one(UntoldPane).has_class("-told"):
            left_out.add("quota-untold")
        return tuple(name for name in self.PANES if name not in left_out)

    def _paint(self, line: WindowLine, column: str) -> Text:
        app = app_of(self)
        return paint_window(line, column, ink_of(self), app.zone, app.now(), app.home, self._bar)

    # Keys -----------------------------------------------------------------------------------

    def on_row_moved(self, message: RowMoved) -> None:
        self._draw_chart()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.action_explain()

    def action_explain(self) -> None:
        """Explain the selected window."""
        app, window = app_of(self), self._selected
        if window is not None:
            app.explain(explain_window(window, app.zone, app.now(), app.home))

    def action_copy(self) -> None:
        """Copy the selected window as a line of text."""
        app, window = app_of(self), self._selected
        if window is None:
            return
        used = percent(window.used_percent)
        if is_stale(window, app.now()):
            used = f"stale, {used} when last read"
        resets = fmt.rfc3339(window.resets_ms) or "unknown"
        app.copy(
            f"{plan_name(window)} {length_name(window)}: {used}, resets {resets}", "plan window"
        )
