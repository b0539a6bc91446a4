"""Subagents of version 1.0, whose records lie among those of their session's file.

They are marked `isSidechain` and chained by `parentUuid`; no agent id is in them. A chain begins
with the prompt that its Task call gave, so the chain's agent gets that call's id.
"""

from __future__ import annotations

import msgspec

from tokenwatch.sources.claude_code.records import (
    Head,
    Message,
    block_text,
    blocks,
    call_key,
    value,
)
from tokenwatch.sources.values import fingerprint, mapping, text

LAUNCHES = 32
RECENT = 256
SHORT = 12
"""As much of a record's id is kept as tells the records of a file apart."""


class Sidechains(msgspec.Struct, omit_defaults=True):
    """The chains that may go on."""

    launches: list[tuple[str, str]] = []
    """Task calls whose chain has not begun: (tool use id, fingerprint of the prompt)."""
    recent: dict[str, str] = {}
    """Latest records of chains: beginning of the record's id → agent id."""
    latest: str | None = None

    def launch(self, message: Message, session_id: str) -> None:
        """Note the Task calls of a message outside of chains."""
        if b'"Task"' not in bytes(message.content):
            return
        for block in blocks(value(message.content)):
            call, given = call_key(block.get("id"), session_id), mapping(block.get("input"))
            if block.get("name") == "Task" and call is not None:
                prompt = fingerprint(text(given.get("prompt")) or "")
                self.launches = [*self.launches[1 - LAUNCHES :], (call, prompt)]

    def agent(self, record: Head, message: Message | None) -> tuple[str, bool]:
        """Return the agent of a chain's record, and whether the record begins the chain."""
        uuid, parent = text(record.uuid) or "", text(record.parentUuid)
        agent = self.recent.get(parent[:SHORT]) if parent else None
        begins = False
        if agent is None and parent is not None:
            agent = self.latest
        if agent is None:
            begins = True
            agent = self._launched(message) or uuid or "sidechain"
        self.latest = agent
        self.recent[uuid[:SHORT]] = agent
        if len(self.recent) > RECENT:
            del self.recent[next(iter(self.recent))]
        return agent, begins

    def _launched(self, message: Message | None) -> str | None:
        if message is None:
            return None
        prompt = fingerprint(block_text(value(message.content)))
        for index in range(len(self.launches) - 1, -1, -1):
            call, asked = self.launches[index]
            if asked == prompt:
                del self.launches[index]
                return call
        return None


def may_have_sidechains(version: object) -> bool:
    """Tell whether that version wrote subagents into their session's file (before 2.0.28)."""
    return not isinstance(version, str) or version.startswith(("0.", "1.", "2.0."))
