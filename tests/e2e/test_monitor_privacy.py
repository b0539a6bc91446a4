"""What the monitor and the demo touch while they run on a terminal: no network, no credentials."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.test_privacy import CREDENTIALS
from tokenwatch.demo import Demo

WATCHER = """
import json, os, sys
seen = []

def watch(event, arguments):
    if event in ("open", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        seen.append([event, str(arguments[0])])
    elif event.startswith("socket."):
        seen.append([event, [str(a) for a in arguments[1:]]])

sys.addaudithook(watch)
from tokenwatch.__main__ import main
code = main()
with open(os.environ["WATCHED"], "w") as file:
    json.dump(list(seen), file)
sys.exit(code)
"""
PATIENCE_S = 60


def on_a_terminal(environment: dict[str, str], arguments: list[str], text: bytes) -> int:
    """Run the program on a terminal until it shows `text`, press q, return its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-c", WATCHER, *arguments],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, give_up, asked = b"", time.monotonic() + PATIENCE_S, False
    try:
        while program.poll() is None:
            assert time.monotonic() < give_up, shown[-2000:].decode(errors="replace")
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 65536)
                except OSError:
                    break
            if not asked and text in shown:
                asked = True
                time.sleep(2.5)
                os.write(ours, b"q")
        return program.wait(timeout=20)
    finally:
        program.kill()
        os.close(ours)


@pytest.mark.parametrize("command", [[], ["demo"]])
def test_what_the_monitor_touches(tmp_path: Path, command: list[str]) -> None:
    now = time.time_ns() // 1_000_000
    demo = Demo(tmp_path, seed=2, start_ms=now)
    demo.backfill()
    for root in (demo.claude_root, demo.codex_root):
        for name in CREDENTIALS:
            (root / name).write_text('{"token": "do-not-read"}')
    (demo.claude_root / "sessions" / "123.key").write_text("do-not-read")
    record = tmp_path / "record.json"
    try:
        code = on_a_terminal(
            {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "TMPDIR": str(tmp_path),
                "WATCHED": str(record),
                "TOKENWATCH_OFFLINE": "1",
                "TOKENWATCH_DATA_DIR": str(tmp_path / "data"),
                "TOKENWATCH_CONFIG_DIR": str(tmp_path / "config"),
                "CLAUDE_CONFIG_DIR": str(demo.claude_root),
                "CODEX_HOME": str(demo.codex_root),
            },
            command,
            b"burn rate",
        )
    finally:
        demo.close()
    assert code == 0
    seen = json.loads(record.read_text())
    # The event loop wakes itself through a pair of unix sockets; no other socket is made.
    sockets = [what for name, what in seen if name == "socket.__new__"]
    assert {family for family, *_ in sockets} <= {"1", "AddressFamily.AF_UNIX"}, sockets
    names = {name for name, _ in seen}
    assert not names & {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"}
    assert not names & {"os.exec", "os.posix_spawn", "os.system", "subprocess.Popen"}
    opened = [Path(what).name for name, what in seen if name == "open"]
    assert "ledger.sqlite" not in CREDENTIALS and opened
    assert [name for name in opened if name in CREDENTIALS or name.endswith(".key")] == []
    assert any(name.endswith(".jsonl") for name in opened), "it has read logs"
