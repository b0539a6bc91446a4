"""Post an alert to an address of the user's, which is a secret and is never shown whole."""

from __future__ import annotations

import importlib
import logging
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from tokenwatch.alert import Alert, Severity, general
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.document import encoded, sentences, title
from tokenwatch.config.alerts import KEYRING, WebhookConfig, is_loopback, shown, url_problem
from tokenwatch.format import one_line

LIMIT_S: Final = 10.0
"""For all of it, the keyring included."""
SERVICE, USER = "tokenwatch", "alerts.webhook"
"""The entry in the keyring."""
_PRIORITY: Final = {Severity.INFO: "default", Severity.WARNING: "high", Severity.CRITICAL: "urgent"}
_NTFY_LONGEST: Final = 3500
"""Bytes; ntfy makes a file of a longer message."""
_Result = TypeVar("_Result")
_asking_keyring = threading.Lock()
"""Held while a keyring is asked: one that waits to be unlocked is not asked once more."""


class Parcel(NamedTuple):
    """What is posted."""

    body: bytes
    headers: dict[str, str]


def send(
    alert: Alert,
    webhook: WebhookConfig,
    environment: Mapping[str, str],
    *,
    redact: bool = False,
    limit_s: float = LIMIT_S,
) -> None:
    """Post an alert. Raises ChannelError unless the answer is one of success."""
    if environment.get("TOKENWATCH_OFFLINE") == "1":
        raise ChannelError("TOKENWATCH_OFFLINE=1 forbids the network")
    until = time.monotonic() + limit_s
    url = webhook.url or ""
    if url == KEYRING:
        url = _from_keyring(limit_s)
    if said := url_problem(url):
        raise ChannelError(f"the webhook's address is {said}")
    _post(url, parcel(alert, webhook.form, redact=redact), until, limit_s)


def parcel(alert: Alert, form: str, *, redact: bool = False) -> Parcel:
    """Return an alert as a service wants it; form: one of `config.alerts.FORMS`."""
    lines = "\n".join(sentences(general(alert) if redact else alert))
    if form == "slack":
        import json

        # Slack's own signs for links and for calling everyone in.
        text = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return Parcel(
            json.dumps({"text": f"{title(alert)}: {text}"}).encode(),
            {"Content-Type": "application/json"},
        )
    if form == "ntfy":
        return Parcel(
            lines.encode(errors="replace")[:_NTFY_LONGEST].decode(errors="ignore").encode(),
            {
                "Content-Type": "text/plain; charset=utf-8",
                "Title": in_header(title(alert)),
                "Priority": _PRIORITY[alert.severity],
            },
        )
    return Parcel(encoded(alert, redact=redact), {"Content-Type": "application/json"})


def in_header(text: str) -> str:
    """Return a text as a header may have it: plain ASCII, or as RFC 2047 encodes the rest."""
    line = one_line(text, 200)
    if line.isascii():
        return line
    return f"=?UTF-8?B?{b64encode(line.encode(errors='replace')).decode()}?="


# The keyring -----------------------------------------------------------------------------------


def _from_keyring(limit_s: float) -> str:
    # A keyring that is locked asks the user, and waits without a limit.
    if not _asking_keyring.acquire(blocking=False):
        raise ChannelError("the keyring is still waiting to be unlocked")

    def ask() -> str | None:
        try:
            found = importlib.import_module("keyring").get_password(SERVICE, USER)
            return found if isinstance(found, str) else None
        finally:
            _asking_keyring.release()

    try:
        url = _within(limit_s, ask)
    except TimeoutError as error:
        raise ChannelError(f"the keyring did not answer within {limit_s:g} s") from error
    except ImportError as error:
        raise ChannelError(
            "the webhook's address is in the keyring: that needs the package keyring"
        ) from error
    except Exception as error:
        # Its parts raise what they like: KeyringError, RuntimeError, errors of D-Bus.
        said = one_line(f"{type(error).__name__}: {error}", 160)
        raise ChannelError(f"the keyring can't be read: {said}") from error
    if not url:
        raise ChannelError(f"the keyring has no entry {USER} of the service {SERVICE}")
    return url.strip()


# The network -----------------------------------------------------------------------------------


def _post(url: str, sent: Parcel, until: float, limit_s: float) -> None:
    import httpx

    for name in ("httpx", "httpcore"):
        # They would log the whole address.
        logging.getLogger(name).setLevel(logging.WARNING)
    streams: list[Any] = []

    def trace(event: str, info: dict[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            streams.append(info["return_value"])

    left = max(until - time.monotonic(), 0.001)

    def post() -> tuple[int, str]:
        with (
            # A proxy of the environment has no business with this machine itself.
            httpx.Client(
                timeout=left, follow_redirects=False, trust_env=not is_loopback(urlsplit(url))
            ) as client,
            client.stream(
                "POST", url, content=sent.body, headers=sent.headers, extensions={"trace": trace}
            ) as response,
        ):
            return response.status_code, response.headers.get("location", "")

    where = shown(url)
    try:
        status, location = _within(left, post)
    except (TimeoutError, httpx.TimeoutException) as error:
        _hang_up(streams)
        raise ChannelError(f"{where} did not answer within {limit_s:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise ChannelError(f"{where}: {_reason(error)}") from error
    if 300 <= status < 400:
        to = f" to {shown(urljoin(url, location))}" if location else ""
        raise ChannelError(f"{where} redirects{to} ({status}), which is not followed")
    if not 200 <= status < 300:
        raise ChannelError(f"{where} answered {status}")


def _reason(error: Exception) -> str:
    """Return what went wrong with a connection, without words that may name the address."""
    import httpx

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return one_line(cause.strerror, 120)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "no answer of a web server came"
    return f"the request failed ({type(error).__name__})"


def _hang_up(streams: list[Any]) -> None:
    """Close what a thread still waits on, so that it ends."""
    for stream in streams:
        found = stream.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            found.shutdown(socket.SHUT_RDWR)


def _within(limit_s: float, act: Callable[[], _Result]) -> _Result:
    """Return what a function returns or raises, in a thread of its own; TimeoutError if late."""
    results: list[_Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(act())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="tokenwatch webhook")
    thread.start()
    thread.join(limit_s)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
