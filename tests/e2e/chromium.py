"""A headless Chromium that resolves no host but ours, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE_S = 60


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())
        self.requests: list[str] = []
        """Addresses of all that the page asked for, whatever became of it."""
        self.complaints: list[str] = []
        """What the browser's console was told as an error."""
        self.drawn = ""
        """What came over the page's websockets."""

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
                continue
            what = said["params"]
            if said["method"] == "Network.requestWillBeSent":
                self.requests.append(what["request"]["url"])
            elif said["method"] == "Network.webSocketCreated":
                self.requests.append(what["url"])
            elif said["method"] == "Network.webSocketFrameReceived":
                frame = what["response"]
                data = frame["payloadData"]
                self.drawn += data if frame["opcode"] == 1 else _text(data)
            elif said["method"] == "Log.entryAdded" and what["entry"]["level"] == "error":
                self.complaints.append(what["entry"]["text"])
            elif said["method"] == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(what))

    async def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol; return its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        said = await asyncio.wait_for(answer, PATIENCE_S)
        assert "error" not in said, said
        return said["result"]

    async def value(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        result = await self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        return result["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression is true."""
        for _ in range(PATIENCE_S * 10):
            if await self.value(script):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"never true: {script}; complaints: {self.complaints}")

    async def type(self, text: str) -> None:
        """Type one character."""
        await self.call("Input.dispatchKeyEvent", type="char", text=text)

    async def picture(self, to: Path) -> None:
        """Take a picture."""
        shot = await self.call("Page.captureScreenshot", format="png")
        to.write_bytes(base64.b64decode(shot["data"]))

    async def close(self) -> None:
        """Close the connection; the tab stays."""
        await self._socket.close()
        await self._reading


class Chromium:
    """A running browser."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._address = f"http://127.0.0.1:{port}"
        self._pages: list[Page] = []

    async def open(self, address: str) -> Page:
        """Open a page in a new tab; all that it asks for is written down."""
        async with self._session.put(f"{self._address}/json/new?about:blank") as answer:
            tab = await answer.json()
        page = Page(await self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0))
        self._pages.append(page)
        for domain in ("Network", "Page", "Runtime", "Log"):
            await page.call(f"{domain}.enable")
        await page.call("Page.navigate", url=address)
        return page

    async def close_tabs(self) -> None:
        """Close all tabs, as their user would."""
        for page in self._pages:
            await page.call("Page.close")

    async def disconnect(self) -> None:
        """Let go of all tabs."""
        for page in self._pages:
            await page.close()


@asynccontextmanager
async def chromium(size: tuple[int, int]) -> AsyncIterator[Chromium]:
    """Run a browser for which every host but 127.0.0.1 is unknown."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            f"--window-size={size[0]},{size[1]}",
            env={"PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8", "TZ": "UTC"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                browser = Chromium(session, port)
                yield browser
                await browser.disconnect()
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _text(data: str) -> str:
    return base64.b64decode(data).decode(errors="replace")


async def _port(file: Path) -> int:
    """Return the port of the protocol, which the browser writes into a file."""
    for _ in range(PATIENCE_S * 10):
        if file.exists() and (lines := file.read_text().split()):
            return int(lines[0])
        await asyncio.sleep(0.1)
    raise AssertionError("the browser did not start")
