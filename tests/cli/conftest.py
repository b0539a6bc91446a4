"""Boxes for the commands' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.box import NOW_MS, Box
from tokenwatch.demo import Demo


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """An empty one."""
    return Box(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The logs of ten days and some agents that are at work; read only."""
    show = Demo(tmp_path_factory.mktemp("demo"), seed=1, start_ms=NOW_MS)
    show.backfill()
    yield show
    show.close()


@pytest.fixture(scope="session")
def full(demo: Demo) -> Box:
    """A box on the demo's logs, with a ledger that is up to date."""
    found = Box(demo.claude_root.parent)
    assert found.run("sessions").code == 0
    return found
