"""What could have been avoided, as a share of the plan windows that are open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.answers.test_waste import read
from tests.cases import Desk
from tests.cli.wasteful import BEGIN_MS, MINUTE, another, expired
from tokenwatch.answers.waste import waste
from tokenwatch.answers.waste_quota import WindowShare, in_words, window_shares
from tokenwatch.store.spend import Filter

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
NOW = BEGIN_MS + 2 * HOUR
SOURCE = "claude-code"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two sessions today, one two days before."""
    home = tmp_path_factory.mktemp("home")
    for number, at_ms in enumerate((BEGIN_MS, BEGIN_MS, BEGIN_MS - 2 * DAY)):
        expired(another(number), at_ms=at_ms).write(home / ".claude")
    found = read(home)
    yield found
    found.close()


def told(
    desk: Desk, minutes: int, used: float, resets_ms: int | None, *, limit: str = SOURCE,
    root: str | None = None,
) -> None:  # fmt: skip
    """Put a reading of a window into the ledger."""
    sql = desk.ledger.sql
    root = root or sql.execute("SELECT root FROM files").fetchone()[0]
    key = sql.execute(
        "INSERT INTO windows (source, root, limit_id, window_minutes) VALUES (?, ?, ?, ?)",
        (SOURCE, root, limit, minutes),
    ).lastrowid
    sql.execute(
        'INSERT INTO quotas ("window", observed_ms, used_percent, resets_ms) VALUES (?, ?, ?, ?)',
        (key, NOW - MINUTE, used, resets_ms),
    )


def wasted(desk: Desk, where: Filter) -> int:
    return sum(each.wasted for each in waste(desk.ledger, where).sums.values())


def test_the_share_of_each_open_window(desk: Desk) -> None:
    told(desk, 300, 40.0, BEGIN_MS + 4 * HOUR)
    told(desk, 10_080, 10.0, BEGIN_MS + DAY)
    five, week = window_shares(desk.ledger, Filter(), NOW)
    today = Filter(since_ms=BEGIN_MS - HOUR, until_ms=NOW + 1)
    spent = waste(desk.ledger, today).spent
    assert (five.source, five.window, week.window) == (SOURCE, "5h", "7d")
    assert five.percent == pytest.approx(wasted(desk, today) / spent * 40.0) and five.percent > 0
    every = waste(desk.ledger, Filter())
    assert every.spent > spent
    assert week.percent == pytest.approx(wasted(desk, Filter()) / every.spent * 10.0)


def test_only_what_is_in_range_counts(desk: Desk) -> None:
    told(desk, 10_080, 10.0, BEGIN_MS + DAY)
    (whole,) = window_shares(desk.ledger, Filter(), NOW)
    today = Filter(since_ms=BEGIN_MS - HOUR)
    (part,) = window_shares(desk.ledger, today, NOW)
    assert part.percent == pytest.approx(whole.percent * 2 / 3)
    nothing = window_shares(desk.ledger, Filter(project="/elsewhere"), NOW)
    assert [each.percent for each in nothing] == [0.0]
    for outside in (
        Filter(source="codex"),
        Filter(until_ms=BEGIN_MS - 30 * DAY),
        Filter(since_ms=NOW + 1),
    ):
        assert window_shares(desk.ledger, outside, NOW) == ()


def test_windows_that_tell_nothing_of_now(desk: Desk) -> None:
    assert window_shares(desk.ledger, Filter(), NOW) == ()
    told(desk, 300, 40.0, NOW)
    told(desk, 10_080, 40.0, None)
    told(desk, 60, 40.0, NOW + HOUR)
    assert window_shares(desk.ledger, Filter(), NOW) == (), "over, no reset told, nothing spent"


def test_limits_of_single_models_and_other_folders(desk: Desk) -> None:
    told(desk, 300, 90.0, BEGIN_MS + 4 * HOUR, limit="a-model")
    (only,) = window_shares(desk.ledger, Filter(), NOW)
    told(desk, 300, 45.0, BEGIN_MS + 4 * HOUR)
    (main,) = window_shares(desk.ledger, Filter(), NOW)
    assert main.percent == pytest.approx(only.percent / 2)
    told(desk, 300, 45.0, BEGIN_MS + 4 * HOUR, root="/mnt/other/.claude")
    assert window_shares(desk.ledger, Filter(), NOW) == (main,), "nothing was spent there"


def test_what_the_user_found_fine_is_not_avoidable(desk: Desk) -> None:
    told(desk, 300, 40.0, BEGIN_MS + 4 * HOUR)
    with desk.ledger.transaction():
        desk.ledger.sql.execute(
            "INSERT INTO verdicts SELECT DISTINCT kind, signature, id, 'fine', 1 FROM findings"
            " GROUP BY kind, signature"
        )
    assert [each.percent for each in window_shares(desk.ledger, Filter(), NOW)] == [0.0]


FIVE, WEEK = WindowShare(SOURCE, "5h", 3.2), WindowShare(SOURCE, "7d", 0.2)
CODEX = WindowShare("codex", "5h", 99.7)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([], ""),
        ([FIVE._replace(percent=0.0)], ""),
        ([FIVE], "about 3% of the 5h window"),
        ([FIVE, WEEK], "about 3% of the 5h window, <1% of the week"),
        ([WEEK._replace(window="30d")], "about <1% of the 30d window"),
        (
            [FIVE, CODEX],
            "about 3% of the 5h window (Claude Code), 99% of the 5h window (Codex)",
        ),
        (
            [FIVE, FIVE],
            "about 3% of the 5h window (Claude Code), 3% of the 5h window (Claude Code)",
        ),
    ],
)
def test_words(shares: list[WindowShare], words: str) -> None:
    assert in_words(shares) == words
