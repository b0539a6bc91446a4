"""Decoding a record in one go gives what taking it apart field by field gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from claude_logs import CASES, NOW_MS, assistant, log_of, tool_result, tool_use, user
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tokenwatch.events import Batch
from tokenwatch.sources.claude_code import SOURCE, contents, detail
from tokenwatch.sources.claude_code.contents import Record, read, read_any
from tokenwatch.sources.claude_code.records import is_unique, value
from tokenwatch.sources.source import Pass
from tokenwatch.sources.values import Oddities

LOGS = [path for case in CASES for path in sorted(case.rglob("*.jsonl"))]
MADE: list[dict[str, Any]] = [
    user(1, "<ide_selection>x</ide_selection>go"),
    user(2, [{"type": "text", "text": "go"}, {"type": "image", "source": {"data": "AAAA"}}]),
    user(3, [tool_result("toolu_01a", "“x”\n")], toolUseResult="Error: “x”\n"),
    user(
        4,
        [tool_result("toolu_01a", [{"type": "text", "text": "x"}], is_error=True)],
        toolUseResult=[{"type": "text", "text": "x"}],
    ),
    user(
        5,
        [tool_result("toolu_01a")],
        toolUseResult={
            "type": "create",
            "filePath": "/a",
            "content": "a\n",
            "structuredPatch": [{"lines": ["+a", "-b"]}],
        },
    ),
    user(6, [tool_result("toolu_01a")], toolUseResult={"stdout": "x", "interrupted": True}),
    assistant(7, content=[tool_use("toolu_01a", "Bash", command="git commit -m “x”")]),
    assistant(8, content=[{"type": "thinking", "thinking": "x", "signature": "AAAA"}]),
    user(9, "") | {"type": "attachment", "attachment": {"type": "queued_command", "prompt": "on"}},
]
LINES = [json.dumps(record, ensure_ascii=False).encode() for record in MADE] + [
    line for path in LOGS for line in path.read_bytes().splitlines()
]
VALUES = st.sampled_from(
    ["null", "true", "0", "-1.5", "1e30", '"x"', '"tool_result"', "[]", '["x"]', "[{}]", "{}"]
).map(json.loads)
BYTES = st.sampled_from(
    [b"", b"\0", b"\xff", b"\xe2\x80", b'"', b"\\", b"\\ud800", b"\x01", b"{", b"1e999", b"NaN"]
)


def plain(record: Record | None) -> object:
    """What can be asked of a record; raw parts may be written in several ways."""
    if record is None:
        return None
    told = {name: value(getattr(record.details, name)) for name in ("content", "stdout")}
    told["structuredPatch"] = value(record.details.structuredPatch)
    message = record.message
    result = record.toolUseResult
    return (
        structs.asdict(record) | {"message": None, "toolUseResult": None},
        message and (message.id, message.model, message.stop_reason, message.blocks),
        structs.asdict(record.details) | told,
        result if result is None or isinstance(result, str) else "something",
    )


def told(line: bytes, reader: Callable[[bytes, int, Oddities], Record | None]) -> object:
    odd = Oddities()
    return plain(reader(line, 1, odd)), odd.counts, odd.samples


def decoded(line: bytes) -> bool:
    """Tell whether a line is decoded in one go."""
    try:
        contents._RECORD.decode(line)
    except Exception:
        return False
    return True


def test_genuine_lines_are_decoded_in_one_go() -> None:
    assert len(LINES) > 500 and all(map(decoded, LINES))


@st.composite
def other_values(draw: st.DrawFn) -> bytes:
    """A line with some of its values, however deep, replaced, and its keys in another order."""
    record = json.loads(draw(st.sampled_from(LINES)))
    for _ in range(draw(st.integers(0, 3))):
        place: Any = record
        while place:
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and draw(st.integers(0, 3)):
                place = place[key]
                continue
            place[key] = draw(VALUES)
            break
    if draw(st.booleans()):
        record = dict(draw(st.permutations(list(record.items()))))
    written = json.dumps(record, ensure_ascii=draw(st.booleans()))
    return written.encode("utf-8", "replace")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A line with some of its bytes replaced by others."""
    line = draw(st.sampled_from(LINES))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(BYTES) + line[at + draw(st.integers(0, 3)) :]
    return line


@settings(max_examples=300, deadline=None)
@given(line=st.one_of(other_values(), damaged()))
def test_a_line_reads_the_same_either_way(line: bytes) -> None:
    assert told(line, read) == told(line, read_any)


@pytest.mark.parametrize("line", LINES[: len(MADE)])
def test_a_damaged_string_hides_nothing_else(line: bytes) -> None:
    for damage in (b"\xff", b"\\ud800", b"\xe2\x80"):
        for at in range(1, len(line)):
            if line[at - 1 : at] == b'"' or line[at : at + 1] == b'"':
                hurt = line[:at] + damage + line[at:]
                assert told(hurt, read) == told(hurt, read_any)


def batches(path: Path) -> list[Batch]:
    return list(SOURCE.read(log_of(path), None, Pass.DETAIL, now_ms=NOW_MS))


@pytest.mark.parametrize("path", LOGS, ids=[path.name for path in LOGS])
def test_a_genuine_log_reads_the_same_either_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = batches(path)
    monkeypatch.setattr(detail, "read", read_any)
    assert batches(path) == expected


@given(identifier=st.text(st.sampled_from("aZ19_-|é٣"), max_size=30))
def test_an_id_is_unique_by_a_long_part_or_one_of_letters_and_digits(identifier: str) -> None:
    parts = "".join(c if c.isascii() and c.isalnum() else " " for c in identifier).split()
    assert is_unique(identifier) == any(
        len(part) >= 12 or any(map(str.isalpha, part)) and any(map(str.isdigit, part))
        for part in parts
    )
