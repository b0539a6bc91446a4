"""What the screens ask of waste, from a ledger with findings of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeVar

import pytest

from tests.still import StillFeed
from tokenwatch.analysis.period import Period
from tokenwatch.analysis.waste.finding import Evidence, Kind
from tokenwatch.answers.moment import Moment, Question
from tokenwatch.answers.waste_view import (
    Asked,
    WasteView,
    beginnings,
    judge,
    place_of,
    projects,
    said_of,
    session_marks,
    waste_view,
)
from tokenwatch.watching import WORDS

T = TypeVar("T")
MONTH = Asked(Period("30d"))


class Asking:
    """Answers as the monitor does: from one state of the ledger."""

    def __init__(self, feed: StillFeed) -> None:
        self._feed = feed

    def ask(self, question: Question[T]) -> T:
        def read(moment: Moment) -> T:
            with moment.ledger.reading():
                return question(moment)

        return self._feed.ask(read)

    def view(self, asked: Asked = MONTH) -> WasteView:
        return self.ask(partial(waste_view, asked=asked))


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with StillFeed(tmp_path_factory.mktemp("waste")) as feed:
        yield Asking(feed)


def test_a_view_knows_whose_its_findings_are(asking: Asking) -> None:
    shown = asking.view()
    found = (*shown.waste.findings, *shown.waste.too_small)
    assert found and shown.looked > 10 and shown.waste.unread_sessions == 0
    assert {key for each in found for key in each.sessions} <= set(shown.names)
    assert shown.sources == ("claude-code", "codex")
    assert sum(each.wasted or 0 for each in found) <= shown.waste.spent


def test_the_period_before_is_compared_with(asking: Asking) -> None:
    assert asking.view(Asked(Period("all"))).before is None
    week = asking.view(Asked(Period("7d")))
    earlier = asking.view(Asked(Period("7d", 1)))
    assert week.before is not None
    assert (week.before.spent, week.before.sums) == (earlier.waste.spent, earlier.waste.sums)
    assert asking.view(Asked(Period("30d", 20))).before is None, "nothing was spent"


def test_of_one_source_and_project(asking: Asking) -> None:
    whole = asking.view()
    codex = asking.view(MONTH._replace(source="codex"))
    assert {each.source for each in codex.waste.findings} <= {"codex"}
    assert 0 < codex.looked < whole.looked and codex.sources == whole.sources
    known = asking.ask(partial(projects, asked=MONTH)).rows
    assert sum(row.sessions for row in known) == whole.looked
    assert sum(row.spend.cost_pico for row in known) == whole.waste.spent
    path = known[0].path
    assert path is not None
    one = asking.view(MONTH._replace(project=path))
    assert one.looked == known[0].sessions and one.waste.spent == known[0].spend.cost_pico


def test_a_verdict_is_learnt_for_all_alike_and_taken_back(asking: Asking) -> None:
    before = asking.view()
    shown = before.waste.findings[0]
    judged = asking.ask(partial(judge, said=said_of([shown], "fine")))
    assert [said.verdict for said in judged.before] == [None]
    after = asking.view()
    same = shown.finding.kind, shown.finding.signature
    alike = [f for f in before.waste.findings if (f.finding.kind, f.finding.signature) == same]
    assert {each.id for each in after.waste.dismissed} >= {each.id for each in alike}
    assert not {each.id for each in after.waste.findings} & {each.id for each in alike}
    agreed = asking.ask(partial(judge, said=said_of([shown], "waste")))
    assert [said.verdict for said in agreed.before] == ["fine"]
    asking.ask(partial(judge, said=judged.before))
    assert asking.view().waste == before.waste


def test_where_proof_lies(asking: Asking) -> None:
    shown = asking.view()
    single = next(each for each in shown.waste.findings if each.session_id is not None)
    line = next(line for line in single.finding.evidence if line.request_id or line.prompt_id)
    place = asking.ask(partial(place_of, line=line, otherwise="nobody"))
    assert place == (single.session_id, line.at_ms)
    unknown = Evidence(1, "?", request_id="msg_?", prompt_id="nothing")
    assert asking.ask(partial(place_of, line=unknown, otherwise="s")) == ("s", 1)


def test_marks_of_a_session(asking: Asking) -> None:
    shown = asking.view()
    single = next(
        each
        for each in shown.waste.findings
        if each.session_id is not None and each.finding.kind in WORDS
    )
    assert single.session_id is not None
    marks = asking.ask(partial(session_marks, session_id=single.session_id)).marks
    assert WORDS[single.finding.kind] in {mark.words for mark in marks}
    times = {line.at_ms for line in single.finding.evidence}
    assert times & {mark.at_ms for mark in marks}


def test_beginnings_of_prompts(asking: Asking) -> None:
    shown = asking.view()
    ids = tuple(
        line.prompt_id
        for each in shown.waste.findings
        if each.finding.kind is Kind.REPEATED_ATTEMPTS
        for line in each.finding.evidence
        if line.prompt_id
    )
    words = dict(asking.ask(partial(beginnings, ids=(*ids, "nothing"))).words)
    assert set(words) == set(ids) and all(words.values())
