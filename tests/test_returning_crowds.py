"""Prompts that many sessions of a project begin with: no failures, and no cost of all with all."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from weakref import WeakSet

import pytest

from tests import cases
from tests.cases import Desk
from tests.cli import wasteful
from tests.cli.wasteful import Story, another
from tests.test_detection import said
from tests.test_returning import ASK, elsewhere, opened, read, work
from tokenwatch import detection
from tokenwatch.analysis.waste.attempts.returned import alike
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.detection import Detection
from tokenwatch.store import likenesses
from tokenwatch.wording import Wording


def routine(count: int, prompt: Callable[[int], str]) -> list[Story]:
    """Return sessions that each rewrite what the one before did."""
    return [
        work(n, prompt(n), days=n / 4, old=f"v{n - 1}", new=f"v{n}") for n in range(1, count + 1)
    ]


TEMPLATES: dict[str, Callable[[int], str]] = {
    "the same": lambda n: ASK,
    "a number": lambda n: f"fix the issue number {n} of the invoice table, then open a request",
    "a complaint": lambda n: "the nightly build of the invoice table is broken again, fix it",
    "a clear complaint": lambda n: f"this still doesn't work: {ASK}",
    "a command": lambda n: "/review-invoices all of the rows of the table",
    "go on": lambda n: "continue",
    "short": lambda n: "fix the tests",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_no_failures(name: str, tmp_path: Path) -> None:
    desk = read(tmp_path, routine(9, TEMPLATES[name]))
    assert elsewhere(desk) == []
    desk.close()


def crowd() -> list[Story]:
    stories = routine(6, lambda n: f"{ASK}, of the sheet number {n}")
    stories.append(work(7, f"still wrong: {ASK}", days=2, old="v6", new="v7"))
    stories.append(work(8, "rename the login handler of the shop", days=2, file="src/a.py"))
    return [*stories, work(9, "rename the login handler of the shop", days=3, file="src/a.py")]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("most", [3, 6, 9, 14])
def test_what_many_begin_with_tells_nothing_in_any_order(
    most: int, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likenesses, "CROWD", most)
    whole = read(tmp_path / "whole", crowd())
    expected = str(said(whole.ledger)).replace(str(tmp_path / "whole"), "")
    returns = kept_returns(whole)
    whole.close()
    home, order = tmp_path / "grown", Random(seed).sample(crowd(), 9)
    home.mkdir()
    desk = opened(home)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    for number, story in enumerate(order):
        story.write(home / ".claude")
        cases.rest(home, cases.REST_MS + number * 1000)
        desk.read()
        detection.assess()
    assert str(said(desk.ledger)).replace(str(home), "") == expected
    assert kept_returns(desk) == returns
    desk.close()


def kept_returns(desk: Desk) -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for row in desk.ledger.sql.execute(
            "SELECT o.id, r.later_turn, s.id, r.turn_id, r.proof FROM returns r"
            " JOIN sessions s ON s.key = r.session JOIN sessions o ON o.key = r.later ORDER BY 1, 2"
        )
    ]


def test_a_crowd_costs_no_more_with_every_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likenesses, "CROWD", 6)
    compared = []

    def counted(one: Wording, other: Wording) -> bool:
        compared.append(1)
        return alike(one, other)

    monkeypatch.setattr("tokenwatch.store.returning.alike", counted)
    stories = routine(14, lambda n: ASK)
    home = tmp_path
    desk = opened(home)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    after = []
    for number, story in enumerate(stories):
        story.write(home / ".claude")
        cases.rest(home, cases.REST_MS + number * 1000)
        desk.read()
        detection.assess()
        after.append(len(compared))
    assert 0 < after[5] == after[-1]
    desk.close()


def test_sessions_that_were_looked_at_are_not_held_on_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long history only the last few are remembered, while what changed is still told."""
    monkeypatch.setattr(detection, "KEPT", 2)
    for number in range(1, 5):
        wasteful.again(another(number)).write(tmp_path / ".claude")
    cases.rest(tmp_path)
    desk = opened(tmp_path).read()
    made: WeakSet[Fold] = WeakSet()
    init = Fold.__init__

    def noted(fold: Fold, *more: Any) -> None:
        init(fold, *more)
        made.add(fold)

    monkeypatch.setattr(Fold, "__init__", noted)
    looking = Detection(desk.ledger, now=lambda: desk.now_ms)
    news = looking.assess()
    gc.collect()
    assert {each.session_id for each in news} == {another(number) for number in range(1, 5)}
    assert len(made) <= 2
    desk.close()
