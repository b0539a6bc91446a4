"""The server: one page, what it is made of, and a websocket for each window.

The terminal in the page is that of the package textual-serve: its script, style and font. Nothing
comes from another host.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from tokenwatch.errors import TokenwatchError
from tokenwatch.web.child import Child, alone, command, environment
from tokenwatch.web.gate import Gate, Visit, authority, headers

MOST_WINDOWS: Final = 4
"""As many monitors run at once."""
FULL: Final = f"{MOST_WINDOWS} windows are open already: close one of them."
WAIT_S: Final = 5.0
"""So long a window waits for the place of another that is just being closed."""
LONGEST_MESSAGE: Final = 1 << 18
LARGEST_SIDE: Final = 1000
HEARTBEAT_S: Final = 15.0
_TERMINAL = files("textual_serve") / "static"
_OWN = files("tokenwatch.web")
STATIC: Final = {
    "textual.js": (_TERMINAL / "js" / "textual.js", "text/javascript"),
    "xterm.css": (_TERMINAL / "css" / "xterm.css", "text/css"),
    "mono.ttf": (_TERMINAL / "fonts" / "RobotoMono-VariableFont_wght.ttf", "font/ttf"),
    "page.css": (_OWN / "page.css", "text/css"),
    "page.js": (_OWN / "page.js", "text/javascript"),
    "icon.svg": (_OWN / "icon.svg", "image/svg+xml"),
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where a running server is reached."""

    port: int
    address: str
    """Of the first page, without the token."""


class Server:
    """Shows the monitor in browsers."""

    def __init__(self, gate: Gate, arguments: tuple[str, ...]) -> None:
        """arguments: those of the program that runs behind each window."""
        self.gate = gate
        self._arguments = arguments
        self._places = asyncio.Semaphore(MOST_WINDOWS)
        self._children: set[Child] = set()
        self._windows: set[web.WebSocketResponse] = set()
        self._cookie = "tokenwatch"
        self._page = Template((_OWN / "page.html").read_text(encoding="utf-8"))

    # Life -----------------------------------------------------------------------------------

    async def start(self, host: str, port: int) -> Listening:
        """Listen. port: 0 for any that is free. Raises TokenwatchError."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/ws", self._window),
                web.get("/static/{name}", self._static),
            ]
        )
        app.on_response_prepare.append(_protect)
        # No log of requests: it would keep the token.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, host, port)
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror
            raise TokenwatchError(
                f"can't listen on {host} port {port}: {why}; --port 0 takes any that is free"
            ) from error
        port = self._runner.addresses[0][1]
        # Cookies know no ports: two servers on one host must not share theirs.
        self._cookie = f"tokenwatch-{port}"
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return Listening(port=port, address=f"http://{authority(shown, port)}/")

    async def stop(self) -> None:
        """Close all windows. Returns when no monitor is left."""
        closing = [window.close(code=WSCloseCode.GOING_AWAY) for window in self._windows]
        ending = [child.stop() for child in self._children]
        await asyncio.gather(*ending)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing), 1.0)
        await self._runner.cleanup()
        await asyncio.gather(*(child.stop() for child in self._children))

    # Who comes in ---------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        visit = Visit(
            host=hosts[0] if len(hosts) == 1 else "",
            origin=request.headers.get("Origin", ""),
            token=request.query.get("token", ""),
            cookie=request.cookies.get(self._cookie, ""),
            wants_origin=request.path == "/ws" or request.method not in ("GET", "HEAD"),
        )
        if why := self.gate.refusal(visit):
            return web.Response(status=403, text=f"403: {why}\n")
        return await handler(request)

    async def _index(self, request: web.Request) -> web.Response:
        page = web.Response(
            text=self._page.substitute(host=request.headers["Host"]), content_type="text/html"
        )
        page.set_cookie(self._cookie, self.gate.cookie, httponly=True, samesite="Strict")
        return page

    async def _static(self, request: web.Request) -> web.Response:
        found = STATIC.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        file, kind = found
        return web.Response(body=file.read_bytes(), content_type=kind)

    # A window -------------------------------------------------------------------------------

    async def _window(self, request: web.Request) -> web.StreamResponse:
        window = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LONGEST_MESSAGE)
        await window.prepare(request)
        try:
            await asyncio.wait_for(self._places.acquire(), WAIT_S)
        except TimeoutError:
            with suppress(ConnectionError):
                await window.send_bytes(alone(FULL))
            await window.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return window
        try:
            await self._show(request, window)
        finally:
            self._places.release()
        return window

    async def _show(self, request: web.Request, window: web.WebSocketResponse) -> None:
        size = {name: _side(request.query.get(name)) for name in ("width", "height")}
        surroundings = environment(os.environ, size["width"] or 80, size["height"] or 24)
        child = await Child.start(command(*self._arguments), surroundings, window.send_bytes)
        self._windows.add(window)
        self._children.add(child)
        closing = asyncio.create_task(_close_after(child, window))
        try:
            async for message in window:
                if message.type is WSMsgType.TEXT:
                    await _obey(message.data, child, window)
        finally:
            self._windows.discard(window)
            await child.stop()
            self._children.discard(child)
            await closing


async def _close_after(child: Child, window: web.WebSocketResponse) -> None:
    await child.run()
    await window.close()


async def _obey(text: str, child: Child, window: web.WebSocketResponse) -> None:
    """Do what a message of the page says; one that says nothing known is none."""
    try:
        said: Any = json.loads(text)
    except ValueError:
        return
    match said:
        case ["stdin", str(typed)]:
            await child.type(typed)
        case ["resize", {"width": width, "height": height}]:
            if (wide := _side(width)) and (high := _side(height)):
                await child.tell(type="resize", width=wide, height=high)
        case ["ping", str(stamp)]:
            with suppress(ConnectionError):
                await window.send_json(["pong", stamp])
        case [("focus" | "blur") as which]:
            await child.tell(type=which)


def _side(given: object) -> int:
    """Return a terminal's width or height, 0 for what can't be one."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 5:
        given = int(given)
    return given if type(given) is int and 0 < given <= LARGEST_SIDE else 0


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(headers(request.headers.get("Host", "")))


async def serve(server: Server, host: str, port: int, ready: Callable[[Listening], None]) -> None:
    """Serve until Ctrl-C or a signal to end. ready: called once browsers can come.

    Raises TokenwatchError if it can't listen.
    """
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:
            loop.add_signal_handler(name, over.set)
    listening = await server.start(host, port)
    try:
        ready(listening)
        await over.wait()
    finally:
        await server.stop()
