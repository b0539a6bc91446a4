"""`tokenwatch report`: usage and cost, grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenwatch.cli.cells import cost_text
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import Column, print_table
from tokenwatch.export import documents
from tokenwatch.format import money, tokens
from tokenwatch.model import NO_SPEND
from tokenwatch.store import spend

if TYPE_CHECKING:
    import argparse

    from tokenwatch.cli.ground import Ground
    from tokenwatch.model import Spend

TIMES = ("hour", "day", "week", "month")


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--by", choices=spend.GROUPS, default="day", help="the grouping (day)")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the report."""
    with ground(options, details=False) as on:
        rows = spend.grouped(on.ledger, options.by, on.where, on.zone.zone)
        if options.by in TIMES:
            rows.sort(key=lambda row: row[0] or "")
        else:
            rows.sort(key=lambda row: (-row[1].cost_pico, -row[1].usage.total, row[0] or ""))
        total = sum((value for _, value in rows), NO_SPEND)
        rest = on.unlogged_total()
        if options.json:
            print_json(
                documents.head("report", on.now_ms, on.zone.name)
                | {
                    "by": options.by,
                    "rows": [
                        {"key": _key(on, options.by, k), **documents.spend(v)} for k, v in rows
                    ],
                    "totals": documents.spend(total) | {"unlogged": documents.unlogged(rest)},
                }
            )
        else:
            notes = _notes(total)
            if rest is not None and rest.usage.total:
                notes.append(
                    f"+ unlogged: {tokens(rest.usage.total)} tokens, {money(rest.cost_pico)} USD"
                    " that Claude Code itself reports beyond its logged requests"
                )
            _print(options.by, [(_key(on, options.by, k), v) for k, v in rows], total, notes)
    return 0


def _key(on: Ground, by: str, key: str | None) -> str | None:
    return on.redaction.project(key) if by == "project" else key


def _notes(total: Spend) -> list[str]:
    notes = []
    if total.unpriced_requests:
        notes.append(
            f"{total.unpriced_requests} of {total.requests} requests have no price: `tokenwatch"
            " explain SESSION` says why; their cost is not in the sums"
        )
    if total.estimated_requests:
        notes.append(f"{total.estimated_requests} requests are priced under an assumption (~)")
    if total.lower_bound_requests:
        notes.append(
            f"{total.lower_bound_requests} requests hold less output than was answered (≥)"
        )
    return notes


def _print(by: str, rows: list[tuple[str | None, Spend]], total: Spend, notes: list[str]) -> None:
    print_table(
        [
            Column(name=by, least=24, middle=True),
            Column(name="requests", right=True, rank=1),
            Column(name="input", right=True, rank=4),
            Column(name="cache read", right=True, rank=3),
            Column(name="cache write", right=True, rank=5),
            Column(name="output", right=True, rank=2),
            Column(name="total", right=True),
            Column(name="cost USD", right=True),
        ],
        [_cells(key if key is not None else "unknown", value) for key, value in rows],
        footer=_cells("total", total),
        notes=notes,
    )


def _cells(name: str, value: Spend) -> list[str]:
    usage = value.usage
    return [
        name,
        str(value.requests),
        tokens(usage.input),
        tokens(usage.cache_read),
        tokens(usage.cache_write_5m + usage.cache_write_1h),
        ("≥" if value.lower_bound_requests else "") + tokens(usage.output),
        tokens(usage.total),
        cost_text(value),
    ]
