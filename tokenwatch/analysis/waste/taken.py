"""What a session took into its commits, and what it left out: by the names in its commands.

A commit whose names are not all written out (`git add -A`, a pattern, one made elsewhere) may hold
everything. Only one whose names are known can have left a file out.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

from tokenwatch.analysis.waste import deeds
from tokenwatch.analysis.waste.history import Call, Turn

ALL_FILES = 0
ADDS = 1
"""In `Call.touches`: everything; the others are what is added to a commit."""
MOST_NAMES = 256
"""Names that wait for a commit; more of them are everything. Ours."""
_ADDING = frozenset({ALL_FILES, ADDS})
_EVERYTHING = frozenset({ALL_FILES})
_OTHER = frozenset({"read", "remove", "revert"})
"""Purposes whose `touches` say something else."""


class Waiting(NamedTuple):
    """What was added since the last commit."""

    names: frozenset[int] = frozenset()
    """Hashes of files' and folders' names; ALL_FILES among them: everything."""
    is_told: bool = False
    """Something was added, as far as is known."""
    was_told: bool = False
    """It was known of the commit before what it held."""


class Taken(NamedTuple):
    """What was added, or committed."""

    at_ms: int
    names: frozenset[int]
    is_commit: bool

    def holds(self, path: str) -> bool:
        """Tell whether it may hold a file, by the name of the file or of a folder above it."""
        return ALL_FILES in self.names or not self.names.isdisjoint(_names(path))


class _Made(NamedTuple):
    """A commit, a push or a pull request that no call of `git commit` tells."""

    at_ms: int
    kind: str


def taken(waiting: Waiting, turn: Turn) -> tuple[Waiting, tuple[Taken, ...]]:
    """Return what a turn added and committed, in the order of time, and what waits after it."""
    found: list[Taken] = []
    for event in _events(turn):
        if isinstance(event, _Made):
            if event.kind != "commit" and waiting.was_told:
                # It publishes what was told.
                continue
            found.append(Taken(event.at_ms, _EVERYTHING, is_commit=True))
            waiting = Waiting()
            continue
        if not _ADDING.isdisjoint(event.touches):
            # Of a command that failed at its commit, too: it may have added all the same.
            added = _EVERYTHING if event.purpose in _OTHER else event.touches
            names = waiting.names | added
            names = names if len(names) <= MOST_NAMES else _EVERYTHING
            waiting = waiting._replace(names=names, is_told=True)
            found.append(Taken(event.at_ms, added, is_commit=False))
        if event.purpose == "commit" and not deeds.is_void(event):
            names = waiting.names if waiting.is_told else _EVERYTHING
            found.append(Taken(event.at_ms, names, is_commit=True))
            waiting = Waiting(was_told=ALL_FILES not in names)
    return waiting, tuple(found)


def _events(turn: Turn) -> list[Call | _Made]:
    """Return calls that add or commit, and what else was committed, in the order of time."""
    calls = [call for strand in turn.strands for call in strand.calls if _is_adding(call)]
    making = [call for call in calls if call.purpose == "commit"]
    made = [
        _Made(commit.at_ms, commit.kind)
        for strand in turn.strands
        for commit in strand.commits
        if not any(_spans(call, commit.at_ms) for call in making)
    ]
    return sorted((*calls, *made), key=lambda event: event.at_ms)


def _is_adding(call: Call) -> bool:
    if call.denied:
        return False
    if call.purpose in _OTHER:
        # It adds as well, but the names are those of something else.
        return ADDS in call.touches
    return call.purpose == "commit" or not _ADDING.isdisjoint(call.touches)


def _spans(call: Call, at_ms: int) -> bool:
    return call.at_ms <= at_ms and (call.done_ms is None or at_ms <= call.done_ms)


def _names(path: str) -> frozenset[int]:
    """Hash a file's name and those of all folders above it, as `touches` have them."""
    parts = path.replace("\\", "/").split("/")
    return frozenset(
        crc32(part.casefold().encode("utf-8", "surrogatepass")) for part in parts if part
    )
