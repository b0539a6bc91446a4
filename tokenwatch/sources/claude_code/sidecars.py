"""The small files beside transcripts: descriptions of agents, titles, workflow journals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from tokenwatch.events import AgentEnded, Batch, Bookmark, Event, FileFacts, Skipped
from tokenwatch.found import LogFile
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.source import Pass
from tokenwatch.sources.tail import read_document
from tokenwatch.sources.values import Oddities, mapping, text


def read_sidecar(log: LogFile, place: Place, bookmark: Bookmark | None) -> Iterator[Batch]:
    """Yield the facts of a small document if it is another one than at the bookmark.

    Raises OSError if it can't be read.
    """
    data = read_document(log.path)
    digest = f"{len(data)}:{hashlib.blake2b(data, digest_size=8).hexdigest()}"
    mark = Bookmark(offset=len(data), line=0, head=digest, anchor=digest)
    if mark == bookmark:
        return
    facts = FileFacts()
    skipped: tuple[Skipped, ...] = ()
    try:
        document = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        skipped = (Skipped(reason="malformed", count=1, sample=f"{len(data)} bytes"),)
    else:
        facts = _facts(place, mapping(document))
    yield Batch(
        bookmark=mark,
        facts=facts,
        events=(),
        skipped=skipped,
        from_start=bookmark is not None,
        bytes=len(data),
    )


def _facts(place: Place, document: dict[str, object]) -> FileFacts:
    if place.form == "title-sidecar":
        return FileFacts(
            session_id=place.session_id, client_title=text(document.get("customTitle"))
        )
    parent = text(document.get("parentAgentId"))
    if parent is None and document.get("spawnDepth") == 1:
        parent = place.session_id
    return FileFacts(
        session_id=place.session_id,
        agent_id=place.agent_id,
        kind=place.kind,
        rank=place.rank,
        parent_agent_id=parent,
        agent_name=text(document.get("name")) or text(document.get("agentType")),
        agent_task=text(document.get("description")),
        tool_use_id=text(document.get("toolUseId")),
    )


class JournalReader:
    """Reads a workflow's journal for which of its agents are done.

    Its records have no times: an agent's end gets the time of the file's last change, which is
    not before the agent's own last record.
    """

    def __init__(self, place: Place, which: Pass, modified_ms: int) -> None:
        self.odd = Oddities()
        self._session_id = place.session_id
        self._which = which
        self._modified_ms = modified_ms
        self._events: list[Event] = []

    def __len__(self) -> int:
        return len(self._events)

    def take(self, number: int, line: bytes) -> None:
        """Read one line; only the detail pass wants them."""
        if self._which is not Pass.DETAIL or self._session_id is None or not line.strip():
            return
        try:
            record = mapping(msgspec.json.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.odd.add("malformed", number)
            return
        status = {"result": "completed", "failed": "failed"}.get(str(record.get("type")))
        agent = text(record.get("agentId"))
        if status is not None and agent is not None:
            self._events.append(
                AgentEnded(
                    session_id=self._session_id,
                    ref=agent,
                    at_ms=self._modified_ms,
                    line=number,
                    status=status,
                )
            )

    def events(self) -> tuple[Event, ...]:
        """Return the ends since the last call."""
        events, self._events = tuple(self._events), []
        return events

    def facts(self) -> FileFacts:
        """Return nothing: a journal is no agent's."""
        return FileFacts()

    def state(self) -> bytes:
        """Return nothing: every line stands for itself."""
        return b""
