"""Measures of the monitor in a pseudo-terminal: first picture, news on screen, CPU."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from random import Random

from tests.benchmarks.filler import stamp, token, uuid4
from tests.benchmarks.homes import Place, Tool
from tests.benchmarks.process import Failed, cpu_so_far
from tests.benchmarks.results import Row, high, middle
from tests.benchmarks.terminal import Terminal

PATIENCE_S = 180.0
SETTLE_S = 5.0
WATCHED_S = 30.0
SESSIONS, A_SECOND = 20, 5.0
TOKENS = 2_000
"""Output of each appended answer: enough to move the shown cents."""
MODEL, USD_PER_MILLION = "claude-opus-4-5-20251101", 25
"""And what its output costs at list price."""
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
        if terminal.wait(lambda lines: _total(lines) is not None, PATIENCE_S) is None:
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


def _total(lines: Sequence[str]) -> Decimal | None:
    """Return today's cost as shown: the first amount on the screen."""
    found = _DOLLARS.search("\n".join(lines))
    return None if found is None else Decimal(found[1].replace(",", ""))


def _append_and_watch(terminal: Terminal, writers: list[Writer]) -> tuple[list[float], int]:
    """Append at uneven moments; return each line's age when it was shown, and how many never."""
    rng = Random("live")
    each = Decimal(TOKENS) * USD_PER_MILLION / 1_000_000
    cost = _total(terminal.screen.lines) or Decimal(0)
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
        seen_s, shown = time.perf_counter(), _total(terminal.screen.lines)
        while waiting and shown is not None and shown >= waiting[0].total:
            ages.append(seen_s - waiting.pop(0).at_s)
    return ages, len(waiting)


class Writer:
    """A session of Claude Code that goes on while it is watched."""

    def __init__(self, home: Path, number: int) -> None:
        self._rng = Random(f"writer:{number}")
        self._id = uuid4(self._rng)
        self._parent = "null"
        self._cwd = f"/home/dev/live{number}"
        folder = home / ".claude" / "projects" / self._cwd.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{self._id}.jsonl"
        content = '"message":{"role":"user","content":"go on"},"origin":{"kind":"human"}'
        self._write("user", content)

    def append(self) -> None:
        """Append one answer of a known cost."""
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
        )

    def _write(self, kind: str, body: str) -> None:
        uuid = uuid4(self._rng)
        line = (
            f'{{"parentUuid":{self._parent},"isSidechain":false,{body},"type":"{kind}",'
            f'"uuid":"{uuid}","timestamp":"{stamp(time.time_ns() // 1_000_000)}",'
            f'"entrypoint":"cli","userType":"external","cwd":"{self._cwd}",'
            f'"sessionId":"{self._id}","version":"2.1.330","gitBranch":"main"}}\n'
        )
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())
        self._parent = f'"{uuid}"'
