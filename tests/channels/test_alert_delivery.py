"""Alerts to all channels at once: none waits for another, none is lost without a word."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.desktops import Desktop
from tests.channels.raised import alert
from tests.channels.receiver import Receiver
from tokenwatch.alert import Alert
from tokenwatch.channels import desktop, webhook
from tokenwatch.channels.channel import Channel, ChannelError
from tokenwatch.channels.delivery import Delivery, Limits, send_now
from tokenwatch.config.alerts import AlertsConfig, WebhookConfig

PATIENCE_S = 20
FAILS = (sys.executable, "-c", "raise SystemExit(4)")
WORKS = (sys.executable, "-c", "pass")
FOREVER = (sys.executable, "-c", "import time; time.sleep(600)")
HERE = {"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": "/nowhere"}
Result = tuple[str, Channel, str | None]


class Heard:
    """What was told of deliveries, in the order it was."""

    def __init__(self) -> None:
        self._told: queue.Queue[Result] = queue.Queue()

    def __call__(self, raised: Alert, channel: Channel, problem: str | None) -> None:
        self._told.put((raised.key, channel, problem))

    def next(self) -> Result:
        return self._told.get(timeout=PATIENCE_S)

    def all(self, count: int) -> dict[Channel, str | None]:
        return {channel: problem for _, channel, problem in (self.next() for _ in range(count))}

    @property
    def is_empty(self) -> bool:
        return self._told.empty()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.mark.program("dbus-run-session")
def test_every_channel_gets_it(heard: Heard, receiver: Receiver, tmp_path: Path) -> None:
    bus = Desktop("answers")
    got = tmp_path / "got"
    code = f"import sys, pathlib; pathlib.Path({str(got)!r}).write_text(sys.stdin.read())"
    settings = AlertsConfig(
        desktop=True,
        command=(sys.executable, "-c", code),
        webhook=WebhookConfig(receiver.url("/200")),
        redact=True,
    )
    delivery = Delivery(settings, heard, bus.environment)
    try:
        delivery.give(alert())
        assert heard.all(3) == dict.fromkeys((Channel.DESKTOP, Channel.COMMAND, Channel.WEBHOOK))
        assert delivery.troubles == {}
        assert bus.shown()[4][3] == "tokenwatch: budget"
        command, posted = json.loads(got.read_text()), json.loads(receiver.got[0].body)
        assert command == posted and command["session_id"] is None
    finally:
        delivery.close()
        bus.stop()


def test_the_desktop_gets_general_words_while_the_screen_hides_others(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(desktop, "send", lambda raised, *_, **__: shown.append(raised.text))
    got = tmp_path / "got"
    code = f"import sys, pathlib; pathlib.Path({str(got)!r}).write_text(sys.stdin.read())"
    settings = AlertsConfig(desktop=True, command=(sys.executable, "-c", code))
    hidden = [True]
    delivery = Delivery(settings, heard, HERE, is_private=lambda: hidden[0])
    delivery.give(alert())
    heard.all(2)
    assert shown == ["a budget has reached another step"]
    # It goes where the user said, and is not on the screen: `redact` alone speaks of it.
    assert json.loads(got.read_text())["text"] == alert().text
    hidden[0] = False
    delivery.give(alert())
    heard.all(2)
    assert shown[1:] == [alert().text]
    delivery.close()


def test_one_that_hangs_holds_up_no_other(heard: Heard, receiver: Receiver) -> None:
    settings = AlertsConfig(
        desktop=True, command=WORKS, webhook=WebhookConfig(receiver.url("/hangs"))
    )
    delivery = Delivery(settings, heard, HERE, limits=Limits(webhook=600))
    delivery.give(alert())
    told = heard.all(2)
    no_bus = "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set"
    assert told == {Channel.COMMAND: None, Channel.DESKTOP: no_bus}
    assert delivery.troubles == {Channel.DESKTOP: no_bus}
    receiver.let_go.set()
    _, channel, problem = heard.next()
    assert channel is Channel.WEBHOOK and problem
    assert list(delivery.troubles) == [Channel.DESKTOP, Channel.WEBHOOK]
    delivery.close()


def test_only_what_is_on_gets_it(heard: Heard) -> None:
    before = threading.active_count()
    delivery = Delivery(AlertsConfig(terminal=True), heard, HERE)
    delivery.give(alert())
    assert threading.active_count() == before
    delivery.close()
    assert heard.is_empty


def test_a_trouble_goes_when_it_works_again(heard: Heard) -> None:
    delivery = Delivery(AlertsConfig(command=FAILS), heard, HERE)
    delivery.give(alert(key="1"))
    assert heard.next()[0] == "1"
    name = Path(sys.executable).name
    wait_for(delivery, {Channel.COMMAND: f"{name} ended with exit code 4"})
    delivery.settings = AlertsConfig(command=WORKS)
    delivery.give(alert(key="2"))
    assert heard.next() == ("2", Channel.COMMAND, None)
    wait_for(delivery, {})
    delivery.close()


def test_a_channel_that_was_switched_off_has_no_trouble(heard: Heard) -> None:
    delivery = Delivery(AlertsConfig(command=FAILS), heard, HERE)
    delivery.give(alert())
    heard.next()
    delivery.settings = AlertsConfig()
    assert delivery.troubles == {}
    delivery.close()


def test_what_waits_for_a_channel_that_is_switched_off_is_not_sent(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    on = AlertsConfig(webhook=WebhookConfig("https://example.org"))
    delivery = Delivery(on, heard, HERE)
    delivery.give(alert(key="1"))
    delivery.give(alert(key="2"))
    assert gate.began.get(timeout=PATIENCE_S) == "1"
    delivery.settings = AlertsConfig()
    gate.open.release()
    assert heard.next() == ("1", Channel.WEBHOOK, None)
    assert heard.next() == ("2", Channel.WEBHOOK, "it was switched off before its turn came")
    assert gate.began.empty()
    delivery.close()


def wait_for(delivery: Delivery, troubles: dict[Channel, str]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while delivery.troubles != troubles:
        assert time.monotonic() < give_up, delivery.troubles
        time.sleep(0.01)


class Gate:
    """In the place of the network: each alert waits to be let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: queue.Queue[str] = queue.Queue()
        self.open = threading.Semaphore(0)
        monkeypatch.setattr(webhook, "send", self._send)

    def _send(self, raised: Alert, *_: object, **__: object) -> None:
        self.began.put(raised.key)
        self.open.acquire()


def test_too_many_alerts_drop_the_oldest_and_say_so(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    settings = AlertsConfig(webhook=WebhookConfig("https://example.org"))
    delivery = Delivery(settings, heard, HERE, waiting=2)
    delivery.give(alert(key="0"))
    assert gate.began.get(timeout=PATIENCE_S) == "0"
    for number in range(1, 5):
        delivery.give(alert(key=str(number)))
    dropped = "it was dropped: too many alerts are waiting"
    assert [heard.next() for _ in range(2)] == [
        ("1", Channel.WEBHOOK, dropped),
        ("2", Channel.WEBHOOK, dropped),
    ]
    trouble = {Channel.WEBHOOK: "2 dropped: too many alerts were waiting"}
    assert delivery.troubles == trouble
    gate.open.release(2)
    assert [heard.next()[0] for _ in range(2)] == ["0", "3"]
    assert gate.began.get(timeout=PATIENCE_S) == "3"
    assert gate.began.get(timeout=PATIENCE_S) == "4"
    # It got through, but was given before anything could be seen to be well again.
    assert delivery.troubles == trouble
    gate.open.release(2)
    delivery.give(alert(key="5"))
    assert [heard.next()[0] for _ in range(2)] == ["4", "5"]
    wait_for(delivery, {})
    delivery.close()


def test_whatever_goes_wrong_does_not_end_a_thread(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter([KeyError("secret"), ChannelError("in words")])

    def send(*_: object, **__: object) -> None:
        if error := next(errors, None):
            raise error

    monkeypatch.setattr(desktop, "send", send)
    delivery = Delivery(AlertsConfig(desktop=True), heard, HERE)
    for _ in range(3):
        delivery.give(alert())
    assert [heard.next()[2] for _ in range(3)] == [
        "it failed in a way that is not known (KeyError)",
        "in words",
        None,
    ]
    delivery.close()


def test_who_hears_of_it_may_fail_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = threading.Semaphore(0)
    monkeypatch.setattr(desktop, "send", lambda *_, **__: sent.release())

    def heard(*_: object) -> None:
        raise RuntimeError("the ledger\nis gone")

    delivery = Delivery(AlertsConfig(desktop=True), heard, HERE)
    for _ in range(2):
        delivery.give(alert())
        assert sent.acquire(timeout=PATIENCE_S)
    wait_for(
        delivery,
        {Channel.DESKTOP: "its result was not noted: RuntimeError: the ledger is gone"},
    )
    delivery.close()


def test_closing_delivers_what_waits(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "send", lambda *_, **__: None)
    delivery = Delivery(AlertsConfig(desktop=True), heard, HERE)
    for number in range(10):
        delivery.give(alert(key=str(number)))
    delivery.close(wait_s=PATIENCE_S)
    assert [heard.next()[0] for _ in range(10)] == [str(number) for number in range(10)]
    delivery.give(alert())
    delivery.close()
    assert heard.is_empty


def test_closing_waits_for_nothing_that_hangs_and_stops_commands(
    heard: Heard, receiver: Receiver
) -> None:
    settings = AlertsConfig(command=FOREVER, webhook=WebhookConfig(receiver.url("/hangs")))
    delivery = Delivery(settings, heard, HERE, limits=Limits(command=600, webhook=600))
    delivery.give(alert())
    give_up = time.monotonic() + PATIENCE_S
    while not receiver.got and time.monotonic() < give_up:
        time.sleep(0.01)
    delivery.give(alert(key="waits"))
    delivery.close(wait_s=0.1)
    ended = "tokenwatch ended before it was delivered"
    first, *rest = (heard.next() for _ in range(4))
    assert first[1] is Channel.COMMAND
    assert first[2] and first[2].endswith("was stopped: tokenwatch ended meanwhile")
    assert (alert().key, Channel.WEBHOOK, ended) in rest
    assert ("waits", Channel.WEBHOOK, ended) in rest
    receiver.let_go.set()
    assert heard.is_empty


def test_now_goes_through_all_in_order(receiver: Receiver) -> None:
    settings = AlertsConfig(
        desktop=True, command=FAILS, webhook=WebhookConfig(receiver.url("/500"))
    )
    assert send_now(alert(), settings, HERE) == [
        (Channel.DESKTOP, "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set"),
        (Channel.COMMAND, f"{Path(sys.executable).name} ended with exit code 4"),
        (Channel.WEBHOOK, "http://127.0.0.1 answered 500"),
    ]
    assert send_now(alert(), AlertsConfig(command=WORKS), HERE) == [(Channel.COMMAND, None)]
    assert send_now(alert(), AlertsConfig(), HERE) == []
