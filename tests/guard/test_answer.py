"""What clients are answered."""

from __future__ import annotations

import pytest

from tokenwatch.guard.answer import answer, told
from tokenwatch.guard.decide import Decision


def hook(kind: str) -> dict[str, object]:
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": kind,
            "permissionDecisionReason": "why",
        }
    }


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("block", {"decision": "block", "reason": "why"}),
        ("end", {"continue": False, "stopReason": "why"} | hook("deny")),
        ("deny", hook("deny")),
        ("ask", hook("ask")),
        ("pass", None),
    ],
)
def test_each_decision_has_its_document(kind: str, document: dict[str, object] | None) -> None:
    assert answer(Decision(kind, "cause", "why")) == document
    assert told(Decision(kind, "cause", "why"), "claude-code").kind == kind


@pytest.mark.parametrize(("kind", "there"), [("ask", "deny"), ("end", "deny"), ("block", "block")])
def test_codex_is_told_only_what_it_takes(kind: str, there: str) -> None:
    decision = told(Decision(kind, "cause", "why"), "codex")
    assert (decision.kind, decision.cause) == (there, "cause")
    assert decision.reason == ("why" if kind == there else "why. Stop here, and tell the user")
