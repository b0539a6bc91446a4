"""Caches that expired or broke: to the token, to the millisecond, to the picodollar."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.waste.build import (
    GPT,
    HAIKU,
    HOUR,
    MINUTE,
    OPUS,
    SECOND,
    SONNET,
    asked,
    change,
    compaction,
    request,
    run,
    session,
    strand,
    turn,
)
from tokenwatch.analysis.waste.cache import DETECTORS
from tokenwatch.analysis.waste.finding import Finding, Tier
from tokenwatch.analysis.waste.history import Request, Turn
from tokenwatch.model import AgentKind

EXPIRED, BROKEN = DETECTORS


def first(at_ms: int = 0, **more: Any) -> Request:
    return request(1, at_ms, **{"read": 20_000, "write_5m": 80_000, "output": 500, **more})


def again(at_ms: int, **more: Any) -> Request:
    """Return a request that reads 20k of the 100k before it, and writes 81k."""
    return request(2, at_ms, **{"read": 20_000, "write_5m": 81_000, "output": 500, **more})


def later(at_ms: int, key: int = 3, **more: Any) -> Request:
    return request(key, at_ms, **{"read": 101_000, "write_5m": 500, "output": 100, **more})


def two(one: Request, other: Request, **parts: Any) -> list[Turn]:
    """Return two requests in turns of their own, and a third one that finds all in the cache."""
    third = later(
        other.at_ms - one.at_ms + 10 * SECOND,
        model=other.model,
        price=other.price,
        input=100,
    )
    return [turn(1, requests=[one], **parts), turn(2, requests=[other, third])]


def only(found: dict[str, Finding]) -> Finding:
    (finding,) = found.values()
    return finding


def test_expired_after_a_pause() -> None:
    turns = two(first(lasts=10 * SECOND), again(20 * MINUTE))
    finding = only(run(EXPIRED, turns))
    assert finding.key == "m2"
    assert finding.tier is Tier.PROVED
    assert finding.granted == ((2, 80_000 * (3_750_000 - 300_000)),)
    assert finding.counts["tokens"] == 80_000
    assert finding.counts["idle_ms"] == 20 * MINUTE - 10 * SECOND
    assert (finding.low, finding.high) == (finding.wasted, finding.wasted)
    assert [line.cost for line in finding.evidence] == [None, 80_000 * 3_750_000, 80_000 * 300_000]
    assert (finding.agent_id, finding.cause) == (None, None)
    assert run(BROKEN, turns) == {}
    told = EXPIRED.tell(finding)
    assert told.headline == "cache expired while idle"
    assert "80.0k tokens" in told.explanation and "19 m" in told.explanation
    assert "/compact" in told.advice


@pytest.mark.parametrize(("idle", "hits"), [(5 * MINUTE, True), (5 * MINUTE - 1, False)])
def test_lifetime_to_the_millisecond(idle: int, hits: bool) -> None:
    turns = two(first(lasts=7 * SECOND), again(7 * SECOND + idle))
    assert bool(run(EXPIRED, turns)) is hits
    assert bool(run(BROKEN, turns)) is not hits


@pytest.mark.parametrize(("lost", "hits"), [(4_000, True), (3_999, False)])
def test_threshold_to_the_token(lost: int, hits: bool) -> None:
    for idle, detector in ((6 * MINUTE, EXPIRED), (MINUTE, BROKEN)):
        turns = two(first(), again(idle, read=100_000 - lost, write_5m=lost + 7_000))
        assert bool(run(detector, turns)) is hits
        turns = two(first(), again(idle, read=60_000, write_5m=lost, input=50_000))
        assert bool(run(detector, turns)) is hits


@pytest.mark.parametrize(
    ("idle", "hits"), [(59 * MINUTE, False), (HOUR, True), (HOUR - 1, False), (10 * MINUTE, False)]
)
def test_an_hour_where_an_hour_was_written(idle: int, hits: bool) -> None:
    turns = two(
        first(write_5m=0, write_1h=80_000),
        again(idle, write_5m=0, write_1h=81_000),
    )
    found = run(EXPIRED, turns)
    assert bool(found) is hits
    if hits:
        assert only(found).wasted == 80_000 * (6_000_000 - 300_000)
        assert only(found).tier is Tier.PROVED


def test_the_latest_write_decides_on_the_lifetime() -> None:
    reading = request(7, 10 * SECOND, read=100_000)
    turns = [
        turn(1, requests=[first(write_5m=0, write_1h=80_000), reading]),
        turn(2, requests=[again(20 * MINUTE)]),
    ]
    assert run(EXPIRED, turns) == {}
    assert only(run(BROKEN, turns)).cause == "client"


def test_rates_are_blended_by_what_was_written() -> None:
    turns = two(first(), again(9 * MINUTE, write_5m=60_000, write_1h=40_000))
    full = 60_000 * 3_750_000 + 40_000 * 6_000_000
    expected = full * 80_000 // 100_000 - 80_000 * 300_000
    assert only(run(EXPIRED, turns)).wasted == expected


def test_a_break_no_cache_lasts() -> None:
    turns = [turn(0, requests=[request(9, -MINUTE, read=15_000, write_5m=15_000)])]
    turns += two(first(), again(HOUR + 1))
    finding = only(run(EXPIRED, turns))
    assert finding.tier is Tier.LIKELY
    assert finding.counts["tokens"] == 50_000
    assert finding.wasted == 50_000 * 3_450_000
    assert (finding.low, finding.high) == (finding.wasted // 2, finding.wasted)
    assert "30.0k" in EXPIRED.tell(finding).explanation


def test_a_break_after_which_the_first_context_was_read() -> None:
    turns = [turn(0, requests=[request(9, -MINUTE, read=15_000, write_5m=15_000)])]
    turns += two(first(), again(2 * HOUR, read=95_000, write_5m=6_000))
    finding = only(run(EXPIRED, turns))
    assert (finding.counts["tokens"], finding.tier) == (5_000, Tier.LIKELY)
    assert "beyond" not in EXPIRED.tell(finding).explanation


def test_a_break_that_lost_no_more_than_a_new_session_needs() -> None:
    assert run(EXPIRED, two(first(), again(3 * HOUR))) == {}


@pytest.mark.parametrize(
    "between",
    [
        {"compactions": [compaction(30 * SECOND)]},
        {"changes": [change("clear", 30 * SECOND)]},
        {"changes": [change("rewind", 30 * SECOND)]},
    ],
)
@pytest.mark.parametrize("idle", [MINUTE, 20 * MINUTE])
def test_what_replaced_the_context_is_no_loss(between: dict[str, Any], idle: int) -> None:
    turns = two(first(), again(idle), **between)
    assert run(EXPIRED, turns) == run(BROKEN, turns) == {}
    # In the later turn, too.
    turns = [
        turn(1, requests=[first()]),
        turn(2, requests=[again(idle), later(idle + 5)], **between),
    ]
    assert run(EXPIRED, turns) == run(BROKEN, turns) == {}


def test_a_context_that_shrank_without_a_word() -> None:
    small = again(20 * MINUTE, read=0, write_5m=49_999)
    assert run(EXPIRED, two(first(), small)) == {}
    half = again(20 * MINUTE, read=0, write_5m=50_000)
    assert run(EXPIRED, two(first(), half))


def test_a_warm_cache_is_quiet() -> None:
    turns = [
        turn(n, requests=[request(n, n * 20 * MINUTE, read=n * 5_000, write_5m=5_000)])
        for n in range(1, 12)
    ]
    assert run(EXPIRED, turns) == run(BROKEN, turns) == {}


def test_unpriced_and_empty_requests() -> None:
    turns = two(first(), again(20 * MINUTE, price=None))
    assert run(EXPIRED, turns) == run(BROKEN, turns) == {}
    empty = request(8, 10 * MINUTE)
    turns = [turn(1, requests=[first()]), turn(2, requests=[empty, again(20 * MINUTE)])]
    assert only(run(EXPIRED, turns)).counts["idle_ms"] == 20 * MINUTE


def test_a_session_of_two_requests_says_nothing_yet() -> None:
    turns = [turn(1, requests=[first()]), turn(2, requests=[again(20 * MINUTE)])]
    assert run(EXPIRED, turns) == {}
    assert run(EXPIRED, [*turns, turn(3, requests=[later(21 * MINUTE)])])


def test_each_agent_is_a_chain_of_its_own() -> None:
    kind = AgentKind.SUBAGENT
    turns = [
        turn(
            1,
            requests=[first(), request(5, 8 * MINUTE, read=100_000, write_5m=500)],
            others=[
                strand("a1", kind, requests=[first(agent="a1"), again(7 * MINUTE, agent="a1")])
            ],
        )
    ]
    finding = only(run(EXPIRED, turns))
    assert finding.agent_id == "a1"
    assert "subagent" in EXPIRED.tell(finding).advice


def codex(key: int, at_ms: int, *, read: int, input: int, **more: Any) -> Request:
    return request(
        key, at_ms, **{"model": "gpt-5.2-codex", "price": GPT, "read": read, "input": input, **more}
    )


def test_codex_sends_again_as_input() -> None:
    turns = [
        turn(1, requests=[codex(1, 0, read=0, input=20_000), codex(2, 5, read=90_000, input=9_000)])
    ]
    turns += [turn(2, requests=[codex(3, 30 * MINUTE, read=2_048, input=98_000)])]
    found = asked(EXPIRED, turns, session("codex"))
    money = found["m3"][3]
    assert money.input == (99_000 - 2_048) * (1_750_000 - 175_000)
    assert money.total == money.input
    # Claude Code's input is no cache that was lost.
    assert asked(EXPIRED, turns) == {}


def test_codex_writes_first_where_they_are_billed() -> None:
    price = GPT._replace(cache_write_5m=2_187_500)
    turns = [
        turn(
            1,
            requests=[
                codex(1, 0, read=0, input=50_000, price=price),
                codex(2, 9 * MINUTE, read=0, input=30_000, write_5m=30_000, price=price),
                codex(3, 10 * MINUTE, read=60_000, input=0, price=price),
            ],
        )
    ]
    money = asked(EXPIRED, turns, session("codex"))["m2"][2]
    assert money.cache_write == 30_000 * (2_187_500 - 175_000)
    assert money.input == 20_000 * (1_750_000 - 175_000)


def test_codex_promises_nothing_for_what_was_sent_once() -> None:
    cold = [codex(n, n * SECOND, read=4_000, input=n * 6_000) for n in range(1, 4)]
    assert run(BROKEN, [turn(1, requests=cold)], session("codex")) == {}
    fell = [codex(1, 0, read=40_000, input=6_000), codex(2, 9, read=4_000, input=43_000)]
    turns = [turn(1, requests=[*fell, codex(3, 20, read=46_000, input=100)])]
    assert only(run(BROKEN, turns, session("codex"))).cause == "client"
    # Nor does a switch of the model break what was not there.
    cold[1] = cold[1]._replace(model="gpt-5.4")
    assert run(BROKEN, [turn(1, requests=cold)], session("codex")) == {}


OPUS_ID = "claude-opus-4-5"


@pytest.mark.parametrize(
    ("events", "other", "cause"),
    [
        ([], {"model": OPUS_ID, "price": OPUS}, "model-switch"),
        ([change("effort", 90 * SECOND, "high")], {}, "effort"),
        ([], {"speed": "fast"}, "effort"),
        ([change("version", 90 * SECOND, "2.1.9")], {}, "cli-upgrade"),
        (
            [change("effort", 90 * SECOND, "high"), change("version", 91 * SECOND, "3")],
            {},
            "effort",
        ),
        ([change("tools", 90 * SECOND)], {}, "tools"),
        ([change("server", 90 * SECOND, "github")], {}, "tools"),
        ([change("skill", 90 * SECOND, "pdf"), change("memory", 90 * SECOND)], {}, "client"),
        ([], {}, "client"),
        ([change("miss", 2 * MINUTE, "tools_changed")], {}, "tools"),
        ([change("miss", 2 * MINUTE, "model_changed")], {}, "model-switch"),
        ([change("miss", 2 * MINUTE, "messages_changed")], {}, "client"),
        ([change("miss", 2 * MINUTE, "something_new")], {}, "client"),
        ([change("version", 90 * SECOND, "2.1.8")], {}, "client"),
        ([change("effort", 90 * SECOND, "low")], {}, "client"),
    ],
)
def test_causes(events: list[Any], other: dict[str, Any], cause: str) -> None:
    start = [change("version", -SECOND, "2.1.8"), change("effort", -SECOND, "low")]
    turns = [
        turn(1, requests=[first()], changes=start),
        turn(
            2,
            requests=[again(2 * MINUTE, **other), later(3 * MINUTE, **other)],
            changes=events,
        ),
    ]
    finding = only(run(BROKEN, turns))
    assert finding.cause == cause
    assert finding.tier is Tier.PROVED
    price = other.get("price", SONNET)
    assert finding.wasted == 80_000 * (price.cache_write_5m - price.cache_read)
    told = BROKEN.tell(finding)
    assert "80.0k tokens" in told.explanation
    assert told.advice
    assert run(EXPIRED, turns) == {}


def test_a_change_at_the_answer_counts_for_it_and_one_after_it_does_not() -> None:
    at = [change("effort", 2 * MINUTE, "high")]
    after = [change("effort", 2 * MINUTE + 1, "high")]
    for changes, cause in ((at, "effort"), (after, "client")):
        turns = [
            turn(1, requests=[first()], changes=[change("effort", -1, "low")]),
            turn(2, requests=[again(2 * MINUTE), later(3 * MINUTE)], changes=changes),
        ]
        assert only(run(BROKEN, turns)).cause == cause


def test_what_was_attached_at_the_instant_of_an_answer_came_after_it() -> None:
    for changes, cause in (([change("server", 0, "github")], "tools"), ([], "client")):
        turns = [
            turn(1, requests=[first()], changes=changes),
            turn(2, requests=[again(MINUTE), later(2 * MINUTE)]),
        ]
        assert only(run(BROKEN, turns)).cause == cause


def test_an_effort_that_a_new_version_tells_for_the_first_time() -> None:
    changes = [change("version", SECOND, "2.2"), change("effort", MINUTE, "high")]
    turns = [
        turn(1, requests=[first()], changes=[change("version", -1, "2.1")]),
        turn(2, requests=[again(MINUTE), later(2 * MINUTE)], changes=changes),
    ]
    assert only(run(BROKEN, turns)).cause == "cli-upgrade"


def haiku(key: int, at_ms: int, **more: Any) -> Request:
    return request(key, at_ms, model="claude-haiku-4-5", price=HAIKU, **more)


def switched(following: int) -> list[Turn]:
    """Return a switch from Opus to Haiku with so many requests of Haiku behind the first."""
    before = first(model=OPUS_ID, price=OPUS)
    switch = haiku(2, MINUTE, read=0, write_5m=100_000)
    rest = [
        haiku(n + 3, 2 * MINUTE + n * SECOND, read=10_000, output=100) for n in range(following)
    ]
    return [
        turn(1, requests=[request(9, -SECOND, model=OPUS_ID, price=OPUS, read=20_000), before]),
        turn(2, requests=[switch]),
        *(turn(n + 3, requests=[one]) for n, one in enumerate(rest)),
    ]


SAVED = 10_000 * (1_500_000 - 100_000) + 100 * (75_000_000 - 5_000_000)


def test_a_cheaper_model_pays_back() -> None:
    premium = 100_000 * (1_250_000 - 100_000)
    assert only(run(BROKEN, switched(0))).wasted == premium
    finding = only(run(BROKEN, switched(3)))
    assert finding.wasted == premium - 3 * SAVED
    assert finding.counts["saved_pico"] == 3 * SAVED
    assert "3 requests" in BROKEN.tell(finding).explanation
    assert run(BROKEN, switched(6)) == {}


def test_only_the_next_twenty_requests_count() -> None:
    small = [
        turn(n, requests=[haiku(n, n * MINUTE, read=10_000, output=1, input=0)])
        for n in range(3, 43)
    ]
    turns = [
        turn(1, requests=[first(model=OPUS_ID, price=OPUS, read=400_000)]),
        turn(2, requests=[haiku(2, MINUTE, read=0, write_5m=480_000)]),
        *small,
    ]
    finding = run(BROKEN, turns)["m2"]
    assert finding.counts["following"] == 20
    assert finding.counts["saved_pico"] == 20 * (10_000 * 1_400_000 + 70_000_000)
    assert finding.wasted == 480_000 * 1_150_000 - finding.counts["saved_pico"]
    # Another model ends it.
    turns[7:7] = [turn(50, requests=[first(6 * MINUTE + 1, model=OPUS_ID, price=OPUS)])]
    assert run(BROKEN, turns)["m2"].counts["following"] == 5


def test_a_dearer_model_saves_nothing_and_a_switch_back_is_another_finding() -> None:
    turns = [
        turn(1, requests=[first()]),
        turn(2, requests=[again(MINUTE, model=OPUS_ID, price=OPUS, read=0, write_5m=101_000)]),
        turn(3, requests=[later(2 * MINUTE, model=OPUS_ID, price=OPUS)]),
        turn(4, requests=[later(3 * MINUTE, 4, read=100_000, write_5m=3_000)]),
        turn(5, requests=[later(4 * MINUTE, 5, model=OPUS_ID, price=OPUS, read=2_000,
                                write_5m=103_000)]),
    ]  # fmt: skip
    found = run(BROKEN, turns)
    # The way back in turn 4 finds its own cache warm.
    assert set(found) == {"m2", "m5"}
    assert found["m2"].wasted == 100_000 * (18_750_000 - 1_500_000)
    assert found["m2"].names == {"from": "sonnet-4.5", "to": "opus-4.5"}
