"""The detail pass: prompts, turns, tools, edits, commits, compactions, failures, agents."""

from __future__ import annotations

import msgspec
from msgspec import structs

from tokenwatch.events import Event, FileFacts
from tokenwatch.model import AgentKind
from tokenwatch.sources.claude_code import agents, incidents, locate, prompts, tools
from tokenwatch.sources.claude_code.changes import Changes, ChangesMemory
from tokenwatch.sources.claude_code.contents import Attachment, Block, Record, read
from tokenwatch.sources.claude_code.facts import Facts, FactsMemory
from tokenwatch.sources.claude_code.fold import SYNTHETIC
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.claude_code.prompts import Kind, Said
from tokenwatch.sources.claude_code.records import (
    KNOWN_TYPES,
    Envelope,
    Message,
    call_key,
    decode,
    is_unique,
    part,
)
from tokenwatch.sources.claude_code.sidechains import Sidechains, may_have_sidechains
from tokenwatch.sources.claude_code.tools import Call
from tokenwatch.sources.claude_code.turns import FINAL_REASONS, Cause, Turns, TurnsMemory
from tokenwatch.sources.values import (
    Oddities,
    fingerprint,
    instant_ms,
    mapping,
    text,
    text_fingerprint,
)

CALLS = 128
CHAINS = 32
PROMPTS = 128
CLEAR = "/clear"
QUEUED = 16


class DetailMemory(msgspec.Struct, omit_defaults=True):
    """What the detail pass remembers of the part of a file that it has read."""

    facts: FactsMemory = msgspec.field(default_factory=FactsMemory)
    own: TurnsMemory = msgspec.field(default_factory=TurnsMemory)
    begun: bool = False
    """A user record has been read: what stands above it in an agent's file is its parent's."""
    calls: dict[str, Call] = {}
    """Calls without a result yet, of those whose result means more than success."""
    prompts: list[str] = []
    """Beginnings of the latest prompts' ids: a record may be written again further down."""
    queued: list[str] = []
    """Digests of the latest queued prompts: some are written as user records as well."""
    chains: Sidechains = msgspec.field(default_factory=Sidechains)
    chain_turns: dict[str, TurnsMemory] = {}
    changes: ChangesMemory = msgspec.field(default_factory=ChangesMemory)


class DetailReader:
    """Reads the lines of one transcript for what was asked and done."""

    def __init__(
        self, place: locate.Place, memory: DetailMemory, now_ms: int, fallback_ms: int
    ) -> None:
        """fallback_ms: the time of what happened in a file that tells no time before it."""
        self.odd = Oddities()
        self._memory = memory
        self._facts = Facts(place, memory.facts)
        self._place = place
        self._only_costs = place.kind is AgentKind.AUXILIARY
        self._now_ms = now_ms
        self._fallback_ms = fallback_ms
        self._line = b""
        self._events: list[Event] = []
        self._changes = Changes(memory.changes, self._events)
        self._turns = Turns(memory.own, "", "", self._events)
        """Of the file's own agent, in the latest record's session."""
        self._prompt: str | None = None

    def __len__(self) -> int:
        return len(self._events)

    def take(self, number: int, line: bytes) -> None:
        """Read one line; one that is no record is counted."""
        record = read(line, number, self.odd)
        if record is None:
            return
        self._line = line
        version = self._memory.facts.version
        at_ms = self._facts.see(record, number, self._now_ms, self.odd)
        if text(record.type) not in KNOWN_TYPES:
            self.odd.add("unknown_type", number)
        if self._only_costs:
            return
        session = self._facts.session_of(record)
        own = Place(
            session_id=session,
            agent_id=self._place.agent_id or session,
            at_ms=at_ms or self._memory.facts.seen_ms or self._fallback_ms,
            line=number,
            is_copy=self._facts.is_copy(record),
            cwd=text(record.cwd),
            branch=text(record.gitBranch),
        )
        if self._memory.facts.version != version:
            self._changes.version(version, self._memory.facts.version, record, own)
        match record.type:
            case "user":
                self._user(record, own)
            case "assistant":
                self._assistant(record, own)
            case "system":
                self._system(record, own)
            case "attachment":
                self._attachment(record, own)
            case "queue-operation":
                notice = text(record.content) or ""
                if record.operation == "enqueue" and notice.startswith(prompts.NOTIFICATION):
                    self._notice(notice, own)
            case "pr-link":
                self._events += incidents.pull_request(record, own)
            case "api-request-shape":
                self._changes.shaped(record)
            case "api-request":
                self._changes.requested(record, own)

    def _of(self, record: Record, own: Place) -> tuple[Place, Turns]:
        """Return the agent whose record this is, and its turns."""
        if self._place.agent_id is None and record.isSidechain is True:
            return self._of_chain(record, own)
        if self._turns.session_id != own.session_id:
            self._turns = Turns(self._memory.own, own.session_id, own.agent_id, self._events)
        return own, self._turns

    def _of_chain(self, record: Record, own: Place) -> tuple[Place, Turns]:
        agent, begins = text(record.agentId), False
        if agent is None:
            message = self._message() if record.type in ("user", "assistant") else None
            agent, begins = self._memory.chains.agent(record, message)
        place = structs.replace(own, agent_id=agent)
        known = self._memory.chain_turns
        turns = known.setdefault(agent, TurnsMemory())
        if len(known) > CHAINS:
            del known[next(iter(known))]
        if begins:
            self._chain(agent, record, place, own)
        return place, Turns(turns, place.session_id, agent, self._events)

    def _message(self) -> Message | None:
        """Return the current line's message as sidechains take it: its content not decoded."""
        envelope = decode(Envelope, self._line, 0, self.odd, count=False)
        return part(Message, envelope.message) if envelope is not None else None

    def _chain(self, agent: str, record: Record, place: Place, parent: Place) -> None:
        """Say that an agent whose records lie among its parent's has begun."""
        call = self._memory.calls.get(agent) or Call(
            id=agent, purpose="launch", line=place.line, at_ms=place.at_ms
        )
        launch = agents.named(call, agent, parent)
        if record.message is not None and agent not in self._memory.calls:
            words, _ = prompts.prompt_text(record.message.blocks)
            launch = structs.replace(launch, prompt_fingerprint=text_fingerprint(words))
        self._events.append(launch)

    def _user(self, record: Record, own: Place) -> None:
        place, turns = self._of(record, own)
        self._memory.begun = True
        parts = record.message.blocks if record.message is not None else []
        if prompts.is_result(record, parts):
            self._results(record, parts, place, turns)
        elif place.agent_id != place.session_id:
            self._agent_user(record, parts, place, turns)
        else:
            self._said(record, parts, place, turns)

    def _said(self, record: Record, parts: list[Block], place: Place, turns: Turns) -> None:
        """Read a user record of the main agent that is no tool's result."""
        said = prompts.said(record, parts)
        uuid = text(record.uuid) or f"{place.session_id}:{place.line}"
        match said.kind:
            case Kind.INTERRUPT:
                turns.end(place.at_ms, place.line, "interrupted", over=True)
            case Kind.LOCAL_OUTPUT:
                turns.forget_command()
            case Kind.PROMPT:
                self._prompted(uuid, said, record, place, turns)
            case Kind.OTHER if said.text == CLEAR and self._is_new(uuid):
                self._changes.cleared(uuid, place)
            case Kind.COMMAND | Kind.WAKING:
                if said.kind is Kind.WAKING:
                    self._notice(said.text, place)
                if self._is_new(uuid):
                    self._awaited(uuid, said, record, place, turns)

    def _awaited(self, uuid: str, said: Said, record: Record, place: Place, turns: Turns) -> None:
        """Note a command or a notice that may set the agent to work."""
        cause = Cause(id=uuid, at_ms=place.at_ms, line=place.line, cause="notification")
        if said.kind is Kind.COMMAND:
            self._changes.prompted(uuid, record, place)
            cause.cause, cause.prompt = "command", prompts.seen(uuid, said, place)
        turns.wait_for(cause)

    def _is_new(self, uuid: str) -> bool:
        known = self._memory.prompts
        if uuid[:12] in known:
            return False
        known.append(uuid[:12])
        del known[:-PROMPTS]
        return True

    def _prompted(self, uuid: str, said: Said, record: Record, place: Place, turns: Turns) -> None:
        if not self._is_new(uuid):
            return
        digest = fingerprint(said.text)
        if digest in self._memory.queued:
            self._memory.queued.remove(digest)
            return
        self._events.append(prompts.seen(uuid, said, place))
        self._changes.prompted(uuid, record, place)
        turns.begin(
            uuid,
            place.at_ms,
            place.line,
            "prompt",
            is_copy=place.is_copy,
            breaks=prompts.tells_queued(self._memory.facts.version),
        )

    def _agent_user(self, record: Record, parts: list[Block], place: Place, turns: Turns) -> None:
        """Read a user record of a subagent that is no tool's result: its task, or a message."""
        words, _ = prompts.prompt_text(parts)
        if words.startswith(prompts.INTERRUPTED):
            turns.end(place.at_ms, place.line, "interrupted", over=True)
            return
        if words.startswith(prompts.NOTIFICATION):
            self._notice(words, place)
        uuid = text(record.uuid) or f"{place.agent_id}:{place.line}"
        first = turns.memory.turn is None
        if turns.is_open or not first and record.isMeta is True or not self._is_new(uuid):
            return
        if first and self._place.agent_id is not None:
            self._prompt = text_fingerprint(words)
        turns.begin(
            uuid,
            place.at_ms,
            place.line,
            "spawn" if first else "notification",
            is_copy=place.is_copy,
        )

    def _assistant(self, record: Record, own: Place) -> None:
        message = record.message
        if message is None or self._place.agent_id is not None and not self._memory.begun:
            return
        place, turns = self._of(record, own)
        uuid = text(record.uuid) or f"{place.agent_id}:{place.line}"
        if message.model == SYNTHETIC:
            if record.isApiErrorMessage is True:
                self._events.append(incidents.failure(uuid, record, place))
                turns.end(place.at_ms, place.line, "failed")
            return
        if may_have_sidechains(record.version) and place.agent_id == own.agent_id:
            self._may_launch(message.blocks, place)
        if place.agent_id == own.agent_id:
            self._changes.answered(record, place)
        identifier = text(message.id) or ""
        request_id = identifier if is_unique(identifier) else None
        content = [block for block in message.blocks if block.type == "tool_use"]
        turns.work(uuid, place.at_ms, place.line, answered=not content)
        for block in content:
            self._call(block, place, request_id, text(record.attributionSkill))
        if text(message.stop_reason) in FINAL_REASONS and not content:
            turns.end(place.at_ms, place.line)

    def _may_launch(self, parts: list[Block], place: Place) -> None:
        """Note the launches of agents whose records will lie among their parent's."""
        if any(block.name == "Task" for block in parts):
            message = self._message()
            if message is not None:
                self._memory.chains.launch(message, place.session_id)

    def _call(self, block: Block, place: Place, request_id: str | None, skill: str | None) -> None:
        found = tools.call(block, place, request_id, skill)
        if found is None:
            return
        seen, known = found
        self._events.append(seen)
        if known is None:
            return
        if known.purpose == "launch" and not place.is_copy:
            self._events.append(agents.launched(seen.id, mapping(block.input), place))
        calls = self._memory.calls
        calls[known.id] = known
        if len(calls) > CALLS:
            del calls[next(iter(calls))]

    def _results(self, record: Record, parts: list[Block], place: Place, turns: Turns) -> None:
        turns.touch(place.at_ms)
        for block in parts:
            if block.type == "tool_result":
                key = call_key(block.tool_use_id, place.session_id)
                if key is not None:
                    self._result(block, key, record, place)

    def _result(self, block: Block, key: str, record: Record, place: Place) -> None:
        seen = tools.outcome(block, key, place, record)
        known = self._memory.calls.pop(key, None)
        self._events.append(seen)
        self._events += tools.changes(known, seen, block, place, record.details)
        if known is None or place.is_copy:
            return
        if known.purpose == "launch":
            self._events += agents.result_of(known, seen, record.details, place)
        elif known.purpose == "stop" and known.subject is not None and seen.ok:
            self._events.append(agents.ended(known.subject, "stopped", place))

    def _system(self, record: Record, own: Place) -> None:
        place, turns = self._of(record, own)
        uuid = text(record.uuid) or f"{place.agent_id}:{place.line}"
        match record.subtype:
            case "turn_duration":
                turns.end(place.at_ms, place.line, over=True)
            case "stop_hook_summary":
                turns.end(place.at_ms, place.line)
            case "local_command":
                turns.forget_command()
            case "scheduled_task_fire":
                turns.wait_for(
                    Cause(id=uuid, at_ms=place.at_ms, line=place.line, cause="notification")
                )
            case "agents_killed":
                self._events.append(agents.ended("*", "killed", place))
            case "api_error":
                self._events.append(incidents.failure(uuid, record, place))
            case "compact_boundary":
                self._events.append(incidents.compaction(uuid, record, place))

    def _attachment(self, record: Record, own: Place) -> None:
        attachment = record.attachment
        if attachment is None:
            return
        if attachment.type != "queued_command":
            if self._place.agent_id is None:
                self._changes.attached(attachment, record, own)
            return
        place, turns = self._of(record, own)
        at_ms = instant_ms(attachment.timestamp, self._now_ms)
        if at_ms is not None:
            place = structs.replace(place, at_ms=at_ms)
        said = prompts.queued(attachment)
        uuid = text(record.uuid) or f"{place.session_id}:{place.line}"
        if said.kind is Kind.WAKING:
            self._notice(said.text, place)
            turns.wait_for(Cause(id=uuid, at_ms=place.at_ms, line=place.line, cause="notification"))
        elif said.kind is Kind.PROMPT and place.agent_id == place.session_id:
            self._queued(uuid, attachment, said, place, turns)

    def _queued(
        self, uuid: str, attachment: Attachment, said: Said, place: Place, turns: Turns
    ) -> None:
        source = text(attachment.source_uuid)
        if source is not None and source[:12] in self._memory.prompts or not self._is_new(uuid):
            return
        if source is not None:
            self._is_new(source)
        self._memory.queued = [*self._memory.queued[1 - QUEUED :], fingerprint(said.text)]
        joins = turns.is_open
        self._events.append(prompts.seen(uuid, said, place, queued=joins))
        if not joins:
            turns.begin(uuid, place.at_ms, place.line, "prompt", is_copy=place.is_copy)

    def _notice(self, notice: str, place: Place) -> None:
        end = agents.notified(notice, place)
        if end is not None:
            self._events.append(end)

    def events(self) -> tuple[Event, ...]:
        """Return what was found since the last call."""
        events = tuple(self._events)
        self._events.clear()
        return events

    def facts(self) -> FileFacts:
        """Return what the file says of itself."""
        prompt, self._prompt = self._prompt, None
        return structs.replace(self._facts.take(), prompt_fingerprint=prompt)

    def state(self) -> bytes:
        """Return the memory to read on with."""
        return msgspec.json.encode(self._memory)
