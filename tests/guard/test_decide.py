"""What is blocked, denied, asked about and ended, and what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.guard.states import (
    NOW_MS,
    SESSION,
    WORDS,
    cap,
    document,
    made,
    over,
    prompt,
    running,
    start,
    tool,
)
from tokenwatch.analysis import budgets as rules
from tokenwatch.guard.decide import Decision, Event, Since, decide, lies_in

if TYPE_CHECKING:
    from tokenwatch.guard.state import State


def kind(state: State, event: Event, since: Since | None = None, now_ms: int = NOW_MS) -> str:
    return decide(state, event, now_ms, since).kind


@pytest.mark.parametrize(
    ("how", "kinds"),
    [
        ("block", ("block", "ask", "deny")),
        ("ask", ("pass", "ask", "ask")),
        ("end", ("block", "end", "end")),
        ("off", ("pass", "pass", "pass")),
    ],
)
def test_an_exceeded_budget_does_what_the_setting_says(how: str, kinds: tuple[str, ...]) -> None:
    state = made(over_budget=how, budgets=[over()])
    assert tuple(kind(state, event) for event in (prompt(), tool(), start())) == kinds


def test_a_reason_says_what_is_the_matter_and_how_to_go_on() -> None:
    decision = decide(made(budgets=[over()]), prompt(), NOW_MS)
    assert decision.cause == "budget:daily"
    assert decision.reason == (
        f"{WORDS}. To go on all the same: tokenwatch budget allow --for 1h"
        f"   (only this session: tokenwatch budget allow --session {SESSION})"
    )


def test_a_model_is_told_not_to_try_again() -> None:
    reason = decide(made(budgets=[over()]), start(), NOW_MS).reason
    assert reason.startswith(f"{WORDS}. Start no other subagent;")
    assert "the user can run: tokenwatch budget allow --for 1h" in reason


@pytest.mark.parametrize("session", [None, "", 7, "a; rm -rf /", "$(x)", "a\x1b[2J"])
def test_an_id_that_is_none_is_not_put_into_a_command(session: object) -> None:
    reason = decide(made(budgets=[over()]), prompt(session_id=session), NOW_MS).reason
    assert reason.endswith("tokenwatch budget allow --for 1h")


@pytest.mark.parametrize(
    ("scope", "cwd", "hit"),
    [
        (("project", "/w/app"), "/w/app", True),
        (("project", "/w/app"), "/w/app/src/deep", True),
        (("project", "/w/app"), "/w/app/.claude/worktrees/one", True),
        (("project", "/w/app"), "/w/apple", False),
        (("project", "/w/app"), "/w", False),
        (("project", "/w/app"), None, False),
        (("project", "app"), "/w/app", True),
        (("project", "app"), "/w/app/src", True),
        (("project", "app"), "/w/apple", False),
        (("project", "/"), "/anything", True),
        (("source", "claude-code"), "/w", True),
        (("source", "codex"), "/w", False),
        (("model", "opus"), "/w", False),
    ],
)
def test_a_budget_stops_what_is_in_its_scope(
    scope: tuple[str, str], cwd: str | None, hit: bool
) -> None:
    state = made(budgets=[over(kind=scope[0], value=scope[1])])
    assert kind(state, prompt(cwd=cwd)) == ("block" if hit else "pass")


def test_a_session_of_a_project_is_stopped_wherever_it_went() -> None:
    found = over(kind="project", value="/w/app", within=[SESSION])
    assert kind(made(budgets=[found]), tool(cwd="/tmp")) == "ask"
    assert kind(made(budgets=[found]), tool(cwd="/tmp", session_id="another")) == "pass"
    assert kind(made(budgets=[found]), tool(cwd="/tmp", session_id=None)) == "pass"
    assert kind(made(budgets=[found]), tool(cwd="/w/app", session_id="another")) == "ask"


@pytest.mark.parametrize("wanted", ["/w/app", "/w/app/", "app", "/w", "/", "ap"])
@pytest.mark.parametrize("project", ["/w/app", "/w/apple", "/w", "/w/app/sub", None])
def test_projects_are_those_of_the_ledger(project: str | None, wanted: str) -> None:
    """A folder below a project with that name is one more, which the ledger knows no name of."""
    if rules.lies_in(project, wanted):
        assert lies_in(project, wanted)
    elif lies_in(project, wanted):
        assert (project, wanted) == ("/w/app/sub", "app")


@pytest.mark.parametrize(("mine", "expected"), [([SESSION], "block"), (["another"], "pass")])
def test_a_budget_of_sessions_stops_only_those(mine: list[str], expected: str) -> None:
    for scope in ("session", "model", "all"):
        assert (
            kind(made(budgets=[over(kind=scope, value="x", sessions=mine)]), prompt()) == expected
        )


def test_a_budget_of_a_type_of_agent_stops_that_type() -> None:
    state = made(budgets=[over(kind="agent", value="Explore")])
    assert kind(state, prompt()) == "pass"
    assert kind(state, tool()) == "pass"
    assert kind(state, tool(agent_type="explore", agent_id="a1")) == "ask"
    assert kind(state, start("explore")) == "deny"
    assert kind(state, start("Plan")) == "pass"
    main = made(budgets=[over(kind="agent", value="main")])
    assert kind(main, prompt()) == "block"
    assert kind(main, tool(agent_type="reviewer")) == "ask"
    assert kind(main, tool(agent_type="explore", agent_id="a1")) == "pass"


def test_a_period_that_is_over_stops_nothing() -> None:
    state = made(budgets=[over(until_ms=NOW_MS)])
    assert kind(state, prompt()) == "pass"
    assert kind(state, prompt(), now_ms=NOW_MS - 1) == "block"
    assert kind(made(budgets=[over(until_ms=None)]), prompt()) == "block"


def test_a_turn_that_cost_too_much_is_over_with_the_next_prompt() -> None:
    state = made(budgets=[over(turn=True, sessions=[SESSION])])
    assert kind(state, prompt()) == "pass"
    assert kind(state, tool()) == "ask"
    assert kind(state, tool(), Since(prompt_ms=NOW_MS - 1)) == "ask"
    assert kind(state, tool(), Since(prompt_ms=NOW_MS)) == "pass"


def test_a_prompt_of_a_subagent_begins_no_other_turn() -> None:
    """Codex tells of the prompts that its subagents are started with."""
    own = prompt("codex", agent_id="01a22bae-0000-7000-8000-000000000002", agent_type="explorer")
    assert prompt("codex").by_user and not own.by_user
    assert kind(made(budgets=[over(turn=True, sessions=[SESSION])]), own) == "block"
    assert kind(made(budgets=[over()]), own) == "block"


@pytest.mark.parametrize(
    ("allowance", "expected"),
    [
        ({"until_ms": NOW_MS + 1, "session_id": None}, "pass"),
        ({"until_ms": NOW_MS, "session_id": None}, "block"),
        ({"until_ms": None, "session_id": SESSION}, "pass"),
        ({"until_ms": None, "session_id": "another"}, "block"),
    ],
)
def test_what_is_allowed_goes_on(allowance: Any, expected: str) -> None:
    assert kind(made(budgets=[over()], allowances=[allowance]), prompt()) == expected


def test_an_allowance_lets_caps_and_loops_go_too() -> None:
    loop = {"session_id": SESSION, "words": "ls 5 times", "last_ms": NOW_MS}
    allowance: Any = {"until_ms": None, "session_id": SESSION}
    state = made(caps=[cap(1)], looping=[loop], allowances=[allowance])
    assert kind(state, start()) == kind(state, tool()) == "pass"


# agents at once ------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "expected"), [(1, "deny"), (3, "deny"), (4, "pass")])
def test_a_cap_counts_who_runs_in_the_session(limit: int, expected: str) -> None:
    others = running("main", *["explore"] * 9, session_id="another")
    state = made(caps=[cap(limit)], running=[running("main", "explore", "plan"), others])
    assert kind(state, start()) == expected
    assert kind(state, tool()) == kind(state, prompt()) == "pass"


@pytest.mark.parametrize("name", ["Agent", "Task", "spawn_agent"])
def test_who_asks_counts_though_the_state_knows_nothing_of_it(name: str) -> None:
    decision = decide(made(caps=[cap(1)]), start(name=name), NOW_MS)
    assert (decision.kind, decision.cause) == ("deny", "agents:few")
    assert decision.reason.startswith(
        "Budget few: 1 agents run, 1 at once are allowed. Start no other subagent until one of"
    )
    assert kind(made(caps=[cap(2)]), start(name=name)) == "pass"


def test_a_cap_of_the_day_counts_all_sessions_in_its_scope() -> None:
    state = made(
        caps=[cap(5, each=False, kind="project", value="/w/app")],
        running=[
            running("main", "plan"),
            running("main", "plan", session_id="b", project="/w/app/x"),
            running("main", session_id="c", project="/w/other"),
        ],
    )
    assert kind(state, start()) == "pass"
    state["caps"][0]["limit"] = 4
    assert kind(state, start()) == "deny"
    assert kind(state, start(cwd="/w/other")) == "pass"


def test_a_cap_of_a_type_counts_that_type() -> None:
    state = made(
        caps=[cap(2, kind="agent", value="Explore")],
        running=[running("main", "explore", "plan", "plan")],
    )
    assert kind(state, start("explore")) == "pass"
    assert kind(state, start("plan")) == "pass"
    state["running"][0]["names"].append("explore")
    assert kind(state, start("Explore")) == "deny"
    assert kind(state, start("plan")) == "pass"


def test_a_subagent_whose_type_is_not_said_is_of_the_clients_own() -> None:
    assert start(None).starts == "general-purpose"
    assert start(None, "spawn_agent", source="codex").starts == "default"
    state = made(caps=[cap(1, kind="agent", value="default")], running=[running("main", "default")])
    assert kind(state, start(None, "spawn_agent", source="codex")) == "deny"


def test_subagents_that_start_at_the_same_time_count() -> None:
    state = made(caps=[cap(3)], running=[running("main")])
    assert kind(state, start(), Since(starts=[(SESSION, "explore")])) == "pass"
    two = [(SESSION, "explore"), (SESSION, "plan")]
    assert kind(state, start(), Since(starts=two)) == "deny"
    assert kind(state, start(), Since(starts=[("another", "plan")] * 5)) == "pass"


def test_who_is_known_to_have_started_is_not_counted_twice() -> None:
    state = made(caps=[cap(3)], running=[running("main", "explore", fresh=["explore"])])
    assert kind(state, start(), Since(starts=[(SESSION, "explore")])) == "pass"


# loops ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "expected"), [("ask", "ask"), ("end", "end"), ("off", "pass")])
def test_a_loop_stops_tools_until_the_next_prompt(how: str, expected: str) -> None:
    loop = {"session_id": SESSION, "words": "pytest 5 times", "last_ms": NOW_MS - 1000}
    state = made(loops=how, looping=[loop])
    decision = decide(state, tool(), NOW_MS)
    assert decision.kind == expected
    assert expected == "pass" or decision.reason.startswith("A loop: pytest 5 times. To go on")
    assert kind(state, prompt()) == "pass"
    assert kind(state, tool(session_id="another")) == "pass"
    assert kind(state, tool(), Since(prompt_ms=NOW_MS)) == "pass"


@pytest.mark.parametrize("event", ["PostToolUse", "Stop", "SessionStart", "", None, 7])
def test_other_events_pass(event: object) -> None:
    state = made(budgets=[over()], caps=[cap(1)])
    assert kind(state, Event(document("Stop") | {"hook_event_name": event}, "codex")) == "pass"


@pytest.mark.parametrize("given", [None, [], "x", {"subagent_type": 7}, {}])
def test_any_input_of_a_tool_is_taken(given: object) -> None:
    assert tool("Task", tool_input=given).starts == "general-purpose"
    assert tool("Bash", tool_input=given).starts is None


def test_nothing_to_stop_is_a_pass() -> None:
    decision: Decision = decide(made(), tool(), NOW_MS)
    assert (decision.kind, decision.cause, decision.reason) == ("pass", "", "")
