"""A log or two in a line, as the clients write them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.cli.box import NOW_MS

Record = dict[str, Any]
SESSION = "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"
THREAD = "01a1ea39-d0e0-7e74-9762-24ecbf58dba2"
START = "2026-11-21T10:00:00.000Z"


def user(text: object, at: str = START, **more: object) -> Record:
    """Return Claude Code's record of a prompt."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": f"uuid-{at}-{len(str(text))}",
        "timestamp": at,
        "cwd": "/home/dev/app",
        "sessionId": SESSION,
        "version": "2.1.330",
        "gitBranch": "main",
        "entrypoint": "cli",
        **more,
    }


def assistant(
    message_id: str,
    at: str = START,
    *,
    model: object = "claude-opus-5-5",
    usage: Mapping[str, object] | None = None,
    content: object = (),
    **more: Any,
) -> Record:
    """Return Claude Code's record of an answer: 100 tokens of input and 10 of output."""
    message = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content or [{"type": "text", "text": "answer"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 100, "output_tokens": 10, **(usage or {})},
    }
    return user("", at, uuid=f"uuid-{message_id}") | {
        "type": "assistant",
        "message": message,
        "requestId": f"req_{message_id}",
        **more,
    }


def line(record: object) -> bytes:
    """Return a record as a log's line; bytes are lines already."""
    if isinstance(record, bytes):
        return record
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def write(path: Path, records: Iterable[object], at_ms: int = NOW_MS - 3_600_000) -> Path:
    """Write a log that was last changed an hour ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line(record) for record in records))
    os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
    return path


def claude_log(root: Path, records: Iterable[object], session: str = SESSION) -> Path:
    """Write a main transcript."""
    return write(root / "projects" / "-home-dev-app" / f"{session}.jsonl", records)


def rollout_path(root: Path, thread: str = THREAD) -> Path:
    """Return where Codex keeps a thread of that day."""
    name = f"rollout-2026-11-21T10-00-00-{thread}.jsonl"
    return root / "sessions" / "2026" / "11" / "21" / name


def codex_log(root: Path, records: Iterable[object], thread: str = THREAD) -> Path:
    """Write a rollout."""
    return write(rollout_path(root, thread), records)


def codex_records(prompt: str = "fix the build", *, output: str = "done") -> list[Record]:
    """Return a thread with one turn: a prompt, a command and one billed response."""
    turn, cwd = "01a1ea39-d0e0-775a-b4f3-34271dbd094b", "/home/dev/app"
    usage = {
        "input_tokens": 1000,
        "cached_input_tokens": 400,
        "cache_write_input_tokens": 100,
        "output_tokens": 50,
        "reasoning_output_tokens": 20,
        "total_tokens": 1050,
    }
    message = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": prompt}],
    }
    event = {
        "type": "item_completed",
        "thread_id": THREAD,
        "turn_id": turn,
        "item": {"type": "UserMessage", "id": "u1", "content": [{"type": "text", "text": prompt}]},
    }
    payloads: list[tuple[str, Record]] = [
        (
            "session_meta",
            {
                "id": THREAD,
                "session_id": THREAD,
                "timestamp": START,
                "cwd": cwd,
                "originator": "codex-tui",
                "cli_version": "0.169.0",
                "source": "cli",
                "git": {"branch": "main"},
            },
        ),
        ("event_msg", {"type": "task_started", "turn_id": turn, "model_context_window": 258400}),
        ("turn_context", {"turn_id": turn, "cwd": cwd, "model": "gpt-6.1-sol"}),
        ("response_item", message),
        ("event_msg", event),
        (
            "response_item",
            {
                "type": "function_call",
                "name": "exec_command",
                "call_id": "call_1",
                "arguments": json.dumps({"cmd": f"echo {output}"}),
            },
        ),
        (
            "token_usage_record",
            {
                "thread_id": THREAD,
                "turn_id": turn,
                "session_id": THREAD,
                "root_turn_id": turn,
                "response_id": "resp_1",
                "usage": usage,
                "turn_token_usage": usage,
                "thread_token_usage": usage,
            },
        ),
        ("response_item", {"type": "function_call_output", "call_id": "call_1", "output": output}),
        ("event_msg", {"type": "task_complete", "turn_id": turn, "last_agent_message": output}),
    ]
    return [
        {
            "timestamp": datetime(2026, 11, 21, 10, 0, i, tzinfo=UTC).isoformat()[:19] + ".000Z",
            "ordinal": i,
            "type": kind,
            "payload": payload,
        }
        for i, (kind, payload) in enumerate(payloads)
    ]
