"""The terminal, for a program that is left open for days: it may type nonsense, and it may go."""

from __future__ import annotations

import os
import selectors
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TextIO

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tokenwatch.tui.terminal.typed import Typed

if TYPE_CHECKING:
    from textual.app import App

LEAVE_S: Final = 1.5
"""Once the terminal has gone or the process was told to end, it ends at the latest after this."""
LOOK_S: Final = 0.1
AT_ONCE: Final = 4096
_MOUSE_OFF: Final = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"


class _Screen:
    """The terminal to write to; once it has gone, what is written goes nowhere."""

    def __init__(self, file: TextIO, lost: Callable[[], None]) -> None:
        self._file, self._lost = file, lost
        self._is_there = True

    def write(self, text: str) -> None:
        self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        self._do(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _do(self, act: Callable[[], object]) -> None:
        if not self._is_there:
            return
        try:
            act()
        except (OSError, ValueError):
            self._is_there = False
            self._lost()


class Terminal(LinuxDriver):
    """Ends the app, quietly and soon, on SIGHUP, SIGTERM, SIGINT and when the terminal has gone."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = _Screen(self._file, partial(self._leave, 128 + signal.SIGHUP))
        self._before: dict[signal.Signals, Any] = {}
        self._leaving = False

    def take_mouse(self, wanted: bool) -> None:
        """Take the mouse, or leave it to the terminal, from now on."""
        if wanted and not self._mouse:
            self._mouse = True
            self._enable_mouse_support()
        elif self._mouse and not wanted:
            self._disable_mouse_support()
            self._mouse = False
        self.flush()

    # Leaving --------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            # Not by the loop: it may stand still, waiting for a terminal that takes nothing.
            self._before[number] = signal.signal(number, self._told_to_end)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        if not self._mouse:
            # Another program may have left it on; nobody else would turn it off.
            self.write(_MOUSE_OFF)
        super().stop_application_mode()
        while self._before:
            signal.signal(*self._before.popitem())

    def _told_to_end(self, number: int, _: object) -> None:
        self._leave(128 + number)

    def _leave(self, code: int) -> None:
        """End the app from any thread; end the process if that takes too long."""
        if self._leaving:
            return
        self._leaving = True
        # What was read is kept by the ledger's transactions, so nothing has to be waited for.
        last = threading.Timer(LEAVE_S, os._exit, (code,))
        last.daemon = True
        last.start()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(partial(self._app.exit, return_code=code))

    # Input ----------------------------------------------------------------------------------

    def run_input_thread(self) -> None:
        typed = Typed()
        parser = XTermParser(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                text = ""
                if selector.select(LOOK_S):
                    data = self._read()
                    if not data:
                        self._leave(128 + signal.SIGHUP)
                        break
                    text = typed.feed(data)
                else:
                    text = typed.rest()
                self._hand_over(parser, text)
                if typed.saw_x10:
                    typed.saw_x10 = False
                    self._enable_mouse_support()
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, AT_ONCE)
        except OSError:
            return b""

    def _hand_over(self, parser: XTermParser, text: str) -> None:
        if text:
            for message in parser.feed(text):
                self.process_message(message)
        for message in parser.tick():
            self.process_message(message)
