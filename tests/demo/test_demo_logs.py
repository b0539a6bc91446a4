"""The demo's files: the same every time, shaped like the clients' own, and summing to its truth."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from demo_files import MINUTE_MS, START_MS, Record, claude_logs, codex_logs, logs, records, time_ms

from tokenwatch.demo import Demo


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A demo half an hour after its start."""
    demo = Demo(tmp_path_factory.mktemp("show"), seed=7, start_ms=START_MS)
    demo.backfill()
    demo.advance(START_MS + 30 * MINUTE_MS)
    yield demo
    demo.close()


def test_one_jump_and_many_steps_give_the_same_files(tmp_path: Path) -> None:
    jump = Demo(tmp_path / "jump", seed=3, start_ms=START_MS)
    steps = Demo(tmp_path / "steps", seed=3, start_ms=START_MS)
    jump.advance(START_MS + 20 * MINUTE_MS)
    steps.backfill()
    for number in range(1, 1_201):
        steps.advance(START_MS + number * 1_000)
        steps.advance(START_MS + number * 1_000 - 333)
    assert jump.truth() == steps.truth()
    jump.close()
    steps.close()
    assert logs(tmp_path / "jump") == logs(tmp_path / "steps")


def test_another_seed_is_another_show(tmp_path: Path) -> None:
    truths = []
    for seed in (1, 2):
        demo = Demo(tmp_path / str(seed), seed=seed, start_ms=START_MS)
        demo.backfill()
        demo.close()
        truths.append(demo.truth())
    assert not truths[0].keys() & truths[1].keys()


def test_logs_only_grow(tmp_path: Path) -> None:
    demo = Demo(tmp_path, seed=4, start_ms=START_MS)
    demo.backfill()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")}
    demo.advance(START_MS + 5 * MINUTE_MS)
    demo.close()
    assert all(path.read_bytes().startswith(content) for path, content in before.items())
    assert sum(path.read_bytes() != content for path, content in before.items()) >= 5


def test_truth_is_what_the_files_sum_to(show: Demo) -> None:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(session: str, **counts: int) -> None:
        for name, count in counts.items():
            sums[session][name] += count
        sums[session]["requests"] += 1

    answers: dict[str, Record] = {}
    for log in claude_logs(show):
        answers |= {r["message"]["id"]: r for r in log if r["type"] == "assistant"}
    for answer in answers.values():
        usage = answer["message"]["usage"]
        hour = usage["cache_creation"]["ephemeral_1h_input_tokens"]
        add(
            answer["sessionId"],
            input=usage["input_tokens"],
            cache_read=usage["cache_read_input_tokens"],
            cache_write_5m=usage["cache_creation_input_tokens"] - hour,
            cache_write_1h=hour,
            output=usage["output_tokens"],
        )
    for log in codex_logs(show):
        for record in log:
            if record["type"] == "token_usage_record":
                usage = record["payload"]["usage"]
                read, write = usage["cached_input_tokens"], usage["cache_write_input_tokens"]
                add(
                    record["payload"]["session_id"],
                    input=usage["input_tokens"] - read - write,
                    cache_read=read,
                    cache_write_5m=write,
                    cache_write_1h=0,
                    output=usage["output_tokens"],
                )
    assert {session: dict(counts) for session, counts in sums.items()} == show.truth()


def test_no_record_is_from_the_future_and_files_are_as_old_as_their_last(show: Demo) -> None:
    for root in (show.claude_root, show.codex_root):
        for path in root.rglob("*.jsonl"):
            times = [time_ms(record) for record in records(path) if "timestamp" in record]
            assert max(times) <= START_MS + 30 * MINUTE_MS
            # The meter at the exit bears no time, and comes after a pause.
            late_ms = path.stat().st_mtime_ns // 1_000_000 - max(times)
            assert 0 <= late_ms <= (10 * MINUTE_MS if root == show.claude_root else 0)


def test_claude_records_chain_and_pair(show: Demo) -> None:
    for log in claude_logs(show):
        known: set[str] = set()
        calls: dict[str, str] = {}
        for record in log:
            if "uuid" not in record:
                continue
            parent = record["parentUuid"] or record.get("logicalParentUuid")
            assert parent in known or not known
            known.add(record["uuid"])
            content = record.get("message", {}).get("content")
            for block in content if isinstance(content, list) else ():
                if block["type"] == "tool_use":
                    calls[block["id"]] = record["uuid"]
                elif block["type"] == "tool_result":
                    source = calls.pop(block["tool_use_id"])
                    assert record["sourceToolAssistantUUID"] == source
        assert len(calls) <= 3


def test_claude_answers_are_one_block_a_record_with_one_usage(show: Demo) -> None:
    shapes: dict[str, set[str]] = defaultdict(set)
    blocks: dict[str, list[int]] = defaultdict(list)
    for log in claude_logs(show):
        for record in log:
            if record["type"] == "assistant":
                message = record["message"]
                assert len(message["content"]) == 1
                shapes[message["id"]].add(json.dumps([message["usage"], record["requestId"]]))
                blocks[message["id"]].append(record["apiBlockIndex"])
                assert message["stop_reason"] in ("tool_use", "end_turn")
    assert all(len(shape) == 1 for shape in shapes.values())
    assert all(indexes == list(range(len(indexes))) for indexes in blocks.values())
    assert max(map(len, blocks.values())) >= 3


def test_edits_patch_what_they_say(show: Demo) -> None:
    edits = [
        record["toolUseResult"]
        for log in claude_logs(show)
        for record in log
        if isinstance(record.get("toolUseResult"), dict) and "oldString" in record["toolUseResult"]
    ]
    assert edits
    for edit in edits:
        (hunk,) = edit["structuredPatch"]
        kept = [line for line in hunk["lines"] if line[0] == " "]
        gone = [line[1:] for line in hunk["lines"] if line[0] == "-"]
        new = [line[1:] for line in hunk["lines"] if line[0] == "+"]
        assert (hunk["oldLines"], hunk["newLines"]) == (
            len(kept) + len(gone),
            len(kept) + len(new),
        )
        assert edit["oldString"] == "\n".join(gone)
        assert edit["newString"] == "\n".join(new)


def test_subagents_stand_beside_their_session(show: Demo) -> None:
    paths = sorted(show.claude_root.rglob("agent-*.jsonl"))
    assert len(paths) >= 10
    finished = 0
    for path in paths:
        meta = json.loads(path.with_suffix(".meta.json").read_text(encoding="utf-8"))
        session = path.parent.parent
        parent = records(session.with_suffix(".jsonl"))
        log = records(path)
        assert {record["sessionId"] for record in log} == {session.name}
        assert {f"agent-{record['agentId']}" for record in log} == {path.stem}
        assert all(record["isSidechain"] for record in log)
        assert any(meta["toolUseId"] in json.dumps(record.get("message")) for record in parent)
        ends = [r["toolUseResult"] for r in parent if isinstance(r.get("toolUseResult"), dict)]
        ended = [end for end in ends if f"agent-{end.get('agentId')}" == path.stem]
        assert len(ended) == bool(meta.get("finished"))
        finished += len(ended)
    assert finished >= len(paths) - 6


def test_codex_ordinals_and_totals_run_on(show: Demo) -> None:
    kinds = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
    for log in codex_logs(show):
        assert [record["ordinal"] for record in log] == list(range(len(log)))
        meta = log[0]["payload"]
        assert log[0]["type"] == "session_meta"
        assert meta["history_mode"] == "paginated"
        total = dict.fromkeys(kinds, 0)
        for record in log:
            payload = record["payload"]
            if record["type"] == "token_usage_record":
                usage = payload["usage"]
                assert payload["thread_id"] == meta["id"]
                assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
                total = {kind: total[kind] + usage[kind] for kind in kinds}
                assert total == {kind: payload["thread_token_usage"][kind] for kind in kinds}
            elif payload.get("type") == "token_count":
                assert payload["info"]["last_token_usage"] == usage
                seen = payload["info"]["total_token_usage"]
                assert total == {kind: seen[kind] for kind in kinds}


def test_codex_subagents_have_threads_of_their_own(show: Demo) -> None:
    metas = [log[0]["payload"] for log in codex_logs(show)]
    threads = {meta["id"] for meta in metas}
    children = [meta for meta in metas if "parent_thread_id" in meta]
    assert children
    for child in children:
        spawn = child["source"]["subagent"]["thread_spawn"]
        assert spawn["parent_thread_id"] == child["parent_thread_id"] == child["session_id"]
        assert child["session_id"] in threads - {child["id"]}


def test_quota_windows_move_within_their_bounds(show: Demo) -> None:
    seen: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    for log in codex_logs(show):
        for record in log:
            if record["payload"].get("type") == "token_count":
                for name in ("primary", "secondary"):
                    window = record["payload"]["rate_limits"][name]
                    key = (window["window_minutes"], window["resets_at"])
                    seen[key].append((time_ms(record), window["used_percent"]))
    assert {minutes for minutes, _ in seen} == {300, 10_080}
    for (minutes, resets_at), points in seen.items():
        # A count may stand behind its tool's run: the plan is asked when the answer comes.
        slack_ms = MINUTE_MS
        assert all(
            resets_at * 1000 - minutes * MINUTE_MS - slack_ms <= at <= resets_at * 1000 + slack_ms
            for at, _ in points
        )
        assert all(0 <= used <= 100 for _, used in points)
        assert max(points)[1] >= min(points)[1]
    assert max(used for points in seen.values() for _, used in points) > 5
