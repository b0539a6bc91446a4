"""Lines that successful tool calls changed: from the patch that the program tells, else from the
call itself (records of subagents often tell no patch)."""

from __future__ import annotations

import msgspec

from tokenwatch.events import EditSeen, ToolResultSeen
from tokenwatch.sources.claude_code.contents import Details
from tokenwatch.sources.claude_code.records import value
from tokenwatch.sources.lines import packed
from tokenwatch.sources.values import mapping, sequence, text

REMEMBERED = 128
"""Lines of a call, each way, of which hashes are remembered until its result comes."""


class Asked(msgspec.Struct, omit_defaults=True):
    """What a call asks to change in its file."""

    added: int = 0
    removed: int = 0
    whole: bool = False
    """The file is written as a whole: `added` is all of it."""
    lines_added: bytes = b""
    lines_removed: bytes = b""


class Changed(msgspec.Struct):
    """Lines that a patch adds and removes."""

    added: list[str]
    removed: list[str]


def asked(given: dict[str, object], *, hashed: bool) -> Asked:
    """Return what an edit asks for, without the lines that it repeats around the change.

    hashed: remember the lines themselves too, for a result that may tell no patch.
    """
    whole = text(given.get("content")) or text(given.get("new_source"))
    if whole is not None:
        return Asked(
            added=line_count(whole),
            whole="content" in given,
            lines_added=packed(whole.splitlines()[:REMEMBERED]) if hashed else b"",
        )
    new_lines: list[str] = []
    old_lines: list[str] = []
    for edit in [mapping(edit) for edit in sequence(given.get("edits"))] or [given]:
        old = (text(edit.get("old_string")) or "").splitlines()
        new = (text(edit.get("new_string")) or "").splitlines()
        start = _same_lines(old, new)
        end = _same_lines(old[start:][::-1], new[start:][::-1])
        old_lines += old[start : len(old) - end]
        new_lines += new[start : len(new) - end]
    return Asked(
        added=len(new_lines),
        removed=len(old_lines),
        lines_added=packed(new_lines[:REMEMBERED]) if hashed else b"",
        lines_removed=packed(old_lines[:REMEMBERED]) if hashed else b"",
    )


def _same_lines(old: list[str], new: list[str]) -> int:
    """Return with how many equal lines both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def line_count(content: str) -> int:
    """Return the number of lines; a newline at the end begins no other."""
    return content.count("\n") + (not content.endswith("\n")) if content else 0


def edit(
    path: str | None, call: Asked | None, seen: ToolResultSeen, told: Details
) -> EditSeen | None:
    """Return what a successful call changed; None where it changed no file.

    path: the file, and call: what was asked, where the call is known.
    """
    patched_path = text(told.filePath) or text(told.notebook_path)
    patch = patched_lines(told.structuredPatch) if patched_path is not None else None
    path = patched_path or path
    if patch is not None:
        change, repeated = _patched(patch, call, told)
    elif call is not None:
        change, repeated = call, 0
    else:
        return None
    if path is None:
        return None
    return EditSeen(
        call_id=seen.call_id,
        session_id=seen.session_id,
        agent_id=seen.agent_id,
        at_ms=seen.at_ms,
        line=seen.line,
        path=path,
        added=change.added,
        removed=change.removed,
        created=told.type == "create",
        lines_added=change.lines_added,
        lines_removed=change.lines_removed,
        repeated=repeated,
    )


def _patched(patch: Changed, call: Asked | None, told: Details) -> tuple[Asked, int]:
    """Return what a patch changes, and how many lines of a file written as a whole it does not.

    The patch of a file that was created is empty, its content all new.
    """
    lines, repeated = patch.added, 0
    if told.type == "create" and not lines:
        lines = (text(value(told.content)) or "").splitlines()
    elif told.type == "update":
        known = call.added if call is not None and call.whole else None
        whole = line_count(text(value(told.content)) or "") if known is None else known
        repeated = max(0, whole - len(lines))
    change = Asked(
        added=len(lines),
        removed=len(patch.removed),
        lines_added=packed(lines),
        lines_removed=packed(patch.removed),
    )
    return change, repeated


def patched_lines(patch: msgspec.Raw) -> Changed | None:
    """Return the lines that a structured patch adds and removes; None if there is none."""
    hunks = value(patch)
    if not isinstance(hunks, list):
        return None
    changed = Changed([], [])
    for hunk in hunks:
        for line in sequence(mapping(hunk).get("lines")):
            if isinstance(line, str):
                if line.startswith("+"):
                    changed.added.append(line[1:])
                elif line.startswith("-"):
                    changed.removed.append(line[1:])
    return changed
