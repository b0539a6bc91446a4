"""Which lines a patch changes: from `apply_patch` text, or from the changes a client reports."""

from __future__ import annotations

import msgspec

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


def of_text(patch: str) -> list[Change]:
    """Return what `apply_patch` text would change; text around the patch is ignored.

    A deleted file's lines are not in the text, so they are not counted.
    """
    start = patch.find(_BEGIN)
    if start < 0:
        return []
    changes: list[Change] = []
    for line in patch[start:].splitlines():
        if line.startswith(_END):
            break
        if line.startswith("*** "):
            _header(line, changes)
        elif changes and line.startswith("+"):
            changes[-1].added += 1
        elif changes and line.startswith("-"):
            changes[-1].removed += 1
    return changes


def _header(line: str, changes: list[Change]) -> None:
    for prefix, created in _FILE.items():
        if line.startswith(prefix):
            changes.append(Change(path=line.removeprefix(prefix).strip(), created=created))
    if line.startswith(_MOVE) and changes:
        changes[-1].path = line.removeprefix(_MOVE).strip()


def of_changes(changes: object) -> list[Change]:
    """Return what a client says it changed: `{path: {type: add|delete|update, …}}`."""
    found = []
    for path, value in mapping(changes).items():
        change = mapping(value)
        kind = text(change.get("type"))
        content = text(change.get("content")) or ""
        lines = len(content.splitlines())
        if kind == "add":
            found.append(Change(path=path, added=lines, created=True))
        elif kind == "delete":
            found.append(Change(path=path, removed=lines))
        elif kind == "update":
            added, removed = _diff(text(change.get("unified_diff")) or "")
            moved = text(change.get("move_path"))
            found.append(Change(path=moved or path, added=added, removed=removed))
    return found


def _diff(diff: str) -> tuple[int, int]:
    """Count lines of a unified diff; `+++` and `---` before the first hunk are headers."""
    added = removed = 0
    hunk = False
    for line in diff.splitlines():
        hunk = hunk or line.startswith("@@")
        if not hunk and line.startswith(("+++", "---")):
            continue
        added += line.startswith("+")
        removed += line.startswith("-")
    return added, removed
