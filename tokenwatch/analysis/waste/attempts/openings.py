"""A session's first prompts: those that may come back to what another session left undone."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.similarity import is_short
from tokenwatch.analysis.waste.attempts.work import asked, is_scripted
from tokenwatch.analysis.waste.history import Session, Turn
from tokenwatch.wording import Wording

MOST = 3
"""So many of a session's prompts. Ours."""
ASKING = frozenset(("task", "evidence", "complaint"))


class Opening(NamedTuple):
    """One of a session's first prompts."""

    turn_id: str
    prompt_id: str
    at_ms: int
    """When its turn began."""
    is_open: bool
    """Its turn still goes on."""
    wording: Wording


def opening(turn: Turn, session: Session) -> Opening | None:
    """Return what a turn asks for, if that may come back to another session's attempt."""
    prompt = asked(turn)
    if prompt is None or is_scripted(turn, session) or not may_return(prompt.wording):
        return None
    is_open = turn.is_last and turn.how is None
    return Opening(turn.id, prompt.id, turn.at_ms, is_open, prompt.wording)


def may_return(wording: Wording) -> bool:
    """Whether a prompt asks for work that can be told from other work by its words."""
    if wording.kind not in ASKING and not wording.complaint:
        return False
    return bool(wording.errors) or not is_short(wording)
