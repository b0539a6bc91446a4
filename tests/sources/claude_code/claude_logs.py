"""Write records as Claude Code does, read them, and merge what was read as the ledger does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tokenwatch.events import (
    Batch,
    Bookmark,
    Event,
    FileFacts,
    PromptSeen,
    RequestSeen,
    ToolCallSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.found import LogFile
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.source import Pass

DATA = Path(__file__).parents[2] / "data" / "claude_code"
CASES = sorted(path.parent for path in DATA.glob("*/expected.json"))
NOW_MS = 1_796_000_000_000
SESSION = "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
OTHER = "aaaaaaaa-9f0e-4a43-8d7e-0d2c8b1f6a11"


def at(second: int) -> str:
    return f"2026-11-21T10:{second // 60:02}:{second % 60:02}.000Z"


def at_ms(second: int) -> int:
    return 1_795_255_200_000 + second * 1000


def user(number: int, content: object, **more: object) -> dict[str, Any]:
    """A user record; `number` is its id and its second."""
    record = {
        "parentUuid": None, "isSidechain": False, "type": "user",
        "message": {"role": "user", "content": content}, "uuid": f"uuid-{number:04}",
        "timestamp": at(number), "cwd": "/home/dev/app", "sessionId": SESSION,
        "version": "2.1.330", "gitBranch": "main", "entrypoint": "cli",
    }  # fmt: skip
    return record | more


def usage(output: int = 10, sent: int = 100, **more: object) -> dict[str, Any]:
    counters = {
        "input_tokens": sent, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": output,
    }  # fmt: skip
    return counters | more


def assistant(
    number: int,
    message_id: str | None = "msg_01a",
    *,
    told: object = None,
    stop: str | None = "end_turn",
    model: object = "claude-opus-5",
    content: Sequence[dict[str, object]] = ({"type": "text", "text": "answer"},),
    **more: object,
) -> dict[str, Any]:
    message = {
        "id": message_id, "type": "message", "role": "assistant", "model": model,
        "content": list(content), "stop_reason": stop,
        "usage": usage() if told is None else told,
    }  # fmt: skip
    return user(number, "") | {"type": "assistant", "message": message} | more


def tool_use(call: str, name: str, **given: object) -> dict[str, object]:
    return {"type": "tool_use", "id": call, "name": name, "input": given}


def tool_result(call: str, content: object = "done", **more: object) -> dict[str, object]:
    return {"type": "tool_result", "tool_use_id": call, "content": content} | more


def encode(records: Iterable[object]) -> bytes:
    return b"".join(
        r if isinstance(r, bytes) else json.dumps(r, separators=(",", ":")).encode() + b"\n"
        for r in records
    )


def main_file(root: Path, records: Iterable[object], session: str = SESSION) -> LogFile:
    return write(root / "projects" / "-home-dev-app" / f"{session}.jsonl", encode(records))


def agent_file(root: Path, agent: str, records: Iterable[object]) -> LogFile:
    folder = root / "projects" / "-home-dev-app" / SESSION / "subagents"
    return write(folder / f"agent-{agent}.jsonl", encode(records))


def write(path: Path, data: bytes, kind: str = "log") -> LogFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return log_of(path, kind)


def log_of(path: Path, kind: str = "log") -> LogFile:
    status = path.stat()
    return LogFile(
        source="claude-code", root=str(path.parent), path=str(path), kind=kind,
        size=status.st_size, mtime_ns=(NOW_MS - 1000) * 1_000_000, device=status.st_dev,
        inode=status.st_ino,
    )  # fmt: skip


def batches(log: LogFile, which: Pass, bookmark: Bookmark | None = None) -> list[Batch]:
    return list(SOURCE.read(log, bookmark, which, now_ms=NOW_MS))


def events(log: LogFile, which: Pass = Pass.DETAIL) -> list[Event]:
    return [event for batch in batches(log, which) for event in batch.events]


def requests(log: LogFile) -> list[RequestSeen]:
    return [event for event in events(log, Pass.USAGE) if isinstance(event, RequestSeen)]


def one_request(log: LogFile) -> RequestSeen:
    (request,) = requests(log)
    return request


def facts(log: LogFile, which: Pass = Pass.USAGE) -> FileFacts:
    merged = Merged()
    for batch in batches(log, which):
        merged.add(batch)
    return merged.facts


Owned = PromptSeen | TurnStarted | ToolCallSeen


@dataclass
class Merged:
    """What one file's batches amount to, by the rules of `tokenwatch.events`."""

    facts: FileFacts = field(default_factory=FileFacts)
    requests: dict[str, RequestSeen] = field(default_factory=dict)
    owned: dict[tuple[str, str], Owned] = field(default_factory=dict)
    ends: dict[str, TurnEnded] = field(default_factory=dict)
    others: set[Event] = field(default_factory=set)

    def add(self, batch: Batch) -> None:
        for name in FileFacts.__struct_fields__:
            value = getattr(batch.facts, name)
            if value is not None:
                if name == "last_ms":
                    value = max(value, self.facts.last_ms or 0)
                self.facts = replace(self.facts, **{name: value})
        for event in batch.events:
            self._event(event)

    def _event(self, event: Event) -> None:
        match event:
            case RequestSeen():
                known = self.requests.get(event.id)
                self.requests[event.id] = event if known is None else joined(known, event)
            case PromptSeen() | TurnStarted() | ToolCallSeen():
                key = (type(event).__name__, event.id)
                first = self.owned.get(key)
                if first is None or event.line < first.line:
                    self.owned[key] = event
            case TurnEnded():
                last = self.ends.get(event.turn_id)
                if last is None or event.at_ms >= last.at_ms:
                    self.ends[event.turn_id] = event
            case _:
                self.others.add(event)


def fullness(seen: RequestSeen) -> tuple[bool, int, int]:
    return seen.final, seen.usage.output, seen.usage.total


def joined(a: RequestSeen, b: RequestSeen) -> RequestSeen:
    """Merge two views of one request in one file."""
    owner, other = (a, b) if a.line <= b.line else (b, a)
    best = other if fullness(other) > fullness(owner) else owner
    lower_bound = best.lower_bound
    if fullness(a) == fullness(b):
        lower_bound = a.lower_bound or b.lower_bound
    return replace(
        best,
        session_id=owner.session_id,
        agent_id=owner.agent_id,
        at_ms=owner.at_ms,
        line=owner.line,
        is_copy=owner.is_copy,
        lower_bound=lower_bound,
    )
