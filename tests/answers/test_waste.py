"""What was found: ranges, sums by session, verdicts, groups, quotes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests import cases
from tests.cases import Desk
from tests.cli.wasteful import BEGIN_MS, MINUTE, again, another, expired, failing
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.answers import waste as answers
from tokenwatch.answers.quotes import quotes
from tokenwatch.answers.waste import VERDICTS_TO_MUTE, Shown, by_session, waste
from tokenwatch.answers.waste_groups import grouped
from tokenwatch.detection import Detection
from tokenwatch.store import findings, histories, spend, unassessed
from tokenwatch.store.findings import Verdict
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter


def read(home: Path, **more: object) -> Desk:
    """Read logs, and look for all that could have been avoided."""
    cases.rest(home)
    desk = cases.read(home, **more)
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    return desk


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Twelve sessions in three projects; for reading only."""
    home = tmp_path_factory.mktemp("many")
    for number in range(4):
        at_ms = BEGIN_MS - number * 700 * MINUTE
        expired(another(number), at_ms=at_ms, project="/home/dev/a").write(home / ".claude")
        failing(another(number + 10), project="/home/dev/b").write(home / ".claude")
        again(another(number + 20), project="/home/dev/c").write(home / ".claude")
    desk = read(home)
    yield desk
    desk.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two sessions with caches that expired, one with repeated attempts."""
    for number in range(2):
        expired(another(number)).write(tmp_path / ".claude")
    again(another(2)).write(tmp_path / ".claude")
    found = read(tmp_path)
    yield found
    found.close()


def filters(seed: int) -> list[Filter]:
    """Return filters that cut sessions anywhere."""
    rng = Random(seed)
    found = [Filter()]
    for _ in range(40):
        since, until = sorted(rng.randrange(-2200, 60) for _ in range(2))
        found.append(
            Filter(
                since_ms=rng.choice([None, BEGIN_MS + since * MINUTE]),
                until_ms=rng.choice([None, BEGIN_MS + until * MINUTE + rng.randrange(MINUTE)]),
                source=rng.choice([None, None, "claude-code", "codex"]),
                project=rng.choice([None, None, "/home/dev/a", "/home/dev"]),
                model=rng.choice([None, None, "opus", "haiku"]),
            )
        )
    return found


@pytest.mark.parametrize("where", filters(1), ids=str)
def test_sums_by_session_are_those_of_the_findings(many: Desk, where: Filter) -> None:
    found = waste(many.ledger, where)
    spent = spend.by_session(many.ledger, where)
    parts: dict[int, dict[Tier, int]] = {key: dict.fromkeys(Tier, 0) for key in spent}
    for each in (*found.findings, *found.too_small):
        for key, amount in each.parts:
            parts[key][each.finding.tier] += amount
    owners = findings.owners(many.ledger)
    sums = by_session(many.ledger, where)
    assert sums == {owners[key]: tiers for key, tiers in parts.items()}
    for key, tiers in parts.items():
        assert sum(tiers.values()) <= spent[key].cost_pico
    for tier in Tier:
        assert found.sums[tier].wasted == sum(tiers[tier] for tiers in parts.values())
    claimed = sum(each.wasted for each in found.sums.values())
    assert claimed <= found.spent == sum(each.cost_pico for each in spent.values())


@pytest.mark.parametrize("where", filters(2), ids=str)
def test_a_finding_in_range_claims_only_what_counts(many: Desk, where: Filter) -> None:
    whole = {each.id: each for each in waste(many.ledger, Filter()).findings}
    found = waste(many.ledger, where)
    for each in (*found.findings, *found.too_small):
        all_of_it = whole.get(each.id)
        assert each.finding.wasted <= each.high
        if all_of_it is not None:
            assert set(each.requests) <= set(all_of_it.requests)
            assert each.finding.wasted <= all_of_it.finding.wasted
            assert each.low <= all_of_it.low and each.high <= all_of_it.high
        requests = findings.requests(many.ledger, [key for key, _ in each.finding.granted])
        for request in requests.values():
            assert where.since_ms is None or request.at_ms >= where.since_ms
            assert where.until_ms is None or request.at_ms < where.until_ms


def _only(desk: Desk, kind: Kind) -> Shown:
    (one,) = [each for each in waste(desk.ledger, Filter()).findings if each.finding.kind is kind]
    return one


def test_what_is_fine_counts_for_nothing(desk: Desk) -> None:
    before = waste(desk.ledger, Filter())
    one = _only(desk, Kind.REPEATED_ATTEMPTS)
    verdict = Verdict(one.finding.kind, one.finding.signature, one.id, "fine", desk.now_ms)
    findings.judge(desk.ledger, verdict)
    after = waste(desk.ledger, Filter())
    assert [each.id for each in after.dismissed] == [one.id]
    assert one.id not in {each.id for each in after.findings}
    gone = before.sums[Tier.LIKELY].wasted - after.sums[Tier.LIKELY].wasted
    assert gone == one.wasted and after.spent == before.spent
    sums = by_session(desk.ledger, Filter())
    assert sum(t[Tier.LIKELY] for t in sums.values() if t) == after.sums[Tier.LIKELY].wasted
    findings.judge(desk.ledger, verdict._replace(verdict="waste"))
    assert waste(desk.ledger, Filter()).sums == before.sums
    findings.unjudge(desk.ledger, verdict.kind, verdict.signature)
    assert waste(desk.ledger, Filter()) == before


def test_findings_with_one_signature_are_judged_alike(desk: Desk) -> None:
    found = waste(desk.ledger, Filter()).findings
    two = [each for each in found if each.finding.kind is Kind.CACHE_EXPIRED]
    assert len(two) == 2 and len({each.finding.signature for each in two}) == 1
    verdict = Verdict(Kind.CACHE_EXPIRED, two[0].finding.signature, two[0].id, "fine", 1)
    findings.judge(desk.ledger, verdict)
    assert len(waste(desk.ledger, Filter()).dismissed) == 2


@pytest.mark.parametrize("fine", range(3, 6))
def test_a_kind_that_is_wrong_too_often_is_muted(desk: Desk, fine: int) -> None:
    words = ["fine"] * fine + ["waste"] * (VERDICTS_TO_MUTE - fine)
    for number, word in enumerate(words):
        verdict = Verdict(Kind.CACHE_EXPIRED, f"other {number}", "id", word, number)
        assert waste(desk.ledger, Filter()).muted == ()
        findings.judge(desk.ledger, verdict)
    found = waste(desk.ledger, Filter())
    is_muted = fine > VERDICTS_TO_MUTE / 2
    assert found.muted == ((Kind.CACHE_EXPIRED,) if is_muted else ())
    shown = {each.finding.kind for each in found.findings}
    assert (Kind.CACHE_EXPIRED in shown) == (not is_muted)
    assert bool(found.sums[Tier.PROVED].wasted) == (not is_muted)
    sums = by_session(desk.ledger, Filter())
    assert sum(t[Tier.PROVED] for t in sums.values() if t) == found.sums[Tier.PROVED].wasted


def test_findings_of_a_kind_are_one_group(many: Desk) -> None:
    found = waste(many.ledger, Filter())
    groups = grouped(found.findings)
    assert [each.id for group in groups for each in group.findings] != []
    members = {each.id for group in groups for each in group.findings}
    assert members == {each.id for each in found.findings}
    assert sum(len(group.findings) for group in groups) == len(members)
    for group in groups:
        assert {each.finding.kind for each in group.findings} == {group.kind}
        if group.tier is Tier.LOOK:
            assert group.wasted is None
        else:
            assert group.wasted == sum(each.wasted or 0 for each in group.findings)
    claimed = [group.wasted or 0 for group in groups]
    assert claimed == sorted(claimed, reverse=True)
    assert len({group.key for group in groups}) == len(groups)


def test_a_session_waits_until_its_details_are_read(tmp_path: Path) -> None:
    expired().write(tmp_path / ".claude")
    cases.rest(tmp_path)
    from tokenwatch.sources.source import Pass

    desk = Desk.open(tmp_path).read(Pass.USAGE)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    assert detection.due() == [] == detection.assess()
    assert waste(desk.ledger, Filter()).unread_sessions == 1
    assert list(by_session(desk.ledger, Filter()).values()) == [None]
    desk.read(Pass.DETAIL)
    assert len(detection.due()) == 1
    detection.assess()
    assert waste(desk.ledger, Filter()).unread_sessions == 0
    (sums,) = by_session(desk.ledger, Filter()).values()
    assert sums is not None and sums[Tier.PROVED] > 0
    desk.close()


def test_failures_are_kept_until_they_are_gone(desk: Desk) -> None:
    keys = sorted(findings.owners(desk.ledger))
    with desk.ledger.transaction():
        unassessed.mark_all(desk.ledger.sql)
    for key in keys[:2]:
        with desk.ledger.transaction():
            due = unassessed.is_due(desk.ledger, key, desk.now_ms)
            assert due is not None
            failed = {Kind.POLLING: "TypeError: \x1b" + "x" * 300, Kind.LOOP: f"KeyError: {key}"}
            unassessed.done(desk.ledger, due, 9, is_over=True, failed=failed)
    loop, polling = unassessed.failures(desk.ledger)
    assert (loop.kind, loop.sessions) == (Kind.LOOP, tuple(keys[:2]))
    assert loop.error == f"KeyError: {keys[0]}"
    assert polling.error == "TypeError: \ufffd" + "x" * 188
    (one,) = waste(desk.ledger, Filter(sessions=(keys[0],))).failed[:1]
    assert one.sessions == (keys[0],)
    assert waste(desk.ledger, Filter(sessions=(keys[2],))).failed == ()
    assert answers.failures(desk.ledger) == (loop, polling)
    with desk.ledger.transaction():
        unassessed.mark_all(desk.ledger.sql)
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    assert unassessed.failures(desk.ledger) == []


def test_failures_of_other_detectors_are_forgotten(desk: Desk) -> None:
    (key, *_) = findings.owners(desk.ledger)
    with desk.ledger.transaction():
        unassessed.mark_all(desk.ledger.sql)
        due = unassessed.is_due(desk.ledger, key, desk.now_ms)
        assert due is not None
        unassessed.done(desk.ledger, due, 9, is_over=True, failed={Kind.LOOP: "KeyError"})
        desk.ledger.set_meta("detectors", "older")
    assert unassessed.failures(desk.ledger)
    Detection(desk.ledger, now=lambda: desk.now_ms).due()
    assert unassessed.failures(desk.ledger) == []


@pytest.mark.parametrize("titles", ["full", "none"])
def test_quotes_are_titles_or_are_read_from_the_log(tmp_path: Path, titles: str) -> None:
    path = again().write(tmp_path / ".claude")
    desk = read(tmp_path, titles=titles)
    ids = _prompts(desk.ledger)
    found = quotes(desk.ledger, [*ids, "nobody's", ids[0]])
    assert list(found) and set(found) == set(ids)
    assert found[ids[0]] == "fix the balance column in balance_views.xml"
    path.unlink()
    assert len(quotes(desk.ledger, ids)) == (len(ids) if titles == "full" else 0)
    assert quotes(desk.ledger, []) == {}
    desk.close()


def _prompts(ledger: Ledger) -> list[str]:
    (key,) = findings.owners(ledger)
    return [prompt.id for turn in histories.turns(ledger, key) for prompt in turn.prompts]
