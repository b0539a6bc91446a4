"""`tokenwatch explain ID`: every request behind a session's figure."""

from __future__ import annotations

import argparse
from pathlib import PurePath

from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import print_table
from tokenwatch.export import documents
from tokenwatch.format import clean, clock, money, tokens
from tokenwatch.snapshot import ExplainedRequest
from tokenwatch.store import explain, sessions


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("id", metavar="ID", help="a session's id, or its beginning")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the requests in the order of time."""
    with ground(options, details=False) as on:
        key = sessions.find(on.ledger, options.id)
        record = sessions.records(on.ledger, [key])[0]
        rows = explain.requests(
            on.ledger,
            key,
            since_ms=on.where.since_ms,
            until_ms=on.where.until_ms,
            model=on.where.model,
        )
        if options.json:
            print_json(
                documents.head("explain", on.now_ms, on.zone.name)
                | {
                    "session_id": record.id,
                    "requests": [documents.request(row, on.redaction) for row in rows],
                }
            )
            return 0
        print_table(
            [
                ("time", ">"),
                ("request", "<"),
                ("model", "<"),
                ("input", ">"),
                ("cache read", ">"),
                ("write 5m", ">"),
                ("write 1h", ">"),
                ("output", ">"),
                ("cost USD", ">"),
                ("rates in/read/5m/1h/out", "<"),
                ("file:line", "<"),
            ],
            [
                [
                    clock(row.at_ms, on.zone.zone, on.now_ms),
                    clean(row.id)[:24],
                    row.model or "unknown",
                    tokens(row.usage.input),
                    tokens(row.usage.cache_read),
                    tokens(row.usage.cache_write_5m),
                    tokens(row.usage.cache_write_1h),
                    ("≥" if row.lower_bound else "") + tokens(row.usage.output),
                    money(row.cost_pico),
                    rates_text(row),
                    _place(row, hidden=on.redaction.on),
                ]
                for row in rows
            ],
            notes=sorted({f"rates: {row.rates_from}" for row in rows}),
        )
    return 0


def rates_text(row: ExplainedRequest) -> str:
    """Return the rates in USD per million tokens, `–` where there is none."""
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    return "/".join(row.rates.get(kind, "–") for kind in kinds) if row.rates else "unpriced"


def _place(row: ExplainedRequest, *, hidden: bool) -> str:
    if hidden or row.file is None:
        return "–"
    return f"{clean(PurePath(row.file).name)}:{row.line or '?'}"
