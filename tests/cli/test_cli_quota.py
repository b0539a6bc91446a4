"""`tokenwatch quota`: the windows that the logs told of, and nothing that they did not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tests.cli.box import NOW_MS, Box, one_line
from tests.cli.logs import codex_log
from tests.cli.test_cli_documents import (
    SPEND,
    fields,
    head,
    is_flag,
    is_text,
    is_time,
    maybe,
    one_of,
    several,
)
from tests.quota_logs import reading, rollout

MINUTE, HOUR = 60_000, 3_600_000
WINDOW = fields(
    provider=one_of("anthropic", "openai"),
    plan=maybe(is_text),
    name=is_text,
    used_percent=lambda value: isinstance(value, float) and 0 <= value <= 100,
    resets_at=maybe(is_time),
    observed_at=is_time,
    stale=is_flag,
    spent=maybe(fields(**SPEND)),
    **{"from": one_of("statusline", "rollout", "app-server")},
)
WEEK = 10_080
BILLED_MS = int(datetime(2026, 11, 21, 10, 0, 6, tzinfo=UTC).timestamp() * 1000)


def two_windows(box: Box, *, five: int = NOW_MS + HOUR, week: int = NOW_MS + 5 * 24 * HOUR) -> None:
    """Write readings of the last half hour: 60, 65 and 70 of five hours, 30 of a week."""
    codex_log(
        box.codex,
        rollout(
            reading(NOW_MS - ago * MINUTE, (300, used, five), (WEEK, 30.0, week))
            for ago, used in ((31, 60.0), (15, 65.0), (1, 70.0))
        ),
    )


def test_document(box: Box) -> None:
    two_windows(box)
    document = box.run("quota", "--json").document
    head(document, "quota")
    windows = document["windows"]
    assert several(WINDOW)(windows)
    told = [(w["name"], w["used_percent"], w["stale"], w["plan"]) for w in windows]
    assert told == [("5h", 70.0, False, "pro"), ("7d", 30.0, False, "pro")]
    assert windows[0]["observed_at"] == "2026-11-22T13:59:00.000Z"
    assert windows[0]["resets_at"] == "2026-11-22T15:00:00.000Z"
    assert windows[0]["projection"]["readings"] == 3
    assert windows[0]["projection"]["percent_at_reset"] == 90.3
    assert windows[1]["projection"] is None


def test_spend_counts_from_the_opening_of_the_window(box: Box) -> None:
    two_windows(box)
    (row,) = box.run("report", "--by", "source", "--json").rows
    short, week = box.run("quota", "--json").document["windows"]
    assert short["spent"]["requests"] == 0 and short["spent"]["cost_usd"] == "0.000000"
    assert {name: week["spent"][name] for name in ("usage", "requests", "cost_usd")} == {
        name: row[name] for name in ("usage", "requests", "cost_usd")
    }
    assert Decimal(week["spent"]["cost_usd"]) > 0


def test_the_opening_is_inclusive_and_another_root_does_not_count(box: Box) -> None:
    other = Box(box.folder, more={"CODEX_HOME": f"{box.folder}/one,{box.folder}/two"})
    week = BILLED_MS + WEEK * MINUTE
    codex_log(Path(f"{box.folder}/one"), rollout([reading(NOW_MS - HOUR, (WEEK, 1.0, week))]))
    records = [reading(NOW_MS - HOUR, (WEEK, 9.0, week + 1000), plan="plus")]
    codex_log(Path(f"{box.folder}/two"), records, thread="01a1ea39-d0e0-7e74-9762-24ecbf58dba3")
    one, two = other.run("quota", "--json").document["windows"]
    assert [one["used_percent"], two["used_percent"]] == [1.0, 9.0]
    assert (one["spent"]["requests"], two["spent"]["requests"]) == (1, 0)
    assert one["root"].endswith("/one") and two["root"].endswith("/two")


def test_a_window_behind_its_reset_is_stale(box: Box) -> None:
    two_windows(box, five=NOW_MS)
    short, week = box.run("quota", "--json").document["windows"]
    assert short["stale"] and not week["stale"]
    assert short["projection"] is None
    table = box.run("quota").out
    assert "stale (was 70%)" in table and "has been reset since its last reading" in table
    assert "Codex pro      7d              30%" in table and "5 d 0 h" in table


def test_what_was_not_told_is_not_there(box: Box) -> None:
    codex_log(box.codex, rollout([]))
    assert box.run("quota", "--json").document["windows"] == []
    result = box.run("quota")
    assert result.code == 0 and "status line" in result.out and "nothing found" in result.err


def test_options(box: Box) -> None:
    two_windows(box)
    assert box.run("quota", "--json", "--source", "claude-code").document["windows"] == []
    redacted = box.run("quota", "--json", "--redact")
    assert str(box.folder) not in redacted.out
    assert str(box.folder) not in box.run("quota", "--redact").out
    assert "no-such" in one_line(box.run("quota", "--timezone", "no-such"), 2)
    assert "--since" in one_line(box.run("quota", "--since", "7d"), 2)
