"""The documents have the fields that scripts rely on, and their figures agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.cli.box import Box, Document, add
from tests.cli.logs import SESSION, assistant, claude_log, user
from tokenwatch.demo import Demo

Check = Callable[[Any], bool]
MONEY = re.compile(r"\d+\.\d{6,}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "total")


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_money(value: object) -> bool:
    return isinstance(value, str) and MONEY.fullmatch(value) is not None


def is_time(value: object) -> bool:
    return (
        isinstance(value, str)
        and TIME.fullmatch(value) is not None
        and datetime.fromisoformat(value).tzinfo is not None
    )


def is_usage(value: Any) -> bool:
    return (
        tuple(value) == KINDS
        and all(is_count(tokens) for tokens in value.values())
        and value["total"]
        == sum(value[kind] for kind in KINDS if kind[0] != "r" and kind != "total")
        and value["reasoning"] <= value["output"]
    )


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*words: str) -> Check:
    return lambda value: value in words


def several(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def fields(**checks: Check) -> Check:
    """Check that an object has these fields, and that they are right; it may have more."""

    def check(value: Any) -> bool:
        for name, is_right in checks.items():
            assert name in value, f"{name} is missing in {value}"
            assert is_right(value[name]), f"{name} = {value[name]!r}"
        return True

    return check


SPEND = {
    "usage": is_usage,
    "requests": is_count,
    "cost_usd": maybe(is_money),
    "unpriced_requests": is_count,
}
STATE = one_of("working", "waiting", "idle", "ended")
SOURCE = one_of("claude-code", "codex")
UNLOGGED = fields(usage=is_usage, cost_usd=maybe(is_money))
REPORT_ROW = fields(key=maybe(is_text), **SPEND)
SESSION_ROW = fields(
    id=is_text,
    source=SOURCE,
    title=maybe(is_text),
    project=maybe(is_text),
    git_branch=maybe(is_text),
    models=several(is_text),
    started_at=maybe(is_time),
    last_activity_at=maybe(is_time),
    state=STATE,
    prompts=is_count,
    scripted_prompts=is_count,
    turns=is_count,
    agents=fields(running=is_count, total=is_count),
    compactions=is_count,
    unlogged=maybe(UNLOGGED),
    output_is_lower_bound=is_flag,
    context=maybe(fields(used_tokens=is_count, limit_tokens=maybe(is_count))),
    burn_usd_per_hour=maybe(is_money),
    wasted_usd=maybe(fields(proved=is_money, likely=is_money)),
    **SPEND,
)
AGENT_ROW = fields(
    id=is_text,
    session_id=is_text,
    source=SOURCE,
    parent_id=maybe(is_text),
    kind=one_of("main", "subagent", "auxiliary"),
    name=maybe(is_text),
    task=maybe(is_text),
    model=maybe(is_text),
    state=STATE,
    started_at=maybe(is_time),
    last_activity_at=maybe(is_time),
    requests=is_count,
    usage=is_usage,
    cost_usd=maybe(is_money),
)
REQUEST = fields(
    id=is_text,
    at=is_time,
    agent_id=is_text,
    model=maybe(is_text),
    usage=is_usage,
    cost_usd=maybe(is_money),
    basis=one_of("computed", "reported", "estimated", "unknown"),
    rates=maybe(lambda rates: all(re.fullmatch(r"\d+(\.\d+)?", r) for r in rates.values())),
    rates_from=maybe(is_text),
    context=lambda chosen: isinstance(chosen, dict),
    file=maybe(is_text),
    line=maybe(lambda line: is_count(line) and line > 0),
)
DOCTOR_SOURCE = fields(
    source=SOURCE,
    roots=several(is_text),
    files=is_count,
    bytes=is_count,
    read_lines=is_count,
    skipped_lines=lambda counts: all(is_count(n) for n in counts.values()),
    oldest=maybe(is_time),
    newest=maybe(is_time),
)
PROBLEM = fields(severity=one_of("error", "warning", "info"), what=is_text, remedy=is_text)


def head(document: Document, command: str, timezone: str = "UTC") -> None:
    assert list(document)[:3] == ["schema", "generated_at", "timezone"]
    assert document["schema"] == f"tokenwatch.{command}/1"
    assert is_time(document["generated_at"])
    assert document["timezone"] == timezone


def cost(rows: list[Document]) -> Decimal:
    return sum((Decimal(row["cost_usd"] or 0) for row in rows), Decimal())


GROUPS = {
    "source": r"claude-code|codex",
    "model": r"[a-z0-9.-]+",
    "project": r"/home/dev/src/[a-z-]+",
    "session": r"[0-9a-f-]{36}",
    "agent": r"[0-9a-f-]{36}(/[0-9a-f-]+)?",
    "hour": r"\d{4}-\d\d-\d\dT\d\d",
    "day": r"\d{4}-\d\d-\d\d",
    "week": r"2026-W4[1-7]",
    "month": r"2026-1[01]",
}


@pytest.mark.parametrize("by", GROUPS)
def test_report(full: Box, demo: Demo, by: str) -> None:
    document = full.run("report", "--by", by, "--json").document
    head(document, "report")
    assert document["by"] == by
    rows, totals = document["rows"], document["totals"]
    assert several(REPORT_ROW)(rows) and rows
    assert all(re.fullmatch(GROUPS[by], row["key"]) for row in rows)
    assert len({row["key"] for row in rows}) == len(rows)
    assert fields(unlogged=maybe(UNLOGGED), **SPEND)(totals)
    sums = add(rows)
    assert sums == add([totals])
    assert cost(rows) == Decimal(totals["cost_usd"])
    truth = demo.truth().values()
    assert all(sums[kind] == sum(t[kind] for t in truth) for kind in ("requests", *KINDS[:5]))


def test_report_is_by_day_unless_told_and_in_the_order_of_time(full: Box) -> None:
    document = full.run("report", "--json").document
    days = [row["key"] for row in document["rows"]]
    assert document["by"] == "day" and days == sorted(days)


def test_a_day_is_a_day_of_the_asked_zone(box: Box) -> None:
    claude_log(box.claude, [user("hi"), assistant("msg_01a1", "2026-11-21T23:30:00.000Z")])
    document = box.run("report", "--json", "--timezone", "Asia/Tokyo").document
    head(document, "report", "Asia/Tokyo")
    assert [row["key"] for row in document["rows"]] == ["2026-11-22"]
    assert [row["key"] for row in box.run("report", "--json").rows] == ["2026-11-21"]


def test_sessions(full: Box, demo: Demo) -> None:
    document = full.run("sessions", "--json").document
    head(document, "sessions")
    rows = document["rows"]
    assert several(SESSION_ROW)(rows)
    truth = demo.truth()
    assert {row["id"] for row in rows} == set(truth)
    for row in rows:
        assert all(row["usage"][kind] == truth[row["id"]][kind] for kind in KINDS[:5])
        assert row["requests"] == truth[row["id"]]["requests"]
        assert row["agents"]["running"] <= row["agents"]["total"]
        assert row["scripted_prompts"] <= row["prompts"]
    times = [row["last_activity_at"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert {row["state"] for row in rows} >= {"working", "waiting", "ended"}


def test_agents_sum_to_their_session(full: Box) -> None:
    document = full.run("agents", "--json").document
    head(document, "agents")
    agents = document["rows"]
    assert several(AGENT_ROW)(agents)
    sessions = {row["id"]: row for row in full.run("sessions", "--json").rows}
    assert {agent["session_id"] for agent in agents} == set(sessions)
    for session in sessions.values():
        own = [agent for agent in agents if agent["session_id"] == session["id"]]
        assert add(own) == add([session])
        assert cost(own) == cost([session])
        (main,) = [agent for agent in own if agent["kind"] == "main"]
        assert main["id"] == session["id"] and main["parent_id"] is None
        counted = [agent for agent in own if agent["kind"] != "auxiliary"]
        assert session["agents"]["total"] == len(counted)
        known = {agent["id"] for agent in own}
        assert all(agent["parent_id"] in known for agent in own if agent is not main)


def test_running_agents(full: Box) -> None:
    rows = full.run("agents", "--running", "--json").rows
    assert {row["state"] for row in rows} <= {"working", "waiting"}
    running = sum(row["agents"]["running"] for row in full.run("sessions", "--json").rows)
    assert len(rows) == running > 0


def test_explain_sums_to_the_session_and_names_the_line(full: Box) -> None:
    for session in full.run("sessions", "--json").rows[:12]:
        document = full.run("explain", session["id"], "--json").document
        head(document, "explain")
        assert document["session_id"] == session["id"]
        requests = document["requests"]
        assert several(REQUEST)(requests)
        assert add([{**r, "requests": 1} for r in requests]) == add([session])
        assert cost(requests) == cost([session])
        times = [request["at"] for request in requests]
        assert times == sorted(times)
        for request in requests:
            is_priced = request["basis"] != "unknown"
            assert is_priced == (request["cost_usd"] is not None) == (request["rates"] is not None)
            lines = open(request["file"], encoding="utf-8").read().splitlines()  # noqa: PTH123, SIM115
            assert request["id"] in lines[request["line"] - 1]
            if is_priced:
                assert exact_cost(request) == Decimal(request["cost_usd"])


def exact_cost(request: Document) -> Decimal:
    """Return what the rates of a request make of its usage."""
    rates = {kind: Decimal(rate) for kind, rate in request["rates"].items()}
    total = request["web_searches"] * rates.get("web_search", Decimal()) * 1000
    for kind in KINDS[:5]:
        total += request["usage"][kind] * rates.get(kind, Decimal())
    return Decimal(total) / 1_000_000


def test_doctor(full: Box) -> None:
    document = full.run("doctor", "--json").document
    head(document, "doctor")
    assert [s["source"] for s in document["sources"]] == ["claude-code", "codex"]
    assert several(DOCTOR_SOURCE)(document["sources"])
    claude, codex = document["sources"]
    logs = list(full.claude.rglob("*.jsonl")), list(full.codex.rglob("*.jsonl"))
    assert [claude["files"], codex["files"]] == [len(found) for found in logs]
    lines = [sum(path.read_bytes().count(b"\n") for path in found) for found in logs]
    assert [claude["read_lines"], codex["read_lines"]] == lines
    assert claude["roots"] == [str(full.claude)] and codex["roots"] == [str(full.codex)]
    assert several(PROBLEM)(document["problems"])
    assert any("unpriced" in problem["what"] for problem in document["problems"])
    assert document["ledger"]["path"] == str(full.data / "ledger.sqlite")
    assert full.run("doctor", "--privacy", "--json").document["privacy"]


def test_doctor_says_where_it_looked_in_vain(box: Box) -> None:
    document = box.run("doctor", "--json").document
    assert [s["files"] for s in document["sources"]] == [0, 0]
    assert [s["oldest"] for s in document["sources"]] == [None, None]
    (problem,) = document["problems"]
    assert str(box.claude) in problem["what"] and str(box.codex) in problem["what"]


def test_prices(box: Box) -> None:
    document = box.run("prices", "list", "--json", "--timezone", "Europe/Madrid").document
    head(document, "prices", "Europe/Madrid")
    row = fields(model=is_text, provider=is_text, origin=is_text)
    assert several(row)(document["rows"]) and len(document["rows"]) > 50


def test_nothing_read_is_nothing_spent(box: Box) -> None:
    document = box.run("report", "--json").document
    assert document["rows"] == []
    assert document["totals"]["cost_usd"] == "0.000000"
    assert document["totals"]["unlogged"] is None
    assert box.run("sessions", "--json").rows == []
    assert box.run("agents", "--json").rows == []


def test_money_is_never_rounded_and_null_where_nothing_is_priced(box: Box) -> None:
    records = [
        user("hi"),
        assistant("msg_01a1", model="claude-opus-5-5", usage={"cache_read_input_tokens": 1}),
        assistant("msg_01a2", model="nobody-knows-1"),
    ]
    claude_log(box.claude, records)
    rows = {row["key"]: row for row in box.run("report", "--by", "model", "--json").rows}
    assert rows["nobody-knows-1"]["cost_usd"] is None
    assert rows["nobody-knows-1"]["unpriced_requests"] == 1
    # 100 × 4 + 1 × 0.2 + 10 × 20 USD per million
    assert rows["claude-opus-5-5"]["cost_usd"] == "0.0006002"
    (session,) = box.run("sessions", "--json").rows
    assert (session["cost_usd"], session["unpriced_requests"]) == ("0.0006002", 1)
    (priced, unpriced) = box.run("explain", SESSION, "--json").document["requests"]
    assert (unpriced["basis"], unpriced["rates"], unpriced["cost_usd"]) == ("unknown", None, None)
    assert priced["rates"]["cache_read"] == "0.2"


def test_what_is_unknown_is_null(box: Box) -> None:
    record = assistant("msg_01a1", model=None)
    for name in ("cwd", "gitBranch", "version", "entrypoint"):
        del record[name]
    claude_log(box.claude, [record])
    (session,) = box.run("sessions", "--json").rows
    assert SESSION_ROW(session)
    unknown = ("title", "project", "git_branch", "unlogged", "burn_usd_per_hour")
    assert [session[name] for name in unknown] == [None] * 5
    for by in ("project", "model"):
        assert [row["key"] for row in box.run("report", "--by", by, "--json").rows] == [None]


def test_a_deleted_log_is_still_reported(box: Box) -> None:
    path = claude_log(box.claude, [user("hi"), assistant("msg_01a1")])
    before = box.run("sessions", "--json").rows
    path.unlink()
    (after,) = box.run("sessions", "--json").rows
    assert (after["id"], after["usage"]) == (SESSION, before[0]["usage"])
    assert box.run("doctor", "--json").document["sources"][0]["files_gone"] == 1


def test_no_sync_answers_from_what_was_read_before(box: Box) -> None:
    claude_log(box.claude, [user("hi"), assistant("msg_01a1")])
    assert box.run("sessions", "--json", "--no-sync").rows == []
    assert len(box.run("sessions", "--json").rows) == 1
    other = "6f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
    claude_log(box.claude, [assistant("msg_01a2", sessionId=other)], other)
    assert len(box.run("sessions", "--json", "--no-sync").rows) == 1
    assert len(box.run("sessions", "--json").rows) == 2
