"""What became different about how a thread runs, and what was loaded into its context.

Loaded are instruction files, skills and the tools of MCP servers. Logs tell of them at a thread's
start; what comes later is told where it is written again. What a fork copied was told already.
"""

from __future__ import annotations

import re

import msgspec

from tokenwatch.events import ChangeSeen, Event
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.codex.tools import Place
from tokenwatch.sources.values import fingerprint, mapping, sequence, text

MEMORY = "AGENTS.md"
DEFAULT_EFFORT = "default"
"""What stands for an effort that the log does not name: the model's own."""
_MOST_LOADED = 256
_CATALOGUES_KEPT = 8
_NAME_LENGTH = 100
_MEMORY_TEXTS = (
    ("# AGENTS.md instructions", "<INSTRUCTIONS>", "</INSTRUCTIONS>"),
    ("<user_instructions>", "<user_instructions>", "</user_instructions>"),
)
"""How a message with instruction files begins, and what stands around them."""
_SKILLS = "<skills_instructions>"
_SKILL = re.compile(r"^- (\S+): .*\(file: ([^()\n]+)\)$", re.M)
_ROOT = re.compile(r"^- `(\w+)` = `([^`\n]*)`$", re.M)
_BUILT_IN = "/.system/"
"""In the path of a skill that comes with Codex."""


class Changes(msgspec.Struct):
    """What reading on must remember."""

    effort: str | None = None
    """The latest; None before the first own one."""
    loaded: list[str] = []
    """What was said to be loaded: kinds, names and sizes."""
    catalogues: list[str] = []
    """Fingerprints of the latest lists of tools."""

    def header(
        self, payload: dict[str, object], before: str | None, place: Place, events: list[Event]
    ) -> None:
        """Note an own `session_meta`; `before` is the version that was known, None for none."""
        thread = place.thread
        if before is not None and thread.version != before:
            events.append(_change(place, "version", thread.version))
        if thread.history_base and thread.rollout != thread.id and self._is_news("revert", "", 0):
            # How many turns were dropped is told by no file alone.
            events.append(_change(place, "rewind"))
        self._memory(text(payload.get("instructions")), place, events)

    def context(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Note an own `turn_context`."""
        effort = text(payload.get("effort")) or DEFAULT_EFFORT
        if self.effort is not None and effort != self.effort:
            events.append(_change(place, "effort", effort[:_NAME_LENGTH]))
        self.effort = effort
        self._memory(text(payload.get("user_instructions")), place, events)

    def rolled_back(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Note that the latest turns were taken out of the context."""
        turns = payload.get("num_turns")
        size = turns if type(turns) is int and 0 < turns < 1_000_000 else 0
        events.append(_change(place, "rewind", size=size))

    def message(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Note what a client put into the context by a message of the user's or its own."""
        for item in sequence(payload.get("content")):
            words = text(mapping(item).get("text")) or ""
            start = words[:64].lstrip()
            if start.startswith(_SKILLS):
                self._skills(words, place, events)
                continue
            for begin, opening, closing in _MEMORY_TEXTS:
                if start.startswith(begin):
                    inner = words.partition(opening)[2].rpartition(closing)[0]
                    self._memory(inner or words, place, events)

    def tools(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Note a list of tools: the first, a longer one, or a part that changes."""
        tools = [mapping(tool) for tool in sequence(payload.get("tools"))]
        catalogue = fingerprint(msgspec.json.encode(tools, order="sorted"))
        if self.catalogues and catalogue not in self.catalogues:
            name = text(tools[0].get("name")) if tools else None
            events.append(_change(place, "tools", None if name is None else name[:_NAME_LENGTH]))
        if catalogue not in self.catalogues:
            self.catalogues = [*self.catalogues, catalogue][-_CATALOGUES_KEPT:]
        self.servers(payload, place, events)

    def servers(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Note the MCP servers whose tools are in a list."""
        sizes: dict[str, int] = {}
        for tool in map(mapping, sequence(payload.get("tools"))):
            name = text(tool.get("name")) or ""
            server = name.split("__")[1] if name.startswith("mcp__") else ""
            if server:
                size = len(msgspec.json.encode(tool).decode("utf-8", "replace"))
                sizes[server] = sizes.get(server, 0) + size
        for server, size in sizes.items():
            self._load("server", server, size, place, events, again=False)

    def _memory(self, words: str | None, place: Place, events: list[Event]) -> None:
        size = len(words.strip()) if words else 0
        if size:
            self._load("memory", MEMORY, size, place, events)

    def _skills(self, words: str, place: Place, events: list[Event]) -> None:
        roots = dict(_ROOT.findall(words))
        for found in _SKILL.finditer(words):
            root, slash, rest = found[2].partition("/")
            path = f"{roots.get(root, root)}{slash}{rest}"
            if _BUILT_IN not in path:
                self._load("skill", found[1], len(found[0]), place, events)

    def _load(
        self, kind: str, name: str, size: int, place: Place, events: list[Event], *,
        again: bool = True,
    ) -> None:  # fmt: skip
        """Tell of something loaded that is new; again: or has another size now."""
        name = name[:_NAME_LENGTH]
        if self._is_news(kind, name, size if again else 0):
            events.append(_change(place, kind, name, size))

    def _is_news(self, kind: str, name: str, size: int) -> bool:
        key = f"{kind}:{name}:{size}"
        if key in self.loaded or len(self.loaded) >= _MOST_LOADED:
            return False
        self.loaded = [*self.loaded, key]
        return True


def _change(place: Place, kind: str, what: str | None = None, size: int = 0) -> ChangeSeen:
    thread: Thread = place.thread
    own = f"{thread.rollout}:{place.line}:{kind}"
    return ChangeSeen(
        id=own if kind not in ("server", "skill") else f"{own}:{what}",
        session_id=thread.session,
        agent_id=thread.id,
        at_ms=place.at_ms,
        line=place.line,
        kind=kind,
        what=what,
        size=size,
    )
