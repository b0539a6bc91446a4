"""What a screen or a command shows, frozen at one instant. Built by the layers below, drawn above.

Rows are sums over requests: an agent's row is its own spend, a session's row is the sum of its
agents' rows, the snapshot's totals are the sums of all sessions' requests in the period.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tokenwatch.alert import Alert
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """One agent: the main one of a session, a subagent, or an auxiliary one."""

    session_id: str
    id: str
    """The main agent's id is the session's."""
    source: str
    parent_id: str | None
    """None for the main agent."""
    kind: AgentKind
    name: str | None
    task: str | None
    model: str | None
    """Of its latest request."""
    state: State
    started_ms: int | None
    last_ms: int | None
    spend: Spend
    turns: int = 0
    context_used: int | None = None
    context_limit: int | None = None
    burn_pico_per_hour: int | None = None
    """Cost of the last ten minutes × 6; None when there was none."""
    minutes_pico: tuple[int, ...] = ()
    """Cost of each of the last ten minutes, oldest first; empty when there was none."""
    depth: int = 0
    """0 for the main agent, 1 for its subagents, …"""
    flags: tuple[str, ...] = ()
    """Short words for what deserves a look."""

    @property
    def key(self) -> str:
        """Identity of the row, as in `report --by agent`."""
        return self.session_id if self.kind is AgentKind.MAIN else f"{self.session_id}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlogged:
    """What the client reported as spent beyond the requests in its logs."""

    usage: Usage
    web_searches: int
    cost_pico: int | None
    """None when one of its models has no price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A finding of waste of a session that is at work, as its row shows it."""

    finding: str
    """The finding's id."""
    kind: str
    words: str
    """A word or two."""
    at_ms: int
    """When it was last seen."""
    wasted_pico: int | None
    """None where no dollars are claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmCache:
    """A large context that is in the provider's cache, while the agent waits for the user."""

    tokens: int
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the user should hear of while it happens."""

    key: str
    """Tells it from any other; a notice is shown once."""
    session_id: str
    """"" where it is of no session alone."""
    kind: str
    """Of an alert; of what a detector saw a kind of waste."""
    text: str
    at_ms: int
    alert: Alert | None = None
    """What was told; None of what a detector saw, which rules decide about."""
    advice: str = ""
    """Of what a detector saw: what to do."""
    times: int = 0
    """How often it was seen by now."""
    least: int = 0
    """From how many times on it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session with all its agents."""

    id: str
    source: str
    title: str | None
    project: str | None
    git_branch: str | None
    models: tuple[str, ...]
    """Models of its requests, most expensive first."""
    started_ms: int | None
    last_ms: int | None
    state: State
    spend: Spend
    """Of the session in all, subagents and auxiliary agents included."""
    agents: tuple[AgentRow, ...]
    """The main agent first, then subagents and auxiliary ones in the order of their start."""
    prompts: int = 0
    scripted_prompts: int = 0
    turns: int = 0
    compactions: int = 0
    unlogged: Unlogged | None = None
    context_used: int | None = None
    context_limit: int | None = None
    burn_pico_per_hour: int | None = None
    log_expires_ms: int | None = None
    """When the client's clean-up may delete a log whose details have not been read."""
    flags: tuple[Flag, ...] = ()
    """What could be avoided, found in the last hour; latest first. Live rows alone have them."""
    warm: WarmCache | None = None

    @property
    def running(self) -> int:
        """Agents at work or waiting for the user, auxiliary ones left out."""
        return sum(
            a.state in (State.WORKING, State.WAITING) and a.kind is not AgentKind.AUXILIARY
            for a in self.agents
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One request, as a line of the activity feed."""

    at_ms: int
    session_id: str
    agent_id: str
    project: str | None
    model: str | None
    what: str
    """The tools it called, or `answer`."""
    usage: Usage
    cost_pico: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the reading of older logs has come."""

    phase: str
    """`usage` or `details`."""
    read_bytes: int
    total_bytes: int

    @property
    def done(self) -> bool:
        return self.read_bytes >= self.total_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A folder that was looked in for logs."""

    source: str
    title: str
    path: str
    exists: bool
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the Live screen shows at one instant."""

    taken_ms: int
    timezone: str
    today: Spend = NO_SPEND
    week_mean_pico: int | None = None
    """Mean cost of the seven days before today, of those that had any; None where none had."""
    burn_pico_per_hour: int | None = None
    tokens_per_minute: int | None = None
    minutes_pico: tuple[int, ...] = ()
    """Cost of each of the last sixty minutes, oldest first."""
    agents_running: int = 0
    peak_agents_today: int = 0
    """The most agents that were at work at the same time today."""
    sessions_today: int = 0
    turns_today: int = 0
    sessions: tuple[SessionRow, ...] = ()
    """Sessions active today or still open, latest activity first."""
    sessions_in_all: int = 0
    activity: tuple[Activity, ...] = ()
    """Latest first."""
    progress: Progress | None = None
    """None when everything has been read."""
    warnings: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    """What happened in the last minutes, since the monitor has been running; latest first."""
    unseen: tuple[int, int] = (0, 0)
    """Alerts that nobody has seen: warnings, critical ones."""
    looked: tuple[Looked, ...] = ()
    """Where logs were looked for."""
    is_demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """A prompt and everything until the agent waited again, subagents included."""

    number: int
    id: str
    at_ms: int
    ended_ms: int | None
    title: str | None
    """The prompt's beginning, or what started the turn."""
    cause: str
    how: str | None
    """completed, interrupted, failed; None while it is open."""
    spend: Spend
    tools: int
    context: int | None
    """Context of the main agent's last request in the turn."""
    flags: tuple[str, ...] = ()
    model: str | None = None
    """Of the main agent's last request in the turn."""
    lines_added: int = 0
    lines_removed: int = 0
    file: str | None = None
    """The log that tells of its start, and the 1-based line there."""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRequest:
    """One request with everything its cost was made of."""

    id: str
    at_ms: int
    agent_id: str
    model: str | None
    usage: Usage
    web_searches: int
    cost_pico: int | None
    basis: str
    rates: dict[str, str]
    """USD per million tokens by kind (per thousand for web searches); empty when unpriced."""
    rates_from: str | None
    """Source, version and date of the rate; why there is none for an unpriced request."""
    context: dict[str, str]
    """What chose the rate beside model and date: speed, tier, geo, long context."""
    lower_bound: bool
    file: str | None
    line: int | None
    made_for: dict[str, str] = field(default_factory=dict)
    """What the client says: subagent type, skill, plugin, MCP server, MCP tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """A place in a log."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The process that has a session open, by the client's own sign."""

    pid: int | None
    tmux_pane: str | None
    """The id that tmux gave its pane, where the client says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCost:
    """Tokens and cost of one kind of usage."""

    kind: str
    tokens: int
    cost_pico: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetail:
    """Everything the Session screen shows."""

    row: SessionRow
    turns: tuple[TurnRow, ...] = ()
    """In the order of time."""
    by_kind: tuple[KindCost, ...] = ()
    """input, output, cache write, cache read, web search; those that occur."""
    version: str | None = None
    commits: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    log_path: str | None = None
    requests: tuple[ExplainedRequest, ...] = ()
    """Of the turn that is open on the screen; empty otherwise."""
