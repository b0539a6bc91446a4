"""Logs that the real client wrote, against what the API is known to have answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from claude_logs import CASES, NOW_MS, Merged, fullness, log_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    Bookmark,
    ChangeSeen,
    CompactionSeen,
    FailureSeen,
    MeterSeen,
    PromptSeen,
    RequestSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.sources.claude_code import SOURCE, passes
from tokenwatch.sources.source import Pass

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
NAMES = [case.name for case in CASES]
LOGS = [path for case in CASES for path in sorted(case.rglob("*.jsonl"))]


def details(name: str, kind: type) -> list:  # type: ignore[type-arg]
    """All events of one kind in a case, file by file."""
    root = next(case for case in CASES if case.name == name)
    return [
        event
        for log in SOURCE.find(root).files
        for batch in SOURCE.read(log, None, Pass.DETAIL, now_ms=NOW_MS)
        for event in batch.events
        if isinstance(event, kind)
    ]


def usage_of(root: Path) -> dict[str, tuple[RequestSeen, RequestSeen]]:
    """Owner's and fullest view of each request over all files of a root."""
    found = SOURCE.find(root)
    assert found.troubles == ()
    claims: dict[str, list[tuple[tuple[object, ...], RequestSeen]]] = {}
    for log in found.files:
        merged = Merged()
        for batch in SOURCE.read(log, None, Pass.USAGE, now_ms=NOW_MS):
            assert batch.skipped == ()
            merged.add(batch)
        for seen in merged.requests.values():
            place = (merged.facts.rank, seen.is_copy, merged.facts.first_ms, log.path)
            claims.setdefault(seen.id, []).append((place, seen))
    return {
        key: (min(seen, key=lambda c: c[0])[1], max((s for _, s in seen), key=fullness))
        for key, seen in claims.items()
    }


def sums(rows: list[tuple[RequestSeen, RequestSeen]]) -> dict[str, int]:
    total = {kind: sum(getattr(best.usage, kind) for _, best in rows) for kind in KINDS}
    return total | {"requests": len(rows)}


@pytest.mark.parametrize("root", CASES, ids=NAMES)
def test_usage_is_what_was_answered(root: Path) -> None:
    expected = json.loads((root / "expected.json").read_text())
    rows = list(usage_of(root).values())
    assert sums(rows) == expected["totals"]
    models = {best.model for _, best in rows}
    assert {m: sums([r for r in rows if r[1].model == m]) for m in models} == expected["by_model"]
    sessions = {owner.session_id for owner, _ in rows}
    assert {s: sums([r for r in rows if r[0].session_id == s]) for s in sessions} == expected[
        "by_session"
    ]
    if expected["output_is_lower_bound"] is not None:
        assert any(best.lower_bound for _, best in rows) is expected["output_is_lower_bound"]


def test_a_cut_stream_makes_the_output_a_lower_bound() -> None:
    root = next(case for case in CASES if case.name == "2.1.330-errors")
    cut = [best.id for _, best in usage_of(root).values() if best.lower_bound]
    assert cut == ["msg_fake000006", "msg_fake000007"]


def test_a_meter_says_what_it_can_have_counted() -> None:
    root = next(case for case in CASES if case.name == "2.1.330-interactive")
    readings: dict[str, list[MeterSeen]] = {}
    for log in SOURCE.find(root).files:
        seen: dict[str, RequestSeen] = {}
        for batch in SOURCE.read(log, None, Pass.USAGE, now_ms=NOW_MS):
            seen |= {e.id: e for e in batch.events if isinstance(e, RequestSeen)}
            for meter in (e for e in batch.events if isinstance(e, MeterSeen)):
                readings.setdefault(meter.session_id, []).append(meter)
                assert all(
                    (e.at_ms <= meter.as_of_ms) == (e.line < meter.line) for e in seen.values()
                )
    last = max(readings["798a71c0-8891-4d23-a3de-7fb46a3e2770"], key=lambda meter: meter.line)
    assert last.reported_cost_usd == "0.100689"
    ((model, usage, searches),) = last.usage_by_model
    assert (model, searches) == ("claude-sonnet-4-5-20250929", 0)
    assert (usage.input, usage.output, usage.cache_write_5m) == (98, 2017, 7280)


def test_prompts_and_turns_of_an_interactive_session() -> None:
    prompts = details("2.1.330-interactive", PromptSeen)
    assert [prompt.title for prompt in prompts] == [
        "after the clear", "first prompt", "a long story please", "a long story please",
        "use a slow tool", "after the compaction",
    ]  # fmt: skip
    assert not any(prompt.scripted or prompt.queued or prompt.is_copy for prompt in prompts)
    started = details("2.1.330-interactive", TurnStarted)
    assert [turn.id for turn in started] == [prompt.id for prompt in prompts]
    how = {end.turn_id: end.how for end in details("2.1.330-interactive", TurnEnded)}
    assert [how[turn.id] for turn in started] == [
        "completed", "completed", "interrupted", "completed", "interrupted", "completed",
    ]  # fmt: skip
    (compaction,) = details("2.1.330-interactive", CompactionSeen)
    assert (compaction.trigger, compaction.pre_tokens, compaction.post_tokens) == (
        "manual", 21967, 3052,
    )  # fmt: skip


def test_changes_of_an_interactive_session() -> None:
    """Interrupted, asked again, compacted and cleared, but never taken back."""
    found = details("2.1.330-interactive", ChangeSeen)
    assert {change.kind for change in found} <= {"clear", "skill"}
    (clear,) = [change for change in found if change.kind == "clear"]
    assert clear.session_id == "60d3855c-cc81-48c7-8e59-027b17a976db"


def test_no_genuine_session_seems_rewound() -> None:
    for root in CASES:
        kinds = {change.kind for change in details(root.name, ChangeSeen)}
        assert kinds.isdisjoint({"rewind", "tools", "miss"})


def test_retries_are_failures_but_end_no_turn() -> None:
    failures = details("2.1.330-errors", FailureSeen)
    assert [(f.kind, f.status, f.attempt) for f in failures] == [
        ("retry", "529", 1), ("retry", "529", 2), ("retry", "500", 3), ("retry", "429", 4),
    ]  # fmt: skip
    assert {end.how for end in details("2.1.330-errors", TurnEnded)} == {"completed"}


def test_agents_among_their_parents_records() -> None:
    """Version 1.0: a chain belongs to the call whose prompt it begins with."""
    for name in ("1.0.128-nested", "1.0.128-background"):
        root = next(case for case in CASES if case.name == name)
        agents = {owner.agent_id for owner, _ in usage_of(root).values()}
        (session,) = {owner.session_id for owner, _ in usage_of(root).values()}
        assert agents == {session, "toolu_fake000100"}
        named = [e for e in details(name, AgentLaunched) if e.agent_id is not None]
        assert [(e.agent_id, e.parent_agent_id) for e in named] == [("toolu_fake000100", session)]
        ends = {e.ref: e.status for e in details(name, AgentEnded)}
        assert ends["toolu_fake000100"] == "completed"


def test_a_workflow_journal_ends_its_agents() -> None:
    ends = details("2.1.330-workflow", AgentEnded)
    assert {(e.ref, e.status) for e in ends} == {
        ("a2404aecb2cbaff73", "completed"), ("a715904a839ca1275", "completed"),
    }  # fmt: skip
    assert {e.session_id for e in ends} == {"011e0c02-247a-4380-bc77-1c11de6b080d"}


def test_agents_of_a_session_have_their_sidecars() -> None:
    root = next(case for case in CASES if case.name == "2.1.330-subagents")
    sidecars = [log for log in SOURCE.find(root).files if log.kind == "sidecar"]
    described = {}
    for log in sidecars:
        (batch,) = SOURCE.read(log, None, Pass.DETAIL, now_ms=NOW_MS)
        assert list(SOURCE.read(log, batch.bookmark, Pass.DETAIL, now_ms=NOW_MS)) == []
        described[batch.facts.agent_id] = batch.facts.tool_use_id
    launched = {e.agent_id: e.tool_use_id for e in details("2.1.330-subagents", AgentLaunched)}
    launched.pop(None)
    assert described == launched and len(described) == 2


def read_in_chunks(path: Path, folder: Path, which: Pass, cuts: list[int]) -> Merged:
    """Let a copy of a log grow to each cut in turn, and read what it grew by."""
    data = path.read_bytes()
    copy = folder / path.relative_to(path.parents[-1])
    copy.parent.mkdir(parents=True, exist_ok=True)
    merged = Merged()
    bookmark: Bookmark | None = None
    for cut in [*cuts, len(data)]:
        copy.write_bytes(data[:cut])
        for batch in SOURCE.read(log_of(copy), bookmark, which, now_ms=NOW_MS):
            assert not batch.from_start
            merged.add(batch)
            bookmark = batch.bookmark
    return merged


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_chunks_give_what_one_reading_gives(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = data.draw(st.sampled_from(LOGS), label="log")
    which = data.draw(st.sampled_from(list(Pass)), label="pass")
    size = path.stat().st_size
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=12), label="cuts"))
    folder = tmp_path_factory.mktemp("chunks")
    whole = read_in_chunks(path, folder / "whole", which, [])
    parts = read_in_chunks(path, folder / "parts", which, cuts)
    assert parts.facts == whole.facts
    assert parts.requests == whole.requests
    assert parts.owned == whole.owned
    assert parts.ends == whole.ends
    assert parts.others == whole.others


@pytest.mark.parametrize("which", list(Pass))
def test_full_batches_give_the_same(
    which: Pass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in LOGS:
        whole = read_in_chunks(path, tmp_path / "whole", which, [])
        monkeypatch.setattr(passes, "BATCH_EVENTS", 1)
        parts = read_in_chunks(path, tmp_path / "parts", which, [])
        monkeypatch.undo()
        assert parts == whole
