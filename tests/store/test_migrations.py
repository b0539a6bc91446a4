"""A ledger of an older version says the same after it was migrated, and is read on into."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import Desk
from tests.store import version_1
from tests.store.batches import AT_MS, Book, request
from tokenwatch.errors import LedgerError
from tokenwatch.events import (
    CommitSeen,
    CompactionSeen,
    EditSeen,
    FailureSeen,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.sources.source import Pass
from tokenwatch.store import migrations, schema
from tokenwatch.store.ledger import Ledger

AT = {"session_id": "a", "agent_id": "a", "at_ms": AT_MS, "line": 4}


def _tables(ledger: Ledger) -> list[tuple[str, ...]]:
    return [
        tuple(row)
        for row in ledger.sql.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        )
    ]


def _spaced_alike(tables: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [(*row[:3], re.sub(r"\s+", "", row[3] or "")) for row in tables]


def _invented(folder: Path) -> Ledger:
    """Store a record of every kind, with and without what it may lack."""
    book = Book(folder)
    asked = [
        request("r1", "a", speed="fast", geo="us"),
        request("r2", "a", estimated="guessed", turn_id="t", model=None),
        request("r3", "a", service_tier="flex", model="free"),
        request("r4", "a"),
    ]
    book.put("/r/a.jsonl", asked)
    quotas = [
        QuotaSeen(limit_id=limit, window_minutes=minutes, observed_ms=AT_MS, used_percent=4.5)
        for limit, minutes in (("codex", 300), ("codex", 10080), ("other", 300))
    ]
    book.put(
        "/r/a.jsonl",
        [
            PromptSeen(id="p1", title="one", **AT),
            PromptSeen(id="p2", title="two", queued=True, **AT),
            TurnStarted(id="p1", **AT),
            TurnStarted(id="t2", **AT),
            TurnEnded(turn_id="p1", **AT),
            ToolCallSeen(id="c1", name="Read", target="/x", fingerprint="ab01", **AT),
            ToolCallSeen(id="c2", name="mcp", mcp_server="m", skill="s", request_id="r1", **AT),
            ToolCallSeen(id="c3", name="Read", **AT),
            ToolResultSeen(call_id="c1", ok=True, output_bytes=7, **AT),
            ToolResultSeen(call_id="c2", ok=None, denied=True, error_fingerprint="FF", **AT),
            EditSeen(call_id="c1", path="/x", added=1, removed=2, **AT),
            CommitSeen(id="abc", kind="commit", branch="main", **AT),
            CompactionSeen(id="k", trigger="auto", pre_tokens=9, **AT),
            FailureSeen(id="f", kind="retry", attempt=2, **AT),
            *quotas,
        ],
        which=Pass.DETAIL,
    )
    return book.ledger


def test_a_record_of_every_kind_is_carried_over(tmp_path: Path) -> None:
    ledger = _invented(tmp_path / "now")
    old = tmp_path / "old.sqlite"
    version_1.write(ledger, old)
    migrated = Ledger.open(old)
    found = cases.contents(migrated)
    assert found == cases.contents(ledger)
    empty = {table for table, rows in found.items() if not rows}
    assert empty == {"changes", "launches", "ends", "meters", "skipped"}
    assert cases.rollup(migrated) == cases.rollup(ledger)
    assert _spaced_alike(_tables(migrated)) == _spaced_alike(_tables(ledger))
    assert migrated.sql.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    assert migrated.sql.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("case", ["claude-2.1.330/subagents", "codex-0.169.0/fork"])
def test_a_migrated_ledger_is_read_on_into(case: str, tmp_path: Path) -> None:
    """Version 1 knows half of the logs; the other half is read into the migrated ledger."""
    home = cases.copy(case, tmp_path)
    whole = cases.read(home)
    logs = sorted(path for path in home.rglob("*.jsonl"))
    away = tmp_path / "away"
    away.mkdir()
    for log in logs[1:]:
        shutil.move(log, away / log.name)
    half = cases.read(home, path=tmp_path / "half" / "ledger.sqlite")
    old = tmp_path / "old.sqlite"
    version_1.write(half.ledger, old)
    for log in logs[1:]:
        shutil.move(away / log.name, log)
    desk = Desk.open(home, path=old)
    said, known = cases.contents(desk.ledger), cases.contents(half.ledger)
    assert _as_told_before(said) == _as_told_before(known)
    assert cases.contents(desk.read().ledger) == cases.contents(whole.ledger)


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.sqlite"
    version_1.write(_invented(tmp_path / "now"), old)
    before = list(sqlite3.connect(old).iterdump())
    *steps, last = migrations.STEPS

    def fails(sql: sqlite3.Connection) -> None:
        last(sql)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(migrations, "STEPS", (*steps, fails))
    with pytest.raises(LedgerError, match="disk I/O error"):
        Ledger.open(old)
    assert list(sqlite3.connect(old).iterdump()) == before
    monkeypatch.undo()
    Ledger.open(old).close()


SINCE_FOURTH = (
    *("wording", "tool", "likeness", "touches", "output_fingerprint", "fault"),
    *("lines_added", "lines_removed", "repeated"),
)


def _as_told_before(
    contents: dict[str, list[tuple[Any, ...]]],
) -> dict[str, list[tuple[Any, ...]]]:
    """Leave out what only logs can tell, which an older ledger did not ask them."""
    without = cases.without(contents, "attribution", *SINCE_FOURTH)
    return {table: rows for table, rows in without.items() if table != "changes"}


FIFTH = (
    *("statuses", "alerts", "alert_memories", "snoozes", "decisions"),
    *("likenesses", "returns", "tasks"),
)


def _fourth(ledger: Ledger) -> None:
    """Make a ledger one of version 4, which knows of no alerts and of no status lines."""
    ledger.sql.execute("ALTER TABLE quotas DROP COLUMN origin")
    for table in FIFTH:
        ledger.sql.execute(f"DROP TABLE {table}")
    ledger.sql.execute("PRAGMA user_version = 4")


def _third(ledger: Ledger) -> None:
    """Make a ledger one of version 3, which says the same but for what findings are made of."""
    _fourth(ledger)
    for table, columns in {
        "prompts": ("wording",),
        "tool_calls": ("likeness", "touches", "output_fingerprint", "fault"),
        "edits": ("lines_added", "lines_removed", "repeated"),
    }.items():
        for column in columns:
            ledger.sql.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in ("changes", "unassessed", "assessments", "findings", "verdicts", "allowances"):
        ledger.sql.execute(f"DROP TABLE {table}")
    ledger.sql.execute("ALTER TABLE prompts ADD COLUMN fingerprint BLOB NOT NULL DEFAULT x''")
    ledger.sql.executescript(
        "PRAGMA legacy_alter_table = ON; ALTER TABLE tools RENAME TO other;"
        " CREATE TABLE tools (key INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " mcp_server TEXT NOT NULL, skill TEXT NOT NULL, UNIQUE (name, mcp_server, skill));"
        " INSERT OR IGNORE INTO tools SELECT key, name, mcp_server, skill FROM other;"
        " UPDATE tool_calls SET tool = (SELECT t.key FROM other o JOIN tools t"
        " USING (name, mcp_server, skill) WHERE o.key = tool);"
        " DROP TABLE other; PRAGMA legacy_alter_table = OFF; PRAGMA user_version = 3"
    )


def _second(ledger: Ledger) -> None:
    """Make a ledger one of version 2, which says the same but for what requests were made for."""
    _third(ledger)
    ledger.sql.execute("ALTER TABLE requests DROP COLUMN attribution")
    ledger.sql.execute("DROP TABLE attributions")
    ledger.sql.execute("PRAGMA user_version = 2")
    ledger.close()


@pytest.mark.parametrize("case", ["claude-2.1.330/interactive", "codex-0.121.0/fork"])
def test_logs_that_are_there_are_asked_what_findings_are_made_of(case: str, tmp_path: Path) -> None:
    home, path = cases.copy(case, tmp_path), tmp_path / "ledger.sqlite"
    desk = cases.read(home, path=path)
    known = cases.contents(desk.ledger)
    _third(desk.ledger)
    desk.ledger.close()
    again = Desk.open(home, path=path).read()
    assert cases.contents(again.ledger) == known
    due = again.ledger.sql.execute("SELECT session, since_ms FROM unassessed").fetchall()
    assert [row["since_ms"] for row in due] == [0] * len(due) != []


def test_a_ledger_without_alerts_gets_room_for_them(tmp_path: Path) -> None:
    home, path = cases.copy("codex-0.121.0/fork", tmp_path), tmp_path / "ledger.sqlite"
    desk = cases.read(home, path=path)
    known, tables = cases.contents(desk.ledger), _spaced_alike(_tables(desk.ledger))
    _fourth(desk.ledger)
    desk.ledger.close()
    again = Ledger.open(path)
    assert cases.contents(again) == known
    assert _spaced_alike(_tables(again)) == tables


@pytest.mark.parametrize("gone", [False, True])
def test_logs_that_are_there_are_asked_what_requests_were_made_for(
    gone: bool, tmp_path: Path
) -> None:
    home, path = cases.copy("claude-2.1.330/subagents", tmp_path), tmp_path / "ledger.sqlite"
    whole = cases.contents(cases.read(home).ledger)
    told = [row for row in whole["requests"] if ("attribution", "general-purpose////") in row]
    assert 0 < len(told) < len(whole["requests"])
    desk = cases.read(home, path=path)
    if gone:
        for log in home.rglob("agent-*.jsonl"):
            log.unlink()
        desk.read()
    known = cases.contents(desk.ledger)
    _second(desk.ledger)
    found = cases.contents(Desk.open(home, path=path).read().ledger)
    if not gone:
        assert found == known == whole
        return
    assert _as_told_before(found) == _as_told_before(known)
    assert {dict(row)["attribution"] for row in found["requests"]} == {"////"}
