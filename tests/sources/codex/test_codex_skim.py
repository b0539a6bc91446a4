"""What is passed over changes nothing: reading every line with all care gives the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from codex_logs import DATA, NOW_MS, START_MS, Rollout, log_file, stamp, uuid7
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.events import Batch, Bookmark
from tokenwatch.sources import tail
from tokenwatch.sources.codex import SOURCE
from tokenwatch.sources.codex.detail import DetailReader
from tokenwatch.sources.codex.usage import UsageReader
from tokenwatch.sources.source import Pass

CHILD_MS = START_MS + 50_000
TEXTS = ["", "x" * 300, 'a "quoted" } {', "line\nline\u2028é\x00", '{"type":"token_count"}\n']
STAMPS = [
    "2026-05-28T20:26:40.123Z", "2026-05-28T20:26:40Z", "2026-05-28T20:26:40.123456Z",
    "2026-05-28T22:26:40.123+02:00", "2026-02-30T20:26:40.123Z", "2026-05-28T24:00:00.000Z",
    "2026-05-28T20:60:00.000Z", "2022-12-31T23:59:59.999Z", "2099-01-01T00:00:00.000Z", "soon", "",
    stamp(NOW_MS + 86_400_000), stamp(NOW_MS + 86_400_001), stamp(START_MS + 999), stamp(CHILD_MS),
]  # fmt: skip
ODD_VALUES = [
    b"null", b"10.0", b"0.5", b"-1", b"100000000", b"100000001", b"10000000000001", b"1e999",
    b"1" + b"0" * 40, b"true", b'"7"', b'"\\u00e9"', b'"\\ud800"', b'"\xff"', b"{}",
    b'"task_started"', b'{"x":1e999}', b'{"x":1e}', b"[1,]",
    b'{"primary":{"used_percent":1.5,"window_minutes":300}}',
]  # fmt: skip


def odd_counts() -> Iterator[bytes]:
    """Payloads of token counts, each odd in one way."""
    usage = b'{"input_tokens":900,"cached_input_tokens":800,"output_tokens":7,"total_tokens":907}'
    info = b'{"total_token_usage":%s,"last_token_usage":%s,"model_context_window":272000}'
    row = b'{"type":"token_count","info":%s,"rate_limits":null}'
    for value in ODD_VALUES:
        for name in (b"input_tokens", b"cached_input_tokens", b"total_tokens", b"new"):
            odd = usage[:-1] + b',"%s":%s}' % (name, value)
            yield row % (info % (odd, usage))
            yield row % (info % (usage, odd))
        for name in (b"total_token_usage", b"last_token_usage", b"model_context_window", b"new"):
            yield row % ((info % (usage, usage))[:-1] + b',"%s":%s}' % (name, value))
        for name in (b"info", b"rate_limits", b"new", b"type"):
            yield (row % (info % (usage, usage)))[:-1] + b',"%s":%s}' % (name, value)
    yield row % (info % (usage.replace(b',"total_tokens":907', b""), usage))
    yield row % (info % (usage, usage)) + b"}"


def a_count(log: Rollout, draw: st.DrawFn) -> None:
    """A token count that is odd in one way."""
    log.add("event_msg", "")
    log.lines[-1] = log.lines[-1][:-3] + draw(st.sampled_from(ODD_COUNTS)) + b"}"


ODD_COUNTS = list(odd_counts())


def an_item(log: Rollout, draw: st.DrawFn) -> None:
    kind = draw(st.sampled_from(
        ["message", "reasoning", "function_call", "function_call_output", "task_started", "new"]
    ))  # fmt: skip
    role = draw(st.sampled_from(["user", "assistant", "developer"]))
    words = draw(st.sampled_from(TEXTS))
    content = [{"type": "input_text", "text": words}]
    log.add("response_item", {"type": kind, "role": role, "content": content, "name": "shell",
                              "call_id": "c1", "arguments": words, "output": words})  # fmt: skip


def an_event(log: Rollout, draw: st.DrawFn) -> None:
    kind = draw(st.sampled_from(
        ["agent_message", "agent_reasoning", "user_message", "item_completed", "task_complete",
         "turn_aborted", "thread_settings_applied", "error", "exec_command_end", "task_started", ""]
    ))  # fmt: skip
    words = draw(st.sampled_from(TEXTS))
    item_type = draw(st.sampled_from(["UserMessage", "CommandExecution", "AgentMessage"]))
    item = {"type": item_type, "id": "i1", "content": [{"text": words}], "command": words}
    log.event(kind, message=words, model_context_window=272_000, item=item, call_id="c1",
              turn_id=draw(st.sampled_from(["T", uuid7(log.at_ms, 9), None])))  # fmt: skip


def another_record(log: Rollout, draw: st.DrawFn) -> None:
    kind = draw(st.sampled_from(
        ["world_state", "compacted", "turn_context", "token_usage_record", "brand_new",
         "inter_agent_communication_metadata"]
    ))  # fmt: skip
    log.add(kind, {"type": "task_started", "window_id": "w", "model": "gpt-5", "turn_id": "T",
                   "trigger_turn": draw(st.booleans())})  # fmt: skip


def a_time(log: Rollout, draw: st.DrawFn) -> None:
    """A line whose time is odd, or earlier than the one before."""
    draw(st.sampled_from([an_item, an_event, a_count]))(log, draw)
    head, _, rest = log.lines[-1].split(b'"', 5)[3:6]
    assert head == stamp(log.at_ms - 1000).encode()
    log.lines[-1] = b'{"timestamp":"%s","%s' % (draw(st.sampled_from(STAMPS)).encode(), rest)


def another_shape(log: Rollout, draw: st.DrawFn) -> None:
    """A line with other spacing, another order of keys, an ordinal, or none of a record at all."""
    draw(st.sampled_from([an_item, an_event]))(log, draw)
    record = json.loads(log.lines[-1])
    how = draw(st.sampled_from(["spaces", "order", "ordinal", "text", "crlf", "junk", "behind"]))
    if how == "spaces":
        log.lines[-1] = json.dumps(record).encode()
    elif how == "order":
        log.lines[-1] = json.dumps(dict(reversed(record.items()))).encode()
    elif how in ("ordinal", "text"):
        ordinal: object = draw(st.integers(0, 40))
        kind = record.pop("type"), record.pop("payload")
        record |= {"ordinal": ordinal if how == "ordinal" else str(ordinal)}
        record |= {"type": kind[0], "payload": kind[1]}
        log.lines[-1] = json.dumps(record, separators=(",", ":")).encode()
    elif how == "junk":
        log.lines[-1] = draw(st.sampled_from([b"", b"\0\0\0", b"[]", b"}", b'{"a":1}', b"\xff}"]))
    elif how == "crlf":
        log.lines[-1] += b"\r"
    else:
        log.lines[-1] += draw(st.sampled_from([b" ", b"x", b"}", b"\r\r"]))


STEPS: list[Callable[[Rollout, st.DrawFn], object]] = [
    an_item, an_item, an_event, another_record, a_count, a_time, another_shape,
    lambda log, draw: log.spend(draw(st.integers(0, 90)), 0, draw(st.integers(0, 3))),
    lambda log, _: log.count(log.total, [0] * 6),
    lambda log, _: log.count(log.total, [0, 0, 0, 0, 0, 500]),
    lambda log, _: log.record("r").spend(),
    lambda log, _: log.turn(),
    lambda log, _: log.meta(),
]  # fmt: skip


@st.composite
def rollouts(draw: st.DrawFn) -> bytes:
    log = Rollout(uuid7(CHILD_MS, 2), CHILD_MS)
    origin = uuid7(START_MS, 1)
    header = draw(st.sampled_from(["plain", "plain", "fork", "ordinals", "review", "none"]))
    if header == "fork":
        log.meta(forked_from_id=origin).meta(origin, START_MS)
        log.event("task_started", turn_id=uuid7(START_MS, 5)).spend(900)
    elif header == "ordinals":
        log.meta(forked_from_id=origin, subagent_history_start_ordinal=draw(st.integers(0, 20)))
    elif header == "review":
        log.meta(source={"subagent": "review"})
    elif header == "plain":
        log.meta()
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=40)):
        before = len(log.lines)
        step(log, draw)
        if header == "ordinals":
            for index in range(before, len(log.lines)):
                number = b'Z","ordinal":%d,"type"' % draw(st.integers(0, 40))
                log.lines[index] = log.lines[index].replace(b'Z","type"', number, 1)
    return log.data


GENUINE = sorted(path for path in DATA.rglob("rollout-*.jsonl") if path.stat().st_size < 300_000)


@st.composite
def damaged(draw: st.DrawFn, logs: st.SearchStrategy[bytes]) -> bytes:
    """A log in which a few bytes are others, missing, or too many; most near a line's ends."""
    data = bytearray(draw(logs))
    for _ in range(draw(st.integers(0, 6))):
        if not data:
            break
        at = draw(st.integers(0, len(data) - 1))
        if draw(st.booleans()):
            line = data.rfind(b"\n", 0, at) + 1
            at = min(line + draw(st.integers(-3, 110)) if line else at, len(data) - 1)
        byte = draw(st.sampled_from(list(b'"{}[]:,\\ \n\r\0019.eZ-\x80\xc3\xff')))
        how = draw(st.sampled_from(["other", "more", "less"]))
        data[at : at + (how != "more")] = b"" if how == "less" else bytes([byte])
    return bytes(data)


def batches(path: Path, which: Pass, mark: Bookmark | None) -> list[Batch]:
    return list(SOURCE.read(log_file(path), mark, which, now_ms=NOW_MS))


def check(folder: Path, whole: bytes, which: Pass, cuts: list[int], stretch: int) -> None:
    path = folder / f"rollout-2026-05-28T20-26-40-{uuid7(CHILD_MS, 2)}.jsonl"
    reader = UsageReader if which is Pass.USAGE else DetailReader
    marks: list[Bookmark | None] = [None, None]
    for cut in [*cuts, len(whole)]:
        path.write_bytes(whole[:cut])
        os.utime(path, (START_MS / 1000, START_MS / 1000))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tail, "STRETCH_BYTES", stretch)
            fast = batches(path, which, marks[0])
            patch.setattr(reader, "own_from", lambda _: None)
            careful = batches(path, which, marks[1])
        assert fast == careful
        marks = [read[-1].bookmark if read else mark
                 for read, mark in zip((fast, careful), marks, strict=True)]  # fmt: skip


@pytest.mark.parametrize("which", list(Pass))
def test_token_counts_that_are_odd(tmp_path: Path, which: Pass) -> None:
    assert len(ODD_COUNTS) > 200
    log = Rollout().meta().turn()
    for payload in ODD_COUNTS:
        log.add("event_msg", "").spend()
        log.lines[-2] = log.lines[-2][:-3] + payload + b"}"
    check(tmp_path, log.data, which, [], 262_144)


@pytest.mark.parametrize("which", list(Pass))
@pytest.mark.parametrize("behind", [b'"type":"new"', b'"x":"\xff"', b'"x":1e999', b'"type":1'])
def test_payloads_that_are_not_what_they_begin_as(
    tmp_path: Path, which: Pass, behind: bytes
) -> None:
    log = Rollout().meta().turn()
    for kind in ("task_started", "user_message", "error", "agent_message"):
        log.event(kind, turn_id="T", message="hello")
        log.lines[-1] = log.lines[-1][:-2] + b"," + behind + b"}}"
    for kind in ("function_call", "function_call_output", "message", "reasoning"):
        log.add("response_item", {"type": kind, "call_id": "c", "name": "shell", "output": "x"})
        log.lines[-1] = log.lines[-1][:-2] + b"," + behind + b"}}"
    check(tmp_path, log.spend().data, which, [], 262_144)


@pytest.mark.parametrize("which", list(Pass))
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_invented_logs(
    tmp_path_factory: pytest.TempPathFactory, which: Pass, data: st.DataObject
) -> None:
    whole = data.draw(st.one_of(rollouts(), damaged(rollouts())))
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=3).map(sorted))
    stretch = data.draw(st.sampled_from([64, 700, 262_144]))
    check(tmp_path_factory.mktemp("invented"), whole, which, cuts, stretch)


@pytest.mark.parametrize("which", list(Pass))
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_real_logs(
    tmp_path_factory: pytest.TempPathFactory, which: Pass, data: st.DataObject
) -> None:
    real = st.sampled_from(GENUINE).map(Path.read_bytes)
    whole = data.draw(damaged(real))
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=2).map(sorted))
    check(tmp_path_factory.mktemp("real"), whole, which, cuts, 262_144)


@pytest.mark.parametrize("which", list(Pass))
@pytest.mark.parametrize("log", GENUINE, ids=lambda path: path.parts[-7] + path.stem[-4:])
def test_real_logs(tmp_path: Path, log: Path, which: Pass) -> None:
    check(tmp_path, log.read_bytes(), which, [], 262_144)


def test_most_lines_of_a_usual_log_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Rollout().meta().turn()
    for _ in range(50):
        log.add("response_item", {"type": "reasoning", "content": "x" * 100}).spend()
    taken: list[int] = []
    take = UsageReader.take

    def noted(self: UsageReader, number: int, raw: bytes) -> None:
        taken.append(number)
        take(self, number, raw)

    monkeypatch.setattr(UsageReader, "take", noted)
    read = batches(log.write(tmp_path), Pass.USAGE, None)
    assert sum(len(batch.events) for batch in read) == 50
    assert taken == [1, 2, 3]
