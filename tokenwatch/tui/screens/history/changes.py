"""What changed: the window's figures against before, and where to look. Figures, no verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.history import History, HistoryRow
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.names import project_name
from tokenwatch.tui.screens.history.rows import change
from tokenwatch.tui.screens.history.words import SPLIT_WORDS, name_of
from tokenwatch.tui.widgets.record_table import Column

CHANGE_COLUMNS: Final = (
    Column(key="label", title="", width=15),
    Column(key="figure", title="", width=10, right=True),
    Column(key="note", title="", width=0, least=8),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One figure with what it is compared to, or with its evidence."""

    key: str
    label: str
    figure: str
    note: str
    value: str | int | None = None
    """The exact figure."""
    session_id: str | None = None
    """Opened by enter."""
    day: date | None = None
    """Looked at by enter."""
    row: str | None = None
    """Key of the table's row that enter selects."""

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column."""
        return self.value if column == "figure" else None

    @property
    def opens(self) -> bool:
        """Whether enter leads anywhere."""
        return bool(self.session_id or self.day or self.row is not None)


def change_lines(answer: History) -> list[ChangeLine]:
    """Return the lines; those about what is not there are left out."""
    total, before = answer.total, answer.before
    lines = [
        ChangeLine(
            key="total",
            label="total",
            figure=fmt.with_sign(fmt.spend_dollars(total)),
            value=exact.marked(total),
            note=_from(change(total, before), fmt.with_sign(fmt.spend_dollars(before))),
        ),
        ChangeLine(
            key="cache",
            label="cache hit",
            figure=fmt.share(total.usage.cache_hit_share),
            note=_points(total.usage.cache_hit_share, before.usage.cache_hit_share),
        ),
        ChangeLine(
            key="sessions",
            label="sessions",
            figure=fmt.count(answer.sessions),
            value=answer.sessions,
            note=_from(
                fmt.change(answer.sessions, answer.sessions_before),
                fmt.count(answer.sessions_before),
            ),
        ),
    ]
    return [*lines, *_dearest(answer), *_moved(answer)]


def _from(words: str, before: str) -> str:
    return f"{words} from {before}" if words and words not in ("–", "new") else ""


def _points(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    points = round(now * 100) - round(before * 100)
    sign = "▲" if points > 0 else "▼" if points < 0 else "="
    word = "point" if abs(points) == 1 else "points"
    return f"{sign} {abs(points)} {word} from {fmt.share(before)}"


def _dearest(answer: History) -> list[ChangeLine]:
    lines = []
    day, session, turn = answer.dearest_day, answer.dearest_session, answer.dearest_turn
    if day:
        lines.append(
            ChangeLine(
                key="day",
                label="highest day",
                figure=fmt.with_sign(fmt.spend_dollars(day.spend)),
                value=exact.marked(day.spend),
                note=f"{day.day:%a} {day.day.day} {day.day:%b}",
                day=day.day,
            )
        )
    if session:
        title = session.title or fmt.short_id(session.id)
        lines.append(
            ChangeLine(
                key="session",
                label="highest session",
                figure=fmt.with_sign(fmt.spend_dollars(session.spend)),
                value=exact.marked(session.spend),
                note=_place(session.project, title),
                session_id=session.id,
            )
        )
    if turn:
        title = turn.turn.title or f"turn {turn.turn.number}"
        lines.append(
            ChangeLine(
                key="turn",
                label="highest turn",
                figure=fmt.with_sign(fmt.dollars(turn.cost_pico)),
                value=fmt.exact_usd(turn.cost_pico),
                note=_place(turn.project, title),
                session_id=turn.session_id,
            )
        )
    return lines


def _place(project: str | None, title: str) -> str:
    name = project_name(project)
    words = fmt.one_line(title, 160)
    return f"{name} ▸ {words}" if name else words


def _moved(answer: History) -> list[ChangeLine]:
    """Return the rows whose cost rose and fell by the most dollars."""
    if not answer.before.requests:
        return []
    word, _ = SPLIT_WORDS[answer.by]
    by_change = sorted(answer.rows, key=_difference)
    lines = []
    for row, label, is_such in (
        (by_change[-1], f"{word} up", _difference(by_change[-1]) > 0),
        (by_change[0], f"{word} down", _difference(by_change[0]) < 0),
    ):
        if is_such:
            name = name_of(answer.by, row.name, [each.name for each in answer.rows])
            sign = "+" if _difference(row) > 0 else "−"
            lines.append(
                ChangeLine(
                    key=label,
                    label=label,
                    figure=f"{sign}${fmt.dollars(abs(_difference(row)))}",
                    value=fmt.exact_usd(_difference(row)),
                    note=name,
                    row=row.key,
                )
            )
    return lines


def _difference(row: HistoryRow) -> int:
    return row.spend.cost_pico - row.before.cost_pico


def paint_change(line: ChangeLine, column: str, ink: Ink) -> Text:
    """Return one cell."""
    if column == "label":
        return Text(line.label, ink.quiet)
    if column == "figure":
        return Text(line.figure, ink.strong)
    return Text(f" {line.note}", ink.text if line.opens else ink.quiet)
