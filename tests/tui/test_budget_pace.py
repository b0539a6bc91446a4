"""Budgets that go on at a pace, on their screen and in words."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.factories import NOW_MS
from tests.tui import limit_values
from tests.tui.conftest import Running, lines_of, press, text_of
from tests.tui.test_budgets_screen import answering
from tokenwatch.analysis.budgets import Span, State
from tokenwatch.answers.alerts import Limits
from tokenwatch.answers.budget_outlooks import Outlook, OwnPace
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget
from tokenwatch.export import budgets as words
from tokenwatch.format import clock
from tokenwatch.tui.screens.budgets.rows import explain_budget

UTC = ZoneInfo("UTC")
MINUTE, HOUR = 60_000, 3_600_000
OWN, OTHER = "5f0c7f3e-aaaa", "77aa0000-bbbb"


def standing(
    crosses_ms: int | None = NOW_MS + 40 * MINUTE,
    *,
    spent: int = 12,
    unit: str = "usd",
    per_hour: str = "12.30",
    session_id: str | None = OWN,
    period: str = "session",
) -> Standing:
    own = OwnPace(Decimal(per_hour), 23, NOW_MS - MINUTE, session_id)
    return Standing(
        Budget("run", Decimal(20), unit, period),
        Decimal(spent),
        spent / 20,
        State.EXCEEDED if spent >= 20 else State.OK,
        session_id=OWN if period == "session" else None,
        outlook=Outlook(None, None, None, crosses_ms, own),
    )


def said(of: Standing, zone: ZoneInfo = UTC, now_ms: int = NOW_MS) -> tuple[str, str]:
    """Return what a table says, and the first of the sentences."""
    return words.outlook_words(of, zone, now_ms), words.outlook_lines(of, zone, now_ms)[0]


def test_a_pace_in_words() -> None:
    at = clock(NOW_MS + 40 * MINUTE, UTC, NOW_MS)
    assert said(standing()) == (
        f"$12.30/h, at the limit ≈ {at}",
        f"at its pace ($12.30/h) the limit is reached ≈ {at}",
    )
    assert said(standing(None)) == (
        "$12.30/h",
        "at its pace ($12.30/h) the limit is not reached within five hours",
    )
    assert said(standing(None, spent=20)) == ("$12.30/h", "its pace is $12.30/h")
    assert said(standing(unit="tokens", per_hour="41200"))[0].startswith("41.2k/h, ")
    assert said(standing(unit="requests", per_hour="1200", period="5h", session_id=None))[0] == (
        f"1,200/h, at the limit ≈ {at}"
    )
    lines = words.outlook_lines(standing(), UTC, NOW_MS)
    assert lines[1] == (
        "if it goes on without a pause, as in the 23 minutes of the last hour that spent anything"
    )


def test_another_session_than_the_highest_is_named() -> None:
    table, sentence = said(standing(session_id=OTHER, spent=20))
    assert table.startswith("$12.30/h in session 77aa0000, at the limit ≈ ")
    assert sentence.startswith("at its pace ($12.30/h in session 77aa0000) the limit is reached ≈ ")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Madrid", "Asia/Kolkata"])
def test_after_midnight_it_is_a_time_of_day(zone: str) -> None:
    midnight = 1_795_305_600_000  # UTC, of 22 November
    for now_ms in (midnight - 10 * MINUTE, midnight - 20 * HOUR):
        table, sentence = said(standing(now_ms + 25 * MINUTE), ZoneInfo(zone), now_ms)
        assert table[-5:] == sentence[-5:] and table[-3] == ":" and "Nov" not in table


def test_other_outlooks_say_what_they_are_from() -> None:
    daily, monthly, acme, _ = limit_values.standings()
    assert words.outlook_lines(daily, UTC, NOW_MS)[1].startswith("half of your own past")
    assert words.outlook_lines(monthly, UTC, NOW_MS)[0] == "$520.00 to $552.00"
    assert words.outlook_lines(acme, UTC, NOW_MS) == ("nothing carries a forecast yet",)
    window = Standing(
        Budget("plan", Decimal(100), "window-percent", "5h"),
        Decimal(85),
        0.85,
        State.WARNING,
        Span(NOW_MS - 4 * HOUR, NOW_MS + HOUR),
        outlook=Outlook(Decimal("136.0"), None, NOW_MS + HOUR, NOW_MS + MINUTE),
    )
    line, source = words.outlook_lines(window, UTC, NOW_MS)
    assert line.startswith("136%, full ≈ ") and source == "as it rose in its latest readings"


def test_details_explain_a_pace() -> None:
    shown = [line.text for line in explain_budget(standing(), (), UTC, NOW_MS).lines]
    at = shown.index("where it goes")
    assert shown[at + 1].startswith("at its pace ($12.30/h) the limit is reached ≈ ")
    assert shown[at + 2].startswith("if it goes on without a pause")
    assert not any("your own past" in line for line in shown)


async def test_the_screen_shows_when_the_limit_is_reached(running: Running) -> None:
    several = (standing(), standing(None), standing(None, unit="tokens", per_hour="41200"))
    shown = tuple(
        each._replace(budget=each.budget._replace(name=name))
        for each, name in zip(several, ("near", "far", "tokens"), strict=True)
    )

    def limits(every: object) -> Limits:
        return limit_values.limits()._replace(standings=shown)

    async with running(answers=answering(limits=limits)) as pilot:
        await press(pilot, "4")
        near, far, tokens = lines_of(pilot)[3:6]
        zone = pilot.app.zone  # type: ignore[attr-defined]
        at = clock(NOW_MS + 40 * MINUTE, zone, NOW_MS)
        assert f"▲ ≈ {at}" in near and "$12.30/h" in far and "▲" not in far
        assert "41.2k/h" in tokens
        await press(pilot, "enter")
        assert f"at its pace ($12.30/h) the limit is reached ≈ {at}" in text_of(pilot)
        await press(pilot, "escape", "P")
        assert f"▲ ≈ {at}" in text_of(pilot)
