"""An alert as other programs get it, and which channels are on."""

from __future__ import annotations

import json

import pytest

from tests.channels.raised import alert
from tokenwatch.alert import DIGEST_KEY, AlertKind, general
from tokenwatch.channels.channel import Channel, enabled
from tokenwatch.channels.document import document, encoded, sentences, title
from tokenwatch.channels.webhook import parcel
from tokenwatch.config.alerts import FORMS, AlertsConfig, WebhookConfig

SECRET = alert(key="budget/acme", text="Budget acme: 80%", action="Ask acme", session_id="acme")
HOSTILE = "a\x1b]0;x\x07b\x9bc\u202ed\nend\ud800"


def test_the_document_has_all_of_an_alert() -> None:
    assert document(alert()) == {
        "schema": "tokenwatch.alert/1",
        "key": "budget/daily/2026-11-22",
        "kind": "budget",
        "severity": "warning",
        "at": "2026-11-22T00:00:00.123Z",
        "text": "daily: $24.10 of $30.00 spent, 80% of the budget",
        "action": "Look at tokenwatch budget list",
        "session_id": "s-1",
        "level": 80,
    }


def test_no_session_is_null() -> None:
    assert document(alert(session_id=None))["session_id"] is None


def test_redacted_it_names_neither_session_nor_key_nor_what_it_is_of() -> None:
    redacted = document(SECRET, redact=True)
    assert (redacted["session_id"], redacted["key"]) == (None, None)
    assert redacted.keys() == document(alert()).keys()
    assert redacted["text"] == "a budget has reached another step" and redacted["action"]
    assert redacted["level"] == 80
    assert "acme" not in str(redacted)


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_general_words(kind: AlertKind) -> None:
    told = general(SECRET._replace(kind=kind))
    assert told.text and told.action and "acme" not in f"{told.text} {told.action}"


def test_the_line_of_what_was_kept_has_no_names_and_stays() -> None:
    digest = alert(key=DIGEST_KEY, text="2 alerts not told until now: burn ×2")
    assert general(digest) == digest._replace(session_id="s-1")


@pytest.mark.parametrize("form", FORMS)
def test_redacted_no_form_has_names(form: str) -> None:
    told = parcel(SECRET, form, redact=True)
    assert b"acme" not in told.body and "acme" not in str(told.headers)
    assert b"another step" in told.body
    assert b"acme" in parcel(SECRET, form).body


@pytest.mark.parametrize("field", ["text", "action", "key", "session_id"])
def test_controls_and_bidi_characters_are_replaced(field: str) -> None:
    text = document(alert(**{field: HOSTILE}))[field]
    assert text == "a�]0;x�b�c�d�end�"


def test_it_is_one_line_of_ascii() -> None:
    line = encoded(alert(text="≈ 80 % – “so”\n"))
    assert line.isascii() and line.count(b"\n") == 1 and line.endswith(b"\n")
    assert json.loads(line)["text"].startswith("≈ 80 % – “so”")


def test_people_get_short_lines() -> None:
    assert title(alert()) == "tokenwatch: budget"
    assert sentences(alert(action="")) == ("daily: $24.10 of $30.00 spent, 80% of the budget",)
    first, second = sentences(alert(text="x " * 5000, action="a\nb"))
    assert len(first) == 600 and first.endswith("…")
    assert second == "a b"


def test_which_channels_are_on() -> None:
    assert enabled(AlertsConfig()) == (Channel.TOAST, Channel.BELL)
    every = AlertsConfig(
        terminal=True, desktop=True, command=("x",), webhook=WebhookConfig("keyring")
    )
    assert enabled(every) == tuple(Channel)
    assert enabled(AlertsConfig(toast=False, bell=False)) == ()
