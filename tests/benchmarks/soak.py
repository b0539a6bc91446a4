"""Memory of the monitor after ten minutes and after two hours of the live load, time compressed.

The lines of two hours are written in minutes, each with the time that it would have had; what the
program keeps depends on lines, pictures and times alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from random import Random

from tests.benchmarks.homes import Place
from tests.benchmarks.process import Failed, cpu_so_far, resident
from tests.benchmarks.reports import MB
from tests.benchmarks.results import Row
from tests.benchmarks.screens import A_SECOND, PATIENCE_S, SESSIONS, SETTLE_S, TOKENS, total_shown
from tests.benchmarks.terminal import Terminal
from tests.benchmarks.writers import Writer

FIRST_S, ALL_S = 600, 7_200
AT_ONCE, PAUSE_S = 12, 0.06
"""So many lines are written between two pauses; each pause is long enough for a picture."""
TARGET = 1.15


def soak_rows(place: Place, command: Sequence[str], say: Callable[[str], None]) -> list[Row]:
    """Measure the memory of the monitor and its screen, all processes added."""
    ours = place.tokenwatch(command, "soak")
    start_ms = time.time_ns() // 1_000_000 - ALL_S * 1000
    writers = [Writer(ours.home, number, start_ms) for number in range(SESSIONS)]
    rng, sizes = Random("soak"), []
    number = 0
    with Terminal(ours.command, ours.environment) as terminal:
        if terminal.wait(lambda lines: total_shown(lines) is not None, PATIENCE_S) is None:
            raise Failed("the monitor never showed a total")
        terminal.pause(SETTLE_S)
        before, began = cpu_so_far(terminal.pid), time.perf_counter()
        for until_s in (FIRST_S, ALL_S):
            say(f"{place.size}: the load of {until_s // 60} minutes, compressed")
            while number < until_s * A_SECOND:
                for _ in range(AT_ONCE):
                    rng.choice(writers).append(start_ms + int(number / A_SECOND * 1000))
                    number += 1
                terminal.pause(PAUSE_S)
            terminal.pause(SETTLE_S)
            sizes.append(resident(terminal.pid))
        after, took_s = cpu_so_far(terminal.pid), time.perf_counter() - began
    if before is not None and after is not None:
        say(f"{place.size}: {after - before:.1f} CPU s for {number} lines in {took_s:.0f} s")
    _check(place, ours.run("report", "--by", "source", "--json").out, number)
    first, last = (None if size is None else size / MB for size in sizes)
    return [
        Row(
            what="memory after 2 h of load", unit="MB", value=last, against="after 10 min",
            beside=first, target=TARGET, note=f"{number} lines",
        )
    ]  # fmt: skip


def _check(place: Place, out: str, number: int) -> None:
    """Raise Failed unless every appended line was counted once."""
    outputs = {row["key"]: row["usage"]["output"] for row in json.loads(out)["rows"]}
    wanted = place.truth["claude-code"]["output"] + number * TOKENS
    if outputs["claude-code"] != wanted:
        raise Failed(f"after the soak output is {outputs['claude-code']:,}, not {wanted:,}")
