"""What calls are for, what results were, which lines changed, what became different."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from claude_logs import (
    NOW_MS,
    OTHER,
    SESSION,
    agent_file,
    assistant,
    at,
    batches,
    encode,
    events,
    log_of,
    main_file,
    tool_result,
    tool_use,
    user,
)

from tokenwatch.events import (
    Bookmark,
    ChangeSeen,
    EditSeen,
    Event,
    PromptSeen,
    ToolCallSeen,
    ToolResultSeen,
)
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.lines import name_hash, packed
from tokenwatch.sources.source import Pass
from tokenwatch.sources.wording import wording

T = TypeVar("T")


def of(kind: type[T], found: Sequence[Event]) -> list[T]:
    return [event for event in found if isinstance(event, kind)]


def read(root: Path, *records: object) -> list[Event]:
    return events(main_file(root, records))


def changes(root: Path, *records: object) -> list[tuple[str, str | None, int]]:
    return [(e.kind, e.what, e.size) for e in of(ChangeSeen, read(root, *records))]


def attachment(number: int, kind: str, **more: object) -> dict[str, Any]:
    return user(number, "") | {"type": "attachment", "attachment": {"type": kind, **more}}


def calls(root: Path, name: str, **given: object) -> ToolCallSeen:
    content = [tool_use("toolu_01a", name, **given)]
    (seen,) = of(ToolCallSeen, read(root, user(1, "go"), assistant(2, content=content)))
    return seen


@pytest.mark.parametrize(
    ("name", "given", "purpose", "touches", "partial"),
    [
        ("Read", {"file_path": "/a/b.py"}, "read", ["b.py"], False),
        ("Read", {"file_path": "/a/b.py", "limit": 5}, "read", ["b.py"], True),
        ("Read", {}, "read", [], False),
        ("Grep", {"pattern": "x"}, "search", [], False),
        ("Write", {"file_path": "/a", "content": ""}, "edit", [], False),
        ("Bash", {"command": "cat /a/b.py | head"}, "read", ["b.py"], True),
        ("Bash", {"command": "pytest"}, "check", [], False),
        ("Bash", {"command": "sleep 5"}, "wait", [], False),
        ("Bash", {"command": "sleep 5", "run_in_background": True}, "", [], False),
        ("Bash", {"command": 7}, "", [], False),
        ("Bash", {"command": "git checkout -- b.py"}, "revert", ["b.py"], False),
        ("TaskOutput", {"task_id": "b1"}, "wait", [], False),
        ("KillShell", {"shell_id": "b1"}, "", [], False),
        ("Monitor", {"command": "x"}, "", [], False),
        ("Agent", {"prompt": "x"}, "launch", [], False),
        ("TodoWrite", {"todos": []}, "plan", [], False),
        ("AskUserQuestion", {}, "ask", [], False),
        ("WebFetch", {"url": "https://example.com"}, "web", [], False),
        ("mcp__demo__find", {}, "", [], False),
    ],
)
def test_what_a_call_is_for(
    tmp_path: Path,
    name: str,
    given: dict[str, object],
    purpose: str,
    touches: list[str],
    partial: bool,
) -> None:
    seen = calls(tmp_path, name, **given)
    assert (seen.purpose, seen.partial) == (purpose, partial)
    assert seen.touches == tuple(map(name_hash, touches))


def test_polls_of_one_task_are_alike(tmp_path: Path) -> None:
    one = calls(tmp_path, "BashOutput", bash_id="b1", filter="x")
    assert one.likeness == calls(tmp_path, "TaskOutput", task_id="b1", block=True).likeness
    assert one.likeness != calls(tmp_path, "BashOutput", bash_id="b2").likeness
    assert calls(tmp_path, "Read", file_path="/a").likeness is None


REMINDER = "\n\n<system-reminder>\n<total_tokens>{} tokens left</total_tokens>\n</system-reminder>"


def test_equal_outputs_look_equal_whatever_the_program_adds(tmp_path: Path) -> None:
    words = ["1 passed in 0.1s", "1 passed in 0.2s" + REMINDER.format(7), "2 passed in 0.1s", ""]
    results = [user(n, [tool_result(f"toolu_0{n}a", text)]) for n, text in enumerate(words)]
    one, other, third, none = of(ToolResultSeen, read(tmp_path, *results))
    assert one.output_fingerprint == other.output_fingerprint != third.output_fingerprint
    assert none.output_fingerprint is None
    assert other.output_bytes == len(words[1].encode())


def test_times_in_a_file_are_its_contents(tmp_path: Path) -> None:
    results = [
        user(n, [tool_result(f"toolu_0{n}a", text)], toolUseResult={"type": "text", "file": {}})
        for n, text in enumerate(["waits 1s", "waits 2s"])
    ]
    one, other = of(ToolResultSeen, read(tmp_path, *results))
    assert one.output_fingerprint != other.output_fingerprint


@pytest.mark.parametrize(
    ("content", "more", "fault"),
    [
        ("<tool_use_error>String to replace not found in file.", {"is_error": True}, "not-found"),
        ("<tool_use_error>File has not been read yet.", {"is_error": True}, "not-read"),
        ("Exit code 1\nno such file or directory: a", {"is_error": True}, ""),
        ("File has not been read yet.", {}, ""),
    ],
)
def test_how_a_tool_was_misused(
    tmp_path: Path, content: str, more: dict[str, object], fault: str
) -> None:
    (seen,) = of(
        ToolResultSeen, read(tmp_path, user(1, [tool_result("toolu_01a", content, **more)]))
    )
    assert seen.fault == fault


PATCH = [{"lines": [" line_1 = 1", "-line_2 = 2", "+line_2 = 3", "+line_4 = 4"]}]


def edit_of(
    name: str, given: dict[str, object], told: object, agent: str | None, root: Path
) -> Any:
    records = [
        user(1, "go"),
        assistant(2, content=[tool_use("toolu_01a", name, **given)]),
        user(3, [tool_result("toolu_01a")], toolUseResult=told),
    ]
    log = main_file(root, records) if agent is None else agent_file(root, agent, records)
    (seen,) = of(EditSeen, events(log))
    return seen


def test_lines_of_a_patch(tmp_path: Path) -> None:
    told = {"filePath": "/a", "structuredPatch": PATCH}
    seen = edit_of("Edit", {"file_path": "/a"}, told, None, tmp_path)
    assert seen.lines_added == packed(["line_2 = 3", "line_4 = 4"])
    assert seen.lines_removed == packed(["line_2 = 2"])
    assert seen.repeated == 0


def test_lines_of_a_created_file(tmp_path: Path) -> None:
    content = "alpha = 1\nbeta = 2\n"
    told = {"filePath": "/a", "type": "create", "structuredPatch": [], "content": content}
    seen = edit_of("Write", {"file_path": "/a", "content": content}, told, None, tmp_path)
    assert (seen.added, seen.created, seen.repeated) == (2, True, 0)
    assert seen.lines_added == packed(["alpha = 1", "beta = 2"])


@pytest.mark.parametrize("known", [True, False])
def test_a_file_written_as_a_whole_repeats_lines(tmp_path: Path, known: bool) -> None:
    content = "line_1 = 1\nline_2 = 3\nline_4 = 4\nline_5 = 5"
    told = {"filePath": "/a", "type": "update", "structuredPatch": PATCH, "content": content}
    given: dict[str, object] = {"file_path": "/a", "content": content} if known else {}
    seen = edit_of("Write" if known else "Other", given, told, None, tmp_path)
    assert (seen.added, seen.removed, seen.repeated) == (2, 1, 2)


def test_a_subagents_lines_are_those_it_asked_for(tmp_path: Path) -> None:
    given: dict[str, object] = {
        "file_path": "/a", "old_string": "same\nold line\nend_of",
        "new_string": "same\nnew line\nend_of",
    }  # fmt: skip
    seen = edit_of("Edit", given, None, "a1b2c3d", tmp_path)
    assert (seen.lines_added, seen.lines_removed) == (packed(["new line"]), packed(["old line"]))


def test_a_prompts_wording(tmp_path: Path) -> None:
    command = "<command-name>/review</command-name>\n<command-args>the parser</command-args>"
    picture = [{"type": "text", "text": "why?"}, {"type": "image", "source": {}}]
    found = read(
        tmp_path, user(1, picture), assistant(2), user(3, command), assistant(4),
        user(5, "fix it", entrypoint="sdk-cli"),
    )  # fmt: skip
    first, second, third = of(PromptSeen, found)
    assert first.wording == wording("why?", images=True)
    assert second.wording == wording("/review the parser", command=True)
    assert second.title == "/review"
    assert third.wording == wording("fix it", scripted=True)


def test_another_version_is_a_change_the_first_is_none(tmp_path: Path) -> None:
    records = [user(1, "go"), assistant(2), user(3, "on", version="2.1.331"), assistant(4)]
    assert changes(tmp_path, *records) == [
        ("version", "2.1.331", 0), ("version", "2.1.330", 0),
    ]  # fmt: skip
    copy = user(3, "on", version="2.1.331", forkedFrom={"sessionId": OTHER})
    assert changes(tmp_path, user(1, "go"), copy) == []


def test_another_effort_is_a_change_the_first_is_none(tmp_path: Path) -> None:
    efforts: list[dict[str, object]] = [
        {}, {"effort": "high"}, {"effort": "high", "perTurnEffort": None}, {}, {"effort": "low"},
        {"effort": "low", "perTurnEffort": "max"},
    ]  # fmt: skip
    records = [assistant(n, f"msg_{n}a", **more) for n, more in enumerate(efforts)]
    assert changes(tmp_path, *records) == [("effort", "low", 0), ("effort", "max", 0)]


def asked(number: int, after: str | None, **more: object) -> list[object]:
    return [
        user(number, f"prompt {number}", parentUuid=after, **more),
        assistant(number + 1, f"msg_{number}a", parentUuid=f"uuid-{number:04}"),
    ]


def test_a_prompt_that_follows_what_an_earlier_one_did_is_a_rewind(tmp_path: Path) -> None:
    records = [*asked(1, None), *asked(3, "uuid-0002"), *asked(5, "uuid-0004")]
    assert changes(tmp_path, *records, *asked(7, "uuid-0006")) == []
    again = asked(7, "uuid-0002")
    assert changes(tmp_path, *records, *again) == [("rewind", "uuid-0003", 2)]
    assert len(changes(tmp_path, *records, *again, *asked(9, "uuid-0008"))) == 1
    second = asked(9, "uuid-0002")
    assert changes(tmp_path, *records, *again, *second)[1:] == [("rewind", "uuid-0007", 1)]


def test_what_is_no_rewind(tmp_path: Path) -> None:
    unanswered = [*asked(1, None), user(3, "a", parentUuid="uuid-0002"), *asked(5, "uuid-0002")]
    assert changes(tmp_path, *unanswered) == []
    assert changes(tmp_path, *asked(1, None), *asked(3, None)) == []
    written_again = [*asked(1, None), *asked(3, "uuid-0002"), *asked(3, "uuid-0002")]
    assert changes(tmp_path, *written_again) == []
    first = asked(3, None, turnPosition={"promptIndex": 1})
    assert changes(tmp_path, *asked(1, None), *first) == [("rewind", "uuid-0001", 1)]


def test_a_session_begun_by_clear(tmp_path: Path) -> None:
    clear = user(1, "<command-name>/clear</command-name>\n<command-args></command-args>")
    assert changes(tmp_path, clear, user(2, "go"), clear) == [("clear", None, 0)]


def delta(number: int, added: Sequence[str] = (), removed: Sequence[str] = ()) -> dict[str, Any]:
    return attachment(
        number, "deferred_tools_delta", addedNames=list(added), addedLines=list(added),
        removedNames=list(removed),
    )  # fmt: skip


def test_tools_that_come_or_go_later_are_a_change(tmp_path: Path) -> None:
    start = delta(1, ["WebFetch", "WebSearch"])
    assert changes(tmp_path, start, delta(2, ["WebFetch", "WebSearch"])) == []
    assert changes(tmp_path, start, delta(2, ["Monitor"], ["WebFetch"])) == [
        ("tools", "+Monitor -WebFetch", 0)
    ]


def test_what_a_server_takes_in_the_context(tmp_path: Path) -> None:
    told = {"addedNames": ["demo"], "addedBlocks": ["## demo\nUse it."], "removedNames": []}
    records = [
        delta(1, ["mcp__demo__a", "mcp__demo__bc"]),
        attachment(2, "mcp_instructions_delta", **told),
        delta(3, ["mcp__demo__a", "mcp__demo__bc"]),
        delta(4, [], ["mcp__demo__a", "mcp__demo__bc"]),
        attachment(5, "mcp_instructions_delta", removedNames=["demo"]),
    ]
    found = changes(tmp_path, *records)
    assert [change for change in found if change[0] == "server"] == [
        ("server", "demo", 27), ("server", "demo", 42), ("server", "demo", 15),
        ("server", "demo", 0),
    ]  # fmt: skip


def shape(key: str, *tools: dict[str, object]) -> dict[str, object]:
    return {
        "type": "api-request-shape", "sessionId": SESSION, "shapeHash": key, "timestamp": at(1),
        "version": "2.1.330", "shape": {"system": [], "tools": list(tools)},
    }  # fmt: skip


def request(number: int, key: str, source: str = "repl_main_thread") -> dict[str, object]:
    return {
        "type": "api-request", "sessionId": SESSION, "id": f"request-{number}",
        "timestamp": at(number), "version": "2.1.330", "querySource": source, "shapeHash": key,
    }  # fmt: skip


def test_where_requests_are_logged_their_tools_decide(tmp_path: Path) -> None:
    bash: dict[str, object] = {"name": "Bash", "description": "Runs"}
    demo: dict[str, object] = {"name": "mcp__demo__a", "description": "A demo"}
    later: dict[str, object] = {"name": "WebSearch", "defer_loading": True}
    records = [
        delta(1, ["WebSearch"]), shape("a", bash), request(2, "a"), delta(3, ["Monitor"]),
        request(4, "a"), shape("b", bash, later), request(5, "b"), shape("c"),
        request(6, "c", "side_query"), request(7, "b"), shape("d", bash, demo), request(8, "d"),
        shape("e", bash | {"description": "Ran"}, demo), request(9, "e"), request(10, "unknown"),
    ]  # fmt: skip
    size = len(encode([demo])) - 1
    assert changes(tmp_path, *records) == [
        ("server", "demo", size), ("tools", "+mcp__demo__a", 0), ("tools", None, 0),
    ]  # fmt: skip
    assert changes(tmp_path, shape("a") | {"shape": {"tools": 7}}, request(2, "a")) == []


def test_skills_and_instruction_files_are_told_once(tmp_path: Path) -> None:
    listing = "- plug:tidy: Tidies up.\n- not a skill\n- review: Reviews\nmore"
    skills = attachment(1, "skill_listing", content=listing, names=["plug:tidy", "review"])
    rules = {"path": "/a/CLAUDE.md", "type": "Project", "content": "# Rules"}
    records = [
        skills,
        attachment(2, "instructions", files=[rules, {"path": "/b"}, 7]),
        attachment(3, "nested_memory", path="/a/b/CLAUDE.md", content=rules | {"path": "/a/b"}),
        skills | {"uuid": "uuid-0009"},
        attachment(4, "instructions", files=[rules | {"content": "# More rules"}]),
    ]
    assert changes(tmp_path, *records) == [
        ("skill", "plug:tidy", 38), ("skill", "review", 22), ("memory", "/a/CLAUDE.md", 7),
        ("memory", "/a/b", 7), ("memory", "/a/CLAUDE.md", 12),
    ]  # fmt: skip
    seen = of(ChangeSeen, read(tmp_path, *records))
    assert len({event.id for event in seen}) == len(seen)
    old = attachment(1, "skill_listing", content="- review: Reviews")
    assert changes(tmp_path, old) == [("skill", "review", 17)]
    assert events(agent_file(tmp_path, "a1b2c3d", [skills])) == []


def test_a_stated_cache_miss(tmp_path: Path) -> None:
    def answer(told: object) -> dict[str, Any]:
        record = assistant(1)
        record["message"]["diagnostics"] = told
        return record

    reason = {"type": "tools_changed", "cache_missed_input_tokens": 17}
    assert changes(tmp_path, answer({"cache_miss_reason": reason})) == [
        ("miss", "tools_changed", 17)
    ]
    assert changes(tmp_path, answer({"cache_miss_reason": "x"})) == [("miss", "x", 0)]
    assert changes(tmp_path, answer(None), answer({}), answer({"cache_miss_reason": 7})) == []


def everything() -> list[object]:
    content = "line_1 = 1\nline_2 = 3\nline_4 = 4"
    told = {"filePath": "/a", "type": "update", "structuredPatch": PATCH, "content": content}
    return [
        delta(1, ["mcp__demo__a"]),
        attachment(2, "skill_listing", content="- review: Reviews"),
        *asked(3, None), *asked(5, "uuid-0004"),
        user(7, "<command-name>/review</command-name>\n<command-args>it</command-args>"),
        assistant(8, "msg_8a", effort="low",
                  content=[tool_use("toolu_01a", "Write", file_path="/a", content=content)]),
        user(9, [tool_result("toolu_01a")], toolUseResult=told),
        shape("a", {"name": "Bash"}), request(10, "a"), shape("b"), request(11, "b"),
        assistant(12, "msg_12a", effort="high"), user(13, "x", version="2.1.331"),
        assistant(14, "msg_14a", version="2.1.331"),
        *asked(15, "uuid-0004", version="2.1.331"), delta(17, [], ["mcp__demo__a"]),
    ]  # fmt: skip


def test_any_chunks_tell_the_same(tmp_path: Path) -> None:
    records = everything()
    whole = read(tmp_path / "whole", *records)
    kinds = {event.kind for event in of(ChangeSeen, whole)}
    assert kinds == {"server", "skill", "rewind", "effort", "tools", "version"}
    path = Path(main_file(tmp_path / "parts", []).path)
    bookmark: Bookmark | None = None
    found: list[Event] = []
    for number in range(1, len(records) + 1):
        path.write_bytes(encode(records[:number]))
        for batch in SOURCE.read(log_of(path), bookmark, Pass.DETAIL, now_ms=NOW_MS):
            bookmark = batch.bookmark
            found += batch.events
    assert found == whole


def test_what_is_remembered_stays_small(tmp_path: Path) -> None:
    names = [f"mcp__server{n}__{'tool' * 30}" for n in range(2000)]
    tools: list[dict[str, object]] = [{"name": name} for name in names]
    records: list[object] = [delta(1, names)]
    for n in range(2, 200, 2):
        records += [shape(f"{n}", *tools[n:]), request(n, f"{n}"), *asked(n, f"uuid-{n - 1:04}")]
        listing = "\n".join(f"- skill{k}: {n}" for k in range(50))
        records.append(attachment(n, "skill_listing", content=listing))
    states = [len(b.bookmark.state) for b in batches(main_file(tmp_path, records), Pass.DETAIL)]
    assert max(states) < 80_000
