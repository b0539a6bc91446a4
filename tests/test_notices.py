"""Logs that are about to be deleted unread."""

from __future__ import annotations

from pathlib import Path

from tests.cases import NOW_MS, Desk
from tests.lines import answer, log_path, prompt, write
from tokenwatch.notices import expiry_warnings
from tokenwatch.sources.source import Pass

DAY_MS = 86_400_000


def test_unread_logs_are_named_before_the_client_deletes_them(tmp_path: Path) -> None:
    old = NOW_MS - 28 * DAY_MS
    for session in ("s1", "s2"):
        path = log_path(tmp_path, session)
        lines = (prompt(session=session, at_ms=old), answer(f"m-{session}", session, at_ms=old))
        write(path, *lines, at_ms=old)
    write(log_path(tmp_path, "s3"), answer("m3", "s3", at_ms=NOW_MS), at_ms=NOW_MS)
    desk = Desk.open(tmp_path)
    desk.sync.look()
    desk.sync.read(Pass.USAGE)
    (warning,) = expiry_warnings(desk.sync, NOW_MS)
    assert warning.startswith("2 logs of Claude Code are not read in detail yet")
    assert warning.endswith("the first in 2 d 0 h")
    assert expiry_warnings(desk.sync, NOW_MS + 3 * DAY_MS)[0].endswith("any time now")
    desk.sync.read(Pass.DETAIL)
    assert expiry_warnings(desk.sync, NOW_MS) == []


def test_the_clients_own_setting_decides(tmp_path: Path) -> None:
    old = NOW_MS - 28 * DAY_MS
    write(log_path(tmp_path), answer("m1", at_ms=old), at_ms=old)
    settings = tmp_path / ".claude" / "settings.json"
    settings.write_text('{"cleanupPeriodDays": 365}')
    desk = Desk.open(tmp_path)
    desk.sync.look()
    assert expiry_warnings(desk.sync, NOW_MS) == []
    settings.write_text('{"cleanupPeriodDays": 29}')
    (warning,) = expiry_warnings(desk.sync, NOW_MS)
    assert warning == (
        "a log of Claude Code is not read in detail yet and may be deleted by its clean-up in"
        " 1 d 0 h"
    )
