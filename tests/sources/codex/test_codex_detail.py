"""The detail pass on invented logs: prompts, turns, tools, edits, commits, agents, quotas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from codex_logs import START_MS, Merged, Rollout, of, read, stamp, uuid7

from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    CommitSeen,
    CompactionSeen,
    EditSeen,
    FailureSeen,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.sources.codex.outcomes import outcome
from tokenwatch.sources.codex.patches import of_text
from tokenwatch.sources.source import Pass

PATCH = """*** Begin Patch
*** Add File: new.py
+one
+two
*** Update File: old.py
*** Move to: moved.py
@@
-gone
+come
 kept
*** Delete File: dead.py
*** End Patch
"""


def details(log: Rollout, home: Path) -> Merged:
    return read(log.write(home), Pass.DETAIL, root=home)


def message(role: str, *texts: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text} for text in texts]
    return {"type": "message", "role": role, "content": content}


def call(name: str, arguments: object, call_id: str = "c1", **more: object) -> dict[str, Any]:
    return {"type": "function_call", "name": name, "call_id": call_id,
            "arguments": json.dumps(arguments), **more}  # fmt: skip


def output(text: object, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def item(log: Rollout, kind: str, item_id: str, **more: object) -> None:
    log.event("item_completed", turn_id="t", item={"type": kind, "id": item_id, **more})


def test_a_turn_has_its_prompt_and_others_join_it(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t1")
    log.add("response_item", message("user", "fix it"))
    log.event("user_message", message="fix it").spend()
    log.event("user_message", message="and this").spend()
    log.event("task_complete", turn_id="t1")
    log.turn("t2").event("user_message", message="next")
    log.event("turn_aborted", turn_id="t2", reason="interrupted")
    events = details(log, tmp_path).events
    first, joined, second = of(PromptSeen, events)
    assert (first.id, first.title, first.queued) == ("t1", "fix it", False)
    assert (joined.title, joined.queued) == ("and this", True)
    assert (second.id, second.queued, second.scripted) == ("t2", False, False)
    assert [(end.turn_id, end.how) for end in of(TurnEnded, events)] == [
        ("t1", "completed"), ("t2", "interrupted"),
    ]  # fmt: skip


def test_the_editor_s_wrapper_is_no_part_of_a_prompt(tmp_path: Path) -> None:
    words = (
        "# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for Codex:\ndo it\n"
    )
    log = Rollout().meta().turn("t").event("user_message", message=words)
    assert [p.title for p in of(PromptSeen, details(log, tmp_path).events)] == ["do it"]


def test_a_title_is_short(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").event("user_message", message="x" * 5000)
    assert [len(p.title) for p in of(PromptSeen, details(log, tmp_path).events)] == [200]


@pytest.mark.parametrize("source", ["exec", "mcp"])
def test_prompts_of_programs_are_scripted(tmp_path: Path, source: str) -> None:
    log = Rollout().meta(source=source).turn("t").event("user_message", message="go")
    merged = details(log, tmp_path)
    assert [p.scripted for p in of(PromptSeen, merged.events)] == [True]
    assert read(log.write(tmp_path)).facts.scripted is True


@pytest.mark.parametrize(
    "meta",
    [
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}},
        {"source": {"subagent": {"other": "guardian"}}, "session_id": "p"},
        {"thread_source": "guardian_review", "session_id": "p"},
    ],
)
def test_agents_are_not_prompted_by_people(tmp_path: Path, meta: dict[str, Any]) -> None:
    log = Rollout().meta(**meta).turn("t").event("user_message", message="count the files")
    item(log, "UserMessage", "u", content=[{"type": "text", "text": "more"}])
    merged = details(log, tmp_path)
    assert of(PromptSeen, merged.events) == []
    assert merged.facts.agent_task == "count the files"


def test_messages_are_prompts_where_nothing_else_is(tmp_path: Path) -> None:
    log = Rollout().meta()
    for text in (
        "<environment_context>\n</environment_context>",
        "# AGENTS.md instructions for /w\n<INSTRUCTIONS>x</INSTRUCTIONS>",
        "<user_instructions>x</user_instructions>",
    ):
        log.add("response_item", message("user", text))
    log.add("response_item", message("user", "<b>bold</b> please"))
    log.add("response_item", message("developer", "rules"))
    log.add("response_item", message("assistant", "done"))
    assert [p.title for p in of(PromptSeen, details(log, tmp_path).events)] == [
        "<b>bold</b> please"
    ]


def test_kinds_of_content_decide_what_was_typed(tmp_path: Path) -> None:
    told = {"content_item_kinds": ["user.text", "environments.environment_context"]}
    mixed = message("user", "<environment_context> is what?", "injected")
    log = Rollout().meta()
    log.add("response_item", mixed | {"internal_chat_message_metadata_passthrough": told})
    log.add("response_item", message("assistant", "this"))
    titles = [p.title for p in of(PromptSeen, details(log, tmp_path).events)]
    assert titles == ["<environment_context> is what?"]


def test_the_flat_generation(tmp_path: Path) -> None:
    log = Rollout()
    log.raw(json.dumps({"id": log.thread, "timestamp": stamp(START_MS), "git": None}).encode())
    log.raw(json.dumps(message("user", "<environment_context>")).encode())
    log.raw(json.dumps(message("user", "hello")).encode())
    log.raw(json.dumps(call("shell", {"command": ["ls", "-l"]})).encode())
    log.raw(json.dumps(output('{"output":"x","metadata":{"exit_code":2}}')).encode())
    log.raw(json.dumps(message("assistant", "hi")).encode())
    log.raw(json.dumps(message("user", "bye")).encode())
    events = details(log, tmp_path).events
    prompts = of(PromptSeen, events)
    assert [p.title for p in prompts] == ["hello", "bye"]
    assert {p.at_ms for p in prompts} == {START_MS}
    assert [t.id for t in of(TurnStarted, events)] == [p.id for p in prompts]
    assert [r.ok for r in of(ToolResultSeen, events)] == [False]


def test_a_document_of_the_first_generation(tmp_path: Path) -> None:
    path = tmp_path / "sessions" / f"rollout-2025-04-20-{uuid7(START_MS)}.json"
    path.parent.mkdir()
    session = {"timestamp": "2025-04-20T10:00:00.000Z", "id": "old"}
    items = [message("user", "make it"), message("assistant", "made")]
    path.write_text(json.dumps({"session": session, "items": items}))
    merged = read(path, Pass.DETAIL)
    assert [(p.title, p.session_id) for p in of(PromptSeen, merged.events)] == [("make it", "old")]


def test_a_turn_that_died_ends_when_the_next_begins(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t1").spend()
    last_ms = log.at_ms - 1000
    log.at_ms += 3_600_000
    events = details(log.turn("t2"), tmp_path).events
    (end,) = of(TurnEnded, events)
    assert (end.turn_id, end.how, end.at_ms) == ("t1", "interrupted", last_ms)


def test_a_failed_turn(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t1")
    log.event("task_complete", turn_id="t1", error={"codex_error_info": "usage_limit_exceeded"})
    log.turn("t2")
    info = {"response_stream_disconnected": {"http_status_code": 502}}
    log.event("task_complete", turn_id="t2", error={"codex_error_info": info})
    log.event("stream_error", message="again")
    events = details(log, tmp_path).events
    assert [end.how for end in of(TurnEnded, events)] == ["failed", "failed"]
    failures = of(FailureSeen, events)
    assert [(f.kind, f.status) for f in failures] == [
        ("error", "usage_limit_exceeded"), ("error", "502"), ("retry", None),
    ]  # fmt: skip


def test_a_late_end_of_an_older_turn_closes_only_that(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t1").turn("t2")
    log.event("turn_aborted", turn_id="t1", reason="replaced")
    log.event("task_complete", turn_id="t2")
    ends = of(TurnEnded, details(log, tmp_path).events)
    assert [(e.turn_id, e.how) for e in ends][-2:] == [("t1", "interrupted"), ("t2", "completed")]


@pytest.mark.parametrize(
    ("name", "arguments", "target"),
    [
        ("shell", {"command": ["bash", "-lc", "cd /x && FOO=1 /usr/bin/pytest -q"]}, "pytest"),
        ("shell_command", {"command": "git status"}, "git"),
        ("exec_command", {"cmd": "ls"}, "ls"),
        ("view_image", {"path": "/w/p/a.png"}, "/w/p/a.png"),
        ("mcp__docs__search", {"query": "secret words"}, None),
        ("update_plan", {"plan": []}, None),
    ],
)
def test_targets(tmp_path: Path, name: str, arguments: object, target: str | None) -> None:
    log = Rollout().meta().turn("t").add("response_item", call(name, arguments))
    (seen,) = of(ToolCallSeen, details(log, tmp_path).events)
    assert (seen.name, seen.target) == (name, target)
    assert seen.mcp_server == ("docs" if name.startswith("mcp") else None)


def test_equal_calls_have_equal_fingerprints(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    for number, arguments in enumerate([{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1}]):
        log.add("response_item", call("tool", arguments, f"c{number}"))
    one, two, three = of(ToolCallSeen, details(log, tmp_path).events)
    assert one.fingerprint == two.fingerprint != three.fingerprint


@pytest.mark.parametrize(
    ("out", "ok"),
    [
        ('{"output":"x","metadata":{"exit_code":0,"duration_seconds":0.1}}', True),
        ('{"output":"Exit code: 0","metadata":{"exit_code":1}}', False),
        ("Exit code: 0\nWall time: 1 seconds\nOutput:\nExit code: 1\n", True),
        ("Exit code: 127\nWall time: 1 seconds\nOutput:\n", False),
        ("Chunk ID: a\nWall time: 0.1 seconds\nProcess exited with code 3\nOutput:\n", False),
        ("Chunk ID: a\nWall time: 9 seconds\nProcess running with session ID 7\nOutput:\n", None),
        ("Plan updated", None),
        ("text\n" * 20 + "Exit code: 1\nOutput:\n", None),
        ("apply_patch verification failed: Failed to find expected lines", False),
        ("exec command rejected by user", False),
        ("Command blocked by PreToolUse hook: a loop.. Command: cat a", False),
        ("Tool call blocked by PreToolUse hook: too many", False),
        ({"content": "done", "success": True}, True),
        ({"content": "broken", "success": False}, False),
        ([{"type": "input_text", "text": "Script completed\nOutput:\n"}, {"text": "2"}], True),
        ('{"content":[{"type":"text","text":"no"}],"isError":true}', False),
        (None, None),
        (7, None),
    ],
)
def test_outcomes(out: object, ok: bool | None) -> None:
    assert outcome(out).ok is ok


def test_refused_and_stopped_calls_are_told_apart() -> None:
    assert outcome("exec command rejected by user").denied
    for what in ("Command", "Tool call"):
        assert outcome(f"{what} blocked by PreToolUse hook: aborted by user").denied
        assert not outcome(f"Note: {what} blocked by PreToolUse hook: a loop").denied
    assert outcome("aborted by user after 3.2s").interrupted
    assert not outcome("Exit code: 1\nOutput:\nrejected by user").denied


def test_lines_of_a_patch() -> None:
    changes = [(c.path, c.added, c.removed, c.created) for c in of_text(PATCH)]
    assert changes == [("new.py", 2, 0, True), ("moved.py", 1, 1, False), ("dead.py", 0, 0, False)]
    assert of_text("no patch") == []


@pytest.mark.parametrize("worked", [True, False])
@pytest.mark.parametrize("tool", ["custom", "function", "shell"])
def test_a_patch_edits_if_it_worked(tmp_path: Path, tool: str, worked: bool) -> None:
    log = Rollout().meta().turn("t")
    if tool == "custom":
        log.add("response_item", {"type": "custom_tool_call", "name": "apply_patch",
                                  "call_id": "c1", "input": PATCH})  # fmt: skip
    elif tool == "function":
        log.add("response_item", call("apply_patch", {"input": PATCH}))
    else:
        command = f"apply_patch <<'EOF'\n{PATCH}EOF\n"
        log.add("response_item", call("shell", {"command": ["bash", "-lc", command]}))
    log.add("response_item", output(f"Exit code: {int(not worked)}\nOutput:\nSuccess.\n"))
    edits = of(EditSeen, details(log, tmp_path).events)
    assert [e.path for e in edits] == (
        ["/w/p/new.py", "/w/p/moved.py", "/w/p/dead.py"] if worked else []
    )


def test_a_client_s_report_beats_the_patch_s_text(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("apply_patch", {"input": PATCH}))
    changes = {
        "/w/p/a.py": {
            "type": "update",
            "unified_diff": "--- a\n+++ b\n@@ -1 +1,2 @@\n-x\n+++y\n+z\n",
        },
        "/w/p/b.py": {"type": "delete", "content": "1\n2\n3\n"},
    }
    log.event("patch_apply_end", call_id="c1", success=True, changes=changes)
    log.add("response_item", output("Exit code: 0\nOutput:\nSuccess."))
    events = details(log, tmp_path).events
    edits = [(e.path, e.added, e.removed) for e in of(EditSeen, events)]
    assert edits == [("/w/p/a.py", 2, 1), ("/w/p/b.py", 0, 3)]
    assert len(of(ToolResultSeen, events)) == 1


def test_commands_inside_code_are_calls_of_their_own(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    log.add("response_item", {"type": "custom_tool_call", "name": "exec", "call_id": "js",
                              "input": "tools.exec_command({cmd: 'ls'})"})  # fmt: skip
    item(log, "CommandExecution", "exec-1", command=["/bin/bash", "-lc", "false"], exit_code=1,
         status="failed", aggregated_output="no", cwd="file:///w/p")  # fmt: skip
    item(log, "FileChange", "exec-2", status="completed",
         changes={"/w/p/n": {"type": "add", "content": "1\n"}})  # fmt: skip
    item(log, "McpToolCall", "m", server="docs", tool="find", arguments={}, status="completed")
    log.add("response_item", output([{"text": "Script completed\nOutput:\n"}], "js"))
    events = details(log, tmp_path).events
    assert [c.name for c in of(ToolCallSeen, events)] == [
        "exec", "exec_command", "apply_patch", "mcp__docs__find",
    ]  # fmt: skip
    assert [r.ok for r in of(ToolResultSeen, events)] == [False, True, True, True]
    assert [e.added for e in of(EditSeen, events)] == [1]


def test_a_process_that_outlives_its_call_changes_nothing(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("exec_command", {"cmd": "sleep 9"}))
    log.add("response_item", output("aborted by user after 2.1s"))
    item(log, "CommandExecution", "c1", command=["sleep", "9"], exit_code=-1, status="failed")
    log.add("response_item", call("exec_command", {"cmd": "make"}, "c2"))
    log.add("response_item", output("Process running with session ID 7\nOutput:\n", "c2"))
    item(log, "CommandExecution", "c2", command=["make"], exit_code=0, status="completed")
    results = of(ToolResultSeen, details(log, tmp_path).events)
    assert [(r.call_id[-2:], r.ok, r.interrupted) for r in results] == [
        ("c1", False, True), ("c2", None, False), ("c2", True, False),
    ]  # fmt: skip


def test_old_reports(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("shell", {"command": ["ls"]}))
    log.event("exec_command_end", call_id="c1", exit_code=2, aggregated_output="no such file")
    log.add("response_item", output("Exit code: 0\nOutput:\n"))
    invocation = {"server": "docs", "tool": "find", "arguments": {"q": 1}}
    log.event("mcp_tool_call_end", call_id="c2", invocation=invocation, result={"Err": "no"})
    events = details(log, tmp_path).events
    assert [(r.ok, r.output_bytes) for r in of(ToolResultSeen, events)] == [
        (False, 12),
        (False, None),
    ]
    assert [c.name for c in of(ToolCallSeen, events)] == ["shell", "mcp__docs__find"]


def test_commits_and_pull_requests(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    command = "git commit -m x && git push && gh pr create"
    log.add("response_item", call("exec_command", {"cmd": command, "workdir": "/w/q"}))
    printed = (
        "[main (root-commit) 1234567] x\n 1 file changed\nTo github.com:a/b\n"
        "   89abcde..1234567  main -> main\nhttps://github.com/a/b/pull/7\n"
    )
    log.add("response_item", output(f"Process exited with code 0\nOutput:\n{printed}"))
    log.add("response_item", call("exec_command", {"cmd": "cat log.txt"}, "c2"))
    log.add("response_item", output("Process exited with code 0\nOutput:\n[x 7654321] y\n", "c2"))
    commits = of(CommitSeen, details(log, tmp_path).events)
    assert [(c.kind, c.id, c.branch, c.cwd) for c in commits] == [
        ("commit", "1234567", "main", "/w/q"),
        ("push", "1234567", "main", "/w/q"),
        ("pull-request", "https://github.com/a/b/pull/7", None, "/w/q"),
    ]


def test_a_compaction_counts_once_and_repeats_nothing(tmp_path: Path) -> None:
    history = [message("user", "an old prompt"), call("shell", {"command": ["ls"]})]
    log = Rollout().meta().turn("t").event("user_message", message="new").spend(900, 0, 9)
    log.add("compacted", {"message": "m", "replacement_history": history, "window_id": "w2"})
    log.event("context_compacted")
    item(log, "ContextCompaction", "x")
    events = details(log, tmp_path).events
    (compaction,) = of(CompactionSeen, events)
    assert compaction.pre_tokens == 909
    assert len(of(PromptSeen, events)) == 1
    assert of(ToolCallSeen, events) == []


def test_agents_of_all_generations(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    for call_id in ("c1", "c2", "c3"):
        log.add("response_item", call("spawn_agent", {"message": f"do {call_id}"}, call_id))
    log.add("response_item", output('{"agent_id":"a1","nickname":"Ada"}', "c1"))
    log.event("collab_agent_spawn_end", call_id="c2", new_thread_id="a2", new_agent_nickname="Bo")
    activity = {"type": "sub_agent_activity", "agent_thread_id": "a3"}
    started = {"event_id": "c3", "agent_path": "/root/x", "kind": "started"}
    log.add("event_msg", activity | started)
    log.event("collab_waiting_end", statuses={"a1": {"completed": "ok"}, "a2": {"errored": "no"}})
    log.add("event_msg", activity | {"kind": "interrupted"})
    log.add("response_item", call("wait_agent", {"targets": ["a1"]}, "w"))
    log.add("response_item", output('{"status":{"a4":"shutdown","a5":"running"}}', "w"))
    events = details(log, tmp_path).events
    launched = of(AgentLaunched, events)
    calls = dict.fromkeys(a.tool_use_id for a in launched)
    told = [[a for a in launched if a.tool_use_id == call] for call in calls]
    # The task is told with the call, the agent with its output.
    assert [(a[-1].agent_id, a[-1].name, a[0].task) for a in told] == [
        ("a1", "Ada", "do c1"), ("a2", "Bo", "do c2"), ("a3", "x", "do c3"),
    ]  # fmt: skip
    ends = [(end.ref, end.status) for end in of(AgentEnded, events)]
    assert ends == [("a1", "completed"), ("a2", "failed"), ("a3", "interrupted"), ("a4", "stopped")]


def test_quotas(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    at_ms = log.at_ms
    window = {"used_percent": 12.5, "window_minutes": 299, "resets_in_seconds": 60}
    weekly = {"used_percent": 3, "window_minutes": 10079, "resets_at": at_ms // 1000 + 999}
    for _ in range(3):
        log.event("token_count", info=None, rate_limits={"primary": window, "secondary": weekly})
    limits = {"limit_id": "other", "primary": weekly, "secondary": None, "plan_type": "pro"}
    log.event("token_count", info=None, rate_limits=limits)
    log.event("token_count", info=None, rate_limits={"primary": {"used_percent": float("nan")}})
    log.event("token_count", info=None, rate_limits=None)
    quotas = of(QuotaSeen, details(log, tmp_path).events)
    assert [(q.limit_id, q.window_minutes, q.used_percent, q.plan) for q in quotas] == [
        ("codex", 300, 12.5, None), ("codex", 10080, 3.0, None), ("other", 10080, 3.0, "pro"),
    ]  # fmt: skip
    assert quotas[0].resets_ms == at_ms + 60_000
    assert quotas[1].resets_ms == (at_ms // 1000 + 999) * 1000


def test_lone_surrogates_stop_nothing(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    log.raw(log.lines[0].replace(b'"/w/p"', b'"\\ud800"'))
    log.add("response_item", call("shell", {"command": "ls \ud800"}))
    log.event("user_message", message="still here")
    assert [p.title for p in of(PromptSeen, details(log, tmp_path).events)] == ["still here"]
