"""The box in which a budget is made or changed, and the one that says how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from tokenwatch import format as fmt
from tokenwatch.clients.hooked import UNGUARDED
from tokenwatch.config.budgets import Budget, budget, mismatch
from tokenwatch.config.check import problem_of
from tokenwatch.config.lines import Row
from tokenwatch.config.setting import Setting
from tokenwatch.config.tables import BUDGETS, PERIODS, UNITS
from tokenwatch.guard.trouble import is_asked
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.messages import Answered, RowChosen, Unanswered
from tokenwatch.tui.widgets.choice_line import ChoiceLine
from tokenwatch.tui.widgets.pane import Framed, app_of, ink_of
from tokenwatch.tui.widgets.record_table import Column, RecordTable

FIELDS: Final[Mapping[str, Setting]] = {field.key: field for field in BUDGETS.fields}
CHOICES: Final = {"unit": UNITS, "period": PERIODS, "hard": ("no", "yes")}
"""Fields that are chosen from a few words; the others are typed."""
HINTS: Final = {
    "name": "such as daily",
    "limit": "such as 20",
    "scope": "all, or such as project:~/work/api · source:codex · model:opus",
    "warn": "0.8",
}
_NUMBERS: Final = ("limit", "warn")


class BudgetBox(Framed):
    """The fields of a budget."""

    def __init__(self, of: Budget | None) -> None:
        super().__init__(classes="box")
        self._values = _values(of)

    def compose(self) -> ComposeResult:
        for name in FIELDS:
            yield Label(name)
            value = self._values[name]
            if name in CHOICES:
                yield ChoiceLine(CHOICES[name], value, id=f"budget-{name}")
            else:
                hint = HINTS[name]
                yield Input(value, hint, compact=True, select_on_focus=False, id=f"budget-{name}")
        yield Static(markup=False, id="budget-says")


def _values(of: Budget | None) -> dict[str, str]:
    if of is None:
        return {
            "name": "",
            "limit": "",
            "unit": "usd",
            "period": "day",
            "scope": "",
            "hard": "no",
            "warn": "",
        }
    return {
        "name": of.name,
        "limit": f"{of.limit:f}",
        "unit": of.unit,
        "period": of.period,
        "scope": "" if of.scope.kind == "all" else of.scope.words,
        "hard": "yes" if of.hard else "no",
        "warn": f"{of.warn:f}",
    }


class BudgetScreen(ModalScreen[Row | None]):
    """Dismissed with the fields of a proper budget, as `config.edit.put_budget` takes them; None
    for none."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "app.focus_next", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False, priority=True),
        Binding("enter", "keep", show=False),
    ]

    def __init__(self, of: Budget | None, others: Sequence[str]) -> None:
        """of: the one to change; None for a new one. others: names that are taken."""
        super().__init__()
        self._of, self._others = of, frozenset(others)
        self._is_guarded = True
        """Whether a hard budget can stop anything; so it is taken to be until it is known."""

    def compose(self) -> ComposeResult:
        yield BudgetBox(self._of)

    def on_mount(self) -> None:
        title = "new budget" if self._of is None else f"budget {fmt.one_line(self._of.name, 40)}"
        legend = "tab next field · ← → choose · enter keeps it · esc leaves"
        self.query_one(BudgetBox).frame(title, "", legend, "tab · ← → · enter · esc")
        if self._of is not None:
            # Its name is what it is known by: alerts and the guard's records carry it.
            self.query_one("#budget-name", Input).disabled = True
            self.query_one("#budget-limit", Input).focus()
        else:
            self.query_one("#budget-name", Input).focus()
        self._say()
        shown = app_of(self)._snapshot
        if shown is not None and not shown.is_demo:
            app_of(self).ask("is asked", partial(is_asked), self, self._take_guarded)

    def on_answered(self, message: Answered) -> None:
        """Take what was asked for, if the box is still there."""
        message.stop()
        if self.is_mounted:
            message.take(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """Say nothing of what is not known."""
        message.stop()

    def _take_guarded(self, answer: bool) -> None:
        self._is_guarded = answer
        self._say()

    def _text(self, name: str) -> str:
        widget = self.query_one(f"#budget-{name}")
        if isinstance(widget, ChoiceLine):
            return widget.chosen
        assert isinstance(widget, Input)
        return widget.value.strip()

    def _typed(self) -> tuple[Row, str | None]:
        """Return the fields, and what is wrong with the first that is wrong."""
        row: dict[str, str | bool | Decimal | None] = {}
        wrong: str | None = None
        for name, field in FIELDS.items():
            text = self._text(name)
            value = _value(name, text)
            row[name] = value
            if value is None:
                said = f"{field.wanted} is needed" if name in BUDGETS.required else None
            else:
                said = problem_of(field, value)
            if said and wrong is None:
                wrong = f"{name}: {said}"
        if wrong is None and row["name"] in self._others:
            wrong = "name: another budget has that name"
        if wrong is None:
            whole = budget({name: value for name, value in row.items() if value is not None})
            if pair := mismatch(whole):
                wrong = f"{pair[0]}: {pair[1]}"
        return row, wrong

    def _say(self, *, loudly: bool = False) -> Row | None:
        """Say what is wrong, once it matters; return the fields if nothing is."""
        ink = ink_of(self)
        row, wrong = self._typed()
        blank = not loudly and not (self._text("name") and self._text("limit"))
        said = Text(f"▲ {wrong}", ink.watch) if wrong and not blank else self._meaning(ink)
        self.query_one("#budget-says", Static).update(said)
        return None if wrong else row

    def _meaning(self, ink: Ink) -> Text:
        """Tell of the field in focus; of a hard budget also that it can stop nothing, if so."""
        focused = self.focused
        name = (focused.id or "").removeprefix("budget-") if focused else ""
        if name == "hard" and self._text(name) == "yes" and not self._is_guarded:
            return Text(f"▲ {UNGUARDED}", ink.watch)
        field = FIELDS.get(name)
        return Text(field.meaning if field else "", ink.quiet)

    def on_descendant_focus(self) -> None:
        self._say()

    def on_choice_line_turned(self) -> None:
        self._say()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Close with the fields, if they are a budget."""
        row = self._say(loudly=True)
        if row is not None:
            self.dismiss(row)

    def action_close(self) -> None:
        """Close without a budget."""
        self.dismiss(None)


def _value(name: str, text: str) -> str | bool | Decimal | None:
    """Return a field as the file has it; None where it is left out."""
    if name == "hard":
        return text == "yes" or None
    if not text:
        return None
    if name in _NUMBERS:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    if (name == "unit" and text == "usd") or (name == "period" and text == "day"):
        return None
    return text


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as a row."""

    key: str
    """What is answered: `1h`, `tomorrow`, …"""
    note: str


END: Final = Span("end", "they stop again from now on")
"""Offered where an allowance holds."""
_SPAN_COLUMNS: Final = (
    Column(key="key", title="", width=14),
    Column(key="note", title="", width=0, least=10),
)


class SpanScreen(ModalScreen[str | None]):
    """Dismissed with the key of the length that was chosen; None for none."""

    CSS_PATH = "boxes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", show=False)]

    def __init__(self, title: str, spans: Sequence[Span]) -> None:
        super().__init__()
        self._title, self._spans = title, tuple(spans)

    def compose(self) -> ComposeResult:
        table = RecordTable[Span](_SPAN_COLUMNS, self._paint, id="budget-spans", header=False)
        yield table.add_class("box")

    def on_mount(self) -> None:
        table: RecordTable[Span] = self.query_one(RecordTable)
        table.show(self._spans)
        table.styles.height = len(self._spans) + 2
        table.frame(self._title, "", "enter chooses · esc leaves", "enter · esc")
        table.focus()

    def _paint(self, row: Span, column: str) -> Text:
        ink = ink_of(self)
        return Text(row.key, ink.text) if column == "key" else Text(row.note, ink.quiet)

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(message.key)

    def action_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
