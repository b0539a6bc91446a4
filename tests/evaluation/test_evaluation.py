"""The generator is exact and repeatable, its logs are readable, and the scorer counts right."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation import table
from tests.evaluation.label import KINDS, LOOK, Label, Written
from tests.evaluation.phrases import CODES, language
from tests.evaluation.plan import MIXED, Home, homes
from tests.evaluation.run import ask, ask_all, write, write_all
from tests.evaluation.score import Result, judge, judge_all, pico, wilson
from tests.evaluation.world import World
from tokenwatch.model import PICO

SEED = 11
ALL = (*KINDS, *MIXED)


def _tiny(kind: str) -> Home:
    """Return the kind's first home with a few cases."""
    return replace(homes((kind,), quick=True)[0], share=0.06)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.jsonl")):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("kind", ALL)
def test_a_seed_always_gives_the_same_logs_and_labels(kind: str, tmp_path: Path) -> None:
    home = _tiny(kind)
    first, second = (write(tmp_path / name, home, SEED) for name in "ab")
    assert first == second
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")
    other = write(tmp_path / "c", home, SEED + 1)
    assert _digest(tmp_path / "c") != _digest(tmp_path / "a")
    assert other.sessions >= 1


@pytest.mark.parametrize("kind", ALL)
def test_the_program_reads_what_the_generator_says_it_wrote(kind: str, tmp_path: Path) -> None:
    known = write(tmp_path, _tiny(kind), SEED)
    rows = ask(tmp_path, "sessions")["rows"]
    assert {row["id"]: pico(row["cost_usd"]) for row in rows} == dict(known.session_spend)
    assert {row["id"]: row["requests"] for row in rows} == dict(known.session_requests)
    assert sum(row["unpriced_requests"] for row in rows) == 0
    skipped = ask(tmp_path, "doctor")["sources"]
    assert [sum(source["skipped_lines"].values()) for source in skipped] == [0] * len(skipped)


@pytest.mark.parametrize("kind", ALL)
def test_labels_never_claim_more_than_was_spent(kind: str, tmp_path: Path) -> None:
    known = write(tmp_path, _tiny(kind), SEED)
    assert known.labels
    for label in known.labels:
        assert set(label.sessions) <= set(known.session_spend)
        assert label.requests <= set(known.requests)
        spent = sum(known.session_spend[session] for session in label.sessions)
        assert 0 <= label.money <= spent, label
        if label.positive and label.kind not in LOOK and not label.small:
            assert label.money > 0, label


class _Unwritten(World):
    """A home whose logs are of no interest."""

    def save(self, path: Path, records: list[dict[str, Any]], at_ms: int) -> None:
        pass


def test_there_are_enough_cases_of_each_kind(tmp_path: Path) -> None:
    for kind in KINDS:
        planned = homes((kind,))
        if len(planned) > 1:
            ways = [home.name.split("/")[1].split("-")[0] for home in planned]
            assert ways.count("positive") >= 40 and ways.count("negative") >= 80
            continue
        world = _Unwritten(tmp_path, kind, SEED)
        planned[0].build(world)
        known = world.written()
        positives = [label for label in known.labels if label.positive and not label.small]
        negatives = [label for label in known.labels if not label.positive]
        assert len(positives) >= 40 and len(negatives) >= 80, kind
        if kind == "repeated-attempts":
            for code in CODES:
                assert sum(label.language == code for label in positives) >= 12
                assert sum(label.language == code for label in negatives) >= 24


def test_each_language_has_follow_ups_enough() -> None:
    for code in CODES:
        words = language(code)
        assert words.code == code
        texts = set(words.complaints)
        for topic in words.topics:
            texts |= {*topic.symptoms, *topic.expected, *topic.again, topic.error}
            assert topic.file.rsplit("/", 1)[-1] in topic.task
        assert len(texts) >= 25
        assert len(texts) > 2 * len(words.complaints)


# The scorer ---------------------------------------------------------------------------------


def _label(kind: str = "polling", session: str = "s1", **fields: Any) -> Label:
    given: dict[str, Any] = {"positive": True, "requests": frozenset({"r1", "r2"}), "money": PICO}
    return Label(kind=kind, sessions=(session,), **{**given, **fields})


def _home(*labels: Label, kinds: tuple[str, ...] = ("polling",)) -> Written:
    return Written(
        name="home",
        kinds=kinds,
        labels=labels,
        sessions=2,
        spend=10 * PICO,
        session_spend={"s1": 6 * PICO, "s2": 4 * PICO},
        session_requests={"s1": 3, "s2": 2},
        requests={"r1": 2 * PICO, "r2": 2 * PICO, "r3": 2 * PICO, "r4": 4 * PICO},
    )


def _finding(
    kind: str = "polling",
    session: str | None = "s1",
    requests: tuple[str, ...] = ("r1",),
    usd: str | None = "1.000000",
    **fields: Any,
) -> dict[str, Any]:
    found = {"kind": kind, "session_id": session, "requests": list(requests), "wasted_usd": usd}
    return {**found, "cause": None, "advice_value_usd": None, "explanation": "", **fields}


def _judged(home: Written, *findings: dict[str, Any]) -> Result:
    result = Result()
    judge(home, {"spend_usd": "10.000000", "findings": list(findings)}, result)
    return result


def test_a_finding_that_shares_a_request_is_a_hit() -> None:
    score = _judged(_home(_label()), _finding(requests=("r2", "r3"), usd="1.1")).kinds["polling"]
    assert (score.hits, score.false_alarms, score.positives) == (1, 0, 1)
    assert score.precision == 1 and score.recall == 1
    assert score.money_error == pytest.approx(0.1)


def test_a_finding_elsewhere_in_the_session_is_a_false_alarm_and_a_miss() -> None:
    result = _judged(_home(_label()), _finding(requests=("r3",)))
    score = result.kinds["polling"]
    assert (score.hits, score.false_alarms) == (0, 1)
    assert score.precision == 0 and score.recall == 0
    assert sorted(miss.how for miss in result.misses) == ["false alarm", "missed"]


def test_a_finding_without_requests_is_matched_by_session() -> None:
    label = _label("no-output", requests=frozenset(), money=0)
    home = _home(label, kinds=("no-output",))
    assert _judged(home, _finding("no-output", "s1", (), None)).kinds["no-output"].hits == 1
    assert _judged(home, _finding("no-output", "s2", (), None)).kinds["no-output"].false_alarms == 1


def test_a_hit_that_takes_in_other_requests_is_noted() -> None:
    result = _judged(_home(_label()), _finding(requests=("r1", "r2", "r3")))
    assert result.kinds["polling"].hits == 1
    assert [(miss.how, miss.details["beyond"]) for miss in result.misses] == [("wide", 1)]


def test_findings_of_one_label_are_one_hit_and_their_money_is_added_up() -> None:
    findings = (_finding(requests=("r1",), usd="0.4"), _finding(requests=("r2",), usd="0.5"))
    score = _judged(_home(_label()), *findings).kinds["polling"]
    assert (score.hits, score.false_alarms) == (1, 0)
    assert score.money_error == pytest.approx(0.1)


def test_one_finding_for_two_labels_finds_both() -> None:
    labels = (_label(requests=frozenset({"r1"})), _label(requests=frozenset({"r2"})))
    score = _judged(_home(*labels), _finding(requests=("r1", "r2"), usd="2")).kinds["polling"]
    assert (score.hits, score.positives, score.false_alarms) == (2, 2, 0)
    assert score.money_error == 0


def test_a_label_of_little_money_is_neither_a_hit_nor_a_miss() -> None:
    home = _home(_label(small=True, money=1))
    for findings in ((), (_finding(),)):
        score = _judged(home, *findings).kinds["polling"]
        assert (score.positives, score.hits, score.false_alarms, score.small) == (0, 0, 0, 1)


def test_a_negative_that_is_found_counts_once() -> None:
    home = _home(_label(session="s2", positive=False, requests=frozenset(), money=0, language="de"))
    result = _judged(home, _finding(session="s2", requests=("r4",)))
    score = result.kinds["polling"]
    assert (score.negatives, score.alarmed, score.false_alarms) == (1, 1, 1)
    assert result.languages["de"].false_alarms == 1
    assert not _judged(home).misses


def test_findings_of_other_kinds_are_not_judged() -> None:
    score = _judged(_home(_label()), _finding("loop")).kinds["loop"]
    assert (score.false_alarms, score.elsewhere, score.positives) == (0, 1, 0)


def test_money_of_sessions_with_many_patterns_is_no_measure_of_a_kind() -> None:
    home = _home(_label(), kinds=("loop", "polling"))
    result = _judged(home, _finding(usd="0.5"))
    assert result.kinds["polling"].money_error is None
    assert result.kinds["polling"].hits == 1
    assert result.mixed.bias == pytest.approx(-0.5)


def test_what_advice_is_worth_stands_for_its_claim() -> None:
    label = _label("wrong-cache-lifetime", requests=frozenset(), money=2 * PICO)
    home = _home(label, kinds=("wrong-cache-lifetime",))
    finding = _finding("wrong-cache-lifetime", None, (), "0.000000", advice_value_usd="2.02")
    assert _judged(home, finding).kinds["wrong-cache-lifetime"].money_error == pytest.approx(0.01)


def test_causes_are_compared() -> None:
    home = _home(_label("cache-broken", cause="model-switch"), kinds=("cache-broken",))
    for cause, right in (("model-switch", 1), ("client", 0)):
        score = _judged(home, _finding("cache-broken", cause=cause)).kinds["cache-broken"]
        assert (score.causes, score.causes_right) == (1, right)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([_finding(usd="2.5")], "of requests'"),
        ([_finding(usd="4", requests=()), _finding(usd="3", requests=())], "of session s1"),
        ([_finding(usd="6", requests=()), _finding("loop", "s2", (), "5")], "claimed of 10"),
    ],
)
def test_more_than_was_spent_is_noticed(findings: list[dict[str, Any]], words: str) -> None:
    laws = _judged(_home(_label()), *findings).laws
    assert any(words in law for law in laws), laws


def test_the_law_holds_where_it_does() -> None:
    findings = (_finding(usd="2"), _finding("loop", "s2", ("r4",), "4"))
    assert not _judged(_home(_label()), *findings).laws


def test_wilson_intervals() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(40, 40)
    assert low == pytest.approx(0.9124, abs=1e-3) and high == 1
    low, high = wilson(5, 10)
    assert low == pytest.approx(0.2366, abs=1e-3) and high == pytest.approx(0.7634, abs=1e-3)


def test_the_table_holds_kinds_and_targets() -> None:
    result = _judged(_home(_label(language="en")), _finding())
    text = table.report(result, 5, 1)
    assert "| polling | 1 | 0 | 1.000 (0.21–1.00) | 1.000 (0.21–1.00) | 0.0% |" in text
    assert "generator's own, not people's" in text and "All targets are met" in text
    missed = _judged(_home(_label(language="en")))
    assert table.misses(missed)[:2] == [
        "polling: precision – < 0.99",
        "polling: recall 0.000 < 0.98",
    ]
    assert table.document(missed, 5)["cases"]


def test_money_of_documents_is_exact() -> None:
    assert pico("0.000001") == 10**6
    assert pico(str(Decimal(123456789012345) / PICO)) == 123456789012345
    assert pico(None) == 0


@pytest.mark.xdist_group("evaluation")
def test_a_reduced_evaluation_meets_the_targets(tmp_path: Path) -> None:
    """Read a fifth of all cases with the program: about half a minute."""
    jobs = min(4, os.cpu_count() or 1)
    written = write_all(tmp_path, (), 5, quick=True, jobs=jobs)
    documents = ask_all(tmp_path, tuple(written), jobs)
    result = judge_all(written.values(), documents)
    assert not table.misses(result), table.report(result, 5, len(written))
