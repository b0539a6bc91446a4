"""The Budgets screen: limits as they stand, the inbox, and what its keys write."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests import factories
from tests.factories import NOW_MS
from tests.tui import limit_values
from tests.tui.conftest import Running, feed_of, lines_of, make_app, press, settle, text_of
from tokenwatch import config
from tokenwatch.analysis.budgets import State
from tokenwatch.answers import alerts as answers
from tokenwatch.answers.alerts import Limits
from tokenwatch.answers.budgets import Standing
from tokenwatch.config import Config
from tokenwatch.config.budgets import Budget
from tokenwatch.guard import allowing
from tokenwatch.guard.trouble import Trouble, trouble
from tokenwatch.store.alerts import UNDER_WAY, UNDER_WAY_MS
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.preferences import Preferences
from tokenwatch.tui.private_answers import hide
from tokenwatch.tui.screens.budgets.boxes import BudgetScreen
from tokenwatch.tui.screens.budgets.guard_line import GuardLine

WIDE, SMALL = (120, 36), (80, 24)
Write = tuple[Any, ...]


class Written:
    """What the screen asked to be written, in order."""

    def __init__(self) -> None:
        self.calls: list[Write] = []

    def see(self, numbers: object) -> int:
        self.calls.append(("see", numbers))
        return 1

    def snooze(self, names: object, until_ms: int | None) -> None:
        self.calls.append(("snooze", names, until_ms))

    def allow(self, until_ms: int) -> None:
        self.calls.append(("allow", until_ms))

    def end(self) -> int:
        self.calls.append(("end",))
        return 1


def answering(
    written: Written | None = None, limits: Callable[..., Limits] = limit_values.limits
) -> Mapping[object, Callable[..., Any]]:
    written = written or Written()
    return {
        answers.limits: limits,
        answers.see: written.see,
        answers.snooze: written.snooze,
        allowing.allow_until: written.allow,
        allowing.end_all: written.end,
    }


def nothing(every: object) -> Limits:
    return Limits((), (), (), {})


def opened(*keys: str, theme: str | None = None) -> Callable[[Pilot[str]], Awaitable[None]]:
    async def run(pilot: Pilot[str]) -> None:
        await settle(pilot)
        if theme:
            pilot.app.theme = theme
        await press(pilot, "4", *keys)

    return run


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
def test_dark(snap_compare: Any, size: tuple[int, int]) -> None:
    app = make_app(factories.snapshot(), answering())
    assert snap_compare(app, terminal_size=size, run_before=opened())


def test_light_in_the_inbox(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), answering())
    before = opened("tab", "j", theme="tokenwatch-light")
    assert snap_compare(app, terminal_size=WIDE, run_before=before)


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(factories.snapshot(), answering(), NO_COLOR="1")
    assert snap_compare(app, terminal_size=WIDE, run_before=opened())


def test_nothing_set(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), answering(limits=nothing))
    assert snap_compare(app, terminal_size=SMALL, run_before=opened())


def test_the_box(snap_compare: Any) -> None:
    app = make_app(factories.snapshot(), answering(limits=nothing))
    before = opened("n", *"night", "down", *"-1")
    assert snap_compare(app, terminal_size=SMALL, run_before=before)


async def test_each_budget_says_how_it_stands(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4")
        daily, monthly, acme, crowd = lines_of(pilot)[3:7]
        assert "▲ daily" in daily and "84%" in daily and "▲ $31.10" in daily
        assert "● monthly" in monthly and "58%" in monthly and "$520.00" in monthly
        assert "■ client Acme hard" in acme and "104%" in acme and "–" in acme
        assert "● crowd" in crowd and "3" in crowd and "agents · everything" in crowd
        text = text_of(pilot)
        assert "webhook failed" in text and "silent until" in text
        assert "3 not seen" in text


@pytest.mark.parametrize(
    ("age_ms", "said"),
    [(2000, "told: toast, webhook …"), (UNDER_WAY_MS + 1, "webhook failed · told:")],
)
async def test_a_delivery_under_way_is_no_failure(running: Running, age_ms: int, said: str) -> None:
    def limits(every: object) -> Limits:
        first, *others = limit_values.limits(every).alerts
        alert = first.alert._replace(at_ms=NOW_MS - age_ms)
        given = (("toast", ""), ("webhook", UNDER_WAY))
        alerts = (first._replace(alert=alert, deliveries=given), *others)
        return limit_values.limits(every)._replace(alerts=alerts)

    async with running(answers=answering(limits=limits)) as pilot:
        await press(pilot, "4")
        assert said in text_of(pilot)
        await press(pilot, "tab", "i")
        assert f"webhook: {UNDER_WAY}" in text_of(pilot)


async def test_details_of_a_budget_and_an_alert(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "j", "j", "enter")
        text = text_of(pilot)
        assert "■ exceeded: $52.07 of $50.00" in text
        assert "tokenwatch hooks install" in text and "3 requests unpriced" in text
        await press(pilot, "escape", "tab", "i")
        text = text_of(pilot)
        assert "hooks.example.org answered 500" in text and "allow more: A" in text


async def test_privacy_hides_names_and_texts(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "P", "4")
        text = text_of(pilot)
        assert "Acme" not in text and "daily" not in text
        assert "budget 3" in text and "104%" in text
    hidden = hide(limit_values.limits())
    assert isinstance(hidden, Limits)
    shown = [(each.alert.text, each.alert.action) for each in hidden.alerts]
    assert "acme" not in repr((hidden.standings, shown)).lower()


async def test_keys_of_the_inbox_write(running: Running) -> None:
    written = Written()
    async with running(answers=answering(written)) as pilot:
        await press(pilot, "4", "tab", "m", "exclamation_mark", "enter")
        await press(pilot, "j", "j", "exclamation_mark", "M")
    assert written.calls == [
        ("see", [4]),
        ("snooze", ("budget/client Acme/2026-11",), NOW_MS + limit_values.HOUR),
        ("snooze", ("quota/codex/10080", "quota"), None),
        ("see", None),
    ]


async def test_what_is_heard_again_is_told_once(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "tab", "G", "exclamation_mark")
        assert text_of(pilot).count("heard again") == 1


async def test_an_allowance_is_written(running: Running) -> None:
    written = Written()
    async with running(answers=answering(written)) as pilot:
        await press(pilot, "4", "A", "j", "enter")
    assert written.calls == [("allow", NOW_MS + 4 * limit_values.HOUR)]


async def test_an_allowance_that_holds_can_be_ended(running: Running) -> None:
    written = Written()
    async with running(answers=answering(written)) as pilot:
        await press(pilot, "4", "A")
        assert "they stop again from now on" in text_of(pilot)
        await press(pilot, "G", "enter")
    assert written.calls == [("end",)]


async def test_where_none_holds_none_can_be_ended(running: Running) -> None:
    async with running(answers=answering(limits=nothing)) as pilot:
        await press(pilot, "4", "A")
        text = text_of(pilot)
        assert "they stop nothing for four hours" in text and "stop again" not in text


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "small"])
async def test_a_guard_that_stops_nothing_is_told(running: Running, size: tuple[int, int]) -> None:
    said = Trouble("the guard's state is 5 m old, so no tool is stopped by it")
    found = {**answering(), trouble: lambda: said}
    async with running(answers=found, size=size) as pilot:
        await press(pilot, "4")
        line = lines_of(pilot)[1]
        assert line.startswith(f" ▲ {said.words} · tokenwatch")
        said = Trouble()
        pilot.app.screen.query_one(GuardLine).ask()
        await settle(pilot)
        assert "budgets" in lines_of(pilot)[1]


async def test_the_guard_is_not_asked_about_in_the_demo(running: Running) -> None:
    shown = replace(factories.snapshot(), is_demo=True)
    async with running(shown, answers=answering()) as pilot:
        await press(pilot, "4")
        assert not any(asked.startswith("trouble") for asked in feed_of(pilot).read)
        assert any(asked.startswith("limits") for asked in feed_of(pilot).read)


async def test_a_session_is_opened_from_its_alert(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "tab", "j", "j", "o")
        assert pilot.app.screen is pilot.app.get_screen("session")


async def test_where_no_session_is_behind_a_row_that_is_said(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "o")
        assert "this budget is of no single session" in text_of(pilot)
        await press(pilot, "tab", "o")
        assert "this alert is of no single session" in text_of(pilot)
        assert pilot.app.screen is pilot.app.get_screen("budgets")
    async with running(answers=answering(limits=nothing)) as pilot:
        await press(pilot, "4", "o", "tab", "o")
        assert "no single session" not in text_of(pilot)


def _as_set(every: Sequence[Budget]) -> Limits:
    """Return the budgets of the settings with nothing spent."""
    return Limits(tuple(Standing(of, Decimal(0), 0.0, State.OK) for of in every), (), (), {})


@pytest.mark.parametrize(("ratio", "said"), [(13.034, "  13×"), (4e6, ">999×")])
async def test_many_times_the_limit_has_room(running: Running, ratio: float, said: str) -> None:
    def limits(every: object) -> Limits:
        (first, *_) = limit_values.standings()
        return Limits((first._replace(ratio=ratio, state=State.EXCEEDED),), (), (), {})

    async with running(answers=answering(limits=limits)) as pilot:
        await press(pilot, "4")
        assert f"{said}  " in lines_of(pilot)[3]


def _with_settings(app: TokenwatchApp, path: Path) -> TokenwatchApp:
    settings = config.load(path) if path.exists() else Config()
    app.preferences = Preferences(path, settings)
    return app


async def test_a_budget_is_made_changed_and_deleted(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    app = _with_settings(make_app(factories.snapshot(), answering(limits=_as_set)), path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "4", "n", *"night", "down", *"20", "down", "down", "right", "enter")
        assert tomllib.loads(path.read_text())["budgets"] == [
            {"name": "night", "limit": 20, "period": "week"}
        ]
        await press(pilot, "e", "end", "backspace", "backspace", *"7.5", "enter")
        assert tomllib.loads(path.read_text())["budgets"][0]["limit"] == 7.5
        assert "the budget is kept · " in text_of(pilot)
        await press(pilot, "delete", "n")
        assert "night" in path.read_text()
        await press(pilot, "delete", "y")
        assert "night" not in path.read_text()


async def test_a_hidden_budget_is_neither_changed_nor_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[budgets]]\nname = "client Acme"\nlimit = 3\n')
    before = path.read_text()
    app = _with_settings(make_app(factories.snapshot(), answering(limits=_as_set)), path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "P", "4")
        for key in ("e", "delete"):
            await press(pilot, key)
            assert pilot.app.screen is pilot.app.get_screen("budgets")
            assert "it is hidden: P shows it" in text_of(pilot) and "Acme" not in text_of(pilot)
            pilot.app.clear_notifications()
        assert path.read_text() == before
        await press(pilot, "n", *"night", "down", *"20", "enter")
        assert "night" in path.read_text()
        said = text_of(pilot)
        assert "the budget is kept" in said and "night" not in said
        assert path.name not in said and str(tmp_path)[:12] not in said
        path.write_text("[[budgets]\n")
        await press(pilot, "n", *"third", "down", *"20", "enter")
        said = text_of(pilot)
        assert "nothing was changed: why is hidden (P shows it)" in said and path.name not in said


async def test_a_budget_that_is_gone_from_the_file_is_not_made_anew(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "e", "delete")
        assert pilot.app.screen is pilot.app.get_screen("budgets")


async def test_a_wrong_budget_is_refused_in_its_box(running: Running) -> None:
    async with running(answers=answering(limits=nothing)) as pilot:
        await press(pilot, "4", "n", *"x", "down", *"-1", "enter")
        assert isinstance(pilot.app.screen, BudgetScreen)
        assert "▲ limit: a number above 0" in text_of(pilot)
        await press(pilot, "backspace", "backspace", "8", "down", *["right"] * 4, "enter")
        assert "▲ period: unit window-percent needs" in text_of(pilot)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, BudgetScreen)


async def test_b_goes_to_the_pace_and_back(running: Running) -> None:
    async with running(answers=answering()) as pilot:
        await press(pilot, "4", "b")
        assert "what was spent" in text_of(pilot)
        await press(pilot, "b")
        assert "client Acme" in text_of(pilot)


async def test_what_is_asked_has_the_budgets_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[budgets]]\nname = "daily"\nlimit = 3\n')
    asked: list[object] = []

    def limits(every: object) -> Limits:
        asked.append(every)
        return nothing(every)

    app = _with_settings(make_app(factories.snapshot(), answering(limits=limits)), path)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "4")
        assert feed_of(pilot) is not None
    assert [each.name for each in asked[0]] == ["daily"]  # type: ignore[attr-defined]
