"""Notifications of the desktop: by D-Bus on Linux, by osascript on macOS, by PowerShell on Windows.

Blocks, not for long. Source: the Desktop Notifications Specification of freedesktop.org, 1.2.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokenwatch.alert import Alert, Severity
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.document import sentences, title
from tokenwatch.format import one_line

if TYPE_CHECKING:
    import socket

LIMIT_S: Final = 2.0
_PROGRAM_LIMIT_S: Final = 10.0
"""A program has to be started; PowerShell takes seconds."""
_SCRIPT: Final = (
    *("-e", "on run argv"),
    *("-e", "display notification (item 2 of argv) with title (item 1 of argv)"),
    *("-e", "end run"),
)
"""The texts are given to it as arguments, so nothing in them is taken for a part of it."""
_TITLE, _TEXT = "TOKENWATCH_TITLE", "TOKENWATCH_TEXT"
_TOAST: Final = "; ".join(
    (
        "$ErrorActionPreference = 'Stop'",
        "$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications,"
        " ContentType = WindowsRuntime]",
        "$manager = [Windows.UI.Notifications.ToastNotificationManager]",
        "$kind = [Windows.UI.Notifications.ToastTemplateType]::ToastText02",
        "$toast = $manager::GetTemplateContent($kind)",
        "$texts = $toast.GetElementsByTagName('text')",
        f"$texts.Item(0).InnerText = $env:{_TITLE}",
        f"$texts.Item(1).InnerText = $env:{_TEXT}",
        # Only programs in the start menu may show any: this is PowerShell's own entry there.
        "$who = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'",
        "$manager::CreateToastNotifier($who).Show("
        "[Windows.UI.Notifications.ToastNotification]::new($toast))",
    )
)
"""For the PowerShell that is a part of Windows: newer ones can't show any. The texts are in the
environment, so nothing in them is taken for a part of it."""
_SERVICE: Final = "org.freedesktop.Notifications"
_URGENCY: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_NOBODY: Final = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
)
_READ: Final = 4096


def send(
    alert: Alert,
    environment: Mapping[str, str],
    *,
    platform: str = sys.platform,
    limit_s: float = LIMIT_S,
) -> None:
    """Show a notification on this machine's desktop. Raises ChannelError."""
    if platform.startswith("linux"):
        _notify(alert, environment, limit_s)
    elif platform == "darwin":
        # The title comes first, and is none of osascript's options.
        texts = title(alert), "\n".join(sentences(alert))
        _run("osascript", (*_SCRIPT, *texts), environment)
    elif platform == "win32":
        texts = title(alert), "\n".join(sentences(alert))
        told = dict(environment) | dict(zip((_TITLE, _TEXT), texts, strict=True))
        _run("powershell", ("-NoProfile", "-NonInteractive", "-Command", _TOAST), told)
    else:
        raise ChannelError(
            f"desktop notifications are not supported on {one_line(platform, 20)}: "
            "use the bell, the terminal or a command"
        )


# macOS, Windows -----------------------------------------------------------------------------


def _run(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a program of the system's that shows it."""
    program = shutil.which(name, path=environment.get("PATH", ""))
    if program is None:
        raise ChannelError(f"there is no program {name}")
    try:
        done = subprocess.run(
            [program, *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_PROGRAM_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChannelError(f"{name} did not end within {_PROGRAM_LIMIT_S:g} s") from error
    except OSError as error:
        raise ChannelError(f"can't run {name}: {error.strerror}") from error
    if done.returncode:
        said = one_line(done.stderr.decode(errors="replace"), 120)
        raise ChannelError(f"{name} ended with {done.returncode}: {said}")


# Linux --------------------------------------------------------------------------------------


def _notify(alert: Alert, environment: Mapping[str, str], limit_s: float) -> None:
    try:
        import jeepney  # type: ignore[import-untyped]  # noqa: F401 - whether it is there
    except ImportError as error:
        raise ChannelError("desktop notifications need the package jeepney") from error
    try:
        reply = _answer(alert, bus_address(environment), time.monotonic() + limit_s)
    except TimeoutError as error:
        raise ChannelError(
            f"the desktop's notification service did not answer within {limit_s:g} s"
        ) from error
    except OSError as error:
        raise ChannelError(
            f"the session bus can't be reached: {error.strerror or one_line(str(error), 80)}"
        ) from error
    except (ValueError, RuntimeError) as error:
        # An address of another kind than a Unix socket; a bus that refuses this user.
        raise ChannelError(f"the session bus can't be used: {one_line(str(error), 120)}") from error
    _look(reply)


def bus_address(environment: Mapping[str, str]) -> str:
    """Return where the session bus listens. Raises ChannelError if there is none."""
    if address := environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    # Where systemd puts it, for programs that were not started by the desktop.
    folder = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    if (path := Path(folder, "bus")).exists():
        return f"unix:path={path}"
    raise ChannelError("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set")


def _notification(alert: Alert, *, is_markup: bool) -> Any:
    """Return the message that shows an alert. is_markup: the service takes bodies for markup."""
    from jeepney import new_method_call

    body = "\n".join(sentences(alert))
    if is_markup:
        body = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return new_method_call(
        _service(),
        "Notify",
        "susssasa{sv}i",
        (
            *("tokenwatch", 0, "", title(alert), body, []),
            {"urgency": ("y", _URGENCY[alert.severity])},
            -1,
        ),
    )


def _service() -> Any:
    from jeepney import DBusAddress

    path = f"/{_SERVICE.replace('.', '/')}"
    return DBusAddress(path, bus_name=_SERVICE, interface=_SERVICE)


def _answer(alert: Alert, address: str, until: float) -> Any:
    """Greet the bus, ask what the service can do, show an alert; return the reply to that.

    jeepney's own connection waits for the greeting without a limit. Raises TimeoutError, OSError;
    ValueError and RuntimeError for a bus that can't be talked to.
    """
    from jeepney import Parser, new_method_call
    from jeepney.bus import get_bus  # type: ignore[import-untyped]
    from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
    from jeepney.io.blocking import prep_socket  # type: ignore[import-untyped]

    connection: socket.socket = prep_socket(get_bus(address), timeout=_left(until))
    with connection:
        # One for all replies: what comes unasked may come in pieces.
        parser = Parser()
        _exchange(connection, parser, message_bus.Hello(), 1, until)
        asked = new_method_call(_service(), "GetCapabilities")
        able = _exchange(connection, parser, asked, 2, until)
        message = _notification(alert, is_markup=_takes_markup(able))
        return _exchange(connection, parser, message, 3, until)


def _takes_markup(able: Any) -> bool:
    """Tell whether a service that answered with its capabilities does; yes if it did not."""
    from jeepney import MessageType

    is_told = able.header.message_type is not MessageType.error and bool(able.body)
    return not is_told or "body-markup" in able.body[0]


def _exchange(
    connection: socket.socket, parser: Any, message: Any, serial: int, until: float
) -> Any:
    from jeepney import HeaderFields

    connection.settimeout(_left(until))
    connection.sendall(message.serialise(serial=serial))
    while True:
        while (found := parser.get_next_message()) is not None:
            if found.header.fields.get(HeaderFields.reply_serial) == serial:
                return found
        connection.settimeout(_left(until))
        data = connection.recv(_READ)
        if not data:
            raise ConnectionResetError("it hung up")
        parser.add_data(data)


def _left(until: float) -> float:
    """Return how long there is still to wait. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _look(reply: Any) -> None:
    """Raise ChannelError if a reply is an error."""
    from jeepney import HeaderFields, MessageType

    if reply.header.message_type is not MessageType.error:
        return
    name = str(reply.header.fields.get(HeaderFields.error_name, "an error"))
    if name in _NOBODY or name.startswith("org.freedesktop.DBus.Error.Spawn."):
        raise ChannelError("no notification service runs on this desktop")
    words = reply.body[0] if reply.body and isinstance(reply.body[0], str) else ""
    raise ChannelError(
        f"the desktop's notification service refused: {one_line(f'{name} {words}', 120)}"
    )
