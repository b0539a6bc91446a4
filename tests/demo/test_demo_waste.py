"""What goes wrong in the demo is found, in natural proportions, and while it happens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from demo_files import MINUTE_MS, START_MS, claude_logs

from tokenwatch.analysis.waste.finding import Finding, Kind, Tier
from tokenwatch.cli.demo import demo_roots
from tokenwatch.demo import Demo
from tokenwatch.detection import Detection
from tokenwatch.overview import Overview
from tokenwatch.pricing import PriceBook
from tokenwatch.snapshot import Snapshot
from tokenwatch.sources.roots import live_signs
from tokenwatch.sources.source import Pass
from tokenwatch.store import spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter
from tokenwatch.sync import Sync
from tokenwatch.watching import Watching

WEEK_MS = 7 * 24 * 60 * MINUTE_MS
ONCE_A_WEEK = {
    *(Kind.CACHE_EXPIRED, Kind.CACHE_BROKEN, Kind.REPEATED_ATTEMPTS, Kind.STALE_CONTEXT),
    *(Kind.INTERRUPTED_WORK, Kind.OVERSIZED_RESULT, Kind.FIXED_OVERHEAD, Kind.LOOP, Kind.POLLING),
    *(Kind.REDUNDANT_READ, Kind.OVERSIZED_MODEL, Kind.UNREQUESTED_FILES, Kind.NO_OUTPUT),
}


class Found(NamedTuple):
    """A finding of the last week, with its session."""

    session: str
    project: str
    finding: Finding


class Watched:
    """The demo, read and looked through again and again as the monitor does it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.demo = Demo(folder, seed=seed, start_ms=START_MS)
        self.demo.backfill()
        self.now_ms = START_MS
        self.ledger = Ledger.open(folder / "ledger.sqlite")
        self._sync = Sync(
            self.ledger, demo_roots(self.demo), PriceBook(), titles="full", now=self.now
        )
        self._detection = Detection(self.ledger, now=self.now)
        self._watching = Watching(self.ledger, START_MS)
        self._findings: dict[tuple[str, Kind, str], Finding] = {}

    def now(self) -> int:
        return self.now_ms

    def look(self, after_ms: int) -> Snapshot:
        """Return the picture so long after the start."""
        self.now_ms = START_MS + after_ms
        self.demo.advance(self.now_ms)
        self._sync.look()
        for which in Pass:
            self._sync.read(which)
        news = list(self._detection.assess())
        for each in news:
            for (kind, key), finding in each.changed.items():
                self._findings.pop((each.session_id, kind, key), None)
                if finding is not None:
                    self._findings[each.session_id, kind, key] = finding
        self._watching.take(news, self.now_ms)
        overview = Overview(self.ledger, PriceBook(), ZoneInfo("UTC"), "UTC")
        signs = live_signs(self._sync.roots)
        snapshot = overview.snapshot(signs, self.now_ms, is_demo=True)
        return self._watching.shown(snapshot, self.now_ms)

    def found(self) -> list[Found]:
        """Return what there is by now of the last week, apart from what other sessions decide."""
        projects = dict(self.ledger.sql.execute("SELECT id, project FROM sessions"))
        return [
            Found(session, str(projects[session]), finding)
            for (session, _, _), finding in self._findings.items()
            if finding.last_ms >= START_MS - WEEK_MS
        ]

    def close(self) -> None:
        self.ledger.close()
        self.demo.close()


@pytest.fixture(scope="module", params=[1, 2])
def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Watched, dict[int, Snapshot]]]:
    """The demo two minutes after its start, and the pictures that it gave until then."""
    one = Watched(tmp_path_factory.mktemp("waste"), request.param)
    pictures = {second: one.look(second * 1_000) for second in (0, 30, 60, 90, 120)}
    yield one, pictures
    one.close()


def test_everything_that_is_common_went_wrong_in_the_last_week(
    watched: tuple[Watched, dict[int, Snapshot]],
) -> None:
    one, _ = watched
    found = one.found()
    assert {each.finding.kind for each in found} >= ONCE_A_WEEK
    assert len({each.project for each in found if each.finding.wasted}) == 5
    day_ms = 24 * 60 * MINUTE_MS
    assert len({each.finding.last_ms // day_ms for each in found if each.finding.wasted}) >= 5


def test_proportions_are_natural(watched: tuple[Watched, dict[int, Snapshot]]) -> None:
    one, _ = watched
    wasted: dict[Kind, int] = defaultdict(int)
    for each in one.found():
        if each.finding.tier is not Tier.LOOK:
            wasted[each.finding.kind] += each.finding.wasted
    spent = spend.total(one.ledger, Filter(START_MS - WEEK_MS, one.now_ms)).cost_pico
    assert 0.08 <= sum(wasted.values()) / spent <= 0.20
    rebuilds = wasted[Kind.CACHE_EXPIRED] + wasted[Kind.CACHE_BROKEN]
    assert rebuilds > sum(wasted.values()) / 2


def test_only_what_was_meant_to_fail_again_does(
    watched: tuple[Watched, dict[int, Snapshot]],
) -> None:
    one, _ = watched
    chains = [each for each in one.found() if each.finding.kind is Kind.REPEATED_ATTEMPTS]
    assert {each.finding.names["file"] for each in chains} == {"limits.py", "clean.py", "Cart.tsx"}
    assert len(chains) == 3


def test_an_attempt_fails_again_and_a_cache_runs_out_on_the_stage(
    watched: tuple[Watched, dict[int, Snapshot]],
) -> None:
    _, pictures = watched
    assert not pictures[0].notices
    assert all(row.warm is None or row.flags == () for row in pictures[0].sessions)
    flags = {
        second: {flag.words for row in picture.sessions for flag in row.flags}
        for second, picture in pictures.items()
    }
    assert "3 attempts" not in flags[30]
    assert "3 attempts" in flags[60] & flags[120]
    assert [notice.kind for notice in pictures[60].notices] == ["repeated-attempts"]
    assert {notice.kind for notice in pictures[120].notices} == {"repeated-attempts"}
    (soon,) = (
        row.warm
        for row in pictures[0].sessions
        if row.warm and row.warm.expires_ms < START_MS + 4 * MINUTE_MS
    )
    assert soon.tokens >= 60_000
    assert START_MS + 125_000 < soon.expires_ms < START_MS + 180_000


def test_what_was_changed_by_hand_is_in_the_transcripts(
    watched: tuple[Watched, dict[int, Snapshot]],
) -> None:
    one, _ = watched
    switches = stops = introduced = 0
    for log in claude_logs(one.demo):
        models = [r["message"]["model"] for r in log if r["type"] == "assistant"]
        commands = [r["commandRun"] for r in log if r.get("subtype") == "local_command"]
        assert [command["args"] for command in commands] == list(dict.fromkeys(models))[1:]
        switches += len(commands)
        stops += sum(r.get("toolDenialKind") == "interrupted" for r in log)
        introduced += sum(r["type"] == "attachment" for r in log)
    assert switches >= 2
    assert stops >= 1
    assert introduced >= 50
