"""A command that fails in every session of a project, as logs tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import cases
from tests.cli.wasteful import BEGIN_MS, MINUTE, Story, another
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.answers.waste import Shown, by_session, waste
from tokenwatch.detection import Detection
from tokenwatch.store.spend import Filter

MISSING = "Error: Exit code 127\n/bin/bash: line 1: pytest: command not found"


def tried(number: int, error: str = MISSING) -> Story:
    """Return a session in which a command fails and another one works."""
    story = Story(another(number), at_ms=BEGIN_MS - number * 60 * MINUTE)
    story.prompt("run the tests of this program and tell me what they say")
    story.call("Bash", error, error=True, command="pytest -q")
    story.call("Bash", "12 passed in 0.3s", command=f"uv run pytest -q tests/part_{number}")
    return story.answer()


def advice(home: Path, *stories: Story) -> list[Shown]:
    for story in stories:
        story.write(home / ".claude")
    cases.rest(home)
    desk = cases.read(home)
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    found = waste(desk.ledger, Filter())
    sums = by_session(desk.ledger, Filter())
    assert all(tiers is not None and not tiers[Tier.LOOK] for tiers in sums.values())
    desk.close()
    return [each for each in found.findings if each.finding.kind is Kind.REPEATED_FAILURE]


@pytest.mark.parametrize("sessions", [2, 3, 5])
def test_three_sessions_make_an_advice_without_dollars(sessions: int, tmp_path: Path) -> None:
    found = advice(tmp_path, *(tried(number) for number in range(sessions)))
    assert len(found) == (sessions >= 3)
    for each in found:
        assert each.wasted is None and each.requests == () and len(each.sessions) == sessions
        assert each.advice_value is not None and each.advice_value > 0
        assert each.told.headline == "pytest fails in every session, uv works"
        assert "use `uv` in place of `pytest`" in each.told.advice
        assert "part_" not in str(each.finding)


def test_tests_that_fail_otherwise_each_time_are_no_habit(tmp_path: Path) -> None:
    errors = ("AssertionError: 3 != 4", "KeyError: 'rows'", "ValueError: no such place")
    stories = [tried(n, f"Error: Exit code 1\n{error}") for n, error in enumerate(errors)]
    assert advice(tmp_path, *stories) == []
