"""A program of the user's: it gets the alert, and it never holds anything up."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.channels.raised import alert
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.command import send

PATIENCE_S = 20


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}


def why(words: list[str], limit_s: float = PATIENCE_S) -> str:
    with pytest.raises(ChannelError) as caught:
        send(alert(), words, environment(), limit_s=limit_s)
    assert str(caught.value).isprintable()
    return str(caught.value)


def wait_for(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def copying(to: Path) -> list[str]:
    return python(
        f"import sys, pathlib; pathlib.Path({str(to)!r}).write_bytes(sys.stdin.buffer.read())"
    )


def test_it_gets_the_document(tmp_path: Path) -> None:
    send(alert(), copying(tmp_path / "got"), environment())
    got = json.loads((tmp_path / "got").read_text())
    assert got["schema"] == "tokenwatch.alert/1" and got["session_id"] == "s-1"


def test_it_gets_the_redacted_one(tmp_path: Path) -> None:
    send(alert(), copying(tmp_path / "got"), environment(), redact=True)
    assert json.loads((tmp_path / "got").read_text())["session_id"] is None


def test_there_is_no_shell(tmp_path: Path) -> None:
    target = tmp_path / "got"
    code = f"import sys, pathlib; pathlib.Path({str(target)!r}).write_text(sys.argv[1])"
    send(alert(), [*python(code), "$(touch x); *"], environment())
    assert target.read_text() == "$(touch x); *"


def test_its_output_is_never_shown(capfd: pytest.CaptureFixture[str]) -> None:
    send(alert(), python("import sys; print('x'); print('y', file=sys.stderr)"), environment())
    assert capfd.readouterr() == ("", "")


def test_it_need_not_read() -> None:
    send(alert(text="x" * 1_000_000), python("pass"), environment())


def test_a_failure_is_told_with_the_first_line_of_its_errors() -> None:
    code = "import sys; print('\\n  no \\x1b[31mtopic  \\nmore', file=sys.stderr); sys.exit(3)"
    said = why(python(code))
    assert said == f"{Path(sys.executable).name} ended with exit code 3: no �[31mtopic"


def test_a_failure_without_words() -> None:
    assert why(python("raise SystemExit(1)")).endswith(" ended with exit code 1")
    assert why(python("import os; os.kill(os.getpid(), 9)")).endswith(" ended with signal 9")


def test_any_amount_of_errors_is_taken() -> None:
    code = "import sys; sys.stderr.write('word ' * 1_000_000); sys.exit(1)"
    said = why(python(code))
    assert len(said) < 300 and "word word" in said


def test_arguments_and_folders_are_not_told(tmp_path: Path) -> None:
    assert why([str(tmp_path / "none"), "--token", "secret"]) == "there is no program none"
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    assert why([str(blocked), "secret"]) == "can't run blocked: Permission denied"
    assert why(["a\0b"]).startswith("can't run")


def test_one_that_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"trap '' TERM; sleep 600 & echo $! > {shlex.quote(str(note))}; wait; sleep 600"
    assert why(["sh", "-c", script], limit_s=1) == "sh was stopped: it did not end within 1 s"
    wait_for(lambda: not is_running(int(note.read_text())))


def test_what_it_leaves_behind_holds_nothing_up(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {shlex.quote(str(note))}"
    send(alert(), ["sh", "-c", script], environment())
    wait_for(lambda: not is_running(int(note.read_text())))


def test_one_that_leaves_its_group_holds_nothing_up_either(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import os, pathlib, time\n"
        "if os.fork(): os._exit(0)\n"
        f"os.setsid(); pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    send(alert(), python(code), environment(), limit_s=PATIENCE_S)
    if note.exists() and note.read_text():
        os.kill(int(note.read_text()), 9)


def test_what_leaves_its_group_and_goes_on_keeps_neither_thread_nor_pipe(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import os, pathlib, time\n"
        "read, write = os.pipe()\n"
        "if os.fork(): os.read(read, 1); os._exit(0)\n"
        f"os.setsid(); pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "os.write(write, b'x'); time.sleep(600)"
    )
    threads, files = threading.active_count(), len([*Path("/proc/self/fd").iterdir()])
    send(alert(), python(code), environment(), limit_s=PATIENCE_S)
    try:
        wait_for(lambda: threading.active_count() == threads)
        assert len([*Path("/proc/self/fd").iterdir()]) == files
    finally:
        os.kill(int(note.read_text()), 9)


def test_it_can_be_stopped_before_its_limit() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(ChannelError, match="stopped: tokenwatch ended meanwhile"):
        words = python("import time; time.sleep(600)")
        send(alert(), words, environment(), limit_s=600, stop=stop)
