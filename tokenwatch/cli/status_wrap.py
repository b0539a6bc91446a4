"""Run the status line that was there before ours, as the client would have."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from contextlib import suppress
from threading import Thread
from time import monotonic

LIMIT_S = 5.0
LARGEST = 64 * 1024
"""Bytes of its output; a status line of more is none."""
LEAVING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def said_by(command: str, told: bytes, limit_s: float = LIMIT_S) -> bytes:
    """Return what a command line prints for what the client told; b'' if it fails or is too late.

    It runs in a shell, in this folder and environment; when it is given up, or this process is told
    to end, it ends with all that it started. For the main thread, which gets the signals.
    """
    started: list[subprocess.Popen[bytes]] = []

    def leave(*_: object) -> None:
        for process in started:
            _kill(process)
        os._exit(0)

    before = [(number, signal.signal(number, leave)) for number in LEAVING]
    try:
        return _said_by(command, told, monotonic() + limit_s, started)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _said_by(
    command: str, told: bytes, until: float, started: list[subprocess.Popen[bytes]]
) -> bytes:
    try:
        process = subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return b""
    started.append(process)
    assert process.stdin is not None and process.stdout is not None
    Thread(target=_feed, args=(process, told), daemon=True).start()
    said = _read(process, process.stdout.fileno(), until)
    if said is None:
        _end(process)
        return b""
    return said if process.poll() == 0 else b""


def _feed(process: subprocess.Popen[bytes], told: bytes) -> None:
    assert process.stdin is not None
    # It need not read what it is told.
    with suppress(OSError):
        process.stdin.write(told)
    with suppress(OSError):
        process.stdin.close()


def _read(process: subprocess.Popen[bytes], out: int, until: float) -> bytes | None:
    """Return what is printed until the command is over; None if that is too late, or too much."""
    said = b""
    is_open = True
    while monotonic() < until:
        is_over = process.poll() is not None
        if not is_open:
            if is_over:
                return said
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - monotonic()))
            continue
        ready, _, _ = select.select([out], [], [], 0.0 if is_over else 0.02)
        if ready:
            part = os.read(out, LARGEST)
            is_open = bool(part)
            said += part
            if len(said) > LARGEST:
                return None
        elif is_over:
            # What it left running in the background may hold the pipe for ever.
            return said
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
