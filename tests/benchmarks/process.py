"""Run a program in a bare environment, and say what it and all it started took.

Wall time is from before the start until its end is told. CPU seconds are what the system counted
for it and every process it waited for. Peak memory adds all processes of the tree: every 10 ms
`/proc` is asked for each one's highest resident size so far, the sizes of those that are alive at
that instant are added, and the largest sum counts. Pages that processes share count in each.
Where there is no `/proc`, memory is unknown.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_S = 0.01
GIVE_UP_S = 600
_PROC = Path("/proc")
_PEAK = re.compile(rb"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a program."""

    wall_s: float
    cpu_s: float
    peak_bytes: int | None
    code: int
    out: str
    err: str


class Failed(Exception):
    """A program could not be measured."""


def bare(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment with a home of its own and nothing of ours."""
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm-256color",
        "TMPDIR": str(home / "tmp"),
        **(more or {}),
    }


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    sampled: bool = True,
    given: bytes = b"",
) -> Run:
    """Run a program to its end; given: its input. Raises Failed if it can't be started."""
    folder = Path(environment["HOME"])
    with (
        tempfile.TemporaryFile() as into,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        into.write(given)
        into.seek(0)
        started = time.perf_counter()
        try:
            child = subprocess.Popen(
                command, env=dict(environment), cwd=folder, stdin=into, stdout=out, stderr=err,
            )  # fmt: skip
        except OSError as error:
            raise Failed(f"{command[0]}: {error}") from error
        peak = _watch(child.pid, sampled, started)
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Run(
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_bytes=peak,
            code=child.returncode,
            out=out.read().decode(errors="replace"),
            err=err.read().decode(errors="replace"),
        )


def _watch(pid: int, sampled: bool, started: float) -> int | None:
    """Sample a tree's memory until its first process ends, which is left to be waited for."""
    if not sampled or not hasattr(os, "pidfd_open") or not _PROC.exists():
        return None
    handle, peak = os.pidfd_open(pid), 0
    try:
        while not select.select([handle], [], [], SAMPLE_S)[0]:
            peak = max(peak, sum(_peak(each) for each in tree(pid)))
            if time.perf_counter() - started > GIVE_UP_S:
                os.kill(pid, 9)
    finally:
        os.close(handle)
    return peak or None


def tree(pid: int) -> list[int]:
    """Return a process and all below it that are alive."""
    found, waiting = [], [pid]
    while waiting:
        here = waiting.pop()
        found.append(here)
        try:
            for thread in os.listdir(f"/proc/{here}/task"):  # noqa: PTH208 - often, and quickly
                children = Path(f"/proc/{here}/task/{thread}/children").read_text()
                waiting += [int(child) for child in children.split()]
        except OSError:
            continue
    return found


def _peak(pid: int) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_bytes())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def resident(pid: int) -> int | None:
    """Return the resident bytes of a tree now, shared pages in each; None without /proc."""
    if not _PROC.exists():
        return None
    pages = 0
    for each in tree(pid):
        try:
            pages += int(Path(f"/proc/{each}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")


def cpu_so_far(pid: int) -> float | None:
    """Return the CPU seconds of a tree until now, ended children included; None without /proc."""
    if not _PROC.exists():
        return None
    ticks = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
