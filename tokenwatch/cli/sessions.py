"""`tokenwatch sessions`: one row per session."""

from __future__ import annotations

import argparse
from pathlib import PurePath

from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.report import cost_text
from tokenwatch.cli.table import print_table
from tokenwatch.export import documents
from tokenwatch.format import clock, model_name, one_line, source_name, tokens
from tokenwatch.store import sessions


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the sessions, latest activity first."""
    with ground(options, details=True) as on:
        rows = on.overview.sessions(
            sessions.all_keys(on.ledger), on.sync.live(), on.now_ms, on.where
        )
        if options.json:
            print_json(
                documents.head("sessions", on.now_ms, on.zone.name)
                | {"rows": [documents.session(row, on.redaction) for row in rows]}
            )
            return 0
        print_table(
            [
                ("state", "<"),
                ("session", "<"),
                ("title", "<"),
                ("project", "<"),
                ("agent", "<"),
                ("model", "<"),
                ("turns", ">"),
                ("agents", ">"),
                ("requests", ">"),
                ("tokens", ">"),
                ("cost USD", ">"),
                ("last", ">"),
            ],
            [
                [
                    row.state.value,
                    row.id[:8],
                    one_line(on.redaction.text(row.title) or "–", 40),
                    PurePath(on.redaction.project(row.project) or "–").name,
                    source_name(row.source),
                    model_name(row.models[0] if row.models else None),
                    str(row.turns),
                    str(sum(a.kind != "auxiliary" for a in row.agents)),
                    str(row.spend.requests),
                    tokens(row.spend.usage.total),
                    cost_text(row.spend),
                    clock(row.last_ms, on.zone.zone, on.now_ms),
                ]
                for row in rows
            ],
        )
    return 0
