"""Ask Codex itself for its plan's windows: `codex app-server`, its documented interface.

Only when the user asks for it: it starts their own program, which goes to the network with their
own login. No credential passes through here. One JSON object a line, without a `jsonrpc` member.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic

import msgspec

from tokenwatch.errors import TokenwatchError
from tokenwatch.events import QuotaSeen
from tokenwatch.format import one_line
from tokenwatch.sources.codex.quota import windows
from tokenwatch.sources.values import mapping, text

START_S = 20.0
CALL_S = 5.0
LEAVE_S = 2.0
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer."""
_CLIENT = {"name": "tokenwatch", "title": "tokenwatch", "version": "0"}


def ask(
    environment: Mapping[str, str],
    at_ms: int,
    *,
    start_s: float = START_S,
    call_s: float = CALL_S,
) -> list[QuotaSeen]:
    """Return the windows that Codex tells of now, as of `at_ms`.

    environment: of the program, whose PATH names it. Raises TokenwatchError with what went wrong.
    """
    program = shutil.which("codex", path=environment.get("PATH"))
    if program is None:
        raise TokenwatchError("codex can't be asked: there is no `codex` on the PATH")
    try:
        process = subprocess.Popen(
            [program, "app-server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        raise TokenwatchError(f"codex can't be asked: {error.strerror or error}") from error
    try:
        talk = _Talk(process)
        talk.call(0, "initialize", {"clientInfo": _CLIENT}, start_s)
        talk.say({"method": "initialized"})
        return limits(talk.call(1, "account/rateLimits/read", None, call_s), at_ms)
    finally:
        _leave(process)


def limits(result: object, at_ms: int) -> list[QuotaSeen]:
    """Return the windows of an answer: of every limit it names, else of the main one."""
    told = mapping(result)
    every = [each for each in mapping(told.get("rateLimitsByLimitId")).values() if mapping(each)]
    seen: dict[tuple[str, int], QuotaSeen] = {}
    for each in every or [told.get("rateLimits")]:
        for window in windows(_logged(mapping(each)), at_ms):
            seen.setdefault((window.limit_id, window.window_minutes), window)
    return list(seen.values())


def _logged(told: dict[str, object]) -> dict[str, object]:
    """Return limits with the names that they have in the logs."""
    found: dict[str, object] = {"limit_id": told.get("limitId"), "plan_type": told.get("planType")}
    for name in ("primary", "secondary"):
        window = mapping(told.get(name))
        found[name] = {
            "used_percent": window.get("usedPercent"),
            "window_minutes": window.get("windowDurationMins"),
            "resets_at": window.get("resetsAt"),
        }
    return found


class _Talk:
    """Calls, and waits for their answers; what else is said is passed over."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._in, self._out = process.stdin, process.stdout.fileno()
        self._rest = b""

    def say(self, message: dict[str, object]) -> None:
        try:
            self._in.write(msgspec.json.encode(message) + b"\n")
            self._in.flush()
        except OSError as error:
            raise TokenwatchError(self._ended()) from error

    def call(self, number: int, method: str, params: object, within_s: float) -> object:
        message: dict[str, object] = {"method": method, "id": number}
        self.say(message if params is None else message | {"params": params})
        until = monotonic() + within_s
        while True:
            try:
                found = mapping(msgspec.json.decode(self._line(method, until)))
            except (msgspec.DecodeError, RecursionError):
                continue
            if found.get("id") != number or "method" in found:
                continue
            if found.get("error") is not None:
                said = text(mapping(found["error"]).get("message")) or "an error without words"
                raise TokenwatchError(f"codex says: {one_line(said, 200)}")
            return found.get("result")

    def _line(self, method: str, until: float) -> bytes:
        while b"\n" not in self._rest:
            left = until - monotonic()
            if left <= 0 or not select.select([self._out], [], [], left)[0]:
                raise TokenwatchError(f"codex did not answer {method} in time")
            part = os.read(self._out, 65_536)
            if not part:
                raise TokenwatchError(self._ended())
            self._rest += part
            if len(self._rest) > LARGEST:
                raise TokenwatchError("codex answers more than an answer can be")
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _ended(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_S)
        return f"codex app-server ended (with {self._process.poll()}); an older version has none"


def _leave(process: subprocess.Popen[bytes]) -> None:
    """End our own process: ask it to, then make it. What it started and left ends with it."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(subprocess.TimeoutExpired):
            process.wait(LEAVE_S)
        # The group has the number of the program that leads it, and may outlive it.
        with suppress(OSError):
            os.killpg(process.pid, how)
    process.wait()
    process.stdout.close()
