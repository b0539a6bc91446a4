"""However the logs are cut, ordered and interrupted, the ledger is the one of a single reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests import cases
from tests.cases import NAMES, NOW_MS, REST_MS, Desk, logs
from tokenwatch import sync
from tokenwatch.sources.claude_code import passes
from tokenwatch.sources.codex import reading
from tokenwatch.sources.source import Pass

IN_ORDER = {"codex-0.121.0/review"}
"""A reviewer of that version names no parent: that is found in its parent's older file."""
PASSES = ((Pass.USAGE,), (Pass.USAGE, Pass.DETAIL), (Pass.DETAIL,))


@cache
def _at_once(case: str) -> dict[str, list[tuple[Any, ...]]]:
    with TemporaryDirectory() as folder:
        home = cases.copy(case, Path(folder))
        desk = cases.read(home)
        found = cases.contents(desk.ledger, home)
        desk.close()
        return found


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file be read in many batches and transactions."""
    for module in (passes, reading):
        monkeypatch.setattr(module, "BATCH_EVENTS", 2)
        monkeypatch.setattr(module, "BATCH_BYTES", 20_000)
    monkeypatch.setattr(sync, "EVENTS_AT_ONCE", 3)
    monkeypatch.setattr(sync, "BYTES_AT_ONCE", 50_000)


class Growth:
    """Writes a case's files piece by piece."""

    def __init__(self, case: str, home: Path) -> None:
        self._whole = logs(case)
        self._home = home
        self._written = dict.fromkeys(self._whole, 0)
        self._in_order = case in IN_ORDER

    def unfinished(self) -> list[str]:
        left = [name for name, size in self._written.items() if size < len(self._whole[name])]
        return left[:1] if self._in_order else left

    def write(self, name: str, share: float, at_ms: int) -> None:
        """Append a share of what is left of a file."""
        data, done = self._whole[name], self._written[name]
        upto = done + max(1, round((len(data) - done) * share))
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(data[done:upto])
        os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
        self._written[name] = upto


def _steps(
    draw: Callable[[st.SearchStrategy[Any]], Any], growth: Growth
) -> Iterator[tuple[Pass, ...]]:
    """Let files grow, and yield the passes to be made in between."""
    for _ in range(draw(st.integers(1, 6))):
        for _ in range(draw(st.integers(1, 4))):
            left = growth.unfinished()
            if not left:
                return
            name = draw(st.sampled_from(left))
            # A file at rest may end without a line end, one that has just changed may not.
            moment = draw(st.sampled_from([REST_MS, REST_MS + 1, NOW_MS - 1000, NOW_MS]))
            growth.write(name, draw(st.floats(0, 1)), moment)
        yield draw(st.sampled_from(PASSES))
    while left := growth.unfinished():
        growth.write(left[0], 1.0, REST_MS + draw(st.integers(0, 9)))


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.usefixtures("small_batches")
def test_any_order_of_files(case: str) -> None:
    """Each file whole, one after the other; small ones that describe others first and last."""
    names = [name for name in logs(case) if name.endswith(".jsonl")]
    others = [name for name in logs(case) if not name.endswith(".jsonl")]
    orders = [tuple(names)] if case in IN_ORDER else permutations(names)
    for order in orders:
        for whole in ([*others, *order], [*order, *others]):
            with TemporaryDirectory() as folder:
                home = Path(folder)
                growth, desk = Growth(case, home), Desk.open(home)
                for name in whole:
                    growth.write(name, 1.0, REST_MS)
                    desk.read()
                _is_as_at_once(case, desk, home)
                desk.close()


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.usefixtures("small_batches")
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(history=st.data())
def test_any_cut_any_restart(case: str, history: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        desk = Desk.open(home)
        growth = Growth(case, home)
        for which in _steps(history.draw, growth):
            desk.read(*which)
            if history.draw(st.booleans()):
                note("restart")
                desk.close()
                desk = Desk.open(home)
        desk.read(*history.draw(st.sampled_from([tuple(Pass), tuple(reversed(Pass))])))
        _is_as_at_once(case, desk, home)
        desk.close()


def _is_as_at_once(case: str, desk: Desk, home: Path) -> None:
    found = cases.contents(desk.ledger, home)
    for table, rows in _at_once(case).items():
        assert found[table] == rows, f"{case}: {table}"
    assert cases.rollup(desk.ledger) == cases.rollup_of_requests(desk.ledger)
