"""What a corpus holds, counted while it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
"""Disjoint kinds of tokens, but for reasoning, which is part of output."""
COUNTS = ("requests", "prompts", "sessions", "subagents", "copies", "records", "files", "bytes")
"""copies: requests that a fork's file repeats. records: lines with a usage to be counted."""
Sums = dict[str, int]


@dataclass
class Truth:
    """Sums of one source; each request, prompt and session counted once."""

    sums: Sums = field(default_factory=lambda: dict.fromkeys((*KINDS, *COUNTS), 0))

    def request(self, usage: Sums) -> None:
        """Count one request."""
        for kind, tokens in usage.items():
            self.sums[kind] += tokens
        self.sums["requests"] += 1

    def count(self, what: str, number: int = 1) -> None:
        """Count something else."""
        self.sums[what] += number


def added(parts: Iterable[tuple[str, Sums]]) -> dict[str, Sums]:
    """Return the sums by source."""
    whole: dict[str, Sums] = {}
    for source, sums in parts:
        known = whole.setdefault(source, dict.fromkeys((*KINDS, *COUNTS), 0))
        for name, value in sums.items():
            known[name] += value
    return whole
