"""What other programs claim is read from their outputs, and held against the labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.peers import Package
from tests.evaluation import peers
from tests.evaluation.beside import Tally, table, tallied, weigh
from tests.evaluation.label import KINDS, Label, Written
from tests.evaluation.peers import (
    PROGRAMS,
    Claim,
    Logs,
    Program,
    Told,
    Unreadable,
    ask_program,
    logs_of,
    read_audit,
    read_cachemiss,
    read_cctx,
    read_codeburn,
    read_ours,
)
from tokenwatch.model import PICO

A = "11111111-aaaa-4aaa-8aaa-111111111111"
B = "22222222-bbbb-4bbb-8bbb-222222222222"
LOGS = Logs(sessions=frozenset({A, B}), token_price=2_000_000.0)


def _codeburn(title: str, tokens: int, text: str = "", sessions: int = 2) -> list[str]:
    finding = {"title": title, "explanation": text, "tokensSaved": tokens}
    return [json.dumps({"summary": {"sessions": sessions}, "findings": [finding]})]


def test_codeburn_claims_tokens_at_its_share_of_the_mean_price() -> None:
    text = f"Two of them: -p/{A} on 2026-11-01, -q/{B.replace('2', '3')} on 2026-11-02; +1 more"
    (claim,) = read_codeburn(_codeburn("12 context-heavy sessions", 1_000, text), LOGS)
    assert claim.name == "context-heavy sessions"
    assert claim.money == 1_400_000_000
    assert claim.kinds == ("stale-context", "oversized-result")
    assert claim.sessions == {A}, "ids that are no session's are left out"


def test_a_title_of_codeburn_that_is_no_kind_of_ours_keeps_its_money() -> None:
    (claim,) = read_codeburn(_codeburn("Edits outnumber reads", 10), LOGS)
    assert (claim.kinds, claim.money, claim.sessions) == ((), 14_000_000, frozenset())


def test_codeburn_that_saw_no_session_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no session"):
        read_codeburn(_codeburn("anything", 1, sessions=0), LOGS)


def _cctx(session: str, waste: float, *findings: tuple[str, float | None]) -> str:
    rows = [{"kind": kind, "cost_usd": cost} for kind, cost in findings]
    return json.dumps({"session_id": session, "waste_cost_usd": waste, "findings": rows})


def test_cctx_claims_by_session_and_not_more_than_its_own_capped_sum() -> None:
    whole = _cctx(A, 0.3, ("retry_loop", 0.2), ("stale_context", 0.1), ("tool_thrash", None))
    capped = _cctx(B, 0.5, ("retry_loop", 0.75), ("unheard_of", 0.25))
    claims = read_cctx([whole, capped], LOGS)
    assert [(c.name, c.money * 1000 // PICO, c.sessions) for c in claims] == [
        ("retry_loop", 200, frozenset({A})),
        ("stale_context", 100, frozenset({A})),
        ("tool_thrash", 0, frozenset({A})),
        ("retry_loop", 375, frozenset({B})),
        ("unheard_of", 125, frozenset({B})),
    ]
    assert claims[-1].kinds == ()


def test_cachemiss_claims_the_premiums_that_it_calls_avoidable() -> None:
    def rebuild(session: str, reason: str, premium: float, avoidable: bool) -> dict[str, object]:
        return {
            "session_id": session,
            "reason": reason,
            "premium": premium,
            "avoidable": avoidable,
        }

    rows = [
        rebuild(A, "ttl_expired", 0.25, True),
        rebuild(B, "model_changed", 0.5, True),
        rebuild(B, "context_shrank", 4.0, False),
        rebuild("elsewhere", "a_new_reason", 0.125, True),
    ]
    claims = read_cachemiss([json.dumps({"rebuilds": rows})], LOGS)
    assert [(c.kinds, c.money * 1000 // PICO, c.sessions) for c in claims] == [
        (("cache-expired",), 250, frozenset({A})),
        (("cache-broken",), 500, frozenset({B})),
        (("cache-expired", "cache-broken"), 125, frozenset()),
    ]


def test_claude_cache_audit_has_money_in_one_output_and_sessions_in_the_other() -> None:
    causes = {
        "compaction": {"count": 1, "premium": 9},
        "expired": {"count": 2, "premium": 0.75},
        "prefix_change": {"count": 1, "premium": 0.5},
        "model_switch": {"count": 0, "premium": 0},
    }
    text = (
        "  when   project  session   agent  cause          gap  waiting on  rewritten  premium\n"
        "  11-20  shop-1   11111111  main   prefix-change  1m   user             107K    $0.50\n"
        "  11-21  shop-2   22222222  main   expired        2h   user              50K    $0.40\n"
        "  11-21  shop-2   22222222  main   expired        2h   tool:Bash         50K    $0.35\n"
        "  and something that is no row\n"
    )
    document = json.dumps({"rebuilds": {"headline": {"by_cause": causes}}})
    claims = read_audit([document, text], LOGS)
    assert [(c.name, c.money * 100 // PICO, c.sessions) for c in claims] == [
        ("expired", 75, frozenset({B})),
        ("prefix_change", 50, frozenset({A})),
    ]


def test_ours_is_read_like_the_others() -> None:
    findings = [
        {"kind": "loop", "wasted_usd": "0.5", "session_id": A},
        {"kind": "wrong-cache-lifetime", "wasted_usd": None, "session_id": None},
    ]
    first, second = read_ours({"findings": findings})
    assert (first.kinds, first.money, first.sessions) == (("loop",), PICO // 2, frozenset({A}))
    assert (second.money, second.sessions) == (0, frozenset())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_word_means_kinds_that_there_are(program: Program) -> None:
    assert program.looks <= set(KINDS)
    assert program.looks


@pytest.mark.parametrize("out", ["", "[]", "{}", "null", '{"findings": [{}]}'])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_output_of_another_shape_is_told(program: Program, out: str) -> None:
    with pytest.raises(Unreadable):
        program.claims([out, out], LOGS)


def _home(name: str, kinds: tuple[str, ...], *labels: Label) -> Written:
    spend = {A: 4 * PICO, B: 6 * PICO}
    return Written(
        name=name,
        kinds=kinds,
        labels=labels,
        sessions=2,
        spend=sum(spend.values()),
        session_spend=spend,
        session_requests={A: 1, B: 1},
        requests={},
    )


def _label(
    kind: str, session: str, usd: float, *, positive: bool = True, small: bool = False
) -> Label:
    return Label(
        kind=kind, positive=positive, sessions=(session,), money=int(usd * PICO), small=small
    )


def _claim(kinds: tuple[str, ...], usd: float, *sessions: str) -> Claim:
    return Claim(name="-", kinds=kinds, money=int(usd * PICO), sessions=frozenset(sessions))


def test_claims_are_judged_only_where_their_kind_is_labelled() -> None:
    home = _home("loop", ("loop",), _label("loop", A, 2), _label("loop", B, 0, positive=False))
    claims = [_claim(("loop",), 3, A, B), _claim(("polling",), 1, A), _claim((), 1)]
    tally = Tally()
    weigh(tally, home, claims, {"loop", "polling"}, {A, B})
    assert (tally.right, tally.wrong, tally.open) == (1, 1, 1)
    assert (tally.claimed, tally.own_claimed, tally.own_true) == (5 * PICO, 3 * PICO, 2 * PICO)
    assert (tally.mixed_claimed, tally.mixed_true) == (0, 0)
    assert tally.most == 0.5


def test_where_all_kinds_are_labelled_every_claim_counts_and_every_true_dollar() -> None:
    labels = (_label("loop", A, 2), _label("polling", B, 1), _label("no-output", B, 0))
    home = _home("compositional", ("loop", "no-output", "polling"), *labels)
    tally = Tally()
    weigh(tally, home, [_claim(("loop",), 1, A), _claim((), 0.5)], {"loop"}, {A, B})
    assert (tally.mixed_claimed, tally.mixed_true) == (PICO * 3 // 2, 3 * PICO)
    assert (tally.own_claimed, tally.own_true) == (PICO, 2 * PICO)


def test_a_kind_without_dollars_judges_sessions_and_no_money() -> None:
    home = _home("no-output", ("no-output",), _label("no-output", A, 0))
    tally = Tally()
    weigh(tally, home, [_claim(("no-output",), 2, A, B)], {"no-output"}, {A, B})
    assert (tally.right, tally.wrong) == (1, 1)
    assert (tally.claimed, tally.own_claimed) == (2 * PICO, 0)


def test_what_is_too_small_to_count_is_neither_right_nor_wrong() -> None:
    home = _home("loop", ("loop",), _label("loop", A, 0.01, small=True))
    tally = Tally()
    weigh(tally, home, [_claim(("loop",), 0.01, A)], {"loop"}, {A, B})
    assert (tally.right, tally.wrong, tally.open) == (0, 0, 0)


def test_sessions_that_a_program_can_not_read_are_not_held_against_it() -> None:
    home = _home("loop", ("loop",), _label("loop", A, 2), _label("loop", B, 3))
    tally = Tally()
    weigh(tally, home, [], {"loop"}, {A})
    assert (tally.own_true, tally.spend) == (2 * PICO, 4 * PICO)


def test_the_same_session_for_the_same_kind_counts_once() -> None:
    home = _home("loop", ("loop",))
    tally = Tally()
    weigh(tally, home, [_claim(("loop",), 1, B), _claim(("loop",), 1, B)], {"loop"}, {A, B})
    assert (tally.wrong, tally.claimed) == (1, 2 * PICO)


def test_a_home_of_which_more_is_claimed_than_was_spent_is_named() -> None:
    home = _home("loop", ("loop",))
    told = Told(claims={"loop": [_claim((), 11)]})
    tally = tallied({"loop": home}, told, {"loop"})
    assert tally.homes == ["loop"]
    assert tally.most == 1.1
    assert "| 110% |" in table({"some": tally})


def test_a_program_that_did_not_run_is_named_with_the_reason() -> None:
    text = table({"some 1.0": Tally(failed="exit 3: no such thing"), "other": Tally()})
    first, *_, last = text.splitlines()
    assert last == "some 1.0 was not run: exit 3: no such thing"
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {first.count("|")}


def _script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Program:
    """Return a program that is a shell script."""
    monkeypatch.setenv("TOKENWATCH_BENCH_DIR", str(tmp_path / "bench"))
    monkeypatch.setattr(peers, "cut_off", lambda: ())
    package = Package(name="some", tool="pip", spec="some==1", program="run")
    package.path.parent.mkdir(parents=True)
    package.path.write_text(f"#!/bin/sh\n{text}\n")
    package.path.chmod(0o755)
    return Program(
        name="some",
        version="1",
        packages=(package,),
        commands=lambda logs: [(str(path),) for path in logs.transcripts],
        read=lambda outputs, logs: [_claim((), float(len(out)), *logs.sessions) for out in outputs],
        words={},
    )


def _transcript(folder: Path) -> None:
    path = folder / "one" / ".claude" / "projects" / "-p" / f"{A}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("{}\n")


def test_a_program_runs_in_a_new_home_with_the_logs_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _transcript(tmp_path)
    (tmp_path / "one" / "data").mkdir()
    seen = tmp_path / "seen"
    script = f'test -f "$1" && printf %s "$HOME" > {seen}; ls -A "$HOME" >> {seen}; printf abc'
    program = _script(tmp_path, monkeypatch, script)
    told = ask_program(program, tmp_path, {"one": 1.0}, 1)
    assert told.failed is None
    (claim,) = told.claims["one"]
    assert (claim.money, claim.sessions) == (3 * PICO, frozenset({A}))
    home, *entries = seen.read_text().replace(".claude", "\n.claude", 1).split()
    assert Path(home) != tmp_path / "one"
    assert entries == [".claude", "tmp"]
    assert not Path(home).exists(), "it is gone afterwards"


@pytest.mark.parametrize(
    ("script", "why"),
    [("echo first >&2; echo bad luck >&2; exit 3", "exit 3: bad luck"), ("exit 1", "no message")],
)
def test_a_program_that_fails_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    _transcript(tmp_path)
    told = ask_program(_script(tmp_path, monkeypatch, script), tmp_path, {"one": 1.0}, 1)
    assert told.claims == {}
    assert told.failed is not None
    assert why in told.failed


def test_a_program_that_can_not_be_installed_is_told_and_never_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _transcript(tmp_path)
    program = _script(tmp_path, monkeypatch, "exit 9")
    monkeypatch.setattr(Package, "install", lambda package: "no such version")
    told = ask_program(program, tmp_path, {"one": 1.0}, 1)
    assert told == Told(failed="not to be had: no such version")


def test_subagents_transcripts_are_no_sessions(tmp_path: Path) -> None:
    _transcript(tmp_path)
    below = tmp_path / "one" / ".claude" / "projects" / "-p" / A / "subagents"
    below.mkdir(parents=True)
    (below / "agent-1.jsonl").write_text("{}\n")
    found = logs_of(tmp_path / "one")
    assert found.sessions == {A}
    assert [path.name for path in found.transcripts] == [f"{A}.jsonl"]
