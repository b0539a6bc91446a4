"""What the detail pass tells for the search for waste: purposes, likenesses, lines, changes."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import pytest
from codex_logs import DATA, START_MS, Merged, Rollout, of, read, read_home, uuid7

from tokenwatch.events import ChangeSeen, EditSeen, PromptSeen, ToolCallSeen, ToolResultSeen
from tokenwatch.sources.codex.outcomes import outcome
from tokenwatch.sources.codex.patches import of_changes, of_text
from tokenwatch.sources.lines import name_hash, packed
from tokenwatch.sources.source import Pass

RULES = "Use tabs.\nRun the tests."
INJECTED = f"# AGENTS.md instructions for /w/p\n\n<INSTRUCTIONS>\n{RULES}\n</INSTRUCTIONS>"
SKILLS = (
    "<skills_instructions>\n## Skills\n### Skill roots\n- `r0` = `/h/.codex/skills/.system`\n"
    "- `r1` = `/h/.codex/skills`\n### Available skills\n"
    "- imagegen: Draw. (file: r0/imagegen/SKILL.md)\n"
    "- deploy: Ship it (carefully). (file: r1/deploy/SKILL.md)\n"
    "- team:lint: Lint. (file: /w/p/.codex/skills/lint/SKILL.md)\n"
    "### How to use skills\n- Discovery: as above.\n</skills_instructions>"
)


def details(log: Rollout, home: Path) -> Merged:
    return read(log.write(home), Pass.DETAIL, root=home)


def message(role: str, *texts: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text} for text in texts]
    return {"type": "message", "role": role, "content": content}


def call(name: str, arguments: object, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "function_call", "name": name, "call_id": call_id,
            "arguments": json.dumps(arguments)}  # fmt: skip


def script(code: str, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "custom_tool_call", "name": "exec", "call_id": call_id, "input": code}


def output(text: object, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def item(log: Rollout, kind: str, item_id: str, **more: object) -> None:
    log.event("item_completed", turn_id="t", item={"type": kind, "id": item_id, **more})


def calls_of(home: Path, *items: dict[str, Any], **meta: object) -> list[ToolCallSeen]:
    log = Rollout().meta(**meta).turn("t")
    for one in items:
        log.add("response_item", one)
    return of(ToolCallSeen, details(log, home).events)


def changes_of(log: Rollout, home: Path) -> list[tuple[str, str | None, int]]:
    found = of(ChangeSeen, details(log, home).events)
    assert len({change.id for change in found}) == len(found)
    assert {change.agent_id for change in found} <= {log.thread}
    return [(change.kind, change.what, change.size) for change in found]


@pytest.mark.parametrize(
    ("name", "arguments", "purpose"),
    [
        ("shell", {"command": ["bash", "-lc", "cd /w && pytest -q"]}, "check"),
        ("shell_command", {"command": "git commit -m x"}, "commit"),
        ("exec_command", {"cmd": "cat a.py"}, "read"),
        ("exec_command", {"cmd": "rg foo src"}, "search"),
        ("exec_command", {"cmd": "sleep 30"}, "wait"),
        ("exec_command", {"cmd": "apply_patch <<'E'\n*** Begin Patch\n*** Update File: a\n+b\n"},
         "edit"),
        ("apply_patch", {"input": "*** Begin Patch\n"}, "edit"),
        ("write_stdin", {"session_id": 7, "chars": ""}, "wait"),
        ("write_stdin", {"session_id": 7, "chars": "y\n"}, ""),
        ("update_plan", {"plan": []}, "plan"),
        ("spawn_agent", {"message": "do it"}, "launch"),
        ("wait_agent", {"targets": ["a"]}, "wait"),
        ("view_image", {"path": "/w/a.png"}, "read"),
        ("request_user_input", {"questions": []}, "ask"),
        ("mcp__docs__search", {"query": "x"}, ""),
        ("mcp__box__run", {"command": "pytest"}, ""),
        ("close_agent", {"target": "a"}, ""),
    ],
)  # fmt: skip
def test_purposes(tmp_path: Path, name: str, arguments: object, purpose: str) -> None:
    (seen,) = calls_of(tmp_path, call(name, arguments))
    assert seen.purpose == purpose


def test_a_web_search(tmp_path: Path) -> None:
    search = {"type": "web_search_call", "status": "completed", "action": {"query": "x"}}
    assert [seen.purpose for seen in calls_of(tmp_path, search)] == ["web"]


def test_what_a_command_reads(tmp_path: Path) -> None:
    whole, part, image = calls_of(
        tmp_path,
        call("exec_command", {"cmd": "cat src/a.py"}),
        call("exec_command", {"cmd": "sed -n '1,20p' src/a.py"}, "c2"),
        call("view_image", {"path": "/w/p/b.png"}, "c3"),
    )
    assert whole.touches == part.touches == (name_hash("a.py"),)
    assert (whole.partial, part.partial) == (False, True)
    assert image.touches == (name_hash("b.png"),)


def test_a_shell_around_a_command_changes_nothing(tmp_path: Path) -> None:
    plain, wrapped = calls_of(
        tmp_path,
        call("exec_command", {"cmd": "make test"}),
        call("shell", {"command": ["/bin/bash", "-lc", "make test"]}, "c2"),
    )
    assert plain.likeness == wrapped.likeness is not None
    assert plain.fingerprint != wrapped.fingerprint


def test_waits_are_alike_by_what_is_waited_for(tmp_path: Path) -> None:
    seen = calls_of(
        tmp_path,
        call("write_stdin", {"session_id": 7, "chars": "", "yield_time_ms": 1000}, "1"),
        call("write_stdin", {"session_id": 7, "yield_time_ms": 9000}, "2"),
        call("write_stdin", {"session_id": 8, "chars": ""}, "3"),
        call("wait_agent", {"targets": ["a", "b"], "timeout_ms": 1}, "4"),
        call("wait_agent", {"targets": ["b", "a"], "timeout_ms": 2}, "5"),
        call("wait", {"ids": ["a"]}, "6"),
        call("wait", {"cell_id": 3}, "7"),
    )
    kinds = [one.likeness for one in seen]
    assert kinds[0] == kinds[1] and kinds[3] == kinds[4]
    assert len({*kinds} - {None}) == 5


CODE = 'const r = await tools.exec_command({"cmd": "cat a.py"}); text(r.output);'


@pytest.mark.parametrize(
    ("code", "told_alone", "beside_reports"),
    [
        (CODE, "read", ""),
        ("await tools.exec_command({cmd: 'pytest \\'-q\\''})", "check", ""),
        ("await tools.exec_command({cmd: `cat a`}); tools.exec_command({cmd: `make test`})",
         "check", ""),
        ("text(await tools.apply_patch('*** Begin Patch'));", "edit", ""),
        ("await tools.update_plan({plan: []})", "plan", "plan"),
        ("await tools.collaboration__wait_agent({})", "wait", "wait"),
        ("await tools.mcp__docs__find({})", "", ""),
        ("text(1 + 1)", "", ""),
    ],
)  # fmt: skip
def test_scripts(tmp_path: Path, code: str, told_alone: str, beside_reports: str) -> None:
    (old,) = calls_of(tmp_path, script(code))
    assert old.purpose == told_alone
    (new,) = calls_of(tmp_path, script(code), history_mode="paginated")
    assert new.purpose == beside_reports


def test_a_skill_is_used_by_reading_its_instructions(tmp_path: Path) -> None:
    used, other = calls_of(
        tmp_path,
        call("exec_command", {"cmd": "sed -n 1,80p /h/.codex/skills/deploy/SKILL.md"}),
        call("exec_command", {"cmd": "ls skills"}, "c2"),
    )
    assert (used.skill, other.skill) == ("deploy", None)


def head(chunk: str, seconds: str, code: int = 0) -> str:
    return f"Chunk ID: {chunk}\nWall time: {seconds} seconds\nProcess exited with code {code}\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (head("a1", "0.1") + "Output:\nok\n", head("b2", "7.9") + "Output:\nok\n", True),
        (head("a1", "0.1") + "Output:\n2 failed in 0.31s\n",
         head("a1", "0.1") + "Output:\n2 failed in 0.29s\n", True),
        (head("a1", "0.1") + "Output:\n2 failed\n", head("a1", "0.1") + "Output:\n1 failed\n",
         False),
        ('{"output":"x","metadata":{"exit_code":0,"duration_seconds":0.1}}',
         '{"output":"x","metadata":{"exit_code":0,"duration_seconds":9.5}}', True),
        ("Output:\n" + "test a (3 ms)\n" * 200 + "2 failed", "Output:\n" + "test a (4 ms)\n" * 200
         + "2 failed", True),
        ("Output:\n" + "test a (3 ms)\n" * 200 + "2 failed", "Output:\n" + "test a (3 ms)\n" * 200
         + "1 failed", False),
        ("Output:\n" + "test a\n" * 300 + "x" * 300, "Output:\n" + "test b\n" * 300 + "x" * 300,
         False),
        ([{"text": "Script completed\nWall time 0.1 seconds\nOutput:\n"}, {"text": "é" * 2000}],
         [{"text": "Script completed\nWall time 0.2 seconds\nOutput:\n"}, {"text": "é" * 2000}],
         True),
    ],
)  # fmt: skip
def test_likenesses_of_outputs(one: object, other: object, same: bool) -> None:
    likenesses = [outcome(out).likeness for out in (one, other)]
    assert None not in likenesses
    assert (likenesses[0] == likenesses[1]) is same


def test_an_empty_output_is_like_nothing() -> None:
    assert outcome(head("a", "0.1") + "Output:\n").likeness is None
    assert outcome(None).likeness is None


def test_a_body_is_the_same_in_text_and_bytes() -> None:
    for whole in ("Exit code: 0\nOutput:\né\n", "é\nOutput:\nx", "no header", "Output:", "\n" * 20):
        out = outcome(whole)
        assert out.data.decode() == out.body
        assert out.size == len(whole.encode())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("apply_patch verification failed: Failed to find expected lines in /w/p/a.py:\nx = 1",
         "not-found"),
        (
            "apply_patch verification failed: Failed to read file to update /w/p/b.py: "
            "No such file or directory (os error 2)",
            "no-file",
        ),
        (head("a", "0.1", 1) + "Output:\ncat: b.py: No such file or directory\n", ""),
        (head("a", "0.1", 1) + "Output:\n1 failed\n", ""),
        (head("a", "0.1") + "Output:\nNo such file or directory\n", ""),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, text: str, fault: str) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("exec_command", {"cmd": "x"}))
    log.add("response_item", output(text))
    (result,) = of(ToolResultSeen, details(log, tmp_path).events)
    assert result.fault == fault


def test_the_size_of_an_output_is_what_the_model_got(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("exec_command", {"cmd": "x"}))
    item(log, "CommandExecution", "c1", command=["x"], exit_code=1, status="failed",
         aggregated_output="x" * 60_000)  # fmt: skip
    log.add("response_item", output(head("a", "0.1", 1) + "Output:\n" + "x" * 10_000))
    log.add("response_item", output(head("a", "0.1", 1) + "Output:\n" + "x" * 20_000))
    reported, got = of(ToolResultSeen, details(log, tmp_path).events)
    assert (reported.output_bytes, reported.ok) == (60_000, False)
    assert (got.output_bytes, got.ok) == (10_000 + len(head("a", "0.1", 1) + "Output:\n"), False)
    assert got.error_fingerprint is not None


def test_a_report_beside_the_same_output_is_told_once(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("exec_command", {"cmd": "x"}))
    item(log, "CommandExecution", "c1", command=["x"], exit_code=0, aggregated_output="y" * 5000)
    log.add("response_item", output(head("a", "0.1") + "Output:\n" + "y" * 5000))
    assert [r.output_bytes for r in of(ToolResultSeen, details(log, tmp_path).events)] == [5000]


def test_a_script_s_commands_have_no_output_for_the_model(tmp_path: Path) -> None:
    log = Rollout().meta(history_mode="paginated").turn("t").add("response_item", script(CODE))
    item(log, "CommandExecution", "exec-1", command=["/bin/bash", "-lc", "cat a.py"], exit_code=0,
         aggregated_output="x" * 60_000)  # fmt: skip
    log.add("response_item", output([{"text": "Script completed\nOutput:\n"}, {"text": "x"}]))
    events = details(log, tmp_path).events
    assert [c.purpose for c in of(ToolCallSeen, events)] == ["", "read"]
    assert [r.output_bytes for r in of(ToolResultSeen, events)] == [None, 26]
    assert all(r.output_fingerprint for r in of(ToolResultSeen, events))


def test_what_a_running_command_put_out_first_is_its_size(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("exec_command", {"cmd": "make"}))
    running = "Process running with session ID 7\nOutput:\nstarting\n"
    log.add("response_item", output(running))
    item(log, "CommandExecution", "c1", command=["make"], exit_code=0, aggregated_output="x" * 9000)
    results = of(ToolResultSeen, details(log, tmp_path).events)
    assert [(r.ok, r.output_bytes) for r in results] == [(None, len(running)), (True, len(running))]


PATCH = """*** Begin Patch
*** Update File: a.py
@@
-    return old_value
+    return new_value
+}
*** Delete File: b.py
*** Add File: b.py
+def b() -> None:
+    ...
*** End Patch
"""


def test_the_lines_of_an_edit(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", call("apply_patch", {"input": PATCH}))
    log.add("response_item", output("Exit code: 0\nOutput:\nSuccess."))
    a, b = of(EditSeen, details(log, tmp_path).events)
    assert (a.added, a.removed, a.created) == (2, 1, False)
    assert a.lines_added == packed(["return new_value"])
    assert a.lines_removed == packed(["return old_value"])
    # Deleted and added again: it was there before, but how it looked is in no log.
    assert (b.path, b.added, b.removed, b.created, b.repeated) == ("/w/p/b.py", 2, 0, False, 0)


def test_the_lines_of_a_report() -> None:
    changes = of_changes(
        {
            "n.py": {"type": "add", "content": "x = 12\ny\n"},
            "d.py": {"type": "delete", "content": "gone = 1\n"},
            "u.py": {"type": "update", "unified_diff": "@@ -1 +1 @@\n-old line\n+new line\n kept\n",
                     "move_path": "v.py"},
        }
    )  # fmt: skip
    assert [(c.path, c.added, c.removed, c.created) for c in changes] == [
        ("n.py", 2, 0, True), ("d.py", 0, 1, False), ("v.py", 1, 1, False),
    ]  # fmt: skip
    assert [(c.lines_added, c.lines_removed) for c in changes] == [
        (packed(["x = 12"]), b""),
        (b"", packed(["gone = 1"])),
        (packed(["new line"]), packed(["old line"])),
    ]


def test_lines_are_kept_for_few_patches_at_a_time(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t")
    lines = "".join(f"+line number {n}\n" for n in range(400))
    for n in range(60):
        patch = f"*** Begin Patch\n*** Add File: f{n}.py\n{lines}*** End Patch\n"
        log.add("response_item", call("apply_patch", {"input": patch}, f"c{n}"))
    merged = details(log, tmp_path)
    assert merged.bookmark is not None
    assert len(merged.bookmark.state) < 60_000
    assert b"line number" not in merged.bookmark.state
    log.add("response_item", output("Exit code: 0\nOutput:\nSuccess.", "c59"))
    log.add("response_item", output("Exit code: 0\nOutput:\nSuccess.", "c0"))
    late, early = of(EditSeen, details(log, tmp_path).events)
    assert len(array("I", late.lines_added)) == 400
    assert (early.added, early.lines_added) == (400, b"")


def test_of_text_takes_a_file_once() -> None:
    assert [(c.path, c.added) for c in of_text(PATCH)] == [("a.py", 2), ("b.py", 2)]


def context(log: Rollout, **more: object) -> Rollout:
    return log.add("turn_context", {"turn_id": "t", "model": "m", "cwd": "/w/p", **more})


def test_efforts(tmp_path: Path) -> None:
    log = Rollout().meta()
    for effort in ("low", "low", "high", None, "high"):
        context(log, **({} if effort is None else {"effort": effort}))
    expected = [("effort", "high", 0), ("effort", "default", 0), ("effort", "high", 0)]
    assert changes_of(log, tmp_path) == expected


def test_versions(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").meta().meta(cli_version="0.151.0").meta(cli_version="0.151.0")
    assert changes_of(log, tmp_path) == [("version", "0.151.0", 0)]


def test_rollbacks(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").event("thread_rolled_back", num_turns=2)
    log.event("thread_rolled_back", num_turns="many")
    assert changes_of(log, tmp_path) == [("rewind", None, 2), ("rewind", None, 0)]


def test_a_thread_that_was_reverted_begins_with_it(tmp_path: Path) -> None:
    rollout = uuid7(START_MS + 1000, 9)
    log = Rollout().meta(history_base={"thread_id": "old", "end_ordinal_exclusive": 4}).turn("t")
    path = log.write(tmp_path, f"rollout-2026-05-28T20-26-40-{log.thread}_{rollout}.jsonl")
    (change,) = of(ChangeSeen, read(path, Pass.DETAIL, root=tmp_path).events)
    assert (change.kind, change.size, change.id) == ("rewind", 0, f"{rollout}:1:rewind")
    fork = log.write(tmp_path, f"rollout-2026-05-28T20-26-40-{log.thread}.jsonl")
    assert of(ChangeSeen, read(fork, Pass.DETAIL, root=tmp_path).events) == []


def test_instruction_files(tmp_path: Path) -> None:
    log = Rollout().meta(instructions=RULES).turn("t")
    log.add("response_item", message("user", INJECTED))
    log.add(
        "response_item", message("user", f"<user_instructions>\n\n{RULES}\n</user_instructions>")
    )
    log.event("user_message", message=INJECTED)
    context(log, user_instructions=RULES)
    context(log, user_instructions=RULES + " And more.")
    assert changes_of(log, tmp_path) == [
        ("memory", "AGENTS.md", len(RULES)),
        ("memory", "AGENTS.md", len(RULES) + 10),
    ]


def test_skills_but_those_that_come_with_codex(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").add("response_item", message("developer", "rules", SKILLS))
    log.add("response_item", message("developer", SKILLS))
    found = changes_of(log, tmp_path)
    assert [(kind, what) for kind, what, _ in found] == [
        ("skill", "deploy"),
        ("skill", "team:lint"),
    ]
    assert found[0][2] == len("- deploy: Ship it (carefully). (file: r1/deploy/SKILL.md)")


def namespace(name: str, *tools: str) -> dict[str, Any]:
    return {"type": "namespace", "name": name, "description": "é",
            "tools": [{"type": "function", "name": tool} for tool in tools]}  # fmt: skip


def catalogue(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "additional_tools", "id": "at", "role": "developer", "tools": list(tools)}


def test_tools_and_servers(tmp_path: Path) -> None:
    docs = namespace("mcp__docs", "find", "open")
    log = Rollout().meta().turn("t")
    log.add("response_item", catalogue(namespace("functions", "exec"), docs))
    log.add("response_item", catalogue(namespace("functions", "exec"), docs))
    log.add("response_item", catalogue(namespace("mcp__mail__", "send")))
    found = {
        "type": "tool_search_output",
        "call_id": "s",
        "tools": [docs, namespace("mcp__cal", "x")],
    }
    log.add("response_item", found)
    size = len(json.dumps(docs, separators=(",", ":"), ensure_ascii=False))
    changes = changes_of(log, tmp_path)
    assert [change[:2] for change in changes] == [
        ("server", "docs"), ("tools", "mcp__mail__"), ("server", "mail"), ("server", "cal"),
    ]  # fmt: skip
    assert changes[0][2] == size


def test_copies_change_nothing(tmp_path: Path) -> None:
    log = Rollout(uuid7(START_MS + 50_000, 2), START_MS + 50_000)
    log.meta(forked_from_id=uuid7(START_MS, 1)).meta(uuid7(START_MS, 1), START_MS, cli_version="9")
    log.event("task_started", turn_id="P", started_at=START_MS // 1000)
    context(log, effort="low", user_instructions=RULES)
    log.add("response_item", message("user", INJECTED))
    log.event("thread_rolled_back", num_turns=1)
    context(log, effort="high")
    assert changes_of(log, tmp_path) == []
    log.turn(uuid7(log.at_ms, 3))
    context(log, effort="medium")
    assert changes_of(log, tmp_path) == [("effort", "medium", 0)]


def test_prompts_are_worded(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t").event("user_message", message="fix the parser in a.py")
    log.event("user_message", message="and this", local_images=["/w/a.png"])
    picture = [{"type": "text", "text": "look"}, {"type": "local_image", "path": "/w/a.png"}]
    item(log, "UserMessage", "u", content=picture)
    one, two, three = (p.wording for p in of(PromptSeen, details(log, tmp_path).events))
    assert one is not None and two is not None and three is not None
    assert (one.images, two.images, three.images) == (False, True, True)
    assert one.words == 5


def test_a_message_alone_is_worded_too(tmp_path: Path) -> None:
    asked = message("user", "what is this?")
    asked["content"].append({"type": "input_image", "image_url": "data:"})
    log = Rollout().meta().add("response_item", asked)
    log.add("response_item", message("assistant", "a cat"))
    (prompt,) = of(PromptSeen, details(log, tmp_path).events)
    assert prompt.wording is not None
    assert prompt.wording.images


def test_what_a_program_asks_is_automatic(tmp_path: Path) -> None:
    log = Rollout().meta(source="exec").turn("t").event("user_message", message="go")
    (prompt,) = of(PromptSeen, details(log, tmp_path).events)
    assert prompt.wording is not None
    assert prompt.wording.kind == "auto"


@pytest.mark.parametrize("version", ["0.121.0", "0.169.0"])
def test_genuine_tools(version: str) -> None:
    (merged,) = read_home(DATA / version / "tools", Pass.DETAIL)
    calls = of(ToolCallSeen, merged.events)
    # The newer client had no plan tool here.
    first = "plan" if version == "0.121.0" else ""
    assert [call.purpose for call in calls] == [first, "read", "edit", "commit", ""]
    assert calls[1].touches == (name_hash("hello.py"),)
    hello = next(e for e in of(EditSeen, merged.events) if e.path.endswith("hello.py"))
    assert hello.lines_added == packed(["# greet", "return 'hello, world'"])
    assert hello.lines_removed == packed(["return 'hello'"])
    results = of(ToolResultSeen, merged.events)
    assert all(result.fault == "" for result in results)
    assert of(ChangeSeen, merged.events) == []


def test_genuine_threads_change_little() -> None:
    """Built-in skills only, no servers or instruction files; a child's effort is its first."""
    for version in ("0.42.0", "0.121.0", "0.169.0"):
        for case in sorted((DATA / version).iterdir()):
            for merged in read_home(case, Pass.DETAIL):
                assert of(ChangeSeen, merged.events) == []
