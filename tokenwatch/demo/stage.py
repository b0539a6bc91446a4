"""What all invented sessions share: the disk, the folders, the counted truth, who is running."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tokenwatch.demo.disk import Disk
from tokenwatch.demo.quota import Quota
from tokenwatch.model import NO_USAGE, Usage

if TYPE_CHECKING:
    from tokenwatch.demo.claude import ClaudeSession
    from tokenwatch.demo.codex import CodexThread


class Tally:
    """What a session has spent so far, as its logs tell it."""

    def __init__(self) -> None:
        self.usage = NO_USAGE
        self.requests = 0

    def add(self, usage: Usage) -> None:
        self.usage += usage
        self.requests += 1

    def sums(self) -> dict[str, int]:
        """Return the sum of each kind of usage, and the number of requests."""
        return {
            "input": self.usage.input,
            "cache_read": self.usage.cache_read,
            "cache_write_5m": self.usage.cache_write_5m,
            "cache_write_1h": self.usage.cache_write_1h,
            "output": self.usage.output,
            "requests": self.requests,
        }


@dataclass(slots=True, kw_only=True)
class Stage:
    """Handed to every session; changed only by the event that runs."""

    claude_root: Path
    codex_root: Path
    quota: Quota
    disk: Disk = field(default_factory=Disk)
    tallies: dict[str, Tally] = field(default_factory=dict)
    """By session; a Codex subagent's spend is its root thread's."""
    sessions: list[ClaudeSession] = field(default_factory=list)
    """Claude Code sessions whose process runs."""
    threads: list[CodexThread] = field(default_factory=list)
    """Codex threads that are open."""
    numbers: int = 0

    def next_number(self) -> int:
        """Return a number no other session has."""
        self.numbers += 1
        return self.numbers
