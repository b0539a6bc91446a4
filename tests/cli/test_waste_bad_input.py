"""Whatever stands in a log: no exception, no finding rather than a wrong one, no dollar twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.cli.box import Box, Document
from tests.cli.logs import (
    SESSION,
    assistant,
    claude_log,
    codex_log,
    codex_records,
    line,
    user,
)
from tests.cli.test_waste import is_lawful
from tests.cli.wasteful import BEGIN_MS, MINUTE, Story, again, another, expired, failing
from tokenwatch.format import rfc3339

MAKERS = (expired, again, failing)


def waste(box: Box) -> Document:
    """Return what was found; check that all else answers, and what always holds."""
    document = box.run("waste", "--json").document
    assert is_lawful(document)
    assert document["unread_sessions"] == 0 and document["failed"] == []
    for more in ("", "--markdown", "--redact", "--tier proved", "--since 2026-11-21T10:05Z"):
        result = box.run("waste", *more.split())
        assert (result.code, result.err) in ((0, ""), (0, NOTHING)), result
    for each in document["findings"][:3]:
        assert box.run("waste", each["id"]).code == 0
    spent = {row["id"]: row for row in box.run("sessions", "--json").rows}
    for row in spent.values():
        claimed = sum(Decimal(value) for value in row["wasted_usd"].values())
        assert claimed <= Decimal(row["cost_usd"] or 0)
    total = sum(Decimal(value) for value in document["wasted_usd"].values())
    assert total <= Decimal(box.run("report", "--json").document["totals"]["cost_usd"] or 0)
    return document


NOTHING = "tokenwatch: nothing to look at; `tokenwatch doctor` says what was read\n"


def kinds(document: Document) -> set[str]:
    return {each["kind"] for each in document["findings"]}


def claimed(document: Document) -> Decimal:
    return sum((Decimal(value) for value in document["wasted_usd"].values()), Decimal())


def records(story: Story, change: Callable[[Document], Document | None]) -> list[Document]:
    """Return a story's records, each changed or left out."""
    return [changed for record in story.records if (changed := change(record)) is not None]


def without_usage(record: Document) -> Document:
    if record["type"] == "assistant":
        message = {k: v for k, v in record["message"].items() if k != "usage"}
        return record | {"message": message}
    return record


def test_sessions_without_prompts(box: Box) -> None:
    for number, make in enumerate(MAKERS):
        story = make(another(number))
        left = records(story, lambda record: record if record["type"] == "assistant" else None)
        claude_log(box.claude, left, story.session)
    assert kinds(waste(box)) <= {"cache-expired", "no-output"}


def test_prompts_without_answers(box: Box) -> None:
    for number, make in enumerate(MAKERS):
        story = make(another(number))
        left = records(story, lambda record: record if record["type"] == "user" else None)
        claude_log(box.claude, left, story.session)
    document = waste(box)
    assert document["spend_usd"] == "0.000000" and claimed(document) == 0
    assert {each["tier"] for each in document["findings"]} <= {"look"}


@pytest.mark.parametrize("usage", [None, {}, "left out"], ids=str)
def test_sessions_without_usage(box: Box, usage: object) -> None:
    def change(record: Document) -> Document:
        record = without_usage(record)
        if usage != "left out" and record["type"] == "assistant":
            record["message"]["usage"] = usage
        return record

    for number, make in enumerate(MAKERS):
        story = make(another(number))
        claude_log(box.claude, records(story, change), story.session)
    document = waste(box)
    assert claimed(document) == 0 and all(e["tier"] == "look" for e in document["findings"])


def test_unpriced_requests_are_evidence_at_most(box: Box) -> None:
    def change(record: Document) -> Document:
        if record["type"] == "assistant":
            record["message"]["model"] = "unheard-of-9"
        return record

    for number, make in enumerate(MAKERS):
        story = make(another(number))
        claude_log(box.claude, records(story, change), story.session)
    document = waste(box)
    assert claimed(document) == 0 and document["unpriced_requests"] > 0
    assert f"{document['unpriced_requests']} requests unpriced" in box.run("waste").out


DAY = 86_400_000
JUMPS: dict[str, Callable[[int, int], int]] = {
    "back three days in the middle": lambda at, n: at - 3 * DAY * (n % 7 > 3),
    "ahead thirty days for a moment": lambda at, n: at + 30 * DAY * (n == 5),
    "backwards all the way": lambda at, n: BEGIN_MS - (at - BEGIN_MS),
    "all at once": lambda at, n: BEGIN_MS,
    "to and fro": lambda at, n: at + (-1) ** n * DAY,
    "at the end of time": lambda at, n: 253_402_300_799_000 if n % 3 else at,
    "at its beginning": lambda at, n: 0 if n % 3 else at,
}


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("make", MAKERS)
def test_clocks_that_jump(box: Box, name: str, make: Callable[[], Story]) -> None:
    story = make()
    at = BEGIN_MS
    for number, record in enumerate(story.records):
        at += 20_000
        record["timestamp"] = rfc3339(max(0, JUMPS[name](at, number)))
    story.write(box.claude)
    document = waste(box)
    if make is expired and name == "all at once":
        assert "cache-expired" not in kinds(document), "nothing says that time went by"


def test_a_pause_that_only_a_clock_made(box: Box) -> None:
    """Nothing was sent again, so there is nothing to find, however late it is."""
    story = Story().prompt("begin").answer(write=150_000, read=0)
    for number in range(6):
        story.wait((3000, -3000)[number % 2]).prompt(f"step {number}").answer()
    story.write(box.claude)
    assert claimed(waste(box)) == 0


def test_copied_history_is_found_once(box: Box) -> None:
    story = again()
    story.write(box.claude)
    alone = waste(box)
    for number in range(3):
        copied = [record | {"sessionId": another(number)} for record in story.records]
        more = [
            user("one thing more", rfc3339(BEGIN_MS + 90 * MINUTE) or "", sessionId=another(number))
        ]
        claude_log(box.claude, [*copied, *more], another(number))
    document = waste(box)
    assert document["spend_usd"] == alone["spend_usd"]
    assert document["wasted_usd"] == alone["wasted_usd"]
    assert kinds(document) == kinds(alone)
    requests = [name for each in document["findings"] for name in each["requests"]]
    assert len(requests) == len(set(requests))


def test_a_fork_of_codex(box: Box) -> None:
    other = "02b2ea39-d0e0-7e74-9762-24ecbf58dba2"
    thread = codex_records("fix the build")
    codex_log(box.codex, thread)
    alone = waste(box)
    meta, *rest = (json.loads(json.dumps(record)) for record in thread)
    meta["payload"] |= {
        "id": other,
        "session_id": other,
        "forked_from_id": thread[0]["payload"]["id"],
    }
    codex_log(box.codex, [meta, *rest], other)
    assert waste(box)["wasted_usd"] == alone["wasted_usd"]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "fix the parser again, it is still wrong\n" * 25_000,
        "漢字かな交じり文" * 60_000,
        " ".join(f"word{n}" for n in range(110_000)),
        "Error: " + "\n  at file.py:12 in main" * 30_000,
        "\u0e01\u0e33" * 120_000,
        "((((" * 250_000,
        "\n" * 1_000_000 + "go",
    ],
    ids=["one word", "lines", "han", "words", "a trace", "thai", "brackets", "blank lines"],
)
def test_prompts_of_a_megabyte(box: Box, text: str) -> None:
    story = Story()
    for number in range(4):
        story.prompt(f"{number} {text} {number}").answer(write=20_000).wait(2)
    story.write(box.claude)
    codex_log(box.codex, codex_records(text))
    document = waste(box)
    assert all(
        len(line["quote"] or "") <= 80 for e in document["findings"] for line in e["evidence"]
    )


LANGUAGES = {
    "thai": "ช่วยเขียนหน้าแรกให้หน่อย|เพิ่มปุ่มออกจากระบบ|อธิบายว่าโค้ดนี้ทำอะไร|แปลเป็นภาษาอังกฤษ",
    "arabic": "اكتب صفحة الدخول|أضف زر الخروج من فضلك|اشرح هذا الجزء|ترجم النص الى الإنجليزية",
    "hebrew": "כתוב את דף הכניסה|הוסף כפתור יציאה|הסבר את הקוד הזה|תרגם את הטקסט",
    "hindi": "लॉगिन पेज लिखो|बाहर जाने का बटन जोड़ो|यह कोड समझाओ|पाठ का अनुवाद करो",
    "klingon": "qaStaHvIS wa' ram loS|nuqneH tlhIngan maH|bortaS bIr jablu'DI'|QaQ jajvam",
    "emoji": "🚀🚀🔥|🐛➡️🦋|👍🏽🎉🎉|🧵✂️📦🕰️",
    "marks": "?!?!|... --- ...|<<<>>>|%%%%",
    "nothing": "| |\u200b|\ufeff",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_words_in_a_language_nobody_knows(box: Box, language: str) -> None:
    """Four tasks in files of their own are four tasks, whatever they are written in."""
    story = Story()
    for number, prompt in enumerate(LANGUAGES[language].split("|")):
        file = f"/home/dev/app/part_{number}.py"
        story.prompt(prompt).edit(file, "a = 1", f"b_{number} = {number}\nc_{number} = 3")
        story.answer(write=30_000).wait(4)
    story.write(box.claude)
    document = waste(box)
    assert "repeated-attempts" not in kinds(document) and "interrupted-work" not in kinds(document)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_broken_lines_between_good_ones(box: Box, make: Callable[[], Story], seed: int) -> None:
    whole = Box(box.folder / "whole")
    make().write(whole.claude)
    rng = Random(seed)
    bad = (b"\n", b"\0" * 300 + b"\n", b"[" * 9_000 + b"\n", b'{"type":"user","message":{"con\n')
    bad += (line({"type": "user"}), line({"type": "assistant", "message": [1]}), b"\xff\xfe\n")
    lines = [line(record) for record in make().records]
    for _ in range(12):
        lines.insert(rng.randrange(len(lines)), rng.choice(bad))
    claude_log(box.claude, lines)
    found, wanted = waste(box), waste(whole)
    assert found["wasted_usd"] == wanted["wasted_usd"]
    assert [e["id"] for e in found["findings"]] == [e["id"] for e in wanted["findings"]]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("seed", range(6))
def test_lines_that_are_lost_or_out_of_order(
    box: Box, make: Callable[[], Story], seed: int
) -> None:
    rng = Random(seed)
    lines = [record for record in make().records if rng.random() > 0.25]
    if seed % 2:
        rng.shuffle(lines)
    claude_log(box.claude, lines)
    waste(box)


def test_ten_thousand_calls_in_a_turn(box: Box) -> None:
    calls = [
        {"type": "tool_use", "id": f"toolu_{n}", "name": ("Read", "Bash", "Grep")[n % 3],
         "input": {"file_path": f"/f/{n % 50}", "command": f"ls {n % 9}", "pattern": str(n)}}
        for n in range(10_000)
    ]  # fmt: skip
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": "same " * 20}
        for call in calls
    ]
    told = [user("look at all of it")]
    for first in range(0, 10_000, 50):
        at = rfc3339(BEGIN_MS + first * 40) or ""
        told.append(assistant(f"msg_{first}", at, content=calls[first : first + 50]))
        told.append(user(results[first : first + 50], at, uuid=f"r{first}"))
    one = assistant("msg_all", rfc3339(BEGIN_MS + 500_000) or "", content=calls)
    claude_log(box.claude, [*told, one])
    document = waste(box)
    assert all(len(each["evidence"]) <= 60 for each in document["findings"])


def _everywhere(value: Any, names: tuple[str, ...], put: object) -> Any:
    """Return a record with another value wherever one of these names stands."""
    if isinstance(value, dict):
        return {
            name: put if name in names else _everywhere(inner, names, put)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_everywhere(inner, names, put) for inner in value]
    return value


ODD = ("x" * 100_000, "\x1b]0;\x07\u202e", "", None, 7, ["a"], {"a": 1}, -1, "ÿ\ud800")
NAMES = (
    ("id", "tool_use_id"),
    ("sessionId",),
    ("uuid", "parentUuid"),
    ("name",),
    ("file_path", "command", "filePath"),
    ("model",),
    ("input",),
    ("content",),
    ("structuredPatch", "toolUseResult"),
    ("is_error",),
)


@pytest.mark.parametrize("names", NAMES, ids=" ".join)
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:12])
def test_odd_values(box: Box, names: tuple[str, ...], odd: object) -> None:
    for number, make in enumerate(MAKERS):
        story = make(another(number))
        claude_log(box.claude, _everywhere(story.records, names, odd), story.session)
    waste(box)


SIZES = (
    *("added", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"),
    *("oldStart", "newStart", "oldLines", "newLines", "durationMs", "cached_input_tokens"),
)


@pytest.mark.parametrize("number", [-1, -(10**9), 2**63, 10**30, 0.5, "9", True], ids=repr)
def test_sizes_that_are_none(box: Box, number: object) -> None:
    for index, make in enumerate(MAKERS):
        story = make(another(index))
        claude_log(box.claude, _everywhere(story.records, SIZES, number), story.session)
    codex_log(box.codex, _everywhere(codex_records(), SIZES, number))
    waste(box)


def test_a_session_of_two_sources(box: Box) -> None:
    """Ids are the sources' own: what is found in one is not found in the other."""
    thread = [
        json.loads(json.dumps(record).replace(record["payload"].get("thread_id", "-"), SESSION))
        for record in codex_records()
    ]
    thread[0]["payload"] |= {"id": SESSION, "session_id": SESSION}
    codex_log(box.codex, thread, SESSION)
    expired().write(box.claude)
    document = waste(box)
    rows = {row["source"]: row["wasted_usd"] for row in box.run("sessions", "--json").rows}
    assert Decimal(rows["claude-code"]["proved"]) == Decimal(document["wasted_usd"]["proved"]) > 0
    assert Decimal(rows["codex"]["proved"]) == 0
