"""Who may come in."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from tokenwatch.web import gate
from tokenwatch.web.gate import Gate, Visit, gate_for, is_loopback, name_of

HERE = gate_for("127.0.0.1", "a-token-of-the-user")
GOOD = Visit(host="127.0.0.1:8642", token="a-token-of-the-user")
SOCKET = Visit(
    host="127.0.0.1:8642",
    origin="http://127.0.0.1:8642",
    cookie=HERE.cookie,
    wants_origin=True,
)


def test_who_has_the_token_or_the_cookie_is_welcome() -> None:
    assert HERE.refusal(GOOD) == ""
    assert HERE.refusal(replace(GOOD, token="", cookie=HERE.cookie)) == ""
    assert HERE.refusal(SOCKET) == ""


@pytest.mark.parametrize(
    "visit",
    [
        replace(GOOD, token=""),
        replace(GOOD, token="a-token-of-the-use"),
        replace(GOOD, token="A-token-of-the-user"),
        replace(GOOD, token="ä-token-of-the-user\udc80"),
        replace(GOOD, token=HERE.cookie),
        replace(GOOD, token="", cookie="a-token-of-the-user"),
        replace(GOOD, token="wrong", cookie=HERE.cookie),
    ],
)
def test_without_the_token_nobody_is(visit: Visit) -> None:
    assert "token" in HERE.refusal(visit)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            ":",
            ":8642",
            "[]:8642",
            "evil.example",
            "evil.example:8642",
            "127.0.0.1.evil.example",
        ),
        *("localhost.", "localhost.evil.example:8642", "127.0.0.2", "192.168.1.7:8642", "0.0.0.0"),
        *("127.0.0.1:8642:8642", "127.0.0.1:port", "127.0.0.1@evil.example", "[::1%<b>]:8642"),
        *("user@127.0.0.1:8642", "127.0.0.1 evil.example", "2130706433", "127.1"),
    ],
)
def test_a_foreign_host_is_refused_whatever_it_brings(host: str) -> None:
    assert "host" in HERE.refusal(replace(GOOD, host=host, cookie=HERE.cookie))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9000", "LocalHost:8642", "127.0.0.1", "[::1]:8642"]
)
def test_all_names_of_loopback_are_ours(host: str) -> None:
    assert HERE.refusal(replace(GOOD, host=host)) == ""


@pytest.mark.parametrize(
    "origin",
    [
        *("", "null", "http://evil.example", "https://127.0.0.1:8642", "http://127.0.0.1:3000"),
        *("http://localhost:8642", "http://127.0.0.1", "http://127.0.0.1:8642/", "file://"),
    ],
)
def test_a_websocket_comes_from_our_own_page(origin: str) -> None:
    assert "page" in HERE.refusal(replace(SOCKET, origin=origin))


def test_what_is_only_read_may_come_without_an_origin_but_with_no_other() -> None:
    assert HERE.refusal(replace(SOCKET, origin="", wants_origin=False)) == ""
    assert "page" in HERE.refusal(replace(SOCKET, origin="http://evil.example", wants_origin=False))


def test_behind_a_forwarded_port() -> None:
    assert (
        HERE.refusal(replace(SOCKET, host="localhost:9000", origin="http://localhost:9000")) == ""
    )


def test_a_token_for_once() -> None:
    once = HERE.once()
    assert HERE.refusal(replace(GOOD, token=once)) == ""
    assert "token" in HERE.refusal(replace(GOOD, token=once))


def test_secrets_are_made_anew() -> None:
    first, second = gate_for("127.0.0.1", None), gate_for("127.0.0.1", None)
    assert len({first.token, first.cookie, second.token, second.cookie, first.once()}) == 5
    assert min(len(secret) for secret in (first.token, first.cookie, first.once())) >= 43


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append(wanted.decode())
        return given == wanted

    monkeypatch.setattr(gate.hmac, "compare_digest", compare)
    HERE.refusal(replace(GOOD, token="wrong"))
    HERE.refusal(replace(GOOD, token="", cookie="wrong"))
    HERE.refusal(SOCKET)
    assert compared == [HERE.token, HERE.cookie, "http://127.0.0.1:8642", HERE.cookie]


def test_beyond_loopback_numbers_and_this_machine_are_known() -> None:
    wide = gate_for("0.0.0.0", "a-token-of-the-user")
    good = ["192.168.1.7:8642", "[fe80::1]:8642", "127.0.0.1:8642", "localhost"]
    for host in (*good, f"{socket.gethostname()}:8642"):
        assert wide.refusal(replace(GOOD, host=host)) == "", host
    for host in ("evil.example", "", "[fe80::1%<b>]", "1.2.3.4.evil.example"):
        assert "host" in wide.refusal(replace(GOOD, host=host)), host
    named = gate_for("Box.lan", "a-token-of-the-user")
    assert named.refusal(replace(GOOD, host="box.lan:8642")) == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "localhost.evil", ""])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_no_name_lets_nobody_in() -> None:
    assert name_of("") == ""
    assert "host" in Gate(names=frozenset({""})).refusal(Visit(host=""))
