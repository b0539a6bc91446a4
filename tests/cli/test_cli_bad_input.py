"""Whatever stands in a log: every command answers, the good is counted, doctor tells the rest."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.cli.box import Box
from tests.cli.logs import SESSION, assistant, claude_log, codex_log, codex_records, line, user
from tokenwatch.sources.tail import open_log

GOOD = line(assistant("msg_01agood"))
COMMANDS = (
    *(f"report --by {by}" for by in ("day", "hour", "model", "project", "session", "agent")),
    *("sessions", "agents", "agents --running", "waste", "doctor", "doctor --privacy"),
)
WORD = "prompttext"
BAD_LINES = {
    "malformed": f'{{"type":"user","message":{{"content":"{WORD}'.encode() + b"\n",
    "torn": GOOD[:90] + b"\n",
    "nul": b"\0" * 4096 + b"\n",
    "nul inside": GOOD.replace(b"answer", b"an\0swer").replace(b"msg_01agood", b"msg_01anul"),
    "not UTF-8": GOOD.replace(b"answer", b"\xff\xfe\xc3(").replace(b"msg_01agood", b"msg_01alatin"),
    "an array": b'["' + WORD.encode() + b'"]\n',
    "a number": b"17\n",
    "deep": b"[" * 100_000 + b"\n",
    "huge": line(user(WORD * 500_000)),
    "huge and torn": GOOD[:90] + b"x" * 3_000_000 + b"\n",
    "unknown type": line({"type": WORD, "text": WORD}),
    "no type": line({"text": WORD}),
    "wrong shapes": line({"type": "assistant", "message": [WORD], "timestamp": 3}),
    "wrong shapes inside": line(assistant("msg_01aodd", content={"text": WORD}, usage=None) | {
        "message": {"id": 7, "usage": [1], "model": {}, "content": WORD}}),
    "empty lines": b"\n\r\n   \n",
}  # fmt: skip


def answers(box: Box) -> None:
    """Run everything; it must not fail, and must not be silent about JSON."""
    for command in COMMANDS:
        for more in ([], ["--json"]):
            result = box.run(*command.split(), *more)
            assert result.code == 0, (command, result.err)
    for row in box.run("sessions", "--json").rows:
        if row["id"].isprintable() and "\ufffd" not in row["id"]:
            assert box.run("explain", row["id"]).code == 0
            explained = box.run("explain", row["id"], "--json").document["requests"]
            assert len(explained) == row["requests"]
    for rows in ("requests", "sessions", "agents"):
        for form in ("csv", "jsonl"):
            assert box.run("export", "--format", form, "--rows", rows).code == 0


def samples(box: Box) -> list[str]:
    """Return what doctor quotes; nothing of it may be a prompt's text or long."""
    document = box.run("doctor", "--json").document
    found = [sample for source in document["sources"] for sample in source["samples"].values()]
    places = [str(path) for path in (box.claude, box.codex)]
    for sample in found:
        path, _, rest = sample.partition(".jsonl: ")
        assert path.startswith(tuple(places))
        assert len(rest) <= 200
    assert WORD not in json.dumps(document)
    return found


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_between_good_ones(box: Box, name: str) -> None:
    bad = BAD_LINES[name]
    claude_log(box.claude, [user("hello"), GOOD, bad, assistant("msg_01aafter")])
    thread = [line(record) for record in codex_records()]
    codex_log(box.codex, [*thread[:4], bad, *thread[4:]])
    answers(box)
    samples(box)
    rows = box.run("report", "--by", "source", "--json").rows
    counts = {row["key"]: row["requests"] for row in rows}
    assert counts["codex"] == 1
    assert counts["claude-code"] >= 2
    explained = box.run("explain", SESSION, "--json").document["requests"]
    assert {"msg_01agood", "msg_01aafter"} <= {request["id"] for request in explained}


def test_doctor_counts_bad_lines_with_their_reason(box: Box) -> None:
    claude_log(box.claude, [GOOD, BAD_LINES["malformed"], BAD_LINES["torn"]])
    codex_log(box.codex, [*codex_records(), BAD_LINES["malformed"]])
    claude, codex = box.run("doctor", "--json").document["sources"]
    assert claude["skipped_lines"] == {"malformed": 2}
    assert codex["skipped_lines"] == {"malformed": 1}
    assert len(samples(box)) == 2
    text = box.run("doctor").out
    assert "claude-code: 2 × malformed" in text and "line 2" in text


NUMBERS = (-5, 10**12, 10**40, 1.5, "12", True, [1], {"a": 1}, float("inf"), float("nan"))


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_a_bad_number_is_zero_and_counted(box: Box, number: object) -> None:
    claude_log(box.claude, [assistant("msg_01a1", usage={"output_tokens": number}), GOOD])
    records = codex_records()
    for record in records:
        if record["type"] == "token_usage_record":
            record["payload"]["usage"] = record["payload"]["usage"] | {"output_tokens": number}
    codex_log(box.codex, records)
    answers(box)
    samples(box)
    (session,) = box.run("sessions", "--json", "--source", "claude-code").rows
    assert session["usage"]["input"] == 200 and session["usage"]["output"] == 10
    claude = box.run("doctor", "--json").document["sources"][0]
    assert claude["skipped_lines"], "the number is not passed over in silence"


CLOCKS = ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2099-01-01T00:00:00Z", "yesterday")


@pytest.mark.parametrize("clock", [*CLOCKS, 0, 1795255200, None, "", True, []], ids=repr)
def test_a_clock_far_off(box: Box, clock: object) -> None:
    odd = assistant("msg_01aodd") | {"timestamp": clock}
    claude_log(box.claude, [user("hi"), GOOD, odd, assistant("msg_01alast")])
    records = codex_records()
    for record in records[5:7]:
        record["timestamp"] = clock
    codex_log(box.codex, records)
    answers(box)
    samples(box)
    rows = box.run("report", "--json").rows
    assert sum(row["requests"] for row in rows) == 4, "a request is never lost for its clock"
    assert {row["key"][:7] for row in rows} == {"2026-11"}


def test_folders_and_links_where_files_should_be(box: Box) -> None:
    path = claude_log(box.claude, [user("hi"), GOOD])
    (path.parent / "9f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11.jsonl").mkdir()
    (path.parent / "dangling.jsonl").symlink_to("nowhere")
    (path.parent / "loop.jsonl").symlink_to("loop.jsonl")
    (path.parent / "round").symlink_to(path.parent)
    os.mkfifo(path.parent / "pipe.jsonl")
    rollout = codex_log(box.codex, codex_records())
    (rollout.parent / "rollout-2026-11-21T11-00-00-x.jsonl").mkdir()
    os.mkfifo(rollout.parent / "rollout-2026-11-21T12-00-00-y.jsonl")
    answers(box)
    assert len(box.run("sessions", "--json").rows) == 2
    problems = box.run("doctor", "--json").document["problems"]
    assert any("9f0c7f3e" in problem["what"] for problem in problems)


def test_a_file_where_the_folder_should_be(box: Box) -> None:
    box.claude.write_text("a file")
    box.codex.mkdir()
    (box.codex / "sessions").write_text("a file")
    answers(box)
    problems = box.run("doctor", "--json").document["problems"]
    assert any(str(box.claude) in problem["what"] for problem in problems)


def test_a_log_that_cannot_be_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    claude_log(box.claude, [user("hi"), GOOD])
    other = "6f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
    path = claude_log(box.claude, [assistant("msg_01a2", sessionId=other)], other)

    def refuse(name: str) -> BinaryIO:
        if name == str(path):
            raise PermissionError(13, "Permission denied", name)
        return open_log(name)

    monkeypatch.setattr("tokenwatch.sources.tail.open_log", refuse)
    answers(box)
    assert len(box.run("sessions", "--json").rows) == 1
    problems = box.run("doctor", "--json").document["problems"]
    assert any(problem["severity"] == "error" for problem in problems)


def test_a_damaged_archive(box: Box) -> None:
    good = codex_log(box.codex, codex_records())
    broken = good.with_name(good.name.replace("10-00-00-01a1", "11-00-00-02a1") + ".zst")
    broken.write_bytes(b"\x28\xb5\x2f\xfd damaged")
    answers(box)
    problems = box.run("doctor", "--json").document["problems"]
    assert any("unreadable" in problem["what"] for problem in problems)
    assert len(box.run("sessions", "--json").rows) == 1


HOSTILE = "a\x1b[31m\x00\x9b\u202eb\nc\ud800"


def test_hostile_ids_models_and_paths(box: Box) -> None:
    odd: dict[str, Any] = {
        "cwd": HOSTILE,
        "gitBranch": HOSTILE,
        "sessionId": HOSTILE,
        "version": HOSTILE,
    }
    records = [
        user(HOSTILE, **odd),
        assistant(HOSTILE, model=HOSTILE, **odd),
        assistant("msg_01a2", model="", **{**odd, "cwd": "", "sessionId": ""}),
    ]
    claude_log(box.claude, records)
    records = codex_records(HOSTILE)
    for record in records:
        for name in ("cwd", "model", "id", "thread_id", "session_id", "response_id"):
            if name in record["payload"]:
                record["payload"][name] = HOSTILE
    codex_log(box.codex, records)
    answers(box)
    samples(box)


def test_a_log_that_is_cut_and_written_anew(box: Box) -> None:
    path = claude_log(box.claude, [user("hi"), *(assistant(f"msg_01a{i}") for i in range(9))])
    assert box.run("report", "--json").document["totals"]["requests"] == 9
    path.write_bytes(GOOD)
    answers(box)
    path.write_bytes(b"")
    answers(box)
    explained = box.run("explain", SESSION, "--json").document["requests"]
    assert "msg_01agood" in {request["id"] for request in explained}


def test_numbers_of_a_meter_may_be_anything(box: Box, tmp_path: Path) -> None:
    for number in (*NUMBERS, None):
        state = {
            "type": "cost-state",
            "sessionId": SESSION,
            "totalCostUSD": number,
            "startTime": number,
            "modelUsage": {"claude-opus-5-5": {"inputTokens": number, "costUSD": number}},
        }
        claude_log(box.claude, [user("hi"), GOOD, state])
        answers(box)
