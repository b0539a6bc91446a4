"""What became of the lines that a turn wrote: told by replaying the edits that followed.

Only telling lines count (`sources.lines`), and only what edit tools changed: a file that a command
wrote is not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.history import Turn

MOST_FILES = 64
"""Files of a turn that are followed, the first ones. Ours: keeps memories small."""
MOST_LINES = 4096
"""Lines of a turn that are followed. Ours."""
ALL_FILES = 0
"""In `Call.touches`: everything is reverted."""


class FileLines(NamedTuple):
    """What a turn changed in one file, all edits together."""

    name: str
    """The base name, as logged."""
    added: Mapping[int, int]
    """Lines that the turn left behind: hash, how often. Never changed."""
    removed: Mapping[int, int]
    """Lines that were there before the turn and were not after it. Never changed."""
    plus: int
    """Lines added by all edits, as the log counts them."""
    minus: int


Files = Mapping[int, FileLines]
"""By the hash of the base name."""
NO_FILES: Files = {}


class Lines(NamedTuple):
    """What a turn did to files."""

    files: Files = NO_FILES
    reverted: frozenset[int] = frozenset()
    """Files that it put back or removed by a command; `ALL_FILES` for all."""

    @property
    def added(self) -> int:
        """Telling lines that the turn left behind."""
        return sum(sum(file.added.values()) for file in self.files.values())

    def reverts(self, name: int) -> bool:
        return name in self.reverted or ALL_FILES in self.reverted


class _Open:
    """A file while a turn's edits are added up."""

    __slots__ = ("added", "minus", "name", "plus", "removed")

    def __init__(self, name: str) -> None:
        self.name = name
        self.added: Counter[int] = Counter()
        self.removed: Counter[int] = Counter()
        self.plus = self.minus = 0

    def change(self, removed: Iterable[int], added: Iterable[int]) -> None:
        """Apply one edit: what comes back is as if it had never gone."""
        for line in removed:
            _move(line, self.added, self.removed)
        for line in added:
            _move(line, self.removed, self.added)

    def closed(self) -> FileLines:
        return FileLines(self.name, self.added, self.removed, self.plus, self.minus)


def _move(line: int, out_of: Counter[int], into: Counter[int]) -> None:
    count = out_of.get(line, 0)
    if count > 1:
        out_of[line] = count - 1
    elif count:
        del out_of[line]
    else:
        into[line] = into.get(line, 0) + 1


def of_turn(turn: Turn) -> Lines:
    """Add up what a turn did to files, all its agents together."""
    back = [
        (call.at_ms, call.touches)
        for call in turn.calls
        if call.purpose in ("revert", "remove") and call.touches and call.ok is not False
    ]
    back.sort(key=lambda pair: pair[0])
    files: dict[int, _Open] = {}
    reverted: set[int] = set()
    left = MOST_LINES
    edits = [edit for strand in turn.strands for edit in strand.edits]
    if len(turn.strands) > 1:
        edits.sort(key=lambda edit: edit.at_ms)
    for edit in edits:
        while back and back[0][0] <= edit.at_ms:
            _put_back(files, reverted, back.pop(0)[1])
        file = files.get(edit.name)
        if file is None:
            if len(files) == MOST_FILES:
                continue
            file = files[edit.name] = _Open(_base(edit.path))
        file.plus += max(0, edit.added)
        file.minus += max(0, edit.removed)
        removed, added = edit.lines_removed[:left], edit.lines_added[:left]
        left = max(0, left - max(len(removed), len(added)))
        file.change(removed, added)
    for _, touches in back:
        _put_back(files, reverted, touches)
    return Lines({name: file.closed() for name, file in files.items()}, frozenset(reverted))


def _put_back(files: dict[int, _Open], reverted: set[int], touches: frozenset[int]) -> None:
    reverted.update(touches)
    for name in list(files) if ALL_FILES in touches else touches & files.keys():
        files[name].added.clear()
        files[name].removed.clear()


def _base(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def joined(before: Lines, after: Lines) -> Lines:
    """Return what two turns did together, the second going on with the first."""
    if not after.files and not after.reverted:
        return before
    files: dict[int, FileLines] = {}
    for name, file in before.files.items():
        more = after.files.get(name)
        both = _Open(file.name)
        if not after.reverts(name):
            both.added.update(file.added)
            both.removed.update(file.removed)
        both.plus, both.minus = file.plus, file.minus
        if more is not None:
            both.change(Counter(more.removed).elements(), Counter(more.added).elements())
            both.plus += more.plus
            both.minus += more.minus
        files[name] = both.closed()
    for name, file in after.files.items():
        if name not in files and len(files) < MOST_FILES:
            files[name] = file
    return Lines(files, before.reverted | after.reverted)


def rewritten(lines: Lines, later: Lines) -> int:
    """Return how many of the lines that a turn left behind a later one took away.

    Lines that the later one only moved to another file count as kept.
    """
    gone: Counter[int] = Counter()
    for name, file in lines.files.items():
        more = later.files.get(name)
        if later.reverts(name):
            gone.update(file.added)
        elif more is not None and more.removed and file.added:
            gone.update(_overlap(file.added, more.removed))
    if not gone:
        return 0
    moved = 0
    for name, more in later.files.items():
        if not later.reverts(name):
            moved += sum(_overlap(gone, more.added).values())
    return max(0, sum(gone.values()) - moved)


def undone(lines: Lines, later: Lines) -> int:
    """Return how many of the lines that a turn took away a later one put back."""
    return sum(
        sum(_overlap(file.removed, later.files[name].added).values())
        for name, file in lines.files.items()
        if name in later.files
    )


def kept(lines: Lines, later: Iterable[Lines]) -> tuple[int, int]:
    """Return (lines still there after all these turns, lines that the first one left behind)."""
    alive = {name: dict(file.added) for name, file in lines.files.items() if file.added}
    written = {name: file.added for name, file in lines.files.items()}
    total = lines.added
    for turn in later:
        for name, mine in alive.items():
            if turn.reverts(name):
                mine.clear()
            more = turn.files.get(name)
            if more is None:
                continue
            for line in more.removed.keys() & mine.keys():
                mine[line] = max(0, mine[line] - more.removed[line])
            for line in more.added.keys() & written[name].keys():
                mine[line] = min(written[name][line], mine.get(line, 0) + more.added[line])
    return sum(sum(mine.values()) for mine in alive.values()), total


def _overlap(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    if len(other) < len(one):
        one, other = other, one
    return {line: min(count, other[line]) for line, count in one.items() if line in other}
