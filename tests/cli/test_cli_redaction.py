"""`--redact`: what is hidden, in every command and in exports."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import Box
from tests.cli.logs import SESSION, assistant, claude_log, codex_log, codex_records, user

PROJECT = re.compile(r"project-[0-9a-f]{6}")
WORDS = ("secret-project", "secret-title", "secret-branch", "secret-task", "secret-name")


@pytest.fixture
def secret(box: Box) -> Box:
    """A session whose every name is secret, with a subagent, and damage that doctor quotes."""
    cwd = "/home/dev/secret-project"
    more: dict[str, Any] = {"cwd": cwd, "gitBranch": "secret-branch"}
    call = {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "Task",
        "input": {
            "description": "secret-task",
            "prompt": "secret-task please",
            "subagent_type": "secret-name",
        },
    }
    records = [
        user("secret-title", **more),
        assistant("msg_01a1", content=[call], **more),
        b"secret-project is no JSON\n",
    ]
    path = claude_log(box.claude, records)
    side = path.with_suffix("") / "subagents" / "agent-a1b2c3d4.jsonl"
    side.parent.mkdir(parents=True)
    records = [
        user("secret-task please", isSidechain=True, agentId="a1b2c3d4", **more),
        assistant("msg_01a2", isSidechain=True, agentId="a1b2c3d4", **more),
    ]
    side.write_text("".join(json.dumps(record) + "\n" for record in records))
    codex_log(box.codex, [*codex_records("secret-title"), b"secret\n"])
    (box.folder / ".claude" / "projects" / "secret-file.jsonl").mkdir()
    return box


def test_nothing_secret_is_left(secret: Box) -> None:
    commands = [
        *(f"report --by {by}" for by in ("project", "session", "agent", "model", "day")),
        *("sessions", "agents", "waste", "doctor", "doctor --privacy", f"explain {SESSION[:4]}"),
    ]
    plain = "".join(secret.run(*command.split()).out for command in commands)
    assert all(word in plain for word in WORDS if word != "secret-branch")
    for command in commands:
        for more in ([], ["--json"]):
            result = secret.run(*command.split(), *more, "--redact")
            assert result.code == 0
            assert "secret" not in result.out and str(secret.folder) not in result.out, command
    for rows in ("requests", "sessions", "agents"):
        for form in ("csv", "jsonl"):
            result = secret.run("export", "--format", form, "--rows", rows, "--redact")
            assert result.code == 0 and result.out.count("\n") > 1
            assert "secret" not in result.out and str(secret.folder) not in result.out


def test_what_takes_its_place(secret: Box) -> None:
    sessions = secret.run("sessions", "--json", "--redact").rows
    assert len(sessions) == 2
    for row in sessions:
        assert PROJECT.fullmatch(row["project"])
        assert row["title"] is None and row["git_branch"] is None
        assert row["id"] and row["models"] and row["usage"]["total"]
    assert len({row["project"] for row in sessions}) == 2
    agents = secret.run("agents", "--json", "--redact").rows
    assert len(agents) == 3
    assert all(row["name"] is None and row["task"] is None for row in agents)
    for request in secret.run("explain", SESSION, "--json", "--redact").document["requests"]:
        assert request["file"] is None and request["line"]
    keys = [row["key"] for row in secret.run("report", "--by=project", "--json", "--redact").rows]
    assert sorted(keys) == sorted(row["project"] for row in sessions)


def test_exports_have_the_same_names(secret: Box) -> None:
    names = {row["project"] for row in secret.run("sessions", "--json", "--redact").rows}
    for rows in ("requests", "sessions"):
        text = secret.run("export", "--format", "csv", "--rows", rows, "--redact").out
        assert {row["project"] for row in csv.DictReader(io.StringIO(text))} == names
        text = secret.run("export", "--format", "jsonl", "--rows", rows, "--redact").out
        assert {json.loads(line)["project"] for line in text.splitlines()} == names


def test_a_name_is_stable_on_a_machine_and_another_elsewhere(
    secret: Box, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def name(box: Box) -> str:
        rows = box.run("sessions", "--json", "--redact", "--source", "claude-code").rows
        return str(rows[0]["project"])

    first = name(secret)
    assert name(secret) == first
    elsewhere = Box(tmp_path_factory.mktemp("elsewhere"))
    claude_log(elsewhere.claude, [assistant("msg_01a1", cwd="/home/dev/secret-project")])
    assert PROJECT.fullmatch(name(elsewhere)) and name(elsewhere) != first


def test_a_redacted_project_can_still_be_chosen(secret: Box) -> None:
    options = ("--redact", "--project", "secret-project", "--json")
    assert len(secret.run("sessions", *options).rows) == 1


def test_an_unknown_project_stays_unknown(box: Box) -> None:
    record = assistant("msg_01a1")
    del record["cwd"]
    claude_log(box.claude, [record])
    assert box.run("sessions", "--json", "--redact").rows[0]["project"] is None


def test_doctor_hides_where_it_looked(box: Box, tmp_path: Path) -> None:
    document = box.run("doctor", "--json", "--redact").document
    assert str(tmp_path) not in json.dumps(document)
    assert document["problems"][0]["what"].startswith("no logs were found")
