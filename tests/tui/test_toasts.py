"""What was told, as it shows in a corner, rings, and goes to the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from tests import factories
from tests.factories import NOW_MS
from tests.tui.conftest import Running, feed_of, lines_of, press, publish, settle
from tests.tui.test_waste import API, toasts_of
from tokenwatch.alert import Alert, AlertKind, Severity
from tokenwatch.config import Config, ScreenConfig
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.snapshot import Notice
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.preferences import Preferences


def notice(
    key: str,
    kind: AlertKind = AlertKind.RETRY,
    text: str = "asked twice at db.py",
    severity: Severity = Severity.WARNING,
    session_id: str | None = API,
) -> Notice:
    alert = Alert(key, kind, severity, NOW_MS, text, "", session_id=session_id)
    return Notice(
        key=key, session_id=session_id or "", kind=kind.value, text=text, at_ms=NOW_MS, alert=alert
    )


async def test_an_alert_is_told_once(running: Running) -> None:
    shown = factories.snapshot(notices=(notice("a"),))
    async with running() as pilot:
        await publish(pilot, shown)
        await publish(pilot, replace(shown, agents_running=2))
        assert toasts_of(pilot) == [
            ("asked again · api ▸ fix pagination", "asked twice at db.py", "warning")
        ]
        await press(pilot, "3")
        loop = notice("b", AlertKind.LOOP, "the same", Severity.CRITICAL)
        await publish(pilot, replace(shown, notices=(loop, notice("a"))))
        assert [title.split(" ·")[0] for title, *_ in toasts_of(pilot)] == ["asked again", "loop"]
        assert toasts_of(pilot)[-1][2] == "error"


@pytest.mark.parametrize(
    ("size", "titles"),
    [
        ((80, 24), ["", "loop"]),
        ((20, 5), ["", "loop"]),
        ((120, 36), ["", "many agents", "loop"]),
        ((120, 50), ["many agents", "loop", "asked again"]),
    ],
)
async def test_many_at_once_leave_room(
    running: Running, size: tuple[int, int], titles: list[str]
) -> None:
    told = (
        notice("a", AlertKind.RETRY, "one", Severity.INFO, session_id=None),
        notice("b", AlertKind.LOOP, "two", Severity.CRITICAL, session_id=None),
        notice("c", AlertKind.AGENTS, "three", Severity.WARNING, session_id=None),
    )
    async with running(size=size) as pilot:
        await publish(pilot, factories.snapshot(notices=told))
        found = toasts_of(pilot)
        assert [title for title, *_ in found] == titles
        if "" in titles:
            assert found[0][1] == f"{4 - len(titles)} more in the inbox of Budgets"


async def test_none_lies_over_the_inbox(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    async with running() as pilot:
        monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(True))
        await press(pilot, "4")
        shown = factories.snapshot(notices=(notice("a", severity=Severity.CRITICAL),))
        await publish(pilot, shown)
        await press(pilot, "1")
        await publish(pilot, replace(shown, agents_running=2))
        assert toasts_of(pilot) == [] and rung == [True]
        await press(pilot, "4", "space")
        await publish(pilot, replace(shown, notices=(notice("b"), *shown.notices)))
        assert len(toasts_of(pilot)) == 1, "a picture that is held back shows no alert"


async def test_one_of_no_session_has_its_kind_as_title(running: Running) -> None:
    async with running() as pilot:
        budget = notice("c", AlertKind.BUDGET, "Budget daily: 80%", session_id=None)
        await publish(pilot, factories.snapshot(notices=(budget,)))
        assert toasts_of(pilot) == [("budget", "Budget daily: 80%", "warning")]


async def test_a_cache_that_expires_is_told_quietly(running: Running) -> None:
    async with running() as pilot:
        text = "cache expires in 0:48, 143k tokens"
        told = notice("c", AlertKind.CACHE, text, Severity.INFO)
        await publish(pilot, factories.snapshot(notices=(told,)))
        assert toasts_of(pilot) == [("cache · api ▸ fix pagination", text, "information")]


async def test_a_toast_in_private(running: Running) -> None:
    async with running() as pilot:
        await press(pilot, "P")
        await publish(pilot, factories.snapshot(notices=(notice("a"),)))
        title, text, _ = toasts_of(pilot)[-1]
        assert "db.py" not in text and "api" not in title
        assert text.startswith("the same was asked for again")


async def test_what_was_told_before_goes_when_it_is_hidden(running: Running) -> None:
    async with running() as pilot:
        await publish(pilot, factories.snapshot(notices=(notice("a"),)))
        assert "db.py" in toasts_of(pilot)[-1][1]
        await press(pilot, "P")
        assert toasts_of(pilot) == [] and "db.py" not in "\n".join(lines_of(pilot))


@pytest.mark.parametrize("bell", [True, False])
async def test_the_bell_is_for_critical_ones(
    running: Running, bell: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    async with running() as pilot:
        app: Any = pilot.app
        app.preferences = Preferences(None, Config(alerts=AlertsConfig(bell=bell, toast=False)))
        monkeypatch.setattr(app, "bell", lambda: rung.append("bell"))
        loop = notice("b", AlertKind.LOOP, "the same", Severity.CRITICAL)
        await publish(pilot, factories.snapshot(notices=(loop, notice("a"))))
        assert toasts_of(pilot) == []
    assert rung == (["bell"] if bell else [])


async def test_the_terminal_is_given_a_sequence(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    async with running(TERM_PROGRAM="ghostty", TERM="xterm-ghostty") as pilot:
        app: Any = pilot.app
        app.preferences = Preferences(None, Config(alerts=AlertsConfig(terminal=True)))
        monkeypatch.setattr(app, "write_to_terminal", written.append)
        await publish(pilot, factories.snapshot(notices=(notice("a"),)))
        await settle(pilot)
    assert len(written) == 1 and "asked twice at db.py" in written[0]
    assert written[0].startswith("\x1b]")


@pytest.mark.parametrize("kind", AlertKind)
async def test_the_terminal_gets_general_words_in_private(
    running: Running, monkeypatch: pytest.MonkeyPatch, kind: AlertKind
) -> None:
    written: list[str] = []
    async with running(TERM_PROGRAM="ghostty", TERM="xterm-ghostty") as pilot:
        app: Any = pilot.app
        app.preferences = Preferences(None, Config(alerts=AlertsConfig(terminal=True)))
        monkeypatch.setattr(app, "write_to_terminal", written.append)
        await press(pilot, "P")
        await publish(pilot, factories.snapshot(notices=(notice("a", kind),)))
        await settle(pilot)
    assert len(written) == 1 and "db.py" not in written[0]


async def test_what_nobody_has_seen_is_counted_above(running: Running) -> None:
    async with running(factories.snapshot(unseen=(2, 1))) as pilot:
        assert "▲ 2  ■ 1  ●" in lines_of(pilot)[0]
        await publish(pilot, factories.snapshot(unseen=(0, 1)))
        assert "▲" not in lines_of(pilot)[0] and "■ 1" in lines_of(pilot)[0]


async def test_counts_leave_room_for_the_time(running: Running) -> None:
    first = factories.snapshot(unseen=(2, 1))
    async with running(first, size=(80, 24)) as pilot:
        assert lines_of(pilot)[0].rstrip().endswith("▲ 2  ■ 1  ● 14:32")
    async with running(first) as pilot:
        assert "■ 1  ● live · 14:32:" in lines_of(pilot)[0]


async def test_who_tells_outside_the_screen_hears_of_privacy(running: Running) -> None:
    async with running() as pilot:
        assert feed_of(pilot).hidden == [False]
        await press(pilot, "P", "P")
        assert feed_of(pilot).hidden == [False, True, False]
    chosen = Config(screen=ScreenConfig(privacy=True))
    feed = factories.FakeFeed(factories.snapshot())
    TokenwatchApp(feed, now=lambda: NOW_MS, zone=UTC, preferences=Preferences(None, chosen))
    assert feed.hidden == [True]
