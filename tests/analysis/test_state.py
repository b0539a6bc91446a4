"""What an agent is doing: the client's own signs first, age only where there are none."""

from __future__ import annotations

from typing import Any

import pytest

from tokenwatch.analysis.state import (
    FINISHING_MS,
    IDLE_MS,
    OPEN_MS,
    AgentFacts,
    keeps_signs,
    main_state,
    subagent_state,
)
from tokenwatch.found import LiveProcess
from tokenwatch.model import AgentKind, State

NOW = 1_795_348_800_000
WORKING, WAITING, IDLE, ENDED = State.WORKING, State.WAITING, State.IDLE, State.ENDED
LONG = 30 * 86_400_000


def _facts(age_ms: int | None = 0, *, open: bool | None = False, **more: Any) -> AgentFacts:
    fields: dict[str, Any] = {"kind": AgentKind.MAIN, "turn_open": open} | more
    return AgentFacts(last_ms=None if age_ms is None else NOW - age_ms, **fields)


def _process(status: str | None = None, *, alive: bool | None = True) -> LiveProcess:
    return LiveProcess(session_id="s", alive=alive, status=status)


@pytest.mark.parametrize("age_ms", [0, OPEN_MS, IDLE_MS, LONG])
@pytest.mark.parametrize(
    ("status", "turn_open", "state"),
    [
        ("busy", False, WORKING),
        ("busy", True, WORKING),
        ("waiting", True, WAITING),
        ("waiting", False, WAITING),
        ("idle", True, IDLE),
        ("idle", False, IDLE),
        # A lock that is held, or a registry of before 2.1.130: the process says nothing more.
        (None, True, WORKING),
        (None, False, IDLE),
        (None, None, IDLE),
    ],
)
def test_a_living_process_decides_at_any_age(
    age_ms: int, status: str | None, turn_open: bool | None, state: State
) -> None:
    facts = _facts(age_ms, open=turn_open)
    for signs in (True, False):
        assert main_state(facts, _process(status), signs=signs, now_ms=NOW) is state


@pytest.mark.parametrize("turn_open", [True, False, None])
@pytest.mark.parametrize("status", ["busy", "idle", "waiting", None])
def test_a_leftover_of_a_dead_process_is_an_end(turn_open: bool | None, status: str | None) -> None:
    """However fresh the log is: the sign counts at once."""
    process = _process(status, alive=False)
    for signs in (True, False):
        assert main_state(_facts(0, open=turn_open), process, signs=signs, now_ms=NOW) is ENDED


@pytest.mark.parametrize("turn_open", [True, False, None])
def test_no_sign_where_there_would_be_one_is_an_end(turn_open: bool | None) -> None:
    assert main_state(_facts(0, open=turn_open), None, signs=True, now_ms=NOW) is ENDED


@pytest.mark.parametrize(
    ("turn_open", "age_ms", "state"),
    [
        (True, 0, WORKING),
        (True, OPEN_MS - 1, WORKING),
        # The process died, or a command runs long: nobody can tell, so it is no work.
        (True, OPEN_MS, IDLE),
        (True, IDLE_MS - 1, IDLE),
        (True, IDLE_MS, ENDED),
        (False, 0, IDLE),
        (False, IDLE_MS - 1, IDLE),
        (False, IDLE_MS, ENDED),
        (None, 0, IDLE),
        (None, IDLE_MS, ENDED),
        (True, LONG, ENDED),
        (True, None, ENDED),
        (False, None, ENDED),
    ],
)
def test_age_decides_where_a_client_gives_no_sign(
    turn_open: bool | None, age_ms: int | None, state: State
) -> None:
    facts = _facts(age_ms, open=turn_open)
    assert main_state(facts, None, signs=False, now_ms=NOW) is state


@pytest.mark.parametrize("status", ["busy", "waiting", "idle", None])
@pytest.mark.parametrize("turn_open", [True, False, None])
@pytest.mark.parametrize("age_ms", [0, OPEN_MS, IDLE_MS, LONG])
def test_a_process_that_cant_be_checked_leaves_it_to_age(
    status: str | None, turn_open: bool | None, age_ms: int
) -> None:
    facts, process = _facts(age_ms, open=turn_open), _process(status, alive=None)
    by_age = main_state(facts, None, signs=False, now_ms=NOW)
    for signs in (True, False):
        assert main_state(facts, process, signs=signs, now_ms=NOW) is by_age


@pytest.mark.parametrize(
    ("source", "version", "entrypoint", "signs"),
    [
        ("claude-code", "1.0.128", "cli", False),
        ("claude-code", "2.1.113", "cli", False),
        ("claude-code", "2.1.114", "cli", True),
        ("claude-code", "2.1.120", "sdk-cli", False),
        ("claude-code", "2.1.330", "sdk-cli", True),
        ("claude-code", "2.1.330", None, True),
        ("claude-code", "10.0.0", "cli", True),
        ("claude-code", None, "cli", False),
        ("claude-code", "unknown", "cli", False),
        ("codex", "0.42.0", "exec", False),
        ("codex", "0.121.0", "cli", False),
        ("codex", "0.149.0", "exec", True),
        ("codex", "0.169.0-alpha.3", None, True),
        ("codex", None, None, False),
        ("other", "99.0.0", "cli", False),
    ],
)
def test_versions_that_show_their_processes(
    source: str, version: str | None, entrypoint: str | None, signs: bool
) -> None:
    assert keeps_signs(source, version, entrypoint) is signs


def _sub(age_ms: int | None = 0, **more: Any) -> AgentFacts:
    return _facts(age_ms, **({"kind": AgentKind.SUBAGENT} | more))


@pytest.mark.parametrize("reusable", [True, False])
@pytest.mark.parametrize("turn_open", [True, False, None])
def test_a_subagent_ends_with_its_session(reusable: bool, turn_open: bool | None) -> None:
    facts = _sub(0, open=turn_open)
    assert subagent_state(facts, ENDED, reusable=reusable, now_ms=NOW) is ENDED


@pytest.mark.parametrize("main", [WORKING, WAITING, IDLE])
@pytest.mark.parametrize(
    ("facts", "reusable", "state"),
    [
        # An open turn is work, however long a tool takes.
        (_sub(LONG, open=True), False, WORKING),
        (_sub(LONG, open=True), True, WORKING),
        # The notice of its end counts, unless a record came after it.
        (_sub(5000, open=True, ended_ms=NOW - 5000), False, ENDED),
        (_sub(5000, open=True, ended_ms=NOW - 5900), False, ENDED),
        (_sub(5000, open=True, ended_ms=NOW - 60_000), False, WORKING),
        (_sub(5000, open=False, ended_ms=NOW - 4000), True, ENDED),
        # A closed turn without a notice: it is about to end, then it has.
        (_sub(0, turn_ended_ms=NOW), False, WORKING),
        (_sub(0, turn_ended_ms=NOW - FINISHING_MS + 1), False, WORKING),
        (_sub(0, turn_ended_ms=NOW - FINISHING_MS), False, ENDED),
        (_sub(FINISHING_MS), False, ENDED),
        # Codex keeps it for further turns.
        (_sub(0, turn_ended_ms=NOW), True, IDLE),
        (_sub(LONG, turn_ended_ms=NOW - LONG), True, IDLE),
        # No turn was seen.
        (_sub(0, open=None), False, WORKING),
        (_sub(OPEN_MS, open=None), False, ENDED),
    ],
)
def test_a_subagent_of_a_session_that_lives(
    main: State, facts: AgentFacts, reusable: bool, state: State
) -> None:
    assert subagent_state(facts, main, reusable=reusable, now_ms=NOW) is state


@pytest.mark.parametrize(
    ("main", "expected"),
    [(State.WORKING, State.WORKING), (State.WAITING, State.WORKING), (State.IDLE, State.ENDED)],
)
def test_a_subagent_that_was_only_launched(main: State, expected: State) -> None:
    launched = AgentFacts(kind=AgentKind.SUBAGENT, turn_open=None, last_ms=None)
    assert subagent_state(launched, main, reusable=False, now_ms=10**12) is expected
