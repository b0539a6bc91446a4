"""In what order facts and their rows stand, and how wide their columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from tokenwatch.answers.fact import Evidence, Fact
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, Column

FACT_SORTS: Final = ("", "cost", "times", "turns", "tokens")
"""What `s` goes through in a table of facts; the first is the order they were measured in."""
ROW_SORTS: Final = ("", "cost", "time", "tokens")
"""The same for the rows of a fact; the first is the order of the fact itself."""


class Order(NamedTuple):
    """By which column, most first or (reversed) least first."""

    column: str = ""
    is_reversed: bool = False

    def next_of(self, columns: Sequence[str]) -> Order:
        """Return the order by the next of those columns."""
        return Order(columns[(columns.index(self.column) + 1) % len(columns)])

    def of_header(self, column: str) -> Order:
        """Return the order that a click on a header asks for."""
        return Order(column, column == self.column and not self.is_reversed)

    @property
    def words(self) -> str:
        """What a table's border says of it; empty for the rows' own order."""
        arrow = "↑" if self.is_reversed else "↓"
        if self.column:
            return f"by {self.column} {arrow}"
        return "turned round" if self.is_reversed else ""


def sorted_facts(facts: Sequence[Fact], order: Order) -> list[Fact]:
    """Return facts in order; what did not happen at all comes last in every one."""
    found = [fact for fact in facts if fact.times != 0]
    if order.column:
        found.sort(key=lambda fact: _of_fact(fact, order.column), reverse=not order.is_reversed)
    elif order.is_reversed:
        found.reverse()
    return [*found, *(fact for fact in facts if fact.times == 0)]


def sorted_rows(rows: Sequence[Evidence], order: Order) -> list[Evidence]:
    """Return a fact's rows in order."""
    if not order.column:
        return list(reversed(rows)) if order.is_reversed else list(rows)
    return sorted(rows, key=lambda row: _of_row(row, order.column), reverse=not order.is_reversed)


def _of_fact(fact: Fact, column: str) -> int:
    spend = fact.spend
    match column:
        case "times":
            value = fact.times
        case "turns":
            value = fact.turns
        case "tokens" if fact.tokens is not None:
            value = fact.tokens
        case "tokens":
            value = None if spend is None else spend.usage.total
        case _:
            value = None if spend is None else spend.cost_pico
    return -1 if value is None else value


def _of_row(row: Evidence, column: str) -> int | str:
    if column == "time":
        return row.at_ms or 0 if row.day is None else row.day
    if row.spend is None:
        return -1
    return row.spend.usage.total if column == "tokens" else row.spend.cost_pico


def beside_names(columns: Sequence[Column], longest: int, width: int) -> tuple[Column, ...]:
    """Return the columns with the figures right behind the longest name, if all fit so.

    columns: the first is the name's and takes what is left; so does the last one instead, if it
    can. longest: cells of the longest name. width: of the table.
    """
    first, *middle, last = columns
    name = max(first.least, longest)
    needed = MARK_WIDTH + name + sum(1 + column.width for column in (*middle, last))
    if needed > width:
        return tuple(columns)
    return (replace(first, width=name), *middle, replace(last, width=0, least=last.width))
