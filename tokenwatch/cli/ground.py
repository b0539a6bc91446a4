"""What a command stands on: settings, ledger, prices, and the ledger brought up to date.

A command that finds nothing new to read answers from the ledger alone: what reads logs, writes the
ledger and knows prices is imported when it is needed, and not before.
"""

from __future__ import annotations

import gc
import io
import os
import sqlite3
import sys
import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.options import filter_of, zone_of
from tokenwatch.errors import LedgerError
from tokenwatch.export import documents
from tokenwatch.export.documents import Redaction
from tokenwatch.pricing.version import current_version
from tokenwatch.sources import roots as places
from tokenwatch.sources.source import Pass
from tokenwatch.store import meters, unread
from tokenwatch.store.ledger import MEND, Ledger

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from tokenwatch.config import Config
    from tokenwatch.export.documents import Json
    from tokenwatch.overview import Overview
    from tokenwatch.pricing import PriceBook
    from tokenwatch.snapshot import ExplainedRequest, Progress, Unlogged
    from tokenwatch.store.sessions import SessionRecord
    from tokenwatch.sync import Sync


class Ground:
    """Everything that a reporting command needs; what is costly is made when it is asked for."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Read the options and the settings, and open the ledger. Raises TokenwatchError."""
        self.now_ms = now_ms()
        self.settings: Config = config.load(paths.config())
        self.zone = zone_of(options, self.settings.timezone)
        self.where = filter_of(options, self.zone.zone, self.now_ms)
        self.roots = places.roots(self.settings, os.environ, paths.home())
        self.ledger = Ledger.open(paths.ledger())
        self.is_complete = True
        """Whether the ledger holds all that the logs did when they were looked at."""
        self._looks = not options.no_sync
        self._redacts = bool(options.redact)

    @cached_property
    def redaction(self) -> Redaction:
        """What `--redact` hides."""
        return Redaction(on=self._redacts, secret=_secret(self.ledger) if self._redacts else "")

    @cached_property
    def book(self) -> PriceBook:
        """The price book in use."""
        from tokenwatch.pricing import open_book

        return open_book()

    @cached_property
    def sync(self) -> Sync:
        """What reads the logs; it has looked for them, unless `--no-sync` says not to."""
        from tokenwatch import scanners
        from tokenwatch.sync import Sync

        sync = Sync(
            self.ledger,
            self.roots,
            self.book,
            titles=self.settings.titles,
            now=now_ms,
            scanners=scanners.start_ready,
            complaints=self.settings.waste.complaints,
        )
        if self._looks:
            sync.look()
        return sync

    @cached_property
    def overview(self) -> Overview:
        """What joins the ledger's answers into rows."""
        from tokenwatch.overview import Overview

        return Overview(self.ledger, self.book, self.zone.zone, self.zone.name)

    def catch_up(self, passes: Iterable[Pass], within_s: float | None = None) -> None:
        """Price requests as the book has it today, and read what is new for these passes.

        within_s: begin nothing new after so long; `is_complete` says whether all was read by then.
        """
        if self.ledger.meta("prices") != current_version(paths.prices()):
            from tokenwatch.store.writer import Writer

            Writer(self.ledger, self.book.quote).reprice(self.book.version)
        if self._looks and (due := self._due(passes)):
            # Little of what is read becomes garbage, and looking for it takes a tenth as long.
            gc.disable()
            until = None if within_s is None else time.monotonic() + within_s

            def is_late() -> bool:
                return until is not None and time.monotonic() > until

            with _shown() as report:
                for which in due:
                    self.sync.read(which, report=report, stop=is_late)
            self.is_complete = not (is_late() and any(map(self.sync.pending, due)))
            self.sync.close()
        if self._looks and Pass.DETAIL in passes and paths.status_lines().is_dir():
            from tokenwatch.store.statuses import sync_statuses

            sync_statuses(self.ledger, self.roots, self.now_ms)

    def detect(self) -> None:
        """Bring findings of waste up to date with what was read."""
        from tokenwatch.detection import Detection

        gc.disable()
        Detection(self.ledger, now=now_ms).assess()

    def _due(self, passes: Iterable[Pass]) -> list[Pass]:
        """Return the passes that have something to read."""
        if unread.is_empty(self.ledger):
            return list(passes)
        files = places.files(self.roots)
        now = now_ms()
        return [
            which for which in passes if not unread.is_up_to_date(self.ledger, files, which, now)
        ]

    def unlogged_total(self) -> Unlogged | None:
        """Return `Overview.unlogged_total`; None at once where no client left a meter."""
        if not meters.metered(self.ledger):
            return None
        return self.overview.unlogged_total(self.where)

    def requests(
        self, records: Iterable[SessionRecord]
    ) -> Iterator[tuple[SessionRecord, list[ExplainedRequest]]]:
        """Return each session with those of its requests that the filter lets through, by time."""
        from datetime import UTC

        from tokenwatch.store import explain, spend

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
def ground(
    options: argparse.Namespace, *, details: bool, within_s: float | None = None
) -> Iterator[Ground]:
    """Open the ledger and read what is new, unless `--no-sync` says not to.

    details: the answer needs prompts, turns and agents, not usage alone. within_s: see `catch_up`.
    """
    on = Ground(options)
    try:
        on.catch_up(Pass if details else (Pass.USAGE,), within_s)
        yield on
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{on.ledger.path}: {error}; {MEND}") from error
    finally:
        on.ledger.close()


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
        from secrets import token_hex

        secret = token_hex(16)
        with ledger.transaction():
            ledger.set_meta("redaction", secret)
    return secret


def print_json(document: Json) -> None:
    """Print one document, without any control character that a log brought in."""
    import json

    speak_utf8()
    print(json.dumps(documents.safe(document), ensure_ascii=False))


def speak_utf8() -> None:
    """Let stdout be UTF-8, as JSON is and as files for other programs are, in every locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
