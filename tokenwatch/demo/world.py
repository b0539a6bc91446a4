"""The show: five weeks of history, a full day, and six seats whose agents work for ever."""

from __future__ import annotations

from datetime import UTC, tzinfo
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from threading import Lock

from tokenwatch.demo import past, roles, script
from tokenwatch.demo.cast import Part
from tokenwatch.demo.live import LiveSigns
from tokenwatch.demo.quota import Quota
from tokenwatch.demo.script import ATLAS, HARBOR, LANTERN, MEADOW, PROJECTS, QUILL, Project
from tokenwatch.demo.stage import Stage

_MINUTE_MS = 60_000
KEPT_DAYS = 365

_OPENING: tuple[tuple[roles.Role, Project, int], ...] = (
    (roles.conductor, ATLAS, 52),
    (roles.codex_pair, LANTERN, 38),
    (roles.looper, HARBOR, 21),
    (roles.sleeper, MEADOW, 31),
    (roles.asker, QUILL, 27),
    (roles.unpriced, ATLAS, 12),
)
"""Who sits in the seats as the demo opens, and for how many minutes already."""

_ENDED_TODAY = ((script.OPUS, HARBOR, 190, 9, 1), (script.GPT, MEADOW, 140, 6, 0))
"""Sessions that are over: model, project, minutes ago, turns, breaks."""

_LATER = (
    roles.conductor,
    roles.codex_pair,
    roles.ordinary,
    roles.asker,
    roles.ordinary,
    roles.looper,
    roles.sleeper,
)


class Demo:
    """Invented sessions, written as the two clients would write them.

    Deterministic: the same seed and start give the same logs for any sequence of `advance` calls
    that ends at the same instant; only the live signs name the process and tell the latest state.
    Every method may be called from any thread.
    """

    def __init__(self, folder: Path, *, seed: int, start_ms: int, zone: tzinfo = UTC) -> None:
        """Plan the show below `folder`, which need not exist. Nothing is written yet.

        zone: where the invented people live, who work by day.
        """
        self.claude_root = folder / ".claude"
        self.codex_root = folder / ".codex"
        self._seed, self._start_ms, self._zone = seed, start_ms, zone
        self._stage = Stage(
            claude_root=self.claude_root, codex_root=self.codex_root, quota=Quota(start_ms)
        )
        self._signs = LiveSigns(self._stage)
        self._mutex = Lock()
        self._closed = self._has_settings = False
        self._due: list[tuple[int, int]] = []
        self._parts: list[Part] = []
        self._plan()

    def backfill(self) -> None:
        """Write all that happened before the start: five weeks of history, and today.

        Files carry the times of their last records. Raises OSError.
        """
        self.advance(self._start_ms)

    def advance(self, now_ms: int) -> None:
        """Write whatever happened up to now; time that went backwards adds nothing.

        Does nothing once closed. Raises OSError.
        """
        with self._mutex:
            if self._closed:
                return
            if not self._has_settings:
                self._write_settings()
            while self._due and self._due[0][0] <= now_ms:
                _, number = heappop(self._due)
                self._schedule(number)
            self._stage.disk.flush()
            self._signs.renew()

    def close(self) -> None:
        """End all running agents' live signs; the logs stay. May be called twice."""
        with self._mutex:
            self._closed = True
            self._signs.remove()

    def truth(self) -> dict[str, dict[str, int]]:
        """Return for each session the sums of what its logs hold so far, subagents included.

        Keys: input, cache_read, cache_write_5m, cache_write_1h, output, requests. A Codex
        subagent's spend is in its root thread's. What Claude Code's meter counts beyond the
        transcripts (the request that writes a compaction's summary) is not in it.
        """
        with self._mutex:
            tallies = self._stage.tallies.items()
            return {session: tally.sums() for session, tally in tallies if tally.requests}

    def _write_settings(self) -> None:
        """Let the client keep logs for longer than the past that is shown."""
        path = self.claude_root / "settings.json"
        self._stage.disk.replace(path, {"cleanupPeriodDays": KEPT_DAYS}, self._start_ms)
        self._has_settings = True

    def _plan(self) -> None:
        for number in range(len(_OPENING)):
            self._add(self._seat(number))
        for model, project, minutes, count, breaks in _ENDED_TODAY:
            at_ms = self._start_ms - minutes * _MINUTE_MS
            rng = self._stream(f"today {minutes}")
            part = roles.ordinary(
                self._stage,
                rng,
                at_ms,
                project=project,
                model=model,
                count=count,
                weight=2,
                breaks=breaks,
            )
            self._add(part)
        for part in past.sessions(self._stage, self._stream, self._start_ms, self._zone):
            self._add(part)

    def _seat(self, number: int) -> Part:
        """Let one session follow the other for ever, so that as many run as there are seats."""
        role, project, minutes = _OPENING[number]
        at_ms = self._start_ms - minutes * _MINUTE_MS
        rng = self._stream(f"seat {number}")
        at_ms = yield from role(self._stage, rng, at_ms, project=project, until_ms=self._start_ms)
        following = number
        while True:
            following += 1
            at_ms += rng.randint(6_000, 25_000)
            role, project = _LATER[following % len(_LATER)], rng.choice(PROJECTS)
            stream = self._stream(f"seat {number} session {following}")
            at_ms = yield from role(self._stage, stream, at_ms, project=project)

    def _stream(self, name: str) -> Random:
        return Random(f"{self._seed}:{self._start_ms}:{name}")

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        self._schedule(len(self._parts) - 1)

    def _schedule(self, number: int) -> None:
        """Let a part go on until it waits for its next instant."""
        at_ms = next(self._parts[number], None)
        if at_ms is not None:
            heappush(self._due, (at_ms, number))
