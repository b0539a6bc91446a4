"""A command that fails the same way in every session, and the one that then works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.analysis.waste.build import SECOND, SONNET, call, edit, request, run, session, turn
from tokenwatch.analysis.waste.across import Partial
from tokenwatch.analysis.waste.finding import Finding, Tier
from tokenwatch.analysis.waste.history import Call, Turn
from tokenwatch.analysis.waste.repeats import DETECTORS

_, FAILURE = DETECTORS
HERE = session(project="/home/dev/app")
MISSING = "pytest: command not found"
TRIP = 50_000 * SONNET.cache_read + 60 * SONNET.output


def step(number: int, command: str, error: str = "", purpose: str = "check", **more: Any) -> Call:
    """Return a call of its own request."""
    result = error or "fine"
    one = call(number, number, number * SECOND, command=command, result=result, ok=not error)
    return one._replace(purpose=purpose, **more)


def work(*calls: Call, edits: Sequence[int] = ()) -> list[Turn]:
    asked = [request(n, n * SECOND, read=50_000, output=60) for n in range(len(calls))]
    made = [edit(n, at) for n, at in enumerate(edits)]
    return [turn(1, requests=asked, calls=calls, edits=made)]


def pairs(*calls: Call, edits: Sequence[int] = ()) -> list[Finding]:
    found = run(FAILURE, work(*calls, edits=edits), HERE)
    return [each for each in found.values() if "fix" in each.names]


def usual() -> tuple[Call, Call]:
    return step(0, "pytest -q", MISSING), step(1, "uv run pytest -q")


def concluded(parts: Sequence[tuple[int, str, Finding]]) -> list[Finding]:
    assert FAILURE.conclude is not None
    members = [Partial(key, "claude-code", project, one) for key, project, one in parts]
    return [each.finding for each in FAILURE.conclude(members)]


def test_what_works_after_a_failure_is_noted() -> None:
    (one,) = pairs(*usual())
    assert one.conditional and one.tier is Tier.LOOK and not one.granted
    assert (one.names["what"], one.names["fix"]) == ("pytest", "uv")
    assert one.counts == {"times": 1, "advice_pico": TRIP}


@pytest.mark.parametrize(
    "calls",
    [
        (step(0, "pytest -q", MISSING),),
        (step(0, "pytest -q", MISSING), step(1, "pytest -q")),
        (*usual(), step(2, "pytest -q")),
        (step(0, "pytest -q", MISSING), step(1, "uv sync", purpose="")),
        (step(0, "rg x", "none", purpose="search"), step(1, "grep x .", purpose="search")),
        (step(0, "pytest -q", MISSING, fault="cancelled"), step(1, "uv run pytest -q")),
        (step(0, "pytest -q", MISSING), step(1, "uv run pytest -q", request_key=0)),
        (
            step(0, "pytest -q", MISSING),
            *(step(n, "cat x", purpose="read") for n in range(1, 5)),
            step(5, "uv run pytest -q"),
        ),
    ],
    ids=[
        "nothing",
        "the same",
        "works later",
        "for another purpose",
        "a search",
        "never ran",
        "made at once",
        "far off",
    ],
)
def test_what_is_no_way_out(calls: Sequence[Call]) -> None:
    assert pairs(*calls) == []


def test_an_edit_in_between_is_the_way_out() -> None:
    assert pairs(*usual(), edits=[500]) == []


def test_without_a_project_there_is_nowhere_to_write_it() -> None:
    assert run(FAILURE, work(*usual())) == {}


@pytest.mark.parametrize(("sessions", "found"), [(2, 0), (3, 1), (5, 1)])
def test_three_sessions_make_an_advice(sessions: int, found: int) -> None:
    (one,) = pairs(*usual())
    told = concluded([(key, "/home/dev/app", one) for key in range(sessions)])
    assert len(told) == found
    if found:
        assert told[0].counts == {
            "times": sessions,
            "advice_pico": sessions * TRIP,
            "sessions": sessions,
        }
        assert told[0].wasted == 0 and told[0].tier is Tier.LOOK
        words = FAILURE.tell(told[0])
        assert words.headline == "pytest fails in every session, uv works"
        assert "CLAUDE.md" in words.advice and "`uv`" in words.advice


def test_sessions_of_different_projects_are_not_counted_together() -> None:
    (one,) = pairs(*usual())
    assert concluded([(key, f"/home/dev/{key}", one) for key in range(4)]) == []
    apart = [(key, f"/home/dev/{key % 2}", one) for key in range(6)]
    assert len({each.key for each in concluded(apart)}) == 2


def test_another_error_is_another_failure() -> None:
    (one,) = pairs(*usual())
    (red,) = pairs(step(0, "pytest -q", "3 failed"), step(1, "uv run pytest -q"))
    assert one.key != red.key


def test_other_arguments_of_the_program_that_works_do_not_matter() -> None:
    (one,) = pairs(*usual())
    (other,) = pairs(usual()[0], step(1, "uv run pytest -q tests/api"))
    assert one.key == other.key


def test_of_the_same_program_the_call_has_to_be_the_same() -> None:
    first = step(0, "npm test", "Missing script")
    (one,) = pairs(first, step(1, "npm run unit"))
    (other,) = pairs(first, step(1, "npm run all"))
    assert one.key != other.key
    told = FAILURE.tell(concluded([(key, "/p", one) for key in range(3)])[0])
    assert "how `npm` is called" in told.advice


def test_the_failures_themselves_are_findings_as_before() -> None:
    calls = [step(n, "pytest -q", MISSING) for n in range(3)] + [step(3, "uv run pytest -q")]
    found = run(FAILURE, work(*calls), HERE)
    (failures,) = [each for each in found.values() if not each.conditional]
    assert failures.counts["times"] == 3 and failures.wasted == 2 * TRIP
    assert "failed 3 times" in FAILURE.tell(failures).headline
