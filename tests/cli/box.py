"""Run commands as a user does: in a sandbox, on a clock of the test's own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tokenwatch.cli import ground, main

NOW_MS = 1_795_356_000_000
"""2026-11-22 14:00 UTC."""
PATIENCE_S = 30.0
Document = dict[str, Any]

STARTER = """
import sys
from tokenwatch.cli import ground
ground.now_ms = lambda: {now_ms}
from tokenwatch.__main__ import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """The one JSON document on stdout."""
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        found: Document = json.loads(self.out)
        return found

    @property
    def rows(self) -> list[Document]:
        found: list[Document] = self.document["rows"]
        return found


@dataclass(frozen=True)
class Box:
    """A home with logs, settings and a ledger."""

    folder: Path
    now_ms: int = NOW_MS
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def claude(self) -> Path:
        return self.folder / ".claude"

    @property
    def codex(self) -> Path:
        return self.folder / ".codex"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "TOKENWATCH_DATA_DIR": str(self.data),
            "TOKENWATCH_CONFIG_DIR": str(self.folder / "config"),
            "CLAUDE_CONFIG_DIR": str(self.claude),
            "CODEX_HOME": str(self.codex),
            "TOKENWATCH_OFFLINE": "1",
            "TZ": "UTC",
            **self.more,
        }

    def settings(self, text: str | bytes) -> Path:
        """Write config.toml; return it."""
        path = self.folder / "config" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run(self, *arguments: str, cwd: Path | None = None) -> Result:
        """Run a command in this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with (
            patch.dict(os.environ, self.environment),
            patch.object(ground, "now_ms", lambda: self.now_ms),
            patch("signal.signal"),
            redirect_stdout(out),
            redirect_stderr(err),
            chdir(cwd or self.folder),
        ):
            try:
                code = main.run(arguments)
            except SystemExit as leaving:
                code = int(leaving.code or 0)
            texts = []
            for stream in (out, err):
                stream.flush()
                buffer = stream.buffer
                assert isinstance(buffer, io.BytesIO)
                texts.append(buffer.getvalue().decode(stream.encoding))
        return Result(code, *texts)

    def starter(self, *arguments: str) -> list[str]:
        """Return the command line of a process that runs a command on this box's clock."""
        return [sys.executable, "-c", STARTER.format(now_ms=self.now_ms), *arguments]

    def process_environment(self, **more: str) -> dict[str, str]:
        """Return the environment of such a process."""
        known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        root = str(Path(main.__file__).parents[2])
        return known | {"PYTHONPATH": root, "PYTHONUTF8": "0"} | self.environment | more

    def spawn(self, *arguments: str, **more: str) -> Result:
        """Run a command in a process of its own."""
        done = subprocess.run(
            self.starter(*arguments),
            env=self.process_environment(**more),
            cwd=self.folder,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(result: Result, code: int) -> str:
    """Return the one line on stderr of a command that failed so, and printed nothing else."""
    assert (result.code, result.out) == (code, ""), result
    assert result.err.startswith("tokenwatch: ")
    assert result.err.count("\n") == 1 and result.err.endswith("\n"), result.err
    return result.err.removeprefix("tokenwatch: ").rstrip("\n")


def add(documents: Iterable[Document]) -> Document:
    """Return the sums of usage and requests of some rows."""
    sums: Document = {"requests": 0}
    for row in documents:
        sums["requests"] += row["requests"]
        for kind, tokens in row["usage"].items():
            sums[kind] = sums.get(kind, 0) + tokens
    return sums


def assert_ended(number: int) -> None:
    """Wait until a process has ended, or only waits to be asked how it did."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{number}/stat")
        if state.exists() and ") Z " in state.read_text():
            return
        time.sleep(0.02)
    raise AssertionError(f"process {number} still runs")
