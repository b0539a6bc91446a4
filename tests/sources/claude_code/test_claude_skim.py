"""Judging lines by their ends gives what reading every line with care gives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from claude_logs import CASES, NOW_MS, SESSION, at, log_of, tool_result, tool_use
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.attribution import Attribution
from tokenwatch.events import Event, RequestSeen
from tokenwatch.found import LogFile
from tokenwatch.sources import tail
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.claude_code.context import Context
from tokenwatch.sources.claude_code.fold import Fold
from tokenwatch.sources.claude_code.usage import UsageReader
from tokenwatch.sources.source import Pass

OTHER = "0c9a6a5e-0000-4000-8000-00000000beef"
LATE = {"userType": "external", "entrypoint": "cli", "cwd": "/home/dev/app"}
WORDS = ("plain", 'a "quote"', "x" * 700, "ümläut 日本", '{"stop_reason":"end_turn"}', "\\", "Task")
Record = dict[str, Any]


def uuid(number: int) -> str:
    return f"{number:08x}-aaaa-4bbb-8ccc-ddddeeeeffff"


class Author:
    """Writes records as one version does, one behind the other."""

    def __init__(self, version: str, session: str = SESSION, side: bool = False) -> None:
        self.version, self.session, self.side = version, session, side
        self.number = 0
        self.branch = "main"
        self.made_for: Record = {}
        self.is_told_late = False

    def record(self, kind: str, inner: Record, *more: tuple[str, Any]) -> Record:
        self.number += 1
        where = {
            **LATE, "sessionId": self.session, "version": self.version, "gitBranch": self.branch,
        }  # fmt: skip
        early = self.version in ("1.0.128", "2.0.14", "2.1.20", "2.1.72")
        begin: Record = {"parentUuid": uuid(self.number - 1), "isSidechain": self.side}
        named = {"uuid": uuid(self.number), "timestamp": at(self.number)}
        if kind == "assistant":
            told = {"requestId": f"req_{self.number // 3}"}
            if self.is_told_late:
                middle: Record = inner | told | {"type": kind} | named
                more = (*more, *self.made_for.items())
            else:
                middle = inner | told | self.made_for | {"type": kind} | named
        elif kind == "user":
            middle = {"promptId": uuid(0), "type": kind} | inner | named
        else:
            middle = inner | {"type": kind} | named
        extra = dict(more)
        if early:
            return begin | where | extra | middle
        return begin | middle | where | extra

    def answer(self, name: str, usage: Record, stop: str | None, words: str, call: bool) -> Record:
        block = (
            tool_use(f"toolu_{name}", "Task", prompt=words)
            if call
            else {"type": "text", "text": words}
        )
        message = {
            "model": "claude-opus-5", "id": f"msg_01abcdefgh{name}", "type": "message",
            "role": "assistant", "content": [block], "stop_reason": stop, "stop_sequence": None,
            "usage": usage,
        }  # fmt: skip
        return self.record("assistant", {"message": message})


def usage(sent: int, output: int, more: Record | None = None) -> Record:
    return {
        "input_tokens": 3, "cache_creation_input_tokens": sent, "cache_read_input_tokens": 20,
        "output_tokens": output, "server_tool_use": {"web_search_requests": output % 2},
        "service_tier": "standard",
        "cache_creation": {"ephemeral_1h_input_tokens": sent, "ephemeral_5m_input_tokens": 0},
    } | (more or {})  # fmt: skip


ODD = st.sampled_from(
    [
        {}, {"speed": "fast"}, {"input_tokens": -4}, {"input_tokens": "1"}, {"output_tokens": None},
        {"iterations": [{"type": "message"}]}, {"service_tier": "batch"}, {"inference_geo": "us"},
        {"iterations": [{"type": "compaction", "output_tokens": 9, "input_tokens": 2}]},
        {"output_tokens_details": {"thinking_tokens": 5}}, {"cache_creation": None},
        {"cache_creation": {"ephemeral_5m_input_tokens": 7}},
    ]
)  # fmt: skip


MADE_FOR = st.dictionaries(
    st.sampled_from(
        ["attributionAgent", "attributionSkill", "attributionPlugin", "attributionMcpServer",
         "attributionMcpTool"]
    ),
    st.sampled_from(["tidy", "github", "a \"b\"", "", None, 5, ["x"]]),
    max_size=3,
)  # fmt: skip


@st.composite
def transcripts(draw: st.DrawFn) -> list[Record]:
    """A session's records; several answers, each of several records, between other records."""
    version = draw(st.sampled_from(["1.0.128", "2.0.14", "2.1.20", "2.1.72", "2.1.98", "2.1.330"]))
    author = Author(version)
    records: list[Record] = [author.record("user", {"message": {"role": "user", "content": "go"}})]
    for number in range(draw(st.integers(1, 6))):
        name, output = f"{draw(st.integers(0, 4))}", draw(st.integers(0, 9))
        odd = draw(ODD)
        for _ in range(draw(st.integers(1, 4))):
            output += draw(st.sampled_from([0, 0, 1, 5, -1]))
            stop = draw(st.sampled_from([None, "end_turn", "tool_use"]))
            told = usage(number, max(0, output), odd)
            words, call = draw(st.sampled_from(WORDS)), draw(st.booleans())
            if draw(st.integers(0, 3)) == 0:
                author.made_for = draw(MADE_FOR)
                author.is_told_late = draw(st.integers(0, 4)) == 0
            records.append(author.answer(name, told, stop, words, call))
            records += draw(between(author))
    return records


@st.composite
def between(draw: st.DrawFn, author: Author) -> list[Record]:
    """What stands between the records of answers."""
    found: list[Record] = []
    for kind in draw(st.lists(st.integers(0, 12), max_size=2)):
        words = draw(st.sampled_from(WORDS))
        message = {"role": "user", "content": [tool_result("toolu_1", words)]}
        if kind <= 2:
            found.append(author.record("user", {"message": message}))
        elif kind == 3:
            found.append(author.record("attachment", {"attachment": {"type": "x", "text": words}}))
        elif kind == 4:
            cut = "Your response above was cut off mid-stream. Go on."
            inner = {"message": {"role": "user", "content": cut}, "isMeta": True}
            found.append(author.record("user", inner))
        elif kind == 5:
            found.append({"type": "ai-title", "aiTitle": words, "sessionId": author.session})
        elif kind == 6:
            leaf = uuid(draw(st.integers(1, author.number)))
            found.append({"type": "summary", "summary": words, "leafUuid": leaf})
        elif kind == 7:
            found.append({"type": "file-history-snapshot", "snapshot": {"timestamp": at(1)}})
        elif kind == 8:
            meter = {"type": "cost-state", "startTime": NOW_MS - 10**6, "totalCostUSD": 1.5}
            found.append(meter | {"sessionId": author.session, "modelUsage": {}})
        elif kind == 9:
            author.branch = words[:20]
        elif kind == 10:
            copied = ("forkedFrom", {"sessionId": OTHER, "messageUuid": uuid(1)})
            found.append(author.record("user", {"message": message}, copied))
        elif kind == 11:
            author.side = not author.side
        else:
            flag = draw(st.sampled_from(["isAbortedMidStream", "isApiErrorMessage"]))
            record = author.answer("f", usage(1, 1), None, words, False)
            found.append(record | {flag: True})
    return found


def read(log: LogFile, bookmark: Any = None) -> tuple[dict[str, RequestSeen], list[Event], Any]:
    """Return the requests, the other events, and what the file says of itself."""
    fold, others, facts = Fold(), [], []
    for batch in SOURCE.read(log, bookmark, Pass.USAGE, now_ms=NOW_MS):
        for event in batch.events:
            if isinstance(event, RequestSeen):
                fold.add(event)
            else:
                others.append(event)
        state = json.loads(batch.bookmark.state or b"{}")
        # The answer is kept to be looked up by its id; by which of its records does not matter.
        (state.get("answer") or {}).pop("seen", None)
        facts = [batch.facts, state, batch.bookmark.line, batch.bookmark.anchor]
    return {seen.id: seen for seen in fold.take()}, others, facts


def with_care(log: LogFile) -> tuple[dict[str, RequestSeen], list[Event], Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Context, "learn", lambda *_: None)
        return read(log)


def encode(records: Iterable[Record]) -> bytes:
    return b"".join(
        json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        for record in records
    )


def write(folder: Path, data: bytes) -> LogFile:
    path = folder / "projects" / "-home-dev-app" / f"{SESSION}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return log_of(path)


@given(records=transcripts(), size=st.sampled_from([1, 600, 5000, 1 << 18]))
@settings(max_examples=300, deadline=None)
def test_any_transcript(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], size: int
) -> None:
    log = write(tmp_path_factory.mktemp("skim"), encode(records))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tail, "STRETCH_BYTES", size)
        assert read(log) == with_care(log)


@given(records=transcripts(), data=st.data())
@settings(max_examples=200, deadline=None)
def test_damage_stays_where_it_is(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], data: st.DataObject
) -> None:
    """An answer none of whose lines is damaged is read as ever."""
    lines = encode(records).splitlines(keepends=True)
    index = data.draw(st.integers(0, len(lines) - 1))
    line = lines[index]
    place = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.sampled_from([b"", b"\x00", b'"', b"}", b"\xff", b"{", b"\\", b","]))
    torn = data.draw(st.booleans())
    lines[index] = line[:place] + (b"" if torn else other + line[place + 1 :])
    log = write(tmp_path_factory.mktemp("skim"), b"".join(lines))
    near = {records[n].get("message", {}).get("id") for n in (index, index + 1) if n < len(records)}
    found, known = read(log)[0], with_care(log)[0]
    whole = {record.get("message", {}).get("id") for record in records} - near
    for request in found.keys() | known.keys():
        if request.partition(":")[0] in whole:
            assert found.get(request) == known.get(request)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_genuine_transcripts(case: Path) -> None:
    for path in sorted(case.rglob("*.jsonl")):
        if "projects" in path.parts:
            assert read(log_of(path)) == with_care(log_of(path))


@pytest.mark.parametrize("version", ["1.0.128", "2.1.72", "2.1.98", "2.1.330"])
def test_few_lines_are_read_with_care(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    author = Author(version)
    records = [author.record("user", {"message": {"role": "user", "content": "go"}})]
    for number in range(20):
        for stop in (None, "tool_use", "tool_use"):
            records.append(author.answer(f"{number}", usage(1, number), stop, "words", False))
        message = {"role": "user", "content": [tool_result(f"toolu_{number}", "done")]}
        records.append(author.record("user", {"message": message}))
    taken: list[int] = []
    take = UsageReader.take
    monkeypatch.setattr(
        UsageReader, "take", lambda self, n, line: (taken.append(n), take(self, n, line))
    )
    requests, _, _ = read(write(tmp_path, encode(records)))
    assert len(requests) == 20 and taken == [1]


def test_what_an_answer_was_made_for(tmp_path: Path) -> None:
    """Its records tell it together; the next answer's are on their own."""
    author = Author("2.1.330")
    records = [author.record("user", {"message": {"role": "user", "content": "go"}})]
    for name, made_for in (
        ("a", [{"attributionSkill": "tidy"}, {}, {"attributionMcpServer": "github"}]),
        ("b", [{}, {}]),
        ("c", [{"attributionPlugin": "p", "attributionMcpTool": "t", "attributionAgent": "x"}]),
    ):
        for author.made_for in made_for:
            records.append(author.answer(name, usage(1, 1), "tool_use", "words", False))
    log = write(tmp_path, encode(records))
    found = read(log)[0]
    assert [found[f"msg_01abcdefgh{name}"].attribution for name in "abc"] == [
        Attribution(skill="tidy", mcp_server="github"),
        None,
        Attribution(agent="x", plugin="p", mcp_tool="t"),
    ]
    assert found == with_care(log)[0]
