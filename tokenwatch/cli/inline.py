"""Some lines of a terminal that are written anew in place, without taking the screen.

The cursor always rests at the start of the first line, so whatever a resize does to the lines, all
of them lie behind it and can be erased.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType, TracebackType

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
TO_LINE_END, TO_SCREEN_END = "\x1b[K", "\x1b[J"
LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LEAVE_KEYS = b"q\x04"
"""q and Ctrl-D."""


class Inline:
    """The lines, from the first `draw` until the `with` ends; then the cursor is below them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size: tuple[int, int] | None = None
        self._kept: list[object] | None = None
        self._wake, self._end = os.pipe()
        for end in (self._wake, self._end):
            os.set_blocking(end, False)
        self._handlers: dict[int, object] = {}
        self.ended_by = 0
        """The signal that asked to leave; 0 for a key, or none yet."""
        self.is_left = False

    def __enter__(self) -> Inline:
        self._former_wakeup = signal.set_wakeup_fd(self._end, warn_on_full_buffer=False)
        for number in LEAVING:
            self._handle(number, self._leave)
        self._handle(signal.SIGWINCH, lambda *_: None)
        self._handle(signal.SIGTSTP, self._suspend)
        # A terminal that is gone shows in the error of the next write.
        self._handle(signal.SIGPIPE, signal.SIG_IGN)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._give_back()
        signal.set_wakeup_fd(self._former_wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        for end in (self._wake, self._end):
            os.close(end)

    def _handle(
        self, number: int, handler: Callable[[int, FrameType | None], None] | signal.Handlers
    ) -> None:
        self._handlers[number] = signal.signal(number, handler)

    def _leave(self, number: int, _: FrameType | None) -> None:
        self.ended_by, self.is_left = number, True

    # The terminal ---------------------------------------------------------------------------

    def _take(self) -> None:
        """Hide the cursor, and keep typed letters from showing among the lines."""
        with suppress(termios.error, OSError):
            if sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
                self._kept = termios.tcgetattr(sys.stdin)
                quiet = termios.tcgetattr(sys.stdin)
                quiet[3] &= ~(termios.ECHO | termios.ICANON)
                termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
        self._write(HIDE + NO_WRAP)

    def _give_back(self) -> None:
        """Leave the lines as they are, with the cursor below them and as it was."""
        if self._kept is not None:
            with suppress(termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._kept)  # type: ignore[arg-type]
            self._kept = None
        below = "\n" * len(self._lines)
        self._lines = []
        self._write("\r" + below + SHOW + WRAP)

    def _suspend(self, *_: object) -> None:
        """Stop as Ctrl-Z asks, with the terminal as it was; go on behind what came meanwhile."""
        with suppress(OSError):
            self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
        with suppress(OSError):
            self._take()

    def _write(self, text: str) -> None:
        data = text.encode(sys.stdout.encoding or "ascii", "replace")
        while data:
            data = data[os.write(sys.stdout.fileno(), data) :]

    @staticmethod
    def size() -> tuple[int, int]:
        """Return the columns and lines of the terminal, at least one of each."""
        with suppress(OSError):
            size = os.get_terminal_size(sys.stdout.fileno())
            return max(1, size.columns), max(1, size.lines)
        return 80, 24

    def draw(self, lines: Sequence[str]) -> None:
        """Write these lines over the last ones; only those that differ. Raises OSError."""
        size = self.size()
        text = ""
        if size != self._size or len(lines) < len(self._lines):
            text, self._lines = "\r" + TO_SCREEN_END, []
        self._size = size
        for at, line in enumerate(lines):
            known = at < len(self._lines)
            if not known or self._lines[at] != line:
                text += f"\r{line}{TO_LINE_END}"
            if at + 1 < len(lines):
                # Only a line feed makes room below the last line of the screen.
                text += "\n"
        if text.strip("\n"):
            up = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
            self._write(text + up + "\r")
        self._lines = list(lines)

    # Waiting --------------------------------------------------------------------------------

    def wake(self) -> None:
        """End the waiting; from any thread."""
        with suppress(OSError):
            os.write(self._end, b"\0")

    def wait(self, seconds: float) -> None:
        """Wait until it is over, woken, resized, or asked to leave (`is_left`)."""
        if self.is_left:
            return
        watched = [self._wake, *([sys.stdin.fileno()] if self._kept is not None else [])]
        ready, _, _ = select.select(watched, [], [], seconds)
        if self._wake in ready:
            with suppress(BlockingIOError):
                while os.read(self._wake, 512):
                    pass
        if len(watched) > 1 and watched[1] in ready:
            typed = os.read(watched[1], 64)
            if not typed or any(key in typed for key in LEAVE_KEYS):
                self.is_left = True
