"""The table of a split's rows: what each spent, against before, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.history import History, HistoryRow
from tokenwatch.export.sheets import Cell
from tokenwatch.model import Spend
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.screens.history.words import hours, name_of, value_of
from tokenwatch.tui.widgets.record_table import Column
from tokenwatch.tui.widgets.sparkgraph import in_buckets, spark

TREND = 14
COLUMNS = (
    Column(key="name", title="name", width=0, least=14),
    Column(key="sessions", title="sessions", width=8, right=True, drop=3),
    Column(key="requests", title="requests", width=9, right=True, drop=7),
    Column(key="tokens", title="tokens", width=7, right=True, drop=6),
    Column(key="cache", title="cache", width=6, right=True, drop=5),
    Column(key="work", title="work", width=7, right=True, drop=4),
    Column(key="cost", title="cost $", width=9, right=True),
    Column(key="share", title="share", width=6, right=True, drop=8),
    Column(key="change", title="Δ", width=7, right=True, drop=1),
    Column(key="trend", title="trend", width=TREND, drop=2),
)
SORTS = ("cost", "change", "sessions", "tokens", "work", "requests", "cache", "name")
SORT_WORDS = {"cache": "cache hit"}
ASCENDING = frozenset({"name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """A row, and what it is called."""

    row: HistoryRow
    name: str
    share: float | None
    """Of the window's cost."""
    is_compared: bool = True
    """Whether anything is known of the time before."""

    @property
    def change(self) -> str:
        """How the cost changed, in words."""
        return change(self.row.spend, self.row.before) if self.is_compared else "–"

    @property
    def key(self) -> str:
        return f"row {self.row.key}"

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column: the work in milliseconds, the change in
        dollars, shares as decimals, the trend as nothing."""
        row = self.row
        match column:
            case "sessions":
                return row.sessions
            case "requests":
                return row.spend.requests
            case "tokens":
                return row.spend.usage.total
            case "cache" if row.spend.usage.cache_hit_share is not None:
                return f"{row.spend.usage.cache_hit_share:.6f}"
            case "work":
                return sum(row.work_ms)
            case "cost":
                return exact.cost(row.spend)
            case "share" if self.share is not None:
                return f"{self.share:.6f}"
            case "change" if self.change != "–":
                return fmt.exact_usd(row.spend.cost_pico - row.before.cost_pico)
            case "trend":
                return ""
        return None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"cost_is": exact.mark_of(self.row.spend)}


def history_lines(answer: History, sort: str, reverse: bool) -> list[HistoryLine]:
    """Return the rows in order; equal ones as the answer has them."""
    total = answer.total.cost_pico
    names = [row.name for row in answer.rows]
    lines = [
        HistoryLine(
            row=row,
            name=name_of(answer.by, row.name, names),
            share=row.spend.cost_pico / total if total else None,
            is_compared=answer.before.requests > 0,
        )
        for row in answer.rows
    ]
    if sort == "name":
        return sorted(lines, key=lambda line: line.name.casefold(), reverse=reverse)
    return sorted(lines, key=lambda line: _value(line.row, sort), reverse=not reverse)


def _value(row: HistoryRow, sort: str) -> float:
    match sort:
        case "change":
            return row.spend.cost_pico - row.before.cost_pico
        case "sessions":
            return row.sessions
        case "tokens":
            return row.spend.usage.total
        case "work":
            return sum(row.work_ms)
        case "requests":
            return row.spend.requests
        case "cache":
            return row.spend.usage.cache_hit_share or 0.0
    return row.spend.cost_pico


def paint_row(line: HistoryLine, column: str, ink: Ink, unit: str) -> Text:
    """Return one cell; the trend is drawn in the unit of the chart."""
    row = line.row
    if column == "name":
        return Text(line.name, ink.text if row.spend.requests else ink.quiet)
    if column == "cost":
        style = ink.watch if row.spend.cost_or_none is None else ink.text
        return Text(fmt.spend_dollars(row.spend), style)
    if column == "trend":
        values, _ = in_buckets(
            [
                value_of(spend, work, unit)
                for spend, work in zip(row.units, row.work_ms, strict=True)
            ],
            TREND,
        )
        return Text(spark(values, max(values, default=0)), ink.bar)
    if column == "change":
        return Text(line.change, ink.quiet)
    figures = {
        "sessions": fmt.count(row.sessions),
        "requests": fmt.count(row.spend.requests),
        "tokens": fmt.tokens(row.spend.usage.total),
        "cache": fmt.share(row.spend.usage.cache_hit_share),
        "work": hours(sum(row.work_ms)) if any(row.work_ms) else "–",
        "share": fmt.share(line.share),
    }
    return Text(figures[column], ink.text)


def change(now: Spend, before: Spend) -> str:
    """Return how the cost changed: `▲ 18%`, `new`, `–` where nothing can be said."""
    if not before.requests:
        return "new" if now.requests else "–"
    if before.cost_or_none is None or (now.requests and now.cost_or_none is None):
        return "–"
    return fmt.change(now.cost_pico, before.cost_pico) or "–"


def tabbed(lines: Sequence[HistoryLine]) -> str:
    """Return the rows as text with tabs between their cells, to be copied."""
    return "\n".join(tabbed_line(line) for line in lines)


def tabbed_line(line: HistoryLine) -> str:
    """Return name, sessions, tokens and exact cost of one row."""
    cost = line.row.spend.cost_or_none
    exact = "?" if cost is None else fmt.exact_usd(cost)
    tokens = line.row.spend.usage.total
    return "\t".join([line.name, str(line.row.sessions), str(tokens), exact])
