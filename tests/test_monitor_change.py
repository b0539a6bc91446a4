"""Settings that change while the monitor runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import cases
from tests.cases import NOW_MS
from tests.lines import answer, log_path, prompt, write
from tests.test_monitor import MINUTE, Show, quick, show
from tokenwatch.monitor import Monitor
from tokenwatch.store.wordings import unpacked

__all__ = ["quick", "show"]
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another home with a log of one request."""
    home = tmp_path / "other"
    write(
        log_path(home, "s9"),
        prompt("do it", "s9", at_ms=NOW_MS - 2 * MINUTE),
        answer("9", "s9", at_ms=NOW_MS - MINUTE),
    )
    return home


def change(
    monitor: Monitor, *homes: Path, titles: str = "full", complaints: Sequence[str] = ()
) -> None:
    roots = tuple(root for home in homes for root in cases.roots_of(home))
    monitor.change(
        roots=roots, titles=titles, zone=TOKYO, zone_name="Asia/Tokyo", complaints=complaints
    )


def test_a_folder_is_read_and_followed_as_soon_as_it_is_added(show: Show, other: Path) -> None:
    show.start()
    show.requests(1)
    show.settle()
    change(show.monitor, show.home, other)
    found = show.requests(2)
    assert {row.id for row in found.sessions} == {"s1", "s9"}
    show.settle()
    write(log_path(other, "s9"), answer("10", "s9", at_ms=NOW_MS - 4000))
    show.requests(3)
    write(log_path(show.home), answer("2", at_ms=NOW_MS - 3000))
    show.requests(4)


def test_a_folder_that_is_taken_out_is_read_no_more_but_stays(show: Show, other: Path) -> None:
    show.start()
    show.requests(1)
    change(show.monitor, other)
    show.requests(2)
    write(log_path(show.home), answer("2", at_ms=NOW_MS - 4000))
    write(log_path(other, "s9"), answer("10", "s9", at_ms=NOW_MS - 3000))
    found = show.requests(3)
    assert {row.id for row in found.sessions} == {"s1", "s9"}


def test_another_zone_holds_at_once(show: Show) -> None:
    show.start()
    assert show.requests(1).timezone == "UTC"
    change(show.monitor, show.home)
    found = show.until(lambda snapshot: snapshot.timezone == "Asia/Tokyo")
    assert found.today.requests == 1
    assert show.monitor.ask(lambda moment: moment.zone) is TOKYO


def test_titles_are_kept_as_wanted_from_then_on(show: Show) -> None:
    show.start()
    first = show.until(lambda snapshot: bool(snapshot.sessions and snapshot.sessions[0].title))
    change(show.monitor, show.home, titles="none")
    show.until(lambda snapshot: snapshot.timezone == "Asia/Tokyo")
    write(
        log_path(show.home, "s2"),
        prompt("do it", "s2", at_ms=NOW_MS - 5000),
        answer("2", "s2", at_ms=NOW_MS - 4000),
    )
    found = show.until(lambda snapshot: len(snapshot.sessions) == 2 and not snapshot.progress)
    titles = {row.id: row.title for row in found.sessions}
    assert titles["s1"] == first.sessions[0].title and titles["s2"] is None


def test_the_users_own_complaints_hold_from_then_on(show: Show) -> None:
    def complaints() -> list[int]:
        rows = show.monitor.ask(
            lambda moment: moment.ledger.sql.execute(
                "SELECT wording FROM prompts ORDER BY at_ms, id"
            ).fetchall()
        )
        return [unpacked(row[0]).complaint for row in rows]

    def say(session: str, at_ms: int) -> None:
        write(
            log_path(show.home, session),
            prompt("zefix nomoi, schau auf das formular", session, at_ms=at_ms),
            answer(session, session, at_ms=at_ms + 1),
        )

    say("s2", NOW_MS - 9000)
    show.start()
    show.until(lambda snapshot: sum(bool(row.title) for row in snapshot.sessions) == 2)
    change(show.monitor, show.home, complaints=["Zefix, nomoi", "zefix nomoi"])
    show.until(lambda snapshot: snapshot.timezone == "Asia/Tokyo")
    say("s3", NOW_MS - 4000)
    show.until(lambda snapshot: sum(bool(row.title) for row in snapshot.sessions) == 3)
    assert complaints()[-2:] == [0, 1]
