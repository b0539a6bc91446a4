"""A program in a pseudo-terminal, and what its screen shows at any instant."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

WIDTH, HEIGHT = 120, 24
_PARTS = re.compile(
    r"\x1b\[(?P<args>[0-9;:?<=>!$]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]P_^X].*?(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])",
    re.S,
)
_UNFINISHED = re.compile(r"\x1b(\[[0-?]*[ -/]*|[\]P_^X][^\x07]*)?\Z", re.S)


class Screen:
    """As much of a terminal as Textual uses: moves, text, clearing. One column a character."""

    def __init__(self) -> None:
        self._rows = [[" "] * WIDTH for _ in range(HEIGHT)]
        self._row = self._column = 0
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def lines(self) -> list[str]:
        """The rows as text."""
        return ["".join(row) for row in self._rows]

    def feed(self, data: bytes) -> None:
        """Take what the program wrote."""
        written = self._rest + self._decode(data)
        unfinished = _UNFINISHED.search(written)
        end = unfinished.start() if unfinished else len(written)
        self._rest = written[end:]
        for part in _PARTS.finditer(written, 0, end):
            if part["text"]:
                self._write(part["text"])
            elif part["final"]:
                self._command(part["args"], part["final"])
            elif part["control"] == "\n":
                self._row = min(self._row + 1, HEIGHT - 1)
            elif part["control"] == "\r":
                self._column = 0

    def _write(self, text: str) -> None:
        room = text[: max(0, WIDTH - self._column)]
        self._rows[self._row][self._column : self._column + len(room)] = room
        self._column = min(self._column + len(text), WIDTH)

    def _command(self, arguments: str, final: str) -> None:
        numbers = [int(n) if n.isdigit() else 0 for n in arguments.split(";")]
        first = numbers[0]
        match final:
            case "H" | "f":
                self._row = min(max(first, 1), HEIGHT) - 1
                self._column = min(max(numbers[1] if len(numbers) > 1 else 1, 1), WIDTH) - 1
            case "A":
                self._row = max(0, self._row - max(1, first))
            case "B":
                self._row = min(HEIGHT - 1, self._row + max(1, first))
            case "C":
                self._column = min(WIDTH, self._column + max(1, first))
            case "G":
                self._column = min(max(first, 1), WIDTH) - 1
            case "J" if first == 2:
                self._rows = [[" "] * WIDTH for _ in range(HEIGHT)]
            case "K" if first == 0:
                self._rows[self._row][self._column :] = " " * (WIDTH - self._column)


class Terminal:
    """A program that draws; use as a context manager, which ends it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.screen = Screen()
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.started = time.perf_counter()
        self._child = subprocess.Popen(
            command, env=dict(environment), cwd=environment["HOME"], stdin=slave, stdout=slave,
            stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._child.pid

    def read(self, seconds: float) -> bool:
        """Take what is written within that time, at most once; False if there was nothing."""
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            self.screen.feed(os.read(self._master, 1 << 16))
        except OSError:
            return False
        return True

    def wait(self, shown: Callable[[list[str]], bool], patience_s: float) -> float | None:
        """Return the seconds from the start until the screen is so; None if it never is."""
        end = time.perf_counter() + patience_s
        while time.perf_counter() < end:
            if self.read(0.5) and shown(self.screen.lines):
                return time.perf_counter() - self.started
            if self._child.poll() is not None:
                return None
        return None

    def pause(self, seconds: float) -> None:
        """Let the program work, and take what it writes meanwhile."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            os.write(self._master, b"q")
        end = time.perf_counter() + 5
        while self._child.poll() is None and time.perf_counter() < end:
            self.read(0.05)
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        os.close(self._master)
