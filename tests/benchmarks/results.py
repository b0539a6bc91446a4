"""Rows of the table: a figure, what it stands beside, and whether it is as good as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measure; lower is better. Without `beside` the target is one for the value itself."""

    what: str
    value: float | None
    unit: str
    against: str = ""
    beside: float | None = None
    target: float | None = None
    """Highest ratio, or highest value where nothing stands beside."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the one beside it."""
        return self.value / self.beside if self.value is not None and self.beside else None

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none or something is missing."""
        measured = self.ratio if self.against else self.value
        return None if measured is None or self.target is None else measured <= self.target

    def document(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self) | {"ratio": self.ratio, "holds": self.holds}


def middle(values: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return median(values) if values else None


def high(values: Sequence[float]) -> float | None:
    """Return the 95th percentile; None of too few."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else None


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    heads = ("measure", "tokenwatch", "against", "ratio", "target", "met", "note")
    return markdown(heads, [_cells(row) for row in rows])


def markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown whose columns also stand in line as text."""
    cells = [heads, *lines]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    ruled = [heads, ["-" * width for width in widths], *lines]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in ruled
    )


def _cells(row: Row) -> tuple[str, ...]:
    target = "–"
    if row.target is not None:
        target = f"≤ {row.target:g}" if row.against else f"≤ {figure(row.target, row.unit)}"
    beside = f"{row.against} {figure(row.beside, row.unit)}" if row.against else "–"
    return (
        row.what,
        figure(row.value, row.unit),
        beside,
        "–" if row.ratio is None else f"{row.ratio:.2f}",
        target,
        {True: "yes", False: "NO", None: "–"}[row.holds],
        row.note,
    )


def figure(value: float | None, unit: str) -> str:
    """Return a figure with its unit."""
    if value is None:
        return "not measured"
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms" if value < 0.0995 else f"{value * 1000:.0f} ms"
    return {"s": f"{value:.2f} s", "MB": f"{value:.0f} MB", "%": f"{value:.1f} %"}[unit]
