"""A decision as a client wants it: one JSON document on stdout, nothing for a pass.

Claude Code and Codex take the same here. Codex refuses keys that it does not know, so only these
are used: decision, reason, continue, stopReason and hookSpecificOutput with hookEventName,
permissionDecision and permissionDecisionReason.
"""

from __future__ import annotations

from tokenwatch.guard.decide import ASK, BLOCK, DENY, END, TOOL, Decision

CODEX = "codex"


def told(decision: Decision, source: str) -> Decision:
    """Return the decision that a client can carry out.

    Codex (0.169) refuses to ask, and to end a turn, before a tool call: there it is denied, and
    the model, which is given the reason, told to stop.
    """
    if source != CODEX or decision.kind not in (ASK, END):
        return decision
    # Without a full stop: Codex goes on with one.
    return Decision(DENY, decision.cause, f"{decision.reason}. Stop here, and tell the user")


def answer(decision: Decision) -> dict[str, object] | None:
    """Return the document; None where there is nothing to say."""
    kind = decision.kind
    if kind == BLOCK:
        return {"decision": "block", "reason": decision.reason}
    if kind in (DENY, ASK):
        return _of_tool(kind, decision.reason)
    if kind == END:
        # Claude Code (2.1.330) ends the turn, but behind this call, if it is not denied as well.
        end = {"continue": False, "stopReason": decision.reason}
        return end | _of_tool(DENY, decision.reason)
    return None


def _of_tool(kind: str, reason: str) -> dict[str, object]:
    return {
        "hookSpecificOutput": {
            "hookEventName": TOOL,
            "permissionDecision": kind,
            "permissionDecisionReason": reason,
        }
    }
