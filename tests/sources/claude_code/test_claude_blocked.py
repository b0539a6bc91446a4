"""A prompt that a hook blocked stays in the log, and is no prompt."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import SESSION, assistant, at, events, main_file, user

from tokenwatch.events import PromptSeen, TurnStarted

REASON = "Budget daily: $20.40 of $20.00 used today. To go on all the same: tokenwatch budget allow"
TEXT = f"UserPromptSubmit operation blocked by hook:\n{REASON}\n\nOriginal prompt: and once more"


def blocked(second: int, **more: object) -> dict[str, object]:
    """Return what Claude Code 2.1.330 writes in the place of the prompt."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "type": "system",
        "subtype": "informational",
        "content": TEXT,
        "isMeta": False,
        "timestamp": at(second),
        "uuid": f"blocked-{second}",
        "level": "warning",
        "preventContinuation": True,
        "promptSubmitEnding": {
            "ending": {"kind": "blocked_by_hook", "reason": REASON},
            "promptKept": False,
        },
        "userType": "external",
        "entrypoint": "cli",
        "cwd": "/w/app",
        "sessionId": SESSION,
        "version": "2.1.330",
        "gitBranch": "main",
    } | more


@pytest.mark.parametrize(
    "more", [{}, {"promptSubmitEnding": None, "preventContinuation": None}, {"isMeta": True}]
)
def test_a_blocked_prompt_is_none(tmp_path: Path, more: dict[str, object]) -> None:
    """Older versions say less of it."""
    records = [user(1, "one"), assistant(2), blocked(30, **more)]
    records += [blocked(31, **more), user(40, "two")]
    found = events(main_file(tmp_path, records))
    assert [each.id for each in found if isinstance(each, PromptSeen)] == ["uuid-0001", "uuid-0040"]
    assert sum(isinstance(each, TurnStarted) for each in found) <= 2
