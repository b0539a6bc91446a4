"""Logs that real clients wrote, against what the API answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from codex_logs import DATA, grouped, of, read_home, requests_of, summed

from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    CompactionSeen,
    EditSeen,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.model import AgentKind
from tokenwatch.sources.source import Pass

CASES = sorted(path.parent for path in DATA.glob("*/*/expected.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_answered_token_is_counted_once(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    requests = requests_of(case).values()
    assert summed(requests) == expected["totals"]
    assert grouped(requests, lambda r: r.model) == expected["by_model"]
    if "by_session" in expected:
        assert grouped(requests, lambda r: r.session_id) == expected["by_session"]


def test_nothing_of_a_real_log_is_skipped() -> None:
    assert len(CASES) >= 12
    for case in CASES:
        for which in Pass:
            assert [merged.skipped for merged in read_home(case, which) if merged.skipped] == []


def test_prompts_of_a_fork_are_its_own() -> None:
    for version in ("0.121.0", "0.169.0"):
        titles = [
            [prompt.title for prompt in of(PromptSeen, merged.events)]
            for merged in read_home(DATA / version / "fork", Pass.DETAIL)
        ]
        assert titles[0][:2] == ["first prompt", "second prompt"]
        assert titles[1][0] == "fork a"
        assert "first prompt" not in titles[1] + titles[2]


def test_a_fork_names_its_origin_and_is_a_session() -> None:
    original, *forks = read_home(DATA / "0.121.0" / "fork")
    assert original.facts.fork_of is None
    for fork in forks:
        assert fork.facts.fork_of == original.facts.session_id
        assert fork.facts.kind is AgentKind.MAIN
        assert fork.facts.session_id == fork.facts.agent_id


@pytest.mark.parametrize("version", ["0.121.0", "0.169.0"])
def test_agents_belong_to_their_session(version: str) -> None:
    case = DATA / version / ("subagents" if version == "0.121.0" else "subagents-v2")
    main, *children = read_home(case)
    assert len(children) == 2
    for child in children:
        assert child.facts.kind is AgentKind.SUBAGENT
        assert child.facts.session_id == main.facts.session_id
        assert child.facts.parent_agent_id == main.facts.agent_id
        assert child.facts.agent_name
    details = read_home(case, Pass.DETAIL)
    launched = of(AgentLaunched, details[0].events)
    ended = of(AgentEnded, details[0].events)
    ids = {child.facts.agent_id for child in children}
    assert {launch.agent_id for launch in launched} - {None} == ids
    assert {end.ref for end in ended} == ids
    assert {end.status for end in ended} == {"completed"}
    for child in details[1:]:
        assert of(PromptSeen, child.events) == []
        assert [turn.cause for turn in of(TurnStarted, child.events)] == ["spawn"]
        assert [turn.how for turn in of(TurnEnded, child.events)] == ["completed"]


def test_a_reviewer_that_names_no_parent_is_found_by_its_turn() -> None:
    parent, reviewer = read_home(DATA / "0.121.0" / "review")
    assert reviewer.facts.kind is AgentKind.AUXILIARY
    assert reviewer.facts.session_id == parent.facts.session_id
    assert {r.session_id for r in reviewer.requests} == {parent.facts.session_id}
    asked, review = read_home(DATA / "0.121.0" / "review", Pass.DETAIL)
    assert len(of(PromptSeen, asked.events)) == 1
    assert len(of(TurnEnded, asked.events)) == 1
    assert of(PromptSeen, review.events) == []
    assert of(TurnStarted, asked.events)[0].id != of(TurnStarted, review.events)[0].id


@pytest.mark.parametrize("version", ["0.121.0", "0.169.0"])
def test_tools_and_edits(version: str) -> None:
    (merged,) = read_home(DATA / version / "tools", Pass.DETAIL)
    calls = of(ToolCallSeen, merged.events)
    results = {result.call_id: result for result in of(ToolResultSeen, merged.events)}
    assert len(calls) == 5 == len({call.id for call in calls})
    assert [results[call.id].ok for call in calls[1:]] == [True, True, True, False]
    assert calls[1].target == "cat"
    edits = {Path(edit.path).name: edit for edit in of(EditSeen, merged.events)}
    assert (edits["new.py"].added, edits["new.py"].removed, edits["new.py"].created) == (2, 0, True)
    hello = edits["hello.py"]
    assert (hello.added, hello.removed, hello.created) == (2, 1, False)
    assert hello.path == "/home/dev/tools/hello.py"


def test_an_old_interactive_session() -> None:
    (merged,) = read_home(DATA / "0.42.0" / "interactive", Pass.DETAIL)
    prompts = of(PromptSeen, merged.events)
    assert [prompt.title for prompt in prompts] == [
        "first prompt", "a long story please", "a long story please", "use a slow tool",
    ]  # fmt: skip
    assert prompts[1].wording == prompts[2].wording != prompts[0].wording
    last = {end.turn_id: end.how for end in of(TurnEnded, merged.events)}
    assert list(last.values()) == ["completed", "interrupted", "completed", "interrupted"]
    assert [turn.id for turn in of(TurnStarted, merged.events)] == list(last)
    assert len(of(CompactionSeen, merged.events)) == 1


def test_compactions_and_the_context_after_them() -> None:
    (details,) = read_home(DATA / "0.169.0" / "compact", Pass.DETAIL)
    compactions = of(CompactionSeen, details.events)
    assert len(compactions) == 2
    assert [c.pre_tokens for c in compactions if c.pre_tokens][-1] == 90535
    assert len(of(PromptSeen, details.events)) == 3
    (usage,) = read_home(DATA / "0.169.0" / "compact")
    assert usage.facts.context_estimate == usage.requests[-1].usage.context == 10700


def test_quotas_are_labelled_by_their_length() -> None:
    quotas = [
        quota
        for version in ("0.121.0", "0.169.0")
        for merged in read_home(DATA / version / "rate-limits", Pass.DETAIL)
        for quota in of(QuotaSeen, merged.events)
    ]
    assert {(q.limit_id, q.window_minutes) for q in quotas} == {("codex", 300), ("codex", 10080)}
    assert {q.used_percent for q in quotas if q.window_minutes == 300} >= {12.5, 47.0}
    assert all(q.resets_ms and q.resets_ms > q.observed_ms for q in quotas)
