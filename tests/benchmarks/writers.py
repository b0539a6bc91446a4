"""Sessions that go on while they are watched."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from tests.benchmarks.filler import stamp, token, uuid4

TOKENS = 2_000
"""Output of each appended answer: enough to move the shown cents."""
MODEL, USD_PER_MILLION = "claude-opus-4-5-20251101", 25
"""And what its output costs at list price."""


class Writer:
    """A session of Claude Code that goes on while it is watched."""

    def __init__(self, home: Path, number: int, at_ms: int | None = None) -> None:
        self._rng = Random(f"writer:{number}")
        self._id = uuid4(self._rng)
        self._parent = "null"
        self._cwd = f"/home/dev/live{number}"
        folder = home / ".claude" / "projects" / self._cwd.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{self._id}.jsonl"
        content = '"message":{"role":"user","content":"go on"},"origin":{"kind":"human"}'
        self._write("user", content, at_ms)

    def append(self, at_ms: int | None = None) -> None:
        """Append one answer of a known cost, of now if no time is given."""
        rng = self._rng
        usage = (
            '"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,'
            f'"output_tokens":{TOKENS},"service_tier":"standard","speed":"standard"'
        )
        self._write(
            "assistant",
            f'"message":{{"model":"{MODEL}","id":"{token(rng, "msg_01", 22)}","type":"message",'
            f'"role":"assistant","content":[{{"type":"text","text":"working"}}],'
            f'"stop_reason":"tool_use","usage":{{{usage}}}}},'
            f'"requestId":"{token(rng, "req_011C", 20)}"',
            at_ms,
        )

    def _write(self, kind: str, body: str, at_ms: int | None) -> None:
        uuid, written_ms = uuid4(self._rng), at_ms or time.time_ns() // 1_000_000
        line = (
            f'{{"parentUuid":{self._parent},"isSidechain":false,{body},"type":"{kind}",'
            f'"uuid":"{uuid}","timestamp":"{stamp(written_ms)}",'
            f'"entrypoint":"cli","userType":"external","cwd":"{self._cwd}",'
            f'"sessionId":"{self._id}","version":"2.1.330","gitBranch":"main"}}\n'
        )
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())
        self._parent = f'"{uuid}"'
