"""Scanners find what reading in one process finds, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cases
from tests.cases import Desk
from tokenwatch import scanners, sync
from tokenwatch.events import Bookmark
from tokenwatch.found import LogFile
from tokenwatch.scanners import Failed, Job, Lost, Scanners
from tokenwatch.sources import source
from tokenwatch.sources.source import Pass
from tokenwatch.store.wordings import unpacked

SESSION = "5b8f7f51-0c51-4a39-9e0b-0f5c7ad2d001"
SAID = {
    "type": "user", "uuid": "1d3f0c3e-7d5e-4a3c-8a3e-6a0c5a6f0001", "sessionId": SESSION,
    "parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/x",
    "version": "2.1.330", "timestamp": "2026-11-20T10:00:00.000Z",
    "message": {"role": "user", "content": "Zefix nomoi, schau auf das Formular"},
}  # fmt: skip
CASE = "claude-2.1.330/subagents"
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def both() -> Iterator[Scanners]:
    started = Scanners(2)
    yield started
    started.close()


def jobs(home: Path, which: Pass) -> list[Job]:
    found = source("claude-code").find(home / ".claude").files
    return [Job(file, None, which, cases.NOW_MS) for file in found]


@pytest.mark.parametrize("which", list(Pass))
def test_the_same_is_found(home: Path, both: Scanners, which: Pass) -> None:
    cases.copy(CASE, home)
    wanted = {
        job.log.path: list(source("claude-code").read(job.log, None, which, now_ms=job.now_ms))
        for job in jobs(home, which)
    }
    for _ in range(2):
        found: dict[str, list[object]] = {}
        ended = []
        for job, batch in both.read(jobs(home, which)):
            (ended if batch is None else found.setdefault(job.log.path, [])).append(batch)
        assert found == {path: batches for path, batches in wanted.items() if batches}
        assert len(ended) == len(wanted) and any(wanted.values())


def test_a_ledger_is_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in (CASE, "codex-0.169.0/compact", "claude-2.1.330/fork"):
        cases.copy(case, home)
    alone = cases.read(home).rows()
    monkeypatch.setattr(sync, "ALONE_BYTES", 0)
    started: list[Scanners] = []

    def start() -> Scanners:
        started.append(Scanners(2))
        return started[-1]

    desk = Desk.open(home, path=home / "other" / "ledger.sqlite", scanners=start)
    desk.read()
    desk.sync.close()
    assert len(started) == 1
    assert desk.rows() == alone


def test_they_know_what_the_user_calls_a_complaint(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, source_of in enumerate((lambda: None, lambda: Scanners(2))):
        for words, wanted in (((), 0), (("zefix nomoi",), 1)):
            place = home / f"{number}{wanted}"
            (place / ".claude" / "projects" / "-x").mkdir(parents=True)
            log = place / ".claude" / "projects" / "-x" / f"{SESSION}.jsonl"
            log.write_text(json.dumps(SAID) + "\n")
            monkeypatch.setattr(sync, "ALONE_BYTES", 0)
            desk = Desk.open(place, scanners=source_of, complaints=words).read()
            desk.sync.close()
            packed = desk.ledger.sql.execute("SELECT wording FROM prompts").fetchone()[0]
            assert unpacked(packed).complaint == wanted


def test_what_cannot_be_read_is_said(home: Path, both: Scanners) -> None:
    cases.copy(CASE, home)
    first, second, *others = jobs(home, Pass.USAGE)
    missing = first._replace(log=_elsewhere(first, home / "missing.jsonl"))
    folder = second._replace(log=_elsewhere(second, home))
    found = {job.log.path: what for job, what in both.read([missing, folder, *others])}
    assert found[str(home / "missing.jsonl")] == Failed(
        missing=True,
        why=f"FileNotFoundError: [Errno 2] No such file or directory: '{home / 'missing.jsonl'}'",
    )
    refused = found[str(home)]
    assert isinstance(refused, Failed) and not refused.missing
    assert all(what is None for path, what in found.items() if path.endswith("0.jsonl"))


def test_a_name_that_is_no_text_is_left_to_others(home: Path, both: Scanners) -> None:
    cases.copy(CASE, home)
    job = next(job for job in jobs(home, Pass.USAGE) if "/agent-" in job.log.path)
    odd = Path(os.fsdecode(os.fsencode(home) + b"/agent-\xe9.jsonl"))
    odd.write_bytes(Path(job.log.path).read_bytes())
    (answer,) = both.read([job._replace(log=_elsewhere(job, odd))])
    assert answer[1] == Lost()


def test_scanners_that_were_killed_lose_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.copy(CASE, home)
    alone = cases.read(home).rows()
    monkeypatch.setattr(sync, "ALONE_BYTES", 0)

    def start() -> Scanners:
        started = Scanners(2)
        for one in started._all:
            os.kill(one._pid, signal.SIGKILL)
        return started

    desk = Desk.open(home, path=home / "other" / "ledger.sqlite", scanners=start)
    desk.read()
    assert desk.rows() == alone
    desk.sync.close()


def test_many_jobs_with_large_memories(home: Path, both: Scanners) -> None:
    """Jobs and results that don't fit into pipes at once hold nobody up."""
    cases.copy(CASE, home)
    log = jobs(home, Pass.USAGE)[0].log
    mark = Bookmark(offset=0, line=0, head="0:", anchor="0:", state=b"x" * 20_000)
    many = [Job(log, mark, Pass.USAGE, cases.NOW_MS)] * 500
    assert sum(found is None for _, found in both.read(many)) == len(many)


def test_who_stops_asking_ends_them(home: Path, both: Scanners) -> None:
    cases.copy(CASE, home)
    reading = both.read(jobs(home, Pass.USAGE))
    next(reading)
    reading.close()
    assert both._all == []
    assert {type(what) for _, what in both.read(jobs(home, Pass.USAGE))} == {Lost}


def test_one_core_reads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert scanners.start() is None


def _elsewhere(job: Job, path: Path) -> LogFile:
    return job.log._replace(path=str(path))
