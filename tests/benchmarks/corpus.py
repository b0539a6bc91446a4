"""Write logs of Claude Code and Codex of a wanted size, and what they hold to `truth.json`.

    python -m tests.benchmarks.corpus --size 200MB FOLDER

The folder then looks like a home: `.claude`, `.codex`, `truth.json`. Every session has a random
stream of its own, so the same arguments give the same bytes, with any number of workers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from tests.benchmarks.claude_log import ClaudeSession
from tests.benchmarks.codex_log import CodexSession
from tests.benchmarks.filler import size_of
from tests.benchmarks.truth import Sums, Truth, added

END_MS = 1_775_001_600_000
"""2026-04-01 00:00:00 UTC: where a corpus ends, unless another time is wanted."""
DAY_MS = 86_400_000
DAYS = 60
SHARES = (("claude-code", 0.8), ("codex", 0.2))
LEAST, TYPICAL, LARGEST = 15_000, 900_000, 60_000_000
"""Bytes of a session."""
FOLDERS = {"claude-code": ".claude", "codex": ".codex"}
NAMES = {"claude": "claude-code"}
"""What other generators call a source."""
UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One session, with the one that goes on from it."""

    root: str
    source: str
    seed: str
    start_ms: int
    end_ms: int
    size: int
    resumed: bool


def bytes_of(size: str) -> int:
    """Return what `200MB` says. Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]B)?", size.strip().upper())
    if found is None:
        raise ValueError(f"{size!r} is no size like 200MB or 4GB")
    return int(float(found[1]) * UNITS[found[2] or ""])


def plan(folder: Path, size: int, seed: int, end_ms: int) -> list[Job]:
    """Return the sessions of a corpus; one of a few is large, and some are resumed."""
    rng = Random(f"plan:{seed}:{size}")
    jobs: list[Job] = []
    for source, share in SHARES:
        left = size * share
        largest = min(LARGEST, int(left / 8))
        typical = min(TYPICAL, int(left / 12))
        for number in count():
            if left < LEAST:
                break
            wanted = largest if not number else size_of(rng, typical, 1.3, LEAST, largest)
            wanted = min(2 * typical if number == 2 else wanted, int(left))
            resumed = number == 2 or number > 2 and rng.random() < 0.08
            start_ms = end_ms - int(rng.uniform(0.02, 1) * DAYS * DAY_MS)
            jobs.append(
                Job(
                    root=str(folder / FOLDERS[source]),
                    source=source,
                    seed=f"{seed}:{len(jobs)}",
                    start_ms=start_ms,
                    end_ms=end_ms,
                    size=wanted,
                    resumed=resumed,
                )
            )
            left -= wanted * (1.9 if resumed else 1)
    return jobs


def write_job(job: Job) -> tuple[str, Sums]:
    """Write one session; return its source and what it holds."""
    truth, rng = Truth(), Random(job.seed)
    place = (Path(job.root), rng, job.start_ms, job.end_ms, job.size, truth)
    session: ClaudeSession | CodexSession
    if job.source == "claude-code":
        session = ClaudeSession(*place)
    else:
        session = CodexSession(*place, forked=job.resumed)
    session.write()
    if job.resumed:
        session.resume(0.5, int(job.size * 0.4))
    return job.source, truth.sums


def generate(
    folder: Path, size: int, *, seed: int = 1, workers: int | None = None, end_ms: int = END_MS
) -> None:
    """Write a corpus of about `size` bytes into a new folder, and its truth.

    It covers the 60 days before `end_ms`.
    """
    folder.mkdir(parents=True)
    jobs = sorted(plan(folder, size, seed, end_ms), key=lambda job: -job.size)
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        parts = [write_job(job) for job in jobs]
    else:
        with get_context("fork").Pool(workers) as pool:
            parts = list(pool.imap_unordered(write_job, jobs))
    write_truth(folder, added(parts))


def write_truth(folder: Path, sums: dict[str, Sums]) -> None:
    """Write what a corpus holds, by source."""
    (folder / "truth.json").write_text(json.dumps(sums, indent=1, sort_keys=True) + "\n")


def read_truth(folder: Path) -> dict[str, Sums]:
    """Return what a corpus holds, by source; that of another generator by its `by_source`."""
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    if "by_source" not in found:
        return found
    return added((NAMES.get(name, name), sums) for name, sums in found["by_source"].items())


def write_today(folder: Path, now_ms: int, *, sessions: int = 6, size: int = 200_000) -> None:
    """Add sessions of today (UTC) to a corpus, and to its truth."""
    midnight = now_ms - now_ms % DAY_MS
    start_ms = max(midnight, now_ms - 3 * 3_600_000)
    parts = list(read_truth(folder).items())
    for number in range(sessions):
        source = "codex" if number % 3 == 2 else "claude-code"
        parts.append(
            write_job(
                Job(
                    root=str(folder / FOLDERS[source]),
                    source=source,
                    seed=f"today:{number}",
                    start_ms=start_ms,
                    end_ms=now_ms,
                    size=size,
                    resumed=False,
                )
            )
        )
    write_truth(folder, added(parts))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a corpus from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.corpus")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="200MB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args(arguments)
    generate(options.folder, bytes_of(options.size), seed=options.seed, workers=options.workers)
    print(json.dumps(read_truth(options.folder), indent=1))


if __name__ == "__main__":
    main()
