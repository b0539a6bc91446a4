"""The monitor when something happens to its ledger: it says what, goes on, and recovers exactly."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, prompt, write
from tests.test_monitor import MINUTE, Show, quick
from tokenwatch import monitor as monitors
from tokenwatch.answers import session as answers
from tokenwatch.errors import LedgerGone, NotFound
from tokenwatch.store import schema
from tokenwatch.store.ledger import Ledger

__all__ = ["quick"]


@pytest.fixture
def show(tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no watches left")

    monkeypatch.setattr("watchfiles.watch", broken)
    monkeypatch.setattr(monitors, "PATIENCE_S", 0.05)
    home = tmp_path / "home"
    write(log_path(home), prompt(at_ms=NOW_MS - 2 * MINUTE), answer("1", at_ms=NOW_MS - MINUTE))
    made = Show(home, is_watched=False)
    yield made
    made.monitor.stop()
    assert made.ended()


def more(show: Show, number: int) -> None:
    """Write another request, and wait until it is shown, without a warning."""
    write(log_path(show.home), answer(str(number), at_ms=NOW_MS - MINUTE + number))
    found = show.until(lambda s: s.today.requests == number and not s.warnings)
    assert found.progress is None


def is_whole(show: Show) -> bool:
    """Return whether the ledger on disk is sound and has each request once."""
    show.monitor.stop()
    ledger = Ledger.open(show.path)
    try:
        (said,) = ledger.sql.execute("PRAGMA integrity_check").fetchone()
        rows = ledger.sql.execute("SELECT count(*) FROM requests").fetchone()[0]
        return said == "ok" and rows == show.seen[-1].today.requests
    finally:
        ledger.close()


def test_a_ledger_that_another_process_holds(show: Show) -> None:
    cases.read(show.home).close()
    holder = sqlite3.connect(show.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    show.start()
    write(log_path(show.home), answer("2", at_ms=NOW_MS))
    found = show.until(lambda s: s.warnings != ())
    assert "locked by another process" in found.warnings[0]
    assert found.today.requests == 1, "what is known stays in view"
    count = len(show.seen)
    show.until(lambda _: len(show.seen) > count + 3)
    assert all(seen.warnings for seen in show.seen[count:]), "it is said for as long as it lasts"
    holder.execute("ROLLBACK")
    holder.close()
    assert show.until(lambda s: s.today.requests == 2).warnings == ()
    more(show, 3)
    assert is_whole(show)


def remove(show: Show) -> None:
    show.path.unlink()


def remove_all(show: Show) -> None:
    shutil.rmtree(show.path.parent)


@pytest.mark.parametrize("harm", [remove, remove_all])
def test_a_ledger_that_is_deleted_is_built_anew(show: Show, harm: Callable[[Show], None]) -> None:
    show.start()
    show.requests(1)
    harm(show)
    write(log_path(show.home), answer("2", at_ms=NOW_MS))
    show.requests(2)
    more(show, 3)
    assert show.path.exists() and show.path.stat().st_mode & 0o077 == 0
    assert is_whole(show)


def test_questions_make_no_ledger(show: Show) -> None:
    with pytest.raises(LedgerGone):
        show.monitor.ask(partial(answers.detail, session_id="s1"))
    assert not show.path.exists()


def put_in_place(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"no ledger at all " * 1000)
    other.replace(path)


def write_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(b"no ledger at all " * 1000)


@pytest.mark.parametrize("harm", [put_in_place, write_over])
def test_garbage_is_told_and_left_alone(show: Show, harm: Callable[[Path], None]) -> None:
    show.start()
    show.requests(1)
    harm(show.path)
    write(log_path(show.home), answer("2", at_ms=NOW_MS))
    found = show.until(lambda s: s.warnings != ())
    assert str(show.path) in found.warnings[0] and "\n" not in found.warnings[0]
    assert "built anew from the logs" in found.warnings[0]
    if harm is put_in_place:
        assert show.path.read_bytes().startswith(b"no ledger"), "whatever it is, it is not ours"
    shutil.rmtree(show.path.parent)
    assert show.until(lambda s: s.today.requests == 2).warnings == ()
    more(show, 3)
    assert is_whole(show)


def test_a_backup_that_is_put_back(show: Show) -> None:
    """What SQLite kept beside the file that is gone must not be read into the other."""
    show.start()
    show.requests(1)
    backup = show.path.with_name("backup")
    with sqlite3.connect(show.path) as now, sqlite3.connect(backup) as copy:
        now.backup(copy)
    now.close()
    copy.close()
    more(show, 2)
    backup.replace(show.path)
    more(show, 3)
    assert is_whole(show)


def test_a_newer_program_took_it_over(show: Show) -> None:
    show.start()
    show.requests(1)
    set_version(show.path, schema.VERSION + 1)
    write(log_path(show.home), answer("2", at_ms=NOW_MS))
    found = show.until(lambda s: s.warnings != ())
    assert "newer tokenwatch" in found.warnings[0] and found.today.requests == 1
    set_version(show.path, schema.VERSION)
    assert show.until(lambda s: s.today.requests == 2).warnings == ()
    assert is_whole(show)


def set_version(path: Path, version: int) -> None:
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {version}")
    other.close()


@pytest.mark.parametrize(
    ("pragma", "says"),
    [("max_page_count = 1", "full"), ("query_only = 1", "readonly")],
    ids=["disk full", "read-only"],
)
def test_a_ledger_that_takes_nothing(
    show: Show, monkeypatch: pytest.MonkeyPatch, pragma: str, says: str
) -> None:
    """SQLite's own words for a full disk and for a file system without writing."""
    cases.read(show.home).close()
    prepare, harmed = Ledger._prepare, [True]

    def harm(self: Ledger) -> None:
        prepare(self)
        if harmed:
            self.sql.execute(f"PRAGMA {pragma}")

    monkeypatch.setattr(Ledger, "_prepare", harm)
    for number in range(2, 400):
        write(log_path(show.home), answer(str(number), at_ms=NOW_MS - number))
    show.start()
    found = show.until(lambda s: s.warnings != ())
    assert says in found.warnings[0] and found.today.requests == 1
    detail = show.monitor.ask(partial(answers.detail, session_id=found.sessions[0].id))
    assert detail.row.id == found.sessions[0].id, "what is known can be asked for"
    with pytest.raises(NotFound):
        show.monitor.ask(partial(answers.detail, session_id="nothing"))
    harmed.clear()
    assert show.until(lambda s: s.today.requests == 399).warnings == ()
    assert is_whole(show)


def test_a_home_that_vanishes_and_comes_back(show: Show) -> None:
    show.start()
    show.requests(1)
    root = log_path(show.home).parents[2]
    kept = root.with_name("kept")
    root.rename(kept)
    found = show.until(lambda s: bool(s.looked) and not any(place.files for place in s.looked))
    assert found.today.requests == 1, "what was read stays known"
    kept.rename(root)
    more(show, 2)
    assert is_whole(show)
