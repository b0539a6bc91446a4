"""What hooks leave behind, and what becomes of it in the ledger."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.guard.states import NOW_MS, SESSION, prompt, start, tool
from tokenwatch.errors import LedgerError
from tokenwatch.guard import record
from tokenwatch.guard.decide import Decision
from tokenwatch.store import decisions as kept
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


def append(folder: Path, first: int, last: int) -> None:
    """Let hooks decide so many times, a millisecond each."""
    for later in range(first, last):
        record.decided(str(folder), NOW_MS + later, tool(), Decision("ask", "loop", "x" * 100))


def times(ledger: Ledger) -> list[int]:
    return [each.at_ms - NOW_MS for each in reversed(decisions(ledger, 0))]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few decisions be too large a file, and let none write late."""
    monkeypatch.setattr(kept, "LARGEST", 1000)
    monkeypatch.setattr(kept, "LATE_S", 0.0)


def test_decisions_do_not_grow_for_ever(tmp_path: Path, ledger: Ledger, small: None) -> None:
    for step in range(0, 200, 4):
        append(tmp_path, step, step + 4)
        assert take_decisions(ledger) == 4
        sizes = {each.name: each.stat().st_size for each in tmp_path.glob("decisions*")}
        assert sum(sizes.values()) < 4000 and set(sizes) <= {kept.NAME, kept.OLDER}
    assert times(ledger) == list(range(200))
    assert take_decisions(ledger) == 0
    assert stat.S_IMODE((tmp_path / kept.OLDER).stat().st_mode) == 0o600


def test_what_is_not_taken_is_not_put_aside(
    tmp_path: Path, ledger: Ledger, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tmp_path, 0, 40)
    monkeypatch.setattr(kept, "_PART", 2000)
    taken = [take_decisions(ledger)]
    assert not (tmp_path / kept.OLDER).exists()
    while (tmp_path / record.DECISIONS).exists():
        taken.append(take_decisions(ledger))
    assert len(taken) > 3 and sum(taken) == 40


def test_a_hook_that_is_late_loses_nothing(tmp_path: Path, ledger: Ledger, small: None) -> None:
    """It opened the file before that was put aside, and writes after that."""
    append(tmp_path, 0, 10)
    with (tmp_path / record.DECISIONS).open("ab") as late:
        assert take_decisions(ledger) == 10
        assert not (tmp_path / record.DECISIONS).exists()
        append(tmp_path, 11, 12)
        line = (tmp_path / record.DECISIONS).read_bytes()
        late.write(line.replace(str(NOW_MS + 11).encode(), str(NOW_MS + 10).encode()))
    assert take_decisions(ledger) == 2
    assert times(ledger) == list(range(12))


def test_the_older_one_stays_while_hooks_may_write_into_it(
    tmp_path: Path, ledger: Ledger, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tmp_path, 0, 10)
    take_decisions(ledger)
    monkeypatch.setattr(kept, "LATE_S", 10.0)
    append(tmp_path, 10, 20)
    assert take_decisions(ledger) == 10
    assert (tmp_path / record.DECISIONS).stat().st_size > 1000
    monkeypatch.setattr(kept, "LATE_S", 0.0)
    append(tmp_path, 20, 21)
    assert take_decisions(ledger) == 1
    assert not (tmp_path / record.DECISIONS).exists()
    assert times(ledger) == list(range(21))


def test_a_transaction_that_fails_takes_all_again(
    tmp_path: Path, ledger: Ledger, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tmp_path, 0, 10)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger, "set_meta", full)
    with pytest.raises(LedgerError):
        take_decisions(ledger)
    monkeypatch.undo()
    append(tmp_path, 10, 12)
    assert take_decisions(ledger) == 12
    assert times(ledger) == list(range(12))


def test_a_torn_end_of_the_older_one_does_not_keep_it(
    tmp_path: Path, ledger: Ledger, small: None
) -> None:
    append(tmp_path, 0, 10)
    take_decisions(ledger)
    with (tmp_path / kept.OLDER).open("ab") as torn:
        torn.write(b'{"at_ms": 1')
    for step in range(10, 40, 10):
        append(tmp_path, step, step + 10)
        assert take_decisions(ledger) == 10
        assert take_decisions(ledger) == 0
    assert times(ledger) == list(range(40))


def test_hooks_and_two_readers_at_once_lose_nothing(
    tmp_path: Path, ledger: Ledger, small: None
) -> None:
    def hook(number: int) -> None:
        for step in range(60):
            append(tmp_path, number * 60 + step, number * 60 + step + 1)

    def reader(_: int) -> int:
        own, taken = Ledger.open(ledger.path), 0
        while not all(each.done() for each in hooks):
            taken += take_decisions(own)
        own.close()
        return taken

    with ThreadPoolExecutor(6) as pool:
        hooks = [pool.submit(hook, number) for number in range(4)]
        readers = [pool.submit(reader, number) for number in range(2)]
    taken = sum(each.result() for each in readers)
    for _ in range(3):
        taken += take_decisions(ledger)
    assert taken == 240
    assert times(ledger) == list(range(240))
    assert (tmp_path / kept.OLDER).exists()


def test_what_an_older_version_read_is_not_read_again(tmp_path: Path, ledger: Ledger) -> None:
    append(tmp_path, 0, 2)
    about = (tmp_path / record.DECISIONS).stat()
    with ledger.transaction():
        ledger.set_meta("decisions", f"{about.st_ino} {about.st_size // 2}")
    assert take_decisions(ledger) == 1
    with ledger.transaction():
        ledger.set_meta("decisions", "what is this")
    append(tmp_path, 2, 3)
    assert take_decisions(ledger) == 2
    assert times(ledger) == [0, 1, 2]


def test_prompts_and_starts_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = str(tmp_path)
    assert record.since(at, tool(), NOW_MS, NOW_MS).prompt_ms == 0
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
    seen = record.since(at, tool(), NOW_MS, NOW_MS)
    assert seen.prompt_ms == NOW_MS
    assert seen.starts == [(SESSION, "edge"), (SESSION, "plan"), (SESSION, "twowords")]
    monkeypatch.setattr("os.getpid", lambda: 14)
    assert record.since(at, tool(), NOW_MS, NOW_MS).starts == [(SESSION, "edge")]


def test_what_was_seen_does_not_grow_for_ever(tmp_path: Path) -> None:
    for later in range(2000):
        record.saw(str(tmp_path), NOW_MS + later, prompt())
    assert (tmp_path / record.SEEN).stat().st_size < 70_000
    assert record.since(str(tmp_path), tool(), 0, NOW_MS).prompt_ms == NOW_MS + 1999


@pytest.mark.parametrize("text", ["", "x", "1 2 3 4 5 6 7", "\0\n \n", "-1 prompt -"])
def test_any_text_is_taken_for_what_was_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / record.SEEN).write_text(text)
    seen = record.since(str(tmp_path), tool(), 0, NOW_MS)
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
