"""However a growing file is cut into readings, the events are those of one reading."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from codex_logs import DATA, NOW_MS, START_MS, Merged, Rollout, log_file, merge, read, uuid7
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.sources import tail
from tokenwatch.sources.codex import SOURCE, reading
from tokenwatch.sources.source import Pass

CHILD_MS = START_MS + 50_000


def mixed() -> bytes:
    """A fork with copies, records and totals, tools, a compaction, damage and late prompts."""
    log = Rollout(uuid7(CHILD_MS, 2), CHILD_MS)
    log.meta(forked_from_id=uuid7(START_MS, 1)).meta(uuid7(START_MS, 1), START_MS)
    log.event("task_started", turn_id="P", started_at=START_MS // 1000).spend(900)
    log.turn(uuid7(CHILD_MS + 5000, 3)).event("user_message", message="hello there")
    call = {"type": "function_call", "name": "shell", "call_id": "c1",
            "arguments": '{"command":["bash","-lc","git commit -m x"]}'}  # fmt: skip
    log.add("response_item", call).record("r1").spend()
    log.raw(b"\0\0").raw(b"").raw(b"[]")
    out = {"type": "function_call_output", "call_id": "c1",
           "output": "Exit code: 0\nOutput:\n[main abc1234] x\n"}  # fmt: skip
    log.add("response_item", out).spend(70, 0, 7)
    log.add("compacted", {"window_id": "w", "replacement_history": [{"type": "message"}]})
    log.count(log.total, [0, 0, 0, 0, 0, 500]).spend(60, 0, 6)
    log.event("task_complete", error={"codex_error_info": "other"})
    return log.turn(uuid7(CHILD_MS + 90_000, 4)).record("r2", 5, 0, 1).spend(5, 0, 1).data


def signals() -> bytes:
    """What is loaded and changes, open patches, reports apart from what the model got."""
    log = Rollout(uuid7(CHILD_MS, 2), CHILD_MS).meta(instructions="Be brief.")
    skills = "<skills_instructions>\n- ship: Ship. (file: /s/ship/SKILL.md)\n</skills_instructions>"
    rules = "# AGENTS.md instructions for /w\n<INSTRUCTIONS>\nBe brief!\n</INSTRUCTIONS>"
    for role, words in (("developer", skills), ("user", rules)):
        content = [{"type": "input_text", "text": words}]
        log.add("response_item", {"type": "message", "role": role, "content": content})
    tools = [{"type": "namespace", "name": "mcp__docs", "tools": []}]
    log.add("response_item", {"type": "additional_tools", "tools": tools})
    log.turn(uuid7(CHILD_MS + 5000, 3)).event("user_message", message="go", images=["data:"])
    for number, effort in enumerate(("low", "high")):
        patch = f"*** Begin Patch\n*** Update File: a\n-number {number}\n+number one\n"
        call = {"type": "function_call", "call_id": f"p{number}", "name": "apply_patch"}
        log.add("response_item", call | {"arguments": json.dumps({"input": patch})})
        log.add("turn_context", {"model": "m", "effort": effort})
        command = {"type": "function_call", "call_id": f"c{number}", "name": "exec_command"}
        log.add("response_item", command | {"arguments": json.dumps({"cmd": "make test"})})
        item = {"type": "CommandExecution", "id": f"c{number}", "command": ["make", "test"],
                "exit_code": number, "aggregated_output": "x" * 4000}  # fmt: skip
        log.event("item_completed", item=item)
        out = {"type": "function_call_output", "call_id": f"c{number}", "output": "Output:\nx"}
        log.add("response_item", out)
        out = {"type": "function_call_output", "call_id": f"p{number}", "output": "Exit code: 0"}
        log.add("response_item", out)
    log.add("response_item", {"type": "additional_tools", "tools": [*tools, *tools]})
    return log.event("thread_rolled_back", num_turns=1).meta(cli_version="0.151.0").data


def orders() -> bytes:
    """What was used ahead of the calls, then behind them; scripts, and what they call."""
    log = Rollout(uuid7(CHILD_MS, 2), CHILD_MS).meta(cli_version="0.63.0")
    call = {"type": "function_call", "name": "shell", "arguments": '{"command":["ls"]}'}
    out = {"type": "function_call_output", "output": "Exit code: 0\nOutput:\n"}
    for number in range(2):
        log.event("user_message", message=f"go {number}").count(log.total, [0] * 6)
        for one in (f"a{number}", f"b{number}"):
            log.spend().add("response_item", call | {"call_id": one})
            log.add("response_item", out | {"call_id": one})
    log.turn(uuid7(CHILD_MS + 90_000, 3)).event("user_message", message="on")
    for number in range(2):
        script = {"type": "custom_tool_call", "call_id": f"s{number}", "name": "exec", "input": "x"}
        log.add("response_item", script)
        if number:
            log.record("r1", 5, 0, 1)
        item = {"type": "CommandExecution", "id": f"x{number}", "command": ["ls"], "exit_code": 0}
        log.event("item_completed", item=item)
        log.add("response_item", out | {"call_id": f"s{number}"}).spend(5, 0, 1)
    return log.data


LOGS = {
    "mixed": mixed(),
    "orders": orders(),
    "signals": signals(),
    "interactive": next((DATA / "0.42.0" / "interactive").rglob("*.jsonl")).read_bytes(),
    "fork": sorted((DATA / "0.121.0" / "fork").rglob("*.jsonl"))[1].read_bytes(),
    "compact": next((DATA / "0.169.0" / "compact").rglob("*.jsonl")).read_bytes(),
}


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (NOW_MS / 1000, NOW_MS / 1000))


@pytest.mark.parametrize("which", list(Pass))
@pytest.mark.parametrize("name", LOGS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_cuts(
    tmp_path_factory: pytest.TempPathFactory, name: str, which: Pass, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    whole = LOGS[name]
    path = folder / f"rollout-2026-05-28T20-26-40-{uuid7(CHILD_MS, 2)}.jsonl"
    write(path, whole)
    expected = read(path, which)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=8).map(sorted))
    merged: Merged | None = None
    for cut in [*cuts, len(whole)]:
        write(path, whole[:cut])
        merged = read(path, which, before=merged)
    assert merged is not None
    assert merged.events == expected.events
    assert merged.facts == expected.facts
    assert merged.skipped == expected.skipped
    assert merged.bookmark == expected.bookmark
    assert merged.restarts == 0


@pytest.mark.parametrize("which", list(Pass))
def test_batches_are_bounded(tmp_path: Path, which: Pass, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"rollout-2026-05-28T20-26-40-{uuid7(CHILD_MS, 2)}.jsonl"
    write(path, LOGS["mixed"])
    expected = read(path, which)
    monkeypatch.setattr(reading, "BATCH_EVENTS", 1)
    monkeypatch.setattr(reading, "BATCH_BYTES", 1)
    monkeypatch.setattr(tail, "STRETCH_BYTES", 256)
    batches = list(SOURCE.read(log_file(path), None, which, now_ms=NOW_MS))
    longest = max(map(len, LOGS["mixed"].splitlines(keepends=True)))
    assert len(batches) > 5
    assert max(batch.bytes for batch in batches) <= 2 * longest
    merged = merge(batches)
    assert merged.events == expected.events
    assert sum(batch.bytes for batch in batches) == len(LOGS["mixed"])
    assert merged.lines == expected.lines


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_rubbish_never_raises(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    path = tmp_path_factory.mktemp("rubbish") / f"rollout-x-{uuid7(START_MS)}.jsonl"
    write(path, Rollout().meta().data + rubbish + b"\n" + Rollout().turn().spend(5).data)
    for which in Pass:
        merged = read(path, which)
        assert merged.facts.session_id == uuid7(START_MS)
        if which is Pass.USAGE:
            assert [r.usage.context for r in merged.requests] == [5]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(
    ["id", "item", "info", "usage", "turn_id", "call_id", "arguments", "output", "changes", "name",
     "message", "content", "role", "rate_limits", "primary", "source", "git", "action", "input",
     "thread_settings", "status", "command", "exit_code", "invocation", "result", "error",
     "total_token_usage", "last_token_usage", "receiver_agents", "statuses", "agent_path",
     "tools", "effort", "user_instructions", "num_turns", "images", "text", "chars", "session_id"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["token_count", "task_started", "task_complete", "turn_aborted", "user_message",
     "item_completed", "exec_command_end", "patch_apply_end", "mcp_tool_call_end", "error",
     "collab_agent_spawn_end", "collab_waiting_end", "sub_agent_activity", "function_call",
     "function_call_output", "custom_tool_call", "local_shell_call", "web_search_call", "message",
     "thread_settings_applied", "thread_rolled_back", "additional_tools", "tool_search_output"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["event_msg", "response_item", "session_meta", "turn_context", "token_usage_record",
     "compacted", "inter_agent_communication_metadata", "world_state"]
)  # fmt: skip


@given(st.lists(st.tuples(TYPES, KINDS, st.dictionaries(NAMES, JSON, max_size=6)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_payload_is_taken(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str, dict[str, object]]]
) -> None:
    log = Rollout().meta().turn()
    for kind, inner, payload in records:
        log.add(kind, payload | {"type": inner})
    path = tmp_path_factory.mktemp("any") / f"rollout-x-{log.thread}.jsonl"
    write(path, log.data)
    for which in Pass:
        assert read(path, which).facts.session_id == log.thread
