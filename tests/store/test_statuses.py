"""What the status line was told, in the ledger: statuses, and only readings that say something."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tokenwatch import config, paths
from tokenwatch.answers.quota import plan_windows
from tokenwatch.errors import LedgerError
from tokenwatch.model import DAY_MS
from tokenwatch.sources import roots as places
from tokenwatch.sources.claude_code.statuses import status, window_of
from tokenwatch.sources.roots import Root
from tokenwatch.store import quotas
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.statuses import passed_over, statuses, sync_statuses

NOW_MS = 1_795_356_000_000
"""2026-11-22 14:00 UTC."""
MINUTE = 60_000
RESET = NOW_MS // 1000 + 3600
WEEK = NOW_MS // 1000 + 5 * 86_400


@pytest.fixture
def ledger(sandbox: Path) -> Ledger:
    (sandbox / ".claude").mkdir()
    return Ledger.open(paths.ledger())


@pytest.fixture
def where(sandbox: Path) -> tuple[Root, ...]:
    return places.roots(config.Config(), os.environ, sandbox)


def line(ago: int, cost: Any = 1.0, five: Any = 10.0, resets: Any = RESET, **more: Any) -> str:
    """Return a line of so many minutes ago."""
    found = {
        "ts": NOW_MS - ago * MINUTE,
        "session_id": "s1",
        "version": "2.1.330",
        "model": "claude-opus-5-5",
        "root": None,
        "cost": cost,
        "context": {"used": 81_000, "limit": 200_000},
        "rate_limits": {"five_hour": {"used_percentage": five, "resets_at": resets}},
    }
    return json.dumps(found | more)


def write(*lines: str, day: str = "20261122", end: str = "\n") -> Path:
    folder = paths.status_lines()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day}.jsonl"
    with path.open("a") as file:
        file.write("\n".join(lines) + end)
    return path


def readings(ledger: Ledger) -> list[tuple[int, float]]:
    """Return (minutes ago, percent) of the window of five hours."""
    (window,) = [each for each in quotas.windows(ledger) if each.minutes == 300]
    found = quotas.readings(ledger, window.key, 0, NOW_MS + DAY_MS)
    return [((NOW_MS - each.observed_ms) // MINUTE, each.used_percent) for each in found]


def test_new_lines_are_taken_once(ledger: Ledger, where: tuple[Root, ...], sandbox: Path) -> None:
    assert sync_statuses(ledger, where, NOW_MS) == 0
    write(line(9, five=10.0), line(8, cost=2.5, five=12.5))
    assert sync_statuses(ledger, where, NOW_MS) == 2
    assert sync_statuses(ledger, where, NOW_MS) == 0
    write(line(7, cost=3.0, five=13.0))
    assert sync_statuses(ledger, where, NOW_MS) == 1
    assert readings(ledger) == [(9, 10.0), (8, 12.5), (7, 13.0)]
    (found,) = statuses(ledger).values()
    assert found == (
        "s1",
        NOW_MS - 7 * MINUTE,
        "2.1.330",
        "claude-opus-5-5",
        "3.0",
        81_000,
        200_000,
    )
    (window,) = plan_windows(ledger, NOW_MS)
    assert (window.source, window.root) == ("claude-code", str(sandbox / ".claude"))
    assert (window.origin, window.provider, window.plan) == ("statusline", "anthropic", None)
    assert (window.name, window.limit_id, window.is_stale) == ("5h", "claude-code", False)
    assert window.resets_ms == RESET * 1000 and len(window.readings) == 3


def test_a_line_that_is_not_finished_waits(ledger: Ledger, where: tuple[Root, ...]) -> None:
    half = line(7, cost=3.0, five=13.0)
    write(line(9), half[:50], end="")
    assert sync_statuses(ledger, where, NOW_MS) == 1
    write(half[50:])
    assert sync_statuses(ledger, where, NOW_MS) == 1
    assert readings(ledger) == [(9, 10.0), (7, 13.0)]
    assert passed_over(ledger) == {}


def test_a_line_that_stays_torn_is_looked_at_once(ledger: Ledger, where: tuple[Root, ...]) -> None:
    """The disk was full in the middle of it: that must not cost a write at every tick."""
    write(line(9), line(8)[:50], end="")
    assert sync_statuses(ledger, where, NOW_MS) == 1
    changes = ledger.sql.total_changes
    for _ in range(3):
        assert sync_statuses(ledger, where, NOW_MS) == 0
    assert ledger.sql.total_changes == changes
    write("", line(7, cost=3.0, five=13.0))
    assert sync_statuses(ledger, where, NOW_MS) == 2
    assert readings(ledger) == [(9, 10.0), (7, 13.0)] and passed_over(ledger) == {"malformed": 1}


def test_equal_readings_are_stored_when_they_show_an_age(
    ledger: Ledger, where: tuple[Root, ...]
) -> None:
    write(*(line(ago, cost=30 - ago, resets=RESET + ago) for ago in range(25, -1, -1)))
    assert sync_statuses(ledger, where, NOW_MS) == 26
    assert readings(ledger) == [(25, 10.0), (15, 10.0), (5, 10.0)]


def test_a_session_that_rests_does_not_take_the_window_back(
    ledger: Ledger, where: tuple[Root, ...]
) -> None:
    resting: dict[str, Any] = {"session_id": "rests", "cost": 0.5, "five": 10.0}
    write(line(60, **resting), line(50, five=40.0), line(40, **resting), line(10, **resting))
    write(line(5, cost=2.0, five=45.0), line(4, **resting))
    sync_statuses(ledger, where, NOW_MS)
    assert readings(ledger) == [(60, 10.0), (50, 40.0), (5, 45.0)]


def test_less_use_is_believed_from_who_just_spoke(ledger: Ledger, where: tuple[Root, ...]) -> None:
    write(line(9, cost=1.0, five=80.0), line(8, cost=1.1, five=20.0))
    sync_statuses(ledger, where, NOW_MS)
    assert readings(ledger) == [(9, 80.0), (8, 20.0)]


def test_a_window_that_was_reset_begins_anew_and_the_old_one_does_not_come_back(
    ledger: Ledger, where: tuple[Root, ...]
) -> None:
    old = RESET - 5 * 3600
    write(line(90, five=99.0, resets=old), line(50, cost=2.0, five=1.0))
    write(line(40, session_id="other", cost=7.0, five=99.0, resets=old))
    sync_statuses(ledger, where, NOW_MS)
    assert readings(ledger) == [(90, 99.0), (50, 1.0)]
    (window,) = plan_windows(ledger, NOW_MS)
    assert window.used_percent == 1.0 and window.readings == ((NOW_MS - 50 * MINUTE, 1.0),)


def test_every_window_that_tells_its_length_is_one(ledger: Ledger, where: tuple[Root, ...]) -> None:
    limits = {
        name: {"used_percentage": used, "resets_at": WEEK}
        for used, name in enumerate(
            ("five_hour", "seven_day", "seven_day_opus", "seven_day_sonnet", "12_hours", "one_week")
        )
    }
    limits |= {"spend_limit": {"used_percentage": 9, "resets_at": WEEK}, "seven_day_x": {}}
    write(line(1, rate_limits=limits))
    sync_statuses(ledger, where, NOW_MS)
    found = [(each.limit_id, each.minutes, each.used_percent) for each in plan_windows(ledger, 1)]
    assert found == [
        ("claude-code", 300, 0.0),
        ("claude-code", 720, 4.0),
        ("claude-code", 10_080, 1.0),
        ("seven_day_opus", 10_080, 2.0),
        ("seven_day_sonnet", 10_080, 3.0),
    ]
    assert passed_over(ledger) == {"no-window": 2}


@pytest.mark.parametrize(
    "name", ["spend_limit", "hour", "five_", "zero_day", "0_day", "five hour", "", "Five_hour"]
)
def test_a_name_without_a_length_is_no_window(name: str) -> None:
    assert window_of(name) is None


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "7",
        "",
        '{"ts": "now"}',
        '{"ts": 0}',
        f'{{"ts": {NOW_MS + 2 * DAY_MS}}}',
        '{"ts": true}',
        "[" * 5000,
    ],
)
def test_a_damaged_line_is_counted_and_stops_nothing(
    ledger: Ledger, where: tuple[Root, ...], bad: str
) -> None:
    write(bad, line(1))
    assert sync_statuses(ledger, where, NOW_MS) == 2
    assert passed_over(ledger) == {"malformed": 1} and readings(ledger) == [(1, 10.0)]


@pytest.mark.parametrize(
    "limits",
    [
        None,
        [],
        {"five_hour": None},
        {"five_hour": {"used_percentage": "62"}},
        {"five_hour": {"used_percentage": -1}},
        {"five_hour": {"used_percentage": 5000}},
    ],
)
def test_what_was_not_told_is_not_there(
    ledger: Ledger, where: tuple[Root, ...], limits: object
) -> None:
    write(line(1, rate_limits=limits, cost="x", context=None, version=7, model=[]))
    assert sync_statuses(ledger, where, NOW_MS) == 1
    assert plan_windows(ledger, NOW_MS) == ()
    (found,) = statuses(ledger).values()
    assert found[2:] == (None, None, None, None, None)


def test_a_reset_that_is_none_is_unknown() -> None:
    for resets in ("soon", -5, 1e300, 5.0):
        found = status(line(1, resets=resets).encode(), NOW_MS)
        assert found is not None and found.windows[0].resets_ms is None


def test_a_reading_without_its_reset_is_of_the_window_that_is_open(
    ledger: Ledger, where: tuple[Root, ...]
) -> None:
    """As if a later version told times in another form."""
    past = RESET - 4 * 3600
    write(line(200, five=10.0, resets=past), line(190, cost=2.0, five=20.0, resets="soon"))
    sync_statuses(ledger, where, NOW_MS)
    assert readings(ledger) == [(200, 10.0), (190, 20.0)]
    (window,) = plan_windows(ledger, NOW_MS)
    assert window.resets_ms == past * 1000 and window.is_stale
    resting: dict[str, Any] = {"session_id": "rests", "cost": None, "five": 0.5, "resets": None}
    write(line(100, **resting), line(90, cost=3.0, five=1.0, resets="soon"), line(80, **resting))
    sync_statuses(ledger, where, NOW_MS)
    assert readings(ledger) == [(200, 10.0), (190, 20.0), (90, 1.0)]
    (window,) = plan_windows(ledger, NOW_MS)
    assert window.resets_ms is None and not window.is_stale


def test_the_root_is_the_one_that_holds_the_log(
    ledger: Ledger, sandbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sandbox / "one").mkdir()
    (sandbox / "link").symlink_to(sandbox / "one")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{sandbox}/.claude,{sandbox}/link")
    where = places.roots(config.Config(), os.environ, sandbox)
    write(line(3, root=str(sandbox / "one"), five=1.0))
    write(line(2, root=str(sandbox / "elsewhere"), five=2.0, cost=2.0))
    # A folder that is there, but whose logs are not read: it may be another account's.
    (sandbox / "other").mkdir()
    write(line(1, root=str(sandbox / "other"), five=3.0, cost=3.0))
    sync_statuses(ledger, where, NOW_MS)
    found = {each.root: each.used_percent for each in plan_windows(ledger, NOW_MS)}
    assert found == {f"{sandbox}/link": 1.0, f"{sandbox}/.claude": 2.0, f"{sandbox}/other": 3.0}


@pytest.mark.parametrize("root", ["/a\0b", "", ".", "/" + "a" * 5000, 7])
def test_a_root_that_is_no_folder_stops_nothing(
    ledger: Ledger, where: tuple[Root, ...], sandbox: Path, root: object
) -> None:
    write(line(1, root=root))
    assert sync_statuses(ledger, where, NOW_MS) == 1
    (window,) = plan_windows(ledger, NOW_MS)
    assert window.root == f"{sandbox}/.claude"


def test_a_file_that_was_cut_is_read_anew_and_a_strange_one_left(
    ledger: Ledger, where: tuple[Root, ...]
) -> None:
    path = write(line(9), line(8, cost=2.0, five=11.0))
    sync_statuses(ledger, where, NOW_MS)
    path.write_text(line(7, cost=3.0, five=12.0) + "\n")
    (path.parent / "notes.txt").write_text("mine\n")
    (path.parent / "2026112x.jsonl").write_text("mine\n")
    (path.parent / "20261121.jsonl").symlink_to(path)
    assert sync_statuses(ledger, where, NOW_MS) == 1
    assert readings(ledger) == [(9, 10.0), (8, 11.0), (7, 12.0)]


def test_old_days_go_and_only_those(ledger: Ledger, where: tuple[Root, ...]) -> None:
    old = write(line(36 * 24 * 60), day="20261017")
    kept = write(line(35 * 24 * 60, cost=2.0, five=11.0), day="20261018")
    strange = paths.status_lines() / "notes.txt"
    strange.write_text("mine")
    assert sync_statuses(ledger, where, NOW_MS) == 2
    assert not old.exists() and kept.exists() and strange.exists()
    # What it told was taken before; it is looked for once a day.
    assert len(readings(ledger)) == 2
    old.touch()
    assert sync_statuses(ledger, where, NOW_MS) == 0 and old.exists()
    assert sync_statuses(ledger, where, NOW_MS + DAY_MS) == 0
    assert not old.exists() and not kept.exists()


def test_an_old_day_stays_until_what_it_told_is_kept(
    ledger: Ledger, where: tuple[Root, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(line(36 * 24 * 60), day="20261017")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(LedgerError):
        patched.setattr(Ledger, "set_meta", full)
        sync_statuses(ledger, where, NOW_MS)
    assert old.exists()
    assert sync_statuses(ledger, where, NOW_MS) == 1 and not old.exists()


def test_two_processes_take_each_line_once(ledger: Ledger, where: tuple[Root, ...]) -> None:
    write(line(9), line(8, cost=2.0, five=11.0))
    other = Ledger.open(paths.ledger())
    assert sync_statuses(other, where, NOW_MS) == 2
    assert sync_statuses(ledger, where, NOW_MS) == 0
    other.close()


def test_control_characters_do_not_get_in(ledger: Ledger, where: tuple[Root, ...]) -> None:
    write(line(1, session_id="a\x1b[31m", version="\u202e", model="m\x07"))
    sync_statuses(ledger, where, NOW_MS)
    (found,) = statuses(ledger).values()
    assert (found.session_id, found.version, found.model) == ("a\ufffd[31m", "\ufffd", "m\ufffd")
