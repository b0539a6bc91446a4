"""The detail pass: prompts, turns, tools, edits, commits, compactions, agents, quotas."""

from __future__ import annotations

import msgspec

from tokenwatch.events import CompactionSeen, Event, FailureSeen, FileFacts
from tokenwatch.found import LogFile
from tokenwatch.sources.codex import locate, prompts
from tokenwatch.sources.codex.agents import Agents, Launch
from tokenwatch.sources.codex.answers import Answers
from tokenwatch.sources.codex.boundary import MESSAGES, TURN_STARTS
from tokenwatch.sources.codex.changes import Changes
from tokenwatch.sources.codex.fold import Counts, counts, info_of, is_estimate, usual_count
from tokenwatch.sources.codex.follow import NEEDED, Follow
from tokenwatch.sources.codex.quota import Reading, is_news, windows
from tokenwatch.sources.codex.reading import MakeReader
from tokenwatch.sources.codex.records import Record, payload_of, read_record
from tokenwatch.sources.codex.reports import REPORTS, Reports
from tokenwatch.sources.codex.skim import Clock, Heads, walk
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.codex.tools import Call, Calls, Place
from tokenwatch.sources.codex.turns import Turns, error_word
from tokenwatch.sources.tail import Stretch, Tail
from tokenwatch.sources.values import TOKEN_LIMIT, Oddities, mapping, text

_TURN_ENDS = frozenset({"task_complete", "turn_complete", "turn_aborted"})
_ERRORS = frozenset({"error", "stream_error"})
_EVENTS = (
    TURN_STARTS | _TURN_ENDS | REPORTS | _ERRORS
    | {"user_message", "token_count", "item_completed", "thread_rolled_back"}
)  # fmt: skip
_CALLS = frozenset(
    {
        "function_call", "custom_tool_call", "local_shell_call", "web_search_call",
        "image_generation_call", "tool_search_call",
    }
)  # fmt: skip
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_ANSWERS = _CALLS | {"reasoning"}
_TOOLS = "additional_tools"
_TOLD = _CALLS | _OUTPUTS | {_TOOLS}
_HEADS, _HEADS_WITH_MESSAGES = (
    Heads(told_items=_TOLD, kept_items=kept, told_events=_EVENTS) for kept in ((), ("message",))
)


class DetailState(msgspec.Struct):
    """What the pass remembers between two readings of a file.

    One that lacks the answers is of a version that did not count them: the file is read anew.
    """

    answers: Answers
    follow: Follow = msgspec.field(default_factory=Follow)
    turns: Turns = msgspec.field(default_factory=Turns)
    calls: dict[str, Call] = {}
    launches: dict[str, Launch] = {}
    quotas: dict[str, Reading] = {}
    changes: Changes = msgspec.field(default_factory=Changes)
    contexts: list[int] = []
    """Of the latest two requests."""


class DetailReader:
    """Reads one rollout."""

    def __init__(self, log: LogFile, now_ms: int, state: DetailState) -> None:
        self.events: list[Event] = []
        self.odd = Oddities()
        # The usage pass counts what is wrong with a line.
        self._counted = Oddities()
        self._log = log
        self._now_ms = now_ms
        self._clock = Clock(now_ms)
        self._s = state
        self._calls = Calls(state.calls, self.events, state.answers)
        self._agents = Agents(state.launches, self.events)
        self._reports = Reports(self._calls, self._agents)

    @classmethod
    def maker(cls, log: LogFile, now_ms: int) -> MakeReader:
        """Return what makes the reader from its remembered state."""

        def make(state: bytes) -> DetailReader:
            known = (
                msgspec.json.decode(state, type=DetailState) if state else DetailState(Answers())
            )
            waiting = known.turns.candidate
            if waiting is not None:
                waiting.words = _message_at(log, waiting.line, now_ms)
            return cls(log, now_ms, known)

        return make

    def state(self) -> bytes:
        """Return what reading on needs, without a word of any prompt."""
        turns = self._s.turns
        waiting = turns.candidate
        words = None if waiting is None else waiting.words
        turns.task = None if turns.task is None else ""
        if waiting is not None:
            waiting.words = None
        state = msgspec.json.encode(self._s)
        if waiting is not None:
            waiting.words = words
        return state

    def read(self, lines: Stretch) -> int:
        """Read lines and return the last one's number."""
        return walk(lines, self, self._now_ms)

    @property
    def heads(self) -> Heads:
        """The lines that matter: messages only until the log states prompts and turns itself."""
        turns = self._s.turns
        return _HEADS if turns.stated and turns.modern else _HEADS_WITH_MESSAGES

    def own_from(self) -> int | None:
        """Return from which ordinal on contents may be passed over; None for not yet."""
        turns = self._s.turns
        waits = turns.candidate is not None or turns.answered
        return None if waits else self._s.follow.own_from

    def passed(self, latest: bytes, *, items: bool) -> None:
        """Note own records of contents up to a time."""
        at_ms = self._clock.ms(latest)
        self._s.follow.passed(at_ms)
        self._s.turns.last_ms = at_ms
        if items:
            self._s.answers.counter.item_since = True

    def told(
        self,
        number: int,
        kind: str,
        payload: bytearray,
        stamp: bytes,
        before: bytes,
        *,
        items: bool,
    ) -> bool:
        """Read an own event or item; False if it is not of the usual shape."""
        thread, at_ms = self._s.follow.thread, self._clock.ms(stamp)
        if thread is None or at_ms is None:
            return False
        if kind == "token_count":
            row = usual_count(payload)
            if row is not None:
                self._s.answers.add(row.total, row.last, thread.rollout)
                self._token_count(row.last, row.limits, at_ms, thread)
            return row is not None
        decoded = payload_of(kind, payload)
        if decoded is None:
            return False
        if before:
            self.passed(before, items=items)
        place = Place(thread=thread, at_ms=at_ms, line=number)
        if kind in _EVENTS:
            self._event(kind, decoded, place)
        else:
            self._item(kind, decoded, place)
        return True

    def take(self, number: int, raw: bytes) -> None:
        record = read_record(number, raw, self._wanted, self._now_ms, self._counted)
        if record is None:
            return
        follow = self._s.follow
        own_before = follow.boundary.own
        version = follow.thread.version if follow.thread is not None else None
        own = follow.take(record, self._log, self._now_ms)
        thread = follow.thread
        if thread is None:
            return
        place = Place(thread=thread, at_ms=follow.time_of(record, self._log), line=number)
        if not own:
            self._inherited(record)
            return
        if not own_before and record.type in MESSAGES and self._s.turns.recent:
            # It has told that the turn before it is the child's own.
            latest = self._s.turns.recent[-1]
            self._s.turns.start({"turn_id": latest}, place, self.events)
        if record.type == "event_msg":
            self._event(record.kind, record.payload, place, timed=record.at_ms is not None)
        elif record.type == "response_item":
            self._item(record.kind, record.payload, place, timed=record.at_ms is not None)
        elif record.type == "compacted":
            self._compacted(record, place)
        elif record.type == "token_usage_record":
            if text(record.payload.get("thread_id")) in (None, thread.id):
                self._s.answers.record(record.payload, number, thread.rollout)
        elif record.type == "turn_context":
            self._s.answers.turn = text(record.payload.get("turn_id")) or self._s.answers.turn
            self._s.changes.context(record.payload, place, self.events)
        elif record.type == "session_meta" and record.payload.get("id") == thread.id:
            self._s.changes.header(record.payload, version, place, self.events)
        self._s.turns.last_ms = place.at_ms

    def _wanted(self, kind: str, inner: str) -> bool:
        if kind == "event_msg":
            return inner in _EVENTS or not inner
        if kind == "response_item":
            turns = self._s.turns
            if inner == "message":
                return not (turns.stated and turns.modern)
            return inner in _TOLD
        return kind in NEEDED or kind in ("turn_context", "token_usage_record")

    def _inherited(self, record: Record) -> None:
        """Remember of copies what an own record may refer to."""
        answers, turn = self._s.answers, text(record.payload.get("turn_id"))
        if record.kind in TURN_STARTS:
            self._s.turns.recent = [] if turn is None else [turn]
            answers.began(turn)
        elif record.type == "turn_context":
            answers.turn = turn or answers.turn
        elif record.type == "response_item":
            answers.counter.item_since = True
        elif record.kind == "token_count":
            answers.inherit(record.payload, record.line)

    def _event(
        self, kind: str, payload: dict[str, object], place: Place, *, timed: bool = True
    ) -> None:
        turns = self._s.turns
        if kind in TURN_STARTS:
            turns.start(payload, place, self.events)
            self._s.answers.began(text(payload.get("turn_id")))
        elif kind in _TURN_ENDS:
            how = "interrupted" if kind == "turn_aborted" else "completed"
            turns.end(payload, how, place, self.events)
            if not turns.modern:
                turns.turn = None
        elif kind == "user_message":
            images = bool(payload.get("images") or payload.get("local_images"))
            turns.prompt(text(payload.get("message")) or "", place, self.events, images=images)
            if not turns.modern:
                self._s.answers.prompted()
        elif kind == "token_count":
            last = info_of(payload).get("last_token_usage")
            used = counts(last, place.line, Oddities(), TOKEN_LIMIT)
            at_ms = place.at_ms if timed else None
            self._s.answers.count(payload, place.line, place.thread.rollout)
            self._token_count(used, payload.get("rate_limits"), at_ms, place.thread)
        elif kind == "item_completed":
            self._completed(mapping(payload.get("item")), payload, place)
        elif kind in _ERRORS:
            self._error(kind, payload, place)
        elif kind == "thread_rolled_back":
            self._s.changes.rolled_back(payload, place, self.events)
        else:
            self._reports.of_event(kind, payload, place)

    def _completed(self, item: dict[str, object], payload: dict[str, object], place: Place) -> None:
        """Take a finished item of a paginated thread."""
        if item.get("type") == "UserMessage":
            content = item.get("content")
            self._s.turns.prompt(
                prompts.of_content(content), place, self.events,
                turn_id=text(payload.get("turn_id")), images=prompts.has_images(content),
            )  # fmt: skip
        else:
            self._reports.of_item(item, payload.get("started_at_ms"), place)

    def _item(
        self, kind: str, payload: dict[str, object], place: Place, *, timed: bool = True
    ) -> None:
        turns = self._s.turns
        self._s.answers.counter.item_since = True
        if kind in _ANSWERS:
            turns.settle(place.thread, self.events)
            turns.answered = False
        if kind in _CALLS:
            self._calls.called(payload, place)
            self._agents.called(payload, place)
        elif kind in _OUTPUTS:
            self._agents.put_out(payload, place)
            self._calls.put_out(payload, place)
            if kind == "tool_search_output":
                self._s.changes.servers(payload, place, self.events)
        elif kind == _TOOLS:
            self._s.changes.tools(payload, place, self.events)
        elif kind == "message" and payload:
            self._message(payload, place, timed=timed)

    def _message(self, payload: dict[str, object], place: Place, *, timed: bool) -> None:
        turns = self._s.turns
        if payload.get("role") == "assistant":
            turns.settle(place.thread, self.events)
            turns.answer(place, self.events)
            self._s.answers.answered()
            return
        if not turns.modern:
            self._s.answers.prompted()
        self._s.changes.message(payload, place, self.events)
        if not turns.stated:
            images = prompts.has_images(payload.get("content"))
            turns.message(prompts.of_message(payload), place, self.events, images=images)
            if not timed:
                # Logs without times have no events that could still state the prompt.
                turns.settle(place.thread, self.events)

    def _token_count(
        self, last: Counts | None, limits: object, at_ms: int | None, thread: Thread
    ) -> None:
        s = self._s
        if last is not None and not is_estimate(last):
            if s.contexts[-1:] != [last[5]]:
                s.contexts = [*s.contexts, last[5]][-2:]
            s.turns.settle(thread, self.events)
        if at_ms is not None:
            for quota in windows(limits, at_ms):
                if is_news(s.quotas, quota):
                    self.events.append(quota)

    def _compacted(self, record: Record, place: Place) -> None:
        window = text(record.payload.get("window_id"))
        thread = place.thread
        self.events.append(
            CompactionSeen(
                id=f"{thread.id}/{window}" if window else f"{thread.rollout}:{record.line}",
                session_id=thread.session,
                agent_id=thread.id,
                at_ms=place.at_ms,
                line=record.line,
                # The latest request may be the compaction's own.
                pre_tokens=max(self._s.contexts, default=None),
            )
        )
        self._s.contexts = []
        if not self._s.turns.modern:
            self._s.answers.prompted()

    def _error(self, kind: str, payload: dict[str, object], place: Place) -> None:
        thread: Thread = place.thread
        self.events.append(
            FailureSeen(
                id=f"{thread.rollout}:{place.line}",
                session_id=thread.session,
                agent_id=thread.id,
                at_ms=place.at_ms,
                line=place.line,
                kind="retry" if kind == "stream_error" else "error",
                status=error_word(payload),
            )
        )

    def facts(self) -> FileFacts:
        thread = self._s.follow.thread
        if thread is None:
            return FileFacts()
        return FileFacts(
            session_id=thread.session,
            agent_id=thread.id,
            kind=thread.kind,
            rank=locate.rank(self._log.path),
            first_ms=self._s.follow.first_ms,
            agent_task=self._s.turns.task or None,
        )


def _message_at(log: LogFile, line: int, now_ms: int) -> str | None:
    """Return the words of the message in that line; None if it can't be read any more."""
    try:
        with Tail(log, None, now_ms=now_ms) as tail:
            for number, raw in tail:
                if number == line:
                    payload = mapping(mapping(msgspec.json.decode(raw)).get("payload"))
                    return prompts.of_message(payload or mapping(msgspec.json.decode(raw)))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None
