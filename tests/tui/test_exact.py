"""What rows of the tables write to a file: exact, summed to the last digit, with their ids."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.tui import shares
from tests.tui.conftest import Running, press
from tokenwatch.answers.breakdown import breakdown
from tokenwatch.answers.past import as_past
from tokenwatch.format import exact_usd, rfc3339
from tokenwatch.model import PICO, AgentKind
from tokenwatch.tui.screens.live.activity import ACTIVITY_COLUMNS, activity_lines
from tokenwatch.tui.screens.live.rows import COLUMNS, rows_of
from tokenwatch.tui.screens.session.agents import AGENT_COLUMNS, agent_lines
from tokenwatch.tui.screens.session.shares import PURPOSE_COLUMNS, TOOL_COLUMNS, share_lines
from tokenwatch.tui.screens.session.turns import (
    REQUEST_COLUMNS,
    WIDE_TURN_COLUMNS,
    request_lines,
    turn_lines,
)
from tokenwatch.tui.screens.sessions.listing import Entry
from tokenwatch.tui.screens.sessions.rows import columns

SHOWN = factories.snapshot()
ROW = SHOWN.sessions[0]
DETAIL = factories.detail(ROW)
BREAKDOWN = shares.breakdown(session_id=ROW.id)
LEFT_AS_SHOWN = {"title", "name", "part", "rate", "cache", "what", "session", "now"}
"""Texts, shares and rates are exported as they are shown."""

TABLES: dict[str, tuple[Any, Any]] = {
    "live": (COLUMNS, [row for session in SHOWN.sessions for row in rows_of(session)]),
    "activity": (ACTIVITY_COLUMNS, activity_lines(SHOWN.activity, SHOWN.sessions)),
    "sessions": (columns("money"), [Entry(as_past(session)) for session in SHOWN.sessions]),
    "turns": (WIDE_TURN_COLUMNS, turn_lines(DETAIL.turns, "number", False)),
    "agents": (AGENT_COLUMNS, agent_lines(ROW, "started", False)),
    "tools": (TOOL_COLUMNS, share_lines(BREAKDOWN.tools, BREAKDOWN.cost_pico, "cost", False)),
    "purposes": (
        PURPOSE_COLUMNS,
        share_lines(BREAKDOWN.purposes, BREAKDOWN.cost_pico, "cost", False),
    ),
    "requests": (REQUEST_COLUMNS, request_lines(factories.requests("turn-1", 4), "time", False)),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_has_an_exact_value(table: str) -> None:
    shown, rows = TABLES[table]
    assert rows
    for row in rows:
        missing = {column.key for column in shown if row.exact(column.key) is None}
        assert missing <= LEFT_AS_SHOWN, missing - LEFT_AS_SHOWN
        assert set(row.more) == set(rows[0].more), "the same columns in each row"
        assert all(value is not None for value in row.more.values())


def test_exported_costs_add_up_to_the_session() -> None:
    for session in SHOWN.sessions:
        cents = [Decimal(row.exact("cost") or 0) for row in rows_of(session)]
        assert sum(cents) * PICO == session.spend.cost_pico
        tokens = [int(row.exact("tokens") or 0) for row in rows_of(session)]
        assert sum(tokens) == session.spend.usage.total
    whole = [Decimal(line.exact("cost")) for line in TABLES["tools"][1]]
    assert sum(whole) * PICO == BREAKDOWN.cost_pico
    main = next(line for line in TABLES["agents"][1] if line.agent.kind is AgentKind.MAIN)
    assert Decimal(main.exact("whole")) * PICO == ROW.spend.cost_pico


def test_values_are_those_of_the_logs() -> None:
    row = rows_of(ROW)[0]
    assert row.exact("started") == rfc3339(row.agent.started_ms if row.agent else None)
    assert row.exact("context") == 142_000 and row.exact("state") == "working"
    assert row.more["id"] == ROW.id
    turn = turn_lines(DETAIL.turns, "number", False)[0]
    assert turn.exact("time") == rfc3339(turn.turn.at_ms)
    assert turn.exact("cost") == exact_usd(turn.turn.spend.cost_pico)
    (request, *_) = request_lines(factories.requests("turn-1", 4), "time", False)
    assert request.exact("place") == f"{request.request.file}:{request.request.line}"
    assert request.more["id"] == request.request.id
    unpriced = next(s for s in SHOWN.sessions if s.spend.cost_or_none is None)
    entry = Entry(as_past(unpriced))
    assert entry.exact("cost") == "" and entry.more["cost_is"] == "no price"
    assert {Entry(as_past(s)).more["cost_is"] for s in SHOWN.sessions} > {"no price", ""}


async def test_a_file_has_exact_values_and_ids(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answers: dict[object, Callable[..., Any]] = {breakdown: shares.breakdown}
    async with running(answers=answers) as pilot:
        await press(pilot, "enter", "x", "enter")
    (path,) = tmp_path.iterdir()
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert sum(Decimal(row["cost $"]) for row in rows) * PICO == sum(
        turn.spend.cost_pico for turn in DETAIL.turns
    )
    assert [row["id"] for row in rows] == [turn.id for turn in reversed(DETAIL.turns)]
    assert all(row["time"].endswith("Z") for row in rows)
