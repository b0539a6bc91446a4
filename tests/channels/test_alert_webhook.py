"""A webhook: what it gets, how it can fail, and that its address is shown nowhere."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.channels.raised import alert
from tests.channels.receiver import Receiver
from tokenwatch.alert import Severity
from tokenwatch.channels.channel import ChannelError
from tokenwatch.channels.webhook import in_header, parcel, send
from tokenwatch.config.alerts import WebhookConfig, shown

ONLINE: dict[str, str] = {}
SECRET = "T0secretB1"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    # A proxy must never see what goes to this machine.
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    made = Receiver()
    yield made
    made.stop()


def why(url: str, limit_s: float = 10, environment: dict[str, str] = ONLINE) -> str:
    with pytest.raises(ChannelError) as caught:
        send(alert(), WebhookConfig(url), environment, limit_s=limit_s)
    said = str(caught.value)
    assert said.isprintable() and SECRET not in said
    return said


def test_the_document_arrives(receiver: Receiver) -> None:
    send(alert(), WebhookConfig(receiver.url(f"/200/{SECRET}?k=v")), ONLINE)
    (got,) = receiver.got
    assert got.path == f"/200/{SECRET}?k=v"
    assert got.headers["content-type"] == "application/json"
    document = json.loads(got.body)
    assert document["schema"] == "tokenwatch.alert/1" and document["session_id"] == "s-1"


def test_the_redacted_document_arrives(receiver: Receiver) -> None:
    send(alert(), WebhookConfig(receiver.url("/204")), ONLINE, redact=True)
    assert json.loads(receiver.got[0].body)["session_id"] is None


def test_slack_gets_one_text(receiver: Receiver) -> None:
    raised = alert(text="<!channel> & \x1b[31m all", action="")
    send(raised, WebhookConfig(receiver.url("/200"), "slack"), ONLINE)
    assert json.loads(receiver.got[0].body) == {
        "text": "tokenwatch: budget: &lt;!channel&gt; &amp; �[31m all"
    }


@pytest.mark.parametrize(
    ("severity", "priority"),
    [(Severity.INFO, "default"), (Severity.WARNING, "high"), (Severity.CRITICAL, "urgent")],
)
def test_ntfy_gets_text_and_headers(receiver: Receiver, severity: Severity, priority: str) -> None:
    raised = alert(severity=severity, text="≈ 80 %\r\nX-Evil: 1")
    send(raised, WebhookConfig(receiver.url("/200"), "ntfy"), ONLINE)
    (got,) = receiver.got
    assert got.body.decode() == "≈ 80 % X-Evil: 1\nLook at tokenwatch budget list"
    assert (got.headers["title"], got.headers["priority"]) == ("tokenwatch: budget", priority)
    assert "x-evil" not in got.headers


def test_ntfy_never_gets_more_than_it_shows() -> None:
    body = parcel(alert(text="≈" * 600, action="≈" * 600), "ntfy").body
    assert len(body) <= 3500
    assert set(body.decode()) <= set("≈…\n")


def test_headers_are_ascii_whatever_they_say() -> None:
    assert in_header("plain") == "plain"
    assert in_header("a\r\nb: c") == "a b: c"
    assert in_header("≈ 80 %") == "=?UTF-8?B?4omIIDgwICU=?="


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_of_failure_is_told(receiver: Receiver, status: int) -> None:
    assert why(receiver.url(f"/{status}/{SECRET}")) == f"http://127.0.0.1 answered {status}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_and_not_followed(receiver: Receiver, status: int) -> None:
    assert why(receiver.url(f"/{status}/{SECRET}")) == (
        f"http://127.0.0.1 redirects to https://elsewhere.example.org ({status}), "
        "which is not followed"
    )
    assert len(receiver.got) == 1


def test_a_redirect_to_nowhere(receiver: Receiver) -> None:
    assert why(receiver.url("/304")) == "http://127.0.0.1 redirects (304), which is not followed"


def test_one_that_hangs(receiver: Receiver) -> None:
    said = why(receiver.url(f"/hangs/{SECRET}"), limit_s=0.3)
    assert said == "http://127.0.0.1 did not answer within 0.3 s"


def test_one_that_drips_is_hung_up_on(receiver: Receiver) -> None:
    said = why(receiver.url(f"/drips/{SECRET}"), limit_s=0.5)
    assert said == "http://127.0.0.1 did not answer within 0.5 s"
    assert receiver.hung_up.wait(20)


def test_one_that_closes(receiver: Receiver) -> None:
    said = why(receiver.url(f"/closes/{SECRET}"))
    assert said == "http://127.0.0.1: no answer of a web server came"


def test_one_that_speaks_something_else(receiver: Receiver) -> None:
    said = why(receiver.url(f"/nonsense/{SECRET}"))
    assert said == "http://127.0.0.1: no answer of a web server came"


def test_nobody_listens(receiver: Receiver) -> None:
    url = receiver.url(f"/200/{SECRET}")
    receiver.stop()
    assert why(url) == "http://127.0.0.1: Connection refused"


def test_one_without_tls(receiver: Receiver) -> None:
    said = why(receiver.url(f"/200/{SECRET}").replace("http:", "https:"))
    assert said.startswith("https://127.0.0.1: ")


def test_offline_forbids_it(receiver: Receiver) -> None:
    said = why(receiver.url("/200"), environment={"TOKENWATCH_OFFLINE": "1"})
    assert said == "TOKENWATCH_OFFLINE=1 forbids the network"
    assert receiver.got == []


@pytest.mark.parametrize("url", [f"http://example.org/{SECRET}", SECRET, f"ftp://x/{SECRET}", ""])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    assert why(url).startswith("the webhook's address is ")


def test_the_address_is_never_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        send(alert(), WebhookConfig(receiver.url(f"/200/{SECRET}")), ONLINE)
    assert SECRET not in caplog.text


def test_what_is_shown_of_an_address() -> None:
    assert shown(f"https://user:{SECRET}@example.org:8443/{SECRET}?{SECRET}") == (
        "https://example.org"
    )
    assert shown(f"http://[::1]:80/{SECRET}") == "http://[::1]"
    assert shown(f"http://[::1/{SECRET}") == "?"


# The keyring ------------------------------------------------------------------------------------


class Keyring(ModuleType):
    """In the place of the package."""

    def __init__(self, found: object) -> None:
        super().__init__("keyring")
        self.found = found
        self.asked: list[tuple[str, str]] = []

    def get_password(self, service: str, user: str) -> object:
        self.asked.append((service, user))
        if isinstance(self.found, Exception):
            raise self.found
        if isinstance(self.found, threading.Event):
            self.found.wait()
            return None
        return self.found


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring(None)
    monkeypatch.setitem(sys.modules, "keyring", made)
    return made


def test_the_address_may_be_in_the_keyring(receiver: Receiver, keyring: Keyring) -> None:
    keyring.found = receiver.url("/200/kept") + "\n"
    send(alert(), WebhookConfig("keyring"), ONLINE)
    assert keyring.asked == [("tokenwatch", "alerts.webhook")]
    assert receiver.got[0].path == "/200/kept"


def test_no_entry_in_the_keyring(keyring: Keyring) -> None:
    assert why("keyring") == "the keyring has no entry alerts.webhook of the service tokenwatch"


def test_a_keyring_without_a_service(keyring: Keyring) -> None:
    keyring.found = RuntimeError("No recommended\nbackend was available")
    said = "the keyring can't be read: RuntimeError: No recommended backend was available"
    assert why("keyring") == said


def test_an_address_in_the_keyring_that_is_none(keyring: Keyring) -> None:
    keyring.found = f"http://example.org/{SECRET}"
    assert why("keyring").startswith("the webhook's address is ")


def test_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert why("keyring") == (
        "the webhook's address is in the keyring: that needs the package keyring"
    )


def test_a_keyring_that_waits_to_be_unlocked_is_asked_once(keyring: Keyring) -> None:
    keyring.found = unlocked = threading.Event()
    assert why("keyring", limit_s=0.1) == "the keyring did not answer within 0.1 s"
    assert why("keyring", limit_s=0.1) == "the keyring is still waiting to be unlocked"
    assert len(keyring.asked) == 1
    unlocked.set()
    while why("keyring", limit_s=10) == "the keyring is still waiting to be unlocked":
        pass
    assert len(keyring.asked) == 2
