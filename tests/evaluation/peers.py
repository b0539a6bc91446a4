"""Other programs that look for waste in the same logs: how each is run, and what it claims.

Every program gets a home of its own with the same logs, an empty environment and, where the system
lets us, no network. A claim is its money, or its tokens at list price where it has no price for
every model.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.homes import link
from tests.benchmarks.peers import PEERS, Package, read_tokenwatch
from tests.benchmarks.process import bare
from tests.evaluation.label import KINDS
from tests.evaluation.run import ask
from tests.evaluation.score import Document, pico

GIVE_UP_S = 300
REBUILDS = ("cache-expired", "cache-broken")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Unreadable(Exception):
    """A program failed, or printed something of another shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a program says that could have been saved for one reason."""

    name: str
    """The program's own word for it."""
    kinds: tuple[str, ...]
    """Ours that it may mean; none where there is no such kind."""
    money: int
    """Picodollars."""
    sessions: frozenset[str] = frozenset()
    """Those that the output names; programs shorten long lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What a reader has to know of a home besides a program's output."""

    sessions: frozenset[str]
    """Ids of all sessions of Claude Code."""
    transcripts: tuple[Path, ...] = ()
    """One file for each of them."""
    token_price: float = 0.0
    """Picodollars of the home's spend for each token sent, read from a cache or written to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program, its commands, and how they are read."""

    name: str
    version: str
    packages: tuple[Package, ...]
    """As of a `Peer`: the last one gets the arguments, the one before runs it."""
    commands: Callable[[Logs], Sequence[tuple[str, ...]]]
    read: Callable[[Sequence[str], Logs], list[Claim]]
    """Raises KeyError, TypeError, AttributeError or ValueError for output of another shape."""
    words: Mapping[str, tuple[str, ...]]
    """Its own words (or a part of a title), and the kinds of ours that each may mean."""
    codex: bool = False
    """Whether it also reads logs of Codex."""

    @property
    def looks(self) -> frozenset[str]:
        """Kinds of ours that it looks for."""
        return frozenset(kind for kinds in self.words.values() for kind in kinds)

    def install(self) -> str | None:
        """Install what is missing; return why that failed, or None."""
        return next((why for package in self.packages if (why := package.install())), None)

    def claims(self, outputs: Sequence[str], logs: Logs) -> list[Claim]:
        """Return what its outputs claim. Raises Unreadable."""
        try:
            return self.read(outputs, logs)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Unreadable(f"output of another shape ({error!r})") from error


CODEBURN_WORDS = {
    "context-heavy session": ("stale-context", "oversized-result"),
    "re-reading the same files": ("redundant-read",),
    "low-worth expensive session": ("no-output", "repeated-attempts"),
    "warmup is unusually large": ("fixed-overhead",),
    "MCP server": ("fixed-overhead",),
    "custom agent": ("fixed-overhead",),
    "skill": ("fixed-overhead",),
    "slash command": ("fixed-overhead",),
    "CLAUDE.md is too long": ("fixed-overhead",),
    "bash output limit": ("oversized-result",),
}
"""Other titles (edits beside reads, build folders, outliers) have no kind of ours."""
CODEBURN_SHARE = 0.7
"""The part of the mean price of a token that codeburn itself takes for one that is saved."""


def read_codeburn(outputs: Sequence[str], logs: Logs) -> list[Claim]:
    """Read `optimize --format json`: tokens by title, sessions in the explanation's text.

    It knows no price of newer models without a network, so its tokens count and not its dollars.
    """
    document = json.loads(outputs[0])
    if not document["summary"]["sessions"]:
        raise ValueError("it found no session: are the logs older than half a year?")
    claims = []
    for finding in document["findings"]:
        name = re.sub(r"^\d+ ", "", finding["title"])
        kinds = next((known for word, known in CODEBURN_WORDS.items() if word in name), ())
        claims.append(
            Claim(
                name=name,
                kinds=kinds,
                money=round(finding["tokensSaved"] * CODEBURN_SHARE * logs.token_price),
                sessions=frozenset(_UUID.findall(finding["explanation"])) & logs.sessions,
            )
        )
    return claims


CCTX_WORDS = {
    "retry_loop": ("repeated-failure", "loop"),
    "dead_end": ("repeated-failure", "loop"),
    "project_pattern": ("repeated-failure",),
    "tool_thrash": ("loop", "polling", "redundant-read"),
    "exploration_thrash": ("fruitless-exploration", "redundant-read"),
    "stale_context": ("stale-context", "oversized-result"),
    "fanout_waste": ("agent-fan-out",),
    "scope_creep": ("unrequested-files",),
    "cache_hygiene": REBUILDS,
    "unused_context": ("fixed-overhead",),
}


def read_cctx(outputs: Sequence[str], logs: Logs) -> list[Claim]:
    """Read `autopsy FILE --json` of each session. Its own sum never exceeds a session's cost."""
    claims = []
    for out in outputs:
        document = json.loads(out)
        found = [
            Claim(
                name=finding["kind"],
                kinds=CCTX_WORDS.get(finding["kind"], ()),
                money=pico(finding["cost_usd"]),
                sessions=frozenset({document["session_id"]}) & logs.sessions,
            )
            for finding in document["findings"]
        ]
        asked, capped = sum(claim.money for claim in found), pico(document["waste_cost_usd"])
        if asked > capped:
            found = [replace(claim, money=claim.money * capped // asked) for claim in found]
        claims += found
    return claims


CACHEMISS_WORDS = {
    "ttl_expired": ("cache-expired",),
    "previous_message_not_found": ("cache-expired",),
    **dict.fromkeys(
        ("prefix_changed", "tools_changed", "system_changed", "model_changed"), ("cache-broken",)
    ),
    "cli_version_changed": ("cache-broken",),
}


def read_cachemiss(outputs: Sequence[str], logs: Logs) -> list[Claim]:
    """Read `ledger --json`: the premiums of rebuilds, without those that it says are expected."""
    return [
        Claim(
            name=rebuild["reason"],
            kinds=CACHEMISS_WORDS.get(rebuild["reason"], REBUILDS),
            money=pico(rebuild["premium"]),
            sessions=frozenset({rebuild["session_id"]}) & logs.sessions,
        )
        for rebuild in json.loads(outputs[0])["rebuilds"]
        if rebuild["avoidable"]
    ]


AUDIT_WORDS = {
    "expired": ("cache-expired",),
    "prefix_change": ("cache-broken",),
    "model_switch": ("cache-broken",),
}


def read_audit(outputs: Sequence[str], logs: Logs) -> list[Claim]:
    """Read `--json` (money by cause, compaction left out as it does) and the text of `rebuilds`.

    The text has nine columns; the third is the first eight digits of a session's id.
    """
    causes = json.loads(outputs[0])["rebuilds"]["headline"]["by_cause"]
    short = {session[:8]: session for session in logs.sessions}
    named: dict[str, set[str]] = {}
    for line in outputs[1].splitlines()[1:]:
        columns = re.split(r"\s{2,}", line.strip())
        if len(columns) == 9 and columns[2] in short:
            named.setdefault(columns[4].replace("-", "_"), set()).add(short[columns[2]])
    return [
        Claim(
            name=cause,
            kinds=AUDIT_WORDS.get(cause, REBUILDS),
            money=pico(row["premium"]),
            sessions=frozenset(named.get(cause, ())),
        )
        for cause, row in causes.items()
        if cause != "compaction" and row["count"]
    ]


def read_ours(document: Document) -> list[Claim]:
    """Read `tokenwatch waste --json` as the others are read."""
    return [
        Claim(
            name=finding["kind"],
            kinds=(finding["kind"],),
            money=pico(finding["wasted_usd"]),
            sessions=frozenset(s for s in (finding["session_id"],) if s),
        )
        for finding in document["findings"]
    ]


def _pip(name: str, version: str, program: str) -> tuple[Package, ...]:
    spec = f"{name}=={version}"
    return (Package(name=name, tool="pip", spec=spec, program=f"bin/{program}"),)


def _known(name: str) -> tuple[Package, ...]:
    return next(peer.packages for peer in PEERS if peer.name == name)


PROGRAMS = (
    Program(
        name="codeburn optimize",
        version=next(peer.version for peer in PEERS if peer.name == "codeburn"),
        packages=_known("codeburn"),
        commands=lambda logs: [("optimize", "--period", "all", "--format", "json")],
        read=read_codeburn,
        words=CODEBURN_WORDS,
        codex=True,
    ),
    Program(
        # Packages that are called cctx alone are other programs.
        name="cctx autopsy",
        version="1.24.4",
        packages=_pip("cctx-cli", "1.24.4", "cctx"),
        commands=lambda logs: [("autopsy", str(path), "--json") for path in logs.transcripts],
        read=read_cctx,
        words=CCTX_WORDS,
    ),
    Program(
        name="cachemiss",
        version="0.2.0",
        packages=_pip("cachemiss", "0.2.0", "cachemiss"),
        commands=lambda logs: [("ledger", "--since", "all", "--json", "--limit", "1000000")],
        read=read_cachemiss,
        words=CACHEMISS_WORDS,
    ),
    Program(
        name="claude-cache-audit",
        version="0.1.0",
        packages=_pip("claude-cache-audit", "0.1.0", "claude-cache-audit"),
        commands=lambda logs: [("--all", "--json"), ("rebuilds", "--all", "--top", "1000000")],
        read=read_audit,
        words=AUDIT_WORDS,
    ),
)
OURS = frozenset(KINDS)


@cache
def cut_off() -> tuple[str, ...]:
    """Return what runs a command without a network; nothing where the system does not let us."""
    flags = ("--net",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ("--net", "-r")
    try:
        can = subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False)
    except OSError:
        return ()
    return ("unshare", *flags) if not can.returncode else ()


def logs_of(home: Path, token_price: float = 0.0) -> Logs:
    """Return the sessions of Claude Code that a home holds."""
    paths = tuple(sorted((home / ".claude" / "projects").glob("*/*.jsonl")))
    return Logs(
        sessions=frozenset(path.stem for path in paths), transcripts=paths, token_price=token_price
    )


def token_price(home: Path, spend: int) -> float:
    """Return a home's spend in picodollars for each token of its requests' contexts."""
    totals = read_tokenwatch(ask(home, "report", "--by", "source"))
    tokens = sum(
        sums["input"] + sums["cache_read"] + sums["cache_write"] for sums in totals.values()
    )
    return spend / tokens if tokens else 0.0


@dataclass(slots=True, kw_only=True)
class Told:
    """What one program claims, by home; or why it does not."""

    claims: dict[str, list[Claim]] = field(default_factory=dict)
    failed: str | None = None


def _run(program: Program, home: Path, logs: Logs) -> list[Claim]:
    command = (*cut_off(), *(str(package.path) for package in program.packages))
    outputs = []
    for arguments in program.commands(logs):
        try:
            done = subprocess.run(
                [*command, *arguments],
                env=bare(home),
                cwd=home,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=GIVE_UP_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unreadable(str(error)) from error
        if done.returncode:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise Unreadable(f"exit {done.returncode}: {last}")
        outputs.append(done.stdout)
    return program.claims(outputs, logs)


def ask_program(program: Program, folder: Path, prices: Mapping[str, float], jobs: int) -> Told:
    """Let a program look at each home (price of a token by name) in a new home with its logs."""
    if why := program.install():
        return Told(failed=f"not to be had: {why}")

    def one(name: str) -> list[Claim]:
        with TemporaryDirectory(prefix="tokenwatch-peer-") as place:
            home = Path(place)
            link(folder / name, home)
            return _run(program, home, logs_of(home, prices[name]))

    with ThreadPoolExecutor(jobs) as pool:
        try:
            return Told(claims=dict(zip(prices, pool.map(one, prices), strict=True)))
        except Unreadable as error:
            pool.shutdown(cancel_futures=True)
            return Told(failed=str(error))


def ask_programs(
    folder: Path, spend: Mapping[str, int], jobs: int, programs: Iterable[Program] = PROGRAMS
) -> dict[str, Told]:
    """Return what each program claims; spend: picodollars by home."""
    prices = {name: token_price(folder / name, spent) for name, spent in spend.items()}
    return {program.name: ask_program(program, folder, prices, jobs) for program in programs}
