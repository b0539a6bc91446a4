"""The usage pass: requests, and what a rollout says of itself."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tokenwatch.events import Event, FileFacts, RequestSeen
from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind
from tokenwatch.sources.codex import locate, places, titles
from tokenwatch.sources.codex.answers import is_imported, row_id
from tokenwatch.sources.codex.boundary import TURN_STARTS
from tokenwatch.sources.codex.copies import PROMPT
from tokenwatch.sources.codex.fold import (
    Counter,
    Counts,
    counts,
    info_of,
    is_estimate,
    usage,
    usual_count,
)
from tokenwatch.sources.codex.follow import NEEDED, Follow
from tokenwatch.sources.codex.reading import MakeReader
from tokenwatch.sources.codex.records import KNOWN, Record, payload_of, read_record
from tokenwatch.sources.codex.skim import Clock, Heads, walk
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import (
    TOKEN_LIMIT,
    Oddities,
    fingerprint,
    mapping,
    text,
)

_RECORDS = NEEDED | {"turn_context", "token_usage_record"}
_EVENTS = TURN_STARTS | {"token_count", "thread_settings_applied"}
_TURNS_KEPT = 32
_TIERS = {"priority": "priority", "fast": "priority", "flex": "flex"}
_HIDDEN_MODEL = "codex-auto-review"


class UsageState(msgspec.Struct):
    """What the pass remembers between two readings of a file."""

    follow: Follow = msgspec.field(default_factory=Follow)
    counter: Counter = msgspec.field(default_factory=Counter)
    rows: int = 0
    """Requests so far that have no id of their own."""
    model: str | None = None
    models: dict[str, str] = {}
    """By turn."""
    tier: str | None = None
    turn: str | None = None
    context_limit: int | None = None
    context: int | None = None
    """Context by the client's own estimate, or of the request after it."""


class UsageReader:
    """Reads one rollout."""

    heads = Heads(told_events=TURN_STARTS | {"token_count"}, kept_events=_EVENTS)

    def __init__(self, log: LogFile, now_ms: int, state: UsageState) -> None:
        self.events: list[Event] = []
        self.odd = Oddities()
        self._log = log
        self._now_ms = now_ms
        self._clock = Clock(now_ms)
        self._s = state
        self._last_ms: int | None = None

    @classmethod
    def maker(cls, log: LogFile, now_ms: int) -> MakeReader:
        """Return what makes the reader from its remembered state."""

        def make(state: bytes) -> UsageReader:
            known = msgspec.json.decode(state, type=UsageState) if state else UsageState()
            return cls(log, now_ms, known)

        return make

    def state(self) -> bytes:
        return msgspec.json.encode(self._s)

    def read(self, lines: Stretch) -> int:
        """Read lines and return the last one's number."""
        return walk(lines, self, self._now_ms)

    def take(self, number: int, raw: bytes) -> None:
        record = read_record(number, raw, self._wanted, self._now_ms, self.odd)
        if record is None:
            return
        if record.type not in KNOWN:
            self.odd.add("unknown_type", number)
        follow = self._s.follow
        own = follow.take(record, self._log, self._now_ms)
        if follow.thread is None:
            return
        if own and record.at_ms is not None:
            self._last_ms = max(self._last_ms or 0, record.at_ms)
        self._record(record, follow.thread, own=own)

    def own_from(self) -> int | None:
        """Return from which ordinal on contents may be passed over; None for not yet."""
        return self._s.follow.own_from

    def passed(self, latest: bytes, *, items: bool) -> None:
        """Note own records of contents up to a time."""
        at_ms = self._clock.ms(latest)
        self._s.follow.passed(at_ms)
        self._last_ms = max(self._last_ms or 0, at_ms or 0)
        if items:
            self._s.counter.item_since = True

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
        """Read an own token count or turn's start; False if it is not of the usual shape."""
        if items:
            self._s.counter.item_since = True
        if kind != "token_count":
            start = payload_of(kind, payload)
            if start is not None:
                self._turn_start(start, own=True)
            return start is not None
        row, thread = usual_count(payload), self._s.follow.thread
        if row is None or thread is None:
            return False
        total, last, limit, _ = row
        if limit != self._s.context_limit:
            self._limit(limit, own=True)
        spent = self._s.counter.add(total, last)
        if spent is not None:
            at_ms = self._clock.ms(stamp) or 0
            self._request(number, at_ms, thread, spent, None, self._s.turn, self._s.tier)
        elif is_estimate(last):
            self._s.context = last[5]
        return True

    def _wanted(self, kind: str, inner: str) -> bool:
        if kind == "event_msg":
            asked = inner == PROMPT and not self._s.follow.boundary.own
            return asked or inner in _EVENTS or not inner
        return kind in _RECORDS or kind not in KNOWN

    def _record(self, record: Record, thread: Thread, *, own: bool) -> None:
        payload = record.payload
        if record.type == "turn_context":
            self._turn_context(payload)
        elif record.type == "token_usage_record":
            if own and text(payload.get("thread_id")) in (None, thread.id):
                self._usage_record(record, thread)
        elif record.type == "response_item":
            self._s.counter.item_since = True
        elif record.kind in TURN_STARTS:
            self._turn_start(payload, own=own)
        elif record.kind == "thread_settings_applied":
            self._settings(payload, thread)
        elif record.kind == "token_count":
            self._token_count(record, thread, own=own)

    def _turn_start(self, payload: dict[str, object], *, own: bool) -> None:
        self._s.turn = text(payload.get("turn_id"))
        self._limit(payload.get("model_context_window"), own=own)

    def _turn_context(self, payload: dict[str, object]) -> None:
        s = self._s
        model, turn = text(payload.get("model")), text(payload.get("turn_id"))
        s.model = model or s.model
        if turn is None:
            return
        s.turn = turn
        if model is not None:
            s.models.pop(turn, None)
            s.models[turn] = model
            if len(s.models) > _TURNS_KEPT:
                del s.models[next(iter(s.models))]
        thread = s.follow.thread
        if thread is not None and thread.cwd is None:
            thread.cwd = text(payload.get("cwd"))
            thread.project = places.project(thread.cwd)

    def _settings(self, payload: dict[str, object], thread: Thread) -> None:
        if text(payload.get("thread_id")) not in (None, thread.id):
            return
        settings = mapping(payload.get("thread_settings"))
        self._s.model = text(settings.get("model")) or self._s.model
        if "service_tier" in settings:
            self._s.tier = _TIERS.get(str(settings["service_tier"]).lower())

    def _usage_record(self, record: Record, thread: Thread) -> None:
        payload = record.payload
        spent = counts(payload.get("usage"), record.line, self.odd, TOKEN_LIMIT)
        if spent is None:
            return
        self._s.counter.record(spent)
        turn = text(payload.get("turn_id")) or self._s.turn
        tier = payload.get("service_tier", mapping(payload.get("usage")).get("service_tier"))
        self._request(
            record.line, self._s.follow.time_of(record, self._log), thread, spent,
            text(payload.get("response_id")), turn,
            self._s.tier if tier is None else _TIERS.get(str(tier).lower()),
        )  # fmt: skip

    def _token_count(self, record: Record, thread: Thread, *, own: bool) -> None:
        s, info = self._s, info_of(record.payload)
        if not info:
            return
        if not own:
            s.counter.inherit(info, record.line, self.odd)
            return
        self._limit(info.get("model_context_window"), own=own)
        last = counts(info.get("last_token_usage"), record.line, Oddities(), TOKEN_LIMIT)
        spent = s.counter.count(info, record.line, self.odd)
        if spent is not None:
            at_ms = s.follow.time_of(record, self._log)
            self._request(record.line, at_ms, thread, spent, None, s.turn, s.tier)
        elif is_estimate(last) and last is not None:
            s.context = last[5]

    def _limit(self, value: object, *, own: bool) -> None:
        if own and type(value) is int and 0 < value <= TOKEN_LIMIT:
            self._s.context_limit = value

    def _request(
        self,
        line: int,
        at_ms: int,
        thread: Thread,
        spent: Counts,
        response_id: str | None,
        turn: str | None,
        tier: str | None,
    ) -> None:
        s = self._s
        if is_imported(turn):
            return
        if response_id is None:
            s.rows += 1
        model = s.models.get(turn or "", s.model)
        tokens = usage(spent)
        if s.context is not None:
            s.context = tokens.context
        self.events.append(
            RequestSeen(
                id=response_id or row_id(thread.rollout, s.rows),
                session_id=thread.session,
                agent_id=thread.id,
                at_ms=at_ms,
                line=line,
                model=model,
                usage=tokens,
                usage_line=line,
                final=True,
                service_tier=tier,
                turn_id=None if turn is None else thread.turn_key(turn),
                estimated=_why_estimated(model),
            )
        )

    def facts(self) -> FileFacts:
        s, thread = self._s, self._s.follow.thread
        if thread is None:
            return FileFacts(first_ms=s.follow.first_ms, last_ms=self._last_ms)
        main = thread.kind is AgentKind.MAIN
        return FileFacts(
            session_id=thread.session,
            agent_id=thread.id,
            kind=thread.kind,
            parent_agent_id=thread.parent_id,
            rank=locate.rank(self._log.path),
            first_ms=s.follow.first_ms,
            last_ms=self._last_ms,
            cwd=thread.cwd,
            project=thread.project,
            git_branch=thread.git_branch,
            version=thread.version,
            entrypoint=thread.entrypoint,
            scripted=thread.scripted,
            client_title=titles.title(Path(self._log.root), thread.id) if main else None,
            agent_name=thread.name,
            prompt_fingerprint=fingerprint(thread.path) if thread.path else None,
            fork_of=thread.fork_of,
            context_limit=s.context_limit,
            context_estimate=s.context if main else None,
        )


def _why_estimated(model: str | None) -> str | None:
    if model is None:
        return "the log names no model"
    if model == _HIDDEN_MODEL:
        return f"{_HIDDEN_MODEL} is the server's alias for a model that the log does not name"
    return None
