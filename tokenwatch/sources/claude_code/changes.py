"""What became different about how an agent runs, and what was loaded into its context.

Version 2.1 tells more of it with each release. Tools: which ones were added or removed later
(`deferred_tools_delta`), and, since it logs its requests (seen in 2.1.330), their very definitions
(`api-request-shape`): where these are known, they decide. Instruction files: as attachments
`instructions` (2.1.330) and `nested_memory`; before, the main ones are in no record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from zlib import crc32

import msgspec

from tokenwatch.events import ChangeSeen, Event
from tokenwatch.sources.claude_code.contents import Attachment, Record
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.claude_code.records import value
from tokenwatch.sources.values import fingerprint, mapping, sequence, text

ASKED = 32
"""Prompts that a rewind may go back to."""
KNOWN = 512
"""Skills and instruction files that are remembered."""
TOOLS, NAME = 256, 64
"""Names of tools that are remembered, and their characters."""
DEFINED = 64
"""Names of tools that are remembered of one request."""
SERVERS = 64
SHAPES = 3
LONGEST, PATH = 120, 300
"""Characters of `what`, and of a path there."""
OWN_QUERIES = ("sdk", "repl_main_thread", "agent:")
"""Beginnings of a request's `querySource` where it is the agent's own, not a side request."""
_SKILL = re.compile(r"^- ([^\s:]+(?::[^\s:]+)*)(?=:? |:?$)", re.M)


class Asked(msgspec.Struct, omit_defaults=True):
    """A prompt that a rewind may drop."""

    id: str
    after: str
    """The record that it follows; "" for none."""
    answered: bool = False


class Tooling(msgspec.Struct, omit_defaults=True):
    """The definitions of tools that requests are sent with."""

    digest: str = ""
    names: list[str] = []
    servers: dict[str, int] = {}
    """Characters of the definitions of each MCP server's tools."""


class Loaded(msgspec.Struct, omit_defaults=True):
    """Characters of one MCP server in the context."""

    names: int = 0
    instructions: int = 0
    definitions: int = 0


class ChangesMemory(msgspec.Struct, omit_defaults=True):
    """What is known of how the file's own agent runs."""

    effort: str | None = None
    asked: list[Asked] = []
    deferred: list[str] | None = None
    """Names of tools that are told without their definitions; None as long as none were told."""
    shapes: dict[str, Tooling] = {}
    """Definitions by the beginning of their hash: the latest ones."""
    tooling: Tooling | None = None
    """Those of the latest request of the agent's own."""
    servers: dict[str, Loaded] = {}
    known: list[int] = []
    """Checksums of skills and instruction files with their sizes: each is told once."""


class Changes:
    """Emits the changes of one file's own agent into `events`.

    Records that were copied from another session are learnt from, but tell no change.
    """

    def __init__(self, memory: ChangesMemory, events: list[Event]) -> None:
        self._memory = memory
        self._events = events

    def version(self, before: str | None, after: str | None, record: Record, place: Place) -> None:
        """Note which version wrote the latest records; it is no change where none was known."""
        if before is not None and after != before:
            self._changed("version", record.uuid, place, what=after)

    def answered(self, record: Record, place: Place) -> None:
        """Note an answer of the agent: its effort, and why its context was not in the cache."""
        memory = self._memory
        if memory.asked and not memory.asked[-1].answered:
            memory.asked[-1].answered = True
        if record.effort is not None or record.perTurnEffort is not None:
            self._strained(text(record.perTurnEffort) or text(record.effort), record, place)
        if record.message is not None and record.message.diagnostics is not None:
            self._missed(record.message.id, mapping(record.message.diagnostics), place)

    def _strained(self, effort: str | None, record: Record, place: Place) -> None:
        before = self._memory.effort
        if effort is not None and effort != before:
            self._memory.effort = effort[:LONGEST]
            if before is not None:
                self._changed("effort", record.uuid, place, what=effort)

    def _missed(self, answer: object, told: dict[str, object], place: Place) -> None:
        reason = told.get("cache_miss_reason")
        details = mapping(reason)
        word = text(reason) or text(details.get("type"))
        size = details.get("cache_missed_input_tokens")
        if word is not None:
            whole = size if type(size) is int and 0 <= size < 10**9 else 0
            self._changed("miss", answer, place, what=word, size=whole)

    def prompted(self, uuid: str, record: Record, place: Place) -> None:
        """Note a prompt of the main agent. One that follows what an earlier one followed drops
        that one and all since: the conversation was taken back to before it.

        A prompt that was never answered is not dropped by that, but corrected.
        """
        asked, after = self._memory.asked, text(record.parentUuid) or ""
        first = not after and mapping(record.turnPosition).get("promptIndex") == 1
        if after or first:
            back = next((n for n, one in enumerate(asked) if one.after == after), None)
            if back is not None:
                dropped = [one for one in asked[back:] if one.answered]
                if dropped:
                    what, size = dropped[0].id, len(dropped)
                    self._changed("rewind", uuid, place, what=what, size=size)
                del asked[back:]
        asked.append(Asked(id=uuid[:64], after=after[:64]))
        del asked[:-ASKED]

    def cleared(self, uuid: str, place: Place) -> None:
        """Note that this session was begun by `/clear`."""
        self._changed("clear", uuid, place)

    def attached(self, attachment: Attachment, record: Record, place: Place) -> None:
        """Note what was put into the context."""
        match attachment.type:
            case "deferred_tools_delta":
                self._deferred(attachment, record.uuid, place)
            case "mcp_instructions_delta":
                self._instructed(attachment, record.uuid, place)
            case "skill_listing":
                listed = text(value(attachment.content)) or ""
                names = set(_texts(attachment.names))
                self._loaded("skill", _skills(listed, names), record.uuid, place)
            case "instructions":
                files = [mapping(file) for file in sequence(value(attachment.files))]
                self._loaded("memory", _contents(files), record.uuid, place)
            case "nested_memory":
                file = mapping(value(attachment.content))
                self._loaded("memory", _contents([file]), record.uuid, place)

    def _loaded(
        self, kind: str, found: Iterable[tuple[str, int]], uuid: object, place: Place
    ) -> None:
        known = self._memory.known
        for name, size in found:
            told = f"{kind} {name} {size}".encode("utf-8", "surrogatepass")
            if (checksum := crc32(told)) not in known:
                known.append(checksum)
                self._changed(kind, uuid, place, what=name, size=size, which=name)
        del known[:-KNOWN]

    def _deferred(self, attachment: Attachment, uuid: object, place: Place) -> None:
        memory = self._memory
        added, removed = _texts(attachment.addedNames), _texts(attachment.removedNames)
        sizes: dict[str, int] = {}
        for name, line in zip(added, _texts(attachment.addedLines) or added, strict=False):
            if (server := server_of(name)) is not None:
                sizes[server] = sizes.get(server, 0) + len(line) + 1
        before = memory.deferred
        gone = {name[:NAME] for name in removed}
        named = dict.fromkeys([*(before or []), *(name[:NAME] for name in added)])
        memory.deferred = now = [name for name in named if name not in gone][:TOOLS]
        for server in _servers(removed) - _servers(now):
            sizes[server] = 0
        for server, size in sizes.items():
            self._server(server, uuid, place, names=size)
        if before is not None and memory.tooling is None and set(before) != set(now):
            self._changed("tools", uuid, place, what=_difference(before, now))

    def _instructed(self, attachment: Attachment, uuid: object, place: Place) -> None:
        told = zip(_texts(attachment.addedNames), _texts(attachment.addedBlocks), strict=False)
        for server, block in told:
            self._server(server, uuid, place, instructions=len(block))
        for server in _texts(attachment.removedNames):
            self._server(server, uuid, place, instructions=0)

    def _server(self, name: str, uuid: object, place: Place, **sizes: int) -> None:
        servers, name = self._memory.servers, name[:NAME]
        loaded = servers.get(name) or Loaded()
        before = loaded.names + loaded.instructions + loaded.definitions
        for part, size in sizes.items():
            setattr(loaded, part, size)
        servers[name] = loaded
        if len(servers) > SERVERS:
            del servers[next(iter(servers))]
        size = loaded.names + loaded.instructions + loaded.definitions
        if size != before:
            self._changed("server", uuid, place, what=name, size=size, which=name)

    def shaped(self, record: Record) -> None:
        """Remember the definitions of tools that requests to come are sent with."""
        key, tooling = (text(record.shapeHash) or "")[:16], _tooling(record.shape)
        if key and tooling is not None:
            shapes = self._memory.shapes
            shapes[key] = tooling
            if len(shapes) > SHAPES:
                del shapes[next(iter(shapes))]

    def requested(self, record: Record, place: Place) -> None:
        """Note a request as it was sent: whether its tools are those of the one before."""
        source = text(record.querySource) or ""
        tooling = self._memory.shapes.get((text(record.shapeHash) or "")[:16])
        before = self._memory.tooling
        if tooling is None or tooling == before or not source.startswith(OWN_QUERIES):
            return
        self._memory.tooling = tooling
        servers = tooling.servers | dict.fromkeys(
            (before.servers if before is not None else {}).keys() - tooling.servers.keys(), 0
        )
        for server, size in servers.items():
            self._server(server, record.id, place, definitions=size)
        if before is not None:
            what = _difference(before.names, tooling.names)
            self._changed("tools", record.id, place, what=what)

    def _changed(
        self,
        kind: str,
        record_id: object,
        place: Place,
        *,
        what: str | None = None,
        size: int = 0,
        which: str = "",
    ) -> None:
        """`which` tells apart what one record says of several things."""
        if place.is_copy:
            return
        about = text(record_id) or f"{place.agent_id}:{place.line}"
        self._events.append(
            ChangeSeen(
                id=f"{about}:{kind}:{fingerprint(which)}" if which else f"{about}:{kind}",
                session_id=place.session_id,
                agent_id=place.agent_id,
                at_ms=place.at_ms,
                line=place.line,
                kind=kind,
                what=what if what is None else what[: PATH if kind == "memory" else LONGEST],
                size=size,
            )
        )


def _texts(raw: msgspec.Raw) -> list[str]:
    return [name for name in sequence(value(raw)) if isinstance(name, str)]


def server_of(tool: str) -> str | None:
    """Return the MCP server of a tool, by its name."""
    return tool.split("__")[1] or None if tool.startswith("mcp__") else None


def _servers(tools: Iterable[str]) -> set[str]:
    return {server for server in map(server_of, tools) if server is not None}


def _skills(listed: str, names: set[str]) -> Iterator[tuple[str, int]]:
    """Return the skills of a listing, each with the characters that it takes there.

    names: which lines begin a skill, where the log says so.
    """
    found = [m for m in _SKILL.finditer(listed) if not names or m[1] in names]
    ends = [match.start() for match in found[1:]] + [len(listed)]
    for match, end in zip(found, ends, strict=False):
        yield match[1], end - match.start()


def _contents(files: Iterable[dict[str, object]]) -> Iterator[tuple[str, int]]:
    for file in files:
        path, content = text(file.get("path")), text(file.get("content"))
        if path is not None and content is not None:
            yield path, len(content)


class _Tool(msgspec.Struct):
    name: str = ""
    defer_loading: bool = False


class _Shape(msgspec.Struct):
    tools: list[msgspec.Raw] = []


_TOOL = msgspec.json.Decoder(_Tool)
_SHAPE = msgspec.json.Decoder(_Shape)


def _tooling(shape: msgspec.Raw) -> Tooling | None:
    """Return the tools that a request defines; None where that can't be read."""
    try:
        raws = [(_TOOL.decode(raw), bytes(raw)) for raw in _SHAPE.decode(shape).tools]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    defined = [(tool.name, raw) for tool, raw in raws if not tool.defer_loading]
    servers: dict[str, int] = {}
    for name, raw in defined:
        server = server_of(name)
        if server is not None and (server[:NAME] in servers or len(servers) < SERVERS):
            size = len(raw.decode("utf-8", "replace"))
            servers[server[:NAME]] = servers.get(server[:NAME], 0) + size
    return Tooling(
        digest=fingerprint(*[raw for _, raw in defined]),
        names=[name[:NAME] for name, _ in defined][:DEFINED],
        servers=servers,
    )


def _difference(before: Iterable[str], after: Iterable[str]) -> str | None:
    """Return which names came and went, in a few words; None if there are the same."""
    old, new = set(before), set(after)
    words = [f"+{name}" for name in sorted(new - old)] + [f"-{name}" for name in sorted(old - new)]
    return " ".join(words) or None
