"""Work in a process of its own."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

import pytest

from tests import factories
from tokenwatch.cli.ahead import Ahead


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_result_comes_from_another_process() -> None:
    assert Ahead(os.getpid).result() not in (None, os.getpid())
    picture = factories.snapshot()
    assert Ahead(lambda: picture).result() == picture


def test_no_result_where_the_work_fails() -> None:
    def fail() -> NoReturn:
        raise SystemExit("no")

    assert Ahead(fail).result() is None
    assert Ahead(lambda: fail).result() is None, "can't be pickled"
    assert Ahead(lambda: os.kill(os.getpid(), signal.SIGTERM)).result() is None


def test_no_result_where_nothing_can_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    assert Ahead(lambda: 1).result() is None
