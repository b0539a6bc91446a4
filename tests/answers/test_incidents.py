"""Facts about what did not go straight: counted from the logs, with whole turns' exact sums."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import cases
from tests.cases import Desk
from tests.still import StillFeed
from tokenwatch.answers.fact import MOST_ROWS, Fact
from tokenwatch.answers.incidents import LABELS, incidents
from tokenwatch.answers.moment import Moment
from tokenwatch.model import NO_SPEND
from tokenwatch.store import sessions, turns
from tokenwatch.store.incidents import Turns

DAY_MS = 86_400_000


def facts_of(
    moment: Moment, since_ms: int | None = None, until_ms: int | None = None
) -> dict[str, Fact]:
    return {f.key: f for f in incidents(moment, since_ms=since_ms, until_ms=until_ms)}


def read(case: str, home: Path) -> Desk:
    return cases.read(cases.copy(case, home))


@pytest.mark.parametrize("case", cases.NAMES)
def test_turns_cost_what_the_session_screen_says(case: str, tmp_path: Path) -> None:
    desk = read(case, tmp_path)
    keys = sessions.all_keys(desk.ledger)
    known = Turns(desk.ledger, keys)
    total = sum(known.all().values(), NO_SPEND)
    assert total == sum((row.spend for row in desk.rows().values()), NO_SPEND)
    for key in keys:
        for turn in turns.turns(desk.ledger, key):
            began = None if turn.number == 0 else turn.at_ms
            assert known.began(key, turn.at_ms) == began
            assert known.spend(key, began) == turn.spend
    desk.close()


def test_the_real_client_interrupted_denied_and_compacted(tmp_path: Path) -> None:
    desk = read("claude-2.1.330/interactive", tmp_path)
    facts = facts_of(desk.moment())
    assert facts["interrupted"].times == facts["interrupted"].turns == 2
    assert facts["tool-denied Bash"].times == 1 and facts["tool-denied Bash"].name == "Bash"
    compaction = facts["compaction"]
    assert compaction.times == 1 and compaction.detail == "22.0k → 3.05k tokens"
    assert [row.what for row in compaction.evidence] == ["manual 22.0k → 3.05k"]
    assert facts["failed"].times == 0 and facts["failed"].evidence == ()
    (row,) = facts["tool-denied Bash"].evidence
    assert row.session_id in desk.ids() and row.name == "Bash" and row.what == "denied"
    desk.close()


def test_the_real_client_tried_again(tmp_path: Path) -> None:
    desk = read("claude-2.1.330/errors", tmp_path)
    retry = facts_of(desk.moment())["retry"]
    assert (retry.times, retry.turns) == (4, 1)
    assert retry.detail == "529 2 · 500 1 · 429 1"
    assert {row.what for row in retry.evidence} == {"529", "500", "429"}
    # Four failures in one turn: its spend counts once.
    assert retry.spend == retry.evidence[0].spend
    desk.close()


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> StillFeed:
    return StillFeed(tmp_path_factory.mktemp("demo"))


def test_facts_agree_with_their_rows(feed: StillFeed) -> None:
    found = feed.ask(lambda moment: facts_of(moment))
    assert [f.label for f in found.values()] == sorted(
        (f.label for f in found.values()),
        key=[*LABELS.values(), *(f.label for f in found.values() if f.times is None)].index,
    )
    for fact in found.values():
        assert len(fact.evidence) == min(fact.rows, MOST_ROWS)
        assert len({row.key for row in fact.evidence}) == len(fact.evidence)
        assert fact.times in (None, fact.rows)
        if fact.turns:
            spends = {(row.session_id, row.spend) for row in fact.evidence}
            assert fact.spend is not None and fact.turns <= (fact.times or 0)
            assert all(row.spend is not None for row in fact.evidence)
            if fact.rows <= MOST_ROWS:
                # Turns of one session may have cost the same, so there may be fewer sums.
                assert len(spends) <= fact.turns
    assert found["same-error"].rows and found["tool-failed Bash"].rows
    assert found["compaction"].rows


def test_a_period_holds_what_happened_in_it(feed: StillFeed) -> None:
    now = feed.now_ms
    edges = [0, now - 5 * DAY_MS, now - DAY_MS, now + 1]
    whole = feed.ask(lambda moment: facts_of(moment))
    parts = [
        feed.ask(lambda moment, a=a, b=b: facts_of(moment, a, b))  # type: ignore[misc]
        for a, b in zip(edges, edges[1:], strict=False)
    ]
    for key, fact in whole.items():
        if fact.times is not None and key != "same-error":
            assert sum(part[key].times or 0 for part in parts if key in part) == fact.times
        if fact.tokens is not None:
            assert sum(part[key].tokens or 0 for part in parts) == fact.tokens


def test_the_cache_sums_to_the_report(feed: StillFeed) -> None:
    found = feed.ask(lambda moment: facts_of(moment))
    truth = list(feed.demo.truth().values())
    for key, kind in (
        ("cache-read", "cache_read"),
        ("cache-write-5m", "cache_write_5m"),
        ("cache-write-1h", "cache_write_1h"),
    ):
        assert found[key].tokens == sum(t[kind] for t in truth)


def test_written_again_is_what_was_there_and_not_read(tmp_path: Path) -> None:
    desk = read("claude-2.1.330/subagents", tmp_path)
    rows = desk.ledger.sql.execute(
        "SELECT agent, cache_read, cache_write_5m + cache_write_1h AS wrote FROM requests"
        " ORDER BY agent, at_ms, id"
    ).fetchall()
    again = 0
    for before, after in zip(rows, rows[1:], strict=False):
        held = before["cache_read"] + before["wrote"]
        shrank = after["cache_read"] + after["wrote"] < held
        if before["agent"] == after["agent"] and not shrank:
            again += max(0, min(held - after["cache_read"], after["wrote"]))
    fact = facts_of(desk.moment())["rewritten"]
    assert again > 0 and fact.detail == "2.90k tokens" and round(again, -1) == 2900
    desk.close()


def test_an_empty_ledger_has_no_facts(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    found = facts_of(desk.moment())
    assert {fact.times for fact in found.values()} == {0, None}
    assert not any(fact.evidence for fact in found.values())
    desk.close()
