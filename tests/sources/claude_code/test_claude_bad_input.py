"""Lines and values that are damaged: counted, never fatal, and the rest is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from claude_logs import (
    NOW_MS,
    SESSION,
    assistant,
    at_ms,
    batches,
    encode,
    events,
    log_of,
    main_file,
    one_request,
    requests,
    usage,
    user,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenwatch.events import Bookmark, RequestSeen
from tokenwatch.model import Usage
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.source import Pass

GOOD = encode([assistant(1)])


def skipped(path: Path, lines: bytes, which: Pass) -> tuple[dict[str, int], int]:
    """Reasons counted around two good requests, and how many requests were found."""
    data = GOOD + lines + encode([assistant(2, "msg_01b")])
    log = write(path / "projects" / "x" / f"{SESSION}.jsonl", data)
    counted: dict[str, int] = {}
    found = 0
    for batch in batches(log, which):
        counted |= {item.reason: item.count for item in batch.skipped}
        found += sum(isinstance(event, RequestSeen) for event in batch.events)
    return counted, found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json\n", "malformed"),
        (GOOD[:80] + b"\n", "malformed"),
        (b"\x00" * 500 + b"\n", None),
        (b"\n \r\n", None),
        (b"[1,2]\n", "not_an_object"),
        (b'"text"\n', "not_an_object"),
        (b"17\n", "not_an_object"),
        (b"\xff\xfe\x00garbage\n", "malformed"),
        (b'{"x":' * 5000 + b"1" + b"}" * 5000 + b"\n", "malformed"),
    ],
)
def test_a_bad_line_is_counted_once_and_passed_over(
    tmp_path: Path, line: bytes, reason: str | None
) -> None:
    assert skipped(tmp_path, line, Pass.USAGE) == ({}, 2)
    assert skipped(tmp_path, line, Pass.DETAIL) == ({reason: 1} if reason else {}, 0)


def test_an_unknown_type_is_counted_by_the_detail_pass(tmp_path: Path) -> None:
    lines = encode([{"type": "brand-new"}, {"type": ["x"]}, {}])
    assert skipped(tmp_path, lines, Pass.DETAIL)[0] == {"unknown_type": 3}
    assert skipped(tmp_path, lines, Pass.USAGE) == ({}, 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: b"\x00" * 300 + line,
        lambda line: b"\xef\xbb\xbf" + line,
        lambda line: line[:-1] + b"\r\n",
        lambda line: line.replace(b"/home/dev/app", b"/home/\xff/app"),
        lambda line: line.replace(b"claude-opus-5", b"claude-opus-5\\ud800"),
        lambda line: line.replace(b'"userType"', b'"other":NaN,"userType"'),
    ],
)
def test_a_damaged_line_that_can_be_read_is_read(tmp_path: Path, damage: object) -> None:
    data = damage(encode([assistant(1, userType="external")]))  # type: ignore[operator]
    log = write(tmp_path / "projects" / "x" / f"{SESSION}.jsonl", data)
    seen = one_request(log)
    assert seen.usage == Usage(input=100, output=10)
    (batch,) = batches(log, Pass.USAGE)
    json.dumps([seen.model, batch.facts.cwd], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "number", ["-5", "1e999", "99999999999999999999999", '"12"', "true", "[1]", "1.5", "9" * 5000]
)
def test_a_number_that_is_none_is_zero_and_counted(tmp_path: Path, number: str) -> None:
    line = GOOD.replace(b'"output_tokens":10', f'"output_tokens":{number}'.encode())
    log = write(tmp_path / "projects" / "x" / f"{SESSION}.jsonl", line)
    (batch,) = batches(log, Pass.USAGE)
    (seen,) = batch.events
    assert isinstance(seen, RequestSeen) and seen.usage == Usage(input=100)
    assert [(item.reason, item.count) for item in batch.skipped] == [("bad_number", 1)]


def test_nulls_are_nothing(tmp_path: Path) -> None:
    told = usage(10, service_tier=None, iterations=None, server_tool_use=None, speed=None)
    record = assistant(1, told=told | {"cache_read_input_tokens": None}, requestId=None, cwd=None)
    log = main_file(tmp_path, [record])
    assert one_request(log).usage == Usage(input=100, output=10)
    assert batches(log, Pass.USAGE)[0].skipped == ()


def test_a_request_without_a_time_gets_the_latest_known(tmp_path: Path) -> None:
    log = main_file(
        tmp_path,
        [
            assistant(5, "msg_01a"),
            assistant(6, "msg_01b", timestamp="yesterday"),
            assistant(7, "msg_01c", timestamp="1999-01-01T00:00:00Z"),
            assistant(8, "msg_01d", timestamp=None),
        ],
    )
    assert {seen.at_ms for seen in requests(log)} == {at_ms(5)}
    assert [(s.reason, s.count) for s in batches(log, Pass.DETAIL)[0].skipped] == [("bad_time", 2)]


def test_without_any_time_it_is_the_files(tmp_path: Path) -> None:
    seen = one_request(main_file(tmp_path, [assistant(1, timestamp=None)]))
    assert seen.at_ms == NOW_MS - 1000


def test_a_huge_line_is_read(tmp_path: Path) -> None:
    big = user(1, [{"type": "image", "source": {"data": "A" * 20_000_000}}])
    assert len(requests(main_file(tmp_path, [big, assistant(2)]))) == 1
    assert len(events(main_file(tmp_path, [big, assistant(2)]))) > 1


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    log = main_file(tmp_path, [assistant(1), encode([assistant(2, "msg_01b")])[:-20]])
    (batch,) = batches(log, Pass.USAGE)
    assert len(batch.events) == 1 and batch.skipped == ()
    path = Path(log.path)
    path.write_bytes(encode([assistant(1), assistant(2, "msg_01b")]))
    (rest,) = batches(log_of(path), Pass.USAGE, batch.bookmark)
    assert len(rest.events) == 1


def test_a_missing_file_raises(tmp_path: Path) -> None:
    log = main_file(tmp_path, [assistant(1)])
    Path(log.path).unlink()
    with pytest.raises(OSError):
        batches(log, Pass.USAGE)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
CALL = {"type": "tool_use", "id": "toolu_01a", "name": "Bash", "input": {"command": "ls"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_01a", "content": "x"}
TEMPLATES: list[dict[str, object]] = [
    assistant(1, content=[CALL]),
    user(2, [RESULT], toolUseResult={"stdout": "x"}),
    user(3, "hello", origin={"kind": "human"}, promptSource="typed"),
    {
        "type": "cost-state",
        "sessionId": SESSION,
        "startTime": at_ms(0),
        "totalCostUSD": 1,
        "modelUsage": {"m": {"inputTokens": 1}},
    },
    {
        "type": "system",
        "subtype": "compact_boundary",
        "uuid": "u",
        "compactMetadata": {"preTokens": 1},
    },
    {
        "type": "system",
        "subtype": "api_error",
        "uuid": "v",
        "error": {"status": 529},
        "retryAttempt": 1,
    },
    {"type": "attachment", "uuid": "w", "attachment": {"type": "queued_command", "prompt": "more"}},
    {
        "type": "progress",
        "uuid": "p",
        "data": {"type": "agent_progress", "agentId": "a1", "message": assistant(4)},
    },
    {"type": "worktree-state", "worktreeSession": {"originalCwd": "/a", "worktreePath": "/b"}},
    {"type": "custom-title", "customTitle": "title"},
    {"type": "pr-link", "prUrl": "https://example.com/pull/1"},
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A record of some kind with one or two of its values, however deep, replaced by anything."""
    record = json.loads(json.dumps(draw(st.sampled_from(TEMPLATES))))
    for _ in range(draw(st.integers(1, 2))):
        place = record
        while True:
            key = draw(st.sampled_from(sorted(place)))
            if isinstance(place[key], dict) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(VALUES)
            break
    return json.dumps(record).encode() + b"\n"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(damaged(), max_size=6), which=st.sampled_from(list(Pass)))
def test_any_value_in_any_field_is_survived(
    lines: list[bytes], which: Pass, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    good = encode([assistant(50, "msg_99z")])
    log = write(folder / "projects" / "x" / f"{SESSION}.jsonl", b"".join(lines) + good)
    found = batches(log, which)
    assert sum(batch.lines for batch in found) == len(lines) + 1
    if which is Pass.USAGE:
        seen = [event for batch in found for event in batch.events]
        assert any(isinstance(e, RequestSeen) and e.id == "msg_99z" for e in seen)
    bookmark: Bookmark = found[-1].bookmark
    assert list(SOURCE.read(log, bookmark, which, now_ms=NOW_MS)) == []
