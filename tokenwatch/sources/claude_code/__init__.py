"""Claude Code: transcripts under `<root>/projects/`, written by versions 1.0 to 2.1.

Two things decide most of what follows. One answer of the API is written as several records, one for
each content block, which all repeat its usage: `fold` makes one request of them, keyed by the
answer's `message.id` alone, whatever file holds a copy. And subagents write files of their own (in
1.0, records among the session's), all of them spend of the session that started them.

This module is imported by every command: what reads and decodes is imported when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tokenwatch.events import Batch, Bookmark
    from tokenwatch.found import Found, LiveProcess, LogFile
    from tokenwatch.sources.source import Pass, Source


class ClaudeCode:
    """The source `claude-code`; see `sources.source.Source`."""

    name = "claude-code"
    title = "Claude Code"

    def roots(self, environment: Mapping[str, str], home: Path) -> Sequence[Path]:
        from tokenwatch.sources.claude_code import locate

        return locate.roots(environment, home)

    def find(self, root: Path, below: Path | None = None) -> Found:
        from tokenwatch.sources.claude_code import locate

        return locate.find(root, below)

    def read(
        self, log: LogFile, bookmark: Bookmark | None, which: Pass, *, now_ms: int
    ) -> Iterator[Batch]:
        from tokenwatch.sources.claude_code import passes

        return passes.read(log, bookmark, which, now_ms=now_ms)

    def prompt_at(self, line: bytes) -> str | None:
        from tokenwatch.sources.claude_code import asked

        return asked.prompt_at(line)

    def prepare(self) -> None:
        from tokenwatch.sources.claude_code import passes  # noqa: F401

    def watched(self, root: Path) -> Sequence[Path]:
        return [root / "projects", root / "sessions"]

    def live(self, root: Path) -> Sequence[LiveProcess]:
        from tokenwatch.sources.claude_code import live

        return live.processes(root)

    def keeps_logs_days(self, root: Path) -> int | None:
        from tokenwatch.sources.claude_code import locate

        return locate.keeps_logs_days(root)


SOURCE: Source = ClaudeCode()
