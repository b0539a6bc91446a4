"""What both passes know while they read on: the thread, and whether a record is its own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind
from tokenwatch.sources.codex import family, places
from tokenwatch.sources.codex.boundary import TURN_STARTS, Boundary
from tokenwatch.sources.codex.records import Record
from tokenwatch.sources.codex.thread import Thread, refresh, thread_of, thread_of_name
from tokenwatch.sources.values import text

NEEDED = frozenset(
    {"session_meta", "inter_agent_communication", "inter_agent_communication_metadata"}
)
"""Record types that must be decoded for this; so must turn starts."""


class TooEarly(Exception):
    """Whose the rest of the file is will be told by another file, which is still to be written."""


class Follow(msgspec.Struct):
    """The memory of one file's identity."""

    thread: Thread | None = None
    boundary: Boundary = msgspec.field(default_factory=Boundary)
    at_ms: int | None = None
    """Time of the latest record that has one."""
    first_ms: int | None = None

    def take(self, record: Record, log: LogFile, now_ms: int) -> bool:
        """Note a record; tell whether it is the thread's own. False while no thread is known.

        Raises TooEarly.
        """
        if record.at_ms is not None:
            self.at_ms = record.at_ms
            if self.first_ms is None:
                self.first_ms = record.at_ms
        if record.type == "session_meta":
            self._meta(record, log, now_ms)
        elif self.thread is None:
            self.thread = thread_of_name(log.path)
            if self.thread is not None:
                family.settle(self.thread, Path(log.root), now_ms)
        if self.thread is None:
            return False
        own = self.boundary.passes(record, self.thread, log.root, now_ms)
        if own and self.thread.review and record.kind in TURN_STARTS:
            self._find_reviewed(self.thread, record, log, now_ms)
        return own

    @property
    def own_from(self) -> int | None:
        """The ordinal from which on records of contents tell nothing here but their time.

        0 where any does; None where `take` must see them all.
        """
        if self.thread is None or self.thread.review or self.first_ms is None:
            return None
        return self.boundary.own_from

    def passed(self, at_ms: int | None) -> None:
        """Note the time of own records of contents that `take` has not seen."""
        if at_ms is not None:
            self.at_ms = self.boundary.last_ms = at_ms

    def time_of(self, record: Record, log: LogFile) -> int:
        """Return a record's time, or the best the file has where it states none."""
        known = record.at_ms or self.at_ms or (self.thread and self.thread.created_ms)
        return known or log.mtime_ns // 1_000_000

    def _meta(self, record: Record, log: LogFile, now_ms: int) -> None:
        if self.thread is not None and not self.thread.provisional:
            if text(record.payload.get("id")) == self.thread.id:
                refresh(self.thread, record.payload)
            return
        thread = thread_of(record, log.path, now_ms)
        if thread is None or (self.thread is not None and thread.id != self.thread.id):
            return
        family.settle(thread, Path(log.root), now_ms)
        thread.project = places.project(thread.cwd)
        if self.first_ms is None:
            self.first_ms = thread.created_ms
        self.thread = thread
        self.boundary.begin(thread, text(record.payload.get("forked_from_id")))

    def _find_reviewed(self, thread: Thread, record: Record, log: LogFile, now_ms: int) -> None:
        """Look at its first turn for the thread that a reviewer works for.

        Once, unless the reviewer is so young that the other's file may be still to come.
        """
        thread.review = False
        turn_id = text(record.payload.get("turn_id"))
        if turn_id is None or thread.session != thread.id:
            return
        found = family.reviewed_by_turn(thread, log.path, turn_id)
        if found is None and family.may_be_reviewed_yet(thread, now_ms):
            raise TooEarly
        if found is not None:
            thread.kind = AgentKind.AUXILIARY
            thread.parent_id, thread.session_id = found, None
            family.settle(thread, Path(log.root), now_ms)
