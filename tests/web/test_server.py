"""A real server on loopback, and what it answers."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tokenwatch.errors import TokenwatchError
from tokenwatch.web import child, server
from tokenwatch.web.gate import gate_for
from tokenwatch.web.server import MOST_WINDOWS, STATIC, Server

TOKEN = "a-token-of-the-user"

ECHO = """
import os, sys
def say(kind, what):
    os.write(1, kind + len(what).to_bytes(4, "big") + what)
os.write(1, b"a line before\\n__GANGLION__\\n")
say(b"D", f"drawn at {os.environ['COLUMNS']}x{os.environ['ROWS']}".encode())
say(b"D", " ".join(sorted(os.environ)).encode())
while size := os.read(0, 5):
    what = os.read(0, int.from_bytes(size[1:], "big"))
    if what == b"leave":
        say(b"M", b'{"type": "exit"}')
        break
    if what == b"fail":
        sys.exit("Traceback\\n  some line\\nValueError: \\x1b[31mno such thing")
    say(b"P", b"part of a file")
    say(b"M", b'{"type": "open_url", "url": "http://evil.example"}')
    say(b"D", size[:1] + what)
"""
DEAF = """
import os, signal, subprocess, sys, time
for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(name, signal.SIG_IGN)
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
words = f"{os.getpid()} {own.pid}".encode()
os.write(1, b"__GANGLION__\\nD" + len(words).to_bytes(4, "big") + words)
time.sleep(600)
"""


class Visitor:
    """A browser's requests, with whatever headers a test wants."""

    def __init__(self, session: aiohttp.ClientSession, address: str, made: Server) -> None:
        self._session = session
        self.address = address
        self.host = address.split("/")[2]
        self.server = made
        self.cookie = f"tokenwatch-{self.host.rpartition(':')[2]}={made.gate.cookie}"

    async def ask(
        self, path: str, *, method: str = "GET", **headers: str
    ) -> aiohttp.ClientResponse:
        answer = await self._session.request(
            method, self.address + path, headers=headers, allow_redirects=False
        )
        await answer.read()
        return answer

    async def connect(self, **changed: str) -> aiohttp.ClientWebSocketResponse:
        headers = {"Cookie": self.cookie, "Origin": f"http://{self.host}"} | changed
        return await self._session.ws_connect(
            f"{self.address}ws?width=90&height=30",
            headers={name: value for name, value in headers.items() if value},
        )


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets what runs behind a window."""

    def use(code: str) -> None:
        monkeypatch.setattr(server, "command", lambda *_: [sys.executable, "-c", code])

    use(ECHO)
    return use


@pytest.fixture
async def visitor(program: Any) -> AsyncIterator[Visitor]:
    made = Server(gate_for("127.0.0.1", TOKEN), ())
    listening = await made.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Visitor(session, listening.address, made)
    await made.stop()


async def text(socket: aiohttp.ClientWebSocketResponse) -> str:
    return (await asyncio.wait_for(socket.receive_bytes(), 20)).decode()


def is_there(pid: int) -> bool:
    """Return whether a process runs; one that ended and that nobody has asked about does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


PATHS = ["", "ws", "static/textual.js", "static/nothing", "download/1", "nothing"]


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_answered_without_the_token(visitor: Visitor, path: str) -> None:
    origin = {"Origin": f"http://{visitor.host}"}
    for ask in (path, f"{path}?token=wrong", f"{path}?token="):
        answer = await visitor.ask(ask, **origin)
        assert answer.status == 403 and answer.content_type == "text/plain"
        assert "token" in await answer.text() and TOKEN not in await answer.text()
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_is_answered_to_another_host_or_page(visitor: Visitor, path: str) -> None:
    ask = f"{path}?token={TOKEN}"
    foreign = await visitor.ask(ask, Host=f"evil.example:{visitor.host.rpartition(':')[2]}")
    assert foreign.status == 403 and "host" in await foreign.text()
    other = await visitor.ask(ask, Cookie=visitor.cookie, Origin="http://evil.example")
    assert other.status == 403 and "page" in await other.text()


async def test_a_request_with_two_hosts_is_refused(visitor: Visitor) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(visitor.host.split(":")[1]))
    lines = f"GET /?token={TOKEN} HTTP/1.1\r\nHost: {visitor.host}\r\nHost: evil.example\r\n\r\n"
    writer.write(lines.encode())
    status = await reader.readline()
    writer.close()
    assert status.split()[1] in (b"400", b"403")


async def test_the_first_page_brings_a_cookie_for_all_others(visitor: Visitor) -> None:
    page = await visitor.ask(f"?token={TOKEN}")
    assert page.status == 200 and page.content_type == "text/html"
    cookie = page.cookies[f"tokenwatch-{visitor.host.split(':')[1]}"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    assert TOKEN not in str(cookie)
    for path in ("", *(f"static/{name}" for name in STATIC)):
        answer = await visitor.ask(path, Cookie=f"{cookie.key}={cookie.value}")
        assert answer.status == 200 and await answer.read(), path
    wrong = await visitor.ask("", Cookie=f"{cookie.key}={cookie.value[:-1]}")
    assert wrong.status == 403


async def test_the_page_names_no_other_host_and_holds_no_secret(visitor: Visitor) -> None:
    page = await (await visitor.ask(f"?token={TOKEN}")).text()
    assert TOKEN not in page and visitor.server.gate.cookie not in page
    assert "://" in page and page.count("://") == page.count(f"ws://{visitor.host}/ws")
    for name in ("page.css", "page.js", "xterm.css"):
        answer = await visitor.ask(f"static/{name}", Cookie=visitor.cookie)
        assert "url(http" not in (found := await answer.text()) and "@import" not in found


@pytest.mark.parametrize("path", [f"?token={TOKEN}", "", "nothing", "static/page.js"])
async def test_every_answer_tells_the_browser_to_stay_here(visitor: Visitor, path: str) -> None:
    headers = (await visitor.ask(path)).headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'none'" in policy
    assert f"connect-src 'self' ws://{visitor.host}" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_nothing_can_be_sent_but_over_the_websocket(visitor: Visitor, method: str) -> None:
    path = f"?token={TOKEN}"
    assert (await visitor.ask(path, method=method)).status == 403
    ours = await visitor.ask(path, method=method, Origin=f"http://{visitor.host}")
    assert ours.status == 405


@pytest.mark.parametrize(
    "changed",
    [
        {"Cookie": ""},
        {"Cookie": "tokenwatch=wrong"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
async def test_no_websocket_for_others(visitor: Visitor, changed: dict[str, str]) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.connect(**changed)
    assert refused.value.status == 403


async def test_what_is_typed_and_drawn(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENWATCH_SERVE_TOKEN", TOKEN)
    monkeypatch.setenv("TMUX", "/tmp/tmux")
    window = await visitor.connect()
    assert await text(window) == "drawn at 90x30"
    names = (await text(window)).split()
    assert "TEXTUAL_DRIVER" in names and not {"TMUX", "TOKENWATCH_SERVE_TOKEN"} & set(names)
    await window.send_json(["stdin", "k→"])
    assert await text(window) == "Dk→"
    await window.send_json(["resize", {"width": 100, "height": 40}])
    assert await text(window) == 'M{"type": "resize", "width": 100, "height": 40}'
    await window.send_json(["blur"])
    assert await text(window) == 'M{"type": "blur"}'
    await window.send_json(["ping", "12"])
    assert await window.receive_json() == ["pong", "12"]
    await window.close()


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "{",
            "null",
            "[]",
            '["stdin"]',
            '["stdin", 7]',
            '["quit"]',
            '["focus", 1]',
            '"stdin"',
        ),
        *('["resize", {"width": 0, "height": 9}]', '["resize", {"width": 1e9, "height": 9}]'),
        *('["resize", {"width": true, "height": 9}]', '["deliver_chunk_request", {}]'),
    ],
)
async def test_a_message_that_says_nothing_known_is_none(visitor: Visitor, wrong: str) -> None:
    window = await visitor.connect()
    await text(window), await text(window)
    await window.send_str(wrong)
    await window.send_bytes(b"bytes")
    await window.send_json(["stdin", "x"])
    assert await text(window) == "Dx"
    await window.close()


async def test_a_monitor_that_leaves_closes_its_window(visitor: Visitor) -> None:
    window = await visitor.connect()
    await text(window), await text(window)
    await window.send_json(["stdin", "leave"])
    message = await asyncio.wait_for(window.receive(), 20)
    assert message.type is aiohttp.WSMsgType.CLOSE


async def test_a_monitor_that_fails_says_why(visitor: Visitor) -> None:
    window = await visitor.connect()
    await text(window), await text(window)
    await window.send_json(["stdin", "fail"])
    last = await text(window)
    assert "ValueError: " in last and "no such thing" in last and "\x1b[31m" not in last
    assert (await asyncio.wait_for(window.receive(), 20)).type is aiohttp.WSMsgType.CLOSE


async def test_so_many_windows_and_no_more(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WAIT_S", 0.2)
    windows = [await visitor.connect() for _ in range(MOST_WINDOWS)]
    for window in windows:
        await text(window)
    full = await visitor.connect()
    assert f"{MOST_WINDOWS} windows are open" in await text(full)
    assert (await full.receive()).type is aiohttp.WSMsgType.CLOSE
    monkeypatch.setattr(server, "WAIT_S", 20.0)
    waiting = await visitor.connect()
    await windows[0].close()
    assert await text(waiting) == "drawn at 90x30"
    for window in (*windows, waiting):
        await window.close()


@pytest.mark.parametrize("how", ["close", "vanish", "stop"])
async def test_a_deaf_monitor_and_what_it_started_are_ended(
    visitor: Visitor, program: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(child, "GRACE_S", 0.3)
    program(DEAF)
    window = await visitor.connect()
    pids = [int(pid) for pid in (await text(window)).split()]
    assert all(is_there(pid) for pid in pids)
    if how == "close":
        await window.close()
    elif how == "vanish":
        connection = window._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()
    else:
        await visitor.server.stop()
        assert not is_there(pids[0])
    while any(is_there(pid) for pid in pids):
        await asyncio.sleep(0.05)


async def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TokenwatchError, match=f"port {port}: Address already in use"):
            await Server(gate_for("127.0.0.1", TOKEN), ()).start("127.0.0.1", port)


async def test_a_host_that_is_none() -> None:
    with pytest.raises(TokenwatchError, match="can't listen on no-such-host.invalid"):
        await Server(gate_for("no-such-host.invalid", TOKEN), ()).start("no-such-host.invalid", 0)


def test_a_child_runs_this_program_and_nothing_of_the_folder_it_is_in(tmp_path: Path) -> None:
    import subprocess

    for name in ("json.py", "textual.py", "tokenwatch.py"):
        (tmp_path / name).write_text("raise SystemExit('taken from the folder')")
    done = subprocess.run(
        child.command("--version"), cwd=tmp_path, capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0 and done.stdout.startswith("tokenwatch "), done.stderr
