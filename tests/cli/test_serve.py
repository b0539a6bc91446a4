"""`tokenwatch serve` as a process: what it prints, what it refuses, what it leaves behind."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.cli.box import Box, one_line
from tokenwatch.cli import serve

TOKEN = "a-token-of-the-user"
PATIENCE_S = 30


@contextmanager
def serving(box: Box, *arguments: str, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run it; yield the address it prints."""
    process = subprocess.Popen(
        box.starter("serve", "--port", "0", *arguments),
        env=box.process_environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_the_address_it_prints_opens_the_page(box: Box) -> None:
    with serving(box) as (address, process):
        assert address.startswith("http://127.0.0.1:") and "/?token=" in address
        assert len(address.partition("token=")[2]) >= 43
        assert status_of(address) == 200
        assert status_of(address[:-1]) == 403
        assert status_of(address.partition("?")[0]) == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None and process.stderr.read() == ""


def test_it_listens_on_loopback_alone(box: Box) -> None:
    with serving(box) as (address, _):
        port = int(address.split(":")[2].split("/")[0])
        listening = Path("/proc/net/tcp")
        if listening.exists():
            rows = [line.split()[1:4] for line in listening.read_text().splitlines()[1:]]
            own = [
                local
                for local, _, state in rows
                if state == "0A" and local.endswith(f":{port:04X}")
            ]
            assert own == [f"0100007F:{port:04X}"]
        with socket.create_connection(("127.0.0.1", port)):
            pass


def test_a_token_of_the_users_own(box: Box) -> None:
    with serving(box, TOKENWATCH_SERVE_TOKEN=TOKEN) as (address, _):
        assert address.endswith(f"/?token={TOKEN}")
        assert status_of(address) == 200


@pytest.mark.parametrize("token", ["", "short", "a token of the user", "a-token-of-the-üser"])
def test_a_token_that_is_none(box: Box, token: str) -> None:
    told = one_line(box.spawn("serve", TOKENWATCH_SERVE_TOKEN=token), 2)
    assert "TOKENWATCH_SERVE_TOKEN: at least 16" in told


def test_another_host_is_warned_of(box: Box) -> None:
    with serving(box, "--host", "0.0.0.0") as (address, process):
        assert status_of(address) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        assert "--host 0.0.0.0 lets other machines in" in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--port", "65536"], "0 to 65535"),
        (["--port", "-1"], "0 to 65535"),
        (["--port", "http"], "invalid int"),
        (["--host", ""], "--host"),
        (["--timezone", "Moon/Base"], "no such zone"),
        (["here"], "unrecognized"),
    ],
)
def test_wrong_usage(box: Box, arguments: list[str], why: str) -> None:
    assert why in one_line(box.run("serve", *arguments), 2)


def test_wrong_settings_are_told_at_once(box: Box) -> None:
    box.settings("titles = 7")
    one_line(box.run("serve"), 2)


def test_a_port_that_is_taken(box: Box) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = one_line(box.spawn("serve", "--port", str(taken.getsockname()[1])), 1)
    assert "in use" in told and "--port 0" in told


def test_without_the_extra_it_says_what_to_install(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        serve, "find_spec", lambda name: None if name == "textual_serve" else find(name)
    )
    told = one_line(box.run("serve"), 1)
    assert "pip install 'tokenwatch-tui[serve]'" in told


async def test_monitors_end_when_their_server_is_killed(box: Box, tmp_path: Path) -> None:
    places = tmp_path / "tmp"
    places.mkdir()
    with serving(box, "--demo", TMPDIR=str(places)) as (address, process):
        origin = address.partition("/?")[0]
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(address) as page:
                assert page.status == 200
            async with session.ws_connect(f"{origin}/ws", origin=origin) as window:
                drawn = b""
                while b"burn rate" not in drawn:
                    drawn += await window.receive_bytes()
                assert list(places.glob("tokenwatch-demo-*"))
                process.kill()
                process.wait()
        give_up = time.monotonic() + PATIENCE_S
        while list(places.glob("tokenwatch-demo-*")):
            assert time.monotonic() < give_up, "the demo is still there"
            await asyncio.sleep(0.1)


def test_the_browser_is_opened_with_a_token_for_once(box: Box, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {taken}.part && mv {taken}.part {taken}\n')
    browser.chmod(0o700)
    with serving(box, "--open", BROWSER=f"{browser} %s") as (address, _):
        give_up = time.monotonic() + PATIENCE_S
        while not taken.exists():
            assert time.monotonic() < give_up
            time.sleep(0.05)
        opened = taken.read_text().strip()
        assert opened.partition("?")[0] == address.partition("?")[0] and opened != address
        assert [status_of(opened), status_of(opened), status_of(address)] == [200, 403, 200]
