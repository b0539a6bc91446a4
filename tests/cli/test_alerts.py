"""`tokenwatch alerts`: the inbox, silence, a try of the channels, and telling without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import Box
from tests.cli.logs import assistant, claude_log, user
from tokenwatch.alert import Alert, AlertKind, How, Severity
from tokenwatch.format import rfc3339
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger

EVIL = "daily\x1b]0;x\x07: 80 % \u202eused"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def told(box: Box, *alerts: Alert) -> list[int]:
    ledger = Ledger.open(box.data / "ledger.sqlite")
    with ledger.transaction():
        numbers = stored.add(ledger, alerts)
    ledger.close()
    return numbers


def alert(key: str = "budget/daily/2026-11-22", text: str = "daily: 80% used") -> Alert:
    return Alert(
        key, AlertKind.BUDGET, Severity.WARNING, 1_795_350_000_000, text, "look", 80, "s1", How.TOLD
    )


def test_nothing_was_told_yet(box: Box) -> None:
    assert box.run("alerts").out == "nothing was told yet\n"
    assert box.run("alerts", "--json").document["alerts"] == []


def test_the_inbox_as_table_and_document(box: Box) -> None:
    (number,) = told(box, alert(text=EVIL))
    out = box.run("alerts").out
    assert "budget" in out and "look" in out and "\x1b" not in out and "\u202e" not in out
    document = box.run("alerts", "list", "--json").document
    assert document["schema"] == "tokenwatch.alerts/1"
    (only,) = document["alerts"]
    assert only["number"] == number and only["kind"] == "budget" and only["how"] == "told"
    assert only["seen_at"] is None and only["deliveries"] == [] and "\x1b" not in only["text"]
    hidden = box.run("alerts", "--json", "--redact").document["alerts"][0]
    assert hidden["text"] is None and hidden["key"] is None and hidden["session_id"] is None


def test_what_a_channel_said_is_hidden_too(box: Box) -> None:
    failed(box, "command", "notify ended with exit code 1: no topic acme")
    box_of = box.run("alerts", "--json").document["alerts"][0]["deliveries"]
    assert box_of[0]["problem"].endswith("acme")
    hidden = box.run("alerts", "--json", "--redact").document["alerts"][0]["deliveries"]
    assert hidden == [{"channel": "command", "problem": "hidden"}]


def failed(box: Box, channel: str, problem: str) -> None:
    (number,) = told(box, alert())
    ledger = Ledger.open(box.data / "ledger.sqlite")
    stored.delivered(ledger, number, channel, problem)
    ledger.close()


def test_doctor_tells_of_a_channel_that_fails_while_it_is_on(box: Box) -> None:
    failed(box, "command", "notify ended with exit code 1: no topic acme")
    assert "no topic acme" not in box.run("doctor").out
    settings(box, '[alerts]\ncommand = "notify"\n')
    assert "command failed when it was last tried: notify ended" in box.run("doctor").out
    hidden = box.run("doctor", "--redact").out
    assert "command failed when it was last tried" in hidden and "acme" not in hidden


def test_silence_is_listed_where_nothing_was_told(box: Box) -> None:
    box.run("alerts", "snooze", "cache")
    out = box.run("alerts").out
    assert "nothing was told yet" in out and "silent until" in out and "cache" in out


@pytest.mark.parametrize("none", ["0", "0h", "00m"])
def test_silence_of_no_length_ends_it(box: Box, none: str) -> None:
    box.run("alerts", "snooze", "cache")
    assert "heard again" in box.run("alerts", "snooze", "cache", "--for", none).out
    assert box.run("alerts", "--json").document["snoozes"] == []


def test_alerts_are_marked_as_seen(box: Box) -> None:
    first, _, _ = told(box, alert(), alert("b"), alert("c"))
    assert box.run("alerts", "ack", str(first)).out == "1 alert marked as seen\n"
    assert box.run("alerts", "ack", "all").out == "2 alerts marked as seen\n"
    assert box.run("alerts", "ack", "all").out == "0 alerts marked as seen\n"


def test_an_alert_or_a_kind_is_silent_for_a_while(box: Box) -> None:
    (number,) = told(box, alert())
    assert "silent" in box.run("alerts", "snooze", str(number), "--for", "7d").out
    assert "silent" in box.run("alerts", "snooze", "cache").out
    names = {each["name"] for each in box.run("alerts", "--json").document["snoozes"]}
    assert names == {"budget/daily/2026-11-22", "cache"}
    assert "heard again" in box.run("alerts", "snooze", "cache", "--for", "0").out
    assert len(box.run("alerts", "--json").document["snoozes"]) == 1


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("ack",), 2, "usage: tokenwatch alerts ack"),
        (("ack", "x"), 2, "'x' is no number of an alert"),
        (("ack", "99"), 1, "no alert has the number 99"),
        (("snooze", "nothing"), 2, "'nothing' is no number of an alert: `tokenwatch alerts` lists"),
        (("snooze", "nothing"), 2, "and no kind: budget, forecast, "),
        (("snooze",), 2, "usage: tokenwatch alerts snooze"),
        (("snooze", "loop", "--for", "soon"), 2, "--for 'soon': allowed are"),
        (("list", "x"), 2, "'x' is too much"),
        (("ack", "1", "--json"), 2, "--json belongs to alerts list"),
        (("test", "--for", "1h"), 2, "--for belongs to alerts snooze"),
    ],
)
def test_what_is_wrong_is_refused(box: Box, given: tuple[str, ...], code: int, said: str) -> None:
    result = box.run("alerts", *given)
    assert result.code == code and said in result.err and result.err.count("\n") == 1


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.server.got.append(json.loads(self.rfile.read(length)))  # type: ignore[attr-defined]
        self.server.hangs.wait()  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    made: Any = HTTPServer(("127.0.0.1", 0), Receiver)
    made.got, made.status, made.hangs = [], 204, threading.Event()
    made.hangs.set()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def settings(box: Box, text: str) -> None:
    folder = box.folder / "config"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text)


ONLINE = {"TOKENWATCH_OFFLINE": ""}


def test_the_channels_are_tried(tmp_path: Path, server: Any) -> None:
    box = Box(tmp_path, more=ONLINE)
    url = f"http://127.0.0.1:{server.server_port}/secret"
    command = f"{sys.executable} -c 'import sys; sys.exit(len(sys.stdin.read()) < 50)'"
    settings(box, f'[alerts]\nbell = false\nwebhook = "{url}"\ncommand = """{command}"""\n')
    result = box.run("alerts", "test")
    assert result.code == 0, result.out
    assert "webhook    sent" in result.out and "command    sent" in result.out
    assert "desktop    off" in result.out
    assert server.got[0]["kind"] == "data"
    server.status = 500
    result = box.run("alerts", "test")
    assert result.code == 1 and "webhook    FAILED" in result.out and "500" in result.out
    assert "secret" not in result.out and "command    sent" in result.out


def test_doctor_goes_by_a_test_of_the_channels(tmp_path: Path, server: Any) -> None:
    box = Box(tmp_path, more=ONLINE)
    url = f"http://127.0.0.1:{server.server_port}/secret"
    settings(box, f'[alerts]\nwebhook = "{url}"\n')
    failed(box, "webhook", "http://127.0.0.1 answered 503")
    assert "webhook failed when it was last tried" in box.run("doctor").out
    assert box.run("alerts", "test").code == 0
    assert "webhook failed" not in box.run("doctor").out
    server.status = 500
    assert box.run("alerts", "test").code == 1
    said = box.run("doctor").out
    assert "webhook failed when it was last tried: http://127.0.0.1 answered 500" in said
    # Neither is it in the inbox: nothing happened.
    assert len(box.run("alerts", "--json").document["alerts"]) == 1


def test_a_test_that_can_not_be_noted_is_told_all_the_same(tmp_path: Path, server: Any) -> None:
    box = Box(tmp_path, more=ONLINE)
    settings(box, f'[alerts]\nwebhook = "http://127.0.0.1:{server.server_port}/"\n')
    box.data.mkdir(exist_ok=True)
    (box.data / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    result = box.run("alerts", "test")
    assert result.code == 0 and "webhook    sent" in result.out
    assert "not noted" in result.err and "file is not a database" in result.err


def test_without_channels_a_test_makes_no_ledger(box: Box) -> None:
    assert box.run("alerts", "test").code == 0
    assert not (box.data / "ledger.sqlite").exists()


def test_a_delivery_under_way_is_no_failure(box: Box) -> None:
    now_ms = time.time_ns() // 1_000_000
    for at_ms, said in ((now_ms, "command …"), (now_ms - 120_000, "command failed")):
        (number,) = told(box, alert(f"{at_ms}")._replace(at_ms=at_ms))
        ledger = Ledger.open(box.data / "ledger.sqlite")
        stored.delivered(ledger, number, "command", stored.UNDER_WAY)
        ledger.close()
        assert f"told, {said}" in box.run("alerts").out


def deliveries(box: Box) -> list[Any]:
    alerts = box.run("alerts", "--json").document["alerts"]
    return [each for alert in alerts for each in alert["deliveries"]]


TWO_BUDGETS = (
    '[[budgets]]\nname = "tight"\nlimit = 0.0001\n'
    '[[budgets]]\nname = "tokens"\nunit = "tokens"\nlimit = 1\n'
)


def watching(tmp_path: Path, text: str) -> tuple[Box, subprocess.Popen[str]]:
    """Begin to watch a home in which something was just spent."""
    now_ms = int(time.time() * 1000)
    box = Box(tmp_path, now_ms, more=ONLINE)
    at = rfc3339(now_ms - 60_000) or ""
    claude_log(box.claude, [user("hi", at), assistant("m1", at)])
    settings(box, text)
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenwatch", "alerts", "watch"],
        env={**box.environment, "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return box, process


def test_it_ends_when_nobody_reads_it_any_more(tmp_path: Path, server: Any) -> None:
    url = f"http://127.0.0.1:{server.server_port}/"
    _, process = watching(tmp_path, f'[alerts]\nwebhook = "{url}"\n{TWO_BUDGETS}')
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141
    assert len(server.got) == 2


def test_what_keeps_it_from_telling_is_said(tmp_path: Path, server: Any) -> None:
    url = f"http://127.0.0.1:{server.server_port}/secret"
    server.status = 503
    text = f'[alerts]\nwebhook = "{url}"\n{TWO_BUDGETS}'
    box, process = watching(tmp_path, text)
    assert process.stdout is not None and process.stderr is not None
    try:
        assert "budget: Budget t" in process.stdout.readline()
        said = process.stderr.readline()
        assert said == "tokenwatch: alert not delivered: webhook: http://127.0.0.1 answered 503\n"
        assert process.stderr.readline() == said
        settings(box, text.replace("limit = 1", "limit = nothing"))
        assert "config.toml: line 9" in process.stderr.readline()
        settings(box, text)
        with (box.data / "ledger.sqlite").open("r+b") as file:
            file.write(b"no ledger" * 1000)
        claude_log(box.claude, [user("hi")], session="6f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11")
        assert "file is not a database" in process.stderr.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_what_could_not_be_delivered_before_the_end_is_in_the_inbox(
    tmp_path: Path, server: Any
) -> None:
    url = f"http://127.0.0.1:{server.server_port}/"
    server.hangs = threading.Event()
    box, process = watching(tmp_path, f'[alerts]\nwebhook = "{url}"\n{TWO_BUDGETS}')
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    server.hangs.set()
    ended = {"channel": "webhook", "problem": "tokenwatch ended before it was delivered"}
    assert deliveries(box) == [ended, ended]
    assert process.returncode == 0 and err.count("tokenwatch ended before") == 2


def test_alerts_are_told_without_a_screen(tmp_path: Path, server: Any) -> None:
    """A real process follows real logs, tells a budget, and ends well when it is told to."""
    now_ms = int(time.time() * 1000)
    box = Box(tmp_path, now_ms, more=ONLINE)
    at = rfc3339(now_ms - 60_000) or ""
    claude_log(box.claude, [user("hi", at), assistant("m1", at)])
    hook = {"hooks": [{"type": "command", "command": "tokenwatch hooks run"}]}
    (box.claude / "settings.json").write_text(json.dumps({"hooks": {"PreToolUse": [hook]}}))
    url = f"http://127.0.0.1:{server.server_port}/"
    settings(
        box,
        f'[alerts]\nwebhook = "{url}"\n[[budgets]]\nname = "tight"\nlimit = 0.0001\nhard = true\n',
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenwatch", "alerts", "watch"],
        env={**box.environment, "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "budget: Budget tight" in line
        until, seen = time.monotonic() + 20, []
        while (not (found := deliveries(box)) or found[0]["problem"]) and time.monotonic() < until:
            time.sleep(0.5)
            seen.append(box.run("alerts", "--json").out)
        assert found == [{"channel": "webhook", "problem": None}], seen[-1]
        assert server.got[0]["severity"] == "critical"
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and err == ""
    assert json.loads((box.data / "guard.json").read_text())["budgets"][0]["name"] == "tight"
