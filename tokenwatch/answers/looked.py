"""What a search through prompts finds. Ids, and the words looked for: nothing from a log."""

from __future__ import annotations

from typing import NamedTuple


class Looked(NamedTuple):
    """What one part of a search has found."""

    sessions: tuple[tuple[str, frozenset[str]], ...]
    """Every session that was looked through, with the terms that its prompts hold."""
    gone: int
    """Logs with prompts that are not there any more, or can't be read."""
    behind: tuple[int, int] | None
    """Where to go on; None when all sessions have been looked through."""


class TurnIds(frozenset[str]):
    """Ids of turns."""
