"""The texts of `[alerts]`: what they mean, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.alert import AlertKind
from tokenwatch.config import Config
from tokenwatch.config.alerts import (
    FLAGS,
    KINDS,
    AlertsConfig,
    QuietHours,
    WebhookConfig,
    alerts,
    kinds_of,
    problem,
    quiet_hours,
    shown,
    words_of,
    written,
)
from tokenwatch.config.catalogue import told_of
from tokenwatch.config.check import known_setting, parse, value_from
from tokenwatch.errors import ConfigError, UsageError


def test_the_rules_have_the_names_of_their_kinds() -> None:
    assert list(KINDS) == [kind.value for kind in AlertKind]


def test_the_defaults() -> None:
    made = alerts({})
    assert made == AlertsConfig()
    assert (made.toast, made.bell) == (True, True)
    assert not (made.terminal or made.desktop or made.command or made.webhook.url)
    assert made.kinds == KINDS and made.quiet is None


def test_a_table_becomes_settings_and_back() -> None:
    table = {
        "off": "cache, context, cache",
        "quiet": "22:00-07:00",
        "toast": False,
        "bell": False,
        "terminal": True,
        "desktop": True,
        "redact": True,
        "command": "notify --to 'my phone'",
        "webhook": {"url": "https://example.org/x", "form": "ntfy"},
    }
    made = alerts(table)
    assert made.off == ("cache", "context")
    assert "cache" not in made.kinds and "budget" in made.kinds
    assert made.quiet == QuietHours(22 * 60, 7 * 60)
    assert made.command == ("notify", "--to", "my phone")
    assert made.webhook == WebhookConfig("https://example.org/x", "ntfy")
    assert not made.toast and not made.bell and made.terminal and made.desktop and made.redact
    assert written(made, "off") == "cache, context"
    assert written(made, "quiet") == "22:00-07:00"
    assert written(made, "command") == "notify --to 'my phone'"
    assert written(made, "webhook.url") == "https://example.org/x"
    assert written(made, "webhook.form") == "ntfy"
    assert written(made, "redact") is True
    assert written(AlertsConfig(), "quiet") == written(AlertsConfig(), "webhook.url") == ""


def test_quiet_hours_over_midnight() -> None:
    night = QuietHours(22 * 60, 7 * 60)
    assert [night.hold(minute) for minute in (22 * 60 - 1, 22 * 60, 0, 7 * 60 - 1, 7 * 60)] == [
        *(False, True, True, True, False)
    ]
    noon = QuietHours(12 * 60, 13 * 60)
    assert [noon.hold(minute) for minute in (719, 720, 779, 780)] == [False, True, True, False]


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_are_as_long_as_they_say(begin: int, end: int) -> None:
    text = f"{begin // 60}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    found = quiet_hours(text)
    if begin == end:
        assert found is None
        return
    assert found is not None
    assert sum(found.hold(minute) for minute in range(1440)) == (end - begin) % 1440
    assert quiet_hours(found.words) == found


WRONG = [
    *("24:00-07:00", "22:00", "22-7", "22:60-07:00", "-1:00-07:00", "07:00-07:00", "٢٢:00-07:00"),
]


@pytest.mark.parametrize("text", WRONG)
def test_no_quiet_hours(text: str) -> None:
    assert quiet_hours(text) is None
    assert problem("quiet", text) == "a stretch of the day such as 22:00-07:00 is needed"


def test_texts_that_are_none() -> None:
    assert kinds_of("cache,nonsense") is None
    assert words_of("notify 'open") is None
    assert words_of("'' x") is None
    assert words_of("a\0b") is None
    assert words_of("") == ()


@pytest.mark.parametrize("key", [*FLAGS, "off", "quiet", "command", "webhook.url", "webhook.form"])
@pytest.mark.parametrize("value", [3, None, ["x"], 1.5])
def test_values_of_another_kind_are_told(key: str, value: object) -> None:
    assert problem(key, value)


def test_proper_values_have_no_problem() -> None:
    proper = {
        "off": "cache",
        "quiet": "22:00 – 7:00",
        "command": "x y",
        "webhook.url": "keyring",
        "webhook.form": "slack",
        "toast": True,
    }
    assert {key: said for key, value in proper.items() if (said := problem(key, value))} == {}
    for key in ("off", "quiet", "command", "webhook.url"):
        assert problem(key, "") is None
    assert problem("colour", True) == "no such setting"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/services/T0/B0/secret",
        "https://user:word@example.org:8443/x?y=z",
        "http://localhost:8080/x",
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
    ],
)
def test_addresses(url: str) -> None:
    assert problem("webhook.url", url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/secret",
        "http://127.0.0.1.example.org/secret",
        "http://10.0.0.1/secret",
        "ftp://example.org/secret",
        "file:///secret",
        "secret",
        "https:///secret",
        "https://example.org:99999/secret",
        "https://[::1/secret",
        "https://example.org/secret two",
        "https://example.org\\secret",
        "https://example.org;secret",
        "https://example.org/secret\n",
        "https://example.org/\x1bsecret",
        "https://example.org/" + "secret" * 1000,
    ],
)
def test_no_addresses_and_none_is_shown(url: str) -> None:
    said = problem("webhook.url", "x" if url == "" else url + " " if url.endswith("\n") else url)
    assert said and "secret" not in said


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@hooks.example.org/secret?secret#secret",
        "https://hooks.example.org?key=secret",
        "https://hooks.example.org#secret",
        "https://hooks.example.org\\secret",
        "https://[::1/secret",
        "secret",
    ],
)
def test_no_more_than_the_host_of_an_address_is_shown(url: str) -> None:
    config = Config(alerts=AlertsConfig(webhook=WebhookConfig(url)))
    assert "secret" not in str(told_of(config, "alerts.webhook"))
    assert "secret" not in shown(url)


@pytest.mark.parametrize(
    "text",
    [
        '[alerts]\nwebhook = "http://hooks.example.org/secret"',
        '[alerts]\nwebhook = ["https://hooks.example.org/secret"]',
        '[alerts]\nwebhook = "hooks.example.org/secret"',
        '[alerts]\nwebhook_form = "https://hooks.example.org/secret"',
        'alerts = "https://hooks.example.org?secret"',
        'titles = "https://hooks.example.org/\\"secret"',
        '[[alerts]]\nwebhook = "https://hooks.example.org/secret"',
    ],
)
def test_what_is_wrong_in_the_file_is_told_without_the_address(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, Path("config.toml"))
    said = " ".join(caught.value.lines)
    assert "line " in said and "secret" not in said


@pytest.mark.parametrize("url", ["http://hooks.example.org/secret", "hooks.example.org/secret"])
def test_an_address_that_is_refused_is_not_shown(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        value_from(known_setting("alerts.webhook"), url)
    assert "alerts.webhook = " in str(caught.value) and "secret" not in str(caught.value)
