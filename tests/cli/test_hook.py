"""`tokenwatch hooks run` as a client runs it: a process that is given an event on stdin."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import Box
from tests.cli.logs import SESSION, assistant, claude_log, user
from tests.guard.states import cap, made, over
from tokenwatch.answers import budgets as answers
from tokenwatch.cli import hook_state
from tokenwatch.guard.state import HOOK, NAME, write
from tokenwatch.store.ledger import Ledger

PROMPT = {
    "session_id": SESSION,
    "cwd": "/home/dev/app",
    "hook_event_name": "UserPromptSubmit",
    "prompt": "go on",
}
TOOL = PROMPT | {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}}
START = TOOL | {"tool_name": "Agent", "tool_input": {"subagent_type": "Explore"}}
BUDGET = '[[budgets]]\nname = "daily"\nlimit = {limit}\nhard = true\n'
Ended = subprocess.CompletedProcess[bytes]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    found = Box(tmp_path)
    found.data.mkdir()
    return found


def begin(box: Box, *arguments: str, **pipes: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tokenwatch", "hooks", "run", *arguments],
        env=box.process_environment(),
        cwd=box.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **pipes,
    )


def hook(box: Box, event: object, *arguments: str) -> Ended:
    given = event if isinstance(event, bytes) else json.dumps(event).encode()
    process = begin(box, *arguments)
    out, err = process.communicate(given)
    return Ended(process.args, process.returncode, out, err)


def patient(box: Box, event: object, *arguments: str) -> Ended:
    """Do what `hook` does, once more if the ledger was not read in time: machines may be busy."""
    while True:
        known = len(failures(box))
        ended = hook(box, event, *arguments)
        if not any("within 1 s" in line or "too long" in line for line in failures(box)[known:]):
            return ended


def passes(ended: Ended) -> bool:
    """Tell that the client goes on, with nothing to read."""
    assert ended.returncode == 0
    return ended.stdout == b""


def said(ended: Ended) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def permission(ended: Ended) -> str:
    found = said(ended)["hookSpecificOutput"]
    assert found["hookEventName"] == "PreToolUse" and found["permissionDecisionReason"]
    return str(found["permissionDecision"])


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def kept(box: Box, **more: Any) -> None:
    """Write the state that a monitor would, just now."""
    found = over(until_ms=now_ms() + 3_600_000)
    write(str(box.data), made(**({"at_ms": now_ms(), "budgets": [found]} | more)))


def failures(box: Box) -> list[str]:
    log = box.data / "tokenwatch.log"
    return log.read_text().splitlines() if log.exists() else []


def spent(box: Box, dollars: int = 1) -> None:
    """Write a log of a session that spent so many dollars a moment ago."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    usage = {"input_tokens": 0, "output_tokens": dollars * 40_000}
    claude_log(box.claude, [user("hi", at), assistant("msg_01a1", at, usage=usage)])


# what a monitor wrote decides ------------------------------------------------------------------


def test_a_prompt_over_a_hard_budget_is_blocked(box: Box) -> None:
    kept(box)
    found = said(hook(box, PROMPT))
    assert found["decision"] == "block"
    assert "tokenwatch budget allow --for 1h" in found["reason"]
    line = json.loads((box.data / "decisions.jsonl").read_text())
    assert (line["event"], line["decision"], line["cause"]) == (
        "UserPromptSubmit",
        "block",
        "budget:daily",
    )


def test_a_tool_is_asked_about_and_a_subagent_denied(box: Box) -> None:
    kept(box)
    assert permission(hook(box, TOOL)) == "ask"
    assert permission(hook(box, START)) == "deny"
    assert permission(hook(box, TOOL, "--source", "codex")) == "deny"
    assert permission(hook(box, TOOL, "--source=codex")) == "deny"


def test_a_turn_is_ended_where_that_is_set(box: Box) -> None:
    kept(box, over_budget="end")
    found = said(hook(box, TOOL))
    assert found["continue"] is False and "$20.40 of $20.00" in found["stopReason"]


def test_what_is_within_its_limits_passes_without_a_trace(box: Box) -> None:
    kept(box, budgets=[])
    assert passes(hook(box, TOOL))
    assert [path.name for path in box.data.iterdir()] == [NAME]


def test_of_subagents_that_start_at_once_no_more_than_allowed_start(box: Box) -> None:
    kept(box, budgets=[], caps=[cap(3)])
    every = [begin(box) for _ in range(6)]
    for process in every:
        assert process.stdin is not None
        process.stdin.write(json.dumps(START).encode())
    outs = [process.communicate()[0] for process in every]
    assert sorted(bool(out) for out in outs) == [False] * 2 + [True] * 4


def test_a_tool_imports_next_to_nothing(box: Box) -> None:
    kept(box, caps=[cap(3)])
    code = (
        "import sys, os\nend = os._exit\n"
        "def tell(code):\n    os.write(2, ' '.join(sys.modules).encode())\n    end(code)\n"
        "os._exit = tell\nsys.argv[1:] = ['hooks', 'run']\n"
        "from tokenwatch.__main__ import main\nmain()"
    )
    for event in (TOOL, START):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            env=box.process_environment(),
            input=json.dumps(event).encode(),
            capture_output=True,
        )
        assert permission(done) in ("ask", "deny")
        names = set(done.stderr.decode().split())
        costly = {"re", "json", "typing", "collections", "enum", "pathlib", "argparse", "sqlite3"}
        costly |= {"dataclasses", "msgspec", "datetime", "decimal", "logging", "tokenwatch.paths"}
        costly |= {"threading", "signal", "functools", "platformdirs", "tokenwatch.config"}
        assert not names & costly


# no monitor ------------------------------------------------------------------------------------


def test_without_a_monitor_a_prompt_reads_the_logs_itself(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    assert passes(patient(box, PROMPT))
    spent(box)
    assert "Budget daily: $" in said(patient(box, PROMPT))["reason"]
    assert permission(patient(box, TOOL)) == "ask"


def test_who_waits_for_a_state_does_not_wait_for_outlooks(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    for name, value in box.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(answers, "Outlooks", None)
    found = hook_state.make(str(box.data), within_s=20.0)
    assert [each["name"] for each in found["budgets"]] == ["daily"]


def test_an_allowance_holds_at_once(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    assert said(patient(box, PROMPT))["decision"] == "block"
    allowing = [sys.executable, "-m", "tokenwatch", "budget", "allow", "--session", SESSION]
    subprocess.run(allowing, env=box.process_environment(), check=True, capture_output=True)
    assert passes(patient(box, TOOL))
    assert passes(patient(box, PROMPT))
    assert said(patient(box, PROMPT | {"session_id": "another"}))["decision"] == "block"


@pytest.mark.parametrize("more", [("--for", "30m"), ("--session", SESSION)])
def test_a_monitor_need_not_tell_of_an_allowance(box: Box, more: tuple[str, str]) -> None:
    """Its next state may be ten seconds away: what was allowed, or taken back, is so at once."""

    def allow(*words: str) -> None:
        done = [sys.executable, "-m", "tokenwatch", "budget", "allow", *words]
        subprocess.run(done, env=box.process_environment(), check=True, capture_output=True)

    spent(box)
    kept(box)
    assert said(hook(box, PROMPT))["decision"] == "block"
    allow(*more)
    at_ms = json.loads((box.data / NAME).read_text())["at_ms"]
    kept(box, at_ms=max(at_ms, now_ms()), allowances=state_of(box)["allowances"])
    assert passes(hook(box, PROMPT)) and passes(hook(box, TOOL))
    allow("--end")
    kept(box, allowances=state_of(box)["allowances"])
    assert permission(hook(box, TOOL)) == "ask"
    assert said(hook(box, PROMPT))["decision"] == "block"


def state_of(box: Box) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((box.data / NAME).read_text())
    return found


def test_a_session_that_spent_too_much_is_blocked_alone(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5) + 'period = "session"\n')
    spent(box)
    assert "used in this session" in said(patient(box, PROMPT))["reason"]
    assert passes(patient(box, PROMPT | {"session_id": "another"}))


def test_a_soft_budget_stops_nothing(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5).replace("true", "false"))
    spent(box)
    assert passes(patient(box, PROMPT))
    assert passes(patient(box, TOOL))


def test_behind_a_tool_call_the_state_is_made_anew(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    assert passes(patient(box, TOOL))
    deadline = time.monotonic() + 30
    while not (box.data / NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert json.loads((box.data / NAME).read_text())["by"] == HOOK
    assert permission(patient(box, TOOL)) == "ask"


def test_a_monitor_that_is_gone_stops_nothing_for_long(box: Box) -> None:
    """What it wrote stands for two minutes; what would stop a tool is looked at anew before."""
    box.settings(BUDGET.format(limit=0.5).replace("daily", "other"))
    kept(box, at_ms=now_ms() - 25_000)
    assert permission(patient(box, TOOL)) == "ask"
    kept(box, at_ms=now_ms() - 31_000)
    assert passes(patient(box, TOOL))
    spent(box)
    kept(box, at_ms=now_ms() - 31_000)
    assert permission(patient(box, TOOL)) == "ask"
    state = json.loads((box.data / NAME).read_text())
    assert [each["name"] for each in state["budgets"]] == ["other"]


def test_where_a_monitor_is_gone_the_state_is_made_anew_behind(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    kept(box, at_ms=now_ms() - 31_000, budgets=[])
    assert passes(patient(box, TOOL))
    until(lambda: json.loads((box.data / NAME).read_text())["by"] == HOOK)
    assert permission(patient(box, TOOL)) == "ask"


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holds()


# the clock is set back -------------------------------------------------------------------------

HOUR_S = 3600


def test_what_was_seen_before_the_clock_was_set_back_counts_no_more(box: Box) -> None:
    later = now_ms() + HOUR_S * 1000
    lines = [f"{later} start {SESSION} explore {number}" for number in range(9)]
    lines.append(f"{later} prompt {SESSION}")
    (box.data / "guard-seen").write_text("\n".join(lines) + "\n")
    kept(box, budgets=[], caps=[cap(2)])
    assert passes(hook(box, START))
    kept(box, budgets=[over(until_ms=None, turn=True, sessions=[SESSION])])
    assert permission(hook(box, TOOL)) == "ask"


def test_the_state_is_made_anew_after_the_clock_was_set_back(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    kept(box, at_ms=now_ms() + HOUR_S * 1000, budgets=[])
    (box.data / "guard-turn").touch()
    os.utime(box.data / "guard-turn", (time.time() + HOUR_S,) * 2)
    assert passes(patient(box, TOOL))
    until(lambda: json.loads((box.data / NAME).read_text())["by"] == HOOK)
    assert permission(patient(box, TOOL)) == "ask"


# what can't be noted or read -------------------------------------------------------------------


def test_a_decision_that_can_not_be_noted_stands(box: Box) -> None:
    """As on a full disk."""
    kept(box)
    (box.data / "decisions.jsonl").mkdir()
    assert said(hook(box, PROMPT))["decision"] == "block"
    assert permission(hook(box, TOOL)) == "ask"
    assert len(failures(box)) == 2 and "can't be noted" in failures(box)[0]


def test_a_prompt_is_blocked_though_the_state_can_not_be_kept(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    (box.data / NAME).mkdir()
    assert said(patient(box, PROMPT))["decision"] == "block"
    assert any("the state can't be written" in line for line in failures(box))


def test_a_cap_holds_though_a_start_can_not_be_noted(box: Box) -> None:
    (box.data / "guard-seen").mkdir()
    kept(box, budgets=[], caps=[cap(1)])
    assert permission(hook(box, START)) == "deny"
    kept(box, budgets=[], caps=[cap(2)])
    assert passes(hook(box, START))


def test_where_no_prompt_is_known_only_what_is_of_a_turn_stops_nothing(box: Box) -> None:
    (box.data / "guard-seen").mkdir()
    kept(box, budgets=[over(turn=True, sessions=[SESSION])])
    assert passes(hook(box, TOOL))
    assert "what hooks saw can't be read" in failures(box)[0]
    kept(box)
    assert permission(hook(box, TOOL)) == "ask"
    assert said(hook(box, PROMPT))["decision"] == "block"


@pytest.mark.parametrize("text", ["²3 prompt x\n", "1\n", "\xff\n"])
def test_what_was_seen_may_be_damaged(box: Box, text: str) -> None:
    (box.data / "guard-seen").write_text(text)
    kept(box)
    assert permission(hook(box, TOOL)) == "ask"
    assert failures(box) == []


def test_any_id_of_a_session_is_decided(box: Box) -> None:
    kept(box, caps=[cap(9)])
    odd = START | {"session_id": "\ud800"}
    assert permission(hook(box, odd)) == "deny"
    kept(box, budgets=[], caps=[cap(9)])
    assert passes(hook(box, odd))
    assert passes(hook(box, PROMPT | {"session_id": "\ud800"}))
    assert failures(box) == []


# whatever goes wrong, the client goes on -------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [b"", b"{", b"[]", b"null", b"\0\xff\xfe", b"{} {}", b"[" * 100_000, b'{"a": 1' * 1000],
)
def test_what_is_no_event_is_let_go_and_logged(box: Box, given: bytes) -> None:
    kept(box)
    assert passes(hook(box, given))
    assert len(failures(box)) == 1


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"hook_event_name": 7},
        {"hook_event_name": "Stop"},
        {"hook_event_name": ["PreToolUse"]},
    ],
)
def test_other_events_are_let_go(box: Box, event: object) -> None:
    kept(box)
    assert passes(hook(box, event))
    assert failures(box) == []


def test_an_event_with_nothing_of_what_is_promised_is_decided(box: Box) -> None:
    kept(box)
    found = said(hook(box, {"hook_event_name": "UserPromptSubmit", "session_id": None, "cwd": 7}))
    assert found["decision"] == "block"


def test_a_large_event_is_decided(box: Box) -> None:
    kept(box)
    text = "x\u00e9\ud83d\ude00" * 1_000_000
    assert permission(hook(box, TOOL | {"tool_input": {"content": text}})) == "ask"


@pytest.mark.parametrize(
    "arguments", [["--source", "other"], ["--sorce", "codex"], ["--source"], ["a", "b", "c"]]
)
def test_wrong_options_stop_nothing(box: Box, arguments: list[str]) -> None:
    """Wrong usage ends with 2 elsewhere, which would block the prompt."""
    kept(box)
    assert passes(hook(box, PROMPT, *arguments))
    assert "wrong options" in failures(box)[0]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\0"])
def test_a_broken_state_stops_no_tool_and_is_logged(box: Box, text: str) -> None:
    (box.data / NAME).write_text(text)
    assert passes(hook(box, TOOL))
    assert "the state is broken" in failures(box)[0]


def test_rows_of_a_state_that_are_none_stop_no_tool(box: Box) -> None:
    kept(box, budgets=[{"name": "daily"}])
    assert passes(hook(box, TOOL))
    assert "KeyError" in failures(box)[0]


def test_a_stale_state_stops_no_tool(box: Box) -> None:
    kept(box, at_ms=now_ms() - 121_000)
    assert passes(hook(box, TOOL))


@pytest.mark.parametrize("event", [PROMPT, TOOL])
def test_no_folder_at_all_stops_nothing(box: Box, event: object) -> None:
    box.data.rmdir()
    box.data.symlink_to(box.folder / "nowhere" / "deep")
    assert passes(hook(box, event))


def test_a_folder_that_can_not_be_written_stops_nothing(box: Box) -> None:
    """A file in its place: to root no folder is read-only."""
    box.data.rmdir()
    box.data.write_text("no folder")
    for event in (PROMPT, TOOL):
        ended = hook(box, event)
        assert passes(ended)
    assert b"tokenwatch: the guard could not decide" in hook(box, PROMPT).stderr


def test_broken_settings_stop_nothing_and_are_logged(box: Box) -> None:
    box.settings("[[budgets]\n")
    assert passes(hook(box, PROMPT))
    assert "config.toml" in failures(box)[0]


def test_a_locked_ledger_is_not_waited_for(box: Box) -> None:
    box.settings(BUDGET.format(limit=0.5))
    spent(box)
    Ledger.open(box.data / "ledger.sqlite").close()
    holder = sqlite3.connect(box.data / "ledger.sqlite", isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert passes(hook(box, PROMPT))
    finally:
        holder.close()
    assert "could not be read within 1 s" in failures(box)[-1]


def test_a_client_that_never_ends_its_event_is_left(box: Box) -> None:
    kept(box)
    process = begin(box)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(b'{"hook_event_name": ')
    process.stdin.flush()
    assert process.wait() == 0
    assert process.stdout.read() == b""
    process.stdin.close()
    assert "too long" in failures(box)[0]


def test_a_pipe_in_place_of_the_state_is_not_waited_for(box: Box) -> None:
    os.mkfifo(box.data / NAME)
    assert passes(hook(box, TOOL))
    assert "it is no file" in failures(box)[0]


def test_a_client_that_reads_no_answer_does_no_harm(box: Box) -> None:
    kept(box)
    process = begin(box)
    assert process.stdin is not None and process.stdout is not None
    process.stdout.close()
    process.stdin.write(json.dumps(PROMPT).encode())
    process.stdin.close()
    assert process.wait() in (0, -13)
