"""Where a fork's own records begin.

A fork or a child with its parent's context may begin with copies of the parent's records: new
timestamps, old contents, token counts included. They were billed to the parent. What tells copies
from own records, best first:

1. `subagent_history_start_ordinal`: the first own ordinal.
2. `history_base`: nothing was copied.
3. Neither `forked_from_id` nor a foreign `session_meta` at the top: nothing was copied.
4. A message between agents that triggers a turn is the child's own.
5. A turn whose id (UUIDv7) is not older than the thread; for other ids, one that started in the
   thread's first second or later.
6. Logs whose turns say neither (or that have none, before 0.104): what the origin's log does not
   have from before the fork.
7. Where the origin's log is missing: a pause of more than a second. Copies are written at a stroke.

Until one of these decides, every record counts as copied.
"""

from __future__ import annotations

import msgspec

from tokenwatch.sources.codex.copies import COUNT, PROMPT, Copies, past_of
from tokenwatch.sources.codex.records import Record
from tokenwatch.sources.codex.thread import Thread, uuid7_ms
from tokenwatch.sources.values import text

STROKE_MS = 1_000
TURN_STARTS = frozenset({"task_started", "turn_started"})
MESSAGES = frozenset({"inter_agent_communication", "inter_agent_communication_metadata"})
_WORK = TURN_STARTS | {"token_count", "user_message", "item_completed"}


class Boundary(msgspec.Struct):
    """Decides record by record, in the file's order."""

    own: bool = True
    start_ordinal: int | None = None
    worked: bool = False
    """Something other than headers has been seen."""
    turns: bool = False
    """The copied part has turns that tell whose they are."""
    last_ms: int | None = None
    origin: str | None = None
    """The thread that was copied from."""
    alone: bool = False
    """The origin's log could not be read when it was needed."""
    copies: Copies = msgspec.field(default_factory=Copies)

    def begin(self, thread: Thread, forked_from: str | None) -> None:
        """Take the rules that the thread's own header decides."""
        self.origin = forked_from
        self.start_ordinal = thread.start_ordinal
        if self.start_ordinal is None:
            self.own = thread.history_base or forked_from is None
        else:
            self.own = False

    def passes(self, record: Record, thread: Thread, root: str, now_ms: int) -> bool:
        """Tell whether the record is the thread's own; remembers what later ones need.

        root: the home, where the origin's log is looked for if need be.
        """
        if self.start_ordinal is not None:
            if record.ordinal is not None:
                self.own = record.ordinal >= self.start_ordinal
        elif self.own:
            self._doubt(record, thread)
        else:
            self.own = self._starts(record, thread, root, now_ms)
        self.last_ms = record.at_ms or self.last_ms
        return self.own

    @property
    def own_from(self) -> int | None:
        """The ordinal from which on every record but a header is certain to be the thread's own.

        0 where any is; None while that is open.
        """
        if not self.own:
            return None
        return self.start_ordinal if self.start_ordinal else 0 if self.worked else None

    def _doubt(self, record: Record, thread: Thread) -> None:
        """A foreign header before any work means that copies follow."""
        if record.type == "session_meta":
            named = text(record.payload.get("id"))
            foreign = named not in (None, thread.id)
            if foreign and not self.worked and not thread.history_base:
                self.own = False
                self.origin = self.origin or named
        elif record.kind in _WORK:
            self.worked = True

    def _starts(self, record: Record, thread: Thread, root: str, now_ms: int) -> bool:
        if record.type in MESSAGES:
            return record.payload.get("trigger_turn") is True
        if record.kind in TURN_STARTS:
            own = _is_own_turn(record, thread)
            if own is not None:
                self.turns = True
                return own
        if self.turns:
            return False
        pause = self._is_after_pause(record, thread)
        if not pause and record.kind not in (COUNT, PROMPT):
            return False
        past = None
        if self.origin is not None and thread.created_ms is not None and not self.alone:
            past = past_of(root, self.origin, thread.created_ms, now_ms)
            self.alone = past is None
        return pause if past is None else self.copies.are_over(record, past, pause=pause)

    def _is_after_pause(self, record: Record, thread: Thread) -> bool:
        if record.at_ms is None or self.last_ms is None:
            return False
        created = thread.created_ms or 0
        return record.at_ms - self.last_ms > STROKE_MS and record.at_ms >= created


def _is_own_turn(record: Record, thread: Thread) -> bool | None:
    """Tell whose turn it is by its id or start; None if neither tells."""
    created = thread.created_ms
    begun = uuid7_ms(text(record.payload.get("turn_id")))
    started = record.payload.get("started_at")
    if created is None:
        return None
    if begun is not None:
        return begun >= created
    return int(started) >= created // 1000 if isinstance(started, int | float) else None
