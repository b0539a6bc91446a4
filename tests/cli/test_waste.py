"""`tokenwatch waste`: its document, its tables, what they hide, and how it is used wrongly."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from tests.cli.box import Box, Document, one_line
from tests.cli.logs import SESSION, assistant, claude_log, user
from tests.cli.test_cli_documents import (
    SOURCE,
    fields,
    head,
    is_count,
    is_money,
    is_text,
    is_time,
    maybe,
    one_of,
    several,
)
from tests.cli.wasteful import BEGIN_MS, MINUTE, PROMPTS, again, another, expired, failing, habit
from tokenwatch import detection
from tokenwatch.analysis.waste.catalogue import detectors
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import TIERS, Kind, Tier
from tokenwatch.format import rfc3339

OTHERS = (
    "6a0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a12",
    "7b0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a13",
)
WRITE, READ = 5_000_000, 200_000
"""Picodollars a token of the stories' model: written for five minutes, read."""


def pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_money, value))


FINDING = fields(
    id=lambda value: re.fullmatch(r"[0-9a-f]{16}", value) is not None,
    kind=one_of(*(kind.value for kind in Kind)),
    cause=maybe(is_text),
    tier=one_of(*(tier.value for tier in Tier)),
    session_id=maybe(is_text),
    agent_id=maybe(is_text),
    source=SOURCE,
    wasted_usd=maybe(is_money),
    range_usd=maybe(pair),
    advice_value_usd=maybe(is_money),
    requests=several(is_text),
    explanation=is_text,
    evidence=several(fields(at=is_time, what=maybe(is_text), cost_usd=maybe(is_money))),
    advice=is_text,
    headline=is_text,
    first_at=is_time,
    last_at=is_time,
)
WASTED = fields(proved=is_money, likely=is_money)


@pytest.fixture(scope="module")
def wasteful(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """Three sessions in two projects, with something to find in each. For reading only."""
    box = Box(tmp_path_factory.mktemp("wasteful"))
    expired().write(box.claude)
    again(OTHERS[0], project="/home/dev/shop").write(box.claude)
    failing(OTHERS[1], project="/home/dev/shop").write(box.claude)
    return box


def found(box: Box, *options: str) -> list[Document]:
    """Return the findings."""
    findings: list[Document] = box.run("waste", "--json", *options).document["findings"]
    return findings


def amounts(document: Document, tier: str) -> Decimal:
    """Return what the findings of a tier claim together."""
    return sum(
        (Decimal(each["wasted_usd"]) for each in document["findings"] if each["tier"] == tier),
        Decimal(),
    )


def is_lawful(document: Document) -> bool:
    """Check what holds for every document, whatever was asked for."""
    spent = Decimal(document["spend_usd"])
    wasted = {tier: Decimal(value) for tier, value in document["wasted_usd"].items()}
    assert sum(wasted.values()) <= spent
    assert set(wasted) == {"proved", "likely"}
    for each in document["findings"]:
        assert FINDING(each)
        claims = each["tier"] != "look"
        assert (each["wasted_usd"] is not None) == claims == (each["range_usd"] is not None)
        if claims:
            low, high = map(Decimal, each["range_usd"])
            assert 0 <= low <= Decimal(each["wasted_usd"]) <= high and each["requests"]
        else:
            assert each["requests"] == []
        moments = [line["at"] for line in each["evidence"]]
        assert moments == sorted(moments) and each["first_at"] <= each["last_at"]
    for tier in wasted:
        assert amounts(document, tier) <= wasted[tier]
    return True


# The document ---------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["wasteful", "full"])
def test_the_document(which: str, request: pytest.FixtureRequest) -> None:
    box: Box = request.getfixturevalue(which)
    document = box.run("waste", "--json").document
    head(document, "waste")
    assert fields(
        spend_usd=is_money,
        wasted_usd=WASTED,
        findings=several(FINDING),
        likely_range_usd=pair,
        plan_window_share=several(
            fields(source=SOURCE, window=is_text, percent=lambda value: 0 <= value <= 100)
        ),
        too_small=is_count,
        dismissed=is_count,
        muted=several(is_text),
        failed=several(is_text),
        unread_sessions=is_count,
        unpriced_requests=is_count,
    )(document)
    assert document["findings"] and is_lawful(document)
    assert document["unread_sessions"] == 0
    report = box.run("report", "--json").document["totals"]
    assert document["spend_usd"] == report["cost_usd"]
    assert document["unpriced_requests"] == report["unpriced_requests"]


def test_what_is_proved_is_exact(wasteful: Box) -> None:
    (one,) = found(wasteful, "--tier", "proved")
    assert (one["kind"], one["cause"], one["session_id"]) == ("cache-expired", None, SESSION)
    # 150,000 tokens, the 500 of the second answer and the 10 that went in with it.
    assert Decimal(one["wasted_usd"]) == Decimal(150_510 * (WRITE - READ)) / 10**12
    assert one["range_usd"] == [one["wasted_usd"]] * 2
    assert one["requests"] == ["msg_5f0c0003"]
    assert [line["request_id"] for line in one["evidence"]] == [
        "msg_5f0c0002",
        *["msg_5f0c0003"] * 2,
    ]
    explained = wasteful.run("explain", SESSION, "--json").document["requests"]
    assert {"msg_5f0c0002", "msg_5f0c0003"} <= {each["id"] for each in explained}


def test_what_is_likely_has_its_proof_and_quotes(wasteful: Box) -> None:
    (one,) = [each for each in found(wasteful) if each["kind"] == "repeated-attempts"]
    assert (one["tier"], one["session_id"]) == ("likely", OTHERS[0])
    assert [line["quote"] for line in one["evidence"]] == list(PROMPTS)
    assert "balance_views.xml" in one["advice"] + one["explanation"]
    assert all(line["cost_usd"] is not None for line in one["evidence"])
    (look,) = [each for each in found(wasteful) if each["kind"] == "discarded-code"]
    assert (look["wasted_usd"], look["range_usd"], look["tier"]) == (None, None, "look")


@pytest.fixture(scope="module")
def habitual(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """Six days with the same pauses. For reading only."""
    box = Box(tmp_path_factory.mktemp("habitual"))
    for number in range(6):
        habit(number).write(box.claude)
    return box


def test_an_advice_has_a_value_and_claims_nothing(habitual: Box) -> None:
    (one,) = [each for each in found(habitual) if each["kind"] == "wrong-cache-lifetime"]
    assert Decimal(one["advice_value_usd"]) > 0 and one["wasted_usd"] is None
    assert one["session_id"] is None, "it is of many sessions"
    others = [each for each in found(habitual) if each["kind"] != "wrong-cache-lifetime"]
    assert others and {each["advice_value_usd"] for each in others} == {None}
    assert f"{one['headline']}  6 sessions  look" in habitual.run("waste").out


def test_an_advice_is_of_sessions_that_lie_wholly_in_range(habitual: Box) -> None:
    """What an advice is worth can't be cut in two, so a part of a session adds nothing to it."""

    def value(*options: str) -> Decimal:
        values = [each["advice_value_usd"] for each in found(habitual, *options)]
        return sum((Decimal(each) for each in values if each is not None), Decimal())

    whole = value()
    day = whole / 6
    assert value("--since", "2026-11-17") == 5 * day
    assert value("--since", "2026-11-16T10:05Z") == 5 * day
    assert value("--until", "2026-11-21T10:05Z") == 5 * day
    assert value("--since", "2026-11-19T10:05Z") == 0, "two days are no habit"
    assert value("--model", "opus") == whole and value("--model", "haiku") == 0


def test_the_larger_come_first(full: Box) -> None:
    claimed = [each["wasted_usd"] for each in found(full)]
    values = [Decimal(amount) for amount in claimed if amount is not None]
    assert values == sorted(values, reverse=True)
    assert claimed[len(values) :] == [None] * (len(claimed) - len(values))


# Filters --------------------------------------------------------------------------------------

FILTERS = (
    *(("--source", source) for source in ("claude-code", "codex")),
    *(("--project", project) for project in ("/home/dev/src", "harbor-web", "nowhere")),
    *(("--model", model) for model in ("opus", "sonnet", "gpt", "claude-opus-5-5")),
    *(("--since", when) for when in ("today", "yesterday", "3h", "36h", "9d", "2026-11-22T13:50Z")),
    *(("--until", when) for when in ("yesterday", "2026-11-01", "2026-11-22T13:54Z", "3h")),
    ("--since", "2026-10-01", "--until", "2026-11-22", "--source", "codex", "--model", "gpt"),
)


@pytest.mark.parametrize("options", FILTERS, ids=" ".join)
def test_no_filter_claims_more_than_was_spent(full: Box, options: tuple[str, ...]) -> None:
    document = full.run("waste", "--json", *options).document
    report = full.run("report", "--by", "session", "--json", *options).document
    assert is_lawful(document)
    assert document["spend_usd"] == (report["totals"]["cost_usd"] or "0.000000")
    spent = {row["key"]: Decimal(row["cost_usd"] or 0) for row in report["rows"]}
    sessions = full.run("sessions", "--json", *options).rows
    wasted = {tier: Decimal() for tier in ("proved", "likely")}
    for row in sessions:
        of_session = {tier: Decimal(value) for tier, value in row["wasted_usd"].items()}
        assert sum(of_session.values()) <= spent.get(row["id"], 0), row
        wasted = {tier: wasted[tier] + of_session[tier] for tier in wasted}
    assert {t: Decimal(v) for t, v in document["wasted_usd"].items()} == wasted


@pytest.mark.parametrize("at", [BEGIN_MS + 20 * MINUTE, BEGIN_MS + 33 * MINUTE, BEGIN_MS + MINUTE])
def test_two_halves_of_time_claim_what_both_do(wasteful: Box, at: int) -> None:
    whole = wasteful.run("waste", "--json").document
    halves = [
        wasteful.run("waste", "--json", option, rfc3339(at + shift) or "").document
        for option, shift in (("--until", -1), ("--since", 0))
    ]
    for name in ("proved", "likely"):
        parts = sum(Decimal(half["wasted_usd"][name]) for half in halves)
        assert parts == Decimal(whole["wasted_usd"][name])
    assert sum(Decimal(half["spend_usd"]) for half in halves) == Decimal(whole["spend_usd"])


def test_sessions_and_projects_part_what_was_found(wasteful: Box) -> None:
    whole = wasteful.run("waste", "--json").document
    parts = [
        wasteful.run("waste", "--json", "--project", project).document
        for project in ("/home/dev/app", "/home/dev/shop")
    ]
    for name in ("proved", "likely"):
        total = sum(Decimal(part["wasted_usd"][name]) for part in parts)
        assert total == Decimal(whole["wasted_usd"][name])
    ids = [each["id"] for part in parts for each in part["findings"]]
    assert sorted(ids) == sorted(each["id"] for each in whole["findings"])


@pytest.mark.parametrize("tier", [tier.value for tier in Tier])
def test_a_tier_leaves_the_sums_alone(wasteful: Box, tier: str) -> None:
    whole = wasteful.run("waste", "--json").document
    part = wasteful.run("waste", "--json", "--tier", tier).document
    assert part["findings"] == [each for each in whole["findings"] if each["tier"] == tier]
    for name in ("spend_usd", "wasted_usd", "likely_range_usd"):
        assert part[name] == whole[name]


def test_one_finding_by_the_beginning_of_its_id(wasteful: Box) -> None:
    whole = wasteful.run("waste", "--json").document
    for each in whole["findings"]:
        document = wasteful.run("waste", each["id"][:8], "--json").document
        assert document["findings"] == [each]
        assert document["wasted_usd"] == whole["wasted_usd"]


def test_what_is_too_small_is_counted_but_not_listed(box: Box) -> None:
    for number in range(12):
        expired(another(number), at_ms=BEGIN_MS + number * MINUTE).write(box.claude)
    story = failing(OTHERS[0], tries=3)
    story.write(box.claude)
    document = box.run("waste", "--json").document
    assert document["too_small"] == 1 and {f["kind"] for f in document["findings"]} == {
        "cache-expired"
    }
    hidden = Decimal(document["wasted_usd"]["likely"]) + Decimal(document["wasted_usd"]["proved"])
    assert hidden > amounts(document, "proved") + amounts(document, "likely")
    assert "1 finding under $0.10 not listed; in the sums all the same" in box.run("waste").out
    assert "not listed" not in box.run("waste", "--tier", "look").out


# Text -----------------------------------------------------------------------------------------


def test_the_table_says_it_in_neutral_words(wasteful: Box) -> None:
    text = wasteful.run("waste").out
    spent = Decimal(wasteful.run("waste", "--json").document["spend_usd"])
    lines = text.splitlines()
    assert lines[0] == f"could have been avoided, proved: $0.72 of ${spent:.2f}"
    assert lines[1].startswith("could have been avoided, likely: about $1.")
    assert f" of ${spent:.2f} (" in lines[1]
    assert lines[2] == "worth a look: 1 finding, no dollars claimed"
    for word in ("you wasted", "%", "grade", "score", "rank"):
        assert word not in text.lower()
    assert "app ▸ read all of it" in text and "shop ▸ fix the balance column" in text


def test_the_proof_of_one(wasteful: Box) -> None:
    (one,) = [each for each in found(wasteful) if each["kind"] == "repeated-attempts"]
    text = wasteful.run("waste", one["id"][:6]).out
    assert text.startswith("asked for the same thing 4 times · likely · $1.21")
    for part in (*PROMPTS[1:], "How we know", "What it cost", "Next time", "When wrong"):
        assert part in text
    assert text.count("attempt") >= 4 and "balance_views.xml" in text
    (look,) = [each for each in found(wasteful) if each["tier"] == "look"]
    assert "· look · no dollars claimed" in wasteful.run("waste", look["id"]).out


def test_the_document_for_people(wasteful: Box) -> None:
    text = wasteful.run("waste", "--markdown").out
    lines = text.splitlines()
    assert lines[0] == "# What could have been avoided"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 4 and {line.count("|") for line in table} == {7}
    assert sum(line.startswith("## ") for line in lines) == 4
    assert sum(line.startswith("Next time: ") for line in lines) == 4
    assert f"“{PROMPTS[0]}”".replace("_", "\\_") in text


def test_markdown_takes_text_for_text(box: Box) -> None:
    title = "1. | <b>x</b> `y` *z* [a](b) &lt; \\| # $e$ ~~f~~ | _g_"
    story = expired(project="/home/dev/a|b*c")
    story.records[0]["message"]["content"] = title
    story.write(box.claude)
    text = box.run("waste", "--markdown").out
    escaped = r"1. \| \<b\>x\</b\> \`y\` \*z\* \[a\](b) \&lt; \\\| \# \$e\$ \~\~f\~\~ \| \_g\_"
    assert text.count(f"a\\|b\\*c ▸ {escaped}") == 2
    rows = [line for line in text.splitlines() if line.startswith("| cache expired")]
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows] == [7]


HOSTILE = "\x1b[31mred\x07\x9b\u202eback\r\x00 end"


@pytest.mark.parametrize("options", ["", "{id}", "--markdown", "--json", "--redact"])
def test_no_control_character_gets_through(box: Box, options: str) -> None:
    story = again(project=f"/home/dev/{HOSTILE}")
    for record in story.records:
        message = record["message"]
        if isinstance(message["content"], str):
            message["content"] += HOSTILE
        for block in message["content"] if isinstance(message["content"], list) else ():
            if block.get("type") == "tool_use":
                block["input"]["file_path"] += HOSTILE
    story.write(box.claude)
    (first, *_) = found(box)
    result = box.run("waste", *options.format(id=first["id"]).split())
    assert result.code == 0 and result.err == ""
    text = result.out.replace("\n", "")
    assert text.isprintable(), [c for c in text if not c.isprintable()]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_terminal_is_never_overrun(wasteful: Box, columns: int) -> None:
    for arguments in ([], [found(wasteful)[0]["id"]], ["--explain", "polling"], ["--kinds"]):
        text = re.sub(r"\x1b\[[0-9;]*m", "", in_terminal(wasteful, columns, "waste", *arguments))
        lines = text.splitlines()
        assert lines and max(map(len, lines)) <= columns, arguments
        if not arguments:
            assert "cache expired" in text and "0.72" in text


def in_terminal(box: Box, columns: int, *arguments: str) -> str:
    """Return what a command prints on a terminal of so many columns."""
    control, terminal = pty.openpty()
    environment = box.process_environment(COLUMNS=str(columns), TERM="xterm")
    process = subprocess.Popen(
        box.starter(*arguments), env=environment, cwd=box.folder, stdout=terminal, stdin=terminal
    )
    os.close(terminal)
    parts = []
    try:
        while part := os.read(control, 65_536):
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(control)
    assert process.wait() == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


# Redaction ------------------------------------------------------------------------------------


@pytest.fixture
def secret(box: Box) -> Box:
    """Sessions whose projects, files, commands and prompts are secret."""
    stories = (
        expired(project="/home/dev/secret-shop"),
        again(OTHERS[0], project="/home/dev/secret-shop"),
        failing(OTHERS[1], project="/home/dev/secret-shop"),
    )
    for story in stories:
        text = json.dumps(story.records).replace("balance_views", "secret_views")
        text = text.replace("importer", "secret-importer").replace("read all", "secret all")
        story.records = json.loads(text.replace("python ", "secret-python "))
        story.write(box.claude)
    return box


def test_redaction_hides_names_everywhere(secret: Box) -> None:
    plain = found(secret)
    assert len(plain) == 4
    commands = ["waste", *(f"waste {each['id']}" for each in plain)]
    shown = "".join(
        secret.run(*command.split(), *more).out
        for command in commands
        for more in ([], ["--json"], ["--markdown"])
    )
    for word in ("secret-shop", "secret_views", "secret-python", "secret all"):
        assert word in shown.replace("\\_", "_")
    for command in commands:
        for more in ([], ["--json"], ["--markdown"], ["--tier", "likely"]):
            result = secret.run(*command.split(), *more, "--redact")
            if "--tier" in more and result.code:
                continue
            assert result.code == 0 and "secret" not in result.out + result.err, command
            assert str(secret.folder) not in result.out


def test_what_redaction_leaves(secret: Box) -> None:
    plain, hidden = (secret.run("waste", "--json", *more).document for more in ([], ["--redact"]))
    assert is_lawful(hidden)
    same = ("id", "kind", "cause", "tier", "session_id", "wasted_usd", "range_usd", "requests")
    for one, other in zip(plain["findings"], hidden["findings"], strict=True):
        assert {name: one[name] for name in same} == {name: other[name] for name in same}
        assert re.fullmatch(r"project-[0-9a-f]{6}", other["project"])
        assert {line["what"] for line in other["evidence"]} == {None}
        assert {line["quote"] for line in other["evidence"]} == {None}
        costs = [[line["cost_usd"] for line in each["evidence"]] for each in (one, other)]
        assert costs[0] == costs[1]
    projects = {row["project"] for row in secret.run("sessions", "--json", "--redact").rows}
    assert {each["project"] for each in hidden["findings"]} == projects


# Used wrongly, nothing there --------------------------------------------------------------------


@pytest.mark.parametrize("options", ["nothing", "ffffffffffff", "''", "0 --tier look"])
def test_an_unknown_id(wasteful: Box, options: str) -> None:
    arguments = [word.strip("'") for word in options.split()]
    said = one_line(wasteful.run("waste", *arguments), 1)
    assert said.startswith(f"no finding in range begins with '{arguments[0]}'")


def test_an_ambiguous_id(box: Box) -> None:
    for number in range(40):
        expired(another(number), at_ms=BEGIN_MS + number * MINUTE).write(box.claude)
    ids = sorted(each["id"] for each in found(box))
    shared = next(a[0] for a, b in zip(ids, ids[1:], strict=False) if a[0] == b[0])
    many = sum(each.startswith(shared) for each in ids)
    assert one_line(box.run("waste", shared), 1).startswith(f"{many} findings in range begin with")


@pytest.mark.parametrize(
    "options, words",
    [
        ("--tier sure", ("--tier", "'sure'", "proved")),
        ("--explain everything", ("--explain", "'everything'", "cache-expired")),
        ("--since never", ("--since", "'never'", "today")),
        ("--timezone Mars/Base", ("--timezone", "'Mars/Base'")),
        ("--kinds --timezone Mars/Base --json", ("--timezone", "'Mars/Base'")),
        ("--json --markdown", ("--json", "--markdown")),
        ("--what", ("--what",)),
        ("a b", ("b",)),
    ],
)
def test_wrong_options(wasteful: Box, options: str, words: tuple[str, ...]) -> None:
    said = one_line(wasteful.run("waste", *options.split()), 2)
    assert all(word in said for word in words), said


def test_no_logs(box: Box) -> None:
    result = box.run("waste")
    assert result.code == 0 and "nothing was found" in result.out
    assert result.out.startswith("could have been avoided, proved: $0.00 of $0.00\n")
    assert "tokenwatch doctor" in result.err
    document = box.run("waste", "--json").document
    assert (document["spend_usd"], document["findings"]) == ("0.000000", [])
    assert box.run("waste", "--markdown").out.count("Nothing was found.") == 1


def test_nothing_to_find(box: Box) -> None:
    claude_log(box.claude, [user("hi"), assistant("msg_01a1")])
    result = box.run("waste")
    assert (result.code, result.err) == (0, "") and "nothing was found" in result.out
    assert found(box) == []


def test_kinds_are_listed_and_explained(box: Box) -> None:
    text = box.run("waste", "--kinds").out
    document = box.run("waste", "--kinds", "--json").document
    head(document, "waste-kinds")
    assert [each["kind"] for each in document["kinds"]] == [kind.value for kind in Kind]
    for each in document["kinds"]:
        assert each["kind"] in text and each["tier"] == TIERS[Kind(each["kind"])]
        (told,) = box.run("waste", "--explain", each["kind"], "--json").document["kinds"]
        assert told | each == told
        said = box.run("waste", "--explain", each["kind"]).out
        for part in ("means", "signal", "money", "advice", "wrong"):
            assert is_text(told[part]) and told[part] in said
    assert not box.data.exists(), "nothing is read for it"


# What was read before ---------------------------------------------------------------------------


def test_without_reading_it_answers_from_before(box: Box) -> None:
    expired().write(box.claude)
    assert box.run("report").code == 0
    half = box.run("waste", "--json", "--no-sync").document
    assert (half["unread_sessions"], half["findings"]) == (1, []), "its details are not read"
    (row,) = box.run("sessions", "--json", "--no-sync").rows
    assert row["wasted_usd"] is None
    note = "1 session not read or looked at as a whole yet"
    assert note in box.run("waste", "--no-sync").out
    assert box.run("agents").code == 0
    read = box.run("waste", "--json", "--no-sync").document
    assert (read["unread_sessions"], len(read["findings"])) == (0, 1)
    (row,) = box.run("sessions", "--json", "--no-sync").rows
    assert row["wasted_usd"]["proved"] == read["wasted_usd"]["proved"]
    again(OTHERS[0]).write(box.claude)
    assert box.run("waste", "--json", "--no-sync").document["findings"] == read["findings"]


def test_what_was_added_is_waited_for(box: Box) -> None:
    """Usage alone would tell of a rebuild; that the context was replaced, details tell."""
    story = expired()
    cut = len(story.records) - 4
    head_, tail = story.records[:cut], story.records[cut:]
    story.records = head_
    path = story.write(box.claude)
    assert found(box) == []
    with path.open("a") as file:
        file.write("".join(json.dumps(record) + "\n" for record in tail))
    assert box.run("report").code == 0
    assert box.run("waste", "--json", "--no-sync").document["unread_sessions"] == 1
    (one,) = found(box)
    assert one["kind"] == "cache-expired"


def test_a_log_that_is_gone(box: Box) -> None:
    box.settings('titles = "none"')
    path = again().write(box.claude)
    (one, *_) = found(box)
    assert [line["quote"] for line in one["evidence"]] == list(PROMPTS), "read from the log"
    path.unlink()
    (left, *_) = found(box)
    assert {line["quote"] for line in left["evidence"]} == {None}
    assert left["evidence"] == [line | {"quote": None} for line in one["evidence"]]
    assert "attempt 1" in box.run("waste", one["id"]).out
    assert box.run("waste", "--markdown").code == 0


def test_a_log_that_became_another(box: Box) -> None:
    box.settings('titles = "none"')
    path = again().write(box.claude)
    (one, *_) = found(box)
    path.write_bytes(b"{}\nno JSON\n" * 3)
    (left, *_) = found(box, "--no-sync")
    assert left["id"] == one["id"]
    assert {line["quote"] for line in left["evidence"]} == {None}


def test_it_says_the_same_every_time(wasteful: Box) -> None:
    first = wasteful.run("waste", "--json").document
    assert wasteful.run("waste", "--json").document == first
    text = wasteful.run("waste", "--markdown").out
    assert wasteful.run("waste", "--markdown").out == text


# A detector that is broken ----------------------------------------------------------------------


def breaking(kind: Kind, **parts: Callable[..., Any]) -> Iterator[Detector]:
    for detector in detectors():
        yield replace(detector, **parts) if detector.kind is kind else detector


def fails(*_: object) -> Any:
    raise KeyError("a\x1bb " + "x" * 300)


@pytest.fixture
def broken(box: Box) -> Box:
    """Two sessions, each with a finding, and one detector that raises."""
    expired().write(box.claude)
    again(OTHERS[0]).write(box.claude)
    having = tuple(breaking(Kind.CACHE_EXPIRED, observe=fails))
    init = detection.Detection.__init__

    def start(self: Any, ledger: Any, **more: Any) -> None:
        init(self, ledger, **{**more, "having": lambda: having})

    with patch.object(detection.Detection, "__init__", start):
        result = box.run("waste", "--json")
    assert (result.code, result.err) == (0, "")
    return box


def test_a_broken_detector_stops_no_other(broken: Box) -> None:
    document = broken.run("waste", "--json").document
    assert {each["kind"] for each in document["findings"]} >= {"repeated-attempts"}
    (failed,) = document["failed"]
    assert (failed["kind"], failed["sessions"]) == ("cache-expired", 2)
    assert failed["error"].startswith("KeyError: ") and len(failed["error"]) <= 200
    text = broken.run("waste").out
    assert "cache-expired not looked for in 2 sessions: an error stopped it (KeyError: " in text
    assert "\x1b" not in text and "tokenwatch doctor" in text
    assert "cache\\-expired" in broken.run("waste", "--markdown").out or "cache-expired" in text


def test_doctor_tells_of_a_broken_detector(broken: Box) -> None:
    problems = broken.run("doctor", "--json").document["problems"]
    (one,) = [each for each in problems if "cache-expired" in each["what"]]
    assert one["severity"] == "error" and "in 2 sessions (KeyError: " in one["what"]
    assert is_text(one["remedy"])
    assert "cache-expired: an error stopped the search for it" in broken.run("doctor").out
    hidden = broken.run("doctor", "--redact").out + broken.run("waste", "--redact").out
    assert "cache-expired" in hidden and "KeyError" not in hidden


def test_a_detector_that_works_again_is_no_problem(broken: Box) -> None:
    path = broken.claude / "projects" / "-home-dev-app"
    for log in path.glob("*.jsonl"):
        with log.open("a") as file:
            file.write(json.dumps(assistant("msg_z" + log.stem[:4])) + "\n")
    document = broken.run("waste", "--json").document
    assert document["failed"] == []
    assert "cache-expired" in {each["kind"] for each in document["findings"]}
    problems = broken.run("doctor", "--json").document["problems"]
    assert not [each for each in problems if "cache-expired" in each["what"]]


@pytest.mark.parametrize("part", ["tell", "conclude"])
def test_words_and_conclusions_may_fail_too(habitual: Box, part: str) -> None:
    kind = Kind.WRONG_CACHE_LIFETIME
    by_kind = {one.kind: one for one in breaking(kind, **{part: fails})}
    with patch("tokenwatch.answers.waste.by_kind", lambda: by_kind):
        result = habitual.run("waste", "--json")
        document = result.document
        assert result.err == ""
        assert [each["kind"] for each in document["failed"]] == [kind.value]
        told = [each for each in document["findings"] if each["kind"] == kind.value]
        assert len(told) == (1 if part == "tell" else 0)
        assert habitual.run("waste").code == habitual.run("sessions", "--json").code == 0
        if part == "conclude":
            problems = habitual.run("doctor", "--json").document["problems"]
            assert [p for p in problems if kind.value in p["what"]]


# sessions ---------------------------------------------------------------------------------------


def test_sessions_carry_what_was_found_in_them(wasteful: Box) -> None:
    rows = {row["id"]: row["wasted_usd"] for row in wasteful.run("sessions", "--json").rows}
    for session, wasted in rows.items():
        assert WASTED(wasted)
        of_session = [each for each in found(wasteful) if each["session_id"] == session]
        assert of_session
        for tier, value in wasted.items():
            assert Decimal(value) >= amounts({"findings": of_session}, tier)
    assert Decimal(rows[SESSION]["proved"]) > Decimal(rows[SESSION]["likely"]) == 0
    exported = [
        json.loads(line)
        for line in wasteful.run("export", "--format=jsonl", "--rows=sessions").out.splitlines()
    ]
    assert {row["id"]: row["wasted_usd"] for row in exported} == rows
    header, *lines = wasteful.run("export", "--format=csv", "--rows=sessions").out.splitlines()
    assert header.endswith(",wasted_usd_proved,wasted_usd_likely")
    assert any(line.endswith(f",{rows[SESSION]['proved']},0.000000") for line in lines)
