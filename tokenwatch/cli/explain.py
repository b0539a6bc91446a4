"""`tokenwatch explain ID`: every request behind a session's figure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime

from tokenwatch.cli.cells import cost_text
from tokenwatch.cli.ground import Ground, ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import Column, print_table
from tokenwatch.export import documents
from tokenwatch.format import clean, count, model_name, money
from tokenwatch.model import Basis, Spend
from tokenwatch.snapshot import ExplainedRequest
from tokenwatch.store import sessions

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
COLUMNS = (
    Column(name="time"),
    Column(name="request", rank=5, least=16),
    Column(name="model", rank=4),
    Column(name="input", right=True, rank=1),
    Column(name="read", right=True),
    Column(name="write 5m", right=True, rank=3),
    Column(name="write 1h", right=True, rank=2),
    Column(name="output", right=True),
    Column(name="cost USD", right=True),
    Column(name="line", right=True),
)
WRITES = (5, 6)
"""Columns that are left out where the session has none of their kind."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("id", metavar="ID", help="a session's id, or its beginning")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the requests in the order of time."""
    with ground(options, details=False) as on:
        key = sessions.find(on.ledger, options.id)
        [(record, rows)] = on.requests(sessions.records(on.ledger, [key]))
        if options.json:
            print_json(
                documents.head("explain", on.now_ms, on.zone.name)
                | {
                    "session_id": record.id,
                    "requests": [documents.request(row, on.redaction) for row in rows],
                }
            )
        else:
            _print(on, rows)
    return 0


def _print(on: Ground, rows: Sequence[ExplainedRequest]) -> None:
    files = list(dict.fromkeys(row.file for row in rows if row.file is not None))
    total = _total(rows)
    this_year = f"{datetime.fromtimestamp(on.now_ms / 1000, on.zone.zone):%Y-}"
    cells = [_cells(on, row, files) for row in rows]
    for row in cells:
        row[0] = row[0].removeprefix(this_year)
    *context, output = _counts(total)
    output = ("≥" if total.lower_bound_requests else "") + output
    footer = ["total", str(len(rows)), "", *context, output, cost_text(total), ""]
    shown = [i for i in range(len(COLUMNS)) if i not in WRITES or footer[i] != "0"]
    print_table(
        [COLUMNS[i] for i in shown],
        [[row[i] for i in shown] for row in cells],
        footer=[footer[i] for i in shown],
        notes=list(_rates(rows)),
    )
    if not on.redaction.on:
        for number, file in enumerate(files, 1):
            print(clean(f"{number}: {file}" if len(files) > 1 else file))


def _cells(on: Ground, row: ExplainedRequest, files: Sequence[str]) -> list[str]:
    counts = _counts(Spend(usage=row.usage))
    return [
        f"{datetime.fromtimestamp(row.at_ms / 1000, on.zone.zone):%Y-%m-%d %H:%M:%S}",
        row.id,
        model_name(row.model),
        *counts[:-1],
        ("≥" if row.lower_bound else "") + counts[-1],
        ("~" if row.basis == Basis.ESTIMATED else "") + money(row.cost_pico),
        _line(row, files),
    ]


def _counts(value: Spend) -> list[str]:
    return [count(getattr(value.usage, kind)) for kind in KINDS]


def _line(row: ExplainedRequest, files: Sequence[str]) -> str:
    """Return the line, behind the number of its file where there are several."""
    line = str(row.line or "?")
    return f"{files.index(row.file) + 1}:{line}" if row.file and len(files) > 1 else line


def _total(rows: Sequence[ExplainedRequest]) -> Spend:
    return sum(
        (
            Spend(
                usage=row.usage,
                requests=1,
                unpriced_requests=row.cost_pico is None,
                cost_pico=row.cost_pico or 0,
                estimated_requests=row.basis == Basis.ESTIMATED,
                lower_bound_requests=row.lower_bound,
            )
            for row in rows
        ),
        Spend(),
    )


def _rates(rows: Sequence[ExplainedRequest]) -> Iterator[str]:
    """Say once for each set of rates what it is and where it is from."""
    seen: dict[str, None] = {}
    for row in rows:
        chosen = "".join(f", {name} {value}" for name, value in row.context.items())
        rates = "/".join(row.rates.get(kind, "–") for kind in KINDS)
        what = f"{rates} USD per million input/read/5m/1h/output" if row.rates else "unpriced"
        if "web_search" in row.rates and row.web_searches:
            what += f", {row.rates['web_search']} per thousand web searches"
        seen[f"{row.model or 'unknown model'}{chosen}: {what} ({row.rates_from})"] = None
    yield from seen
