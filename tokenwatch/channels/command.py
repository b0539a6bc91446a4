"""A program of the user's that gets each alert's document on its standard input."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import IO, Final

from tokenwatch.alert import Alert
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.document import encoded
from tokenwatch.format import one_line

LIMIT_S: Final = 10.0
_LOOK_S: Final = 0.05
STOP_S: Final = 0.5
"""So long the last words of a program that has ended are waited for."""
_KEPT: Final = 4096
_SHOWN: Final = 160


def send(
    alert: Alert,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    redact: bool = False,
    limit_s: float = LIMIT_S,
    stop: threading.Event | None = None,
) -> None:
    """Run a program, without a shell, and wait for its end. Raises ChannelError if it fails.

    words: its name and arguments. Nothing that it writes is shown, but the first line of its
    errors in the error. What it left running in its process group ends with it, or at the limit,
    or when `stop` is set.
    """
    # Arguments may be secret, and its folder tells nothing.
    name = one_line(os.path.basename(words[0]), 40)  # noqa: PTH119
    process = _start(words, name, environment)
    said, ended = bytearray(), threading.Event()
    threads = (
        threading.Thread(target=_feed, args=(process, encoded(alert, redact=redact)), daemon=True),
        threading.Thread(target=_hear, args=(process, said, ended), daemon=True),
    )
    try:
        for thread in threads:
            thread.start()
        _wait(process, time.monotonic() + limit_s, stop)
    finally:
        is_late = process.poll() is None
        _end(process)
        for thread in threads:
            thread.join(STOP_S)
        # Who left its group may hold the pipe open for ever.
        ended.set()
    if is_late:
        stopped = stop is not None and stop.is_set()
        why = "tokenwatch ended meanwhile" if stopped else f"it did not end within {limit_s:g} s"
        raise ChannelError(f"{name} was stopped: {why}")
    if process.returncode:
        raise ChannelError(f"{name} ended with {_code(process.returncode)}{_words(said)}")


def _start(
    words: Sequence[str], name: str, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(words),
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ChannelError(f"there is no program {name}") from error
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise ChannelError(f"can't run {name}: {one_line(str(said), 80)}") from error


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    """Write the document; a program that does not read it needs none."""
    assert process.stdin is not None
    with suppress(OSError), process.stdin as pipe:
        pipe.write(data)


def _hear(process: subprocess.Popen[bytes], said: bytearray, ended: threading.Event) -> None:
    """Keep the beginning of the errors, and take the rest, so that it is never held up."""
    assert process.stderr is not None
    pipe: IO[bytes] = process.stderr
    with suppress(OSError), pipe, DefaultSelector() as waiting:
        waiting.register(pipe, EVENT_READ)
        while not ended.is_set():
            if not waiting.select(_LOOK_S):
                continue
            if not (data := os.read(pipe.fileno(), _KEPT)):
                return
            said += data[: _KEPT - len(said)]


def _wait(process: subprocess.Popen[bytes], until: float, stop: threading.Event | None) -> None:
    while process.poll() is None and (left := until - time.monotonic()) > 0:
        if stop is not None and stop.is_set():
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(min(left, _LOOK_S))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all in its process group. It is waited for."""
    with suppress(ProcessLookupError, PermissionError):
        # The group has the number of the program that leads it.
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    process.wait()


def _code(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"signal {-code}"


def _words(said: bytearray) -> str:
    lines = (one_line(line, _SHOWN) for line in said.decode(errors="replace").splitlines())
    first = next((line for line in lines if line), "")
    return f": {first}" if first else ""
