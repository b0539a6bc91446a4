"""`tokenwatch quota`: the windows that the logs told of, and nothing that they did not."""

from __future__ import annotations

import json
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
from tokenwatch.answers.quota import plan_uses, plan_words
from tokenwatch.cli.quota import UNTOLD, plan_document
from tokenwatch.config.plans import Plan
from tokenwatch.store.ledger import Ledger

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
FIRST_MS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
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
    assert (
        result.code == 0
        and "tokenwatch statusline install" in result.out
        and "nothing found" in result.err
    )


def test_what_the_status_line_was_told_is_there_with_its_age(box: Box) -> None:
    two_windows(box)
    limits = {
        "five_hour": {"used_percentage": 62.5, "resets_at": NOW_MS // 1000 + 1800},
        "seven_day_opus": {"used_percentage": 3, "resets_at": NOW_MS // 1000 - 60},
    }
    line = {"ts": NOW_MS - 4 * MINUTE, "session_id": "s", "cost": 1.0, "rate_limits": limits}
    (box.data / "statusline").mkdir(parents=True)
    (box.data / "statusline" / "20261122.jsonl").write_text(json.dumps(line) + "\n")
    assert box.run("quota", "--json", "--no-sync").document["windows"] == []
    document = box.run("quota", "--json").document
    assert several(WINDOW)(document["windows"])
    short, opus, *codex = document["windows"]
    assert (short["provider"], short["from"], short["plan"]) == ("anthropic", "statusline", None)
    assert (short["name"], short["used_percent"], short["stale"]) == ("5h", 62.5, False)
    assert short["observed_at"] == "2026-11-22T13:56:00.000Z" and short["limit"] == "claude-code"
    assert (opus["name"], opus["limit"], opus["stale"]) == ("7d", "seven_day_opus", True)
    assert {window["from"] for window in codex} == {"rollout"}
    table = box.run("quota").out
    assert "4 m ago" in table and "Claude Code seven_day_opus" in table
    assert "tokenwatch statusline install" not in table


def test_a_status_line_without_windows_says_so(box: Box) -> None:
    line = {"ts": NOW_MS - 4 * MINUTE, "session_id": "s", "cost": 1.0, "rate_limits": {}}
    (box.data / "statusline").mkdir(parents=True)
    (box.data / "statusline" / "20261122.jsonl").write_text(json.dumps(line) + "\n")
    result = box.run("quota")
    assert result.code == 0 and UNTOLD in " ".join(result.out.split())
    assert box.run("quota", "--json").document["windows"] == []


def test_options(box: Box) -> None:
    two_windows(box)
    assert box.run("quota", "--json", "--source", "claude-code").document["windows"] == []
    redacted = box.run("quota", "--json", "--redact")
    assert str(box.folder) not in redacted.out
    assert str(box.folder) not in box.run("quota", "--redact").out
    assert "no-such" in one_line(box.run("quota", "--timezone", "no-such"), 2)
    assert "--since" in one_line(box.run("quota", "--since", "7d"), 2)


def test_a_months_use_stands_beside_the_fees_of_its_plans(box: Box) -> None:
    two_windows(box)
    (row,) = box.run("report", "--by", "source", "--json").rows
    ledger = Ledger.open(box.data / "ledger.sqlite")
    plans = (
        Plan("codex", Decimal("19.99")),
        Plan("codex", Decimal("0.01")),
        Plan("claude-code", Decimal("90"), "EUR"),
    )
    codex, claude = plan_uses(ledger, plans, NOW_MS, UTC)
    assert (codex.plan.fee, codex.since_ms) == (Decimal("20.00"), FIRST_MS)
    assert Decimal(row["cost_usd"]) * 10**12 == codex.spend.cost_pico > 0
    assert codex.times == codex.spend.cost_pico / 20e12
    assert (claude.spend.requests, claude.times) == (0, None)
    assert plan_words(codex) == ("<$0.01", "$20")
    assert plan_words(claude) == ("$0.00", "90 EUR")
    (later,) = plan_uses(ledger, plans[:1], NOW_MS + 31 * 24 * HOUR, UTC)
    assert later.spend.requests == 0
    document = plan_document(codex)
    assert document["fee"] == "20.00" and document["since"] == "2026-11-01T00:00:00.000Z"
    assert fields(**SPEND)(document["spent"])
    ledger.close()
    assert box.run("quota", "--json").document["plans"] == []
