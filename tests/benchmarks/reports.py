"""Measures of commands that end: reports, details, the ledger's size."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.benchmarks.homes import Place, Tool
from tests.benchmarks.peers import PEERS, Peer, read_tokenwatch, verdict
from tests.benchmarks.process import Failed, Run
from tests.benchmarks.results import Row, figure, markdown, middle

OURS = "tokenwatch"
REPORT = ("report", "--by", "source", "--json")
DETAILS = ("sessions", "--json")
NEEDED_FOR = {
    "aiburn": {"cold", "warm", "frame"},
    "ccusage": {"cold"},
    "tokscale": {"cold", "warm"},
    "codeburn": {"details"},
}
"""Which measures a peer stands beside."""
MB = 1_000_000
SMALL, LARGE = 500 * MB, 3_000 * MB
"""Logs below and above which targets are others."""


@dataclass
class Rounds:
    """What was measured, by program and kind of run; and what was not, with the reason."""

    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, kind: str, run: Run) -> None:
        """Keep a run. Raises Failed if the program failed."""
        if run.code:
            last = (run.err.strip() or "no message").splitlines()[-1]
            raise Failed(f"{kind} run ended {run.code}: {last}")
        self.runs.setdefault((name, kind), []).append(run)

    def median(self, name: str, kind: str, value: Callable[[Run], float | None]) -> float | None:
        """Return the median of a program's runs."""
        found = [value(run) for run in self.runs.get((name, kind), [])]
        return middle([number for number in found if number is not None])

    def document(self) -> dict[str, object]:
        """Return all single figures for JSON."""
        return {
            f"{name} {kind}": [
                {"wall_s": r.wall_s, "cpu_s": r.cpu_s, "peak_bytes": r.peak_bytes} for r in runs
            ]
            for (name, kind), runs in self.runs.items()
        }


def run_rounds(
    place: Place,
    command: Sequence[str],
    number: int,
    only: frozenset[str],
    say: Callable[[str], None],
) -> Rounds:
    """Run all programs in turn, so many times, each round begun by another one."""
    rounds = Rounds()
    ours = place.tokenwatch(command)
    turns: list[tuple[str, Callable[[], None]]] = [
        (OURS, lambda: _ours(rounds, ours, place, details="details" in only))
    ]
    for peer in PEERS:
        if not needed(peer, place.bytes) & only:
            continue
        if peer.missing:
            rounds.missing[peer.name] = f"version {peer.version} is not installed"
        else:
            tool = place.tool(peer.name, peer.command, peer.environment)
            turns.append((peer.name, partial(_rival, rounds, peer, tool, place)))
    place.warm_page_cache()
    for turn in range(number):
        say(f"{place.size}: round {turn + 1} of {number}")
        first = turn % len(turns)
        for name, measure in turns[first:] + turns[:first]:
            if name in rounds.missing:
                continue
            try:
                measure()
            except (Failed, ValueError) as error:
                rounds.missing[name] = str(error)
    return rounds


def needed(peer: Peer, size: int) -> set[str]:
    """Return the measures that a peer stands beside: at a large size only the fastest one does."""
    return NEEDED_FOR[peer.name] if size < LARGE or peer.name == "aiburn" else set()


def _ours(rounds: Rounds, ours: Tool, place: Place, *, details: bool) -> None:
    ours.forget()
    for kind in ("cold", "warm"):
        run = ours.run(*REPORT)
        rounds.add(OURS, kind, run)
        found = verdict(read_tokenwatch(json.loads(run.out)), place.truth)
        rounds.totals[OURS] = max(rounds.totals.get(OURS, ""), found, key=_badness)
    if details:
        rounds.add(OURS, "details", ours.run(*DETAILS))


def _rival(rounds: Rounds, peer: Peer, tool: Tool, place: Place) -> None:
    tool.forget()
    for kind in ("cold", "warm") if "warm" in needed(peer, place.bytes) else ("cold",):
        run = tool.run()
        rounds.add(peer.name, kind, run)
        found = verdict(peer.totals(run.out), place.truth)
        rounds.totals[peer.name] = max(rounds.totals.get(peer.name, ""), found, key=_badness)


def _badness(found: str) -> int:
    """Order verdicts: none yet, exact, wrong."""
    return 0 if not found else 1 if found == "exact" else 2


def _wall(run: Run) -> float:
    return run.wall_s


def _cpu(run: Run) -> float:
    return run.cpu_s


def _peak(run: Run) -> float | None:
    return None if run.peak_bytes is None else run.peak_bytes / MB


def report_rows(rounds: Rounds, size: int, only: frozenset[str]) -> list[Row]:
    """Return the rows of the cold and warm report, and of the details."""

    def row(
        what: str, unit: str, kinds: tuple[str, str], peer: str, target: float,
        value: Callable[[Run], float | None],
    ) -> Row:  # fmt: skip
        ours, theirs = kinds
        known = rounds.totals.get(peer)
        return Row(
            what=what,
            unit=unit,
            value=rounds.median(OURS, ours, value),
            against=f"{peer} {theirs}",
            beside=rounds.median(peer, theirs, value),
            target=target,
            note="" if known == "exact" else f"{peer}'s totals differ" if known else "not run",
        )

    cold = ("cold", "cold")
    if size > LARGE:
        return [row("cold report, wall", "s", cold, "aiburn", 1.0, _wall)] if "cold" in only else []
    rows = []
    if "cold" in only:
        rows += [
            row("cold report, wall", "s", cold, "ccusage", 0.5, _wall),
            row("cold report, wall", "s", cold, "tokscale", 0.35, _wall),
            row("cold report, wall", "s", cold, "aiburn", 1.0, _wall),
            row("cold report, CPU", "s", cold, "aiburn", 1.0, _cpu),
            row("cold report, memory", "MB", cold, "ccusage", 1.0, _peak),
        ]
    if "warm" in only:
        warm, target = ("warm", "warm"), 0.6 if size < SMALL else 0.2
        rows.append(row("warm report, wall", "s", warm, "tokscale", target, _wall))
    if "details" in only:
        rows.append(row("details, CPU", "s", ("details", "cold"), "codeburn", 0.6, _cpu))
    return rows


def programs(rounds: Rounds) -> str:
    """Return what each program took in each kind of run, and its totals, as a table."""
    versions = {peer.name: f"{peer.name} {peer.version}" for peer in PEERS}
    lines = [
        (
            versions.get(name, name),
            kind,
            figure(rounds.median(name, kind, _wall), "s"),
            figure(rounds.median(name, kind, _cpu), "s"),
            figure(rounds.median(name, kind, _peak), "MB"),
            str(len(runs)),
            rounds.totals.get(name, ""),
        )
        for (name, kind), runs in sorted(rounds.runs.items(), key=lambda item: item[0][0] != OURS)
    ]
    heads = ("program", "run", "wall", "CPU", "memory", "runs", "totals against the truth")
    return markdown(heads, lines)


def ledger_rows(place: Place, command: Sequence[str]) -> list[Row]:
    """Measure the ledger after everything has been read into it."""
    ours = place.tokenwatch(command, "ledger")
    done = ours.run(*DETAILS)
    if done.code:
        raise Failed(done.err.strip())
    size = sum(path.stat().st_size for path in (ours.home / "data").rglob("*") if path.is_file())
    return [
        Row(
            what="ledger on disk", unit="MB", value=size / MB, against="logs",
            beside=place.bytes / MB, target=0.05,
        )
    ]  # fmt: skip
