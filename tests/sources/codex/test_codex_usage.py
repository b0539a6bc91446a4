"""The usage pass on invented logs: totals, records, forks, old generations, damage."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from codex_logs import (
    NOW_MS,
    START_MS,
    Rollout,
    log_file,
    read,
    read_home,
    requests_of,
    stamp,
    uuid7,
)

from tokenwatch.model import AgentKind, Usage
from tokenwatch.sources.codex import SOURCE
from tokenwatch.sources.source import Pass

PARENT = uuid7(START_MS, 1)
CHILD_MS = START_MS + 100_000
CHILD = uuid7(CHILD_MS, 2)
STAMPED = b'{"timestamp":"2026-05-28T20:26:40.000Z",'


def test_a_repeated_total_is_no_request(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend()
    log.count(log.total, [100, 40, 0, 10, 0, 110])
    log.spend(200, 50, 20)
    merged = read(log.write(tmp_path))
    assert [r.usage for r in merged.requests] == [
        Usage(input=60, cache_read=40, output=10),
        Usage(input=150, cache_read=50, output=20),
    ]


def test_usage_is_split_into_disjoint_kinds(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(100, 40, 10, written=50, reasoning=7)
    (request,) = read(log.write(tmp_path)).requests
    assert request.usage == Usage(
        input=10, cache_read=40, cache_write_5m=50, output=10, reasoning=7
    )
    assert request.usage.total == 110


def test_parts_larger_than_the_whole_are_cut(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(100, 90, 10, written=50, reasoning=70)
    (request,) = read(log.write(tmp_path)).requests
    assert request.usage == Usage(
        input=0, cache_read=90, cache_write_5m=10, output=10, reasoning=10
    )


def test_a_total_that_starts_again_counts_the_last_answer(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(500).spend(500)
    log.total = [0] * 6
    merged = read(log.spend(300).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [500, 500, 300]


def test_a_log_joined_midway_does_not_bill_the_past(tmp_path: Path) -> None:
    log = Rollout().meta().turn()
    log.total = [9000, 0, 0, 900, 0, 9900]
    merged = read(log.spend(100, 40, 10).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [100]


def test_an_overflowing_context_is_no_request(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(1000)
    log.count([0, 0, 0, 0, 0, 258_400], [0, 0, 0, 0, 0, 257_390])
    log.total = [0, 0, 0, 0, 0, 258_400]
    merged = read(log.spend(200, 0, 5).write(tmp_path))
    assert [r.usage.total for r in merged.requests] == [1010, 205]


def test_an_estimate_after_compaction_is_context_but_no_request(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(1000)
    log.add("compacted", {"message": "", "replacement_history": [{"type": "message"}]})
    log.count(log.total, [0, 0, 0, 0, 0, 600])
    path = log.write(tmp_path)
    merged = read(path)
    assert len(merged.requests) == 1
    assert merged.facts.context_estimate == 600
    path.write_bytes(log.spend(700, 0, 1).data)
    merged = read(path, before=merged)
    assert merged.facts.context_estimate == 700


def test_only_last_usage(tmp_path: Path) -> None:
    log = Rollout().meta().turn()
    row = {"input_tokens": 100, "output_tokens": 10}
    for _ in range(2):
        log.event("token_count", info={"last_token_usage": row})
    log.add("response_item", {"type": "message", "role": "assistant", "content": []})
    log.event("token_count", info={"last_token_usage": row})
    assert [r.usage.total for r in read(log.write(tmp_path)).requests] == [110, 110]


def test_a_record_claims_the_total_that_follows_it(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(300, 0, 30)
    log.record("resp_1", 100, 40, 10).spend(100, 40, 10)
    log.record("resp_remote", 777, 0, 7)
    log.record("resp_2", 200, 0, 20).spend(200, 0, 20)
    merged = read(log.write(tmp_path))
    assert [r.id for r in merged.requests] == [
        f"{log.thread}#1", "resp_1", "resp_remote", "resp_2",
    ]  # fmt: skip
    assert merged.total.context == 300 + 100 + 777 + 200


def test_one_total_may_stand_for_several_records(tmp_path: Path) -> None:
    log = Rollout().meta().turn().record("a", 100, 0, 1).record("b", 200, 0, 2)
    log.total = [100, 0, 0, 1, 0, 101]
    merged = read(log.spend(200, 0, 2).write(tmp_path))
    assert [r.id for r in merged.requests] == ["a", "b"]


def test_a_lost_record_leaves_its_growth(tmp_path: Path) -> None:
    log = Rollout().meta().turn().record("a", 100, 0, 1).spend(100, 0, 1)
    log.raw(b'{"timestamp":"2026-')
    log.record("c", 200, 0, 2)
    log.total = [150, 0, 0, 6, 0, 156]
    merged = read(log.spend(200, 0, 2).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [100, 200, 50]
    assert merged.skipped == {"malformed": 1}


def test_records_of_other_threads_don_t_count(tmp_path: Path) -> None:
    log = Rollout().meta().turn().record("mine").record("theirs", thread_id="other")
    merged = read(log.write(tmp_path))
    assert [r.id for r in merged.requests] == ["mine"]


def test_model_by_turn_and_sticky_tier(tmp_path: Path) -> None:
    log = Rollout().meta().turn("t1", "gpt-5.4")
    log.event("thread_settings_applied", thread_settings={"service_tier": "fast"})
    log.event("thread_settings_applied", thread_settings={"model": "gpt-5.5"})
    log.spend().record("late", turn_id="t1")
    log.turn("t2", "gpt-5.5").spend(50)
    log.event("thread_settings_applied", thread_settings={"service_tier": "default"})
    log.spend(60).record("own-tier", 1, 0, 1, turn_id="t2", service_tier="flex")
    merged = read(log.write(tmp_path))
    assert [(r.model, r.service_tier, r.turn_id) for r in merged.requests] == [
        ("gpt-5.4", "priority", "t1"),
        ("gpt-5.4", "priority", "t1"),
        ("gpt-5.5", "priority", "t2"),
        ("gpt-5.5", None, "t2"),
        ("gpt-5.5", "flex", "t2"),
    ]


def test_models_that_the_log_hides_are_estimates(tmp_path: Path) -> None:
    log = Rollout().meta().spend()
    log.turn("t", "codex-auto-review").spend(5)
    unknown, hidden = read(log.write(tmp_path)).requests
    assert unknown.model is None and unknown.estimated
    assert hidden.model == "codex-auto-review" and hidden.estimated
    assert "codex-auto-review" in hidden.estimated


def test_imported_turns_are_not_spend(tmp_path: Path) -> None:
    log = Rollout().meta().turn("external-import-turn-1").spend(1000)
    log.turn("t2").spend(5)
    assert [r.usage.context for r in read(log.write(tmp_path)).requests] == [5]


def parent() -> Rollout:
    return Rollout(PARENT).meta().turn(uuid7(START_MS + 1000, 3)).spend(1000, 0, 1).spend(500, 0, 5)


def forked(step_ms: int = 0, **meta: Any) -> Rollout:
    """A copy of the parent's records, written at a stroke or with their old times."""
    log = Rollout(CHILD, CHILD_MS).meta(forked_from_id=PARENT, **meta)
    at_ms = log.at_ms
    log.at_ms = START_MS if step_ms else at_ms - 999
    log.add("session_meta", {"id": PARENT, "timestamp": stamp(START_MS)}, step_ms=step_ms)
    log.event("task_started", turn_id=uuid7(START_MS + 1000, 3), step_ms=step_ms)
    log.total = [1000, 0, 0, 1, 0, 1001]
    log.count(log.total, log.total, step_ms=step_ms)
    log.spend(500, 0, 5, step_ms=step_ms)
    log.at_ms = at_ms
    return log


@pytest.mark.parametrize("step_ms", [0, 1000], ids=["stamped anew", "old times"])
def test_a_fork_s_copies_are_the_parent_s(tmp_path: Path, step_ms: int) -> None:
    parent().write(tmp_path)
    forked(step_ms).turn(uuid7(CHILD_MS + 1000, 9)).spend(70, 0, 7).write(tmp_path)
    requests = requests_of(tmp_path).values()
    assert sorted(r.usage.context for r in requests) == [70, 500, 1000]
    assert [r.session_id for r in requests if r.usage.context == 70] == [CHILD]


def test_a_fork_whose_counters_start_again(tmp_path: Path) -> None:
    log = forked().turn(uuid7(CHILD_MS + 1000, 9))
    log.total = [0] * 6
    assert [r.usage.context for r in read(log.spend(70, 0, 1).write(tmp_path)).requests] == [70]


def test_an_empty_fork_spent_nothing(tmp_path: Path) -> None:
    merged = read(forked().write(tmp_path))
    assert merged.requests == []
    assert merged.facts.fork_of == PARENT


def test_a_foreign_header_alone_tells_of_copies(tmp_path: Path) -> None:
    spawn = {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}
    log = forked(source={"subagent": spawn})
    log.lines[0] = log.lines[0].replace(b'"forked_from_id"', b'"x"')
    merged = read(log.turn(uuid7(CHILD_MS + 1, 9)).spend(70, 0, 7).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [70]
    assert merged.facts.kind is AgentKind.SUBAGENT
    assert merged.facts.session_id == PARENT


def test_turn_ids_of_no_version_use_their_start(tmp_path: Path) -> None:
    log = Rollout("child", CHILD_MS).meta(forked_from_id="parent").meta("parent", START_MS)
    log.event("task_started", turn_id="P1", started_at=START_MS // 1000)
    log.spend(1000)
    log.event("task_started", turn_id="C1", started_at=CHILD_MS // 1000)
    name = "rollout-2026-05-28T20-26-40-child.jsonl"
    merged = read(log.spend(70, 0, 7).write(tmp_path, name))
    assert [r.usage.context for r in merged.requests] == [70]


def test_a_message_that_triggers_a_turn_is_the_child_s(tmp_path: Path) -> None:
    log = Rollout(CHILD, CHILD_MS).meta(forked_from_id=PARENT).meta(PARENT, START_MS)
    log.event("task_started", turn_id="P1").spend(1000)
    log.add("inter_agent_communication_metadata", {"trigger_turn": False}).spend(10)
    log.event("task_started", turn_id="C1")
    log.add("inter_agent_communication_metadata", {"trigger_turn": True})
    merged = read(log.spend(70, 0, 7).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [70]


def test_logs_without_turns_are_cut_at_the_first_pause(tmp_path: Path) -> None:
    log = Rollout(CHILD, CHILD_MS).meta(forked_from_id=PARENT)
    log.at_ms = CHILD_MS + 5
    log.add("session_meta", {"id": PARENT}, step_ms=1)
    log.spend(1000, step_ms=1).spend(500, step_ms=1)
    log.at_ms += 5000
    log.event("user_message", message="go on").spend(70, 0, 7)
    assert [r.usage.context for r in read(log.write(tmp_path)).requests] == [70]


def test_ordinals_say_where_a_child_begins(tmp_path: Path) -> None:
    log = Rollout(CHILD, CHILD_MS)
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}
    header = {"id": CHILD, "session_id": PARENT, "source": spawn, "timestamp": stamp(CHILD_MS),
              "subagent_history_start_ordinal": 3}  # fmt: skip
    log.add("session_meta", header, ordinal=0)
    log.add("session_meta", {"id": PARENT}, ordinal=1)
    info = {"total_token_usage": {"input_tokens": 1000, "output_tokens": 1}}
    info["last_token_usage"] = info["total_token_usage"]
    log.add("event_msg", {"type": "token_count", "info": info}, ordinal="2")
    own = {"thread_id": CHILD, "response_id": "r", "usage": {"input_tokens": 70}}
    log.add("token_usage_record", own, ordinal=3)
    assert [r.id for r in read(log.write(tmp_path)).requests] == ["r"]


def test_a_reverted_thread_goes_on_in_another_file(tmp_path: Path) -> None:
    before = Rollout(PARENT).meta().turn().spend(100)
    before.write(tmp_path)
    after = Rollout(PARENT, START_MS + 60_000)
    after.meta(history_base={"thread_id": PARENT, "end_ordinal_exclusive": 3}).turn()
    after.total = list(before.total)
    name = f"rollout-2026-05-28T20-27-40-{PARENT}_{uuid7(START_MS + 60_000, 5)}.jsonl"
    after.spend(33, 0, 3).write(tmp_path, name)
    requests = requests_of(tmp_path)
    assert sorted(r.usage.context for r in requests.values()) == [33, 100]
    assert {r.session_id for r in requests.values()} == {PARENT}
    assert {r.agent_id for r in requests.values()} == {PARENT}


@pytest.mark.parametrize("packed", [False, True])
def test_an_archived_copy_counts_once(tmp_path: Path, packed: bool) -> None:
    from backports import zstd

    log = Rollout().meta().turn().spend(100).record("r", 5, 0, 1)
    path = log.write(tmp_path)
    copy = tmp_path / "archived_sessions" / (path.name + (".zst" if packed else ""))
    copy.parent.mkdir()
    copy.write_bytes(zstd.compress(log.data) if packed else log.data)
    first, second = read_home(tmp_path)
    assert [r.id for r in first.requests] == [r.id for r in second.requests]
    assert {first.facts.rank, second.facts.rank} == {0, 2 if packed else 1}
    assert len(requests_of(tmp_path)) == 2


def test_a_packed_log_reads_like_a_plain_one(tmp_path: Path) -> None:
    from backports import zstd

    log = Rollout().meta().turn().spend(100).spend(200)
    plain = log.write(tmp_path)
    expected = read(plain)
    packed = plain.with_name(plain.name + ".zst")
    packed.write_bytes(zstd.compress(log.data))
    assert len(SOURCE.find(tmp_path).files) == 1
    plain.unlink()
    merged = read(packed)
    assert merged.events == expected.events
    again = list(SOURCE.read(log_file(packed), merged.bookmark, Pass.USAGE, now_ms=NOW_MS))
    assert again == []


def test_the_flat_generation_has_no_tokens(tmp_path: Path) -> None:
    log = Rollout()
    head = {"id": log.thread, "timestamp": stamp(START_MS), "instructions": None,
            "git": {"branch": "topic"}}  # fmt: skip
    log.raw(json.dumps(head).encode())
    log.raw(b'{"record_type":"state"}')
    log.raw(b'{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}')
    merged = read(log.write(tmp_path))
    assert merged.requests == [] and merged.skipped == {}
    assert merged.facts.session_id == log.thread
    assert merged.facts.git_branch == "topic"
    assert merged.facts.first_ms == START_MS


def test_a_document_of_the_first_generation(tmp_path: Path) -> None:
    thread = uuid7(START_MS)
    path = tmp_path / "sessions" / f"rollout-2025-04-20-{thread}.json"
    path.parent.mkdir()
    items = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]}]
    session = {"timestamp": "2025-04-20T10:00:00.000Z", "id": thread, "instructions": ""}
    path.write_text(json.dumps({"session": session, "items": items}))
    (log,) = SOURCE.find(tmp_path).files
    assert log.kind == "sidecar"
    merged = read(path)
    assert merged.facts.session_id == thread and merged.requests == []
    assert read(path, before=merged).restarts == 0
    path.write_text(json.dumps({"session": session, "items": items * 2}))
    assert read(path, Pass.DETAIL, before=merged).restarts == 1
    path.write_text("[")
    assert read(path).skipped == {"malformed": 1}


def test_a_nested_agent_belongs_to_the_root(tmp_path: Path) -> None:
    root, mid, leaf = (uuid7(START_MS + n * 1000, n + 1) for n in range(3))

    def spawn(of: str) -> dict[str, object]:
        return {"subagent": {"thread_spawn": {"parent_thread_id": of, "agent_nickname": "Ada"}}}

    Rollout(root).meta().turn().spend(1).write(tmp_path)
    Rollout(mid, START_MS + 1000).meta(source=spawn(root)).turn().spend(2).write(tmp_path)
    path = Rollout(leaf, START_MS + 2000).meta(source=spawn(mid)).turn().spend(3).write(tmp_path)
    merged = read(path, root=tmp_path)
    assert merged.facts.session_id == root
    assert merged.facts.parent_agent_id == mid
    assert merged.facts.agent_name == "Ada"
    assert {r.session_id for r in requests_of(tmp_path).values()} == {root}


@pytest.mark.parametrize(
    ("source", "feature", "kind"),
    [
        ("cli", None, AgentKind.MAIN),
        ({"custom": "atlas"}, "user", AgentKind.MAIN),
        ({"subagent": {"other": "guardian"}}, None, AgentKind.AUXILIARY),
        ({"subagent": "compact"}, "subagent", AgentKind.AUXILIARY),
        ("cli", "guardian_review", AgentKind.AUXILIARY),
        ({"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}, None, AgentKind.SUBAGENT),
    ],
)
def test_kinds_of_threads(tmp_path: Path, source: object, feature: str, kind: AgentKind) -> None:
    session = CHILD if kind is AgentKind.MAIN else PARENT
    log = Rollout(CHILD, CHILD_MS).meta(source=source, thread_source=feature, session_id=session)
    facts = read(log.turn().spend().write(tmp_path)).facts
    assert facts.kind is kind
    assert facts.session_id == session


def test_later_headers_refresh_but_never_rename(tmp_path: Path) -> None:
    log = Rollout().meta(git={"branch": "one"}).turn().spend()
    log.meta(git={"branch": "two"}, cwd="/other", cli_version="0.160.0")
    log.meta("someone-else", git={"branch": "three"}).spend()
    merged = read(log.write(tmp_path))
    assert merged.facts.session_id == log.thread
    assert merged.facts.git_branch == "two"
    assert merged.facts.version == "0.160.0"
    assert merged.facts.cwd == merged.facts.project == "/w/p"
    assert len(merged.requests) == 2


def test_a_worktree_folds_into_its_repository(tmp_path: Path) -> None:
    tree = tmp_path / ".codex" / "worktrees" / "ab12" / "app"
    (tree / "sub").mkdir(parents=True)
    repository = tmp_path / "code" / "app"
    (tree / ".git").write_text(f"gitdir: {repository}/.git/worktrees/app\n")
    for cwd, project in ((tree, repository), (tree / "sub", repository / "sub")):
        facts = read(Rollout().meta(cwd=str(cwd)).write(tmp_path)).facts
        assert facts.project == str(project)
        assert facts.cwd == str(cwd)
    (tree / ".git").unlink()
    assert read(Rollout().meta(cwd=str(tree)).write(tmp_path)).facts.project == str(tree)


def test_the_name_a_user_gave(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend()
    path = log.write(tmp_path)
    index = tmp_path / "session_index.jsonl"
    names = [{"id": log.thread, "thread_name": name} for name in ("old", "new")]
    index.write_text("\n".join(json.dumps(n) for n in names) + "\n{torn")
    assert read(path, root=tmp_path).facts.client_title == "new"
    index.unlink()
    assert read(path, root=tmp_path).facts.client_title is None


def test_keys_in_another_order_and_blanks(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(100)
    lines = [dict(reversed(json.loads(line).items())) for line in log.lines]
    path = log.write(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n\r\n".join(json.dumps(x) for x in lines).encode())
    # Long ago: then a last line without an end is taken.
    os.utime(path, (START_MS / 1000, START_MS / 1000))
    merged = read(path)
    assert [r.usage.context for r in merged.requests] == [100]
    assert merged.skipped == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (STAMPED + b'"type":"event_msg","payl', "malformed"),
        (b"\0\0\0\0", "malformed"),
        (b'{"a":"\xff\xfe"}', "malformed"),
        (b"[1,2]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (STAMPED + b'"type":"brand_new","payload":{}}', "unknown_type"),
        (b'{"timestamp":"yesterday","type":"event_msg","payload":{"type":"x"}}', "bad_time"),
        (b'{"timestamp":"9999-01-01T00:00:00Z","type":"event_msg","payload":{}}', "bad_time"),
        (b'{"x":' * 5000, "malformed"),
    ],
)  # fmt: skip
def test_a_bad_line_is_counted_and_stops_nothing(tmp_path: Path, line: bytes, reason: str) -> None:
    log = Rollout().meta().turn().spend(100).raw(line).raw(b"").spend(200)
    merged = read(log.write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [100, 200]
    assert merged.skipped == {reason: 1}
    read(log.write(tmp_path), Pass.DETAIL)


@pytest.mark.parametrize("bad", [-1, "7", 1.5, True, 10**30, [1]])
def test_a_bad_number_loses_its_row_alone(tmp_path: Path, bad: object) -> None:
    log = Rollout().meta().turn().spend(100)
    info = {"total_token_usage": {"input_tokens": bad}, "last_token_usage": {"input_tokens": 5}}
    log.event("token_count", info=info)
    log.add("token_usage_record", {"response_id": "r", "usage": {"input_tokens": bad}})
    merged = read(log.spend(200).write(tmp_path))
    assert [r.usage.context for r in merged.requests] == [100, 200]
    assert merged.skipped == {"bad_number": 2}


def test_a_huge_line_is_only_skipped_over(tmp_path: Path) -> None:
    big = {"type": "message", "role": "assistant", "content": [{"text": "x" * 3_000_000}]}
    log = Rollout().meta().turn().add("response_item", big).spend(100)
    for which in Pass:
        assert read(log.write(tmp_path), which).skipped == {}


def test_a_damaged_header_falls_back_on_the_file_s_name(tmp_path: Path) -> None:
    log = Rollout().raw(b"{torn").turn().spend(100)
    merged = read(log.write(tmp_path))
    assert merged.facts.session_id == log.thread
    assert [r.session_id for r in merged.requests] == [log.thread]


def test_a_file_that_names_nobody_yields_nothing(tmp_path: Path) -> None:
    log = Rollout().turn().spend(100)
    merged = read(log.write(tmp_path, "rollout-notes.jsonl"))
    assert merged.requests == []
    assert merged.facts.session_id is None


def test_truncation_and_rewriting_start_again(tmp_path: Path) -> None:
    log = Rollout().meta().turn().spend(100).spend(200)
    path = log.write(tmp_path)
    whole = read(path)
    path.write_bytes(b"".join(line + b"\n" for line in log.lines[:4]))
    cut = read(path, before=whole)
    assert cut.restarts == 1
    assert [r.usage.context for r in cut.requests] == [100]
    other = Rollout(uuid7(START_MS, 77)).meta().turn().spend(7).spend(8).spend(9)
    path.write_bytes(other.data)
    swapped = read(path, before=cut)
    assert [r.usage.context for r in swapped.requests] == [7, 8, 9]
    path.write_bytes(b"")
    empty = read(path, before=swapped)
    assert empty.restarts == 3 and empty.events == []


def test_state_of_another_version_starts_again(tmp_path: Path) -> None:
    from msgspec.structs import replace

    log = Rollout().meta().turn().spend(100)
    path = log.write(tmp_path)
    merged = read(path)
    assert merged.bookmark is not None
    merged.bookmark = replace(merged.bookmark, state=b'{"follow":7}')
    again = read(path, before=merged)
    assert again.restarts == 1
    assert len(again.requests) == 1
