"""`tokenwatch export`: rows as CSV or JSON lines, on stdout or into a private file."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenwatch.cli.ground import Ground, ground
from tokenwatch.cli.options import add_common
from tokenwatch.errors import TokenwatchError
from tokenwatch.export import documents, tables
from tokenwatch.export.documents import Json
from tokenwatch.store import explain, sessions


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--format", choices=("csv", "jsonl"), required=True)
    to.add_argument("--rows", choices=("requests", "sessions", "agents"), default="requests")
    to.add_argument("--output", metavar="FILE", help="default: stdout")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Write the rows."""
    with ground(options, details=options.rows != "requests") as on:
        rows = _requests(on) if options.rows == "requests" else _summaries(on, options.rows)
        if options.format == "csv":
            lines = tables.csv_lines(rows, tables.COLUMNS[options.rows])
        else:
            lines = tables.jsonl(rows)
        if options.output is None:
            for line in lines:
                sys.stdout.write(line)
        else:
            _write(Path(options.output), lines)
    return 0


def _requests(on: Ground) -> Iterator[Json]:
    keys = sessions.all_keys(on.ledger)
    rows = {row.id: row for row in on.overview.sessions(keys, {}, on.now_ms, on.where)}
    for record in sessions.records(on.ledger, keys):
        if record.id in rows:
            head = {
                "session_id": record.id,
                "source": record.source,
                "project": on.redaction.project(record.project),
            }
            for request in explain.requests(
                on.ledger,
                record.key,
                since_ms=on.where.since_ms,
                until_ms=on.where.until_ms,
                model=on.where.model,
            ):
                yield head | documents.request(request, on.redaction)


def _summaries(on: Ground, which: str) -> Iterator[Json]:
    rows = on.overview.sessions(sessions.all_keys(on.ledger), on.sync.live(), on.now_ms, on.where)
    for row in rows:
        if which == "sessions":
            yield documents.session(row, on.redaction)
        else:
            yield from (documents.agent(agent, on.redaction) for agent in row.agents)


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner can read; a half-written one never replaces a whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:  # noqa: PTH123
            file.writelines(lines)
        part.replace(path)
    except OSError as error:
        raise TokenwatchError(f"{path}: can't be written: {error.strerror}") from error
