"""Codex: rollouts below `CODEX_HOME`, from the flat logs of 2025 to paginated threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenwatch.sources.codex import locate
from tokenwatch.sources.source import Pass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tokenwatch.events import Batch, Bookmark
    from tokenwatch.found import Found, LiveProcess, LogFile
    from tokenwatch.sources.source import Source


class Codex:
    """The Codex source. What reading needs is imported when something is read."""

    name = locate.NAME
    title = "Codex"

    def roots(self, environment: Mapping[str, str], home: Path) -> Sequence[Path]:
        """Return the Codex homes to look in."""
        return locate.roots(environment, home)

    def find(self, root: Path, below: Path | None = None) -> Found:
        """Return the rollouts of a home: active and archived, plain and packed."""
        return locate.find(root, below)

    def read(
        self, log: LogFile, bookmark: Bookmark | None, which: Pass, *, now_ms: int
    ) -> Iterator[Batch]:
        """Read one pass of a rollout on."""
        if log.kind == "sidecar":
            from tokenwatch.sources.codex.document import read_document_log

            return read_document_log(log, bookmark, which, now_ms=now_ms)
        from tokenwatch.sources.codex.reading import batches

        if which is Pass.USAGE:
            from tokenwatch.sources.codex.usage import UsageReader

            return batches(log, bookmark, UsageReader.maker(log, now_ms), now_ms=now_ms)
        from tokenwatch.sources.codex.detail import DetailReader

        return batches(log, bookmark, DetailReader.maker(log, now_ms), now_ms=now_ms)

    def prompt_at(self, line: bytes) -> str | None:
        from tokenwatch.sources.codex import asked

        return asked.prompt_at(line)

    def prepare(self) -> None:
        """Import both readers."""
        from tokenwatch.sources.codex import detail, reading, usage  # noqa: F401

    def watched(self, root: Path) -> Sequence[Path]:
        """Return the folders of rollouts and of locks."""
        return [root / "sessions", root / locate.ARCHIVE, root / locate.LOCKS]

    def live(self, root: Path) -> Sequence[LiveProcess]:
        """Return the threads that a process has open, or had when it was killed."""
        from tokenwatch.sources.codex.live import writers

        return writers(root)

    def keeps_logs_days(self, root: Path) -> int | None:
        """Return None: Codex packs and archives rollouts, but never deletes them."""
        return None


SOURCE: Source = Codex()
