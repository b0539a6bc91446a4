"""One monitor behind one browser window: a process, and what is said to it and by it.

It speaks the protocol of Textual's web driver (`textual.drivers.web_driver`): after a line
`__GANGLION__`, packets of a type (D: text for or from the terminal, M: JSON about it, P: parts of a
file), four bytes of length, and as many bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tokenwatch.format import clean

PRELUDE: Final = b"__GANGLION__\n"
LARGEST: Final = 1 << 24
GRACE_S: Final = 4.0
"""A monitor that was told to end is killed after this."""
KEPT_BYTES: Final = 8192
_START = (
    "import sys; where = sys.argv.pop(1)\n"
    "if where not in sys.path: sys.path.insert(0, where)\n"
    "from tokenwatch.__main__ import main; sys.exit(main())"
)
_ONLY_HERE = ("TOKENWATCH_SERVE_TOKEN", "TMUX", "TMUX_PANE", "LINES")


def command(*arguments: str) -> list[str]:
    """Return how to run this very program again, whatever modules lie in the current folder."""
    return [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[2]), *arguments]


def environment(ours: Mapping[str, str], width: int, height: int) -> dict[str, str]:
    """Return a child's environment: ours without what is none of its business."""
    return {name: value for name, value in ours.items() if name not in _ONLY_HERE} | {
        "TEXTUAL_DRIVER": "tokenwatch.web.driver:BrowserDriver",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "COLORTERM": "truecolor",
        "COLUMNS": str(width),
        "ROWS": str(height),
    }


def alone(text: str) -> bytes:
    """Return what leaves a terminal with nothing but a text, in the colours of the page."""
    colours = "\x1b[0;38;2;215;220;226;48;2;16;20;24m"
    return f"\x1b[?1049l\x1b[?25l{colours}\x1b[2J\x1b[H{text}\r\n".encode()


class Child:
    """A running monitor."""

    def __init__(self, process: Process, show: Callable[[bytes], Awaitable[None]]) -> None:
        self._process = process
        self._show = show
        self._unseen = False
        self._last_words = b""
        self._over = asyncio.Event()
        self._ears = (asyncio.create_task(self._read()), asyncio.create_task(self._listen()))
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        line: Sequence[str],
        environment: Mapping[str, str],
        show: Callable[[bytes], Awaitable[None]],
    ) -> Child:
        """Start a process that gets no key of the terminal the server runs in.

        show: takes what it draws, for a terminal.
        """
        process = await asyncio.create_subprocess_exec(
            *line,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=dict(environment),
            start_new_session=True,
        )
        return cls(process, show)

    @property
    def pid(self) -> int:
        """The process, which leads a group of its own."""
        return self._process.pid

    # What it says ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Wait until it has ended; if it failed, show its last words."""
        await self._over.wait()
        await self.stop()
        if self._process.returncode and not self._unseen:
            why = self._why() or f"the monitor ended with code {self._process.returncode}"
            with suppress(ConnectionError):
                await self._show(alone(why))

    async def _read(self) -> None:
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await self._out.readuntil(PRELUDE)
            while (drawn := await self._packet()) is not None:
                await self._pass_on(drawn)
        self._over.set()
        # It could not end while it waits for somebody to read what it draws.
        while await self._out.read(65536):
            pass

    async def _pass_on(self, drawn: bytes) -> None:
        if drawn and not self._unseen:
            try:
                await self._show(drawn)
            except ConnectionError:
                self._unseen = True

    @property
    def _out(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None
        return self._process.stdout

    async def _packet(self) -> bytes | None:
        """Return what is to be drawn, b"" for any other packet, None when it leaves."""
        kind, size = await self._out.readexactly(1), await self._out.readexactly(4)
        length = int.from_bytes(size, "big")
        if length > LARGEST:
            raise ValueError(f"a packet of {length} bytes")
        payload = await self._out.readexactly(length)
        if kind == b"M" and json.loads(payload).get("type") == "exit":
            return None
        return payload if kind == b"D" else b""

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while words := await self._process.stderr.read(4096):
            self._last_words = (self._last_words + words)[-KEPT_BYTES:]

    def _why(self) -> str:
        """Return the last line of what it complained of."""
        lines = self._last_words.decode(errors="replace").strip().splitlines()
        return clean(lines[-1].strip()) if lines else ""

    # What is said to it ---------------------------------------------------------------------

    async def type(self, text: str) -> None:
        """Send what was typed, or what the mouse did."""
        await self._send(b"D", text.encode(errors="replace"))

    async def tell(self, **what: str | int) -> None:
        """Send something about the terminal."""
        await self._send(b"M", json.dumps(what).encode())

    async def _send(self, kind: bytes, payload: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            await self._process.stdin.drain()

    # Its end --------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Let it end by itself, else make it end. Returns when nothing of it is left."""
        if self._ending is None:
            self._unseen = self._unseen or not self._over.is_set()
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GRACE_S)
        except TimeoutError:
            # With all that it started: they are one group, and its leader is still there.
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        _, deaf = await asyncio.wait(self._ears, timeout=GRACE_S)
        for task in deaf:
            task.cancel()
