"""`tokenwatch export`: rows as CSV or JSON lines, on stdout or into a private file."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenwatch.cli.ground import Ground, ground, speak_utf8
from tokenwatch.cli.options import add_common
from tokenwatch.cli.sessions import described
from tokenwatch.errors import TokenwatchError
from tokenwatch.export import documents, tables
from tokenwatch.export.documents import Json
from tokenwatch.sources.roots import live_signs
from tokenwatch.store import sessions


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--format", choices=("csv", "jsonl"), required=True, help="needed")
    to.add_argument(
        "--rows",
        choices=("requests", "sessions", "agents"),
        default="requests",
        help="requests if not given",
    )
    to.add_argument("--output", metavar="FILE", help="a file for you alone; default: stdout")
    add_common(to, json=False)


def run(options: argparse.Namespace) -> int:
    """Write the rows."""
    with ground(options, details=options.rows != "requests") as on:
        rows = _requests(on) if options.rows == "requests" else _summaries(on, options.rows)
        if options.format == "csv":
            lines = tables.csv_lines(rows, tables.COLUMNS[options.rows])
        else:
            lines = tables.jsonl(rows)
        if options.output in (None, "-"):
            speak_utf8()
            sys.stdout.writelines(lines)
        else:
            _write(Path(options.output), lines)
    return 0


def _requests(on: Ground) -> Iterator[Json]:
    records = sessions.records(on.ledger, sessions.all_keys(on.ledger))
    for record, requests in on.requests(records):
        head = {
            "session_id": record.id,
            "source": record.source,
            "project": on.redaction.project(record.project),
        }
        yield from (head | documents.request(request, on.redaction) for request in requests)


def _summaries(on: Ground, which: str) -> Iterator[Json]:
    rows = on.overview.sessions(
        sessions.all_keys(on.ledger), live_signs(on.roots), on.now_ms, on.where
    )
    if which == "sessions":
        yield from described(on, rows)
        return
    for row in rows:
        for agent in row.agents:
            if on.where.is_open or agent.spend.requests:
                yield documents.agent(agent, on.redaction)


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file that only its owner can read; a half-written one never replaces a whole."""
    if os.path.isdir(path):  # noqa: PTH112 - never raises
        raise TokenwatchError(f"{path}: can't be written: it is a folder")
    try:
        number, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with open(number, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
                file.writelines(lines)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TokenwatchError(f"{path}: can't be written: {error.strerror}") from error
