"""Show what becomes of an agent's settings file, ask, and do it."""

from __future__ import annotations

import sys

from tokenwatch.clients.settings_file import Change, apply, backup_path, difference
from tokenwatch.errors import UsageError
from tokenwatch.format import clean


def settle(change: Change, *, yes: bool, question: str, nothing: str, note: str = "") -> int:
    """Print the difference, ask unless `yes`, and apply it; return the exit code.

    nothing: what to say where nothing is to be changed. note: printed before the question.
    Raises UsageError where nobody can be asked, ClientSettingsError where it can't be done.
    """
    if change.is_none:
        print(clean(nothing))
        return 0
    print(difference(change))
    if note:
        print("\n".join(clean(line) for line in note.split("\n")))
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            sys.stdout.flush()
            raise UsageError("nothing was changed: nobody can be asked here, add --yes")
        if not _agreed(question):
            print("nothing was changed")
            return 1
    apply(change)
    print(clean(f"changed {change.path}" if change.after is not None else f"gone: {change.path}"))
    if change.backup is not None and change.before is not None:
        print(clean(f"what it was without tokenwatch: {backup_path(change.path)}"))
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
