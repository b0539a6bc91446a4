"""What a source offers: the one interface between logs and everything else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tokenwatch.events import Batch, Bookmark
    from tokenwatch.found import Found, LiveProcess, LogFile

SETTLED_MS = 60_000
"""A log that has not changed for so long is at rest: its unfinished last line may be whole."""


class Pass(StrEnum):
    """The two readings of a log; each has its own bookmark and reads a byte once."""

    USAGE = "usage"
    """Requests, meters, and the file's own facts: all that figures of spend need. First."""
    DETAIL = "detail"
    """Prompts, turns, tools, edits, commits, agents, quotas."""


class Source(Protocol):
    """A coding program whose logs are read. Stateless: everything is in its arguments."""

    @property
    def name(self) -> str:
        """The word of the CLI and of JSON: `claude-code`, `codex`."""

    @property
    def title(self) -> str:
        """The name people use."""

    def roots(self, environment: Mapping[str, str], home: Path) -> Sequence[Path]:
        """Return the folders to look in, existing or not, in the order of preference."""

    def find(self, root: Path, below: Path | None = None) -> Found:
        """Return the files below `root` that may be read. Never opens one. Never raises.

        below: leave out all that is not in or below this folder.
        """

    def read(
        self, log: LogFile, bookmark: Bookmark | None, which: Pass, *, now_ms: int
    ) -> Iterator[Batch]:
        """Read on behind `bookmark` and yield batches, each with the bookmark to store with it.

        Nothing is yielded when there is nothing new. A file that was truncated or rewritten is
        read from its start, and its first batch says so. Raises OSError if it can't be opened.
        """

    def prompt_at(self, line: bytes) -> str | None:
        """Return what a person typed, as a line of a log holds it; None if it holds no prompt."""

    def prepare(self) -> None:
        """Import what reading needs, so that forked processes have it."""

    def watched(self, root: Path) -> Sequence[Path]:
        """Return the folders below `root`, existing or not, whose changes matter."""

    def live(self, root: Path) -> Sequence[LiveProcess]:
        """Return the client's own signs of running processes. Never raises."""

    def keeps_logs_days(self, root: Path) -> int | None:
        """Return after how many days the client deletes its logs; None if it never does."""
