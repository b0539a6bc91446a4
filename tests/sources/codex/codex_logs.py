"""Rollouts for tests: real ones (trimmed) in `tests/data/codex`, and invented ones."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tokenwatch.events import Batch, Bookmark, Event, FileFacts, RequestSeen
from tokenwatch.found import LogFile
from tokenwatch.model import NO_USAGE, Usage
from tokenwatch.sources.codex import SOURCE
from tokenwatch.sources.source import Pass

T = TypeVar("T")
DATA = Path(__file__).parents[2] / "data" / "codex"
NOW_MS = 1_795_400_000_000
START_MS = 1_780_000_000_000
FIELDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


@dataclass
class Merged:
    """What batches come to, as a ledger would hold it."""

    facts: FileFacts
    events: list[Event]
    skipped: dict[str, int]
    bookmark: Bookmark | None
    restarts: int
    lines: int

    @property
    def requests(self) -> list[RequestSeen]:
        return [event for event in self.events if isinstance(event, RequestSeen)]

    @property
    def total(self) -> Usage:
        return sum((request.usage for request in self.requests), NO_USAGE)


def of(kind: type[T], events: Iterable[Event]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def merge(batches: Iterable[Batch], before: Merged | None = None) -> Merged:
    merged = before or Merged(FileFacts(), [], {}, None, 0, 0)
    for batch in batches:
        if batch.from_start:
            merged = Merged(merged.facts, [], {}, None, merged.restarts + 1, 0)
        known = {name: getattr(merged.facts, name) for name in FileFacts.__struct_fields__}
        for name in FileFacts.__struct_fields__:
            value = getattr(batch.facts, name)
            if name == "last_ms" and value is not None:
                value = max(value, known["last_ms"] or 0)
            if value is not None:
                known[name] = value
        merged.facts = FileFacts(**known)
        merged.events += batch.events
        merged.lines += batch.lines
        for item in batch.skipped:
            merged.skipped[item.reason] = merged.skipped.get(item.reason, 0) + item.count
        merged.bookmark = batch.bookmark
    return merged


def log_file(path: Path, root: Path | None = None) -> LogFile:
    status = path.stat()
    return LogFile(
        source="codex",
        root=str(root or path.parent),
        path=str(path),
        kind="sidecar" if path.suffix == ".json" else "log",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        device=status.st_dev,
        inode=status.st_ino,
    )


def read(
    path: Path,
    which: Pass = Pass.USAGE,
    *,
    root: Path | None = None,
    before: Merged | None = None,
    now_ms: int = NOW_MS,
) -> Merged:
    bookmark = before.bookmark if before else None
    return merge(SOURCE.read(log_file(path, root), bookmark, which, now_ms=now_ms), before)


def read_home(home: Path, which: Pass = Pass.USAGE) -> list[Merged]:
    found = SOURCE.find(home)
    assert not found.troubles
    return [merge(SOURCE.read(log, None, which, now_ms=NOW_MS)) for log in found.files]


def requests_of(home: Path) -> dict[str, RequestSeen]:
    """Return a home's requests by id, an id in two files once."""
    found: dict[str, RequestSeen] = {}
    for merged in read_home(home):
        for request in merged.requests:
            found.setdefault(request.id, request)
    return found


def summed(requests: Iterable[RequestSeen]) -> dict[str, int]:
    many = list(requests)
    row = {name: sum(getattr(r.usage, name) for r in many) for name in FIELDS}
    return row | {"requests": len(many)}


def grouped(
    requests: Iterable[RequestSeen], key: Callable[[RequestSeen], object]
) -> dict[object, dict[str, int]]:
    groups: dict[object, list[RequestSeen]] = {}
    for request in requests:
        groups.setdefault(key(request), []).append(request)
    return {name: summed(group) for name, group in groups.items()}


def uuid7(at_ms: int, tail: int = 1) -> str:
    digits = f"{at_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-{tail:012x}"


def stamp(at_ms: int) -> str:
    from datetime import UTC, datetime

    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Rollout:
    """Writes an invented rollout, a second between records."""

    def __init__(self, thread: str | None = None, at_ms: int = START_MS) -> None:
        self.thread = thread or uuid7(at_ms)
        self.at_ms = at_ms
        self.lines: list[bytes] = []
        self.total = [0] * 6

    def add(self, kind: str, payload: object, *, step_ms: int = 1000, **more: object) -> Rollout:
        record = {"timestamp": stamp(self.at_ms), **more, "type": kind, "payload": payload}
        self.lines.append(json.dumps(record, separators=(",", ":")).encode())
        self.at_ms += step_ms
        return self

    def raw(self, line: bytes) -> Rollout:
        self.lines.append(line)
        return self

    def meta(
        self, thread: str | None = None, created_ms: int | None = None, **more: Any
    ) -> Rollout:
        created = stamp(self.at_ms if created_ms is None else created_ms)
        payload = {"id": thread or self.thread, "timestamp": created, "cwd": "/w/p"}
        payload |= {"originator": "codex_cli_rs", "cli_version": "0.150.0", "source": "cli"}
        return self.add("session_meta", payload | more)

    def event(self, kind: str, *, step_ms: int = 1000, **payload: object) -> Rollout:
        return self.add("event_msg", {"type": kind, **payload}, step_ms=step_ms)

    def turn(self, turn_id: str | None = None, model: str = "gpt-5.2-codex") -> Rollout:
        turn_id = turn_id or uuid7(self.at_ms, 7)
        self.event("task_started", turn_id=turn_id, started_at=self.at_ms // 1000)
        return self.add("turn_context", {"turn_id": turn_id, "model": model, "cwd": "/w/p"})

    def spend(self, given: int = 100, cached: int = 40, out: int = 10, **more: Any) -> Rollout:
        """One answer: totals grow by it."""
        last = [given, cached, more.pop("written", 0), out, more.pop("reasoning", 0), given + out]
        self.total = [a + b for a, b in zip(self.total, last, strict=True)]
        return self.count(self.total, last, **more)

    def count(
        self, total: list[int], last: list[int], *, step_ms: int = 1000, **more: object
    ) -> Rollout:
        info = {"total_token_usage": usage(total), "last_token_usage": usage(last)}
        return self.event("token_count", step_ms=step_ms, info=info | more, rate_limits=None)

    def record(
        self, response: str, given: int = 100, cached: int = 40, out: int = 10, **more: object
    ) -> Rollout:
        spent = usage([given, cached, 0, out, 0, given + out])
        payload = {"thread_id": self.thread, "response_id": response, "usage": spent}
        return self.add("token_usage_record", payload | more)

    @property
    def data(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def write(
        self, home: Path, name: str | None = None, folder: str = "sessions/2026/05/28"
    ) -> Path:
        path = home / folder / (name or f"rollout-2026-05-28T20-26-40-{self.thread}.jsonl")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        os.utime(path, (NOW_MS / 1000 - 3600, NOW_MS / 1000 - 3600))
        return path


def usage(counts: list[int]) -> dict[str, int]:
    names = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens",
             "reasoning_output_tokens", "total_tokens")  # fmt: skip
    return dict(zip(names, counts, strict=True))
