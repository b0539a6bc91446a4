"""Measure how well waste is found: `python -m tests.evaluation`.

    --seed N      another set (the default is 5)
    --kinds A,B   only these kinds; also compositional, quiet
    --quick       about a fifth of the cases
    --json FILE   all scores, and every case that went wrong
    --keep DIR    keep the logs there, one home each
    --jobs N      how many homes at once
    --peers       other programs on the same logs as well: what they claim, and what is true

Ends with 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evaluation import beside, table
from tests.evaluation.label import KINDS
from tests.evaluation.peers import cut_off
from tests.evaluation.plan import MIXED
from tests.evaluation.run import ProgramFailed, ask_all, write_all
from tests.evaluation.score import judge_all

SEED = 5


def main(arguments: list[str] | None = None) -> int:
    """Generate, run, score, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    chosen = parser.parse_args(arguments)
    kinds = tuple(kind for kind in chosen.kinds.split(",") if kind)
    unknown = set(kinds) - {*KINDS, *MIXED}
    if unknown:
        parser.error(f"unknown kinds: {', '.join(sorted(unknown))}")
    if chosen.keep and chosen.keep.exists() and any(chosen.keep.iterdir()):
        parser.error(f"{chosen.keep} is not empty")
    with TemporaryDirectory(prefix="tokenwatch-evaluation-") as scratch:
        folder = chosen.keep or Path(scratch)
        began = time.monotonic()
        written = write_all(folder, kinds, chosen.seed, quick=chosen.quick, jobs=chosen.jobs)
        wrote = time.monotonic()
        try:
            documents = ask_all(folder, tuple(written), chosen.jobs)
            took = time.monotonic() - wrote
            tallies = (
                beside.compare(folder, written, documents, chosen.jobs) if chosen.peers else {}
            )
        except ProgramFailed as failure:
            print(f"tests.evaluation: {failure}", file=sys.stderr)
            return 1
    result = judge_all(written.values(), documents)
    print(table.report(result, chosen.seed, len(written)))
    if tallies:
        print(f"\n{beside.table(tallies)}")
        if not cut_off():
            print("\nThe programs could reach the network.")
    sys.stdout.flush()
    print(f"written in {wrote - began:.0f} s, read in {took:.0f} s", file=sys.stderr)
    if chosen.json:
        found = table.document(result, chosen.seed)
        found["peers"] = {name: tally.document() for name, tally in tallies.items()}
        chosen.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return 1 if table.misses(result) else 0


if __name__ == "__main__":
    sys.exit(main())
