"""What hooks leave behind, and what becomes of it in the ledger."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.guard.states import NOW_MS, SESSION, prompt, start, tool
from tokenwatch.guard import record
from tokenwatch.guard.decide import Decision
from tokenwatch.store.decisions import Kept, decisions, take_decisions
from tokenwatch.store.ledger import Ledger

ASKED = Decision("ask", "budget:daily", "Too much.\n\u202e\ud800")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.sqlite")


def test_a_decision_is_one_private_line(tmp_path: Path) -> None:
    record.decided(str(tmp_path), NOW_MS, tool(agent_id="a1"), ASKED)
    path = tmp_path / record.DECISIONS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().count(b"\n") == 1
    assert json.loads(path.read_text()) == {
        "at_ms": NOW_MS,
        "source": "claude-code",
        "session_id": SESSION,
        "agent_id": "a1",
        "event": "PreToolUse",
        "decision": "ask",
        "cause": "budget:daily",
        "reason": "Too much.\n\u202e\ud800",
    }


def test_decisions_are_taken_once(tmp_path: Path, ledger: Ledger) -> None:
    assert take_decisions(ledger) == 0
    for later in range(3):
        record.decided(str(tmp_path), NOW_MS + later, prompt(), Decision("block", "c", "why"))
    assert take_decisions(ledger) == 3
    assert take_decisions(ledger) == 0
    record.decided(str(tmp_path), NOW_MS + 9, tool(), Decision("ask", "loop", "circles"))
    assert take_decisions(ledger) == 1
    found = decisions(ledger, NOW_MS + 1)
    assert [each.at_ms - NOW_MS for each in found] == [9, 2, 1]
    assert found[0] == Kept(
        NOW_MS + 9, "claude-code", SESSION, None, "PreToolUse", "ask", "loop", "circles"
    )


def test_a_file_that_is_read_anew_adds_nothing(tmp_path: Path, ledger: Ledger) -> None:
    record.decided(str(tmp_path), NOW_MS, prompt(), Decision("block", "c", "why"))
    assert take_decisions(ledger) == 1
    path = tmp_path / record.DECISIONS
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes())
    other.replace(path)
    assert take_decisions(ledger) == 0
    path.write_text("")
    assert take_decisions(ledger) == 0
    assert len(decisions(ledger, 0)) == 1


def test_bad_lines_are_left_out_and_the_rest_is_taken(tmp_path: Path, ledger: Ledger) -> None:
    at = str(tmp_path)
    record.decided(at, NOW_MS, prompt(), Decision("block", "c", "why"))
    good = (tmp_path / record.DECISIONS).read_text()
    bad = ["", "{", "[]", "7", "\0\0", "[" * 10_000, '{"at_ms": true}', '{"at_ms": 1}']
    bad.append(json.dumps(json.loads(good) | {"session_id": 7}))
    bad.append(json.dumps(json.loads(good) | {"reason": None}))
    bad.append(json.dumps(json.loads(good) | {"at_ms": 2**70}))
    bad.append(json.dumps(json.loads(good) | {"reason": "\ud800"}))
    torn = good.replace(str(NOW_MS), str(NOW_MS + 1))
    (tmp_path / record.DECISIONS).write_text("\n".join(bad) + "\n" + good + torn[:40])
    assert take_decisions(ledger) == 1
    with (tmp_path / record.DECISIONS).open("a") as file:
        file.write(torn[40:])
    assert take_decisions(ledger) == 1
    assert [each.at_ms for each in decisions(ledger, 0)] == [NOW_MS + 1, NOW_MS]


def test_prompts_and_starts_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = str(tmp_path)
    assert record.since(at, tool(), NOW_MS).prompt_ms == 0
    for process, (ms, event) in enumerate(
        [
            (NOW_MS - 20_000, start("old")),
            (NOW_MS - 10_000, start("Edge")),
            (NOW_MS, prompt()),
            (NOW_MS + 1, prompt(session_id="another")),
            (NOW_MS + 2, start("Plan")),
            (NOW_MS + 3, start("two words")),
        ]
    ):
        monkeypatch.setattr("os.getpid", lambda process=process: process + 10)
        record.saw(at, ms, event)
    monkeypatch.setattr("os.getpid", lambda: 99)
    seen = record.since(at, tool(), NOW_MS)
    assert seen.prompt_ms == NOW_MS
    assert seen.starts == [(SESSION, "edge"), (SESSION, "plan"), (SESSION, "twowords")]
    monkeypatch.setattr("os.getpid", lambda: 14)
    assert record.since(at, tool(), NOW_MS).starts == [(SESSION, "edge")]


def test_what_was_seen_does_not_grow_for_ever(tmp_path: Path) -> None:
    for later in range(2000):
        record.saw(str(tmp_path), NOW_MS + later, prompt())
    assert (tmp_path / record.SEEN).stat().st_size < 70_000
    assert record.since(str(tmp_path), tool(), 0).prompt_ms == NOW_MS + 1999


@pytest.mark.parametrize("text", ["", "x", "1 2 3 4 5 6 7", "\0\n \n", "-1 prompt -"])
def test_any_text_is_taken_for_what_was_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / record.SEEN).write_text(text)
    seen = record.since(str(tmp_path), tool(), 0)
    assert (seen.prompt_ms, list(seen.starts)) == (0, [])


def test_failures_are_counted_and_logged(tmp_path: Path) -> None:
    at = str(tmp_path)
    assert record.failure(at) is None
    record.failed(at, NOW_MS, "OSError: one\ntwo")
    record.failed(at, NOW_MS + 1, "x" * 1000)
    assert record.failure(at) == {"at_ms": NOW_MS + 1, "what": "x" * 300, "count": 2}
    lines = (tmp_path / "tokenwatch.log").read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("ERROR tokenwatch.guard OSError: one\\ntwo")
    (tmp_path / record.FAILURE).write_text("[]")
    assert record.failure(at) is None


def test_a_failure_that_can_not_be_kept_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    record.failed(str(tmp_path / "none"), NOW_MS, "OSError: why")
    assert capfd.readouterr().err == "tokenwatch: the guard could not decide: OSError: why\n"
