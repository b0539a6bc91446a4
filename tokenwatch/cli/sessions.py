"""`tokenwatch sessions`: one row per session."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from tokenwatch.cli.cells import sums
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import Column, print_table, short_ids
from tokenwatch.export import documents
from tokenwatch.format import clock, model_name, one_line, source_name
from tokenwatch.model import NO_SPEND, AgentKind
from tokenwatch.sources.roots import live_signs
from tokenwatch.store import sessions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from tokenwatch.cli.ground import Ground
    from tokenwatch.export.documents import Json
    from tokenwatch.snapshot import SessionRow

COLUMNS = (
    Column(name="state"),
    Column(name="session"),
    Column(name="title", least=16),
    Column(name="project", rank=4, least=11),
    Column(name="source", rank=6),
    Column(name="model", rank=3),
    Column(name="turns", right=True, rank=5),
    Column(name="agents", right=True, rank=7),
    Column(name="requests", right=True, rank=8),
    Column(name="tokens", right=True, rank=1),
    Column(name="cost USD", right=True),
    Column(name="last", right=True, rank=2),
)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the sessions, latest activity first."""
    with ground(options, details=True) as on:
        rows = on.overview.sessions(
            sessions.all_keys(on.ledger), live_signs(on.roots), on.now_ms, on.where
        )
        if options.json:
            print_json(
                documents.head("sessions", on.now_ms, on.zone.name)
                | {"rows": list(described(on, rows))}
            )
            return 0
        ids = short_ids([row.id for row in rows])
        total = sum((row.spend for row in rows), NO_SPEND)
        print_table(
            COLUMNS,
            [
                [
                    row.state.value,
                    ids[row.id],
                    one_line(on.redaction.text(row.title) or "–", 60),
                    PurePath(on.redaction.project(row.project) or "–").name or "/",
                    source_name(row.source),
                    model_name(row.models[0] if row.models else None),
                    str(row.turns),
                    str(sum(a.kind is not AgentKind.AUXILIARY for a in row.agents)),
                    *sums(row.spend),
                    clock(row.last_ms, on.zone.zone, on.now_ms),
                ]
                for row in rows
            ],
            footer=["total", str(len(rows)), *[""] * 6, *sums(total), ""],
        )
    return 0


def described(on: Ground, rows: Iterable[SessionRow]) -> Iterator[Json]:
    """Yield sessions as documents, with what could have been avoided in each."""
    from tokenwatch.answers import waste

    on.detect()
    wasted = waste.by_session(on.ledger, on.where)
    for row in rows:
        yield documents.session(row, on.redaction, wasted.get((row.source, row.id)))
