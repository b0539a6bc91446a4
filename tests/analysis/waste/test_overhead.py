"""What is loaded and never used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.analysis.waste import build
from tests.analysis.waste.build import DAY, SONNET, run
from tests.analysis.waste.talk import Talk, run_growing, run_once
from tokenwatch.analysis.waste import overhead
from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.detector import meanings
from tokenwatch.analysis.waste.finding import Finding, Kind

(DETECTOR,) = overhead.DETECTORS


def _talk(kind: str = "server", what: str = "github", size: int = 36_000, times: int = 5) -> Talk:
    talk = Talk()
    talk.ask()
    talk.change(kind, what, size)
    talk.say(times)
    return talk


def _concluded(
    talks: Sequence[Talk], *, apart: int = DAY, projects: Sequence[str] = ("/a",)
) -> tuple[Concluded, ...]:
    """Conclude of sessions that begin so long after each other."""

    def later(finding: Finding, number: int) -> Finding:
        ms = number * apart
        return replace(finding, first_ms=finding.first_ms + ms, last_ms=finding.last_ms + ms)

    members = [
        Partial(n, "claude-code", projects[n % len(projects)], later(finding, n))
        for n, talk in enumerate(talks)
        for finding in run(DETECTOR, talk.turns).values()
    ]
    assert all(member.finding.conditional for member in members)
    assert DETECTOR.conclude is not None
    return DETECTOR.conclude(members)


def test_a_server_that_no_session_used() -> None:
    (one,) = _concluded([_talk() for _ in range(5)])
    each = 10_000 * (SONNET.cache_write_5m + 4 * SONNET.cache_read)
    assert one.finding.wasted == 5 * each
    assert one.finding.counts["sessions"] == 5
    told = DETECTOR.tell(one.finding)
    assert "claude mcp remove github" in told.advice
    assert "10.0k tokens" in told.explanation
    assert "25 requests" in told.explanation


def test_four_sessions_are_too_few() -> None:
    assert _concluded([_talk() for _ in range(4)]) == ()


def test_a_day_is_too_short() -> None:
    assert _concluded([_talk() for _ in range(5)], apart=DAY // 5) == ()


@pytest.mark.parametrize("at", [0, 4, 5])
def test_one_use_in_any_session_is_enough(at: int) -> None:
    talks = [_talk() for _ in range(6)]
    talks[at].call(100, mcp_server="GitHub")
    talks[at].say(2)
    talks[at].ask()
    talks[at].say(2)
    assert _concluded(talks) == ()
    (used,) = run(DETECTOR, talks[at].turns).values()
    assert used.counts == {"calls": 1, "loaded": 1}
    assert used.wasted == 0


def test_a_use_before_it_was_loaded_counts() -> None:
    talk = Talk()
    talk.say()
    talk.call(100, mcp_server="github")
    talk.ask()
    talk.change("server", "github", 36_000)
    talk.say(3)
    (used,) = run(DETECTOR, talk.turns).values()
    assert used.counts["calls"] == 1


def test_a_use_counts_where_the_log_does_not_say_that_it_was_loaded() -> None:
    silent = Talk()
    silent.say()
    silent.call(100, mcp_server="github")
    (used,) = run(DETECTOR, silent.turns).values()
    assert used.counts == {"calls": 1}
    assert _concluded([*(_talk() for _ in range(5)), silent]) == ()


def test_a_subagent_may_use_it() -> None:
    talk = _talk()
    sub = Talk(agent="a1")
    sub.say()
    sub.call(10, mcp_server="github")
    main = talk.turns[0].main
    turn = build.turn(0, requests=main.requests, changes=main.changes, others=[sub.strand()])
    (used,) = run(DETECTOR, [turn]).values()
    assert used.counts["calls"] == 1


@pytest.mark.parametrize(
    ("loaded", "called"),
    [("review", "review"), ("review", "tools:review"), ("tools:review", "review")],
)
def test_a_plugins_skill_goes_by_two_names(loaded: str, called: str) -> None:
    talk = _talk("skill", loaded)
    talk.call(10, skill=called)
    assert run(DETECTOR, talk.turns)[f"skill:{loaded}"].counts == {"calls": 1, "loaded": 1}


def test_names_as_tools_spell_them() -> None:
    talk = _talk("server", "claude.ai Gmail")
    talk.call(10, mcp_server="claude_ai_Gmail")
    (used,) = run(DETECTOR, talk.turns).values()
    assert used.counts["calls"] == 1


def test_more_turns_and_pieces_are_the_same() -> None:
    talk = _talk()
    talk.ask()
    talk.change("skill", "review", 7_200)
    talk.say(3)
    found = run(DETECTOR, talk.turns)
    assert run_once(DETECTOR, talk.turns) == run_growing(DETECTOR, talk.turns)
    assert found["server:github"].counts["requests"] == 8
    assert len(found["skill:review"].granted) == 3


def test_what_was_removed_or_is_small_costs_nothing() -> None:
    talk = _talk(times=3)
    talk.ask()
    talk.change("server", "github", 0)
    talk.say(5)
    assert len(run(DETECTOR, talk.turns)["server:github"].granted) == 3
    assert run(DETECTOR, _talk(size=overhead.SMALLEST - 1).turns) == {}
    assert run(DETECTOR, _talk("version", "2.1.0").turns) == {}


def test_said_twice_is_loaded_once() -> None:
    talk = _talk()
    talk.ask()
    talk.change("server", "github", 18_000)
    talk.say(5)
    (finding,) = run(DETECTOR, talk.turns).values()
    assert finding.counts["loaded"] == 1
    assert dict(finding.granted)[10] == 5_000 * SONNET.cache_read


def test_written_by_another_session_it_was_read() -> None:
    talk = Talk()
    talk.cached = 20_000
    talk.ask()
    talk.change("server", "github", 36_000)
    talk.say()
    (finding,) = run(DETECTOR, talk.turns).values()
    assert finding.granted == ((1, 10_000 * SONNET.cache_read),)


def test_long_instructions_count_with_what_is_beyond() -> None:
    talks = [_talk("memory", "CLAUDE.md", 8_000 + 3_600) for _ in range(5)]
    (one,) = _concluded(talks)
    assert one.finding.cause == "memory"
    assert one.finding.wasted == 5 * 1_000 * (SONNET.cache_write_5m + 4 * SONNET.cache_read)
    assert "11,600 characters" in DETECTOR.tell(one.finding).explanation
    assert _concluded(talks, projects=("/a", "/b")) == ()
    assert _concluded([_talk("memory", "CLAUDE.md", 8_000) for _ in range(5)]) == ()


def test_unpriced_requests_give_no_finding() -> None:
    talks = [Talk(price=None) for _ in range(5)]
    for talk in talks:
        talk.ask()
        talk.change("server", "github", 36_000)
        talk.say(4)
    assert _concluded(talks) == ()


def test_all_items_together_are_no_more_than_what_was_sent() -> None:
    talk = Talk(base=10_000)
    talk.ask()
    for number in range(100):
        talk.change("server", f"s{number}", 36_000 + number)
    request = talk.say()
    found = run(DETECTOR, talk.turns)
    assert len(found) <= overhead.MOST_ITEMS
    assert sum(finding.wasted for finding in found.values()) == request.cost.cache_write


def test_explained() -> None:
    assert set(meanings(overhead.__doc__ or "")) == {Kind.FIXED_OVERHEAD}
