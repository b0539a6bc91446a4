"""Notifications of the desktop: a real session bus with a service on it, and all that can lack."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.desktops import Desktop
from tests.channels.raised import alert
from tokenwatch.alert import Severity
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.desktop import send

needs_bus = pytest.mark.program("dbus-run-session")


@pytest.fixture
def desktop(request: pytest.FixtureRequest) -> Iterator[Desktop]:
    made = Desktop(getattr(request, "param", "answers"))
    yield made
    made.stop()


def why(environment: dict[str, str], limit_s: float = 2.0, platform: str = "linux") -> str:
    with pytest.raises(ChannelError) as caught:
        send(alert(), environment, platform=platform, limit_s=limit_s)
    assert str(caught.value).isprintable()
    return str(caught.value)


@needs_bus
def test_the_service_gets_the_alert(desktop: Desktop) -> None:
    send(alert(), desktop.environment, platform="linux")
    path, interface, method, types, values = desktop.shown()
    assert (path, interface) == ("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
    assert (method, types) == ("Notify", "susssasa{sv}i")
    assert values == [
        *("tokenwatch", 0, "", "tokenwatch: budget"),
        "daily: $24.10 of $30.00 spent, 80% of the budget\nLook at tokenwatch budget list",
        *([], {"urgency": ["y", 1]}, -1),
    ]


@needs_bus
def test_texts_are_no_markup_and_have_no_controls(desktop: Desktop) -> None:
    raised = alert(text="<b>&amp;\x1b[31m</b>", action="‮ x\ud800", severity=Severity.CRITICAL)
    send(raised, desktop.environment, platform="linux")
    values = desktop.shown()[4]
    assert values[4] == "&lt;b&gt;&amp;amp;�[31m&lt;/b&gt;\n� x�"
    assert values[6] == {"urgency": ["y", 2]}


@needs_bus
@pytest.mark.parametrize("desktop", ["plain"], indirect=True)
def test_a_service_that_knows_no_markup_is_given_the_text_itself(desktop: Desktop) -> None:
    send(alert(text="R&D <b>"), desktop.environment, platform="linux")
    assert desktop.shown()[4][4].startswith("R&D <b>\n")


@needs_bus
def test_one_after_the_other(desktop: Desktop) -> None:
    for number in range(3):
        send(alert(text=f"no. {number}"), desktop.environment, platform="linux")
    assert [desktop.shown()[4][4].split("\n")[0] for _ in range(3)] == [
        *("no. 0", "no. 1", "no. 2")
    ]


@needs_bus
def test_the_bus_is_found_where_systemd_puts_it(desktop: Desktop, tmp_path: Path) -> None:
    folder = Path(desktop.address.partition("path=")[2].partition(",")[0])
    (tmp_path / "bus").symlink_to(folder)
    send(alert(), {"XDG_RUNTIME_DIR": str(tmp_path)}, platform="linux")
    assert desktop.shown()[2] == "Notify"


@needs_bus
@pytest.mark.parametrize("desktop", ["absent"], indirect=True)
def test_a_desktop_without_a_service(desktop: Desktop) -> None:
    assert why(desktop.environment) == "no notification service runs on this desktop"


@needs_bus
@pytest.mark.parametrize("desktop", ["silent"], indirect=True)
def test_a_service_that_never_answers(desktop: Desktop) -> None:
    said = why(desktop.environment, limit_s=0.2)
    assert said == "the desktop's notification service did not answer within 0.2 s"


@needs_bus
@pytest.mark.parametrize("desktop", ["refuses"], indirect=True)
def test_a_service_that_refuses(desktop: Desktop) -> None:
    said = why(desktop.environment)
    assert said.startswith("the desktop's notification service refused: ")
    assert "org.freedesktop.Notifications.Error too many �[31m" in said


def test_no_bus(tmp_path: Path) -> None:
    said = why({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert said == "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set"


@pytest.mark.parametrize(
    "address", ["unix:path={folder}/none", "tcp:host=localhost,port=1", "nonsense", "unix:", ";"]
)
def test_a_bus_that_is_none(address: str, tmp_path: Path) -> None:
    said = why({"DBUS_SESSION_BUS_ADDRESS": address.format(folder=tmp_path)})
    assert said.startswith("the session bus can't be ")


def test_a_bus_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("bus")
        listening.listen()
        assert "0.2 s" in why({"DBUS_SESSION_BUS_ADDRESS": "unix:path=bus"}, limit_s=0.2)


def test_a_bus_that_greets_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("bus")
        listening.listen()

        def let_in() -> None:
            with listening.accept()[0] as connection:
                while data := connection.recv(1024):
                    if b"AUTH" in data:
                        connection.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")

        thread = threading.Thread(target=let_in, daemon=True)
        thread.start()
        assert "0.3 s" in why({"DBUS_SESSION_BUS_ADDRESS": "unix:path=bus"}, limit_s=0.3)
        thread.join()


def test_a_bus_that_refuses_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("bus")
        listening.listen()

        def refuse() -> None:
            with listening.accept()[0] as connection:
                while data := connection.recv(1024):
                    if b"AUTH" in data:
                        connection.sendall(b"REJECTED ANONYMOUS\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        said = why({"DBUS_SESSION_BUS_ADDRESS": "unix:path=bus"})
        assert said.startswith("the session bus can't be used")
        thread.join()


def test_without_jeepney(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jeepney", None)
    assert why({}) == "desktop notifications need the package jeepney"


def test_windows_has_none() -> None:
    assert why({}, platform="freebsd14").startswith(
        "desktop notifications are not supported on freebsd14"
    )


# macOS, Windows ---------------------------------------------------------------------------------


def osascript(folder: Path, *, then: str = "", name: str = "osascript") -> dict[str, str]:
    """Put a program of that name into a folder; it notes its arguments. Return the variables."""
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys, time\n"
        f"pathlib.Path({str(folder / 'said')!r}).write_text(json.dumps(sys.argv[1:]))\n"
        f"pathlib.Path({str(folder / 'environment')!r}).write_text(json.dumps(dict(os.environ)))\n"
        f"{then}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(folder), "HOME": os.environ["HOME"]}


def test_on_macos_texts_are_arguments_and_never_script(tmp_path: Path) -> None:
    hostile = '-e "\n& do shell script "touch /tmp/x" & "'
    send(alert(text=hostile), osascript(tmp_path), platform="darwin")
    words = json.loads((tmp_path / "said").read_text())
    *script, heading, body = words
    assert script[::2] == ["-e"] * 3 and not any("shell" in word for word in script)
    assert heading == "tokenwatch: budget"
    assert body.split("\n") == [" ".join(hostile.split()), "Look at tokenwatch budget list"]


def test_on_windows_texts_are_in_the_environment_and_never_script(tmp_path: Path) -> None:
    hostile = "'); Remove-Item C:\\ -Recurse; $('<b>&</b>"
    environment = osascript(tmp_path, name="powershell")
    send(alert(text=hostile), environment, platform="win32")
    *options, script = json.loads((tmp_path / "said").read_text())
    assert options == ["-NoProfile", "-NonInteractive", "-Command"]
    assert "Remove-Item" not in script and script.count("InnerText = $env:") == 2
    given = json.loads((tmp_path / "environment").read_text())
    assert given["TOKENWATCH_TITLE"] == "tokenwatch: budget"
    assert given["TOKENWATCH_TEXT"].split("\n") == [hostile, "Look at tokenwatch budget list"]
    assert given["PATH"] == environment["PATH"]


def test_no_powershell(tmp_path: Path) -> None:
    said = why({"PATH": str(tmp_path)}, platform="win32")
    assert said == "there is no program powershell"


def test_osascript_that_fails(tmp_path: Path) -> None:
    environment = osascript(
        tmp_path, then="print('not\\x1b allowed', file=sys.stderr); sys.exit(1)"
    )
    assert why(environment, platform="darwin") == "osascript ended with 1: not� allowed"


def test_no_osascript(tmp_path: Path) -> None:
    said = why({"PATH": str(tmp_path)}, platform="darwin")
    assert said == "there is no program osascript"
