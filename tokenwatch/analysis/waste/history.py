"""What detectors look at: a session, turn by turn, with everything priced.

A turn reaches from one beginning of the main agent's work to the next one, so that what subagents
do in the background counts for the turn in which it happens. Its `strands` are the parts of the
agents' work that lie in it. All tuples are in the order of time, then of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tokenwatch.model import AgentKind, Usage
from tokenwatch.wording import Wording

KINDS = ("input", "cache_read", "cache_write", "output")


class Money(NamedTuple):
    """Picodollars of a request by component. Web searches belong to `output`."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    """Of both lifetimes."""
    output: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    def __add__(self, other: Money) -> Money:  # type: ignore[override]
        return Money(*(a + b for a, b in zip(self, other, strict=True)))

    def part(self, numerator: int, denominator: int) -> Money:
        """Return that share of each component, rounded down; nothing for a denominator of 0."""
        if denominator <= 0:
            return NO_MONEY
        return Money(*(amount * numerator // denominator for amount in self))


NO_MONEY = Money()


class Price(NamedTuple):
    """Picodollars a token, as the request was priced (long contexts and fast modes included)."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int


class Request(NamedTuple):
    """One billed answer."""

    key: int
    """Of the ledger."""
    id: str
    agent_id: str
    at_ms: int
    """When the answer began to be written."""
    ended_ms: int
    """When it had been written, as far as the log tells: never before `at_ms`."""
    model: str | None
    usage: Usage
    cost: Money
    """NO_MONEY for an unpriced one."""
    price: Price | None
    """None for an unpriced one: it can be evidence, but no money can be claimed of it."""
    speed: str | None = None
    web_searches: int = 0
    lower_bound: bool = False
    """The log holds less output than was answered."""

    @property
    def context(self) -> int:
        return self.usage.context

    @property
    def cache_write(self) -> int:
        return self.usage.cache_write_5m + self.usage.cache_write_1h


class Prompt(NamedTuple):
    """What a person or a script asked for. Its text is in the log alone."""

    id: str
    at_ms: int
    wording: Wording
    scripted: bool = False
    queued: bool = False
    """Typed while the agent worked."""


class Call(NamedTuple):
    """One use of a tool. Fields as in `events.ToolCallSeen` and `events.ToolResultSeen`."""

    id: str
    at_ms: int
    request_key: int | None
    """Of the request that made it; None where the log does not tell."""
    name: str
    purpose: str = ""
    target: str = ""
    fingerprint: bytes = b""
    likeness: bytes = b""
    """Never empty where `fingerprint` is not."""
    touches: frozenset[int] = frozenset()
    partial: bool = False
    mcp_server: str = ""
    skill: str = ""
    done_ms: int | None = None
    """None while the result is not there."""
    ok: bool | None = None
    denied: bool = False
    interrupted: bool = False
    output_bytes: int = 0
    output_fingerprint: bytes = b""
    error_fingerprint: bytes = b""
    fault: str = ""

    @property
    def failed(self) -> bool:
        """The tool itself failed: nobody refused or interrupted it."""
        return self.ok is False and not self.denied and not self.interrupted


class Edit(NamedTuple):
    """Lines that a call changed in one file."""

    call_id: str
    at_ms: int
    path: str
    name: int
    """Hash of the path's base name, as in `Wording.files`."""
    added: int
    removed: int
    created: bool = False
    lines_added: tuple[int, ...] = ()
    lines_removed: tuple[int, ...] = ()
    repeated: int = 0


class Commit(NamedTuple):
    """A commit, a push or a pull request."""

    id: str
    kind: str
    at_ms: int


class Compaction(NamedTuple):
    """The context was replaced by a summary."""

    at_ms: int
    trigger: str | None
    pre_tokens: int | None
    post_tokens: int | None


class Failure(NamedTuple):
    """A request that failed: `kind` is retry or error."""

    at_ms: int
    kind: str
    status: str | None


class Change(NamedTuple):
    """As `events.ChangeSeen`."""

    at_ms: int
    kind: str
    what: str | None = None
    size: int = 0


class Agent(NamedTuple):
    """One running instance. The main agent's id is the session's."""

    id: str
    kind: AgentKind
    name: str | None = None
    """A subagent's type or nickname."""
    parent_id: str | None = None
    prompt: str | None = None
    """Fingerprint of what a subagent was asked: equal for equal texts, a sketch (`values`)."""
    started_ms: int | None = None
    ended_ms: int | None = None
    end_status: str | None = None
    """completed, failed, killed, stopped, interrupted; None where nothing says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """What one agent did in one turn."""

    agent: Agent
    requests: tuple[Request, ...] = ()
    calls: tuple[Call, ...] = ()
    """By when they were made; a result may have come in a later turn."""
    edits: tuple[Edit, ...] = ()
    commits: tuple[Commit, ...] = ()
    compactions: tuple[Compaction, ...] = ()
    failures: tuple[Failure, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A stretch of a session: what was asked, and all that was done until the next is asked."""

    number: int
    """From 0: what lies before the first turn that the log tells of, empty if there is nothing."""
    id: str
    """The ledger's; "" for turn 0."""
    at_ms: int
    ended_ms: int | None = None
    """When the agent last waited again; None while it works, or if the log does not tell."""
    how: str | None = None
    """completed, interrupted, failed; None while it is open."""
    cause: str = "prompt"
    """prompt, command, notification, spawn, start (of turn 0)."""
    is_last: bool = False
    """No later turn is known."""
    prompts: tuple[Prompt, ...] = ()
    """The one that began it, then those that joined in."""
    strands: tuple[Strand, ...] = ()
    """The main agent's first, even if it is empty; then the others by their first record."""

    @property
    def main(self) -> Strand:
        return self.strands[0]

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests of all agents, strand by strand."""
        return tuple(request for strand in self.strands for request in strand.requests)

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for strand in self.strands for edit in strand.edits)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for strand in self.strands for call in strand.calls)

    @property
    def cost(self) -> int:
        """Picodollars of the priced requests."""
        return sum(request.cost.total for request in self.requests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What holds for all turns of a session."""

    key: int
    id: str
    source: str
    project: str | None = None
    version: str | None = None
    scripted: bool = False
    """Started by a program rather than typed."""
    is_over: bool = False
    """Nothing more is expected: it has been quiet for hours."""
