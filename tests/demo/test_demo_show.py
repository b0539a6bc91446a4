"""What the demo shows: every situation at its opening, a lively stage, live signs that come off."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from demo_files import MINUTE_MS, START_MS, Record, claude_logs, logs, records, time_ms

from tokenwatch.demo import Demo

Signs = dict[str, Record]


@pytest.fixture(params=[1, 2, 3])
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A demo as it opens."""
    demo = Demo(tmp_path, seed=request.param, start_ms=START_MS)
    demo.backfill()
    yield demo
    demo.close()


def registry(demo: Demo) -> Signs:
    """Return the registered processes by session."""
    paths = (demo.claude_root / "sessions").glob("*.json")
    entries = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {entry["sessionId"]: entry for entry in entries}


def held_locks(demo: Demo) -> set[str]:
    """Return the threads whose lock somebody holds."""
    held = set()
    for path in (demo.codex_root / "thread-writer-locks").glob("[!.]*.lock"):
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.add(path.stem)
    return held


def main_log(demo: Demo, session: str) -> list[Record]:
    (path,) = demo.claude_root.glob(f"projects/*/{session}.jsonl")
    return records(path)


def models(log: list[Record]) -> set[str]:
    return {record["message"]["model"] for record in log if record["type"] == "assistant"}


def starts(demo: Demo) -> list[datetime]:
    """Return when the sessions began, in UTC."""
    found = []
    for path in demo.claude_root.glob("projects/*/*.jsonl"):
        found.append(time_ms(next(r for r in records(path) if "timestamp" in r)))
    for path in demo.codex_root.rglob("*.jsonl"):
        first = records(path)[0]
        if "parent_thread_id" not in first["payload"]:
            found.append(time_ms(first))
    return [datetime.fromtimestamp(at / 1000, UTC) for at in found]


def test_history_reaches_back_five_weeks(demo: Demo) -> None:
    began = starts(demo)
    today = datetime.fromtimestamp(START_MS / 1000, UTC).date()
    days = Counter((today - start.date()).days for start in began)
    assert days.pop(0) == 8
    assert 35 <= max(days) <= 37
    weekend = {d for d in days if (today - timedelta(days=d)).weekday() >= 5}
    weekdays = {d for d in range(1, 36) if (today - timedelta(days=d)).weekday() < 5}
    assert weekdays <= days.keys()
    assert all(4 <= days[day] <= 7 for day in weekdays)
    assert all(days[day] <= 2 for day in weekend)
    hours = Counter(start.hour for start in began if start.date() != today)
    assert set(hours) <= {*range(8, 18), 21, 22}
    assert hours[21] + hours[22] >= 3
    assert len({entry["cwd"] for entry in registry(demo).values()}) >= 4


def test_no_log_is_about_to_be_deleted(demo: Demo) -> None:
    settings = json.loads((demo.claude_root / "settings.json").read_text(encoding="utf-8"))
    oldest = min(path.stat().st_mtime for path in demo.claude_root.rglob("*.jsonl"))
    assert START_MS / 1000 - oldest < (settings["cleanupPeriodDays"] - 30) * 86_400


def test_people_work_by_day_in_their_own_zone(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=-8))
    demo = Demo(tmp_path, seed=1, start_ms=START_MS, zone=zone)
    demo.backfill()
    demo.close()
    began = [start.astimezone(zone) for start in starts(demo)]
    today = datetime.fromtimestamp(START_MS / 1000, zone).date()
    assert {start.hour for start in began if start.date() < today} <= {*range(8, 18), 21, 22}


def test_answers_say_which_skill_and_server_they_were_made_for(demo: Demo) -> None:
    skills: set[str] = set()
    servers: set[str] = set()
    for log in claude_logs(demo):
        skill = ""
        for record in log:
            if record["type"] != "assistant":
                continue
            (block,) = record["message"]["content"]
            name = block.get("name", "")
            assert record.get("attributionSkill", "") == skill
            server = record.get("attributionMcpServer", "")
            assert name.startswith("mcp__") == bool(server)
            if server:
                assert name == f"mcp__{server}__{record['attributionMcpTool']}"
                servers.add(server)
            if name == "Skill":
                skill = block["input"]["skill"]
                skills.add(skill)
            elif record["message"]["stop_reason"] == "end_turn":
                skill = ""
    assert len(skills) >= 2
    assert servers == {"tracker"}


def test_opening_has_a_fan_out_in_progress(demo: Demo) -> None:
    demo.advance(START_MS + 2_000)
    running = [
        path
        for path in demo.claude_root.rglob("agent-*.meta.json")
        if "finished" not in json.loads(path.read_text(encoding="utf-8"))
    ]
    assert 2 <= len(running) <= 3
    (session,) = {path.parent.parent.name for path in running}
    assert registry(demo)[session]["status"] == "busy"
    assert models(main_log(demo, session)) == {"claude-opus-5-5"}
    kinds = {model for path in running for model in models(records(agent_log(path)))}
    assert kinds <= {"claude-haiku-4-5-20251001", "claude-sonnet-5-5"}


def agent_log(meta: Path) -> Path:
    return meta.with_name(meta.name.replace(".meta.json", ".jsonl"))


def test_opening_has_codex_working_beside_a_subagent(demo: Demo) -> None:
    demo.advance(START_MS + 2_000)
    held = held_locks(demo)
    metas = [records(path)[0]["payload"] for path in demo.codex_root.rglob("*.jsonl")]
    open_threads = [meta for meta in metas if meta["id"] in held]
    assert len(open_threads) == len(held) == 2
    assert len({meta["session_id"] for meta in open_threads}) == 1


def test_opening_has_one_waiting_one_looping_and_one_unpriced(demo: Demo) -> None:
    entries = registry(demo)
    assert len(entries) == 5
    waiting = [entry for entry in entries.values() if entry["status"] == "waiting"]
    assert [entry["waitingFor"] for entry in waiting] == ["permission prompt"]
    last = [r for r in main_log(demo, waiting[0]["sessionId"]) if "uuid" in r][-1]
    assert last["message"]["content"][0]["type"] == "tool_use"

    failures = {
        session: Counter(
            record["toolUseResult"]
            for record in main_log(demo, session)
            if isinstance(record.get("toolUseResult"), str)
        )
        for session in entries
    }
    looping = max(failures, key=lambda session: max(failures[session].values(), default=0))
    assert max(failures[looping].values()) >= 3
    prompts = [r for r in main_log(demo, looping) if r.get("origin") == {"kind": "human"}]
    assert time_ms(prompts[-1]) < START_MS < time_ms(prompts[-1]) + MINUTE_MS
    assert any(models(main_log(demo, session)) == {"orion-coder-1"} for session in entries)


def test_idle_cache_dies_and_the_context_is_written_again(demo: Demo) -> None:
    demo.advance(START_MS + 4 * MINUTE_MS)
    rewritten = 0
    for session in registry(demo):
        answers = [r for r in main_log(demo, session) if r["type"] == "assistant"]
        for before, after in zip(answers, answers[1:], strict=False):
            usage = after["message"]["usage"]
            lost = usage["cache_read_input_tokens"] == 0
            if lost and time_ms(after) > START_MS and time_ms(after) - time_ms(before) > 300_000:
                assert usage["cache_creation"]["ephemeral_5m_input_tokens"] > 40_000
                rewritten += 1
    assert rewritten


def test_live_signs_name_this_process_and_come_off(demo: Demo) -> None:
    for entry in registry(demo).values():
        assert entry["pid"] == os.getpid()
        if sys.platform == "linux":
            stat = Path("/proc/self/stat").read_text(encoding="utf-8")
            assert entry["procStart"] == stat.rpartition(")")[2].split()[19]
    assert held_locks(demo)
    demo.close()
    assert not registry(demo)
    assert not list(demo.codex_root.glob("thread-writer-locks/[!.]*.lock"))
    before = logs(demo.claude_root.parent)
    demo.advance(START_MS + MINUTE_MS)
    demo.close()
    assert logs(demo.claude_root.parent) == before
    assert not registry(demo)


def test_something_happens_every_few_seconds(demo: Demo) -> None:
    end_ms = START_MS + 15 * MINUTE_MS
    demo.advance(end_ms)
    times = {START_MS, end_ms}
    for path in demo.claude_root.parent.rglob("*.jsonl"):
        times |= {time_ms(record) for record in records(path) if "timestamp" in record}
    live = sorted(at for at in times if at >= START_MS)
    gaps = sorted(after - before for before, after in zip(live, live[1:], strict=False))
    assert gaps[len(gaps) // 2] <= 2_000
    assert sum(gaps) / len(gaps) <= 3_000
    assert gaps[-1] <= 30_000


def test_hours_stay_modest(tmp_path: Path) -> None:
    demo = Demo(tmp_path, seed=5, start_ms=START_MS)
    demo.backfill()
    seen = set(registry(demo))
    for number in range(1, 4 * 12 + 1):
        demo.advance(START_MS + number * 5 * MINUTE_MS)
        roots = {
            records(path)[0]["payload"]["session_id"]
            for path in demo.codex_root.rglob("*.jsonl")
            if path.stem[-36:] in held_locks(demo)
        }
        running = set(registry(demo)) | roots
        assert 1 <= len(running) <= 6
        seen |= running
    compacted = [
        record
        for log in claude_logs(demo)
        for record in log
        if record.get("subtype") == "compact_boundary"
    ]
    demo.close()
    assert len(seen) > 25
    assert compacted
    assert all(
        r["compactMetadata"]["postTokens"] < r["compactMetadata"]["preTokens"] for r in compacted
    )
    assert all(path.stat().st_size < 2_000_000 for path in tmp_path.rglob("*.jsonl"))
