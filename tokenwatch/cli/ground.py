"""What a command stands on: settings, ledger, prices, and the ledger brought up to date."""

from __future__ import annotations

import argparse
import io
import json
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC

from tokenwatch import config, paths, scanners
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.options import Zone, filter_of, zone_of
from tokenwatch.config import Config
from tokenwatch.errors import LedgerError
from tokenwatch.export import documents
from tokenwatch.export.documents import Json, Redaction
from tokenwatch.overview import Overview
from tokenwatch.pricing import PriceBook, open_book
from tokenwatch.snapshot import ExplainedRequest, Progress
from tokenwatch.sources.source import Pass
from tokenwatch.store import explain, spend
from tokenwatch.store.ledger import MEND, Ledger
from tokenwatch.store.sessions import SessionRecord
from tokenwatch.store.spend import Filter
from tokenwatch.sync import Sync, roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that a reporting command needs."""

    settings: Config
    ledger: Ledger
    sync: Sync
    book: PriceBook
    overview: Overview
    zone: Zone
    where: Filter
    redaction: Redaction
    now_ms: int

    def requests(
        self, records: Iterable[SessionRecord]
    ) -> Iterator[tuple[SessionRecord, list[ExplainedRequest]]]:
        """Return each session with those of its requests that the filter lets through, by time."""
        agents = spend.by_agent(self.ledger, self.where)
        models = {name for name, _ in spend.grouped(self.ledger, "model", self.where, UTC)}
        for record in records:
            found = []
            if any(agent.key in agents for agent in record.agents):
                found = explain.requests(
                    self.ledger,
                    record.key,
                    since_ms=self.where.since_ms,
                    until_ms=self.where.until_ms,
                )
            yield record, [request for request in found if request.model in models]


@contextmanager
def ground(options: argparse.Namespace, *, details: bool) -> Iterator[Ground]:
    """Open the ledger and read what is new, unless `--no-sync` says not to.

    details: the answer needs prompts, turns and agents, not usage alone.
    """
    now = now_ms()
    zone = zone_of(options)
    where = filter_of(options, zone.zone, now)
    settings = config.load(paths.config())
    book = open_book()
    ledger = Ledger.open(paths.ledger())
    try:
        sync = Sync(
            ledger,
            roots(settings, os.environ, paths.home()),
            book,
            titles=settings.titles,
            now=now_ms,
            scanners=scanners.start_ready,
        )
        sync.writer.reprice(book.version)
        if not options.no_sync:
            sync.look()
            with _shown() as report:
                sync.read(Pass.USAGE, report=report)
                if details:
                    sync.read(Pass.DETAIL, report=report)
            sync.close()
        yield Ground(
            settings=settings,
            ledger=ledger,
            sync=sync,
            book=book,
            overview=Overview(ledger, book, zone.zone, zone.name),
            zone=zone,
            where=where,
            redaction=Redaction(on=options.redact, secret=_secret(ledger)),
            now_ms=now,
        )
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{ledger.path}: {error}; {MEND}") from error
    finally:
        ledger.close()


class _shown:  # noqa: N801 - used as a function
    """Show a progress line on stderr, if it is a terminal and reading takes a while."""

    def __enter__(self) -> _shown:
        self._wanted = sys.stderr.isatty()
        self._since = time.monotonic()
        self._drawn = False
        return self

    def __call__(self, progress: Progress) -> None:
        if self._wanted and time.monotonic() - self._since > 0.5:
            share = progress.read_bytes * 100 // max(1, progress.total_bytes)
            print(f"\rreading logs: {progress.phase} {share} % ", end="", file=sys.stderr)
            self._drawn = True

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr)


def _secret(ledger: Ledger) -> str:
    """Return this machine's own key for redacted names."""
    secret = ledger.meta("redaction")
    if secret is None:
        secret = secrets.token_hex(16)
        with ledger.transaction():
            ledger.set_meta("redaction", secret)
    return secret


def print_json(document: Json) -> None:
    """Print one document, without any control character that a log brought in."""
    speak_utf8()
    print(json.dumps(documents.safe(document), ensure_ascii=False))


def speak_utf8() -> None:
    """Let stdout be UTF-8, as JSON is and as files for other programs are, in every locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
