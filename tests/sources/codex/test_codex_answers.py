"""Which request a call is said to be of, with lines in the orders of real versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from codex_logs import DATA, START_MS, Merged, Rollout, of, read, read_home, uuid7
from msgspec.structs import replace

from tokenwatch.events import ToolCallSeen
from tokenwatch.sources.source import Pass


def call(call_id: str, command: str = "ls") -> dict[str, Any]:
    given = json.dumps({"command": ["bash", "-lc", command]})
    return {"type": "function_call", "name": "shell", "call_id": call_id, "arguments": given}


def output(call_id: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": "Exit code: 0\nOutput:\n"}


def message(role: str, text: str = "words") -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def script(call_id: str) -> dict[str, Any]:
    return {"type": "custom_tool_call", "name": "exec", "call_id": call_id, "input": "text(1)"}


class Log(Rollout):
    """Records in the order of one version."""

    def items(self, *items: dict[str, Any]) -> Log:
        for one in items:
            self.add("response_item", one)
        return self

    def asked(self, words: str = "go") -> Log:
        """A prompt, in a log that does not mark turns."""
        self.items(message("user", words)).event("user_message", message=words)
        self.add("turn_context", {"model": "m", "cwd": "/w/p"})
        return self

    def again(self) -> Log:
        """The total once more, as limits are told with it."""
        self.count(self.total, [1, 0, 0, 1, 0, 2])
        return self

    def ran(self, item_id: str, **more: object) -> Log:
        item = {"type": "CommandExecution", "id": item_id, "command": ["ls"], "exit_code": 0}
        self.event("item_completed", item=item | more)
        return self

    def old(self, *call_ids: str) -> Log:
        """An answer as 0.42 to 0.64 write it: what it used, then each call with its output."""
        self.spend()
        for call_id in call_ids:
            self.items(call(call_id), output(call_id))
        if call_ids:
            self.add("turn_context", {"model": "m", "cwd": "/w/p"})
            self.again()
        return self

    def new(self, *call_ids: str) -> Log:
        """An answer as 0.77 to 0.121 write it: its calls, what it used, then the outputs."""
        self.items(*map(call, call_ids)).spend()
        if call_ids:
            self.items(*map(output, call_ids)).again()
        return self


def requests_of(log: Rollout, home: Path) -> dict[str, str | None]:
    """Return the request that each call names, `#n` for the n-th of the rollout."""
    found: dict[str, str | None] = {}
    for seen in of(ToolCallSeen, read(log.write(home), Pass.DETAIL, root=home).events):
        request = seen.request_id and seen.request_id.removeprefix(log.thread)
        assert found.setdefault(seen.id.rpartition("/")[2], request) == request
    return found


def test_an_old_version_states_what_was_used_ahead_of_the_calls(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.63.0").asked()
    log.event("token_count", info=None, rate_limits={})
    log.event("agent_reasoning", text="hm").old("a").old("b", "c")
    log.old().items(message("assistant"))
    log.asked().again().event("agent_reasoning", text="hm").event("turn_aborted", reason="x")
    log.asked().again().old("d")
    assert requests_of(log, tmp_path) == {"a": "#1", "b": "#2", "c": "#2", "d": "#4"}


def test_text_ahead_of_its_calls_changes_nothing(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.42.0").asked().event("agent_message", message="hello")
    log.spend().items({"type": "reasoning", "summary": []}, message("assistant"), call("a"))
    log.items(output("a")).again().spend().items(message("assistant"), call("b"), output("b"))
    assert requests_of(log, tmp_path) == {"a": "#1", "b": "#2"}


def test_a_snapshot_of_the_folder_is_no_part_of_an_answer(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.63.0").asked().items({"type": "ghost_snapshot"}).old("a")
    assert requests_of(log, tmp_path) == {"a": "#1"}


def test_what_is_typed_meanwhile_changes_nothing(tmp_path: Path) -> None:
    old = Log().meta(cli_version="0.63.0").asked().old("a").asked("and this").again().old("b")
    assert requests_of(old, tmp_path) == {"a": "#1", "b": "#2"}
    new = Log().meta(cli_version="0.77.0").asked().new("a").asked("and this").again().new("b")
    assert requests_of(new, tmp_path) == {"a": None, "b": None}


def test_calls_ahead_of_what_was_used_are_left_to_the_next_request(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.77.0").asked().new("a", "b").new("c")
    log.items(message("assistant")).spend().asked().again().new("d")
    assert set(requests_of(log, tmp_path).values()) == {None}
    marked = Log().meta(cli_version="0.121.0").turn("t").event("user_message", message="go")
    marked = marked.new("a").items({"type": "reasoning", "summary": []}).new("b")
    assert set(requests_of(marked, tmp_path).values()) == {None}


def test_a_call_is_left_alone_too_where_its_output_comes_first(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.145.0").turn("t").items(call("a"), output("a")).spend()
    log.items(call("b"), output("b")).spend()
    assert requests_of(log, tmp_path) == {"a": None, "b": None}


def test_an_old_log_that_a_newer_version_goes_on_with(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.63.0").asked().old("a").spend().items(message("assistant"))
    log.asked().again().new("b").new("c")
    log.turn("t").event("user_message", message="go").again().new("d")
    log.items(call("e")).record("r1", 5, 0, 1).items(output("e")).spend(5, 0, 1)
    assert requests_of(log, tmp_path) == {"a": "#1", **dict.fromkeys("bcde")}


def test_a_newer_version_goes_on_with_an_old_log_at_once(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.63.0").asked().old("a")
    log.turn("t").event("user_message", message="go").new("b")
    assert requests_of(log, tmp_path) == {"a": "#1", "b": None}


def test_an_answer_may_be_of_words_alone(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.77.0").asked().items(message("assistant")).spend()
    assert requests_of(log.new("a"), tmp_path) == {"a": None}


def test_a_prompt_may_be_a_message_alone(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.42.0").items(message("user")).old("a").old()
    log.items(message("assistant"), message("user")).again().old("b")
    assert requests_of(log, tmp_path) == {"a": "#1", "b": "#3"}


def test_a_compaction_is_no_answer(tmp_path: Path) -> None:
    """It is paid for, and nothing of it is logged as an item by some versions."""
    new = Log().meta(cli_version="0.77.0").asked().spend()
    new.add("compacted", {"message": "so far"})
    new.again().new("a").spend()
    new.add("compacted", {"message": "so far"})
    assert requests_of(new.new("b"), tmp_path) == {"a": None, "b": None}
    old = Log().meta(cli_version="0.42.0").asked().old("a").spend()
    old.add("compacted", {"message": "so far"})
    assert requests_of(old.again().old("b"), tmp_path) == {"a": "#1", "b": "#3"}


def test_an_answer_that_was_broken_off_does_not_turn_the_order(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.77.0").asked().new("a").items(call("b"))
    log.event("turn_aborted", reason="interrupted").asked().spend().items(call("c"))
    assert requests_of(log, tmp_path) == {"a": None, "b": None, "c": None}


def test_what_a_script_calls_is_of_the_answer_that_wrote_it(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.169.0").turn("t").items(script("s1"), script("s2"))
    log.record("r1").ran("x1").items(output("s1")).ran("x2").items(output("s2")).spend()
    log.items(message("assistant"), script("s3")).record("r2").ran("x3")
    log.items(output("s3")).spend()
    assert requests_of(log, tmp_path) == {
        "s1": None, "s2": None, "x1": "r1", "x2": "r1", "s3": None, "x3": "r2",
    }  # fmt: skip


def test_what_a_script_calls_before_its_answer_is_complete(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.169.0").turn("t").items(call("c")).record("r1")
    log.items(output("c")).spend().items(script("s")).ran("x").record("r2").items(output("s"))
    assert requests_of(log, tmp_path) == {"c": None, "s": None, "x": None}


def test_what_the_server_ran_is_of_the_answer_that_is_coming(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.169.0").turn("t").items(call("c")).record("r1")
    log.items(output("c")).spend()
    log.event("item_completed", item={"type": "WebSearch", "id": "w", "query": "q"})
    log.items({"type": "web_search_call", "id": "w", "status": "completed", "action": {}})
    log.record("r2").spend()
    assert requests_of(log, tmp_path) == {"c": None, "w": None}


def test_a_turn_of_another_program_has_no_number(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.144.0").turn("external-import-turn-1").spend()
    log.turn("t").items(script("s")).spend().ran("x")
    assert requests_of(log, tmp_path) == {"s": None, "x": "#1"}
    assert [r.id for r in read(log.write(tmp_path)).requests] == [f"{log.thread}#1"]


def test_an_answer_with_a_record_is_not_counted_by_the_total_too(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.169.0").turn("t").items(script("s1")).record("r1").spend()
    log.ran("x1").items(script("s2")).spend(7, 0, 1).ran("x2")
    log.record("r2", thread_id="another").ran("x3")
    assert requests_of(log, tmp_path) == {
        "s1": None, "x1": "r1", "s2": None, "x2": "#1", "x3": "#1",
    }  # fmt: skip


def test_equal_answers_of_a_log_without_totals_are_told_apart(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.144.0").turn("t").event("user_message", message="go")
    info = {"last_token_usage": {"input_tokens": 5, "output_tokens": 1}}
    for _ in range(2):
        log.items({"type": "reasoning", "summary": []}).event("user_message", message="on")
        log.event("token_count", info=info).event("token_count", info=info)
    assert requests_of(log.ran("x"), tmp_path) == {"x": "#2"}
    assert len(read(log.write(tmp_path)).requests) == 2


def test_copies_of_a_parent_s_records_have_no_number(tmp_path: Path) -> None:
    child_ms = START_MS + 50_000
    log = Log(uuid7(child_ms, 2), child_ms)
    log.meta(forked_from_id=uuid7(START_MS, 1)).meta(uuid7(START_MS, 1), START_MS)
    log.event("task_started", turn_id="P", started_at=START_MS // 1000).spend(900).again()
    log.turn(uuid7(child_ms + 5000, 3)).again().items(script("s")).spend().ran("x")
    assert requests_of(log, tmp_path) == {"s": None, "x": "#1"}


def test_state_of_a_version_that_did_not_count_is_not_gone_on_from(tmp_path: Path) -> None:
    log = Log().meta(cli_version="0.63.0").asked().old("a")
    first = read(log.write(tmp_path), Pass.DETAIL, root=tmp_path)
    assert first.bookmark is not None
    kept = msgspec.json.decode(first.bookmark.state)
    del kept["answers"]
    older = replace(first.bookmark, state=msgspec.json.encode(kept))
    before = Merged(first.facts, [], {}, older, 0, 0)
    merged = read(log.old("b").write(tmp_path), Pass.DETAIL, root=tmp_path, before=before)
    assert merged.restarts == 1
    assert [seen.request_id for seen in of(ToolCallSeen, merged.events)] == [
        f"{log.thread}#1", f"{log.thread}#2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "case", sorted(DATA.glob("*/*")), ids=lambda p: f"{p.parent.name}-{p.name}"
)
def test_both_passes_name_requests_alike(case: Path) -> None:
    """And a call that the model made has the answer that the fake API gave it with."""
    for usage, details in zip(read_home(case), read_home(case, Pass.DETAIL), strict=True):
        requests = sorted(usage.requests, key=lambda r: r.line)
        known = {request.id: request for request in requests}
        for seen in of(ToolCallSeen, details.events):
            behind = next((r for r in requests if r.line > seen.line), None)
            request = known[seen.request_id] if seen.request_id else behind
            assert request is not None
            number = seen.id.rpartition("call_fake")[2]
            if number.isdigit():
                assert request.usage.output == 500 + 7 * int(number[:4])
            if seen.request_id:
                assert request.line < seen.line
