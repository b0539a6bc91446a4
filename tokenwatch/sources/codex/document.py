"""The first Codex (TypeScript, spring of 2025): one JSON document a session, without tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from tokenwatch.events import Batch, Bookmark, FileFacts, Skipped
from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind
from tokenwatch.sources.codex.detail import DetailReader
from tokenwatch.sources.codex.thread import ids_in_name
from tokenwatch.sources.source import Pass
from tokenwatch.sources.tail import read_document
from tokenwatch.sources.values import instant_ms, mapping, sequence, text


def read_document_log(
    log: LogFile, bookmark: Bookmark | None, which: Pass, *, now_ms: int
) -> Iterator[Batch]:
    """Read a document whole when it has changed. Raises OSError if it can't be opened."""
    data = read_document(log.path)
    digest = f"{len(data)}:{hashlib.blake2b(data, digest_size=8).hexdigest()}"
    if bookmark is not None and bookmark.head == digest:
        return
    place = Bookmark(offset=len(data), line=data.count(b"\n") + 1, head=digest, anchor=digest)
    try:
        document = mapping(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = {}
    session = mapping(document.get("session"))
    session_id = text(session.get("id")) or ids_in_name(log.path)[0]
    again = bookmark is not None
    if not document or session_id is None:
        skipped = (Skipped(reason="malformed", count=1),)
        yield Batch(bookmark=place, facts=FileFacts(), events=(), skipped=skipped, from_start=again)
        return
    stamp = text(session.get("timestamp"))
    if stamp is not None and instant_ms(stamp, now_ms) is None:
        stamp += "Z"
    started = instant_ms(stamp, now_ms)
    reader = DetailReader.maker(log, now_ms)(b"")
    if which is Pass.DETAIL:
        header: dict[str, object] = {"id": session_id, "timestamp": stamp}
        reader.take(1, msgspec.json.encode(header))
        # The document has no lines of its own: items are numbered behind the header.
        for number, item in enumerate(sequence(document.get("items")), 2):
            reader.take(number, msgspec.json.encode(item))
    yield Batch(
        bookmark=place,
        facts=FileFacts(
            session_id=session_id,
            agent_id=session_id,
            kind=AgentKind.MAIN,
            rank=0,
            first_ms=started,
            last_ms=started,
            scripted=False,
        ),
        events=tuple(reader.events),
        from_start=again,
        lines=place.line,
        bytes=len(data),
    )
