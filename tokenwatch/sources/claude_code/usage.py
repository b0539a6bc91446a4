"""The usage pass: requests, the client's meter, and the file's facts."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from tokenwatch.events import Event, FileFacts, MeterSeen, RequestSeen
from tokenwatch.sources.claude_code import meters
from tokenwatch.sources.claude_code.facts import Facts, FactsMemory
from tokenwatch.sources.claude_code.fold import (
    SYNTHETIC,
    Anonymous,
    Fold,
    answer_key,
    extras,
    model_name,
    read_attribution,
    read_terms,
    read_usage,
)
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.claude_code.records import (
    Envelope,
    Message,
    Mirror,
    block_text,
    decode,
    is_unique,
    part,
    value,
)
from tokenwatch.sources.claude_code.sidechains import Sidechains, may_have_sidechains
from tokenwatch.sources.claude_code.skim import Skim
from tokenwatch.sources.tail import Stretch
from tokenwatch.sources.values import Oddities, instant_ms, text

CUT_OFF = "Your response above was cut off mid-stream"
"""What the program writes after an answer whose stream broke, and asks for the rest."""


class Answer(msgspec.Struct):
    """The file's latest record, if it is of an answer."""

    uuid: str
    seen: RequestSeen


class UsageMemory(msgspec.Struct, omit_defaults=True):
    """What the usage pass remembers of the part of a file that it has read."""

    facts: FactsMemory = msgspec.field(default_factory=FactsMemory)
    anonymous: Anonymous | None = None
    answer: Answer | None = None
    chains: Sidechains = msgspec.field(default_factory=Sidechains)


class UsageReader:
    """Reads the lines of one transcript for what they cost."""

    def __init__(self, place: Place, memory: UsageMemory, now_ms: int, fallback_ms: int) -> None:
        """fallback_ms: the time of a request in a file that tells no time before it."""
        self.odd = Oddities()
        self._memory = memory
        self._facts = Facts(place, memory.facts)
        self._place = place
        self._now_ms = now_ms
        self._fallback_ms = fallback_ms
        self._fold = Fold()
        self._meters: list[MeterSeen] = []
        self._told: tuple[object, ...] = ()
        """What the latest answer's record told: most further ones tell the same again."""
        self._skim = Skim(
            place, self._facts, now_ms, add=self._fold.add, answered=self._answered, take=self.take
        )

    def __len__(self) -> int:
        return len(self._fold) + len(self._meters)

    def walk(self, lines: Stretch) -> int:
        """Read many lines, as few as possible with care; return the number of the last one."""
        return self._skim.walk(lines)

    def _answered(self, uuid: str, seen: RequestSeen) -> None:
        self._memory.answer = Answer(uuid=uuid, seen=seen)
        self._told = ()

    def take(self, number: int, line: bytes) -> None:
        """Read one line with care. What is damaged, the detail pass counts: it sees every line."""
        record = decode(Envelope, line, number, self.odd, count=False)
        if record is None:
            return
        at_ms = self._facts.see(record, number, self._now_ms, None)
        if isinstance(record.uuid, str):
            self._skim.context.learn(record, line)
        match record.type:
            case "assistant":
                self._assistant(record, at_ms, number)
            case "user":
                self._user(record)
            case "progress":
                self._progress(record, number)
            case "cost-state":
                self._meter(record, number)
            case _ if record.isSidechain is True:
                self._agent(record, None)

    def _assistant(self, record: Envelope, at_ms: int | None, number: int) -> None:
        message = part(Message, record.message)
        if message is None:
            return
        agent = self._agent(record, message)
        if not _is_answer(message):
            return
        answer = self._memory.answer
        made_for = read_attribution(record)
        told = (message.id, message.stop_reason, message.usage, record.sessionId, made_for)
        repeats = answer is not None and told == self._told and is_unique(str(message.id))
        if answer is not None and repeats and record.isAbortedMidStream is not True:
            answer.uuid = text(record.uuid) or ""
            return
        self._told = told
        seen = self._request(record, message, agent, at_ms, number)
        if record.isApiErrorMessage is True and not seen.usage.total:
            return
        self._fold.add(seen)
        for extra in extras(seen, message, number, self.odd):
            self._fold.add(extra)
        self._memory.answer = Answer(uuid=text(record.uuid) or "", seen=seen)

    def _agent(self, record: Envelope, message: Message | None) -> str | None:
        """Return the agent whose record this is; None for the main one."""
        if self._place.agent_id is not None:
            return self._place.agent_id
        chains = self._memory.chains
        if record.isSidechain is True:
            return text(record.agentId) or chains.agent(record, message)[0]
        if message is not None and may_have_sidechains(record.version):
            chains.launch(message, self._facts.session_of(record))
        return None

    def _request(
        self,
        record: Envelope,
        message: Message,
        agent: str | None,
        at_ms: int | None,
        number: int,
    ) -> RequestSeen:
        memory = self._memory
        session = self._facts.session_of(record)
        usage = read_usage(message.usage, number, self.odd)
        terms = read_terms(message.usage, number, self.odd)
        key, memory.anonymous = answer_key(record, message, usage, memory.anonymous)
        final = message.stop_reason is not None
        return RequestSeen(
            id=key,
            session_id=session,
            agent_id=agent or session,
            at_ms=at_ms or self._memory.facts.seen_ms or self._fallback_ms,
            line=number,
            model=model_name(message.model),
            usage=usage,
            usage_line=number,
            final=final,
            lower_bound=not final or record.isAbortedMidStream is True,
            is_copy=self._facts.is_copy(record),
            speed=terms.speed,
            service_tier=terms.service_tier,
            geo=terms.geo,
            web_searches=terms.web_searches,
            attribution=read_attribution(record),
        )

    def _user(self, record: Envelope) -> None:
        """Follow chains, and note that the answer above was cut off."""
        answer = self._memory.answer
        in_chain = record.isSidechain is True and self._place.agent_id is None
        if not in_chain and (answer is None or record.isMeta is not True):
            return
        message = part(Message, record.message)
        if in_chain:
            self._agent(record, message)
        if answer is None or message is None or record.isMeta is not True:
            return
        follows = record.parentUuid == answer.uuid
        if follows and block_text(value(message.content)).startswith(CUT_OFF):
            self._fold.add(replace(answer.seen, lower_bound=True))

    def _progress(self, record: Envelope, number: int) -> None:
        """Read a subagent's record that its parent's file mirrors: a copy, should its file go.

        Mirrors leave out what a record without an id of its own could be recognised by.
        """
        data = part(Mirror, record.data)
        if data is None or data.type != "agent_progress":
            return
        inner, agent = part(Envelope, data.message), text(data.agentId)
        if inner is None or inner.type != "assistant" or agent is None:
            return
        message = part(Message, inner.message)
        if message is None or not _is_answer(message) or not is_unique(text(message.id) or ""):
            return
        inner.sessionId = record.sessionId
        at_ms = instant_ms(inner.timestamp, self._now_ms)
        seen = replace(self._request(inner, message, agent, at_ms, number), is_copy=True)
        self._fold.add(seen)
        for extra in extras(seen, message, number, self.odd):
            self._fold.add(extra)

    def _meter(self, record: Envelope, number: int) -> None:
        session, seen_ms = self._facts.session_of(record), self._memory.facts.seen_ms
        meter = meters.read(record, session, seen_ms, number, self._now_ms, self.odd)
        if meter is not None:
            self._meters.append(meter)

    def events(self) -> tuple[Event, ...]:
        """Return what was found since the last call."""
        found, self._meters = self._meters, []
        return (*self._fold.take(), *found)

    def facts(self) -> FileFacts:
        """Return what the file says of itself."""
        return self._facts.take()

    def state(self) -> bytes:
        """Return the memory to read on with."""
        return msgspec.json.encode(self._memory)


def _is_answer(message: Message) -> bool:
    return isinstance(message.usage, dict) and message.model != SYNTHETIC
