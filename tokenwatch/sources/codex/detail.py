"""The detail pass: prompts, turns, tools, edits, commits, compactions, agents, quotas."""

from __future__ import annotations

import msgspec

from tokenwatch.events import CompactionSeen, Event, FailureSeen, FileFacts
from tokenwatch.found import LogFile
from tokenwatch.sources.codex import locate, prompts
from tokenwatch.sources.codex.agents import Agents, Launch
from tokenwatch.sources.codex.boundary import MESSAGES, TURN_STARTS
from tokenwatch.sources.codex.fold import Counts, counts, info_of, is_estimate, usual_count
from tokenwatch.sources.codex.follow import NEEDED, Follow
from tokenwatch.sources.codex.quota import Reading, is_news, windows
from tokenwatch.sources.codex.reading import MakeReader
from tokenwatch.sources.codex.records import Record, payload_of, read_record
from tokenwatch.sources.codex.skim import Clock, Heads, walk
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.codex.tools import Call, Calls, Place
from tokenwatch.sources.codex.turns import Turns, error_word
from tokenwatch.sources.tail import Stretch, Tail
from tokenwatch.sources.values import TOKEN_LIMIT, Oddities, mapping, text

_TURN_ENDS = frozenset({"task_complete", "turn_complete", "turn_aborted"})
_REPORTS = frozenset(
    {
        "item_completed", "exec_command_end", "patch_apply_end", "mcp_tool_call_end",
        "collab_agent_spawn_end", "collab_waiting_end", "collab_close_end", "sub_agent_activity",
        "error", "stream_error",
    }
)  # fmt: skip
_EVENTS = TURN_STARTS | _TURN_ENDS | _REPORTS | {"user_message", "token_count"}
_CALLS = frozenset(
    {
        "function_call", "custom_tool_call", "local_shell_call", "web_search_call",
        "image_generation_call", "tool_search_call",
    }
)  # fmt: skip
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_ANSWERS = _CALLS | {"reasoning"}
_HEADS, _HEADS_WITH_MESSAGES = (
    Heads(told_items=_CALLS | _OUTPUTS, kept_items=kept, told_events=_EVENTS)
    for kept in ((), ("message",))
)


class DetailState(msgspec.Struct):
    """What the pass remembers between two readings of a file."""

    follow: Follow = msgspec.field(default_factory=Follow)
    turns: Turns = msgspec.field(default_factory=Turns)
    calls: dict[str, Call] = {}
    launches: dict[str, Launch] = {}
    quotas: dict[str, Reading] = {}
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
        self._calls = Calls(state.calls, self.events)
        self._agents = Agents(state.launches, self.events)

    @classmethod
    def maker(cls, log: LogFile, now_ms: int) -> MakeReader:
        """Return what makes the reader from its remembered state."""

        def make(state: bytes) -> DetailReader:
            known = msgspec.json.decode(state, type=DetailState) if state else DetailState()
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
        self._s.turns.last_ms = place.at_ms

    def _wanted(self, kind: str, inner: str) -> bool:
        if kind == "event_msg":
            return inner in _EVENTS or not inner
        if kind == "response_item":
            turns = self._s.turns
            if inner == "message":
                return not (turns.stated and turns.modern)
            return inner in _CALLS or inner in _OUTPUTS
        return kind in NEEDED

    def _inherited(self, record: Record) -> None:
        """Remember of copies what an own record may refer to."""
        if record.kind in TURN_STARTS:
            turn = text(record.payload.get("turn_id"))
            self._s.turns.recent = [] if turn is None else [turn]

    def _event(
        self, kind: str, payload: dict[str, object], place: Place, *, timed: bool = True
    ) -> None:
        turns = self._s.turns
        if kind in TURN_STARTS:
            turns.start(payload, place, self.events)
        elif kind in _TURN_ENDS:
            how = "interrupted" if kind == "turn_aborted" else "completed"
            turns.end(payload, how, place, self.events)
            if not turns.modern:
                turns.turn = None
        elif kind == "user_message":
            turns.prompt(text(payload.get("message")) or "", place, self.events)
        elif kind == "token_count":
            last = info_of(payload).get("last_token_usage")
            used = counts(last, place.line, Oddities(), TOKEN_LIMIT)
            at_ms = place.at_ms if timed else None
            self._token_count(used, payload.get("rate_limits"), at_ms, place.thread)
        elif kind == "item_completed":
            self._reported(mapping(payload.get("item")), payload, place)
        elif kind in ("error", "stream_error"):
            self._error(kind, payload, place)
        elif kind in _REPORTS:
            self._legacy_report(kind, payload, place)

    def _item(
        self, kind: str, payload: dict[str, object], place: Place, *, timed: bool = True
    ) -> None:
        turns = self._s.turns
        if kind in _ANSWERS:
            turns.settle(place.thread, self.events)
            turns.answered = False
        if kind in _CALLS:
            self._calls.called(payload, place)
            self._agents.called(payload, place)
        elif kind in _OUTPUTS:
            self._agents.put_out(payload, place)
            self._calls.put_out(payload, place)
        elif kind == "message" and payload:
            if payload.get("role") == "assistant":
                turns.settle(place.thread, self.events)
                turns.answer(place, self.events)
            elif not turns.stated:
                turns.message(prompts.of_message(payload), place, self.events)
                if not timed:
                    # Logs without times have no events that could still state the prompt.
                    turns.settle(place.thread, self.events)

    def _reported(self, item: dict[str, object], payload: dict[str, object], place: Place) -> None:
        """Take a finished item of a paginated thread."""
        kind, item_id = text(item.get("type")), text(item.get("id"))
        begun = payload.get("started_at_ms")
        if kind == "UserMessage":
            words = prompts.of_content(item.get("content"))
            turn_id = text(payload.get("turn_id"))
            self._s.turns.prompt(words, place, self.events, turn_id=turn_id)
        elif kind == "SubAgentActivity":
            self._agents.activity(item, place)
        elif kind == "CollabAgentToolCall":
            self._agents.collaboration(item, place)
        if item_id is None:
            return
        if type(begun) is int and 0 < begun <= place.at_ms:
            place = Place(thread=place.thread, at_ms=place.at_ms, line=place.line, began_ms=begun)
        self._tool_item(kind, item_id, item, place)

    def _tool_item(
        self, kind: str | None, item_id: str, item: dict[str, object], place: Place
    ) -> None:
        done = {"completed": True, "failed": False, "declined": False}
        ok = done.get(str(item.get("status")))
        if kind == "CommandExecution":
            self._calls.ran(item, item_id, place)
        elif kind == "FileChange":
            self._calls.patched(item, item_id, place)
        elif kind == "McpToolCall":
            server, tool = text(item.get("server")), text(item.get("tool"))
            name = f"mcp__{server}__{tool}"
            self._calls.used(name, item.get("arguments"), item_id, place, ok=ok, server=server)
        elif kind == "DynamicToolCall":
            name = text(item.get("tool")) or "dynamic_tool"
            self._calls.used(name, item.get("arguments"), item_id, place, ok=ok)
        elif kind == "WebSearch":
            self._calls.used("web_search", item.get("action"), item_id, place, ok=True)
        elif kind == "ImageView":
            given = {"path": item.get("path")}
            self._calls.used("view_image", given, item_id, place, ok=True)

    def _legacy_report(self, kind: str, payload: dict[str, object], place: Place) -> None:
        call_id = text(payload.get("call_id"))
        if kind == "sub_agent_activity":
            self._agents.activity(payload, place)
        elif kind == "collab_waiting_end":
            self._agents.statuses(payload.get("statuses"), place)
        elif kind == "collab_close_end":
            agent_id = text(payload.get("receiver_thread_id")) or text(payload.get("thread_id"))
            self._agents.statuses({agent_id: "shutdown"} if agent_id else {}, place)
        elif call_id is None:
            return
        elif kind == "exec_command_end":
            self._calls.ran(payload, call_id, place)
        elif kind == "patch_apply_end":
            self._calls.patched(payload, call_id, place)
        elif kind == "collab_agent_spawn_end":
            name = text(payload.get("new_agent_nickname"))
            self._agents.started(call_id, text(payload.get("new_thread_id")), name, place)
        elif kind == "mcp_tool_call_end":
            call = mapping(payload.get("invocation"))
            server, tool = text(call.get("server")), text(call.get("tool"))
            result = mapping(payload.get("result"))
            fine = mapping(result.get("Ok"))
            ok = None if not result else "Ok" in result and fine.get("is_error") is not True
            name = f"mcp__{server}__{tool}"
            self._calls.used(name, call.get("arguments"), call_id, place, ok=ok, server=server)

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
