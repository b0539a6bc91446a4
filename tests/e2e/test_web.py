"""The real program in a real browser: `tokenwatch serve --demo` in headless Chromium."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.chromium import Chromium, Page, chromium
from tests.e2e.test_tmux import environment

pytestmark = pytest.mark.program("chromium")
PATIENCE_S = 30
BACKGROUND, ACCENT = (0x10, 0x14, 0x18), (0x56, 0xB4, 0xE9)


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Serve the demo; yield the address of the first page."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tokenwatch", "serve", "--demo", "--port", "0"),
        env=environment(home),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip(), process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def pixels(png: bytes) -> list[bytes]:
    """Return the rows of a PNG of 8-bit RGB or RGBA, three bytes a pixel."""
    at, packed, width, depth = 8, b"", 0, 3
    while at < len(png):
        (size,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, _, bits, colour = struct.unpack(">IIBB", body[:10])
            assert bits == 8 and colour in (2, 6)
            depth = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    raw, stride = zlib.decompress(packed), width * depth
    rows, above = [], bytes(stride)
    for start in range(0, len(raw), stride + 1):
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], above, depth)
        rows.append(
            above if depth == 3 else b"".join(above[i : i + 3] for i in range(0, stride, 4))
        )
    return rows


def _unfiltered(kind: int, line: bytes, above: bytes, depth: int) -> bytes:
    out = bytearray(line)
    for i in range(len(out)):
        left = out[i - depth] if i >= depth else 0
        corner = above[i - depth] if i >= depth else 0
        if kind == 1:
            out[i] = (out[i] + left) & 255
        elif kind == 2:
            out[i] = (out[i] + above[i]) & 255
        elif kind == 3:
            out[i] = (out[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            guess = left + above[i] - corner
            nearest = min((left, above[i], corner), key=lambda value: abs(guess - value))
            out[i] = (out[i] + nearest) & 255
    return bytes(out)


def colours(png: bytes) -> Counter[tuple[int, ...]]:
    """Return how many pixels of a picture have each colour."""
    return Counter(tuple(row[at : at + 3]) for row in pixels(png) for at in range(0, len(row), 3))


async def until_drawn(page: Page, text: str) -> None:
    """Wait until the terminal was sent a text."""
    for _ in range(PATIENCE_S * 10):
        if text in page.drawn:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{text!r} was never drawn: {page.drawn[-2000:]!r} {page.complaints}")


def children(pid: int) -> list[str]:
    """Return the processes that a process has started and that are there."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


async def until_none_is_left(pid: int) -> None:
    for _ in range(PATIENCE_S * 10):
        if not children(pid):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"still there: {children(pid)}")


async def first_page(browser: Chromium, address: str) -> Page:
    page = await browser.open(address)
    await page.until("document.body.classList.contains('-first-byte')")
    await until_drawn(page, "burn rate")
    return page


async def test_the_demo_in_a_browser(tmp_path: Path) -> None:
    async with serving(tmp_path) as (address, server), chromium((1280, 800)) as browser:
        page = await first_page(browser, address)
        await asyncio.sleep(1)
        await page.picture(tmp_path / "live.png")
        live = colours((tmp_path / "live.png").read_bytes())
        assert live.most_common(1)[0][0] == BACKGROUND
        assert live[ACCENT] > 1000, "no bars, no frame around the pane in focus"
        assert 0.02 < 1 - live[BACKGROUND] / live.total() < 0.6

        for key, tab in (("5", "[5 History]"), ("1", "[1 Live]")):
            page.drawn = ""
            await page.type(key)
            await until_drawn(page, tab.strip("[]"))
        await asyncio.sleep(1)
        await page.type("?")
        await until_drawn(page, "keys · Live")
        await page.picture(tmp_path / "help.png")
        assert colours((tmp_path / "help.png").read_bytes()) != live

        origin, _, token = address.partition("?token=")
        assert len(page.requests) >= 7
        assert {a.replace("ws://", "http://")[: len(origin)] for a in page.requests} == {origin}
        assert [a for a in page.requests if token in a] == [address]
        assert await page.value("location.href") == origin, "the token is still to be seen"
        assert await page.value("document.cookie") == ""
        assert await page.value("document.fonts.check('15px \"Roboto Mono\"')")
        assert page.complaints == []

        await browser.close_tabs()
        if sys.platform == "linux":
            await until_none_is_left(server.pid)
        assert list(tmp_path.glob("tokenwatch-demo-*")) == [], "the demo leaves its folder behind"


async def test_no_other_host_can_be_asked_from_the_page(tmp_path: Path) -> None:
    async with serving(tmp_path) as (address, _), chromium((900, 600)) as browser:
        page = await first_page(browser, f"{address}&ping=http://127.0.0.1:9/")
        tries = (
            "fetch('http://127.0.0.1:9/')",
            "fetch('https://example.com/')",
            "new Promise((ok, no) => { const s = new WebSocket('ws://127.0.0.1:9/');"
            " s.onopen = ok; s.onerror = no; })",
        )
        for script in tries:
            assert await page.value(f"{script}.then(() => 'let out', () => 'kept')") == "kept"
        assert len([told for told in page.complaints if "Content Security Policy" in told]) >= 3


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """Serve an empty page on another port: to a browser's cookies the same site as ours."""

    async def empty(request: web.Request) -> web.Response:
        return web.Response(text="<title>another</title>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", empty)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_a_page_of_another_port_gets_nothing_though_the_browser_sends_our_cookie(
    tmp_path: Path,
) -> None:
    async with (
        serving(tmp_path) as (address, _),
        another_site() as foreign,
        chromium((900, 600)) as browser,
    ):
        await first_page(browser, address)
        ours = address.partition("?")[0]
        other = await browser.open(foreign)
        await other.until("document.title === 'another'")
        tries = (
            f"fetch('{ours}', {{credentials: 'include'}})",
            f"fetch('{ours}', {{credentials: 'include', mode: 'no-cors'}})",
            f"new Promise((ok, no) => {{ const s = new WebSocket('{ours}ws'.replace('http', 'ws'));"
            " s.onopen = ok; s.onerror = no; })",
            f"new Promise((ok, no) => {{ const s = document.createElement('script');"
            f" s.src = '{ours}static/textual.js'; s.onload = ok; s.onerror = no;"
            " document.head.append(s); })",
        )
        for script in tries:
            got = await other.value(f"{script}.then(() => 'got', () => 'kept')")
            assert got == "kept", script


async def test_its_end_is_shown_and_it_can_be_started_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as (address, server), chromium((900, 600)) as browser:
        page = await first_page(browser, address)
        await page.type("q")
        await page.until("document.body.classList.contains('-closed')")
        await page.until("document.activeElement.id === 'again'")
        page.drawn = ""
        await page.value("document.activeElement.click()")
        await until_drawn(page, "burn rate")
        running = children(server.pid) if sys.platform == "linux" else []
        os.kill(server.pid, signal.SIGTERM)
        assert await asyncio.wait_for(server.wait(), PATIENCE_S) == 0
        await page.until("document.body.classList.contains('-closed')")
        assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []
        assert list(tmp_path.glob("tokenwatch-demo-*")) == []
