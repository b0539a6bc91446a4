"""Every program gets a home of its own, with the same logs linked into it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.corpus import bytes_of, generate, read_truth, write_today, write_truth
from tests.benchmarks.peers import folder
from tests.benchmarks.process import Run, bare, run
from tests.benchmarks.truth import Sums

ROOT = Path(__file__).parents[2]
LOGS = (".claude", ".codex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program with a home of its own."""

    name: str
    command: tuple[str, ...]
    home: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return bare(self.home, self.more)

    def forget(self) -> None:
        """Remove everything that the program keeps between runs."""
        for entry in self.home.iterdir():
            if entry.name in LOGS:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def run(self, *arguments: str, sampled: bool = True, given: bytes = b"") -> Run:
        """Run it once; given: its input."""
        command = [*self.command, *arguments]
        return run(command, self.environment, sampled=sampled, given=given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The logs of one size, today's sessions included, and homes that hold them."""

    size: str
    logs: Path
    truth: dict[str, Sums]

    @property
    def bytes(self) -> int:
        """Size of all logs."""
        return sum(path.stat().st_size for path in _files(self.logs))

    def tool(
        self, name: str, command: Sequence[str], more: Mapping[str, str] | None = None
    ) -> Tool:
        """Return a program with a new home."""
        home = self.logs.parent / f"home-{name}"
        shutil.rmtree(home, ignore_errors=True)
        link(self.logs, home)
        return Tool(name=name, command=tuple(command), home=home, more=more or {})

    def tokenwatch(self, command: Sequence[str], name: str = "tokenwatch") -> Tool:
        """Return tokenwatch with a new home."""
        home = self.logs.parent / f"home-{name}"
        more = {
            "TOKENWATCH_OFFLINE": "1",
            "TOKENWATCH_DATA_DIR": str(home / "data"),
            "TOKENWATCH_CONFIG_DIR": str(home / "config"),
            "CLAUDE_CONFIG_DIR": str(home / ".claude"),
            "CODEX_HOME": str(home / ".codex"),
        }
        if not command:
            command, more["PYTHONPATH"] = (sys.executable, "-m", "tokenwatch"), str(ROOT)
        return self.tool(name, command, more)

    def warm_page_cache(self) -> None:
        """Read every log once."""
        for path in _files(self.logs):
            with path.open("rb") as file:
                while file.read(1 << 20):
                    pass


def _files(top: Path) -> Iterator[Path]:
    for name in LOGS:
        yield from (path for path in sorted((top / name).rglob("*")) if path.is_file())


def link(logs: Path, home: Path) -> None:
    """Let a home hold the same files: links where possible, copies elsewhere."""
    for path in _files(logs):
        to = home / path.relative_to(logs)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, to)
        except OSError:
            shutil.copy2(path, to)


def place(size: str) -> Place:
    """Return the logs of a size; those of earlier months are kept from run to run."""
    # Some peers leave out what is older than half a year.
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    corpus = folder() / "corpora" / f"{month:%Y-%m}-{bytes_of(size)}"
    if not (corpus / "truth.json").exists():
        shutil.rmtree(corpus, ignore_errors=True)
        generate(corpus, bytes_of(size), end_ms=int(month.timestamp()) * 1000)
    return place_of(corpus, size)


def place_of(corpus: Path, name: str) -> Place:
    """Return the logs of a corpus, which stays as it is, with sessions of today beside them."""
    logs = folder() / "runs" / name / "logs"
    shutil.rmtree(logs.parent, ignore_errors=True)
    link(corpus, logs)
    write_truth(logs, read_truth(corpus))
    write_today(logs, time.time_ns() // 1_000_000 - 60_000)
    return Place(size=name, logs=logs, truth=read_truth(logs))
