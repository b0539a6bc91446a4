"""Findings in documents: their words, what `--redact` leaves of them, Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import pytest

from tests.answers.test_waste import read
from tests.cli.wasteful import again, another, expired, failing
from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.answers.waste import Sum, Waste, waste
from tokenwatch.answers.waste_quota import WindowShare
from tokenwatch.export import findings
from tokenwatch.export.documents import Redaction
from tokenwatch.model import PICO
from tokenwatch.store.spend import Filter
from tokenwatch.store.unassessed import Failure

NOTHING = Waste(
    spent=0,
    sums={tier: Sum() for tier in Tier},
    findings=(),
    too_small=(),
    dismissed=(),
    muted=(),
    unread_sessions=0,
)
CENT = PICO // 100


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waste]:
    home = tmp_path_factory.mktemp("home")
    for number, make in enumerate((expired, again, failing)):
        make(another(number), project="/home/dev/hushhush").write(home / ".claude")
    desk = read(home)
    yield waste(desk.ledger, Filter())
    desk.close()


def test_sums_are_said_by_tier_and_never_as_one() -> None:
    sums = {
        Tier.PROVED: Sum(310 * CENT, 310 * CENT, 310 * CENT, 2),
        Tier.LIKELY: Sum(490 * CENT, 400 * CENT, 600 * CENT, 3),
        Tier.LOOK: Sum(),
    }
    said = findings.headline(replace(NOTHING, spent=4120 * CENT, sums=sums))
    assert said == (
        "could have been avoided, proved: $3.10 of $41.20",
        "could have been avoided, likely: about $4.90 of $41.20 (4.00 to 6.00)",
    )


def test_shares_of_a_plan_are_a_sentence_and_a_list() -> None:
    shares = (WindowShare("codex", "5h", 3.14159), WindowShare("codex", "7d", 1.0))
    plan = "of your plan, proved and likely together: about 3% of the 5h window, 1% of the week"
    assert findings.headline(NOTHING, shares)[-1] == plan
    assert plan in "\n".join(findings.markdown(NOTHING, {}, {}, UTC, 0, shares))
    assert findings.document(NOTHING, {}, shares)["plan_window_share"] == [
        {"source": "codex", "window": "5h", "percent": 3.14},
        {"source": "codex", "window": "7d", "percent": 1.0},
    ]
    assert findings.document(NOTHING, {})["plan_window_share"] == []
    assert len(findings.headline(NOTHING)) == 2


def test_little_is_not_said_to_be_nothing() -> None:
    sums = NOTHING.sums | {Tier.PROVED: Sum(CENT // 5, CENT // 5, CENT // 5, 1)}
    first, second = findings.headline(replace(NOTHING, spent=CENT * 3, sums=sums))
    assert first == "could have been avoided, proved: <$0.01 of $0.03"
    assert second == "could have been avoided, likely: about $0.00 of $0.03"


def test_notes_count_in_words(found: Waste) -> None:
    assert findings.notes(NOTHING) == []
    one, two = found.findings[:1], found.findings[:2]
    failed = (Failure(Kind.LOOP, (4,), "KeyError"), Failure(Kind.POLLING, (4, 5), ""))
    said = findings.notes(
        replace(
            NOTHING,
            too_small=one,
            dismissed=two,
            muted=(Kind.LOOP,),
            failed=failed,
            unpriced=1,
            unread_sessions=2,
        )
    )
    begins = (
        "1 finding under",
        "2 findings dismissed",
        "muted",
        "loop not looked for in 1 session:",
    )
    begins += ("polling not looked for in 2 sessions:", "1 request unpriced", "2 sessions not read")
    assert len(said) == len(begins)
    assert all(note.startswith(begin) for note, begin in zip(said, begins, strict=True))
    assert "(KeyError)" in said[3] and "()" not in said[4]


def test_nothing_private_is_left(found: Waste) -> None:
    hidden = findings.private(found, Redaction(on=True, secret="s"))
    assert findings.private(found, Redaction()) is found
    for word in ("hushhush", "balance", "Bash", "python"):
        assert word in repr(found) and word not in repr(hidden)
    for before, after in zip(found.findings, hidden.findings, strict=True):
        meaning = explained()[before.finding.kind]
        assert after.told.headline == meaning.title
        assert (after.wasted, after.low, after.high) == (before.wasted, before.low, before.high)
        assert after.requests == before.requests and after.finding.granted == before.finding.granted
        assert [e.at_ms for e in after.finding.evidence] == [
            e.at_ms for e in before.finding.evidence
        ]


def test_a_document_for_people_holds_every_proof(found: Waste) -> None:
    names = dict.fromkeys(range(1, 9), "a session")
    text = "\n".join(findings.markdown(found, names, {}, UTC, 0))
    assert text.count("\n## ") == len(found.findings)
    proofs = sum(len(each.finding.evidence) for each in found.findings)
    notes = len(findings.headline(found)) + len(findings.notes(found))
    assert text.count("\n- ") == proofs + notes
