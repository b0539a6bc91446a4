"""`python -m tests.benchmarks`: measure, and print a table. See CONTRIBUTING.md, "Speed"."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.corpus import bytes_of
from tests.benchmarks.homes import Place, place, place_of
from tests.benchmarks.peers import PEERS
from tests.benchmarks.process import Failed
from tests.benchmarks.reports import (
    LARGE,
    OURS,
    Rounds,
    ledger_rows,
    programs,
    report_rows,
    run_rounds,
)
from tests.benchmarks.results import Row, middle, table
from tests.benchmarks.starts import start_rows

MEASURES = ("cold", "warm", "details", "frame", "live", "version", "ledger", "table")
LONG = ("soak",)
"""Measured only if asked for by name, or as `all`."""
ONCE = frozenset({"version", "table", "soak"})
"""The same whatever the size of the logs: measured beside the first."""
IN_ROUNDS = frozenset({"cold", "warm", "details", "frame"})
"""What the programs that end are run for; of `frame`, the one that the picture stands beside."""
CUT_OFF = "TOKENWATCH_BENCH_CUT_OFF"
"""Set in the process that has no network."""


def say(what: str) -> None:
    """Tell how far it has come."""
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f}  {what}", file=sys.stderr)


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--size", nargs="+", default=["200MB"], metavar="SIZE")
    parser.add_argument(
        "--logs", type=Path, metavar="FOLDER", help="instead: logs that are there, with truth.json"
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds; medians are shown (5)")
    known = (*MEASURES, *LONG)
    parser.add_argument(
        "--only",
        default=",".join(MEASURES),
        metavar="MEASURES",
        help=f"some of {','.join(known)}, or all; all but {','.join(LONG)} if left out",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every single figure")
    parser.add_argument(
        "--tokenwatch", default="", metavar="COMMAND", help="another one than this checkout's"
    )
    options = parser.parse_args(arguments)
    options.only = frozenset(known if options.only == "all" else options.only.split(","))
    if unknown := options.only - set(known):
        parser.error(f"--only: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    if options.logs is not None:
        if not (options.logs / "truth.json").is_file():
            parser.error(f"--logs: {options.logs} has no truth.json")
        options.size = [options.logs.resolve().name]
        return options
    for size in options.size:
        try:
            bytes_of(size)
        except ValueError as error:
            parser.error(f"--size: {error}")
    return options


def cut_off(arguments: Sequence[str]) -> None:
    """Go on in a process without a network, where the system lets us."""
    flags = ["--net"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["--net", "-r"]
    try:
        can = subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False)
    except OSError:
        return
    if can.returncode:
        return
    command = [sys.executable, "-m", "tests.benchmarks", *arguments]
    os.execvpe("unshare", ["unshare", *flags, *command], {**os.environ, CUT_OFF: "1"})


def measure(
    here: Place, options: argparse.Namespace, only: frozenset[str]
) -> tuple[list[Row], Rounds]:
    """Run what is wanted on the logs of one size."""
    command = shlex.split(options.tokenwatch)
    rows: list[Row] = []
    rounds = Rounds()
    if wanted := only & IN_ROUNDS:
        rounds = run_rounds(here, command, options.runs, wanted, say)
        rows += report_rows(rounds, here.bytes, wanted)
    aiburn_s = middle([run.wall_s for run in rounds.runs.get(("aiburn", "cold"), [])])
    steps: dict[str, Callable[[], list[Row]]] = {
        "ledger": lambda: ledger_rows(here, command),
        "frame": lambda: _frames(here, command, options.runs, aiburn_s),
        "live": lambda: _monitor(here, command),
        "version": lambda: start_rows(here, command, options.runs),
        "table": lambda: _tables(options.runs),
        "soak": lambda: _soak(here, command),
    }
    for name, step in steps.items():
        if name not in only:
            continue
        say(f"{here.size}: {name}")
        try:
            rows += step()
        except Failed as error:
            rows.append(Row(what=name, value=None, unit="s", note=str(error).splitlines()[0]))
            print(error, file=sys.stderr)
    return rows, rounds


# Textual takes a while to import, and belongs to these measures only.
def _frames(here: Place, command: Sequence[str], number: int, aiburn_s: float | None) -> list[Row]:
    from tests.benchmarks.screens import frame_rows

    return frame_rows(here, command, number, aiburn_s, say)


def _monitor(here: Place, command: Sequence[str]) -> list[Row]:
    from tests.benchmarks.screens import monitor_rows

    return monitor_rows(here, command, say)


def _soak(here: Place, command: Sequence[str]) -> list[Row]:
    from tests.benchmarks.soak import soak_rows

    return soak_rows(here, command, say)


def _tables(number: int) -> list[Row]:
    from tests.benchmarks.tables import table_rows

    return table_rows(number)


def main(arguments: Sequence[str]) -> int:
    """Measure; return 0 whatever the figures are, 1 if totals of tokenwatch are wrong."""
    options = options_of(arguments)
    alone = CUT_OFF in os.environ
    if not alone:
        for peer in PEERS:
            if why := peer.install():
                say(f"{peer.name} {peer.version} is missing: {why}")
        cut_off(arguments)
    document: dict[str, object] = {"runs": options.runs, "system": platform.platform()}
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}", end="")
    print(", no network" if alone else ", programs could reach the network")
    wrong = False
    for size in options.size:
        load = os.getloadavg()
        here = place(size) if options.logs is None else place_of(options.logs, size)
        only = options.only if size == options.size[0] else options.only - ONCE
        if here.bytes > LARGE:
            only &= {"cold", "ledger"}
        rows, rounds = measure(here, options, only)
        print(f"\n## {size}: {here.bytes:,} bytes of logs, medians of {options.runs}", end="")
        print(f", load {load[0]:.1f} before and {os.getloadavg()[0]:.1f} after\n")
        print(table(rows), end="\n\n")
        if rounds.runs:
            print(programs(rounds), end="\n\n")
        wrong |= _tell_wrong(rounds)
        document[size] = {
            "bytes": here.bytes,
            "load": load,
            "rows": [row.document() for row in rows],
            "totals": rounds.totals,
            "missing": rounds.missing,
            "single": rounds.document(),
        }
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return int(wrong)


def _tell_wrong(rounds: Rounds) -> bool:
    """Say whose totals are not the truth, and what was not measured; True if ours are wrong."""
    for name, why in rounds.missing.items():
        print(f"NOT MEASURED: {name}: {why}")
    for name, found in rounds.totals.items():
        if found != "exact":
            print(f"WRONG TOTALS: {name}: {found}")
    return rounds.totals.get(OURS, "exact") != "exact" or OURS in rounds.missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
