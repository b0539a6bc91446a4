"""Which turns are small: a chore, a short question, a word of control, with little to do.

The class is told by the turn, never by the session: a long session on a large model may hold both
hard work and commits. Limits are those of §5 of the specification: at most 3 tool calls, 4 requests
and 40 words, no edits.
"""

from __future__ import annotations

from tokenwatch.analysis.waste.deeds import is_human
from tokenwatch.analysis.waste.history import Session, Turn

KINDS = ("chore", "question", "control")
"""Kinds of prompts (`events.Wording`) that a small turn may have."""
UNATTENDED_KINDS = frozenset({"auto", "task", "command", *KINDS})
"""The same where a program asks: what it asks has no kind of its own."""
MOST_CALLS = 3
MOST_REQUESTS = 4
MOST_WORDS = 40
"""Of each prompt, pasted blocks left out."""
MOST_PASTED = 20
"""Percent of a prompt: a short question about a long paste is no small one. Ours."""
LARGE = frozenset({"edit", "write", "remove", "revert", "launch", "plan"})
"""Purposes of calls that no small turn has."""


def kind_of(turn: Turn, session: Session) -> str:
    """Return chore, question, control or scripted; "" for a turn that is not small.

    Of the main agent's part alone, which must hold a request and a prompt.
    """
    strand = turn.main
    if not turn.prompts or not 1 <= len(strand.requests) <= MOST_REQUESTS:
        return ""
    if strand.edits or strand.compactions or len(strand.calls) > MOST_CALLS:
        return ""
    if any(call.purpose in LARGE or call.skill for call in strand.calls):
        return ""
    if any(
        prompt.wording.words > MOST_WORDS
        or prompt.wording.pasted > MOST_PASTED
        or prompt.wording.images
        or prompt.wording.complaint >= 2
        for prompt in turn.prompts
    ):
        return ""
    if turn.how in ("interrupted", "failed"):
        return ""
    kinds = [prompt.wording.kind for prompt in turn.prompts]
    if session.scripted or not any(is_human(prompt) for prompt in turn.prompts):
        return "scripted" if UNATTENDED_KINDS.issuperset(kinds) else ""
    return kinds[0] if all(kind in KINDS for kind in kinds) else ""
