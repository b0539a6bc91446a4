"""By what sessions find each other, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenwatch.analysis.waste.attempts.returned import Again
from tokenwatch.store import likenesses
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.likenesses import BEGUN, LEFT, Task


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def task(session: int, turn: str, at_ms: int = 100, role: str = LEFT, *bands: int) -> Task:
    return Task(session, role, turn, f"p {turn}", at_ms - 10, at_ms, bands or (-5, 7))


def again(turn: str, at_ms: int = 5) -> Again:
    return Again(turn, at_ms, "p", ("repeated",), 500, 10, 5, 1, "no edits")


def count(ledger: Ledger, table: str) -> int:
    return int(ledger.sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_what_is_kept_is_found_by_any_band(ledger: Ledger) -> None:
    one, other = task(1, "a", 100, LEFT, -(2**63), 7), task(2, "b", 200, BEGUN, 7, 2**63 - 1)
    likenesses.keep(ledger, (), (one, other))
    assert likenesses.tasks(ledger, 1) == {one}
    assert set(likenesses.near(ledger, (7,), 0, 1000)) == {one, other}
    assert likenesses.near(ledger, (2**63 - 1, 3), 0, 1000) == [other]
    assert likenesses.near(ledger, (7,), 100, 199) == [one]
    assert likenesses.near(ledger, (7,), 101, 200) == [other]
    assert likenesses.near(ledger, (), 0, 1000) == []


def test_a_key_of_many_is_crowded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likenesses, "CROWD", 3)
    likenesses.keep(ledger, (), [task(n, "a", 100 * n, LEFT, 7, n + 10) for n in (1, 2)])
    assert likenesses.crowded(ledger, (7, 11, 99)) == frozenset()
    third = task(3, "a", 1, BEGUN, 7)
    likenesses.keep(ledger, (), (third,))
    assert likenesses.crowded(ledger, (7, 11, 99)) == {7}
    assert len(likenesses.near(ledger, (7,))) == 3
    likenesses.keep(ledger, (third,), ())
    assert likenesses.crowded(ledger, (7,)) == frozenset()


def test_what_is_gone_leaves_nothing(ledger: Ledger) -> None:
    begun, left = task(1, "a", role=BEGUN), task(1, "a")
    likenesses.keep(ledger, (), (begun, left))
    likenesses.keep(ledger, (begun,), (task(1, "b"),))
    assert likenesses.tasks(ledger, 1) == {left, task(1, "b")}
    assert count(ledger, "likenesses") == 4
    likenesses.keep(ledger, likenesses.tasks(ledger, 1), ())
    assert count(ledger, "tasks") == count(ledger, "likenesses") == 0


def test_who_has_to_be_looked_at_again(ledger: Ledger) -> None:
    first, second = {(1, "a"): again("a"), (2, "b"): again("b")}, {(2, "b"): again("b")}
    assert likenesses.set_returns(ledger, 9, "t", first) == {1, 2}
    assert likenesses.set_returns(ledger, 9, "t", first) == set()
    assert likenesses.set_returns(ledger, 9, "t", second) == {1}
    assert likenesses.set_returns(ledger, 9, "t", {(2, "b"): again("b", 6)}) == {2}
    assert likenesses.returning(ledger, 9) == {"t"}
    assert likenesses.set_returns(ledger, 9, "t", {}) == {2}
    assert likenesses.returning(ledger, 9) == set()


def test_the_first_who_came_back_counts(ledger: Ledger) -> None:
    likenesses.set_returns(ledger, 8, "late", {(1, "a"): again("a", 20)})
    likenesses.set_returns(ledger, 9, "early", {(1, "a"): again("a", 10), (1, "b"): again("b")})
    assert likenesses.again(ledger, 1) == (again("a", 10), again("b"))
    assert likenesses.again(ledger, 2) == ()


def test_of_two_at_once_the_same_counts_whatever_their_keys(ledger: Ledger) -> None:
    one, other = {(1, "a"): again("a")._replace(cost=1)}, {(1, "a"): again("a")._replace(cost=2)}
    likenesses.set_returns(ledger, 8, "turn of y", one)
    likenesses.set_returns(ledger, 9, "turn of x", other)
    assert [found.cost for found in likenesses.again(ledger, 1)] == [2]


def test_all_is_forgotten_together(ledger: Ledger) -> None:
    likenesses.keep(ledger, (), (task(1, "a"),))
    likenesses.set_returns(ledger, 9, "t", {(1, "a"): again("a")})
    likenesses.forget(ledger.sql)
    assert [count(ledger, name) for name in ("tasks", "likenesses", "returns")] == [0, 0, 0]


def test_a_prompt_that_is_not_known_tells_nothing(ledger: Ledger) -> None:
    assert likenesses.wording(ledger, "nobody").tokens == ()
