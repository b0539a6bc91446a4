"""Requests, rule by rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from claude_logs import (
    NOW_MS,
    OTHER,
    SESSION,
    Merged,
    agent_file,
    assistant,
    at,
    at_ms,
    batches,
    encode,
    facts,
    log_of,
    main_file,
    one_request,
    requests,
    tool_result,
    tool_use,
    usage,
    user,
)
from msgspec.structs import replace

from tokenwatch.events import MeterSeen
from tokenwatch.model import AgentKind, Usage
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.source import Pass


def test_the_best_record_is_taken_whole_and_placed_by_the_first(tmp_path: Path) -> None:
    log = main_file(
        tmp_path,
        [
            user(1, "hello"),
            assistant(2, told=usage(2, sent=0), stop=None),
            assistant(3, told=usage(900, sent=5), stop=None),
            assistant(4, told=usage(700, sent=100)),
            assistant(5, told=usage(700, sent=100)),
        ],
    )
    seen = one_request(log)
    assert (seen.at_ms, seen.line, seen.usage_line) == (at_ms(2), 2, 4)
    assert seen.usage == Usage(input=100, output=700)
    assert seen.final and not seen.lower_bound


def test_without_a_stop_reason_the_output_is_a_lower_bound(tmp_path: Path) -> None:
    seen = one_request(main_file(tmp_path, [assistant(1, stop=None)]))
    assert seen.lower_bound and not seen.final


def test_an_aborted_answer_is_a_lower_bound(tmp_path: Path) -> None:
    aborted = assistant(2, isAbortedMidStream=True)
    assert one_request(main_file(tmp_path, [assistant(1), aborted])).lower_bound


@pytest.mark.parametrize("cut", [False, True])
def test_a_cut_answer_is_told_by_the_record_behind_it(tmp_path: Path, cut: bool) -> None:
    text = "Your response above was cut off mid-stream. Resume directly" if cut else "Continue"
    note = user(2, text, isMeta=True, parentUuid="uuid-0001")
    log = main_file(tmp_path, [assistant(1), note])
    assert one_request(log).lower_bound is cut
    merged = Merged()
    path = Path(log.path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n") + 1])
    (first,) = batches(log_of(path), Pass.USAGE)
    path.write_bytes(whole)
    (second,) = batches(log_of(path), Pass.USAGE, first.bookmark)
    merged.add(first)
    merged.add(second)
    assert merged.requests["msg_01a"].lower_bound is cut


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"cache_creation_input_tokens": 100}, (100, 0)),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 30}}, (0, 30)),
        (
            {
                "cache_creation_input_tokens": 100,
                "cache_creation": {"ephemeral_1h_input_tokens": 30},
            },
            (70, 30),
        ),
        (
            {
                "cache_creation_input_tokens": 10,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 20,
                    "ephemeral_1h_input_tokens": 30,
                },
            },
            (20, 30),
        ),
        ({"cache_creation_input_tokens": None, "cache_creation": None}, (0, 0)),
    ],
)
def test_cache_writes_by_lifetime(
    tmp_path: Path, told: dict[str, object], expected: tuple[int, int]
) -> None:
    seen = one_request(main_file(tmp_path, [assistant(1, told=usage() | told)]))
    assert (seen.usage.cache_write_5m, seen.usage.cache_write_1h) == expected


def test_thinking_is_part_of_the_output(tmp_path: Path) -> None:
    told = usage(50, output_tokens_details={"thinking_tokens": 40})
    assert one_request(main_file(tmp_path, [assistant(1, told=told)])).usage.reasoning == 40


def test_only_what_changes_the_price_is_kept(tmp_path: Path) -> None:
    plain = usage(speed="standard", service_tier="standard", inference_geo="not_available")
    special = usage(
        speed="fast",
        service_tier="batch",
        inference_geo="us",
        server_tool_use={"web_search_requests": 3},
    )
    first, second = requests(
        main_file(
            tmp_path, [assistant(1, "msg_01a", told=plain), assistant(2, "msg_01b", told=special)]
        )
    )
    assert (first.speed, first.service_tier, first.geo, first.web_searches) == (None, None, None, 0)
    assert (second.speed, second.service_tier, second.geo) == ("fast", "batch", "us")
    assert second.web_searches == 3


def test_a_longer_context_is_no_other_model(tmp_path: Path) -> None:
    seen = one_request(main_file(tmp_path, [assistant(1, model="claude-opus-4-8[1m]")]))
    assert seen.model == "claude-opus-4-8"


def test_what_the_program_writes_itself_is_no_request(tmp_path: Path) -> None:
    log = main_file(
        tmp_path,
        [
            assistant(1, model="<synthetic>"),
            assistant(2, told=usage(0, sent=0), isApiErrorMessage=True),
            assistant(3, told="none"),
            user(4, "x") | {"message": None},
        ],
    )
    assert requests(log) == []


def test_advisors_and_compactions_are_requests_of_their_own(tmp_path: Path) -> None:
    advice = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 7}
    told = usage(
        iterations=[
            {"type": "message", "input_tokens": 100, "output_tokens": 10},
            advice | {"output_tokens": 3, "cache_creation": {"ephemeral_1h_input_tokens": 5}},
            advice | {"output_tokens": 4},
            {"type": "compaction", "input_tokens": 50, "output_tokens": 6},
        ]
    )
    log = main_file(tmp_path, [assistant(n, told=told, model="claude-haiku-4-5") for n in (1, 2)])
    seen = {request.id: request for request in requests(log)}
    assert list(seen) == [
        "msg_01a", "msg_01a:advisor:0", "msg_01a:advisor:1", "msg_01a:compaction:0",
    ]  # fmt: skip
    assert seen["msg_01a"].usage == Usage(input=100, output=10)
    assert seen["msg_01a:advisor:0"].usage == Usage(input=7, output=3, cache_write_1h=5)
    assert seen["msg_01a:advisor:0"].model == "claude-opus-5"
    assert seen["msg_01a:compaction:0"].model == "claude-haiku-4-5"


@pytest.mark.parametrize("message_id", [None, "", "msg_1", 7])
def test_ids_that_are_no_ids(tmp_path: Path, message_id: object) -> None:
    """Blocks of one answer follow each other; the next request follows a tool's result."""
    records = [
        user(1, "go"),
        assistant(2, message_id, parentUuid="uuid-0001"),  # type: ignore[arg-type]
        assistant(3, message_id, parentUuid="uuid-0002"),  # type: ignore[arg-type]
        user(4, [tool_result("toolu_01a")], parentUuid="uuid-0003"),
        assistant(5, message_id, told=usage(20, 200), parentUuid="uuid-0004"),  # type: ignore[arg-type]
        assistant(6, message_id, told=usage(20, 200), parentUuid="uuid-0004"),  # type: ignore[arg-type]
    ]
    seen = requests(main_file(tmp_path / "a", records))
    assert [(request.line, request.usage.output) for request in seen] == [(2, 10), (5, 20)]
    forked = [record | {"sessionId": OTHER} for record in records]
    again = requests(main_file(tmp_path / "b", forked, OTHER))
    assert {request.id for request in again} == {request.id for request in seen}


def test_a_requests_id_stands_in_for_a_weak_one(tmp_path: Path) -> None:
    records = [
        assistant(1, "msg_1", requestId="req_01abc"),
        assistant(2, "msg_1", told=usage(3, 7), requestId="req_01xyz"),
        assistant(3, "msg_1", requestId="req_01abc"),
    ]
    assert [r.id for r in requests(main_file(tmp_path, records))] == [
        "msg_1|req_01abc", "msg_1|req_01xyz",
    ]  # fmt: skip


def test_a_record_of_another_session_is_a_copy(tmp_path: Path) -> None:
    log = main_file(
        tmp_path,
        [
            assistant(1, "msg_01a", sessionId=OTHER),
            assistant(2, "msg_01b", forkedFrom={"sessionId": OTHER, "messageUuid": "x"}),
            assistant(3, "msg_01c"),
        ],
    )
    assert [(r.session_id, r.is_copy) for r in requests(log)] == [
        (OTHER, True), (SESSION, True), (SESSION, False),
    ]  # fmt: skip
    assert facts(log).last_ms == at_ms(3)
    assert facts(log).fork_of == OTHER


def test_a_mirrored_answer_is_the_subagents(tmp_path: Path) -> None:
    inner = assistant(2, "msg_01b")
    mirror = user(3, "") | {
        "type": "progress",
        "parentToolUseID": "toolu_01a",
        "data": {"type": "agent_progress", "agentId": "a1b2c3d", "message": inner},
    }
    seen = one_request(main_file(tmp_path, [mirror]))
    assert (seen.agent_id, seen.session_id, seen.is_copy) == ("a1b2c3d", SESSION, True)
    assert seen.at_ms == at_ms(2)


def test_the_kinds_of_agents(tmp_path: Path) -> None:
    for agent, kind, rank in (
        ("a1b2c3d", AgentKind.SUBAGENT, 1),
        ("acompact-1", AgentKind.AUXILIARY, 2),
        ("aside_question-1", AgentKind.AUXILIARY, 2),
        ("aprompt_suggestion-1", AgentKind.AUXILIARY, 2),
    ):
        log = agent_file(tmp_path, agent, [assistant(1, agentId=agent, isSidechain=True)])
        told = facts(log)
        assert (told.session_id, told.agent_id) == (SESSION, agent)
        assert (told.kind, told.rank) == (kind, rank)
        assert one_request(log).agent_id == agent


def test_an_agent_beside_its_session_learns_the_session(tmp_path: Path) -> None:
    log = agent_file(tmp_path, "a1b2c3d", [assistant(1), assistant(2, "msg_01b", sessionId=OTHER)])
    flat = Path(log.path).rename(tmp_path / "agent-a1b2c3d.jsonl")
    assert facts(log_of(flat)).session_id == SESSION
    assert [(r.session_id, r.is_copy) for r in requests(log_of(flat))] == [
        (SESSION, False), (OTHER, False),
    ]  # fmt: skip


def test_parallel_chains_among_their_parents_records(tmp_path: Path) -> None:
    old = {"version": "1.0.128", "entrypoint": None}
    side = old | {"isSidechain": True}
    tasks = [
        tool_use("toolu_01a", "Task", prompt="one"),
        tool_use("toolu_02a", "Task", prompt="two"),
    ]
    log = main_file(
        tmp_path,
        [
            assistant(1, "msg_01a", content=tasks, **old),
            user(2, "one", **side),
            user(3, [{"type": "text", "text": "two"}], **side),
            assistant(4, "msg_01b", parentUuid="uuid-0002", **side),
            assistant(5, "msg_01c", parentUuid="uuid-0003", **side),
            user(6, [tool_result("toolu_9a")], parentUuid="uuid-0004", **side),
            assistant(7, "msg_01d", parentUuid="uuid-0006", **side),
            user(8, "nobody asked", **side),
            assistant(9, "msg_01e", parentUuid="uuid-0008", **side),
            assistant(10, "msg_01f", **old),
        ],
    )
    assert {r.id[-1]: r.agent_id for r in requests(log)} == {
        "a": SESSION, "b": "toolu_01a", "c": "toolu_02a", "d": "toolu_01a", "e": "uuid-0008",
        "f": SESSION,
    }  # fmt: skip


def test_a_meter_adds_up_what_is_one_model(tmp_path: Path) -> None:
    counted = {"inputTokens": 1, "outputTokens": 9, "thinkingTokens": 4, "cacheReadInputTokens": 2,
               "cacheCreationInputTokens": 10, "cacheCreationEphemeral1hInputTokens": 4,
               "webSearchRequests": 1}  # fmt: skip
    meter = {
        "type": "cost-state", "sessionId": SESSION, "startTime": at_ms(0), "totalCostUSD": 0.1,
        "modelUsage": {"claude-opus-5": counted, "claude-opus-5[1m]": counted,
                       "big": {"inputTokens": 10**12}, "bad": {"inputTokens": -1}},
    }  # fmt: skip
    log = main_file(tmp_path, [assistant(9), assistant(4, "msg_01b"), meter])
    (batch,) = batches(log, Pass.USAGE)
    (seen,) = (event for event in batch.events if isinstance(event, MeterSeen))
    assert (seen.started_ms, seen.as_of_ms, seen.line) == (at_ms(0), at_ms(9), 3)
    assert seen.reported_cost_usd == "0.1"
    twice = Usage(
        input=2, cache_read=4, cache_write_5m=12, cache_write_1h=8, output=18, reasoning=8
    )
    assert {name: used for name, used, _ in seen.usage_by_model} == {
        "claude-opus-5": twice, "big": Usage(input=10**12), "bad": Usage(),
    }  # fmt: skip
    assert [(s.reason, s.count) for s in batch.skipped] == [("bad_number", 1)]


@pytest.mark.parametrize(
    ("cwd", "project"),
    [
        ("/home/dev/app", "/home/dev/app"),
        ("/home/dev/app/.claude/worktrees/fix", "/home/dev/app"),
        ("/home/dev/app/.claude/worktrees/fix/src", "/home/dev/app"),
        ("C:\\dev\\app\\.claude\\worktrees\\fix", "C:\\dev\\app"),
        ("/elsewhere/fix/src", "/home/dev/app"),
    ],
)
def test_a_worktree_belongs_to_its_project(tmp_path: Path, cwd: str, project: str) -> None:
    worktree = {
        "type": "worktree-state",
        "worktreeSession": {"worktreePath": "/elsewhere/fix", "originalCwd": "/home/dev/app"},
    }
    log = main_file(tmp_path, [user(1, "go", cwd=cwd), user(2, "on", cwd="/other"), worktree])
    assert (facts(log).cwd, facts(log).project) == (cwd, project)


def test_the_facts_of_a_file(tmp_path: Path) -> None:
    log = main_file(
        tmp_path,
        [
            {"type": "mode", "mode": "normal", "sessionId": SESSION},
            {"type": "queue-operation", "operation": "enqueue", "timestamp": at(5)},
            user(7, "go", entrypoint="sdk-cli", gitBranch="HEAD"),
            assistant(9, gitBranch="fix", version="2.1.331"),
            {"type": "ai-title", "aiTitle": "made up"},
            {"type": "custom-title", "customTitle": "chosen"},
            {"type": "ai-title", "aiTitle": "made up again"},
            {"type": "custom-title", "customTitle": "chosen again"},
            {"type": "summary", "summary": "of another file", "leafUuid": "uuid-9999"},
        ],
    )
    for which in Pass:
        told = facts(log, which)
        assert (told.session_id, told.agent_id, told.rank) == (SESSION, None, 0)
        assert (told.first_ms, told.last_ms) == (at_ms(5), at_ms(9))
        assert (told.entrypoint, told.scripted) == ("sdk-cli", True)
        assert (told.git_branch, told.version) == ("fix", "2.1.331")
        assert told.client_title == "chosen again"


def test_a_summary_is_a_title_only_of_what_it_ends_with(tmp_path: Path) -> None:
    def summary(leaf: str) -> dict[str, object]:
        return {"type": "summary", "summary": leaf, "leafUuid": leaf}

    assert facts(main_file(tmp_path, [summary("other-01")])).client_title is None
    records = [summary("other-01"), user(1, "go", version="2.1.27"), summary("uuid-0001")]
    assert facts(main_file(tmp_path, records)).client_title == "uuid-0001"


def test_the_last_activity_is_the_latest_answer_or_the_last_record(tmp_path: Path) -> None:
    def last(*records: dict[str, object]) -> int | None:
        return facts(main_file(tmp_path, [user(1, "go"), *records])).last_ms

    assert last(assistant(9), user(12, "more")) == at_ms(12)
    assert last(assistant(9), assistant(8, "msg_01b"), user(7, "more")) == at_ms(9)
    assert last({"type": "mode", "mode": "normal", "sessionId": SESSION}) == at_ms(1)


def test_nothing_new_yields_nothing_and_a_rewritten_file_is_read_anew(tmp_path: Path) -> None:
    log = main_file(tmp_path, [user(1, "go"), assistant(2)])
    (first,) = batches(log, Pass.USAGE)
    assert not first.from_start and first.bytes == log.size and first.lines == 2
    assert batches(log, Pass.USAGE, first.bookmark) == []
    path = Path(log.path)
    path.write_bytes(encode([user(1, "gone"), assistant(2, "msg_01b"), assistant(3, "msg_01c")]))
    (second,) = batches(log_of(path), Pass.USAGE, first.bookmark)
    assert second.from_start and [e.id for e in second.events] == ["msg_01b", "msg_01c"]  # type: ignore[union-attr]
    path.write_bytes(b"")
    (third,) = batches(log_of(path), Pass.USAGE, second.bookmark)
    assert third.from_start and third.events == () and third.bookmark.offset == 0


def test_a_memory_of_another_version_is_given_up(tmp_path: Path) -> None:
    log = main_file(tmp_path, [user(1, "go"), assistant(2)])
    (first,) = batches(log, Pass.USAGE)
    strange = replace(first.bookmark, state=b'{"facts": 3}')
    (again,) = SOURCE.read(log, strange, Pass.USAGE, now_ms=NOW_MS)
    assert again.from_start and again.events == first.events


@pytest.mark.parametrize("which", list(Pass))
def test_the_memory_of_a_long_file_stays_small(tmp_path: Path, which: Pass) -> None:
    old = {"version": "1.0.128", "isSidechain": True}
    records = []
    for number in range(0, 6000, 3):
        call = tool_use(f"toolu_{number}a", "Edit", file_path="/home/dev/app/x.py")
        records += [
            user(number, f"prompt {number}"),
            assistant(number + 1, f"msg_{number}a", content=[call]),
            user(number + 2, "side", **old),
        ]
    states = [len(b.bookmark.state) for b in batches(main_file(tmp_path, records), which)]
    assert max(states) < 40_000
