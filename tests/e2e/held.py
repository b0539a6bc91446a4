"""A program that holds a terminal of its own: what it writes, byte by byte, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE_S = 40


class Held:
    """A program as the leader of a terminal's session. Use as a context manager."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]
    ) -> None:
        self.written = b""
        self.code: int | None = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.execve(command[0], list(command), dict(environment))
            finally:
                os._exit(127)
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size; the program is told by SIGWINCH."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def type(self, data: bytes) -> None:
        """Type bytes."""
        os.write(self.master, data)

    def modes(self) -> int:
        """Return the local modes of the terminal: echo, lines, signals."""
        return int(termios.tcgetattr(self.master)[3])

    def wait_for(self, *texts: bytes) -> None:
        """Wait until the program has written all texts, each somewhere after the last call."""
        start = len(self.written)
        self._wait(lambda: all(text in self.written[start:] for text in texts), f"{texts}")

    def wait_until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so, taking what the program writes meanwhile."""
        self._wait(true, "it")

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not true():
            tail = self.written[-3000:].decode(errors="replace")
            assert time.monotonic() < give_up, f"{what} never came: {tail!r}"
            assert not self.has_ended(), f"ended with {self.code} before {what}: {tail!r}"
            self._read(0.1)

    def end(self) -> float:
        """Wait for the program's end; return how many seconds that took."""
        began = time.monotonic()
        while not self.has_ended():
            assert time.monotonic() - began < PATIENCE_S, "it never ended"
            self._read(0.02)
        self._read(0)
        return time.monotonic() - began

    def has_ended(self) -> bool:
        """Return whether the program has ended; `code` is how, negative for a signal."""
        if self.code is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self.master)
        self.master = -1

    def _read(self, seconds: float) -> None:
        if self.master < 0:
            time.sleep(seconds)
        elif select.select([self.master], [], [], seconds)[0]:
            try:
                self.written += os.read(self.master, 1 << 16)
            except OSError:
                time.sleep(seconds)

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)


def left_behind(folder: Path) -> list[int]:
    """Return the processes that have something below a folder open, or it in their environment."""
    wanted = str(folder).encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if wanted in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue
    return found
