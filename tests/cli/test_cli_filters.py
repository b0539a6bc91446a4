"""Which requests count: every form of the filters, in every command that takes them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.box import NOW_MS, Box, add
from tests.cli.logs import SESSION, assistant, claude_log, codex_log, codex_records, user
from tokenwatch.format import rfc3339

HOUR_MS = 3_600_000
TIMES = (
    "2026-10-31T23:30:00.000Z",
    "2026-11-20T23:30:00.000Z",
    "2026-11-21T00:00:00.000Z",
    "2026-11-21T23:59:59.999Z",
    "2026-11-22T13:00:00.000Z",
)
"""When five requests were made; the first holds one token of input, the next two, four, …"""


@pytest.fixture
def times(box: Box) -> Box:
    """A session with five requests: whichever of them count is in the sum of their input."""
    records = [user("hi", TIMES[0])] + [
        assistant(f"msg_01a{i}", at, usage={"input_tokens": 2**i}) for i, at in enumerate(TIMES)
    ]
    claude_log(box.claude, records)
    return box


RANGES = {
    "--since 2026-11-21": 4 + 8 + 16,
    "--since 2026-11-21T00:00:00Z": 4 + 8 + 16,
    "--since 2026-11-21T00:00:00.001Z": 8 + 16,
    "--since 2026-11-21t00:00:00z": 4 + 8 + 16,
    "--since 2026-11-21T01:00:00+01:00": 4 + 8 + 16,
    "--since 2026-11-20T23:30:00": 2 + 4 + 8 + 16,
    "--since today": 16,
    "--since yesterday": 4 + 8 + 16,
    "--since month": 2 + 4 + 8 + 16,
    "--since 1h": 16,
    "--since 24h": 8 + 16,
    "--since 7d": 2 + 4 + 8 + 16,
    "--since 52w": 31,
    "--since 0001-01-01": 31,
    "--until 2026-11-20": 1 + 2,
    "--until 2026-11-21": 1 + 2 + 4 + 8,
    "--until yesterday": 1 + 2 + 4 + 8,
    "--until today": 31,
    "--until month": 1,
    "--until 2026-11-21T00:00:00Z": 1 + 2 + 4,
    "--until 24h": 1 + 2 + 4,
    "--until 9999-12-31": 31,
    "--until 99999w": 0,
    "--since 2026-11-21 --until 2026-11-21": 4 + 8,
    "--since today --until yesterday": 0,
    "--since 2026-11-21 --until 2026-11-21 --timezone Europe/Madrid": 2 + 4,
    "--until 2026-10-31 --timezone America/New_York": 1,
    "--since 2026-11-21T00:00:00 --timezone Asia/Tokyo": 2 + 4 + 8 + 16,
}


@pytest.mark.parametrize("options", RANGES)
def test_ranges(times: Box, options: str) -> None:
    expected = RANGES[options]
    arguments = options.split()
    totals = times.run("report", "--json", *arguments).document["totals"]
    assert totals["usage"]["input"] == expected
    assert totals["cost_usd"] == f"{Decimal(expected * 4 + totals['requests'] * 200) / 10**6:.6f}"
    sessions = times.run("sessions", "--json", *arguments).rows
    assert [row["usage"]["input"] for row in sessions] == [expected] * bool(expected)
    agents = times.run("agents", "--json", *arguments).rows
    assert [row["usage"]["input"] for row in agents] == [expected] * bool(expected)
    explained = times.run("explain", SESSION, "--json", *arguments).document["requests"]
    assert sum(row["usage"]["input"] for row in explained) == expected
    exported = times.run("export", "--format", "jsonl", *arguments).out.splitlines()
    assert len(exported) == len(explained)


def test_every_grouping_has_the_sums_of_the_range(times: Box) -> None:
    for by in ("source", "model", "project", "session", "agent", "hour", "day", "week", "month"):
        rows = times.run("report", "--by", by, "--since", "2026-11-21", "--json").rows
        assert add(rows)["input"] == 28, by


def test_a_filtered_session_says_nothing_of_requests_out_of_range(times: Box) -> None:
    claude_log(
        times.claude,
        [
            user("hi", TIMES[0]),
            assistant("msg_01a0", TIMES[0], model="claude-opus-5-5"),
            assistant("msg_01a1", TIMES[4], model="claude-haiku-4-5"),
        ],
    )
    (session,) = times.run("sessions", "--json", "--since", "today").rows
    assert session["models"] == ["claude-haiku-4-5"]
    assert session["unlogged"] is None


def test_both_hours_of_an_autumn_change_are_one(box: Box) -> None:
    at = ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z", "2026-10-25T02:30:00.000Z")
    claude_log(box.claude, [assistant(f"msg_01a{i}", time) for i, time in enumerate(at)])
    rows = box.run("report", "--by", "hour", "--timezone", "Europe/Madrid", "--json").rows
    hours = [(row["key"], row["requests"]) for row in rows]
    assert hours == [("2026-10-25T02", 2), ("2026-10-25T03", 1)]


@pytest.fixture
def projects(box: Box) -> Iterator[Box]:
    """One session each in three projects, and a Codex thread in the first."""
    for number, folder in enumerate(("app", "other/app", "tools")):
        session = f"{number}f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
        path = str(box.folder / "src" / folder)
        Path(path).mkdir(parents=True)
        record = assistant(f"msg_01a{number}", cwd=path, sessionId=session)
        claude_log(box.claude, [record], session)
    records = codex_records()
    for record in records:
        if "cwd" in record["payload"]:
            record["payload"]["cwd"] = str(box.folder / "src" / "app")
    codex_log(box.codex, records)
    yield box


def keys(box: Box, *options: str, cwd: Path | None = None) -> list[str]:
    """Return the projects that are left, shortened, as reports and sessions agree on them."""
    rows = box.run("report", "--by", "project", "--json", *options, cwd=cwd).rows
    found = sorted(row["key"] for row in rows)
    sessions = box.run("sessions", "--json", *options, cwd=cwd).rows
    assert sorted({row["project"] for row in sessions}) == found
    lines = box.run("export", "--format", "csv", *options, cwd=cwd).out.splitlines()
    assert len(lines) - 1 == sum(row["requests"] for row in rows)
    return [str(Path(key).relative_to(box.folder / "src")) for key in found]


def test_a_project_by_path_by_name_relative_and_from_home(projects: Box) -> None:
    source = projects.folder / "src"
    assert keys(projects, "--project", str(source / "app")) == ["app"]
    assert keys(projects, "--project", f"{source / 'app'}/") == ["app"]
    assert keys(projects, "--project", "app") == ["app", "other/app"]
    assert keys(projects, "--project", "pp") == []
    assert keys(projects, "--project", ".", cwd=source / "tools") == ["tools"]
    assert keys(projects, "--project", "./app", cwd=source) == ["app"]
    assert keys(projects, "--project", "../app", cwd=source / "tools") == ["app"]
    assert keys(projects, "--project", "src/other", cwd=projects.folder) == ["other/app"]
    assert keys(projects, "--project", "~/src/tools") == ["tools"]
    assert keys(projects, "--project", "~") == ["app", "other/app", "tools"]


def test_a_source(projects: Box) -> None:
    assert keys(projects, "--source", "codex") == ["app"]
    assert keys(projects, "--source", "claude-code") == ["app", "other/app", "tools"]
    assert keys(projects, "--source", "codex", "--project", "tools") == []


def test_a_model_by_its_id_or_a_part_of_it(box: Box) -> None:
    models = ("claude-opus-5", "claude-opus-5-5", "claude-haiku-4-5-20251001")
    records = [assistant(f"msg_01a{i}", model=model) for i, model in enumerate(models)]
    claude_log(box.claude, records)

    def found(model: str) -> list[str]:
        rows = box.run("report", "--by", "model", "--json", "--model", model).rows
        names = sorted(row["key"] for row in rows)
        explained = box.run("explain", SESSION, "--json", "--model", model).document["requests"]
        assert sorted(row["model"] for row in explained) == names
        exported = box.run("export", "--format", "jsonl", "--model", model).out.splitlines()
        assert len(exported) == len(names)
        return names

    assert found("claude-opus-5") == ["claude-opus-5"]
    assert found("opus") == ["claude-opus-5", "claude-opus-5-5"]
    assert found("HAIKU") == ["claude-haiku-4-5-20251001"]
    assert found("%") == []


def test_explain_heeds_the_source_and_the_project(projects: Box) -> None:
    def explained(*options: str) -> int:
        document = projects.run("explain", "0f0c", "--json", *options).document
        return len(document["requests"])

    assert explained() == 1
    assert explained("--source", "codex") == 0
    assert explained("--project", "tools") == 0
    assert explained("--source", "claude-code", "--project", "app") == 1


def test_agents_without_a_request_in_range_are_left_out(full: Box) -> None:
    since = rfc3339(NOW_MS - 20 * 60_000)
    assert since is not None
    rows = full.run("agents", "--json", "--since", since).rows
    assert rows and all(row["requests"] > 0 for row in rows)
    exported = full.run("export", "--format", "jsonl", "--rows", "agents", "--since", since)
    assert len(exported.out.splitlines()) == len(rows)
    assert len(rows) < len(full.run("agents", "--json").rows)
