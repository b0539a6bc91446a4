"""Measures of the monitor in a pseudo-terminal: first picture, news on screen, CPU."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from tests.benchmarks.homes import Place, Tool
from tests.benchmarks.process import Failed, cpu_so_far
from tests.benchmarks.results import Row, high, middle
from tests.benchmarks.terminal import Terminal
from tests.benchmarks.writers import TOKENS, USD_PER_MILLION, Writer

PATIENCE_S = 180.0
SETTLE_S = 5.0
WATCHED_S = 30.0
SESSIONS, A_SECOND = 20, 5.0
LABEL = "a label and nothing else"
SMALLEST = f"""
from textual.app import App
from textual.widgets import Label

class Smallest(App):
    BINDINGS = [("q", "quit", "leave")]

    def compose(self):
        yield Label({LABEL!r})

Smallest().run()
"""
_DOLLARS = re.compile(r"\$\s?([\d,]+\.\d\d)(?!/h)")


def today_shown(ours: Tool) -> str:
    """Return how today's cost is to be shown, by a report whose ledger is then forgotten."""
    done = ours.run("report", "--by", "day", "--since", "today", "--json")
    ours.forget()
    if done.code:
        raise Failed(done.err.strip())
    cost = Decimal(json.loads(done.out)["totals"]["cost_usd"])
    return f"${cost.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,}"


def frame_rows(
    place: Place, command: Sequence[str], number: int, aiburn_s: float | None,
    say: Callable[[str], None],
) -> list[Row]:  # fmt: skip
    """Measure the time until today's right total stands on the screen."""
    ours = place.tokenwatch(command, "frame")
    smallest = place.tool("textual", [sys.executable, "-c", SMALLEST])
    wanted = today_shown(ours)
    seconds: dict[str, list[float]] = {"cold": [], "warm": [], "textual": []}
    for turn in range(1, number + 1):
        say(f"{place.size}: first picture, round {turn} of {number}")
        ours.forget()
        for kind in ("cold", "warm"):
            if kind == "warm":
                ours.run("sessions", "--json", sampled=False)
            seconds[kind].append(_until(ours, wanted))
        seconds["textual"].append(_until(smallest, LABEL))
    return [
        Row(
            what="first right picture, cold", unit="s", value=middle(seconds["cold"]),
            against="aiburn's whole run", beside=aiburn_s, target=0.6,
        ),
        Row(
            what="first right picture, warm", unit="s", value=middle(seconds["warm"]),
            against="Textual, one label", beside=middle(seconds["textual"]), target=1.5,
        ),
    ]  # fmt: skip


def _until(tool: Tool, wanted: str) -> float:
    with Terminal(tool.command, tool.environment) as terminal:
        found = terminal.wait(lambda lines: wanted in "\n".join(lines), PATIENCE_S)
        if found is None:
            raise Failed(f"{tool.name} never showed {wanted}:\n" + "\n".join(terminal.screen.lines))
        return found


def monitor_rows(place: Place, command: Sequence[str], say: Callable[[str], None]) -> list[Row]:
    """Measure the monitor at rest and at work: CPU, and how old a line is when it is shown."""
    ours = place.tokenwatch(command, "monitor")
    writers = [Writer(ours.home, number) for number in range(SESSIONS)]
    for writer in writers:
        writer.append()
    done = ours.run("sessions", "--json", sampled=False)
    if done.code:
        raise Failed(done.err.strip())
    with Terminal(ours.command, ours.environment) as terminal:
        if terminal.wait(lambda lines: total_shown(lines) is not None, PATIENCE_S) is None:
            raise Failed("the monitor never showed a total")
        terminal.pause(SETTLE_S)
        say(f"{place.size}: the monitor at rest, {WATCHED_S:.0f} s")
        before = cpu_so_far(terminal.pid)
        terminal.pause(WATCHED_S)
        idle = _share(before, cpu_so_far(terminal.pid))
        say(f"{place.size}: {SESSIONS} sessions, {A_SECOND:g} lines a second, {WATCHED_S:.0f} s")
        before = cpu_so_far(terminal.pid)
        ages, unseen = _append_and_watch(terminal, writers)
        busy = _share(before, cpu_so_far(terminal.pid))
    note = f"{len(ages)} lines" + (f", {unseen} never shown" if unseen else "")
    return [
        Row(what="line → screen, p50", unit="s", value=middle(ages), note=note),
        Row(what="line → screen, p95", unit="s", value=high(ages), target=0.15, note=note),
        Row(what="monitor at rest, CPU of a core", unit="%", value=idle, target=1.0),
        Row(what="monitor at work, CPU of a core", unit="%", value=busy, target=12.0),
    ]


def _share(before_s: float | None, after_s: float | None) -> float | None:
    """Return the CPU seconds between, as percent of one core."""
    return None if before_s is None or after_s is None else (after_s - before_s) / WATCHED_S * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    at_s: float
    total: Decimal
    """What today's cost is at least once this line is shown."""


def total_shown(lines: Sequence[str]) -> Decimal | None:
    """Return today's cost as shown: the first amount on the screen."""
    found = _DOLLARS.search("\n".join(lines))
    return None if found is None else Decimal(found[1].replace(",", ""))


def _append_and_watch(terminal: Terminal, writers: list[Writer]) -> tuple[list[float], int]:
    """Append at uneven moments; return each line's age when it was shown, and how many never."""
    rng = Random("live")
    each = Decimal(TOKENS) * USD_PER_MILLION / 1_000_000
    cost = total_shown(terminal.screen.lines) or Decimal(0)
    waiting: list[_Line] = []
    ages: list[float] = []
    start = time.perf_counter()
    due, end, last = start, start + WATCHED_S, start + WATCHED_S + 10
    while (now := time.perf_counter()) < last and (now < end or waiting):
        if now >= due and now < end:
            rng.choice(writers).append()
            cost += each
            waiting.append(_Line(at_s=time.perf_counter(), total=cost - each / 2))
            due += rng.uniform(0.6, 1.4) / A_SECOND
        if not terminal.read(min(due, last) - time.perf_counter() if now < end else 0.5):
            continue
        seen_s, shown = time.perf_counter(), total_shown(terminal.screen.lines)
        while waiting and shown is not None and shown >= waiting[0].total:
            ages.append(seen_s - waiting.pop(0).at_s)
    return ages, len(waiting)
