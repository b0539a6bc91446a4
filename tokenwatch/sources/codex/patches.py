"""Which lines a patch changes: from `apply_patch` text, or from the changes a client reports."""

from __future__ import annotations

import msgspec

from tokenwatch.sources.lines import packed
from tokenwatch.sources.values import mapping, text

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_FILE = {"*** Add File: ": True, "*** Update File: ": False, "*** Delete File: ": False}
_MOVE = "*** Move to: "


class Change(msgspec.Struct):
    """Lines that changed in one file."""

    path: str
    added: int = 0
    removed: int = 0
    created: bool = False
    lines_added: bytes = b""
    """As `events.EditSeen.lines_added`."""
    lines_removed: bytes = b""


class _Part:
    """The lines of one file in a patch's text."""

    def __init__(self, path: str, *, created: bool) -> None:
        self.path = path
        self.created = created
        self.added: list[str] = []
        self.removed: list[str] = []

    def change(self) -> Change:
        return Change(
            path=self.path,
            added=len(self.added),
            removed=len(self.removed),
            created=self.created,
            lines_added=packed(self.added),
            lines_removed=packed(self.removed),
        )


def of_text(patch: str) -> list[Change]:
    """Return what `apply_patch` text would change, a change a file; text around it is ignored.

    A deleted file's lines are not in the text, so they are not counted.
    """
    start = patch.find(_BEGIN)
    if start < 0:
        return []
    parts: dict[str, _Part] = {}
    part: _Part | None = None
    for line in patch[start:].splitlines():
        if line.startswith(_END):
            break
        if line.startswith("*** "):
            part = _header(line, parts, part)
        elif part is not None and line.startswith("+"):
            part.added.append(line[1:])
        elif part is not None and line.startswith("-"):
            part.removed.append(line[1:])
    return [part.change() for part in parts.values()]


def _header(line: str, parts: dict[str, _Part], part: _Part | None) -> _Part | None:
    """Return the part that the lines below a header belong to."""
    for prefix, created in _FILE.items():
        if line.startswith(prefix):
            path = line.removeprefix(prefix).strip()
            # A file that is deleted and added again was there before.
            return parts.setdefault(path, _Part(path, created=created))
    if line.startswith(_MOVE) and part is not None:
        part.path = line.removeprefix(_MOVE).strip()
    return part


def of_changes(changes: object) -> list[Change]:
    """Return what a client says it changed: `{path: {type: add|delete|update, …}}`."""
    found = []
    for path, value in mapping(changes).items():
        change = mapping(value)
        kind = text(change.get("type"))
        moved = text(change.get("move_path")) if kind == "update" else None
        part = _Part(moved or path, created=kind == "add")
        if kind == "add":
            part.added = (text(change.get("content")) or "").splitlines()
        elif kind == "delete":
            part.removed = (text(change.get("content")) or "").splitlines()
        elif kind == "update":
            _diff(text(change.get("unified_diff")) or "", part)
        else:
            continue
        found.append(part.change())
    return found


def _diff(diff: str, part: _Part) -> None:
    """Take the lines of a unified diff; `+++` and `---` before the first hunk are headers."""
    hunk = False
    for line in diff.splitlines():
        hunk = hunk or line.startswith("@@")
        if not hunk and line.startswith(("+++", "---")):
            continue
        if line.startswith("+"):
            part.added.append(line[1:])
        elif line.startswith("-"):
            part.removed.append(line[1:])
