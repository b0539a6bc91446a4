"""What was done in a turn, as far as several detectors ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from tokenwatch.analysis.waste.history import Call, Prompt, Session, Strand, Turn

EXPLORING = frozenset({"read", "search"})
CHANGING = frozenset({"edit", "write", "remove", "revert", "commit"})
"""Purposes of calls that change something by their nature."""
LOOKING = EXPLORING | {"web", "wait", "plan", "ask"}
"""Purposes of calls that change nothing outside the conversation."""
_INERT = """
todowrite todoread taskcreate taskupdate tasklist taskget toolsearch skill update_plan
listmcpresourcestool readmcpresourcetool view_image
"""
INERT = frozenset(_INERT.split())
"""Tools that only serve the agent itself, whatever their purpose: its list of things to do is no
plan that it presents, and looking for a tool explores nothing.
Names as Claude Code and Codex have them, in lower case."""


def is_settled(turn: Turn, session: Session) -> bool:
    """Tell whether a turn will not grow, as far as can be told now.

    Subagents may still work in the background of one that has ended.
    """
    return turn.ended_ms is not None or not turn.is_last or session.is_over


def is_human(prompt: Prompt) -> bool:
    """Tell whether a person asked, rather than a script or the client itself."""
    return not prompt.scripted and prompt.wording.kind != "auto"


def changes(strand: Strand) -> bool:
    """Tell whether an agent changed files or committed."""
    return bool(
        strand.edits
        or strand.commits
        or any(call.purpose in CHANGING and not is_void(call) for call in strand.calls)
    )


def is_void(call: Call) -> bool:
    """Tell whether a call did nothing: it was refused, or it failed."""
    return call.denied or call.ok is False


def may_change(call: Call) -> bool:
    """Tell whether a call may have changed anything anywhere: all but those known not to."""
    return call.purpose not in LOOKING and call.name.casefold() not in INERT and not is_void(call)


def exploring(calls: Iterable[Call]) -> int:
    """Return how many calls read or search."""
    return sum(call.purpose in EXPLORING and call.name.casefold() not in INERT for call in calls)
