"""From a picture and the ledger to what is told: once, kept, delivered, and known to the guard."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests import factories
from tests.store.batches import AT_MS, Book, request
from tokenwatch.alert import Alert, AlertKind, How, Severity
from tokenwatch.alerting.beside import AGAIN_MS, ASKED_MS
from tokenwatch.alerting.look import Alerting, Result, Wishes
from tokenwatch.cli import status_line
from tokenwatch.clients import hooked
from tokenwatch.config.alerts import AlertsConfig, QuietHours
from tokenwatch.config.budgets import Budget
from tokenwatch.config.guard import GuardConfig
from tokenwatch.model import State
from tokenwatch.snapshot import Flag, Notice, SessionRow, Snapshot, WarmCache
from tokenwatch.store import alerts as stored
from tokenwatch.store import troubles
from tokenwatch.store.alerts import UNDER_WAY
from tokenwatch.store.decisions import decisions
from tokenwatch.store.ledger import Ledger

MINUTE = 60_000
NOON_MS = AT_MS + 12 * 3_600_000
HARD = Budget("daily", Decimal("0.000000000001"), hard=True)
SOFT = Budget("tokens", Decimal(20), unit="tokens")


class Desk:
    """Looks at a ledger with one request of today, at any time."""

    def __init__(self, folder: Path, *budgets: Budget, folder_too: bool = True) -> None:
        book = Book(folder)
        book.put("/r/a.jsonl", [request("r1", "a", at_ms=NOON_MS - MINUTE)])
        self.ledger: Ledger = book.ledger
        self.wishes = Wishes(budgets, guard=GuardConfig())
        self.given: list[Alert] = []
        self.results: SimpleQueue[Result] = SimpleQueue()
        self.folder = folder if folder_too else None
        self.rows: list[SessionRow] = []
        self.alerting = self.begin()

    def begin(self, started_ms: int = NOON_MS) -> Alerting:
        """Return what a monitor that is started then would look with."""
        return Alerting(
            self.ledger,
            lambda: self.wishes,
            UTC,
            started_ms,
            deliver=self.given.append,
            results=self.results,
            folder=self.folder,
        )

    def at(self, now_ms: int = NOON_MS, *notices: Notice) -> Snapshot:
        """Look at that time."""
        shown = Snapshot(taken_ms=now_ms, timezone="UTC", notices=notices)
        return self.alerting.look(replace(shown, sessions=tuple(self.rows)), lambda: self.rows)

    def inbox(self) -> list[Alert]:
        """Return the inbox, the latest first."""
        return [each.alert for each in stored.inbox(self.ledger, 100)]


Make = Callable[..., Desk]


@pytest.fixture
def desk(tmp_path: Path) -> Make:
    return lambda *budgets: Desk(tmp_path, *budgets)


def seen(kind: str, key: str = "f1", at_ms: int = NOON_MS, times: int = 4) -> Notice:
    return Notice(
        key=key,
        session_id="a",
        kind=kind,
        text=f"{kind} at db.py, {times} times",
        at_ms=at_ms,
        advice="Press Esc.",
        times=times,
        least=3,
    )


def test_a_budget_is_told_once_and_kept(desk: Make) -> None:
    it = desk(HARD)
    shown = it.at()
    (notice,) = shown.notices
    assert notice.kind == "budget" and "Budget daily" in notice.text and notice.alert is not None
    assert shown.unseen == (0, 1)
    assert [alert.key for alert in it.given] == ["budget/daily/2026-11-22"]
    assert [n.key for n in it.at(NOON_MS + MINUTE).notices] == [notice.key]
    assert it.at(NOON_MS + 5 * MINUTE).notices == ()
    assert len(it.given) == 1 and len(it.inbox()) == 1


def test_a_restart_and_a_second_monitor_tell_nothing_again(desk: Make) -> None:
    it = desk(HARD)
    it.at()
    other = it.begin(NOON_MS + MINUTE)
    picture = Snapshot(taken_ms=NOON_MS + MINUTE, timezone="UTC")
    assert other.look(picture, list).notices == ()
    assert len(it.given) == 1
    assert len(it.inbox()) == 1


def test_what_detectors_saw_is_told_in_their_words(desk: Make) -> None:
    it = desk()
    it.at(NOON_MS - MINUTE)
    shown = it.at(NOON_MS + 1, seen("loop"), seen("repeated-attempts", "f2"))
    assert {(alert.kind, alert.text, alert.action) for alert in it.inbox()} == {
        (AlertKind.LOOP, "Session a: loop at db.py, 4 times (from 3 on)", "Press Esc."),
        (
            AlertKind.RETRY,
            "Session a: repeated-attempts at db.py, 4 times (from 3 on)",
            "Press Esc.",
        ),
    }
    assert {n.session_id for n in shown.notices} == {"a"}
    assert {n.text.endswith("(from 3 on). Press Esc.") for n in shown.notices} == {True}


def test_a_loop_that_goes_on_is_told_again_as_it_doubled(desk: Make) -> None:
    it = desk()
    it.at(NOON_MS - MINUTE)
    for times in (4, 5, 6, 7, 11, 12):
        it.at(NOON_MS + times * 1001, seen("loop", at_ms=NOON_MS + times * 1001, times=times))
    assert [alert.level for alert in it.given] == [0, 1, 2]
    assert "12 times" in it.given[-1].text


def test_attempts_are_told_once_although_more_of_them_fail(desk: Make) -> None:
    it = desk()
    it.at(NOON_MS - MINUTE)
    for times in (3, 6, 12):
        it.at(NOON_MS + times * 1001, seen("repeated-attempts", times=times))
    assert len(it.given) == 1


WARM = replace(
    factories.rich_sessions()[0],
    id="a",
    state=State.IDLE,
    last_ms=NOON_MS - 59 * MINUTE,
    context_used=150_000,
    context_limit=160_000,
)


def test_a_cache_is_told_of_once_before_it_expires_and_again_after_half_an_hour(
    desk: Make,
) -> None:
    it = desk()
    told = []
    for minute in (0, 6, 12, 36):
        now_ms = NOON_MS + minute * MINUTE
        it.rows = [replace(WARM, warm=WarmCache(tokens=143_000, expires_ms=now_ms + 48_000))]
        it.at(now_ms)
        it.rows = [WARM]
        it.at(now_ms + 50_000)
        told.append(len(it.given))
    assert told == [1, 1, 1, 2]
    alert = it.given[0]
    assert (alert.kind, alert.severity) == (AlertKind.CACHE, Severity.INFO)
    assert alert.text == (
        "Session a: 143k tokens of context (from 60.0k on) leave the cache in 48 s"
    )
    assert alert.action and alert.session_id == "a"


LOOPING = Flag(finding="f", kind="loop", words="loop ×4", at_ms=NOON_MS, wasted_pico=None)


def test_what_happens_after_the_clock_went_back_is_told(desk: Make) -> None:
    it = desk(SOFT)
    (budget,) = it.at(NOON_MS).notices
    back_ms = NOON_MS - 60 * MINUTE
    it.at(back_ms)
    it.at(back_ms + 2000)
    shown = it.at(back_ms + 10_000, seen("loop", at_ms=back_ms + 9000))
    assert AlertKind.LOOP in [alert.kind for alert in it.given]
    # What was told before the clock went back lies ahead of it, and is no news.
    assert shown.notices[0].kind == "loop" and budget not in shown.notices


def test_a_session_that_stood_still_before_the_start_is_no_news(desk: Make) -> None:
    it = desk()
    book = Book(it.ledger.path.parent)
    prompt = [request(f"q{n}", "a", at_ms=NOON_MS - 3 * MINUTE + n) for n in range(120)]
    book.put("/r/b.jsonl", prompt)
    row = replace(factories.rich_sessions()[0], id="a", state=State.IDLE, context_used=None)
    it.rows = [replace(row, prompts=1, scripted_prompts=0, last_ms=NOON_MS - 2 * MINUTE)]
    it.at(NOON_MS)
    assert [a.kind for a in it.given if a.kind is AlertKind.AUTONOMOUS] == []
    it.rows = [replace(it.rows[0], state=State.WORKING, last_ms=NOON_MS + 2000)]
    it.at(NOON_MS + 3000)
    assert [a.kind for a in it.given if a.kind is AlertKind.AUTONOMOUS] == [AlertKind.AUTONOMOUS]


def test_nothing_from_before_the_start_is_replayed(desk: Make) -> None:
    it = desk()
    assert it.at(NOON_MS, seen("loop", at_ms=NOON_MS - MINUTE)).notices == ()
    assert it.inbox() == []


def test_kinds_that_are_off_say_nothing(desk: Make) -> None:
    it = desk(HARD)
    it.wishes = it.wishes._replace(alerts=AlertsConfig(off=("budget", "forecast")))
    assert it.at().notices == () and it.inbox() == []


def test_quiet_hours_keep_what_is_not_urgent(desk: Make) -> None:
    it = desk(HARD, SOFT)
    it.wishes = it.wishes._replace(alerts=AlertsConfig(quiet=QuietHours(0, 1439)))
    it.at()
    assert {alert.key.split("/")[1]: alert.how for alert in it.inbox()} == {
        "daily": How.TOLD,
        "tokens": How.QUIET,
    }
    assert len(it.given) == 1


def test_what_is_snoozed_is_only_kept(desk: Make) -> None:
    it = desk(SOFT)
    stored.snooze(it.ledger, "budget", NOON_MS + MINUTE)
    assert it.at().notices == ()
    assert [alert.how for alert in it.inbox()] == [How.SNOOZED]
    assert it.given == []


def test_how_channels_did_is_kept(desk: Make) -> None:
    it = desk(HARD)
    it.at()
    it.results.put(Result(it.given[0], "webhook", "answered 500"))
    it.results.put(Result(it.given[0], "command", ""))
    it.at(NOON_MS + 1001)
    (only,) = stored.inbox(it.ledger, 9)
    assert dict(only.deliveries) == {"webhook": "answered 500", "command": ""}


def test_what_a_crash_kept_from_a_channel_is_told_in_the_inbox(desk: Make) -> None:
    it = desk(HARD, SOFT)
    quiet = QuietHours(0, 1439)
    it.wishes = it.wishes._replace(alerts=AlertsConfig(command=("notify",), quiet=quiet))
    it.at()
    (told,) = it.given
    deliveries = {each.alert.key: each.deliveries for each in stored.inbox(it.ledger, 9)}
    assert deliveries[told.key] == (("command", UNDER_WAY),)
    assert [found for key, found in deliveries.items() if key != told.key] == [()]
    it.begin(NOON_MS + MINUTE).look(Snapshot(taken_ms=NOON_MS + MINUTE, timezone="UTC"), list)
    assert it.given == [told]
    assert stored.failing(it.ledger) == {"command": UNDER_WAY}
    it.results.put(Result(told, "command", ""))
    it.at(NOON_MS + 2 * MINUTE)
    assert stored.failing(it.ledger) == {}


HOOK = {"hooks": [{"type": "command", "command": "tokenwatch hooks run"}]}
GUARDED = json.dumps({"hooks": {"UserPromptSubmit": [HOOK], "PreToolUse": [HOOK]}})


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the settings of a Claude Code in a home of its own, without hooks."""
    home = tmp_path_factory.mktemp("home")
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    (home / ".claude").mkdir()
    found = home / ".claude" / "settings.json"
    found.write_text("{}")
    return found


@pytest.fixture
def guarded(settings: Path) -> Path:
    """Return the same of one that asks the guard."""
    settings.write_text(GUARDED)
    return settings


def test_the_guard_and_status_lines_are_told(desk: Make, tmp_path: Path, guarded: Path) -> None:
    it = desk(HARD)
    it.at()
    guard = json.loads((tmp_path / "guard.json").read_text())
    assert [each["name"] for each in guard["budgets"]] == ["daily"]
    assert guard["at_ms"] == NOON_MS and guard["over_budget"] == "block"
    now = json.loads((tmp_path / "now.json").read_text())
    assert now == {"at": NOON_MS, "today": "–", "flags": []}
    assert (tmp_path / "now.json").stat().st_mode & 0o077 == 0


def test_the_demo_writes_nothing(tmp_path: Path) -> None:
    it = Desk(tmp_path, HARD, folder_too=False)
    it.at()
    assert not (tmp_path / "guard.json").exists() and not (tmp_path / "now.json").exists()


def test_nothing_is_written_for_a_guard_that_nobody_asks(
    desk: Make, tmp_path: Path, settings: Path
) -> None:
    it, state = desk(HARD), tmp_path / "guard.json"
    it.at()
    assert not state.exists() and (tmp_path / "now.json").exists()
    settings.write_text(GUARDED)
    it.at(NOON_MS + 1001)
    assert json.loads(state.read_text())["at_ms"] == NOON_MS + 1001
    settings.unlink()
    it.at(NOON_MS + 2002)
    settings.write_text(GUARDED)
    settings.write_text("{")
    it.at(NOON_MS + 3003)
    assert json.loads(state.read_text())["at_ms"] == NOON_MS + 1001


@pytest.mark.parametrize(("age_ms", "is_written"), [(1000, True), (ASKED_MS + 1, False)])
def test_who_asks_from_settings_of_a_project_finds_a_state(
    desk: Make, tmp_path: Path, settings: Path, age_ms: int, is_written: bool
) -> None:
    seen = tmp_path / "guard-seen"
    seen.touch()
    os.utime(seen, ns=(0, (NOON_MS - age_ms) * 1_000_000))
    desk(HARD).at()
    assert (tmp_path / "guard.json").exists() is is_written


def test_the_clients_settings_are_read_once_until_they_change(
    desk: Make, guarded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    ask = hooked.is_guarded

    def asking() -> bool:
        asked.append(ask())
        return asked[-1]

    monkeypatch.setattr(hooked, "is_guarded", asking)
    it = desk(HARD)
    for second in range(5):
        it.at(NOON_MS + second * 1001)
    assert asked == [True]
    guarded.write_text("{ }")
    it.at(NOON_MS + 9009)
    assert asked == [True, False]


def test_status_lines_are_told_what_is_new_and_that_it_still_holds(
    desk: Make, tmp_path: Path, settings: Path
) -> None:
    it, now = desk(), tmp_path / "now.json"
    told = []
    for at_ms in (0, 1001, AGAIN_MS - 1001, AGAIN_MS, AGAIN_MS + 1001, AGAIN_MS - 60_000):
        it.at(NOON_MS + at_ms)
        told.append(json.loads(now.read_text())["at"] - NOON_MS)
    assert told == [0, 0, 0, AGAIN_MS, AGAIN_MS, AGAIN_MS - 60_000]
    assert AGAIN_MS <= status_line.NOW_MS // 2
    it.rows = [replace(WARM, flags=(LOOPING,))]
    it.at(NOON_MS + AGAIN_MS - 50_000)
    assert json.loads(now.read_text()) == {
        "at": NOON_MS + AGAIN_MS - 50_000,
        "today": "–",
        "flags": ["loop ×4"],
    }
    now.unlink()
    it.at(NOON_MS + AGAIN_MS - 40_000)
    assert json.loads(now.read_text())["at"] == NOON_MS + AGAIN_MS - 40_000


def test_what_can_not_be_written_keeps_nothing_else(
    desk: Make, tmp_path: Path, guarded: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "guard.json").mkdir()
    line = {
        "at_ms": NOON_MS, "source": "codex", "session_id": "a", "agent_id": None,
        "event": "PreToolUse", "decision": "deny", "cause": "agents:crowd", "reason": "why",
    }  # fmt: skip
    (tmp_path / "decisions.jsonl").write_text(json.dumps(line) + "\n")
    it = desk(HARD)
    it.at()
    assert [kept.cause for kept in decisions(it.ledger, 0)] == ["agents:crowd"]
    assert (tmp_path / "now.json").exists()
    (tmp_path / "now.json").unlink()
    (tmp_path / "now.json").mkdir()
    it.at(NOON_MS + 1001)
    it.at(NOON_MS + 2002)
    said = [record.message for record in caplog.records if "can't" in record.message]
    assert len(said) == 2 and "guard" in said[0] and "status lines" in said[1]
    (tmp_path / "guard.json").rmdir()
    it.at(NOON_MS + 3003)
    assert json.loads((tmp_path / "guard.json").read_text())["at_ms"] == NOON_MS + 3003
    (tmp_path / "guard.json").unlink()
    (tmp_path / "guard.json").mkdir()
    it.at(NOON_MS + 4004)
    assert len([r for r in caplog.records if "guard goes by" in r.message]) == 2


def test_a_folder_that_is_gone_does_not_end_the_monitor(
    tmp_path: Path, guarded: Path, caplog: pytest.LogCaptureFixture
) -> None:
    it = Desk(tmp_path, HARD)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    it.folder = blocked
    it.alerting = it.begin()
    assert len(it.at().notices) == 1
    it.at(NOON_MS + 1001)
    assert len([r for r in caplog.records if "guard goes by" in r.message]) == 1


def test_a_budget_that_is_taken_out_says_nothing_more(desk: Make) -> None:
    it = desk(SOFT)
    it.wishes = it.wishes._replace(budgets=())
    assert it.at().notices == ()
    it.wishes = it.wishes._replace(budgets=(SOFT,))
    assert len(it.at(NOON_MS + 1001).notices) == 1


def test_a_session_with_a_full_context_is_told_of(desk: Make) -> None:
    it = desk()
    row = replace(factories.rich_sessions()[0], id="a", state=State.WORKING, last_ms=NOON_MS)
    it.rows = [replace(row, context_used=190_000, context_limit=200_000)]
    kinds = {notice.kind for notice in it.at().notices}
    assert AlertKind.CONTEXT.value in kinds


def test_what_is_told_is_shown_among_many_that_are_kept(desk: Make) -> None:
    it = desk(*(Budget(f"b{n}", Decimal(20), unit="tokens") for n in range(40)))
    notices = it.at().notices
    assert len(it.given) == 3 and len(it.inbox()) == 40
    assert {notice.alert for notice in notices} == set(it.given)


@pytest.mark.parametrize(("logs", "told"), [(3, 3), (4, 1), (300, 1)])
def test_many_logs_that_cant_be_read_are_one_alert(
    desk: Make, logs: int, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(f"/r/{n}.jsonl", 2) for n in range(logs)]
    monkeypatch.setattr(troubles, "unreadable", lambda *_: found)
    it = desk()
    it.at()
    assert len(it.inbox()) == told
    found.append(("/r/more.jsonl", 5))
    it.at(NOON_MS + 2 * MINUTE)
    assert len(it.inbox()) == (told if told == 1 else 4)
    if told == 1:
        text = f"{logs} logs: lines that can't be read: {2 * logs} (from 1 on)"
        assert it.inbox()[0].text == text
