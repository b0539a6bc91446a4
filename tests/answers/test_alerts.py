"""What the Budgets screen is shown of the inbox, and of what the guard decided."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from tokenwatch.alert import Alert, AlertKind, Severity
from tokenwatch.answers.alerts import limits, see, snooze
from tokenwatch.answers.moment import Moment
from tokenwatch.guard.allowing import allow_until
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger

NOW_MS = 1_795_356_000_000


def _moment(folder: Path) -> Moment:
    ledger = Ledger.open(folder / "ledger.sqlite")
    unused: Any = None
    return Moment(ledger, unused, {}, NOW_MS, UTC)


def _decide(moment: Moment, at_ms: int, event: str, decision: str, cause: str) -> None:
    moment.ledger.sql.execute(
        "INSERT INTO decisions (at_ms, source, session_id, event, decision, cause, reason)"
        " VALUES (?, 'claude-code', 's1', ?, ?, ?, 'Budget daily: spent.')",
        (at_ms, event, decision, cause),
    )


def test_decisions_stand_among_alerts_by_their_time(tmp_path: Path) -> None:
    moment = _moment(tmp_path)
    alert = Alert("loop/f", AlertKind.LOOP, Severity.CRITICAL, NOW_MS - 2000, "a loop", "stop it")
    with moment.ledger.transaction():
        stored.add(moment.ledger, [alert])
    _decide(moment, NOW_MS - 1000, "UserPromptSubmit", "block", "budget:daily")
    _decide(moment, NOW_MS - 3000, "PreToolUse", "deny", "agents:crowd")
    _decide(moment, NOW_MS - 4000, "PreToolUse", "ask", "loop")
    shown = limits(moment, ())
    assert [(each.alert.kind.value, each.alert.text) for each in shown.alerts] == [
        ("budget", "guard: a prompt, blocked (daily)"),
        ("loop", "a loop"),
        ("agents", "guard: a tool call, denied (crowd)"),
        ("loop", "guard: a tool call, asked about"),
    ]
    assert [each.number < 0 for each in shown.alerts] == [True, False, True, True]
    assert all(each.seen_ms for each in shown.alerts if each.number < 0)
    assert shown.alerts[0].alert.action == "Budget daily: spent."


def test_what_is_written_is_shown(tmp_path: Path) -> None:
    moment = _moment(tmp_path)
    snooze(moment, ["cache"], NOW_MS + 1000)
    allow_until(moment, NOW_MS + 2000)
    assert see(moment, None) == 0
    shown = limits(moment, ())
    assert shown.snoozes == {"cache": NOW_MS + 1000}
    assert [each.until_ms for each in shown.allowances] == [NOW_MS + 2000]
    snooze(moment, ["cache", "cache/s1"], None)
    assert limits(moment, ()).snoozes == {}
